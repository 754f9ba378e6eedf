"""The page: what is in it, and that nothing gets out of its place."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from cpas.errors import RenderError
from cpas.report.blocks import (
    Bound,
    Column,
    Document,
    Heading,
    Key,
    Language,
    Paragraph,
    Part,
    Row,
    Table,
    prose,
    quote,
)
from cpas.report.html import css_string, render_html
from cpas.report.texts import Texts, load_texts
from cpas.report.theme import Theme

HOSTILE = "</style><script>alert(1)</script>\"'&\\"


class Page(HTMLParser):
    """Every element that was opened, with its attributes, and all text."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


@pytest.fixture(scope="module")
def rendered(demo: Document, theme: Theme, texts: Texts, reports: Path) -> bytes:
    return render_html(demo, theme, texts, reports)


@pytest.fixture(scope="module")
def page(rendered: bytes) -> Page:
    return Page(rendered)


def with_blocks(demo: Document, *blocks: Paragraph | Table | Heading) -> Document:
    return replace(demo, parts=(Part("only", "Only", blocks),))


def test_the_same_document_gives_the_same_bytes(
    rendered: bytes, demo: Document, theme: Theme, texts: Texts, reports: Path
) -> None:
    assert render_html(demo, theme, texts, reports) == rendered


def test_the_page_speaks_one_language(demos: dict[Language, Document], theme: Theme, reports: Path) -> None:
    page = Page(render_html(demos["fr"], theme, load_texts(reports, "fr"), reports))
    assert [each["lang"] for each in page.all("html")] == ["fr"]
    english = load_texts(reports, "en").words
    words = [english[key] for key in ("page.contents", "status.not_reported", "chart.data", "map.disclaimer")]
    assert "Table des matières" in page.text
    assert [word for word in words if word in page.text] == []


def test_the_page_forbids_itself_every_request(rendered: bytes, page: Page) -> None:
    [policy] = [
        meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"
    ]
    assert str(policy).startswith("default-src 'none'")
    assert page.all("script", "link", "img", "iframe") == []
    assert not re.search(rb"@import|url\((?!#)", rendered)


def test_there_is_one_h1_and_no_level_is_skipped(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_no_identifier_is_used_twice_and_every_link_leads_somewhere(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {str(link["href"])[1:] for link in page.all("a")} <= set(ids)


def test_every_table_has_a_caption_and_scoped_heads(page: Page) -> None:
    tables, captions = len(page.all("table")), len(page.all("caption"))
    assert tables == captions > 0
    assert all(head.get("scope") in ("col", "row", "rowgroup") for head in page.all("th"))


def test_the_marking_opens_and_closes_the_page_and_stands_on_every_printed_one(
    rendered: bytes, page: Page
) -> None:
    assert len([each for each in page.all("p") if each.get("class") == "marking"]) == 2
    style = rendered.decode("utf-8").partition("<style>")[2].partition("</style>")[0]
    assert style.count('content: "CONFIDENTIAL"') == 2
    assert 'content: "Draft - not an official document · Illustrative data"' in style


def test_a_figure_says_what_it_is_a_figure_of(page: Page) -> None:
    assert "POC-2.1, 2019-06, MISSION, total, value" in [each.get("title") for each in page.all("span")]


def test_every_gap_is_a_word_and_every_map_has_its_disclaimer(page: Page, texts: Texts) -> None:
    assert all(word in page.text for word in ("not reported", "not applicable", "withheld", "partial"))
    assert texts["map.disclaimer"] in page.text


def test_hostile_text_stays_text(demo: Document, theme: Theme, texts: Texts, reports: Path) -> None:
    table = Table(
        HOSTILE,
        (Column(HOSTILE, unit=HOSTILE),),
        (Row((HOSTILE,)), Row((HOSTILE,), "group")),
        (quote(HOSTILE),),
    )
    key = Key(HOSTILE, "", "")
    blocks = (table, Heading(HOSTILE), Paragraph(prose("{n}", n=Bound(HOSTILE, "text", key))))
    document = replace(
        with_blocks(demo, *blocks),
        title=HOSTILE,
        mission=HOSTILE,
        period=HOSTILE,
        notices=(HOSTILE,),
        imprint=(HOSTILE,),
    )
    page = Page(render_html(document, theme, texts, reports))
    assert page.all("script") == []
    assert len(page.all("style")) == 1


def test_control_characters_are_shown_as_unreadable(
    demo: Document, theme: Theme, texts: Texts, reports: Path
) -> None:
    page = render_html(with_blocks(demo, Paragraph(quote("a\x00b\x0bc\ud800d"))), theme, texts, reports)
    assert "a\ufffdb\ufffdc\ufffdd" in page.decode("utf-8")


def test_a_string_of_a_style_sheet_cannot_break_out() -> None:
    assert css_string('a"b\\</style>\n') == '"a\\22 b\\5c \\3c /style\\3e \\a "'


def test_digits_of_negatives_stand_under_digits(
    demo: Document, theme: Theme, texts: Texts, reports: Path
) -> None:
    table = Table("t", (Column("a"), Column("b", "quantity")), (Row(("x", -1.5)), Row(("y", 2))))
    page = Page(render_html(with_blocks(demo, table), theme, texts, reports))
    assert [cell["class"] for cell in page.all("td")] == ["number hanging", "number"]


def test_a_faulty_template_is_an_error_with_its_line(
    demo: Document, theme: Theme, texts: Texts, reports: Path, tmp_path: Path
) -> None:
    shutil.copytree(reports / "blocks", tmp_path / "blocks")
    (tmp_path / "blocks" / "heading.html.j2").write_text("<h3>\n{% if %}</h3>", "utf-8")
    with pytest.raises(RenderError) as caught:
        render_html(demo, theme, texts, tmp_path)
    [issue] = caught.value.issues
    assert str(issue.where) == "blocks/heading.html.j2:2"


def test_a_template_that_asks_for_an_unknown_name_is_an_error(
    demo: Document, theme: Theme, texts: Texts, reports: Path, tmp_path: Path
) -> None:
    shutil.copytree(reports / "blocks", tmp_path / "blocks")
    (tmp_path / "blocks" / "note.html.j2").write_text("{{ block.titel }}", "utf-8")
    with pytest.raises(RenderError) as caught:
        render_html(demo, theme, texts, tmp_path)
    assert "titel" in caught.value.issues[0].message
