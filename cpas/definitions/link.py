"""What definitions say of each other: every name leads somewhere, no indicator rests on itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter

from cpas.definitions.check_targets import part_faults
from cpas.definitions.framework import Framework, Output
from cpas.definitions.loaded import REFERENCE_TARGETS, Definitions, LoadedIndicator
from cpas.definitions.mapping import Mapping as SourceMapping
from cpas.errors import Issue, Location, suggest
from cpas.yamlio import Yaml

FRAMEWORK, BUDGET, MISSION = "indicators/framework.yml", "indicators/budget.yml", "mission.yml"


def in_order(indicators: Mapping[str, LoadedIndicator]) -> tuple[dict[str, LoadedIndicator], list[Issue]]:
    """Indicators so that each comes after those it is derived from, and an issue for a cycle."""
    rests_on = {
        id_: {operand.indicator for operand in one.operands} & set(indicators)
        for id_, one in indicators.items()
    }
    try:
        order = list(TopologicalSorter(rests_on).static_order())
    except CycleError as error:
        ring = list(reversed(error.args[1]))
        where = indicators[ring[0]].where
        issue = Issue(
            "CPAS-I030",
            where,
            f"the indicator rests on itself: {' > '.join(ring)}",
            "define one of them from data",
        )
        return dict(indicators), [issue]
    return {id_: indicators[id_] for id_ in order}, []


def check_links(found: Definitions, files: Mapping[str, Yaml]) -> Iterator[Issue]:
    """Every name in one definition that no other definition has, and every id that is given twice."""
    yield from _framework(found.framework, files[FRAMEWORK])
    yield from _budget(found, files[BUDGET])
    yield from _mission(found, files[MISSION])
    yield from _datasets(found)
    for indicator in found.indicators.values():
        yield from _indicator(found, indicator)
        yield from _derivation(found, indicator)
    for name, mapping in found.mappings.items():
        yield from _mapping(found, mapping, Location(f"indicators/mappings/{name}.yml"))


def _absent(name: str, known: Iterable[str], noun: str, where: Location) -> Iterator[Issue]:
    known = list(known)
    if name not in known:
        yield Issue(
            "CPAS-I031",
            where,
            f"there is no {noun} `{name}`{suggest(name, known)}",
            f"name an existing {noun}",
        )


def _framework(framework: Framework, yaml: Yaml) -> Iterator[Issue]:
    paragraphs = [paragraph.id for paragraph in framework.mandate.paragraphs]
    priorities = [priority.id for priority in framework.priorities]
    objectives = [objective.id for objective in framework.objectives]
    outcomes = [outcome.id for outcome in framework.outcomes]
    accomplishments = [one.id for one in framework.expected_accomplishments]
    ids = [*paragraphs, *priorities, *objectives, *outcomes, *(output.id for output in framework.outputs)]
    for id_, times in Counter(ids).items():
        if times > 1:
            yield Issue(
                "CPAS-I032", yaml.where(), f"the id `{id_}` is given {times} times", "give each its own"
            )
    cited = [("priorities", index, one.paragraphs) for index, one in enumerate(framework.priorities)]
    cited += [("objectives", index, one.paragraphs) for index, one in enumerate(framework.objectives)]
    for kind, index, names in cited:
        for name in names:
            yield from _absent(name, paragraphs, "mandate paragraph", yaml.where(kind, index, "paragraphs"))
    for index, objective in enumerate(framework.objectives):
        yield from _absent(
            objective.priority, priorities, "priority", yaml.where("objectives", index, "priority")
        )
    for index, outcome in enumerate(framework.outcomes):
        yield from _absent(
            outcome.objective, objectives, "objective", yaml.where("outcomes", index, "objective")
        )
        if outcome.expected_accomplishment:
            where = yaml.where("outcomes", index, "expected_accomplishment")
            yield from _absent(
                outcome.expected_accomplishment, accomplishments, "expected accomplishment", where
            )
    for index, output in enumerate(framework.outputs):
        yield from _absent(output.outcome, outcomes, "outcome", yaml.where("outputs", index, "outcome"))
        yield from _quarters(output, yaml.where("outputs", index, "planned_by_quarter"))


def _quarters(output: Output, where: Location) -> Iterator[Issue]:
    """What is due by quarter lies in a planned year and adds up to its plan."""
    for quarter in output.planned_by_quarter:
        if quarter.kind != "quarter" or quarter.budget_year() not in output.planned:
            yield Issue(
                "CPAS-I034",
                where,
                f"`{quarter}` is no quarter of a budget year that `{output.id}` is planned for",
                "write quarters like 2018-Q3 of a year that `planned` has",
            )
    for year, planned in output.planned.items():
        parts = [part for quarter, part in output.planned_by_quarter.items() if year.contains(quarter)]
        if parts and sum(parts) != planned:
            yield Issue(
                "CPAS-I034",
                where,
                f"the quarters of {year} add up to {sum(parts)}, and `{output.id}` plans {planned}",
                "correct the quarters, or the year's plan",
            )


def _budget(found: Definitions, yaml: Yaml) -> Iterator[Issue]:
    lines = [line.id for group in found.budget.groups for line in group.lines]
    for id_, times in Counter(lines).items():
        if times > 1:
            yield Issue(
                "CPAS-I032",
                yaml.where(),
                f"the budget line `{id_}` is given {times} times",
                "give each its own",
            )
    for g, group in enumerate(found.budget.groups):
        for n, line in enumerate(group.lines):
            where = yaml.where("groups", g, "lines", n, "outputs")
            for output in line.outputs:
                yield from _absent(output, found.outputs, "output", where)
            for output in line.among:
                yield from _absent(
                    output, found.outputs, "output", yaml.where("groups", g, "lines", n, "among")
                )
            if line.personnel and (categories := found.codes.get("personnel_category")):
                place = yaml.where("groups", g, "lines", n, "personnel")
                yield from _absent(line.personnel, categories.codes, "category of personnel", place)
            if (
                any(share < 0 for share in line.outputs.values())
                or sum(line.outputs.values(), Decimal(0)) > 1
            ):
                yield Issue(
                    "CPAS-I033",
                    where,
                    f"the shares of line {line.id} are not within 0 and 1",
                    "shares add up to 1 at most",
                )


def _mission(found: Definitions, yaml: Yaml) -> Iterator[Issue]:
    mission = found.mission
    reporters = {*mission.sections, *mission.field_offices}
    sent = {name: one for name, one in found.datasets.items() if one.dataset.found_in != "made"}
    for index, expected in enumerate(mission.expected):
        yield from _absent(expected.dataset, sent, "data set", yaml.where("expected", index, "dataset"))
        for reporter in expected.reporters:
            where = yaml.where("expected", index, "reporters")
            yield from _absent(reporter, reporters, "section or field office", where)


def _datasets(found: Definitions) -> Iterator[Issue]:
    targets = {*REFERENCE_TARGETS, *found.datasets}
    for loaded in found.datasets.values():
        for column in loaded.dataset.columns:
            if column.to:
                yield from _absent(column.to, targets, "table", loaded.column_places[column.name])


def _indicator(found: Definitions, loaded: LoadedIndicator) -> Iterator[Issue]:
    indicator, where = loaded.definition, loaded.where
    yield from _absent(indicator.owner, found.mission.sections, "section", where)
    if indicator.objective:
        yield from _absent(indicator.objective, found.objectives, "objective", where)
    if indicator.outcome:
        yield from _absent(indicator.outcome, found.outcomes, "outcome", where)
    if indicator.output:
        yield from _absent(indicator.output, found.outputs, "output", where)
    yield from part_faults(found, loaded)
    if reference := indicator.rbb:
        known = {one.id: one for one in found.framework.expected_accomplishments}
        yield from _absent(reference.expected_accomplishment, known, "expected accomplishment", where)
        accomplishment = known.get(reference.expected_accomplishment)
        if accomplishment and reference.indicator_of_achievement:
            achievements = accomplishment.indicators_of_achievement
            yield from _absent(
                reference.indicator_of_achievement, achievements, "indicator of achievement", where
            )


def _derivation(found: Definitions, loaded: LoadedIndicator) -> Iterator[Issue]:
    """What a derived indicator asks of those it names: parts that they have, and sums that a year may be made of."""
    for operand in loaded.operands:
        other = found.indicators[operand.indicator]
        for name in loaded.definition.disaggregate_by:
            if name not in other.definition.disaggregate_by:
                problem = f"`{loaded.id}` is disaggregated by `{name}`, and `{other.id}` is not"
                yield Issue("CPAS-I023", loaded.where, problem, f"disaggregate `{other.id}` too, or neither")
        if operand.function == "annualised" and not other.adds_up:
            problem = f"`{other.id}` does not add up over time, so that a year cannot be made of a part"
            yield Issue("CPAS-I025", loaded.where, problem, "annualise a sum that is no running total")


def _mapping(found: Definitions, mapping: SourceMapping, where: Location) -> Iterator[Issue]:
    """A mapping fills columns of an existing data set, coded ones with their codes."""
    if mapping.dataset not in found.datasets:
        yield from _absent(mapping.dataset, found.datasets, "data set", where)
        return
    loaded = found.datasets[mapping.dataset]
    for name, mapped in mapping.columns.items():
        yield from _absent(name, loaded.fields, "column", where)
        codes = loaded.fields[name].codes if name in loaded.fields else None
        for value in sorted(mapped.constants) if codes is not None else ():
            yield from _absent(value, codes or (), f"code of `{name}`", where)
