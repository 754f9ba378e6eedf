"""The files of a mission's inbox and reference folder as grids; what is no table is said, what cannot be read is an issue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from cpas.errors import Issue, Location, SourceError
from cpas.intake.excel import read_checked
from cpas.intake.grid import Grid
from cpas.intake.guard import check_archive
from cpas.intake.inspect import inspect_workbook
from cpas.intake.package import refused
from cpas.intake.text import read_csv, read_parquet

FOLDERS = ("inbox", "reference")
OUTLINES = "reference/areas.geojson"
DECISIONS = "reference/duplicates.csv"
NO_TABLES = (OUTLINES, DECISIONS)  # read by others
_TEMPORARY = ("~$", ".", "_")


@dataclass(frozen=True, slots=True)
class Received:
    """One file as received: its path in the mission folder, its hash and size, and the grids in it."""

    file: str
    sha256: str
    size: int
    grids: tuple[Grid, ...] = ()
    issues: tuple[Issue, ...] = ()

    @property
    def folder(self) -> str:
        """`reference`, or `inbox` for all else that is received."""
        return "reference" if self.file.startswith("reference/") else "inbox"


def read_grids(data: bytes, file: str) -> tuple[tuple[Grid, ...], tuple[Issue, ...]]:
    """The grids of a file, by the ending of its name, and notes.

    Raises:
        SourceError: It cannot be read.
        MemoryError: It takes more memory than there is.
    """
    match file.rpartition(".")[2].lower():
        case "xlsx" | "xlsm":
            archive = check_archive(data, file)
            grids = read_checked(archive, file)
            return grids, inspect_workbook(archive, grids, file)
        case "csv" | "tsv" | "txt":
            grid, notes = read_csv(data, file)
            return (grid,), notes
        case "parquet":
            return (read_parquet(data, file),), ()
        case "xls" | "xlsb" | "ods" | "numbers":
            raise refused(
                file, "this kind of workbook is not read", "save it as an Excel workbook (.xlsx)", "CPAS-S003"
            )
        case _:
            raise refused(
                file,
                "this is no table: workbooks, CSV and parquet files are read",
                "send a workbook (.xlsx), a CSV or a parquet file in its place",
                "CPAS-S003",
            )


Read = Callable[[bytes, str], tuple[tuple[Grid, ...], tuple[Issue, ...]]]


def read_files(mission: Path, folders: Sequence[str] = FOLDERS) -> tuple[Received, ...]:
    """Every file in the mission's inbox and reference folders, or in one of them, in the order of their paths.

    A file with the same content as an earlier one counts once, and is said to be so; not one of a header alone, since
    reports of nothing are alike but for their names.
    """
    seen: dict[str, str] = {}
    return tuple(
        read_file(path, path.relative_to(mission).as_posix(), seen) for path in _paths(mission, folders)
    )


def _paths(mission: Path, folders: Sequence[str]) -> Iterator[Path]:
    paths = (path for folder in folders for path in (mission / folder).rglob("*") if path.is_file())
    yield from sorted(paths, key=lambda path: path.relative_to(mission).as_posix())


def hash_files(mission: Path, folder: str) -> Iterator[tuple[str, str]]:
    """Path in the mission folder and SHA-256 of every file of a folder that is to be read; what cannot be opened is left out."""
    for path in _paths(mission, (folder,)):
        file = path.relative_to(mission)
        if not any(part.startswith(_TEMPORARY) for part in file.parts):
            with suppress(OSError), path.open("rb") as opened:
                yield file.as_posix(), file_digest(opened, "sha256").hexdigest()


def read_file(path: Path, file: str, seen: dict[str, str], read: Read = read_grids) -> Received:
    """One file under the name that messages call it by; what cannot be read is an issue.

    Args:
        path: Where it is.
        file: Its name in messages.
        seen: The files read so far by their hash; this one is added.
        read: What turns content and name into grids and notes; that of an `IsolatedReader` for files
            that nobody knows.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        issue = Issue(
            "CPAS-S001",
            Location(file),
            f"the file cannot be opened: {error.strerror}",
            "close it elsewhere, or copy it again",
        )
        return Received(file, "", 0, issues=(issue,))
    digest = sha256(data).hexdigest()
    if any(part.startswith(_TEMPORARY) for part in Path(file).parts):
        note = Issue(
            "CPAS-S004", Location(file), "a temporary or hidden file; it was not read", "delete it", "note"
        )
        return Received(file, digest, len(data), issues=(note,))
    if file in NO_TABLES:
        return Received(file, digest, len(data))
    first = seen.setdefault(digest, file)
    try:
        grids, notes = read(data, file)
    except SourceError as error:
        return Received(file, digest, len(data), issues=error.issues)
    except MemoryError:
        fix = "open it in Excel, save it as a new .xlsx and send that"
        issue = Issue("CPAS-S002", Location(file), "it takes more memory than any report needs", fix)
        return Received(file, digest, len(data), issues=(issue,))
    if first != file and any(len(grid.cells) > 1 for grid in grids):
        same = Issue(
            "CPAS-S006",
            Location(file),
            f"the file is the same, byte for byte, as {first}; it was read once",
            "delete one of the two, or send the report that was meant",
            "warning",
        )
        return Received(file, digest, len(data), issues=(same,))
    return Received(file, digest, len(data), grids, notes)
