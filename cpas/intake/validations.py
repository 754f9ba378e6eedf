"""Validations of a sheet: which cells have which, and which filled cells have lost theirs because something was pasted over them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from xml.sax.saxutils import unescape

import polars as pl

from cpas.errors import Issue
from cpas.intake.grid import ROW, Grid, index_of, letter_of

SEAL = "cpas"
STATED = "validation"
"""How a line of a template's seal begins that states a validation the template has."""
REPORTERS = "list_reporter"
"""The name of the list of the one who reports, which templates have written into every row."""
LAST_ROW = 1_048_576

_CODE = "CPAS-S055"
_FIX = "look at these values; paste values only (Paste special) next time"
_RANGE = re.compile(r"\$?([A-Z]+)\$?(\d*)(?::\$?([A-Z]+)\$?(\d*))?")
_WIDEST = 200  # a rule over more columns than this is not one column's
_ELEMENT = re.compile(
    rb"<(?:[^\s<>/:]+:)?dataValidation\s([^>]*)>(.*?)(?=<(?:[^\s<>/:]+:)?dataValidation[\s>]|\Z)", re.DOTALL
)
_ATTRIBUTE = re.compile(rb"""\b(type|sqref|operator)\s*=\s*["']([^"']*)["']""")
_RANGES_WITHIN = re.compile(rb"<xm:sqref>([^<]*)</xm:sqref>")
_FORMULA = re.compile(rb"formula[12]>(?:\s*<xm:f>)?([^<]+)<")
_LIST = re.compile(r"\blist_\w+")
_LIMIT = re.compile(
    r"DATE\((?P<year>\d{4}),(?P<month>\d{1,2}),(?P<day>\d{1,2})\)"
    r"|(?<![\w.$#])(?P<number>-?\d{1,20}(?:\.\d{1,20})?(?:E[+-]?\d{1,2})?)(?![\w.(:!])"
)
_EPOCH = date(1899, 12, 30)

Spans = Mapping[str, Sequence[tuple[int, int]]]
"""First and last row of each stretch of a column, by the column's letter."""


@dataclass(frozen=True, slots=True)
class Validation:
    """One validation: its kind (see `kind_of`) and the ranges, such as `B5:B9`, that it holds for."""

    kind: str
    ranges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """A validation that a template says it has: the column's name, its letter, first and last row, and the kind."""

    name: str
    letter: str
    rows: tuple[int, int]
    kind: str


def kind_of(type_: str, *formulas: str, operator: str = "between") -> str:
    """What tells one of a template's validations from another, however a program has rewritten its formulas.

    A list is known by its name, a rule of a formula by the numbers and days that it compares cells with, anything else by its
    operator and limits.

    >>> kind_of("list", 'IF($C4="",list_areas,OFFSET(list_areas,MATCH($C4,list_areas_in,0)-1,0,1,1))')
    'list list_areas'
    >>> kind_of("whole", "0", "1E+3"), kind_of("date", "DATE(2019,6,1)", "43646")
    ('whole between 0 1000', 'date between 43617 43646')
    >>> kind_of("custom", "OR(AND($D4>=0,$D4<=90),ISNUMBER(MATCH($D4,nothing,0)))")
    'custom 0 90'
    """
    if type_ == "list":
        named = _LIST.search(formulas[0])
        return f"{type_} {named[0]}" if named else type_
    if type_ == "custom":
        compared = [
            found
            for found in _LIMIT.finditer(formulas[0])
            if found.string[max(found.start() - 1, 0) : found.start()] in "<>="
        ]
        return " ".join((type_, *(_written(found) for found in compared)))
    # LibreOffice writes a second limit, of 0, where an operator has but one
    own = formulas[: 2 if operator.lower().endswith("between") else 1]
    limits = [_written(found) for formula in own for found in _LIMIT.finditer(formula)]
    return " ".join((type_, operator, *limits)) if limits else type_


def _written(found: re.Match[str]) -> str:
    """A number without what programs differ in, and a day as Excel counts it."""
    if found["number"]:
        return format(Decimal(found["number"]).normalize(), "f")
    try:
        day = date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return found[0]
    return str((day - _EPOCH).days)


def find_validations(content: bytes) -> tuple[Validation, ...]:
    """The validations in the XML of a sheet, in either of the two forms that Excel writes."""
    found = []
    for attributes, inside in _ELEMENT.findall(content):
        told = {
            name.decode(): value.decode(errors="replace") for name, value in _ATTRIBUTE.findall(attributes)
        }
        formulas = [unescape(one.decode(errors="replace")) for one in _FORMULA.findall(inside)] or [""]
        far = b" ".join(_RANGES_WITHIN.findall(inside)).decode(errors="replace")
        ranges = tuple(f"{told.get('sqref', '')} {far}".split())
        kind = kind_of(told.get("type", "none"), *formulas, operator=told.get("operator", "between"))
        found.append(Validation(kind, ranges))
    return tuple(found)


