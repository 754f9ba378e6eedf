"""Reporting periods as values with both ends included; knows no data and no clock.

Five spellings: month `2019-06`, quarter `2019-Q2`, calendar year `2019`, budget year `2018/19`
(1 July to 30 June, General Assembly resolution 49/233) and any range of months
`2018-07..2019-03`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import total_ordering
from typing import Literal

from cpas.errors import UsageError

Kind = Literal["month", "quarter", "year", "budget_year", "range"]
BUDGET_YEAR_STARTS = 7
_YEAR = r"(?:19|20|21)\d\d"
FORMS = "a month 2019-06, a quarter 2019-Q2, a budget year 2018/19, a calendar year 2019 or a range 2018-07..2019-03"


@total_ordering
@dataclass(frozen=True, slots=True)
class Period:
    """Whole months from `first` to `last`, both included, each as months since year 0.

    >>> str(Period.parse("2018/19").previous())
    '2017/18'
    >>> Period.parse("2019-Q1").days
    90
    """

    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period a text names.

        Raises:
            UsageError: The text is none of the five spellings, or a range runs backwards.
        """
        text = text.strip()
        if match := re.fullmatch(rf"({_YEAR})-(\d{{2}})\.\.({_YEAR})-(\d{{2}})", text):
            first, last = _month(text, match[1], match[2]), _month(text, match[3], match[4])
            if last < first:
                raise UsageError(f"`{text}` ends before it begins; write {_turned(text)}")
            return cls(first, last)
        if match := re.fullmatch(rf"({_YEAR})-(\d{{2}})", text):
            month = _month(text, match[1], match[2])
            return cls(month, month)
        if match := re.fullmatch(rf"({_YEAR})-Q([1-4])", text):
            first = int(match[1]) * 12 + (int(match[2]) - 1) * 3
            return cls(first, first + 2)
        if match := re.fullmatch(rf"({_YEAR})/(\d{{2}})", text):
            if (int(match[1]) + 1) % 100 != int(match[2]):
                raise UsageError(f"`{text}` is not a budget year; a budget year is written like 2018/19")
            return cls.budget_year_from(int(match[1]))
        if re.fullmatch(_YEAR, text):
            return cls(int(text) * 12, int(text) * 12 + 11)
        raise UsageError(f"`{text}` is not a period; write {FORMS}")

    @classmethod
    def month(cls, day: date) -> Period:
        """The month a day falls in."""
        index = day.year * 12 + day.month - 1
        return cls(index, index)

    @classmethod
    def budget_year_from(cls, year: int) -> Period:
        """The budget year that begins on 1 July of `year`."""
        first = year * 12 + BUDGET_YEAR_STARTS - 1
        return cls(first, first + 11)

    def __str__(self) -> str:
        """The shortest spelling; parsing it gives the same period back."""
        match self.kind:
            case "month":
                return _spell(self.first)
            case "quarter":
                return f"{self.first // 12:04d}-Q{self.first % 12 // 3 + 1}"
            case "year":
                return f"{self.first // 12:04d}"
            case "budget_year":
                return f"{self.first // 12:04d}/{(self.first // 12 + 1) % 100:02d}"
            case _:
                return f"{_spell(self.first)}..{_spell(self.last)}"

    def __lt__(self, other: Period) -> bool:
        """Earlier first; of two that begin together the shorter first."""
        return (self.first, self.last) < (other.first, other.last)

    @property
    def kind(self) -> Kind:
        """Which of the five spellings fits."""
        length, month = self.last - self.first + 1, self.first % 12
        if length == 1:
            return "month"
        if length == 3 and month % 3 == 0:
            return "quarter"
        if length == 12 and month == 0:
            return "year"
        if length == 12 and month == BUDGET_YEAR_STARTS - 1:
            return "budget_year"
        return "range"

    @property
    def start(self) -> date:
        """First day."""
        return _first_day(self.first)

    @property
    def end(self) -> date:
        """Last day, included."""
        return _first_day(self.last + 1) - timedelta(days=1)

    @property
    def days(self) -> int:
        """How many days it really has: 366 in a leap year."""
        return (self.end - self.start).days + 1

    def contains(self, other: Period | date) -> bool:
        """Whether a day, or every month of another period, lies inside."""
        inner = Period.month(other) if isinstance(other, date) else other
        return self.first <= inner.first and inner.last <= self.last

    def months(self) -> Iterator[Period]:
        """Its months, in order."""
        return (Period(index, index) for index in range(self.first, self.last + 1))

    def previous(self) -> Period:
        """The period of the same length that ends the day before this one begins."""
        length = self.last - self.first + 1
        return Period(self.first - length, self.first - 1)

    def same_last_year(self) -> Period:
        """The same months, one year earlier."""
        return Period(self.first - 12, self.last - 12)

    def budget_year(self) -> Period:
        """The budget year its last month falls in."""
        year, month = divmod(self.last, 12)
        return Period.budget_year_from(year if month >= BUDGET_YEAR_STARTS - 1 else year - 1)

    def calendar_year(self) -> Period:
        """The calendar year its last month falls in."""
        first = self.last // 12 * 12
        return Period(first, first + 11)

    def year_around(self) -> Period | None:
        """The year it lies in: the budget year, else the calendar year; None where it lies in neither."""
        return next(
            (year for year in (self.budget_year(), self.calendar_year()) if year.contains(self)), None
        )

    def year_to_date(self) -> Period:
        """From 1 July of its budget year to its end; year to date is always the budget year's."""
        return Period(self.budget_year().first, self.last)


def _turned(text: str) -> str:
    """A range of months with its two ends exchanged."""
    first, last = text.split("..")
    return f"{last}..{first}"


def _month(text: str, year: str, month: str) -> int:
    if not 1 <= int(month) <= 12:
        raise UsageError(f"`{text}` is not a period: there is no month {year}-{month}; write {FORMS}")
    return int(year) * 12 + int(month) - 1


def _first_day(index: int) -> date:
    return date(index // 12, index % 12 + 1, 1)


def _spell(index: int) -> str:
    return f"{index // 12:04d}-{index % 12 + 1:02d}"
