import io
import zipfile

import pytest

from cpas.errors import SourceError
from cpas.intake.guard import Oddities, check_archive
from cpas.intake.inspect_sheet import Scan

BOOK = '<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" r:id="s"/></sheets></workbook>'
RELATIONS = (
    '<Relationships><Relationship Id="s" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)
SHEET = '<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c>{}</row></sheetData></worksheet>'


def archive(sheet: str | bytes, *more: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("xl/workbook.xml", BOOK)
        target.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        target.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, content in more:
            target.writestr(name, content)
    return made.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(SourceError) as caught:
        check_archive(data, "a.xlsx")
    [issue] = caught.value.issues
    assert issue.code == "CPAS-S002"
    return issue.message


def test_an_ordinary_sheet_passes() -> None:
    assert check_archive(archive(SHEET.format("")), "a.xlsx").sheets == {"a": Oddities(Scan(values=1))}


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="XFD1048576"><v>1</v></c>',
        "<c r='XFD1048576'><v>1</v></c>",
        '<x:c xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" s="1" r="XFD1048576"><x:v>1</x:v></x:c>',
    ],
)
def test_a_value_in_the_last_cell_of_a_sheet_is_refused_before_anybody_makes_room_for_it(cell: str) -> None:
    assert "row 1,048,576 and column 16,384" in refusal(archive(SHEET.format(cell)))


def test_two_cells_far_apart_are_refused_too() -> None:
    assert "somewhere far from the table" in refusal(
        archive(SHEET.format('<c r="ZZ1"><v>1</v></c><c r="A99999"><v>1</v></c>'))
    )


def test_a_blank_formatted_cell_far_away_does_no_harm() -> None:
    assert check_archive(archive(SHEET.format('<c r="XFD1048576" s="1"/>')), "a.xlsx").sheets == {
        "a": Oddities(Scan(1, 1, values=1))
    }


@pytest.mark.parametrize("head", ['<!DOCTYPE x [<!ENTITY a "b">]>', '<!ENTITY a SYSTEM "file:///x">'])
def test_entities_are_refused(head: str) -> None:
    assert "never writes" in refusal(archive(head + SHEET.format("")))


def test_a_part_in_an_encoding_that_would_hide_its_content_is_refused() -> None:
    assert "never writes" in refusal(archive(SHEET.format("").encode("utf-16")))


def test_a_part_that_unpacks_to_hundreds_of_times_its_size_is_refused() -> None:
    assert "unpacks to" in refusal(archive(SHEET.format(" " * 5_000_000)))


def test_thousands_of_parts_are_refused() -> None:
    assert "parts" in refusal(archive(SHEET.format(""), *((f"x{i}", b"") for i in range(2_001))))
