"""Whether an indicator on a scale is treated as what it is, an order of steps; and the rules that keep rows on their scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cpas.definitions.base import Text
from cpas.definitions.dataset import RowRule
from cpas.definitions.expressions.parse import parse_condition, parse_quotient
from cpas.definitions.expressions.steps import ranked
from cpas.definitions.expressions.values import Condition, Field
from cpas.definitions.indicator import Indicator, Measure
from cpas.definitions.loaded import ASSESSED, CompiledMeasure, CompiledRule, LoadedDataset
from cpas.definitions.scale import STEP, STEPS, Scale
from cpas.errors import DefinitionError, Issue
from cpas.yamlio import Trail, Yaml

TIMES = ("last", "first", "min", "max")
AREAS = ("min", "max", "median")


def compile_steps(
    measure: Measure, source: LoadedDataset, scale: Scale, where: Condition | None, at: tuple[Yaml, Trail]
) -> CompiledMeasure:
    """The measure of an indicator on a scale: the worst or the best of the steps that the rows of a place and month have.

    Raises:
        DefinitionError: It is anything else; a step is neither added up nor averaged.
    """
    yaml, trail = at
    columns = [
        name for name, field in source.fields.items() if any(one == scale.codes for one in field.scales)
    ]
    if measure.value is not None and columns:
        as_figures = {**source.fields, **{name: Field("number") for name in columns}}
        above, below, factor = parse_quotient(measure.value, as_figures, where, yaml.where(*trail, "value"))
        found = ranked(above, columns, scale.codes)
        if found and below is None and factor * measure.scale == 1:
            return CompiledMeasure(found, None, 1)
    name = columns[0] if columns else ""
    problem = "a step of a scale is neither counted up nor averaged nor divided"
    fix = f"write `value: min({name})` for the worst of several judgements of a place and month, or `max({name})`"
    if not columns:
        problem = f"`{source.dataset.dataset}` has no column of the steps of this scale"
        fix = f"name a data set with a column `codes: {STEPS}`"
    issue = Issue("CPAS-I028", yaml.where(*trail), problem, fix)
    raise DefinitionError(f"{yaml.file} cannot be used.", [issue])


def scale_faults(indicator: Indicator, source: LoadedDataset | None, yaml: Yaml) -> Iterator[Issue]:
    """What may not be done with steps, and what only steps have."""
    if indicator.scale is None:
        if indicator.unit == STEP:
            yield _fault(
                yaml, "unit", f"`unit: {STEP}` is that of an indicator on a scale", "name its `scale`"
            )
        return
    if source is None or source.dataset.kind != "levels":
        problem = "a step is judged, and no step is not the worst step"
        yield _fault(yaml, "source", problem, "name a data set of `kind: levels`")
    if indicator.unit != STEP:
        yield _fault(yaml, "unit", "the value of a scale is a step", f"write `unit: {STEP}`")
    if indicator.direction != "increase":
        problem = "the steps of a scale are written from the worst to the best"
        yield _fault(yaml, "direction", problem, "write `direction: increase`, or turn the scale round")
    if indicator.decimals:
        yield _fault(yaml, "decimals", "a step has no decimals", "remove `decimals`")
    rules: tuple[tuple[str, str, Sequence[str]], ...] = (
        ("over_time", indicator.over_time, TIMES),
        ("over_area", indicator.over_area, AREAS),
        ("cumulative", indicator.cumulative, ("none", "mandate")),
        ("target_kind", indicator.target_kind or "level", ("level",)),
    )
    for key, written, allowed in rules:
        if written not in allowed:
            problem = f"`{key}: {written}` makes a number of steps, and a scale has only an order"
            yield _fault(yaml, key, problem, f"use one of: {', '.join(allowed)}")
    if indicator.rating:
        problem = "steps have no percentages to be on track within"
        yield _fault(yaml, "rating", problem, "remove `rating`; docs/numbers.md says how steps are rated")


def step_rules(
    loaded: LoadedDataset, indicators: Mapping[str, Indicator], scales: Mapping[str, Scale]
) -> tuple[CompiledRule, ...]:
    """A rule for each scale: where a row judges an indicator on it, its step is none of another scale.

    A word that is on no scale at all is told by the column's codes.
    """
    judged = [column.name for column in loaded.dataset.columns if column.codes == STEPS]
    naming = [column.name for column in loaded.dataset.columns if column.to == ASSESSED]
    if not (judged and naming):
        return ()
    step, named, rules = judged[0], naming[0], []
    every = dict.fromkeys(code for scale in scales.values() for code in scale.codes)
    for name, scale in scales.items():
        ids = [id_ for id_, one in indicators.items() if one.scale == name]
        others = [code for code in every if code not in scale.steps]
        if ids and others:
            known, foreign = (", ".join(f"'{one}'" for one in names) for names in (ids, others))
            labels = {
                language: ", ".join(one.label[language] for one in scale.steps.values())
                for language in ("en", "fr")
            }
            rule = RowRule(
                id=f"on-scale-{name}",
                that=f"{step} not in ({foreign}) or {named} not in ({known})",
                message=Text(
                    {
                        "en": f"the step is not on the scale “{scale.title['en']}”, on which the indicator is judged",
                        "fr": f"l'échelon n'est pas de l'échelle « {scale.title['fr']} », sur laquelle l'indicateur s'apprécie",
                    }
                ),
                fix=Text(
                    {
                        "en": f"choose one of: {labels['en']}",
                        "fr": f"choisissez l'un de ceux-ci : {labels['fr']}",
                    }
                ),
            )
            where = loaded.column_places[step]
            rules.append(CompiledRule(rule, parse_condition(rule.that, loaded.fields, where), where))
    return tuple(rules)


def _fault(yaml: Yaml, key: str, problem: str, fix: str) -> Issue:
    return Issue("CPAS-I028", yaml.where(key), problem, fix)
