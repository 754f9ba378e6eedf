"""One sheet's XML to its reach and to what the fast reader passes over: formulas, hidden rows and columns, odd addresses."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from xml.parsers import expat

from cpas.intake.grid import index_of, letter_of
from cpas.intake.percentages import percent_cells

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
MAX_ELEMENTS = 12_000_000

_ADDRESS = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_ODD_CELL = re.compile(rb'<c(?! r="(?:[A-Z]|A[A-Z])[0-9]{1,5}+")')
_ODD_INDEX = re.compile(rb'"s"(?!><v>[0-9]++<)')  # the fast reader takes any other for the first string
_ODD_REFERENCE = re.compile(
    rb"""<v[^<>]*>[^<&]*&|=\s*["'][^"'<&]*+&"""
)  # to a character, in a value or an attribute
_LIKE_PREFIXED = re.compile(rb":(?:c|row|f|v|is)[\s/>]")
_FORMULA = re.compile(rb"<f")
_HIDDEN = re.compile(rb'hidden(?!="(?:0|false)")')  # LibreOffice writes `hidden="false"` for every row
_NUMBERED_ROW = re.compile(rb'<row r="\d+"')
_TRUE = {"1", "true"}
_COLUMNS = 1_000  # of which hidden ones are told
_NAMESPACES = {
    "",
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
}
_BELONGS = {"sheetData": "worksheet", "row": "sheetData", "c": "row", "f": "c", "v": "c", "is": "c"}
_KNOWN = {
    f"{space} {name}".lstrip(): name for space in _NAMESPACES for name in (*_BELONGS, "col", "worksheet")
}


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
    row and letter. `hidden_rows` are numbers, `hidden_columns` letters (of the first 1,000 columns). `values` are
    those that its cells have, or more where only bytes were counted. `percentages` are rows and letters of
    numbers that are shown as such. `has_own_texts` tells of texts that are not among the shared ones. `doubt` says why readers take its cells
    differently, if they do and every element was followed.
    """

    rows: int = 0
    columns: int = 0
    formulas: dict[tuple[int, str], Formula] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[str] = frozenset()
    values: int = 0
    doubt: str = ""
    percentages: tuple[tuple[int, str], ...] = ()
    has_own_texts: bool = False


def look_at_sheet(content: bytes, shown: tuple[bytes, ...] = ()) -> Scan:
    """What `scan_sheet` finds, at a fraction of its cost where the cells are spelt the way that spreadsheet programs spell them.

    Of such a sheet only formulas and hidden rows, and what stands around the cells, are followed element by
    element; bytes are looked through some twenty times faster. Where that may miss anything, all is followed. `rows`
    and `columns` may then be less than the sheet has, all of whose cells are left of BA and above row 100,000.

    Args:
        content: The part of the archive.
        shown: The numbers of the styles that show percentages.

    Raises:
        OddSheetError: It is no XML, an address is none, or there is no end of its elements.
    """
    within = _plain_cells(content)
    kept = _unusual(content, within) if within else None
    if within is None or kept is None:
        return scan_sheet(content, shown)
    try:
        scan = scan_sheet(b"".join((content[: within[0]], b"<row>", *kept, b"</row>", content[within[1] :])))
    except OddSheetError:
        return scan_sheet(content, shown)
    # each value has two letters v in its tags
    values = content.count(b"v", *within) // 2
    own = content.count(b"<is", *within) if _has(content, b"<is", b"i", within) else 0
    return replace(
        scan,
        values=values + own,
        doubt="",
        percentages=percent_cells(content, shown),
        has_own_texts=scan.has_own_texts or own > 0,
    )


def _plain_cells(content: bytes) -> tuple[int, int] | None:
    """From where to where a sheet has its cells, if each is spelt `<c r="A1"`, left of BA and above row 100,000, and all is elements and text."""
    first, last = content.find(b"<sheetData"), content.rfind(b"</sheetData")
    begin = content.find(b">", first) + 1
    if not 0 <= first < begin <= last or content.find(b":sheetData", 0, first) >= 0:
        return None
    if (b"!" in content and b"<!" in content) or _has(content, b"<?", b"?", (begin, last)):
        return None
    odd = ((b"sheetData", b"h"), (b"xmlns", b"m"), (b"'s'", b"'"))
    if any(_has(content, word, letter, (begin, last)) for word, letter in odd):
        return None
    if _has(content, b"&#", b"&", (begin, last)) and _ODD_REFERENCE.search(content, begin, last):
        return None
    if content.find(b":", begin, last) >= 0 and _LIKE_PREFIXED.search(content, begin, last):
        return None
    is_odd = _ODD_CELL.search(content, begin, last) or _ODD_INDEX.search(content, begin, last)
    return None if is_odd else (begin, last)


def _has(content: bytes, word: bytes, letter: bytes, within: tuple[int, int]) -> bool:
    """Whether a word is there; a letter of it that cells seldom have is looked for first, since that is thirty times as fast."""
    return content.find(letter, *within) >= 0 and content.find(word, *within) >= 0


def _unusual(content: bytes, within: tuple[int, int]) -> list[bytes] | None:
    """The cells that have formulas, and the tags of rows that are hidden, among plain cells; None where these cannot be told apart.

    Neither text nor a value of an attribute has `<` in it, and there is nothing else: so a `<` begins a tag.
    """
    kept: list[bytes] = []
    begin, last = within
    done = begin
    for found in _FORMULA.finditer(content, *within) if _has(content, b"<f", b"f", within) else ():
        start, end = content.rfind(b"<c ", done, found.start()), content.find(b"</c>", found.start(), last)
        if start < 0 or end < 0:
            return None
        done = end + 4
        kept.append(content[start:done])
    done = begin
    for found in _HIDDEN.finditer(content, *within) if _has(content, b"hidden", b"d", within) else ():
        start, done = content.rfind(b"<", done, found.start()), found.start()
        if start >= 0 and content.startswith(b"<row", start):
            end = content.find(b">", done, last)
            if end < 0 or not _NUMBERED_ROW.match(content, start):
                return None
            kept.append(b"</row>" + content[start:end].rstrip(b"/") + b">")
    return kept


def scan_sheet(content: bytes, shown: tuple[bytes, ...] = ()) -> Scan:
    """Everything about a sheet, element by element, as an XML parser and not a pattern understands it.

    Args:
        content: The part of the archive.
        shown: The numbers of the styles that show percentages.

    Raises:
        OddSheetError: It is no XML, an address is none, or there is no end of its elements.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    scanner = _Scanner(content, parser, {int(one) for one in shown})
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
        scanner.values,
        scanner.doubt,
        tuple(scanner.percentages),
        scanner.has_own_texts,
    )


