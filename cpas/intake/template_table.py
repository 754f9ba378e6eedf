"""The data sheet of a template: hint, header and entry rows with validations, and the colours that outlive a paste."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl.formatting.rule import Rule
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from cpas.definitions.dataset import Column
from cpas.intake.grid import index_of, letter_of
from cpas.intake.template_columns import Entry, hint, number_format, validation, width, wrong
from cpas.intake.template_style import (
    AMBER,
    BLUE,
    BOX,
    GREY,
    HEAD,
    HEADING,
    LOW,
    OPEN,
    PALE,
    PLAIN,
    RED,
    SHUT,
    SMALL,
    STEEL,
    STEP,
    SUBTITLE,
    WRAP,
    conditional,
    dress,
    fill,
    put,
)
from cpas.intake.template_words import Words
from cpas.intake.validations import Stated, kind_of
from cpas.intake.words import AID

HINTS, HEADER = 2, 3
_MARGIN = 1
"""The first column has no header and nothing in it; it is locked, so that what it shows cannot be pasted over."""


def first_row(*, hxl: bool) -> int:
    """The first entry row."""
    return HEADER + (2 if hxl else 1)


def place(columns: Sequence[Column], stepped: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The letter of each column and that of the column to its left where a group is chosen first, else empty.

    >>> class Named(str): name = property(str)
    >>> place([Named("id"), Named("area")], ["area"])
    {'id': ('B', ''), 'area': ('D', 'C')}
    """
    places, index = {}, _MARGIN
    for column in columns:
        aid = ""
        if column.name in stepped:
            aid, index = letter_of(index), index + 1
        places[column.name] = letter_of(index), aid
        index += 1
    return places


def write_table(
    sheet: Worksheet, entries: Sequence[Entry], heading: str, said: tuple[Words, str], rows: tuple[int, int]
) -> tuple[Stated, ...]:
    """Write header, hints and validations, and say which validation each column has.

    Args:
        sheet: An empty sheet.
        entries: Its columns.
        heading: The line above all.
        said: The template's words and its language.
        rows: The first and the last entry row.
    """
    words, language = said
    first, last = rows
    put(sheet, (1, 2), heading, font=HEADING)
    sheet.row_dimensions[1].height, sheet.row_dimensions[HINTS].height = 24, 50
    sheet.row_dimensions[HEADER].height = 34
    sheet.column_dimensions["A"].width = 2.5
    stated: list[Stated] = []
    for entry in entries:
        _head(sheet, entry, words, language)
        if first > HEADER + 1:
            style = {"font": SMALL, "fill": fill(PALE), "border": BOX}
            put(sheet, (HEADER + 1, _number(entry.letter)), entry.column.hxl, **style)
        checks = {entry.letter: (entry.column.name, validation(entry, words, language))}
        if entry.aid and entry.choices and entry.choices.has_aid:
            checks |= {_letter(entry.aid): (f"{AID} {entry.choices.step}", _aid(sheet, entry, words))}
        for letter, (name, check) in checks.items():
            check.add(f"{letter}{first}:{letter}{last}")
            sheet.add_data_validation(check)
            stated.append(Stated(name, letter, rows, _kind(check)))
    _entry_cells(sheet, entries, rows)
    sheet.freeze_panes = f"C{first}"
    sheet.print_title_rows = f"{HEADER}:{HEADER}"
    return tuple(stated)


def _kind(check: DataValidation) -> str:
    formulas = [formula for formula in (check.formula1, check.formula2) if formula]
    return kind_of(check.type or "none", *formulas, operator=check.operator or "between")


def prefill(sheet: Worksheet, entry: Entry, text: str, rows: tuple[int, int]) -> None:
    """Write one text into all entry cells of a column; they stay open."""
    for row in range(rows[0], rows[1] + 1):
        put(sheet, (row, _number(entry.letter)), text, font=SUBTITLE, fill=fill(GREY))


