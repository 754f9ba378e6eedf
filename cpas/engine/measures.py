"""Slices of indicators, and the monthly cells of each from the measure pass over its data set.

A slice is one indicator in one version and one part of a disaggregation. Slices that share an
aggregate share its column in the pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from cpas.definitions.dataset import Dataset
from cpas.definitions.expressions.change import narrowed, with_column
from cpas.definitions.expressions.translate import formula_to_polars
from cpas.definitions.expressions.values import Aggregate, Formula
from cpas.definitions.indicator import Missing
from cpas.definitions.loaded import CompiledVersion, Definitions, LoadedIndicator
from cpas.engine.passes import NOTHINGS, about, in_polars, known, matched, nothings, pass_for
from cpas.periods import Period

TOTAL = "total"
NOT_STATED = "not_stated"
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
    wide = in_polars(rows, pass_for((term for one in slices for term in one.terms), dataset, months, root))
    cells = [wide.select(*_cell(one, dataset)) for one in slices]
    found = pl.concat(cells) if cells else pl.DataFrame(schema=CELLS)
    return (
        _spread(found, dataset)
        .filter(pl.col("month").is_between(months.start, months.end))
        .select(CELLS.keys())
    )


def _spread(cells: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Rows that stand for a calendar year, as one cell for each of its months."""
    if dataset.covers != "calendar_year":
        return cells
    each = pl.date_ranges(
        pl.date(pl.col("month").dt.year(), 1, 1), pl.date(pl.col("month").dt.year(), 12, 1), "1mo"
    )
    return cells.with_columns(each.alias("month")).explode("month")


def _cell(one: Slice, dataset: Dataset) -> list[pl.Expr]:
    """The columns of `CELLS` for one slice, from the wide frame of the pass."""
    above = _evaluated(one.numerator, one.indicator.definition.missing, dataset)
    below = pl.lit(None)
    if one.denominator:
        below = _evaluated(one.denominator, one.indicator.definition.missing, dataset)
        both = above.is_not_null() & below.is_not_null()
        above, below = pl.when(both).then(above), pl.when(both).then(below)
    summed = [term for term in one.terms if term.argument and not term.is_count]
    said = [nothings(term, dataset) for term in summed]
    withheld, not_applicable = (_counted(each[kind] for each in said if kind in each) for kind in NOTHINGS)
    open_ = [pl.col(matched(term).sql) - pl.col(known(term).sql) for term in summed]
    return [
        pl.lit(one.indicator.id).alias("indicator_id"),
        pl.lit(one.version.number, dtype=pl.Int64).alias("version"),
        pl.lit(one.disaggregation).alias("disaggregation"),
        pl.col("month"),
        pl.col("leaf"),
        above.cast(EXACT).alias("numerator"),
        below.cast(EXACT).alias("denominator"),
        pl.max_horizontal(pl.col(matched(term).sql) for term in one.terms).alias("records"),
        (pl.sum_horizontal(open_) if open_ else pl.lit(0))
        .cast(pl.Int64)
        .sub(withheld + not_applicable)
        .alias("missing"),
        withheld.alias("withheld"),
        not_applicable.alias("not_applicable"),
    ]


def _counted(counts: Iterable[Aggregate]) -> pl.Expr:
    columns = [pl.col(one.sql) for one in counts]
    return (pl.sum_horizontal(columns) if columns else pl.lit(0)).cast(pl.Int64)


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

    Where no row was selected, nothing happened among events and nothing is known among levels, but that
    a count is zero where there are rows and none passes its filter. The sum of rows whose argument is missing is null, as in SQL; an engine may say 0.
    """
    value, is_selected = pl.col(term.sql).cast(EXACT), pl.col(matched(term).sql) > 0
    if term.function == "sum":
        given = pl.when(pl.col(known(term).sql) > 0).then(value)
        return given.when(~is_selected).then(0) if dataset.kind == "events" else given
    if dataset.kind == "events":
        return value
    is_about = pl.col(about(term).sql) > 0 if term.is_count else is_selected
    return pl.when(is_about).then(value)
