"""What the ledger keeps of a publication."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from cpas.jobs.gathered import Gathered
from cpas.jobs.sources import Source
from cpas.periods import Period
from cpas.store import STORE
from cpas.store.ledger import open_ledger
from cpas.store.records import Publication


def record(gathered: Gathered, mission: Path, period: Period, source: Source, manifest: bytes) -> None:
    """Write into the ledger what was published from it; a ledger that cannot be changed stays as it is."""
    if not gathered.submissions:
        return
    publication = Publication(
        gathered.definitions.mission.code,
        str(period),
        sha256(manifest).hexdigest(),
        gathered.submissions,
        datetime.now(UTC),
    )
    with open_ledger(mission / STORE, source.ledger) as ledger:
        if ledger.is_changeable:
            with ledger.writing() as book:
                book.publish(publication)
