"""One column of a template as Excel understands it: its validation, the formula that finds a wrong cell, its hint and form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from openpyxl.worksheet.datavalidation import DataValidation

from cpas.definitions.dataset import Column
from cpas.intake.template_choices import Choice, ChoiceList
from cpas.intake.template_words import Words, month_name
from cpas.periods import Period

CELL_LIMIT = 32_767
_PROMPT, _TITLE, _ERROR = 255, 32, 220
_EARLIEST, _LATEST = date(1910, 1, 1), date(2199, 12, 31)
_FORMATS = {
    "date": "dd/mm/yyyy",
    "month": "mm/yyyy",
    "count": "#,##0",
    "quantity": "#,##0.######",
    "amount": "#,##0.00",
    "number": "0.0000",
}
_WIDTHS = {
    "date": 13.0,
    "month": 12.0,
    "count": 15.0,
    "quantity": 13.0,
    "amount": 14.0,
    "number": 12.0,
    "boolean": 12.0,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A column of the data sheet: its declaration, where it stands, and what may be chosen or written for nothing.

    `cell` is its first entry cell with the column fixed, as `$F5`; `aid` likewise that of the
    column where a group is chosen first, one of its own or another of the data set, else empty. `within` are the days a row may be of, for the
    column that holds the period, `unit` its unit in the template's language. `nothing` is the defined name of the words for nothing, else empty.
    """

    column: Column
    letter: str
    cell: str
    choices: ChoiceList | None = None
    aid: str = ""
    within: Period | None = None
    nothing: tuple[str, tuple[Choice, ...]] = ("", ())
    unit: str = ""


def number_format(column: Column) -> str:
    """How its cells are shown; text stays as it was typed."""
    long_text = column.type == "text" and (column.max_length or CELL_LIMIT) > _PROMPT
    return _FORMATS.get(column.type, "General" if long_text else "@")


def width(entry: Entry) -> float:
    """How wide it is, in characters."""
    if entry.choices:
        return float(min(34, max(19, *(len(choice.text) + 2 for choice in entry.choices.choices))))
    if entry.column.type == "text":
        return 48.0 if (entry.column.max_length or CELL_LIMIT) > _PROMPT else 26.0
    return _WIDTHS[entry.column.type]


def hint(entry: Entry, words: Words, language: str) -> str:
    """What to write, in a few words."""
    column, text = entry.column, _kind(entry, words, language)
    least, most = (None if bound is None else str(bound) for bound in (column.min, column.max))
    if column.is_numeric and (least or most):
        form = "between" if least and most else "at_least" if least else "at_most"
        text = words[form].format(hint=text, least=least, most=most)
    if entry.unit and column.type != "count":
        text = words["unit"].format(hint=text, unit=entry.unit)
    if column.may_be:
        offered = entry.nothing[1][: len(column.may_be)]
        text = words["or_nothing"].format(hint=text, words=", ".join(choice.text for choice in offered))
    return text


def validation(entry: Entry, words: Words, language: str) -> DataValidation:
    """Excel's validation of its cells, with the guidance as the message of a chosen cell."""
    column, text = entry.column, hint(entry, words, language)
    guidance = f"{column.guidance[language]}\n" if column.guidance else ""
    prompt = f"{guidance}{words['wanted'].format(hint=text)}"
    said = {
        "promptTitle": _cut(column.label[language], _TITLE, "…"),
        "prompt": _cut(prompt, _PROMPT, words["more"]),
        "errorTitle": _cut(words["refused"], _TITLE, "…"),
        "error": _cut(f"{column.label[language]}: {words['wanted'].format(hint=text)}", _ERROR, "…"),
    }
    made = DataValidation(allow_blank=True, showErrorMessage=True, showInputMessage=True)
    for name, value in {**_kind_of_validation(entry), **said}.items():
        setattr(made, name, value)
    return made


