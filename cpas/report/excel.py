"""The report as a workbook: contents, a sheet per part with live cells and native charts, and the chart data."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from cpas.fixed_zip import fix_zip
from cpas.report.blocks import Chart, Document, Part
from cpas.report.excel_blocks import ACROSS, Book, Page, column_widths, write_block
from cpas.report.excel_cells import add_styles, cell_at, put_text
from cpas.report.texts import Texts
from cpas.report.theme import Theme

LARGE = 12  # rows from which a table is filtered, and its head stays in sight and is printed on every page
FOOTER = 200  # characters of a header or footer; Excel takes 255 with its codes


def render_xlsx(document: Document, theme: Theme, texts: Texts) -> bytes:
    """The report as an Excel workbook; the same document gives the same bytes.

    Small lines in tables are left out, since the charts are there; a map becomes a table by area.

    Raises:
        RenderError: A text is missing, or a sentence names a value that it was not given.
    """
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    add_styles(workbook, theme)
    workbook.properties.title = document.title
    workbook.properties.creator = document.mission
    workbook.properties.language = document.language
    titles = [
        texts["workbook.contents"],
        *(part.sheet or part.title for part in document.parts),
        texts["workbook.data"],
    ]
    names = sheet_names(titles)
    contents, *sheets, data = [workbook.create_sheet(name) for name in names]
    book = Book(workbook, theme, texts, data)
    for part, sheet in zip(document.parts, sheets, strict=True):
        book.anchors[part.id] = (sheet.title, 1)
        _write_part(book, document, part, sheet)
    has_charts = any(isinstance(block, Chart) for part in document.parts for block in part.blocks)
    if has_charts:
        _set_data(data, document, texts)
    else:
        workbook.remove(data)
    _write_contents(book, document, contents, has_charts)
    for cell, anchor in book.links:
        if anchor in book.anchors:
            name, row = book.anchors[anchor]
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{name}'!A{row}")
    stream = BytesIO()
    workbook.save(stream)
    return fix_zip(stream.getvalue())


def sheet_names(wanted: list[str]) -> list[str]:
    r"""Names that Excel takes, told apart: at most 31 characters, none of `[]:*?/\'`, not `History`.

    >>> sheet_names(["Budget 2018/19", "budget 2018:19", "History"])
    ['Budget 2018 19', 'budget 2018 19 2', 'History_']
    """
    names: list[str] = []
    for name in wanted:
        clean = re.sub(r"[\[\]:*?/\\'\x00-\x1f]+", " ", name).strip()[:31].strip() or "Sheet"
        clean = f"{clean}_" if clean.casefold() == "history" else clean
        number, unique = 2, clean
        while unique.casefold() in {taken.casefold() for taken in names}:
            unique = f"{clean[: 30 - len(str(number))].strip()} {number}"
            number += 1
        names.append(unique)
    return names


def _write_part(book: Book, document: Document, part: Part, sheet: Worksheet) -> None:
    texts = book.texts
    page = Page(book, sheet, column_widths(part.blocks, texts))
    for index, width in enumerate(page.widths, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    put_text(page.cell(), part.title, "title", texts)
    page.row = 2
    line = (texts.marking(document.marking), document.mission, document.period, *document.notices)
    put_text(page.cell(), " · ".join(line), "marking", texts)
    page.row = 3
    put_text(page.cell(), texts["page.back"], "link", texts)
    book.links.append((page.cell(), "_contents"))
    page.row = 5
    for block in part.blocks:
        write_block(page, block)
    table = page.largest
    large = table.last - table.head >= LARGE
    if large:
        sheet.auto_filter.ref = f"A{table.head}:{get_column_letter(table.columns)}{table.last}"
    near = large and table.head <= LARGE
    sheet.freeze_panes = f"B{table.head + 1}" if near else "A2"
    _set_page(sheet, document, texts, table.head if near else 1)
    sheet.print_area = f"A1:{get_column_letter(len(page.widths))}{page.row}"


def _write_contents(book: Book, document: Document, sheet: Worksheet, has_charts: bool) -> None:
    texts = book.texts
    sheet.column_dimensions["A"].width = ACROSS
    book.anchors["_contents"] = (sheet.title, 1)
    book.anchors["_data"] = (book.data.title, 1)
    lines = [
        (texts.marking(document.marking), "marking", ""),
        (document.mission, "strong", ""),
        (document.title, "title", ""),
        (document.period, "heading 3", ""),
        (document.subtitle, "text", ""),
        *((notice, "marking", "") for notice in document.notices),
        ("", "text", ""),
        (texts["workbook.contents"], "heading 3", ""),
        *((part.title, "link", part.id) for part in document.parts),
        *([(book.data.title, "link", "_data")] if has_charts else []),
        ("", "text", ""),
        *((line, "small", "") for line in document.imprint),
    ]
    for row, (text, style, link) in enumerate(lines, start=1):
        put_text(cell_at(sheet, row, 1), text, style, texts)
        if link:
            book.links.append((cell_at(sheet, row, 1), link))
    sheet.freeze_panes = "A2"
    _set_page(sheet, document, texts, 1)
    sheet.print_area = f"A1:A{len(lines)}"


def _set_data(sheet: Worksheet, document: Document, texts: Texts) -> None:
    sheet.column_dimensions["A"].width = 34
    for column in range(2, sheet.max_column + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 20
    sheet.freeze_panes = "B1"
    _set_page(sheet, document, texts, 0)


def _set_page(sheet: Worksheet, document: Document, texts: Texts, repeated: int) -> None:
    """A4 on its side, as wide as the page, marking and notices on every page; `repeated` is the row on top of each."""
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.5, right=0.5, top=0.75, bottom=0.75)
    if repeated:
        sheet.print_title_rows = f"{repeated}:{repeated}"
    marking = _footer(texts.marking(document.marking))
    notices = _footer(" · ".join(document.notices))
    page = texts.say("page.of", page="&P", pages="&N")
    parts: Any = sheet.HeaderFooter
    header, footer = parts.oddHeader, parts.oddFooter
    for line, three in (
        (header, (_footer(document.title), marking, _footer(document.period))),
        (footer, (notices, marking, page)),
    ):
        for place, text in zip((line.left, line.center, line.right), three, strict=True):
            place.text = text


def _footer(text: str) -> str:
    """A text as Excel takes it in a header or footer, where `&` begins a code."""
    return text.replace("&", "&&")[: FOOTER // 3]
