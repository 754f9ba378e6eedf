"""What a foreign source can tell of a data set, so that what it cannot tell is not taken for zero."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import product

import polars as pl

from cpas.definitions.dataset import Dataset
from cpas.definitions.expressions.translate import condition_to_polars
from cpas.definitions.expressions.values import Condition
from cpas.definitions.loaded import Definitions
from cpas.definitions.mapping import Mapping as SourceMapping
from cpas.engine.facts import polars_type
from cpas.engine.measures import Slice


@dataclass(frozen=True, slots=True)
class Supply:
    """The columns that a source fills, and the codes it can give in each that is coded."""

    columns: frozenset[str]
    codes: Mapping[str, frozenset[str]]


def supply_of(mapping: SourceMapping, dataset: Dataset) -> Supply:
    """What a mapping can give, from what it says of each column."""
    filled = {*mapping.columns, *((dataset.area,) if mapping.geography and dataset.area else ())}
    coded = {column.name for column in dataset.columns if column.codes} & set(mapping.columns)
    return Supply(frozenset(filled), {name: mapping.columns[name].constants for name in coded})


def is_told(one: Slice, supply: Supply, definitions: Definitions) -> bool:
    """Whether a source can tell what a slice measures.

    It cannot where an aggregate reads a column that the source does not fill, or selects only codes
    that the source never gives: such a count would be zero whatever happened.
    """
    dataset = definitions.datasets[one.indicator.definition.source or ""].dataset
    return all(
        set(term.columns) <= supply.columns
        and (term.where is None or _is_possible(term.where, supply, dataset, definitions))
        for term in one.terms
    )


def _is_possible(where: Condition, supply: Supply, dataset: Dataset, definitions: Definitions) -> bool:
    """Whether some codes of the source do not make the condition false; columns that are not coded may hold anything."""
    coded = [name for name in where.columns if name in supply.codes]
    combinations = list(product(*(sorted(supply.codes[name]) for name in coded)))
    rows = pl.DataFrame(
        {
            name: pl.Series(
                name, _column(name, coded, combinations), polars_type(dataset.column(name), definitions)
            )
            for name in where.columns
        }
    )
    return bool(rows.select(condition_to_polars(where).fill_null(value=True).any()).item())


def _column(name: str, coded: list[str], combinations: Collection[tuple[str, ...]]) -> list[str | None]:
    if name not in coded:
        return [None] * len(combinations)
    return [combination[coded.index(name)] for combination in combinations]
