"""Distinct counts and percentiles, which cannot be added up: each value with how often it came, settled for whole areas and periods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

import polars as pl

from cpas.definitions.expressions.values import Aggregate
from cpas.engine.passes import EXACT, SERIES, Pass, Rows, matched, measured

SETTLED = "settled"
SLOTS = {
    "indicator_id": pl.String,
    "version": pl.Int64,
    "disaggregation": pl.String,
    "part": pl.String,
    "function": pl.String,
    "fraction": pl.String,
    "month": pl.Date,
    "leaf": pl.String,
    "value": pl.String,
    "n": pl.Int64,
}
_ABOUT = ["part", "function", "fraction"]


def tally(rows: Rows, wanted: Pass, terms: Iterable[Aggregate]) -> dict[str, pl.DataFrame]:
    """How often each value came in each month and area: one pass for each distinct argument.

    Args:
        rows: The data set's rows.
        wanted: Says which months are read and where rows without an area lie.
        terms: Distinct counts and percentiles.

    Returns:
        By the SQL of each term a frame of `month`, `leaf`, `value` (String) and `n`; without nulls.
    """
    by_argument: dict[str, list[Aggregate]] = {}
    for term in dict.fromkeys(terms):
        by_argument.setdefault(term.argument.sql if term.argument else "", []).append(term)
    found = {}
    for own in by_argument.values():
        counts = tuple(dict.fromkeys(matched(term) for term in own))
        wide = measured(rows, replace(wanted, aggregates=counts, by=own[0].argument))
        for term in own:
            one = wide.select("month", "leaf", "value", pl.col(matched(term).sql).alias("n"))
            found[term.sql] = one.filter(pl.col("n") > 0)
    return found


def of_cells(tallies: Mapping[str, pl.DataFrame], terms: Iterable[Aggregate]) -> dict[str, pl.DataFrame]:
    """Each term settled for each month and area by itself: `month`, `leaf` and a column named by its SQL."""
    found = {}
    for term in dict.fromkeys(terms):
        rows = tallies[term.sql].with_columns(
            function=pl.lit(term.function), fraction=pl.lit(str(term.fraction), dtype=pl.String)
        )
        found[term.sql] = settle(rows, ["month", "leaf"]).select(
            "month", "leaf", pl.col(SETTLED).alias(term.sql)
        )
    return found


def settle(rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Distinct counts and percentiles over all rows of each key.

    A percentile lies between the two values in order around the position `fraction * (n - 1)`, in proportion
    (SQL's `percentile_cont`); exact, to six decimals.

    Args:
        rows: `function`, `fraction`, `value`, `n` and the keys.
        keys: What is told apart.

    Returns:
        The keys and `settled` (Decimal(38, 6)).
    """
    is_count = pl.col("function") == "count_distinct"
    counts = rows.filter(is_count).group_by(keys).agg(pl.col("value").n_unique().cast(EXACT).alias(SETTLED))
    percentiles = [
        _percentile(own, keys, Decimal(str(fraction)))
        for (fraction,), own in rows.filter(~is_count).group_by("fraction", maintain_order=True)
    ]
    return pl.concat([counts, *percentiles])


def _percentile(rows: pl.DataFrame, keys: list[str], fraction: Decimal) -> pl.DataFrame:
    above, below = fraction.as_integer_ratio()
    value, passed = pl.col("value"), pl.col("passed")
    position = (pl.col("n").sum() - 1) * above
    share = position % below
    low = value.filter(passed > position // below).first()
    high = value.filter(passed > position // below + (share > 0).cast(pl.Int64)).first()
    return (
        rows.with_columns(value.cast(EXACT))
        .group_by([*keys, "value"])
        .agg(pl.col("n").sum())
        .sort([*keys, "value"])
        .with_columns(pl.col("n").cum_sum().over(keys).alias("passed"))
        .group_by(keys, maintain_order=True)
        .agg(low.alias("low"), (high - low).alias("step"), share.alias("share"))
        .select(*keys, (pl.col("low") + pl.col("step") * pl.col("share") / below).cast(EXACT).alias(SETTLED))
    )


def of_months(slots: pl.DataFrame, closure: pl.DataFrame, needed: pl.Expr) -> pl.DataFrame:
    """Every part settled for each month and area: `SERIES`, `month`, `area`, `part`, `function` and `settled`."""
    placed = slots.join(closure, on=["month", "leaf"]).filter(needed)
    return settle(placed, [*SERIES, "month", "area", *_ABOUT])


def of_periods(
    slots: pl.DataFrame,
    cells: pl.DataFrame,
    closure: pl.DataFrame,
    months: pl.DataFrame,
    rules: pl.DataFrame,
    needed: pl.Expr,
) -> pl.DataFrame:
    """Every part settled for each period and area, where the indicator's rule takes the rows of the whole period together.

    That is so for `over_time: sum`; and for the last or first of levels, whose places each give the
    rows of their own last or first known month.
    """
    own = rules.filter((pl.col("over_time") == "sum") | pl.col("is_time_first"))
    spread = months.join(own.select("indicator_id", "is_time_first"), on="indicator_id")
    placed = slots.join(spread, on=["indicator_id", "month"])
    is_last, month = pl.col("over_time").first() == "last", pl.col("month")
    known = (
        cells.filter(pl.col("numerator").is_not_null())
        .join(spread.filter("is_time_first"), on=["indicator_id", "month"])
        .group_by([*SERIES, "leaf", "period"])
        .agg(pl.when(is_last).then(month.max()).otherwise(month.min()).alias("month"))
    )
    chosen = placed.filter("is_time_first").join(known, on=[*SERIES, "leaf", "period", "month"], how="semi")
    return settle(
        pl.concat([placed.filter(~pl.col("is_time_first")), chosen])
        .join(closure, left_on=["anchor", "leaf"], right_on=["month", "leaf"])
        .filter(needed & (pl.col("exists") | (month == pl.col("anchor")))),
        [*SERIES, "period", "area", *_ABOUT],
    )


def exchanged(
    values: pl.DataFrame, settled: pl.DataFrame, rules: pl.DataFrame, keys: list[str]
) -> pl.DataFrame:
    """Values with what was settled in the place of what was added up.

    Where something is known and no value came, a distinct count is zero and a percentile is nothing.
    """
    for part in ("numerator", "denominator"):
        own = settled.filter(pl.col("part") == part).select(*keys, SETTLED)
        function = pl.col(f"{part}_function")
        value = (
            pl.when(function.is_null())
            .then(pl.col(part))
            .when(function == "percentile")
            .then(pl.col(SETTLED))
            .when(pl.col("numerator").is_not_null())
            .then(pl.col(SETTLED).fill_null(0))
        )
        values = (
            values.join(own, on=keys, how="left", maintain_order="left")
            .join(
                rules.select("indicator_id", function), on="indicator_id", how="left", maintain_order="left"
            )
            .with_columns(value.alias(part))
            .drop(SETTLED, f"{part}_function")
        )
    return values
