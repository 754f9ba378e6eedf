"""Expenditure against apportionment, by budget line and group; what the money served is told by `allocation`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from cpas.definitions.loaded import Definitions
from cpas.periods import Period

Schema = dict[str, pl.DataType | type[pl.DataType]]
ZERO = Decimal(0)
AMOUNT = pl.Decimal(38, 6)
FIGURES = ("apportionment", "expenditure", "variance", "percentage", "implementation")
MONEY: Schema = {
    "kind": pl.String,
    "id": pl.String,
    **dict.fromkeys(FIGURES, pl.Decimal(38, 6)),
    "is_partial": pl.Boolean,
}


@dataclass(frozen=True, slots=True)
class Resources:
    """Money apportioned and spent, in United States dollars; either is None where nothing is known."""

    apportionment: Decimal | None
    expenditure: Decimal | None

    @property
    def variance(self) -> Decimal | None:
        """Apportionment less expenditure; negative where more was spent than apportioned."""
        if self.apportionment is None or self.expenditure is None:
            return None
        return self.apportionment - self.expenditure

    @property
    def percentage(self) -> Decimal | None:
        """The variance as a percentage of the apportionment; None for a zero apportionment."""
        variance = self.variance
        return None if variance is None or not self.apportionment else variance / self.apportionment * 100

    @property
    def implementation(self) -> Decimal | None:
        """Expenditure as a percentage of the apportionment."""
        if self.expenditure is None or not self.apportionment:
            return None
        return self.expenditure / self.apportionment * 100


@dataclass(frozen=True, slots=True)
class Line:
    """A budget line with its money."""

    id: str
    group: str
    resources: Resources


@dataclass(frozen=True)
class YearResources:
    """The money of one budget year up to the end of a period.

    `lines` are in printed order. `months` is the expenditure of each month, None where none was reported.
    """

    budget_year: Period
    to_date: Period
    lines: tuple[Line, ...]
    months: Mapping[Period, Decimal | None]

    def group(self, id_: str) -> Resources:
        """The money of a group of lines."""
        return added(line.resources for line in self.lines if line.group == id_)

    @property
    def total(self) -> Resources:
        """Gross requirements: all groups."""
        return added(line.resources for line in self.lines)

    @property
    def elapsed(self) -> Decimal:
        """The share of the budget year's days that has passed, in per cent: the pro-rata line."""
        return Decimal(self.to_date.days) / Decimal(self.budget_year.days) * 100

    def as_frame(self) -> pl.DataFrame:
        """Every figure as a table.

        Returns:
            Columns of `MONEY`: `kind` (line, group, month, total), `id` (empty for the total), the figures
            of `Resources` in US dollars and per cent, and `is_partial`: whether the expenditure lacks a line
            or a month that nobody has reported.
        """
        groups = dict.fromkeys(line.group for line in self.lines)
        rows = [
            *(("line", line.id, line.resources) for line in self.lines),
            *(("group", id_, self.group(id_)) for id_ in groups),
            *(("month", str(month), Resources(None, spent)) for month, spent in self.months.items()),
            ("total", "", self.total),
        ]
        return money_frame((kind, id_, own, self._is_partial(kind, id_)) for kind, id_, own in rows)

    def _is_partial(self, kind: str, id_: str) -> bool:
        if kind == "month":
            return False
        if None in self.months.values():
            return True
        return kind != "line" and any(
            line.resources.expenditure is None for line in self.lines if kind != "group" or line.group == id_
        )


def money_frame(rows: Iterable[tuple[str, str, Resources, bool]]) -> pl.DataFrame:
    """Kind, id, money and whether it is partial as a table with the columns of `MONEY`."""
    return pl.DataFrame(
        [
            (kind, id_, *(getattr(own, name) for name in FIGURES), is_partial)
            for kind, id_, own, is_partial in rows
        ],
        schema=MONEY,
        orient="row",
    )


def added(parts: Iterable[Resources]) -> Resources:
    """The sum of what is known; None where nothing is."""
    parts = tuple(parts)
    return Resources(_sum(part.apportionment for part in parts), _sum(part.expenditure for part in parts))


def compute_resources(
    definitions: Definitions, budget_lines: pl.DataFrame, expenditure: pl.DataFrame, period: Period
) -> YearResources:
    """The money of the budget year that a period ends in, up to the period's end.

    Args:
        definitions: The budget's structure.
        budget_lines: Columns `budget_line`, `budget_year` and `apportionment_usd` (Decimal, USD).
        expenditure: Columns `budget_line`, `month` (Date) and `amount_usd` (Decimal, USD).
        period: What is reported on.
    """
    year, to_date = period.budget_year(), period.year_to_date()
    apportioned = dict(
        budget_lines.filter(pl.col("budget_year") == str(year))
        .select("budget_line", "apportionment_usd")
        .iter_rows()
    )
    spent_rows = expenditure.filter(pl.col("month").is_between(to_date.start, to_date.end))
    spent = dict(spent_rows.group_by("budget_line").agg(pl.col("amount_usd").sum()).iter_rows())
    monthly = dict(spent_rows.group_by("month").agg(pl.col("amount_usd").sum()).iter_rows())
    lines = tuple(
        Line(line.id, group.id, Resources(apportioned.get(line.id), spent.get(line.id)))
        for group in definitions.budget.groups
        for line in group.lines
    )
    months = {month: monthly.get(month.start) for month in to_date.months()}
    return YearResources(year, to_date, lines, months)


def _sum(parts: Iterable[Decimal | None]) -> Decimal | None:
    known = [part for part in parts if part is not None]
    return sum(known, ZERO) if known else None
