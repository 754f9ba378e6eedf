"""A template whose validations were pasted over: what is lost is said with its column, in both languages."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.datavalidation import DataValidation, DataValidationList
from openpyxl.worksheet.worksheet import Worksheet

from cpas.errors import Issue
from cpas.intake.annotate_words import Speech
from cpas.intake.files import read_grids
from cpas.intake.validations import find_validations

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
FIRST, LAST = 4, 15
"""The entry rows of the templates that the fixture makes."""
HOURS, DAY = "W", "C"


@pytest.fixture
def filled(mission: Any) -> Callable[..., list[tuple[str, str, int]]]:
    """Issues (code, cell, count) of a template with six rows once its data sheet was changed."""

    def after(change: Callable[[Worksheet], None], language: str = "en") -> list[tuple[str, str, int]]:
        return [
            (one.code, f"{one.where.column}{one.where.row or ''}", one.count)
            for one in told(mission, change, language)
        ]

    return after


def told(mission: Any, change: Callable[[Worksheet], None], language: str = "en") -> tuple[Issue, ...]:
    book = load_workbook(io.BytesIO(mission.template("activities", language)))
    sheet = book.worksheets[1]
    for row in range(FIRST, FIRST + 6):
        sheet.cell(row, 2).value = f"A{row}"
        sheet[f"{HOURS}{row}"] = 2
    change(sheet)
    held = io.BytesIO()
    book.save(held)
    return read_grids(held.getvalue(), "activities.xlsx")[1]


def without(sheet: Worksheet, letter: str, first: int = FIRST, last: int = LAST) -> DataValidation:
    """Take the validation of some cells away, as pasting does, and give it."""
    [check] = [
        one for one in sheet.data_validations.dataValidation if str(one.sqref).startswith(f"{letter}4")
    ]
    rest = [
        f"{letter}{low}:{letter}{high}" for low, high in ((FIRST, first - 1), (last + 1, LAST)) if low <= high
    ]
    kept = [one for one in sheet.data_validations.dataValidation if one is not check]
    sheet.data_validations = DataValidationList(dataValidation=kept)
    if rest:
        check.sqref = " ".join(rest)
        sheet.add_data_validation(check)
    return check


def test_a_template_that_was_only_filled_in_has_lost_nothing(filled: Any) -> None:
    for language in ("en", "fr"):
        assert filled(lambda _: None, language) == []


def test_a_column_that_lost_its_validation_in_all_rows_is_named(filled: Any) -> None:
    assert filled(lambda sheet: without(sheet, HOURS)) == [("CPAS-S055", HOURS, 6)]


def test_also_where_it_is_empty_and_where_every_column_lost_it(mission: Any) -> None:
    def all_gone(sheet: Worksheet) -> None:
        sheet.data_validations = DataValidationList()

    found = told(mission, all_gone)
    columns = len(mission.definitions.datasets["activities"].dataset.columns)
    assert {one.code for one in found} == {"CPAS-S055"}
    assert len(found) == columns + 2  # region and objective, which help to choose, have lists too


@pytest.mark.parametrize(("first", "last"), [(FIRST, FIRST + 1), (FIRST + 2, FIRST + 3), (FIRST + 4, LAST)])
def test_a_part_that_lost_it_is_named_by_its_filled_cells_at_either_end_too(
    filled: Any, first: int, last: int
) -> None:
    found = filled(lambda sheet: without(sheet, HOURS, first, last))
    assert found == [("CPAS-S055", f"{HOURS}{first}", 2)]


def test_blank_cells_that_lost_it_in_part_are_not_worth_a_word(filled: Any) -> None:
    assert filled(lambda sheet: without(sheet, HOURS, FIRST + 6, LAST)) == []


def test_the_validation_of_another_column_in_its_place_is_a_loss(filled: Any) -> None:
    def paste(sheet: Worksheet) -> None:
        without(sheet, HOURS)
        other = DataValidation("list", "list_component")
        other.add(f"{HOURS}4:{HOURS}15")
        sheet.add_data_validation(other)

    assert filled(paste) == [("CPAS-S055", HOURS, 6)]


def test_limits_that_were_changed_are_another_validation(filled: Any) -> None:
    def widen(sheet: Worksheet) -> None:
        check = without(sheet, HOURS)
        check.formula2, check.sqref = "2400", f"{HOURS}4:{HOURS}15"
        sheet.add_data_validation(check)

    assert filled(widen) == [("CPAS-S055", HOURS, 6)]


def test_days_that_were_changed_are_too_however_they_are_written(filled: Any) -> None:
    def another_month(sheet: Worksheet) -> None:
        check = without(sheet, DAY)
        check.formula1, check.sqref = check.formula1.replace("6,1)", "5,1)"), f"{DAY}4:{DAY}15"
        sheet.add_data_validation(check)

    def in_days(sheet: Worksheet) -> None:
        check = without(sheet, DAY)
        check.formula1, check.formula2, check.sqref = "43617", "43646.0", f"{DAY}4:{DAY}15"
        sheet.add_data_validation(check)

    assert [code for code, _, _ in filled(another_month)] == ["CPAS-S055"]
    assert filled(in_days) == []


def test_a_template_that_states_no_limits_is_compared_by_kind_alone(filled: Any) -> None:
    def older(sheet: Worksheet) -> None:
        for row in sheet.parent["cpas"].iter_rows():
            if row[0].value == "validation" and not str(row[3].value).startswith("list"):
                row[3].value = str(row[3].value).partition(" ")[0]

    assert filled(older) == []


def test_rows_below_those_of_the_template_are_a_warning(filled: Any) -> None:
    def more(sheet: Worksheet) -> None:
        sheet["B16"], sheet["B17"] = "A16", "A17"

    assert filled(more) == [("CPAS-S057", "16", 2)]


@pytest.mark.parametrize(
    "change", [lambda sheet: without(sheet, HOURS), lambda sheet: without(sheet, HOURS, 5, 6)]
)
def test_the_loss_is_told_in_french_too(mission: Any, change: Callable[[Worksheet], None]) -> None:
    speech = Speech.of("fr", [mission.definitions.datasets["activities"]])
    [issue] = told(mission, change, "fr")
    assert "validation du modèle" in speech.tell(issue.message)
    assert "collez" in speech.tell(issue.fix)
    assert issue.where.sheet == "Activités"


def test_a_template_has_no_formula_in_any_cell_that_could_be_overwritten(mission: Any) -> None:
    for name in mission.sent:
        book = load_workbook(io.BytesIO(mission.template(name, "en")))
        assert not [
            cell for sheet in book.worksheets for row in sheet for cell in row if cell.data_type == "f"
        ]


def test_a_workbook_whose_seal_is_gone_is_looked_at_like_any_other(mission: Any) -> None:
    def unseal(sheet: Worksheet) -> None:
        del sheet.parent["cpas"]
        without(sheet, HOURS, 6, 7)

    assert [one.code for one in told(mission, unseal)] == ["CPAS-S055"]


def test_validations_are_found_in_both_forms_that_excel_writes() -> None:
    near = b'<dataValidations count="2"><dataValidation sqref="A1:A3 B2" type="list" prompt="a"><formula1>list_x</formula1></dataValidation><dataValidation type="whole" sqref="C1"/></dataValidations>'
    far = b'<ext><x14:dataValidations><x14:dataValidation type="list"><x14:formula1><xm:f>IF($D4="",list_y,1)</xm:f></x14:formula1><xm:sqref>D4:D9</xm:sqref></x14:dataValidation></x14:dataValidations></ext>'
    found = [(one.kind, one.ranges) for one in find_validations(near + far)]
    assert found == [("list list_x", ("A1:A3", "B2")), ("whole", ("C1",)), ("list list_y", ("D4:D9",))]


@pytest.mark.libreoffice
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("name", ["activities", "incidents"])
def test_a_template_saved_by_libreoffice_has_lost_nothing(mission: Any, tmp_path: Path, name: str) -> None:
    book: Workbook = load_workbook(io.BytesIO(mission.template(name, "fr")))
    book.worksheets[1]["B4"] = "X1"
    book.save(tmp_path / "t.xlsx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [str(OFFICE), profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out")]
    subprocess.run([*command, str(tmp_path / "t.xlsx")], check=True, capture_output=True, timeout=180)
    grids, issues = read_grids((tmp_path / "out" / "t.xlsx").read_bytes(), "t.xlsx")
    assert [one for one in issues if one.code in ("CPAS-S055", "CPAS-S057")] == []
    assert any(grid.sheet == "cpas" for grid in grids)
