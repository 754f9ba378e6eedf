"""Whether an indicator's targets fit its measure, its direction and its disaggregations; areas are checked where they are known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from cpas.definitions.indicator import Indicator
from cpas.definitions.loaded import Definitions, LoadedDataset, LoadedIndicator
from cpas.definitions.target import Goals
from cpas.errors import Issue, Location, suggest
from cpas.yamlio import Yaml


def target_faults(indicator: Indicator, *, is_ratio: bool, grows: bool, yaml: Yaml) -> Iterator[Issue]:
    """A kind of target that the measure cannot have; `grows` says that more rows have more of it."""
    where, kind = yaml.where("target_kind"), indicator.target_kind
    is_added = grows if indicator.over_time == "sum" else indicator.over_time in ("last", "max")
    if kind == "cumulative" and (is_ratio or not is_added):
        of_what = " of this measure" if indicator.over_time == "sum" else ""
        what = "a ratio" if is_ratio else f"`over_time: {indicator.over_time}`{of_what}"
        yield _fault(where, f"a cumulative target is counted up, and {what} is not", "use `level`")
    if kind != "incremental":
        return
    for goals in indicator.goals:
        periods = sorted(goals.targets)
        if any(first.last >= second.first for first, second in combinations(periods, 2)):
            yield _fault(
                where, "periods of incremental targets overlap", "give each increment its own period"
            )
        wrong = [
            more
            for more in goals.targets.values()
            if (more < 0) == (indicator.direction == "increase") and more
        ]
        if wrong:
            problem = f"the increment {wrong[0]} leads away from `direction: {indicator.direction}`"
            yield _fault(where, problem, "write how much more, or with a minus how much less, is wanted")
        if goals.baseline is None:
            yield _fault(where, "incremental targets begin at a baseline, and there is none", "give it")


def part_faults(found: Definitions, loaded: LoadedIndicator) -> Iterator[Issue]:
    """Parts of `targets_for` that the indicator does not have."""
    indicator = loaded.definition
    source = found.datasets.get(indicator.source or "")
    for goals in indicator.targets_for:
        if goals.area == found.mission.root_area:
            problem = f"`targets_for` names {goals.area}, the whole mission"
            yield _fault(loaded.where, problem, "write the whole mission's `targets`, or leave `area` out")
        if goals.disaggregation:
            yield from _part_faults(found, indicator, source, goals, loaded.where)


def _part_faults(
    found: Definitions, indicator: Indicator, source: LoadedDataset | None, goals: Goals, where: Location
) -> Iterator[Issue]:
    name, _, part = (goals.disaggregation or "").partition("=")
    if source is None or name not in indicator.disaggregate_by:
        near = suggest(name, indicator.disaggregate_by)
        problem = f"`targets_for` names `{name}`, by which the indicator is not disaggregated{near}"
        yield _fault(where, problem, "name a column of `disaggregate_by`")
    elif part not in (known := found.parts_of(source.dataset, name)):
        problem = f"`targets_for` names `{part}`, which is no part of `{name}`{suggest(part, known)}"
        yield _fault(where, problem, f"name a part of `{name}`")


def _fault(where: Location, problem: str, fix: str) -> Issue:
    return Issue("CPAS-I026", where, problem, fix)
