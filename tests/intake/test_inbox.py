from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import load_workbook

from cpas.definitions.dataset import CodeLists, Dataset
from cpas.definitions.loaded import LoadedDataset
from cpas.errors import Issue, Location
from cpas.intake.inbox import Inbox, read_inbox
from cpas.intake.stated import UNSTATED
from cpas.intake.words import lookup_of

Book = Callable[..., Path]

HEADER = ["visit_id", "visited_on", "office", "kind", "area_code", "men"]
AREAS = {
    "dataset": "areas",
    "title": {"en": "Areas", "fr": "Zones"},
    "grain": {"en": "one row per area", "fr": "une ligne par zone"},
    "kind": "levels",
    "found_in": "reference",
    "key": ["area_code"],
    "columns": [
        {"name": "area_code", "type": "text", "required": True, "label": {"en": "Area code", "fr": "Code"}},
        {"name": "name", "type": "text", "label": {"en": "Name", "fr": "Nom"}},
        {"name": "aliases", "type": "text", "label": {"en": "Other spellings", "fr": "Autres graphies"}},
    ],
}


def row(
    id_: str = "V1", day: str = "2019-06-03", office: str = "FO-GAO", area: str = "ML07", men: Any = 1
) -> list[Any]:
    return [id_, day, office, "meeting", area, men]


def cover(
    period: Any = "2019-06", reporter: str | None = "FO-GAO", dataset: str = "visits"
) -> list[list[Any]]:
    return [
        ["Data set", dataset],
        ["Period", period],
        ["Reporter", reporter],
        ["Sent on", date(2019, 7, 5)],
        [],
        ["Illustrative."],
    ]


@pytest.fixture
def mission(tmp_path: Path) -> Path:
    """A mission folder with areas and nothing in its inbox."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "reference").mkdir()
    areas = "area_code,name,aliases\nML07,Gao,Gao region|Région de Gao\nML04,Ségou,Segou\n"
    (tmp_path / "reference" / "areas.csv").write_text(areas, encoding="utf-8")
    return tmp_path


@pytest.fixture
def inbox(mission: Path, visits: LoadedDataset, codes: CodeLists) -> Callable[[], Inbox]:
    """Read the mission's inbox."""
    areas = LoadedDataset(Dataset.model_validate(AREAS), {}, (), Location("areas.yml"), {})
    lookups = {"field_offices": lookup_of({"FO-GAO": ["Gao office"], "FO-SGU": []})}
    return lambda: read_inbox(mission, {"visits": visits, "areas": areas}, codes.root, lookups)


def told(read: Inbox) -> tuple[Issue, ...]:
    """What is said, but that a file does not state its months, which has a test of its own."""
    return tuple(issue for issue in read.issues if issue.code != UNSTATED)


def codes_of(issues: tuple[Issue, ...]) -> list[tuple[str, str]]:
    return [(issue.code, issue.severity) for issue in issues]


def test_workbooks_with_covers_become_one_table_and_one_report_each(
    book: Book, inbox: Callable[[], Inbox]
) -> None:
    book({"Report": cover(), "visits": [HEADER, row("V1"), row("V2")]}, "inbox/2019-06/visits-FO-GAO.xlsx")
    book(
        {"Rapport": cover("juin 2019", "FO-SGU"), "Visites de terrain": [HEADER, row("V3", office="FO-SGU")]},
        "inbox/2019-06/visits-FO-SGU.xlsx",
    )
    read = inbox()
    assert read.issues == ()
    assert read.tables["visits"].frame.select("visit_id", "_file", "_sheet", "_row").rows() == [
        ("V1", "inbox/2019-06/visits-FO-GAO.xlsx", "visits", 2),
        ("V2", "inbox/2019-06/visits-FO-GAO.xlsx", "visits", 3),
        ("V3", "inbox/2019-06/visits-FO-SGU.xlsx", "Visites de terrain", 2),
    ]
    assert read.reports.rows() == [
        ("visits", "FO-GAO", date(2019, 6, 1), date(2019, 7, 5), "inbox/2019-06/visits-FO-GAO.xlsx", True),
        ("visits", "FO-SGU", date(2019, 6, 1), date(2019, 7, 5), "inbox/2019-06/visits-FO-SGU.xlsx", True),
    ]


