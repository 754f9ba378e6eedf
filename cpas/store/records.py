"""What the ledger records, as immutable values; nothing here reads or writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from cpas.errors import Issue

State = Literal["accepted", "returned", "superseded", "approved"]


@dataclass(frozen=True, slots=True)
class FactsFile:
    """A file of the facts: its path below the store, its SHA-256, and how many rows it holds (none in a log)."""

    path: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Submission:
    """What one file brought for one data set, reporter and month.

    A file that holds several is as many submissions. `reporter` is empty and `month` None where the
    file does not say them readably. `sent_on` is what the cover says. `control_totals` are exact sums
    of the accepted rows by column. `facts` are the files that its rows were written with. `state` is
    the last decision on it; a new one has the state it is to be recorded with.
    """

    id: str
    sha256: str
    size: int
    file: str
    dataset: str
    reporter: str
    month: date | None
    sent_on: date | None
    by: str
    at: datetime
    rows_read: int
    rows_accepted: int
    rows_returned: int
    state: State
    control_totals: Mapping[str, str] = field(default_factory=dict)
    facts: tuple[FactsFile, ...] = ()

    @property
    def report(self) -> tuple[str, str, date | None]:
        """What a later submission would take the place of."""
        return self.dataset, self.reporter, self.month


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on a submission, by whom and when; `because` is the submission that took its place."""

    submission: str
    decision: State
    by: str
    at: datetime
    because: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """A report that was published: its period, the hash of its manifest, and the submissions in it.

    The manifest has the hash of every input, definition and output.
    """

    mission: str
    period: str
    manifest_sha256: str
    submissions: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """A submission to record, with everything that was found wrong with it."""

    submission: Submission
    issues: tuple[Issue, ...]


def count_states(
    submissions: Iterable[Submission], months: Collection[date]
) -> Counter[tuple[str, str, State]]:
    """How many submissions of some months, each by its first day, are in which state, by data set and reporter."""
    return Counter((one.dataset, one.reporter, one.state) for one in submissions if one.month in months)
