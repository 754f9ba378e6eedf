from __future__ import annotations

import io
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import polars as pl
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from cpas.definitions.load import load_definitions
from cpas.errors import Issue, Location, SourceError
from cpas.illustration.geography import SEED
from cpas.intake.annotate import annotate_workbook
from cpas.intake.annotate_marks import SIGN
from cpas.intake.annotate_words import Speech
from cpas.intake.files import Received, read_grids
from cpas.intake.receipt import Receipt
from cpas.intake.recognise import Recogniser
from tests.intake.test_hostile import ONE, PARTS, package, sheet, workbook

FILE = "visits.xlsx"
RECEIPT = Receipt(
    FILE, "ab" * 32, "A. Focal", datetime(2019, 7, 8, 9, 30, tzinfo=UTC), 3, 2, 1, {"Women": "41"}
)
EMPTY = Issue(
    "CPAS-D201",
    Location(FILE, "visits", 3, "B"),
    "`women` is empty, and every row needs it",
    "fill in the cell",
)
TOTAL = Issue(
    "CPAS-S015",
    Location(FILE, "visits", 4),
    "the row begins with `Total`; it is a total and was not counted",
    "delete the row: totals are computed",
    "warning",
)
WHOLE = Issue("CPAS-S008", Location(FILE), "something about all of it", "look at it", "note")
ELSEWHERE = Issue("CPAS-D201", Location("other.xlsx", "visits", 2, "A"), "not of this file", "nothing")


def sent_back(data: bytes) -> Any:
    """What comes back for one issue in the first cell of a workbook."""
    grids, _ = read_grids(data, FILE)
    issue = Issue("CPAS-D201", Location(FILE, grids[0].sheet, 1, "A"), "wrong", "correct it")
    received = Received(FILE, "", len(data), grids)
    return load_workbook(io.BytesIO(annotate_workbook(data, received, [issue], RECEIPT, Speech("en"))))


EVERYWHERE = "A1:XFD1048576"
PRINTED = f'<definedNames><definedName name="_xlnm.Print_Area" localSheetId="0">{"a," * 50_000}</definedName></definedNames></workbook>'


@pytest.mark.parametrize(
    "content",
    [
        sheet(ONE).replace("</worksheet>", f'<mergeCells><mergeCell ref="{EVERYWHERE}"/></mergeCells></worksheet>'),
        sheet(ONE).replace("</worksheet>", f'<hyperlinks><hyperlink ref="{EVERYWHERE}" location="x"/></hyperlinks></worksheet>'),
        sheet(ONE + "".join(f'<row r="{row}" s="1"/>' for row in range(2, 60_000))),
        sheet(ONE.replace("<v>1<", f"<v>{'9' * 400}<")),
        sheet(ONE.replace("<v>", '<f t="shared" si="0">"a</f><v>').replace("</row>", '<c r="B1"><f t="shared" si="0"/><v>1</v></c></row>')),
        sheet(ONE.replace("</c>", '</c><c r="A1"/>')),
        sheet(ONE).replace("/2006/main", "/2006/none").replace('xmlns="', 'x="'),
        ("xl/workbook.xml", PARTS["xl/workbook.xml"].replace("</workbook>", PRINTED)),
        ("xl/workbook.xml", PARTS["xl/workbook.xml"].replace('name="a"', 'name="a/b?"')),
    ],
)  # fmt: skip
def test_a_workbook_that_cannot_be_opened_whole_comes_back_as_a_copy_of_its_values_in_time(
    content: str | tuple[str, str],
) -> None:
    data = (
        workbook(content)
        if isinstance(content, str)
        else package(content, ("xl/worksheets/sheet1.xml", sheet(ONE)))
    )
    begun = time.process_time()
    book = sent_back(data)
    assert time.process_time() - begun < 20
    assert book.worksheets[2]["A1"].value in ("1", "inf")


@pytest.fixture
def theirs() -> bytes:
    """A sender's workbook with a style, a width, a formula, a validation and a comment of their own."""
    book = Workbook()
    sheet = book.active
    sheet.title = "visits"
    for row in (["visit_id", "women", "sum"], ["V1", 12, "=B2*2"], ["V2", None, None], [None, "Total", 12]):
        sheet.append(row)
    sheet["B2"].font, sheet["B3"].fill = (
        Font(bold=True, color="FF123456"),
        PatternFill("solid", fgColor="FF00FF00"),
    )
    sheet.column_dimensions["A"].width = 33
    sheet["A2"].comment = Comment("please look", "Awa")
    sheet["B3"].comment = Comment("not known yet", "Awa")
    return saved(book)


