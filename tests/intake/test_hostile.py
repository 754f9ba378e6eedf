"""Files made to exhaust, mislead or break a reader: each ends in a clear message or a correct reading."""

from __future__ import annotations

import io
import shutil
import time
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from cpas.errors import SourceError
from cpas.intake.files import read_grids
from cpas.intake.grid import Grid
from cpas.intake.isolated import IsolatedReader, read_isolated
from cpas.intake.tables import Table
from cpas.jobs.progress import Progress
from cpas.jobs.returns import Sending
from cpas.jobs.submit import submit_files
from cpas.store.ledger import open_ledger

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="a" sheetId="1" r:id="s"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="s" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ONE = '<row r="1"><c r="A1"><v>1</v></c></row>'


def sheet(rows: str, before: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>'


def workbook(content: str | bytes, *more: tuple[str, str | bytes]) -> bytes:
    """A workbook of one sheet, and more parts; names may repeat."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in (*PARTS.items(), ("xl/worksheets/sheet1.xml", content), *more):
            archive.writestr(name, part)
    return made.getvalue()


def cells(data: bytes) -> dict[tuple[int, str], str]:
    """The filled cells of a file's first sheet."""
    (grid, *_), _ = read_grids(data, "a.xlsx")
    return {
        (row, letter): text
        for row, *texts in grid.cells.iter_rows()
        for letter, text in zip(grid.letters, texts, strict=True)
        if text is not None
    }


def refusal(data: bytes, file: str = "a.xlsx") -> str:
    with pytest.raises(SourceError) as caught:
        read_grids(data, file)
    [issue] = caught.value.issues
    assert issue.fix
    return issue.message


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ('<row r="1"><c r="a1"><v>1</v></c></row>', {(1, "A"): "1"}),
        ("<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c><v>3</v></c></row>", {(1, "A"): "1", (1, "B"): "2", (3, "A"): "3"}),
        ("<row r='2'><c\n r = 'B2'><v>1</v></c></row>", {(2, "B"): "1"}),
        (f'<q:row xmlns:q="{MAIN}" r="2"><q:c r="B2"><q:v>1</q:v></q:c></q:row>', {(2, "B"): "1"}),
        ('<row r="2"><c r="C2"><v>1</v></c><c r="B2"><v>2</v></c></row>', {(2, "B"): "2", (2, "C"): "1"}),
        ('<row r="2"><c r="A2"><v>1</v></c></row><row r="2"><c r="B2"><v>2</v></c></row>', {(2, "A"): "1", (2, "B"): "2"}),
        ('<row r="1"><c r="A1" t="str"><v>a &amp; &#233;</v></c><c r="B1" t="inlineStr"><is><t>c<![CDATA[<]]><!-- d -->e</t></is></c></row>', {(1, "A"): "a & é", (1, "B"): "c<e"}),
        ('<row r="3"><c r="A3"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>', {(1, "A"): "2", (3, "A"): "1"}),
        ('<row r="1"><!-- </sheetData> --><c r="A1"><v>1</v></c></row>', {(1, "A"): "1"}),
    ],
)  # fmt: skip
def test_odd_spellings_of_cells_are_read_where_they_say(
    rows: str, expected: dict[tuple[int, str], str]
) -> None:
    assert cells(workbook(sheet(rows))) == expected


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A4000000000"><v>1</v></c></row>',
        '<row r="4000000000"><c><v>1</v></c></row>',
        '<row r="1"><c r="ZZZZZZZZ1"><v>1</v></c></row>',
        '<row r="1"><c r="$A$1"><v>1</v></c></row>',
        '<row r="1"><c r="xfd1048576"><v>1</v></c></row>',
        "<row r='1048576'><c r='A1048576'><v>1</v></c><c\tr='XFD1048576'><f>1</f></c></row>",
        '<q:row xmlns:q="q" r="1048576"><q:c r="XFD1048576"><q:v>5</q:v></q:c></q:row>',
        '<row r="1048576"><c/><c r="XFC1"/><c r="XFD1048576"><is><t>x</t></is></c></row>',
        f'{ONE}</sheetData><sheetData><row r="2"><c r="A2"><v>2</v></c></row>',
    ],
)
def test_a_sheet_that_would_make_the_reader_abort_or_lose_rows_is_refused(rows: str) -> None:
    assert "sheet" in refusal(workbook(sheet(rows)))


