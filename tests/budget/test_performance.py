"""The financial and incumbency tables, from amounts that a person checks with a pencil, and as two real reports printed them."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpas.budget.incumbency import compute_incumbency, vacancy_rate
from cpas.budget.performance import Performance, compute_contributions, compute_income, compute_redeployments
from cpas.budget.resources import Resources
from cpas.periods import Period
from cpas.report.numbers import NIL, THIN, in_table

YEAR = Period.parse("2018/19")
FIGURES = ("apportionment", "expenditure", "variance", "percentage")


def money(apportionment, expenditure):
    return Resources(Decimal(str(apportionment)), Decimal(str(expenditure)))


def printed(resources):
    """The four cells of a row, amounts in thousands."""
    cells = [in_table(getattr(resources, name) / 1000, "thousands", "en") for name in FIGURES[:3]]
    share = resources.percentage
    return [*cells, NIL if share is None else in_table(share, "percentage", "en", sign=False)]


def as_printed(text):
    """A cell of the real table, given as a number, as the document prints it."""
    if not text:
        return NIL
    figures = f"{abs(Decimal(text)):,.1f}".replace(",", THIN)
    return f"({figures})" if text.startswith("-") else figures


@pytest.mark.real_data
@pytest.mark.parametrize("symbol", ["A/60/628", "A/61/662"])
def test_two_real_tables_come_out_cell_by_cell_as_printed(real_data, symbol):
    with (real_data / "budget" / "financial_resources_undof.csv").open(encoding="utf-8") as file:
        rows = {row["category"]: row for row in csv.DictReader(file) if row["symbol"] == symbol}

    def given(category):
        texts = (rows[category][f"{name}_thousand_usd"] for name in FIGURES[:2])
        return Resources(*(Decimal(text or 0) * 1000 for text in texts))

    groups = ("Military and police personnel", "Civilian personnel", "Operational costs")
    assessed = "Staff assessment income"
    contributed = "Voluntary contributions in kind (budgeted)"
    made = Performance({one: given(one) for one in groups}, given(assessed), given(contributed))
    table = dict(made.groups) | {
        assessed: made.staff_assessment,
        contributed: made.contributions,
        "Gross requirements": made.gross,
        "Net requirements": made.net,
        "Total requirements": made.total,
    }
    assert table.keys() == rows.keys()
    for category, row in rows.items():
        wanted = [as_printed(row[f"{name}_thousand_usd"]) for name in FIGURES[:3]]
        wanted.append(as_printed(row["variance_percent_printed"]))
        assert printed(table[category]) == wanted, category


@pytest.mark.real_data
def test_real_vacancy_rates_come_from_incumbency_before_rounding(real_data):
    with (real_data / "budget" / "incumbency_undof.csv").open(encoding="utf-8") as file:
        rows = {row["category"]: row for row in csv.DictReader(file)}
    # A year's months that average to what is printed; for national staff 104 for seven months and 103 for five.
    months = {
        "Military contingents": [1043] * 12,
        "International staff - posts": [37] * 12,
        "National staff - posts": [104] * 7 + [103] * 5,
    }
    for category, row in rows.items():
        found = incumbency(months[category], None, int(row["approved"]))
        assert in_table(found.actual, "count", "en") == as_printed(row["actual_average"]).removesuffix(".0")
        rate = in_table(found.vacancy_rate, "percentage", "en", sign=False)
        assert rate == row["vacancy_rate_percent_printed"], category
    rounded = vacancy_rate(Decimal(107), Decimal(104))
    assert in_table(rounded, "percentage", "en", sign=False) == "2.8", "not 3.2, which was printed"


def incumbency(actual, planned, approved, period="2018/19"):
    months = list(YEAR.months())
    rows = [
        ("staff", month.start, None if planned is None else planned[index], filled)
        for index, (month, filled) in enumerate(zip(months, actual, strict=False))
    ]
    schema = {"category": pl.String, "month": pl.Date, "planned": pl.Int64, "actual": pl.Int64}
    authorized = pl.DataFrame({"category": ["staff"], "budget_year": ["2018/19"], "approved": [approved]})
    deployments = pl.DataFrame(rows, schema=schema, orient="row")
    return compute_incumbency(["staff"], deployments, authorized, Period.parse(period))[0]


def test_the_vacancy_rate_is_on_the_planned_average_where_there_is_one():
    found = incumbency([90, 80], [100, 100], 200, "2018-08")
    assert (found.planned, found.actual, found.vacancy_rate) == (100, 85, 15)
    assert incumbency([90, 80], None, 200, "2018-08").vacancy_rate == Decimal("57.5")


def test_more_than_planned_prints_in_parentheses_and_a_month_not_reported_is_told():
    found = incumbency([110], [100], 100, "2018-08")
    assert in_table(found.vacancy_rate, "percentage", "en", sign=False) == "(10.0)"
    assert found.is_partial
    assert not incumbency([110, 110], [100, 100], 100, "2018-08").is_partial


def test_net_is_gross_less_staff_assessment_and_total_is_gross_and_contributions():
    made = Performance({"1": money(100, 90), "2": money(50, 60)}, money(10, 9), money(5, 4))
    assert (made.gross, made.net, made.total) == (money(150, 150), money(140, 141), money(155, 154))


def test_a_tiny_negative_a_nil_and_an_overspending_print_as_the_united_nations_prints_them():
    assert printed(money(39_726_700, 39_746_000)) == [f"39{THIN}726.7", f"39{THIN}746.0", "(19.3)", "(0.0)"]
    assert printed(money(0, 0)) == [NIL, NIL, NIL, NIL]
    assert printed(money(1000, 1500))[2:] == ["(0.5)", "(50.0)"]


def test_what_is_not_known_of_staff_assessment_leaves_net_unknown():
    made = Performance({"1": money(100, 90)}, Resources(Decimal(10), None), money(0, 0))
    assert (made.net.apportionment, made.net.expenditure, made.net.variance) == (90, None, None)


AMOUNTS = st.decimals(0, 10**9, places=2)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=6), AMOUNTS, AMOUNTS)
def test_the_variances_of_groups_add_up_to_that_of_gross_requirements(groups, estimated, received):
    made = Performance(
        {str(n): Resources(*each) for n, each in enumerate(groups)},
        Resources(estimated, received),
        Resources(Decimal(0), Decimal(0)),
    )
    assert sum(one.variance for one in made.groups.values()) == made.gross.variance
    assert made.net.variance == made.gross.variance - made.staff_assessment.variance
    assert made.total == made.gross


def test_income_is_estimated_for_the_year_and_received_to_date():
    estimates = pl.DataFrame(
        [("staff_assessment", "2018/19", Decimal(12)), ("staff_assessment", "2017/18", Decimal(9))],
        schema={"item": pl.String, "budget_year": pl.String, "estimate_usd": pl.Decimal(18, 6)},
        orient="row",
    )
    income = pl.DataFrame(
        [("staff_assessment", date(2018, 7, 1), Decimal(1)), ("staff_assessment", date(2018, 9, 1), Decimal(5)),
         ("other", date(2018, 8, 1), Decimal(-2)), ("other", date(2018, 6, 1), Decimal(7))],
        schema={"item": pl.String, "month": pl.Date, "income_usd": pl.Decimal(18, 6)},
        orient="row",
    )  # fmt: skip
    assert compute_income(income, estimates, Period.parse("2018-08")) == {
        "staff_assessment": money(12, 1),
        "other": Resources(None, Decimal(-2)),
    }


def test_contributions_are_told_apart_by_whether_the_budget_has_them():
    rows = pl.DataFrame(
        [("facilities", date(2018, 7, 1), Decimal(5), None), ("radio_time", date(2018, 8, 1), Decimal(3), Decimal(4)),
         ("facilities", date(2018, 9, 1), Decimal(6), None), ("facilities", date(2019, 7, 1), Decimal(9), None)],
        schema={"category": pl.String, "month": pl.Date, "value_usd": pl.Decimal(18, 6), "budgeted_usd": pl.Decimal(18, 6)},
        orient="row",
    )  # fmt: skip
    assert compute_contributions(rows, YEAR) == (money(4, 3), {"facilities": Decimal(11)})


def test_redeployments_move_money_between_groups_and_the_revised_distribution_keeps_its_sum(mini):
    lines = pl.DataFrame(
        [("1.1", "2018/19", Decimal(100))],
        schema={"budget_line": pl.String, "budget_year": pl.String, "approved_usd": pl.Decimal(18, 6)},
        orient="row",
    )
    moved = pl.DataFrame(
        [("1.1", date(2018, 8, 1), Decimal(-30)), ("1.1", date(2018, 10, 1), Decimal(5))],
        schema={"budget_line": pl.String, "month": pl.Date, "redeployed_usd": pl.Decimal(18, 6)},
        orient="row",
    )
    (found,) = compute_redeployments(mini.load(), lines, moved, Period.parse("2018-09"))
    assert (found.approved, found.redeployed, found.revised) == (100, -30, 70)
