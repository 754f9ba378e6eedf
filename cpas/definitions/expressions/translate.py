"""Expressions to polars, with SQL's meaning of null."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any

import polars as pl
import sqlglot
from sqlglot import exp

from cpas.definitions.expressions.values import DIALECT, Condition, Formula

Operand = Callable[[str], pl.Expr]
Inner = Callable[[exp.Expr], pl.Expr]

_TWO_SIDED: dict[type[exp.Expr], Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    exp.And: lambda a, b: a & b,
    exp.Or: lambda a, b: a | b,
    exp.EQ: lambda a, b: a == b,
    exp.NEQ: lambda a, b: a != b,
    exp.LT: lambda a, b: a < b,
    exp.LTE: lambda a, b: a <= b,
    exp.GT: lambda a, b: a > b,
    exp.GTE: lambda a, b: a >= b,
    exp.Add: lambda a, b: a + b,
    exp.Sub: lambda a, b: a - b,
    exp.Mul: lambda a, b: a * b,
}
_ONE_SIDED: dict[type[exp.Expr], Callable[[pl.Expr], pl.Expr]] = {
    exp.Not: lambda a: ~a.cast(pl.Boolean),
    exp.Neg: lambda a: -a,
    exp.Paren: lambda a: a,
    exp.Abs: lambda a: a.abs(),
    exp.Lower: lambda a: a.cast(pl.String).str.to_lowercase(),
    exp.Length: lambda a: a.cast(pl.String).str.len_chars().cast(pl.Int64),
}
_PRODUCT = pl.Decimal(38, 12)


def rule_to_polars(sql: str) -> pl.Expr:
    """A checked condition, as its SQL stands in a saved suite; null where SQL says unknown."""
    return _polars(sqlglot.parse_one(sql, dialect=DIALECT), pl.col)


def condition_to_polars(condition: Condition) -> pl.Expr:
    """A condition or row expression over columns; null where SQL says unknown."""
    return _polars(condition.tree.transform(_with_places), pl.col)


def _with_places(node: exp.Expr) -> exp.Expr:
    """A product with room for twelve places: polars rounds it to those of its operands, and SQL keeps all."""
    if isinstance(node, exp.Mul) and not any(
        isinstance(side, exp.Literal) and side.is_int for side in (node.this, node.expression)
    ):
        node.set("this", exp.cast(node.this, "DECIMAL(38, 12)"))
    return node


def formula_to_polars(formula: Formula, operand: Operand) -> pl.Expr:
    """The arithmetic over what `operand` gives for each name: `t0`, `t1` for aggregates, ids in a derived indicator."""
    return _polars(formula.tree, operand)


def _polars(node: exp.Expr, operand: Operand) -> pl.Expr:
    def inner(child: exp.Expr) -> pl.Expr:
        return _polars(child, operand)

    if two := _TWO_SIDED.get(type(node)):
        return two(inner(node.this), inner(node.expression))
    if one := _ONE_SIDED.get(type(node)):
        return one(inner(node.this))
    if shaped := _SHAPED.get(type(node)):
        return shaped(node, inner)
    return operand(node.name) if isinstance(node, exp.Column) else pl.lit(_value(node))


def _membership(node: exp.In, inner: Inner) -> pl.Expr:
    return reduce(lambda a, b: a | b, (inner(node.this) == inner(item) for item in node.expressions))


def _is(node: exp.Is, inner: Inner) -> pl.Expr:
    subject = inner(node.this)
    if isinstance(node.expression, exp.Null):
        return subject.is_null()
    return subject.eq_missing(inner(node.expression))


def _case(node: exp.Case, inner: Inner) -> pl.Expr:
    default = node.args.get("default")
    result = pl.lit(None) if default is None else inner(default)
    for branch in reversed(node.args["ifs"]):
        result = pl.when(inner(branch.this)).then(inner(branch.args["true"])).otherwise(result)
    return result


def _between(node: exp.Between, inner: Inner) -> pl.Expr:
    return inner(node.this).is_between(inner(node.args["low"]), inner(node.args["high"]))


def _coalesce(node: exp.Coalesce, inner: Inner) -> pl.Expr:
    return pl.coalesce(inner(node.this), *(inner(part) for part in node.expressions))


def _cast(node: exp.Cast, inner: Inner) -> pl.Expr:
    """A day as it was written, or a number with room for the places of a product."""
    if node.is_type("date"):
        return pl.lit(date.fromisoformat(node.this.name))
    return inner(node.this).cast(_PRODUCT)


_SHAPED: dict[type[exp.Expr], Callable[[Any, Inner], pl.Expr]] = {
    exp.In: _membership,
    exp.Is: _is,
    exp.Case: _case,
    exp.Between: _between,
    exp.Coalesce: _coalesce,
    exp.Cast: _cast,
}


def _value(node: exp.Expr) -> Any:
    match node:
        case exp.Literal() if node.is_string:
            return node.name
        case exp.Literal():
            return int(node.name) if node.is_int else Decimal(node.name)
        case exp.Boolean():
            return bool(node.this)
        case _:
            return None
