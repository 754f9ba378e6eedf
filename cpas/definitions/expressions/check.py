"""Whether an expression may stand: syntax, names, functions, codes, types and units, each fault with its place in the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import NoReturn

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from cpas.definitions.expressions.steps import steps_meant
from cpas.definitions.expressions.values import AGGREGATES, COMPARISONS, DIALECT, SHIFTS, Field
from cpas.errors import DefinitionError, Issue, Location, suggest

MAX_LENGTH = 4_000
MAX_MONTHS = 120
_UNKNOWN = Field("null")
_NUMBER = Field("number")
_BOOLEAN = Field("boolean")
_TEXT = Field("text")


class Checker:
    """Checks one text; every fault is kept, and `finish` raises them together.

    Args:
        text: The expression as written.
        fields: What it may name: columns, or indicators in a derived indicator.
        where: File and line of the text.
        noun: What the names are called in messages.
    """

    def __init__(self, text: str, fields: Mapping[str, Field], where: Location, noun: str = "column") -> None:
        """See the class."""
        self._text, self._fields, self._where, self._noun = text, fields, where, noun
        self._issues: list[Issue] = []

    def parse(self) -> exp.Expr:
        """The tree of the text, which is one expression and nothing else."""
        if len(self._text) > MAX_LENGTH:
            self._stop(0, f"the expression has {len(self._text)} characters", f"write at most {MAX_LENGTH}")
        try:
            tree = sqlglot.parse_one(self._text, dialect=DIALECT)
        except SqlglotError as error:
            details = getattr(error, "errors", None) or [{}]
            offset = len(details[0].get("start_context") or "")
            self._stop(
                offset, "this is not an SQL expression", "look at the brackets, quotes and operators here"
            )
        except RecursionError:
            self._stop(0, "the expression is nested too deeply", "use fewer brackets")
        return tree.transform(_in_standard_sql).transform(lambda node: steps_meant(node, self._fields))

    def fault(self, node: exp.Expr, problem: str, fix: str) -> Field:
        """Keep a fault at a node's place; gives the type that fits everywhere, so that one fault is told once."""
        starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
        self._issues.append(self._issue(min(starts, default=0), problem, fix))
        return _UNKNOWN

    def finish(self) -> None:
        """Raise what was found.

        Raises:
            DefinitionError: There was at least one fault.
        """
        if self._issues:
            raise DefinitionError(f"{self._where}: the expression cannot be used.", self._issues)

    def formula(self, node: exp.Expr) -> Field:
        """The type of an arithmetic of aggregates."""
        if isinstance(node, (exp.Filter, *AGGREGATES)):
            return self._aggregate(node)
        if isinstance(node, exp.Column):
            return self.fault(
                node, f"`{node.name}` is a column of single rows", "aggregate it, as in `sum(...)`"
            )
        return self._arithmetic(node, self.formula)

    def derived(self, node: exp.Expr) -> Field:
        """The type of an arithmetic of indicators."""
        if isinstance(node, exp.Column):
            return self._figure(node)
        if isinstance(node, exp.Anonymous) and node.name.lower() in SHIFTS:
            return self._shifted(node)
        return self._arithmetic(node, self.derived)

    def _figure(self, node: exp.Expr) -> Field:
        """The unit of an indicator that is a number."""
        found = self._named(node)
        if found.type == "step":
            problem = f"`{node.name}` is a step on a scale, and no number to calculate with"
            return self.fault(node, problem, "count the areas at a step in an indicator, and name that one")
        return found

    def _shifted(self, node: exp.Expr) -> Field:
        """The unit of an indicator at another period, which is the indicator's own."""
        name, given = node.name.lower(), node.expressions
        if not given or not isinstance(given[0], exp.Column):
            return self.fault(node, f"`{name}` takes an indicator", f'write `{name}("ID")`')
        months = [int(one.name) for one in given[1:] if isinstance(one, exp.Literal) and one.is_int]
        if name == "months_before" and not (
            len(given) == len(months) + 1 == 2 and 1 <= months[0] <= MAX_MONTHS
        ):
            fix = f'write `months_before("ID", 3)`, with 1 to {MAX_MONTHS} months'
            return self.fault(node, "`months_before` takes an indicator and a number of months", fix)
        if name != "months_before" and len(given) != 1:
            return self.fault(node, f"`{name}` takes one indicator", f'write `{name}("ID")`')
        return self._figure(given[0])

    def _aggregate(self, node: exp.Expr) -> Field:
        if isinstance(node, exp.Filter):
            self.condition(node.expression.this)
            node = node.this
            if not isinstance(node, AGGREGATES):
                return self.fault(
                    node, "only an aggregate can be filtered", "write `sum(...) filter (where ...)`"
                )
        if isinstance(node, exp.WithinGroup):
            return self._percentile(node)
        argument = node.this
        if isinstance(node, exp.Count):
            if isinstance(argument, exp.Distinct):
                if len(argument.expressions) != 1:
                    return self.fault(node, "`count(distinct ...)` takes one column", "name one column")
                argument = argument.expressions[0]
            if argument is not None and not isinstance(argument, exp.Star):
                self.row(argument)
            return _NUMBER
        return self._figures(argument, node.key)

    def _percentile(self, node: exp.Expr) -> Field:
        function, ordered = node.this, node.expression.expressions
        fraction = function.this if isinstance(function, exp.PercentileCont) else exp.null()
        is_share = fraction.is_number and 0 <= Decimal(fraction.name) <= 1
        if not is_share or len(ordered) != 1 or ordered[0].args.get("desc"):
            return self.fault(
                node, "a percentile takes a column and a share from 0 to 1", "write `percentile(x, 0.9)`"
            )
        return self._figures(ordered[0].this, "percentile")

    def _figures(self, argument: exp.Expr, function: str) -> Field:
        found = self.row(argument)
        if found.type not in ("number", "null"):
            problem = f"`{function}` wants a number, and this is a {found.type}"
            return self.fault(argument, problem, "name a column of figures")
        return found

    def condition(self, node: exp.Expr) -> None:
        """Check that a node is true or false."""
        found = self.row(node).type
        if found not in ("boolean", "null"):
            self.fault(node, f"this is a {found}, and a condition is wanted", "compare it with something")

    def row(self, node: exp.Expr) -> Field:
        """The type of an expression over the columns of one row."""
        for kinds, rule in self._row_rules():
            if isinstance(node, kinds):
                return rule(node)
        if isinstance(node, AGGREGATES):
            return self.fault(
                node, f"`{node.key}` stands inside a row", "aggregates cannot be nested or filtered on"
            )
        if isinstance(node, exp.Div):
            return self.fault(
                node, "division is not allowed inside an aggregate", "write `numerator` and `denominator`"
            )
        return self._arithmetic(node, self.row)

    def _row_rules(self) -> tuple[tuple[tuple[type, ...], Callable[[exp.Expr], Field]], ...]:
        return (
            ((exp.Column,), self._named),
            ((exp.Boolean,), lambda _: _BOOLEAN),
            ((exp.Null,), lambda _: _UNKNOWN),
            ((exp.And, exp.Or, exp.Not), self._logic),
            (COMPARISONS, self._comparison),
            ((exp.In,), self._membership),
            ((exp.Between,), self._between),
            ((exp.Is,), self._is),
            ((exp.Case,), self._case),
            ((exp.Coalesce,), lambda node: self._same([node.this, *node.expressions])),
            ((exp.Abs,), lambda node: self._wants(node.this, "number")),
            ((exp.Lower,), lambda node: self._wants(node.this, "text")),
            ((exp.Length,), lambda node: self._length(node.this)),
            ((exp.Cast,), self._day),
        )

    def _arithmetic(self, node: exp.Expr, inner: Callable[[exp.Expr], Field]) -> Field:
        if isinstance(node, exp.Paren):
            return inner(node.this)
        if isinstance(node, exp.Literal):
            return _TEXT if node.is_string else _NUMBER
        if isinstance(node, exp.Neg):
            return self._numeric(node, inner(node.this))
        if isinstance(node, (exp.Add, exp.Sub)):
            left, right = (self._numeric(side, inner(side)) for side in (node.this, node.expression))
            if left.unit and right.unit and left.unit != right.unit:
                return self.fault(
                    node, f"{left.unit} and {right.unit} are added", "add figures of one unit only"
                )
            return Field("number", left.unit or right.unit)
        if isinstance(node, exp.Mul):
            left, right = (self._numeric(side, inner(side)) for side in (node.this, node.expression))
            return Field(
                "number",
                f"{left.unit} x {right.unit}" if left.unit and right.unit else left.unit or right.unit,
            )
        if isinstance(node, exp.Div):
            return self.fault(
                node, "a division stands inside a larger expression", "write `numerator` and `denominator`"
            )
        name = node.name if isinstance(node, exp.Anonymous) else node.key
        return self.fault(
            node, f"`{name}` is not allowed", "docs/definitions.md lists what expressions may use"
        )

    def _numeric(self, node: exp.Expr, found: Field) -> Field:
        if found.type not in ("number", "null"):
            return self.fault(node, f"a number is wanted, and this is a {found.type}", "use figures")
        return found

    def _wants(self, node: exp.Expr, wanted: str) -> Field:
        found = self.row(node)
        if found.type not in (wanted, "null"):
            return self.fault(node, f"a {wanted} is wanted, and this is a {found.type}", f"use a {wanted}")
        return Field(found.type, found.unit)

    def _length(self, node: exp.Expr) -> Field:
        self._wants(node, "text")
        return _NUMBER

    def _named(self, node: exp.Expr) -> Field:
        if node.args.get("table") is not None:
            return self.fault(node, f"`{node.sql(DIALECT)}` names a table", f"write the {self._noun} alone")
        if (known := self._fields.get(node.name)) is None:
            return self.fault(
                node,
                f"unknown {self._noun} `{node.name}`{suggest(node.name, self._fields)}",
                "correct the name",
            )
        return known

    def _logic(self, node: exp.Expr) -> Field:
        for side in (node.this, node.args.get("expression")):
            if side is not None:
                self.condition(side)
        return _BOOLEAN

    def _comparison(self, node: exp.Expr) -> Field:
        found = self._same([node.this, node.expression])
        return _BOOLEAN if isinstance(node, (exp.EQ, exp.NEQ)) else self._ordered(node, found)

    def _ordered(self, node: exp.Expr, found: Field) -> Field:
        """Codes stand in the order of their list and texts in that of a language, on which engines do not agree."""
        if found.type in ("text", "boolean"):
            named = (self._fields.get(column.name) for column in node.find_all(exp.Column))
            if any(field.scales for field in named if field):
                problem = "the step is on no scale of the column, on several, or not written behind it"
                return self.fault(node, problem, "write the steps that are meant, as in `step in ('a', 'b')`")
            return self.fault(node, f"a {found.type} has no order", "compare it with `=`, `<>` or `in`")
        return _BOOLEAN

    def _membership(self, node: exp.Expr) -> Field:
        if node.args.get("query") or node.args.get("unnest") or not node.expressions:
            return self.fault(node, "`in` takes a list of values", "write `in ('a', 'b')`")
        self._same([node.this, *node.expressions])
        return _BOOLEAN

    def _between(self, node: exp.Expr) -> Field:
        return self._ordered(node, self._same([node.this, node.args["low"], node.args["high"]]))

    def _is(self, node: exp.Expr) -> Field:
        self.row(node.this)
        if not isinstance(node.expression, (exp.Null, exp.Boolean)):
            self.fault(node, "`is` compares with null, true or false", "use `=` for other values")
        return _BOOLEAN

    def _case(self, node: exp.Expr) -> Field:
        if node.this is not None:
            return self.fault(node, "`case x when` is not allowed", "write `case when x = ... then ... end`")
        for branch in node.args["ifs"]:
            self.condition(branch.this)
        results = [branch.args["true"] for branch in node.args["ifs"]]
        return self._same(
            [*results, *([node.args["default"]] if node.args.get("default") is not None else [])]
        )

    def _day(self, node: exp.Expr) -> Field:
        if not (
            node.args["to"].is_type("date") and isinstance(node.this, exp.Literal) and node.this.is_string
        ):
            return self.fault(node, "only a day can be written with its type", "write `date '2018-07-01'`")
        try:
            date.fromisoformat(node.this.name)
        except ValueError:
            return self.fault(node, f"`{node.this.name}` is not a day", "write `date '2018-07-01'`")
        return Field("date")

    def _same(self, nodes: list[exp.Expr]) -> Field:
        found = [self.row(node) for node in nodes]
        known = next((one for one in found if one.type != "null"), _UNKNOWN)
        coded = next((one for one in found if one.codes is not None), None)
        for node, one in zip(nodes, found, strict=True):
            if one.type not in (known.type, "null"):
                self.fault(node, f"a {known.type} is compared with a {one.type}", "compare like with like")
            elif coded and coded.codes and isinstance(node, exp.Literal) and node.name not in coded.codes:
                self.fault(
                    node,
                    f"`{node.name}` is not one of the codes{suggest(node.name, coded.codes)}",
                    "use a listed code",
                )
        units = {one.unit for one in found if one.unit}
        if len(units) > 1:
            self.fault(
                nodes[-1], f"{' and '.join(sorted(units))} are compared", "compare figures of one unit"
            )
        return Field(known.type, known.unit)

    def _issue(self, offset: int, problem: str, fix: str) -> Issue:
        line_start = self._text.rfind("\n", 0, offset) + 1
        line = self._text[line_start:].split("\n", 1)[0]
        pointed = f"{problem}\n        {line}\n        {' ' * (offset - line_start)}^"
        return Issue("CPAS-I101", self._where, pointed, fix)

    def _stop(self, offset: int, problem: str, fix: str) -> NoReturn:
        raise DefinitionError(
            f"{self._where}: the expression cannot be used.", [self._issue(offset, problem, fix)]
        )


def _in_standard_sql(node: exp.Expr) -> exp.Expr:
    """Medians and percentiles as SQL's standard writes them, since each engine has short forms of its own."""
    if isinstance(node, exp.Median):
        argument, fraction = node.this, exp.Literal.number("0.5")
    elif isinstance(node, exp.Anonymous) and node.name.lower() == "percentile" and len(node.expressions) == 2:
        argument, fraction = node.expressions
    else:
        return node
    ordered = exp.Order(expressions=[exp.Ordered(this=argument)])
    return exp.WithinGroup(this=exp.PercentileCont(this=fraction), expression=ordered)
