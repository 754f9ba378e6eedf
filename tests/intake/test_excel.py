import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from cpas.errors import SourceError
from cpas.intake.excel import read_workbook
from cpas.intake.grid import Grid

Book = Callable[..., Path]


def grids(path: Path) -> tuple[Grid, ...]:
    return read_workbook(path.read_bytes(), path.name)


def repacked(path: Path, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part of its archive changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, change(source.read(name)) if name == part else source.read(name))
    return made.getvalue()


def test_rows_and_letters_are_those_of_the_sheet_even_where_the_table_begins_far_inside(
    tmp_path: Path,
) -> None:
    workbook = Workbook()
    workbook.active["C5"], workbook.active["AB7"] = "first", "last"
    workbook.save(tmp_path / "far.xlsx")
    [grid] = grids(tmp_path / "far.xlsx")
    cells = {
        (row, letter): text
        for row, *texts in grid.cells.iter_rows()
        for letter, text in zip(grid.letters, texts, strict=True)
        if text
    }
    assert cells == {(5, "C"): "first", (7, "AB"): "last"}


def test_formulas_without_a_value_are_put_back_even_beyond_the_filled_range(book: Book) -> None:
    [grid] = grids(
        book({"a": [["x", None, None], [None, None, None], ["y", None, "=SUM(1,2)"], [None, "=1/0"]]})
    )
    assert grid.cells.rows()[2:] == [(3, "y", None, "=SUM(1,2)"), (4, None, "=1/0", None)]


def test_a_formula_with_a_value_is_its_value(book: Book) -> None:
    path = book({"a": [["x", "=1+1"]]})
    data = repacked(
        path,
        "xl/worksheets/sheet1.xml",
        lambda xml: re.sub(rb"<v />|<v></v>", b"<v>2</v>", xml),
    )
    assert read_workbook(data, "a.xlsx")[0].cells.row(0) == (1, "x", "2")


def test_error_cells_are_put_back(book: Book) -> None:
    [grid] = grids(book({"a": [["x", "#N/A", "#DIV/0!", "#REF!"]]}))
    assert grid.cells.row(0) == (1, "x", "#N/A", "#DIV/0!", "#REF!")


def test_merged_ranges_and_hidden_sheets_are_known(book: Book) -> None:
    path = book({"shown": [["x"]], "hid": [["y"], ["z"]], "empty": []})
    workbook = load_workbook(path)
    workbook["hid"].sheet_state = "hidden"
    workbook["hid"].merge_cells("A1:B2")
    workbook.save(path)
    assert [(grid.sheet, grid.hidden, grid.merged) for grid in grids(path)] == [
        ("shown", False, ()),
        ("hid", True, ("A1:B2",)),
    ]


def test_a_false_dimension_record_does_not_hide_the_last_row(book: Book) -> None:
    path = book({"a": [["x"], ["y"], ["last"]]})
    data = repacked(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'ref="A1:A3"', b'ref="A1:A1"'))
    assert read_workbook(data, "a.xlsx")[0].cells.rows()[-1] == (3, "last")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no bytes"),
        (b"a,b\n1,2\n", "a text file with the name of an Excel workbook"),
        (b"\0\0\0\0binary", "not an Excel workbook"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old Excel file"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK\x03\x04 cut short", "damaged"),
    ],
)
def test_what_is_no_workbook_is_said(data: bytes, said: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_workbook(data, "a.xlsx")
    [issue] = caught.value.issues
    assert said in issue.message
    assert issue.fix


def test_a_truncated_workbook_is_said_wherever_it_was_cut(book: Book) -> None:
    data = book({"a": [[f"cell {i} {j}" for j in range(20)] for i in range(50)]}).read_bytes()
    for length in range(4, len(data) - 1, max(1, len(data) // 40)):
        with pytest.raises(SourceError):
            read_workbook(data[:length], "a.xlsx")


def test_an_archive_that_is_no_workbook_is_said(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(SourceError) as caught:
        grids(tmp_path / "a.xlsx")
    assert "no Excel workbook" in caught.value.issues[0].message


def test_a_workbook_whose_parts_make_no_sense_is_said(book: Book) -> None:
    data = repacked(book({"a": [["x"]]}), "xl/workbook.xml", lambda _: b"<workbook")
    with pytest.raises(SourceError):
        read_workbook(data, "a.xlsx")
