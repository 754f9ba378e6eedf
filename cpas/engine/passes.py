"""The measure pass: every aggregate that slices of one data set need, by month and area, in one reading of its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from cpas.definitions.dataset import Dataset
from cpas.definitions.expressions.change import where_any_is
from cpas.definitions.expressions.translate import condition_to_polars
from cpas.definitions.expressions.values import Aggregate, Condition
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

    Percentiles are not of it; `tallies` has them, since they cannot be put together from those of months and areas.
    """
    found: dict[Aggregate, None] = {}
    for term in terms:
        found |= dict.fromkeys((matched(term),) if term.function == "percentile" else (term, matched(term)))
        if dataset.kind == "levels" and term.is_count:
            found |= dict.fromkeys((about(term),))
        if term.argument is not None:
            found |= dict.fromkeys((known(term), *nothings(term, dataset).values()))
    return Pass(dataset, months, root, tuple(found))


def matched(term: Aggregate) -> Aggregate:
    """The number of rows that a term selects."""
    return Aggregate("count", None, term.where)


def about(term: Aggregate) -> Aggregate:
    """The number of rows that a term's measure is about, of which its own filter selects some."""
    return Aggregate("count", None, term.within)


def known(term: Aggregate) -> Aggregate:
    """The number of selected rows whose argument is known."""
    return Aggregate("count", term.argument, term.where)


def nothings(term: Aggregate, dataset: Dataset) -> dict[str, Aggregate]:
    """The number of selected rows that say why the argument is not known, by kind; kinds that no row can say are left out."""
    read = term.argument.columns if term.argument else ()
    columns = [column for column in dataset.columns if column.name in read]
    found = {}
    for kind in NOTHINGS:
        if flags := tuple(column.status_column for column in columns if kind in column.may_be):
            found[kind] = Aggregate("count", None, where_any_is(flags, kind, term.where))
    return found


def in_polars(rows: pl.LazyFrame, wanted: Pass) -> pl.DataFrame:
    """The frame of a pass, by one streaming group-by; coded columns of the rows are Enum."""
    dataset, months = wanted.dataset, wanted.months
    period = pl.col(dataset.period or "")
    is_read = period.is_between(months.start, months.end)
    if dataset.covers == "calendar_year":
        is_read = period.dt.year().is_between(months.start.year, months.end.year)
    area = pl.col(dataset.area).cast(pl.String) if dataset.area else pl.lit(wanted.root)
    keys = [period.dt.truncate("1mo").alias("month"), area.alias("leaf")]
    prepared = _Prepared(wanted.dataset)
    made = [prepared.aggregated(one).alias(one.sql) for one in wanted.aggregates]
    if wanted.by:
        keys.append(prepared.column(wanted.by).cast(pl.String).alias("value"))
    read = rows.filter(is_read).with_columns(prepared.columns())
    frame = read.group_by(keys).agg(made).sort(wanted.keys).collect()
    return frame.filter(pl.col("value").is_not_null()) if wanted.by else frame


class _Prepared:
    """Each condition and each argument once, as a column of the rows, so that aggregates share them.

    A constant is a column too, since polars aggregates a bare one as if it stood in one row.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._plain = frozenset(dataset.column_names)
        self._made: dict[str, pl.Expr] = {}

    def columns(self) -> list[pl.Expr]:
        """The columns to add to the rows, once all aggregates were asked for."""
        return [expression.alias(name) for name, expression in self._made.items()]

    def aggregated(self, one: Aggregate) -> pl.Expr:
        """The aggregate over these columns."""
        selected = self.column(one.where, is_condition=True) if one.where else None
        if one.argument is None:
            return (pl.len() if selected is None else selected.sum()).cast(pl.Int64)
        argument = self.column(one.argument)
        given = argument if selected is None else pl.when(selected).then(argument)
        match one.function:
            case "count":
                return given.count().cast(pl.Int64)
            case "count_distinct":
                return given.drop_nulls().n_unique().cast(pl.Int64)
            case "sum":
                return given.sum()
            case "min":
                return given.min()
            case _:
                return given.max()

    def column(self, row: Condition, *, is_condition: bool = False) -> pl.Expr:
        """The column of a condition, where unknown is false, or of a row expression."""
        if not is_condition and row.sql in self._plain:
            return pl.col(row.sql)
        name = f"where {row.sql}" if is_condition else f"of {row.sql}"
        if name not in self._made:
            made = condition_to_polars(row)
            self._made[name] = made.fill_null(value=False) if is_condition else made
        return pl.col(name)
