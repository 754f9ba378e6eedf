"""The workbook a section fills in, made from a data set's declaration, sealed so that it is known when it comes back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO

import polars as pl
from openpyxl import Workbook
from openpyxl.workbook.protection import WorkbookProtection

from cpas.definitions.loaded import Definitions, LoadedDataset
from cpas.fixed_zip import fix_zip
from cpas.intake.template_choices import Choice, ChoiceList, Labels, choice_list, nothing_words, step_list
from cpas.intake.template_columns import Entry
from cpas.intake.template_seal import Seal, seal_of, write_seal
from cpas.intake.template_sheets import (
    Stated,
    write_cover,
    write_instructions,
    write_last,
    write_lists,
)
from cpas.intake.template_style import lock, page
from cpas.intake.template_table import colour, first_row, place, prefill, write_table
from cpas.intake.template_words import Words, month_name, offered, words_of
from cpas.intake.validations import REPORTERS
from cpas.intake.words import OWN_SHEETS
from cpas.periods import Period

ROWS = 500
_SHEET_NAME = 31


@dataclass(frozen=True, slots=True)
class TemplateRequest:
    """For whom and when a template is.

    `previous` are the typed rows the reporter sent last month, `hxl` asks for a row of HXL tags,
    `rows` is how many rows can be filled in, `groups` gives the group of each id by what a
    `reference` column is `to` (see `reference_labels`).
    """

    reporter: str
    period: Period
    language: str = "en"
    previous: pl.DataFrame | None = None
    hxl: bool = False
    rows: int = ROWS
    groups: Labels = field(default_factory=dict)


def build_template(
    loaded: LoadedDataset, definitions: Definitions, references: Labels, request: TemplateRequest
) -> bytes:
    """The workbook: cover, data sheet, last month, instructions, lists, and the hidden seal.

    Args:
        loaded: The data set.
        definitions: The mission's definitions.
        references: What to choose for each id, by what a `reference` column is `to`; intake must
            understand it, as it does what `reference_labels` gives.
        request: For whom and when.
    """
    words, language = words_of(request.language), request.language
    seal = seal_of(loaded, definitions, request.reporter, str(request.period))
    entries = tuple(_entries(loaded, definitions, references, request, words))
    title = loaded.dataset.title[language]
    reporter = _reporter_text(entries, loaded, request)
    when = month_name(request.period.start.year, request.period.start.month, language)
    book = Workbook()
    cover, data = book.worksheets[0], book.create_sheet(_sheet_name(title))
    cover.title = words["cover"]
    others = {
        key: book.create_sheet(OWN_SHEETS[key].get(language, OWN_SHEETS[key]["en"]))
        for key in ("last", "instructions", "lists")
        if key != "last" or request.previous is not None
    }
    write_cover(cover, _stated(loaded, definitions, seal, request, reporter), words, data.title)
    rows = (first_row(hxl=request.hxl), first_row(hxl=request.hxl) + request.rows - 1)
    validations = write_table(data, entries, f"{title} - {reporter} - {when}", (words, language), rows)
    for entry in entries:
        if entry.column.name == loaded.dataset.reported_by:
            prefill(data, entry, reporter, rows)
    colour(data, entries, loaded.dataset.reported_by or "", rows)
    if request.previous is not None:
        write_last(
            others["last"],
            entries,
            request.previous,
            (_last_heading(reporter, request, words), words, language),
        )
    write_instructions(
        others["instructions"], entries, words["instructions_heading"].format(title=title), words, language
    )
    lists = {entry.choices.name: entry.choices for entry in entries if entry.choices}
    write_lists(book, others["lists"], tuple(lists.values()), _nothing(entries), words)
    for sheet in book.worksheets:
        lock(sheet)
        page(sheet, (definitions.mission.code, words[definitions.mission.marking], words["page"]))
    write_seal(book, seal, data.title, validations)
    book.security = WorkbookProtection(lockStructure=True)
    held = BytesIO()
    book.save(held)
    return fix_zip(held.getvalue())


def _entries(
    loaded: LoadedDataset,
    definitions: Definitions,
    references: Labels,
    request: TemplateRequest,
    words: Words,
) -> Iterator[Entry]:
    dataset, language = loaded.dataset, request.language
    lists: dict[str, ChoiceList] = {}
    for column in dataset.columns:
        found = step_list(column, loaded, definitions, references, language) or choice_list(
            column, definitions, references, request.groups, words, language
        )
        if found and column.name == dataset.reported_by:
            own = tuple(choice for choice in found.choices if choice.id == request.reporter)
            found = ChoiceList(REPORTERS, found.title, own)
        if found:
            lists[column.name] = found
    nothing: dict[tuple[Choice, ...], str] = {}
    units = definitions.codes.get("unit")
    places = place(dataset.columns, [name for name, one in lists.items() if one.has_aid])
    row = first_row(hxl=request.hxl)
    for column in dataset.columns:
        letter, aid = places[column.name]
        choices = lists.get(column.name)
        if choices and choices.after:
            aid = places[choices.after][0]
        told = nothing_words(column, language) if column.may_be else ()
        name = nothing.setdefault(told, f"nothing_words_{len(nothing) + 1}") if told else ""
        within = request.period if column.name == dataset.period else None
        unit = units.codes.get(column.unit or "") if units else None
        yield Entry(
            column,
            letter,
            f"${letter}{row}",
            choices,
            f"${aid}{row}" if aid else "",
            within,
            (name, told),
            unit.label[language] if unit else column.unit or "",
        )


def _nothing(entries: Sequence[Entry]) -> Mapping[str, tuple[Choice, ...]]:
    return {name: told for name, told in (entry.nothing for entry in entries) if name}


def _reporter_text(entries: Sequence[Entry], loaded: LoadedDataset, request: TemplateRequest) -> str:
    for entry in entries:
        if entry.column.name == loaded.dataset.reported_by and entry.choices and entry.choices.choices:
            return entry.choices.choices[0].text
    return request.reporter


def _stated(
    loaded: LoadedDataset, definitions: Definitions, seal: Seal, request: TemplateRequest, reporter: str
) -> Stated:
    dataset, words, language = loaded.dataset, words_of(request.language), request.language
    when = month_name(request.period.start.year, request.period.start.month, language)
    due = next((one.due_days for one in definitions.mission.expected if one.dataset == dataset.dataset), None)
    values = [
        (words["mission"], definitions.mission.code, definitions.mission.name[language]),
        (words["dataset"], dataset.dataset, dataset.title[language]),
        (words["period"], seal.period, when),
        (words["reporter"], reporter, seal.reporter if reporter != seal.reporter else ""),
        (words["version"], seal.version, ""),
        (words["fingerprint"], seal.fingerprint, ""),
    ]
    if due is not None:
        day = request.period.end + timedelta(days=due)
        values.insert(4, (words["due"], f"{day:%d/%m/%Y}", ""))
    offers = ", ".join(offered(kind, language) for kind in ("not_reported", "not_applicable", "withheld"))
    sheet = _sheet_name(dataset.title[language])
    steps = tuple(
        words[f"step_{number}"].format(sheet=sheet, grain=dataset.grain[language], words=offers)
        for number in range(1, 7)
    )
    mission = f"{definitions.mission.name[language]} - {words[definitions.mission.marking]}"
    to_fill = ((words["sent_on"], "dd/mm/yyyy"), (words["by"], "@"))
    return Stated(
        words["heading"].format(title=dataset.title[language]), mission, tuple(values), to_fill, steps
    )


def _last_heading(reporter: str, request: TemplateRequest, words: Words) -> str:
    before = request.period.previous().start
    when = month_name(before.year, before.month, request.language)
    if request.previous is not None and request.previous.is_empty():
        return words["last_none"].format(period=when)
    return words["last_heading"].format(reporter=reporter, period=when)


def _sheet_name(title: str) -> str:
    """A title as Excel lets a sheet be called; by it the sheet is known again."""
    return re.sub(r"[][:*?/\\]", " ", title)[:_SHEET_NAME]
