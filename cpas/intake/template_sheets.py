"""The sheets of a template around its data sheet: cover, what was sent last month, instructions and choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl
from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from cpas.intake.grid import letter_of
from cpas.intake.template_choices import Choice, ChoiceList
from cpas.intake.template_columns import Entry, hint, number_format, width
from cpas.intake.template_style import (
    AMBER,
    BLUE,
    BOLD,
    BOX,
    GREY,
    HEAD,
    HEADING,
    LEFT,
    LINK,
    OPEN,
    PALE,
    PLAIN,
    RED,
    SMALL,
    SUBTITLE,
    TITLE,
    WRAP,
    conditional,
    fill,
    height,
    put,
)
from cpas.intake.template_words import Words, offered


@dataclass(frozen=True, slots=True)
class Stated:
    """What the cover says: labels and values in order, where to go, and what is to be filled in."""

    heading: str
    mission: str
    values: tuple[tuple[str, str, str], ...]
    to_fill: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]


def write_cover(sheet: Worksheet, stated: Stated, words: Words, data_sheet: str) -> None:
    """Labels in the first column and values in the second, as every cover has them; then how to go on."""
    for letter, wide in {"A": 26, "B": 34, "C": 62}.items():
        sheet.column_dimensions[letter].width = wide
    put(sheet, (1, 1), stated.heading, font=TITLE)
    put(sheet, (2, 1), stated.mission, font=SUBTITLE)
    row = 4
    for label, value, remark in stated.values:
        put(sheet, (row, 1), label, font=BOLD, fill=fill(PALE), border=BOX)
        put(sheet, (row, 2), value, font=PLAIN, fill=fill(GREY), border=BOX)
        put(sheet, (row, 3), remark or None, font=SMALL)
        row += 1
    for label, form in stated.to_fill:
        # nothing may stand beside an empty cell: it would be read in its place
        put(sheet, (row, 1), label, font=BOLD, fill=fill(PALE), border=BOX)
        cell = put(sheet, (row, 2), None, font=PLAIN, border=BOX, protection=OPEN, number_format=form)
        cell.alignment = LEFT
        blank = Rule("expression", dxf=conditional(AMBER), formula=[f'$B${row}=""'])
        sheet.conditional_formatting.add(cell.coordinate, blank)
        if form != "@":
            days = DataValidation("date", "DATE(2000,1,1)", "DATE(2199,12,31)", allow_blank=True)
            days.operator, days.showErrorMessage, days.error = "between", True, words["day"]
            days.showInputMessage, days.promptTitle, days.prompt = True, label, words["day"]
            days.add(cell)
            sheet.add_data_validation(days)
        row += 1
    row = _steps(sheet, row + 1, stated.steps, words)
    put(sheet, (row, 1), words["colours"], font=HEADING)
    for tint, meaning in ((RED, words["colour_wrong"]), (AMBER, words["colour_missing"])):
        row += 1
        put(sheet, (row, 1), None, fill=fill(tint), border=BOX)
        put(sheet, (row, 2), meaning, font=PLAIN)
    put(sheet, (row + 1, 2), words["colour_margin"], font=SMALL)
    _link(sheet, (row + 3, 1), f"→ {data_sheet}", data_sheet)


def _steps(sheet: Worksheet, row: int, steps: Iterable[str], words: Words) -> int:
    put(sheet, (row, 1), words["how"], font=HEADING)
    for step in steps:
        row += 1
        put(sheet, (row, 1), step, font=PLAIN)
        sheet.row_dimensions[row].height = 19
    return row + 2


def _link(sheet: Worksheet, where: tuple[int, int], text: str, target: str) -> None:
    cell = put(sheet, where, text, font=LINK)
    quoted = target.replace("'", "''")
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!A1", display=text)
    cell.font = LINK


def write_instructions(
    sheet: Worksheet, entries: Sequence[Entry], heading: str, words: Words, language: str
) -> None:
    """One row per column: whether it is required, what to write, and its guidance in full."""
    for letter, wide in {"A": 5, "B": 32, "C": 12, "D": 44, "E": 80}.items():
        sheet.column_dimensions[letter].width = wide
    put(sheet, (1, 1), heading, font=TITLE)
    titles = ("", words["column"], words["needed"], words["what"], words["guidance"])
    for number, text in enumerate(titles, start=1):
        put(sheet, (3, number), text or None, font=HEAD, fill=fill(BLUE), border=BOX)
    for row, entry in enumerate(entries, start=4):
        column = entry.column
        guidance = column.guidance[language] if column.guidance else None
        required = words["required"] if column.required else None
        texts: tuple[int | str | None, ...] = (
            row - 3,
            column.label[language],
            required,
            hint(entry, words, language),
            guidance,
        )
        for number, value in enumerate(texts, start=1):
            put(sheet, (row, number), value, font=BOLD if number == 2 else PLAIN, alignment=WRAP, border=BOX)
        sheet.row_dimensions[row].height = height((texts[3], 44), (guidance, 80))
    sheet.freeze_panes = "C4"
    sheet.print_title_rows = "3:3"


def write_last(
    sheet: Worksheet, entries: Sequence[Entry], rows: pl.DataFrame, said: tuple[str, Words, str]
) -> None:
    """The rows of last month with the words of the template, so that they can be copied into it.

    Args:
        sheet: An empty sheet.
        entries: The columns of the data sheet.
        rows: Their typed values and status columns.
        said: The heading, the template's words and its language.
    """
    heading, words, language = said
    put(sheet, (1, 1), heading, font=TITLE)
    put(sheet, (2, 1), words["last_note"], font=SMALL)
    for number, entry in enumerate(entries, start=1):
        sheet.column_dimensions[letter_of(number - 1)].width = width(entry)
        put(
            sheet,
            (4, number),
            entry.column.label[language],
            font=HEAD,
            fill=fill(BLUE),
            border=BOX,
            alignment=WRAP,
        )
        shown = _shown(entry, rows, language)
        for row, value in enumerate(shown, start=5):
            put(
                sheet, (row, number), value, font=PLAIN, border=BOX, number_format=number_format(entry.column)
            )
    sheet.row_dimensions[4].height = 34
    sheet.freeze_panes = "B5"
    sheet.print_title_rows = "4:4"


def _shown(entry: Entry, rows: pl.DataFrame, language: str) -> list[Any]:
    """The values of a column as a person would write them, with the word for each kind of nothing."""
    column = entry.column
    texts = {choice.id: choice.text for choice in entry.choices.choices} if entry.choices else {}
    values = [texts.get(_key(value), value) for value in rows[column.name]]
    if column.may_be:
        kinds = rows[column.status_column].cast(pl.String)
        # an empty cell already says that nobody counted
        told = {kind: offered(kind, language) for kind in column.may_be if kind != "not_reported"}
        values = [told.get(kind, value) for kind, value in zip(kinds, values, strict=True)]
    return [float(value) if isinstance(value, Decimal) else value for value in values]


def _key(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def write_lists(
    book: Workbook,
    sheet: Worksheet,
    lists: Sequence[ChoiceList],
    nothing: Mapping[str, tuple[Choice, ...]],
    words: Words,
) -> None:
    """Every list of choices side by side, each with the names that validations and formats know it by."""
    put(sheet, (1, 1), words["lists_heading"], font=TITLE)
    column = 1
    for one in lists:
        choices = one.choices
        titles: tuple[str, ...] = (words["choice"], words["code"])
        body: list[tuple[str, ...]] = [(choice.text, choice.id) for choice in choices]
        names = {one.name: 0, f"{one.name}_ids": 1}
        if one.step:
            titles, names = (*titles, one.step), names | {f"{one.name}_in": 2}
            body = [(choice.text, choice.id, choice.group) for choice in choices]
        if any(choice.meaning for choice in choices):
            titles = (*titles, words["meaning"])
            body = [(*texts, choice.meaning) for texts, choice in zip(body, choices, strict=True)]
        _block(book, sheet, column, one.title, titles, body, names)
        column += len(titles) + 1
        if one.has_aid:
            grouped = [(group,) for group in one.groups]
            _block(book, sheet, column, one.step, (words["choice"],), grouped, {f"{one.name}_groups": 0})
            column += 2
    for name, choices in nothing.items():
        body = [(choice.text, words[choice.id]) for choice in choices]
        _block(book, sheet, column, words["nothing"], (words["choice"], words["meaning"]), body, {name: 0})
        column += 3
    sheet.freeze_panes = "A5"


def _block(  # noqa: PLR0913, PLR0917  # one list is all of these
    book: Workbook,
    sheet: Worksheet,
    column: int,
    title: str,
    titles: Sequence[str],
    body: Sequence[Sequence[str]],
    names: Mapping[str, int],
) -> None:
    put(sheet, (3, column), title, font=BOLD)
    for offset, text in enumerate(titles):
        put(sheet, (4, column + offset), text, font=HEAD, fill=fill(BLUE), border=BOX)
        longest = max((len(row[offset]) for row in body), default=0)
        sheet.column_dimensions[letter_of(column + offset - 1)].width = min(48, max(12, longest + 2))
        for row, texts in enumerate(body, start=5):
            put(sheet, (row, column + offset), texts[offset], font=PLAIN, border=BOX)
    sheet.column_dimensions[letter_of(column + len(titles) - 1)].width = 3
    quoted = sheet.title.replace("'", "''")
    for name, offset in names.items():
        letter = letter_of(column + offset - 1)
        reach = f"'{quoted}'!${letter}$5:${letter}${max(5, 4 + len(body))}"
        book.defined_names[name] = DefinedName(name, attr_text=reach)
