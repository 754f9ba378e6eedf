"""The rows of submitted files sorted into reports, and into what is accepted and what goes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from uuid import uuid4

import polars as pl

from cpas.checks.rules import COULD_NOT_RUN
from cpas.definitions.loaded import Definitions, LoadedDataset
from cpas.errors import Issue, Location
from cpas.intake.files import Received
from cpas.intake.inbox import Inbox
from cpas.intake.template import check_fingerprint
from cpas.jobs.stored import typed
from cpas.store.facts import read_facts
from cpas.store.parts import (
    MONTH,
    PLACE,
    REPORTER,
    Key,
    Place,
    returned_places,
    taken_keys,
    with_reports,
)
from cpas.store.records import Submission

Report = tuple[str, str, date | None]


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
class Batch:
    """What was read and checked together: `found` are the issues of the checks by data set."""

    definitions: Definitions
    inbox: Inbox
    found: Mapping[str, tuple[Issue, ...]]
    all_or_nothing: bool


@dataclass(frozen=True, slots=True)
class _File:
    """One file's rows by data set, with the report of each, and everything found wrong with it."""

    received: Received
    rows: Mapping[str, pl.DataFrame]
    reports: pl.DataFrame
    issues: tuple[Issue, ...]
    returned: frozenset[Place]


def sort_files(
    batch: Batch, received: Iterable[Received], standing: Sequence[Submission], store: Path
) -> tuple[Sorted, ...]:
    """Sort every file; one without any data and without an error (a temporary file, a copy) is left out.

    Args:
        batch: What was read and checked.
        received: The files.
        standing: The submissions in force.
        store: Where their facts are.
    """
    files = [_gather(batch, one) for one in received]
    more: dict[str, list[Issue]] = {}
    for issue in (*_meeting(files), *_taken(batch, files, standing, store)):
        more.setdefault(issue.where.file, []).append(issue)
    files = [_judged(batch, one, more.get(one.received.file, ())) for one in files]
    return tuple(
        _sorted(one, standing)
        for one in files
        if one.rows or any(issue.severity == "error" for issue in one.issues)
    )


def _gather(batch: Batch, received: Received) -> _File:
    file, inbox = received.file, batch.inbox
    reports = inbox.reports.filter(pl.col("file") == file)
    issues = [issue for issue in inbox.issues if issue.where.file == file]
    rows = {}
    for name, loaded in batch.definitions.datasets.items():
        own = inbox.tables[name].frame.filter(pl.col("_file") == file)
        about = reports.filter(pl.col("dataset") == name)
        if own.height or about.height:
            rows[name] = with_reports(own, _key(loaded), about)
            issues += [issue for issue in batch.found.get(name, ()) if _concerns(issue, file)]
    if rows and any(grid.sheet for grid in received.grids):
        loaded = batch.definitions.datasets[next(iter(rows))]
        issues += check_fingerprint(received.grids, loaded, batch.definitions)
    if received.grids and not rows and not any(issue.severity == "error" for issue in issues):
        issues.append(_of_nobody(file))
    return _judged(batch, _File(received, rows, reports, (), frozenset()), issues)


def _concerns(issue: Issue, file: str) -> bool:
    """An issue of this file, or an error of a rule that tells not which rows break it, so that they may be in any file."""
    is_anywhere = issue.severity == "error" and (issue.code == COULD_NOT_RUN or not issue.where.row)
    return issue.where.file == file or is_anywhere


def _of_nobody(file: str) -> Issue:
    return Issue(
        "CPAS-L004",
        Location(file),
        "the file has no rows, and no cover that says whose report it is and of which month",
        "send the report of nothing in the template, with its cover",
    )


def _judged(batch: Batch, one: _File, more: Iterable[Issue]) -> _File:
    """The file with more issues, and the rows that all its issues return."""
    issues = (*one.issues, *more)
    places = frozenset(place for rows in one.rows.values() for place in rows.select(PLACE).iter_rows())
    faulted = [
        cell for name in one.rows for cell in batch.inbox.tables[name].faulted if cell[0] == one.received.file
    ]
    returned = returned_places(places, issues, faulted)
    if batch.all_or_nothing and (returned or _has_errors(issues)):
        returned = places
    return replace(one, issues=issues, returned=returned)


def _has_errors(issues: Iterable[Issue]) -> bool:
    return any(issue.severity == "error" for issue in issues)


def _key(loaded: LoadedDataset) -> Key:
    return Key(loaded.dataset.key, loaded.dataset.reported_by, loaded.dataset.period)


