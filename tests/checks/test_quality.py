from __future__ import annotations

from datetime import date

import polars as pl

from cpas.checks.quality import report_status, reporting_quality
from cpas.definitions.mission import Expected, Mission

MISSION = Mission.model_construct(expected=(Expected(dataset="activities", due_days=10),))
MAY, JUNE = date(2019, 5, 1), date(2019, 6, 1)
EXPECTED = pl.DataFrame(
    [("activities", office, month) for office in ("FO-GAO", "FO-MPT") for month in (MAY, JUNE)] * 2,
    schema={"dataset": pl.String, "reporter": pl.String, "month": pl.Date},
    orient="row",
)


def reports(*sent: tuple[str, date, date | None]) -> pl.DataFrame:
    schema = {"dataset": pl.String, "reporter": pl.String, "month": pl.Date, "sent_on": pl.Date}
    return pl.DataFrame([("activities", *one) for one in sent], schema=schema, orient="row")


def test_a_report_is_late_from_the_day_after_it_was_due() -> None:
    came = reports(("FO-GAO", MAY, date(2019, 6, 10)), ("FO-GAO", JUNE, date(2019, 7, 11)))
    found = report_status(EXPECTED, came, MISSION).filter(reporter="FO-GAO")
    assert found["due_on"].to_list() == [date(2019, 6, 10), date(2019, 7, 10)]
    assert found["status"].to_list() == ["on_time", "late"]


def test_a_report_that_did_not_come_is_missing_and_one_without_a_day_is_undated() -> None:
    found = report_status(EXPECTED, reports(("FO-MPT", JUNE, None)), MISSION).filter(reporter="FO-MPT")
    assert found["status"].to_list() == ["missing", "undated"]


def test_a_second_sending_does_not_make_the_first_late() -> None:
    came = reports(("FO-GAO", MAY, date(2019, 6, 5)), ("FO-GAO", MAY, date(2019, 8, 1)))
    found = report_status(EXPECTED, came, MISSION).filter(reporter="FO-GAO", month=MAY)
    assert found["status"].to_list() == ["on_time"]


def test_a_report_nobody_expected_is_not_counted() -> None:
    found = report_status(EXPECTED, reports(("FO-KDL", MAY, None)), MISSION)
    assert found.height == 4
    assert set(found["status"]) == {"missing"}


def test_completeness_is_of_expected_and_timeliness_of_dated_reports() -> None:
    came = reports(
        ("FO-GAO", MAY, date(2019, 6, 10)), ("FO-GAO", JUNE, date(2019, 7, 20)), ("FO-MPT", MAY, None)
    )
    found = reporting_quality(report_status(EXPECTED, came, MISSION))
    assert found.rows() == [
        ("activities", "FO-GAO", 2, 2, 1, 1, 1.0, 0.5),
        ("activities", "FO-MPT", 2, 1, 0, 0, 0.5, None),
    ]
