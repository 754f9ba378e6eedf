"""Ways to put small submissions into a real store, as the job does: facts, upload and entry in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import polars as pl
import pytest

from cpas.errors import Issue
from cpas.store.facts import append_facts
from cpas.store.ledger import Ledger, open_ledger
from cpas.store.raw import keep_raw
from cpas.store.records import Recorded, Submission

NOON = datetime(2019, 7, 5, 12, tzinfo=UTC)
JUNE = date(2019, 6, 1)


def put(
    store: Path,
    ledger: Ledger,
    values: list[int],
    at: datetime = NOON,
    issues: tuple[Issue, ...] = (),
    reporter: str = "FO-A",
) -> str:
    """Submit rows that hold these values; the id of the submission."""
    id_ = uuid4().hex
    rows = pl.DataFrame({"value": values, "_submission": [id_] * len(values)})
    with ledger.writing() as book:
        digest = keep_raw(store, repr((reporter, values)).encode())
        facts = append_facts(store, "visits", rows)
        count = len(values)
        one = Submission(
            id_, digest, 1, "visits.csv", "visits", reporter, JUNE, None, "A. Keita", at, count, count, 0,
            "accepted", {"value": str(sum(values))}, facts,
        )  # fmt: skip
        book.record([Recorded(one, issues)])
    return id_


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def ledger(store: Path) -> Iterator[Ledger]:
    with open_ledger(store) as opened:
        yield opened
