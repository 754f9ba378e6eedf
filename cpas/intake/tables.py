"""Grids of one data set to one typed table; every row of every grid is in the table or in an issue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from cpas.definitions.dataset import Dataset
from cpas.definitions.loaded import LoadedDataset
from cpas.errors import Issue, Location
from cpas.intake.cells import BINARY, FILE, SHEET, Vocabulary, type_columns
from cpas.intake.grid import ROW, Grid, index_of
from cpas.intake.headers import Header, Names, find_header

_FIRST = "_first"
_TOTAL = r"(?i)^\W*(grand |sub-?|sous-)?(total|totals|totaux|sum|somme)( général)?\W*$"
_RANGE = re.compile(r"([A-Z]+)(\d+):([A-Z]+)(\d+)")


@dataclass(frozen=True)
class Table:
    """All rows of one data set.

    `frame` has every declared column in its type and in order (a column that may be nothing is
    followed by `<name>_status`), then `_file`, `_sheet` and `_row`. `letters` gives the spreadsheet
    letter of a column by file, sheet and column. `faulted` are cells (file, sheet, row, column)
    that `issues` already tell of, so that no later check need report them again.
    """

    frame: pl.DataFrame
    letters: Mapping[tuple[str, str, str], str]
    issues: tuple[Issue, ...]
    faulted: frozenset[tuple[str, str, int, str]]


def build_table(loaded: LoadedDataset, grids: Sequence[Grid], vocabulary: Vocabulary) -> Table:
    """One table from all grids that hold a data set; without grids it has no rows.

    Blank rows are left out, and so are rows that say nothing but who reports, as templates have
    them ready; totals are reported and left out. Cells are typed once over all grids,
    which for two hundred small workbooks is what makes reading fast.
    """
    dataset = loaded.dataset
    names = Names.of(dataset)
    issues: list[Issue] = []
    letters: dict[tuple[str, str, str], str] = {}
    faulted: set[tuple[str, str, int, str]] = set()
    pointed: set[tuple[str, str, int, str]] = set()
    bodies = [_texts(dataset.column_names)]
    for grid in grids:
        header = find_header(grid, names)
        if header is None:
            issues.append(_headless(grid, names))
            continue
        issues.extend((*header.issues, *_merged(grid, header)))
        letters |= {(grid.file, grid.sheet, name): letter for name, letter in header.columns.items()}
        named = {letter: name for name, letter in header.columns.items()}
        pointed |= {
            (grid.file, grid.sheet, row, named[letter]) for row, letter in grid.pointed if letter in named
        }
        body = _body(grid, header, dataset)
        absent = [name for name in names.needed if name not in header.columns]
        faulted |= {(grid.file, grid.sheet, row, name) for name in absent for row in body[ROW]}
        bodies.append(body)
    rows = pl.concat(bodies).filter(pl.col(_FIRST).is_not_null())
    is_total = pl.col(_FIRST).str.contains(_TOTAL)
    issues.extend(_totals(rows.filter(is_total)))
    typed = type_columns(rows.filter(~is_total).drop(_FIRST), loaded, vocabulary, letters, frozenset(pointed))
    return Table(typed.frame, letters, (*issues, *typed.issues), typed.faulted | faulted)


def count_rows(grid: Grid, dataset: Dataset) -> int:
    """How many rows of a data set a sheet holds, whose header is one of it; 0 where it is none."""
    header = find_header(grid, Names.of(dataset))
    if header is None:
        return 0
    first = _body(grid, header, dataset)[_FIRST]
    return first.len() - first.null_count()


def _texts(names: Sequence[str]) -> pl.DataFrame:
    words = dict.fromkeys((*names, _FIRST, FILE, SHEET), pl.String)
    return pl.DataFrame(schema={**words, ROW: pl.Int64, BINARY: pl.Boolean})


def _body(grid: Grid, header: Header, dataset: Dataset) -> pl.DataFrame:
    """The rows under the header, under our names, with their first telling cell; what a grid lacks is null."""
    silent = {header.columns.get(dataset.reported_by or ""), *header.aids}
    telling = [letter for letter in grid.letters if letter not in silent]
    return grid.cells.slice(header.body).select(
        *(
            pl.col(header.columns[name]).alias(name)
            if name in header.columns
            else pl.lit(None, pl.String).alias(name)
            for name in dataset.column_names
        ),
        (pl.coalesce(telling) if telling else pl.lit(None, pl.String)).alias(_FIRST),
        pl.lit(grid.file).alias(FILE),
        pl.lit(grid.sheet).alias(SHEET),
        ROW,
        pl.lit(grid.binary).alias(BINARY),
    )


def _headless(grid: Grid, names: Names) -> Issue:
    wanted = ", ".join(f"`{name}`" for name in names.needed[:4])
    rows = grid.cells.filter(pl.any_horizontal(pl.all().exclude(ROW).is_not_null())).height
    return Issue(
        "CPAS-S010",
        grid.where(),
        f"no header was found in the first rows: no row names {wanted} and the other columns; "
        + (f"its {rows:,} filled rows were not read" if rows else "it is empty"),
        "put the column labels in one row above the data, as in the template",
        count=max(rows, 1),
    )


def _merged(grid: Grid, header: Header) -> Iterator[Issue]:
    """Merged cells among the data: only the first holds the value, and what the others mean would be a guess."""
    used = {index_of(letter) for letter in header.columns.values()}
    for cells in grid.merged:
        found = _RANGE.fullmatch(cells)
        if (
            found
            and int(found[4]) > header.row
            and used & set(range(index_of(found[1]), index_of(found[3]) + 1))
        ):
            yield Issue(
                "CPAS-S016",
                grid.where(int(found[2]), found[1]),
                f"the cells {cells} are merged; only the first of them holds a value, the others are read as empty",
                "unmerge them and write the value in every cell it stands for",
            )


def _totals(rows: pl.DataFrame) -> Iterator[Issue]:
    for first, file, sheet, row in rows.select(_FIRST, FILE, SHEET, ROW).iter_rows():
        yield Issue(
            "CPAS-S015",
            Location(file, sheet, row),
            f"the row begins with `{first}`; it is a total and was not counted",
            "delete the row: totals are computed",
            "warning",
        )
