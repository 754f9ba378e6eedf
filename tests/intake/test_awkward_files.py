"""Workbooks that other projects collected because readers stumbled over them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cpas.definitions.dataset import Dataset
from cpas.definitions.loaded import LoadedDataset
from cpas.errors import Location, SourceError
from cpas.intake.cells import Vocabulary
from cpas.intake.files import read_grids
from cpas.intake.grid import Grid
from cpas.intake.tables import Table, build_table

pytestmark = pytest.mark.real_data
BOTH = {"en": "x", "fr": "x"}


def grids(folder: Path, name: str) -> tuple[Grid, ...]:
    return read_grids((folder / "workbooks" / name).read_bytes(), name)[0]


def table(grid: Grid, *columns: tuple[str, str, str]) -> Table:
    """Read a grid with columns of a name, a type, and a label or tag."""
    declared: list[dict[str, Any]] = [
        {"name": name, "type": kind, "required": True, "label": {"en": label, "fr": label}}
        | ({"hxl": label} if label.startswith("#") else {})
        for name, kind, label in columns
    ]
    dataset = Dataset.model_validate(
        {
            "dataset": "some",
            "title": BOTH,
            "grain": BOTH,
            "kind": "levels",
            "key": [columns[0][0]],
            "columns": declared,
        }
    )
    return build_table(LoadedDataset(dataset, {}, (), Location("some.yml"), {}), [grid], Vocabulary({}, {}))


def test_the_calendar_of_1904_is_understood(real_data: Path) -> None:
    [grid] = grids(real_data, "calamine__date_1904.xlsx")
    assert grid.cells.rows()[:2] == [(1, "2021-01-01 00:00:00", "15"), (2, "2021-01-02 00:00:00", "16")]


def test_an_escaped_carriage_return_becomes_a_line_break(real_data: Path) -> None:
    [grid] = grids(real_data, "calamine__has_x000D_.xlsx")
    assert "\n" in grid.cells.item(0, "A")
    assert "x000D" not in grid.cells.item(0, "A")


def test_a_password_is_said(real_data: Path) -> None:
    with pytest.raises(SourceError) as caught:
        grids(real_data, "calamine__pass_protected.xlsx")
    assert "password" in caught.value.issues[0].message


def test_merged_cells_are_known(real_data: Path) -> None:
    [grid] = grids(real_data, "frictionless-py__merged-cells.xlsx")
    assert (grid.merged, grid.cells.item(0, "A")) == (("A1:B3",), "data")


def test_a_header_over_five_rows_is_read_and_its_last_line_said(real_data: Path) -> None:
    [grid] = grids(real_data, "frictionless-py__multiline-headers.xlsx")
    cumulative = "Cumulative impact of changes on cost of food basket"
    read = table(
        grid,
        ("region", "text", "Region"),
        ("share", "text", "Caloric contribution (%)"),
        ("quarter", "text", f"{cumulative} from previous quarter"),
        ("baseline", "text", f"{cumulative} from baseline (%)"),
    )
    assert read.frame.row(-1) == ("A", "B", "C", "D", grid.file, grid.sheet, 6)
    assert {issue.code for issue in read.issues} == {"CPAS-S016"}


def test_rows_under_tags_are_read_and_merged_cells_said(real_data: Path) -> None:
    [grid] = grids(real_data, "input-merged.xlsx")
    read = table(
        grid,
        ("sector", "text", "#sector+es"),
        ("women", "count", "#targeted+f"),
        ("men", "count", "#targeted+m"),
    )
    assert read.frame.select("sector", "women", "_row").rows() == [
        ("WASH", 100, 4),
        ("Salud", 105, 5),
        ("Educación", 250, 6),
        ("WASH", 80, 7),
    ]
    assert {(issue.code, issue.severity) for issue in read.issues} == {
        ("CPAS-S011", "warning"),
        ("CPAS-S014", "warning"),
    }


def test_two_sheets_with_and_without_tags(real_data: Path) -> None:
    plain, tagged = grids(real_data, "input-quality.xlsx")
    assert table(plain, ("country", "text", "País"), ("women", "count", "Mujeres")).frame.height == 4
    assert (
        table(tagged, ("country", "text", "#country"), ("reported", "date", "#date+reported"))
        .frame["reported"]
        .null_count()
        == 0
    )


def test_several_headers_and_a_blank_before_a_number(real_data: Path) -> None:
    [grid] = grids(real_data, "input-multiple-headers.csv")
    read = table(grid, ("org", "text", "#org"), ("affected", "count", "#affected"))
    assert read.frame.select("org", "affected", "_row").rows() == [("Org X", 100, 4), ("Org Y", 200, 5)]


def test_latin_letters_come_out_right_and_are_said(real_data: Path) -> None:
    name = "input-valid-latin1.csv"
    [grid], [note] = read_grids((real_data / "workbooks" / name).read_bytes(), name)
    read = table(grid, ("org", "text", "Organización"), ("country", "text", "País"))
    assert read.frame["country"].to_list() == ["Panamá", "Colombia", "Colombia", "Venezuela"]
    assert note.severity == "note"


def test_a_broken_style_table_hides_no_row(real_data: Path) -> None:
    [grid] = grids(real_data, "libhxl-python__input-broken.xlsx")
    read = table(
        grid,
        ("country", "text", "ISO3"),
        ("started", "date", "Start Date"),
        ("displaced", "text", "New Displacements"),
    )
    assert read.frame.height == grid.cells.height - 2
    assert read.frame["_row"].to_list()[::6430] == [3, 6433]
    assert {issue.code for issue in read.issues} == {"CPAS-S011"}


def test_a_false_dimension_record_hides_no_row(real_data: Path) -> None:
    [grid] = grids(real_data, "tablib__bad_dimensions.xlsx")
    read = table(grid, ("part", "text", "PN"), ("quantity", "count", "Qty"), ("price", "amount", "Price"))
    assert read.frame["part"].to_list() == ["EP00001", "EP00002", "EP00004"]
    assert read.issues == ()
