"""Blocks written down a sheet of the workbook, one below the other; knows no workbook settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
from openpyxl.drawing.xdr import XDRPositiveSize2D
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from cpas.report.blocks import (
    Block,
    Bound,
    Chart,
    Diagram,
    Finding,
    Heading,
    KeyFigures,
    Map,
    Note,
    Paragraph,
    Row,
    Spark,
    Table,
)
from cpas.report.excel_cells import cell_at, is_number, put_bound, put_text, told
from cpas.report.excel_charts import HEIGHT, WIDTHS, native_chart, write_data
from cpas.report.tabular import as_table, shown_columns
from cpas.report.texts import Texts, bind, in_cell, prose_text
from cpas.report.theme import Theme

ACROSS = 124  # characters that running text takes, about the width of a page turned on its side
LINE = 15.0  # points
PAPER = (760.0, 440.0)  # points that A4 on its side leaves between its margins, with something to spare
CHARACTER = 0.19  # cm of a column's width
EMU = 360_000  # drawing units in a centimetre


@dataclass(slots=True)
class Book:
    """The workbook as it grows: where anchors are, what is linked to them, and the sheet of chart data."""

    workbook: Workbook
    theme: Theme
    texts: Texts
    data: Worksheet
    data_row: int = 1
    anchors: dict[str, tuple[str, int]] = field(default_factory=dict)
    links: list[tuple[Cell, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a table stands on its sheet: rows of its head and of its last line, and how many columns."""

    head: int = 0
    last: int = 0
    columns: int = 0


@dataclass(slots=True)
class Page:
    """A sheet as it grows, row by row; `widths` are its columns' in characters."""

    book: Book
    sheet: Worksheet
    widths: list[int]
    row: int = 1
    largest: Extent = Extent()
    beside: int = 0  # the row of a chart of half width with room at its right
    top: int = 1  # the first row of the printed page

    def cell(self, column: int = 1) -> Cell:
        """The cell of a column in the row that is being written."""
        return cell_at(self.sheet, self.row, column)

    def keep(self, points: float) -> None:
        """Begin a new printed page where the next so many points would not fit on this one."""
        room = PAPER[1] * max(1.0, sum(self.widths) * CHARACTER * 72 / 2.54 / PAPER[0])
        heights = (self.sheet.row_dimensions[row].height or LINE for row in range(self.top, self.row))
        if sum(heights) % room + points > room:
            self.sheet.row_breaks.append(Break(id=self.row - 1))
            self.top = self.row


def column_widths(blocks: tuple[Block, ...], texts: Texts) -> list[int]:
    """The widths that all tables of a sheet ask for, and columns enough for running text."""
    widths = [34]
    for block in blocks:
        table = as_table(block, texts)
        for index, column in enumerate(shown_columns(table)) if table else ():
            widths += [0] * (index + 1 - len(widths))
            widths[index] = max(widths[index], min(column.width, 60), 11)
    while sum(widths) < ACROSS:
        widths.append(14)
    return widths


def write_block(page: Page, block: Block) -> None:
    """Write a block from the page's row on, and leave the page at the row after it."""
    texts = page.book.texts
    if not isinstance(block, Chart):
        page.beside = 0
    match block:
        case Heading():
            page.row += 1
            page.keep(LINE * 8)
            _anchor(page, block.anchor)
            put_text(page.cell(), block.text, f"heading {block.level}", texts)
            page.row += 1
        case Paragraph():
            _write_words(page, prose_text(block.text, texts), "lead" if block.role == "lead" else "text")
            page.row += 1
        case Note():
            _write_words(page, texts.pair(texts[f"note.{block.role}"], prose_text(block.text, texts)), "note")
            page.row += 1
        case Finding():
            _write_finding(page, block)
        case Chart():
            _write_chart(page, block)
        case KeyFigures() | Table() | Map() | Diagram():
            table = as_table(block, texts)
            if table is not None:
                _write_table(page, table)
            if isinstance(block, Map):
                page.row -= 1
                _write_words(page, texts["map.disclaimer"], "small")
                page.row += 1


def _anchor(page: Page, anchor: str) -> None:
    if anchor:
        page.book.anchors[anchor] = (page.sheet.title, page.row)


def _write_words(page: Page, text: str, style: str) -> None:
    """Running text over all columns, in a row high enough for it."""
    _merge(page, 1)
    put_text(page.cell(), text, style, page.book.texts)
    letters = sum(page.widths) * (0.86 if style == "lead" else 0.94)
    _set_height(page, _lines(text, letters), LINE * (1.15 if style == "lead" else 1.0))
    page.row += 1


def _merge(page: Page, column: int) -> None:
    """One cell from a column to the last; merged before it is styled, since openpyxl adds a style's borders to each cell."""
    page.sheet.merge_cells(
        start_row=page.row, end_row=page.row, start_column=column, end_column=len(page.widths)
    )


