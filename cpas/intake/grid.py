"""What every reader gives: one sheet as text cells that still know their file, row and column."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import polars as pl

from cpas.errors import Location
from cpas.intake.values import THOUSANDS

ROW = "_row"


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet, or a file that is one table (then `sheet` is empty).

    `cells` has `_row` (Int64, as the file counts) and then one String column per spreadsheet
    column, named by its letter; a blank cell is null. `binary` says that its numbers were binary
    floats, whose last decimals nobody wrote. `merged` are ranges such as `B5:B9`. `pointed` are rows and letters of
    texts such as `1.234`, which somebody may have written for 1234.
    """

    file: str
    sheet: str
    cells: pl.DataFrame
    binary: bool
    hidden: bool = False
    merged: tuple[str, ...] = ()
    pointed: frozenset[tuple[int, str]] = frozenset()

    @property
    def letters(self) -> tuple[str, ...]:
        """The columns, by their spreadsheet letters."""
        return tuple(self.cells.columns[1:])

    def where(self, row: int = 0, letter: str = "") -> Location:
        """A place in it."""
        return Location(self.file, self.sheet, row, letter)


def pointed_in(cells: pl.DataFrame) -> frozenset[tuple[int, str]]:
    """The rows and letters of cells that are written like 1.234."""
    pattern = rf"^\s*{THOUSANDS.pattern}\s*$"
    written = cells.select(pl.exclude(ROW).str.contains(pattern))
    letters = [column.name for column in written.get_columns() if column.any()]
    return frozenset((row, letter) for letter in letters for row in cells[ROW].filter(written[letter]))


@cache
def letter_of(index: int) -> str:
    """The spreadsheet letter of a column counted from 0.

    >>> letter_of(0), letter_of(25), letter_of(26), letter_of(702)
    ('A', 'Z', 'AA', 'AAA')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def index_of(letters: str) -> int:
    """The column counted from 0 of a spreadsheet letter.

    >>> index_of("A"), index_of("AAA")
    (0, 702)
    """
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
