"""The financial performance of a budget year: groups to gross, net and total requirements, as the tables print them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from cpas.budget.resources import ZERO, Resources, YearResources, added, money_frame
from cpas.definitions.loaded import Definitions
from cpas.errors import UsageError
from cpas.periods import Period

STAFF_ASSESSMENT = "staff_assessment"


@dataclass(frozen=True)
class Performance:
    """The table of financial resources, United States dollars.

    Gross requirements are the sum of the groups; net are gross less staff assessment income; total
    are gross and the budgeted voluntary contributions in kind (performance reports of peacekeeping missions,
    such as A/61/662).

    Attributes:
        groups: Each group's money, in printed order.
        staff_assessment: Estimated and received; None where nobody has told.
        contributions: Budgeted contributions in kind, budgeted and received; zero where the budget has none.
    """

    groups: Mapping[str, Resources]
    staff_assessment: Resources
    contributions: Resources

    @property
    def gross(self) -> Resources:
        """Gross requirements."""
        return added(self.groups.values())

    @property
    def net(self) -> Resources:
        """Net requirements; None where staff assessment income is not known."""
        gross, less = self.gross, self.staff_assessment
        return Resources(
            _less(gross.apportionment, less.apportionment), _less(gross.expenditure, less.expenditure)
        )

    @property
    def total(self) -> Resources:
        """Total requirements."""
        return added((self.gross, self.contributions))


def compute_performance(money: YearResources, income: Resources, contributions: Resources) -> Performance:
    """The financial table from the money of a year, its staff assessment income and its contributions."""
    groups = dict.fromkeys(line.group for line in money.lines)
    return Performance({id_: money.group(id_) for id_ in groups}, income, contributions)


def compute_income(income: pl.DataFrame, estimates: pl.DataFrame, period: Period) -> dict[str, Resources]:
    """Each kind of income in a budget year up to the end of a period: estimated for the year, and received.

    Args:
        income: Columns `item`, `month` (Date) and `income_usd` (Decimal, USD).
        estimates: Columns `item`, `budget_year` and `estimate_usd` (Decimal, USD).
        period: What is reported on.

    Returns:
        By item, those that have an estimate or were received.
    """
    to_date = period.year_to_date()
    expected = dict(
        estimates.filter(pl.col("budget_year") == str(period.budget_year()))
        .select("item", "estimate_usd")
        .iter_rows()
    )
    rows = income.filter(pl.col("month").is_between(to_date.start, to_date.end))
    received = dict(rows.group_by("item", maintain_order=True).agg(pl.col("income_usd").sum()).iter_rows())
    items = dict.fromkeys((*expected, *received))
    return {str(item): Resources(expected.get(item), received.get(item)) for item in items}


def compute_contributions(rows: pl.DataFrame, period: Period) -> tuple[Resources, dict[str, Decimal]]:
    """Contributions in kind in a budget year up to the end of a period.

    Args:
        rows: Columns `category`, `month` (Date), `value_usd` and `budgeted_usd` (Decimal, USD); a row
            without `budgeted_usd` is not budgeted.
        period: What is reported on.

    Returns:
        The budgeted ones, budgeted and received; and the value of the others by category.
    """
    to_date = period.year_to_date()
    own = rows.filter(pl.col("month").is_between(to_date.start, to_date.end))
    budgeted = own.filter(pl.col("budgeted_usd").is_not_null())
    if budgeted.is_empty():
        sums = Resources(ZERO, ZERO)
    else:
        sums = Resources(*budgeted.select(pl.col("budgeted_usd").sum(), pl.col("value_usd").sum()).row(0))
    others = own.filter(pl.col("budgeted_usd").is_null())
    values = others.group_by("category", maintain_order=True).agg(pl.col("value_usd").sum())
    return sums, {str(category): value for category, value in values.iter_rows()}


@dataclass(frozen=True, slots=True)
class Redistribution:
    """What a group had at first, what was moved to it (negative: from it), and what it has since."""

    group: str
    approved: Decimal
    redeployed: Decimal

    @property
    def revised(self) -> Decimal:
        """The revised distribution."""
        return self.approved + self.redeployed


def compute_redeployments(
    definitions: Definitions, budget_lines: pl.DataFrame, redeployments: pl.DataFrame, period: Period
) -> tuple[Redistribution, ...]:
    """The distribution of a budget year over its groups, and what was moved by the end of a period.

    Args:
        definitions: The budget's structure.
        budget_lines: Columns `budget_line`, `budget_year` and `approved_usd` (Decimal, USD).
        redeployments: Columns `budget_line`, `month` (Date) and `redeployed_usd` (Decimal, USD).
        period: What is reported on.
    """
    to_date = period.year_to_date()
    own = budget_lines.filter(pl.col("budget_year") == str(period.budget_year()))
    approved = dict(own.select("budget_line", "approved_usd").iter_rows())
    rows = redeployments.filter(pl.col("month").is_between(to_date.start, to_date.end))
    moved = dict(rows.group_by("budget_line").agg(pl.col("redeployed_usd").sum()).iter_rows())
    return tuple(
        Redistribution(
            group.id,
            sum((approved.get(line.id, ZERO) for line in group.lines), ZERO),
            sum((moved.get(line.id, ZERO) for line in group.lines), ZERO),
        )
        for group in definitions.budget.groups
    )


def _less(whole: Decimal | None, part: Decimal | None) -> Decimal | None:
    return None if whole is None or part is None else whole - part


def memo_frame(performance: Performance, year: YearResources) -> pl.DataFrame:
    """The rows under the groups of the financial table, with the columns of money."""
    is_partial = None in year.months.values()
    rows = (
        ("memo", STAFF_ASSESSMENT, performance.staff_assessment),
        ("total", "net", performance.net),
        ("memo", "contributions", performance.contributions),
        ("total", "total", performance.total),
    )
    return money_frame((kind, id_, own, is_partial) for kind, id_, own in rows)


def period_of(year: Period, month: Period | None) -> Period:
    """A budget year up to a month of it, or the whole.

    Raises:
        UsageError: It is no budget year, or the month is none of its.
    """
    if year.kind != "budget_year":
        raise UsageError(f"`{year}` is not a budget year; write it like 2018/19")
    if month is None:
        return year
    if month.kind != "month" or not year.contains(month):
        raise UsageError(f"`{month}` is no month of {year}; write one like {Period(year.first, year.first)}")
    return Period(year.first, month.last)