def saved(book: Workbook) -> bytes:
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def received(data: bytes, file: str) -> Received:
    try:
        return Received(file, "", len(data), *read_grids(data, file))
    except SourceError as error:
        return Received(file, "", len(data), issues=error.issues)


def returned(
    data: bytes, issues: Sequence[Issue], language: str = "en", file: str = FILE, datasets: Any = ()
) -> Workbook:
    return load_workbook(
        io.BytesIO(
            annotate_workbook(data, received(data, file), issues, RECEIPT, Speech.of(language, datasets))
        )
    )


def colours(book: Workbook, sheet: str) -> dict[str, str]:
    return {
        str(block.sqref): rule.dxf.fill.bgColor.rgb
        for block in book[sheet].conditional_formatting
        for rule in block.rules
        if list(rule.formula) == [SIGN]
    }


def test_the_list_and_the_receipt_come_first_and_their_sheets_follow(theirs: bytes) -> None:
    book = returned(theirs, [EMPTY])
    assert book.sheetnames == ["Issues", "Receipt", "visits"]
    assert book.active.title == "Issues"


def test_cells_with_issues_are_coloured_by_severity_and_commented(theirs: bytes) -> None:
    book = returned(theirs, [EMPTY, TOTAL])
    assert colours(book, "visits") == {"B3": "00F8C9C4", "B4": "00FFE699"}
    assert (
        "Error: `women` is empty, and every row needs it\nTo do: fill in the cell"
        in book["visits"]["B3"].comment.text
    )


def test_an_issue_of_a_row_marks_its_first_filled_cell(theirs: bytes) -> None:
    assert "Warning" in returned(theirs, [TOTAL])["visits"]["B4"].comment.text


def test_what_the_sender_made_is_kept(theirs: bytes) -> None:
    sheet = returned(theirs, [EMPTY])["visits"]
    assert (sheet["C2"].value, sheet["B2"].font.bold, sheet["B2"].font.color.rgb) == (
        "=B2*2",
        True,
        "FF123456",
    )
    assert (sheet["B3"].fill.fgColor.rgb, sheet.column_dimensions["A"].width) == ("FF00FF00", 33)
    assert sheet["A2"].comment.text == "please look"
    assert sheet["B3"].comment.text.startswith("not known yet\n")


def test_every_issue_of_the_file_is_listed_with_a_link_to_its_cell(theirs: bytes) -> None:
    sheet = returned(theirs, [WHOLE, TOTAL, EMPTY, ELSEWHERE])["Issues"]
    listed = [
        (row[0].value, row[1].value, row[1].hyperlink and row[1].hyperlink.location)
        for row in sheet.iter_rows(min_row=7)
    ]
    assert listed == [
        ("Error", "visits B3", "'visits'!B3"),
        ("Warning", "visits 4", "'visits'!B4"),
        ("Note", "the whole file", None),
    ]
    assert sheet["A2"].value == "Errors: 1, warnings: 1, notes: 1"
    assert "Rows accepted: 2 of 3" in sheet["A3"].value


def test_the_receipt_says_what_became_of_the_rows(theirs: bytes) -> None:
    said = {
        row[0]: row[1] for row in returned(theirs, [EMPTY])["Receipt"].iter_rows(values_only=True) if row[0]
    }
    assert (said["Rows read"], said["Rows accepted"], said["Rows returned"]) == (3, 2, 1)
    assert (said["Received at"], said["Women"], said["SHA-256 of the file as received"]) == (
        "08/07/2019 09:30 UTC",
        "41",
        "ab" * 32,
    )


