"""How a milestone stands: done, done late, not yet due or overdue; no number of it is rated."""

from __future__ import annotations

from datetime import date
from typing import Literal

from cpas.engine.rate import Rating
from cpas.periods import Period

State = Literal["done", "done_late", "not_yet_due", "overdue"]
RATED_AS: dict[State, Rating] = {
    "done": "met",
    "done_late": "met",
    "not_yet_due": "not_rated",
    "overdue": "off_track",
}


def milestone_state(due: date, done_in: Period | None, span: Period) -> State:
    """How a milestone stands at the end of some months.

    Args:
        due: The day by which it is to be done.
        done_in: The first month of which rows say that it is done; None where none does. Rows know months
            alone, so that the month of the due day is in time.
        span: The months that are told of.
    """
    if done_in is not None:
        return "done" if done_in <= Period.month(due) else "done_late"
    return "overdue" if span.end >= due else "not_yet_due"
