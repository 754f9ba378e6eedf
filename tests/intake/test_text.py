import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpas.errors import SourceError
from cpas.intake.text import read_csv, read_parquet

TABLE = [(1, "Zone", "Morts"), (2, "Ségou", "1")]


def rows(data: bytes) -> list[tuple[object, ...]]:
    return read_csv(data, "a.csv")[0].cells.rows()


@pytest.mark.parametrize(
    "data",
    [
        "Zone,Morts\nSégou,1\n".encode(),
        "Zone;Morts\r\nSégou;1\r\n".encode(),
        "Zone\tMorts\nSégou\t1".encode(),
        "Zone,Morts\nSégou,1\n".encode("utf-8-sig"),
        "Zone\tMorts\nSégou\t1\n".encode("utf-16"),
    ],
)
def test_separators_and_marked_encodings_are_found_without_a_word(data: bytes) -> None:
    grid, notes = read_csv(data, "a.csv")
    assert (grid.cells.rows(), notes) == (TABLE, ())


def test_windows_encoding_is_read_and_said() -> None:
    grid, [note] = read_csv("Zone;Morts\nSégou;1\n".encode("cp1252"), "a.csv")
    assert (grid.cells.rows(), note.code, note.severity) == (TABLE, "CPAS-S005", "note")


def test_the_separator_line_of_excel_is_understood_and_keeps_line_numbers_right() -> None:
    assert [row for row in rows(b"sep=;\na,b;c\n1;2\n") if row[1]] == [(2, "a,b", "c"), (3, "1", "2")]


def test_decimal_commas_do_not_pass_for_separators() -> None:
    assert rows(b"a;b\n1,5;2,5\n") == [(1, "a", "b"), (2, "1,5", "2,5")]


@pytest.mark.parametrize(("separator", "other"), [(",", ";"), (";", ","), ("\t", ",")])
def test_a_narrative_of_many_lines_does_not_pass_for_rows(separator: str, other: str) -> None:
    told = "\n".join(f"one{other} two" for _ in range(30))
    text = f'id{separator}told\nA1{separator}"{told}"\n'
    assert rows(text.encode()) == [(1, "id", "told"), (2, "A1", told)]


def test_a_cell_longer_than_any_narrative_is_said() -> None:
    with pytest.raises(SourceError) as caught:
        read_csv(b"a,b\n1," + b"x" * 140_000, "a.csv")
    assert [(one.code, one.where.row) for one in caught.value.issues] == [("CPAS-S001", 2)]


CELLS = st.text(st.sampled_from("aé1 ,;\t\n\r\"'=🛑"), max_size=12)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8), st.sampled_from(",;\t"))
def test_any_texts_under_plain_headers_are_read_back(told: list[tuple[str, ...]], separator: str) -> None:
    held = io.StringIO(newline="")
    csv.writer(held, delimiter=separator).writerows([("id", "place", "note"), *told])
    read = [texts for _, *texts in rows(held.getvalue().encode())][1:]
    assert read == [[text if text.strip() else None for text in texts] for texts in told]


def test_a_record_has_the_line_it_begins_on() -> None:
    assert rows(b'a,b\n"one\ntwo",1\n\nlast,2\n') == [
        (1, "a", "b"),
        (2, "one\ntwo", "1"),
        (4, None, None),
        (5, "last", "2"),
    ]


def test_short_and_long_records_lose_nothing() -> None:
    assert rows(b"a,b\n1\n1,2,3\n") == [(1, "a", "b", None), (2, "1", None, None), (3, "1", "2", "3")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no bytes"),
        (b"\n", "blank lines"),
        (b"\xef\xbb\xbf\r\n", "blank lines"),
        (b" ;\t\r\n\r\n;\n", "blank lines"),
        (b"sep=;\n", "blank lines"),
        (b"PK\x03\x04", "Excel workbook"),
        (b"a,b\n\0,1\n", "NUL"),
        ("Région,Écart\n1,2\n".encode("utf-16-le"), "UTF-16"),
        ("Région,Écart\n1,2\n".encode("utf-16-be"), "UTF-16"),
        (b'a,b\n1,2\n"never closed,3\n', "line 3 or so"),
    ],
)
def test_what_is_no_table_is_said(data: bytes, said: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_csv(data, "a.csv")
    [issue] = caught.value.issues
    assert said in issue.message or issue.where.row == 3


def test_parquet_is_read_with_its_types_as_text_and_rows_as_in_a_sheet(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "day": [date(2019, 6, 1)],
            "hours": [0.1 + 0.2],
            "usd": [Decimal("1.50")],
            "yes": [True],
            "none": [" "],
        }
    )
    frame.write_parquet(tmp_path / "a.parquet")
    grid = read_parquet((tmp_path / "a.parquet").read_bytes(), "a.parquet")
    assert grid.cells.rows() == [
        (1, "day", "hours", "usd", "yes", "none"),
        (2, "2019-06-01", "0.3", "1.50", "true", None),
    ]


@given(st.lists(st.tuples(st.integers(-(10**15), 10**15), st.integers(0, 6)), min_size=1, max_size=50))
def test_any_float_of_fifteen_digits_is_read_from_parquet_as_it_was_written(
    digits: list[tuple[int, int]],
) -> None:
    told = [Decimal(number).scaleb(-places) for number, places in digits]
    held = io.BytesIO()
    pl.DataFrame({"usd": [float(number) for number in told]}).write_parquet(held)
    assert [Decimal(text) for _, text in read_parquet(held.getvalue(), "a.parquet").cells.rows()[1:]] == told


@pytest.mark.parametrize(
    ("number", "kind", "text"),
    [
        (12.0, pl.Float64, "12"),
        (1e-7, pl.Float64, "0.000000100"),
        (1234.56, pl.Float32, "1234.56"),
        (1e300, pl.Float64, "1e+300"),
        (float("nan"), pl.Float64, "NaN"),
    ],
)
def test_a_float_in_parquet_is_its_shortest_text(number: float, kind: type[pl.DataType], text: str) -> None:
    held = io.BytesIO()
    pl.DataFrame({"usd": pl.Series([number], dtype=kind)}).write_parquet(held)
    assert read_parquet(held.getvalue(), "a.parquet").cells.rows()[1][1] == text


def test_damaged_and_nested_parquet_is_said(tmp_path: Path) -> None:
    pl.DataFrame({"a": [[1]]}).write_parquet(tmp_path / "a.parquet")
    for data in ((tmp_path / "a.parquet").read_bytes(), b"PAR1", b""):
        with pytest.raises(SourceError):
            read_parquet(data, "a.parquet")
