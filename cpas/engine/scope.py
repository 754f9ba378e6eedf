"""Which periods, areas and parts are wanted, and which months must be read for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import polars as pl

from cpas.definitions.loaded import Definitions, LoadedIndicator
from cpas.engine.areas import AreaTree
from cpas.engine.measures import TOTAL
from cpas.engine.rollup import Span
from cpas.engine.silence import LOOK_BACK
from cpas.engine.standing import plans_of
from cpas.periods import Period

LOWEST = "cercle"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A period to compute, and how finely: the lowest areas too, and the parts of disaggregations; and of which areas, if not of all."""

    period: Period
    is_detailed: bool
    areas: frozenset[str] | None = None


def periods_for(period: Period, reporting_from: Period, trend_months: int = 24) -> tuple[Wanted, ...]:
    """A period in detail, and those to compare it with as far back as data go.

    These are the budget year to date and the same months of the year before, the period before, the
    same period last year, and each month up to its end.
    """
    to_date = period.year_to_date()
    compared = [to_date, to_date.same_last_year(), period.previous(), period.same_last_year()]
    first = max(reporting_from.first, min(period.last - trend_months + 1, period.first))
    compared += list(Period(first, period.last).months()) if first <= period.last else []
    known = [one for one in compared if one.last >= reporting_from.first and one != period]
    return (
        Wanted(period, is_detailed=True),
        *(Wanted(one, is_detailed=False) for one in dict.fromkeys(known)),
    )


@dataclass(frozen=True, slots=True)
class Scope:
    """What is needed of the months.

    Attributes:
        months: All of them.
        detailed: The indicators whose lowest areas and parts are wanted too, each with its periods and their months.
        lowest: The codes of the lowest areas.
        aimed: Series that have targets of their own, or are behind one that has, and so are needed in every period.
        levels: The indicators of levels, of whose places one must know whether they were known before.
        areas: The only areas that are wanted; all where it is None.
    """

    months: Period
    detailed: tuple[tuple[str, Span], ...]
    lowest: tuple[str, ...]
    aimed: tuple[tuple[str, str, str], ...]
    levels: frozenset[str]
    areas: frozenset[str] | None

    @property
    def keeps(self) -> pl.Expr:
        """Whether a row of a `month` and `area` is needed."""
        return self._keeps(_within((span.months, id_) for id_, span in self.detailed))

    @property
    def is_behind(self) -> pl.Expr:
        """Whether a cell of a `month` stands behind a row that is needed: a part's only where it is wanted, or looked back to for levels."""
        is_part = pl.col("disaggregation") != TOTAL
        is_aimed = (
            (pl.col("indicator_id") == id_) & (pl.col("disaggregation") == part)
            for id_, _, part in self.aimed
        )
        months = (
            (_looked_back(span.months) if id_ in self.levels else span.months, id_)
            for id_, span in self.detailed
        )
        return pl.any_horizontal(~is_part, _within(months), *is_aimed)

    @property
    def keeps_of_period(self) -> pl.Expr:
        """Whether a row of a `period` and `area` is needed."""
        periods = _grouped((span.period, id_) for id_, span in self.detailed)
        return self._keeps(
            _any(_is_of(ids) & (pl.col("period") == str(period)) for period, ids in periods.items())
        )

    def _keeps(self, is_detailed: pl.Expr) -> pl.Expr:
        is_low, is_part = pl.col("area").is_in(self.lowest), pl.col("disaggregation") != TOTAL
        needed = ~(is_low | is_part) | (is_detailed & ~(is_low & is_part)) | self.is_aimed
        return needed if self.areas is None else needed & pl.col("area").is_in(list(self.areas))

    @property
    def is_aimed(self) -> pl.Expr:
        """Whether a row is of a series that is needed in every period."""
        return _any(
            (pl.col("indicator_id") == id_) & (pl.col("area") == area) & (pl.col("disaggregation") == part)
            for id_, area, part in self.aimed
        )

    @property
    def read(self) -> Period:
        """The months to read."""
        return _looked_back(self.months)


def scope_of(
    spans: list[tuple[str, Span]],
    in_detail: Collection[tuple[str, Period]],
    wanted: Iterable[Wanted],
    tree: AreaTree,
    definitions: Definitions,
) -> Scope:
    """What the spans of all series need; `in_detail` are the indicators and periods that are wanted in detail."""
    areas = [one.areas for one in wanted]
    aimed = [key for key in plans_of(definitions, tree.root) if key[1:] != (tree.root, TOTAL)]
    return Scope(
        _around(span.months for _, span in spans),
        tuple((id_, span) for id_, span in spans if (id_, span.period) in in_detail),
        tuple(code for code in tree.by_code if tree.level(code) == LOWEST),
        tuple(
            dict.fromkeys((name, *key[1:]) for key in aimed for name in sorted(definitions.behind(key[0])))
        ),
        frozenset(id_ for id_, one in definitions.indicators.items() if _is_level(one, definitions)),
        None if None in areas else frozenset[str]().union(*(one for one in areas if one)),
    )


def _is_level(one: LoadedIndicator, definitions: Definitions) -> bool:
    source = one.definition.source
    return source is not None and definitions.datasets[source].dataset.kind != "events"


def to_read(spans: Iterable[tuple[str, Span]]) -> Period:
    """The months to read for the spans of all series."""
    return _looked_back(_around(span.months for _, span in spans))


def _looked_back(months: Period) -> Period:
    """Months needed, and those before in which a place must have been known to be missed."""
    return Period(months.first - LOOK_BACK, months.last)


def _around(periods: Iterable[Period]) -> Period:
    """The shortest period that holds all of some periods."""
    periods = tuple(periods)
    return Period(min(period.first for period in periods), max(period.last for period in periods))


def _any(conditions: Iterable[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(pl.lit(value=False), *conditions)


def _is_of(ids: Collection[str]) -> pl.Expr:
    return pl.col("indicator_id").is_in(list(ids))


def _within(months_of_ids: Iterable[tuple[Period, str]]) -> pl.Expr:
    """Whether a row of a `month` is of some months and of an indicator that is wanted in them."""
    return _any(
        _is_of(ids) & pl.col("month").is_between(months.start, months.end)
        for months, ids in _grouped(months_of_ids).items()
    )


def _grouped(pairs: Iterable[tuple[Period, str]]) -> dict[Period, list[str]]:
    found: dict[Period, list[str]] = {}
    for period, id_ in pairs:
        found.setdefault(period, []).append(id_)
    return found
