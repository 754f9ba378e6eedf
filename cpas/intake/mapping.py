"""Incident files of other organizations to rows of one of our data sets, with what was left out and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import polars as pl

from cpas.definitions.base import Text
from cpas.definitions.loaded import LoadedDataset
from cpas.definitions.mapping import Geography
from cpas.definitions.mapping import Mapping as SourceMapping
from cpas.errors import Issue
from cpas.intake.cells import BINARY, FILE, SHEET, Letters, Vocabulary, clean, read_column, type_columns
from cpas.intake.covers import REPORTS
from cpas.intake.files import read_grids
from cpas.intake.fill import fill, named, source_column
from cpas.intake.grid import ROW, Grid
from cpas.intake.package import refused
from cpas.intake.places import Places
from cpas.intake.tables import Table
from cpas.intake.words import fold

ELSEWHERE = Text(
    {"en": "The event took place in another country.", "fr": "L'événement a eu lieu dans un autre pays."}
)
NOWHERE = Text(
    {
        "en": "The point is not stated, lies outside all areas, or is too uncertain to be given to one.",
        "fr": "Le point n'est pas indiqué, se trouve hors de toute zone ou est trop incertain pour être rattaché à l'une d'elles.",
    }
)
_SEARCHED = 20


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many rows were left out for one reason."""

    reason: Text
    rows: int


@dataclass(frozen=True)
class Foreign:
    """A foreign file as rows of `mapping.dataset`.

    `rows` counts the rows in the file: those of the table and those left out. `reports` has the
    columns of `Inbox.reports`: a source of events is complete for the time it spans, so each month
    from its first to its last row is a report, whether it has rows or not.
    """

    mapping: SourceMapping
    table: Table
    left_out: tuple[LeftOut, ...]
    rows: int
    reports: pl.DataFrame
    sha256: str
    size: int


