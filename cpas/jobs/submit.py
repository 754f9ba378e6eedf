"""The submission of files: read, check, sort rows, keep what is accepted, return the rest marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from cpas.definitions.load import load_definitions
from cpas.definitions.loaded import Definitions
from cpas.errors import DataError, Issue, StoreError, UsageError
from cpas.intake.decisions import decided_pairs
from cpas.intake.files import read_file
from cpas.intake.inbox import Inbox, read_inbox
from cpas.intake.isolated import IsolatedReader
from cpas.jobs.aside import beside
from cpas.jobs.gather import lookups_of, outlines_of
from cpas.jobs.parts import Part, Sorted
from cpas.jobs.progress import Progress
from cpas.jobs.references import Checked, remember_references
from cpas.jobs.returns import Outcome, Sending, summed, write_return
from cpas.jobs.sort import Batch, sort_files
from cpas.jobs.tables import Rows, check_tables
from cpas.store import STORE
from cpas.store.facts import SUBMISSION, append_facts
from cpas.store.ledger import open_ledger
from cpas.store.parts import control_totals
from cpas.store.raw import keep_raw
from cpas.store.records import FactsFile, Recorded, Submission


def submit_files(
    mission: Path, files: Sequence[Path], sending: Sending, progress: Progress
) -> tuple[Outcome, ...]:
    """Submit files, or every file of folders, in one step: either all of it stands afterwards or nothing.

    Rows with errors are returned and the others accepted. What is accepted takes the place of what was
    accepted before for the same data set, reporter and month.

    Raises:
        UsageError: A file does not exist, or two files have one name.
        DefinitionError: A definition is wrong.
        SourceError: The file of decisions on duplicates cannot be read.
        DataError: The mission's own reference tables have errors; nothing was accepted.
        StoreError: The store cannot be written; nothing was accepted.
    """
    named, decided = _named(mission, files), decided_pairs(mission)
    store = mission / STORE
    with beside() as aside, open_ledger(store, sending.ledger) as ledger:
        with progress.stage("definitions"):
            definitions = load_definitions(mission)
        with progress.stage("reading files"):
            seen: dict[str, str] = {}
            with IsolatedReader() as reader:
                received = [read_file(path, name, seen, reader.read) for name, path in named.items()]
            lookups = lookups_of(definitions)
            inbox = read_inbox(mission, definitions.datasets, definitions.codes, lookups, received)
        references = Checked.of(inbox.files, definitions)
        with ledger.reading() as book:
            wanted = _unchecked(inbox, definitions, are_references_known=book.has_checked(references.digest))
        with progress.stage("checks (Great Expectations)"):
            rows = Rows(inbox.tables, inbox.months, outlines_of(mission))
            results = check_tables(aside, definitions, rows, wanted)
        found = {name: result.issues for name, result in results.items()}
        _stop_on_references((*inbox.issues, *(issue for issues in found.values() for issue in issues)))
        remember_references(mission, ledger, references, sending.at)
        with progress.stage("accepting"), ledger.writing() as book:
            batch = Batch(definitions, inbox, found, decided, sending.all_or_nothing)
            kept = sort_files(batch, received, book.in_force(), store)
            new = [one for one in kept if not one.is_known]
            _keep_uploads(store, new, named)
            facts = _keep_facts(store, new, definitions)
            book.record(_records(new, facts, definitions, sending))
    with progress.stage("returning"):
        outcomes = tuple(
            write_return(mission, one, named[one.received.file], definitions, sending) for one in kept
        )
    progress.finish()
    return outcomes


def _named(mission: Path, files: Iterable[Path]) -> dict[str, Path]:
    """Every file by the name that messages call it by: its own, or its path below a folder that was given."""
    named: dict[str, Path] = {}
    for given in files:
        if given.resolve() == mission.resolve():
            raise UsageError(f"{given} is the mission's own folder; submit files, or its folder `inbox`")
        inside = sorted(path for path in given.rglob("*") if path.is_file()) if given.is_dir() else [given]
        for path in inside:
            name = path.relative_to(given).as_posix() if given.is_dir() else path.name
            if name in named:
                raise UsageError(f"two files are called {name}; submit one after the other")
            named[name] = path
    return named


def _unchecked(inbox: Inbox, definitions: Definitions, *, are_references_known: bool) -> list[str]:
    """The data sets that files were submitted of, and the reference tables unless they were checked as they are."""
    came = set(inbox.reports["dataset"])
    return [
        name
        for name, loaded in definitions.datasets.items()
        if (
            not are_references_known
            if loaded.dataset.found_in == "reference"
            else name in came or inbox.tables[name].frame.height
        )
    ]


def _stop_on_references(issues: Iterable[Issue]) -> None:
    own = [one for one in issues if one.where.file.startswith("reference") and one.severity == "error"]
    if own:
        raise DataError("the mission's reference tables have errors; nothing was accepted", own)


def _keep_uploads(store: Path, new: Iterable[Sorted], named: Mapping[str, Path]) -> None:
    for one in new:
        if any(part.is_accepted for part in one.parts):
            path = named[one.received.file]
            try:
                data = path.read_bytes()
            except OSError as error:
                raise StoreError(f"{path} cannot be read any more: {error.strerror}") from error
            if keep_raw(store, data) != one.received.sha256:
                raise StoreError(f"{path} was changed while it was read; nothing was accepted")


def _keep_facts(
    store: Path, new: Iterable[Sorted], definitions: Definitions
) -> dict[str, tuple[FactsFile, ...]]:
    """Write the accepted rows, one addition for each data set; the files written by data set."""
    rows: dict[str, list[pl.DataFrame]] = {}
    for part in (part for one in new for part in one.parts):
        if part.accepted.height:
            marked = part.accepted.with_columns(
                pl.col(pl.Enum).cast(pl.String), pl.lit(part.id).alias(SUBMISSION)
            )
            rows.setdefault(part.report[0], []).append(marked)
    return {
        name: append_facts(store, name, pl.concat(rows[name]))
        for name in definitions.datasets
        if name in rows
    }


def _records(
    new: Iterable[Sorted],
    facts: Mapping[str, tuple[FactsFile, ...]],
    definitions: Definitions,
    sending: Sending,
) -> Iterator[Recorded]:
    for one in new:
        for part in one.parts:
            yield Recorded(_submission(one, part, facts, definitions, sending), part.issues)


def _submission(
    one: Sorted,
    part: Part,
    facts: Mapping[str, tuple[FactsFile, ...]],
    definitions: Definitions,
    sending: Sending,
) -> Submission:
    dataset, reporter, month = part.report
    figures = summed(definitions.datasets[dataset].dataset) if dataset else ()
    return Submission(
        id=part.id,
        sha256=one.received.sha256,
        size=one.received.size,
        file=one.received.file,
        dataset=dataset,
        reporter=reporter,
        month=month,
        sent_on=part.sent_on,
        by=sending.by,
        at=sending.at,
        rows_read=part.read,
        rows_accepted=part.accepted.height,
        rows_returned=part.read - part.accepted.height,
        state="accepted" if part.is_accepted else "returned",
        control_totals=control_totals(part.accepted, [column.name for column in figures]),
        facts=facts.get(dataset, ()) if part.accepted.height else (),
    )
