"""Cells of a workbook: named styles from the theme, number formats, and text that is never a formula."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, cast

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from cpas.report.blocks import Bound
from cpas.report.numbers import DECIMALS
from cpas.report.texts import Texts, in_cell, readable
from cpas.report.theme import Theme

LONGEST = 32_767  # characters that a cell of Excel can hold
HEIGHTS = {"title": 27.0, "heading 3": 20.0}  # points that a row of large letters needs


ALIGNMENTS = {
    "top": Alignment(vertical="top"),
    "wrapped": Alignment(vertical="top", wrap_text=True),
    "inset": Alignment("left", "top", wrap_text=True, indent=1),
    "right": Alignment("right", "top"),
    "low": Alignment(vertical="bottom", wrap_text=True),
    "low inset": Alignment("left", "bottom", wrap_text=True, indent=1),
    "low right": Alignment("right", "bottom", wrap_text=True),
    "right wrapped": Alignment("right", "top", wrap_text=True),
}


def add_styles(book: Workbook, theme: Theme) -> None:
    """Put the theme's named styles, all of which begin with `cpas`, into the workbook."""
    plain, under = Border(), Border(bottom=Side("thin", theme.rule[1:]))
    framed = Border(top=Side("thin", theme.ink[1:]), bottom=Side("thin", theme.ink[1:]))

    def add(name: str, align: str, border: Border = plain, fill: str = "", **font: Any) -> None:
        letters = {"sz": 10, "color": theme.ink[1:], **font}
        style = NamedStyle(f"cpas {name}", Font(theme.office_font, **letters), alignment=ALIGNMENTS[align])
        style.border = border
        if fill:
            style.fill = PatternFill("solid", fgColor=fill[1:])
        book.add_named_style(style)

    muted, accent = theme.muted[1:], theme.accent[1:]
    add("title", "top", sz=18, b=True)
    add("heading 3", "top", sz=13, b=True)
    add("heading 4", "top", sz=11, b=True)
    add("lead", "wrapped", sz=12)
    add("text", "wrapped", sz=11)
    add("strong", "wrapped", sz=11, b=True)
    add("small", "wrapped", sz=9, color=muted)
    add("marking", "top", b=True)
    add("link", "top", color=accent, u="single")
    add("caption", "top", sz=11, b=True)
    add("note", "wrapped", fill=theme.tint)
    add("head label", "low", framed, b=True)
    add("head", "low inset", framed, b=True)
    add("head number", "low right", framed, b=True)
    add("group", "top", under, b=True, color=accent)
    add("label", "wrapped", under)
    add("cell", "inset", under)
    add("number", "right", under)
    add("words", "right wrapped", under)
    add("missing", "right", under, i=True, color=muted)
    add("total", "wrapped", framed, b=True)
    add("total number", "right", framed, b=True)
    for name, tone in theme.tones.items():
        fill = "" if tone.fill == theme.paper else tone.fill
        add(f"tone {name}", "inset", under, fill, b=True, color=tone.ink[1:])


def cell_at(sheet: Worksheet, row: int, column: int) -> Cell:
    """The cell; nothing is ever written into the covered part of merged cells."""
    return cast("Cell", sheet.cell(row, column))


def put_text(cell: Cell, text: str, style: str, texts: Texts) -> None:
    """Write text as text, whatever it looks like; what no cell can hold is cut, and the cut is said."""
    text = readable(text)
    # Excel reads _x0041_ as the letter A unless its first underscore is itself written so.
    text = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    if len(text) > LONGEST:
        cut = texts["workbook.cut"]
        text = text[: LONGEST - len(cut)] + cut
    cell.value = text
    cell.data_type = "s"
    cell.style = f"cpas {style}"
    if style in HEIGHTS:
        sheet = cast("Worksheet", cell.parent)
        sheet.row_dimensions[cell.row].height = HEIGHTS[style]
    if text[:1] in ("=", "+", "-", "@"):
        cell.quotePrefix = True


def put_bound(
    cell: Cell, bound: Bound, theme: Theme, texts: Texts, total: bool = False, sign: bool = True
) -> None:
    """Write a bound value live: a number as a number, a date as a date; a gap as its word."""
    word = bound.value if bound.kind == "status" else None
    if isinstance(word, str):
        tone = theme.tone(word)
        put_text(cell, f"{theme.tones[tone].sign} {in_cell(bound, texts)}", f"tone {tone}", texts)
    elif bound.number is not None:
        cell.value = bound.number
        cell.style = "cpas total number" if total else "cpas number"
        cell.number_format = number_format(bound, texts, sign)
    elif type(bound.value) is date:
        cell.value = bound.value
        cell.style = "cpas number"
        cell.number_format = "[$-809]d mmmm yyyy" if texts.language == "en" else "[$-40C]d mmmm yyyy"
    elif bound.value is None:
        put_text(cell, in_cell(bound, texts), "missing", texts)
    else:
        style = "total" if total else "label" if cell.column == 1 else "words" if bound.key else "cell"
        put_text(cell, told(bound, texts), style, texts)


def told(bound: Bound, texts: Texts) -> str:
    """A value that is no number, and that it is partial where it is."""
    text = in_cell(bound, texts)
    return f"{text} ({texts['status.partial']})" if bound.status == "partial" else text


def number_format(bound: Bound, texts: Texts, sign: bool = True) -> str:
    """How a live number shows: negatives in parentheses, nil money as an em dash.

    The separators are those of the reader's Excel. A qualifier and the word for what is partial are
    part of the format, so that the number stays a number.
    """
    decimals = DECIMALS[bound.kind] if bound.decimals is None else bound.decimals
    figures = "#,##0" + ("." + "0" * decimals if decimals else "")
    if bound.kind == "percentage" and sign:
        figures += '"%"' if texts.language == "en" else '"\u00a0%"'
    zero = '"—"' if bound.kind in ("amount", "thousands") else figures
    before, after = "", ""
    if bound.qualifier:
        before, _, after = texts[f"qualifier.{bound.qualifier}"].partition("{value}")
    if bound.status == "partial":
        after += f" ({texts['status.partial']})"
    room = "_)"  # as wide as a parenthesis, so that digits stand under digits
    shown = (figures + room, f"({figures})", zero + room)
    return ";".join(f"{_literal(before)}{each}{_literal(after)}" for each in shown)


def is_number(kind: str) -> bool:
    """Whether values of a column's kind stand to the right."""
    return kind in DECIMALS or kind == "date"


def _literal(text: str) -> str:
    return '"' + text.replace('"', "'") + '"' if text else ""
