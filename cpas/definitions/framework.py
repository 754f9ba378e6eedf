"""What `framework.yml` and `budget.yml` may say: mandate to outputs, the budget's frameworks beside them, and money."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from cpas.definitions.base import Id, Model, Name, PeriodText, Text, Validity
from cpas.definitions.mission import Component
from cpas.periods import Period


class Paragraph(Model):
    """A numbered paragraph of the mandate and the days on which it was in force."""

    id: Id
    number: str
    text: Text
    valid: Validity


class Mandate(Model):
    """The decision that gives the mission its tasks."""

    title: Text
    paragraphs: tuple[Paragraph, ...]


class Priority(Model):
    """A strategic priority, or the support component, which serves all of them.

    `rank` is the place that the mandate gives it, 1 the first; none for what serves all priorities.
    """

    id: Id
    title: Text
    short: Text
    rank: int | None = Field(None, ge=1)
    paragraphs: tuple[Id, ...]
    areas: tuple[str, ...] = ()


class Objective(Model):
    """A priority objective: the impact that the mission seeks."""

    id: Id
    title: Text
    priority: Id
    paragraphs: tuple[Id, ...]


class Outcome(Model):
    """A change in a stakeholder's behaviour or a process that the objective needs."""

    id: Id
    title: Text
    objective: Id
    expected_accomplishment: Id | None = None


class Output(Model):
    """What the mission delivers; ids are ours, since printed outputs are bulleted and have none.

    `planned` is by budget year; a yes-or-no output is planned as 1. `planned_by_quarter` says what of
    it is due in each quarter, where that does not go by the days. `rank` is its place among the outputs of
    its priority where money is short, 1 the last to be given up.
    """

    id: Id
    title: Text
    outcome: Id
    component: Component
    kind: Literal["number", "yes_no"] = "number"
    unit: str
    planned: dict[PeriodText, Decimal]
    planned_by_quarter: dict[PeriodText, Decimal] = Field(default_factory=dict)
    rank: int = Field(1, ge=1)


class ExpectedAccomplishment(Model):
    """An expected accomplishment of the budget and its indicators of achievement, by number."""

    id: Id
    component: Component
    title: Text
    indicators_of_achievement: dict[Id, Text]


class Framework(Model):
    """The whole of `framework.yml`."""

    id: Id
    title: Text
    illustrative: bool = False
    mandate: Mandate
    priorities: tuple[Priority, ...]
    objectives: tuple[Objective, ...]
    outcomes: tuple[Outcome, ...]
    outputs: tuple[Output, ...]
    expected_accomplishments: tuple[ExpectedAccomplishment, ...]


class BudgetLine(Model):
    """A category of the financial performance table, and the outputs its money serves.

    By `shares`, `outputs` are shares of the line's money; what they leave to 1 is shown as not allocated.
    By `activity_cost`, the money follows the direct cost of the activities carried out for the outputs
    in `among`, or for any output where none is named. `personnel` is the category of
    personnel, as deployments have it, that the line pays for.
    """

    id: Id
    title: Text
    by: Literal["shares", "activity_cost"] = "shares"
    outputs: dict[Id, Decimal] = Field(default_factory=dict)
    among: tuple[Id, ...] = ()
    personnel: Name | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.by == "activity_cost" and self.outputs:
            raise ValueError("a line by `activity_cost` names its outputs in `among`, without shares")
        if self.by == "shares" and self.among:
            raise ValueError("`among` is for a line by `activity_cost`; write shares in `outputs`")
        return self


class BudgetGroup(Model):
    """One of the groups of expenditure, with its categories in order."""

    id: Id
    title: Text
    lines: tuple[BudgetLine, ...]


class Amounts(Model):
    """What was asked for, advised and decided for a budget year, in United States dollars, and where that is written."""

    requested: Decimal = Field(gt=0)
    recommended: Decimal = Field(gt=0)
    approved: Decimal = Field(gt=0)
    source: Text


class BudgetStructure(Model):
    """The whole of `budget.yml`: groups and lines in the order they are printed, and the amounts of budget years.

    `recommended` is the recommendation of the Advisory Committee on Administrative and Budgetary Questions.
    """

    groups: tuple[BudgetGroup, ...]
    amounts: dict[PeriodText, Amounts] = Field(default_factory=dict)

    @field_validator("amounts")
    @classmethod
    def _by_budget_year(cls, amounts: dict[Period, Amounts]) -> dict[Period, Amounts]:
        for period in amounts:
            if period.kind != "budget_year":
                raise ValueError(f"amounts are by budget year, written like 2018/19, and not by `{period}`")
        return amounts
