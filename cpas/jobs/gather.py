"""A mission's definitions and data, read and checked: what every job begins with."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl

from cpas.checks.rules import Sources, check_frame, reference_keys
from cpas.definitions.load import load_definitions
from cpas.definitions.loaded import REFERENCE_TARGETS, Definitions
from cpas.engine.areas import AreaTree
from cpas.engine.examples import check_examples
from cpas.engine.supply import Supply, supply_of
from cpas.errors import DefinitionError, Issue
from cpas.intake.geography import Outlines, read_outlines
from cpas.intake.inbox import Inbox, read_inbox
from cpas.intake.mapping import Foreign, read_mapped
from cpas.intake.places import Places
from cpas.intake.tables import Table
from cpas.intake.words import lookup_of
from cpas.jobs.progress import Progress
from cpas.periods import Period

OUTLINES = Path("reference/areas.geojson")
AREAS = "areas"


@dataclass(frozen=True)
class Gathered:
    """Definitions, checked rows by data set, the reports that came in, and everything found wrong.

    `checks` has GX's validation result of each data set, as JSON values; `notes` say what was
    read from a foreign file and what was left out of it, in English and French; `supplies` what such a
    file can tell.
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

    @cached_property
    def tree(self) -> AreaTree:
        """The areas and their dates."""
        return AreaTree.of(self.tables[AREAS], self.definitions.mission.root_area)

    @property
    def errors(self) -> tuple[Issue, ...]:
        """The issues that stop a publication."""
        return tuple(issue for issue in self.issues if issue.severity == "error")


def load_checked(mission: Path) -> Definitions:
    """A mission's definitions, once every worked example has given its value.

    Raises:
        UsageError: The folder is not a mission folder.
        DefinitionError: A definition is wrong, or an example does not give its value.
    """
    definitions = load_definitions(mission)
    if issues := list(check_examples(definitions)):
        raise DefinitionError(f"{len(issues)} worked examples do not give their values.", issues)
    return definitions


def gather(
    mission: Path, progress: Progress, incidents: Path | None = None, within: Period | None = None
) -> Gathered:
    """Read a mission's folder and check every row.

    Args:
        mission: The mission folder.
        progress: Is told each stage.
        incidents: A foreign incident file that takes the place of the inbox's incidents.
        within: Check the rows of this period alone; every row by default.

    Raises:
        UsageError: The folder is not a mission folder.
        DefinitionError: A definition is wrong.
        SourceError: The foreign file or the outlines cannot be read.
    """
    threading.Thread(target=import_module, args=("cpas.checks.gx",), daemon=True).start()
    with progress.stage("definitions"):
        definitions = load_checked(mission)
    with progress.stage("reading files"):
        lookups = {target: lookup_of(definitions.members(target) or {}) for target in REFERENCE_TARGETS}
        inbox = read_inbox(mission, definitions.datasets, definitions.codes, lookups)
        outlines = (
            read_outlines(mission / OUTLINES, OUTLINES.as_posix()) if (mission / OUTLINES).is_file() else None
        )
    tables, reports, files = dict(inbox.tables), inbox.reports, inbox.files
    notes: tuple[Mapping[str, str], ...] = ()
    supplies: dict[str, Supply] = {}
    issues = list(inbox.issues)
    if incidents:
        with progress.stage("reading foreign incidents"):
            foreign = _read_foreign(incidents, definitions, inbox, outlines)
        name = foreign.mapping.dataset
        issues = [issue for issue in issues if issue not in tables[name].issues] + list(foreign.table.issues)
        tables[name] = foreign.table
        reports = pl.concat([reports.filter(pl.col("dataset") != name), foreign.reports])
        files = (*files, (incidents.name, foreign.sha256, foreign.size))
        notes = _notes(foreign)
        supplies[name] = supply_of(foreign.mapping, definitions.datasets[name].dataset)
    with progress.stage("checks (Great Expectations)"):
        checked, checks = _check(definitions, tables, reports, within)
    return Gathered(
        definitions,
        {name: table.frame for name, table in tables.items()},
        reports,
        outlines,
        (*issues, *checked),
        checks,
        files,
        notes,
        supplies,
    )


def _read_foreign(path: Path, definitions: Definitions, inbox: Inbox, outlines: Outlines | None) -> Foreign:
    places = Places(outlines or Outlines((), ()), inbox.tables[AREAS].frame)
    return read_mapped(path, definitions.mappings, definitions.datasets, inbox.vocabulary, places)


def _notes(foreign: Foreign) -> tuple[Mapping[str, str], ...]:
    """What a foreign file was, and the rows that were left out by reason."""
    source = foreign.mapping.source_note
    rows = {"en": "{count} rows left out: {reason}", "fr": "{count} lignes écartées : {reason}"}
    left = (
        {
            language: text.format(count=f"{one.rows:,}", reason=one.reason[language])
            for language, text in rows.items()
        }
        for one in foreign.left_out
        if one.rows
    )
    return ({language: source[language] for language in rows}, *left)


def _check(
    definitions: Definitions, tables: Mapping[str, Table], reports: pl.DataFrame, within: Period | None
) -> tuple[list[Issue], dict[str, dict[str, Any]]]:
    frames = {name: table.frame for name, table in tables.items()}
    covers = {
        file: Period.month(month)
        for file, month in reports.filter(pl.col("sent_on").is_not_null()).select("file", "month").iter_rows()
    }
    issues: list[Issue] = []
    checks = {}
    for name, loaded in definitions.datasets.items():
        frame, table = frames[name], tables[name]
        if within and loaded.dataset.period and loaded.dataset.found_in == "inbox":
            frame = frame.filter(pl.col(loaded.dataset.period).is_between(within.start, within.end))
        sources = Sources(table.letters, covers, table.faulted)
        references = reference_keys(loaded, definitions, frames)
        result = check_frame(frame, loaded, definitions.codes, references=references, sources=sources)
        issues.extend(result.issues)
        checks[name] = result.json
    return issues, checks
