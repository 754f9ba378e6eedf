"""What is known of a mission once its folder is read and checked; a value, from which every report begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from cpas.definitions.loaded import Definitions
from cpas.engine.areas import AreaTree
from cpas.engine.supply import Supply
from cpas.errors import Issue
from cpas.intake.geography import Outlines
from cpas.store import STORE

AREAS = "areas"


@dataclass(frozen=True)
class Gathered:
    """Definitions, checked rows by data set, the reports that came in, and everything found wrong.

    `checks` has GX's validation result of each data set that was checked now, as JSON values; what comes
    from the store was checked when it was submitted. `notes` say what was read from a foreign file
    and what was left out of it, in English and French; `supplies` what such a file can tell;
    `submissions` which of the ledger's were read; `stored` those of each data set whose rows are the
    facts of just these, as they lie in `store`.
    """

    definitions: Definitions
    tables: Mapping[str, pl.DataFrame]
    reports: pl.DataFrame
    outlines: Outlines | None
    issues: tuple[Issue, ...]
    checks: Mapping[str, dict[str, Any]]
    files: tuple[tuple[str, str, int], ...]
    notes: tuple[Mapping[str, str], ...]
    supplies: Mapping[str, Supply]
    submissions: tuple[str, ...] = ()
    stored: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    store: Path = Path(STORE)

    @cached_property
    def tree(self) -> AreaTree:
        """The areas and their dates."""
        return AreaTree.of(self.tables[AREAS], self.definitions.mission.root_area)

    @property
    def errors(self) -> tuple[Issue, ...]:
        """The issues that stop a publication."""
        return tuple(issue for issue in self.issues if issue.severity == "error")
