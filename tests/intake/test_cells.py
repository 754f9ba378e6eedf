from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cpas.intake.cells import Vocabulary
from cpas.intake.files import read_grids
from cpas.intake.tables import Table, build_table
from tests.intake.conftest import COLUMNS, ROW, VISITS, loaded_dataset

Visit = Callable[..., Table]


def value(table: Table, column: str) -> Any:
    return table.frame[column][0]


@pytest.mark.parametrize(
    ("column", "written", "found"),
    [
        ("visited_on", date(2019, 6, 1), date(2019, 6, 1)),
        ("visited_on", datetime(2019, 6, 1, 14, 30), date(2019, 6, 1)),  # noqa: DTZ001 (a workbook knows no time zone)
        ("visited_on", "1er juin 2019", date(2019, 6, 1)),
        ("women", 12, 12),
        ("women", 12.0, 12),
        ("women", "1\u202f234", 1234),
        ("hours", 0.1 + 0.2, Decimal("0.3")),
        ("hours", 1 / 3, Decimal("0.333333")),
        ("hours", "2,5", Decimal("2.5")),
        ("cost", 123456789.123456, Decimal("123456789.123456")),
        ("cost", "\u22121 234,50", Decimal("-1234.5")),
        ("latitude", -4.25, -4.25),
        ("month", "June 2019", date(2019, 6, 1)),
        ("month", date(2019, 6, 17), date(2019, 6, 1)),
        ("escorted", True, True),
        ("escorted", "non", False),
        ("escorted", 1, True),
        ("kind", "LONG  patrol", "long_patrol"),
        ("kind", "Patrouille à longue portée", "long_patrol"),
        ("kind", "lrp", "long_patrol"),
        ("office", "gao office", "FO-GAO"),
        ("area_code", "Se\u0301gou", "ML04"),
        ("area_code", "ml07", "ML07"),
        ("visit_id", "  V\u00a01\u200b ", "V\u00a01"),
        ("remark", "Se\u0301gou\r\nville\x07", "Ségou\nville"),
        ("remark", "n/a", "n/a"),
        ("remark", "   ", None),
    ],
)
def test_a_cell_is_read_as_what_it_means(
    visit: Visit, tmp_path: Path, column: str, written: Any, found: Any
) -> None:
    if isinstance(written, str) and "\x07" in written:
        written = written.replace("\x07", "\x7f")  # openpyxl refuses the bell, not the delete character
    table = visit(**{column: written})
    assert value(table, column) == found
    assert table.issues == ()


@pytest.mark.parametrize(
    ("column", "written", "code"),
    [
        ("women", 12.7, "CPAS-D001"),
        ("women", "twelve", "CPAS-D001"),
        ("visited_on", "31/06/2019", "CPAS-D001"),
        ("visited_on", "06/13/2019", "CPAS-D005"),
        ("visited_on", 43617, "CPAS-D001"),
        ("men", "NR", "CPAS-D002"),
        ("kind", "n/a", "CPAS-D002"),
        ("area_code", "Gao", "CPAS-D003"),
        ("men", "#N/A", "CPAS-D004"),
        ("men", "=A2+1", "CPAS-D004"),
        ("remark", "#DIV/0!", "CPAS-D004"),
        ("visit_id", "=A1", "CPAS-D004"),
    ],
)
def test_a_cell_that_cannot_be_read_is_an_issue_and_null(
    visit: Visit, column: str, written: Any, code: str
) -> None:
    table = visit(**{column: written})
    [issue] = table.issues
    letter = table.letters["visits.xlsx", "visits", column]
    assert (issue.code, str(issue.where)) == (code, f"visits.xlsx [visits!{letter}2]")
    assert value(table, column) is None
    assert table.faulted == {("visits.xlsx", "visits", 2, column)}


def test_an_issue_names_column_value_rule_and_fix(visit: Visit) -> None:
    [issue] = visit(women=12.7).issues
    assert issue.message == "`women` is `12.7`: a count is a whole number"
    assert issue.rule is not None
    assert str(issue.rule) == "visits.yml:15"
    assert "whole number" in issue.fix


@pytest.mark.parametrize(
    ("written", "status"),
    [
        (None, "not_reported"),
        ("NR", "not_reported"),
        ("s.o.", "not_applicable"),
        ("confidential", "withheld"),
        (0, "reported"),
        (7, "reported"),
        ("x", None),
    ],
)
def test_the_four_kinds_of_nothing_are_kept_apart(visit: Visit, written: Any, status: str | None) -> None:
    assert value(visit(women=written), "women_status") == status


def test_a_reported_zero_stays_zero(visit: Visit) -> None:
    assert value(visit(women=0), "women") == 0


