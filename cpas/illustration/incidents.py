"""The illustrative incidents of a month: what is expected where, with the planted truths, and what is drawn from that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.random import Generator

from cpas.illustration import draws, truths
from cpas.illustration.draws import Floats, Ints
from cpas.illustration.geography import Cercle, cercles, read_seed
from cpas.illustration.rows import Row, Unsaid
from cpas.periods import Period

SECTION = "jmac"
_FIRST_MONTH = Period.parse("2017-07")
_PARTS = ("deaths_women", "deaths_men", "deaths_girls", "deaths_boys", "deaths_sex_age_unknown")
_SHARES = (0.19, 0.56, 0.07, 0.12, 0.06)
_QUALIFIERS = ("exact", "estimate", "at_least")
_RELIABILITY = ("a", "b", "c", "d", "e", "f")
_SOURCES = (
    "community leaders",
    "patrol report",
    "local authorities",
    "health centre",
    "humanitarian partner",
    "media",
)
_RAINY = (7, 8, 9)


@dataclass(frozen=True, slots=True)
class Model:
    """The seed tables as arrays, in the order of `cercles` and `types`.

    `rates` are expected incidents a month, (cercle, type); `traits` the columns of the table of types.
    """

    cercles: tuple[Cercle, ...]
    types: tuple[str, ...]
    rates: Floats
    traits: dict[str, Floats]
    perpetrators: tuple[str, ...]
    blame: Floats

    def at(self, cercle: str) -> int:
        """A cercle's position."""
        return [one.code for one in self.cercles].index(cercle)

    def of(self, *types: str) -> list[int]:
        """Positions of incident types."""
        return [self.types.index(one) for one in types]


def load_model() -> Model:
    """The model of the seed folder."""
    places, types = cercles(), read_seed("incident_types.csv")
    monthly = {row["area_code"]: float(row["monthly"]) for row in read_seed("incident_rates.csv")}
    mix = {part: np.array([float(row[part]) for row in types]) for part in ("north", "centre", "south")}
    rates = np.array([monthly[one.code] * mix[one.part] / mix[one.part].sum() for one in places])
    traits = {key: np.array([float(row[key]) for row in types]) for key in types[0] if key != "incident_type"}
    table = read_seed("perpetrators.csv")
    perpetrators = tuple(key for key in table[0] if key not in ("incident_type", "part"))
    weights = {
        (row["incident_type"], row["part"]): [float(row[key]) for key in perpetrators] for row in table
    }
    names = tuple(row["incident_type"] for row in types)
    blame = np.array([[weights[name, one.part] for name in names] for one in places])
    return Model(places, names, rates, traits, perpetrators, blame)


def expected_incidents(model: Model, month: Period) -> Floats:
    """Expected incidents by cercle, type and day of a month, with every planted truth in them."""
    elapsed = month.first - _FIRST_MONTH.first
    season = 0.80 if month.start.month in _RAINY else 0.97
    level = (1 + truths.MONTHLY_TREND * elapsed) * season / month.days
    rates = np.repeat((model.rates * level)[:, :, None], month.days, axis=2)
    days = [month.start + timedelta(days=more) for more in range(month.days)]

    peak = truths.SEASONAL_PEAK
    if month.start.month == peak.month:
        for cercle in peak.cercles:
            rates[model.at(cercle), model.of(peak.incident_type)] *= peak.factor

    moved = truths.DISPLACEMENT
    for operations in (truths.OPERATIONS_WITH_A_FALL, truths.OPERATIONS_WITHOUT_EFFECT):
        if month.start >= operations.effect_from:
            place = model.at(operations.cercle)
            if operations is moved.origin:
                rates[model.at(moved.cercle)] += rates[place] * (1 - operations.factor) * moved.share
            rates[place] *= operations.factor

    reprisals = truths.REPRISALS
    after = np.array([reprisals.follows(day) for day in days])
    rates[model.at(reprisals.cercle), model.of(reprisals.incident_type)] *= np.where(
        after, reprisals.factor, 1.0
    )

    effort = truths.REPORTING_EFFORT
    if month.start >= effort.opened_on:
        rates[model.at(effort.cercle), model.of(*effort.incident_types)] *= effort.factor
    return rates


def draw_incidents(month: Period, scale: float, seed: int, model: Model) -> list[Row]:
    """The incidents of a month, by day: one row per incident, columns as the data set `incidents`."""
    rng = draws.stream(seed, "incidents", month)
    counts = draws.poisson(rng, expected_incidents(model, month).transpose(2, 0, 1) * scale)
    day, cercle, kind = (np.repeat(index, counts[counts > 0]) for index in np.nonzero(counts))
    rows = _rows(rng, month, model, day, cercle, kind)
    largest = truths.LARGEST_INCIDENT
    if month.contains(largest.day):
        rows = sorted([*rows, _largest(model)], key=lambda row: row["incident_on"])
    for number, row in enumerate(rows, start=1):
        row["incident_id"] = f"INC-{month.start:%Y%m}-{number:04d}"
    return rows


