"""Intervals of small counts: what chance alone could have made of the same situation."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from scipy.special import betaincinv, gammaincinv


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


FEWEST_PAIRS = 11  # of months next to each other: a year of them


def clustering(months: Iterable[float | None]) -> float | None:
    """How many persons an incident counts for, by how restless the months are; 1 where they come one by one.

    The mean square of the differences from month to month, halved, over the mean of the months
    (von Neumann and others 1941): for single Poisson events it is 1, for events that count
    five each it is 5. Differences, since a trend or a season is no clustering. None where fewer than
    `FEWEST_PAIRS` pairs of neighbouring months are known, or nothing ever happened.

    Months 0, 10, 0, 10 ... have a mean of 5, differences of 10, and so 100 / 2 / 5 = 10.
    """
    months = tuple(months)
    known = [month for month in months if month is not None]
    steps = [(later - one) ** 2 for one, later in pairwise(months) if one is not None and later is not None]
    if len(steps) < FEWEST_PAIRS or not sum(known):
        return None
    return max(1.0, sum(steps) / len(steps) / 2 / (sum(known) / len(known)))


def clustered_interval(total: float, size: float, confidence: float) -> tuple[float, float]:
    """The interval for the mean of a sum of persons who come `size` at a time.

    Fay and Feuer (1997) for a sum of Poisson counts with weights, all of them `size`: Garwood's interval for
    `total / size` events, times `size`. 50 persons at 5 a time are 10 events: 24.0 to 92.0, and not
    the 37.1 to 65.9 of 50 single ones.
    """
    tail = (1 - confidence) / 2
    events = total / size
    low = 0.0 if total <= 0 else float(gammaincinv(events, tail))
    return low * size, float(gammaincinv(events + 1, 1 - tail)) * size
