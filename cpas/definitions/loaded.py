"""Definitions once read, compiled and linked: immutable, and all that other rooms see of YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from cpas.definitions.base import Text
from cpas.definitions.dataset import CodeList, Dataset, RowRule
from cpas.definitions.expressions.values import Aggregate, Condition, Field, Formula, Operand
from cpas.definitions.framework import BudgetStructure, Framework, Objective, Outcome, Output, Priority
from cpas.definitions.indicator import Indicator
from cpas.definitions.mapping import Mapping as SourceMapping
from cpas.definitions.mission import Mission, RatingRule
from cpas.definitions.scale import Scale
from cpas.errors import Location
from cpas.periods import Period

NOT_STATED = "not_stated"
ASSESSED = "assessed_indicators"
"""What a column is `to` that names an indicator judged on a scale."""
OBSERVED = "observed_indicators"
"""What a column is `to` that names an indicator whose values are the rows of such a data set."""


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A row rule, its condition and its line."""

    rule: RowRule
    condition: Condition
    where: Location


@dataclass(frozen=True, slots=True)
class LoadedDataset:
    """A data set's declaration with what expressions may know of its columns, and the line of each column."""

    dataset: Dataset
    fields: Mapping[str, Field]
    rules: tuple[CompiledRule, ...]
    where: Location
    column_places: Mapping[str, Location]


@dataclass(frozen=True, slots=True)
class CompiledMeasure:
    """`scale * numerator / denominator`, or `numerator` alone."""

    numerator: Formula
    denominator: Formula | None
    scale: int

    @property
    def is_ratio(self) -> bool:
        """Whether it has a denominator."""
        return self.denominator is not None

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The numerator, and the denominator where there is one."""
        return (self.numerator,) if self.denominator is None else (self.numerator, self.denominator)

    @property
    def operands(self) -> tuple[Operand, ...]:
        """The other indicators that it is made of, each with its period."""
        return tuple(dict.fromkeys(operand for formula in self.formulas for operand in formula.operands))


@dataclass(frozen=True, slots=True)
class CompiledVersion:
    """What an indicator means from a day on, until the next version begins."""

    number: int
    first: date
    measure: CompiledMeasure


@dataclass(frozen=True, slots=True)
class LoadedIndicator:
    """An indicator's definition with its compiled versions and its file; `achieved` reads the days of a milestone.

    `is_flow` says that a longer period has more of it.
    """

    definition: Indicator
    versions: tuple[CompiledVersion, ...]
    where: Location
    is_flow: bool
    achieved: Aggregate | None = None

    @property
    def id(self) -> str:
        """The indicator's id."""
        return self.definition.id

    @property
    def is_derived(self) -> bool:
        """Whether it is computed from other indicators and not from rows."""
        return self.definition.source is None

    @property
    def adds_up(self) -> bool:
        """Whether a period twice as long has twice as much of it: a flow that is no running total."""
        return self.is_flow and self.definition.cumulative == "none" and not self.is_derived

    @property
    def adds_up_over_areas(self) -> bool:
        """Whether its figures of areas come to that of the area which they divide: a sum over areas that is no ratio and no distinct count."""
        measures = [version.measure for version in self.versions]
        is_plain = all(one.denominator is None and one.numerator.whole is None for one in measures)
        return not self.is_derived and is_plain and self.definition.over_area == "sum"

    @property
    def operands(self) -> tuple[Operand, ...]:
        """The other indicators that any of its versions is made of."""
        return tuple(
            dict.fromkeys(operand for version in self.versions for operand in version.measure.operands)
        )

    def versions_in(self, period: Period) -> tuple[CompiledVersion, ...]:
        """The versions that apply to some month of a period; the first stands for all time before it."""
        return tuple(dict.fromkeys(self.version_at(month) for month in period.months()))

    def version_at(self, month: Period) -> CompiledVersion:
        """The version in force on the first day of a month, each period being computed by its own."""
        current = self.versions[0]
        for version in self.versions[1:]:
            if version.first <= month.start:
                current = version
        return current


