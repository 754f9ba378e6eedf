"""Exact intervals of small counts: what chance alone could have made of the same situation."""

from __future__ import annotations

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
