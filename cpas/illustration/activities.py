"""The illustrative activities of a field office in a month: routine by plan, and the planted joint and integrated ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.random import Generator

from cpas.definitions.mission import Mission
from cpas.illustration import draws, truths
from cpas.illustration.draws import Floats
from cpas.illustration.geography import ZONES, Cercle, cercles_of, read_seed
from cpas.illustration.rows import Row, Unsaid
from cpas.periods import Period

OFFICE_WEIGHTS = {
    "FO-MPT": 1.5,
    "FO-GAO": 1.3,
    "FO-TBT": 1.0,
    "FO-KDL": 0.85,
    "FO-MNK": 0.75,
    "FO-SGU": 0.85,
    "FO-BKO": 0.75,
}
PEOPLE = ("participants_women", "participants_men", "participants_girls", "participants_boys")
_RAINY = (7, 8, 9)
_SEVEN_DAYS = frozenset({"force", "police"})
_WITHHELD_BY = frozenset({"human_rights"})
_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the activity plan: how often a section does something in a month, and what one such activity is like.

    `units` are what one activity delivers of its output; None where the output is counted in hours.
    """

    activity_type: str
    section: str
    weights: Mapping[str, float]
    rainy: float
    tier: str | None
    participants: float
    women: float
    children: float
    personnel: float
    hours: float
    cost: float
    units: float | None
    outputs: Mapping[str, tuple[str, ...]]

    def rate(self, cercle: Cercle, month: Period) -> float:
        """Expected number a month in a field office of weight 1, in the part of the country of a cercle."""
        return self.weights[cercle.part] * (self.rainy if month.start.month in _RAINY else 1.0)


@dataclass(frozen=True, slots=True)
class Place:
    """A zone on a day."""

    day: date
    cercle: Cercle
    zone: int


def load_plan() -> tuple[Line, ...]:
    """The activity plan of the seed folder."""
    parts = ("north", "centre", "south")
    return tuple(
        Line(
            activity_type=row["activity_type"],
            section=row["section"],
            weights={part: float(row[part]) for part in parts},
            rainy=float(row["rainy"]),
            tier=row["tier"] or None,
            units=None if row["units"] == "hours" else float(row["units"]),
            outputs={part: tuple(row[f"outputs_{part}"].split()) for part in parts},
            **{
                key: float(row[key])
                for key in ("participants", "women", "children", "personnel", "hours", "cost")
            },
        )
        for row in read_seed("activity_plan.csv")
    )


@dataclass(frozen=True, slots=True)
class Office:
    """What a field office's month is drawn from."""

    id: str
    mission: Mission
    plan: tuple[Line, ...]

    def line(self, activity_type: str, section: str) -> Line:
        """The plan's line for an activity of a section."""
        return next(
            line for line in self.plan if (line.activity_type, line.section) == (activity_type, section)
        )


def draw_activities(office: Office, month: Period, scale: float, seed: int) -> list[Row]:
    """The activities of a field office in a month, by day: columns as the data set `activities`.

    `scale` multiplies the routine activities; planted operations stay as they are.
    """
    rng = draws.stream(seed, "activities", office.id, month)
    places = cercles_of(office.mission, office.id)
    rows = [*_routine(rng, office, places, month, scale), *_integrated(rng, office, places, month)]
    codes = {cercle.code: cercle for cercle in places}
    rows += _milestones(rng, office, codes, month)
    for operation in (truths.OPERATIONS_WITH_A_FALL, truths.OPERATIONS_WITHOUT_EFFECT):
        if operation.cercle in codes:
            rows += _operations(
                rng,
                office,
                codes[operation.cercle],
                operation.days(month),
                ("force", "police", "civil_affairs"),
            )
    if truths.REPRISALS.cercle in codes:
        rows += _operations(
            rng, office, codes[truths.REPRISALS.cercle], truths.REPRISALS.days(month), ("force", "police")
        )
    rows.sort(key=lambda row: row["activity_on"])
    for number, row in enumerate(rows, start=1):
        row["activity_id"] = f"{office.id[3:]}-{month.start:%Y%m}-{number:04d}"
    return rows


