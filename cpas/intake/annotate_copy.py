"""The workbook that marks are put into: the sender's own, or a copy of its values where that is no workbook we should open whole."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.utils.cell import coordinate_to_tuple

from cpas.errors import Issue, SourceError
from cpas.intake.files import Received
from cpas.intake.grid import Grid, index_of
from cpas.intake.guard import Archive, check_archive
from cpas.intake.template_style import put
from cpas.intake.words import OWN_COMMENT

MAX_SHEET_BYTES = 30_000_000
"""Of all sheets together; a workbook above takes minutes and gigabytes to open with its styles."""
MAX_COPIED = 200_000
"""Cells of a copy; of a larger file only the first rows and those with issues are copied."""
MAX_SPREAD = 200_000
"""Cells under merged ranges, links and comments; openpyxl makes an object of each."""
MAX_RANGES = 20_000
"""Merged ranges, links and comments."""
MAX_PIECES = 50_000
"""Rows, validations and conditional formats."""
MAX_PRINTED = 2_000
"""Letters of names that say what is printed; openpyxl's pattern for them takes quadratic time."""
_HEAD = 20
_SHEET_NAME = 31
_NO_TITLE = re.compile(r"[\\*?:/\[\]]")
_SPREAD = re.compile(rb"""<(?:\w+:)?(?:mergeCell|hyperlink|comment)\s[^<>]*?\bref\s*=\s*["']([^"'<>]*)["']""")
_PIECE = re.compile(rb"<(?:\w+:)?(?:row|dataValidation|cfRule)[\s/>]")
_PRINTED = re.compile(rb"<(?:\w+:)?definedName\s[^<>]*Print_[^<>]*>([^<]*)")


@dataclass(frozen=True)
class Opened:
    """A workbook to mark, the name of its sheet by the name in issues, and whether it is a copy of values.

    `marked` are the places (sheet and cell) that have comments of an earlier return.
    """

    book: Workbook
    sheets: dict[str, str]
    is_copy: bool
    marked: tuple[tuple[str, str], ...] = ()


def open_workbook(data: bytes, received: Received, issues: Sequence[Issue]) -> Opened:
    """The sender's workbook as it is, or a copy of what was read of the file; without sheets where nothing was.

    A copy is made where openpyxl would need minutes or gigabytes, does not open it, or finds a blank where a value was read.
    """
    if received.file.lower().endswith((".xlsx", ".xlsm")):
        try:
            archive = check_archive(data, received.file)
        except SourceError:
            return Opened(_empty(), {}, is_copy=True)
        with suppress(Exception):  # whatever openpyxl makes of what other programs open
            if _is_modest(data):
                book = load_workbook(io.BytesIO(data), keep_links=True)
                if all(_holds(book, grid) for grid in received.grids):
                    sheets = {name: name for name in book.sheetnames}
                    return Opened(book, sheets, is_copy=False, marked=_marked(archive))
    return copy_values(received.grids, issues)


def _marked(archive: Archive) -> tuple[tuple[str, str], ...]:
    comments = ((name, odd.comments.items()) for name, odd in archive.sheets.items())
    return tuple((name, cell) for name, texts in comments for cell, text in texts if OWN_COMMENT in text)


def _is_modest(data: bytes) -> bool:
    """Whether openpyxl opens it in time: what it spreads over cells, or looks through again and again, is little."""
    spread: list[str] = []
    printed = pieces = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [part for part in archive.infolist() if part.filename.lower().endswith(".xml")]
        sheets = [part for part in parts if part.filename.lower().startswith("xl/worksheets/")]
        if sum(part.file_size for part in sheets) > MAX_SHEET_BYTES:
            return False
        for part in parts:
            content = archive.read(part)
            spread += (found.decode() for found in _SPREAD.findall(content))
            pieces += sum(1 for _ in _PIECE.finditer(content))
            printed += sum(map(len, _PRINTED.findall(content)))
    if len(spread) > MAX_RANGES or pieces > MAX_PIECES or printed > MAX_PRINTED:
        return False
    return sum(map(_area, spread)) <= MAX_SPREAD


def _area(ref: str) -> int:
    first, _, last = ref.partition(":")
    (top, left), (bottom, right) = coordinate_to_tuple(first), coordinate_to_tuple(last or first)
    return (bottom - top + 1) * (right - left + 1)


def _holds(book: Workbook, grid: Grid) -> bool:
    """Whether there is something in every cell of which we read a value, or a merged range over it."""
    if grid.sheet not in book.sheetnames:
        return False
    sheet, columns = book[grid.sheet], [index_of(letter) + 1 for letter in grid.letters]
    found = (
        sheet.cell(row, column)
        for row, *texts in grid.cells.iter_rows()
        for column, text in zip(columns, texts, strict=True)
        if text is not None
    )
    return all(isinstance(cell, MergedCell) or cell.value is not None for cell in found)


def _empty() -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    return book


def copy_values(grids: Iterable[Grid], issues: Sequence[Issue]) -> Opened:
    """Every sheet's values as text in the rows and columns in which they stand."""
    book, sheets = _empty(), {}
    for grid in grids:
        sheet = book.create_sheet(_NO_TITLE.sub("_", grid.sheet or "Data")[:_SHEET_NAME])
        sheets[grid.sheet] = sheet.title
        marked = {issue.where.row for issue in issues if issue.where.sheet == grid.sheet}
        is_large = grid.cells.height * len(grid.letters) > MAX_COPIED
        for index, (row, *texts) in enumerate(grid.cells.iter_rows()):
            if is_large and index >= _HEAD and row not in marked:
                continue
            for letter, text in zip(grid.letters, texts, strict=True):
                if text is not None:
                    put(sheet, (row, index_of(letter) + 1), text)
        if grid.cells.height:
            for letter in grid.letters:
                sheet.column_dimensions[letter].width = 16
    return Opened(book, sheets, is_copy=True)
