"""What the sender of a file gets back: a receipt, the changes to what was accepted before, and the workbook marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from cpas.checks.duplicates import shortened
from cpas.definitions.dataset import Column, Dataset
from cpas.definitions.loaded import Definitions
from cpas.errors import RenderError
from cpas.intake.annotate import annotate_workbook
from cpas.intake.annotate_words import Speech
from cpas.intake.receipt import Receipt
from cpas.jobs.losses import LOSSES
from cpas.jobs.outcome import Change, Outcome, as_json, as_text
from cpas.jobs.parts import Part, Sorted
from cpas.jobs.stored import typed
from cpas.report.blocks import Language
from cpas.store import STORE
from cpas.store.facts import read_facts
from cpas.store.parts import control_totals, difference

RETURNED = Path("out/returned")


@dataclass(frozen=True, slots=True)
class Sending:
    """Who submits and when (with a time zone), and how: whether one error returns a whole file, the sender's language.

    `ledger` is the URL of a ledger that is not in the store's folder.
    """

    by: str
    at: datetime
    all_or_nothing: bool = False
    language: Language = "en"
    ledger: str | None = None


def write_return(
    mission: Path, one: Sorted, path: Path, definitions: Definitions, sending: Sending
) -> Outcome:
    """Write a file's receipt, and its workbook marked where something was found, below `MISSION/out/returned`.

    Raises:
        RenderError: They could not be written; the ledger has them.
    """
    changes = () if one.is_known else tuple(_changes(mission / STORE, one, definitions))
    warnings = sum(issue.count for issue in one.issues if issue.severity == "warning")
    receipt = _receipt(one, definitions, sending)
    target = mission / RETURNED / one.received.file
    losses = tuple(issue for issue in one.issues if issue.code in LOSSES or not one.parts)
    loaded = [definitions.datasets[name] for name in {part.report[0] for part in one.parts} if name]
    speech = Speech.of(sending.language, loaded, definitions)
    outcome = Outcome(receipt, one.errors, warnings, one.is_known, changes, losses, target.parent, speech)
    if one.is_known:
        return outcome
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.with_name(f"{target.name}.receipt.json").write_text(as_json(outcome, one), encoding="utf-8")
        told = shortened(one.issues)
        issues = (speech.line(issue) for issue in told)
        text = "\n".join((*outcome.lines(), *as_text(receipt, speech), *issues)) + "\n"
        target.with_name(f"{target.name}.receipt.txt").write_text(text, encoding="utf-8")
        if (one.errors or warnings) and one.received.grids:
            marked = annotate_workbook(path.read_bytes(), one.received, told, receipt, speech)
            target.with_name(_workbook_name(target.name)).write_bytes(marked)
    except OSError as error:
        raise RenderError(
            f"{target} could not be written: {error.strerror}; what was accepted stands, and the ledger knows it"
        ) from error
    return outcome


def _workbook_name(name: str) -> str:
    """The file's own name where it is a workbook without macros; another for the copy that is one."""
    return name if name.lower().endswith(".xlsx") else f"{name}.xlsx"


def _changes(store: Path, one: Sorted, definitions: Definitions) -> Iterator[Change]:
    for part in one.parts:
        if part.replaces:
            dataset, reporter, month = part.report
            loaded = definitions.datasets[dataset]
            accepted = {part.replaces.id: part.replaces.rows_accepted}
            earlier = typed(read_facts(store, dataset, accepted), loaded)
            rows = difference(earlier, _as_declared(part, earlier), loaded.dataset.key)
            yield Change(dataset, reporter, f"{month:%Y-%m}" if month else "", rows)


def _as_declared(part: Part, like: pl.DataFrame) -> pl.DataFrame:
    return part.accepted.select(like.columns) if part.accepted.width else like.clear()


def _receipt(one: Sorted, definitions: Definitions, sending: Sending) -> Receipt:
    read = sum(part.read for part in one.parts)
    accepted = sum(part.accepted.height for part in one.parts)
    totals: dict[str, str] = {}
    for name in dict.fromkeys(part.report[0] for part in one.parts if part.accepted.height):
        dataset = definitions.datasets[name].dataset
        rows = pl.concat(
            part.accepted for part in one.parts if part.report[0] == name and part.accepted.height
        )
        labels = {column.name: column.label[sending.language] for column in summed(dataset)}
        totals |= {labels[column]: total for column, total in control_totals(rows, list(labels)).items()}
    return Receipt(
        one.received.file,
        one.received.sha256,
        sending.by,
        sending.at,
        read,
        accepted,
        read - accepted,
        totals,
    )


def summed(dataset: Dataset) -> tuple[Column, ...]:
    """The columns that have a control total: what is counted or measured, and not coordinates."""
    return tuple(column for column in dataset.columns if column.is_numeric and column.type != "number")