def _kept(rows: pl.DataFrame, returned: frozenset[Place]) -> pl.DataFrame:
    return rows.filter(
        pl.Series([place not in returned for place in rows.select(PLACE).iter_rows()], dtype=pl.Boolean)
    )


def _meeting(files: Iterable[_File]) -> list[Issue]:
    """Files that are submitted together and are the same report: nobody can say which is to stand."""
    reports = [(report, one.received.file) for one in files for report in _reports(one)]
    counts = Counter(report for report, _ in reports)
    return [
        Issue(
            "CPAS-L005",
            Location(file),
            f"another file submitted with this one is also the report of `{report[1]}` on `{report[0]}` for {report[2]:%Y-%m}",
            "put the rows into one file; or submit one after the other, where the later is to take the place of the earlier",
        )
        for report, file in reports
        if counts[report] > 1 and report[2]
    ]


def _reports(one: _File) -> list[Report]:
    columns = ("dataset", "reporter", "month")
    return list(one.reports.select(columns).unique().sort(columns).iter_rows())


def _taken(batch: Batch, files: Sequence[_File], standing: Sequence[Submission], store: Path) -> list[Issue]:
    """Rows whose key a report has that stays in force."""
    issues: list[Issue] = []
    for name, loaded in batch.definitions.datasets.items():
        kept = [_kept(one.rows[name], one.returned) for one in files if name in one.rows]
        if not kept:
            continue
        rows = pl.concat(kept)
        new = set(rows.select(REPORTER, MONTH).unique().iter_rows())
        new |= {report[1:] for one in files for report in _reports(one) if report[0] == name}
        others = [one.id for one in standing if one.dataset == name and one.report[1:] not in new]
        facts = typed(read_facts(store, name, others), loaded)
        letters = batch.inbox.tables[name].letters
        first = loaded.dataset.key[0]
        for row in taken_keys(rows, facts, _key(loaded)).iter_rows(named=True):
            letter = letters.get((row["_file"], row["_sheet"], first), "")
            said = ", ".join(f"{column} {row[column]}" for column in loaded.dataset.key)
            issues.append(
                Issue(
                    "CPAS-L006",
                    Location(row["_file"], row["_sheet"], row["_row"], letter),
                    f"{said} is already in a report that was accepted, row {row['_taken_row']} of {row['_taken_file']}",
                    "give the row a key of its own; or leave it out, if it is the same and was reported before",
                    rule=loaded.where,
                )
            )
    return issues


def _sorted(one: _File, standing: Sequence[Submission]) -> Sorted:
    in_force = {submission.report: submission for submission in standing}
    parts = tuple(_parts(one, in_force))
    same = [submission for submission in standing if submission.sha256 == one.received.sha256]
    is_known = (
        bool(same)
        and {submission.report for submission in same} == {part.report for part in parts}
        and not any(submission.rows_returned for submission in same)
        and not one.returned
    )
    return Sorted(one.received, one.issues, parts, is_known)


def _parts(one: _File, in_force: Mapping[Report, Submission]) -> Iterator[Part]:
    days = {
        (name, reporter, month): day
        for name, reporter, month, day in one.reports.select(
            "dataset", "reporter", "month", "sent_on"
        ).iter_rows()
    }
    has_errors = _has_errors(one.issues)
    for name, rows in one.rows.items():
        told = [report for report in _reports(one) if report[0] == name]
        among = rows.select(REPORTER, MONTH).unique().sort(REPORTER, MONTH).iter_rows()
        for report in dict.fromkeys([*told, *((name, *pair) for pair in among)]):
            own = rows.filter(pl.col(REPORTER).eq_missing(report[1]) & pl.col(MONTH).eq_missing(report[2]))
            kept = _kept(own, one.returned)
            is_accepted = bool(kept.height) or (not own.height and not has_errors)
            yield Part(
                uuid4().hex,
                report,
                days.get(report),
                kept.drop(REPORTER, MONTH),
                own.height,
                is_accepted,
                in_force.get(report) if is_accepted else None,
                _issues_of(own, one),
            )
    if not one.rows:
        yield Part(uuid4().hex, ("", "", None), None, pl.DataFrame(), 0, False, None, one.issues)


def _issues_of(rows: pl.DataFrame, one: _File) -> tuple[Issue, ...]:
    """The issues of a report's rows, and those of the file as a whole."""
    own = set(rows.select(PLACE).iter_rows())
    others = {place for every in one.rows.values() for place in every.select(PLACE).iter_rows()} - own
    return tuple(
        issue for issue in one.issues if (issue.where.file, issue.where.sheet, issue.where.row) not in others
    )
