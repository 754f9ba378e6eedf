"""Texts to expressions: conditions, formulas of aggregates, quotients and derived indicators.

No code in definitions: rows are selected and measured by expressions of a small part of SQL,
with SQL's three-valued logic. The canonical text of an expression is SQL again and runs as it
is in DuckDB, PostgreSQL and Spark. Division belongs between aggregates only, so that a ratio
keeps its numerator and denominator.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlglot import exp

from cpas.definitions.expressions.canonical import canonical, spelt
from cpas.definitions.expressions.check import Checker
from cpas.definitions.expressions.values import (
    AGGREGATES,
    SHIFTS,
    Aggregate,
    Condition,
    Field,
    Formula,
    Function,
    Operand,
    formula_sql,
)
from cpas.errors import Location


def parse_condition(text: str, fields: Mapping[str, Field], where: Location) -> Condition:
    """A row condition, checked.

    Raises:
        DefinitionError: Every fault found: syntax, unknown columns, functions that are not
            allowed, codes that do not exist, types that do not fit.
    """
    checker = Checker(text, fields, where)
    tree = checker.parse()
    kind = checker.row(tree).type
    if kind not in ("boolean", "null"):
        checker.fault(tree, f"this is a {kind}, and a condition is wanted", "compare it with something")
    checker.finish()
    return spelt(tree)


def parse_formula(
    text: str, fields: Mapping[str, Field], selection: Condition | None, where: Location
) -> Formula:
    """An arithmetic of aggregates over rows that `selection` and each aggregate's own filter select; faults as above."""
    checker = Checker(text, fields, where)
    tree = checker.parse()
    unit = checker.formula(tree).unit
    checker.finish()
    return _formula(tree, selection, unit)


def parse_quotient(
    text: str, fields: Mapping[str, Field], selection: Condition | None, where: Location
) -> tuple[Formula, Formula | None, int]:
    """Numerator, denominator and scale of a value that may be written as `a / b` or `a / b * 100`."""
    checker = Checker(text, fields, where)
    above, below, scale = _quotient(checker.parse())
    unit = checker.formula(above).unit
    if below is None:
        checker.finish()
        return _formula(above, selection, unit), None, scale
    unit_below = checker.formula(below).unit
    checker.finish()
    return _formula(above, selection, unit), _formula(below, selection, unit_below), scale


def parse_derived(
    text: str, known: Mapping[str, Field], where: Location
) -> tuple[Formula, Formula | None, int]:
    """Numerator, denominator and scale of a derived indicator; names are indicator ids in double quotes.

    A name may stand in `previous`, `same_last_year`, `months_before` (with a number) or `annualised`.
    """
    checker = Checker(text, known, where, noun="indicator")
    above, below, scale = _quotient(checker.parse())
    unit = checker.derived(above).unit
    if below is None:
        checker.finish()
        return _derived(above, unit), None, scale
    unit_below = checker.derived(below).unit
    checker.finish()
    return _derived(above, unit), _derived(below, unit_below), scale


def _quotient(tree: exp.Expr) -> tuple[exp.Expr, exp.Expr | None, int]:
    tree = tree.unnest()
    if isinstance(tree, exp.Div):
        return tree.this.unnest(), tree.expression.unnest(), 1
    if isinstance(tree, exp.Mul):
        for ratio, factor in ((tree.this, tree.expression), (tree.expression, tree.this)):
            if isinstance(ratio.unnest(), exp.Div) and isinstance(factor, exp.Literal) and factor.is_int:
                above, below, _ = _quotient(ratio)
                return above, below, int(factor.name)
    return tree, None, 1


def _formula(tree: exp.Expr, selection: Condition | None, unit: str | None) -> Formula:
    terms: list[Aggregate] = []

    def replaced(node: exp.Expr) -> exp.Expr:
        if isinstance(node, (exp.Filter, *AGGREGATES)):
            term = _aggregate(node, selection)
            if term not in terms:
                terms.append(term)
            return exp.column(f"t{terms.index(term)}")
        return node

    arithmetic = canonical(tree.transform(replaced))
    return Formula(formula_sql(arithmetic, tuple(terms)), tuple(terms), (), unit, arithmetic)


def _derived(tree: exp.Expr, unit: str | None) -> Formula:
    written = spelt(tree)
    operands: list[Operand] = []

    def replaced(node: exp.Expr) -> exp.Expr:
        if isinstance(node, (exp.Anonymous, exp.Column)):
            operand = _operand(node)
            if operand not in operands:
                operands.append(operand)
            return exp.column(operand.name, quoted=True)
        return node

    named = written.tree.transform(replaced)
    return Formula(written.sql, (), tuple(operands), unit, named)


def _operand(node: exp.Expr) -> Operand:
    if isinstance(node, exp.Column):
        return Operand(node.name)
    given = node.expressions
    months = int(given[1].name) if len(given) > 1 else 0
    return Operand(given[0].name, SHIFTS[node.name.lower()], months)


def _aggregate(node: exp.Expr, selection: Condition | None) -> Aggregate:
    own: exp.Expr | None = None
    if isinstance(node, exp.Filter):
        own, node = node.expression.this, node.this
    argument, fraction = node.this, None
    function: Function = node.key  # type: ignore[assignment]  # AGGREGATES has just these keys, but for the next two
    if isinstance(argument, exp.Distinct):
        function, argument = "count_distinct", argument.expressions[0]
    if isinstance(node, exp.WithinGroup):
        function, fraction = "percentile", Decimal(node.this.this.name)
        argument = node.expression.expressions[0].this
    both = [part for part in (selection.tree if selection else None, own) if part is not None]
    where = spelt(exp.and_(*both)) if both else None
    counted = None if isinstance(argument, exp.Star) else spelt(argument)
    return Aggregate(function, counted, where, selection, fraction)
