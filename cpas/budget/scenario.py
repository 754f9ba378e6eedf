"""What a cut of the approved budget would take from outputs, by a rule that is printed; a planning aid that predicts nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Literal

import polars as pl

from cpas.budget.allocation import Allocation, Flow, divided
from cpas.budget.resources import ZERO, Line, Resources, YearResources
from cpas.definitions.loaded import Definitions
from cpas.errors import UsageError, suggest
from cpas.periods import Period

By = Literal["outputs", "groups"]
_CUT = re.compile(r"(?P<number>\d[\d,]*(?:\.\d+)?)(?P<unit>%?)")


@dataclass(frozen=True, slots=True)
class Cut:
    """What is to be cut: a percentage of the approved budget, or US dollars."""

    number: Decimal
    is_percentage: bool

    def of(self, approved: Decimal) -> Decimal:
        """The cut in US dollars, to the cent.

        Raises:
            UsageError: There is nothing to cut, or it is more than was approved.
        """
        amount = (approved * self.number / 100 if self.is_percentage else self.number).quantize(
            Decimal("0.01")
        )
        if amount <= 0:
            raise UsageError(f"a cut of {self} of ${approved:,.0f} is nothing; name a cut above zero")
        if amount > approved:
            raise UsageError(f"a cut of ${amount:,.0f} is more than the ${approved:,.0f} that was approved")
        return amount

    def __str__(self) -> str:
        """`2%` or `$11,320,900`."""
        return f"{self.number.normalize():f}%" if self.is_percentage else f"${self.number:,}"


@dataclass(frozen=True, slots=True)
class Loss:
    """What a flow of money from a line to an output loses."""

    flow: Flow
    amount: Decimal


def parse_cut(text: str) -> Cut:
    """A cut as it is written: `2%`, `0.5%`, `11320900` or `11,320,900` US dollars.

    Raises:
        UsageError: It is neither, or not above zero, or above 100 per cent.
    """
    found = _CUT.fullmatch(text.strip().removeprefix("$"))
    if found is None:
        raise UsageError(f"`{text}` is no cut; write a percentage like 2%, or US dollars like 11320900")
    number, is_percentage = Decimal(found["number"].replace(",", "")), bool(found["unit"])
    if number == 0:
        raise UsageError("a cut of 0 changes nothing; name a cut above zero")
    if is_percentage and number > 100:
        raise UsageError(f"a cut of {text} is more than there is; a cut is at most 100%")
    return Cut(number, is_percentage)


def approved_lines(definitions: Definitions, budget_lines: pl.DataFrame, year: Period) -> YearResources:
    """What was approved for every line of a budget year, as its apportionment; nothing is spent.

    Args:
        definitions: The budget's structure.
        budget_lines: Columns `budget_line`, `budget_year`, `approved_usd` (Decimal, US dollars).
        year: A budget year.

    Raises:
        UsageError: No line has an approved amount for the year.
    """
    own = budget_lines.filter(pl.col("budget_year") == str(year))
    approved = dict(own.select("budget_line", "approved_usd").iter_rows())
    if not any(approved.values()):
        years = ", ".join(sorted(set(budget_lines["budget_year"]))) or "none"
        raise UsageError(f"no amounts are approved for {year} in reference/budget_lines; there are: {years}")
    lines = tuple(
        Line(line.id, group.id, Resources(approved.get(line.id, ZERO), None))
        for group in definitions.budget.groups
        for line in group.lines
    )
    return YearResources(year, year, lines, {})


def latest_year(budget_lines: pl.DataFrame) -> Period:
    """The latest budget year with approved amounts.

    Raises:
        UsageError: There is none.
    """
    years = sorted(set(budget_lines.filter(pl.col("approved_usd") > 0)["budget_year"]))
    if not years:
        raise UsageError("no amounts are approved in reference/budget_lines; a cut needs something to cut")
    return Period.parse(years[-1])


def cut_budget(
    definitions: Definitions, allocation: Allocation, amount: Decimal, by: By, protected: Collection[str]
) -> tuple[Loss, ...]:
    """What every flow of money loses, which adds up to the cut to the cent.

    By `outputs` the cut falls on outputs alone. Those of the priority with the highest rank number are cut first, and among
    them those with the highest rank number of their own; outputs of priorities without a rank, which serve all, come
    last. Each such tier is taken whole until the cut is covered, and the tier that is not used up loses in proportion to
    its money. What is not allocated to outputs stays.

    By `groups` each group of the budget is cut by the same percentage, and within it every line and output in
    proportion to its money, what is not allocated included.

    Outputs of protected priorities lose nothing; the others bear the whole.

    Args:
        definitions: The framework and the budget.
        allocation: The approved money by line and output.
        amount: US dollars.
        by: Which of the two rules.
        protected: Ids of priorities.

    Raises:
        UsageError: A protected priority is unknown, or the cut is more than what is not protected.
    """
    for id_ in protected:
        if id_ not in definitions.priorities:
            hint = suggest(id_, definitions.priorities)
            known = ", ".join(definitions.priorities)
            raise UsageError(f"there is no priority `{id_}`{hint}; there are: {known}")
    open_ = [flow for flow in allocation.flows if _priority(definitions, flow) not in protected]
    if by == "outputs":
        return tuple(_by_outputs(definitions, open_, amount))
    return tuple(_by_groups(allocation, open_, amount))


def _priority(definitions: Definitions, flow: Flow) -> str:
    return definitions.objectives[flow.objective].priority if flow.objective else ""


def tier_of(definitions: Definitions, output: str) -> tuple[int, int]:
    """The ranks of an output's priority, 0 for what serves all, and of the output itself; the higher, the sooner it is cut."""
    own = definitions.outputs[output]
    priority = definitions.objectives[definitions.outcomes[own.outcome].objective].priority
    return definitions.priorities[priority].rank or 0, own.rank


