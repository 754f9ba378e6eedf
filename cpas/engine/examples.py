"""Worked examples: each indicator's own rows and the value they must give, run through the engine itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from cpas.definitions.dataset import Column, Dataset
from cpas.definitions.indicator import Example
from cpas.definitions.loaded import CompiledVersion, Definitions, LoadedIndicator
from cpas.engine.derived import compute_derived
from cpas.engine.facts import polars_type
from cpas.engine.measures import TOTAL, Slice, compute_cells
from cpas.engine.rollup import COUNTS
from cpas.errors import Issue
from cpas.periods import Period

MONTH = Period.parse("2019-06")
PLACE = "example"


def check_examples(definitions: Definitions) -> Iterator[Issue]:
    """An issue for each worked example that does not give the value it states."""
    for indicator in definitions.indicators.values():
        for example in indicator.definition.examples:
            try:
                found = example_value(indicator, example, definitions)
            except pl.exceptions.PolarsError as error:
                yield _issue(indicator, f"the example `{example.name}` cannot be read: {error}")
                continue
            if not _same(found, example.value):
                yield _issue(indicator, f"the example `{example.name}` gives {found}, not {example.value}")


def _issue(indicator: LoadedIndicator, problem: str) -> Issue:
    return Issue("CPAS-I040", indicator.where, problem, "correct the measure, or the example")


def _same(found: float | None, wanted: Decimal | None) -> bool:
    """Whether they are equal to the decimals that were written."""
    if found is None or wanted is None:
        return found is None and wanted is None
    written = int(wanted.as_tuple().exponent)
    return abs(found - float(wanted)) <= (0.5 * 10.0**written if written < 0 else 1e-9)


def example_value(indicator: LoadedIndicator, example: Example, definitions: Definitions) -> float | None:
    """What an example's rows give, all taken to be of one month and one area."""
    version = indicator.versions[example.version - 1] if example.version else indicator.versions[0]
    if indicator.definition.source is None:
        return _derived_value(indicator, version, example.values or {})
    dataset = definitions.datasets[indicator.definition.source].dataset
    rows = _rows(example.rows or (), dataset, definitions)
    measure = version.measure
    one = Slice(indicator, version, TOTAL, measure.numerator, measure.denominator)
    cells = compute_cells(rows.lazy(), dataset, [one], MONTH, PLACE)
    if cells.is_empty():
        return None
    above, below = cells["numerator"][0], cells["denominator"][0]
    if above is None or (measure.denominator and not below):
        return None
    return float(above) / float(below or 1) * measure.scale


def _derived_value(
    indicator: LoadedIndicator, version: CompiledVersion, values: Mapping[str, Decimal | None]
) -> float | None:
    counts: dict[str, Any] = dict.fromkeys([*COUNTS, "reports_received", "reports_expected"], 0)
    results = {
        name: pl.DataFrame(
            {
                "disaggregation": [TOTAL],
                "period": [str(MONTH)],
                "area": [PLACE],
                "value": [None if value is None else float(value)],
            }
            | {count: [number] for count, number in counts.items()},
            schema_overrides={"value": pl.Float64},
        )
        for name, value in values.items()
    }
    pinned = LoadedIndicator(indicator.definition, (version,), indicator.where)
    found: float | None = compute_derived(pinned, results)["value"][0]
    return found


def _rows(rows: tuple[dict[str, Any], ...], dataset: Dataset, definitions: Definitions) -> pl.DataFrame:
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
    return pl.DataFrame(columns)


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
