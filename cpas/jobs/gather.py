"""A mission's definitions and data, read and checked: what every job begins with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl

from cpas.checks.duplicates import Pair, join_same, still_open
from cpas.checks.joint import check_decided, check_joint_keys
from cpas.definitions.load import load_definitions
from cpas.definitions.loaded import REFERENCE_TARGETS, Definitions
from cpas.engine.areas import AreaTree
from cpas.engine.examples import check_examples
from cpas.engine.target_areas import check_target_areas
from cpas.errors import DefinitionError, Issue, Location, UsageError, counted
from cpas.intake.decisions import Decision, read_decisions
from cpas.intake.files import DECISIONS
from cpas.intake.geography import Outlines, read_outlines
from cpas.intake.inbox import read_inbox
from cpas.intake.words import Lookup, lookup_of
from cpas.jobs.aside import Aside
from cpas.jobs.foreign import read_foreign
from cpas.jobs.gathered import AREAS, Gathered
from cpas.jobs.progress import Progress
from cpas.jobs.references import Checked, references_as_at
from cpas.jobs.seals import check_inbox_seals
from cpas.jobs.sources import Material, Source, take_accepted, take_foreign
from cpas.jobs.stored import Accepted, find_accepted
from cpas.jobs.tables import Rows, check_tables
from cpas.periods import Period
from cpas.store import STORE

OUTLINES = Path("reference/areas.geojson")


_ANYWHERE = Source()


def load_checked(mission: Path) -> Definitions:
    """A mission's definitions, once every worked example has given its value.

    Raises:
        UsageError: The folder is not a mission folder.
        DefinitionError: A definition is wrong, or an example does not give its value.
    """
    definitions = load_definitions(mission)
    if issues := list(check_examples(definitions)):
        raise DefinitionError(
            f"the definitions have {counted(len(issues), 'worked example')} that give another value", issues
        )
    return definitions


def gather(
    mission: Path,
    progress: Progress,
    aside: Aside,
    source: Source = _ANYWHERE,
    within: Period | None = None,
) -> Gathered:
    """Read a mission's folder, from the store what was accepted into it, and check what was not checked before.

    Args:
        mission: The mission folder.
        progress: Is told each stage.
        aside: Where checks are run.
        source: Where rows come from.
        within: Check the rows of this period alone; every row by default.

    Raises:
        UsageError: The folder is not a mission folder, or nothing was accepted by the day asked for.
        DefinitionError: A definition is wrong.
        SourceError: The foreign file, the outlines or the decisions on duplicates cannot be read.
        StoreError: The store cannot be read.
    """
    accepted = _accepted(mission, source)
    with progress.stage("definitions"):
        definitions = load_checked(mission)
    with references_as_at(mission, source.ledger, source.as_at) as then, progress.stage("reading files"):
        inbox = read_inbox(
            then.folder,
            definitions.datasets,
            definitions.codes,
            lookups_of(definitions),
            None if accepted is None else tuple,
        )
        outlines, decisions = outlines_of(then.folder), read_decisions(then.folder)
    material = Material(
        dict(inbox.tables),
        inbox.reports,
        [*inbox.issues, *then.issues, *check_inbox_seals(inbox, definitions)],
        inbox.files,
        [name for name, one in definitions.datasets.items() if one.dataset.found_in != "made"],
    )
    if accepted is not None:
        with progress.stage("reading the store"):
            take_accepted(material, accepted, definitions)
            material.issues.extend(() if source.as_at else accepted.waiting(mission))
    if source.incidents:
        with progress.stage("reading foreign incidents"):
            foreign = read_foreign(source.incidents, definitions, inbox, outlines)
            take_foreign(material, foreign, source.incidents, definitions)
    with progress.stage("checks (Great Expectations)" if material.unchecked else "checks (none is due)"):
        results = check_tables(
            aside, definitions, Rows(material.tables, inbox.months, outlines, within), material.unchecked
        )
    material.issues.extend(issue for result in results.values() for issue in result.issues)
    tree = AreaTree.of(material.tables[AREAS].frame, definitions.mission.root_area)
    material.issues.extend(_of_joint_keys(material, definitions, within, tree))
    material.issues.extend(_of_decisions(material, definitions, decisions, tree))
    material.issues = list(still_open(material.issues, {one.pair: one.is_same for one in decisions}))
    material.issues.extend(check_target_areas(definitions, tree))
    is_right = not any(issue.severity == "error" for issue in material.issues)
    if accepted is not None and not source.as_at and is_right:
        accepted.remember_references(mission, Checked.of(inbox.files, definitions))
    tables = _joined(decisions, definitions, material)
    return Gathered(
        definitions,
        tables,
        material.reports,
        outlines,
        tuple(material.issues),
        {
            name: result.json
            for name, result in results.items()
            if accepted is None or name in material.supplies
        },
        material.files,
        material.notes,
        material.supplies,
        () if accepted is None else tuple(one.id for one in accepted.submissions),
        {} if accepted is None else _stored(material, accepted, tables),
        mission / STORE,
    )


def _accepted(mission: Path, source: Source) -> Accepted | None:
    """What was accepted by the day asked for; None where the inbox is read."""
    accepted = None if source.inbox else find_accepted(mission / STORE, source.ledger, source.as_at)
    if accepted is None and source.as_at:
        raise UsageError(
            f"nothing was accepted by the end of {source.as_at}; `cpas status` says what came when"
        )
    return accepted


def _of_joint_keys(
    material: Material, definitions: Definitions, within: Period | None, tree: AreaTree
) -> Iterator[Issue]:
    """What is odd about the joint keys of rows that were not checked before."""
    for name in material.unchecked:
        loaded, table = definitions.datasets[name], material.tables[name]
        if loaded.dataset.joint_key and loaded.dataset.period:
            day = pl.col(loaded.dataset.period)
            is_asked = day.is_between(within.start, within.end) if within else day.is_not_null()
            new, other = table.frame.filter(is_asked), table.frame.filter(~is_asked)
            yield from check_joint_keys(new, other, loaded, table.letters, tree.above)


def _of_decisions(
    material: Material, definitions: Definitions, decisions: Iterable[Decision], tree: AreaTree
) -> Iterator[Issue]:
    """Rows that were decided to be the same and differ now."""
    same = _same(decisions)
    for name, table in material.tables.items():
        loaded, pairs = definitions.datasets[name], same.get(name, ())
        yield from check_decided(table.frame, loaded, pairs, tree.above, Location(DECISIONS))


def _stored(
    material: Material, accepted: Accepted, tables: Mapping[str, pl.DataFrame]
) -> dict[str, tuple[str, ...]]:
    """The submissions of each data set of which no row was changed or replaced after it was read."""
    found: dict[str, tuple[str, ...]] = {}
    for one in accepted.submissions:
        name = one.dataset
        if name not in material.supplies and tables[name] is material.tables[name].frame:
            found[name] = (*found.get(name, ()), one.id)
    return found


def _joined(
    decisions: Iterable[Decision], definitions: Definitions, material: Material
) -> dict[str, pl.DataFrame]:
    """The rows of each data set, with one joint key where somebody decided that rows are the same."""
    same = _same(decisions)
    return {
        name: join_same(table.frame, definitions.datasets[name], same.get(name, ()))
        for name, table in material.tables.items()
    }


def _same(decisions: Iterable[Decision]) -> dict[str, list[Pair]]:
    """The pairs of rows that somebody decided are the same, by data set."""
    found: dict[str, list[Pair]] = {}
    for one in decisions:
        if one.is_same:
            found.setdefault(one.dataset, []).append(one.pair)
    return found


def outlines_of(mission: Path) -> Outlines | None:
    """The outlines of the mission's lowest areas, where it has them."""
    path = mission / OUTLINES
    return read_outlines(path, OUTLINES.as_posix()) if path.is_file() else None


def lookups_of(definitions: Definitions) -> dict[str, Lookup]:
    """What spellings stand for in `reference` columns to what YAML defines."""
    return {target: lookup_of(definitions.members(target) or {}) for target in REFERENCE_TARGETS}
