"""How a milestone stands: done, done late, not yet due, overdue or not known, and the day on which it was done; no number of it is rated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cpas.definitions.loaded import Definitions
from cpas.engine.passes import Rows, pass_for
from cpas.engine.rate import Rating
from cpas.engine.tallies import tally
from cpas.periods import Period

State = Literal["done", "done_late", "not_yet_due", "overdue", "not_known"]
DONE: tuple[State, ...] = ("done", "done_late")
RATED_AS: dict[State, Rating] = {
    "done": "met",
    "done_late": "met",
    "not_yet_due": "not_rated",
    "overdue": "off_track",
    "not_known": "insufficient_data",
}
Days = Mapping[str, tuple[tuple[Period, date], ...]]


@dataclass(frozen=True, slots=True)
class Done:
    """A milestone that is done: the first month of which rows say so, and the day where they say it."""

    month: Period
    day: date | None = None


def milestone_state(due: date, done: Done | None, span: Period, *, is_known: bool) -> State:
    """How a milestone stands at the end of some months.

    Args:
        due: The day by which it is to be done.
        done: When it was done; None where no row says that it is. Where the day is not known the month of
            the due day is in time.
        span: The months that are told of.
        is_known: Whether somebody has told of it at their end; what nobody tells of is not overdue.
    """
    if done is not None:
        in_time = done.day <= due if done.day else done.month <= Period.month(due)
        return "done" if in_time else "done_late"
    if span.end < due:
        return "not_yet_due"
    return "overdue" if is_known else "not_known"


def achieved_days(definitions: Definitions, facts: Mapping[str, Rows], months: Period, root: str) -> Days:
    """The days on which milestones were achieved, each with the month of the row that says it, by indicator.

    Args:
        definitions: The indicators.
        facts: Rows by data set.
        months: The months whose rows are read.
        root: The area of rows whose data set has no area.
    """
    found = {}
    for id_, one in definitions.indicators.items():
        source = one.definition.source or ""
        if one.achieved and source in facts:
            wanted = pass_for((), definitions.datasets[source].dataset, months, root)
            days = tally(facts[source], wanted, [one.achieved])[one.achieved.sql]
            told = days.select("month", "value").sort("month", "value").iter_rows()
            found[id_] = tuple((Period.month(month), date.fromisoformat(day)) for month, day in told)
    return found


def day_told(days: Iterable[tuple[Period, date]], span: Period) -> date | None:
    """The day by the last row up to the end of some months, the earliest where rows of that month differ."""
    known = [(month, day) for month, day in days if month.last <= span.last]
    last = max((month for month, _ in known), default=None)
    return min((day for month, day in known if month == last), default=None)
