"""Indicators made of other indicators' values, area by area and part by part, each operand at its own period."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from types import MappingProxyType

import polars as pl

from cpas.definitions.expressions.translate import formula_to_polars
from cpas.definitions.expressions.values import Formula, Operand
from cpas.definitions.loaded import CompiledVersion, Definitions, LoadedIndicator
from cpas.engine.measures import TOTAL
from cpas.engine.passes import EXACT
from cpas.engine.rollup import COUNTS, REPORTS
from cpas.periods import Period

KEYS = ["period", "area", "disaggregation"]
NOTHINGS = COUNTS[1:]


def needed_periods(definitions: Definitions, wanted: Mapping[Period, bool]) -> dict[str, dict[Period, bool]]:
    """The periods in which each indicator must be computed: those wanted, and those that derived ones take it from.

    Args:
        definitions: The indicators, in an order in which they can be computed.
        wanted: Each period, and whether it is wanted in detail.
    """
    needed = {id_: dict(wanted) for id_ in definitions.indicators}
    for id_ in reversed(needed):
        for operand in definitions.indicators[id_].operands:
            taken = needed[operand.indicator]
            for period, is_detailed in needed[id_].items():
                taken[operand.at(period)] = taken.get(operand.at(period), False) or is_detailed
    return needed


def compute_derived(
    indicator: LoadedIndicator,
    results: Mapping[str, pl.DataFrame],
    periods: Iterable[Period],
    rests_on: Mapping[str, Hashable] = MappingProxyType({}),
    counts: Mapping[str, Hashable] = MappingProxyType({}),
) -> pl.DataFrame:
    """A derived indicator's rows.

    Args:
        indicator: One without a source.
        results: The rows of the indicators that it names, as `rollup.with_value` gives them, with `days`: those of the
            period on which the area was there, by which what is annualised is divided.
        periods: The periods to compute.
        rests_on: What the reports behind an indicator are of; operands that rest on the same count their
            reports once.
        counts: What the rows are that an indicator counts. Which of them two operands that count the same have in
            common is not known, so that `records` has those of the one with most; rows of others are added.

    Returns:
        The same columns. Operands have the same area and part; where one is missing there is no
        value, and where the denominator is zero neither. Each period is computed by the version in
        force at its end. Why there is no value is told by the operands that have none.
    """
    by_version: dict[int, list[Period]] = {}
    for period in periods:
        version = indicator.version_at(Period(period.last, period.last))
        by_version.setdefault(version.number, []).append(period)
    return pl.concat(
        _computed(version, indicator, _joined(version, indicator, results, own), rests_on, counts)
        for version in indicator.versions
        if (own := by_version.get(version.number))
    )


def _joined(
    version: CompiledVersion,
    indicator: LoadedIndicator,
    results: Mapping[str, pl.DataFrame],
    periods: list[Period],
) -> pl.DataFrame:
    """One row for each period, area and part, with the columns of every operand under its name."""
    operands = sorted(version.measure.operands, key=lambda one: (one.function is not None, one.name))
    taken = {one.name: _taken(one, results[one.indicator], periods) for one in operands}
    joined = taken[operands[0].name].filter(_is_own_part(indicator)).select(KEYS)
    for name, rows in taken.items():
        renamed = rows.rename({column: f"{name} {column}" for column in rows.columns if column not in KEYS})
        joined = joined.join(renamed, on=KEYS, how="left", maintain_order="left")
    return joined


def _is_own_part(indicator: LoadedIndicator) -> pl.Expr:
    names = [TOTAL, *indicator.definition.disaggregate_by]
    return pl.col("disaggregation").str.split("=").list.first().is_in(names)


def _taken(operand: Operand, rows: pl.DataFrame, periods: list[Period]) -> pl.DataFrame:
    """The rows of an operand, each under the period that it is an operand of."""
    moved = pl.DataFrame(
        [(str(period), str(operand.at(period)), _days_of_year(operand, period)) for period in periods],
        schema={"period": pl.String, "taken_from": pl.String, "year": pl.Int64},
        orient="row",
    )
    joined = moved.join(rows.rename({"period": "taken_from"}), on="taken_from", maintain_order="left")
    value = pl.col("value")
    if operand.function == "annualised":
        value *= pl.col("year") / pl.col("days")
    return joined.select(*KEYS, value, "denominator", "days", *COUNTS, *REPORTS)


def annual_factor(operand: Operand, period: Period, days: int) -> float | None:
    """The days of the year over those on which the area was there for what is annualised, and 1 for all else; none where the period lies in no one year."""
    if operand.function != "annualised":
        return 1.0
    year = _days_of_year(operand, period)
    return year / days if year else None


def _days_of_year(operand: Operand, period: Period) -> int | None:
    year = period.year_around() if operand.function == "annualised" else None
    return year.days if year else None


def _computed(
    version: CompiledVersion,
    indicator: LoadedIndicator,
    rows: pl.DataFrame,
    rests_on: Mapping[str, Hashable],
    counts: Mapping[str, Hashable],
) -> pl.DataFrame:
    measure, names = version.measure, [operand.name for operand in version.measure.operands]
    above = _evaluated(measure.numerator)
    below = _evaluated(measure.denominator) if measure.denominator else pl.lit(None, dtype=pl.Float64)
    value = above / below if measure.denominator else above
    once = list({_same_time(operand, rests_on): operand.name for operand in measure.operands}.values())
    return rows.select(
        pl.lit(indicator.id).alias("indicator_id"),
        "disaggregation",
        "period",
        "area",
        above.round(6).cast(EXACT).alias("numerator"),
        below.round(6).cast(EXACT).alias("denominator"),
        (pl.when(below.is_null() | (below != 0)).then(value) * measure.scale).alias("value"),
        _records(measure.operands, counts),
        *(_nothings(column, names) for column in NOTHINGS),
        *(pl.sum_horizontal(pl.col(f"{name} {column}") for name in once).alias(column) for column in REPORTS),
        pl.lit(str(version.number)).alias("definition_version"),
        pl.lit(None, dtype=pl.Int64).alias("days"),
    )


def _same_time(operand: Operand, sources: Mapping[str, Hashable]) -> Hashable:
    """What an operand has in common with others of the same source at the same time."""
    shift = None if operand.function == "annualised" else operand.function
    return sources.get(operand.indicator, operand.indicator), shift, operand.months


def _records(operands: Iterable[Operand], counts: Mapping[str, Hashable]) -> pl.Expr:
    alike: dict[Hashable, list[pl.Expr]] = {}
    for operand in operands:
        alike.setdefault(_same_time(operand, counts), []).append(pl.col(f"{operand.name} records"))
    return pl.sum_horizontal(pl.max_horizontal(own) for own in alike.values()).alias("records")


def _nothings(column: str, names: list[str]) -> pl.Expr:
    """How many figures are missing of each kind: behind the operands without a value, or behind all where each has one.

    An operand that is nothing for no reason of its own is itself one figure missing, and one with a zero
    denominator one that is not applicable.
    """
    every, lacking = [], []
    for name in names:
        counted = pl.col(f"{name} {column}").fill_null(0)
        is_lacking, is_zero = (
            pl.col(f"{name} value").is_null(),
            (pl.col(f"{name} denominator") == 0).fill_null(value=False),
        )
        is_told = pl.any_horizontal(pl.col(f"{name} {kind}").fill_null(0) > 0 for kind in NOTHINGS)
        extra = {"missing": ~is_told & ~is_zero, "not_applicable": is_zero}.get(column, pl.lit(value=False))
        every.append(counted)
        lacking.append(pl.when(is_lacking).then(counted + extra.cast(pl.Int64)).otherwise(0))
    any_lacking = pl.any_horizontal(pl.col(f"{name} value").is_null() for name in names)
    return (
        pl.when(any_lacking)
        .then(pl.sum_horizontal(lacking))
        .otherwise(pl.sum_horizontal(every))
        .alias(column)
    )


def _evaluated(formula: Formula) -> pl.Expr:
    return formula_to_polars(formula, lambda name: pl.col(f"{name} value"))
