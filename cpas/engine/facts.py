"""Checked rows made ready for the measure pass: exact types, and coded columns as codes."""

from __future__ import annotations

import polars as pl

from cpas.definitions.dataset import Column, Dataset
from cpas.definitions.loaded import Definitions
from cpas.definitions.types import POLARS_TYPES


def polars_type(column: Column, definitions: Definitions) -> pl.DataType:
    """The type of a column in the facts: Enum where it is coded, exact numbers where it is summed."""
    return pl.Enum(list(definitions.codes[column.codes].codes)) if column.codes else POLARS_TYPES[column.type]


def as_facts(rows: pl.DataFrame, dataset: Dataset, definitions: Definitions) -> pl.LazyFrame:
    """Rows that passed their checks, with the types of the pass."""
    return rows.with_columns(
        pl.col(column.name).cast(polars_type(column, definitions)) for column in dataset.columns
    ).lazy()