class _Scanner:
    """Follows the elements of a sheet; a row or cell without an address stands behind the one before."""

    def __init__(self, content: bytes, parser: expat.XMLParserType, shown: Collection[int]) -> None:
        self.content, self.parser, self.shown = content, parser, shown
        self.rows = self.columns = self.elements = self.values = 0
        self.row = self.column = 0
        self.formulas: dict[tuple[int, str], Formula] = {}
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[str] = set()
        self.filled: dict[int, int] = {}
        self.percentages: list[tuple[int, str]] = []
        self.among_cells = self.has_cells = False
        self.within: list[str] = []
        self.kind = self.doubt = self.value = ""
        self.begin = 0
        self.formula: str | None = None
        self.has_value = self.is_shown = self.has_own_texts = False
        self.held: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise OddSheetError("it has more cells than any report needs")
        known = _KNOWN.get(name) or self._local(name)
        above = self.within[-1] if self.within else ""
        self.within.append(known)
        if known == "sheetData":
            self._start_cells()
        elif known == "col" and attributes.get("hidden") in _TRUE:
            self._hide(attributes)
        if not self.among_cells or known not in _BELONGS:
            return
        if above != _BELONGS[known]:
            self._doubt(f"a `{known}` stands where some programs look for none")
        if known == "c":
            self._start_cell(attributes)
        elif known == "row":
            self._start_row(attributes)
        elif known != "sheetData":
            self._start_content(known)

    def end(self, _: str) -> None:
        name = self.within.pop()
        if name == "v":
            if self.among_cells:
                self._end_value()
        elif name == "sheetData":
            self.among_cells = False
        elif name == "c" and self.formula is not None:
            computed = self.has_value or self.kind == "str"
            self.formulas[self.row, letter_of(self.column - 1)] = Formula(f"={self.formula}", computed)

    def text(self, text: str) -> None:
        inside = self.within[-1] if self.among_cells else ""
        if inside == "v":
            self.has_value = True
            self.value += text
        elif inside == "f":
            self.formula = (self.formula or "") + text

    def _local(self, name: str) -> str:
        local = name.rpartition(" ")[2]
        if self.among_cells and local in _BELONGS:
            self._doubt(f"a `{local}` stands where some programs look for none")
        return local

    def _doubt(self, why: str) -> None:
        self.doubt = self.doubt or why

    def _address(self) -> str:
        return f"{letter_of(self.column - 1)}{self.row}"

    def _start_content(self, name: str) -> None:
        """Of a cell: a formula, if it has one, and then its value."""
        self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)
        if not self.held:
            columns = self.filled.get(self.row, 0)
            if columns >> self.column & 1:
                self._doubt(
                    f"the cell {self._address()} stands in it twice, and programs show different ones"
                )
            self.filled[self.row] = columns | 1 << self.column
        if self.held and (name == "f" or self.held != ["f"]):
            self._doubt(f"the cell {self._address()} has two values, and programs show different ones")
        self.held.append(name)
        if name == "f":
            self.formula = self.formula or ""
        else:
            self.values += 1
            self.has_own_texts |= name == "is" or self.kind == "str"
            self.value, self.begin = "", self.parser.CurrentByteIndex
            if self.is_shown and self.kind in ("", "n"):
                self.percentages.append((self.row, letter_of(self.column - 1)))

    def _end_value(self) -> None:
        """What stands between a number's digits, and an index that is none, the fast reader drops or takes for another."""
        written = self.content[self.begin : self.parser.CurrentByteIndex]
        is_odd = b"<" in written[1:] or (b"&" in written and self.kind != "str")
        if is_odd or (
            self.kind == "s" and self.value and not (self.value.isascii() and self.value.isdecimal())
        ):
            self._doubt(
                f"the value of the cell {self._address()} is written so that programs show different ones"
            )

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
        self.kind, self.formula, self.has_value, self.held = attributes.get("t", ""), None, False, []
        style = attributes.get("s", "") if self.shown else ""
        self.is_shown = style.isdecimal() and int(style[:9]) in self.shown
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
        if len(self.hidden_columns) < _COLUMNS:
            self.hidden_columns.update(
                letter_of(index) for index in range(max(first, 1) - 1, min(last, _COLUMNS))
            )