def _rows(rng: Generator, month: Period, model: Model, day: Ints, cercle: Ints, kind: Ints) -> list[Row]:
    size = len(day)
    trait = {name: values[kind] for name, values in model.traits.items()}
    killed = draws.chance(rng, trait["civilians_killed"], size) * draws.heavy_tail(
        rng, trait["tail"], 45, size
    )
    others = draws.chance(rng, trait["others_killed"], size) * draws.heavy_tail(rng, 1.7, 30, size)
    lost = draws.chance(rng, trait["peacekeepers_killed"], size) * draws.heavy_tail(rng, 2.4, 6, size)
    edges = model.blame[cercle, kind].cumsum(axis=1)
    perpetrator = (rng.random((size, 1)) * edges[:, -1:] >= edges).sum(axis=1)
    drawn: dict[str, Any] = {
        "civilians_targeted": draws.chance(rng, trait["targeted"], size).tolist(),
        "deaths_civilians": killed.tolist(),
        "injured_civilians": draws.poisson(rng, trait["injured"] * (1 + killed / 3)).tolist(),
        "abducted_civilians": (
            draws.chance(rng, trait["abducted"], size) * draws.heavy_tail(rng, 1.8, 25, size)
        ).tolist(),
        "deaths_peacekeepers": lost.tolist(),
        "deaths_other": others.tolist(),
        "displaced_persons": (
            draws.chance(rng, trait["displacing"], size) * draws.heavy_tail(rng, 0.9, 60, size) * 20
        ).tolist(),
    }
    responded = draws.chance(rng, 0.42 + 0.006 * (month.first - _FIRST_MONTH.first), size)
    hours = np.maximum(draws.around(rng, 20.0, 0.7, size), 0.5).round(1)
    qualifier = draws.pick(rng, (0.72, 0.18, 0.10), size)
    reliability = draws.pick(rng, (0.12, 0.34, 0.30, 0.12, 0.04, 0.08), size)
    source, second = (draws.pick(rng, (5, 4, 3, 2, 2, 2), size) for _ in range(2))
    zone = draws.pick(rng, [1.0] * 12, size)
    disaggregated = rng.random(size)
    rows = []
    for index in range(size):
        place, latitude, longitude = model.cercles[cercle[index]].zone(int(zone[index]))
        row: Row = {
            "incident_on": month.start + timedelta(days=int(day[index])),
            "section": SECTION,
            "incident_type": model.types[kind[index]],
            "perpetrator_type": model.perpetrators[perpetrator[index]],
            "area_code": model.cercles[cercle[index]].code,
            "place": place, "latitude": latitude, "longitude": longitude,
            **{name: values[index] for name, values in drawn.items()},
            "responded": bool(responded[index]),
            "response_hours": float(hours[index]) if responded[index] else Unsaid.NOT_APPLICABLE,
            "qualifier": _QUALIFIERS[qualifier[index]] if killed[index] else "exact",
            "source_reliability": _RELIABILITY[reliability[index]],
            "sources": "; ".join(dict.fromkeys((_SOURCES[source[index]], _SOURCES[second[index]]))),
        }  # fmt: skip
        rows.append(row | _sex_and_age(rng, row["deaths_civilians"], disaggregated[index]) | _bounds(row))
    return rows


def _sex_and_age(rng: Generator, deaths: int, luck: float) -> Row:
    """Parts that add up to the deaths; for one incident in eight with deaths none was reported."""
    if deaths and luck < 0.12:
        return dict.fromkeys(_PARTS)
    return dict(zip(_PARTS, draws.split(rng, deaths, _SHARES), strict=True))


def _bounds(row: Row) -> Row:
    """The lowest and highest credible number of all persons killed: equal where the number is exact."""
    deaths = row["deaths_civilians"] + row["deaths_peacekeepers"] + row["deaths_other"]
    low = deaths - deaths // 4 if row["qualifier"] == "estimate" else deaths
    high = deaths if row["qualifier"] == "exact" else deaths + 1 + deaths // 3
    return {"deaths_low": low, "deaths_high": high}


def _largest(model: Model) -> Row:
    planted = truths.LARGEST_INCIDENT
    cercle = model.cercles[model.at(planted.cercle)]
    place, latitude, longitude = cercle.zone(planted.zone)
    return {
        "incident_on": planted.day, "section": SECTION, "incident_type": "attack_on_civilians",
        "perpetrator_type": "community_militia", "area_code": cercle.code,
        "place": place, "latitude": latitude, "longitude": longitude, "civilians_targeted": True,
        "deaths_civilians": planted.total, **dict(zip(_PARTS, planted.deaths, strict=True)),
        "injured_civilians": planted.injured, "abducted_civilians": 0, "deaths_peacekeepers": 0, "deaths_other": 0,
        "deaths_low": planted.total, "deaths_high": planted.total + 40, "displaced_persons": planted.displaced,
        "responded": True, "response_hours": 9.5, "qualifier": "at_least", "source_reliability": "b",
        "sources": "community leaders; investigation",
        "description": "Armed men on motorcycles surrounded the village before dawn. The number of dead is a floor.",
    }  # fmt: skip