def test_a_report_of_nothing_is_received(book: Book, inbox: Callable[[], Inbox]) -> None:
    book({"Report": cover(), "visits": [HEADER]}, "inbox/visits.xlsx")
    read = inbox()
    assert (read.reports.height, read.tables["visits"].frame.height, read.issues) == (1, 0, ())


def test_a_file_without_cover_reports_for_the_reporters_and_months_of_its_rows(
    mission: Path, inbox: Callable[[], Inbox]
) -> None:
    rows = [row("V1"), row("V2"), row("V3", "2019-05-31"), row("V4", office="FO-SGU")]
    text = "\n".join(";".join(map(str, cells)) for cells in [HEADER, *rows])
    (mission / "inbox" / "visits-2019.csv").write_text(text, encoding="utf-8")
    assert inbox().reports.select("reporter", "month", "sent_on").rows() == [
        ("FO-GAO", date(2019, 5, 1), None),
        ("FO-GAO", date(2019, 6, 1), None),
        ("FO-SGU", date(2019, 6, 1), None),
    ]


def table(*rows: list[object]) -> str:
    return "\n".join(";".join(map(str, cells)) for cells in [HEADER, *rows])


def test_events_in_a_file_that_states_no_months_are_no_whole_report_and_somebody_is_told(
    mission: Path, inbox: Callable[[], Inbox]
) -> None:
    (mission / "inbox" / "visits.csv").write_text(table(row("V1"), row("V2", "2019-05-31")), encoding="utf-8")
    read = inbox()
    assert read.reports["is_whole"].to_list() == [False, False]
    assert [(issue.code, issue.severity) for issue in read.issues] == [(UNSTATED, "warning")]
    assert "2019-05, 2019-06" in read.issues[0].message


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("visits-FO-GAO-2019-04..2019-06.csv", [("FO-GAO", 4), ("FO-GAO", 5), ("FO-GAO", 6)]),
        ("visits Gao office 2019-06.csv", [("FO-GAO", 6)]),
        ("visits-2019-06.csv", [("FO-GAO", 6)]),
    ],
)
def test_a_name_that_ends_with_months_states_the_whole_report_of_each(
    mission: Path, inbox: Callable[[], Inbox], name: str, whole: list[tuple[str, int]]
) -> None:
    (mission / "inbox" / name).write_text(table(row("V1")), encoding="utf-8")
    read = inbox()
    assert read.reports.select("reporter", pl.col("month").dt.month(), "is_whole").rows() == [
        (*one, True) for one in whole
    ]
    assert read.issues == ()


def test_a_mistyped_day_makes_no_report_of_its_month(mission: Path, inbox: Callable[[], Inbox]) -> None:
    path = mission / "inbox" / "visits-FO-GAO-2019-06.csv"
    path.write_text(table(row("V1"), row("V2", "2019-01-06")), encoding="utf-8")
    read = inbox()
    assert read.reports.select(pl.col("month").dt.month(), "is_whole").rows() == [(1, False), (6, True)]
    assert [issue.code for issue in read.issues] == [UNSTATED]


def test_a_named_report_of_nothing_is_a_report(mission: Path, inbox: Callable[[], Inbox]) -> None:
    (mission / "inbox" / "visits-FO-SGU-2019-06.csv").write_text(table(), encoding="utf-8")
    assert inbox().reports.select("reporter", "is_whole").rows() == [("FO-SGU", True)]


def test_a_cover_without_reporter_leaves_it_to_the_rows(book: Book, inbox: Callable[[], Inbox]) -> None:
    book(
        {"Report": cover(reporter=None), "visits": [HEADER, row("V1"), row("V2", office="FO-SGU")]},
        "inbox/visits.xlsx",
    )
    read = inbox()
    assert read.reports["reporter"].to_list() == ["FO-GAO", "FO-SGU"]
    assert read.reports["sent_on"].to_list() == [date(2019, 7, 5)] * 2