def wrong(entry: Entry) -> str:
    """The formula, without its `=`, that is true where a cell is filled and cannot be right; empty where any text can."""
    cell, column = entry.cell, entry.column
    if entry.choices:
        name = entry.choices.name
        faults = [f"ISNA(MATCH({cell},{name},0))", f"ISNA(MATCH({cell},{name}_ids,0))"]
    elif column.type == "text":
        faults = [f"LEN({cell})>{column.max_length}"] if column.max_length else []
    else:
        faults = [f"NOT({_is_right(entry)})"]
    if not faults:
        return ""
    if entry.nothing[0]:
        faults.append(f"ISNA(MATCH({cell},{entry.nothing[0]},0))")
    return f'AND({cell}<>"",{",".join(faults)})'


def _kind(entry: Entry, words: Words, language: str) -> str:
    column, within = entry.column, entry.within
    if entry.choices:
        return words["choose_after"].format(aid=entry.choices.step) if entry.aid else words["choose"]
    if column.type == "text":
        return words["text_of"].format(most=column.max_length) if column.max_length else words["text"]
    if column.type == "month":
        months = (
            {month_name(day.year, day.month, language) for day in (within.start, within.end)}
            if within
            else ()
        )
        return words["month_in"].format(month=" - ".join(months)) if len(months) == 1 else words["month"]
    if column.type == "date":
        first, last = (f"{day:%d/%m/%Y}" for day in _days(entry))
        return words["day_in"].format(first=first, last=last) if within else words["day"]
    return words["count" if column.type == "count" else "number"]


def _bounds(column: Column) -> tuple[object, object]:
    return (0 if column.min is None and column.type == "count" else column.min), column.max


def _days(entry: Entry) -> tuple[date, date]:
    return (entry.within.start, entry.within.end) if entry.within else (_EARLIEST, _LATEST)


def _limits(entry: Entry) -> tuple[str, str]:
    """The least and greatest value, as Excel writes them in a formula."""
    if entry.column.type in ("date", "month"):
        first, last = (f"DATE({day.year},{day.month},{day.day})" for day in _days(entry))
        return first, last
    least, most = _bounds(entry.column)
    return (str(-(10**12)) if least is None else f"{least}"), (str(10**12) if most is None else f"{most}")


def _is_right(entry: Entry) -> str:
    """The formula that is true for a number or day within its limits."""
    cell, (least, most) = entry.cell, _limits(entry)
    # a day with a time of day is still that day, up to its midnight
    last = f"{cell}<{most}+1" if entry.column.type in ("date", "month") else f"{cell}<={most}"
    whole = f",INT({cell})={cell}" if entry.column.type == "count" else ""
    return f"IF(ISNUMBER({cell}),AND({cell}>={least},{last}{whole}),FALSE)"


def _kind_of_validation(entry: Entry) -> Mapping[str, str]:
    column, name = entry.column, entry.nothing[0]
    if entry.choices:
        return {"type": "list", "formula1": _listed(entry)}
    if column.type == "text":
        return {
            "type": "textLength",
            "operator": "lessThanOrEqual",
            "formula1": str(column.max_length or CELL_LIMIT),
        }
    if name:
        return {
            "type": "custom",
            "formula1": f"OR({_is_right(entry)},ISNUMBER(MATCH({entry.cell},{name},0)))",
        }
    kind = {"count": "whole", "date": "date", "month": "date"}.get(column.type, "decimal")
    least, most = _limits(entry)
    return {"type": kind, "operator": "between", "formula1": least, "formula2": most}


def _listed(entry: Entry) -> str:
    """The list of choices: of the group that was chosen, of all while none is."""
    if entry.choices is None or not entry.aid:
        return entry.choices.name if entry.choices else ""
    name, aid = entry.choices.name, entry.aid
    return f'IF({aid}="",{name},OFFSET({name},MATCH({aid},{name}_in,0)-1,0,COUNTIF({name}_in,{aid}),1))'


def _cut(text: str, most: int, more: str) -> str:
    return text if len(text) <= most else text[: most - len(more)].rstrip() + more
