"""A document must say one thing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cpas.report.blocks import (
    Block,
    Bound,
    Break,
    Chart,
    Column,
    Document,
    Heading,
    Key,
    KeyFigure,
    KeyFigures,
    Language,
    Paragraph,
    Part,
    Prose,
    Row,
    Series,
    Table,
    prose,
    quote,
)
from cpas.report.lint import check_document

KEY = Key("POC-2.1", "2019-06", "MISSION")


def codes(*blocks: Block) -> list[str]:
    document = Document("T", "", "M", "June 2019", "en", "UNCLASSIFIED", (Part("a", "A", blocks),))
    return [issue.code for issue in check_document(document)]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_demo_report_is_clean(language: Language, demos: dict[Language, Document]) -> None:
    assert check_document(demos[language]) == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (prose("In June 12 civilians were killed."), "CPAS-R101"),
        (prose("In June two offices were late."), "CPAS-R101"),
        (prose("In June many died.", killed=Bound(38, key=KEY)), "CPAS-R102"),
        (prose("In June {killed} died.", killed=Bound(38)), "CPAS-R103"),
        (prose("{killed} died.", killed=Bound(38, key=KEY)), "CPAS-R105"),
        (prose("It rose. {killed} died.", killed=Bound(38, key=KEY)), "CPAS-R105"),
        (prose("In June {kild} died."), "CPAS-R004"),
    ],
)
def test_each_fault_of_a_sentence_has_its_code(text: Prose, code: str) -> None:
    assert codes(Paragraph(text)) == [code]


def test_words_of_others_may_hold_figures() -> None:
    assert codes(Paragraph(quote("per 100,000 persons"))) == []


def test_a_sentence_a_card_a_table_and_a_chart_must_agree() -> None:
    blocks = (
        Paragraph(prose("In June {n} died.", n=Bound(38, key=KEY))),
        KeyFigures((KeyFigure("Killed", Bound(38, key=KEY)),)),
        Table("t", (Column("a"), Column("b", "count")), (Row(("x", Bound(39, key=KEY))),)),
        Chart("line", "c", ("Jun",), (Series("s", (Bound(Decimal("38.0"), key=KEY),)),), "persons", "alt"),
    )
    assert codes(*blocks) == ["CPAS-R104"]


def test_values_are_compared_before_rounding_and_in_one_unit() -> None:
    table = Table(
        "t",
        (Column("a"), Column("b", "thousands"), Column("c", "amount")),
        (Row(("x", Bound(Decimal("20137.7"), "thousands", KEY), Bound(20137700, "amount", KEY))),),
    )
    assert codes(table) == []
    assert codes(
        Paragraph(prose("A {a} and {b}.", a=Bound(1.04, "quantity", KEY), b=Bound(1.01, "quantity", KEY)))
    ) == ["CPAS-R104"]


def test_a_gap_and_a_figure_for_one_key_do_not_agree() -> None:
    gap = Bound(None, key=KEY, status="not_reported")
    assert codes(Paragraph(prose("It is {a}, or {b}.", a=gap, b=Bound(0, key=KEY)))) == ["CPAS-R104"]


@pytest.mark.parametrize(
    ("block", "code"),
    [
        (Table("t", (Column("a"), Column("b")), (Row(("x",)),)), "CPAS-R106"),
        (Table("t", (Column("a"), Column("b")), (Row(("x", "y"), "group"),)), "CPAS-R106"),
        (Chart("line", "c", ("Jan", "Feb"), (Series("s", (Bound(1),)),), "u", "alt"), "CPAS-R106"),
        (Chart("line", "c", (), (), "u", "alt"), "CPAS-R106"),
        (
            Chart(
                "line",
                "c",
                ("Jan",),
                (Series("s", (Bound(1),)),),
                "u",
                "alt",
                breaks=(Break("Mar", prose("x")),),
            ),
            "CPAS-R106",
        ),
        (Chart("line", "c", ("Jan",), (Series("s", (Bound(1),)),), "u", " "), "CPAS-R108"),
        (Table("t", (Column("a"),), (Row(("x",), link="nowhere"),)), "CPAS-R107"),
        (Heading("h", anchor="a"), "CPAS-R107"),
        (Heading("h", anchor="no space"), "CPAS-R107"),
        (Heading("h", level=4), "CPAS-R109"),
    ],
)
def test_each_fault_of_a_block_has_its_code(block: Block, code: str) -> None:
    assert codes(block) == [code]


def test_an_issue_names_the_part_and_the_number_of_the_block() -> None:
    parts = (Part("a", "A", (Heading("h"), Paragraph(prose("In June 12 died.")))),)
    [issue] = check_document(Document("T", "", "M", "June 2019", "en", "UNCLASSIFIED", parts))
    assert str(issue.where) == "report [a!2]"