def _by_outputs(definitions: Definitions, flows: Iterable[Flow], amount: Decimal) -> Iterator[Loss]:
    ranked = [(tier_of(definitions, flow.output), flow) for flow in flows if flow.output]
    there = _money(flow for _, flow in ranked)
    _refuse_too_much(amount, there, "outputs")
    left = amount
    ranked.sort(key=lambda one: one[0], reverse=True)
    for _, tier in groupby(ranked, key=lambda one: one[0]):
        own = [flow for _, flow in tier]
        taken = min(left, _money(own))
        left -= taken
        yield from _spread(own, taken)


def _by_groups(allocation: Allocation, flows: list[Flow], amount: Decimal) -> Iterator[Loss]:
    totals: dict[str, Decimal] = {}
    for flow in allocation.flows:
        totals[flow.group] = totals.get(flow.group, ZERO) + (flow.resources.apportionment or ZERO)
    for group, taken in divided(amount, totals).items():
        own = [flow for flow in flows if flow.group == group]
        _refuse_too_much(taken, _money(own), f"group {group} of the budget")
        yield from _spread(own, taken)


def _refuse_too_much(amount: Decimal, there: Decimal, where: str) -> None:
    if amount > there:
        raise UsageError(
            f"a cut of ${amount:,.0f} from {where} is more than the ${there:,.0f} there that is not protected; "
            "cut less or protect less"
        )


def _spread(flows: list[Flow], amount: Decimal) -> Iterator[Loss]:
    """An amount taken from flows in proportion to their money."""
    weights = {index: flow.resources.apportionment or ZERO for index, flow in enumerate(flows)}
    if amount and any(weights.values()):
        for index, part in divided(amount, weights).items():
            if part:
                yield Loss(flows[index], part)


def _money(flows: Iterable[Flow]) -> Decimal:
    return sum((flow.resources.apportionment or ZERO for flow in flows), ZERO)
