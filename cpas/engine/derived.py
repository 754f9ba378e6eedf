"""Indicators made of other indicators' values, period by period and area by area."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cpas.definitions.expressions.translate import formula_to_polars
from cpas.definitions.expressions.values import Formula
from cpas.definitions.loaded import CompiledMeasure, CompiledVersion, LoadedIndicator
from cpas.engine.measures import TOTAL
from cpas.engine.passes import EXACT
from cpas.engine.rollup import COUNTS, REPORTS
from cpas.periods import Period

KEYS = ["period", "area"]
SUMMED = [*COUNTS[1:], *REPORTS]


def compute_derived(indicator: LoadedIndicator, results: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """A derived indicator's rows.

    Args:
        indicator: One without a source.
        results: The rows of the indicators that it names, as `rollup.over_time` gives them.

    Returns:
        The same columns. The operands are the values of the same period and area; where one is
        missing there is no value, and where the denominator is zero neither. Each period is
        computed by the version in force at its end.
    """
    names = sorted({name for version in indicator.versions for name in _operands(version.measure)})
    joined = results[names[0]].filter(pl.col("disaggregation") == TOTAL).select(*KEYS)
    for name in names:
        own = results[name].filter(pl.col("disaggregation") == TOTAL)
        renamed = own.select(
            *KEYS, *(pl.col(column).alias(f"{name} {column}") for column in ("value", *COUNTS, *REPORTS))
        )
        joined = joined.join(renamed, on=KEYS, how="left", maintain_order="left")
    made = [
        _computed(
            joined.filter(pl.col("period") == period),
            indicator,
            indicator.version_at(_last_month(period)),
            names,
        )
        for period in joined["period"].unique(maintain_order=True)
    ]
    return pl.concat(made)


def _operands(measure: CompiledMeasure) -> set[str]:
    return {name for formula in measure.formulas for name in formula.indicators}


def _last_month(period: str) -> Period:
    last = Period.parse(period).last
    return Period(last, last)


def _computed(
    rows: pl.DataFrame, indicator: LoadedIndicator, version: CompiledVersion, names: list[str]
) -> pl.DataFrame:
    measure = version.measure
    above = _evaluated(measure.numerator)
    below = _evaluated(measure.denominator) if measure.denominator else pl.lit(None, dtype=pl.Float64)
    value = above / below if measure.denominator else above
    return rows.select(
        pl.lit(indicator.id).alias("indicator_id"),
        pl.lit(TOTAL).alias("disaggregation"),
        *KEYS,
        above.round(6).cast(EXACT).alias("numerator"),
        below.round(6).cast(EXACT).alias("denominator"),
        (pl.when(below.is_null() | (below != 0)).then(value) * measure.scale).alias("value"),
        pl.min_horizontal(pl.col(f"{name} records") for name in names).alias("records"),
        *(pl.sum_horizontal(pl.col(f"{name} {column}") for name in names).alias(column) for column in SUMMED),
        pl.lit(str(version.number)).alias("definition_version"),
    )


def _evaluated(formula: Formula) -> pl.Expr:
    return formula_to_polars(formula, lambda name: pl.col(f"{name} value"))
