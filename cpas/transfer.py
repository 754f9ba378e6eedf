"""Values on the way between processes of this program: pickled, and tables in them as compressed Arrow."""

from __future__ import annotations

import copyreg
import io
import pickle
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl


def send(stream: IO[bytes], value: object) -> None:
    """Write a value for `receive` at the other end of a pipe.

    Raises:
        OSError: Nobody reads any more.
    """
    import polars  # it takes long, and who begins another process need not wait for it

    pickler = pickle.Pickler(stream, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = copyreg.dispatch_table | {polars.DataFrame: _packed}
    pickler.dump(value)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """The next value that `send` wrote.

    Raises:
        EOFError: There is none, or its end is missing.
        OSError: The pipe broke.
    """
    try:
        return pickle.load(stream)  # noqa: S301  # our own program writes it
    except pickle.UnpicklingError as error:
        raise EOFError from error


def _packed(frame: pl.DataFrame) -> tuple[Any, tuple[bytes]]:
    """A sixth of the bytes that a table takes otherwise."""
    stream = io.BytesIO()
    frame.write_ipc_stream(stream, compression="lz4")
    return _unpacked, (stream.getvalue(),)


def _unpacked(packed: bytes) -> pl.DataFrame:
    import polars

    return polars.read_ipc_stream(io.BytesIO(packed))
