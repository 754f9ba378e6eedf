"""The counts that stand behind a derived indicator, whose chances are its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from cpas.definitions.expressions.values import Operand
from cpas.definitions.loaded import Definitions
from cpas.engine.counted import CHANCE, is_counted, is_largest_of


@dataclass(frozen=True, slots=True)
class Difference:
    """One count less another, or less what `is_part` of it: the largest of the figures that it adds up."""

    count: str
    less: str
    is_part: bool


@dataclass(frozen=True, slots=True)
class Behind:
    """By the id of a derived indicator of outcome or impact, the count that it is a rate of, or those it is a difference of."""

    rates: Mapping[str, Operand]
    differences: Mapping[str, Difference]

    @classmethod
    def of(cls, definitions: Definitions) -> Self:
        """What stands behind the derived indicators."""
        return cls(_rates(definitions), _differences(definitions))

    def counts(self, id_: str) -> tuple[str, ...]:
        """The indicators whose figures are needed for the interval of a derived one; none where it is nothing of the kind."""
        if rate := self.rates.get(id_):
            return (rate.indicator,)
        difference = self.differences.get(id_)
        return (difference.count, difference.less) if difference else ()


def _rates(definitions: Definitions) -> dict[str, Operand]:
    """The one count that a derived rate of outcome or impact puts over what is no count, such as a population, by the rate's id.

    Such a rate is its count in another unit: what chance and silence can make of the one they make of the other.
    """
    counted = {id_ for id_, one in definitions.indicators.items() if is_counted(one, definitions)}
    found = {}
    for id_, one in definitions.indicators.items():
        measure = one.versions[-1].measure
        above, below = measure.numerator, measure.denominator
        operand = above.operands[0] if below and len(above.operands) == 1 else None
        if operand is None or below is None or one.definition.level not in CHANCE:
            continue
        is_alone = above.sql.casefold() in {f'"{operand.indicator}"'.casefold(), operand.name.casefold()}
        under = {name for each in below.operands for name in definitions.behind(each.indicator)}
        is_annual = operand.function in (None, "annualised")
        if is_alone and is_annual and operand.indicator in counted and not under & counted:
            found[id_] = operand
    return found


def _differences(definitions: Definitions) -> dict[str, Difference]:
    """Derived indicators of the form `A - B`, of one period, where A is a count and B another, or the largest of A's own figures."""
    counts = {
        id_: one
        for id_, one in definitions.indicators.items()
        if is_counted(one, definitions) and one.versions[0].measure.denominator is None
    }
    found = {}
    for id_, one in definitions.indicators.items():
        measure = one.versions[-1].measure
        is_plain = measure.denominator is None and measure.scale == 1
        if not is_plain or one.definition.level not in CHANCE or len(measure.operands) != 2:
            continue
        for count, less in (measure.operands, measure.operands[::-1]):
            is_it = measure.numerator.sql.casefold() == f'"{count.indicator}" - "{less.indicator}"'.casefold()
            if is_it and count.indicator in counts:
                is_part = is_largest_of(definitions.indicators[less.indicator], counts[count.indicator])
                if is_part or less.indicator in counts:
                    found[id_] = Difference(count.indicator, less.indicator, is_part)
    return found
