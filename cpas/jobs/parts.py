"""The rows of one submitted file: the reports they belong to, and those of each report that are accepted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

import polars as pl

from cpas.errors import Issue
from cpas.intake.files import Received
from cpas.store.parts import MONTH, PLACE, REPORTER, Place
from cpas.store.records import Submission

Report = tuple[str, str, date | None]
"""Data set, reporter and month."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file's rows of one report (data set, reporter, month): those accepted, and how many were read.

    `replaces` is the submission in force that an accepted one takes the place of.
    """

    id: str
    report: Report
    sent_on: date | None
    accepted: pl.DataFrame
    read: int
    is_accepted: bool
    replaces: Submission | None
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class Sorted:
    """One file sorted; `is_known` where the same bytes are in force already and nothing is to be done."""

    received: Received
    issues: tuple[Issue, ...]
    parts: tuple[Part, ...]
    is_known: bool

    @property
    def errors(self) -> int:
        """How many errors were found."""
        return sum(issue.count for issue in self.issues if issue.severity == "error")


@dataclass(frozen=True, slots=True)
class Filed:
    """One file's rows by data set, with the report of each, and everything found wrong with it."""

    received: Received
    rows: Mapping[str, pl.DataFrame]
    reports: pl.DataFrame
    issues: tuple[Issue, ...]
    returned: frozenset[Place]

    @property
    def told(self) -> list[Report]:
        """The reports that its covers and rows tell of."""
        columns = ("dataset", "reporter", "month")
        return list(self.reports.select(columns).unique().sort(columns).iter_rows())

    def kept(self, dataset: str) -> pl.DataFrame:
        """The rows of a data set that do not go back."""
        return without(self.rows[dataset], self.returned)

    def about(self, dataset: str) -> list[Report]:
        """The reports of a data set that it has: those told of first, then those of rows alone."""
        among = self.rows[dataset].select(REPORTER, MONTH).unique().sort(REPORTER, MONTH).iter_rows()
        told = [report for report in self.told if report[0] == dataset]
        return list(dict.fromkeys([*told, *((dataset, *pair) for pair in among)]))

    def accepted(self, dataset: str) -> set[Report]:
        """The reports of a data set of which something is accepted: rows, or in a file without an error that there are none."""
        kept, read = (
            {(dataset, *pair) for pair in rows.select(REPORTER, MONTH).unique().iter_rows()}
            for rows in (self.kept(dataset), self.rows[dataset])
        )
        return kept if has_errors(self.issues) else kept | (set(self.about(dataset)) - read)


def without(rows: pl.DataFrame, returned: frozenset[Place]) -> pl.DataFrame:
    """The rows that are not among those returned."""
    if not returned:
        return rows
    return rows.filter(
        pl.Series([place not in returned for place in rows.select(PLACE).iter_rows()], dtype=pl.Boolean)
    )


def has_errors(issues: Iterable[Issue]) -> bool:
    """Whether one of them is an error."""
    return any(issue.severity == "error" for issue in issues)


def sort_parts(one: Filed, standing: Sequence[Submission]) -> Sorted:
    """A file as its parts, given the submissions in force; a copy of another file has none."""
    in_force = {submission.report: submission for submission in standing}
    parts = tuple(_parts(one, in_force))
    same = {each.report for each in standing if each.sha256 == one.received.sha256 and not each.rows_returned}
    is_known = bool(parts) and same >= {part.report for part in parts} and not one.returned
    return Sorted(one.received, one.issues, parts, is_known)


def _parts(one: Filed, in_force: Mapping[Report, Submission]) -> Iterator[Part]:
    days = {
        (name, reporter, month): day
        for name, reporter, month, day in one.reports.select(
            "dataset", "reporter", "month", "sent_on"
        ).iter_rows()
    }
    about = _by_report(one)
    for name, rows in one.rows.items():
        own = rows.partition_by(REPORTER, MONTH, as_dict=True, include_key=False)
        none, accepted = rows.clear().drop(REPORTER, MONTH), one.accepted(name)
        for report in one.about(name):
            read, is_accepted = own.get(report[1:], none), report in accepted
            kept = without(read, one.returned)
            yield Part(
                uuid4().hex,
                report,
                days.get(report),
                kept,
                read.height,
                is_accepted,
                in_force.get(report) if is_accepted else None,
                tuple(one.issues[index] for index in sorted((*about.get(report, ()), *about.get(None, ())))),
            )
    if not one.rows and has_errors(one.issues):
        yield Part(uuid4().hex, ("", "", None), None, pl.DataFrame(), 0, False, None, one.issues)


def _by_report(one: Filed) -> dict[Report | None, list[int]]:
    """The numbers of the issues of each report, whose row they are about; under None those of the file as a whole."""
    places = pl.DataFrame(
        [(issue.where.file, issue.where.sheet, issue.where.row) for issue in one.issues],
        {"_file": pl.String, "_sheet": pl.String, "_row": pl.Int64},
        orient="row",
    )
    reports: list[Report | None] = [None] * places.height
    for name, rows in one.rows.items():
        known = rows.select(*PLACE, REPORTER, MONTH, _known=pl.lit(value=True))
        found = places.join(known, on=PLACE, how="left", maintain_order="left")
        for index, (reporter, month, is_known) in enumerate(
            found.select(REPORTER, MONTH, "_known").iter_rows()
        ):
            reports[index] = (name, reporter, month) if is_known else reports[index]
    about: dict[Report | None, list[int]] = {}
    for index, report in enumerate(reports):
        about.setdefault(report, []).append(index)
    return about
