"""Whether everything that was accepted is still there, byte for byte: the chain, the uploads and the facts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from cpas.errors import Issue, Location, StoreError
from cpas.store.facts import facts_files
from cpas.store.ledger import Ledger
from cpas.store.raw import raw_digests, raw_path
from cpas.store.records import Submission
from cpas.store.references import listed_references

_RESTORE = "restore the store from a copy, or submit the file again"


def check_store(store: Path, ledger: Ledger) -> Iterator[Issue]:
    """Every entry, upload and file of facts that is missing or is not as it was recorded; notes on what is left over.

    Args:
        store: The store's folder; places are named below it.
        ledger: The store's ledger.
    """
    try:
        for said in ledger.check_pages():
            yield _damage(Location("ledger.db"), f"the database is damaged: {said}")
        with ledger.reading() as book:
            for number, said in book.broken_links():
                place = Location("ledger.db", row=number)
                yield _damage(place, f"entry {number}: {said}" if number else said)
            submissions, references = book.submissions(), book.references()
    except StoreError as error:
        yield _damage(Location("ledger.db"), error.summary)
        return
    kept = [one for one in submissions if one.state != "returned"]
    files = {one.sha256: f"the upload of {one.file}" for one in kept}
    yield from _check_raw(store, files | _of_references(store, references))
    yield from _check_facts(store, kept)


def _of_references(store: Path, references: Collection[str]) -> dict[str, str]:
    """What the store has of reference tables, by hash: the lists, and the files that those that can be read name."""
    files: dict[str, str] = {}
    for digest in references:
        files[digest] = "a list of reference tables"
        with suppress(StoreError):  # a list that was changed is told of with its own hash
            listed = listed_references(store, digest, "reference") or {}
            files |= {found: f"an earlier {name}" for name, found in listed.items()}
    return files


def _check_raw(store: Path, files: Mapping[str, str]) -> Iterator[Issue]:
    for digest, what in files.items():
        path = raw_path(store, digest)
        yield from _check_file(path, digest, Location(path.relative_to(store).as_posix()), what)
    for digest in raw_digests(store):
        if digest not in files:
            yield _left_over(raw_path(store, digest).relative_to(store).as_posix())


def _check_facts(store: Path, kept: Collection[Submission]) -> Iterator[Issue]:
    recorded = {(file.path, file.sha256, one.dataset) for one in kept for file in one.facts}
    for name, digest, dataset in sorted(recorded):
        yield from _check_file(store / name, digest, Location(name), f"a file of the facts of `{dataset}`")
    for name in sorted(facts_files(store).keys() - {name for name, _, _ in recorded}):
        yield _left_over(name)


def _check_file(path: Path, digest: str, where: Location, what: str) -> Iterator[Issue]:
    try:
        found = sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        yield _damage(where, f"{what} cannot be read: {error.strerror}")
        return
    if found != digest:
        yield _damage(where, f"{what} was changed: its SHA-256 is {found[:12]}… and was {digest[:12]}…")


def _damage(where: Location, message: str) -> Issue:
    return Issue("CPAS-L001", where, message, _RESTORE)


def _left_over(name: str) -> Issue:
    message = "the file belongs to no accepted submission; an interrupted one left it, and it does not count"
    return Issue("CPAS-L002", Location(name), message, "nothing needs to be done", "note")
