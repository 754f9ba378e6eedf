"""What submitted files say against each other and against what was accepted before: one report twice, keys that are taken, likely duplicates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from cpas.checks.duplicates import Pair, check_duplicates
from cpas.checks.joint import check_joint_keys
from cpas.definitions.loaded import LoadedDataset
from cpas.errors import Issue, Location
from cpas.jobs.parts import Filed, Report
from cpas.jobs.stored import typed
from cpas.store.facts import read_facts
from cpas.store.parts import MONTH, REPORTER, Key, taken_keys
from cpas.store.records import Submission

Letters = Mapping[tuple[str, str, str], str]
"""The letter of each column by file, sheet and column."""


def same_reports(files: Iterable[Filed]) -> Iterator[Issue]:
    """Files that are submitted together and are the same report: nobody can say which is to stand."""
    reports = [(report, one.received.file) for one in files for report in one.told]
    counts = Counter(report for report, _ in reports)
    for report, file in reports:
        if counts[report] > 1 and report[2]:
            yield Issue(
                "CPAS-L005",
                Location(file),
                f"another file submitted with this one is also the report of `{report[1]}` on `{report[0]}` for {report[2]:%Y-%m}",
                "put the rows into one file; or submit one after the other, where the later is to take the place of the earlier",
            )


def clock_behind(last: datetime, at: datetime, files: Iterable[str]) -> Iterator[Issue]:
    """A warning of each file that comes on an earlier day than the ledger's last entry: one of two clocks was wrong."""
    if last.astimezone(UTC).date() > at.astimezone(UTC).date():
        for file in files:
            yield Issue(
                "CPAS-L012",
                Location(file),
                f"the clock says {at.astimezone(UTC):%Y-%m-%d}, and the last entry of the ledger is of {last.astimezone(UTC):%Y-%m-%d}; this submission is dated on that day",
                "set the clock right; if it ran ahead before, reports are late by that day unless their covers say when they were sent",
                "warning",
            )


@dataclass(frozen=True, slots=True)
class Known:
    """What rows of a data set are compared by.

    `letters` are of each column by file, sheet and column; `decided` the pairs of likely duplicates that somebody
    has decided on, and whether they are the same; `above` the areas that each area lies in.
    """

    letters: Letters
    decided: Mapping[Pair, bool]
    above: Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Beside:
    """The submissions in force of other reports than those that came of a data set, their rows, and which of the new rows are likely told twice.

    `submissions` are ids with numbers of rows. `likely` are warnings of new rows, those that will be returned too, that may tell of the same as another row
    sent with them or one in force, or whose joint keys hold together what does not belong together.
    """

    submissions: Mapping[str, int]
    rows: pl.DataFrame
    likely: tuple[Issue, ...]


def others(dataset: str, files: Iterable[Filed], standing: Iterable[Submission]) -> dict[str, int]:
    """The submissions in force of a data set that none of the files, which have it, is the report of, and how many rows each has."""
    new = {report for one in files for report in one.about(dataset)}
    return {one.id: one.rows_accepted for one in standing if one.dataset == dataset and one.report not in new}


def staying(
    loaded: LoadedDataset, files: Sequence[Filed], standing: Iterable[Submission], store: Path
) -> pl.DataFrame:
    """The rows in force of the reports that the files are and whose place they do not take, since nothing of them is accepted."""
    name = loaded.dataset.dataset
    new, accepted = set[Report](), set[Report]()
    for one in files:
        new |= set(one.about(name))
        accepted |= one.accepted(name)
    stay = {one.id: one.rows_accepted for one in standing if one.report in new - accepted}
    return typed(read_facts(store, name, stay), loaded)


def compare(
    loaded: LoadedDataset,
    files: Iterable[Filed],
    submissions: Mapping[str, int],
    store: Path,
    known: Known,
) -> Beside:
    """The rows of a data set beside those of other reports in force.

    Args:
        loaded: The data set.
        files: Those that have rows of it.
        submissions: Those of other reports, with how many rows each has.
        store: Where their facts are.
        known: What is known of places, decisions and areas.
    """
    name = loaded.dataset.dataset
    rows = typed(read_facts(store, name, submissions), loaded)
    sent = pl.concat([one.rows[name] for one in files]).drop(REPORTER, MONTH)
    likely = check_duplicates(sent, rows, loaded, known.letters, known.decided)
    odd = check_joint_keys(sent, rows, loaded, known.letters, known.above)
    return Beside(submissions, rows, (*likely, *odd))


def key_of(loaded: LoadedDataset) -> Key:
    """What a data set's rows are known by, who reports them and on what day they are of."""
    return Key(loaded.dataset.key, loaded.dataset.reported_by, loaded.dataset.period)


def keys_taken(
    loaded: LoadedDataset, files: Sequence[Filed], standing: pl.DataFrame, letters: Letters
) -> Iterator[Issue]:
    """Rows to accept whose key a row in force has, or which are about the same as one."""
    dataset = loaded.dataset
    rows = pl.concat([one.kept(dataset.dataset) for one in files])
    fixes = {
        dataset.key: "give the row a key of its own; or leave it out, if it is the same and was reported before",
        dataset.unique: "leave the row out, since both would count; or correct what it is about",
    }
    for columns, fix in fixes.items():
        key = replace(key_of(loaded), columns=columns)
        for row in taken_keys(rows, standing, key).iter_rows(named=True):
            said = ", ".join(f"{name} {row[name]}" for name in columns if row[name] is not None)
            letter = letters.get((row["_file"], row["_sheet"], columns[0]), "")
            yield Issue(
                "CPAS-L006",
                Location(row["_file"], row["_sheet"], row["_row"], letter),
                f"{said} is already in a report that was accepted, row {row['_taken_row']} of {row['_taken_file']}",
                fix,
                rule=loaded.where,
            )
