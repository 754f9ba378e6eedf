"""What the store holds for a run: the submissions in force at a day, their facts, reports and issues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

import polars as pl

from cpas.definitions.loaded import Definitions, LoadedDataset
from cpas.errors import Issue, Location
from cpas.intake.cells import columns_of
from cpas.intake.covers import REPORTS
from cpas.intake.files import hash_files
from cpas.intake.grid import ROW
from cpas.intake.stated import UNSTATED, named
from cpas.jobs.references import Checked, remember_references
from cpas.store.facts import read_facts
from cpas.store.ledger import has_ledger, open_ledger
from cpas.store.records import Submission

Files = tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The submissions in force, and all that were ever accepted by then, with the issues of those in force.

    `partial` are the ids of those of which nobody said that they are the whole report of their month;
    `known` the hashes of all files that were ever submitted, returned ones too.
    """

    store: Path
    ledger: str | None
    submissions: tuple[Submission, ...]
    earlier: tuple[Submission, ...]
    issues: tuple[Issue, ...]
    partial: frozenset[str]
    known: frozenset[str]

    def frames(self, definitions: Definitions) -> dict[str, pl.DataFrame]:
        """The rows in force of each data set that is reported."""
        return {
            name: self.frame(loaded)
            for name, loaded in definitions.datasets.items()
            if loaded.dataset.found_in == "inbox"
        }

    def frame(self, loaded: LoadedDataset) -> pl.DataFrame:
        """The rows in force of a data set, with the columns and types that reading gives them."""
        name = loaded.dataset.dataset
        accepted = {one.id: one.rows_accepted for one in self.submissions if one.dataset == name}
        return typed(read_facts(self.store, name, accepted), loaded).sort("_file", "_sheet", ROW)

    def reports(self) -> pl.DataFrame:
        """The reports that came in, superseded ones too, since a report is on time when it first came; columns of `REPORTS`."""
        rows = [
            (
                *(one.dataset, one.reporter, one.month, one.sent_on or one.at.date(), one.file),
                one.id not in self.partial or one.month in named(one.file, {}).months,
            )
            for one in (*self.submissions, *self.earlier)
            if one.month
        ]
        return pl.DataFrame(rows, REPORTS, orient="row").sort(pl.all())

    def uploads(self) -> Files:
        """Name, hash and size of every upload that something in force came from."""
        return tuple(sorted({(one.file, one.sha256, one.size) for one in self.submissions}))

    def waiting(self, mission: Path) -> Iterator[Issue]:
        """A warning where files lie in the inbox that nobody ever submitted: they do not count."""
        files = [file for file, sha256 in hash_files(mission, "inbox") if sha256 not in self.known]
        if files:
            some = ", ".join(files[:3]) + (", ..." if len(files) > 3 else "")
            yield Issue(
                "CPAS-L011",
                Location("inbox"),
                f"what was submitted counts alone, and files in the inbox were never submitted: {len(files):,} ({some})",
                "submit them with `cpas submit`; or run with --inbox, which reads the inbox alone",
                "warning",
                count=len(files),
            )

    def has_checked(self, references: Checked) -> bool:
        """Whether the reference tables were checked and found right as they are."""
        with open_ledger(self.store, self.ledger) as ledger, ledger.reading() as book:
            return book.has_checked(references.digest)

    def remember_references(self, mission: Path, references: Checked) -> None:
        """Keep the reference tables, which were checked and found right, where they are not the last known."""
        with open_ledger(self.store, self.ledger) as ledger:
            remember_references(mission, ledger, references, datetime.now(UTC))


def find_accepted(store: Path, url: str | None, as_at: date | None) -> Accepted | None:
    """What was accepted by the end of a day (UTC), or by now; None where nothing was."""
    if not has_ledger(store, url):
        return None
    until = datetime.combine(as_at, time.max, UTC) if as_at else None
    with open_ledger(store, url) as ledger, ledger.reading() as book:
        every = book.submissions(until)
        standing = tuple(one for one in every if one.state in ("accepted", "approved"))
        if not standing:
            return None
        found = list(book.issues([one.id for one in every]))
    ids = {one.id for one in standing}
    issues = tuple(_issues(standing, [each for each in found if each[0] in ids]))
    earlier = tuple(one for one in every if one.state == "superseded")
    partial = frozenset(id_ for id_, issue in found if issue.code == UNSTATED)
    known = frozenset(one.sha256 for one in every)
    return Accepted(store, url, standing, earlier, issues, partial, known)


def typed(rows: pl.DataFrame, loaded: LoadedDataset) -> pl.DataFrame:
    """Facts with the columns and types that reading gives; what was not declared then is null."""
    declared = columns_of(loaded.dataset)
    later = (pl.lit(None).alias(name) for name in declared if name not in rows.columns)
    return rows.with_columns(later).select(pl.col(name).cast(kind) for name, kind in declared.items())


def _issues(standing: tuple[Submission, ...], found: list[tuple[str, Issue]]) -> Iterator[Issue]:
    """What was found wrong with what counts: warnings and notes, and one warning for each report with rows returned."""
    seen: set[Issue] = set()
    for _, issue in found:
        if issue.severity != "error" and issue not in seen:
            seen.add(issue)
            yield issue
    for one in standing:
        if one.rows_returned:
            rows = "1 row was" if one.rows_returned == 1 else f"{one.rows_returned:,} rows were"
            yield Issue(
                "CPAS-L003",
                Location(one.file),
                f"{rows} returned to `{one.reporter}` for correction and not counted",
                "ask for the corrected file and submit it; it takes the place of this one",
                "warning",
                count=one.rows_returned,
            )