def test_an_unknown_code_stays_as_written_for_the_check_to_report(visit: Visit) -> None:
    table = visit(kind="Parade")
    assert (value(table, "kind"), table.issues) == ("Parade", ())


def test_more_than_six_decimals_are_a_fault_where_somebody_wrote_them(visit_in_csv: Visit) -> None:
    [issue] = visit_in_csv(hours="0.1234567").issues
    assert "6 decimals" in issue.message


def test_a_comma_before_three_digits_is_not_guessed(visit_in_csv: Visit) -> None:
    [issue] = visit_in_csv(hours="1,234").issues
    assert "1234, or 1.2340 " in issue.fix


@pytest.mark.parametrize("written", ["1.234", "\u00a0-1.234 ", "999.999"])
def test_a_quantity_that_is_a_text_with_a_point_before_three_digits_is_not_guessed(
    visit: Visit, written: str
) -> None:
    table = visit(hours=written)
    [issue] = table.issues
    plain = written.strip()
    assert issue.message == f"`hours` is `{plain}`: the point may set off thousands or decimals"
    assert issue.fix == f"write {plain.replace('.', '')}, or {plain}0 if that is meant"
    assert value(table, "hours") is None


@pytest.mark.parametrize(
    ("column", "written", "found"),
    [
        ("hours", 1.234, Decimal("1.234")),
        ("hours", "1.2340", Decimal("1.234")),
        ("hours", "0.125", Decimal("0.125")),
        ("hours", "1234.500", Decimal("1234.5")),
        ("latitude", "14.567", 14.567),
        ("remark", "1.234", "1.234"),
    ],
)
def test_a_point_that_can_only_mean_decimals_does(
    visit: Visit, column: str, written: Any, found: Any
) -> None:
    table = visit(**{column: written})
    assert (value(table, column), table.issues) == (found, ())


def test_a_number_is_read_beside_a_text_that_is_written_alike(
    book: Callable[..., Path], read: Callable[[Path], Table]
) -> None:
    header = [None, None, *ROW, "latitude", "remark", "hours"]
    rows = [
        [None, None, *(ROW | {"visit_id": f"V{i}"}).values(), 1.234, "1.234", hours]
        for i, hours in enumerate([1.234, "1.234", 12, "1.234"])
    ]
    table = read(book({"visits": [[], [], header, *rows]}))
    assert [str(issue.where) for issue in table.issues] == [
        "visits.xlsx [visits!I5]",
        "visits.xlsx [visits!I7]",
    ]
    assert table.frame["hours"].to_list() == [Decimal("1.234"), None, 12, None]


@pytest.mark.parametrize(("separator", "is_read"), [(",", True), (";", False), ("\t", False)])
def test_a_point_is_that_of_decimals_where_a_comma_parts_the_cells(
    tmp_path: Path, read: Callable[[Path], Table], separator: str, is_read: bool
) -> None:
    row = ROW | {"hours": "1.234", "latitude": "14.567"}
    path = tmp_path / "visits.csv"
    path.write_text("\n".join(separator.join(cells) for cells in (row, row.values())))
    table = read(path)
    assert value(table, "hours") == (Decimal("1.234") if is_read else None)
    assert [issue.where.column for issue in table.issues] == ([] if is_read else ["E"])
    assert value(table, "latitude") == 14.567


@pytest.mark.parametrize("written", ["1.234", "1,234", "-12.500"])
def test_money_of_three_decimals_is_not_guessed(visit: Visit, visit_in_csv: Visit, written: str) -> None:
    for table in (visit(cost=written), visit_in_csv(cost=written)):
        [issue] = table.issues
        assert "may set off thousands or decimals" in issue.message
        assert issue.fix.startswith(f"write {written.replace('.', '').replace(',', '')}, or ")


@pytest.mark.parametrize(
    "written", ["0.125", "1234.567", "1.2345", "12.50", "938045238842.001", "8589934593.123", "4294967297.1"]
)
def test_an_amount_is_read_as_it_was_written_in_a_workbook_and_in_a_text(
    visit: Visit, visit_in_csv: Visit, written: str
) -> None:
    for table in (visit(cost=float(written)), visit_in_csv(cost=written)):
        assert (value(table, "cost"), table.issues) == (Decimal(written), ())


def test_a_count_of_more_than_twelve_digits_is_two_that_ran_together(
    visit: Visit, visit_in_csv: Visit
) -> None:
    assert value(visit_in_csv(women="9" * 12), "women") == 999_999_999_999
    for table in (visit(women=10**12), visit_in_csv(women="9" * 18)):
        [issue] = table.issues
        assert "too large" in issue.message