def test_a_french_sender_reads_french(theirs: bytes) -> None:
    book = returned(theirs, [EMPTY, TOTAL], "fr")
    assert book.sheetnames[:2] == ["Anomalies", "Reçu"]
    assert [row[0] for row in book["Anomalies"].iter_rows(min_row=7, values_only=True)] == [
        "Erreur",
        "Avertissement",
    ]
    assert (
        "`women` est vide, et chaque ligne doit l'avoir\nÀ faire\u00a0: remplissez la cellule"
        in book["visits"]["B3"].comment.text
    )


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "nothing says that this is the whole report of 2019-05, 2019-06; its rows count, and where none is, nothing is known",
            "rien ne dit que c'est le rapport complet de 2019-05, 2019-06\u202f; ses lignes comptent, et là où il n'y en a pas, rien n'est connu",
        ),
        (
            "send it with a cover, or end the file's name with reporter and months, like `incidents-jmac-2019-06.csv`",
            "envoyez-le avec une couverture, ou terminez le nom du fichier par l'émetteur et les mois, comme `incidents-jmac-2019-06.csv`",
        ),
        ("`activity_on` is 2019-07-14, and the report is for 2019-06", "«\u00a0Date de l'activité\u00a0» est 2019-07-14, et le rapport porte sur 2019-06"),
        ("`participants_total` is `12.7`: a count is a whole number", "«\u00a0Participants\u00a0» est `12.7`\u00a0: un décompte est un nombre entier"),
        ("`output` is empty: the activity serves no output of the mission plan", "«\u00a0Produit\u00a0» est vide\u00a0: l'activité ne sert aucun produit du plan de la mission"),
        ("`activity_type` is `Patrol`, which is not one of its codes; did you mean `joint_patrol`?", "«\u00a0Type d'activité\u00a0» est `Patrol`, qui n'est pas un de ses codes\u202f; vouliez-vous dire `joint_patrol`\u202f?"),
        ("give both, or neither", "indiquez les deux, ou aucune"),
        ("a sentence nobody knows", "a sentence nobody knows"),
    ],
)  # fmt: skip
def test_messages_are_told_in_french_with_labels_and_the_words_of_the_rules(
    english: str, french: str
) -> None:
    speech = Speech.of("fr", [load_definitions(SEED).datasets["activities"]])
    assert speech.tell(english) == french


def test_a_french_comment_has_a_fixed_space_before_its_colons(theirs: bytes) -> None:
    assert "\nErreur\u00a0: " in returned(theirs, [EMPTY], "fr")["visits"]["B3"].comment.text


def test_marks_of_an_earlier_return_go_and_comments_of_the_sender_stay(theirs: bytes) -> None:
    first = annotate_workbook(theirs, received(theirs, FILE), [EMPTY, TOTAL], RECEIPT, Speech("en"))
    book = returned(first, [], "fr")
    assert book.sheetnames == ["Anomalies", "Reçu", "visits"]
    assert colours(book, "visits") == {}
    comments = {cell.coordinate: cell.comment.text for row in book["visits"] for cell in row if cell.comment}
    assert comments == {"A2": "please look", "B3": "not known yet"}


def test_marks_go_too_where_rows_were_moved_since_and_are_no_comments_of_the_sender(theirs: bytes) -> None:
    book = returned(theirs, [EMPTY, TOTAL])
    sheet = book["visits"]
    sheet["C9"], sheet["C9"].comment = "moved", Comment(sheet["B4"].comment.text, "cpas")
    sheet["B4"].comment = None
    moved = saved(book)
    commented = [one for one in received(moved, FILE).issues if one.code == "CPAS-S054"]
    assert sorted(str(one.where) for one in commented) == [f"{FILE} [visits!A2]", f"{FILE} [visits!B3]"]
    assert returned(moved, [])["visits"]["C9"].comment is None


def test_sheets_of_a_return_are_not_read_when_it_is_sent_again(mission: Any) -> None:
    data = mission.template("activities", "en")
    issue = Issue(
        "CPAS-D201", Location("activities.xlsx", "Activities", 4, "B"), "`activity_id` is empty", "fill in"
    )
    again = annotate_workbook(data, received(data, "activities.xlsx"), [issue], RECEIPT, Speech("en"))
    grids, notes = read_grids(again, "activities.xlsx")
    known = Recogniser(one.dataset for one in mission.definitions.datasets.values()).recognise(
        Received("activities.xlsx", "", 1, grids, notes)
    )
    assert (set(known.sheets), known.issues) == ({"activities"}, ())