def colour(sheet: Worksheet, entries: Sequence[Entry], reporter: str, rows: tuple[int, int]) -> None:
    """Conditional formats: a cell that cannot be right, and one that is still missing in a row that was begun.

    Excel takes the formats of a pasted cell for those of the cell beneath it. So the first column,
    which is locked, shows the same for its whole row.
    """
    first, last = rows
    told = [f"{entry.cell}" for entry in entries if entry.column.name != reporter]
    begun = f"COUNTA({','.join(_runs(told))})>0"
    # wrong goes before missing, and so is written first
    for tint, find in ((RED, wrong), (AMBER, lambda entry: _missing(entry, begun))):
        for entry in entries:
            if formula := find(entry):
                for where in (entry.letter, "A"):
                    rule = Rule(
                        "expression", dxf=conditional(tint), formula=[formula], stopIfTrue=where == "A"
                    )
                    sheet.conditional_formatting.add(f"{where}{first}:{where}{last}", rule)


def _missing(entry: Entry, begun: str) -> str:
    return f'AND({entry.cell}="",{begun})' if entry.column.required else ""


def _runs(cells: Sequence[str]) -> list[str]:
    """Neighbouring cells as ranges, so that the formula stays short."""
    runs: list[list[str]] = []
    for cell in cells:
        if runs and _number(_letter(cell)) == _number(_letter(runs[-1][-1])) + 1:
            runs[-1].append(cell)
        else:
            runs.append([cell])
    return [run[0] if len(run) == 1 else f"{run[0]}:{run[-1]}" for run in runs]


def _head(sheet: Worksheet, entry: Entry, words: Words, language: str) -> None:
    column, number = entry.column, _number(entry.letter)
    text = f"{column.label[language]} *" if column.required else column.label[language]
    tint = fill(BLUE if column.required else STEEL)
    put(sheet, (HEADER, number), text, font=HEAD, fill=tint, alignment=WRAP, border=BOX)
    put(sheet, (HINTS, number), hint(entry, words, language), font=SMALL, alignment=LOW)
    sheet.column_dimensions[entry.letter].width = width(entry)


def _aid(sheet: Worksheet, entry: Entry, words: Words) -> DataValidation:
    """The head of the column to the left in which a group is chosen, and its validation."""
    step, name = (entry.choices.step, entry.choices.name) if entry.choices else ("", "")
    letter = _letter(entry.aid)
    number = _number(letter)
    put(
        sheet,
        (HEADER, number),
        f"{AID} {step}",
        font=STEP,
        fill=fill(PALE),
        border=BOX,
        alignment=WRAP,
    )
    put(sheet, (HINTS, number), words["aid_hint"], font=SMALL, alignment=LOW)
    sheet.column_dimensions[letter].width = 24
    groups = DataValidation("list", f"{name}_groups", allow_blank=True, showErrorMessage=True)
    groups.errorTitle, groups.error = words["refused"][:32], words["choose"]
    return groups


def _entry_cells(sheet: Worksheet, entries: Sequence[Entry], rows: tuple[int, int]) -> None:
    forms = {_number(entry.letter): number_format(entry.column) for entry in entries}
    aids = {_number(_letter(one.aid)) for one in entries if one.choices and one.choices.has_aid}
    looks: dict[int, dict[str, Any]] = {1: {"protection": SHUT}}
    for number in sorted(forms.keys() | aids):
        shade = {"fill": fill(PALE)} if number in aids else {}
        form = {"number_format": forms.get(number, "@")}
        looks[number] = {"protection": OPEN, "border": BOX, "font": PLAIN, **form, **shade}
    for row in range(rows[0], rows[1] + 1):
        for number, look in looks.items():
            dress(sheet.cell(row, number), **look)


def _letter(cell: str) -> str:
    """The column of a cell such as `$F5`."""
    return cell.strip("$0123456789")


def _number(letter: str) -> int:
    """A column's number counted from 1."""
    return index_of(letter) + 1
