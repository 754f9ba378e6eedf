"""What was carried out for each output in a budget year to date: activities, their direct cost, and what they delivered."""

from __future__ import annotations

import polars as pl

from cpas.budget.resources import Schema
from cpas.periods import Period

_COLUMNS: Schema = {
    "activity_id": pl.String,
    "activity_on": pl.Date,
    "output": pl.String,
    "joint_key": pl.String,
    "area_code": pl.String,
    "units_delivered": pl.Decimal(18, 6),
    "cost_usd": pl.Decimal(18, 6),
    "participants_total": pl.Int64,
}
WORK: Schema = {
    "output": pl.String,
    "activities": pl.Int64,
    "units": pl.Decimal(38, 6),
    "units_unknown": pl.Int64,
    "cost": pl.Decimal(38, 6),
    "cost_unknown": pl.Int64,
    "participants": pl.Int64,
}


def activities_in(activities: pl.DataFrame, period: Period) -> pl.DataFrame:
    """The activities of a period with the columns that this room reads; what was not declared is null.

    Returns:
        Columns of the data set, and `once`: the joint key, else the activity's own id.
    """
    known = activities.select(
        (pl.col(name) if name in activities.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in _COLUMNS.items()
    )
    within = known.filter(pl.col("activity_on").is_between(period.start, period.end))
    return within.with_columns(once=pl.coalesce("joint_key", "activity_id"))


def work_by_output(activities: pl.DataFrame, period: Period) -> pl.DataFrame:
    """What was carried out for each output in a period; the row without an output has what serves none.

    A joint activity that several sections report counts once: it delivered what the one that says most
    says. Direct costs are each section's own and are added.

    Args:
        activities: Rows of the data set `activities`.
        period: What is counted.

    Returns:
        Columns of `WORK`, by output: `activities`, `units` (in the output's unit) and `participants` each
        counted once, `cost` (US dollars); `units_unknown` and `cost_unknown` count what has no figure.
        A sum of nothing known is null.
    """
    rows = activities_in(activities, period)
    once = rows.group_by("output", "once").agg(
        units=pl.col("units_delivered").max(), participants=pl.col("participants_total").max()
    )
    counted = once.group_by("output").agg(
        activities=pl.len().cast(pl.Int64),
        units=_known_sum("units"),
        units_unknown=pl.col("units").is_null().sum().cast(pl.Int64),
        participants=_known_sum("participants"),
    )
    costs = rows.group_by("output").agg(
        cost=_known_sum("cost_usd"), cost_unknown=pl.col("cost_usd").is_null().sum().cast(pl.Int64)
    )
    joined = counted.join(costs, on="output", how="left", nulls_equal=True)
    return joined.select(pl.col(name).cast(kind) for name, kind in WORK.items()).sort(
        "output", nulls_last=True
    )


def _known_sum(name: str) -> pl.Expr:
    """The sum of what is known; null where nothing is."""
    column = pl.col(name)
    return pl.when(column.is_not_null().any()).then(column.sum()).alias(name)
