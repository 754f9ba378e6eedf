"""A report as one immutable value, a document of parts of blocks; knows no indicator and no way of printing.

Document
└── Part                one sheet of the workbook, one section of the page
    └── Block           Heading, Paragraph, KeyFigures, Table, Chart, Map, Note, Finding, Diagram

Every figure, wherever it stands, is a `Bound`: a raw value, how it is written, and the `Key` that says
what it is a figure of. Blocks hold raw values; only renderers round.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from cpas.periods import Period

Language = Literal["en", "fr"]
Marking = Literal["UNCLASSIFIED", "CONFIDENTIAL", "STRICTLY CONFIDENTIAL"]
Kind = Literal["text", "count", "quantity", "percentage", "amount", "thousands", "date", "period", "status"]
Status = Literal["reported", "partial", "not_reported", "not_applicable", "withheld", "nil"]
Number = int | float | Decimal
Value = Number | date | Period | str


def exact(value: Number) -> Decimal:
    """A number as a Decimal; a float as its shortest spelling, so that 2.675 is 2.675."""
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


@dataclass(frozen=True, slots=True)
class Key:
    """What a figure is a figure of; two figures with one key must be equal everywhere in a report."""

    indicator: str
    period: str
    area: str
    disaggregation: str = "total"
    measure: str = "value"

    def __str__(self) -> str:
        """`POC-2.1, 2019-06, ML05, total, value`."""
        return ", ".join((self.indicator, self.period, self.area, self.disaggregation, self.measure))


@dataclass(frozen=True, slots=True)
class Bound:
    """A value, how it is written, and where it comes from.

    Attributes:
        value: Raw and unrounded; None where there is none, and `status` then says why.
        kind: `percentage` is in per cent (75 is 75 per cent); `amount` is in United States
            dollars, `thousands` in thousands of them; nothing is scaled for printing but
            `thousands` in running text. A `status` is a word that the texts know as `status.<word>`.
        status: `partial` has a value that rests on some of the reports expected; `nil` is the
            em dash of financial tables.
        qualifier: A word that the texts know as `qualifier.<word>`, such as `at_least`.
        decimals: Places printed; None takes those of the kind.
    """

    value: Value | None
    kind: Kind = "count"
    key: Key | None = None
    status: Status = "reported"
    qualifier: str = ""
    decimals: int | None = None

    def __post_init__(self) -> None:
        """Refuse a gap that no status explains, and what is no number."""
        if self.value is None and self.status in ("reported", "partial"):
            raise ValueError("a missing value needs the status that says why it is missing")
        if self.value is not None and self.status not in ("reported", "partial"):
            raise ValueError(f"a value that is `{self.status}` cannot be {self.value!r}; it must be None")
        if isinstance(self.value, float) and not math.isfinite(self.value):
            raise ValueError("a figure must be finite; a ratio over nothing has no value, and a status")

    @property
    def number(self) -> Decimal | None:
        """The value as an exact number; None where there is none, or it is text or a date."""
        return exact(self.value) if isinstance(self.value, int | float | Decimal) else None


@dataclass(frozen=True, slots=True)
class Prose:
    """Running text in which every figure is bound.

    `template` names its values in braces and holds no digits itself: `{killed} civilians were
    killed in {period}.` French numbers below ten take the feminine form with `{killed:f}`.
    """

    template: str
    values: tuple[tuple[str, Bound], ...] = ()


def prose(template: str, **values: Bound) -> Prose:
    """Running text from a template and its values by name."""
    return Prose(template, tuple(values.items()))


def quote(text: str) -> Prose:
    """A text as somebody else wrote it, such as an indicator's method; its digits are not ours to bind."""
    return Prose("{text}", (("text", Bound(text, "text")),))


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a part; the report has level 1, its parts level 2."""

    text: str
    level: Literal[3, 4] = 3
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; `lead` is the opening statement of a part."""

    text: Prose
    role: Literal["body", "lead"] = "body"


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One large figure with what it is compared with; `rating` is a status word."""

    label: str
    value: Bound
    unit: str = ""
    comparison: Prose | None = None
    rating: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """A row of large figures."""

    figures: tuple[KeyFigure, ...]


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line without axes, for one cell of a table; the workbook, which has charts, leaves it out."""

    points: tuple[Bound, ...]


