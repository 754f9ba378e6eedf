"""Excel workbooks to grids of text; the only door to fastexcel.

How fastexcel prints a cell as text, which is all that later modules see: a number without
exponent and with at most 9 decimals (12.0 is `12`), a date as `2024-03-05 00:00:00` whatever the
cell's format, a truth value as `true` or `false`. Error cells come as null and are put back here as
`#N/A`; so are formulas that no program has computed yet, as `=A1+B1`. A number in a cell that is formatted as a percentage comes as it is shown, `45%`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import fastexcel
import polars as pl

from cpas.errors import SourceError
from cpas.intake.grid import ROW, Grid, index_of, letter_of, pointed_in
from cpas.intake.guard import Archive, Oddities, check_archive, check_values
from cpas.intake.package import refused

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_ERRORS = MappingProxyType(
    {
        "Div0": "#DIV/0!",
        "NA": "#N/A",
        "Name": "#NAME?",
        "Null": "#NULL!",
        "Num": "#NUM!",
        "Ref": "#REF!",
        "Value": "#VALUE!",
        "GettingData": "#GETTING_DATA",
    }
)


def read_workbook(data: bytes, file: str) -> tuple[Grid, ...]:
    """Every sheet that has cells, in the workbook's order, hidden ones marked.

    Args:
        data: The content of the file.
        file: Its name in messages.

    Raises:
        SourceError: It cannot be read, or must not be.
    """
    return read_checked(check_archive(data, file), file)


def read_checked(archive: Archive, file: str) -> tuple[Grid, ...]:
    """The same of a workbook whose archive was looked at already.

    Raises:
        SourceError: It cannot be read, or readers would find different values in it.
        MemoryError: It takes more memory than there is.
    """
    try:
        book = fastexcel.read_excel(archive.data)
        sheets = [_load(book, name, file, may_be_pointed=archive.may_be_pointed) for name in book.sheet_names]
    except fastexcel.FastExcelError as error:
        if "KeyboardInterrupt" in str(error) or "MemoryError" in str(error):  # of a failed allocation
            raise MemoryError from error
        raise _unreadable(file, str(error)) from error
    except BaseException as error:
        # a panic of the Rust reader is no Exception, and its class cannot be imported
        if type(error).__name__ != "PanicException":
            raise
        raise _unreadable(file, "its content makes the reader fail") from error
    for grid in sheets:
        check_values(archive, _filled(grid.cells), grid.where())
    odd = (_with_oddities(grid, archive.sheets.get(grid.sheet, Oddities())) for grid in sheets)
    return tuple(grid for grid in odd if grid.letters)


def _unreadable(file: str, reason: str) -> SourceError:
    said = reason.partition("\n")[0].removeprefix("calamine error: ")
    if "password" in reason:
        said = "it is protected by a password"
    return refused(
        file, f"the workbook cannot be read: {said}", "open it in Excel, save it as a new .xlsx and send that"
    )


def _load(book: Any, name: str, file: str, *, may_be_pointed: bool) -> Grid:
    sheet = book.load_sheet(name, header_row=None, dtypes="string", skip_rows=0, whitespace_as_null=True)
    batch, faults = sheet.to_arrow_with_errors()
    letters = [letter_of(column.absolute_index) for column in sheet.available_columns()]
    cells = pl.DataFrame(pl.from_arrow(batch))
    cells.columns = letters
    cells.insert_column(0, pl.Series(ROW, range(1, cells.height + 1), pl.Int64))
    errors = {
        (fault.position[0] + 1, letters[fault.position[1]]): _error_text(fault.detail)
        for fault in (faults.errors if faults else ())
    }
    hidden = sheet.visible != "visible"
    pointed = _pointed(book, name, cells) if may_be_pointed else frozenset()
    return Grid(file, name, _put(cells, errors), binary=True, hidden=hidden, pointed=pointed)


def _pointed(book: Any, name: str, cells: pl.DataFrame) -> frozenset[tuple[int, str]]:
    """The cells that hold a text such as 1.234; read as truth values, numbers have one and texts have none."""
    likely = pointed_in(cells)
    if not likely:
        return frozenset()
    letters = sorted({letter for _, letter in likely}, key=index_of)
    sheet = book.load_sheet(
        name,
        header_row=None,
        dtypes="boolean",
        skip_rows=0,
        use_columns=[index_of(letter) for letter in letters],
    )
    numbers = dict(zip(letters, sheet.to_arrow_with_errors()[0].to_pydict().values(), strict=True))
    return frozenset((row, letter) for row, letter in likely if numbers[letter][row - 1] is None)


def _filled(cells: pl.DataFrame) -> int:
    return cells.height * (cells.width - 1) - sum(column.null_count() for column in cells.get_columns())


def _error_text(detail: str) -> str:
    found = re.search(r"Error\((\w+)\)", detail)
    return _ERRORS.get(found[1], "#N/A") if found else "#N/A"


def _with_oddities(grid: Grid, oddities: Oddities) -> Grid:
    cells = _put(_put(grid.cells, _shown(grid.cells, oddities)), oddities.uncomputed)
    return replace(grid, cells=cells, merged=oddities.merged)


def _shown(cells: pl.DataFrame, oddities: Oddities) -> dict[tuple[int, str], str]:
    """Percentages as the sender sees them: 45% is stored as 0.45, and nobody means that who writes 45."""
    shown = {}
    columns = {
        letter: cells[letter].to_list()
        for letter in {one for _, one in oddities.scan.percentages} & set(cells.columns)
    }
    for row, letter in oddities.scan.percentages:
        text = columns[letter][row - 1] if letter in columns and row <= cells.height else None
        if text and _NUMBER.fullmatch(text):
            shown[row, letter] = f"{(Decimal(text) * 100).normalize():f}%"
    return shown


def _put(cells: pl.DataFrame, texts: Mapping[tuple[int, str], str]) -> pl.DataFrame:
    """The cells with some of them filled in, where need be beyond the range that held values."""
    if not texts:
        return cells
    last = max(row for row, _ in texts)
    if last > cells.height:
        below = pl.DataFrame({ROW: range(cells.height + 1, last + 1)}, {ROW: pl.Int64})
        cells = pl.concat([cells, below], how="diagonal")
    columns = {letter: cells[letter].to_list() for letter in cells.columns[1:]}
    for (row, letter), text in texts.items():
        columns.setdefault(letter, [None] * cells.height)[row - 1] = text
    ordered = sorted(columns, key=index_of)
    return cells.select(ROW, *(pl.Series(letter, columns[letter], pl.String) for letter in ordered))
