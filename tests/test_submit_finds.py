"""One submission of one workbook with everything in it that senders do: all of it is found, and told in English and in French."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidationList
from openpyxl.worksheet.worksheet import Worksheet

from cpas.illustration.mission import write_sample
from cpas.intake.template import TemplateRequest
from cpas.intake.template_seal import Seal
from cpas.jobs.check import check_mission
from cpas.jobs.outcome import Outcome
from cpas.jobs.progress import Progress
from cpas.jobs.returns import Sending
from cpas.jobs.stored import find_accepted
from cpas.jobs.submit import submit_files
from cpas.jobs.template import write_template
from cpas.periods import Period

pytestmark = pytest.mark.usefixtures("checks_here")

FIRST = 4
HEADS = {
    "id": "Activity ID", "on": "Date of activity", "section": "Section", "component": "Component", "type": "Type of activity",
    "area": "Area code", "output": "Output", "place": "Place", "latitude": "Latitude", "longitude": "Longitude", "all": "Participants",
    "women": "Participants - women", "men": "Participants - men", "personnel": "Mission personnel",
    "hours": "Duration in hours", "cost": "Direct cost (USD)", "description": "Description",
}  # fmt: skip
USUAL = {
    "on": date(2019, 6, 12), "section": "force", "component": "military", "type": "short_range_patrol", "area": "ML0703",
    "place": "Gao", "personnel": 12, "hours": 4, "output": "OUT-13",
}  # fmt: skip
ROWS: list[dict[str, Any]] = [
    {},  # as it should be
    {"on": date(2019, 4, 2)},  # outside of the period
    {"on": "31/06/2019"},
    {"personnel": 12.7},
    {"personnel": datetime(2019, 4, 1)},  # noqa: DTZ001  # Excel knows no zones
    {"personnel": "nil"},
    {"personnel": "-"},
    {"personnel": "n/a"},
    {"cost": "1 234,5"},
    {"hours": "1,234"},
    {"place": datetime(2019, 4, 1)},  # noqa: DTZ001
    {"latitude": 12.6, "longitude": -8.0},  # in Bamako
    {"description": "Met Mr Oumar Traoré, tel. +223 76 12 34 56, o.traore@example.org"},
    {"women": "n/a", "men": "confidentiel"},
    {"section": "forse"},
    {"personnel": "=6+6"},
    {"place": "a place like no other", "personnel": 7},
    {"place": "a place like no other", "personnel": 7},
    {"id": "A1"},
]
COLUMNS: dict[str, str] = {}
"""The letter of each column, once a template was seen."""


@pytest.fixture(scope="module")
def mission(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finds") / "mission"
    write_sample(folder, 1, 0.05, 2019)
    return folder


def template(mission: Path, folder: Path) -> Path:
    asked = TemplateRequest("FO-GAO", Period.parse("2019-06"), rows=len(ROWS))
    return write_template(mission, "activities", asked, folder / "activities-FO-GAO-2019-06.xlsx")


def fill(sheet: Worksheet, rows: Iterable[dict[str, Any]]) -> None:
    labels = {str(cell.value).removesuffix(" *"): cell.column_letter for cell in sheet[3] if cell.value}
    COLUMNS.update((name, labels[head]) for name, head in HEADS.items())
    for row, told in enumerate(rows, start=FIRST):
        for name, value in ({"id": f"A{row - FIRST}"} | USUAL | told).items():
            sheet[f"{COLUMNS[name]}{row}"] = value


def spoil(sheet: Worksheet) -> None:
    """All that a workbook can have besides values."""
    below = FIRST + len(ROWS)
    sheet[f"B{below}"], sheet[f"{COLUMNS['personnel']}{below}"] = "Total", 200
    sheet[f"B{below + 30}"] = "left here long ago"
    sheet.row_dimensions[FIRST].hidden = True
    sheet.column_dimensions[COLUMNS["section"]].hidden = True
    sheet[f"{COLUMNS['hours']}{FIRST}"].comment = Comment("about four", "A")
    sheet.merge_cells(f"{COLUMNS['cost']}{FIRST}:{COLUMNS['cost']}{FIRST + 1}")
    kept = [
        one
        for one in sheet.data_validations.dataValidation
        if not str(one.sqref).startswith(COLUMNS["hours"])
    ]
    sheet.data_validations = DataValidationList(dataValidation=kept)
    hidden = sheet.parent.create_sheet("Activity log")
    hidden.append([HEADS["id"], HEADS["on"], HEADS["section"], HEADS["type"], HEADS["area"]])
    hidden.append(["H1", date(2019, 6, 3), "force", "night_patrol", "ML0703"])
    hidden.sheet_state = "hidden"


def packed(path: Path) -> None:
    """A formula with the value that a program has computed, and a link to another workbook."""
    made = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            for empty in (b"<v />", b"<v></v>", b"<v/>"):
                content = content.replace(b"<f>3+4</f>" + empty, b"<f>3+4</f><v>7</v>")
            target.writestr(name, content)
        target.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    path.write_bytes(made.getvalue())


@pytest.fixture(scope="module")
def outcome(mission: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    """What became of it, and the folder of the return."""
    path = template(mission, tmp_path_factory.mktemp("sent"))
    book = load_workbook(path)
    fill(book.worksheets[1], ROWS)
    book.worksheets[1][f"{COLUMNS['personnel']}{FIRST}"] = "=3+4"
    spoil(book.worksheets[1])
    book.save(path)
    packed(path)
    return sent(mission, path, "fr"), mission / "out" / "returned"


def sent(mission: Path, path: Path, language: Any = "en") -> Outcome:
    sending = Sending("A. Keita", datetime(2019, 7, 5, 12, tzinfo=UTC), language=language)
    [outcome] = submit_files(mission, [path], sending, Progress(is_quiet=True))
    return outcome


@pytest.fixture(scope="module")
def found(outcome: tuple[Outcome, Path]) -> list[tuple[str, str, str]]:
    """Severity, code and cell of every issue, as the French receipt tells them."""
    text = (outcome[1] / "activities-FO-GAO-2019-06.xlsx.receipt.txt").read_text(encoding="utf-8")
    severities = {"erreur": "error", "avertissement": "warning", "remarque": "note"}
    return [
        (severities[severity], code, place.rpartition("!")[2].rstrip("]") if "!" in place else "")
        for place, severity, code in re.findall(
            r"(?m)^(.*?)\u00a0: (erreur|avertissement|remarque) (CPAS-\w+)\u00a0: ", text
        )
    ]


def at(name: str, index: int) -> str:
    return f"{COLUMNS[name]}{FIRST + index}"


def test_everything_is_found_in_one_pass(found: list[tuple[str, str, str]]) -> None:
    below = FIRST + len(ROWS)
    wanted = {
        "a day outside of the period": ("error", "CPAS-D209", at("on", 1)),
        "a day that does not exist": ("error", "CPAS-D001", at("on", 2)),
        "12.7 in a count": ("error", "CPAS-D001", at("personnel", 3)),
        "1/4 in a count, which became a date": ("error", "CPAS-D001", at("personnel", 4)),
        "nil": ("error", "CPAS-D001", at("personnel", 5)),
        "a dash": ("error", "CPAS-D001", at("personnel", 6)),
        "n/a where a value is wanted": ("error", "CPAS-D002", at("personnel", 7)),
        "a comma that may be either": ("error", "CPAS-D001", at("hours", 9)),
        "1/4 in a text, which became a date": ("warning", "CPAS-D007", at("place", 10)),
        "a point outside of its area": ("warning", "CPAS-D221", at("latitude", 11)),
        "personal data": ("warning", "CPAS-D220", at("description", 12)),
        "a code that is none": ("error", "CPAS-D203", at("section", 14)),
        "a formula without a value": ("error", "CPAS-D004", at("personnel", 15)),
        "a formula with a value": ("warning", "CPAS-S052", at("personnel", 0)),
        "a near duplicate": ("warning", "CPAS-D222", at("id", 16)),
        "its other": ("warning", "CPAS-D222", at("id", 17)),
        "a key twice": ("error", "CPAS-D207", at("id", 18)),
        "the key it repeats": ("error", "CPAS-D207", at("id", 1)),
        "a row of totals": ("warning", "CPAS-S015", str(below)),
        "rows below those of the template": ("warning", "CPAS-S057", str(below)),
        "rows far below the table": ("warning", "CPAS-S056", str(below + 30)),
        "a hidden row": ("warning", "CPAS-S053", str(FIRST)),
        "a hidden column": ("warning", "CPAS-S053", COLUMNS["section"]),
        "merged cells": ("error", "CPAS-S016", at("cost", 0)),
        "a comment": ("note", "CPAS-S054", at("hours", 0)),
        "a validation pasted over": ("warning", "CPAS-S055", COLUMNS["hours"]),
        "a link to another workbook": ("warning", "CPAS-S051", ""),
        "a hidden sheet that was read": ("warning", "CPAS-S008", ""),
    }
    assert {what: one for what, one in wanted.items() if one not in found} == {}


def test_what_is_right_is_not_found_fault_with(found: list[tuple[str, str, str]]) -> None:
    assert not [one for one in found if one[2] in {at("cost", 8), at("women", 13), at("men", 13)}]


def test_every_one_is_told_in_french_too(outcome: tuple[Outcome, Path]) -> None:
    book = load_workbook(outcome[1] / "activities-FO-GAO-2019-06.xlsx")
    english = (" the ", " was ", " were ", " is ", " of ", " and ", " it ", " or ", " than ", " has ")
    told = [
        (str(row[2]), str(row[3]))
        for row in book["Anomalies"].iter_rows(min_row=7, values_only=True)
        if row[2]
    ]
    assert len(told) > 25
    assert [one for pair in told for one in pair if any(word in f" {one} " for word in english)] == []


def resealed(path: Path, **changes: str) -> Path:
    """The template with another seal, which is true to itself."""
    book = load_workbook(path)
    hidden = book["cpas"]
    said = {row[0].value: row[1] for row in hidden.iter_rows()}
    for name, value in changes.items():
        said[name].value = value
    said["fingerprint"].value = Seal(*(said[name].value for name in Seal.__dataclass_fields__)).fingerprint
    fill(book.worksheets[1], [{}])
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("changes", "code"), [({"version": "0" * 12}, "CPAS-S032"), ({"mission": "OTHER"}, "CPAS-S031")]
)
def test_a_stale_or_foreign_template_is_returned_whole(
    mission: Path, tmp_path: Path, changes: dict[str, str], code: str
) -> None:
    path = resealed(template(mission, tmp_path), **changes)
    outcome = sent(mission, path)
    assert (outcome.receipt.rows_read, outcome.receipt.rows_accepted) == (1, 0)
    assert code in (outcome.folder / f"{path.name}.receipt.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "found"),
    [({}, []), ({"version": "0" * 12}, []), ({"mission": "OTHER"}, ["CPAS-S031"]), ({"period": "2019-05"}, ["CPAS-S033"])],
)  # fmt: skip
def test_a_template_of_another_mission_or_month_is_an_error_in_the_inbox_too_and_one_of_older_definitions_is_none(
    mission: Path, tmp_path: Path, changes: dict[str, str], found: list[str]
) -> None:
    copied = tmp_path / "mission"
    shutil.copytree(mission, copied, ignore=shutil.ignore_patterns("out", "store", "activities-FO-GAO-*"))
    resealed(template(mission, tmp_path), **changes).rename(
        copied / "inbox" / "activities-FO-GAO-2019-06.xlsx"
    )
    issues = check_mission(copied, None, Progress(is_quiet=True)).issues
    assert [one.code for one in issues if one.code.startswith("CPAS-S03")] == found
    assert {one.severity for one in issues if one.code in found} <= {"error"}


@pytest.mark.parametrize("told", ["Mopti (FO-MPT)", None])
def test_a_template_with_another_reporter_on_its_cover_or_none_is_returned_whole(
    mission: Path, tmp_path: Path, told: str | None
) -> None:
    path = resealed(template(mission, tmp_path))
    book = load_workbook(path)
    book.worksheets[0]["B7"], book.worksheets[0]["C7"] = told, None
    book.save(path)
    outcome = sent(mission, path)
    assert (outcome.receipt.rows_read, outcome.receipt.rows_accepted) == (1, 0)
    assert "error CPAS-S033: the" in (outcome.folder / f"{path.name}.receipt.txt").read_text(encoding="utf-8")


def test_a_template_that_lost_its_cover_is_the_report_that_its_seal_names(
    mission: Path, tmp_path: Path
) -> None:
    path = resealed(template(mission, tmp_path))
    book = load_workbook(path)
    book.remove(book.worksheets[0])
    book.save(path)
    [part] = told_of(sent(mission, path), path)["reports"]
    assert (part["reporter"], part["month"], part["state"]) == ("FO-GAO", "2019-06", "accepted")


@pytest.mark.parametrize("name", ["Feuil1", "Activities (2)", "hidden"])
def test_rows_in_a_sheet_that_is_not_read_are_an_error_and_no_report_of_nothing(
    mission: Path, tmp_path: Path, name: str
) -> None:
    path = template(mission, tmp_path)
    book = load_workbook(path)
    own = book.worksheets[1]
    copy = book.copy_worksheet(own)
    copy.title = name
    fill(copy, [{}] * 5)
    if name == "Activities (2)":
        fill(own, [{"id": "B1"}])
    if name == "hidden":
        copy.sheet_state = "hidden"
    book.save(path)
    told = told_of(sent(mission, path), path)
    assert (told["rows_accepted"], [one["state"] for one in told["reports"]]) == (0, ["returned"])
    text = (mission / "out" / "returned" / f"{path.name}.receipt.txt").read_text(encoding="utf-8")
    assert (
        "CPAS-S009: the sheet was not read, and its header is one of `activities`, with 5 filled rows" in text
    )
    assert f"put its rows into the sheet `{own.title}`" in text
    assert "CPAS-S008" not in text


def test_a_copy_of_a_template_without_rows_is_only_noted(mission: Path, tmp_path: Path) -> None:
    path = resealed(template(mission, tmp_path))
    book = load_workbook(path)
    empty = load_workbook(template(mission, tmp_path)).worksheets[1]
    copy = book.create_sheet("Feuil1")
    for line in empty.iter_rows():
        for cell in line:
            copy[cell.coordinate] = cell.value
    book.save(path)
    assert sent(mission, path).errors == 0


@pytest.mark.parametrize("how", ["deleted", "emptied", "renamed"])
def test_a_column_that_a_template_lost_is_an_error(mission: Path, tmp_path: Path, how: str) -> None:
    path = template(mission, tmp_path)
    book = load_workbook(path)
    sheet = book.worksheets[1]
    fill(sheet, [{"women": 7}])
    number = next(cell.column for cell in sheet[3] if cell.value == HEADS["women"])
    if how == "deleted":
        sheet.delete_cols(number)
    else:
        sheet.cell(3, number).value = None if how == "emptied" else "Ladies"
    book.save(path)
    outcome = sent(mission, path)
    assert (outcome.receipt.rows_read, outcome.receipt.rows_accepted) == (1, 0)
    text = (mission / "out" / "returned" / f"{path.name}.receipt.txt").read_text(encoding="utf-8")
    assert re.findall(r"CPAS-S034: the template's column `(\w+)` is gone", text) == ["participants_women"]


@pytest.mark.parametrize(
    ("day", "believed"),
    [
        (date(2018, 6, 1), False),
        (date(2030, 1, 1), False),
        (date(2019, 7, 5), True),
        (date(2019, 6, 30), True),
    ],
)
def test_a_day_of_sending_that_cannot_be_is_warned_of_and_the_day_of_receipt_is_used(
    mission: Path, tmp_path: Path, day: date, *, believed: bool
) -> None:
    path = resealed(template(mission, tmp_path))
    book = load_workbook(path)
    cover = book.worksheets[0]
    next(row[1] for row in cover.iter_rows() if row[0].value == "Sent on").value = day
    book.save(path)
    outcome = sent(mission, path)
    assert (outcome.receipt.rows_accepted, outcome.warnings) == (1, 0 if believed else 1)
    accepted = find_accepted(mission / "store", None, None)
    assert accepted is not None
    [mine] = [one for one in accepted.submissions if one.report[:2] == ("activities", "FO-GAO")]
    assert mine.sent_on == (day if believed else None)
    came = accepted.reports().filter(dataset="activities", reporter="FO-GAO")["sent_on"]
    assert (day if believed else date(2019, 7, 5)) in came


def told_of(outcome: Outcome, path: Path) -> Any:
    """The receipt of a file."""
    return json.loads((outcome.folder / f"{path.name}.receipt.json").read_text(encoding="utf-8"))


def test_a_template_filled_in_as_it_should_be_is_accepted_without_a_word(
    mission: Path, tmp_path: Path
) -> None:
    outcome = sent(mission, resealed(template(mission, tmp_path)))
    assert (outcome.receipt.rows_accepted, outcome.errors, outcome.warnings) == (1, 0, 0)
