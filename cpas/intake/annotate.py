"""The sender's workbook with every fault marked in it, a list of them with links, and a receipt."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence

from openpyxl import Workbook

from cpas.errors import SEVERITIES, Issue
from cpas.intake.annotate_copy import Opened, copy_values, open_workbook
from cpas.intake.annotate_marks import clean, mark
from cpas.intake.annotate_sheets import (
    own_name,
    remove_earlier,
    write_issues,
    write_receipt,
)
from cpas.intake.annotate_words import Speech
from cpas.intake.files import Received
from cpas.intake.receipt import Receipt


def annotate_workbook(
    data: bytes,
    received: Received,
    issues: Sequence[Issue],
    receipt: Receipt,
    speech: Speech,
) -> bytes:
    """A workbook (.xlsx) for the sender: their own, with colours and comments on the cells of its issues.

    Styles, columns, validations and formulas stay as they are; macros are left out. Marks of an earlier
    return are taken away first. A CSV file, and a workbook too large to open with its styles, come back
    as a copy of their values.

    Args:
        data: The content of the file.
        received: Its name in the issues (those of other files are left out), and what was read of it.
        issues: What was found; those without a cell stand on the list only.
        receipt: What became of its rows.
        speech: The sender's; messages that nobody has translated stay in English.
    """
    own = sorted(
        (issue for issue in issues if issue.where.file == received.file),
        key=lambda issue: (SEVERITIES.index(issue.severity), issue.where.sheet, issue.where.row, issue.where),
    )
    opened = open_workbook(data, received, own)
    try:
        return _annotated(opened, own, receipt, speech)
    except Exception:
        # openpyxl opens what it cannot write again, such as a number of four hundred digits
        if opened.is_copy:
            raise
        return _annotated(copy_values(received.grids, own), own, receipt, speech)


def _annotated(opened: Opened, own: Sequence[Issue], receipt: Receipt, speech: Speech) -> bytes:
    book = opened.book
    clean(book, opened.marked)
    remove_earlier(book)
    linked = _mark_sheets(opened, own, speech)
    listed = book.create_sheet(own_name(book, "issues", speech.language), 0)
    write_issues(listed, linked, receipt, speech, is_copy=opened.is_copy)
    write_receipt(book.create_sheet(own_name(book, "receipt", speech.language), 1), receipt, speech)
    _open_on_first(book)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _mark_sheets(opened: Opened, issues: Sequence[Issue], speech: Speech) -> list[tuple[Issue, str]]:
    """Mark every sheet; the issues in their order, each with the link to its cell or to its sheet."""
    by_sheet: dict[str, list[int]] = defaultdict(list)
    for index, issue in enumerate(issues):
        by_sheet[issue.where.sheet].append(index)
    links = [""] * len(issues)
    for name, indexes in by_sheet.items():
        if name not in opened.sheets or opened.sheets[name] not in {
            one.title for one in opened.book.worksheets
        }:
            continue
        sheet = opened.book[opened.sheets[name]]
        quoted = sheet.title.replace("'", "''")
        cells = mark(sheet, [issues[index] for index in indexes], speech)
        for number, index in enumerate(indexes):
            row, letter = cells.get(number, (1, issues[index].where.column or "A"))
            links[index] = f"'{quoted}'!{letter}{row}"
    return list(zip(issues, links, strict=True))


def _open_on_first(book: Workbook) -> None:
    """Let the workbook open on its first sheet, which alone is selected."""
    book.active = 0
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet is book.worksheets[0]
