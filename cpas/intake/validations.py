"""Validations of a sheet: which cells have which, and which filled cells have lost theirs because something was pasted over them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import polars as pl

from cpas.errors import Issue
from cpas.intake.grid import ROW, Grid, index_of, letter_of

SEAL = "cpas"
STATED = "validation"
"""How a line of a template's seal begins that states a validation the template has."""
LAST_ROW = 1_048_576

_CODE = "CPAS-S055"
_FIX = "look at these values; paste values only (Paste special) next time"
_RANGE = re.compile(r"\$?([A-Z]+)\$?(\d*)(?::\$?([A-Z]+)\$?(\d*))?")
_WIDEST = 200  # a rule over more columns than this is not one column's
_ELEMENT = re.compile(
    rb"<(?:[^\s<>/:]+:)?dataValidation\s([^>]*)>(.*?)(?=<(?:[^\s<>/:]+:)?dataValidation[\s>]|\Z)", re.DOTALL
)
_ATTRIBUTE = re.compile(rb"""\b(type|sqref)\s*=\s*["']([^"']*)["']""")
_RANGES_WITHIN = re.compile(rb"<xm:sqref>([^<]*)</xm:sqref>")
_FORMULA = re.compile(rb"formula1>(?:\s*<xm:f>)?([^<]*)<")
_LIST = re.compile(r"\blist_\w+")

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


def kind_of(type_: str, formula: str) -> str:
    """What tells one of a template's validations from another, however a program has rewritten its formula.

    >>> kind_of("list", 'IF($C4="",list_areas,OFFSET(list_areas,MATCH($C4,list_areas_in,0)-1,0,1,1))')
    'list list_areas'
    >>> kind_of("whole", "0")
    'whole'
    """
    named = _LIST.search(formula) if type_ == "list" else None
    return f"{type_} {named[0]}" if named else type_


def find_validations(content: bytes) -> tuple[Validation, ...]:
    """The validations in the XML of a sheet, in either of the two forms that Excel writes."""
    found = []
    for attributes, inside in _ELEMENT.findall(content):
        told = {
            name.decode(): value.decode(errors="replace") for name, value in _ATTRIBUTE.findall(attributes)
        }
        formula = (_FORMULA.findall(inside) or [b""])[0].decode(errors="replace")
        far = b" ".join(_RANGES_WITHIN.findall(inside)).decode(errors="replace")
        ranges = tuple(f"{told.get('sqref', '')} {far}".split())
        found.append(Validation(kind_of(told.get("type", "none"), formula), ranges))
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


def lost_validations(grid: Grid, found: Sequence[Validation], stated: Sequence[Stated]) -> Iterator[Issue]:
    """Cells that have lost their validation: of a template those that had one, of other workbooks those between such as have one.

    Args:
        grid: The sheet.
        found: The validations it has.
        stated: Those that its template says it had; empty for a workbook that is not ours.
    """
    if not stated:
        yield from _between(grid, _spans(cells for one in found for cells in one.ranges))
    for one in stated:
        of_kind = _spans(cells for other in found if other.kind == one.kind for cells in other.ranges)
        yield from _lost(grid, one, of_kind.get(one.letter, ()))


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


def _lost(grid: Grid, stated: Stated, spans: Sequence[tuple[int, int]]) -> Iterator[Issue]:
    first, last = stated.rows
    filled = _filled(grid, stated.letter, first, last)
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
