"""Money from budget lines to outputs, outcomes and objectives, every dollar once; knows no results."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Literal, TypeVar

import polars as pl

from cpas.budget.resources import ZERO, Resources, Schema, YearResources, added, money_frame
from cpas.definitions.framework import BudgetLine
from cpas.definitions.loaded import Definitions

K = TypeVar("K", bound=Hashable)
Kind = Literal["output", "outcome", "objective"]
CENT, FINEST = Decimal("0.01"), Decimal("0.000001")
FLOWS: Schema = {
    "budget_line": pl.String,
    "group": pl.String,
    "by": pl.String,
    "weight": pl.Decimal(38, 6),
    "output": pl.String,
    "outcome": pl.String,
    "objective": pl.String,
    "apportionment": pl.Decimal(38, 6),
    "expenditure": pl.Decimal(38, 6),
}


@dataclass(frozen=True, slots=True)
class Flow:
    """What of a budget line's money an output has; `output`, `outcome` and `objective` are None for what none has.

    `weight` is what the line's money was shared by: a declared share, or the direct cost of activities in
    US dollars.
    """

    line: str
    group: str
    by: str
    weight: Decimal
    output: str | None
    outcome: str | None
    objective: str | None
    resources: Resources


@dataclass(frozen=True)
class Allocation:
    """The money of a budget year to date by line and output: the flows of all lines, in printed order.

    `lacks` are the lines of which no expenditure is known, or all where a month is missing.
    """

    flows: tuple[Flow, ...]
    lacks: frozenset[str]

    def of(self, kind: Kind, id_: str | None) -> Resources:
        """The money of an output, outcome or objective, zero where no line gives it any; of None what is not allocated."""
        own = tuple(flow.resources for flow in self.flows if getattr(flow, kind) == id_)
        return added(own) if own else Resources(ZERO, ZERO)

    @property
    def total(self) -> Resources:
        """All money, allocated or not."""
        return added(flow.resources for flow in self.flows)

    def lines_of(self, output: str) -> tuple[Flow, ...]:
        """The flows of the lines that give an output money."""
        return tuple(flow for flow in self.flows if flow.output == output and flow.weight)

    def is_partial(self, kind: Kind, id_: str | None) -> bool:
        """Whether the expenditure of an `output`, `outcome` or `objective` lacks a line or month that nobody has reported."""
        return any(flow.line in self.lacks for flow in self.flows if getattr(flow, kind) == id_)

    def as_frame(self) -> pl.DataFrame:
        """Every flow, so that each sum can be made again.

        Returns:
            Columns of `FLOWS`, one row per line and output, and one per line for what is not allocated, whose
            `output`, `outcome` and `objective` are empty; amounts in US dollars.
        """
        rows = [
            (
                *(flow.line, flow.group, flow.by, flow.weight),
                *(flow.output or "", flow.outcome or "", flow.objective or ""),
                *(flow.resources.apportionment, flow.resources.expenditure),
            )
            for flow in self.flows
        ]
        return pl.DataFrame(rows, FLOWS, orient="row")

    def sums(self, definitions: Definitions) -> pl.DataFrame:
        """The money of every objective, outcome and output, and under an empty id what is not allocated; columns of `MONEY`."""
        known: dict[Kind, Iterable[str]] = {
            "objective": definitions.objectives,
            "outcome": definitions.outcomes,
            "output": definitions.outputs,
        }
        return money_frame(
            (kind, id_ or "", self.of(kind, id_), self.is_partial(kind, id_))
            for kind, ids in known.items()
            for id_ in (*ids, None)
        )


def divided(amount: Decimal, weights: Mapping[K, Decimal]) -> dict[K, Decimal]:
    """An amount in parts in proportion to weights, which add up to it exactly.

    Parts are whole cents where the amount is. Each is rounded down, and the cents left over go one each to the
    parts that lost most, the earlier of equal ones first: the method of the largest remainder.

    Args:
        amount: US dollars; negative where an obligation was cancelled.
        weights: At least one above zero, none below.

    >>> divided(Decimal("100"), {"a": Decimal(1), "b": Decimal(1), "c": Decimal(1)})
    {'a': Decimal('33.34'), 'b': Decimal('33.33'), 'c': Decimal('33.33')}
    """
    unit = CENT if amount == amount.quantize(CENT) else FINEST
    whole, total = int(amount / unit), Fraction(sum(weights.values(), ZERO))
    exact = {key: whole * Fraction(weight) / total for key, weight in weights.items()}
    parts = {key: floor(part) for key, part in exact.items()}
    order = sorted(parts, key=lambda key: parts[key] - exact[key])
    for key in order[: whole - sum(parts.values())]:
        parts[key] += 1
    return {key: part * unit for key, part in parts.items()}


def allocate(definitions: Definitions, money: YearResources, work: pl.DataFrame) -> Allocation:
    """The money of every line given to the outputs that `budget.yml` says it serves.

    Args:
        definitions: The budget's structure and the framework.
        money: The lines' money.
        work: As `work_by_output` gives it for the same budget year to date; lines by `activity_cost` follow it.
    """
    costs = {row["output"]: row["cost"] for row in work.iter_rows(named=True) if row["cost"]}
    declared = {line.id: line for group in definitions.budget.groups for line in group.lines}
    flows = tuple(
        flow
        for line in money.lines
        for flow in _flows(
            definitions, line.group, line.resources, declared[line.id], _weights(declared[line.id], costs)
        )
    )
    has_gap = None in money.months.values()
    lacks = frozenset(line.id for line in money.lines if has_gap or line.resources.expenditure is None)
    return Allocation(flows, lacks)


def _weights(line: BudgetLine, costs: Mapping[str | None, Decimal]) -> dict[str | None, Decimal]:
    """What a line's money is shared by; None has what is not allocated, the whole where nothing is known."""
    if line.by == "shares":
        return dict([*line.outputs.items(), (None, 1 - sum(line.outputs.values(), ZERO))])
    outputs = set(line.among) or costs.keys()
    weights = {output: cost for output, cost in costs.items() if output in outputs}
    return {**weights, None: weights.get(None, ZERO)} if any(weights.values()) else {None: Decimal(1)}


def _flows(
    definitions: Definitions,
    group: str,
    resources: Resources,
    line: BudgetLine,
    weights: Mapping[str | None, Decimal],
) -> Iterator[Flow]:
    apportioned = _parts(resources.apportionment, weights)
    spent = _parts(resources.expenditure, weights)
    for output, weight in weights.items():
        outcome = definitions.outputs[output].outcome if output else None
        objective = definitions.outcomes[outcome].objective if outcome else None
        own = Resources(apportioned[output], spent[output])
        yield Flow(line.id, group, line.by, weight, output, outcome, objective, own)


def _parts(
    amount: Decimal | None, weights: Mapping[str | None, Decimal]
) -> dict[str | None, Decimal] | dict[str | None, None]:
    return dict.fromkeys(weights) if amount is None else divided(amount, weights)
