"""What stands in a workbook besides values, or out of sight, and a sender should know of; nothing here changes what is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise

from cpas.errors import Issue, Location
from cpas.intake.grid import Grid
from cpas.intake.guard import Archive, Oddities
from cpas.intake.validations import Stated, filled_rows, lost_validations, runs, stated_validations
from cpas.intake.words import OWN_COMMENT

KEPT = 200
GAP = 10

_CELL = re.compile(r"([A-Z]+)(\d+)")


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
    stated = stated_validations(grids)
    for grid in grids:
        if grid.hidden:
            continue
        odd, own = archive.sheets.get(grid.sheet, Oddities()), stated.get(grid.sheet, ())
        filled = filled_rows(grid, own)
        for kind in (
            _formulas(grid, odd),
            _hidden_rows(grid, odd, filled),
            _hidden_columns(grid, odd),
            _comments(grid, odd),
            lost_validations(grid, odd.validated, own),
            _below(grid, own, filled),
            _far_below(grid, filled),
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


def _hidden_rows(grid: Grid, odd: Oddities, filled: Sequence[int]) -> Iterator[Issue]:
    hidden = [row for row in filled if row in odd.scan.hidden_rows] if odd.scan.hidden_rows else []
    for first, last in runs(hidden):
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
    for cell, text in odd.comments.items():
        if (found := _CELL.fullmatch(cell)) and not text.startswith(OWN_COMMENT):
            yield Issue(
                "CPAS-S054",
                grid.where(int(found[2]), found[1]),
                "the cell has a comment; comments are not read",
                "write what matters into a column of the table",
                "note",
            )


def _below(grid: Grid, stated: Sequence[Stated], filled: Sequence[int]) -> Iterator[Issue]:
    """Rows below those that a template has ready; they have neither its lists nor its checks."""
    last = max((one.rows[1] for one in stated), default=0)
    rows = [row for row in filled if row > last] if last else []
    if rows:
        message = f"{len(rows):,} filled rows begin below row {last}, where the template's table ends; they were read"
        yield Issue(
            "CPAS-S057",
            grid.where(rows[0]),
            message,
            "ask for a template with more rows; delete them if they are not meant",
            "warning",
            count=len(rows),
        )


def _far_below(grid: Grid, filled: Sequence[int]) -> Iterator[Issue]:
    """Rows that somebody may have left there long ago: more than ten blank rows lie between them and the table."""
    for above, below in pairwise(filled):
        if below - above > GAP:
            count = sum(row >= below for row in filled)
            message = f"{count:,} filled rows begin {below - above - 1:,} blank rows below the others; they were read"
            yield Issue(
                "CPAS-S056",
                grid.where(below),
                message,
                "move them up to the table, or delete them if they are not meant",
                "warning",
                count=count,
            )
