import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from cpas.definitions.loaded import LoadedDataset
from cpas.intake.cells import Vocabulary
from cpas.intake.excel import read_workbook
from cpas.intake.tables import Table, build_table

HEADER = ["visit_id", "visited_on", "office", "kind", "men", "hours", "latitude", "escorted", "remark"]
ROW = ["V1", date(2019, 6, 1), "FO-GAO", "meeting", 3, 1.5, 14.25, True, "x"]
BLANK = [None] * len(ROW)

Book = Callable[..., Path]
Read = Callable[[Path], Table]


def in_workbook(rows: list[list[Any]], visits: LoadedDataset, vocabulary: Vocabulary) -> Table:
    workbook, data = Workbook(), BytesIO()
    for row in rows:
        workbook.active.append(row)
    workbook.save(data)
    return build_table(visits, read_workbook(data.getvalue(), "a.xlsx"), vocabulary)


def test_the_frame_has_every_declared_column_in_order_then_the_place(
    book: Book, read: Read, visits: LoadedDataset
) -> None:
    columns = list(visits.dataset.column_names)
    columns.insert(columns.index("women") + 1, "women_status")
    assert read(book({"visits": [HEADER, ROW]})).frame.columns == [*columns, "_file", "_sheet", "_row"]


def test_a_data_set_without_files_has_its_columns_and_no_rows(
    visits: LoadedDataset, vocabulary: Vocabulary
) -> None:
    table = build_table(visits, (), vocabulary)
    assert (table.frame.height, table.frame["cost"].dtype, table.issues) == (
        0,
        table.frame["hours"].dtype,
        (),
    )


def test_blank_rows_are_passed_over_and_the_last_row_is_read(book: Book, read: Read) -> None:
    table = read(book({"visits": [HEADER, ROW, BLANK, ["  "], ROW, BLANK, ROW]}))
    assert table.frame["_row"].to_list() == [2, 5, 7]


@pytest.mark.parametrize(
    "total", ["Total", "TOTAL :", "Totaux", "Grand total", "Sous-total", "Total général"]
)
def test_a_total_is_reported_and_not_counted(book: Book, read: Read, total: str) -> None:
    table = read(book({"visits": [HEADER, ROW, [total, None, None, None, 3]]}))
    [issue] = table.issues
    assert (issue.code, issue.where.row, table.frame.height) == ("CPAS-S015", 3, 1)


def test_merged_cells_among_the_data_are_an_error(book: Book, read: Read) -> None:
    path = book({"visits": [["Visits of June"], HEADER, ROW, ROW]})
    workbook = load_workbook(path)
    workbook["visits"].merge_cells("A1:D1")
    workbook["visits"].merge_cells("C3:C4")
    workbook.save(path)
    [issue] = read(path).issues
    assert (issue.code, str(issue.where)) == ("CPAS-S016", "visits.xlsx [visits!C3]")


def test_a_header_without_rows_is_an_empty_table_without_an_issue(book: Book, read: Read) -> None:
    table = read(book({"visits": [HEADER]}))
    assert (table.frame.height, table.issues) == (0, ())


words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=12).filter(
    lambda text: not text.startswith("=")
)
cells = st.one_of(
    st.none(),
    st.just("Total"),
    st.just("NR"),
    words,
    st.integers(-5, 10**6),
    st.floats(-1e6, 1e6),
    st.booleans(),
    st.dates(date(1990, 1, 1), date(2030, 1, 1)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(cells, min_size=len(HEADER), max_size=len(HEADER)), max_size=8))
def test_no_row_is_lost_whatever_is_in_it(
    visits: LoadedDataset, vocabulary: Vocabulary, rows: list[list[Any]]
) -> None:
    table = in_workbook([HEADER, *rows], visits, vocabulary)
    totals = [issue for issue in table.issues if issue.code == "CPAS-S015"]
    faults = [issue for issue in table.issues if issue.severity == "error"]
    office = HEADER.index("office")
    told = [row[:office] + row[office + 1 :] for row in rows]
    filled = [row for row in told if any(cell is not None and str(cell).strip() for cell in row)]
    assert table.frame.height + len(totals) == len(filled)
    assert all(issue.where.row and issue.fix for issue in table.issues)
    assert len(table.faulted) == len(faults)


plain = words.filter(lambda text: text.strip() and not text.startswith("#"))
values = st.tuples(
    st.just("V"),
    st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    st.sampled_from(["FO-GAO", "FO-SGU"]),
    st.sampled_from(["long_patrol", "meeting"]),
    st.integers(0, 10**12 - 1),
    st.decimals(-(10**8), 10**8, places=6).map(float),
    st.floats(-180, 180).map(lambda degrees: round(degrees, 6)),
    st.booleans(),
    plain,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(values, min_size=1, max_size=5))
def test_what_openpyxl_writes_is_read_back(
    visits: LoadedDataset, vocabulary: Vocabulary, rows: list[tuple[Any, ...]]
) -> None:
    frame = in_workbook([HEADER, *map(list, rows)], visits, vocabulary).frame
    for found, (*written, hours, latitude, escorted, remark) in zip(
        frame.select(HEADER).iter_rows(), rows, strict=True
    ):
        expected = (*written, round(Decimal(repr(hours)), 6), pytest.approx(latitude, abs=1e-9), escorted)
        assert found[:-1] == expected
        assert found[-1] == unicodedata.normalize("NFC", remark).strip()
