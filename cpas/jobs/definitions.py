"""The indicator catalogue, and one definition with its place, its SQL and its uses, as text."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from cpas.definitions.base import Text
from cpas.definitions.indicator import LEVELS
from cpas.definitions.loaded import CompiledVersion, Definitions, LoadedIndicator
from cpas.definitions.scale import Scale
from cpas.engine.sql import measure_sql
from cpas.errors import UsageError, suggest
from cpas.jobs.gather import load_checked


def catalogue(mission: Path, language: str) -> str:
    """Every indicator on one line, under its objective and by level.

    Raises:
        DefinitionError: A definition is wrong, or a worked example does not give its value.
    """
    definitions = load_checked(mission)
    lines = [f"{len(definitions.indicators)} indicators of {definitions.mission.name[language]}"]
    for objective in definitions.framework.objectives:
        lines.append(f"\n{objective.id}  {objective.title[language]}")
        own = [
            one
            for one in definitions.indicators.values()
            if definitions.objective_of(one.definition) == objective
        ]
        for one in sorted(own, key=lambda one: (LEVELS.index(one.definition.level), one.id)):
            about = one.definition
            lines.append(
                f"  {about.level:<9} {one.id:<10} {about.title[language]} ({about.unit}, {about.owner})"
            )
    return "\n".join(lines)


def describe(mission: Path, id_: str, language: str) -> str:
    """One definition: what it says, its place in the framework, its canonical SQL, and where it is used.

    Raises:
        UsageError: There is no such indicator.
        DefinitionError: As above.
    """
    definitions = load_checked(mission)
    if id_ not in definitions.indicators:
        hint = suggest(id_, definitions.indicators) or f"; `cpas definitions {mission}` lists all"
        raise UsageError(f"there is no indicator `{id_}`{hint}")
    one = definitions.indicators[id_]
    about = one.definition
    scale = definitions.scale_of(id_)
    targets = ", ".join(f"{period}: {_told(value, scale)}" for period, value in sorted(about.targets.items()))
    parts = [
        f"{id_}  {about.title[language]}",
        f"{one.where.file}",
        _table(
            {
                "level": about.level,
                "unit": f"{about.unit}, to {about.direction}",
                "owner": definitions.mission.sections[about.owner].title[language],
                "over time": about.over_time,
                "over areas": about.over_area,
                "cumulative": about.cumulative,
                "baseline": f"{_told(about.baseline.value, scale)} in {about.baseline.period}",
                "targets": targets or (f"done by {about.milestone.due}" if about.milestone else "none"),
                "disaggregated by": ", ".join(about.disaggregate_by) or "area only",
            }
        ),
        "Place\n" + "\n".join(f"  {line}" for line in _place(one, definitions, language)),
        *(f"{title}\n  {text[language]}" for title, text in _texts(one)),
        *([_scale(scale, language)] if scale else []),
        *(_sql(one, version, definitions, language) for version in one.versions),
        "Used by\n" + "\n".join(f"  {line}" for line in _uses(one, definitions)),
        f"{len(about.examples)} worked examples give their values.",
    ]
    return "\n\n".join(parts)


def _told(value: Decimal, scale: Scale | None) -> str:
    """A figure as the file has it, which on a scale is the code of a step."""
    return (scale and scale.code_at(value)) or str(value)


def _scale(scale: Scale, language: str) -> str:
    steps = [
        f"  {place}  {code}: {step.label[language]}. {step.criterion[language]}"
        for place, (code, step) in enumerate(scale.steps.items(), start=1)
    ]
    return "\n".join([f"Scale: {scale.title[language]}", *steps])


def _table(rows: dict[str, str]) -> str:
    return "\n".join(f"  {key:<17} {value}" for key, value in rows.items())


def _texts(one: LoadedIndicator) -> list[tuple[str, Text]]:
    about = one.definition
    return [("Definition", about.definition), ("Method", about.method), ("Limitations", about.limitations)]


def _place(one: LoadedIndicator, definitions: Definitions, language: str) -> list[str]:
    """From the mandate's paragraphs down to the indicator, and the budget's framework beside it."""
    about = one.definition
    objective = definitions.objective_of(about)
    paragraphs = {paragraph.id: paragraph for paragraph in definitions.framework.mandate.paragraphs}
    lines = [
        f"mandate    {paragraphs[id_].number}  {paragraphs[id_].text[language]}"
        for id_ in objective.paragraphs
    ]
    priority = definitions.priorities[objective.priority]
    lines += [
        f"priority   {priority.id}  {priority.title[language]}",
        f"objective  {objective.id}  {objective.title[language]}",
    ]
    output = definitions.outputs[about.output] if about.output else None
    if outcome_id := output.outcome if output else about.outcome:
        outcome = definitions.outcomes[outcome_id]
        lines.append(f"outcome    {outcome.id}  {outcome.title[language]}")
    if output:
        lines.append(f"output     {output.id}  {output.title[language]}")
    if about.rbb:
        lines.append(f"budget     expected accomplishment {about.rbb.expected_accomplishment}")
        if about.rbb.indicator_of_achievement:
            lines.append(f"           indicator of achievement {about.rbb.indicator_of_achievement}")
    return lines


def _sql(one: LoadedIndicator, version: CompiledVersion, definitions: Definitions, language: str) -> str:
    note = one.definition.versions[version.number - 1].note[language]
    query = measure_sql(one, version, definitions).replace("\n", "\n  ")
    scale = "" if one.is_derived or version.measure.scale == 1 else f"  -- times {version.measure.scale}\n"
    return f"SQL, version {version.number} from {version.first}: {note}\n{scale}  {query}"


def _uses(one: LoadedIndicator, definitions: Definitions) -> list[str]:
    """The derived indicators, data columns and reports that rest on it."""
    names = [
        other.id
        for other in definitions.indicators.values()
        if any(operand.indicator == one.id for operand in other.operands)
    ]
    reads = sorted(
        {
            name
            for version in one.versions
            for formula in version.measure.formulas
            for term in formula.terms
            for name in term.columns
        }
    )
    lines = [f"indicator {name}" for name in names] + [
        "the monthly report: its objective, the budget view, the annex"
    ]
    return lines + ([f"reads {one.definition.source}: {', '.join(reads)}"] if reads else [])
