"""What each check means in polars: which rows fail it, which it does not look at.

A condition takes a table, the columns it is about and its own arguments, and gives an expression
that is true where a row fails, false where it passes and null where it was not evaluated. Missing
values are never compared, and types are strict: text is never compared with a number.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import polars as pl
import polars.selectors as cs

UNREAD = "_unread:"
COMPARISONS: Mapping[str, Callable[[Any, Any], pl.Expr]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Table:
    """What checks may look at: the rows, the keys of other tables, and the compiler of row rules.

    A Boolean column `_unread:x` of the frame says where cells of `x` could not be read. `keep` bounds
    how many failing rows each check shows.
    """

    frame: pl.DataFrame
    references: Mapping[str, pl.Series]
    row_rules: Callable[[str], pl.Expr]
    keep: int

    @cached_property
    def _empty_row(self) -> pl.DataFrame:
        return self.frame.clear(1)

    def trial(self, value: pl.Expr, where: pl.Expr) -> pl.DataType:
        """The type of an expression under a row condition, found on one empty row.

        Raises:
            PolarsError: A column is missing, types do not fit, or a pattern does not parse.
        """
        return self._empty_row.select(value.alias("value"), where.alias("where")).schema["value"]

    def type_of(self, name: str) -> pl.DataType:
        """The type of a column.

        Raises:
            ColumnNotFoundError: There is no such column.
        """
        if name not in self.frame.schema:
            raise pl.exceptions.ColumnNotFoundError(f"there is no column `{name}`")
        return self.frame.schema[name]

    def column(self, name: str) -> pl.Expr:
        """A column; coded text as plain text."""
        coded = isinstance(self.type_of(name), pl.Enum | pl.Categorical)
        return pl.col(name).cast(pl.String) if coded else pl.col(name)

    def literal(self, name: str, value: Any) -> Any:
        """A JSON value in the column's type where JSON has no such type: days, times, exact decimals."""
        dtype = self.type_of(name)
        if isinstance(value, str) and dtype == pl.Date:
            return date.fromisoformat(value)
        if isinstance(value, str) and dtype == pl.Datetime:
            return datetime.fromisoformat(value)
        return Decimal(str(value)) if isinstance(value, int | float) and dtype.is_decimal() else value

    def is_in(self, name: str, values: Iterable[Any]) -> pl.Expr:
        """Whether the value of a column is one of these, which must be of the column's type."""
        known = [self.literal(name, value) for value in values if value is not None]
        if not known:
            return pl.when(pl.col(name).is_not_null()).then(pl.lit(value=False))
        return self.column(name).is_in(known)

    def evaluate(self, fails: pl.Expr, names: Sequence[str], ignore_row_if: str | None) -> pl.Expr:
        """A condition, null in the rows that are not evaluated; sees to it that all columns exist.

        Not evaluated are rows that GX's `ignore_row_if` passes over, and rows where one of the
        cells could not be read.
        """
        missing = [self.column(name).is_null() for name in names]
        skipped = [pl.col(UNREAD + name) for name in names if UNREAD + name in self.frame.schema]
        if ignore_row_if == "any_value_is_missing":
            skipped += missing
        elif ignore_row_if == "all_values_are_missing":
            skipped.append(pl.all_horizontal(missing))
        return pl.when(~pl.any_horizontal(skipped)).then(fails) if skipped else fails

    def aggregate(self, name: str, function: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
        """One value of a whole column; exact decimals as a float in the end, for JSON's bounds are floats."""
        value = function(self.column(name))
        return value.cast(pl.Float64) if self.type_of(name).is_decimal() else value


@dataclass(frozen=True, slots=True)
class Mask:
    """A condition on every row it may look at: row numbers, and true where the row fails."""

    index: pl.Series
    fails: pl.Series

    @property
    def failed(self) -> int:
        """How many rows fail."""
        return int(self.fails.sum())

    @property
    def evaluated(self) -> int:
        """How many rows were evaluated."""
        return self.fails.len() - self.fails.null_count()

    def first(self, keep: int) -> pl.Series:
        """The numbers of the first rows that fail."""
        return self.index.gather(self.fails.arg_true().head(keep))

    def rows(self, table: Table, names: Sequence[str]) -> pl.DataFrame:
        """The first rows that fail; exact decimals as floats, as JSON will have them."""
        return table.frame.select(names)[self.first(table.keep)].with_columns(cs.decimal().cast(pl.Float64))


def is_missing(table: Table, column: str) -> pl.Expr:
    """Fails where there is no value."""
    return table.column(column).is_null()


def is_present(table: Table, column: str) -> pl.Expr:
    """Fails where there is a value."""
    return table.column(column).is_not_null()


def is_not_in_set(table: Table, column: str, value_set: Iterable[Any]) -> pl.Expr:
    """Fails where the value is none of the set."""
    return ~table.is_in(column, value_set)


def is_in_set(table: Table, column: str, value_set: Iterable[Any]) -> pl.Expr:
    """Fails where the value is one of the set."""
    return table.is_in(column, value_set)


def is_not_in_reference(table: Table, column: str, reference: str) -> pl.Expr:
    """Fails where the value is no key of the reference table."""
    if reference not in table.references:
        raise LookupError(f"there is no reference table `{reference}`")
    keys = table.references[reference].drop_nulls()
    text = keys.cast(pl.String) if isinstance(keys.dtype, pl.Enum | pl.Categorical) else keys
    return ~table.column(column).is_in(text.implode())


def is_outside(table: Table, column: str, min_value: Any, max_value: Any, **strict: bool) -> pl.Expr:
    """Fails where the value lies outside the bounds, or on a bound that is strict."""
    bounds = (table.literal(column, min_value), table.literal(column, max_value))
    return _outside(table.column(column), *bounds, **strict)


def is_length_outside(table: Table, column: str, min_value: Any, max_value: Any, **strict: bool) -> pl.Expr:
    """Fails where the text is shorter or longer than the bounds, in characters."""
    return _outside(table.column(column).str.len_chars(), min_value, max_value, **strict)


def is_length_other_than(table: Table, column: str, value: int) -> pl.Expr:
    """Fails where the text has another number of characters."""
    return table.column(column).str.len_chars() != value


def is_unlike(table: Table, column: str, regex: str) -> pl.Expr:
    """Fails where the pattern (Rust's regular expressions) is found nowhere in the text."""
    return ~table.column(column).str.contains(regex)


def is_like(table: Table, column: str, regex: str) -> pl.Expr:
    """Fails where the pattern is found in the text."""
    return table.column(column).str.contains(regex)


def is_repeated(table: Table, column: str) -> pl.Expr:
    """Fails on every row whose value stands in another row too."""
    value = table.column(column)
    return value.is_not_null() & value.is_duplicated()


def are_repeated(_: Table, *columns: str) -> pl.Expr:
    """Fails on every row whose values in these columns stand together in another row too; null equals null."""
    return pl.struct(*columns).is_duplicated()


def is_not_greater(table: Table, column: str, other: str, *, or_equal: bool | None = None) -> pl.Expr:
    """Fails where the first value is not greater than the second, or equal to it where that is allowed."""
    first, second = table.column(column), table.column(other)
    return first < second if or_equal else first <= second


def is_different(table: Table, column: str, other: str) -> pl.Expr:
    """Fails where two values differ."""
    return table.column(column) != table.column(other)


def breaks_row_rule(table: Table, *_: str, rule: str) -> pl.Expr:
    """Fails where the rule is false; a rule that comes to null was not evaluated."""
    holds = table.row_rules(rule)
    dtype = table.trial(holds, pl.lit(value=True))
    if dtype != pl.Boolean:
        raise ValueError(f"a row rule must be true or false; `{rule}` is {dtype}")
    return ~holds


def _outside(
    value: pl.Expr, lower: Any, upper: Any, *, strict_min: bool | None = None, strict_max: bool | None = None
) -> pl.Expr:
    if lower is None and upper is None:
        raise ValueError("neither min_value nor max_value is given")
    if lower is not None and upper is not None and lower > upper:
        raise ValueError("min_value is greater than max_value")
    below = pl.lit(value=False) if lower is None else value <= lower if strict_min else value < lower
    above = pl.lit(value=False) if upper is None else value >= upper if strict_max else value > upper
    return below | above


_BOUNDS = ("min_value", "max_value", "strict_min", "strict_max")
CONDITIONS: Mapping[
    str, tuple[Literal["column", "pair", "several"], tuple[str, ...], Callable[..., pl.Expr]]
] = {
    "column_pair_values.a_greater_than_b": ("pair", ("or_equal",), is_not_greater),
    "column_pair_values.equal": ("pair", (), is_different),
    "column_values.between": ("column", _BOUNDS, is_outside),
    "column_values.in_reference": ("column", ("reference",), is_not_in_reference),
    "column_values.in_set": ("column", ("value_set",), is_not_in_set),
    "column_values.match_regex": ("column", ("regex",), is_unlike),
    "column_values.nonnull": ("column", (), is_missing),
    "column_values.not_in_set": ("column", ("value_set",), is_in_set),
    "column_values.not_match_regex": ("column", ("regex",), is_like),
    "column_values.null": ("column", (), is_present),
    "column_values.unique": ("column", (), is_repeated),
    "column_values.value_length.between": ("column", _BOUNDS, is_length_outside),
    "column_values.value_length.equals": ("column", ("value",), is_length_other_than),
    "compound_columns.unique": ("several", (), are_repeated),
    "row_rule": ("several", ("rule",), breaks_row_rule),
}
"""By the name of the GX metric that asks for it: what it looks at, the arguments it takes, the condition."""
