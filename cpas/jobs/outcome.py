"""What became of a submitted file: its receipt, and what it changed in reports that were accepted before; writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC
from pathlib import Path

import polars as pl

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

    def counts(self) -> str:
        """`1 added, 2 removed, 3 cells changed`."""
        of = {
            kind: self.rows.filter(pl.col("change") == kind).height
            for kind in ("added", "removed", "changed")
        }
        return f"{of['added']} rows added, {of['removed']} removed, {of['changed']} cells changed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file.

    `is_known` says that the same bytes are in force already, so that nothing was done; `changes` what
    it changed in reports that it takes the place of. `folder` has the receipt, and the marked
    workbook where something was found.
    """

    receipt: Receipt
    errors: int
    warnings: int
    is_known: bool
    changes: tuple[Change, ...]
    folder: Path

    @property
    def is_short(self) -> bool:
        """Whether something of it was not accepted."""
        return not self.is_known and (self.errors > 0 or self.receipt.rows_returned > 0)

    def lines(self) -> Iterator[str]:
        """The outcome for a person, its first line complete in itself."""
        receipt = self.receipt
        if self.is_known:
            yield f"{receipt.file}: the same file was accepted before and is in force; nothing was done"
            return
        yield (
            f"{receipt.file}: {receipt.rows_read:,} rows read, {receipt.rows_accepted:,} accepted, "
            f"{receipt.rows_returned:,} returned; {self.errors:,} errors, {self.warnings:,} warnings"
        )
        for change in self.changes:
            yield (
                f"  takes the place of {change.dataset} of {change.reporter or 'nobody named'} {change.month}: {change.counts()}"
            )
            *key, _, _, _, _ = change.rows.columns
            for row in change.rows.head(_SHOWN).iter_rows(named=True):
                name = ", ".join(str(row[column]) for column in key)
                cell = f" {row['column']}: {row['old']} > {row['new']}" if row["change"] == "changed" else ""
                yield f"    {row['change']} {name}{cell}"
            if (more := change.rows.height - _SHOWN) > 0:
                yield f"    ... and {more:,} more"


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


def as_text(receipt: Receipt) -> Iterator[str]:
    """The receipt as lines: when it came, its hash, its control totals."""
    yield f"received {receipt.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC from {receipt.by}"
    yield f"SHA-256 {receipt.sha256}"
    totals: Mapping[str, str] = receipt.control_totals
    yield from (f"control total {label}: {total}" for label, total in totals.items())