def test_our_colours_go_before_those_of_the_template(mission: Any) -> None:
    issue = Issue("CPAS-D201", Location("a.xlsx", "Activities", 4, "E"), "`section` is empty", "fill in")
    book = returned(mission.template("activities", "en"), [issue], file="a.xlsx")
    rules = [
        (str(block.sqref), rule.priority)
        for block in book["Activities"].conditional_formatting
        for rule in block.rules
    ]
    assert rules[0] == ("E4", 1)
    assert len({priority for _, priority in rules}) == len(rules)


def test_a_merged_cell_is_marked_at_its_beginning(theirs: bytes) -> None:
    book = load_workbook(io.BytesIO(theirs))
    book["visits"].merge_cells("B2:B3")
    assert "needs it" in returned(saved(book), [EMPTY])["visits"]["B2"].comment.text


def test_a_sheet_of_the_senders_with_the_name_of_ours_is_kept(theirs: bytes) -> None:
    book = load_workbook(io.BytesIO(theirs))
    book.create_sheet("Issues")["A1"] = "our own list"
    after = returned(saved(book), [EMPTY])
    assert after.sheetnames == ["Issues 2", "Receipt", "visits", "Issues"]
    assert after["Issues"]["A1"].value == "our own list"


def test_a_text_file_comes_back_as_a_marked_copy_of_its_values() -> None:
    issue = Issue(
        "CPAS-D201",
        Location("visits.csv", "", 3, "B"),
        "`women` is empty, and every row needs it",
        "fill in the cell",
    )
    book = returned(b"visit_id;women\nV1;=1+1\nV2;\n", [issue], file="visits.csv")
    sheet = book.worksheets[2]
    assert [sheet["A3"].value, sheet["B2"].value, sheet["B2"].data_type] == ["V2", "=1+1", "s"]
    assert "needs it" in sheet["B3"].comment.text


def test_control_characters_come_back_as_signs_for_what_is_lost() -> None:
    place = Location("visits.csv", "", 1, "B")
    issue = Issue("CPAS-S011", place, "no column is called `no\x01te`; it was not read", "correct the header")
    book = returned("visit_id;no\x01te\nV1;a\x0bb\uffff\n".encode(), [issue], file="visits.csv")
    sheet = book.worksheets[2]
    assert [sheet["B1"].value, sheet["B2"].value] == ["no\ufffdte", "a\ufffdb\ufffd"]
    assert "`no\ufffdte`" in sheet["B1"].comment.text


def test_a_parquet_file_comes_back_as_a_marked_copy_under_its_header() -> None:
    held = io.BytesIO()
    pl.DataFrame({"visit_id": ["V1", "V2"], "women": [1, None]}).write_parquet(held)
    place = Location("visits.parquet", "", 3, "B")
    issue = Issue("CPAS-D201", place, "`women` is empty, and every row needs it", "fill in the cell")
    sheet = returned(held.getvalue(), [issue], file="visits.parquet").worksheets[2]
    assert [cell.value for cell in sheet["A"]] == ["visit_id", "V1", "V2"]
    assert "needs it" in sheet["B3"].comment.text


def test_a_file_that_cannot_be_read_comes_back_as_list_and_receipt() -> None:
    issue = Issue("CPAS-S001", Location(FILE), "the workbook is damaged", "send it again")
    assert returned(b"PK\x03\x04 no archive", [issue]).sheetnames == ["Issues", "Receipt"]


def test_only_the_extent_found_is_touched(theirs: bytes) -> None:
    book = load_workbook(io.BytesIO(theirs))
    book["visits"].cell(1_048_576, 3).font = Font(bold=True)
    data = saved(book)
    marked = annotate_workbook(data, received(data, FILE), [EMPTY, TOTAL], RECEIPT, Speech("en"))
    with ZipFile(io.BytesIO(marked)) as archive:
        sizes = {name: archive.getinfo(name).file_size for name in archive.namelist() if "/sheet" in name}
    assert max(sizes.values()) < 20_000


def test_the_return_can_be_read_again(theirs: bytes, tmp_path: Path, book: Callable[..., Path]) -> None:
    grids, _ = read_grids(
        annotate_workbook(theirs, received(theirs, FILE), [EMPTY], RECEIPT, Speech("en")), FILE
    )
    assert [grid.sheet for grid in grids] == ["Issues", "Receipt", "visits"]