def read_mapped(
    path: Path,
    mappings: Mapping[str, SourceMapping],
    datasets: Mapping[str, LoadedDataset],
    vocabulary: Vocabulary,
    places: Places,
) -> Foreign:
    """Read a foreign file by the mapping that recognises it.

    Args:
        path: A workbook, CSV or parquet file; `_file` is its name without its folder.
        mappings: All mappings by id.
        datasets: All data sets by name.
        vocabulary: What spellings stand for in our columns.
        places: Where areas are.

    Raises:
        SourceError: The file cannot be read, no mapping recognises it, or a column is missing
            without which nobody can say which rows count.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise refused(path.name, "the file is missing or cannot be opened", "look at its path") from error
    grids, notes = read_grids(data, path.name)
    mapping, source = _recognised(grids, mappings, path.name)
    loaded = datasets[mapping.dataset]
    kept, left_out = _sift(source, mapping)
    texts, issues, faulted = _fill(kept, source, loaded, mapping)
    days = _days(texts, loaded)
    if mapping.geography and loaded.dataset.area:
        areas = pl.Series(loaded.dataset.area, _areas(kept, days, mapping.geography, places), pl.String)
        texts = texts.with_columns(areas).filter(areas.is_not_null())
        left_out.append(LeftOut(NOWHERE, areas.null_count()))
    letters = _letters(source, loaded, mapping)
    typed = type_columns(texts, loaded, vocabulary, letters)
    issues = (*notes, *_unused(source, mapping), *issues, *typed.issues)
    return Foreign(
        mapping,
        Table(typed.frame, letters, issues, typed.faulted | faulted),
        tuple(one for one in left_out if one.rows),
        source.rows.height,
        _reports(typed.frame, loaded, path.name),
        sha256(data).hexdigest(),
        len(data),
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """The sheet of a foreign file: its rows under folded headers, and how each header is written and where."""

    grid: Grid
    header_row: int
    rows: pl.DataFrame
    headers: Mapping[str, tuple[str, str]]


def _recognised(
    grids: Sequence[Grid], mappings: Mapping[str, SourceMapping], file: str
) -> tuple[SourceMapping, _Source]:
    """The mapping whose telling columns are all in one row of a sheet; the one with most of them."""
    by_detail = sorted(mappings.values(), key=lambda mapping: -len(mapping.recognised_by))
    for grid in grids:
        for index, (row, *texts) in enumerate(grid.cells.head(_SEARCHED).iter_rows()):
            found = {fold(text) for text in texts if text}
            for mapping in by_detail:
                if {fold(name) for name in mapping.recognised_by} <= found:
                    return mapping, _source(grid, index, row, texts)
    known = "; ".join(f"{mapping.title['en']}: {', '.join(mapping.recognised_by)}" for mapping in by_detail)
    raise refused(
        file,
        "no mapping recognises the columns of this file",
        f"use a file of a known source ({known})",
        "CPAS-S003",
    )


def _source(grid: Grid, index: int, row: int, texts: Sequence[str | None]) -> _Source:
    headers: dict[str, tuple[str, str]] = {}
    for letter, text in zip(grid.letters, texts, strict=True):
        if text:
            headers.setdefault(fold(text), (text, letter))
    cells = grid.cells.slice(index + 1).filter(pl.any_horizontal(pl.col(grid.letters).is_not_null()))
    rows = cells.select(
        ROW, *(pl.col(letter).str.strip_chars().alias(name) for name, (_, letter) in headers.items())
    )
    return _Source(grid, row, rows, headers)


def _sift(source: _Source, mapping: SourceMapping) -> tuple[pl.DataFrame, list[LeftOut]]:
    """The rows that are of the country and precise enough, and how many are not, by reason."""
    filters = [(column, accepted, ELSEWHERE) for column, accepted in mapping.country.items()]
    filters += [(one.column, one.keep, one.reason) for one in mapping.precision]
    place = mapping.geography
    needed = [column for column, _, _ in filters] + (
        [column for column in (place.latitude, place.longitude, place.precision) if column] if place else []
    )
    if absent := [column for column in needed if fold(column) not in source.headers]:
        raise refused(
            source.grid.file,
            f"the column `{absent[0]}` is missing, without which nobody can say which rows count",
            "export the file with all columns of its source",
            "CPAS-S012",
        )
    rows, left_out = source.rows, []
    for column, accepted, reason in filters:
        holds = rows[fold(column)].is_in(list(accepted)).fill_null(value=False)
        left_out.append(LeftOut(reason, rows.height - int(holds.sum())))
        rows = rows.filter(holds)
    return rows, left_out


def _fill(
    rows: pl.DataFrame, source: _Source, loaded: LoadedDataset, mapping: SourceMapping
) -> tuple[pl.DataFrame, tuple[Issue, ...], frozenset[tuple[str, str, int, str]]]:
    """Every declared column as text with the place of its row; what the mapping does not fill is null."""
    issues: list[Issue] = []
    faulted: set[tuple[str, str, int, str]] = set()
    columns = []
    for column in loaded.dataset.columns:
        if (mapped := mapping.columns.get(column.name)) is None:
            columns.append(pl.repeat(None, rows.height, dtype=pl.String, eager=True).alias(column.name))
            continue
        filled = fill(rows, mapped)
        columns.append(filled.texts.alias(column.name))
        header = source_column(rows, mapped)
        if header is None and mapped.constant is None:
            issues.append(
                _absent(source, mapped.columns + mapped.sum_of, column.name, required=column.required)
            )
        elif header and filled.untranslated.any():
            wrong = rows.filter(filled.untranslated)
            issues.extend(_untranslated(wrong.select(ROW, header), source, column.name, mapping.id))
            faulted |= {(source.grid.file, source.grid.sheet, row, column.name) for row in wrong[ROW]}
    places = rows.select(
        pl.lit(source.grid.file).alias(FILE),
        pl.lit(source.grid.sheet).alias(SHEET),
        ROW,
        pl.lit(source.grid.binary).alias(BINARY),
    )
    return pl.DataFrame(columns).hstack(places), tuple(issues), frozenset(faulted)


def _absent(source: _Source, wanted: Sequence[str], column: str, *, required: bool) -> Issue:
    listed = " or ".join(f"`{name}`" for name in wanted)
    return Issue(
        "CPAS-S012",
        source.grid.where(source.header_row),
        f"the file has no column {listed}, from which `{column}` is filled",
        "export the file with all columns of its source",
        "error" if required else "warning",
    )


def _untranslated(wrong: pl.DataFrame, source: _Source, column: str, mapping: str) -> Iterator[Issue]:
    """One issue for each foreign value that has none of ours, at the first row that has it."""
    header = wrong.columns[1]
    letter = source.headers[header][1]
    for word, row, count in (
        wrong.group_by(header).agg(pl.col(ROW).min(), pl.len().alias("rows")).sort(ROW).iter_rows()
    ):
        yield Issue(
            "CPAS-D007",
            source.grid.where(row, letter),
            f"the mapping `{mapping}` has no `{column}` for `{word}` ({count:,} rows)",
            f"add it to `values` of `{column}` in indicators/mappings/{mapping}.yml, or say `otherwise`",
            count=count,
        )


def _unused(source: _Source, mapping: SourceMapping) -> Iterator[Issue]:
    place = mapping.geography
    used = {fold(name) for mapped in mapping.columns.values() for name in named(mapped)}
    used |= {fold(name) for name in (*mapping.ignored, *mapping.country, *mapping.recognised_by)}
    used |= {fold(one.column) for one in mapping.precision}
    used |= (
        {fold(name) for name in (place.latitude, place.longitude, place.precision) if name}
        if place
        else set()
    )
    for name, (text, letter) in source.headers.items():
        if name not in used:
            yield Issue(
                "CPAS-S023",
                source.grid.where(source.header_row, letter),
                f"the mapping `{mapping.id}` does not know the column `{text}`; it was not read",
                f"use it in indicators/mappings/{mapping.id}.yml, or list it under `ignored`",
                "warning",
            )


def _letters(source: _Source, loaded: LoadedDataset, mapping: SourceMapping) -> Letters:
    """The letter of the foreign column that each of our columns is filled from."""
    found = {name: source_column(source.rows, mapped) for name, mapped in mapping.columns.items()}
    if mapping.geography and loaded.dataset.area:
        found[loaded.dataset.area] = fold(mapping.geography.latitude)
    grid = source.grid
    return {
        (grid.file, grid.sheet, name): source.headers[header][1] for name, header in found.items() if header
    }


def _days(texts: pl.DataFrame, loaded: LoadedDataset) -> pl.Series:
    """The day of each row, null where it cannot be read; that is reported when all columns are typed."""
    if loaded.dataset.period is None:
        return pl.repeat(None, texts.height, dtype=pl.Date, eager=True)
    column = loaded.dataset.column(loaded.dataset.period)
    return read_column(clean(texts[column.name], column), texts[BINARY], column, {}).values


def _areas(rows: pl.DataFrame, days: pl.Series, geography: Geography, places: Places) -> list[str | None]:
    """The area of each row: that which its point lies in, raised to the level its precision allows."""
    east, north = (
        rows[fold(column)].cast(pl.Float64, strict=False).to_list()
        for column in (geography.longitude, geography.latitude)
    )
    leaves = places.outlines.areas_at(east, north)
    if geography.precision is None:
        return leaves
    levels = [geography.levels.get(code or "") for code in rows[fold(geography.precision)]]
    return places.raised(leaves, levels, days.dt.truncate("1mo").to_list())


def _reports(rows: pl.DataFrame, loaded: LoadedDataset, file: str) -> pl.DataFrame:
    dataset = loaded.dataset
    if not dataset.period or not dataset.reported_by or rows[dataset.period].null_count() == rows.height:
        return pl.DataFrame(schema=REPORTS)
    days = rows[dataset.period]
    first, last = days.min(), days.max()
    months = pl.select(pl.date_range(pl.lit(first).dt.truncate("1mo"), pl.lit(last), "1mo").alias("month"))
    reporters = rows.select(pl.col(dataset.reported_by).alias("reporter")).drop_nulls().unique()
    every = reporters.join(months, how="cross").with_columns(
        pl.lit(dataset.dataset).alias("dataset"),
        pl.lit(None, pl.Date).alias("sent_on"),
        pl.lit(file).alias("file"),
        pl.lit(value=True).alias("is_whole"),
    )
    return every.select(*REPORTS).sort("reporter", "month")
