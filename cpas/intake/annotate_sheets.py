"""The two sheets of an annotated return: every issue with a link to its cell, and the receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC

from openpyxl import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from cpas.errors import SEVERITIES, Issue
from cpas.intake.annotate_words import Speech
from cpas.intake.receipt import Receipt
from cpas.intake.template_style import (
    BLUE,
    BOLD,
    BOX,
    GREY,
    HEAD,
    HEADING,
    LEFT,
    LINK,
    PALE,
    PLAIN,
    SEVERITY_FILLS,
    SMALL,
    SUBTITLE,
    TITLE,
    WRAP,
    fill,
    height,
    page,
    put,
)
from cpas.intake.words import OWN_SHEETS

_FIRST = 7
_HEADS = {"issues": (_FIRST - 1, "severity"), "receipt": (1, "receipt")}
_WIDTHS = {"A": 16, "B": 26, "C": 72, "D": 56, "E": 12, "F": 10}


def own_name(book: Workbook, key: str, language: str) -> str:
    """What our sheet is called; with a number where the sender has one of that name."""
    name, taken = OWN_SHEETS[key].get(language, OWN_SHEETS[key]["en"]), set(book.sheetnames)
    return next(one for one in (name, *(f"{name} {number}" for number in range(2, 100))) if one not in taken)


def remove_earlier(book: Workbook) -> None:
    """Take away the sheets that earlier returns added."""
    for sheet in _earlier(book):
        book.remove(sheet)


def _earlier(book: Workbook) -> list[Worksheet]:
    """Our sheets, known by their names and by what stands at their heads."""
    return [
        sheet
        for sheet in book.worksheets
        for key, (row, word) in _HEADS.items()
        if sheet.title.rstrip(" 0123456789") in OWN_SHEETS[key].values()
        and sheet.cell(row, 1).value in {Speech(language).word(word) for language in OWN_SHEETS[key]}
    ]


def write_issues(
    sheet: Worksheet,
    issues: Sequence[tuple[Issue, str]],
    receipt: Receipt,
    speech: Speech,
    *,
    is_copy: bool,
) -> None:
    """Every issue, errors first, with a link to its cell.

    Args:
        sheet: An empty sheet.
        issues: Each with the address of its cell as a link has it, `'Activities'!F17`, or an empty text.
        receipt: For how many rows were accepted.
        speech: The sender's language.
        is_copy: Whether the workbook is a copy of the values.
    """
    for letter, wide in _WIDTHS.items():
        sheet.column_dimensions[letter].width = wide
    counts: dict[str, int] = dict.fromkeys(SEVERITIES, 0)
    for issue, _ in issues:
        counts[issue.severity] += issue.count
    put(sheet, (1, 1), speech.word("heading", file=receipt.file), font=TITLE)
    put(sheet, (2, 1), speech.word("counts", **counts), font=HEADING)
    rows = {"accepted": receipt.rows_accepted, "read": receipt.rows_read, "returned": receipt.rows_returned}
    put(sheet, (3, 1), speech.word("accepted", **rows), font=SUBTITLE)
    put(sheet, (4, 1), speech.word("copied" if is_copy else "how"), font=SMALL)
    titles = ("severity", "place", "wrong", "fix", "code", "number")
    for number, key in enumerate(titles, start=1):
        put(sheet, (_FIRST - 1, number), speech.word(key), font=HEAD, fill=fill(BLUE), border=BOX)
    for row, (issue, link) in enumerate(issues, start=_FIRST):
        _write_issue(sheet, row, issue, link, speech)
    sheet.freeze_panes = f"C{_FIRST}"
    sheet.auto_filter.ref = f"A{_FIRST - 1}:F{max(_FIRST, _FIRST + len(issues) - 1)}"
    sheet.print_title_rows = f"{_FIRST - 1}:{_FIRST - 1}"
    _finish(sheet, receipt)


def _write_issue(sheet: Worksheet, row: int, issue: Issue, link: str, speech: Speech) -> None:
    message, fix = speech.tell(issue.message), speech.tell(issue.fix)
    where = issue.where
    address = f"{where.column}{where.row or ''}"
    shown = " ".join(filter(None, (where.sheet, address))) or speech.word("whole_file")
    values = (speech.word(issue.severity), shown, message, fix, issue.code, issue.count)
    for number, value in enumerate(values, start=1):
        look = {"font": LINK if number == 2 and link else PLAIN, "alignment": WRAP, "border": BOX}
        if number == 1:
            look |= {"font": BOLD, "fill": fill(SEVERITY_FILLS[issue.severity])}
        cell = put(sheet, (row, number), value, **look)
        if number == 2 and link:
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=link, display=shown)
    sheet.row_dimensions[row].height = height((shown, 26), (message, 72), (fix, 56))


def write_receipt(sheet: Worksheet, receipt: Receipt, speech: Speech) -> None:
    """When the file came, what was read, accepted and returned, its hash and its control totals."""
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 44, 72
    put(sheet, (1, 1), speech.word("receipt"), font=TITLE)
    said: Mapping[str, str | int] = {
        "file": receipt.file,
        "by": receipt.by,
        "at": f"{receipt.at.astimezone(UTC):%d/%m/%Y %H:%M} UTC",
        "sha256": receipt.sha256,
        "rows_read": receipt.rows_read,
        "rows_accepted": receipt.rows_accepted,
        "rows_returned": receipt.rows_returned,
    }
    row = 3
    for key, value in said.items():
        _line(sheet, row, speech.word(key), value)
        row += 1
    if receipt.control_totals:
        put(sheet, (row + 1, 1), speech.word("totals"), font=HEADING)
        for number, (label, total) in enumerate(receipt.control_totals.items(), start=row + 2):
            _line(sheet, number, label, speech.number(total))
    _finish(sheet, receipt)


def _line(sheet: Worksheet, row: int, label: str, value: str | int) -> None:
    put(sheet, (row, 1), label, font=BOLD, fill=fill(PALE), border=BOX)
    look = {"font": PLAIN, "fill": fill(GREY), "border": BOX, "alignment": LEFT}
    put(sheet, (row, 2), value, **look)


def _finish(sheet: Worksheet, receipt: Receipt) -> None:
    page(sheet, (receipt.file.rpartition("/")[2].replace("&", "&&"), "", "&P/&N"))
