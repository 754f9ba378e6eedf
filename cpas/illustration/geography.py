"""Where the illustrative mission works: cercles, their zones, field offices and bases; draws nothing."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from math import cos, pi, sin, sqrt
from pathlib import Path

from cpas.definitions.mission import Mission
from cpas.periods import Period

SEED = Path(str(files("cpas.illustration"))) / "seed"
ZONES = 12
_GOLDEN_ANGLE = pi * (3 - sqrt(5))


def read_seed(name: str) -> list[dict[str, str]]:
    """The rows of a table of the seed folder."""
    with (SEED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True, slots=True)
class Cercle:
    """A cercle and the disc inside it in which its illustrative zones lie (degrees)."""

    code: str
    name: str
    latitude: float
    longitude: float
    reach: float

    @property
    def part(self) -> str:
        """`north`, `centre` or `south`: which rates of the seed tables apply."""
        region = self.code[:4]
        return (
            "north"
            if region in {"ML06", "ML07", "ML08"}
            else "centre"
            if region in {"ML04", "ML05"}
            else "south"
        )

    def zone(self, number: int) -> tuple[str, float, float]:
        """A zone's name and its point; the twelve zones spread evenly over the disc."""
        distance, angle = self.reach * sqrt((number + 0.5) / ZONES), number * _GOLDEN_ANGLE
        north, east = distance * sin(angle), distance * cos(angle)
        return (
            f"{self.name}, zone {number + 1:02d}",
            round(self.latitude + north, 3),
            round(self.longitude + east, 3),
        )


@dataclass(frozen=True, slots=True)
class Base:
    """A base, the days on which it opened and closed, and its planned strength by category of personnel."""

    id: str
    area_code: str
    opened_on: date | None
    closed_on: date | None
    strengths: Mapping[str, int]

    def is_open(self, month: Period) -> bool:
        """Whether it stands on any day of a month."""
        return self.was_opened(month) and (self.closed_on or month.start) >= month.start

    def was_opened(self, month: Period) -> bool:
        """Whether it has been opened by the end of a month, open or closed by then."""
        return (self.opened_on or month.end) <= month.end


def cercles() -> tuple[Cercle, ...]:
    """All cercles, by code."""
    names = {row["area_code"]: row["name"] for row in read_seed("areas.csv")}
    return tuple(
        Cercle(
            row["area_code"],
            names[row["area_code"]],
            *(float(row[key]) for key in ("latitude", "longitude", "reach")),
        )
        for row in read_seed("anchors.csv")
    )


def cercles_of(mission: Mission, office: str) -> tuple[Cercle, ...]:
    """The cercles that a field office covers by the mission's definition."""
    areas = mission.field_offices[office].areas
    mine = [cercle for cercle in cercles() if cercle.code.startswith(areas)]
    others = {
        area
        for one, other in mission.field_offices.items()
        if one != office
        for area in other.areas
        if len(area) > 4
    }
    return tuple(cercle for cercle in mine if cercle.code in areas or cercle.code not in others)


def bases() -> tuple[Base, ...]:
    """All bases, each with its planned strength by category of personnel."""
    strengths = {
        row["base_id"]: {key: int(row[key]) for key in row if key != "base_id"}
        for row in read_seed("base_strengths.csv")
    }
    return tuple(
        Base(
            row["base_id"],
            row["area_code"],
            _day(row["opened_on"]),
            _day(row["closed_on"]),
            strengths[row["base_id"]],
        )
        for row in read_seed("bases.csv")
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
