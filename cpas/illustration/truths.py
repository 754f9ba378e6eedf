"""What is planted in the illustrative data, so that analysis can be held to it; each truth is a constant, nothing is drawn.

The README of a sample is written from these constants, so the two cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from cpas.periods import Period

LAST_MONTH = Period.parse("2019-06")
"""Every sample ends here, whatever its length; its last 24 months are the budget years 2017/18 and 2018/19."""

MONTHLY_TREND = 0.01
"""The common trend: expected incidents of every cercle grow each month by this share of those of July 2017."""


@dataclass(frozen=True, slots=True)
class SeasonalPeak:
    """One incident type multiplied in one calendar month of every year."""

    cercles: tuple[str, ...]
    incident_type: str
    month: int
    factor: float


SEASONAL_PEAK = SeasonalPeak(("ML0502", "ML0505"), "intercommunal_violence", 11, 6.0)
"""Intercommunal violence in Bankass and Koro peaks each November; no other cercle has the peak."""


@dataclass(frozen=True, slots=True)
class SustainedOperations:
    """Joint operations twice a month in one cercle, and what all incidents there are multiplied by from a day on."""

    cercle: str
    first: date
    last: date
    days_of_month: tuple[int, ...]
    effect_from: date
    factor: float

    def days(self, month: Period) -> tuple[date, ...]:
        """The days of operation in a month."""
        days = (month.start.replace(day=day) for day in self.days_of_month)
        return tuple(day for day in days if self.first <= day <= self.last)


OPERATIONS_WITH_A_FALL = SustainedOperations(
    "ML0504", date(2018, 7, 1), date(2018, 12, 31), (4, 5, 6, 18, 19, 20), date(2018, 8, 1), 0.35
)
"""Douentza: incidents fall to this factor a month after the operations begin, and stay there."""

OPERATIONS_WITHOUT_EFFECT = SustainedOperations(
    "ML0701", date(2018, 7, 1), date(2018, 12, 31), (4, 5, 6, 18, 19, 20), date(2018, 8, 1), 1.0
)
"""Ansongo: the same operations on the same days, and incidents as before."""


@dataclass(frozen=True, slots=True)
class Displacement:
    """A share of the incidents that operations removed in one cercle appears in a neighbour."""

    origin: SustainedOperations
    cercle: str
    share: float


DISPLACEMENT = Displacement(OPERATIONS_WITH_A_FALL, "ML0603", 0.5)
"""Gourma-Rharous, a neighbour of Douentza under another field office, receives half of what Douentza lost."""


@dataclass(frozen=True, slots=True)
class Reprisals:
    """Attacks on civilians multiplied in the days after each single operation in one cercle."""

    cercle: str
    operations: tuple[date, ...]
    length: int
    incident_type: str
    window: int
    factor: float

    def days(self, month: Period) -> tuple[date, ...]:
        """The days of operation in a month."""
        days = (first + timedelta(days=more) for first in self.operations for more in range(self.length))
        return tuple(day for day in days if month.contains(day))

    def follows(self, day: date) -> bool:
        """Whether a day lies in the window after an operation's last day."""
        ends = (first + timedelta(days=self.length - 1) for first in self.operations)
        return any(0 < (day - end).days <= self.window for end in ends)


REPRISALS = Reprisals(
    "ML0404",
    (
        date(2017, 9, 11), date(2017, 12, 4), date(2018, 2, 19), date(2018, 5, 7), date(2018, 8, 13),
        date(2018, 10, 29), date(2019, 1, 14), date(2019, 3, 25), date(2019, 5, 20),
    ),
    2, "attack_on_civilians", 30, 4.0,
)  # fmt: skip
"""Niono: attacks on civilians are multiplied in the 30 days after each operation of two days."""


@dataclass(frozen=True, slots=True)
class ReportingEffort:
    """A new base finds more incidents without deaths; nothing else has changed."""

    base: str
    cercle: str
    opened_on: date
    incident_types: tuple[str, ...]
    factor: float


REPORTING_EFFORT = ReportingEffort("B-TNK", "ML0507", date(2018, 10, 1), ("banditry", "threat"), 3.0)
"""Ténenkou: after the base opened more banditry and threats are reported, of which none kills; deaths stay as they were."""


@dataclass(frozen=True, slots=True)
class LargestIncident:
    """One incident that outweighs months of others; its number of dead is a floor."""

    day: date
    cercle: str
    zone: int
    deaths: tuple[int, int, int, int, int]
    injured: int
    displaced: int

    @property
    def total(self) -> int:
        """All civilians killed: women, men, girls, boys, and those of unknown sex and age."""
        return sum(self.deaths)


LARGEST_INCIDENT = LargestIncident(date(2019, 2, 12), "ML0503", 4, (31, 34, 22, 23, 14), 58, 1_900)
"""Djenné: an attack on civilians with "at least" so many killed."""


DOUBLE_REPORTS_WITH_KEY = 0.7
"""Force and police both report each joint patrol: same day, place and type; this share carries one joint key on both, the rest none."""


@dataclass(frozen=True, slots=True)
class LateOffice:
    """A field office whose reports come so many days after the due date in some months."""

    office: str
    days_late: int
    months: tuple[str, ...]


LATE_OFFICE = LateOffice("FO-TBT", 20, ("2018-11", "2018-12", "2019-01", "2019-02", "2019-05", "2019-06"))
"""Tombouctou sends about twenty days after the due date."""

SILENT_OFFICE = ("FO-KDL", ("2018-02", "2018-03", "2019-05", "2019-06"))
"""Kidal sends nothing at all for these months: not reported, which is not zero."""

NIL_REPORT = ("FO-MNK", "2017-08")
"""Ménaka reports that nothing happened in this month: a workbook without rows, which is zero."""

SILENT_SECTION = ("justice_corrections", ("2018-09", "2019-04"))
"""This section reports no observation for these months."""


@dataclass(frozen=True, slots=True)
class BoundaryChange:
    """A cercle that leaves one region and is another from a day on."""

    cercle: str
    before: str
    after: str
    first: date


BOUNDARY_CHANGE = BoundaryChange("ML0704", "ML07", "ML10", date(2019, 1, 1))
"""The cercle of Ménaka belongs to the region of Gao until the day before, and to the new region of Ménaka from this day."""

NO_OUTPUT = 0.04
"""This share of activities names no output."""

INTEGRATED_A_MONTH = 2
"""Each field office has this many integrated actions a month: patrol, police and civilian activity in one zone within three days."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What a budget group spends in a budget year, as a share of its apportionment."""

    budget_year: str
    group: str
    share: float


SPENDING = (
    Spending("2017/18", "1", 0.997), Spending("2017/18", "2", 0.978), Spending("2017/18", "3", 0.991),
    Spending("2018/19", "1", 0.996), Spending("2018/19", "2", 0.932), Spending("2018/19", "3", 1.028),
)  # fmt: skip
"""In 2018/19 operational costs are overspent and civilian personnel underspent; the pattern over the months is not pro rata."""
