"""The measure pass: all aggregates on one data set in one streaming group-by, then each indicator's monthly cells.

A slice is one indicator in one version and one part of a disaggregation. Slices that share an
aggregate share its column, and the pass reads only the columns that some aggregate needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from cpas.definitions.dataset import Dataset
from cpas.definitions.expressions.change import narrowed, with_column
from cpas.definitions.expressions.translate import condition_to_polars, formula_to_polars
from cpas.definitions.expressions.values import Aggregate, Formula
from cpas.definitions.indicator import Missing
from cpas.definitions.loaded import CompiledVersion, Definitions, LoadedIndicator
from cpas.periods import Period

TOTAL = "total"
NOT_STATED = "not_stated"
NOTHINGS = ("withheld", "not_applicable")
EXACT = pl.Decimal(38, 6)
CELLS: dict[str, pl.DataType | type[pl.DataType]] = {
    "indicator_id": pl.String,
    "version": pl.Int64,
    "disaggregation": pl.String,
    "month": pl.Date,
    "leaf": pl.String,
    "numerator": EXACT,
    "denominator": EXACT,
    "records": pl.Int64,
    "missing": pl.Int64,
    "withheld": pl.Int64,
    "not_applicable": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Slice:
    """One indicator, in one version, for one part of a disaggregation (`total`, or `column=value`)."""

    indicator: LoadedIndicator
    version: CompiledVersion
    disaggregation: str
    numerator: Formula
    denominator: Formula | None

    @property
    def terms(self) -> tuple[Aggregate, ...]:
        """The aggregates of numerator and denominator."""
        return self.numerator.terms + (self.denominator.terms if self.denominator else ())


def slices_of(indicator: LoadedIndicator, definitions: Definitions) -> Iterator[Slice]:
    """Every slice of an indicator that is computed from rows."""
    dataset = definitions.datasets[indicator.definition.source or ""].dataset
    for version in indicator.versions:
        measure = version.measure
        yield Slice(indicator, version, TOTAL, measure.numerator, measure.denominator)
        for name in indicator.definition.disaggregate_by:
            if breakdown := dataset.breakdowns.get(name):
                for part, column in breakdown.parts.items():
                    above, below = (
                        _exchanged(one, breakdown.total, column)
                        for one in (measure.numerator, measure.denominator)
                    )
                    if above is not None:
                        yield Slice(indicator, version, f"{name}={part}", above, below)
                continue
            for value in _values(dataset, name, definitions):
                above, below = (
                    narrowed(one, name, value) if one else None
                    for one in (measure.numerator, measure.denominator)
                )
                if above is not None:
                    yield Slice(indicator, version, f"{name}={value or NOT_STATED}", above, below)


def _exchanged(formula: Formula | None, total: str, part: str) -> Formula | None:
    return with_column(formula, total, part) if formula else None


def _values(dataset: Dataset, name: str, definitions: Definitions) -> tuple[str | None, ...]:
    column = dataset.column(name)
    if column.codes:
        known = tuple(definitions.codes[column.codes].codes)
    else:
        known = tuple(definitions.members(column.to or "") or ())
    return known if column.required else (*known, None)


def compute_cells(
    rows: pl.LazyFrame, dataset: Dataset, slices: Iterable[Slice], months: Period, root: str
) -> pl.DataFrame:
    """What each slice measures in each month and area that has rows.

    Args:
        rows: The data set's rows with its declared columns; coded columns as Enum.
        dataset: Its declaration.
        slices: What to measure.
        months: Only rows of these months are read.
        root: The area of rows whose data set has no area.

    Returns:
        Columns as `CELLS`. A sum over nothing is null; the sum is zero only where rows say so or
        where the data set is one of events and has rows of that month and area.
    """
    slices = tuple(slices)
    columns = _Columns(dataset)
    for one in slices:
        for term in one.terms:
            columns.add(term)
    wide = _pass(rows, dataset, columns, months, root)
    cells = [wide.select(*_cell(one, columns, dataset)) for one in slices]
    found = pl.concat(cells) if cells else pl.DataFrame(schema=CELLS)
    return (
        _spread(found, dataset)
        .filter(pl.col("month").is_between(months.start, months.end))
        .select(CELLS.keys())
    )


def _pass(rows: pl.LazyFrame, dataset: Dataset, columns: _Columns, months: Period, root: str) -> pl.DataFrame:
    period = pl.col(dataset.period or "")
    wanted = period.is_between(months.start, months.end)
    if dataset.covers == "calendar_year":
        wanted = period.dt.year().is_between(months.start.year, months.end.year)
    area = pl.col(dataset.area).cast(pl.String) if dataset.area else pl.lit(root)
    return (
        rows.filter(wanted)
        .group_by(period.dt.truncate("1mo").alias("month"), area.alias("leaf"))
        .agg(columns.expressions())
        .sort("month", "leaf")
        .collect()
    )


def _spread(cells: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Rows that stand for a calendar year, as one cell for each of its months."""
    if dataset.covers != "calendar_year":
        return cells
    each = pl.date_ranges(
        pl.date(pl.col("month").dt.year(), 1, 1), pl.date(pl.col("month").dt.year(), 12, 1), "1mo"
    )
    return cells.with_columns(each.alias("month")).explode("month")


