"""What is kept of submitted files: uploads, accepted rows as facts, and what the ledger records; decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from cpas.definitions.loaded import Definitions
from cpas.errors import StoreError
from cpas.jobs.parts import Part, Sorted
from cpas.jobs.returns import Sending, summed
from cpas.store.facts import SUBMISSION, append_facts
from cpas.store.parts import control_totals
from cpas.store.raw import keep_raw
from cpas.store.records import FactsFile, Recorded, Submission


def keep_uploads(store: Path, new: Iterable[Sorted], named: Mapping[str, Path]) -> None:
    """Keep the files of which something is accepted, where `named` says they are.

    Raises:
        StoreError: A file cannot be read, or was changed since it was; or the disk refused.
    """
    for one in new:
        if any(part.is_accepted for part in one.parts):
            path = named[one.received.file]
            try:
                data = path.read_bytes()
            except OSError as error:
                raise StoreError(f"{path} cannot be read any more: {error.strerror}") from error
            if keep_raw(store, data) != one.received.sha256:
                raise StoreError(f"{path} was changed while it was read; nothing was accepted")


def keep_facts(
    store: Path, new: Iterable[Sorted], definitions: Definitions
) -> dict[str, tuple[FactsFile, ...]]:
    """Write the accepted rows, one addition for each data set; the files written by data set."""
    kept: dict[str, list[Part]] = {}
    for part in (part for one in new for part in one.parts):
        if part.accepted.height:
            kept.setdefault(part.report[0], []).append(part)
    return {
        name: append_facts(store, name, _facts(kept[name])) for name in definitions.datasets if name in kept
    }


def _facts(parts: Sequence[Part]) -> pl.DataFrame:
    """The accepted rows of one data set, each with its submission; coded columns as text."""
    ids = [part.id for part in parts for _ in range(part.accepted.height)]
    rows = pl.concat(part.accepted for part in parts)
    return rows.with_columns(pl.col(pl.Enum).cast(pl.String), pl.Series(SUBMISSION, ids, pl.String))


def records_of(
    new: Iterable[Sorted],
    facts: Mapping[str, tuple[FactsFile, ...]],
    definitions: Definitions,
    sending: Sending,
) -> Iterator[Recorded]:
    """What the ledger records of each file: a submission for each of its reports."""
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
