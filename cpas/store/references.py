"""A mission's reference tables as they were at each check: a list of them under its hash, and every file under its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from cpas.errors import StoreError
from cpas.store.raw import keep_raw, raw_path, read_raw

Files = Mapping[str, str]
"""The SHA-256 of each file by its path in the mission folder."""


def digest_of_list(files: Files) -> str:
    """The hash by which a list of files is known."""
    return sha256(_listed(files)).hexdigest()


def keep_references(store: Path, files: Files, contents: Iterable[tuple[str, bytes]]) -> None:
    """Keep a list of files, and the contents of those that are to be read again.

    Args:
        store: The store's folder.
        files: Every file that the tables were checked with.
        contents: Path and content of the reference tables among them.

    Raises:
        StoreError: The disk refused, or a file is no longer what the list says.
    """
    for name, content in contents:
        if keep_raw(store, content) != files[name]:
            raise StoreError(f"{name} was changed while it was read; nothing was accepted")
    keep_raw(store, _listed(files))


def listed_references(store: Path, digest: str, within: str) -> Files | None:
    """The files of a list below one folder; None where the store does not have the list.

    Raises:
        StoreError: The list is not as it was written.
    """
    if not raw_path(store, digest).is_file():
        return None
    content = read_raw(store, digest)
    if sha256(content).hexdigest() != digest:
        raise StoreError(
            f"the list of reference tables {digest} was changed; `cpas verify` says what is damaged"
        )
    pairs = (line.rpartition(" ") for line in content.decode().splitlines())
    return {name: found for name, _, found in pairs if name.startswith(f"{within}/")}


def _listed(files: Files) -> bytes:
    return "\n".join(f"{name} {files[name]}" for name in sorted(files)).encode()
