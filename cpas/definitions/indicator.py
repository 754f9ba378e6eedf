"""What an indicator file may say; an indicator is a file named for its id."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from cpas.definitions.base import Day, Id, Model, Name, PeriodText, Text
from cpas.definitions.mission import RatingRule
from cpas.definitions.scale import Figure, choose_scale
from cpas.definitions.target import Baseline, Goals, Milestone, TargetChange, TargetKind, check_history

Level = Literal["input", "activity", "output", "outcome", "impact"]
LEVELS: tuple[Level, ...] = ("impact", "outcome", "output", "activity", "input")
OverTime = Literal["sum", "mean", "last", "first", "max", "min", "median", "count"]
OverArea = Literal["sum", "mean", "max", "min", "median", "count"]
Missing = Literal["skip_if_any", "skip_if_all", "never_skip"]

_PARENT: dict[str, str] = {
    "impact": "objective",
    "outcome": "outcome",
    "output": "output",
    "activity": "output",
    "input": "output",
}


class Measure(Model):
    """What is computed, as SQL expressions.

    Either `value`, an arithmetic of aggregates (`sum(x)`, `count(*)`, `count(distinct x)`, `min`,
    `max`, `median(x)`, `percentile(x, 0.9)`), or `numerator` and `denominator`, each such an arithmetic. The value printed is
    `scale` times it. `where` selects the rows of every aggregate; an aggregate may select
    further with `filter (where ...)`. In a derived indicator (no `source`) the names are
    indicator ids.
    """

    value: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    where: str | None = None
    scale: int = Field(1, gt=0)

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.value is None) == (self.numerator is None) or (self.numerator is None) != (
            self.denominator is None
        ):
            raise ValueError("write either `value`, or both `numerator` and `denominator`")
        return self


class RbbReference(Model):
    """Where the budget's framework has the same indicator."""

    expected_accomplishment: Id
    indicator_of_achievement: Id | None = None


class Version(Model):
    """From a day on, what was changed; what is not named stays as in the version before."""

    first: Day = Field(alias="from")
    note: Text
    measure: Measure | None = None


class Example(Model):
    """A worked example: rows of the data set, and the value that they must give.

    Every example runs as a test and with `cpas definitions`. `values` gives a derived
    indicator the values of the indicators it names.
    """

    name: str
    rows: tuple[dict[str, Any], ...] | None = None
    values: dict[str, Decimal | None] | None = None
    value: Figure | None
    version: int | None = None


class Indicator(Model):
    """The whole of an indicator file.

    `over_time` and `over_area` say how monthly values of single areas become those of longer
    periods and larger areas; numerator and denominator go up apart from each other. `carry_over` is
    for how many silent months a level keeps the last value that a place reported. `baseline` and
    `targets` are the whole mission's; `targets_for` are those of areas and parts. `target_kind` is
    `cumulative` where the indicator adds up over time and `level` where it does not, unless it is said.
    A qualitative indicator has a `scale`: its figures are steps, written by their codes and held as their places.
    """

    id: Id
    title: Text
    level: Level
    objective: Id | None = None
    outcome: Id | None = None
    output: Id | None = None
    rbb: RbbReference | None = None
    scale: Name | None = None
    unit: str
    direction: Literal["increase", "decrease"]
    decimals: int = Field(0, ge=0, le=6)
    owner: Id
    source: Name | None = None
    measure: Measure
    over_time: OverTime = "sum"
    over_area: OverArea = "sum"
    carry_over: int = Field(0, ge=0, le=12)
    missing: Missing = "skip_if_any"
    cumulative: Literal["none", "budget_year", "calendar_year", "mandate"] = "none"
    disaggregate_by: tuple[Name, ...] = ()
    baseline: Baseline
    targets: dict[PeriodText, Figure]
    target_kind: TargetKind | None = None
    target_changes: tuple[TargetChange, ...] = ()
    targets_for: tuple[Goals, ...] = ()
    milestone: Milestone | None = None
    rating: RatingRule | None = None
    definition: Text
    method: Text
    limitations: Text
    versions: tuple[Version, ...] = Field(min_length=1)
    examples: tuple[Example, ...] = Field(min_length=2)

    @field_validator("scale")
    @classmethod
    def _steps(cls, name: str | None, info: ValidationInfo) -> str | None:
        return choose_scale(name, info)

    @model_validator(mode="after")
    def _placed(self) -> Self:
        named = [key for key in ("objective", "outcome", "output") if getattr(self, key)]
        if named != [_PARENT[self.level]]:
            raise ValueError(
                f"an indicator of level `{self.level}` names its `{_PARENT[self.level]}`, and nothing else"
            )
        if list(self.versions) != sorted(self.versions, key=lambda version: version.first):
            raise ValueError("`versions` must be in the order of their dates")
        if self.versions[0].measure is not None:
            raise ValueError("the first version is what the file says; only later versions change `measure`")
        return self

    @model_validator(mode="after")
    def _aimed(self) -> Self:
        check_history(self.targets, self.target_changes)
        seen: set[tuple[str | None, str | None]] = {(None, None)}
        for goals in self.targets_for:
            whom = (goals.area, goals.disaggregation)
            if whom in seen:
                raise ValueError(
                    "an entry of `targets_for` names an area or a disaggregation, and each of them once"
                )
            seen.add(whom)
        return self

    @model_validator(mode="after")
    def _done_or_not(self) -> Self:
        has_goals = self.targets_for or self.targets
        forms = (self.over_time, self.over_area, self.cumulative)
        if self.milestone and (has_goals or forms != ("max", "max", "mandate")):
            raise ValueError(
                "a milestone has no targets, and `over_time: max`, `over_area: max` and `cumulative: mandate`"
            )
        return self

    @property
    def goals(self) -> tuple[Goals, ...]:
        """Baselines and targets: first the whole mission's, then those of areas and parts."""
        whole = Goals(baseline=self.baseline, targets=self.targets, target_changes=self.target_changes)
        return (whole, *self.targets_for)

    @property
    def parent(self) -> str:
        """The id of the objective, outcome or output that it measures."""
        return self.objective or self.outcome or self.output or ""