TWICE = [
    '<row r="5"><c r="B5"><v>1</v></c><c r="B5"><v>2</v></c></row>',
    '<row r="5"><c r="B5"><v>1</v></c></row><row r="5"><c r="B5"><v>2</v></c></row>',
    '<row r="5"><c r="C5"><v>1</v></c><c r="B5"><v>2</v></c><c><v>3</v></c></row>',
    "<row r='5'><c r='B5'><v>1</v></c><c r='B5'><v>2</v></c></row>",
    '<row r="5"><c r="B5"><v>1</v><v>2</v></c></row>',
    '<row r="5"><c r="B5" t="inlineStr"><v>1</v><is><t>x</t></is></c></row>',
    '<row r="5"><c r="B5"><v>5</v><f>1+1</f></c></row>',
]


@pytest.mark.parametrize("rows", TWICE)
def test_a_cell_that_has_two_values_is_refused_by_its_place(rows: str) -> None:
    for more in ("", '<row r="900"><c r="A900"><f>1+1</f><v>2</v></c></row>'):
        message = refusal(workbook(sheet(rows + more)))
        assert "programs show different ones" in message
        assert "B5" in message or "C5" in message


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A1" t="s"><v> 1 </v></c>',
        '<c r="A1" s="0" t="s" cm="0"><v>\n1</v></c>',
        "<c r=\"A1\" t='s'><v>1&#49;</v></c>",
        '<c r="A1" t="&#115;"><v> 1</v></c>',
        '<c r="A1" t="s"><v>-1</v></c>',
        '<c r="A1"><v>1<!-- 2 -->3</v></c>',
        '<c r="A1"><v>1<?x?>3</v></c>',
        '<c r="A1"><v>&#49;2</v></c>',
        '<c r="A1" t="str"><v><![CDATA[x]]></v></c>',
    ],
)
def test_a_value_that_the_fast_reader_would_lose_or_take_for_another_is_refused(cell: str) -> None:
    strings = f'<sst xmlns="{MAIN}">{"".join(f"<si><t>text {i}</t></si>" for i in range(20))}</sst>'
    data = workbook(sheet(f'<row r="1">{cell}</row>'), ("xl/sharedStrings.xml", strings))
    assert "the value of the cell A1 is written so that programs show different ones" in refusal(data)


def test_blank_texts_are_no_lost_values() -> None:
    strings = f'<sst xmlns="{MAIN}"><si><t></t></si><si><t> </t></si></sst>'
    row = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1"><v>3</v></c><c r="D1" t="e"><v>#N/A</v></c></row>'
    data = workbook(sheet(row), ("xl/sharedStrings.xml", strings))
    assert cells(data) == {(1, "C"): "3", (1, "D"): "#N/A"}


@pytest.mark.parametrize(
    "rows", ['<q:row xmlns:q="q" r="2"><q:c r="B2"><q:v>1</q:v></q:c></q:row>', "<c r='B2'><v>1</v></c>"]
)
def test_cells_of_another_vocabulary_or_outside_of_rows_are_refused(rows: str) -> None:
    assert "some programs look for none" in refusal(workbook(sheet(rows)))


def related(*targets: str) -> tuple[str, str]:
    """The relationships of a workbook: its sheets `s0`, `s1` and so on."""
    each = "".join(
        f'<Relationship Id="s{number}" Type="{OFFICE}/worksheet" Target="{target}"/>'
        for number, target in enumerate(targets)
    )
    return "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}">{each}</Relationships>'


def booked(*sheets: str, main: str = MAIN, office: str = OFFICE) -> tuple[str, str]:
    """A workbook of sheets with these names."""
    each = "".join(f'<sheet name="{name}" r:id="s{number}"/>' for number, name in enumerate(sheets))
    return (
        "xl/workbook.xml",
        f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{each}</sheets></workbook>',
    )


