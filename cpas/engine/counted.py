"""Which indicators count what happens, events, persons in them and shares of them, so that chance has a part in their figures."""

from __future__ import annotations

from cpas.definitions.dataset import Dataset
from cpas.definitions.expressions.values import Aggregate, Formula
from cpas.definitions.indicator import Level
from cpas.definitions.loaded import Definitions, LoadedIndicator

CHANCE: tuple[Level, ...] = ("outcome", "impact")


def is_counted(indicator: LoadedIndicator, definitions: Definitions) -> bool:
    """Whether an indicator counts events, persons in them, a share of events, or persons by event, so that chance has an interval.

    Inputs, activities and outputs are a full count of what the mission itself did: a shortfall of them is one.
    """
    definition, measure = indicator.definition, indicator.versions[0].measure
    if definition.level not in CHANCE:
        return False
    dataset = definitions.datasets[definition.source].dataset if definition.source else None
    terms = added(measure.numerator)
    if dataset is None or dataset.kind != "events" or not terms:
        return False
    if (definition.over_time, definition.over_area) != ("sum", "sum"):
        return False
    if measure.denominator:
        under = added(measure.denominator)
        if len(terms) != 1 or len(under) != 1:
            return False
        return _is_share(terms[0], under[0]) or (
            _is_by_event(terms[0], under[0]) and _counts(terms[0], dataset)
        )
    is_simple = len(terms) == 1 or all(term.function == "sum" for term in terms)
    return is_simple and all(_counts(term, dataset) for term in terms)


def is_extreme(indicator: LoadedIndicator, definitions: Definitions) -> bool:
    """Whether an indicator of outcome or impact is the greatest or least of events, months or areas, which chance alone moves."""
    about = indicator.definition
    is_of_events = about.source is not None and definitions.datasets[about.source].dataset.kind == "events"
    rules = {about.over_time, about.over_area}
    return about.level in CHANCE and is_of_events and bool(rules & {"max", "min"})


def added(formula: Formula) -> tuple[Aggregate, ...]:
    """The aggregates that a formula adds up; none where it is another arithmetic, or has figures in it."""
    return formula.terms if formula.sql == " + ".join(term.sql for term in formula.terms) else ()


def _counts(term: Aggregate, dataset: Dataset) -> bool:
    if term.function.startswith("count"):
        return True
    return term.function == "sum" and all(
        dataset.column(name).type == "count" for name in (term.argument.columns if term.argument else ())
    )


def _is_share(above: Aggregate, below: Aggregate) -> bool:
    """Whether one aggregate counts some of the rows that the other counts."""
    if above.argument or (above.function, below.function) != ("count", "count"):
        return False
    if below.argument and (above.where is None or below.argument not in above.where.operands):
        return False
    return _is_among(above, below)


def _is_by_event(above: Aggregate, below: Aggregate) -> bool:
    """Whether one aggregate adds up a column over rows of which each is among those that the other counts."""
    is_same = below.argument is None or below.argument == above.argument
    return (above.function, below.function) == ("sum", "count") and is_same and _is_among(above, below)


def _is_among(above: Aggregate, below: Aggregate) -> bool:
    """Whether the rows of one aggregate meet every condition of the other's."""
    return below.where is None or (
        above.where is not None and set(below.where.operands) <= set(above.where.operands)
    )


def is_largest_of(largest: LoadedIndicator, count: LoadedIndicator) -> bool:
    """Whether an indicator is the largest single figure of those that another adds up, so that it is a part of that sum."""
    about, whole = largest.definition, count.definition
    one, every = (added(each.versions[0].measure.numerator) for each in (largest, count))
    if about.source != whole.source or (about.over_time, about.over_area) != ("max", "max"):
        return False
    if largest.versions[0].measure.denominator or len(one) != 1 or len(every) != 1:
        return False
    is_of_same = (one[0].argument, one[0].where) == (every[0].argument, every[0].where)
    return is_of_same and (one[0].function, every[0].function) == ("max", "sum")
