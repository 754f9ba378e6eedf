"""What was delivered of planned outputs: three numbers, never one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpas.budget.delivery import Amount, Delivery, compute_delivery, due_by, quarters_of, tally
from cpas.definitions.framework import Output
from cpas.periods import Period

YEAR = Period.parse("2018/19")
ABOUT = {"id": "OP1", "title": {"en": "T", "fr": "T"}, "outcome": "OC1", "component": "civilian", "unit": "patrols"}  # fmt: skip


def output(planned=365, kind="number", **quarters):
    declared = {f"{name[1:5]}-{name[5:]}": part for name, part in quarters.items()}
    return Output.model_validate(
        ABOUT | {"kind": kind, "planned": {"2018/19": planned}, "planned_by_quarter": declared}
    )


def delivery(delivered, due=100, planned=200, kind="number"):
    value = None if delivered is None else Decimal(delivered)
    return Delivery(output(planned, kind), Decimal(planned), Decimal(due), Amount(value), "X", ())


@pytest.mark.parametrize(
    ("delivered", "standing"),
    [
        (100, "delivered"),
        (250, "delivered"),
        (99, "partially_delivered"),
        (0, "not_delivered"),
        (None, "no_data"),
    ],
)
def test_an_output_is_delivered_partly_or_not_against_what_is_due(delivered, standing):
    assert delivery(delivered).standing == standing


def test_overdelivery_of_one_output_does_not_hide_that_another_was_not_delivered():
    counts = tally([delivery(900), delivery(0), delivery(50), delivery(None), delivery(1, 1, 1, "yes_no")])
    assert counts == {
        "delivered": 2,
        "not_delivered": 1,
        "partially_delivered": 1,
        "no_data": 1,
        "outputs": 5,
        "yes_no": 1,
        "exceeded": 1,
    }


@given(st.lists(st.one_of(st.none(), st.integers(0, 400)), max_size=30))
def test_every_output_is_counted_once(delivered):
    counts = tally(delivery(one) for one in delivered)
    standings = ("delivered", "partially_delivered", "not_delivered", "no_data", "not_due", "not_planned")
    assert sum(counts.get(one, 0) for one in standings) == counts["outputs"] == len(delivered)


def test_what_is_due_goes_by_the_days_unless_quarters_are_declared():
    march = Period.parse("2018-07..2019-03")
    assert due_by(output(365), YEAR, march) == 274  # July to March has 274 days
    declared = output(100, q2018Q3=10, q2018Q4=20, q2019Q1=30, q2019Q2=40)
    assert due_by(declared, YEAR, march) == 60
    assert due_by(declared, YEAR, Period.parse("2018-07..2018-07")) == Decimal(10) * 31 / 92
    assert due_by(output(100), Period.parse("2019/20"), march) is None


def test_an_output_of_yes_or_no_is_due_when_the_year_ends():
    assert due_by(output(1, "yes_no"), YEAR, Period.parse("2018-07..2019-05")) == 0
    assert due_by(output(1, "yes_no"), YEAR, YEAR) == 1
    assert delivery(0, due=0, planned=1, kind="yes_no").standing == "not_due"


def test_the_quarters_of_a_year_to_date_end_with_it():
    assert [str(one) for one in quarters_of(Period.parse("2018-07..2019-02"))] == [
        "2018-Q3",
        "2018-Q4",
        "2019-01..2019-02",
    ]


ACTIVITIES = {"activity_id": pl.String, "joint_key": pl.String, "activity_on": pl.Date, "output": pl.String, "units_delivered": pl.Decimal(18, 6)}  # fmt: skip
RESULTS = {"indicator_id": pl.String, "period": pl.String, "area": pl.String, "disaggregation": pl.String, "value": pl.Float64, "status": pl.String}  # fmt: skip


def deliveries(mini, *rows, period="2018-12", silent=()):
    activities = pl.DataFrame(
        [(id_, joint, date.fromisoformat(day), "OP1", None if units is None else Decimal(units))
         for id_, joint, day, units in rows],
        schema=ACTIVITIES, orient="row",
    )  # fmt: skip
    complete = {month: str(month) not in silent for month in Period.parse("2018/19").months()}
    found = compute_delivery(
        mini.load(), pl.DataFrame(schema=RESULTS), activities, complete, Period.parse(period)
    )
    return found[0]


def test_the_units_of_activities_are_added_where_no_indicator_counts_an_output_and_a_joint_one_once(mini):
    made = deliveries(
        mini, ("A", None, "2018-07-03", 2), ("B", "J", "2018-10-03", 3), ("C", "J", "2018-10-03", 3)
    )
    assert (made.delivered.value, made.measured_by, made.due) == (5, "activities", Decimal(12) * 184 / 365)
    assert [quarter.delivered.value for quarter in made.quarters] == [2, 3]
    assert sum(quarter.due for quarter in made.quarters) == pytest.approx(made.due)


def test_an_output_that_no_activity_ever_named_has_no_data_and_a_quiet_quarter_is_zero(mini):
    assert deliveries(mini).standing == "no_data"
    quiet = deliveries(mini, ("A", None, "2018-07-03", 2)).quarters[1]
    assert (quiet.delivered.value, quiet.delivered.is_partial) == (0, False)


def test_a_missing_report_or_figure_makes_a_sum_partial(mini):
    assert deliveries(mini, ("A", None, "2018-07-03", 2), silent=("2018-08",)).delivered.is_partial
    assert deliveries(
        mini, ("A", None, "2018-07-03", 2), ("B", None, "2018-07-04", None)
    ).delivered.is_partial
