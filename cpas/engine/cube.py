"""Aggregates by way of a cube: rows grouped once by the coded columns that conditions name, and every aggregate put together from its cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce
from operator import and_

import polars as pl

from cpas.definitions.dataset import Dataset
from cpas.definitions.expressions.translate import condition_to_polars
from cpas.definitions.expressions.values import Aggregate, Condition

MOST_CELLS = 1_000
"""How many cells there may be for each value of the keys, whatever the rows are: it bounds the memory of a pass."""


def aggregated(
    rows: pl.LazyFrame, keys: Sequence[pl.Expr], aggregates: Sequence[Aggregate], dataset: Dataset
) -> pl.DataFrame:
    """The aggregates for each value of the keys, in one reading of the rows.

    A row is selected where every operand of its condition is true, so each is asked where it costs least: of the
    cells where it reads only columns by which these were made, and of every row otherwise.

    Args:
        rows: The rows; columns by which cells can be made are Enum or Boolean.
        keys: What is told apart, named.
        aggregates: Counts, sums, least and greatest; none that is of all rows together only.
        dataset: Declares the columns.

    Returns:
        The keys, and for each aggregate a column named by its SQL. The sum of no rows is 0.
    """
    operands = dict.fromkeys(each for one in aggregates if one.where for each in one.where.operands)
    sides = _sides(rows.collect_schema(), operands, dataset)
    of_rows, of_cells = _Columns(dataset), _Columns(dataset)
    asked = {each: of_cells if sides.issuperset(each.columns) else of_rows for each in operands}
    parts: dict[str, pl.Expr] = {}
    made = []
    for one in aggregates:
        conditions = one.where.operands if one.where else ()
        inner = [each for each in conditions if asked[each] is of_rows]
        outer = [each for each in conditions if asked[each] is of_cells]
        name = " ".join(["part", replace(one, where=None).sql, *(each.sql for each in inner)])
        if name not in parts:
            parts[name] = _part(one, of_rows, inner).alias(name)
        made.append(_together(one, pl.col(name), of_cells.selected(outer)).alias(one.sql))
    # a column of the data set may have the name of a key
    names = {f"key {key.meta.output_name()}": key.meta.output_name() for key in keys}
    places = [key.alias(name) for name, key in zip(names, keys, strict=True)]
    cells = rows.with_columns(of_rows.made()).group_by(*places, *sorted(sides)).agg(parts.values()).collect()
    return cells.with_columns(of_cells.made()).group_by(names.keys()).agg(made).rename(names)


def _sides(schema: pl.Schema, conditions: Iterable[Condition], dataset: Dataset) -> frozenset[str]:
    """The columns to make cells by: those that most of the conditions name first, as long as the cells stay few.

    A column named in one condition alone would save less in aggregates than its cells cost.
    """
    named = Counter(name for each in conditions for name in each.columns)
    found, cells = set(), 1
    for name in sorted(dataset.column_names, key=lambda name: (-named[name], name)):
        size = _size(schema.get(name))
        if named[name] > 1 and size and cells * size <= MOST_CELLS:
            found.add(name)
            cells *= size
    return frozenset(found)


def _size(kind: pl.DataType | None) -> int | None:
    """How many values a column can have, null among them, where its type says so."""
    if isinstance(kind, pl.Enum):
        return len(kind.categories) + 1
    return 3 if kind == pl.Boolean else None


def _part(one: Aggregate, columns: _Columns, conditions: Sequence[Condition]) -> pl.Expr:
    """What one cell has of an aggregate."""
    selected = columns.selected(conditions)
    if one.argument is None:
        return (pl.len() if selected is None else selected.sum()).cast(pl.Int64)
    argument = columns.argument(one.argument)
    given = argument if selected is None else pl.when(selected).then(argument)
    return given.count().cast(pl.Int64) if one.function == "count" else _reduced(one, given)


def _together(one: Aggregate, part: pl.Expr, selected: pl.Expr | None) -> pl.Expr:
    """An aggregate from what the selected cells have of it."""
    given = part if selected is None else pl.when(selected).then(part)
    return given.sum() if one.function == "count" else _reduced(one, given)


def _reduced(one: Aggregate, given: pl.Expr) -> pl.Expr:
    match one.function:
        case "sum":
            return given.sum()
        case "min":
            return given.min()
        case _:
            return given.max()


class _Columns:
    """Each condition and each argument once, as a column, so that aggregates share them.

    A constant is a column too, since polars aggregates a bare one as if it stood in one row.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._plain = frozenset(dataset.column_names)
        self._made: dict[str, pl.Expr] = {}

    def made(self) -> list[pl.Expr]:
        """The columns to add, once all were asked for."""
        return [expression.alias(name) for name, expression in self._made.items()]

    def argument(self, row: Condition) -> pl.Expr:
        """The column of a row expression."""
        if row.sql in self._plain:
            return pl.col(row.sql)
        name = f"of {row.sql}"
        if name not in self._made:
            self._made[name] = condition_to_polars(row)
        return pl.col(name)

    def selected(self, conditions: Iterable[Condition]) -> pl.Expr | None:
        """Where all conditions are true; unknown, which neither counts nor selects, may stay. None where there are none."""
        columns = []
        for one in conditions:
            name = f"where {one.sql}"
            if name not in self._made:
                self._made[name] = condition_to_polars(one).cast(pl.Boolean)
            columns.append(pl.col(name))
        return reduce(and_, columns) if columns else None
