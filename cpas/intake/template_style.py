"""How templates and annotated returns look: colours, fonts and the one way text is put into a cell."""

from __future__ import annotations

import re
from copy import copy
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

INK, BLUE, STEEL, PALE, GREY, LINE = "1F2933", "1F4E79", "6C8EAD", "DDEBF7", "F2F4F7", "C9D1DA"
RED, AMBER, NOTE = "F8C9C4", "FFE699", "D6E4F0"
SEVERITY_FILLS = {"error": RED, "warning": AMBER, "note": NOTE}

FONT = "Calibri"
TITLE = Font(name=FONT, size=16, bold=True, color=BLUE)
HEADING = Font(name=FONT, size=13, bold=True, color=BLUE)
STEP = Font(name=FONT, size=11, bold=True, color=BLUE)
SUBTITLE = Font(name=FONT, size=11, color="52606D")
PLAIN = Font(name=FONT, size=11, color=INK)
BOLD = Font(name=FONT, size=11, bold=True, color=INK)
SMALL = Font(name=FONT, size=9, italic=True, color="52606D")
HEAD = Font(name=FONT, size=11, bold=True, color="FFFFFF")
LINK = Font(name=FONT, size=11, underline="single", color="0B5394")
WRAP = Alignment(wrap_text=True, vertical="top")
LEFT = Alignment(wrap_text=True, vertical="top", horizontal="left")
LOW = Alignment(wrap_text=True, vertical="bottom")
_PAPER = 180  # characters on a page that can still be read
OPEN, SHUT = Protection(locked=False), Protection(locked=True)
_SIDE = Side(style="thin", color=LINE)
BOX = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)

_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


_Look = tuple[tuple[str, int], ...]
# openpyxl looks each style up by hashing all of it, for every cell; the looks themselves are kept, so that their ids stay theirs
_KNOWN: WeakKeyDictionary[Workbook, dict[_Look, tuple[StyleArray, tuple[Any, ...]]]] = WeakKeyDictionary()


@cache
def fill(colour: str) -> PatternFill:
    """A solid fill."""
    return PatternFill("solid", fgColor=colour)


def conditional(colour: str) -> DifferentialStyle:
    """The fill of a conditional format, which wants its colour the other way round."""
    return DifferentialStyle(fill=PatternFill("solid", bgColor=colour))


def writable(text: str) -> str:
    r"""A text as a workbook can hold it: XML knows no control characters, and each becomes the sign for one that is lost.

    >>> writable("Gao\x01")
    'Gao�'
    """
    return _UNWRITABLE.sub("\ufffd", text)


def put(sheet: Worksheet, where: tuple[int, int], value: Any, **style: Any) -> Cell:
    """Write a value into a cell (row, column, from 1); text stays text, also where it looks like a formula."""
    cell = sheet.cell(*where)
    if not isinstance(cell, Cell):  # one of a merged range that is not its first
        raise TypeError(f"{sheet.title}!{cell.coordinate} is merged")
    cell.value = writable(value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"
    if style:
        dress(cell, **style)
    return cell


def dress(cell: Any, **style: Any) -> None:
    """Give a cell its looks; another of the same workbook and looks takes them over from the first, as openpyxl copies cells."""
    known = _KNOWN.setdefault(cell.parent.parent, {})
    key = tuple((name, id(look)) for name, look in style.items())
    if key in known and not cell.has_style:
        cell._style = copy(known[key][0])  # noqa: SLF001  # openpyxl has no other way to copy a style
        return
    is_bare = not cell.has_style
    for name, look in style.items():
        setattr(cell, name, look)
    if is_bare:
        known[key] = copy(cell._style), tuple(style.values())  # noqa: SLF001


def height(*texts: tuple[Any, float]) -> float:
    """How high a row must be, in points, for wrapped texts in columns of so many characters."""
    lines = max(
        sum(-(-len(line) // int(wide * 0.95)) or 1 for line in str(text or "").split("\n"))
        for text, wide in texts
    )
    return 4 + 15 * lines


def page(sheet: Worksheet, footer: tuple[str, str, str]) -> None:
    """Landscape pages with a footer on the left, in the middle and on the right; a wide table takes several."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    widths = sum(dimension.width for dimension in sheet.column_dimensions.values())
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = max(1, round(widths / _PAPER)), 0
    sheet.page_margins = PageMargins(0.4, 0.4, 0.5, 0.6)
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.oddFooter = HeaderFooterItem()
    parts = (sheet.oddFooter.left, sheet.oddFooter.center, sheet.oddFooter.right)
    for part, text in zip(parts, footer, strict=True):
        part.text = text
    sheet.sheet_view.showGridLines = False


def lock(sheet: Worksheet) -> None:
    """Protect a sheet's structure without a password; columns and rows may still be sized, rows sorted."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    sheet.protection.sort = sheet.protection.autoFilter = False
