from datetime import date

import polars as pl

from cpas.errors import Issue, Location
from cpas.store.parts import Key, control_totals, difference, returned_places, taken_keys, with_reports

KEY = Key(("id",), "office", "day")
MAY, JUNE = date(2019, 5, 1), date(2019, 6, 1)


def rows(*of: tuple[str, str | None, date | None]) -> pl.DataFrame:
    frame = pl.DataFrame(of, {"id": pl.String, "office": pl.String, "day": pl.Date}, orient="row")
    places = pl.DataFrame({"_file": ["f"] * len(of), "_sheet": [""] * len(of), "_row": range(2, len(of) + 2)})
    return frame.hstack(places)


def reports(*of: tuple[str, date]) -> pl.DataFrame:
    return pl.DataFrame(of, {"reporter": pl.String, "month": pl.Date}, orient="row")


def error(row: int, code: str = "CPAS-D204", severity: str = "error") -> Issue:
    return Issue(code, Location("f", "", row), "m", "x", severity)


def test_a_file_that_is_one_report_has_all_its_rows_in_it():
    told = with_reports(rows(("1", "B", MAY), ("2", None, None)), KEY, reports(("A", JUNE)))
    assert told.select("_reporter", "_month").rows() == [("A", JUNE), ("A", JUNE)]


def test_a_row_of_a_file_of_several_reports_goes_to_its_own():
    told = with_reports(
        rows(("1", "A", date(2019, 5, 9)), ("2", "B", date(2019, 6, 9)), ("3", "B", None), ("4", None, JUNE)),
        KEY,
        reports(("A", MAY), ("A", JUNE), ("B", JUNE)),
    )
    assert told.select("_reporter", "_month").rows() == [("A", MAY), ("B", JUNE), ("B", JUNE), ("", None)]


def test_a_row_with_an_error_or_an_unreadable_cell_goes_back():
    known = {("f", "", row) for row in (2, 3, 4, 5)}
    returned = returned_places(known, [error(3), error(4, severity="warning")], [("f", "", 5, "day")])
    assert returned == {("f", "", 3), ("f", "", 5)}


def test_an_error_of_the_file_or_of_rows_not_listed_returns_everything():
    known = {("f", "", 2), ("f", "", 3)}
    assert returned_places(known, [error(1)], ()) == known
    assert returned_places(known, [error(0)], ()) == known
    assert returned_places(known, [error(2, "CPAS-S016")], ()) == known


def test_a_key_that_another_report_has_is_found_with_its_place():
    taken = taken_keys(rows(("1", "A", MAY), ("2", "A", MAY)), rows(("2", "B", MAY)), KEY)
    assert taken.select("id", "_row", "_taken_row").rows() == [("2", 3, 2)]


def test_control_totals_are_exact_and_nothing_has_none():
    frame = pl.DataFrame(
        {"money": ["0.10", "0.20"], "count": [1, None], "none": [None, None]},
        schema={"money": pl.String, "count": pl.Int64, "none": pl.Int64},
    ).with_columns(pl.col("money").cast(pl.Decimal(18, 6)))
    assert control_totals(frame, ["money", "count", "none"]) == {"money": "0.3", "count": "1"}


def test_a_difference_names_rows_added_and_removed_and_cells_changed():
    earlier = pl.DataFrame({"id": ["1", "2", "3"], "dead": [0, None, 5]})
    later = pl.DataFrame({"id": ["1", "2", "4"], "dead": [None, None, 7]})
    assert difference(earlier, later, ["id"]).rows() == [
        ("1", "changed", "dead", "0", None),
        ("3", "removed", None, None, None),
        ("4", "added", None, None, None),
    ]


def test_nothing_changed_is_no_row():
    frame = pl.DataFrame({"id": ["1"], "dead": [None]}, schema={"id": pl.String, "dead": pl.Int64})
    assert difference(frame, frame, ["id"]).is_empty()
