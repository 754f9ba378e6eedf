"""Whether everything that was accepted is still there, byte for byte: the chain, the uploads and the facts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from hashlib import sha256
from pathlib import Path

from cpas.errors import Issue, Location
from cpas.store.facts import facts_files
from cpas.store.ledger import Ledger
from cpas.store.raw import raw_digests, raw_path
from cpas.store.records import Submission

_RESTORE = "restore the store from a copy, or submit the file again"


def check_store(store: Path, ledger: Ledger) -> Iterator[Issue]:
    """Every entry, upload and file of facts that is missing or is not as it was recorded; notes on what is left over.

    Args:
        store: The store's folder; places are named below it.
        ledger: The store's ledger.
    """
    for said in ledger.check_pages():
        yield _damage(Location("ledger.db"), f"the database is damaged: {said}")
    with ledger.reading() as book:
        for number, said in book.broken_links():
            place = Location("ledger.db", row=number)
            yield _damage(place, f"entry {number}: {said}" if number else said)
        submissions = book.submissions()
    kept = [one for one in submissions if one.state != "returned"]
    yield from _check_uploads(store, kept)
    yield from _check_facts(store, kept)


def _check_uploads(store: Path, kept: Collection[Submission]) -> Iterator[Issue]:
    files = {one.sha256: one.file for one in kept}
    for digest, file in files.items():
        path = raw_path(store, digest)
        yield from _check_file(
            path, digest, Location(path.relative_to(store).as_posix()), f"the upload of {file}"
        )
    for digest in raw_digests(store):
        if digest not in files:
            yield _left_over(raw_path(store, digest).relative_to(store).as_posix())


def _check_facts(store: Path, kept: Collection[Submission]) -> Iterator[Issue]:
    recorded = {file.path: (file.sha256, one.dataset) for one in kept for file in one.facts}
    for name, (digest, dataset) in sorted(recorded.items()):
        yield from _check_file(store / name, digest, Location(name), f"a file of the facts of `{dataset}`")
    for name in facts_files(store):
        if name not in recorded:
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
