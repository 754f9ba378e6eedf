"""Marks on the cells of a workbook: a colour by severity and a comment; and how marks of an earlier return go away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formatting.rule import Rule
from openpyxl.worksheet.worksheet import Worksheet

from cpas.errors import SEVERITIES, Issue
from cpas.intake.annotate_words import Speech
from cpas.intake.grid import index_of, letter_of
from cpas.intake.template_style import SEVERITY_FILLS, conditional, writable
from cpas.intake.words import OWN_COMMENT

AUTHOR = "cpas"
SIGN = 'LEN("cpas")=4'
"""The condition of our colours: always true, and by it they are known when the workbook comes back."""
_RANGES = 400  # of one conditional format; Excel refuses a very long list
_LONGEST = 1_500
_WIDEST = 100

Place = tuple[int, str]
"""A row and the letter of a column."""


def mark(sheet: Worksheet, issues: Sequence[Issue], speech: Speech) -> dict[int, Place]:
    """Colour and comment the cell of each issue; an issue of a row marks its first filled cell.

    The colours are conditional formats, so that every cell keeps the style it has.

    Returns:
        The cell of each issue that has one, by the issue's place in the sequence.
    """
    cells: dict[int, Place] = {}
    by_cell: dict[Place, list[Issue]] = defaultdict(list)
    for index, issue in enumerate(issues):
        if issue.where.row:
            place = _main(sheet, issue.where.row, issue.where.column or _first_filled(sheet, issue.where.row))
            cells[index] = place
            by_cell[place].append(issue)
    for (row, letter), found in by_cell.items():
        cell = sheet[f"{letter}{row}"]
        if isinstance(cell, Cell):
            cell.comment = _comment(cell, found, speech)
    worst = {place: min(found, key=_severity).severity for place, found in by_cell.items()}
    _colour(sheet, worst)
    return cells


def clean(book: Workbook, places: Iterable[tuple[str, str]]) -> None:
    """Take away the colours of an earlier return, and what it wrote into the comments at some places (sheet and cell)."""
    for sheet in book.worksheets:
        kept = ConditionalFormattingList()
        for block in sheet.conditional_formatting:
            for rule in block.rules:
                if list(rule.formula) != [SIGN]:
                    kept.add(str(block.sqref), rule)
        sheet.conditional_formatting = kept
    for name, address in places:
        cell = book[name][address] if name in book.sheetnames else None
        if isinstance(cell, Cell) and cell.comment:
            theirs = cell.comment.text.partition(OWN_COMMENT)[0].strip()
            cell.comment = Comment(theirs, cell.comment.author) if theirs else None


def _severity(issue: Issue) -> int:
    return SEVERITIES.index(issue.severity)


def _first_filled(sheet: Worksheet, row: int) -> str:
    last = min(sheet.max_column, _WIDEST)
    filled = (number for number in range(1, last + 1) if sheet.cell(row, number).value not in (None, ""))
    return letter_of(next(filled, 1) - 1)


def _main(sheet: Worksheet, row: int, letter: str) -> Place:
    """The cell itself, or the first of the merged range that hides it."""
    if isinstance(sheet[f"{letter}{row}"], MergedCell):
        for merged in sheet.merged_cells.ranges:
            if f"{letter}{row}" in merged:
                return merged.min_row, letter_of(merged.min_col - 1)
    return row, letter


def _comment(cell: Cell, issues: Sequence[Issue], speech: Speech) -> Comment:
    ordered = sorted(issues, key=_severity)
    told = "\n".join(
        f"{speech.word('found', severity=speech.word(one.severity), message=speech.tell(one.message))}\n{speech.word('to_do', fix=speech.tell(one.fix))}"
        for one in ordered
    )
    theirs = f"{cell.comment.text}\n" if cell.comment and cell.comment.text else ""
    text = f"{theirs}{OWN_COMMENT}\n{writable(told[:_LONGEST])}"
    lines = sum(1 + len(line) // 46 for line in text.split("\n"))
    author = cell.comment.author if theirs and cell.comment else AUTHOR
    return Comment(text, author, height=24 + 16 * lines, width=320)


def _colour(sheet: Worksheet, worst: Mapping[Place, str]) -> None:
    rules: list[tuple[str, Rule]] = []
    for severity in SEVERITIES:
        ranges = _ranges(place for place, found in worst.items() if found == severity)
        for start in range(0, len(ranges), _RANGES):
            look = conditional(SEVERITY_FILLS[severity])
            rules.append(
                (" ".join(ranges[start : start + _RANGES]), Rule("expression", dxf=look, formula=[SIGN]))
            )
    if not rules:
        return
    # ours go before theirs: for Excel by their priority, for LibreOffice by their place
    ordered = ConditionalFormattingList()
    for priority, (ranges_text, rule) in enumerate(rules, start=1):
        rule.priority = priority
        ordered.add(ranges_text, rule)
    for block in sheet.conditional_formatting:
        for rule in block.rules:
            rule.priority += len(rules)
            ordered.add(str(block.sqref), rule)
    sheet.conditional_formatting = ordered


def _ranges(places: Iterable[Place]) -> list[str]:
    """Cells below each other as one range."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, letter in places:
        rows[letter].append(row)
    found = []
    for letter in sorted(rows, key=index_of):
        for _, run in groupby(enumerate(sorted(rows[letter])), key=lambda item: item[1] - item[0]):
            numbers = [row for _, row in run]
            one = numbers[0] == numbers[-1]
            found.append(f"{letter}{numbers[0]}" if one else f"{letter}{numbers[0]}:{letter}{numbers[-1]}")
    return found
