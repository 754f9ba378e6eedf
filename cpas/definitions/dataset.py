"""What a data set declaration and the code lists may say; a data set is declared once for every use."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Self

from pydantic import ConfigDict, Field, RootModel, model_validator

from cpas.definitions.base import Id, Model, Name, Text

ColumnType = Literal[
    "text", "code", "reference", "date", "month", "count", "quantity", "amount", "number", "boolean"
]
Nothing = Literal["not_reported", "not_applicable", "withheld"]
Sensitivity = Literal["public", "internal", "confidential"]
REPORTS = "reports"
REPORTS_COLUMNS: dict[str, ColumnType] = {
    "month": "month",
    "data_set": "text",
    "reporter": "text",
    "area_code": "reference",
    "expected": "count",
    "received": "count",
    "on_time": "count",
}
"""What is made of the reports that were expected, by the columns a mission declares in a data set of this name."""
NUMERIC: frozenset[str] = frozenset({"count", "quantity", "amount", "number"})


class Code(Model):
    """One value of a code list: its label, and other spellings people use for it."""

    label: Text
    aliases: tuple[str, ...] = ()


class CodeList(Model):
    """A closed list of codes."""

    title: Text
    codes: dict[str, Code]


class CodeLists(RootModel[dict[str, CodeList]]):
    """The whole of `codes.yml`: code lists by name."""

    model_config = ConfigDict(frozen=True)


class Column(Model):
    """One column: what it holds, how it is called, and what it must keep to.

    `text` free text; `code` one of a code list; `reference` a key of another table (`to`);
    `date` a day; `month` a month, kept as its first day; `count` a whole number of at least 0
    (Int64); `quantity` and `amount` exact decimals (Decimal(18, 6); an amount is money);
    `number` a coordinate (Float64), never summed; `boolean` yes or no.
    """

    name: Name
    type: ColumnType
    label: Text
    guidance: Text | None = None
    hxl: str | None = Field(None, pattern=r"^#[a-z0-9_]+( ?\+[a-z0-9_]+)*$")
    aliases: tuple[str, ...] = ()
    required: bool = False
    codes: str | None = None
    to: str | None = None
    unit: str | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    max_length: int | None = Field(None, gt=0)
    pattern: str | None = None
    may_be: tuple[Nothing, ...] = ()
    sensitive: Sensitivity = "public"

    @property
    def is_numeric(self) -> bool:
        """Whether it holds figures."""
        return self.type in NUMERIC

    @property
    def status_column(self) -> str:
        """The companion column that says which kind of nothing an empty cell is."""
        return f"{self.name}_status"


class RowRule(Model):
    """A rule over the columns of one row: an SQL condition that must hold. Unknown (null) is not a breach."""

    id: Id
    that: str
    severity: Literal["error", "warning", "note"] = "error"
    message: Text
    fix: Text


class Breakdown(Model):
    """Columns that are the parts of one total, such as women, men, girls and boys of all participants."""

    label: Text
    total: Name
    parts: dict[Name, Name]
    part_labels: dict[Name, Text]


class Dataset(Model):
    """One data set.

    `kind` says what silence means. In `events` (activities, incidents) no row means that nothing
    happened, once the reporter's report is in; in `levels` (observations, expenditure, deployments,
    population) no row means that nothing is known. `covers` says how long a row stands: its month,
    or every month of the calendar year of its date. `found_in` is `inbox` for what reporters send
    `reference` for tables the planning unit keeps, and `made` for `reports`, whose rows the program
    makes and nobody sends. `unique` are columns that no two rows share together, beside the `key`:
    what a row is about, where the key is only its number; there an empty cell is like another.
    """

    dataset: Name
    title: Text
    grain: Text
    kind: Literal["events", "levels"]
    found_in: Literal["inbox", "reference", "made"] = "inbox"
    required: bool = True
    covers: Literal["month", "calendar_year"] = "month"
    key: tuple[Name, ...]
    unique: tuple[Name, ...] = ()
    period: Name | None = None
    area: Name | None = None
    reported_by: Name | None = None
    aliases: tuple[str, ...] = ()
    joint_key: Name | None = None
    row_unit: str | None = None
    columns: tuple[Column, ...]
    breakdowns: dict[Name, Breakdown] = Field(default_factory=dict)
    rules: tuple[RowRule, ...] = ()

    @model_validator(mode="after")
    def _made(self) -> Self:
        if (self.dataset == REPORTS) != (self.found_in == "made"):
            raise ValueError(f"`{REPORTS}`, and no other data set, is `found_in: made`")
        own = {column.name: column.type for column in self.columns}
        is_as_made = (self.kind, self.period, self.area, own) == (
            "levels",
            "month",
            "area_code",
            REPORTS_COLUMNS,
        )
        if self.found_in == "made" and not is_as_made:
            columns = ", ".join(f"{name} ({kind})" for name, kind in REPORTS_COLUMNS.items())
            raise ValueError(
                f"`{REPORTS}` is `kind: levels`, `period: month`, `area: area_code`, and has the columns {columns}"
            )
        return self

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def column_names(self) -> tuple[str, ...]:
        """All names, in order."""
        return tuple(column.name for column in self.columns)
