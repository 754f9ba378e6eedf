import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation

from cpas.errors import Issue
from cpas.intake.files import read_grids

Book = Callable[..., Path]
ROWS = [["name", "figure"], *([f"n{i}", i] for i in range(1, 10))]


def found(path: Path, change: Callable[[Any], None]) -> list[tuple[str, str, int]]:
    """Code, cell and count of each issue once a sheet was changed."""
    workbook = load_workbook(path)
    change(workbook.active)
    workbook.save(path)
    return [
        (one.code, f"{one.where.column}{one.where.row or ''}", one.count) for one in issues(path.read_bytes())
    ]


def issues(data: bytes) -> tuple[Issue, ...]:
    return read_grids(data, "a.xlsx")[1]


def repacked(path: Path, old: bytes, new: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            # which of the two openpyxl writes depends on whether lxml is there
            content = source.read(name).replace(b"<v></v>", b"<v />")
            target.writestr(name, content.replace(old, new))
    return made.getvalue()


def test_a_plain_table_gives_no_issue(book: Book) -> None:
    assert issues(book({"a": ROWS}).read_bytes()) == ()


def test_hidden_rows_and_columns_with_values_are_warnings(book: Book) -> None:
    def hide(sheet: Any) -> None:
        for row in (3, 4, 7, 40):
            sheet.row_dimensions[row].hidden = True
        sheet.column_dimensions["B"].hidden = sheet.column_dimensions["F"].hidden = True

    assert found(book({"a": ROWS}), hide) == [
        ("CPAS-S053", "3", 2),
        ("CPAS-S053", "7", 1),
        ("CPAS-S053", "B", 1),
    ]


def test_a_formula_with_its_value_is_a_warning_and_its_value_is_read(book: Book) -> None:
    path = book({"a": [*ROWS, ["sum", "=SUM(B2:B4)"]]})
    data = repacked(path, b"<f>SUM(B2:B4)</f><v />", b"<f>SUM(B2:B4)</f><v>6</v>")
    grids, [issue] = read_grids(data, "a.xlsx")
    assert (issue.code, str(issue.where), issue.severity) == ("CPAS-S052", "a.xlsx [a!B11]", "warning")
    assert "=SUM(B2:B4)" in issue.message
    assert grids[0].cells.item(10, "B") == "6"


def test_comments_are_notes(book: Book) -> None:
    def comment(sheet: Any) -> None:
        sheet["B3"].comment = Comment("about 50", "A")

    assert found(book({"a": ROWS}), comment) == [("CPAS-S054", "B3", 1)]


def test_cells_that_lost_their_validation_are_warnings(book: Book) -> None:
    def validate(sheet: Any) -> None:
        rule = DataValidation(type="whole", operator="greaterThan", formula1="0")
        sheet.add_data_validation(rule)
        for cells in ("B2:B4", "B7:B20", "A2:A20"):
            rule.add(cells)

    assert found(book({"a": ROWS}), validate) == [("CPAS-S055", "B5", 2)]


def test_rows_far_below_the_table_are_warnings(book: Book) -> None:
    def write(sheet: Any) -> None:
        sheet["A40"], sheet["A41"] = "old", "older"

    assert found(book({"a": ROWS}), write) == [("CPAS-S056", "40", 2)]


def test_links_to_other_workbooks_are_a_warning(book: Book) -> None:
    path = book({"a": ROWS})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    assert [issue.code for issue in issues(path.read_bytes())] == ["CPAS-S051"]


def test_of_one_kind_two_hundred_issues_are_kept_and_the_rest_counted(book: Book) -> None:
    path = book({"a": [["x", "=1"] for _ in range(500)]})
    told = issues(repacked(path, b"<v />", b"<v>1</v>"))
    assert (len(told), sum(issue.count for issue in told)) == (201, 500)


def test_hidden_sheets_are_not_inspected(book: Book) -> None:
    path = book({"a": ROWS, "lists": [["x"], *([[None]] * 30), ["y"]]})
    workbook = load_workbook(path)
    workbook["lists"].sheet_state = "veryHidden"
    workbook.save(path)
    assert issues(path.read_bytes()) == ()


def test_rows_that_a_template_has_ready_are_neither_hidden_nor_pasted_nor_below_it(mission: Any) -> None:
    workbook = load_workbook(io.BytesIO(mission.template("activities", "fr")))
    sheet = workbook.worksheets[1]
    sheet["B4"], sheet["B5"] = "A1", "A2"
    for row in range(5, 16):
        sheet.row_dimensions[row].hidden = True
    for row in (16, 17):
        sheet[f"D{row}"] = sheet["D15"].value
    sheet.data_validations.dataValidation = [
        one for one in sheet.data_validations.dataValidation if not str(one.sqref).startswith("D")
    ]
    held = io.BytesIO()
    workbook.save(held)
    told = [
        (one.code, f"{one.where.column}{one.where.row or ''}", one.count) for one in issues(held.getvalue())
    ]
    assert told == [("CPAS-S053", "5", 1), ("CPAS-S055", "D", 2)]
