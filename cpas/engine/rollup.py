"""Monthly cells of single places to values of larger areas and longer periods; over place and over time apart from each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from cpas.definitions.indicator import Indicator
from cpas.engine.passes import EXACT, SERIES
from cpas.periods import Period

COUNTS = ["records", "missing", "withheld", "not_applicable", "silent", "lapsed"]
REPORTS = ["reports_received", "reports_expected"]
PARTS = ["numerator", "denominator"]
SPANS = {
    "indicator_id": pl.String,
    "period": pl.String,
    "month": pl.Date,
    "first": pl.Date,
    "last": pl.Date,
}


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
            "calendar_year": period.calendar_year().first,
            "mandate": mandate_from.first,
        }
        return cls(period, Period(min(begins[indicator.cumulative], period.first), period.last))


def over_area(
    cells: pl.DataFrame, closure: pl.DataFrame, rules: pl.DataFrame, needed: pl.Expr
) -> pl.DataFrame:
    """Monthly values of every area, from the cells of all that lies in it.

    Args:
        cells: As `silence.with_silent` gives them.
        closure: As `AreaTree.closure`: the tree as it was in each month.
        rules: One row per indicator: `indicator_id`, `over_area`, `over_time`, `is_events`, `is_ratio`, `scale`,
            `is_by_days`, `is_versioned`.
        needed: Which rows of `month`, `area` and `disaggregation` to make.

    Returns:
        Columns `indicator_id`, `disaggregation`, `month`, `area`, `numerator`, `denominator` and the counts, in any
        order. Cells that know nothing are left out of a sum and counted;
        where no cell knows anything the value is null. A mean keeps its parts: the sum as
        numerator, the number of cells as denominator; a median those of the mean of the one or
        two in the middle, and a lower median the lower of the two, since between two steps there is none.
    """
    keys = [*SERIES, "month", "area"]
    return pl.concat(
        own.join(closure, on=["month", "leaf"])
        .filter(needed)
        .group_by(keys)
        .agg(*_parts(rule), *(pl.col(name).sum() for name in COUNTS))
        for (rule,), own in _alike(cells, rules, "over_area")
    )


def fill_months(values: pl.DataFrame, grid: pl.DataFrame) -> pl.DataFrame:
    """Every month, area and series of the grid, with zero where a report came in and nothing happened.

    Args:
        values: As `over_area` gives them.
        grid: Columns `indicator_id`, `disaggregation`, `month`, `area`, `version`, `is_events`,
            `is_ratio`, `is_percentile`, `reports_received`, `reports_expected`.

    Returns:
        The grid with the columns of `values`. In a data set of events an area without rows has
        zero if at least one report about it was received, and a percentile of nothing is not
        applicable; without any report it has null. Other data sets are never filled.
    """
    joined = grid.join(values, on=[*SERIES, "month", "area"], how="left", maintain_order="left")
    quiet = pl.col("records").is_null() & pl.col("is_events") & (pl.col("reports_received") > 0)
    return joined.with_columns(
        pl.when(quiet & ~pl.col("is_percentile")).then(0).otherwise(pl.col("numerator")).alias("numerator"),
        pl.when(quiet & pl.col("is_ratio")).then(0).otherwise(pl.col("denominator")).alias("denominator"),
        *(pl.col(name).fill_null(0) for name in COUNTS if name != "not_applicable"),
        pl.col("not_applicable").fill_null((quiet & pl.col("is_percentile")).cast(pl.Int64)),
    )


def months_of(spans: Iterable[tuple[str, Span]], rules: pl.DataFrame) -> pl.DataFrame:
    """Each month that a value is made from, and the month whose area tree places it.

    Returns:
        Columns `indicator_id`, `period`, `month`, `anchor` (Date) and `over_time`. The anchor of a last
        value is the last month of its span, of a first value the first, and of any other the month itself.
    """
    rows = [
        (
            id_,
            str(span.period),
            month.start,
            span.months.start,
            Period(span.months.last, span.months.last).start,
        )
        for id_, span in spans
        for month in span.months.months()
    ]
    frame = pl.DataFrame(rows, schema=SPANS, orient="row").join(
        rules.select("indicator_id", "over_time"), on="indicator_id"
    )
    return frame.select(
        "indicator_id",
        "period",
        "month",
        pl.when(pl.col("over_time") == "last")
        .then(pl.col("last"))
        .when(pl.col("over_time") == "first")
        .then(pl.col("first"))
        .otherwise(pl.col("month"))
        .alias("anchor"),
        "over_time",
    )


def over_time(
    values: pl.DataFrame, months: pl.DataFrame, rules: pl.DataFrame, needed: pl.Expr
) -> pl.DataFrame:
    """Values of periods from those of months.

    Args:
        values: As `fill_months` gives them.
        months: As `months_of` gives them.
        rules: As above.
        needed: Which rows of `period`, `area` and `disaggregation` to make.

    Returns:
        Columns `indicator_id`, `disaggregation`, `period`, `area`, `numerator`, `denominator`,
        the counts, `reports_received`, `reports_expected` and `definition_version`, in any order. A mean by days
        has each known month's numerator and denominator (1 where there is none) times its days. The reports of a last
        value are those of the last month of which one told something, and of the months since; those of a first value likewise.
    """
    keys = [*SERIES, "period", "area"]
    narrow = values.select(*SERIES, "month", "area", *PARTS, *COUNTS, *REPORTS, "version")
    made = []
    for (rule, is_by_days, is_versioned), own in _alike(
        narrow, rules, "over_time", "is_by_days", "is_versioned"
    ):
        version = pl.col("version").unique().sort() if is_versioned else pl.col("version").first()
        spread = own.join(months, on=["indicator_id", "month"]).filter(needed).sort("month")
        made.append(
            (spread.with_columns(_by_days()) if is_by_days else spread)
            .group_by(keys)
            .agg(
                *_parts(rule),
                *(pl.col(name).sum() for name in COUNTS),
                *_reports(rule),
                version.cast(pl.String).str.join(",").alias("definition_version"),
            )
        )
    return pl.concat(made)


def _reports(rule: str) -> list[pl.Expr]:
    """The reports behind a value over time; where a place was carried over none of them told of it."""
    if rule not in ("last", "first"):
        return [pl.col(name).sum() for name in REPORTS]
    is_told = pl.col("numerator").is_not_null() & (pl.col("reports_received") > 0)
    return [pl.col(name).filter(_is_behind(rule, is_told)).sum() for name in REPORTS]


def _by_days() -> list[pl.Expr]:
    days = pl.col("month").dt.days_in_month().cast(EXACT)
    of_known = pl.when(pl.col("numerator").is_not_null()).then(pl.col("denominator").fill_null(1))
    weighed = {"numerator": pl.col("numerator") * days, "denominator": of_known * days}
    return [made.alias(name) for name, made in weighed.items()]


def each_place(
    cells: pl.DataFrame, closure: pl.DataFrame, months: pl.DataFrame, rules: pl.DataFrame, needed: pl.Expr
) -> pl.DataFrame:
    """What each place of each area came to over time, where time comes before place.

    A last value takes each place's own last known month within the span, in the area where the place
    lies in the last month; a place that has ceased to exist by then is left out. First values
    likewise. A sum takes each place where it lay at the time.

    Args:
        cells: As `silence.with_silent` gives them.
        closure: As `AreaTree.closure`.
        months: As `months_of` gives them.
        rules: As above, with `is_time_first`; other indicators are left out.
        needed: Which rows of `period`, `area` and `disaggregation` to make.

    Returns:
        Columns `indicator_id`, `disaggregation`, `period`, `area`, `leaf`, `numerator`, `denominator` and the counts,
        which are those of the cells a value rests on; in any order.
    """
    at_anchor = pl.col("month") == pl.col("anchor")
    return pl.concat(
        own.join(months, on=["indicator_id", "month"])
        .join(closure, left_on=["anchor", "leaf"], right_on=["month", "leaf"])
        .filter(needed & (pl.col("exists") | at_anchor))
        .sort("month")
        .group_by(*SERIES, "period", "area", "leaf")
        .agg(
            *_parts(rule),
            *(
                pl.col(name).filter(_is_behind(rule, pl.col("numerator").is_not_null())).sum()
                for name in COUNTS[:-2]
            ),
            pl.col("silent").filter(at_anchor).sum(),
            pl.col("silent").filter(at_anchor & pl.col("numerator").is_null()).sum().alias("lapsed"),
        )
        for (rule,), own in _alike(cells, rules.filter("is_time_first"), "over_time")
    )


def place_by_place(places: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """Values of periods from those of the places of each area.

    Args:
        places: As `each_place` gives them.
        rules: As above.

    Returns:
        Columns `indicator_id`, `disaggregation`, `period`, `area`, `numerator`, `denominator` and the counts, in any order.
    """
    return pl.concat(
        own.group_by(*SERIES, "period", "area").agg(*_parts(rule), *(pl.col(name).sum() for name in COUNTS))
        for (rule,), own in _alike(places, rules, "over_area")
    )


def replaced(values: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """Values with those that were made place by place in the place of those made month by month."""
    joined = values.join(
        placed.with_columns(is_placed=pl.lit(value=True)),
        on=[*SERIES, "period", "area"],
        how="left",
        suffix=" placed",
        maintain_order="left",
    )
    return joined.select(
        pl.when("is_placed").then(pl.col(f"{name} placed")).otherwise(pl.col(name)).alias(name)
        if name in (*PARTS, *COUNTS)
        else name
        for name in values.columns
    )


def with_value(values: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """Values with `value` (Float64): `scale * numerator / denominator`, null for a zero denominator, or `scale * numerator` where there is none."""
    above, below = (pl.col(name).cast(pl.Float64) for name in PARTS)
    value = (
        pl.when(pl.col("denominator").is_null())
        .then(above)
        .when(pl.col("denominator") != 0)
        .then(above / below)
    )
    return values.join(
        rules.select("indicator_id", "scale"), on="indicator_id", maintain_order="left"
    ).select(
        *SERIES,
        "period",
        "area",
        *PARTS,
        (value * pl.col("scale")).alias("value"),
        *COUNTS,
        *REPORTS,
        "definition_version",
    )


def _is_behind(rule: str, known: pl.Expr) -> pl.Expr:
    """Whether a month stands behind a value: all of them; from the last known on; or up to the first known."""
    month = pl.col("month")
    behind = {"last": month >= month.filter(known).last(), "first": month <= month.filter(known).first()}
    return behind.get(rule, month.is_not_null()).fill_null(value=True)


def _alike(
    rows: pl.DataFrame, rules: pl.DataFrame, *columns: str
) -> Iterator[tuple[tuple[Any, ...], pl.DataFrame]]:
    """The rows of those indicators that have the same rules, with these rules; no rows and a sum where there is no indicator."""
    kinds = rules.select("indicator_id", *columns)
    for key, own in kinds.group_by(*columns, maintain_order=True):
        yield key, rows.join(own, on="indicator_id", how="semi")
    if kinds.is_empty():
        yield ("sum", False, False)[: len(columns)], rows.clear()


def _parts(rule: str) -> list[pl.Expr]:
    """Numerator and denominator of rows put together by a rule over areas or time, in order where the rule asks for it."""
    above, below = (pl.col(name) for name in PARTS)
    known, ordered = above.is_not_null(), above.drop_nulls().sort()
    count = above.count().cast(pl.Int64)
    middle = [ordered.get(at, null_on_oob=True) for at in ((count - 1) // 2, count // 2)]
    of_known = pl.when(count > 0).then(count)
    ways: dict[str, tuple[pl.Expr, pl.Expr]] = {
        "sum": (_total(above), _total(below)),
        "max": (above.max(), below.max()),
        "min": (above.min(), below.min()),
        "last": (above.filter(known).last(), below.filter(known).last()),
        "first": (above.filter(known).first(), below.filter(known).first()),
        "mean": (_total(above), pl.coalesce(_total(below), of_known.cast(EXACT))),
        "median": (
            pl.when(count % 2 == 1).then(middle[0]).otherwise(middle[0] + middle[1]),
            pl.when(count > 0).then(2 - count % 2),
        ),
        "lower_median": (_lower_median(above), _lower_median(below)),
        "count": (of_known, pl.lit(None)),
    }
    return [part.cast(EXACT).alias(name) for part, name in zip(ways[rule], PARTS, strict=True)]


def _total(part: pl.Expr) -> pl.Expr:
    """The sum; of nothing nothing."""
    return pl.when(part.count() > 0).then(part.sum())


def _lower_median(part: pl.Expr) -> pl.Expr:
    return part.drop_nulls().sort().get((part.count().cast(pl.Int64) - 1) // 2, null_on_oob=True)
