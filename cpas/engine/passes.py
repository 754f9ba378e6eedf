"""The measure pass: every aggregate that slices of one data set need, by month and area, in one reading of its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import polars as pl

from cpas.definitions.dataset import Dataset
from cpas.definitions.expressions.change import where_any_is
from cpas.definitions.expressions.translate import condition_to_polars
from cpas.definitions.expressions.values import Aggregate, Condition
from cpas.engine.cube import aggregated
from cpas.periods import Period

EXACT = pl.Decimal(38, 6)
SERIES = ["indicator_id", "disaggregation"]
NOTHINGS = ("withheld", "not_applicable")


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass over a data set's rows computes, whatever engine makes it.

    The frame of a pass has a row for each `month` (its first day) and `leaf` (the area's code) that
    has rows, and for each aggregate a column named by its SQL. `months` are the only ones whose
    rows are read; `root` is the area of rows whose data set has no area. With `by` there is a row for each
    of its known values too, which stand as text in a column `value`.
    """

    dataset: Dataset
    months: Period
    root: str
    aggregates: tuple[Aggregate, ...]
    by: Condition | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that tell the rows of its frame apart, by which they are sorted."""
        return ("month", "leaf", "value") if self.by else ("month", "leaf")


class Table(Protocol):
    """A data set's rows in another engine, which makes the pass over them itself."""

    def measure(self, wanted: Pass) -> pl.DataFrame:
        """The frame of a pass."""


Rows = pl.LazyFrame | Table


def measured(rows: Rows, wanted: Pass) -> pl.DataFrame:
    """The frame of a pass, by the engine that has the rows."""
    return in_polars(rows, wanted) if isinstance(rows, pl.LazyFrame) else rows.measure(wanted)


def pass_for(terms: Iterable[Aggregate], dataset: Dataset, months: Period, root: str) -> Pass:
    """The pass that gives some terms, each once, with the counts that say what is missing behind them.

    Distinct counts and percentiles are not of it; `tallies` has them, since they cannot be put together from parts.
    """
    found: dict[Aggregate, None] = {}
    for term in terms:
        found |= dict.fromkeys(each for each in behind(term, dataset).values() if not each.is_whole)
    return Pass(dataset, months, root, tuple(found))


def behind(term: Aggregate, dataset: Dataset) -> dict[str, Aggregate]:
    """A term, and the counts that say what stands behind it.

    Returns:
        `value`: the term itself. `matched`: the rows that it selects. `about`, of a count among levels: the rows that
        its measure is about, of which its own filter selects some. Of all but counts, `known`: the selected rows whose
        argument is known; `withheld` and `not_applicable`: those that say so of the argument, if a row can.
    """
    found = {"value": term, "matched": matched(term)}
    if dataset.kind == "levels" and term.is_count:
        found["about"] = Aggregate("count", None, term.within)
    if not term.is_count:
        found["known"] = Aggregate("count", term.argument, term.where)
        found |= _nothings(term, dataset)
    return found


def matched(term: Aggregate) -> Aggregate:
    """The number of rows that a term selects."""
    return Aggregate("count", None, term.where)


def _nothings(term: Aggregate, dataset: Dataset) -> dict[str, Aggregate]:
    """The number of selected rows that say why the argument is not known, by kind; kinds that no row can say are left out."""
    read = term.argument.columns if term.argument else ()
    columns = [column for column in dataset.columns if column.name in read]
    found = {}
    for kind in NOTHINGS:
        if flags := tuple(column.status_column for column in columns if kind in column.may_be):
            found[kind] = Aggregate("count", None, where_any_is(flags, kind, term.where))
    return found


def in_polars(rows: pl.LazyFrame, wanted: Pass) -> pl.DataFrame:
    """The frame of a pass; coded columns of the rows are Enum."""
    dataset, first, last = wanted.dataset, wanted.months.start, wanted.months.end
    if dataset.covers == "calendar_year":
        first, last = date(first.year, 1, 1), date(last.year, 12, 31)
    period = pl.col(dataset.period or "")
    area = pl.col(dataset.area) if dataset.area else pl.lit(wanted.root)
    keys = [_month(period, first, last).alias("month"), area.alias("leaf")]
    if wanted.by:
        keys.append(condition_to_polars(wanted.by).alias("value"))
    made = aggregated(rows.filter(period.is_between(first, last)), keys, wanted.aggregates, dataset)
    frame = made.with_columns(pl.col(wanted.keys[1:]).cast(pl.String)).sort(wanted.keys)
    return frame.filter(pl.col("value").is_not_null()) if wanted.by else frame


def _month(day: pl.Expr, first: date, last: date) -> pl.Expr:
    """The first day of the month of each day from `first` to `last`, looked up: to truncate each takes ten times as long."""
    months = pl.date_range(first, last, eager=True).dt.truncate("1mo")
    return pl.lit(months).gather(day.to_physical() - (first - date(1970, 1, 1)).days)
