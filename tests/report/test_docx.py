"""The Word document: the same bytes, real headings, tables whose head repeats, and the marking on every page."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import docx
import pytest
from docx.shared import Mm

from cpas.report.blocks import Chart, Column, Document, Heading, Part, Row, Table
from cpas.report.docx import render_docx
from cpas.report.texts import Texts, load_texts
from cpas.report.theme import Theme


@pytest.fixture(scope="module")
def made(demo: Document, theme: Theme, texts: Texts) -> bytes:
    return render_docx(demo, theme, texts)


@pytest.fixture(scope="module")
def word(made: bytes) -> Any:
    return docx.Document(BytesIO(made))


def test_the_same_document_gives_the_same_bytes(demo, theme, texts, made) -> None:
    assert render_docx(demo, theme, texts) == made


def test_no_part_carries_the_time_at_which_it_was_made(made: bytes, word: Any) -> None:
    with ZipFile(BytesIO(made)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert word.core_properties.created.year == word.core_properties.modified.year == 1980


def test_parts_and_headings_are_real_headings(word: Any, demo: Document) -> None:
    first = [line.text for line in word.paragraphs if line.style.name == "Heading 1"]
    second = [line.text for line in word.paragraphs if line.style.name == "Heading 2"]
    assert first == [part.title for part in demo.parts]
    headings = [block for part in demo.parts for block in part.blocks if isinstance(block, Heading)]
    assert {block.text for block in headings if block.level == 3} <= set(second)


def test_the_head_of_every_table_repeats_and_no_row_is_split_over_pages(word: Any) -> None:
    assert word.tables
    for table in word.tables:
        assert "w:tblHeader" in table.rows[0]._tr.xml
        assert all("w:cantSplit" in row._tr.xml for row in table.rows)


def test_marking_and_notices_stand_in_the_header_of_every_section(word: Any, demo: Document) -> None:
    first, *others = word.sections
    said = first.header.paragraphs[0].text
    assert said.startswith(demo.marking)
    assert all(notice in said for notice in demo.notices)
    assert all(section.header.is_linked_to_previous for section in others)
    assert "PAGE" in first.footer._element.xml


def test_the_mission_and_page_are_in_the_footer_and_no_masthead_or_symbol_is(word: Any) -> None:
    whole = "\n".join(line.text for line in word.paragraphs)
    assert "United Nations\n" not in whole
    assert "A/" not in whole


def test_a_part_with_a_wide_table_lies_on_its_side(theme: Theme, texts: Texts) -> None:
    def part(name: str, width: int) -> Part:
        columns = (Column("a", width=width), Column("b", "count", width=20))
        return Part(name, name, (Table("t", columns, (Row(("x", 1)),)),))

    document = Document(
        "T", "S", "M", "P", "en", "UNCLASSIFIED", (part("one", 20), part("two", 120), part("three", 20))
    )
    word = docx.Document(BytesIO(render_docx(document, theme, texts)))
    shapes = [section.page_width > section.page_height for section in word.sections]
    assert shapes == [False, True, False]


def test_numbers_stand_as_the_page_prints_them(theme: Theme, reports) -> None:
    texts = load_texts(reports, "fr")
    table = Table("t", (Column("a"), Column("b", "thousands")), (Row(("x", -1234.56), "total"),))
    document = Document("T", "S", "M", "P", "fr", "CONFIDENTIAL", (Part("one", "One", (table,)),))
    word = docx.Document(BytesIO(render_docx(document, theme, texts)))
    assert word.tables[0].cell(1, 1).text == "(1\u202f234,6)"
    assert "fr-FR" in word.styles["Normal"].element.xml


def test_control_characters_and_markup_are_text(theme: Theme, texts: Texts) -> None:
    table = Table("<w:p>", (Column("a\x00"),), (Row(("=1+1 <b>",)),))
    document = Document("T", "S", "M", "P", "en", "UNCLASSIFIED", (Part("one", "One", (table,)),))
    word = docx.Document(BytesIO(render_docx(document, theme, texts)))
    assert word.tables[0].cell(1, 0).text == "=1+1 <b>"


def test_every_chart_is_a_picture_with_alternative_text_above_its_figures(word: Any, demo: Document) -> None:
    charts = [block for part in demo.parts for block in part.blocks if isinstance(block, Chart)]
    told = [shape._inline.docPr.get("descr") for shape in word.inline_shapes]
    assert charts
    assert told == [chart.alt for chart in charts]
    assert all(0 < shape.width <= Mm(297 - 2 * 20) for shape in word.inline_shapes)