def _routine(
    rng: Generator, office: Office, places: tuple[Cercle, ...], month: Period, scale: float
) -> Iterable[Row]:
    days = [month.start + timedelta(days=more) for more in range(month.days)]
    pull = _pull(places)
    weight = OFFICE_WEIGHTS[office.id] * scale
    for line in office.plan:
        works = np.array(
            [line.section in _SEVEN_DAYS or day.weekday() <= _FRIDAY for day in days], dtype=np.float64
        )
        rates = np.array([line.rate(cercle, month) for cercle in places]) * pull * weight
        counts = draws.poisson(rng, np.outer(works / works.sum(), rates))
        at_day, at_cercle = np.nonzero(counts)
        times = counts[at_day, at_cercle]
        where = [
            Place(days[day], places[cercle], 0)
            for day, cercle in zip(np.repeat(at_day, times), np.repeat(at_cercle, times), strict=True)
        ]
        rows = _carried_out(rng, office, line, where)
        yield from rows
        if line.activity_type == "joint_patrol":
            yield from _reported_twice(rng, office, rows)


def _pull(places: tuple[Cercle, ...]) -> Floats:
    """Shares of an office's activities by cercle: more where violence is expected, so activity follows violence."""
    monthly = {row["area_code"]: float(row["monthly"]) for row in read_seed("incident_rates.csv")}
    drawn = np.array([0.4 + monthly[cercle.code] for cercle in places])
    shares: Floats = drawn / drawn.sum()
    return shares


def _carried_out(
    rng: Generator, office: Office, line: Line, where: list[Place], zones: bool = True
) -> list[Row]:
    """One row for each place; with `zones` the zone is drawn, else it is the place's own."""
    size = len(where)
    zone = draws.pick(rng, [1.0] * ZONES, size) if zones else np.array([place.zone for place in where])
    personnel = np.maximum(draws.around(rng, line.personnel, 0.3, size).round(), 1).astype(int)
    hours = np.maximum((draws.around(rng, line.hours, 0.35, size) * 2).round() / 2, 0.5)
    cost = (draws.around(rng, line.cost, 0.45, size) / 5).round() * 5
    units = hours if line.units is None else _units(rng, line.units, size)
    idle = draws.chance(rng, truths.NO_OUTPUT, size)
    choice = rng.random(size)
    component = office.mission.sections[line.section].component
    rows = []
    for index, place in enumerate(where):
        name, latitude, longitude = place.cercle.zone(int(zone[index]))
        outputs = line.outputs[place.cercle.part]
        row: Row = {
            "activity_on": place.day, "field_office": office.id, "section": line.section, "component": component,
            "activity_type": line.activity_type,
            "output": None if idle[index] or not outputs else outputs[int(choice[index] * len(outputs))],
            "area_code": place.cercle.code, "place": name, "latitude": latitude, "longitude": longitude,
            "poc_tier": line.tier, "personnel": int(personnel[index]),
            "hours": float(hours[index]) if line.hours else None,
            "units_delivered": float(units[index]),
            "cost_usd": float(cost[index]) if line.cost else None,
        }  # fmt: skip
        rows.append(row)
    for row, people in zip(rows, _participants(rng, line, size), strict=True):
        row.update(people)
    return rows


def _units(rng: Generator, mean: float, size: int) -> Floats:
    return np.maximum(draws.around(rng, mean, 0.3, size).round(), 1.0) if mean > 1 else np.ones(size)


