"""The illustrative observations: values of indicators reported directly, moving from their baselines at a drawn pace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from numpy.random import Generator

from cpas.definitions.indicator import Indicator
from cpas.definitions.loaded import Definitions
from cpas.illustration import draws, truths
from cpas.illustration.geography import read_seed
from cpas.illustration.rows import Row, Unsaid
from cpas.periods import Period

_PACES = (1.15, 0.9, 0.6, 0.2, -0.35)
_PACE_WEIGHTS = (0.18, 0.30, 0.24, 0.16, 0.12)
_BEFORE = Period.parse("2017-06")
_REGIONS = ("ML04", "ML05", "ML06", "ML07", "ML08")
_QUARTER_ENDS = (3, 6, 9, 12)
_RESPONDENTS = ("women", "men")
_REGIONAL_SPREAD = 0.12


@dataclass(frozen=True, slots=True)
class Series:
    """An indicator that is observed: its definition, its drawn pace, and the areas with how much each differs.

    A pace of 1 reaches every target in its budget year; 0 stays at the baseline; below 0 it moves away from the
    target. `areas` has a factor about 1 for each area, and the number of cases that one observation rests on.
    """

    indicator: Indicator
    pace: float
    areas: Mapping[str, tuple[float, int]]

    @property
    def is_ratio(self) -> bool:
        """Whether it has a numerator and a denominator."""
        return self.indicator.measure.denominator is not None

    @property
    def is_survey(self) -> bool:
        """Whether women and men are asked, at the end of each quarter."""
        return "respondent_sex" in self.indicator.disaggregate_by

    @property
    def adds_up(self) -> bool:
        """Whether months add up to the year, so that a target is of twelve of them."""
        return self.indicator.over_time == "sum"

    def level(self, month: Period) -> float:
        """Where the indicator stands in a month.

        Where months add up each budget year has one level; else the line is straight from the end of one
        budget year to that of the next.
        """
        baseline = float(self.indicator.baseline.value)
        reached = [(_BEFORE.first, baseline)]
        for period, target in sorted(self.indicator.targets.items()):
            reached.append((period.last, baseline + self.pace * (float(target) - baseline)))
        if month <= _BEFORE:
            return baseline
        for (before, low), (end, high) in pairwise(reached):
            if month.first <= end:
                return high if self.adds_up else low + (high - low) * (month.first - before) / (end - before)
        return reached[-1][1]


def load_series(definitions: Definitions, seed: int) -> tuple[Series, ...]:
    """Every indicator whose source is `observations`, by id, each with its pace and areas."""
    series = []
    for loaded in sorted(definitions.indicators.values(), key=lambda one: one.id):
        indicator = loaded.definition
        if indicator.source == "observations":
            rng = draws.stream(seed, "series", indicator.id)
            pace = _PACES[int(draws.pick(rng, _PACE_WEIGHTS, 1)[0])]
            names = _areas(definitions, indicator)
            cases = (40 + 80 * rng.random(len(names))).astype(int)
            factors = draws.around(rng, 1.0, _REGIONAL_SPREAD if len(names) > 1 else 0.0, len(names))
            factors /= (factors * cases).sum() / cases.sum()  # so that all areas together stand at the level
            areas = {
                name: (float(factor), int(case))
                for name, factor, case in zip(names, factors, cases, strict=True)
            }
            series.append(Series(indicator, pace, areas))
    return tuple(series)


def _areas(definitions: Definitions, indicator: Indicator) -> tuple[str, ...]:
    """Regions of the indicator's priority where it is a ratio or large enough to be split, else the whole mission."""
    large = indicator.over_area == "sum" and float(indicator.baseline.value) >= 4 * len(_REGIONS)
    if indicator.measure.denominator is None and not large:
        return (definitions.mission.root_area,)
    sectors = {row["area_code"]: row["parent"] for row in read_seed("areas.csv") if row["level"] == "region"}
    wanted = definitions.priorities[definitions.objective_of(indicator).priority].areas
    regions = tuple(region for region in _REGIONS if sectors[region] in wanted) or _REGIONS
    return (*regions, truths.BOUNDARY_CHANGE.after) if truths.BOUNDARY_CHANGE.before in regions else regions


