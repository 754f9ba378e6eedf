"""Where a value's area did not exist, or was not of the same places, in every month behind it."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from cpas.engine.areas import AreaTree
from cpas.engine.rollup import Span
from cpas.periods import Period

_KEYS = ["indicator_id", "period", "area"]


def with_boundaries(
    values: pl.DataFrame, spans: Iterable[tuple[str, Span]], closure: pl.DataFrame, tree: AreaTree
) -> pl.DataFrame:
    """Values with `boundary`: null where an area is one and the same in all months behind a value.

    It is `part` where the area existed in some of the months only, so that the value is not that of the
    whole period, and `changed` where it did not consist of the same lowest areas in all of them. The
    mission's whole area is always the same, and every area is on the tree of one month.

    Args:
        values: As `rollup.with_value` gives them.
        spans: Each indicator's id with a period and the months that make its value.
        closure: As `AreaTree.closure`, of all these months.
        tree: The areas.
    """
    if tree.past:
        return values.with_columns(boundary=pl.lit(None, dtype=pl.String))
    rows = [(id_, str(one.period), str(one.months)) for id_, one in spans]
    named = pl.DataFrame(rows, ["indicator_id", "period", "span"], orient="row").unique()
    months = {str(one.months): one.months for _, one in spans}
    inside = pl.DataFrame(
        [
            (name, span.last - span.first + 1, month.start)
            for name, span in months.items()
            for month in span.months()
        ],
        {"span": pl.String, "length": pl.Int64, "month": pl.Date},
        orient="row",
    )
    found = (
        inside.join(_composition(closure), on="month")
        .group_by("span", "area")
        .agg(existed=pl.len(), length=pl.col("length").first(), ways=pl.col("places").n_unique())
        .with_columns(
            boundary=pl.when(pl.col("area") == tree.root)
            .then(None)
            .when(pl.col("existed") < pl.col("length"))
            .then(pl.lit("part"))
            .when(pl.col("ways") > 1)
            .then(pl.lit("changed"))
        )
    )
    each = named.join(found, on="span").select(*_KEYS, "boundary")
    return values.join(each, on=_KEYS, how="left", maintain_order="left")


def days_of(areas: Iterable[str], periods: Iterable[Period], tree: AreaTree) -> pl.DataFrame:
    """The days of each period on which an area was there, in whole months as the area tree counts them.

    A month counts where the area is valid on its first day. The mission's whole area, and every area of a tree of one month
    laid over all others, has the days of the period; so has an area of which the period has no month.

    Returns:
        Columns `period`, `area` (String) and `days` (Int64), each pair once.
    """
    areas, rows = tuple(dict.fromkeys(areas)), []
    for period in dict.fromkeys(periods):
        own = dict.fromkeys(areas, 0)
        for month in period.months():
            for area in tree.existing([month]):
                if area in own:
                    own[area] += month.days
        whole = areas if tree.past else (tree.root,)
        rows += [
            (str(period), area, period.days if area in whole else own[area] or period.days) for area in areas
        ]
    return pl.DataFrame(rows, {"period": pl.String, "area": pl.String, "days": pl.Int64}, orient="row")


def _composition(closure: pl.DataFrame) -> pl.DataFrame:
    """The lowest areas that each area consisted of in each month in which it existed: `month`, `area` and `places`."""
    valid = closure.filter("exists")
    parents = (
        valid.filter(pl.col("leaf") != pl.col("area")).select("month", pl.col("area").alias("leaf")).unique()
    )
    lowest = valid.join(parents, on=["month", "leaf"], how="anti")
    places = lowest.group_by("month", "area").agg(pl.col("leaf").sort().str.join(" ").alias("places"))
    existing = valid.filter(pl.col("leaf") == pl.col("area")).select("month", "area")
    return existing.join(places, on=["month", "area"], how="left")
