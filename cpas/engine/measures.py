"""Slices of indicators, and the monthly cells of each from the measure pass over its data set.

A slice is one indicator in one version and one part of a disaggregation. Slices that share an
aggregate share its column in the pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from cpas.definitions.dataset import Dataset
from cpas.definitions.expressions.change import narrowed, with_column
from cpas.definitions.expressions.translate import formula_to_polars
from cpas.definitions.expressions.values import Aggregate, Formula
from cpas.definitions.indicator import Missing
from cpas.definitions.loaded import CompiledVersion, Definitions, LoadedIndicator
from cpas.engine.passes import EXACT, NOTHINGS, Rows, about, known, matched, measured, nothings, pass_for
from cpas.engine.tallies import SLOTS, of_cells, tally
from cpas.periods import Period

TOTAL = "total"
NOT_STATED = "not_stated"
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
    rows: Rows, dataset: Dataset, slices: Iterable[Slice], months: Period, root: str
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
    return measure(rows, dataset, slices, months, root).cells


@dataclass(frozen=True, slots=True)
class Measured:
    """What slices measure: their cells, and the values behind distinct counts and percentiles as `tallies.SLOTS`."""

    cells: pl.DataFrame
    slots: pl.DataFrame


def measure(rows: Rows, dataset: Dataset, slices: Iterable[Slice], months: Period, root: str) -> Measured:
    """As `compute_cells`, with what is needed to settle distinct counts and percentiles for larger areas and longer periods."""
    slices = tuple(slices)
    wanted = pass_for((term for one in slices for term in one.terms), dataset, months, root)
    wide = measured(rows, wanted)
    whole = [term for one in slices for term in one.terms if term.is_whole]
    tallies = tally(rows, wanted, whole)
    for settled in of_cells(tallies, whole).values():
        wide = wide.join(settled, on=["month", "leaf"], how="left", maintain_order="left")
    return Measured(
        _spread(list(_cells(wide, slices, dataset)), dataset, months, CELLS),
        _spread(list(_slots(slices, tallies)), dataset, months, SLOTS),
    )


def _cells(wide: pl.DataFrame, slices: Iterable[Slice], dataset: Dataset) -> Iterator[pl.DataFrame]:
    """The cells of each slice, from its own columns alone: a query over thousands costs more to plan than to make."""
    columns = {column.name: column for column in wide.get_columns()}
    for one in slices:
        made = _cell(one, dataset)
        own = dict.fromkeys(name for expression in made for name in expression.meta.root_names())
        yield pl.DataFrame([columns[name] for name in own]).select(made)


def _slots(slices: Iterable[Slice], tallies: Mapping[str, pl.DataFrame]) -> Iterator[pl.DataFrame]:
    for one in slices:
        for part, formula in (("numerator", one.numerator), ("denominator", one.denominator)):
            if formula and formula.whole:
                yield (
                    tallies[formula.whole.sql]
                    .with_columns(
                        indicator_id=pl.lit(one.indicator.id),
                        version=pl.lit(one.version.number, dtype=pl.Int64),
                        disaggregation=pl.lit(one.disaggregation),
                        part=pl.lit(part),
                        function=pl.lit(formula.whole.function),
                        fraction=pl.lit(str(formula.whole.fraction)),
                    )
                    .select(SLOTS.keys())
                )


def _spread(
    frames: list[pl.DataFrame], dataset: Dataset, months: Period, schema: Mapping[str, Any]
) -> pl.DataFrame:
    """The frames as one; rows that stand for a calendar year stand for each of its months that is asked for."""
    found = pl.concat([pl.DataFrame(schema=schema), *frames])
    if dataset.covers == "calendar_year":
        year = pl.col("month").dt.year()
        each = pl.date_ranges(pl.date(year, 1, 1), pl.date(year, 12, 1), "1mo")
        found = found.with_columns(each.alias("month")).explode("month")
    return found.filter(pl.col("month").is_between(months.start, months.end)).select(schema.keys())


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
    idle = [pl.col(matched(term).sql) == 0 for term in one.terms if term.function == "percentile"]
    is_idle = pl.any_horizontal(idle) if idle and dataset.kind == "events" else pl.lit(value=False)
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
        (not_applicable + is_idle.cast(pl.Int64)).alias("not_applicable"),
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
    Of distinct values none may have come.
    """
    value, is_selected = pl.col(term.sql).cast(EXACT), pl.col(matched(term).sql) > 0
    if term.function == "count_distinct":
        value = value.fill_null(0)
    if term.function == "sum":
        given = pl.when(pl.col(known(term).sql) > 0).then(value)
        return given.when(~is_selected).then(0) if dataset.kind == "events" else given
    if dataset.kind == "events":
        return value
    is_about = pl.col(about(term).sql) > 0 if term.is_count else is_selected
    return pl.when(is_about).then(value)
