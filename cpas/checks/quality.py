"""Who reported and when: completeness and timeliness by data set and reporter; runs no rules on values."""

from __future__ import annotations

import polars as pl

from cpas.definitions.mission import Mission

REPORT = ("dataset", "reporter", "month")
STATUS = pl.Enum(["on_time", "late", "undated", "missing"])


def report_status(expected: pl.DataFrame, reports: pl.DataFrame, mission: Mission) -> pl.DataFrame:
    """What became of every report that was expected.

    A report is on time when it was first sent at most `due_days` days after the end of its month,
    as `mission.yml` says for its data set.

    Args:
        expected: At least `dataset`, `reporter` and `month` (Date, first day); repeated rows count once.
        reports: The same and `sent_on` (Date, null where the report does not say), one row for
            each report that came in.
        mission: Says when each data set is due.

    Returns:
        `dataset`, `reporter`, `month`, `due_on`, `sent_on` (Date) and `status`, in that order of rows.
    """
    due = pl.DataFrame(
        [(one.dataset, one.due_days) for one in mission.expected],
        schema={"dataset": pl.String, "due_days": pl.Int64},
        orient="row",
    )
    due = due.group_by("dataset").agg(pl.col("due_days").max())
    came = reports.group_by(REPORT).agg(pl.col("sent_on").min(), received=pl.lit(value=True).first())
    due_on = pl.col("month").dt.month_end().dt.offset_by(pl.format("{}d", "due_days"))
    status = (
        pl.when(pl.col("received").is_null())
        .then(pl.lit("missing"))
        .when(pl.col("sent_on").is_null())
        .then(pl.lit("undated"))
        .when(pl.col("sent_on") > pl.col("due_on"))
        .then(pl.lit("late"))
        .otherwise(pl.lit("on_time"))
    )
    return (
        expected.select(REPORT)
        .unique()
        .join(due, on="dataset", how="left")
        .join(came, on=list(REPORT), how="left")
        .with_columns(due_on=due_on)
        .select(*REPORT, "due_on", "sent_on", status=status.cast(STATUS))
        .sort(REPORT)
    )


def reporting_quality(statuses: pl.DataFrame) -> pl.DataFrame:
    """Completeness and timeliness of each reporter's reports on each data set.

    Args:
        statuses: As `report_status` gives them.

    Returns:
        `dataset`, `reporter`, `expected`, `received`, `on_time`, `late` (Int64), `completeness`
        (received of expected) and `timeliness` (on time of those whose day is known), shares of
        1 as Float64; timeliness is null where no report has a day.
    """
    counted = statuses.group_by("dataset", "reporter").agg(
        expected=pl.len().cast(pl.Int64),
        received=(pl.col("status") != "missing").sum().cast(pl.Int64),
        on_time=(pl.col("status") == "on_time").sum().cast(pl.Int64),
        late=(pl.col("status") == "late").sum().cast(pl.Int64),
    )
    dated = pl.col("on_time") + pl.col("late")
    return counted.with_columns(
        completeness=pl.col("received") / pl.col("expected"),
        timeliness=pl.when(dated > 0).then(pl.col("on_time") / dated),
    ).sort("dataset", "reporter")
