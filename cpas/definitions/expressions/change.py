"""Formulas and conditions made from others: for the parts of a disaggregation, and for what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from sqlglot import exp

from cpas.definitions.expressions.canonical import spelt
from cpas.definitions.expressions.values import Aggregate, Condition, Formula, formula_sql


def narrowed(formula: Formula, column: str, value: str | None) -> Formula:
    """The formula over those rows only where a column has a value, or has none."""
    subject = exp.column(column)
    own = (
        subject.is_(exp.null())
        if value is None
        else exp.EQ(this=subject, expression=exp.Literal.string(value))
    )

    def narrow(term: Aggregate) -> Aggregate:
        where = _both(term.where, own)
        within = where if term.within == term.where else _both(term.within, own)
        return replace(term, where=where, within=within)

    return _with_terms(formula, narrow)


def _both(rows: Condition | None, own: exp.Expr) -> Condition:
    return spelt(exp.and_(rows.tree, own) if rows else own)


def with_column(formula: Formula, old: str, new: str) -> Formula:
    """The formula with one column in the place of another in what is aggregated; filters stay."""

    def exchange(term: Aggregate) -> Aggregate:
        if term.argument is None or old not in term.argument.columns:
            return term
        tree = term.argument.tree.copy().transform(
            lambda node: exp.column(new) if isinstance(node, exp.Column) and node.name == old else node
        )
        return replace(term, argument=spelt(tree))

    return _with_terms(formula, exchange)


@cache
def where_any_is(columns: tuple[str, ...], value: str, where: Condition | None) -> Condition:
    """The condition narrowed to those rows where any of the columns has a text value."""
    any_is = exp.or_(
        *(exp.EQ(this=exp.column(name), expression=exp.Literal.string(value)) for name in columns)
    )
    return spelt(exp.and_(where.tree, any_is) if where else any_is)


def _with_terms(formula: Formula, change: Callable[[Aggregate], Aggregate]) -> Formula:
    terms = tuple(change(term) for term in formula.terms)
    return replace(formula, sql=formula_sql(formula.tree, terms), terms=terms)
