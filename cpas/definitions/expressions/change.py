"""Formulas and conditions made from others: for the parts of a disaggregation, and for what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from sqlglot import exp

from cpas.definitions.expressions.canonical import both, spelt
from cpas.definitions.expressions.values import Aggregate, Condition, Formula, formula_sql


def narrowed(formula: Formula, column: str, value: str | None) -> Formula:
    """The formula over those rows only where a column has a value, or has none."""

    def narrow(term: Aggregate) -> Aggregate:
        where = _where_is(column, value, term.where)
        within = where if term.within == term.where else _where_is(column, value, term.within)
        return replace(term, where=where, within=within)

    return _with_terms(formula, narrow)


@cache
def _where_is(column: str, value: str | None, where: Condition | None) -> Condition:
    """The condition narrowed to those rows where a column has a value, or has none."""
    is_null = exp.Is(this=exp.column(column), expression=exp.null())
    return both(where, spelt(is_null if value is None else _equals(column, value)))


def with_column(formula: Formula, old: str, new: str) -> Formula:
    """The formula with one column in the place of another in what is aggregated; filters stay."""

    def exchange(term: Aggregate) -> Aggregate:
        if term.argument is None or old not in term.argument.columns:
            return term
        tree = term.argument.tree.transform(
            lambda node: exp.column(new) if isinstance(node, exp.Column) and node.name == old else node
        )
        return replace(term, argument=spelt(tree))

    return _with_terms(formula, exchange)


@cache
def where_any_is(columns: tuple[str, ...], value: str, where: Condition | None) -> Condition:
    """The condition narrowed to those rows where any of the columns has a text value."""
    return both(where, spelt(exp.or_(*(_equals(name, value) for name in columns))))


def _equals(column: str, value: str) -> exp.Expr:
    return exp.EQ(this=exp.column(column), expression=exp.Literal.string(value))


def _with_terms(formula: Formula, change: Callable[[Aggregate], Aggregate]) -> Formula:
    terms = tuple(change(term) for term in formula.terms)
    return replace(formula, sql=formula_sql(formula.tree, terms), terms=terms)
