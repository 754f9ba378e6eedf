"""Steps of scales in expressions: `step >= 'low'` as the steps it means, and a step as its place on the scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from cpas.definitions.expressions.canonical import spelt
from cpas.definitions.expressions.values import Aggregate, Condition, Field, Formula

RANKED = ("min", "max")
_ORDERS = (exp.LT, exp.LTE, exp.GT, exp.GTE)


def steps_meant(node: exp.Expr, fields: Mapping[str, Field]) -> exp.Expr:
    """An order of a column of steps as the list of the steps that it means, so that each engine reads it alike.

    Other nodes, and those whose step is on no scale of the column or on several, are given back as they are.
    """
    column, literal = node.args.get("this"), node.args.get("expression")
    if not isinstance(node, _ORDERS) or not (
        isinstance(column, exp.Column) and isinstance(literal, exp.Literal)
    ):
        return node
    known = fields.get(column.name)
    around = [scale for scale in (known.scales if known else ()) if literal.name in scale]
    if len(around) != 1:
        return node
    scale, at = around[0], around[0].index(literal.name)
    meant = {exp.LT: scale[:at], exp.LTE: scale[: at + 1], exp.GT: scale[at + 1 :], exp.GTE: scale[at:]}
    listed: list[exp.Expr] = [exp.Literal.string(code) for code in meant[type(node)]]
    return exp.In(this=column, expressions=listed) if listed else exp.false()


def ranked(formula: Formula, columns: Sequence[str], codes: Sequence[str]) -> Formula | None:
    """The worst or the best step of some rows as its place on the scale, the worst being 1.

    Args:
        formula: A formula over `columns` as if they were figures.
        columns: The columns that hold steps of the scale.
        codes: The steps in order.

    Returns:
        The formula over places, or None where it is anything else than `min` or `max` of one of the columns.
    """
    term = formula.terms[0] if len(formula.terms) == 1 and formula.sql == formula.terms[0].sql else None
    if term is None or term.function not in RANKED or not isinstance(term.argument, Condition):
        return None
    if term.argument.sql not in columns:
        return None
    place = exp.Case()
    for number, code in enumerate(codes, start=1):
        place = place.when(exp.column(term.argument.sql).eq(exp.Literal.string(code)), str(number))
    made: Aggregate = replace(term, argument=spelt(place))
    return Formula(made.sql, (made,), (), None, exp.column("t0"))
