"""The workbook that marks are put into: the sender's own, or a copy of its values where that is no workbook we should open whole."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from cpas.errors import Issue, SourceError
from cpas.intake.files import Received
from cpas.intake.grid import Grid, index_of
from cpas.intake.guard import check_archive
from cpas.intake.template_style import put

MAX_SHEET_BYTES = 30_000_000
"""Of all sheets together; a workbook above takes minutes and gigabytes to open with its styles."""
MAX_COPIED = 200_000
"""Cells of a copy; of a larger file only the first rows and those with issues are copied."""
_HEAD = 20
_SHEET_NAME = 31
# what openpyxl raises on workbooks that other programs open
_UNKNOWN = (
    *(AttributeError, IndexError, KeyError, OSError, TypeError, ValueError),
    *(InvalidFileException, ParseError, zipfile.BadZipFile),
)


@dataclass(frozen=True)
class Opened:
    """A workbook to mark, the name of its sheet by the name in issues, and whether it is a copy of values."""

    book: Workbook
    sheets: dict[str, str]
    is_copy: bool


def open_workbook(data: bytes, received: Received, issues: Sequence[Issue]) -> Opened:
    """The sender's workbook as it is, or a copy of what was read of the file; without sheets where nothing was."""
    if received.file.lower().endswith((".xlsx", ".xlsm")):
        try:
            if _sheet_bytes(data) <= MAX_SHEET_BYTES:
                check_archive(data, received.file)
                book = load_workbook(io.BytesIO(data), keep_links=True)
                return Opened(book, {name: name for name in book.sheetnames}, is_copy=False)
        except SourceError:
            return Opened(_empty(), {}, is_copy=True)
        except _UNKNOWN:
            pass  # other readers took it: its values are copied below
    return _copied(received.grids, issues)


def _sheet_bytes(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return sum(
            part.file_size for part in archive.infolist() if part.filename.startswith("xl/worksheets/")
        )


def _empty() -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    return book


def _copied(grids: Iterable[Grid], issues: Sequence[Issue]) -> Opened:
    """Every sheet's values as text in the rows and columns in which they stand."""
    book, sheets = _empty(), {}
    for grid in grids:
        sheet = book.create_sheet((grid.sheet or "Data")[:_SHEET_NAME])
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
