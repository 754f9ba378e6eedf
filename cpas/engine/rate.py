"""A value against its baseline and target: progress, and the rating with its rule."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from cpas.definitions.mission import RatingRule

Rating = Literal["met", "on_track", "at_risk", "off_track", "insufficient_data", "not_rated"]
RATINGS: tuple[Rating, ...] = ("met", "on_track", "at_risk", "off_track", "insufficient_data", "not_rated")


def progress(value: float | None, baseline: float | None, target: float | None) -> float | None:
    """The way gone from baseline to target: 40 down to 25 with target 20 is 0.75.

    Right for falling indicators and zero targets; above 1 past the target and below 0 where
    things got worse. None where one of the three is not known, and where baseline and target are the
    same, since there is no way to go.
    """
    if value is None or baseline is None or target is None or target == baseline:
        return None
    return (value - baseline) / (target - baseline)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a rating rests on: the value, its target, its interval where it is a small count, and its coverage."""

    value: float | None
    target: float | None
    interval: tuple[float, float] | None
    coverage: float | None


def rate(evidence: Evidence, direction: str, rule: RatingRule, minimum_coverage: Decimal) -> Rating:
    """How a value stands against its target.

    `met` at the target or past it; `on_track` short of it by at most `on_track_within` of the
    target; `off_track` short by more than `off_track_beyond`; `at_risk` between. Short of a zero
    target is always off track. A shortfall that chance explains (the target lies in the value's
    interval), or reports of less than `minimum_coverage`, are `insufficient_data`, which is no
    colour. Without a target nothing is rated.
    """
    if evidence.target is None:
        return "not_rated"
    if evidence.value is None or (
        evidence.coverage is not None and evidence.coverage < float(minimum_coverage)
    ):
        return "insufficient_data"
    short = evidence.target - evidence.value if direction == "increase" else evidence.value - evidence.target
    if short <= 0:
        return "met"
    limit = abs(evidence.target)
    if limit and short <= float(rule.on_track_within) * limit:
        return "on_track"
    if evidence.interval and evidence.interval[0] <= evidence.target <= evidence.interval[1]:
        return "insufficient_data"
    return "off_track" if short > float(rule.off_track_beyond) * limit else "at_risk"
