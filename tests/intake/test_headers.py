from collections.abc import Callable
from pathlib import Path

import pytest

from cpas.definitions.loaded import LoadedDataset
from cpas.intake.files import read_grids
from cpas.intake.headers import Header, Names, find_header
from cpas.intake.tables import Table

Read = Callable[[Path], Table]
Book = Callable[..., Path]

NEEDED = ["Visit ID", "Date of visit", "Field office", "Kind of visit"]
ROW = ["V1", "2019-06-01", "FO-GAO", "meeting"]


@pytest.fixture
def header(visits: LoadedDataset, book: Book) -> Callable[..., Header | None]:
    def find(*rows: list[object]) -> Header | None:
        path = book({"visits": rows})
        return find_header(read_grids(path.read_bytes(), path.name)[0][0], Names.of(visits.dataset))

    return find


@pytest.mark.parametrize(
    "labels",
    [
        NEEDED,
        ["visit_id", "visited_on", "office", "kind"],
        ["Identifiant de la visite", "Date de la visite", "Bureau", "Type de visite"],
        ["VISIT  id *", "date_of_visit", "field-office", "Type"],
        ["Visit ID (required)", "Date of visit [dd/mm/yyyy]", "Field\noffice", "Kind of visit*"],
        ["#activity+id", "#date+start", "Bureau", "Type"],
    ],
)
def test_a_header_is_found_by_label_name_alias_or_tag(
    header: Callable[..., Header], labels: list[str]
) -> None:
    found = header(labels, ROW)
    assert dict(found.columns) == {"visit_id": "A", "visited_on": "B", "office": "C", "kind": "D"}
    assert (found.row, found.body, found.issues) == (1, 1, ())


def test_title_rows_above_are_passed_over(header: Callable[..., Header]) -> None:
    found = header(["Monthly report"], [], [None, "June 2019"], NEEDED, ROW)
    assert (found.row, found.body) == (4, 4)


def test_a_row_of_tags_names_columns_and_is_no_data(header: Callable[..., Header]) -> None:
    found = header(["Nr", *NEEDED[1:]], ["#activity +id", "#date+start", None, None], ROW)
    assert (found.columns["visit_id"], found.body) == ("A", 2)


def test_a_header_of_two_lines_is_read_together(header: Callable[..., Header]) -> None:
    found = header([*NEEDED, "Participants", None], [None, None, None, None, "women", "men"], [*ROW, 1, 2])
    assert (found.columns["women"], found.columns["men"], found.row, found.body) == ("E", "F", 2, 2)


def test_a_header_split_over_three_lines_is_read_together(header: Callable[..., Header]) -> None:
    found = header(
        ["Visit", "Date", "Field", "Kind"], [None, "of", None, "of"], ["ID", "visit", "office", "visit"], ROW
    )
    assert (len(found.columns), found.row) == (4, 3)


def test_a_misspelt_header_is_an_error_with_what_may_be_meant(header: Callable[..., Header]) -> None:
    found = header([*NEEDED, "Participants - womem"], [*ROW, 1])
    [issue] = found.issues
    assert (issue.code, issue.severity, issue.where.column) == ("CPAS-S011", "error", "E")
    assert "did you mean `Participants - women`?" in issue.message


def test_a_column_of_the_reporters_own_is_a_warning(header: Callable[..., Header]) -> None:
    [issue] = header([*NEEDED, "Vehicle registration"], [*ROW, "UN-1"]).issues
    assert (issue.code, issue.severity) == ("CPAS-S011", "warning")


def test_a_column_with_values_and_no_header_is_said(header: Callable[..., Header]) -> None:
    [issue] = header([*NEEDED, None], [*ROW, "stray"]).issues
    assert (issue.code, issue.where.column) == ("CPAS-S014", "E")


def test_a_missing_required_column_is_said_once(book: Book, read: Read) -> None:
    table = read(book({"visits": [NEEDED[:3], ROW[:3], ROW[:3]]}))
    [issue] = table.issues
    assert (issue.code, "`kind` is missing" in issue.message) == ("CPAS-S012", True)
    assert {cell[2:] for cell in table.faulted} == {(2, "kind"), (3, "kind")}
    assert table.frame.height == 2


def test_a_header_named_twice_is_an_error_and_the_first_is_read(book: Book, read: Read) -> None:
    table = read(book({"visits": [[*NEEDED, "Remark", "Remarque"], [*ROW, "first", "second"]]}))
    [issue] = table.issues
    assert (issue.code, issue.where.column) == ("CPAS-S013", "F")
    assert table.frame["remark"].to_list() == ["first"]


@pytest.mark.parametrize("rows", [[["x", "y"], [1, 2]], [["Visit ID"], ["V1"]], [ROW, ROW]])
def test_without_a_header_every_row_is_reported(book: Book, read: Read, rows: list[list[object]]) -> None:
    table = read(book({"visits": rows}))
    [issue] = table.issues
    assert (issue.code, issue.count, table.frame.height) == ("CPAS-S010", 2, 0)
