"""One spelling for one meaning, so that A + B and B + A are the same definition and A / B and B / A are two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import itemgetter

from sqlglot import exp

from cpas.definitions.expressions.values import COMPARISONS, Condition, spelling

_FLIPPED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.EQ: exp.EQ,
    exp.NEQ: exp.NEQ,
}

_TRUTHS = (exp.And, exp.Or, exp.Not, *COMPARISONS, exp.Is, exp.In, exp.Between)


def canonical(tree: exp.Expr) -> exp.Expr:
    """The same meaning in one spelling: operands of AND, OR, + and * sorted, columns left of comparisons, no spare brackets."""
    return _canonical(tree.copy())


def _canonical(tree: exp.Expr) -> exp.Expr:
    node = tree.unnest()
    node.comments = None
    for key, value in list(node.args.items()):
        if isinstance(value, exp.Expr):
            node.set(key, _canonical(value))
        elif isinstance(value, list):
            node.set(key, [_canonical(item) if isinstance(item, exp.Expr) else item for item in value])
    if isinstance(node, exp.Identifier):
        return exp.to_identifier(node.name, quoted=not re.fullmatch(r"[a-z_][a-z0-9_]*", node.name))
    if isinstance(node, (*COMPARISONS, exp.In, exp.Between, exp.Is)):
        node = _with_brackets(node)
    if isinstance(node, COMPARISONS):
        return _compared(node)
    if isinstance(node, exp.In):
        node.set("expressions", sorted(node.expressions, key=spelling))
    if isinstance(node, (exp.And, exp.Or, exp.Add, exp.Mul)):
        return _sorted(node)
    if isinstance(node, (exp.Sub, exp.Neg, exp.Not)):
        return _with_brackets(node)
    return node


def _sorted(node: exp.Expr) -> exp.Expr:
    kind = type(node)
    spelled = sorted(((spelling(item), item) for item in _flat(node, kind)), key=itemgetter(0))
    is_once = isinstance(node, (exp.And, exp.Or))
    operands = list(dict(spelled).values()) if is_once else [item for _, item in spelled]
    begins_bare = len(operands) == 1 or isinstance(node, exp.Add)
    result = operands[0] if begins_bare else _bracketed(operands[0], kind)
    for operand in operands[1:]:
        result = kind(this=result, expression=_bracketed(operand, kind))
    return result


def _with_brackets(node: exp.Expr) -> exp.Expr:
    for key, value in list(node.args.items()):
        if isinstance(value, exp.Expr) and not (isinstance(node, exp.Sub) and key == "this"):
            node.set(key, _bracketed(value, type(node)))
    return node


def _compared(node: exp.Expr) -> exp.Expr:
    left, right = node.this, node.expression
    turned = spelling(left) > spelling(right) if _is_open(left) == _is_open(right) else not _is_open(left)
    if turned:
        return _FLIPPED[type(node)](this=right, expression=left)
    return node


def _is_open(node: exp.Expr) -> bool:
    return node.find(exp.Column) is not None


def _flat(node: exp.Expr, kind: type[exp.Expr]) -> Iterator[exp.Expr]:
    for side in (node.args["this"], node.args["expression"]):
        inner = side.unnest()
        if type(inner) is kind:
            yield from _flat(inner, kind)
        else:
            yield inner


def _bracketed(node: exp.Expr, inside: type[exp.Expr]) -> exp.Expr:
    """The operand in brackets wherever reading the text back could bind it otherwise."""
    if issubclass(inside, exp.And):
        loose = isinstance(node, exp.Or)
    elif issubclass(inside, exp.Or):
        loose = False
    elif issubclass(inside, exp.Add):
        loose = isinstance(node, exp.Sub)
    elif issubclass(inside, (exp.Mul, exp.Sub, exp.Neg)):
        loose = isinstance(node, (exp.Add, exp.Sub))
    else:
        loose = isinstance(node, _TRUTHS)
    return exp.paren(node, copy=False) if loose else node


def spelt(tree: exp.Expr) -> Condition:
    """A checked tree as a condition or row expression in canonical SQL."""
    tree = canonical(tree)
    return Condition(spelling(tree), tree)


def both(one: Condition | None, other: Condition) -> Condition:
    """Two conditions that must hold together; what is canonical in each stays, and is only put in order."""
    if one is None:
        return other
    tree = _sorted(exp.And(this=one.tree.copy(), expression=other.tree.copy()))
    return Condition(spelling(tree), tree)