def test_rows_of_another_reporter_than_the_cover_are_warned_of_and_kept(
    book: Book, inbox: Callable[[], Inbox]
) -> None:
    book({"Report": cover(), "visits": [HEADER, row("V1"), row("V2", office="FO-SGU")]}, "inbox/visits.xlsx")
    read = inbox()
    [issue] = told(read)
    assert (issue.code, str(issue.where)) == ("CPAS-D006", "inbox/visits.xlsx [visits!C3]")
    assert (read.reports.height, read.tables["visits"].frame.height) == (1, 2)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (cover(period=None), "CPAS-S020"),
        (cover(period="sometime"), "CPAS-S020"),
        (cover(reporter="FO-NONE"), "CPAS-S021"),
        (cover(dataset="areas"), "CPAS-S022"),
        (cover(dataset="parades"), "CPAS-S022"),
    ],
)
def test_a_cover_that_cannot_be_right_is_said_and_its_rows_are_read(
    book: Book, inbox: Callable[[], Inbox], changed: list[list[Any]], code: str
) -> None:
    book({"Report": changed, "visits": [HEADER, row()]}, "inbox/visits.xlsx")
    read = inbox()
    [issue] = told(read)
    assert (issue.code, bool(issue.fix), read.tables["visits"].frame.height) == (code, True, 1)


@pytest.mark.parametrize(
    "name", ["Visits of June.xlsx", "field visits 2019-06.xlsx", "VISITES-DE-TERRAIN_juin.xlsx"]
)
def test_a_file_is_known_by_the_beginning_of_its_name(
    book: Book, inbox: Callable[[], Inbox], name: str
) -> None:
    book({"Sheet1": [HEADER, row()]}, f"inbox/{name}")
    read = inbox()
    assert read.tables["visits"].frame.height == 1
    assert codes_of(told(read)) == [("CPAS-S008", "note")]


@pytest.mark.parametrize(
    ("sheet", "said"), [("visits", []), ("Field visits", []), ("June", [("CPAS-S008", "note")])]
)
def test_else_by_its_sheets_name_or_the_header_that_fits(
    book: Book, inbox: Callable[[], Inbox], sheet: str, said: list[tuple[str, str]]
) -> None:
    book({sheet: [HEADER, row()]}, "inbox/from-gao.xlsx")
    read = inbox()
    assert read.tables["visits"].frame.height == 1
    assert codes_of(told(read)) == said


def test_a_file_nobody_recognises_is_an_error(book: Book, mission: Path, inbox: Callable[[], Inbox]) -> None:
    book({"Sheet1": [["a", "b"], [1, 2]]}, "inbox/other.xlsx")
    (mission / "inbox" / "minutes.docx").write_bytes(b"PK")
    assert codes_of(told(inbox())) == [("CPAS-S003", "error")] * 2 + [("CPAS-S007", "error")]


def test_the_wrong_sheet_is_said_with_what_was_looked_for(book: Book, inbox: Callable[[], Inbox]) -> None:
    book({"Notes": [["nothing", "here"]], "Other": [["a"]]}, "inbox/visits.xlsx")
    wrong, missing = inbox().issues
    assert (wrong.code, missing.code) == ("CPAS-S010", "CPAS-S007")
    assert "none of `Notes`, `Other`" in wrong.message


def test_an_empty_workbook_is_said(book: Book, inbox: Callable[[], Inbox]) -> None:
    book({"visits": []}, "inbox/visits.xlsx")
    assert [issue.code for issue in told(inbox())] == ["CPAS-S010", "CPAS-S007"]


def test_hidden_and_superfluous_sheets_are_said(book: Book, inbox: Callable[[], Inbox]) -> None:
    path = book(
        {"visits": [HEADER, row()], "Notes": [["by hand"]], "Lists": [["FO-GAO"]]}, "inbox/visits.xlsx"
    )
    workbook = load_workbook(path)
    workbook.active = 1
    workbook["visits"].sheet_state = workbook["Lists"].sheet_state = "hidden"
    workbook.save(path)
    assert [(issue.where.sheet, issue.severity) for issue in told(inbox())] == [
        ("visits", "warning"),
        ("Notes", "note"),
    ]


