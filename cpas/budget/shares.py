"""What each objective has of the mission's money, activity and staff, beside the rank that the mandate gives its priority."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from cpas.budget.allocation import Allocation
from cpas.budget.costs import Year
from cpas.budget.resources import ZERO, Schema
from cpas.definitions.loaded import Definitions
from cpas.periods import Period

SHARES: Schema = {
    "objective": pl.String,
    "priority": pl.String,
    "rank": pl.Int64,
    "expenditure": pl.Decimal(38, 6),
    "money_share": pl.Float64,
    "money_is_partial": pl.Boolean,
    "activities": pl.Int64,
    "activity_share": pl.Float64,
    "activity_is_partial": pl.Boolean,
    "staff": pl.Float64,
    "staff_share": pl.Float64,
    "staff_is_partial": pl.Boolean,
}


def compute_shares(definitions: Definitions, allocation: Allocation, year: Year) -> pl.DataFrame:
    """The shares of all objectives, and in the last row, without an objective, of what is not allocated.

    Money is expenditure; activity the number of activities, a joint one once; staff the average strength
    of the year to date. Shares are per cent of the whole, allocated or not.

    Returns:
        Columns of `SHARES`.
    """
    activities: Counter[str | None] = Counter()
    for output, count in year.work.select("output", "activities").iter_rows():
        outcome = definitions.outputs[output].outcome if output in definitions.outputs else None
        activities[definitions.outcomes[outcome].objective if outcome else None] += count
    staff = staff_by_objective(definitions, allocation, year.staff)
    spent, done, strength = allocation.total.expenditure, activities.total(), sum(staff.values(), ZERO)
    rows = []
    for id_ in (*definitions.objectives, None):
        priority = definitions.priorities[definitions.objectives[id_].priority] if id_ else None
        own = allocation.of("objective", id_).expenditure
        rows.append(
            {
                "objective": id_ or "",
                "priority": priority.id if priority else "",
                "rank": priority.rank if priority else None,
                "expenditure": own,
                "money_share": _per_cent(own, spent),
                "money_is_partial": allocation.is_partial("objective", id_),
                "activities": activities[id_],
                "activity_share": _per_cent(activities[id_], done),
                "activity_is_partial": not year.is_work_complete,
                "staff": float(staff.get(id_, ZERO)) if staff else None,
                "staff_share": _per_cent(staff.get(id_, ZERO), strength),
                "staff_is_partial": not year.is_staff_complete,
            }
        )
    return pl.DataFrame(rows, SHARES)


def staff_by_category(deployments: pl.DataFrame, to_date: Period) -> dict[str, Decimal]:
    """The average strength of each category of personnel over the months of which it is reported.

    Args:
        deployments: Columns `month`, `category`, `actual`; nothing is known where it has others.
        to_date: The budget year to date.
    """
    if not {"month", "category", "actual"} <= set(deployments.columns):
        return {}
    rows = deployments.filter(pl.col("month").is_between(to_date.start, to_date.end))
    sums = rows.group_by("category").agg(pl.col("actual").sum(), months=pl.col("month").n_unique())
    return {
        category: Decimal(actual) / months for category, actual, months in sums.sort("category").iter_rows()
    }


def staff_by_objective(
    definitions: Definitions, allocation: Allocation, staff: Mapping[str, Decimal]
) -> dict[str | None, Decimal]:
    """Staff given to objectives as the apportionment of the lines that pay for their category is; None has the rest."""
    pays = {line.id: line.personnel for group in definitions.budget.groups for line in group.lines}
    given: dict[str | None, Decimal] = {}
    for category, strength in staff.items():
        flows = [flow for flow in allocation.flows if pays[flow.line] == category]
        weights = [(flow.objective, flow.resources.apportionment or ZERO) for flow in flows]
        total = sum((weight for _, weight in weights), ZERO)
        for objective, weight in weights if total else [(None, Decimal(1))]:
            given[objective] = given.get(objective, ZERO) + strength * weight / (total or 1)
    return given


def _per_cent(part: Decimal | int | None, whole: Decimal | int | None) -> float | None:
    return None if part is None or not whole else float(part * 100 / whole)
