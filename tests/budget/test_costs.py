"""Cost per unit and shares of objectives, checked with a pencil."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from cpas.budget.activity import work_by_output
from cpas.budget.costs import Year, compute_costs
from cpas.budget.shares import compute_shares, staff_by_category
from cpas.periods import Period

D = Decimal
JULY = Period.parse("2018-07")


def results(**values):
    """Totals of July 2018 by indicator: a value, or a value and a status."""
    rows = [
        (
            id_.replace("_", "-"),
            "2018-07",
            "ML",
            "total",
            *(one if isinstance(one, tuple) else (one, "reported")),
        )
        for id_, one in values.items()
    ]
    names = ("indicator_id", "period", "area", "disaggregation", "value", "status")
    return pl.DataFrame(
        rows, schema={name: pl.Float64 if name == "value" else pl.String for name in names}, orient="row"
    )


def year(rows, found=None, *, complete=True, staff=None, named=()):
    work = work_by_output(rows, JULY)
    return Year(
        JULY, results() if found is None else found, work, frozenset(named), staff or {}, complete, complete
    )


def cost(frame, id_):
    row = frame.filter(pl.col("id") == id_).row(0, named=True)
    return row["cost_per_unit"], row["is_partial"], row["reason"]


@pytest.fixture
def spent(two, budget, allocated):
    definitions = budget(two, l1_1="outputs: {OP1: 0.5, OP2: 0.25, OP3: 0.25}")
    return definitions, allocated(definitions, l1_1=(1000, 400))


def test_the_cost_of_an_output_is_its_expenditure_by_what_its_activities_delivered(
    spent, activities, activity
):
    rows = activities(
        activity("OP1", units_delivered=D(3)), activity("OP1", units_delivered=D(1)), activity("OP2")
    )
    found = compute_costs(*spent, year(rows))
    assert cost(found, "OP1") == (50.0, False, "")
    assert cost(found, "OP2") == (100.0, False, "")
    assert cost(found, "OP3") == (None, False, "yes_no")


def test_a_joint_activity_delivers_once_whoever_reports_it(spent, activities, activity):
    rows = activities(activity("OP1", joint_key="J"), activity("OP1", joint_key="J"), activity("OP1"))
    assert cost(compute_costs(*spent, year(rows)), "OP1") == (100.0, False, "")


def test_nothing_delivered_or_nothing_reported_has_no_cost(spent, activities, activity):
    nothing = activities(activity("OP1", units_delivered=D(0)))
    assert cost(compute_costs(*spent, year(nothing)), "OP1") == (None, False, "nothing_delivered")
    unknown = activities(activity("OP1", units_delivered=None))
    assert cost(compute_costs(*spent, year(unknown)), "OP1") == (None, False, "not_reported")
    before = compute_costs(*spent, year(activities(), named=["OP1"]))
    assert cost(before, "OP1") == (None, False, "nothing_delivered")
    assert cost(before, "OP2") == (None, False, "not_reported")
    late = year(activities(), complete=False, named=["OP1"])
    assert cost(compute_costs(*spent, late), "OP1") == (None, False, "not_reported")


def test_a_cost_is_partial_where_a_report_or_an_expenditure_is_missing(
    two, budget, allocated, activities, activity
):
    definitions = budget(two, l1_1="outputs: {OP1: 1}", l1_2="outputs: {OP1: 1}")
    complete = allocated(definitions, l1_1=(9, 8), l1_2=(9, 2))
    lacking = allocated(definitions, l1_1=(9, 8), l1_2=(9, None))
    rows = activities(activity("OP1", units_delivered=D(2)))
    assert cost(compute_costs(definitions, complete, year(rows)), "OP1") == (5.0, False, "")
    assert cost(compute_costs(definitions, complete, year(rows, complete=False)), "OP1") == (5.0, True, "")
    assert cost(compute_costs(definitions, lacking, year(rows)), "OP1") == (4.0, True, "")


def test_an_indicator_in_the_unit_of_the_output_measures_it(two, budget, allocated, activities, activity):
    two.indicator("P-1", "{value: count(*)}", unit="patrols", more="")
    path = two.folder / "indicators" / "own" / "P-1.yml"
    path.write_text(path.read_text().replace("level: outcome\noutcome: OC1", "level: output\noutput: OP1"))
    definitions = budget(two, l1_1="outputs: {OP1: 1}")
    found = compute_costs(
        definitions,
        allocated(definitions, l1_1=(9, 8)),
        year(activities(activity("OP1")), results(P_1=(16.0, "partial"))),
    )
    assert cost(found, "OP1") == (0.5, True, "")


def test_an_outcome_has_a_cost_only_for_what_is_achieved_and_counted(two, budget, allocated, activities):
    two.indicator("A-1", "{value: count(*)}", unit="persons", direction="increase")
    two.indicator("D-1", "{value: sum(deaths)}", unit="persons", direction="decrease")
    two.indicator(
        "S-1",
        "{numerator: sum(women), denominator: sum(deaths), scale: 100}",
        unit="per cent",
        direction="increase",
    )
    definitions = budget(two, l1_1="outputs: {OP1: 1}")
    found = compute_costs(
        definitions,
        allocated(definitions, l1_1=(90, 80)),
        year(activities(), results(A_1=20.0, D_1=5.0, S_1=50.0)),
    )
    outcomes = found.filter(pl.col("kind") == "outcome")
    assert outcomes.select("id", "measured_by", "cost_per_unit").rows() == [
        ("OC1", "A-1", 4.0),
        ("OC2", "", None),
    ]


def test_shares_of_objectives_and_of_what_is_not_allocated_make_the_whole(
    two, budget, allocated, activities, activity
):
    codes = two.folder / "indicators" / "codes.yml"
    codes.write_text(
        codes.read_text()
        + "personnel_category: {title: {en: P, fr: P}, codes: {contingent: {label: {en: C, fr: C}}}}\n"
    )
    definitions = budget(two, l1_1="outputs: {OP1: 0.5, OP2: 0.25}, personnel: contingent")
    rows = activities(
        activity("OP1"), activity("OP2", joint_key="J"), activity("OP2", joint_key="J"), activity(None)
    )
    found = compute_shares(
        definitions,
        allocated(definitions, l1_1=(1000, 400)),
        year(rows, staff={"contingent": D(80), "volunteer": D(20)}),
    )
    assert found.select("objective", "priority", "rank").rows() == [
        ("OB1", "SP1", 1),
        ("OB2", "SP2", 2),
        ("", "", None),
    ]
    assert found["money_share"].to_list() == [50, 25, 25]
    assert found["activities"].to_list() == [1, 1, 1]
    assert found["staff"].to_list() == [40, 20, 40]
    assert found["staff_share"].to_list() == [40, 20, 40]


def test_staff_is_the_average_of_the_months_that_are_reported():
    rows = [
        (date(2018, 7, 1), "contingent", 100),
        (date(2018, 7, 1), "volunteer", 4),
        (date(2018, 9, 1), "contingent", 50),
    ]
    frame = pl.DataFrame(
        rows, schema={"month": pl.Date, "category": pl.String, "actual": pl.Int64}, orient="row"
    )
    assert staff_by_category(frame, Period.parse("2018-07..2018-09")) == {
        "contingent": D(75),
        "volunteer": D(4),
    }
    assert staff_by_category(pl.DataFrame(), JULY) == {}
