"""Monthly cells of single areas to values of larger areas and longer periods; over place and over time apart from each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from cpas.definitions.indicator import Indicator
from cpas.engine.measures import EXACT
from cpas.periods import Period

SERIES = ["indicator_id", "disaggregation"]
COUNTS = ["records", "missing", "withheld", "not_applicable"]
PARTS = ["numerator", "denominator"]


@dataclass(frozen=True, slots=True)
class Span:
    """A reporting period and the months its value is made from: more than its own where an indicator is cumulative."""

    period: Period
    months: Period

    @classmethod
    def of(cls, indicator: Indicator, period: Period, mandate_from: Period) -> Span:
        """The months that a value of the period stands for."""
        begins = {
            "none": period.first,
            "budget_year": period.budget_year().first,
            "mandate": mandate_from.first,
        }
        return cls(period, Period(min(begins[indicator.cumulative], period.first), period.last))


def over_area(
    cells: pl.DataFrame, closure: pl.DataFrame, rules: pl.DataFrame, needed: pl.Expr
) -> pl.DataFrame:
    """Monthly values of every area, from the cells of all that lies in it.

    Args:
        cells: As `measures.CELLS`.
        closure: As `AreaTree.closure`: the tree as it was in each month.
        rules: One row per indicator: `indicator_id`, `over_area`, `over_time`, `is_events`, `is_ratio`, `scale`.
        needed: Which rows of `month`, `area` and `disaggregation` to make.

    Returns:
        Columns `indicator_id`, `disaggregation`, `month`, `area`, `version`, `numerator`,
        `denominator` and the counts. Cells that know nothing are left out of a sum and counted;
        where no cell knows anything the value is null. A mean keeps its parts: the sum as
        numerator, the number of cells as denominator.
    """
    keys = [*SERIES, "month", "area"]
    made = (
        cells.join(closure, on=["month", "leaf"])
        .filter(needed)
        .group_by(keys)
        .agg(pl.col("version").max(), *_aggregates(), *(pl.col(name).sum() for name in COUNTS))
        .join(rules, on="indicator_id")
    )
    return made.select(*keys, "version", *_chosen("over_area"), *COUNTS)


def fill_months(values: pl.DataFrame, grid: pl.DataFrame) -> pl.DataFrame:
    """Every month, area and series of the grid, with zero where a report came in and nothing happened.

    Args:
        values: As `over_area` gives them.
        grid: Columns `indicator_id`, `disaggregation`, `month`, `area`, `version`, `is_events`,
            `is_ratio`, `reports_received`, `reports_expected`.

    Returns:
        The grid with the columns of `values`. In a data set of events an area without rows has
        zero if at least one report about it was received; without any report it has null. Other
        data sets are never filled.
    """
    joined = grid.join(
        values.drop("version"), on=[*SERIES, "month", "area"], how="left", maintain_order="left"
    )
    quiet = pl.col("records").is_null() & pl.col("is_events") & (pl.col("reports_received") > 0)
    return joined.with_columns(
        pl.when(quiet).then(0).otherwise(pl.col("numerator")).alias("numerator"),
        pl.when(quiet & pl.col("is_ratio")).then(0).otherwise(pl.col("denominator")).alias("denominator"),
        *(pl.col(name).fill_null(0) for name in COUNTS),
    )


def over_time(values: pl.DataFrame, spans: Iterable[tuple[str, Span]], rules: pl.DataFrame) -> pl.DataFrame:
    """Values of periods from those of months.

    Args:
        values: As `fill_months` gives them.
        spans: Each indicator's id with a period and the months that make its value.
        rules: As above.

    Returns:
        Columns `indicator_id`, `disaggregation`, `period`, `area`, `numerator`, `denominator`,
        `value` (Float64), the counts, `reports_received`, `reports_expected` and
        `definition_version`. `value` is `scale * numerator / denominator`, null for a zero
        denominator, or `scale * numerator` where there is none.
    """
    rows = [(id_, str(span.period), month.start) for id_, span in spans for month in span.months.months()]
    months = pl.DataFrame(
        rows, schema={"indicator_id": pl.String, "period": pl.String, "month": pl.Date}, orient="row"
    )
    keys = [*SERIES, "period", "area"]
    made = (
        values.join(months, on=["indicator_id", "month"])
        .sort(*keys, "month")
        .group_by(keys)
        .agg(
            *_aggregates(),
            *(pl.col(name).sum() for name in (*COUNTS, "reports_received", "reports_expected")),
            pl.col("version").unique().sort().cast(pl.String).str.join(",").alias("definition_version"),
        )
        .join(rules, on="indicator_id")
        .with_columns(_chosen("over_time"))
    )
    exact_above, exact_below = pl.col("numerator").cast(pl.Float64), pl.col("denominator").cast(pl.Float64)
    value = (
        pl.when(pl.col("denominator").is_null())
        .then(exact_above)
        .when(pl.col("denominator") != 0)
        .then(exact_above / exact_below)
    )
    return made.select(
        *keys,
        *PARTS,
        (value * pl.col("scale")).alias("value"),
        *COUNTS,
        "reports_received",
        "reports_expected",
        "definition_version",
    )


def _aggregates() -> list[pl.Expr]:
    known = pl.col("numerator").is_not_null()
    made = [known.sum().alias("known")]
    for name in PARTS:
        part = pl.col(name)
        made += [
            pl.when(part.count() > 0).then(part.sum()).alias(f"{name} sum"),
            part.max().alias(f"{name} max"),
            part.min().alias(f"{name} min"),
            part.filter(known).last().alias(f"{name} last"),
        ]
    return made


def _chosen(rule: str) -> list[pl.Expr]:
    """Numerator and denominator by the indicator's own rule."""
    mean = (pl.col(rule) == "mean") & pl.col("denominator sum").is_null() & (pl.col("known") > 0)
    above, below = (
        pl.when(pl.col(rule).is_in(["sum", "mean"]))
        .then(pl.col(f"{name} sum"))
        .when(pl.col(rule) == "max")
        .then(pl.col(f"{name} max"))
        .when(pl.col(rule) == "min")
        .then(pl.col(f"{name} min"))
        .otherwise(pl.col(f"{name} last"))
        for name in PARTS
    )
    counted = pl.when(mean).then(pl.col("known").cast(EXACT)).otherwise(below)
    return [above.alias("numerator"), counted.alias("denominator")]