def test_a_time_in_a_column_of_texts_is_called_a_time(visit: Visit) -> None:
    [issue] = visit(remark=time(14, 30)).issues
    assert issue.message == "`remark` is the time 14:30, which was read as `1899-12-31 14:30:00`"


def test_days_that_may_be_read_both_ways_are_reported_where_the_month_came_first_elsewhere(
    book: Callable[..., Path], read: Callable[[Path], Table]
) -> None:
    header = ["visit_id", "visited_on", "office", "kind"]
    days = ["06/13/2019", "05/06/2019", "07/07/2019", "2019-06-01"]
    table = read(
        book({"visits": [header, *([f"V{i}", day, "FO-GAO", "meeting"] for i, day in enumerate(days))]})
    )
    assert [issue.where.row for issue in table.issues] == [2, 3]
    assert table.frame["visited_on"].to_list() == [None, None, date(2019, 7, 7), date(2019, 6, 1)]


def test_a_thousand_faults_of_a_column_are_kept_and_the_rest_counted(
    book: Callable[..., Path], read: Callable[[Path], Table]
) -> None:
    header = ["visit_id", "visited_on", "office", "kind", "men"]
    table = read(
        book({"visits": [header, *([f"V{i}", "2019-06-01", "FO-GAO", "meeting", "x"] for i in range(1_200))]})
    )
    assert (len(table.issues), sum(issue.count for issue in table.issues)) == (1_001, 1_200)
    assert len(table.faulted) == 1_200


def test_a_day_that_was_mangled_costs_its_cell_and_no_other_row(
    book: Callable[..., Path], read: Callable[[Path], Table]
) -> None:
    days = ["2019-06-01", "O2/O6/2O19", "2019-06-03"]
    rows = [ROW | {"visit_id": f"V{number}", "visited_on": day} for number, day in enumerate(days)]
    table = read(book({"visits": [list(ROW), *(list(row.values()) for row in rows)]}))
    assert table.frame["visit_id"].to_list() == ["V0", "V1", "V2"]
    assert table.frame["visited_on"].to_list() == [date(2019, 6, 1), None, date(2019, 6, 3)]
    [issue] = table.issues
    assert issue.where.row == 3


WORDS = [
    "n/a",
    "N.A.",
    "-",
    "--",
    "\u2014",
    "néant",
    "Neant",
    "sans objet",
    "s.o.",
    "NR",
    "aucun",
    "Non",
    "?",
    "confidentiel",
]


@pytest.mark.parametrize("word", WORDS)
def test_a_word_for_nothing_names_no_row(visit: Visit, word: str) -> None:
    table = visit(visit_id=word)
    [issue] = table.issues
    assert (value(table, "visit_id"), issue.code, issue.fix) == (
        None,
        "CPAS-D002",
        "write a text that no other row has",
    )
    assert str(issue.where) == "visits.xlsx [visits!A2]"


def test_a_word_for_nothing_is_no_joint_key_and_stays_in_a_narrative(
    book: Callable[..., Path], vocabulary: Vocabulary
) -> None:
    columns = [
        *COLUMNS,
        {"name": "joint_key", "type": "text", "label": {"en": "Joint key", "fr": "Clé conjointe"}},
    ]
    loaded = loaded_dataset(VISITS | {"columns": columns, "joint_key": "joint_key"})
    keys = [*WORDS, "JP-1", "n/a-1", "Naval", None]
    rows = [[f"V{n}", "2019-06-01", "FO-GAO", "meeting", key, key] for n, key in enumerate(keys)]
    path = book({"visits": [["visit_id", "visited_on", "office", "kind", "remark", "joint_key"], *rows]})
    grids, _ = read_grids(path.read_bytes(), path.name)
    table = build_table(loaded, grids, vocabulary)
    assert table.frame["joint_key"].drop_nulls().to_list() == ["JP-1", "n/a-1", "Naval"]
    assert table.frame["remark"].to_list() == keys
    assert [issue.where.row for issue in table.issues] == list(range(2, len(WORDS) + 2))
    assert {(issue.code, issue.severity, issue.fix) for issue in table.issues} == {
        ("CPAS-D002", "error", "leave the cell empty")
    }


def test_an_exact_decimal_of_a_parquet_file_is_not_taken_for_a_float(
    tmp_path: Path, read: Callable[[Path], Table]
) -> None:
    cost = Decimal("99999999999.99999")
    pl.DataFrame({**ROW, "cost": cost}).write_parquet(tmp_path / "visits.parquet")
    assert read(tmp_path / "visits.parquet").frame["cost"].to_list() == [cost]
