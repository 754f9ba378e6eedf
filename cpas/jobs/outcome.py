"""What became of a submitted file: its receipt, and what it changed in reports that were accepted before; writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC
from pathlib import Path

import polars as pl

from cpas.errors import Issue
from cpas.intake.annotate_words import Speech
from cpas.intake.receipt import Receipt
from cpas.jobs.parts import Sorted

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Change:
    """What a resubmission changed in one report: `rows` as `difference` gives them."""

    dataset: str
    reporter: str
    month: str
    rows: pl.DataFrame

    def lines(self, speech: Speech) -> Iterator[str]:
        """What it takes the place of, `rows added 1, removed 2, cells changed 3`, and the first of those."""
        kinds = ("added", "removed", "changed")
        counts = {kind: self.rows.filter(pl.col("change") == kind).height for kind in kinds}
        told = {
            "dataset": speech.table(self.dataset),
            "reporter": self.reporter or speech.word("nobody"),
            "month": self.month,
        }
        yield "  " + speech.word("replaces", **told, counts=speech.word("changes", **counts))
        *key, _, _, _, _ = self.rows.columns
        for row in self.rows.head(_SHOWN).iter_rows(named=True):
            name = ", ".join(str(row[column]) for column in key)
            cell = ""
            if row["change"] == "changed":
                old, new = (speech.word("blank") if one is None else one for one in (row["old"], row["new"]))
                cell = " " + speech.word("cell", column=speech.column(row["column"]), old=old, new=new)
            yield f"    {speech.word(row['change'])} {name}{cell}"
        if (more := self.rows.height - _SHOWN) > 0:
            yield "    " + speech.word("more", more=speech.count(more))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file.

    `is_known` says that the same bytes are in force already, so that nothing was done; `changes` what
    it changed in reports that it takes the place of, `losses` which rows no longer count or would not, and of a
    copy of another file that it is one. `folder` has the receipt, and the marked workbook where something was found. `speech` is the sender's.
    """

    receipt: Receipt
    errors: int
    warnings: int
    is_known: bool
    changes: tuple[Change, ...]
    losses: tuple[Issue, ...]
    folder: Path
    speech: Speech

    @property
    def is_short(self) -> bool:
        """Whether something of it was not accepted."""
        return not self.is_known and (self.errors > 0 or self.receipt.rows_returned > 0)

    def lines(self) -> Iterator[str]:
        """The outcome for a person, its first line complete in itself."""
        receipt, speech = self.receipt, self.speech
        if self.is_known:
            yield speech.word("known", file=receipt.file)
            return
        counts = {
            "read": receipt.rows_read,
            "accepted": receipt.rows_accepted,
            "returned": receipt.rows_returned,
            "errors": self.errors,
            "warnings": self.warnings,
        }
        told = {name: speech.count(number) for name, number in counts.items()}
        yield speech.word("outcome", file=receipt.file, **told)
        for change in self.changes:
            yield from change.lines(speech)


def as_json(outcome: Outcome, one: Sorted) -> str:
    """The receipt of a file as JSON: its reports, and every change."""
    content = asdict(outcome.receipt) | {
        "at": outcome.receipt.at.astimezone(UTC).isoformat(),
        "errors": outcome.errors,
        "warnings": outcome.warnings,
        "reports": [
            {
                "submission": part.id,
                "dataset": part.report[0],
                "reporter": part.report[1],
                "month": f"{part.report[2]:%Y-%m}" if part.report[2] else "",
                "rows_read": part.read,
                "rows_accepted": part.accepted.height,
                "state": "accepted" if part.is_accepted else "returned",
                "supersedes": part.replaces.id if part.replaces else "",
            }
            for part in one.parts
        ],
        "changes": [
            {
                "dataset": one.dataset,
                "reporter": one.reporter,
                "month": one.month,
                "rows": one.rows.to_dicts(),
            }
            for one in outcome.changes
        ],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def as_text(receipt: Receipt, speech: Speech) -> Iterator[str]:
    """The receipt as lines: when it came, its hash, its control totals."""
    yield speech.word("received", at=f"{receipt.at.astimezone(UTC):%Y-%m-%d %H:%M}", by=receipt.by)
    yield speech.word("hash", sha256=receipt.sha256)
    for label, total in receipt.control_totals.items():
        yield speech.word("total", label=label, total=speech.number(total))
