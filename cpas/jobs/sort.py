"""The rows of submitted files sorted into reports, and into what is accepted and what goes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import polars as pl

from cpas.checks.duplicates import Pair
from cpas.checks.rules import COULD_NOT_RUN
from cpas.definitions.loaded import Definitions
from cpas.engine.areas import AreaTree
from cpas.errors import Issue, Location
from cpas.intake.files import Received
from cpas.intake.inbox import Inbox
from cpas.jobs.against import Beside, Known, compare, key_of, keys_taken, others, same_reports, staying
from cpas.jobs.gathered import AREAS
from cpas.jobs.losses import UNSTATED_LOSS, check_losses
from cpas.jobs.parts import Filed, Sorted, has_errors, sort_parts
from cpas.jobs.seals import check_seal
from cpas.store.parts import PLACE, returned_places, with_reports
from cpas.store.records import Submission


@dataclass(frozen=True)
class Batch:
    """What was read together, and what is known beside it.

    `decided` are the pairs of likely duplicates that somebody has decided on by data set, and whether they
    are the same; `store` is where the facts are.
    """

    definitions: Definitions
    inbox: Inbox
    received: Sequence[Received]
    decided: Mapping[str, Mapping[Pair, bool]]
    store: Path
    all_or_nothing: bool

    @cached_property
    def above(self) -> Mapping[str, frozenset[str]]:
        """The areas that each area lies in."""
        return AreaTree.of(self.inbox.tables[AREAS].frame, self.definitions.mission.root_area).above

    @cached_property
    def files(self) -> tuple[Filed, ...]:
        """The rows of every file with their reports, before anything was found wrong with them."""
        return tuple(_filed(self.definitions, self.inbox, one) for one in self.received)


def beside_rows(
    batch: Batch,
    files: Iterable[Filed],
    dataset: str,
    standing: Sequence[Submission],
    known: Beside | None = None,
) -> Beside | None:
    """What the rows of a data set that came are compared with; None where none came.

    Args:
        batch: What was read.
        files: Its files, with what is known of them.
        dataset: The data set's name.
        standing: The submissions in force.
        known: What was compared before; it holds while the same submissions stay.
    """
    own = [one for one in files if dataset in one.rows]
    if not own:
        return None
    submissions = others(dataset, own, standing)
    if known and known.submissions == submissions:
        return known
    letters, decided = batch.inbox.tables[dataset].letters, batch.decided.get(dataset, {})
    against = Known(letters, decided, batch.above)
    return compare(batch.definitions.datasets[dataset], own, submissions, batch.store, against)


def sort_files(
    batch: Batch,
    found: Mapping[str, tuple[Issue, ...]],
    standing: Sequence[Submission],
    known: Mapping[str, Beside | None],
) -> tuple[Sorted, ...]:
    """Sort every file; one without any data is left out where nothing worse than a note was found (a temporary file).

    Args:
        batch: What was read.
        found: The issues of the checks by data set.
        standing: The submissions in force.
        known: With what rows were compared before all was checked, by data set.
    """
    files = [_gather(batch, one, found) for one in batch.files]
    files = _judged_all(batch, files, same_reports(files))
    files = _judged_all(batch, files, _unstated(batch, files, standing))
    beside = {
        name: one
        for name in batch.definitions.datasets
        if (one := beside_rows(batch, files, name, standing, known.get(name)))
    }
    # rows that go back may leave a report in force, whose keys are then taken too
    while taken := list(_taken(batch, files, standing, beside)):
        files = _judged_all(batch, files, taken)
    files = _judged_all(batch, files, (issue for one in beside.values() for issue in one.likely))
    kept = {name: pl.concat([one.kept(name) for one in files if name in one.rows]) for name in beside}
    told = (one for one in files if one.rows or _is_worth_telling(one.issues))
    return tuple(_weighed(batch, one, kept, standing) for one in told)


def _is_worth_telling(issues: Iterable[Issue]) -> bool:
    return any(issue.severity != "note" for issue in issues)


def _weighed(
    batch: Batch, one: Filed, kept: Mapping[str, pl.DataFrame], standing: Sequence[Submission]
) -> Sorted:
    """A file sorted, with what it would take out of force."""
    done = sort_parts(one, standing)
    losses = check_losses(one, done, kept, batch.store, batch.definitions)
    return sort_parts(_judged(batch, one, losses), standing) if losses else done


def _unstated(batch: Batch, files: Iterable[Filed], standing: Sequence[Submission]) -> Iterator[Issue]:
    """Why files that may be a part cannot take the place of what is in force."""
    in_force = {each.report for each in standing}
    for one in files:
        if in_force.isdisjoint(report for name in one.rows for report in one.about(name)):
            continue
        kept = {name: one.kept(name) for name in one.rows}
        losses = check_losses(one, sort_parts(one, standing), kept, batch.store, batch.definitions)
        yield from (issue for issue in losses if issue.code == UNSTATED_LOSS)


def _taken(
    batch: Batch, files: Iterable[Filed], standing: Sequence[Submission], beside: Mapping[str, Beside]
) -> Iterator[Issue]:
    """Rows to accept whose key is in a report that stays in force."""
    for name, one in beside.items():
        loaded, own = batch.definitions.datasets[name], [file for file in files if name in file.rows]
        rows = pl.concat([one.rows, staying(loaded, own, standing, batch.store)])
        yield from keys_taken(loaded, own, rows, batch.inbox.tables[name].letters)


def _judged_all(batch: Batch, files: Iterable[Filed], more: Iterable[Issue]) -> list[Filed]:
    """The files with more issues, each with its own."""
    by_file: dict[str, list[Issue]] = {}
    for issue in more:
        by_file.setdefault(issue.where.file, []).append(issue)
    return [
        _judged(batch, one, by_file[one.received.file]) if one.received.file in by_file else one
        for one in files
    ]


def _filed(definitions: Definitions, inbox: Inbox, received: Received) -> Filed:
    reports = inbox.reports.filter(pl.col("file") == received.file)
    rows = {}
    for name, loaded in definitions.datasets.items():
        own = inbox.tables[name].frame.filter(pl.col("_file") == received.file)
        about = reports.filter(pl.col("dataset") == name)
        if own.height or about.height:
            rows[name] = with_reports(own, key_of(loaded), about)
    return Filed(received, rows, reports, (), frozenset())


def _gather(batch: Batch, one: Filed, found: Mapping[str, tuple[Issue, ...]]) -> Filed:
    """The file with all that reading and checks found wrong with it."""
    file = one.received.file
    issues = [issue for issue in batch.inbox.issues if issue.where.file == file]
    for name in one.rows:
        issues += [issue for issue in found.get(name, ()) if _concerns(issue, file)]
    if one.rows:
        loaded = batch.definitions.datasets[next(iter(one.rows))]
        issues += check_seal(one.received, loaded, batch.inbox, batch.definitions)
    if one.received.grids and not one.rows and not any(issue.severity == "error" for issue in issues):
        issues.append(_of_nobody(file))
    return _judged(batch, one, issues)


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
