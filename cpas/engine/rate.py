"""Values against baselines and targets: progress, the interval of small counts, and the rating with its rule."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from scipy.special import betaincinv, gammaincinv

from cpas.definitions.indicator import Indicator
from cpas.definitions.mission import RatingRule
from cpas.periods import Period

Rating = Literal["met", "on_track", "at_risk", "off_track", "insufficient_data", "not_rated"]
RATINGS: tuple[Rating, ...] = ("met", "on_track", "at_risk", "off_track", "insufficient_data", "not_rated")


def is_flow(indicator: Indicator, *, is_ratio: bool) -> bool:
    """Whether a longer period has more of it: it adds up over time and is no ratio."""
    return indicator.over_time == "sum" and not is_ratio


def target_for(indicator: Indicator, span: Period, *, flow: bool) -> Decimal | None:
    """The target of a span of months: that of the shortest target period around it.

    A flow has its share of the target by days: half of 100 for half of the year's days. A level or
    ratio has the same target all year. A span over several target periods has the sum of its
    shares if it is a flow; otherwise the target of the last.
    """
    around = [period for period in indicator.targets if period.contains(span)]
    if around:
        return _shared(min(around, key=lambda period: period.days), indicator, span, flow=flow)
    pieces = [
        period
        for period in sorted(indicator.targets)
        if span.first <= period.last and period.first <= span.last
    ]
    covered = sum(min(piece.last, span.last) - max(piece.first, span.first) + 1 for piece in pieces)
    if not pieces or covered != span.last - span.first + 1:
        return None
    if not flow:
        return indicator.targets[pieces[-1]]
    shares = (Period(max(piece.first, span.first), min(piece.last, span.last)) for piece in pieces)
    return sum(
        (_shared(piece, indicator, share, flow=True) for piece, share in zip(pieces, shares, strict=True)),
        Decimal(0),
    )


def _shared(period: Period, indicator: Indicator, span: Period, *, flow: bool) -> Decimal:
    target = indicator.targets[period]
    return target * span.days / period.days if flow else target


def baseline_for(indicator: Indicator, span: Period, *, flow: bool) -> Decimal:
    """The baseline on the same footing as a value of the span: by days where the indicator is a flow."""
    baseline = indicator.baseline
    return baseline.value * span.days / baseline.period.days if flow else baseline.value


def progress(value: float, baseline: float, target: float) -> float | None:
    """The way gone from baseline to target: 40 down to 25 with target 20 is 0.75.

    Right for falling indicators and zero targets; above 1 past the target and below 0 where
    things got worse. None where baseline and target are the same, since there is no way to go.
    """
    return None if target == baseline else (value - baseline) / (target - baseline)


def poisson_interval(count: int, confidence: float) -> tuple[float, float]:
    """The exact interval for the mean of a count (Garwood 1936): 10 events at 95 per cent give 4.80 to 18.39."""
    tail = (1 - confidence) / 2
    low = 0.0 if count == 0 else float(gammaincinv(count, tail))
    return low, float(gammaincinv(count + 1, 1 - tail))


def binomial_interval(successes: int, trials: int, confidence: float) -> tuple[float, float]:
    """The exact interval for a share (Clopper and Pearson 1934): 8 of 10 at 95 per cent gives 0.444 to 0.975."""
    tail = (1 - confidence) / 2
    low = 0.0 if successes == 0 else float(betaincinv(successes, trials - successes + 1, tail))
    high = 1.0 if successes == trials else float(betaincinv(successes + 1, trials - successes, 1 - tail))
    return low, high


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