@dataclass(frozen=True)
class Definitions:
    """Everything a mission has defined.

    `indicators` is in the order in which they can be computed: derived ones after those they name.
    `files` are the names and paths of all that was read, for the manifest.
    """

    mission: Mission
    datasets: Mapping[str, LoadedDataset]
    codes: Mapping[str, CodeList]
    framework: Framework
    budget: BudgetStructure
    indicators: Mapping[str, LoadedIndicator]
    mappings: Mapping[str, SourceMapping]
    files: tuple[tuple[str, Path], ...]
    scales: Mapping[str, Scale] = field(default_factory=dict)

    @cached_property
    def outputs(self) -> Mapping[str, Output]:
        """Outputs by id."""
        return {output.id: output for output in self.framework.outputs}

    @cached_property
    def outcomes(self) -> Mapping[str, Outcome]:
        """Outcomes by id."""
        return {outcome.id: outcome for outcome in self.framework.outcomes}

    @cached_property
    def objectives(self) -> Mapping[str, Objective]:
        """Objectives by id."""
        return {objective.id: objective for objective in self.framework.objectives}

    @cached_property
    def priorities(self) -> Mapping[str, Priority]:
        """Priorities by id."""
        return {priority.id: priority for priority in self.framework.priorities}

    def objective_of(self, indicator: Indicator) -> Objective:
        """The objective an indicator serves, through its outcome or output."""
        outcome = self.outputs[indicator.output].outcome if indicator.output else indicator.outcome
        return self.objectives[self.outcomes[outcome].objective if outcome else indicator.objective or ""]

    def counted_by(self, output: Output) -> LoadedIndicator | None:
        """The first indicator that counts what an output plans: it is the output's, in the same unit."""
        for one in self.indicators.values():
            if one.definition.output == output.id and one.definition.unit == output.unit:
                return one
        return None

    def scale_of(self, id_: str) -> Scale | None:
        """The scale that an indicator is judged on."""
        name = self.indicators[id_].definition.scale
        return self.scales[name] if name else None

    def step_label(self, id_: str, place: float | Decimal | None, language: str) -> str | None:
        """The label of a place on an indicator's scale; None where there is no place or no scale."""
        scale = self.scale_of(id_)
        code = scale.code_at(place) if scale else None
        return scale.steps[code].label[language] if scale and code else None

    def behind(self, id_: str) -> frozenset[str]:
        """An indicator and all that it is derived from."""
        names = {operand.indicator for operand in self.indicators[id_].operands}
        return frozenset({id_}).union(*(self.behind(name) for name in names))

    def rating_of(self, indicator: Indicator) -> RatingRule:
        """The indicator's own rating rule, else the mission's."""
        return indicator.rating or self.mission.rating

    def parts_of(self, dataset: Dataset, name: str) -> tuple[str, ...]:
        """The parts of a disaggregation as results name them: codes, ids, or those of a breakdown."""
        if breakdown := dataset.breakdowns.get(name):
            return tuple(breakdown.parts)
        column = dataset.column(name)
        codes = self.codes[column.codes].codes if column.codes else self.members(column.to or "") or {}
        return tuple(codes) if column.required else (*codes, NOT_STATED)

    def members(self, target: str) -> Mapping[str, tuple[str, ...]] | None:
        """Ids a `reference` column may hold, with their names, where definitions know them; None for a data set."""
        titles = self.titles(target)
        return None if titles is None else {key: title.everywhere() for key, title in titles.items()}

    def titles(self, target: str) -> Mapping[str, Text] | None:
        """Ids a `reference` column may hold, with their titles, where definitions know them; None for a data set."""
        match target:
            case "sections":
                return {key: section.title for key, section in self.mission.sections.items()}
            case "field_offices":
                return {key: office.title for key, office in self.mission.field_offices.items()}
            case "outputs":
                return {key: output.title for key, output in self.outputs.items()}
            case "outcomes":
                return {key: outcome.title for key, outcome in self.outcomes.items()}
            case "indicators":
                return {key: one.definition.title for key, one in self.indicators.items()}
            case "assessed_indicators":
                judged = (one for one in self.indicators.values() if one.definition.scale)
                return {one.id: one.definition.title for one in judged}
            case "observed_indicators":
                sets = {
                    name
                    for name, loaded in self.datasets.items()
                    if any(column.to == OBSERVED for column in loaded.dataset.columns)
                }
                every = (one.definition for one in self.indicators.values())
                return {one.id: one.title for one in every if one.source in sets}
            case "budget_line_ids":
                return {line.id: line.title for group in self.budget.groups for line in group.lines}
            case _:
                return None


REFERENCE_TARGETS = (
    *("sections", "field_offices", "outputs", "outcomes", "indicators", "budget_line_ids"),
    ASSESSED,
    OBSERVED,
)
