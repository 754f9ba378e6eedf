"""Personnel in place against those approved and planned, with the vacancy rate; knows no reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from cpas.periods import Period


@dataclass(frozen=True, slots=True)
class Incumbency:
    """One category of personnel in a budget year to date.

    `planned` and `actual` are averages of the months' sums, unrounded; None where no month has one.
    `vacancy_rate` is in per cent, negative where more are in place than the base; `months` is how
    many months were reported, of those that `expected` counts.
    """

    category: str
    approved: int | None
    planned: Decimal | None
    actual: Decimal | None
    vacancy_rate: Decimal | None
    months: int
    expected: int

    @property
    def is_partial(self) -> bool:
        """Whether a month was not reported."""
        return self.months < self.expected


def vacancy_rate(base: Decimal | None, actual: Decimal | None) -> Decimal | None:
    """The share of a base that is not in place, in per cent; None without a base.

    >>> vacancy_rate(Decimal(42), Decimal(37)).quantize(Decimal("0.1"))
    Decimal('11.9')
    """
    return None if not base or actual is None else (base - actual) / base * 100


def compute_incumbency(
    categories: Iterable[str], deployments: pl.DataFrame, authorized: pl.DataFrame, period: Period
) -> tuple[Incumbency, ...]:
    """The incumbency of each category in the budget year up to the end of a period.

    The vacancy rate comes from the months' sums before rounding, on what was planned where there is a
    plan and else on what was approved, so that it can differ from what the printed, rounded averages
    would give (A/61/662: national staff, 107 and 104, 3.2 per cent).

    Args:
        categories: In printed order.
        deployments: Columns `category`, `month` (Date), `planned` (may be null) and `actual`; a row per base.
        authorized: Columns `category`, `budget_year` and `approved`.
        period: What is reported on.
    """
    to_date = period.year_to_date()
    approved = dict(
        authorized.filter(pl.col("budget_year") == str(period.budget_year()))
        .select(pl.col("category").cast(pl.String), "approved")
        .iter_rows()
    )
    rows = deployments.filter(pl.col("month").is_between(to_date.start, to_date.end))
    expected = to_date.last - to_date.first + 1
    return tuple(
        _incumbency(category, rows.filter(pl.col("category") == category), approved.get(category), expected)
        for category in categories
    )


def _incumbency(category: str, rows: pl.DataFrame, approved: int | None, expected: int) -> Incumbency:
    monthly = rows.group_by("month").agg(pl.col("actual").sum())
    with_plan = rows.filter(pl.col("planned").is_not_null())
    plans = with_plan.group_by("month").agg(pl.col("planned").sum(), pl.col("actual").sum())
    actual, planned = _mean(monthly["actual"]), _mean(plans["planned"])
    if planned is None:
        rate = vacancy_rate(None if approved is None else Decimal(approved), actual)
    else:
        rate = vacancy_rate(planned, _mean(plans["actual"]))
    return Incumbency(category, approved, planned, actual, rate, monthly.height, expected)


def _mean(sums: pl.Series) -> Decimal | None:
    """The exact mean of whole numbers, as far as Decimal goes."""
    return Decimal(int(sums.sum())) / sums.len() if sums.len() else None