Cell = Bound | Spark | Value


@dataclass(frozen=True, slots=True)
class Column:
    """A column: how its plain cells are written, its unit, and its width in characters."""

    label: str
    kind: Kind | Literal["spark"] = "text"
    unit: str = ""
    width: int = 12
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: a plain cell takes its column's kind, a `Bound` keeps its own.

    A `group` row has one cell, the heading of the rows below it. `anchor` names the row,
    `link` makes its first cell lead to the anchor, the part or the block named.
    """

    cells: tuple[Cell, ...]
    role: Literal["body", "group", "subtotal", "total"] = "body"
    anchor: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first column heads its rows."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[Prose, ...] = ()
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """A named line or set of bars: one point for each label of its chart."""

    name: str
    points: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class ReferenceLine:
    """A level to read a chart against, such as a target."""

    role: Literal["target", "baseline"]
    label: str
    value: Bound


@dataclass(frozen=True, slots=True)
class Break:
    """Points from this label on are not comparable with those before it."""

    label: str
    reason: Prose


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of series over the same labels.

    `line` and `column` stand over time, `bar` lies and compares categories. A point that is
    partial is hollow; one that is missing is a gap with its word. `alt` says what is to be seen.
    """

    kind: Literal["line", "column", "bar", "stacked_column", "stacked_bar"]
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str
    alt: str
    lines: tuple[ReferenceLine, ...] = ()
    breaks: tuple[Break, ...] = ()
    note: Prose | None = None
    width: Literal["half", "full"] = "full"
    anchor: str = ""


Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class MapArea:
    """An area: its rings in degrees (longitude, latitude), holes included, and its value."""

    code: str
    name: str
    rings: tuple[Ring, ...]
    value: Bound


@dataclass(frozen=True, slots=True)
class Map:
    """A map by classes; a class runs from one of `breaks` up to the next, the last is open.

    Values below the first break are a class of their own. The boundary disclaimer is always printed.
    """

    title: str
    areas: tuple[MapArea, ...]
    breaks: tuple[Number, ...]
    unit: str
    alt: str
    note: Prose | None = None
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark set apart: what to know, what to beware of, or what the figures cannot say."""

    text: Prose
    role: Literal["note", "caution", "limitation"] = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something learned: a statement, what it rests on, how much it matters and, of a change, which way it goes."""

    statement: Prose
    evidence: tuple[Prose, ...]
    severity: Literal["high", "medium", "low"]
    direction: Literal["improving", "worsening", "unclear", ""] = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A box of a diagram in one of its stages, counted from 0; `gaps` says what is missing at it."""

    id: str
    label: str
    stage: int
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagram:
    """Boxes in stages from left to right, and what leads from one to another by id; boxes with gaps are marked."""

    title: str
    stages: tuple[str, ...]
    nodes: tuple[Node, ...]
    links: tuple[tuple[str, str], ...]
    alt: str
    note: Prose | None = None
    anchor: str = ""


Block = Heading | Paragraph | KeyFigures | Table | Chart | Map | Note | Finding | Diagram


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the report; `sheet` is what its sheet of the workbook is called, else `title`."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """The whole report.

    `notices` stand on every page beside the marking (`Draft - not an official document`);
    `imprint` closes the report: what it was made from and by.
    """

    title: str
    subtitle: str
    mission: str
    period: str
    language: Language
    marking: Marking
    parts: tuple[Part, ...]
    notices: tuple[str, ...] = ()
    imprint: tuple[str, ...] = ()
