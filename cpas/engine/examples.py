"""Worked examples: each indicator's own rows and the value they must give, run through the engine itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from cpas.definitions.dataset import Column, Dataset
from cpas.definitions.indicator import Example
from cpas.definitions.loaded import CompiledVersion, Definitions, LoadedIndicator
from cpas.engine.derived import compute_derived
from cpas.engine.facts import polars_type
from cpas.engine.measures import TOTAL, Slice, compute_cells
from cpas.engine.rollup import COUNTS, REPORTS
from cpas.errors import Issue
from cpas.periods import Period

MONTH = Period.parse("2019-06")
PLACE = "example"
CASE = "_case"
UNREADABLE = (PolarsError, TypeError, ValueError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class _Case:
    """An example, and the version of its indicator that it is an example of."""

    indicator: LoadedIndicator
    version: CompiledVersion
    example: Example

    @property
    def total(self) -> Slice:
        """What is measured."""
        measure = self.version.measure
        return Slice(self.indicator, self.version, TOTAL, measure.numerator, measure.denominator)


def check_examples(definitions: Definitions) -> Iterator[Issue]:
    """An issue for each worked example that does not give the value it states."""
    cases = [
        _Case(indicator, indicator.versions[(example.version or 1) - 1], example)
        for indicator in definitions.indicators.values()
        for example in indicator.definition.examples
    ]
    found: dict[int, float | Exception | None] = {}
    for source in {case.indicator.definition.source: None for case in cases}:
        own = [index for index, case in enumerate(cases) if case.indicator.definition.source == source]
        found |= zip(own, _values([cases[index] for index in own], source, definitions), strict=True)
    for index, case in enumerate(cases):
        value, name = found[index], f"the example `{case.example.name}`"
        if isinstance(value, Exception):
            yield _issue(case.indicator, f"{name} cannot be read: {str(value).splitlines()[0]}")
        elif not _same(value, case.example.value):
            scale = definitions.scale_of(case.indicator.id)
            wanted = case.example.value
            given = (scale.code_at(value), scale.code_at(wanted)) if scale else (value, wanted)
            yield _issue(case.indicator, f"{name} gives {given[0]}, not {given[1]}")


def _issue(indicator: LoadedIndicator, problem: str) -> Issue:
    return Issue("CPAS-I040", indicator.where, problem, "correct the measure, or the example")


def _same(found: float | None, wanted: Decimal | None) -> bool:
    """Whether they are equal to the decimals that were written."""
    if found is None or wanted is None:
        return found is None and wanted is None
    written = int(wanted.as_tuple().exponent)
    return abs(found - float(wanted)) <= (0.5 * 10.0**written if written < 0 else 1e-9)


def _values(
    cases: list[_Case], source: str | None, definitions: Definitions
) -> Sequence[float | Exception | None]:
    """What the cases of one data set give; where their pass fails each has its own, which tells the faulty ones."""
    try:
        if source is None:
            return [_derived_value(case) for case in cases]
        return _measured(cases, definitions.datasets[source].dataset, definitions)
    except UNREADABLE as error:
        if len(cases) == 1:
            return [error]
        return [_values([case], source, definitions)[0] for case in cases]


def _measured(cases: list[_Case], dataset: Dataset, definitions: Definitions) -> list[float | None]:
    """What the rows of each case give: one pass over the rows of all, with the case in the place of the area."""
    placed = dataset.model_copy(update={"area": CASE})
    slices = {(case.indicator.id, case.version.number): case.total for case in cases}
    cells = compute_cells(_rows(cases, dataset, definitions).lazy(), placed, slices.values(), MONTH, "")
    parts = {
        (id_, version, case): (above, below)
        for id_, version, case, above, below in cells.select(
            "indicator_id", "version", "leaf", "numerator", "denominator"
        ).iter_rows()
    }
    values: list[float | None] = []
    for number, case in enumerate(cases):
        above, below = parts.get((case.indicator.id, case.version.number, str(number)), (None, None))
        measure = case.version.measure
        is_open = above is None or (measure.denominator is not None and not below)
        values.append(None if is_open else float(above) / float(below or 1) * measure.scale)
    return values


def _derived_value(case: _Case) -> float | None:
    values, frames = case.example.values or {}, []
    for operand in case.version.measure.operands:
        value = values.get(operand.indicator if operand.function == "annualised" else operand.name)
        frames.append(
            pl.DataFrame(
                {
                    "indicator_id": [operand.indicator],
                    "disaggregation": [TOTAL],
                    "period": [str(operand.at(MONTH))],
                    "area": [PLACE],
                    "value": [None if value is None else float(value)],
                    "denominator": [None],
                    "days": [MONTH.days],
                    **{name: [0] for name in (*COUNTS, *REPORTS)},
                },
                schema_overrides={"value": pl.Float64, "denominator": pl.Float64},
            )
        )
    given = pl.concat(frames).unique(["indicator_id", "period"], maintain_order=True)
    results = {
        name: given.filter(pl.col("indicator_id") == name).drop("indicator_id")
        for name in given["indicator_id"].unique()
    }
    pinned = replace(case.indicator, versions=(case.version,))
    found: float | None = compute_derived(pinned, results, [MONTH])["value"][0]
    return found


def _rows(cases: list[_Case], dataset: Dataset, definitions: Definitions) -> pl.DataFrame:
    """The rows of all cases, all of one month, each with the number of its case."""
    rows = [row for case in cases for row in case.example.rows or ()]
    placed = {dataset.period: MONTH.start, dataset.area: PLACE}
    columns = {
        column.name: pl.Series(
            column.name,
            [_typed(placed.get(column.name, row.get(column.name)), column) for row in rows],
            dtype=polars_type(column, definitions),
        )
        for column in dataset.columns
    }
    for column in dataset.columns:
        if column.may_be:
            words = [row.get(column.name) if row.get(column.name) in column.may_be else None for row in rows]
            columns[column.status_column] = pl.Series(column.status_column, words, dtype=pl.String)
    numbers = [str(number) for number, case in enumerate(cases) for _ in case.example.rows or ()]
    return pl.DataFrame(columns | {CASE: pl.Series(CASE, numbers, dtype=pl.String)})


def _typed(value: Any, column: Column) -> Any:
    if value is None or value in column.may_be:
        return None
    if column.type in ("date", "month"):
        return value if isinstance(value, date) else date.fromisoformat(value)
    return (
        Decimal(value)
        if column.type in ("quantity", "amount")
        else float(value)
        if column.type == "number"
        else value
    )
