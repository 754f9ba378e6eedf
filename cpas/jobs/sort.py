"""The rows of submitted files sorted into reports, and into what is accepted and what goes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from cpas.checks.duplicates import Pair
from cpas.checks.rules import COULD_NOT_RUN
from cpas.definitions.loaded import Definitions
from cpas.errors import Issue, Location
from cpas.intake.files import Received
from cpas.intake.inbox import Inbox
from cpas.intake.template_seal import check_fingerprint
from cpas.jobs.against import key_of, keys_taken, same_reports, standing_rows, told_twice
from cpas.jobs.parts import Filed, Sorted, has_errors, sort_parts
from cpas.store.parts import PLACE, returned_places, with_reports
from cpas.store.records import Submission


@dataclass(frozen=True, slots=True)
class Batch:
    """What was read and checked together.

    `found` are the issues of the checks by data set, `decided` the pairs of likely duplicates that
    somebody has decided on by data set, and whether they are the same.
    """

    definitions: Definitions
    inbox: Inbox
    found: Mapping[str, tuple[Issue, ...]]
    decided: Mapping[str, Mapping[Pair, bool]]
    all_or_nothing: bool


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
    for issue in (*same_reports(files), *_against_others(batch, files, standing, store)):
        more.setdefault(issue.where.file, []).append(issue)
    files = [_judged(batch, one, more.get(one.received.file, ())) for one in files]
    return tuple(sort_parts(one, standing) for one in files if one.rows or has_errors(one.issues))


def _against_others(
    batch: Batch, files: Iterable[Filed], standing: Sequence[Submission], store: Path
) -> Iterator[Issue]:
    """What rows say against others that came with them or stay in force."""
    for name, loaded in batch.definitions.datasets.items():
        if own := [one for one in files if name in one.rows]:
            letters = batch.inbox.tables[name].letters
            rows = standing_rows(loaded, own, standing, store)
            yield from keys_taken(loaded, own, rows, letters)
            yield from told_twice(loaded, own, rows, letters, batch.decided.get(name, {}))


def _gather(batch: Batch, received: Received) -> Filed:
    file, inbox = received.file, batch.inbox
    reports = inbox.reports.filter(pl.col("file") == file)
    issues = [issue for issue in inbox.issues if issue.where.file == file]
    rows = {}
    for name, loaded in batch.definitions.datasets.items():
        own = inbox.tables[name].frame.filter(pl.col("_file") == file)
        about = reports.filter(pl.col("dataset") == name)
        if own.height or about.height:
            rows[name] = with_reports(own, key_of(loaded), about)
            issues += [issue for issue in batch.found.get(name, ()) if _concerns(issue, file)]
    if rows and any(grid.sheet for grid in received.grids):
        loaded = batch.definitions.datasets[next(iter(rows))]
        issues += check_fingerprint(received.grids, loaded, batch.definitions)
    if received.grids and not rows and not any(issue.severity == "error" for issue in issues):
        issues.append(_of_nobody(file))
    return _judged(batch, Filed(received, rows, reports, (), frozenset()), issues)


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


def _judged(batch: Batch, one: Filed, more: Iterable[Issue]) -> Filed:
    """The file with more issues, and the rows that all its issues return."""
    issues = (*one.issues, *more)
    faulted = [
        cell for name in one.rows for cell in batch.inbox.tables[name].faulted if cell[0] == one.received.file
    ]
    if not faulted and not has_errors(issues):
        return replace(one, issues=issues)
    places = frozenset(place for rows in one.rows.values() for place in rows.select(PLACE).iter_rows())
    returned = returned_places(places, issues, faulted)
    if batch.all_or_nothing and (returned or has_errors(issues)):
        returned = places
    return replace(one, issues=issues, returned=returned)
