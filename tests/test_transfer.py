"""What goes from one process of this program to another arrives as it was."""

import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cpas.transfer import receive, send


@dataclass(frozen=True)
class Table:
    """A table within a value of ours."""

    name: str
    rows: pl.DataFrame


FRAMES = {
    "of every type": pl.DataFrame(
        {
            "text": ["Ségou", None],
            "code": pl.Series(["b", "a"], dtype=pl.Enum(["a", "b"])),
            "amount": pl.Series([Decimal("12.70"), None], dtype=pl.Decimal(18, 6)),
            "day": [date(2019, 6, 30), None],
            "count": [1, None],
            "share": [float("nan"), -0.0],
            "is_so": [True, None],
            "days": [[date(2019, 1, 1)], []],
        }
    ),
    "without rows": pl.DataFrame(schema={"a": pl.Int64, "b": pl.Enum(["x"])}),
    "without columns": pl.DataFrame(),
}


@pytest.mark.parametrize("what", FRAMES)
def test_a_table_arrives_with_its_types_and_values(what: str) -> None:
    pipe = io.BytesIO()
    send(pipe, Table(what, FRAMES[what]))
    pipe.seek(0)
    arrived = receive(pipe)
    assert arrived.name == what
    assert_frame_equal(arrived.rows, FRAMES[what])


def test_what_is_cut_short_is_not_taken_for_a_value() -> None:
    pipe = io.BytesIO()
    send(pipe, FRAMES["of every type"])
    for length in (0, 1, len(pipe.getvalue()) - 1):
        with pytest.raises(EOFError):
            receive(io.BytesIO(pipe.getvalue()[:length]))
