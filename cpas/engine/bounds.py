"""What silent reporters may have had to report: the least and the most of their own past months, beside a sum and never in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from cpas.definitions.loaded import Definitions
from cpas.engine.areas import AreaTree
from cpas.engine.coverage import reporters_of
from cpas.engine.measures import TOTAL
from cpas.engine.passes import EXACT
from cpas.engine.silence import LOOK_BACK
from cpas.periods import Period

KNOWN_MONTHS = 6  # fewer known months say too little of how much a reporter's figure swings
_KEYS = ["indicator_id", "period", "area"]
_ONE = ["indicator_id", "area", "reporter"]
_OWN = {
    "indicator_id": pl.String,
    "dataset": pl.String,
    "reporter": pl.String,
    "is_events": pl.Boolean,
    "is_alone": pl.Boolean,
}
_PLACES = {"month": pl.Date, "leaf": pl.String, "area": pl.String, "office": pl.String}


def with_bounds(
    values: pl.DataFrame,
    cells: pl.DataFrame,
    covered: pl.DataFrame,
    months: pl.DataFrame,
    tree: AreaTree,
    definitions: Definitions,
) -> pl.DataFrame:
    """Values with `bound_low` and `bound_high` (Float64) where reports are missing behind a sum.

    Each month of which a reporter said nothing counts with the least, and with the most, that the
    same reporter's areas had in a month of the twelve before, in the same area. There is no bound where
    a reporter has fewer than six known months among them, where a figure in a row is missing, and for
    ratios, means, levels at a moment, distinct counts and parts of disaggregations.

    Args:
        values: As `rollup.with_value` gives them.
        cells: As `silence.with_silent` gives them, of the months before as well.
        covered: As `coverage.coverage` gives it, of the months before as well.
        months: As `rollup.months_of` gives them.
        tree: The areas.
        definitions: Tell who reports what.
    """
    every = [Period.month(day) for day in covered["month"].unique().sort()]
    own = pl.DataFrame(list(_reported(definitions)), schema=_OWN, orient="row")
    about = own.join(covered, on=["dataset", "reporter"])
    silent = (
        about.filter(~pl.col("received"))
        .join(months, on=["indicator_id", "month"])
        .select(*_KEYS, "reporter", pl.col("month").alias("silent_on"))
    )
    asked = silent.select(_ONE).unique()
    past = (
        about.filter("received")
        .join(asked, on=_ONE, how="semi")
        .join(
            _sums(
                cells,
                own.join(asked, on=["indicator_id", "reporter"], how="semi"),
                _places(definitions, tree, every),
            ),
            on=[*_ONE, "month"],
            how="left",
        )
        .with_columns(
            pl.when("is_events").then(pl.col("had").fill_null(0)).otherwise(pl.col("had")).alias("had")
        )
        .drop_nulls("had")
        .select(*_ONE, "month", "had")
    )
    before = pl.col("month").is_between(
        pl.col("silent_on").dt.offset_by(f"-{LOOK_BACK}mo"), "silent_on", "left"
    )
    each = (
        silent.join(past, on=_ONE, how="left")
        .group_by([*_KEYS, "reporter", "silent_on"])
        .agg(*(_extreme(pl.col("had").filter(before), way) for way in ("low", "high")))
        .group_by(_KEYS)
        .agg(*(_added(way) for way in ("low", "high")))
        .with_columns(disaggregation=pl.lit(TOTAL))
    )
    scales = pl.DataFrame(
        [(id_, one.versions[0].measure.scale) for id_, one in definitions.indicators.items()],
        {"indicator_id": pl.String, "bound_scale": pl.Int64},
        orient="row",
    )
    is_whole = (pl.col("missing") == 0) & (pl.col("withheld") == 0)
    known = pl.col("numerator").fill_null(0)
    return (
        values.join(each, on=[*_KEYS, "disaggregation"], how="left", maintain_order="left")
        .join(scales, on="indicator_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(is_whole)
            .then(((known + pl.col(way)) * pl.col("bound_scale")).cast(pl.Float64))
            .alias(f"bound_{way}")
            for way in ("low", "high")
        )
        .drop("low", "high", "bound_scale")
    )


def _reported(definitions: Definitions) -> Iterator[tuple[str, str, str, bool, bool]]:
    """The reporters behind each indicator that is a sum over time and place, where it is known what each had."""
    for id_, one in definitions.indicators.items():
        if not one.adds_up_over_areas or one.definition.over_time != "sum":
            continue
        reporters = reporters_of(one, definitions)
        name = one.definition.source or ""
        is_events, is_alone = definitions.datasets[name].dataset.kind == "events", len(reporters) == 1
        if is_alone or set(reporters) <= set(definitions.mission.field_offices):
            yield from ((id_, name, reporter, is_events, is_alone) for reporter in reporters)


def _places(definitions: Definitions, tree: AreaTree, months: Iterable[Period]) -> pl.DataFrame:
    """Each place beside the areas it lay in, with the field office that reports on it: that of the nearest area around it."""
    offices = {area: name for name, one in definitions.mission.field_offices.items() for area in one.areas}
    nearest = (
        pl.col("area").replace_strict(offices, default=None, return_dtype=pl.String).drop_nulls().first()
    )
    return tree.closure(months).with_columns(nearest.over("month", "leaf").alias("office")).drop("exists")


def _sums(cells: pl.DataFrame, own: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """What each reporter's places had in each month and area: `_ONE`, `month` and `had`."""
    return (
        cells.filter((pl.col("disaggregation") == TOTAL) & (pl.col("silent") == 0))
        .drop_nulls("numerator")
        .join(own.select("indicator_id", "reporter", "is_alone"), on="indicator_id")
        .join(places, on=["month", "leaf"])
        .filter(pl.col("is_alone") | (pl.col("office") == pl.col("reporter")))
        .group_by([*_ONE, "month"])
        .agg(pl.col("numerator").sum().cast(EXACT).alias("had"))
    )


def _extreme(had: pl.Expr, way: str) -> pl.Expr:
    return pl.when(had.count() >= KNOWN_MONTHS).then(had.min() if way == "low" else had.max()).alias(way)


def _added(way: str) -> pl.Expr:
    """The sum over silent months, of which each must be known."""
    return pl.when(pl.col(way).null_count() == 0).then(pl.col(way).sum()).alias(way)
