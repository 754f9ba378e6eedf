"""The submission of files: read, check, sort rows, keep what is accepted, return the rest marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from cpas.definitions.load import load_definitions
from cpas.definitions.loaded import Definitions
from cpas.errors import DataError, Issue, UsageError
from cpas.intake.decisions import decided_pairs
from cpas.intake.files import Received, read_file
from cpas.intake.inbox import Inbox, read_inbox
from cpas.intake.isolated import IsolatedReader
from cpas.jobs.against import Beside, clock_behind
from cpas.jobs.aside import Aside, beside_submission
from cpas.jobs.gather import lookups_of, outlines_of
from cpas.jobs.keep import keep_facts, keep_uploads, records_of
from cpas.jobs.outcome import Outcome
from cpas.jobs.parts import Sorted
from cpas.jobs.progress import Progress
from cpas.jobs.references import Checked, remember_references
from cpas.jobs.returns import Sending, write_return
from cpas.jobs.sort import Batch, beside_rows, sort_files
from cpas.jobs.tables import Rows, check_tables
from cpas.store import STORE
from cpas.store.ledger import open_ledger


def submit_files(
    mission: Path,
    files: Sequence[Path],
    sending: Sending,
    progress: Progress,
    others: tuple[Aside, IsolatedReader] | None = None,
) -> tuple[Outcome, ...]:
    """Submit files, or every file of folders, in one step: either all of it stands afterwards or nothing.

    Rows with errors are returned and the others accepted. What is accepted takes the place of what was
    accepted before for the same data set, reporter and month.

    Args:
        mission: The mission folder.
        files: Workbooks and CSV files, or folders of them.
        sending: Who submits, when and how.
        progress: Where the time goes.
        others: The processes that check and read, where they were begun before; they end here.

    Raises:
        UsageError: A file does not exist, or two files have one name.
        DefinitionError: A definition is wrong.
        SourceError: The file of decisions on duplicates cannot be read.
        DataError: The mission's own reference tables have errors; nothing was accepted.
        StoreError: The store cannot be written; nothing was accepted.
    """
    aside, reader = others or beside_submission()
    with aside, reader:
        named = _named(mission, files)
        definitions, kept = _accept(mission, named, sending, progress, (aside, reader))
    with progress.stage("returning"):
        outcomes = tuple(
            write_return(mission, one, named[one.received.file], definitions, sending) for one in kept
        )
    progress.finish()
    return outcomes


def _accept(
    mission: Path,
    named: Mapping[str, Path],
    sending: Sending,
    progress: Progress,
    others: tuple[Aside, IsolatedReader],
) -> tuple[Definitions, tuple[Sorted, ...]]:
    """The definitions, and what became of each file once all that is accepted stands."""
    store, (aside, reader), decided = mission / STORE, others, decided_pairs(mission)
    with _reading(named, reader) as read, open_ledger(store, sending.ledger) as ledger:
        with progress.stage("definitions"):
            definitions = load_definitions(mission)
        with progress.stage("reading files"):
            lookups, outlines = lookups_of(definitions), outlines_of(mission)
            inbox = read_inbox(
                mission, definitions.datasets, definitions.codes, lookups, read, sending.at.date()
            )
        references = Checked.of(inbox.files, definitions)
        with ledger.reading() as book:
            inbox = replace(inbox, issues=(*inbox.issues, *clock_behind(book.last(), sending.at, named)))
            wanted = _unchecked(inbox, definitions, are_references_known=book.has_checked(references.digest))
            standing = book.in_force()
        batch = Batch(definitions, inbox, read(), decided, store, sending.all_or_nothing)
        beside: dict[str, Beside | None] = {}

        def compare(dataset: str) -> None:
            beside[dataset] = beside_rows(batch, batch.files, dataset, standing)

        with progress.stage("checks (Great Expectations)"):
            rows = Rows(inbox.tables, inbox.months, outlines, received_on=sending.at.date())
            results = check_tables(aside, definitions, rows, wanted, meanwhile=compare, is_published=False)
        found = {name: result.issues for name, result in results.items()}
        _stop_on_references((*inbox.issues, *(issue for issues in found.values() for issue in issues)))
        remember_references(mission, ledger, references, sending.at)
        with progress.stage("accepting"), ledger.writing() as book:
            kept = sort_files(batch, found, book.in_force(), beside)
            new = [one for one in kept if not one.is_known]
            keep_uploads(store, new, named)
            facts = keep_facts(store, new, definitions)
            book.record(records_of(new, facts, definitions, sending))
    return definitions, kept


@contextmanager
def _reading(named: Mapping[str, Path], reader: IsolatedReader) -> Iterator[Callable[[], list[Received]]]:
    """All files read in the child process from now on, while this one works; the value waits for them."""
    seen: dict[str, str] = {}
    with ThreadPoolExecutor(1) as thread:
        begun = [thread.submit(read_file, path, name, seen, reader.read) for name, path in named.items()]
        thread.submit(reader.end)
        try:
            yield lambda: [one.result() for one in begun]
        finally:
            thread.shutdown(cancel_futures=True)


def _named(mission: Path, files: Iterable[Path]) -> dict[str, Path]:
    """Every file by the name that messages call it by: its own, or its path below a folder that was given."""
    named: dict[str, Path] = {}
    for given in files:
        if given.resolve() == mission.resolve():
            raise UsageError(f"{given} is the mission's own folder; submit files, or its folder `inbox`")
        inside = sorted(path for path in given.rglob("*") if path.is_file()) if given.is_dir() else [given]
        for path in inside:
            name = path.relative_to(given).as_posix() if given.is_dir() else path.name
            if name.startswith("reference/"):
                raise UsageError(
                    f"{path} is a reference table, and these are not submitted; put it into {mission / 'reference'}, and submit other folders"
                )
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
