"""A mission's inbox and reference folder to one table per data set, with what came in and what was wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from cpas.definitions.dataset import CodeList
from cpas.definitions.loaded import LoadedDataset
from cpas.errors import Issue, Location
from cpas.intake.cells import Vocabulary
from cpas.intake.covers import REPORTS, Cover, received
from cpas.intake.files import FOLDERS, NO_TABLES, Received, read_files
from cpas.intake.grid import Grid
from cpas.intake.recognise import Recogniser
from cpas.intake.tables import Table, build_table
from cpas.intake.words import Lookup, lookup_of


@dataclass(frozen=True)
class Inbox:
    """All that a mission's folder holds, read.

    `tables` has every data set, without rows where no file holds it. `reports` has one row per
    report received: `dataset`, `reporter`, `month`, `sent_on`, `file`, `is_whole`. `months` has the first day
    of the month that each file's cover names. `received` are all files. `vocabulary` also knows the ids of
    reference tables.
    """

    tables: Mapping[str, Table]
    reports: pl.DataFrame
    months: Mapping[str, date]
    issues: tuple[Issue, ...]
    received: tuple[Received, ...]
    vocabulary: Vocabulary

    @property
    def files(self) -> tuple[tuple[str, str, int], ...]:
        """Path, SHA-256 and size of every file, those of each folder sorted by path."""
        return tuple((one.file, one.sha256, one.size) for one in self.received)


def read_inbox(
    mission: Path,
    datasets: Mapping[str, LoadedDataset],
    codes: Mapping[str, CodeList],
    lookups: Mapping[str, Lookup],
    submitted: Callable[[], Sequence[Received]] | None = None,
    received_on: date | None = None,
) -> Inbox:
    """Read every file of a mission's `inbox` and `reference` folders.

    Args:
        mission: The mission folder; paths in results are relative to it.
        datasets: All data sets by name.
        codes: Code lists by name.
        lookups: What spellings stand for in `reference` columns, by what they are `to`, for all
            that is defined in YAML; the reference tables' own ids and names are added here.
        submitted: Gives files that are read in place of the `inbox` folder's, of which none need be there;
            it is asked for them when the reference tables are read, so that it may take its time.
        received_on: The day on which they came in, where it is known.
    """
    demanded = FOLDERS if submitted is None else ("reference",)
    recognisers = {
        folder: Recogniser(one.dataset for one in datasets.values() if one.dataset.found_in == folder)
        for folder in FOLDERS
    }
    files = read_files(mission, demanded)
    known = _recognised(files, recognisers)
    ordered = list(_in_order(datasets))
    tables: dict[str, Table] = {}
    vocabulary = Vocabulary.of(codes, lookups)
    for loaded in (one for one in ordered if one.dataset.found_in == "reference"):
        name = loaded.dataset.dataset
        tables[name] = build_table(loaded, known.grids.get(name, ()), vocabulary)
        vocabulary = vocabulary.knowing(name, _spellings(loaded, tables[name].frame))
    if submitted is not None:
        came = submitted()
        files, known = (*came, *files), _recognised(came, recognisers).with_others(known)
    issues = [issue for one in files for issue in one.issues]
    issues += (*known.issues, *_absent(mission, datasets, known.grids, demanded))
    reports = [pl.DataFrame(schema=REPORTS)]
    for loaded in ordered:
        name = loaded.dataset.dataset
        grids = known.grids.get(name, ())
        if name not in tables:
            tables[name] = build_table(loaded, grids, vocabulary)
        issues.extend(tables[name].issues)
        own = {grid.file for grid in grids}
        told, differences = received(
            loaded, tables[name], known.covers.get(name, {}), own, vocabulary, received_on
        )
        reports.append(told)
        issues.extend(differences)
    return Inbox(
        {name: tables[name] for name in datasets},
        pl.concat(reports).sort(pl.all()),
        {file: cover.month for some in known.covers.values() for file, cover in some.items() if cover.month},
        tuple(issues),
        tuple(files),
        vocabulary,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """The grids of each data set, the covers of its files, and what nobody recognised."""

    grids: dict[str, list[Grid]]
    covers: dict[str, dict[str, Cover]]
    issues: tuple[Issue, ...]

    def with_others(self, others: _Known) -> _Known:
        """These, and of data sets that none of these hold the others."""
        return _Known(
            {**others.grids, **self.grids}, {**others.covers, **self.covers}, (*self.issues, *others.issues)
        )


def _recognised(files: Iterable[Received], recognisers: Mapping[str, Recogniser]) -> _Known:
    grids: dict[str, list[Grid]] = {}
    covers: dict[str, dict[str, Cover]] = {}
    issues: list[Issue] = []
    for one in files:
        if not _is_read(one):
            continue
        other = next(folder for folder in FOLDERS if folder != one.folder)
        if not recognisers[one.folder].by_file_name(one.file) and recognisers[other].by_file_name(one.file):
            issues.append(_misplaced(one.file, other))
            continue
        known = recognisers[one.folder].recognise(one)
        issues.extend(known.issues)
        for name, sheets in known.sheets.items():
            grids.setdefault(name, []).extend(sheets)
            if known.cover:
                covers.setdefault(name, {})[one.file] = known.cover
    return _Known(grids, covers, tuple(issues))


def _is_read(one: Received) -> bool:
    return bool(one.grids) or (one.file not in NO_TABLES and not one.issues)


def _misplaced(file: str, folder: str) -> Issue:
    return Issue("CPAS-S003", Location(file), "the file is in the wrong folder", f"move it to `{folder}`")


def _absent(
    mission: Path,
    datasets: Mapping[str, LoadedDataset],
    grids: Mapping[str, Iterable[Grid]],
    folders: Sequence[str],
) -> Iterator[Issue]:
    """Folders and required data sets that are not there."""
    for folder in folders:
        if not (mission / folder).is_dir():
            yield Issue(
                "CPAS-S007", Location(folder), "the folder is missing", "make it, and put the files there"
            )
    for name, loaded in datasets.items():
        folder = loaded.dataset.found_in
        if loaded.dataset.required and folder in folders and name not in grids:
            message = f"there is no file of the required data set `{name}` that could be read"
            fix = f"put one into `{folder}`, its name beginning with `{name}`; a report of nothing has a header and no rows"
            yield Issue("CPAS-S007", Location(folder), message, fix)


def _in_order(datasets: Mapping[str, LoadedDataset]) -> Iterator[LoadedDataset]:
    """Every data set after those it refers to."""
    left = dict(datasets)
    while left:
        waiting = {
            name
            for name, one in left.items()
            if {column.to for column in one.dataset.columns} & (left.keys() - {name})
        }
        for name in [name for name in left if name not in waiting] or list(left)[:1]:
            yield left.pop(name)


def _spellings(loaded: LoadedDataset, rows: pl.DataFrame) -> Lookup:
    """What may be written for the rows of a reference table: the key, `name`, `name_fr` and each of `aliases`."""
    key = loaded.dataset.key[0]
    named = [name for name in ("name", "name_fr", "aliases") if name in rows.columns]
    members: dict[str, list[str]] = {}
    for id_, *texts in rows.select(key, *named).drop_nulls(key).iter_rows():
        spelt = [part.strip() for text in texts if text for part in text.split("|")]
        members.setdefault(id_, []).extend(spelt)
    return lookup_of(members)
