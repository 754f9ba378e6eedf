"""The workbook, read back with openpyxl and as XML."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from cpas.fixed_zip import fix_zip
from cpas.report.blocks import Block, Bound, Column, Document, Part, Row, Table, quote
from cpas.report.excel import render_xlsx, sheet_names
from cpas.report.excel_cells import number_format
from cpas.report.texts import Texts
from cpas.report.theme import Theme


@pytest.fixture(scope="module")
def packed(demo: Document, theme: Theme, texts: Texts) -> bytes:
    return render_xlsx(demo, theme, texts)


@pytest.fixture(scope="module")
def book(packed: bytes) -> Workbook:
    return load_workbook(BytesIO(packed))


def rows_of(demo: Document, theme: Theme, texts: Texts, *blocks: Block) -> list[tuple[object, ...]]:
    document = replace(demo, parts=(Part("only", "Only", blocks),))
    sheet = load_workbook(BytesIO(render_xlsx(document, theme, texts)))["Only"]
    return [
        row for row in sheet.iter_rows(min_row=5, values_only=True) if any(value is not None for value in row)
    ]


def test_the_same_document_gives_the_same_bytes(
    packed: bytes, demo: Document, theme: Theme, texts: Texts
) -> None:
    assert render_xlsx(demo, theme, texts) == packed


def test_no_time_of_making_is_left_in_the_file(packed: bytes) -> None:
    with ZipFile(BytesIO(packed)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert re.findall(r"<dcterms:\w+[^>]*>([^<]*)", core) == ["1980-01-01T00:00:00Z"] * 2


def test_packing_anew_changes_nothing_but_time(packed: bytes) -> None:
    with ZipFile(BytesIO(packed)) as before, ZipFile(BytesIO(fix_zip(packed))) as after:
        assert [(name, before.read(name)) for name in before.namelist()] == [
            (name, after.read(name)) for name in after.namelist()
        ]


def test_there_is_a_sheet_for_contents_each_part_and_the_data(book: Workbook) -> None:
    assert book.sheetnames == [
        "Contents",
        "Summary",
        "Protection of civilians",
        "Expenditure",
        "By region",
        "Chart data",
    ]


def test_contents_and_rows_lead_to_their_places(book: Workbook) -> None:
    links = {
        cell.value: cell.hyperlink.location for row in book["Contents"] for cell in row if cell.hyperlink
    }
    assert links["By region"] == "'By region'!A1"
    [card] = [row[0] for row in book["Summary"] if row[0].value == "Civilians killed by armed groups"]
    sheet, place = card.hyperlink.location.split("!")
    assert book[sheet.strip("'")][place].value == "Civilians killed by armed groups"


def test_numbers_and_dates_are_live(book: Workbook) -> None:
    cells = {row[0].value: row for row in book["Protection of civilians"].iter_rows()}
    killed = cells["Civilians killed by armed groups"]
    assert [killed[column].value for column in (1, 2)] == [38, 25]
    assert killed[5].value == datetime(2019, 7, 1)  # noqa: DTZ001  # Excel knows no zones
    assert cells["Families returned with help"][1].value == "not reported"
    assert cells["Names of informants received"][2].number_format.startswith('"at least "#,##0')


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        (Bound(1), "#,##0_);(#,##0);#,##0_)"),
        (Bound(1, "thousands"), '#,##0.0_);(#,##0.0);"—"_)'),
        (Bound(1, "percentage", decimals=0), '#,##0"%"_);(#,##0"%");#,##0"%"_)'),
        (Bound(1, status="partial"), '#,##0_)" (partial)";(#,##0)" (partial)";#,##0_)" (partial)"'),
    ],
)
def test_number_formats(bound: Bound, expected: str, texts: Texts) -> None:
    assert number_format(bound, texts) == expected


def test_every_chart_is_native_and_stands_on_the_data_sheet(book: Workbook, packed: bytes) -> None:
    charts = {sheet.title: len(sheet._charts) for sheet in book.worksheets if sheet._charts}
    assert charts == {"Protection of civilians": 3, "Expenditure": 2}
    with ZipFile(BytesIO(packed)) as archive:
        drawn = [
            archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")
        ]
    sources = [source for chart in drawn for source in re.findall(r"<(?:c:)?f>([^<]+)", chart)]
    assert {source.split("!")[0] for source in sources} == {"'Chart data'"}
    assert all('<dispBlanksAs val="gap"' in chart for chart in drawn)


def test_a_missing_point_is_an_empty_cell_with_its_word_beside_it(book: Workbook) -> None:
    [row] = [
        row for row in book["Chart data"].iter_rows(max_row=16, values_only=True) if row[0] == "Jan 2019"
    ]
    assert row[:5] == ("Jan 2019", None, 25, 33, "not reported")


@pytest.mark.parametrize(
    "sheet", ["Contents", "Summary", "Protection of civilians", "Expenditure", "By region", "Chart data"]
)
def test_every_sheet_prints_with_its_marking_and_notices(sheet: str, book: Workbook) -> None:
    page = book[sheet]
    assert page.oddHeader.center.text == page.oddFooter.center.text == "CONFIDENTIAL"
    assert page.oddFooter.left.text == "Draft - not an official document · Illustrative data"
    assert (page.page_setup.orientation, page.page_setup.fitToHeight, page.freeze_panes is not None) == (
        "landscape",
        0,
        True,
    )


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-2", "@SUM(A1)", "=cmd|'/c calc'!A1", "#N/A", "2019-06-01", "'quoted"]
)
def test_text_is_never_a_formula(text: str, demo: Document, theme: Theme, texts: Texts) -> None:
    table = Table(text, (Column(text), Column("b")), (Row((text, text)),), (quote(text),))
    document = replace(demo, title=text, mission=text, period=text, parts=(Part("only", "Only", (table,)),))
    book = load_workbook(BytesIO(render_xlsx(document, theme, texts)))
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells].count(text) >= 5


def test_control_characters_and_escapes_are_written_as_they_are(
    demo: Document, theme: Theme, texts: Texts
) -> None:
    table = Table("t", (Column("a"),), (Row(("a\x00b\x1fc",)), Row(("_x0041_",))))
    rows = rows_of(demo, theme, texts, table)
    assert [row[0] for row in rows[2:]] == ["a\ufffdb\ufffdc", "_x005F_x0041_"]


def test_what_no_cell_can_hold_is_cut_and_the_cut_is_said(demo: Document, theme: Theme, texts: Texts) -> None:
    rows = rows_of(demo, theme, texts, Table("t", (Column("a"),), (Row(("x" * 40_000,)),)))
    cut = str(rows[-1][0])
    assert len(cut) == 32_767
    assert cut.endswith(texts["workbook.cut"])


def test_a_large_table_is_filtered_and_its_head_stays(demo: Document, theme: Theme, texts: Texts) -> None:
    rows = tuple(Row((f"area {number}", number)) for number in range(30))
    table = Table("Areas", (Column("Area"), Column("Value", "count")), (*rows, Row(("Total", 435), "total")))
    document = replace(demo, parts=(Part("only", "Only", (table,)),))
    sheet = load_workbook(BytesIO(render_xlsx(document, theme, texts)))["Only"]
    assert (sheet.auto_filter.ref, sheet.freeze_panes, sheet.print_title_rows) == ("A6:B36", "B7", "$6:$6")


def test_exact_money_is_written_to_the_last_digit(demo: Document, theme: Theme, texts: Texts) -> None:
    table = Table("t", (Column("a"), Column("b", "amount")), (Row(("x", Decimal("1107318900.123456"))),))
    assert rows_of(demo, theme, texts, table)[-1][1] == 1107318900.123456


def test_sheet_names_are_clean_short_and_told_apart() -> None:
    long = "Protection of civilians in the centre of the country"
    names = sheet_names([long, long.upper(), "a/b:c", "'q'", "", "history"])
    assert names == [long[:31].strip(), "PROTECTION OF CIVILIANS IN TH 2", "a b c", "q", "Sheet", "history_"]
    assert max(map(len, names)) <= 31


def test_a_report_without_charts_has_no_data_sheet(demo: Document, theme: Theme, texts: Texts) -> None:
    document = replace(demo, parts=(Part("only", "Only", ()),))
    assert load_workbook(BytesIO(render_xlsx(document, theme, texts))).sheetnames == ["Contents", "Only"]
