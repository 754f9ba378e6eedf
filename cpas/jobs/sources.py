"""Where the rows of a job come from, and how those of the store or of a foreign file take the place of the inbox's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from cpas.definitions.loaded import Definitions
from cpas.engine.supply import Supply, supply_of
from cpas.errors import Issue
from cpas.intake.mapping import Foreign
from cpas.intake.tables import Table
from cpas.jobs.foreign import notes_of
from cpas.jobs.references import Checked
from cpas.jobs.stored import Accepted


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from: the store where something was accepted into it, else the inbox.

    `incidents` is a foreign incident file that takes the place of the mission's incidents; `as_at` the
    day at whose end (UTC) the store is asked what was accepted, today's knowledge by default; `ledger`
    the URL of a ledger that is not in the store's folder; `inbox` asks for the inbox in any case.
    """

    incidents: Path | None = None
    as_at: date | None = None
    ledger: str | None = None
    inbox: bool = False


@dataclass
class Material:
    """What has been read so far; `unchecked` are the data sets whose rows nobody has checked."""

    tables: dict[str, Table]
    reports: pl.DataFrame
    issues: list[Issue]
    files: tuple[tuple[str, str, int], ...]
    unchecked: list[str]
    notes: tuple[Mapping[str, str], ...] = ()
    supplies: dict[str, Supply] = field(default_factory=dict)


def take_accepted(material: Material, accepted: Accepted, definitions: Definitions) -> None:
    """Put the store's facts in the place of the inbox's tables."""
    frames = accepted.frames(definitions)
    for name, frame in frames.items():
        material.tables[name] = Table(frame, {}, (), frozenset())
    material.reports = accepted.reports()
    material.issues.extend(accepted.issues)
    checked = accepted.has_checked(Checked.of(material.files, definitions))
    material.unchecked = [] if checked else [name for name in material.unchecked if name not in frames]
    material.files = (*material.files, *accepted.uploads())


def take_foreign(material: Material, foreign: Foreign, path: Path, definitions: Definitions) -> None:
    """Put a foreign file in the place of our table of the same data set."""
    name = foreign.mapping.dataset
    replaced = material.tables[name].issues
    material.issues = [issue for issue in material.issues if issue not in replaced]
    material.issues.extend(foreign.table.issues)
    material.tables[name] = foreign.table
    material.reports = pl.concat([material.reports.filter(pl.col("dataset") != name), foreign.reports])
    material.files = (*material.files, (path.name, foreign.sha256, foreign.size))
    material.notes = notes_of(foreign)
    material.supplies[name] = supply_of(foreign.mapping, definitions.datasets[name].dataset)
    if name not in material.unchecked:
        material.unchecked.append(name)