def _participants(rng: Generator, line: Line, size: int) -> list[Row]:
    """Participants by sex and age, adding up to the total; or which kind of nothing stands in their place."""
    if not line.participants:
        return [dict.fromkeys(("participants_total", *PEOPLE), Unsaid.NOT_APPLICABLE) for _ in range(size)]
    totals = np.maximum(draws.around(rng, line.participants, 0.5, size).round(), 2).astype(int)
    adults = 1 - line.children
    shares = (adults * line.women, adults * (1 - line.women), line.children * 0.48, line.children * 0.52)
    luck = rng.random(size)
    return [_people(rng, line, int(total), shares, float(luck[index])) for index, total in enumerate(totals)]


def _people(rng: Generator, line: Line, total: int, shares: tuple[float, ...], luck: float) -> Row:
    if line.section in _WITHHELD_BY and luck > 0.9:
        return dict.fromkeys(("participants_total", *PEOPLE), Unsaid.WITHHELD)
    if luck < 0.03:
        return dict.fromkeys(("participants_total", *PEOPLE), Unsaid.NOT_REPORTED if luck < 0.01 else None)
    if luck < 0.05:
        return {"participants_total": total, **dict.fromkeys(PEOPLE)}
    if luck < 0.06:
        total = 0
    return {"participants_total": total, **dict(zip(PEOPLE, draws.split(rng, total, shares), strict=True))}


def _reported_twice(rng: Generator, office: Office, rows: list[Row]) -> Iterable[Row]:
    """The police's report of patrols that the force has reported: some with the force's joint key, some with none."""
    police = office.line("joint_patrol", "police")
    keyed = draws.chance(rng, truths.DOUBLE_REPORTS_WITH_KEY, len(rows))
    for number, (row, key) in enumerate(zip(rows, keyed, strict=True), start=1):
        row["joint_key"] = f"JP-{office.id[3:]}-{row['activity_on']:%Y%m%d}-{number:03d}" if key else None
        twin: dict[str, Any] = {
            "section": "police",
            "component": office.mission.sections["police"].component,
            "personnel": max(2, round(row["personnel"] * police.personnel / 20)),
        }
        yield row | twin


def _integrated(rng: Generator, office: Office, places: tuple[Cercle, ...], month: Period) -> Iterable[Row]:
    """Military, police and civilian activity in one zone within three days."""
    for cercle in draws.pick(rng, _pull(places), truths.INTEGRATED_A_MONTH):
        first = month.start + timedelta(days=int(rng.random() * (month.days - 2)))
        zone = int(rng.random() * ZONES)
        steps = (
            ("short_range_patrol", "force"),
            ("short_range_patrol", "police"),
            ("dialogue_meeting", "civil_affairs"),
        )
        for later, step in enumerate(steps):
            place = Place(first + timedelta(days=later), places[cercle], zone)
            yield from _carried_out(rng, office, office.line(*step), [place], zones=False)


def _milestones(rng: Generator, office: Office, codes: Mapping[str, Cercle], month: Period) -> Iterable[Row]:
    """The single acts that deliver outputs planned as yes or no."""
    for row in read_seed("milestones.csv"):
        if row["field_office"] == office.id and str(month) in row["months"].split():
            line = next(line for line in office.plan if line.activity_type == row["activity_type"])
            own = replace(
                line, section=row["section"], outputs=dict.fromkeys(line.outputs, (row["output"],)), units=1.0
            )
            yield from _carried_out(
                rng, office, own, [Place(month.end, codes[row["area_code"]], 0)], zones=False
            )


def _operations(
    rng: Generator, office: Office, cercle: Cercle, days: tuple[date, ...], sections: tuple[str, ...]
) -> Iterable[Row]:
    """Joint operations: one report by each section, all with one joint key."""
    for day in days:
        key = f"JO-{cercle.code}-{day:%Y%m%d}"
        for section in sections:
            line = office.line("joint_operation", section)
            for row in _carried_out(rng, office, line, [Place(day, cercle, day.day % ZONES)], zones=False):
                yield row | {"joint_key": key}