def test_the_same_workbook_twice_is_read_once(book: Book, mission: Path, inbox: Callable[[], Inbox]) -> None:
    path = book({"visits": [HEADER, row()]}, "inbox/visits-1.xlsx")
    (mission / "inbox" / "visits-2.xlsx").write_bytes(path.read_bytes())
    read = inbox()
    [issue] = told(read)
    assert (issue.code, issue.where.file, "inbox/visits-1.xlsx" in issue.message) == (
        "CPAS-S006",
        "inbox/visits-2.xlsx",
        True,
    )
    assert (read.tables["visits"].frame.height, len(read.files)) == (1, 3)


def test_reports_of_nothing_are_alike_and_each_is_read(mission: Path, inbox: Callable[[], Inbox]) -> None:
    months = ("2019-05", "2019-06")
    for month in months:
        path = mission / "inbox" / f"visits-FO-GAO-{month}.csv"
        path.write_text(",".join(HEADER) + "\n", encoding="utf-8")
    read = inbox()
    assert not told(read)
    assert [f"{month:%Y-%m}" for month in read.reports["month"].sort()] == list(months)


def test_temporary_files_are_passed_over_with_a_note(
    book: Book, mission: Path, inbox: Callable[[], Inbox]
) -> None:
    book({"visits": [HEADER, row()]}, "inbox/visits.xlsx")
    for name in ("~$visits.xlsx", ".DS_Store"):
        (mission / "inbox" / name).write_bytes(b"x")
    assert codes_of(told(inbox())) == [("CPAS-S004", "note")] * 2


def test_a_file_in_the_wrong_folder_is_said(mission: Path, inbox: Callable[[], Inbox]) -> None:
    (mission / "reference" / "areas.csv").rename(mission / "inbox" / "areas.csv")
    issues = inbox().issues
    assert [issue.code for issue in issues] == ["CPAS-S003", "CPAS-S007", "CPAS-S007"]
    assert "move it to `reference`" in issues[0].fix


def test_folders_that_are_not_there_are_said(mission: Path, inbox: Callable[[], Inbox]) -> None:
    (mission / "inbox").rmdir()
    assert [str(issue.where) for issue in told(inbox())] == ["inbox", "inbox"]


def test_areas_are_known_by_the_names_in_their_own_table(book: Book, inbox: Callable[[], Inbox]) -> None:
    rows = [
        row(f"V{i}", area=name) for i, name in enumerate(["Se\u0301gou", "SEGOU", "région de gao", "ml07"])
    ]
    book({"visits": [HEADER, *rows]}, "inbox/visits.xlsx")
    assert inbox().tables["visits"].frame["area_code"].to_list() == ["ML04", "ML04", "ML07", "ML07"]


def test_one_file_that_cannot_be_read_does_not_hide_the_others(
    book: Book, mission: Path, inbox: Callable[[], Inbox]
) -> None:
    book({"visits": [HEADER, row(men=12.7)]}, "inbox/visits-1.xlsx")
    (mission / "inbox" / "visits-2.xlsx").write_bytes(b"")
    assert [(issue.code, issue.where.file) for issue in told(inbox())] == [
        ("CPAS-S001", "inbox/visits-2.xlsx"),
        ("CPAS-D001", "inbox/visits-1.xlsx"),
    ]


def test_the_same_folder_gives_the_same_result_twice(book: Book, inbox: Callable[[], Inbox]) -> None:
    for number in (3, 1, 2):
        book({"visits": [HEADER, row(f"V{number}", men="x")]}, f"inbox/visits-{number}.xlsx")
    first, second = inbox(), inbox()
    assert first.issues == second.issues
    assert first.tables["visits"].frame.equals(second.tables["visits"].frame)
    assert first.files == second.files == tuple(sorted(first.files))
