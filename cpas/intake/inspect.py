"""What stands in a workbook besides values, or out of sight, and a sender should know of; nothing here changes what is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice, pairwise

import polars as pl

from cpas.errors import Issue, Location
from cpas.intake.grid import ROW, Grid, index_of, letter_of
from cpas.intake.guard import Archive, Oddities

KEPT = 200
GAP = 10

_RANGE = re.compile(r"\$?([A-Z]+)\$?(\d*)(?::\$?([A-Z]+)\$?(\d*))?")
_WIDEST = 200  # a rule over more columns than this is not one column's


def inspect_workbook(archive: Archive, grids: Sequence[Grid], file: str) -> tuple[Issue, ...]:
    """Macros, links, formulas, comments, hidden rows and columns, validation pasted over, and rows far below the table.

    Of hidden sheets only those matter that are read as a table, and the recogniser tells of these. Of each kind at most 200 issues
    are kept per sheet; one more counts the rest. Merged cells among data are told of when the table is read.

    Args:
        archive: As `check_archive` gives it.
        grids: The sheets as they were read.
        file: Its name in messages.
    """
    issues = list(_of_file(archive, file))
    for grid in grids:
        if grid.hidden:
            continue
        odd = archive.sheets.get(grid.sheet, Oddities())
        for kind in (
            _formulas(grid, odd),
            _hidden_rows(grid, odd),
            _hidden_columns(grid, odd),
            _comments(grid, odd),
            _pasted_over(grid, odd),
            _far_below(grid),
        ):
            issues.extend(_some(kind))
    return tuple(issues)


def _some(issues: Iterable[Issue]) -> Iterator[Issue]:
    issues = iter(issues)
    yield from islice(issues, KEPT)
    rest = list(issues)
    if rest:
        first = rest[0]
        message = f"from here on {len(rest):,} more of the same"
        yield Issue(first.code, first.where, message, first.fix, first.severity, count=len(rest))


def _of_file(archive: Archive, file: str) -> Iterator[Issue]:
    where = Location(file)
    if archive.has_macros:
        message = "the workbook contains macros; they were not run, and only values were read"
        yield Issue("CPAS-S050", where, message, "save it as a workbook without macros (.xlsx)", "warning")
    if archive.links:
        message = f"the workbook is linked with {archive.links} others; the values stored in it were read"
        yield Issue(
            "CPAS-S051", where, message, "break the links (Data, Edit links) and send it again", "warning"
        )


def _formulas(grid: Grid, odd: Oddities) -> Iterator[Issue]:
    """Formulas whose stored value was read; those without one cannot be read and are told of by reading."""
    for (row, letter), formula in sorted(odd.scan.formulas.items()):
        if formula.computed:
            shown = formula.text if len(formula.text) <= 60 else f"{formula.text[:59]}…"
            message = f"the cell holds a formula (`{shown}`); the value stored with it was read"
            yield Issue(
                "CPAS-S052",
                grid.where(row, letter),
                message,
                "paste the value in place of the formula",
                "warning",
            )


def _filled_rows(grid: Grid) -> list[int]:
    filled = grid.cells.filter(pl.any_horizontal(pl.col(grid.letters).is_not_null()))
    return filled[ROW].to_list()


def _hidden_rows(grid: Grid, odd: Oddities) -> Iterator[Issue]:
    hidden = (
        [row for row in _filled_rows(grid) if row in odd.scan.hidden_rows] if odd.scan.hidden_rows else []
    )
    for first, last in _runs(hidden):
        what = (
            f"row {first} is hidden and holds values"
            if first == last
            else f"rows {first} to {last} are hidden and hold values"
        )
        yield Issue(
            "CPAS-S053",
            grid.where(first),
            f"{what}; they were read",
            "show the rows (or clear the filter), and delete them if they are not meant",
            "warning",
            count=last - first + 1,
        )


def _hidden_columns(grid: Grid, odd: Oddities) -> Iterator[Issue]:
    for letter in grid.letters:
        if letter in odd.scan.hidden_columns and grid.cells[letter].is_not_null().any():
            message = "the column is hidden and holds values; they were read"
            yield Issue(
                "CPAS-S053",
                grid.where(0, letter),
                message,
                "show the column, and empty it if it is not meant",
                "warning",
            )


def _comments(grid: Grid, odd: Oddities) -> Iterator[Issue]:
    for cell in odd.comments:
        if found := _RANGE.fullmatch(cell):
            yield Issue(
                "CPAS-S054",
                grid.where(int(found[2] or 0), found[1]),
                "the cell has a comment; comments are not read",
                "write what matters into a column of the table",
                "note",
            )


def _pasted_over(grid: Grid, odd: Oddities) -> Iterator[Issue]:
    """Filled cells between validated cells of their column that have lost their validation: pasting takes it away."""
    for letter, spans in sorted(_spans(odd.validated).items(), key=lambda item: index_of(item[0])):
        if letter not in grid.letters:
            continue
        first, last = min(span[0] for span in spans), max(span[1] for span in spans)
        among = grid.cells.filter(pl.col(ROW).is_between(first, last) & pl.col(letter).is_not_null())
        free = [row for row in among[ROW] if not any(low <= row <= high for low, high in spans)]
        for low, high in _runs(free):
            cells = f"{letter}{low}" if low == high else f"{letter}{low}:{letter}{high}"
            yield Issue(
                "CPAS-S055",
                grid.where(low, letter),
                f"{cells} lost the template's validation; something was pasted over it",
                "look at these values; paste values only (Paste special) next time",
                "warning",
                count=high - low + 1,
            )


def _spans(ranges: Iterable[str]) -> dict[str, list[tuple[int, int]]]:
    """The validated rows of each column, by its letter."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for cells in ranges:
        if found := _RANGE.fullmatch(cells):
            first, last = index_of(found[1]), index_of(found[3] or found[1])
            rows = (int(found[2] or 1), int(found[4] or (1_048_576 if found[3] else found[2] or 1)))
            for index in range(first, min(last, first + _WIDEST) + 1):
                spans.setdefault(letter_of(index), []).append(rows)
    return spans


def _far_below(grid: Grid) -> Iterator[Issue]:
    """Rows that somebody may have left there long ago: more than ten blank rows lie between them and the table."""
    rows = _filled_rows(grid)
    for above, below in pairwise(rows):
        if below - above > GAP:
            count = sum(row >= below for row in rows)
            message = f"{count:,} filled rows begin {below - above - 1:,} blank rows below the others; they were read"
            yield Issue(
                "CPAS-S056",
                grid.where(below),
                message,
                "move them up to the table, or delete them if they are not meant",
                "warning",
                count=count,
            )


def _runs(rows: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Numbers that follow each other, as their first and last."""
    for _, run in groupby(enumerate(rows), key=lambda item: item[1] - item[0]):
        numbers = [row for _, row in run]
        yield numbers[0], numbers[-1]
