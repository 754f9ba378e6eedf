"""The report as a Word document, which its readers edit; the only door to python-docx."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import docx
from docx.document import Document as Word
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph as WordParagraph

from cpas.fixed_zip import fix_zip
from cpas.report.blocks import (
    Block,
    Bound,
    Chart,
    Column,
    Diagram,
    Document,
    Finding,
    Heading,
    KeyFigures,
    Map,
    Note,
    Paragraph,
    Part,
    Row,
    Spark,
    Table,
)
from cpas.report.charts import render_picture
from cpas.report.numbers import DECIMALS
from cpas.report.tabular import as_table, shown_columns, table_behind
from cpas.report.texts import Texts, bind, in_cell, prose_text, readable
from cpas.report.theme import Theme

PAPER = (210, 297)  # mm, A4
MARGIN = 20
UPRIGHT = 118  # characters across that a page standing upright has room for
LOCALES = {"en": "en-GB", "fr": "fr-FR"}
EPOCH = datetime(1980, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Pen:
    """What is written on, and in which words and colours; `across` is the room of the page in mm."""

    word: Word
    theme: Theme
    texts: Texts
    across: int


def render_docx(document: Document, theme: Theme, texts: Texts) -> bytes:
    """The report as a Word document: real headings, tables whose head repeats, marking and notices on every page.

    A part with a wide table lies on its side. Small lines in tables are left out; a chart is the table of its
    figures, a map a table by area. The same document gives the same bytes.

    Raises:
        RenderError: A text is missing, or a sentence names a value that it was not given.
    """
    word = docx.Document()
    _set_styles(word, theme, texts)
    _set_properties(word, document)
    upright = _Pen(word, theme, texts, PAPER[0] - 2 * MARGIN)
    _turn(word.sections[0], lying=False)
    _write_margins(word, document, texts)
    _write_title(upright, document)
    lies = False
    for part in document.parts:
        wide = _is_wide(part, texts)
        if wide != lies:
            _turn(word.add_section(WD_SECTION.NEW_PAGE), lying=wide)
            lies = wide
        across = PAPER[1 if wide else 0] - 2 * MARGIN
        _write_part(_Pen(word, theme, texts, across), part)
    for line in document.imprint:
        _say(upright, line, "Caption")
    stream = BytesIO()
    word.save(stream)
    return fix_zip(stream.getvalue())


def _is_wide(part: Part, texts: Texts) -> bool:
    tables = [as_table(block, texts) for block in part.blocks]
    return any(table and sum(column.width for column in shown_columns(table)) > UPRIGHT for table in tables)


def _set_properties(word: Word, document: Document) -> None:
    about = word.core_properties
    about.title, about.author, about.language = document.title, document.mission, document.language
    about.last_modified_by, about.comments, about.revision = document.mission, "", 1
    about.created = about.modified = EPOCH


def _set_styles(word: Word, theme: Theme, texts: Texts) -> None:
    sizes = {"Normal": 10, "Title": 20, "Heading 1": 15, "Heading 2": 12, "Heading 3": 10.5, "Caption": 8.5}
    for name, size in sizes.items():
        style: Any = word.styles[name]
        style.font.name, style.font.size = theme.office_font, Pt(size)
        style.font.bold = name.startswith(("Heading", "Title"))
        ink = theme.muted if name == "Caption" else theme.ink
        style.font.color.rgb = RGBColor.from_string(ink[1:].upper())
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(script), None)
    said = _element("w:lang", val=LOCALES[texts.language])
    normal: Any = word.styles["Normal"]
    normal.element.get_or_add_rPr().append(said)
    normal.paragraph_format.space_after = Pt(6)


def _turn(section: Any, *, lying: bool) -> None:
    short, long = (Mm(side) for side in PAPER)
    section.orientation = WD_ORIENT.LANDSCAPE if lying else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if lying else (short, long)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN)


def _write_margins(word: Word, document: Document, texts: Texts) -> None:
    """Marking and notices at the top of every page; mission, report and page at its foot."""
    section = word.sections[0]
    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    for line in (head, foot):
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = head.add_run(readable(" · ".join((texts.marking(document.marking), *document.notices))))
    run.bold = True
    foot.add_run(readable(" · ".join((document.mission, document.title, document.period, ""))))
    before, between, after = texts.say("page.of", page="\0", pages="\0").split("\0")
    foot.add_run(before)
    _add_field(foot, "PAGE")
    foot.add_run(between)
    _add_field(foot, "NUMPAGES")
    foot.add_run(after)


def _add_field(line: WordParagraph, code: str) -> None:
    for kind in ("begin", code, "end"):
        run = line.add_run()
        if kind == code:
            asked = _element("w:instrText")
            asked.text = code
            run._r.append(asked)  # noqa: SLF001  # python-docx has no fields of its own
        else:
            run._r.append(_element("w:fldChar", fldCharType=kind))  # noqa: SLF001


def _write_title(pen: _Pen, document: Document) -> None:
    _say(pen, document.mission, "Normal").runs[0].bold = True
    _say(pen, document.title, "Title")
    _say(pen, document.period, "Heading 2")
    _say(pen, document.subtitle, "Normal")


def _write_part(pen: _Pen, part: Part) -> None:
    _say(pen, part.title, "Heading 1")
    for block in part.blocks:
        _write_block(pen, block)


def _write_block(pen: _Pen, block: Block) -> None:
    texts = pen.texts
    match block:
        case Heading():
            _say(pen, block.text, f"Heading {block.level - 1}")
        case Paragraph():
            _say(pen, prose_text(block.text, texts), "Normal")
        case Note():
            _say_named(pen, texts[f"note.{block.role}"], prose_text(block.text, texts))
        case Finding():
            _say_named(pen, texts[f"status.{block.direction}"], prose_text(block.statement, texts))
            for evidence in block.evidence:
                _say(pen, prose_text(evidence, texts), "List Bullet")
        case Chart():
            _write_chart(pen, block)
        case KeyFigures() | Table() | Map() | Diagram():
            table = as_table(block, texts)
            if table is not None:
                _write_table(pen, table)
            if isinstance(block, Map):
                _say(pen, texts["map.disclaimer"], "Caption")


def _say(pen: _Pen, text: str, style: str) -> WordParagraph:
    return pen.word.add_paragraph(readable(text), style)


def _say_named(pen: _Pen, name: str, text: str) -> None:
    line = pen.word.add_paragraph(style="Normal")
    before, _, after = pen.texts.pair(readable(name), "\0").partition("\0")
    line.add_run(before).bold = True
    line.add_run(readable(text) + after)


def _write_chart(pen: _Pen, chart: Chart) -> None:
    title = _say(pen, chart.title, "Heading 3")
    title.paragraph_format.keep_with_next = True
    _draw_chart(pen, chart)
    for note in (chart.note, *(gap.reason for gap in chart.breaks)):
        if note:
            _say(pen, prose_text(note, pen.texts), "Caption")
    _write_table(pen, table_behind(chart, pen.texts))


def _draw_chart(pen: _Pen, chart: Chart) -> None:
    """The chart as a picture with its alternative text, as large as drawn or as the page has room for."""
    picture, width = render_picture(chart, pen.theme, pen.texts)
    shape = pen.word.add_picture(BytesIO(picture), min(Pt(width), Mm(pen.across)))
    about = shape._inline.docPr  # noqa: SLF001  # python-docx has no words for alternative text
    about.set("title", readable(chart.title))
    about.set("descr", readable(chart.alt))
    pen.word.paragraphs[-1].paragraph_format.keep_with_next = True


def _write_table(pen: _Pen, table: Table) -> None:
    if table.title:
        caption = _say(pen, table.title, "Heading 3")
        caption.paragraph_format.keep_with_next = True
    columns = shown_columns(table)
    grid = pen.word.add_table(rows=0, cols=len(columns))
    grid.autofit = False
    _set_rules(grid, pen.theme)
    widths = [pen.across * column.width / sum(each.width for each in columns) for column in columns]
    for drawn, width in zip(grid.columns, widths, strict=True):
        drawn.width = Mm(round(width, 1))
    head = grid.add_row()
    head._tr.get_or_add_trPr().append(_element("w:tblHeader", val="true"))  # noqa: SLF001
    for cell, column in zip(head.cells, columns, strict=True):
        label = f"{column.label} ({column.unit})" if column.unit else column.label
        _fill(cell, label, bold=True, right=_is_number(column))
    for row in table.rows:
        _write_row(pen, grid, table, row)
    for line in grid.rows:
        line._tr.get_or_add_trPr().append(_element("w:cantSplit", val="true"))  # noqa: SLF001
        for cell, width in zip(line.cells, widths, strict=True):
            cell.width = Mm(round(width, 1))
    for note in table.notes:
        _say(pen, prose_text(note, pen.texts), "Caption")
    pen.word.add_paragraph(style="Normal").paragraph_format.space_after = Pt(2)


def _write_row(pen: _Pen, grid: Any, table: Table, row: Row) -> None:
    cells = grid.add_row().cells
    if row.role == "group":
        heading = bind(row.cells[0], table.columns[0])
        words = in_cell(heading, pen.texts) if isinstance(heading, Bound) else ""
        _fill(cells[0].merge(cells[-1]) if len(cells) > 1 else cells[0], words, bold=True)
        return
    shown = [
        (cell, column)
        for cell, column in zip(row.cells, table.columns, strict=True)
        if column.kind != "spark"
    ]
    for place, (cell, column) in zip(cells, shown, strict=True):
        bound = bind(cell, column)
        if isinstance(bound, Spark):
            continue
        text = in_cell(bound, pen.texts, sign=not column.unit)
        if bound.kind == "status" and isinstance(bound.value, str):
            text = f"{pen.theme.tones[pen.theme.tone(bound.value)].sign} {text}"
        if bound.status == "partial":
            text = f"{text} ({pen.texts['status.partial']})"
        _fill(place, text, bold=row.role != "body", right=_is_number(column) and bound.kind != "text")


def _fill(cell: _Cell, text: str, *, bold: bool = False, right: bool = False) -> None:
    line = cell.paragraphs[0]
    run = line.add_run(readable(text))
    run.bold, run.font.size = bold, Pt(8.5)
    line.paragraph_format.space_after = Pt(1)
    if right:
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _is_number(column: Column) -> bool:
    return column.kind in DECIMALS


def _set_rules(grid: Any, theme: Theme) -> None:
    """Lines under the rows alone, as the tables of performance reports have them."""
    borders = OxmlElement("w:tblBorders")
    for side, thick in (("top", 8), ("bottom", 8), ("insideH", 4)):
        borders.append(_element(f"w:{side}", val="single", sz=str(thick), space="0", color=theme.rule[1:]))
    grid._tbl.tblPr.append(borders)  # noqa: SLF001


def _element(name: str, **attributes: str) -> Any:
    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made
