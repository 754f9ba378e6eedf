"""Run as a program: submits one report after another into a store and says each one only once it is committed."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from cpas.store.ledger import open_ledger
from tests.store.conftest import put


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(store: Path, name: str, count: int, url: str | None) -> None:
    say("ready")
    with open_ledger(store, url) as ledger:
        for number in range(count):
            id_ = put(store, ledger, [number, number], datetime.now(UTC), (), f"{name}-{number}")
            say(id_)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4] if len(sys.argv) > 4 else None)
