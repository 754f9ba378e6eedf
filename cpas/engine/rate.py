"""A value against its baseline and target: progress, and the rating with its rule."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import inf
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
    """What a rating rests on.

    Attributes:
        value: The value, where it is known.
        target: Its target, where it has one.
        interval: Its interval, where it is a small count.
        coverage: The share of the expected reports that came in, where reports are expected.
        most: Of a sum behind which a report or a figure is missing, the most that it can become; infinite
            where nobody can say. None where it does not grow.
        known: Of such a sum the share of its figures, within the reports that came in, that are known.
    """

    value: float | None
    target: float | None
    interval: tuple[float, float] | None
    coverage: float | None
    most: float | None = None
    known: float = 1.0


def rate(evidence: Evidence, direction: str, rule: RatingRule, minimum_coverage: Decimal) -> Rating:
    """How a value stands against its target.

    `met` at the target or past it; `on_track` short of it by at most `on_track_within` of the
    target; `off_track` short by more than `off_track_beyond`; `at_risk` between. Short of a zero
    target is always off track. A shortfall that chance explains (the target lies in the value's
    interval), or reports of less than `minimum_coverage`, are `insufficient_data`, which is no
    colour. So is a falling sum that is good only while reports or figures are missing, and a rising one whose
    shortfall the outstanding reports explain, or of whose figures less than `minimum_coverage` are known. Without a target nothing is rated.
    """
    target, value = evidence.target, evidence.value
    if target is None:
        return "not_rated"
    if value is None or (evidence.coverage is not None and evidence.coverage < float(minimum_coverage)):
        return "insufficient_data"
    rating = _by_distance(value, target, direction, rule)
    if rating in ("met", "on_track"):
        if direction == "increase" or evidence.most is None:
            return rating
        later = _by_distance(evidence.most, target, direction, rule)
        return later if later in ("met", "on_track") else "insufficient_data"
    by_chance = evidence.interval is not None and evidence.interval[0] <= target <= evidence.interval[1]
    return (
        "insufficient_data"
        if by_chance or _may_reach(evidence, target, direction, minimum_coverage)
        else rating
    )


def _may_reach(evidence: Evidence, target: float, direction: str, minimum_coverage: Decimal) -> bool:
    """Whether what is missing behind a rising sum explains that it is short of its target."""
    if direction != "increase" or evidence.most is None:
        return False
    return target <= evidence.most < inf or evidence.known < float(minimum_coverage)


def rate_step(
    evidence: Evidence, baseline: float | None, minimum_coverage: Decimal, *, is_due: bool
) -> Rating:
    """How a step on a scale stands against the step that is its target; the distance is counted in steps.

    `met` at the target or beyond it. One step short is `on_track` while the target's period lasts and `at_risk`
    when it is over; more than one is `at_risk` and then `off_track`. Below the baseline is `off_track` at any
    time. Without a target nothing is rated, and without a value or with reports of less than `minimum_coverage`
    the data are insufficient.

    Args:
        evidence: Value and target as places on the scale.
        baseline: The place of the baseline.
        minimum_coverage: The least share of the expected reports.
        is_due: Whether the period of the target is over.
    """
    target, value = evidence.target, evidence.value
    if target is None:
        return "not_rated"
    if value is None or (evidence.coverage is not None and evidence.coverage < float(minimum_coverage)):
        return "insufficient_data"
    if value >= target:
        return "met"
    if (baseline is not None and value < baseline) or (is_due and target - value > 1):
        return "off_track"
    return "at_risk" if is_due or target - value > 1 else "on_track"


def _by_distance(value: float, target: float, direction: str, rule: RatingRule) -> Rating:
    short = target - value if direction == "increase" else value - target
    limit = abs(target)
    if short <= 0:
        return "met"
    if limit and short <= float(rule.on_track_within) * limit:
        return "on_track"
    return "off_track" if short > float(rule.off_track_beyond) * limit else "at_risk"
