"""Which periods, areas and parts are wanted, and which months must be read for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import polars as pl

from cpas.definitions.loaded import Definitions
from cpas.engine.areas import AreaTree
from cpas.engine.measures import TOTAL
from cpas.engine.rollup import Span
from cpas.engine.silence import LOOK_BACK
from cpas.engine.standing import plans_of
from cpas.periods import Period

LOWEST = "cercle"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A period to compute, and how finely: the lowest areas too, and the parts of disaggregations."""

    period: Period
    is_detailed: bool


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
    """What is needed of the months: `detailed` are those whose lowest areas and parts are wanted too, if any."""

    months: Period
    detailed: Period | None
    lowest: tuple[str, ...]
    aimed: tuple[tuple[str, str, str], ...]

    @property
    def keeps(self) -> pl.Expr:
        """Whether a row of a `month` and `area` is needed."""
        if self.detailed is None:
            return self._keeps(pl.lit(value=False))
        return self._keeps(pl.col("month").is_between(self.detailed.start, self.detailed.end))

    @property
    def is_behind(self) -> pl.Expr:
        """Whether a cell of a `month` stands behind a row that is needed: a part's only where it is wanted, or looked back to."""
        is_part = pl.col("disaggregation") != TOTAL
        is_aimed = (
            (pl.col("indicator_id") == id_) & (pl.col("disaggregation") == part)
            for id_, _, part in self.aimed
        )
        months = [_looked_back(self.detailed)] if self.detailed else []
        is_wanted = (pl.col("month").is_between(one.start, one.end) for one in months)
        return pl.any_horizontal(~is_part, *is_wanted, *is_aimed)

    def keeps_of(self, periods: Iterable[Period]) -> pl.Expr:
        """Whether a row of a `period` and `area` is needed; `periods` are those wanted in detail."""
        return self._keeps(pl.col("period").is_in([str(one) for one in periods]))

    def _keeps(self, is_detailed: pl.Expr) -> pl.Expr:
        is_low, is_part = pl.col("area").is_in(self.lowest), pl.col("disaggregation") != TOTAL
        return ~(is_low | is_part) | (is_detailed & ~(is_low & is_part)) | self.is_aimed

    @property
    def is_aimed(self) -> pl.Expr:
        """Whether a row is of a series that has targets of its own, and so is needed in every period."""
        each = (
            (pl.col("indicator_id") == id_) & (pl.col("area") == area) & (pl.col("disaggregation") == part)
            for id_, area, part in self.aimed
        )
        return pl.any_horizontal(pl.lit(value=False), *each)

    @property
    def read(self) -> Period:
        """The months to read."""
        return _looked_back(self.months)


def scope_of(
    spans: list[tuple[str, Span]], in_detail: Collection[Period], tree: AreaTree, definitions: Definitions
) -> Scope:
    """The months that the spans of all series need, and of them those of the periods wanted `in_detail`."""
    return Scope(
        _around(span.months for _, span in spans),
        _around(span.months for _, span in spans if span.period in in_detail) if in_detail else None,
        tuple(code for code in tree.by_code if tree.level(code) == LOWEST),
        tuple(key for key in plans_of(definitions, tree.root) if key[1:] != (tree.root, TOTAL)),
    )


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
