"""The illustrative money and personnel: expenditure by budget line and month, deployments by base, month and category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from cpas.definitions.framework import BudgetStructure
from cpas.illustration import draws, truths
from cpas.illustration.geography import Base, read_seed
from cpas.illustration.rows import Row
from cpas.periods import Period

EXPENDITURE_COLUMNS = ("budget_line", "month", "section", "amount_usd", "note")
DEPLOYMENT_COLUMNS = (
    "month",
    "section",
    "base",
    "area_code",
    "component",
    "category",
    "planned",
    "actual",
    "women",
)

_PATTERNS = {
    "1": (3.0, 5.0, 13.0, 4.0, 6.0, 14.0, 5.0, 6.0, 13.0, 6.0, 9.0, 16.0),
    "2": (8.1, 8.0, 8.2, 8.3, 8.3, 8.9, 8.0, 8.1, 8.3, 8.3, 8.4, 9.1),
    "3": (14.0, 6.0, 7.0, 6.5, 6.0, 8.0, 5.5, 6.0, 7.5, 7.0, 9.0, 17.5),
}
"""Shares of a budget year by month from July: reimbursement of contingents comes by the quarter, contracts are
committed in July and June, salaries are nearly even. None is pro rata."""

_CATEGORIES = {
    "contingent": ("military", "force", 0.935, 0.04),
    "formed_police": ("police", "police", 0.90, 0.09),
    "individual_police": ("police", "police", 0.82, 0.20),
    "international_staff": ("civilian", "mission_support", 0.86, 0.29),
    "national_staff": ("civilian", "mission_support", 0.90, 0.21),
    "volunteer": ("civilian", "mission_support", 0.92, 0.37),
}
"""By category: component, reporting section, share of the planned strength at the start, share of women."""

_FILLING_UP = 0.0025


def apportionments() -> dict[tuple[str, str], Decimal]:
    """What is apportioned by budget line and budget year, United States dollars."""
    return {
        (row["budget_line"], row["budget_year"]): Decimal(row["apportionment_usd"])
        for row in read_seed("budget_lines.csv")
    }


def draw_expenditure(budget: BudgetStructure, year: Period, months: Iterable[Period], seed: int) -> list[Row]:
    """Expenditure of a budget year by line and month, of which only `months` are given.

    The months of a group add up to the share of its apportionment that `truths.SPENDING` plants, to the dollar;
    a year of which it says nothing has no expenditure.
    """
    wanted = set(months)
    shares = {spent.group: spent.share for spent in truths.SPENDING if spent.budget_year == str(year)}
    amounts = apportionments()
    rows = []
    for group in budget.groups if shares else ():
        pattern, share = _PATTERNS[group.id], shares[group.id]
        lines = [line.id for line in group.lines if (line.id, str(year)) in amounts]
        spent = _line_totals({line: amounts[line, str(year)] for line in lines}, share, year, seed)
        for line, total in spent.items():
            monthly = _spread(
                total, pattern, draws.stream(seed, "expenditure", line, year).random(12).tolist()
            )
            for month, amount in zip(year.months(), monthly, strict=True):
                if month in wanted:
                    rows.append(
                        {
                            "budget_line": line,
                            "month": month.start,
                            "section": "budget_finance",
                            "amount_usd": amount,
                        }
                    )
    return sorted(rows, key=lambda row: row["month"])


def _line_totals(amounts: Mapping[str, Decimal], share: float, year: Period, seed: int) -> dict[str, int]:
    """What each line spends in the year, about the group's share of it; the largest line takes what rounding leaves."""
    rng = draws.stream(seed, "lines", year, *amounts)
    drawn = {
        line: round(float(amount) * share * (0.95 + 0.1 * float(rng.random())))
        for line, amount in amounts.items()
    }
    largest = max(drawn, key=lambda line: drawn[line])
    drawn[largest] += round(float(sum(amounts.values())) * share) - sum(drawn.values())
    return drawn


def _spread(total: int, pattern: Sequence[float], luck: Sequence[float]) -> list[int]:
    """A whole amount over twelve months by a pattern with some noise; June takes what rounding leaves."""
    weights = [share * (0.9 + 0.2 * chance) for share, chance in zip(pattern, luck, strict=True)]
    monthly = [round(total * weight / sum(weights)) for weight in weights]
    return [*monthly[:-1], total - sum(monthly[:-1])]


def draw_deployments(bases: Sequence[Base], month: Period, seed: int) -> list[Row]:
    """Planned and actual strength of every base in a month, by category; places fill up slowly, and a base that has closed is reported with zero."""
    rng = draws.stream(seed, "deployments", month)
    elapsed = month.first - Period.parse("2017-07").first
    rows = []
    for base in bases:
        for category, planned in base.strengths.items():
            if not planned or not base.was_opened(month):
                continue
            component, section, filled, women = _CATEGORIES[category]
            if not base.is_open(month):
                rows.append(_closed(base, month, category))
                continue
            share = filled + _FILLING_UP * elapsed + 0.02 * float(draws.noise(rng, 1)[0])
            actual = max(round(planned * share), 0)
            rows.append(
                {
                    "month": month.start, "section": section, "base": base.id, "area_code": base.area_code,
                    "component": component, "category": category, "planned": planned, "actual": actual,
                    "women": int(draws.poisson(rng, [min(actual * women, actual)])[0]) if actual > 10 else 0,
                }
            )  # fmt: skip
    return rows


def _closed(base: Base, month: Period, category: str) -> Row:
    component, section, *_ = _CATEGORIES[category]
    return {
        "month": month.start, "section": section, "base": base.id, "area_code": base.area_code,
        "component": component, "category": category, "planned": 0, "actual": 0, "women": 0,
    }  # fmt: skip
