"""The pairs of periods that are compared with each other; knows no figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cpas.periods import Period

Kind = Literal["previous", "same_last_year", "year_to_date", "annualised", "mean_3", "mean_12"]
MEANS: Mapping[str, int] = {"mean_3": 3, "mean_12": 12}

JUDGED: tuple[Kind, ...] = ("previous", "same_last_year", "year_to_date")
"""The comparisons whose change may be spoken of."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A comparison: its kind, the period whose figure stands, and the period it is compared with."""

    kind: Kind
    period: Period
    compared: Period

    def behind(self, side: Period) -> set[str]:
        """The periods whose results make the figure of one side."""
        return {str(month) for month in side.months()} if self.kind in MEANS else {str(side)}


def pairs_for(period: Period) -> tuple[Pair, ...]:
    """What a period is compared with.

    The period before; the same period last year; the budget year to date with the same months of
    the year before, as it is and as a whole year of it would be; and the mean of its last 3 and of
    its last 12 months with the mean of as many months before those.
    """
    to_date = period.year_to_date()
    three, twelve = (Period(period.last - length + 1, period.last) for length in MEANS.values())
    return (
        Pair("previous", period, period.previous()),
        Pair("same_last_year", period, period.same_last_year()),
        Pair("year_to_date", to_date, to_date.same_last_year()),
        Pair("annualised", to_date, to_date.same_last_year()),
        Pair("mean_3", three, three.previous()),
        Pair("mean_12", twelve, twelve.previous()),
    )