def draw_observations(series: Sequence[Series], month: Period, seed: int) -> list[Row]:
    """The observations of a month by indicator and area: columns as the data set `observations`."""
    rows: list[Row] = []
    section, silent = truths.SILENT_SECTION
    for one in series:
        if one.is_survey and month.start.month not in _QUARTER_ENDS:
            continue
        if one.indicator.owner == section and str(month) in silent:
            continue
        rng = draws.stream(seed, "observations", one.indicator.id, month)
        for area in one.areas:
            if area != truths.BOUNDARY_CHANGE.after or month.start >= truths.BOUNDARY_CHANGE.first:
                rows += _survey(rng, one, month, area) if one.is_survey else [_value(rng, one, month, area)]
    for number, row in enumerate(rows, start=1):
        row["observation_id"] = f"OBS-{month.start:%Y%m}-{number:03d}"
    return rows


def _row(series: Series, month: Period, area: str) -> Row:
    return {
        "indicator": series.indicator.id,
        "observed_on": month.start,
        "section": series.indicator.owner,
        "area_code": area,
        "respondent_sex": "not_disaggregated",
        "qualifier": "exact",
        "source_reliability": "b",
    }


def _survey(rng: Generator, series: Series, month: Period, area: str) -> list[Row]:
    rows = []
    for sex in _RESPONDENTS:
        asked = 2 * series.areas[area][1] + int(20 * rng.random())
        quotient = _quotient(rng, series, month, area, asked)
        rows.append(_row(series, month, area) | {"respondent_sex": sex, "qualifier": "estimate"} | quotient)
    return rows


def _value(rng: Generator, series: Series, month: Period, area: str) -> Row:
    row, luck = _row(series, month, area), float(rng.random())
    if luck < 0.015:
        nothing = Unsaid.WITHHELD if luck < 0.003 else Unsaid.NOT_REPORTED
        return (
            row
            | {"numerator" if series.is_ratio else "value": nothing, "qualifier": None}
            | ({"denominator": nothing} if series.is_ratio else {})
        )
    if series.is_ratio:
        cases = series.areas[area][1]
        return row | _quotient(rng, series, month, area, cases)
    indicator, level = series.indicator, max(series.level(month), 0.0) * _share(series, month, area)
    if series.adds_up:
        level /= 12
    if series.adds_up and indicator.decimals == 0:
        return row | {"value": int(draws.poisson(rng, [level])[0])}
    noisy = level * float(draws.around(rng, 1.0, 0.12 if series.adds_up else 0.02, 1)[0])
    return row | {"value": round(noisy, indicator.decimals) if indicator.decimals else round(noisy)}


def _share(series: Series, month: Period, area: str) -> float:
    """An area's part of a value that adds up over areas; before it is a region of its own Ménaka is part of Gao."""
    change = truths.BOUNDARY_CHANGE
    factors = {name: factor for name, (factor, _) in series.areas.items()}
    if series.indicator.over_area != "sum":
        return factors[area]
    own = factors[area]
    if area == change.before and month.start < change.first:
        own += factors.get(change.after, 0.0)
    return own / sum(factors.values())


def _quotient(rng: Generator, series: Series, month: Period, area: str, cases: int) -> Row:
    """Numerator and denominator whose quotient lies about the level.

    Of cases that are counted anew each month each counts by chance; of a fixed number, such as posts or
    provisions, as many count as the level says.
    """
    quotient = max(series.level(month), 0.0) / series.indicator.measure.scale * series.areas[area][0]
    if quotient > 1:
        counted = (
            int(draws.poisson(rng, [quotient * cases])[0]) if series.adds_up else round(quotient * cases)
        )
    elif series.adds_up or series.is_survey:
        counted = int(draws.chance(rng, quotient, cases).sum())
    else:
        counted = round(quotient * cases)
    return {"numerator": counted, "denominator": cases}
