"""A mission's reference folder as it was on a day: remembered whenever its tables were found right, and laid out again to be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from cpas.definitions.loaded import Definitions
from cpas.errors import Issue, Location, StoreError
from cpas.store import STORE
from cpas.store.ledger import Ledger, has_ledger, open_ledger
from cpas.store.raw import read_raw
from cpas.store.references import digest_of_list, keep_references, listed_references

FOLDER = "reference"


@dataclass(frozen=True, slots=True)
class References:
    """A folder that has `reference` in it, and what is to be said of it."""

    folder: Path
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """The files that reference tables are checked with: themselves, and the declarations; SHA-256 by path."""

    files: dict[str, str]

    @classmethod
    def of(cls, read: Iterable[tuple[str, str, int]], definitions: Definitions) -> Checked:
        """From path, hash and size of all files that were read."""
        files = {name: digest for name, digest, _ in read if name.startswith(f"{FOLDER}/")}
        for name, path in definitions.files:
            if "/datasets/" in name or name.endswith("/codes.yml") or name == "mission.yml":
                files[name] = sha256(path.read_bytes()).hexdigest()
        return cls(files)

    @property
    def digest(self) -> str:
        """The hash that the ledger knows them by."""
        return digest_of_list(self.files)


def remember_references(mission: Path, ledger: Ledger, checked: Checked, at: datetime) -> None:
    """Keep reference tables that were checked and found right, unless they are the last that were.

    Raises:
        StoreError: The store cannot be written, or a file was changed since it was read.
    """
    if not ledger.is_changeable:
        return
    with ledger.reading() as book:
        is_known = book.references()[-1:] == (checked.digest,)
    if not is_known:
        tables = [name for name in checked.files if name.startswith(f"{FOLDER}/")]
        contents = ((name, _content(mission / name)) for name in tables)
        keep_references(mission / STORE, checked.files, contents)
        with ledger.writing() as book:
            book.check_references(checked.digest, at)


@contextmanager
def references_as_at(mission: Path, url: str | None, as_at: date | None) -> Iterator[References]:
    """The reference tables that were last found right by the end of a day (UTC); without a day those of the mission folder.

    Where the store does not know them, those of today with a warning.

    Args:
        mission: The mission folder.
        url: The ledger's database, where it is not in the store's folder.
        as_at: The day.

    Raises:
        StoreError: What the store has of them is damaged.
    """
    store = mission / STORE
    if as_at is None or not has_ledger(store, url):
        yield References(mission)
        return
    with open_ledger(store, url) as ledger, ledger.reading() as book:
        known = book.references(datetime.combine(as_at, time.max, UTC))
    files = listed_references(store, known[-1], FOLDER) if known else None
    if files is None:
        yield References(mission, (_unknown(as_at),))
        return
    with TemporaryDirectory(prefix="cpas-") as name:
        folder = Path(name)
        for file, digest in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(read_raw(store, digest))
        yield References(folder)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path} cannot be read any more: {error.strerror}") from error


def _unknown(as_at: date) -> Issue:
    return Issue(
        "CPAS-L007",
        Location(FOLDER),
        f"the reference tables as they were on {as_at} are not known; those of today were used",
        "compare areas, bases, population and budget lines with what was in use then before the figures are quoted",
        "warning",
    )