def _write_finding(page: Page, block: Finding) -> None:
    texts, theme = page.book.texts, page.book.theme
    if block.direction:
        put_bound(page.cell(), Bound(block.direction, "status"), theme, texts)
    severity = 2 if block.direction else 1
    _merge(page, severity)
    put_text(
        page.cell(severity),
        texts.pair(
            texts["finding.extent" if block.direction else "finding.severity"],
            texts[f"status.{block.severity}"],
        ),
        "small",
        texts,
    )
    page.row += 1
    if block.link:
        page.book.links.append((page.cell(), block.link))
    _write_words(page, prose_text(block.statement, texts), "strong")
    for evidence in block.evidence:
        _write_words(page, f"• {prose_text(evidence, texts)}", "text")
    page.row += 1


def _write_table(page: Page, table: Table) -> None:
    texts = page.book.texts
    page.keep(LINE * min(len(table.rows) + 4, 10))
    _anchor(page, table.anchor)
    if table.title:
        put_text(page.cell(), table.title, "caption", texts)
        page.row += 1
    head, shown = page.row, shown_columns(table)
    heads = [f"{column.label}\n{column.unit}" if column.unit else column.label for column in shown]
    for index, (column, text) in enumerate(zip(shown, heads, strict=True), start=1):
        style = "head number" if is_number(column.kind) else "head label" if index == 1 else "head"
        put_text(page.cell(index), text, style, texts)
    _set_height(page, max(_lines(text, page.widths[index] * 0.9) for index, text in enumerate(heads)))
    page.row += 1
    last = head
    for row in table.rows:
        _write_row(page, table, row)
        last = page.row if row.role == "body" else last
        page.row += 1
    if last - head > page.largest.last - page.largest.head:
        page.largest = Extent(head, last, len(shown))
    for note in table.notes:
        _write_words(page, prose_text(note, texts), "small")
    page.row += 1


def _write_row(page: Page, table: Table, row: Row) -> None:
    texts, total = page.book.texts, row.role in ("total", "subtotal")
    _anchor(page, row.anchor)
    if row.role == "group":
        heading = bind(row.cells[0], table.columns[0])
        put_text(page.cell(), in_cell(heading, texts) if isinstance(heading, Bound) else "", "group", texts)
        for index in range(2, len(shown_columns(table)) + 1):
            page.cell(index).style = "cpas group"
        return
    column_index, lines = 0, 1
    for cell, column in zip(row.cells, table.columns, strict=True):
        if column.kind == "spark":
            continue
        column_index += 1
        bound = bind(cell, column)
        if isinstance(bound, Spark):
            continue
        put_bound(page.cell(column_index), bound, page.book.theme, texts, total, sign=not column.unit)
        if isinstance(bound.value, str):
            lines = max(lines, _lines(told(bound, texts), page.widths[column_index - 1] * 0.95))
    _set_height(page, lines)
    if row.link:
        page.book.links.append((page.cell(), row.link))


def _write_chart(page: Page, block: Chart) -> None:
    """A native chart; two of half width that follow each other stand side by side, their words below."""
    book, tall = page.book, ceil(HEIGHT / (LINE * 2.54 / 72)) + 1
    right = block.width == "half" and page.beside > 0
    if not right:
        page.keep(LINE * (tall + 5))
    at = page.beside if right else page.row
    _anchor(page, block.anchor)
    chart: Any = native_chart(book.data, book.data_row, block, book.theme)
    offset = WIDTHS["half"] + 0.4 if right else 0.0
    chart.anchor = _placed(page, at, offset, (chart.width, chart.height))
    page.sheet.add_chart(chart)
    if not right:
        page.row += tall
    words = [
        block.alt,
        *(f"{book.texts.pair(line.label, in_cell(line.value, book.texts))}." for line in block.lines),
    ]
    words += [
        book.texts.say("chart.break_at", label=gap.label, reason=prose_text(gap.reason, book.texts))
        for gap in block.breaks
    ]
    words += [prose_text(block.note, book.texts)] if block.note else []
    _write_words(page, book.texts.pair(block.title, " ".join(words)), "small")
    put_text(page.cell(), book.texts["workbook.to_data"], "link", book.texts)
    location = f"'{book.data.title}'!A{book.data_row}"
    page.cell().hyperlink = Hyperlink(ref=page.cell().coordinate, location=location)
    page.row += 1 if block.width == "half" and not right else 2
    book.data_row = write_data(book.data, book.data_row, block, book.theme, book.texts)
    page.beside = at if block.width == "half" and not right else 0


def _placed(page: Page, row: int, offset: float, size: tuple[float, float]) -> OneCellAnchor:
    """An anchor so many centimetres from the left edge; an offset beyond its column's width would be cut."""
    column = 0
    while column < len(page.widths) - 1 and offset >= page.widths[column] * CHARACTER:
        offset -= page.widths[column] * CHARACTER
        column += 1
    marker = AnchorMarker(col=column, colOff=round(offset * EMU), row=row - 1, rowOff=EMU // 10)
    return OneCellAnchor(_from=marker, ext=XDRPositiveSize2D(round(size[0] * EMU), round(size[1] * EMU)))


def _lines(text: str, across: float) -> int:
    """How many lines a text takes in so many characters."""
    return sum(max(1, ceil(len(line) / max(across, 1))) for line in text.split("\n"))


def _set_height(page: Page, lines: int, line: float = LINE) -> None:
    """Excel does not find the height of merged cells itself; 409 points is the most a row can have."""
    if lines > 1:
        page.sheet.row_dimensions[page.row].height = min(lines * line, 409.0)
