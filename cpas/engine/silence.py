"""Places that fall silent in a data set of levels: known in the months before, and without a row now."""

from __future__ import annotations

import polars as pl

LOOK_BACK = 12  # months before a month in which a place must have been known to be missed in it
PLACE = ["indicator_id", "disaggregation", "leaf"]


def with_silent(
    cells: pl.DataFrame, existing: pl.DataFrame, versions: pl.DataFrame, rules: pl.DataFrame
) -> pl.DataFrame:
    """Cells, and one more for each place that was known in the twelve months before and says nothing.

    Where the indicator's `carry_over` allows it, the cell has the last known numerator and
    denominator of the same version of the definition; else it knows nothing. A figure that was
    withheld or is empty in a row is not silent: its row says so.

    Args:
        cells: As `measures.CELLS`, of the months to compute and of `LOOK_BACK` months before.
        existing: Columns `month` and `leaf`: the areas that exist in each month to compute.
        versions: Columns `indicator_id`, `version`, `month`: the version in force in each month.
        rules: One row per indicator: `indicator_id`, `is_events`, `carry_over`.

    Returns:
        The cells with two columns (Int64): `silent` is 1 in the cells that were added, and `lapsed` in those
        of them that know nothing.
    """
    levels = rules.filter(~pl.col("is_events")).select("indicator_id", "carry_over")
    known = (
        cells.filter(pl.col("numerator").is_not_null())
        .join(levels, on="indicator_id")
        .with_columns(known_on=pl.col("month"))
        .sort("month")
    )
    spoke = cells.filter((pl.col("records") > 0) | pl.col("numerator").is_not_null())
    mute = (
        known.select(PLACE)
        .unique()
        .join(existing, on="leaf")
        .join(spoke, on=[*PLACE, "month"], how="anti")
        .sort("month")
        .join_asof(known, on="month", by=PLACE, strategy="backward", check_sortedness=False)
        .filter(_months_since("known_on") <= LOOK_BACK)
        .rename({"version": "known_version"})
        .join(versions, on=["indicator_id", "month"])
    )
    is_same = pl.col("known_version") == pl.col("version")
    carried = is_same & (_months_since("known_on") <= pl.col("carry_over"))
    counts = ("records", "missing", "withheld", "not_applicable")
    silent = mute.with_columns(
        *(pl.when(carried).then(pl.col(name)).alias(name) for name in ("numerator", "denominator")),
        *(pl.lit(0, dtype=pl.Int64).alias(name) for name in counts),
        silent=pl.lit(1, dtype=pl.Int64),
    ).with_columns(lapsed=pl.col("numerator").is_null().cast(pl.Int64))
    spoken = cells.with_columns(pl.lit(0, dtype=pl.Int64).alias(name) for name in ("silent", "lapsed"))
    return pl.concat([spoken, silent.select(spoken.columns)])


def _months_since(column: str) -> pl.Expr:
    then, now = pl.col(column).dt, pl.col("month").dt
    return (now.year() - then.year()) * 12 + now.month().cast(pl.Int32) - then.month().cast(pl.Int32)
