"""One sheet's XML to its reach and to what the fast reader passes over: formulas, hidden rows and columns, odd addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from cpas.intake.grid import index_of, letter_of

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
MAX_ELEMENTS = 12_000_000

_ADDRESS = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_ODD_CELL = re.compile(rb'<c(?! r="A?[A-Z]\d{1,5}")')
_PREFIXED = re.compile(rb"<[^\s<>/]*:(?:c|row)[\s/>]")
_LIKE_PREFIXED = re.compile(rb":(?:c|row)[\s/>]")  # found far faster, and seldom there
_TRUE = {"1", "true"}
# what needs a scan where it stands among cells, each with a letter of it that plain cells seldom have
_UNUSUAL = {b"<f": b"f", b"hidden": b"d", b"</sheetData": b"D"}


class OddSheetError(ValueError):
    """Why a sheet is not to be given to a parser."""


@dataclass(frozen=True, slots=True)
class Formula:
    """The formula of a cell as it is written, and whether a program has computed its value."""

    text: str
    computed: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """What a sheet holds.

    `rows` and `columns` count from its first cell to the last that holds anything. `formulas` are by
    row and letter. `hidden_rows` are numbers, `hidden_columns` letters (of the first 1,000 columns).
    """

    rows: int = 0
    columns: int = 0
    formulas: dict[tuple[int, str], Formula] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[str] = frozenset()


def is_plain(content: bytes) -> bool:
    """Whether every cell of a sheet is spelt `<c r="A1"`, left of BA and above row 100,000, and nothing else needs a scan.

    Nearly every sheet is so, and bytes are looked through some twenty times faster than elements.
    """
    first, last = content.find(b"<sheetData"), content.rfind(b"</sheetData")
    if first < 0 or content.find(b":sheetData", 0, first) >= 0 or (b"!" in content and b"<!" in content):
        return False
    if last < first:
        return b"<row" not in content and b"hidden" not in content
    if content.find(b"hidden", 0, first) >= 0 or content.find(b"hidden", last) >= 0:
        return False
    if any(_has(content, word, (first, last)) for word in _UNUSUAL):
        return False
    if _LIKE_PREFIXED.search(content, first, last) and _PREFIXED.search(content, first, last):
        return False
    return not _ODD_CELL.search(content, first, last)


def _has(content: bytes, word: bytes, within: tuple[int, int]) -> bool:
    """Whether a word is there; one letter, which cells seldom have, is looked for first, since that is thirty times as fast."""
    return content.find(_UNUSUAL[word], *within) >= 0 and content.find(word, *within) >= 0


def scan_sheet(content: bytes) -> Scan:
    """Everything about a sheet, element by element, as an XML parser and not a pattern understands it.

    Raises:
        OddSheetError: It is no XML, an address is none, or there is no end of its elements.
    """
    scanner = _Scanner()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = scanner.start
    parser.EndElementHandler = scanner.end
    parser.CharacterDataHandler = scanner.text
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise OddSheetError(f"its XML is broken ({error})") from error
    return Scan(
        scanner.rows,
        scanner.columns,
        scanner.formulas,
        frozenset(scanner.hidden_rows),
        frozenset(scanner.hidden_columns),
    )


class _Scanner:
    """Follows the elements of a sheet; a row or cell without an address stands behind the one before."""

    def __init__(self) -> None:
        self.rows = self.columns = self.elements = 0
        self.row = self.column = 0
        self.formulas: dict[tuple[int, str], Formula] = {}
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[str] = set()
        self.among_cells = self.has_cells = False
        self.inside = ""
        self.kind = ""
        self.formula: str | None = None
        self.has_value = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise OddSheetError("it has more cells than any report needs")
        match name:
            case "sheetData":
                self._start_cells()
            case "col" if attributes.get("hidden") in _TRUE:
                self._hide(attributes)
            case _ if not self.among_cells:
                return
            case "row":
                self._start_row(attributes)
            case "c":
                self._start_cell(attributes)
            case "v" | "f" | "is":
                self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)
                self.formula = self.formula or "" if name == "f" else self.formula
                self.inside = name

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name == "sheetData":
            self.among_cells = False
        elif name in ("v", "f", "is"):
            self.inside = ""
        elif name == "c" and self.formula is not None:
            computed = self.has_value or self.kind == "str"
            self.formulas[self.row, letter_of(self.column - 1)] = Formula(f"={self.formula}", computed)

    def text(self, text: str) -> None:
        if self.inside == "v":
            self.has_value = True
        elif self.inside == "f":
            self.formula = (self.formula or "") + text

    def _start_cells(self) -> None:
        if self.has_cells:
            raise OddSheetError("it has two tables of cells, of which readers take different ones")
        self.among_cells = self.has_cells = True

    def _start_row(self, attributes: dict[str, str]) -> None:
        told = attributes.get("r", "")
        if told and not told.isdecimal():
            raise OddSheetError(f"the row number `{told[:20]}` is none")
        self.row, self.column = int(told[:12]) if told else self.row + 1, 0
        self._bound()
        if attributes.get("hidden") in _TRUE:
            self.hidden_rows.add(self.row)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self.kind, self.formula, self.has_value = attributes.get("t", ""), None, False
        if (told := attributes.get("r")) is None:
            self.column += 1
        elif found := _ADDRESS.fullmatch(told):
            self.row, self.column = int(found[2]), index_of(found[1].upper()) + 1
        else:
            raise OddSheetError(f"the cell address `{told[:20]}` is none")
        self._bound()

    def _bound(self) -> None:
        if self.row > MAX_ROW or self.column > MAX_COLUMN:
            raise OddSheetError(
                f"row {self.row:,}, column {self.column:,} lies outside of what a sheet may have"
            )

    def _hide(self, attributes: dict[str, str]) -> None:
        first, last = (int(attributes.get(name, "0")[:6] or 0) for name in ("min", "max"))
        self.hidden_columns.update(letter_of(index) for index in range(max(first, 1) - 1, min(last, 1_000)))
