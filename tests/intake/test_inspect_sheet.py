"""The quick look at a sheet finds what following every element finds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpas.intake.inspect_sheet import OddSheetError, Scan, look_at_sheet, scan_sheet

ROW = '<row r="{}"{}>{}</row>'
PLAIN = '<c r="A1" t="s"><v>0</v></c>'


def sheet(*rows: str, head: str = "", tail: str = "") -> bytes:
    return f'<worksheet xmlns:x="x">{head}<sheetData>{"".join(rows)}</sheetData>{tail}</worksheet>'.encode()


def told(look: Callable[[bytes], Scan], content: bytes) -> object:
    """What was found, or that the sheet is refused."""
    try:
        scan = look(content)
    except OddSheetError:
        return OddSheetError
    return list(scan.formulas.items()), scan.hidden_rows, scan.hidden_columns


def test_a_letter_that_is_written_as_a_reference_in_a_text_has_no_element_followed() -> None:
    content = sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>M&#233;naka</t></is></c></row>')
    assert (look_at_sheet(content).rows, scan_sheet(content).rows) == (0, 1)


texts = st.sampled_from(
    [
        "",
        " ",
        "1",
        "Ségou",
        "hidden",
        'hidden="1"',
        "a&gt;b",
        "a>b",
        "&amp;&#10;",
        "sheetData",
        "f",
        "x!y",
        "c r",
        "?",
    ]
)
tails = st.sampled_from(
    ["", "", "", ' s="1"', ' t="str"', " t='str'", ' x="a>b"', ' x="hidden"', ' x:hidden="1"']
)
formulas = st.builds(
    "<f{}>{}</f>".format,
    st.sampled_from(["", "", ' aca="false"', ' t="shared" ref="A1:A9" si="0"']),
    st.sampled_from(["SUM(B1:B2)", "IF(A1&lt;2,&quot;é&quot;,Sheet1!A1)", "a>b", ""]),
) | st.sampled_from(["<f/>", '<f t="shared" si="0"/>', "<x:f>A1</x:f>"])
values = st.builds("<v>{}</v>".format, texts) | st.sampled_from(["", "<v/>", "<v></v>"])
addresses = st.builds("{}{}".format, st.sampled_from(["A", "B", "AZ", "BA", "XFD"]), st.integers(1, 120_000))
usual = st.builds('<c r="{}{}"{}>{}</c>'.format, st.sampled_from("AB"), st.integers(1, 9), tails, values)
calculated = st.builds(
    '<c r="{}{}"{}>{}{}</c>'.format, st.sampled_from("AB"), st.integers(1, 9), tails, formulas, values
)
odd = st.one_of(
    st.builds('<c r="{}">{}{}</c>'.format, addresses, formulas, values),
    st.builds("<c r='A7'>{}{}</c>".format, formulas, values),
    st.builds("<c>{}{}</c>".format, formulas, values),
    st.builds('<c s="1" r="B2">{}</c >'.format, formulas),
    st.builds('<c r="B2">{}</c ><c r="B3">{}</c>'.format, formulas, formulas),
    st.builds('<x:c r="B2">{}</x:c>'.format, formulas),
    st.builds('<c r="A1">{}{}</c>'.format, formulas, formulas),
    st.builds('<c r="A1"/>{}<c r="B1"/>'.format, formulas),
    st.builds('<c r="A1"><c r="B2">{}</c></c>'.format, formulas),
    st.builds("<!-- <c r='A1'>{}</c> hidden -->".format, formulas),
    st.builds('<c r="A2"><v><![CDATA[<c r="A3"><f>1</f></c>]]></v>{}</c>'.format, formulas),
    st.builds('<?x <c r="A4">{}</c> ?>'.format, formulas),
    st.builds('<c r="A5" t="inlineStr"><is><t>{}</t></is></c>'.format, texts),
    st.sampled_from(
        ['<col min="1" max="2" hidden="1"/>', "<sheetData/>", '<c r="A9"', "</c>", "<f", '<row hidden="1"/>', "&b;"]
    ),
)  # fmt: skip
marks = st.sampled_from(
    ["", "", "", ' hidden="1"', ' hidden="true"', ' hidden="0"', ' hidden="false"', " hidden='1'", ' x="a>b" hidden="1"',
     ' hidden="1" x="a>b"', ' x="hidden"', " x='hidden=\"1\"'", ' x:hidden="1"', '\nhidden = "1"', ' spans="1:2"']
)  # fmt: skip
inside = st.lists(usual | calculated, max_size=4).map("".join)
rows = st.builds(ROW.format, st.integers(1, 99), marks, inside)
odd_rows = st.one_of(
    st.builds(ROW.format, st.integers(1, 99), marks, st.tuples(inside, odd, inside).map("".join)),
    st.builds("<row{}>{}</row>".format, marks, inside),
    st.builds("<row r='5'{}>{}</row>".format, marks, inside),
    st.builds('<x:row r="6"{}>{}</x:row>'.format, marks, inside),
    st.builds('<row r="7"{}>{}{}</row>'.format, marks, texts, inside),
    odd,
)
around = st.sampled_from(
    ["", "", '<cols><col min="2" max="3" hidden="1"/></cols>', '<col min="1" max="1" hidden="0"/>', "<!-- hidden -->",
     '<x a="hidden"/>', "<sheetData/>", '<sheetData><row r="1" hidden="1"/></sheetData>', "<?x hidden?>"]
)  # fmt: skip


@settings(max_examples=400)
@given(st.lists(rows, max_size=5), around, around)
def test_of_usual_sheets_the_quick_look_finds_what_following_every_element_finds(
    lines: list[str], head: str, tail: str
) -> None:
    content = sheet(*lines, head=head, tail=tail)
    assert told(look_at_sheet, content) == told(scan_sheet, content)


@settings(max_examples=800)
@given(st.lists(rows | odd_rows, max_size=5), around, around)
def test_of_odd_sheets_it_finds_the_same_where_they_are_xml(lines: list[str], head: str, tail: str) -> None:
    content = sheet(*lines, head=head, tail=tail)
    full = told(scan_sheet, content)
    if full is not OddSheetError:
        assert told(look_at_sheet, content) == full


@settings(max_examples=300)
@given(st.lists(rows | odd_rows, max_size=3).map(lambda lines: sheet(*lines)), st.data())
def test_of_a_damaged_sheet_it_gives_something_or_says_why_not(content: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(content)))
    size = data.draw(st.integers(0, 9))
    found = told(look_at_sheet, content[:at] + data.draw(st.binary(max_size=3)) + content[at + size :])
    assert found is OddSheetError or isinstance(found, tuple)


@pytest.mark.parametrize(
    ("line", "reach"),
    [
        ('<row r="7" spans="1:2"><c r="A7"><f>B7&gt;1</f><v>1</v></c></row>', 7),
        ('<row r="7" customFormat="false" hidden="false"><c r="A7"><v>1</v></c></row>', 0),
        ('<row r="7" hidden="1"><c r="A7"><v>1</v></c></row>', 0),
        ("<row r='7'><c r=\"A7\"><f>1</f></c></row>", 7),
        ("<row r=\"7\"><c r='A7'><f>1</f></c></row>", 900),
        ('<row r="7"><c r="A7"><f>1</f><f>2</f></c></row>', 900),
    ],
)
def test_of_cells_spelt_plainly_only_the_unusual_ones_are_followed(line: str, reach: int) -> None:
    assert look_at_sheet(sheet(line, ROW.format(900, "", PLAIN.replace("A1", "A900")))).rows == reach
