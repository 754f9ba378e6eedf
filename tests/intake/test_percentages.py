"""A number that a workbook shows as a percentage comes as it is shown, and is refused in a column of numbers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from cpas.intake.excel import read_workbook
from cpas.intake.tables import Table
from tests.intake.conftest import ROW
from tests.intake.test_hostile import MAIN, sheet, workbook


def shown(path: Path, *cells: tuple[Any, str]) -> list[str | None]:
    book = Workbook()
    for number, (value, form) in enumerate(cells, start=1):
        cell = book.active.cell(number, 1, value)
        cell.number_format = form
    book.active["B1"] = "end"
    book.save(path)
    [grid] = read_workbook(path.read_bytes(), "a.xlsx")
    return grid.cells["A"].to_list()


def test_a_percentage_comes_as_it_is_shown_and_all_else_as_before(tmp_path: Path) -> None:
    cells = [
        (0.45, "0%"), (0.125, "0.00%"), (45, '0 "%"'), (1.5, "#,##0.0 %;[Red]-0.0%"), (-0.07, "0%"),
        (0.45, "General"), (45, r"0\%"), ("0.45", "0%"), (None, "0%"), (7, "0.00"),
    ]  # fmt: skip
    told = shown(tmp_path / "a.xlsx", *cells)
    assert told == ["45%", "12.5%", "45", "150%", "-7%", "0.45", "45", "0.45", None, "7"]


@pytest.mark.parametrize(
    "cell",
    [
        "<c r=\"A1\" s='1'><v>0.45</v></c>",
        '<c r="A1" s = "01" t="n"><v>0.45</v></c>',
        '<c s="1"><v>0.45</v></c>',
        f'<x:c xmlns:x="{MAIN}" r="A1" s="1"><x:v>0.45</x:v></x:c>',
    ],
)
def test_a_percentage_is_one_however_its_cell_is_spelt(cell: str) -> None:
    styles = (
        f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="9"/></cellXfs></styleSheet>'
    )
    data = workbook(sheet(f'<row r="1">{cell}</row>'), ("xl/styles.xml", styles))
    [grid] = read_workbook(data, "a.xlsx")
    assert grid.cells.item(0, "A") == "45%"


@pytest.mark.parametrize(("column", "value"), [("hours", 0.45), ("women", 1)])
def test_a_percentage_in_a_column_of_numbers_is_an_error_of_its_cell(
    book: Callable[..., Path], read: Callable[[Path], Table], column: str, value: float
) -> None:
    row = ROW | {column: value}
    path = book({"visits": [list(row), list(row.values())]})
    changed = load_workbook(path)
    changed["visits"]["E2"].number_format = "0%"
    changed.save(path)
    table = read(path)
    [issue] = table.issues
    assert (issue.code, str(issue.where)) == ("CPAS-D001", "visits.xlsx [visits!E2]")
    assert issue.message == f"`{column}` is `{value * 100:g}%`: it is a percentage"
    assert table.frame[column].to_list() == [None]
