"""What an expression is once it is parsed: immutable values with their canonical SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Literal

from sqlglot import exp

from cpas.definitions.dataset import CodeList, Dataset
from cpas.definitions.scale import STEPS, Scale
from cpas.periods import Period

DIALECT = "duckdb"
Type = Literal["text", "number", "date", "boolean", "step", "null"]
Function = Literal["sum", "count", "count_distinct", "min", "max", "percentile"]
Shift = Literal["previous", "same_last_year", "months_before", "annualised"]
SHIFTS: Mapping[str, Shift] = {
    "previous": "previous",
    "same_last_year": "same_last_year",
    "months_before": "months_before",
    "annualised": "annualised",
}
AGGREGATES = (exp.Sum, exp.Count, exp.Min, exp.Max, exp.WithinGroup)
COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)


@dataclass(frozen=True, slots=True)
class Field:
    """What an expression may know of a column: its type, unit and, where it is coded, its codes.

    `scales` are those whose steps it holds, each in order. An indicator that is judged on a scale has the type `step`.
    """

    type: Type
    unit: str | None = None
    codes: tuple[str, ...] | None = None
    scales: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on the columns of one row, in canonical SQL."""

    sql: str
    tree: exp.Expr = field(compare=False, repr=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads, sorted."""
        return columns_of(self.tree)

    @property
    def operands(self) -> tuple[Condition, ...]:
        """The conditions that must all hold."""
        return _operands(self)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One aggregate over the rows that `where` selects; `argument` is None in `count(*)`.

    `within` are the rows that its measure is about, of which its own filter selects some: where there
    are such rows and none passes the filter, a count is known to be zero. `fraction` is that of a
    percentile; a median is the percentile of 0.5.
    """

    function: Function
    argument: Condition | None
    where: Condition | None
    within: Condition | None = field(default=None, compare=False)
    fraction: Decimal | None = None

    @property
    def sql(self) -> str:
        """Canonical SQL, as `SUM(x) FILTER(WHERE y)`."""
        inner = self.argument.sql if self.argument else "*"
        calls = {
            "count_distinct": f"COUNT(DISTINCT {inner})",
            "percentile": f"PERCENTILE_CONT({self.fraction}) WITHIN GROUP(ORDER BY {inner})",
        }
        call = calls.get(self.function, f"{self.function.upper()}({inner})")
        return f"{call} FILTER(WHERE {self.where.sql})" if self.where else call

    @property
    def is_count(self) -> bool:
        """Whether it gives a whole number that is never null."""
        return self.function.startswith("count")

    @property
    def is_whole(self) -> bool:
        """Whether it is known of all rows together only, and cannot be put together from those of areas and months."""
        return self.function in ("count_distinct", "percentile")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads, sorted."""
        parts = [part.columns for part in (self.argument, self.where) if part]
        return tuple(sorted({name for part in parts for name in part}))


@dataclass(frozen=True, slots=True)
class Operand:
    """Another indicator in a derived one: of the same period or, by a function, of one that lies before or of a whole year."""

    indicator: str
    function: Shift | None = None
    months: int = 0

    @property
    def name(self) -> str:
        """How it is written: `POC-01`, `previous("POC-01")`, `months_before("POC-01", 3)`."""
        if self.function is None:
            return self.indicator
        more = f", {self.months}" if self.months else ""
        return f'{self.function}("{self.indicator}"{more})'

    def at(self, period: Period) -> Period:
        """The period whose value it is, where the derived indicator's is `period`."""
        match self.function:
            case "previous":
                return period.previous()
            case "same_last_year":
                return period.same_last_year()
            case "months_before":
                return Period(period.first - self.months, period.last - self.months)
            case _:
                return period


@dataclass(frozen=True, slots=True)
class Formula:
    """An arithmetic of aggregates, or in a derived indicator of other indicators.

    In `tree` each aggregate stands as a column named for its place in `terms`: `t0`, `t1`; each operand of a
    derived indicator as a column of its own name.
    `unit` is known where every column in it declares the same.
    """

    sql: str
    terms: tuple[Aggregate, ...]
    operands: tuple[Operand, ...]
    unit: str | None
    tree: exp.Expr = field(compare=False, repr=False)

    @property
    def indicators(self) -> tuple[str, ...]:
        """The ids of the indicators that it names, sorted."""
        return tuple(sorted({operand.indicator for operand in self.operands}))

    @property
    def whole(self) -> Aggregate | None:
        """The distinct count or percentile that it is."""
        return next((term for term in self.terms if term.is_whole), None)


def fields_of(
    dataset: Dataset, codes: Mapping[str, CodeList], scales: Mapping[str, Scale] = MappingProxyType({})
) -> dict[str, Field]:
    """What expressions may know of a data set's columns."""
    types: dict[str, Type] = {"date": "date", "month": "date", "boolean": "boolean"}
    orders: dict[str, tuple[tuple[str, ...], ...]] = {name: (scale.codes,) for name, scale in scales.items()}
    orders[STEPS] = tuple(scale.codes for scale in scales.values())
    return {
        column.name: Field(
            "number" if column.is_numeric else types.get(column.type, "text"),
            column.unit,
            tuple(codes[column.codes].codes) if column.codes and column.codes in codes else None,
            orders.get(column.codes or "", ()),
        )
        for column in dataset.columns
    }


def spelling(tree: exp.Expr) -> str:
    """A tree as SQL; written from the tree itself, since what expressions may say is written without changing it."""
    return tree.sql(DIALECT, copy=False)


@cache
def _operands(condition: Condition) -> tuple[Condition, ...]:
    if not isinstance(condition.tree, exp.And):
        return (condition,)
    return tuple(Condition(spelling(part), part) for part in condition.tree.flatten())


def columns_of(tree: exp.Expr) -> tuple[str, ...]:
    """The names of columns, or of indicators, in a tree, sorted."""
    return tuple(sorted({column.name for column in tree.find_all(exp.Column)}))


def formula_sql(tree: exp.Expr, terms: tuple[Aggregate, ...]) -> str:
    """The SQL of an arithmetic whose columns `t0`, `t1` stand for its terms."""
    written = tree.transform(
        lambda node: exp.var(terms[int(node.name[1:])].sql) if isinstance(node, exp.Column) else node
    )
    return spelling(written)
