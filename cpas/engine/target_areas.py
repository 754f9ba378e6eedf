"""Whether targets of areas and parts are of areas that exist and were the same since the baseline, and add up to what they are parts of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal

from cpas.definitions.loaded import NOT_STATED, Definitions, LoadedIndicator
from cpas.definitions.target import Goals
from cpas.engine.areas import AreaTree
from cpas.errors import Issue, suggest
from cpas.periods import Period


def check_target_areas(definitions: Definitions, tree: AreaTree) -> Iterator[Issue]:
    """Issues of `targets_for`, which need the table of areas.

    An area that the table does not have is an error. Targets of areas of one level, or of the parts of
    one disaggregation, that exceed the whole's, or are complete and fall short of it, are a warning: they need not
    add up, but whoever set them should know. Ratios and figures that do not add up over areas are not added.
    So is a baseline of an area that was of other places then than at the end of its targets.
    """
    for loaded in definitions.indicators.values():
        for goals in loaded.definition.targets_for:
            if goals.area and goals.area not in tree.by_code:
                problem = (
                    f"`targets_for` names `{goals.area}`, which is no area{suggest(goals.area, tree.by_code)}"
                )
                yield Issue("CPAS-I026", loaded.where, problem, "name a code of the table of areas")
            elif goals.area:
                yield from _moved(loaded, goals, goals.area, tree)
        if not any(version.measure.is_ratio for version in loaded.versions):
            yield from _sums(definitions, loaded, tree)


def _moved(loaded: LoadedIndicator, goals: Goals, area: str, tree: AreaTree) -> Iterator[Issue]:
    last = max((period.last for period in goals.targets), default=None)
    if goals.baseline and last and tree.is_broken(area, goals.baseline.period, Period(last, last)):
        yield Issue(
            "CPAS-I029",
            loaded.where,
            f"{loaded.id}: the boundaries of `{area}` changed after its baseline of {goals.baseline.period}",
            "see that the baseline is that of the places of today, which is in comparisons.csv",
            "warning",
        )


def _sums(definitions: Definitions, loaded: LoadedIndicator, tree: AreaTree) -> Iterator[Issue]:
    indicator = loaded.definition
    levels: defaultdict[str, dict[str, Goals]] = defaultdict(dict)
    columns: defaultdict[str, dict[str, Goals]] = defaultdict(dict)
    for goals in indicator.targets_for:
        if (
            goals.area
            and goals.area in tree.by_code
            and not goals.disaggregation
            and indicator.over_area == "sum"
        ):
            levels[tree.level(goals.area)][goals.area] = goals
        name, _, part = (goals.disaggregation or "").partition("=")
        if name and not goals.area and loaded.is_flow:
            columns[name][part] = goals
    for level, own in levels.items():
        for period, target in indicator.targets.items():
            whole = {code for code in tree.existing(period.months()) if tree.level(code) == level}
            yield from _sum(loaded, f"areas of level `{level}`", period, target, own, whole)
    for name, own in columns.items():
        dataset = definitions.datasets[indicator.source or ""].dataset
        for period, target in indicator.targets.items():
            yield from _sum(
                loaded,
                f"parts of `{name}`",
                period,
                target,
                own,
                set(definitions.parts_of(dataset, name)) - {NOT_STATED},
            )


def _sum(  # a sum, what it should be, and the words to say it
    loaded: LoadedIndicator,
    what: str,
    period: Period,
    target: Decimal,
    own: Mapping[str, Goals],
    whole: set[str],
) -> Iterator[Issue]:
    known = {code: goals.targets[period] for code, goals in own.items() if period in goals.targets}
    total = sum(known.values(), Decimal(0))
    if total > target or (total < target and known.keys() == whole):
        yield Issue(
            "CPAS-I027",
            loaded.where,
            f"{loaded.id}: the targets of the {what} for {period} add up to {total}, and the whole's is {target}",
            "correct one of them, or leave it where they are not meant to add up",
            "warning",
        )
