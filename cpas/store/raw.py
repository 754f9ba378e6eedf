"""Uploads kept verbatim under their content's SHA-256; knows nothing of what is in them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from cpas.errors import StoreError

RAW = "raw"
_UNFINISHED = ".upload-"


def raw_path(store: Path, digest: str) -> Path:
    """Where the upload of a hash is: `raw/ab/abcd...`."""
    return store / RAW / digest[:2] / digest


def keep_raw(store: Path, data: bytes) -> str:
    """Keep an upload and give its hash; it is on the disk as a whole, or not at all.

    Raises:
        StoreError: The disk refused.
    """
    digest = sha256(data).hexdigest()
    path = raw_path(store, digest)
    try:
        if not path.is_file() or sha256(path.read_bytes()).hexdigest() != digest:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, data)
    except OSError as error:
        raise StoreError(f"{path} could not be written: {error.strerror}; nothing was accepted") from error
    return digest


def read_raw(store: Path, digest: str) -> bytes:
    """The upload of a hash.

    Raises:
        StoreError: It is missing or cannot be read.
    """
    try:
        return raw_path(store, digest).read_bytes()
    except OSError as error:
        raise StoreError(f"the upload {digest} cannot be read: {error.strerror}") from error


def raw_digests(store: Path) -> Iterator[str]:
    """The hashes of all uploads that are kept, in order."""
    yield from sorted(
        path.name for path in (store / RAW).glob("??/*") if not path.name.startswith(_UNFINISHED)
    )


def sync(path: Path) -> None:
    """Have the disk write a file, or a folder's list of names, before anything else relies on it."""
    if path.is_dir() and os.name == "nt":  # Windows has no such order for folders
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        sync(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)
