"""Reports that were expected and what became of them, as rows that indicators measure like any others."""

from __future__ import annotations

import polars as pl

from cpas.checks.quality import report_status
from cpas.definitions.loaded import Definitions
from cpas.engine.areas import AreaTree
from cpas.engine.coverage import expected_reports, whole_reports
from cpas.periods import Period


def reporting_rows(
    definitions: Definitions, tree: AreaTree, reports: pl.DataFrame, until: Period
) -> pl.DataFrame:
    """One row per report that was expected, from the mission's first month to the last that figures are asked for.

    A month of which nothing came is expected like any other: did expectations end with the last report that
    came, a mission that fell silent would have reported in full.

    Args:
        definitions: Who is expected to report what, and when it is due.
        tree: The areas.
        reports: The reports that came in, with `sent_on`.
        until: What ends with the last month of which reports are expected. It is the last that is asked for and no day of the
            calendar, so that the same run gives the same figures later.

    Returns:
        `month` (Date), `data_set`, `reporter`, `area_code` (String), and `expected`, `received`, `on_time`
        (Int64): 1 or 0. The area is a field office's own where it has one, else the whole mission's. A
        report of an unknown day of sending is received and not known to be on time: its `on_time` is null.
        An area whose office closed has rows of zeros from then on, as any level of a place that has come to an end.
    """
    begins = Period.month(definitions.mission.reporting_from)
    months = Period(begins.first, until.last).months() if begins.first <= until.last else ()
    statuses = report_status(
        expected_reports(definitions, tree, months), whole_reports(reports, definitions), definitions.mission
    )
    offices = definitions.mission.field_offices
    areas = {name: one.areas[0] for name, one in offices.items() if len(one.areas) == 1}
    status = pl.col("status")
    made = statuses.select(
        "month",
        pl.col("dataset").alias("data_set"),
        "reporter",
        pl.col("reporter")
        .replace_strict(areas, default=tree.root, return_dtype=pl.String)
        .alias("area_code"),
        pl.lit(1, dtype=pl.Int64).alias("expected"),
        (status != "missing").cast(pl.Int64).alias("received"),
        pl.when(status != "undated").then((status == "on_time").cast(pl.Int64)).alias("on_time"),
    )
    return pl.concat([made, _ended(made)])


def _ended(made: pl.DataFrame) -> pl.DataFrame:
    """Zeros in the later months of areas in which nothing is expected any more, so that they are not taken for silent."""
    reports = ["data_set", "reporter", "area_code"]
    until = made.group_by(reports).agg(pl.col("month").max().alias("until"))
    return (
        until.join(made.select("month").unique(), how="cross")
        .filter(pl.col("month") > pl.col("until"))
        .join(made, on=["month", "area_code"], how="anti")
        .with_columns(pl.lit(0, dtype=pl.Int64).alias(name) for name in ("expected", "received", "on_time"))
        .select(made.columns)
        .sort("month", *reports)
    )