def _cell(one: Slice, columns: _Columns, dataset: Dataset) -> list[pl.Expr]:
    """The columns of `CELLS` for one slice, from the wide frame of the pass."""
    above = _evaluated(one.numerator, one.indicator.definition.missing, dataset)
    below = pl.lit(None)
    if one.denominator:
        below = _evaluated(one.denominator, one.indicator.definition.missing, dataset)
        both = above.is_not_null() & below.is_not_null()
        above, below = pl.when(both).then(above), pl.when(both).then(below)
    summed = [term for term in one.terms if term.argument and not term.function.startswith("count")]
    withheld, not_applicable = (
        _counted([columns.nothing(term, kind) for term in summed], columns) for kind in NOTHINGS
    )
    open_ = [pl.col(columns.matched(term)) - pl.col(columns.known(term)) for term in summed]
    return [
        pl.lit(one.indicator.id).alias("indicator_id"),
        pl.lit(one.version.number, dtype=pl.Int64).alias("version"),
        pl.lit(one.disaggregation).alias("disaggregation"),
        pl.col("month"),
        pl.col("leaf"),
        above.cast(EXACT).alias("numerator"),
        below.cast(EXACT).alias("denominator"),
        pl.max_horizontal(pl.col(columns.matched(term)) for term in one.terms).alias("records"),
        (pl.sum_horizontal(open_) if open_ else pl.lit(0))
        .cast(pl.Int64)
        .sub(withheld + not_applicable)
        .alias("missing"),
        withheld.alias("withheld"),
        not_applicable.alias("not_applicable"),
    ]


def _counted(names: list[str], columns: _Columns) -> pl.Expr:
    held = [pl.col(name) for name in names if columns.has(name)]
    return (pl.sum_horizontal(held) if held else pl.lit(0)).cast(pl.Int64)


def _evaluated(formula: Formula, missing: Missing, dataset: Dataset) -> pl.Expr:
    """Numerator or denominator of each cell; what a missing operand means is the indicator's to say."""
    operands = {f"t{index}": _operand(term, dataset) for index, term in enumerate(formula.terms)}
    if missing == "skip_if_any":
        return formula_to_polars(formula, lambda name: operands[name])
    filled = formula_to_polars(formula, lambda name: operands[name].fill_null(0))
    if missing == "never_skip":
        return filled
    return pl.when(pl.any_horizontal(operand.is_not_null() for operand in operands.values())).then(filled)


def _operand(term: Aggregate, dataset: Dataset) -> pl.Expr:
    """An aggregate as an exact number, with its meaning where nothing is known.

    Where no row was selected, nothing happened among events and nothing is known among levels. The sum
    of rows whose argument is missing is null, as in SQL; polars says 0.
    """
    value, is_selected = pl.col(_Columns.value(term)).cast(EXACT), pl.col(_Columns.matched(term)) > 0
    if term.function == "sum":
        is_known = pl.col(_Columns.known(term)) > 0
        return pl.when(is_known | ~is_selected if dataset.kind == "events" else is_known).then(value)
    return pl.when(is_selected).then(value) if dataset.kind == "levels" else value


class _Columns:
    """The columns of the pass: each distinct aggregate once, with the counts that say what is missing behind it."""

    def __init__(self, dataset: Dataset) -> None:
        self._may_be = {column.name: column for column in dataset.columns if column.may_be}
        self._expressions: dict[str, pl.Expr] = {}

    def add(self, term: Aggregate) -> None:
        """Add what a term needs and is not there yet."""
        selected = condition_to_polars(term.where).fill_null(value=False) if term.where else None
        rows = pl.len() if selected is None else selected.sum()
        self._put(self.matched(term), rows.cast(pl.Int64))
        if term.argument is None:
            self._put(self.value(term), rows)
            return
        argument = condition_to_polars(term.argument)
        given = argument if selected is None else pl.when(selected).then(argument)
        self._put(self.value(term), _aggregated(term, given))
        self._put(self.known(term), given.count().cast(pl.Int64))
        for kind in NOTHINGS:
            if flags := self._flags(term, kind):
                flagged = pl.any_horizontal(flags)
                self._put(
                    self.nothing(term, kind),
                    (flagged if selected is None else flagged & selected).sum().cast(pl.Int64),
                )

    def expressions(self) -> list[pl.Expr]:
        """All columns, for one `agg`."""
        return [expression.alias(name) for name, expression in self._expressions.items()]

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return name in self._expressions

    @staticmethod
    def value(term: Aggregate) -> str:
        """The name of the aggregate's own column."""
        return term.sql

    @staticmethod
    def matched(term: Aggregate) -> str:
        """The name of the number of rows it selects."""
        return f"rows{_where(term)}"

    @staticmethod
    def known(term: Aggregate) -> str:
        """The name of the number of selected rows whose argument is known."""
        return f"known {_argument(term)}{_where(term)}"

    @staticmethod
    def nothing(term: Aggregate, kind: str) -> str:
        """The name of the number of selected rows that say why the argument is not known."""
        return f"{kind} {_argument(term)}{_where(term)}"

    def _put(self, name: str, expression: pl.Expr) -> None:
        self._expressions.setdefault(name, expression)

    def _flags(self, term: Aggregate, kind: str) -> list[pl.Expr]:
        read = term.argument.columns if term.argument else ()
        columns = (self._may_be[name] for name in read if name in self._may_be)
        return [
            pl.col(column.status_column).eq_missing(pl.lit(kind))
            for column in columns
            if kind in column.may_be
        ]


def _argument(term: Aggregate) -> str:
    return term.argument.sql if term.argument else "*"


def _where(term: Aggregate) -> str:
    return f" where {term.where.sql}" if term.where else ""


def _aggregated(term: Aggregate, given: pl.Expr) -> pl.Expr:
    match term.function:
        case "count":
            return given.count()
        case "count_distinct":
            return given.drop_nulls().n_unique()
        case "sum":
            return given.sum()
        case "min":
            return given.min()
        case "max":
            return given.max()
