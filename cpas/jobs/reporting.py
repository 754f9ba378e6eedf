"""Reports that were expected and what became of them, as rows that indicators measure like any others."""

from __future__ import annotations

import polars as pl

from cpas.checks.quality import report_status
from cpas.definitions.loaded import Definitions
from cpas.engine.areas import AreaTree
from cpas.engine.coverage import expected_reports, whole_reports
from cpas.periods import Period


def reporting_rows(definitions: Definitions, tree: AreaTree, reports: pl.DataFrame) -> pl.DataFrame:
    """One row per report that was expected, from the mission's first month to the last of which a report came.

    Args:
        definitions: Who is expected to report what, and when it is due.
        tree: The areas.
        reports: The reports that came in, with `sent_on`.

    Returns:
        `month` (Date), `data_set`, `reporter`, `area_code` (String), and `expected`, `received`, `on_time`
        (Int64): 1 or 0. The area is a field office's own where it has one, else the whole mission's. A
        report of an unknown day of sending is received and not known to be on time: its `on_time` is null.
        An area whose office closed has rows of zeros from then on, as any level of a place that has come to an end.
    """
    last = reports["month"].max()
    begins = Period.month(definitions.mission.reporting_from)
    months = Period(begins.first, Period.month(last).first).months() if reports.height else ()  # type: ignore[arg-type]  # a column of dates
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