def package(*parts: tuple[str, str | bytes]) -> bytes:
    """A workbook of these parts in place of the usual ones."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in (PARTS | dict(parts)).items():
            archive.writestr(name, part)
    return made.getvalue()


UNCOMPUTED = sheet('<row r="1"><c r="A1"><f>1+1</f></c></row>')


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
        ("./worksheets/../worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
        ("worksheets/sheet1.xml", "xl/Worksheets/Sheet1.xml"),
        ("tables/foo.xml", "xl/tables/foo.xml"),
        ("../data/foo.xml", "data/foo.xml"),
    ],
)
def test_a_sheet_is_looked_at_wherever_its_relationship_leads(target: str, name: str) -> None:
    assert cells(package(booked("a"), related(target), (name, UNCOMPUTED))) == {(1, "A"): "=1+1"}


def test_a_strict_workbook_is_looked_at_like_any_other() -> None:
    strict = "http://purl.oclc.org/ooxml/"
    parts = booked("a", main=f"{strict}spreadsheetml/main", office=f"{strict}officeDocument/relationships")
    content = UNCOMPUTED.replace(MAIN, f"{strict}spreadsheetml/main")
    data = package(parts, related("worksheets/sheet1.xml"), ("xl/worksheets/sheet1.xml", content))
    assert cells(data) == {(1, "A"): "=1+1"}


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([booked("a", "A"), related("worksheets/sheet1.xml", "worksheets/sheet2.xml")], "one name"),
        ([booked("a", "b"), related("worksheets/sheet1.xml", "worksheets/sheet1.xml")], "in one part"),
        ([booked("a"), related("worksheets/sheet3.xml")], "in no part"),
        ([booked("a", "b"), related("worksheets/sheet1.xml")], "in no part"),
        ([booked("a"), (related("x")[0], related("worksheets/sheet1.xml", "worksheets/sheet2.xml")[1].replace("s1", "s0"))], "relationships have one name"),
        ([booked("a"), related("worksheets/sheet1.xml"), ("_rels/.rels", PARTS["_rels/.rels"].replace("xl/workbook.xml", "xl/other.xml"))], "different workbooks"),
    ],
)  # fmt: skip
def test_parts_that_programs_would_find_differently_are_refused(
    parts: list[tuple[str, str]], told: str
) -> None:
    sheets = [(f"xl/worksheets/sheet{number}.xml", sheet(ONE)) for number in (1, 2)]
    assert told in refusal(package(*parts, *sheets))


def test_of_two_archives_in_one_file_neither_is_read() -> None:
    other = workbook(sheet(ONE.replace("<v>1<", "<v>2<")))
    assert "before its first part" in refusal(workbook(sheet(ONE)) + other)


def test_cells_that_a_linked_workbook_left_behind_are_no_sheet() -> None:
    linked = '<row r="1"><cell r="A1"><v>9</v></cell></row></sheetData><sheetData sheetId="1">'
    more = f'<externalLink xmlns="{MAIN}"><sheetDataSet><sheetData sheetId="0">{linked}</sheetData></sheetDataSet></externalLink>'
    assert cells(workbook(sheet(ONE), ("xl/externalLinks/externalLink1.xml", more))) == {(1, "A"): "1"}


def test_a_sheet_of_nearly_three_million_cells_is_read_in_the_child() -> None:
    row = "".join(f'<c r="{letter}@"><v>@</v></c>' for letter in LETTERS)
    rows = "".join(f'<row r="@">{row}</row>'.replace("@", str(number)) for number in range(1, 99_999))
    with IsolatedReader() as reader:
        [grid], _ = reader.read(workbook(sheet(rows)), "a.xlsx")
    assert grid.cells.shape == (99_998, len(LETTERS) + 1)


def test_a_false_dimension_record_changes_nothing() -> None:
    for claim in ("A1:XFD1048576", "A1:A1048576", "B9:B9"):
        assert cells(workbook(sheet(ONE, f'<dimension ref="{claim}"/>'))) == {(1, "A"): "1"}


def test_many_blank_formatted_rows_and_columns_are_no_table() -> None:
    blank = "".join(f'<row r="{i}" s="1" customFormat="1"/>' for i in range(2, 200_000))
    wide = '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    assert cells(workbook(sheet(ONE + blank + wide))) == {(1, "A"): "1"}


def test_all_columns_of_a_sheet_may_be_filled() -> None:
    row = "".join("<c><v>1</v></c>" for _ in range(16_384))
    assert len(cells(workbook(sheet(f"<row>{row}</row>")))) == 16_384
    assert "16,385" in refusal(workbook(sheet(f"<row>{row}<c><v>1</v></c></row>")))


def test_a_long_text_that_every_cell_repeats_is_refused() -> None:
    strings = f'<sst xmlns="{MAIN}"><si><t>short</t></si><si><t>{"x" * 32_000}</t></si></sst>'
    row = '<c t="s"><v>{}</v></c>' * 100
    bomb = "".join(f"<row>{row.format(*[1] * 100)}</row>" for _ in range(60))
    harmless = "".join(f"<row>{row.format(*[0] * 100)}</row>" for _ in range(60))
    assert "repeat long texts" in refusal(workbook(sheet(bomb), ("xl/sharedStrings.xml", strings)))
    assert len(cells(workbook(sheet(harmless), ("xl/sharedStrings.xml", strings)))) == 6_000


@pytest.mark.parametrize(
    "content",
    [
        sheet(ONE).encode("utf-16"),
        sheet(ONE).encode("utf-16-le"),
        ('<?xml version="1.0" encoding="cp037"?>' + sheet(ONE)).encode(),
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + sheet(ONE),
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + sheet(ONE),
        "no xml " + sheet(ONE),
    ],
)  # fmt: skip
def test_entities_and_encodings_that_hide_them_are_refused(content: str | bytes) -> None:
    assert "never writes" in refusal(workbook(content))


@pytest.mark.parametrize(
    "name", ["/etc/x.xml", "../x.xml", "xl/../../x.xml", "C:/x.xml", "xl\\..\\..\\x.xml"]
)
def test_names_that_lead_out_of_the_archive_are_refused(name: str) -> None:
    assert "leads out" in refusal(workbook(sheet(ONE), (name, "<x/>")))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "name", ["xl/worksheets/sheet1.xml", "xl/worksheets/SHEET1.xml", "xl\\worksheets\\sheet1.xml"]
)
def test_two_parts_of_one_name_are_refused(name: str) -> None:
    assert "two parts" in refusal(workbook(sheet(ONE), (name, sheet(""))))


def test_a_sheet_under_a_false_name_is_refused() -> None:
    assert "false name" in refusal(
        workbook(sheet(ONE), ("xl/media/image1.png", b"\x89PNG" + sheet(ONE).encode()))
    )


def test_a_wrong_checksum_is_damage() -> None:
    data = bytearray(workbook(sheet(ONE)))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        crc = archive.getinfo("xl/worksheets/sheet1.xml").CRC.to_bytes(4, "little")
    changed = bytes(data).replace(crc, b"\0\1\2\3")
    assert "damaged" in refusal(changed)


def test_a_bomb_is_refused_unopened() -> None:
    assert "unpacks to" in refusal(workbook(sheet(ONE + " " * 3_000_000)))


def test_other_kinds_of_files_are_told_apart() -> None:
    assert "old Excel" in refusal(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    assert "not read" in refusal(b"\xd0\xcf\x11\xe0", "a.xls")
    assert "text file" in refusal(b"a,b\n1,2\n")
    assert "Excel workbook" in refusal(workbook(sheet(ONE)), "a.csv")
    assert "damaged" in refusal(workbook(sheet(ONE))[:-200])


def test_macros_are_said_and_ignored() -> None:
    grids, [issue] = read_grids(
        workbook(sheet(ONE), ("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 macro")), "a.xlsm"
    )
    assert (issue.code, issue.severity, grids[0].cells.item(0, "A")) == ("CPAS-S050", "warning", "1")


def test_long_odd_and_formula_texts_are_kept_as_texts(visit: Callable[..., Table]) -> None:
    for text in ("x" * 32_767, "مرحبا بالعالم", "'=1+1", "+cmd|' /C calc'!A0"):
        assert visit(remark=text).frame["remark"].to_list() == [text]


def test_control_characters_are_taken_out() -> None:
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>a_x0000_b_x0007_c</t></is></c></row>'
    assert cells(workbook(sheet(rows)))[1, "A"].replace("\0", "").replace("\7", "") == "abc"
    assert "never writes" in refusal(workbook(sheet('<row r="1"><c\tr="A1" t="str"><v>a\0b</v></c></row>')))


def test_composed_and_decomposed_letters_are_one_name(visit: Callable[..., Table]) -> None:
    for form in ("NFC", "NFD"):
        assert visit(area_code=unicodedata.normalize(form, "Ségou")).frame["area_code"].to_list() == ["ML04"]


def test_a_formula_in_a_code_column_is_an_issue_of_its_cell(visit: Callable[..., Table]) -> None:
    [issue] = visit(kind='=HYPERLINK("http://example.org","meeting")').issues
    assert (issue.code, issue.where.row, issue.where.column) == ("CPAS-D004", 2, "D")


@pytest.mark.real_data
def test_every_collected_workbook_ends_in_a_message_or_a_reading_in_the_child(real_data: Path) -> None:
    files = [(path.read_bytes(), path.name) for path in sorted((real_data / "workbooks").iterdir())]
    for reading in read_isolated(files):
        here = _here(next(data for data, name in files if name == reading.file), reading.file)
        assert [grid.cells.rows() for grid in reading.grids] == [grid.cells.rows() for grid in here]
        assert reading.grids or reading.issues


def _here(data: bytes, file: str) -> tuple[Grid, ...]:
    try:
        return read_grids(data, file)[0]
    except SourceError:
        return ()


def test_an_ordinary_workbook_of_openpyxl_needs_no_scan_and_gives_no_issue(tmp_path: Path) -> None:
    book = Workbook()
    for i in range(50):
        book.active.append([f"text {i}", i, i / 3])
    book.save(tmp_path / "a.xlsx")
    grids, issues = read_grids((tmp_path / "a.xlsx").read_bytes(), "a.xlsx")
    assert (grids[0].cells.height, issues) == (50, ())
    assert load_workbook(tmp_path / "a.xlsx").active.max_row == 50


def test_the_child_reads_on_after_each_refusal() -> None:
    with IsolatedReader() as reader:
        for bad in (b"", workbook("no xml"), workbook(sheet('<row r="1"><c r="A9999999"/></row>'))):
            with pytest.raises(SourceError):
                reader.read(bad, "a.xlsx")
        assert reader.read(workbook(sheet(ONE)), "a.xlsx")[0][0].cells.height == 1


def hostile_files() -> dict[str, bytes]:
    """Every kind of file of the list that no report may be, by a name that says what it is."""
    strings = f'<sst xmlns="{MAIN}"><si><t>short</t></si><si><t>{"x" * 32_000}</t></si></sst>'
    repeated = "".join("<row>" + '<c t="s"><v>1</v></c>' * 100 + "</row>" for _ in range(60))
    entity = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    external = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    ordinary = workbook(sheet(ONE))
    wrong_sum = bytearray(ordinary)
    with zipfile.ZipFile(io.BytesIO(ordinary)) as archive:
        crc = archive.getinfo("xl/worksheets/sheet1.xml").CRC.to_bytes(4, "little")
    return {
        "zip-bomb.xlsx": workbook(sheet(ONE + " " * 3_000_000)),
        "entity-bomb.xlsx": workbook(entity + sheet(ONE)),
        "external-entity.xlsx": workbook(external + sheet(ONE)),
        "wrong-extension.csv": ordinary,
        "text-as-workbook.xlsx": b"activity_id,activity_on\nA1,2019-06-01\n",
        "encrypted.xlsx": b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "legacy.xls": b"\xd0\xcf\x11\xe0" + b"\0" * 600,
        "truncated.xlsx": ordinary[:-200],
        "false-name.xlsx": workbook(sheet(ONE), ("xl/media/image1.png", sheet(ONE))),
        "last-cell.xlsx": workbook(sheet('<row r="1"><c r="A1"/><c r="XFD1048576"><v>1</v></c></row>')),
        "last-cell-in-capitals-and-not.xlsx": workbook(
            sheet(f'{ONE}<row r="1048576"><c r="xfd1048576"><v>1</v></c></row>')
        ),
        "string-bomb.xlsx": workbook(sheet(repeated), ("xl/sharedStrings.xml", strings)),
        "absolute-path.xlsx": workbook(sheet(ONE), ("/etc/x.xml", "<x/>")),
        "path-upwards.xlsx": workbook(sheet(ONE), ("../x.xml", "<x/>")),
        "two-of-one-name.xlsx": workbook(sheet(ONE), ("xl/worksheets/SHEET1.xml", sheet(""))),
        "bad-crc.xlsx": bytes(wrong_sum).replace(crc, b"\0\1\2\3"),
        "too-many-columns.xlsx": workbook(sheet(f"<row>{'<c><v>1</v></c>' * 16_385}</row>")),
        "nul.xlsx": workbook(sheet('<row r="1"><c\tr="A1" t="str"><v>a\0b</v></c></row>')),
        "million-blank-rows.xlsx": workbook(
            sheet("".join(f'<row r="{row}" s="1" customFormat="1"/>' for row in range(1, 1_000_001)))
        ),
        "macro.xlsm": workbook(sheet(ONE), ("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")),
        "nothing.xlsx": b"",
    }


@pytest.mark.usefixtures("checks_here")
def test_of_hostile_files_sent_at_once_each_is_told_of_in_time_and_none_is_stored(
    mission_folder: Path, tmp_path: Path
) -> None:
    mission, sent = Path(shutil.copytree(mission_folder, tmp_path / "mission")), tmp_path / "sent"
    files = hostile_files()
    sent.mkdir()
    for name, data in files.items():
        (sent / f"activities-{name}").write_bytes(data)
    sending = Sending("A. Keita", datetime(2019, 7, 5, tzinfo=UTC))
    begun = time.perf_counter()
    outcomes = submit_files(mission, [sent], sending, Progress(is_quiet=True))
    assert time.perf_counter() - begun < 20 * len(files)
    told = {one.receipt.file.removeprefix("activities-"): one for one in outcomes}
    assert set(told) == set(files)
    assert {name for name, one in told.items() if not one.errors} == set()
    assert {one.receipt.rows_accepted for one in outcomes} == {0}
    kept = {path.name for path in (mission / "store" / "raw").rglob("*") if path.is_file()}
    assert not kept & {sha256(data).hexdigest() for data in files.values()}
    assert not list((mission / "store").glob("facts/*"))
    with open_ledger(mission / "store") as ledger, ledger.reading() as book:
        assert {one.state for one in book.submissions()} == {"returned"}
        assert book.in_force() == ()


@pytest.mark.parametrize("name", hostile_files())
def test_each_hostile_file_ends_within_twenty_seconds_and_a_gibibyte(name: str) -> None:
    begun = time.perf_counter()
    with IsolatedReader() as reader:
        try:
            grids, _ = reader.read(hostile_files()[name], name)
        except SourceError as error:
            assert all(issue.message and issue.fix for issue in error.issues)
        else:
            assert sum(grid.cells.height for grid in grids) <= 1
    assert time.perf_counter() - begun < 40  # of which 20 are ours to wait for the child


def test_a_panic_of_the_reader_is_a_message() -> None:
    # a day so long ago that the Rust reader panics over it
    styles = (
        f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    )
    row = '<row r="1"><c r="A1" s="1"><v>-1e308</v></c></row>'
    data = workbook(sheet(row), ("xl/styles.xml", styles))
    assert "makes the reader fail" in refusal(data)
    with IsolatedReader() as reader:
        with pytest.raises(SourceError):
            reader.read(data, "a.xlsx")
        assert reader.read(workbook(sheet(ONE)), "a.xlsx")[0]
