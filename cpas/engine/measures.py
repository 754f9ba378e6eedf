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
from cpas.definitions.expressions.values import Aggregate, Formula, spelling
from cpas.definitions.indicator import Missing
from cpas.definitions.loaded import CompiledVersion, Definitions, LoadedIndicator
from cpas.engine.passes import EXACT, NOTHINGS, Rows, behind, measured, pass_for
from cpas.engine.tallies import SLOTS, of_cells, tally
from cpas.periods import Period

TOTAL = "total"
NOT_STATED = "not_stated"
IDENTITY: dict[str, pl.DataType | type[pl.DataType]] = {
    "indicator_id": pl.String,
    "version": pl.Int64,
    "disaggregation": pl.String,
}
CELLS: dict[str, pl.DataType | type[pl.DataType]] = {
    **IDENTITY,
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
    """The cells of slices, of those that are computed alike in one query: a query costs more to plan than to make."""
    columns = {column.name: column for column in wide.get_columns()}
    alike: dict[tuple[object, ...], list[tuple[Slice, list[pl.Series]]]] = {}
    for one in slices:
        parts = [columns[each.sql].alias(name) for name, each in _behind(one, dataset).items()]
        kinds = tuple((part.name, part.dtype) for part in parts)
        alike.setdefault((_shape(one), kinds), []).append((one, parts))
    for same in alike.values():
        row = pl.int_range(len(same) * wide.height, eager=True)
        ids = pl.DataFrame([_identity(one) for one, _ in same], schema=IDENTITY, orient="row")
        places = wide.select("month", "leaf")
        stacked = pl.DataFrame(
            [pl.concat(parts) for parts in zip(*(parts for _, parts in same), strict=True)]
        )
        whole = pl.concat([ids[row // wide.height], places[row % wide.height], stacked], how="horizontal")
        yield whole.select(_cell(same[0][0], dataset))


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


def _identity(one: Slice) -> tuple[str, int, str]:
    return one.indicator.id, one.version.number, one.disaggregation


def _shape(one: Slice) -> tuple[object, ...]:
    """What `_cell` reads of a slice, but for the names and types of columns: slices that agree in it are computed alike."""
    formulas = tuple(spelling(each.tree) for each in (one.numerator, one.denominator) if each)
    return one.indicator.definition.missing, formulas, tuple(term.function for term in one.terms)


def _behind(one: Slice, dataset: Dataset) -> dict[str, Aggregate]:
    """What the pass has of the terms of a slice, by `_name`."""
    return {
        _name(index, role): each
        for index, term in enumerate(one.terms)
        for role, each in behind(term, dataset).items()
    }


def _name(index: int, role: str) -> str:
    return f"{role} {index}"


def _cell(one: Slice, dataset: Dataset) -> list[pl.Expr]:
    """The columns of `CELLS` for slices that are computed as one is, from columns named by `_name`."""
    missing, first = one.indicator.definition.missing, len(one.numerator.terms)
    above = _evaluated(one.numerator, 0, missing, dataset)
    below = pl.lit(None)
    if one.denominator:
        below = _evaluated(one.denominator, first, missing, dataset)
        both = above.is_not_null() & below.is_not_null()
        above, below = pl.when(both).then(above), pl.when(both).then(below)
    names = _behind(one, dataset)
    withheld, not_applicable = (
        _added(pl.col(name) for name in names if name.startswith(kind)) for kind in NOTHINGS
    )
    terms = list(enumerate(one.terms))
    idle = [pl.col(_name(index, "matched")) == 0 for index, term in terms if term.function == "percentile"]
    is_idle = pl.any_horizontal(idle) if idle and dataset.kind == "events" else pl.lit(value=False)
    not_known = (
        pl.col(_name(index, "matched")) - pl.col(_name(index, "known"))
        for index, term in terms
        if not term.is_count
    )
    return [
        *(pl.col(name) for name in (*IDENTITY, "month", "leaf")),
        above.cast(EXACT).alias("numerator"),
        below.cast(EXACT).alias("denominator"),
        pl.max_horizontal(pl.col(_name(index, "matched")) for index, _ in terms).alias("records"),
        (_added(not_known) - withheld - not_applicable).alias("missing"),
        withheld.alias("withheld"),
        (not_applicable + is_idle.cast(pl.Int64)).alias("not_applicable"),
    ]


def _added(counts: Iterable[pl.Expr]) -> pl.Expr:
    columns = list(counts)
    return (pl.sum_horizontal(columns) if columns else pl.lit(0)).cast(pl.Int64)


def _evaluated(formula: Formula, first: int, missing: Missing, dataset: Dataset) -> pl.Expr:
    """Numerator or denominator of each cell, whose terms begin with the `first` of the slice; what a missing operand means is the indicator's to say."""
    operands = {
        f"t{index}": _operand(term, first + index, dataset) for index, term in enumerate(formula.terms)
    }
    if missing == "skip_if_any":
        return formula_to_polars(formula, lambda name: operands[name])
    filled = formula_to_polars(formula, lambda name: operands[name].fill_null(0))
    if missing == "never_skip":
        return filled
    return pl.when(pl.any_horizontal(operand.is_not_null() for operand in operands.values())).then(filled)


def _operand(term: Aggregate, index: int, dataset: Dataset) -> pl.Expr:
    """An aggregate as an exact number, with its meaning where nothing is known.

    Where no row was selected, nothing happened among events and nothing is known among levels, but that
    a count is zero where there are rows and none passes its filter. The sum of rows whose argument is missing is null, as in SQL; an engine may say 0.
    Of distinct values none may have come.
    """
    value = pl.col(_name(index, "value")).cast(EXACT)
    is_selected = pl.col(_name(index, "matched")) > 0
    if term.function == "count_distinct":
        value = value.fill_null(0)
    if term.function == "sum":
        given = pl.when(pl.col(_name(index, "known")) > 0).then(value)
        return given.when(~is_selected).then(0) if dataset.kind == "events" else given
    if dataset.kind == "events":
        return value
    is_about = pl.col(_name(index, "about")) > 0 if term.is_count else is_selected
    return pl.when(is_about).then(value)
