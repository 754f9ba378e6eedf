"""What an indicator file may say of baselines and targets: for whom, of which kind, and why one was changed."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, model_validator

from cpas.definitions.base import Day, Model, Name, PeriodText, Text
from cpas.definitions.scale import Figure

TargetKind = Literal["cumulative", "incremental", "level"]
Reason = Literal["mandate", "external", "cost_parameters", "management", "error_correction"]


class Baseline(Model):
    """The situation before: the value in a period, and what is known of where it comes from."""

    period: PeriodText
    value: Figure
    note: Text | None = None


class Milestone(Model):
    """Something that is done or not, and the day by which it is due.

    It is done from the first month with a value of 1, and on a scale from the first at its last step.
    `achieved_on` is the column with the day on which it was; without it months alone are known.
    """

    due: Day
    achieved_on: Name | None = None


class TargetChange(Model):
    """A target that was set anew: from which figure to which, on which day, and why.

    The reasons are those by which the budget explains variances: the mandate, external causes, cost
    parameters, management; and the correction of an error.
    """

    period: PeriodText
    before: Figure = Field(alias="from")
    after: Figure = Field(alias="to")
    on: Day
    reason: Reason
    note: Text | None = None


class Goals(Model):
    """Baseline and targets of one area, of one part of a disaggregation (`column=value`), or of a part in an area.

    Without `area` they are the whole mission's; without `disaggregation` they are of the total.
    """

    area: str | None = None
    disaggregation: str | None = Field(None, pattern=r"^[a-z][a-z0-9_]*=\S+$")
    baseline: Baseline | None = None
    targets: dict[PeriodText, Figure]
    target_changes: tuple[TargetChange, ...] = ()

    @model_validator(mode="after")
    def _history(self) -> Self:
        check_history(self.targets, self.target_changes)
        return self


def check_history(targets: dict[PeriodText, Decimal], changes: tuple[TargetChange, ...]) -> None:
    """Refuse a history of changes that does not lead, step by step, to the present target.

    Raises:
        ValueError: A change starts from another figure than the one before ended at, is not in the
            order of days, changes nothing, or the last one does not end at the present target.
    """
    for period in dict.fromkeys(change.period for change in changes):
        own = [change for change in changes if change.period == period]
        if period not in targets:
            raise ValueError(f"`target_changes` names {period}, which has no target")
        if any(change.before == change.after for change in own):
            raise ValueError(f"a change of the target of {period} changes nothing")
        for earlier, later in pairwise(own):
            if later.on < earlier.on:
                raise ValueError(f"the changes of the target of {period} are not in the order of their days")
            if later.before != earlier.after:
                raise ValueError(
                    f"the target of {period} was changed to {earlier.after}, and the next change starts from {later.before}"
                )
        if own[-1].after != targets[period]:
            raise ValueError(
                f"the changes of the target of {period} end at {own[-1].after}, and the target is {targets[period]}"
            )
