"""Whether everything that a mission accepted is still there, byte for byte."""

from __future__ import annotations

from pathlib import Path

from cpas.errors import Issue, UsageError
from cpas.store import STORE
from cpas.store.ledger import has_ledger, open_ledger
from cpas.store.verify import check_store


def verify_store(mission: Path, url: str | None = None) -> tuple[Issue, ...]:
    """What is missing or changed in a mission's store, and notes on what interrupted submissions left.

    Args:
        mission: The mission folder.
        url: The ledger's database, where it is not in the store's folder.

    Raises:
        UsageError: Nothing was ever submitted.
        StoreError: The ledger cannot be opened.
    """
    store = mission / STORE
    if not has_ledger(store, url):
        raise UsageError(
            f"`{mission}` has no store: nothing was submitted into it, or it is no mission folder"
        )
    with open_ledger(store, url) as ledger:
        return tuple(check_store(store, ledger))