def stated_validations(grids: Iterable[Grid]) -> dict[str, list[Stated]]:
    """What the seal of a template says of its validations, by sheet; nothing where there is no seal."""
    stated: dict[str, list[Stated]] = {}
    for grid in grids:
        if grid.sheet == SEAL and grid.hidden and {"A", "B", "C", "D", "E"} <= set(grid.letters):
            for head, sheet, cells, kind, name in grid.cells.select("A", "B", "C", "D", "E").iter_rows():
                if head == STATED and (found := _RANGE.fullmatch(cells or "")) and found[2] and found[4]:
                    rows = (int(found[2]), int(found[4]))
                    stated.setdefault(sheet or "", []).append(Stated(name or "", found[1], rows, kind or ""))
    return stated


def filled_rows(grid: Grid, stated: Iterable[Stated]) -> list[int]:
    """The rows that hold a value; of a template not those that say nothing but who reports, as it has them ready."""
    ready = {one.letter for one in stated if one.kind == f"list {REPORTERS}"}
    telling = [letter for letter in grid.letters if letter not in ready]
    filled = pl.any_horizontal(pl.col(telling).is_not_null()) if telling else pl.lit(value=False)
    return grid.cells.filter(filled)[ROW].to_list()


def lost_validations(grid: Grid, found: Sequence[Validation], stated: Sequence[Stated]) -> Iterator[Issue]:
    """Cells that have lost their validation: of a template those that had one, of other workbooks those between such as have one.

    Args:
        grid: The sheet.
        found: The validations it has.
        stated: Those that its template says it had; empty for a workbook that is not ours.
    """
    if not stated:
        yield from _between(grid, _spans(cells for one in found for cells in one.ranges))
    begun = set(filled_rows(grid, stated)) if stated else set()
    for one in stated:
        of_kind = _spans(cells for other in found if _is_same(other.kind, one.kind) for cells in other.ranges)
        yield from _lost(grid, one, of_kind.get(one.letter, ()), begun)


def _is_same(found: str, stated: str) -> bool:
    """Whether a validation is the stated one; templates of earlier versions state no limits."""
    return stated in (found, found.partition(" ")[0])


def _spans(ranges: Iterable[str]) -> dict[str, list[tuple[int, int]]]:
    """The rows that ranges cover of each column."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for cells in ranges:
        if found := _RANGE.fullmatch(cells):
            first, last = index_of(found[1]), index_of(found[3] or found[1])
            rows = (int(found[2] or 1), int(found[4] or (LAST_ROW if found[3] else found[2] or 1)))
            for index in range(first, min(last, first + _WIDEST) + 1):
                spans.setdefault(letter_of(index), []).append(rows)
    return spans


def runs(rows: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Numbers that follow each other, as their first and last."""
    for _, run in groupby(enumerate(rows), key=lambda item: item[1] - item[0]):
        numbers = [row for _, row in run]
        yield numbers[0], numbers[-1]


def _lost(
    grid: Grid, stated: Stated, spans: Sequence[tuple[int, int]], begun: Container[int]
) -> Iterator[Issue]:
    first, last = stated.rows
    filled = [row for row in _filled(grid, stated.letter, first, last) if row in begun]
    if not any(low <= last and high >= first for low, high in spans):
        message = (
            f"`{stated.name}` lost the template's validation in all of its rows; something was pasted over it"
        )
        where = grid.where(0, stated.letter)
        yield Issue(_CODE, where, message, _FIX, "warning", count=max(1, len(filled)))
        return
    yield from _told(grid, stated.letter, filled, spans)


def _between(grid: Grid, spans: Spans) -> Iterator[Issue]:
    """Filled cells between validated cells of their column that have none."""
    for letter in sorted(spans, key=index_of):
        first, last = min(span[0] for span in spans[letter]), max(span[1] for span in spans[letter])
        yield from _told(grid, letter, _filled(grid, letter, first, last), spans[letter])


def _filled(grid: Grid, letter: str, first: int, last: int) -> list[int]:
    if letter not in grid.letters:
        return []
    filled = grid.cells.filter(pl.col(ROW).is_between(first, last) & pl.col(letter).is_not_null())
    return filled[ROW].to_list()


def _told(grid: Grid, letter: str, rows: Sequence[int], spans: Sequence[tuple[int, int]]) -> Iterator[Issue]:
    for low, high in runs(row for row in rows if not any(first <= row <= last for first, last in spans)):
        cells = f"{letter}{low}" if low == high else f"{letter}{low}:{letter}{high}"
        message = f"{cells} lost the template's validation; something was pasted over it"
        yield Issue(_CODE, grid.where(low, letter), message, _FIX, "warning", count=high - low + 1)
