"""Random draws that stay the same from one numpy to the next; nothing here knows what is drawn.

numpy promises that a seeded PCG64 gives the same uniform numbers in every release, and promises
nothing for its distributions. So only uniform numbers are taken from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_INVERSION_UP_TO = 60.0


def stream(seed: int, *labels: object) -> Generator:
    """A generator of its own for each set of labels, such as a data set, an office and a month.

    What is drawn for one month does not depend on how many months are drawn.
    """
    return Generator(PCG64(SeedSequence([seed, *(crc32(str(label).encode()) for label in labels)])))


def poisson(rng: Generator, rates: ArrayLike) -> Ints:
    """A Poisson count for each rate, by inversion; large rates by the rounded normal."""
    rate = np.asarray(rates, dtype=np.float64)
    wide = rate > _INVERSION_UP_TO
    small = np.where(wide, 0.0, rate)
    uniform = rng.random(rate.shape)
    term = np.exp(-small)
    below, count = term.copy(), np.zeros(rate.shape, dtype=np.int64)
    for step in range(1, 400):
        more = uniform > below
        if not more.any():
            break
        count += more
        term = term * small / step
        below = below + term
    near = np.floor(rate + np.sqrt(rate) * noise(rng, rate.shape) + 0.5).astype(np.int64)
    return np.where(wide, np.maximum(near, 0), count)


def noise(rng: Generator, shape: int | tuple[int, ...]) -> Floats:
    """Near-normal numbers of mean 0 and standard deviation 1: twelve uniform ones added, less six."""
    size = (shape,) if isinstance(shape, int) else shape
    drawn: Floats = rng.random((12, *size)).sum(axis=0) - 6.0
    return drawn


def pick(rng: Generator, weights: Sequence[float] | Floats, size: int) -> Ints:
    """Positions in `weights`, each as often as its weight says."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    found: Ints = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return np.minimum(found, len(edges) - 1)


def chance(rng: Generator, probability: ArrayLike, size: int) -> NDArray[np.bool_]:
    """True as often as `probability` says."""
    return np.asarray(rng.random(size) < np.asarray(probability), dtype=np.bool_)


def around(rng: Generator, means: ArrayLike, spread: float, size: int) -> Floats:
    """Positive numbers about their means: a log-normal of median `mean / (1 + spread**2 / 2)`."""
    drawn: Floats = np.asarray(means) * np.exp(spread * noise(rng, size)) / (1 + spread * spread / 2)
    return drawn


def heavy_tail(rng: Generator, exponent: ArrayLike, most: int, size: int) -> Ints:
    """Whole numbers from 1 to `most`; how many exceed x falls as `x ** -exponent`."""
    drawn = np.floor((1.0 - rng.random(size)) ** (-1.0 / np.asarray(exponent)))
    return np.minimum(drawn, most).astype(np.int64)


def split(rng: Generator, total: int, shares: Sequence[float]) -> tuple[int, ...]:
    """A whole number in parts that add up to it, each person drawn into one part by its share."""
    counts = np.bincount(pick(rng, shares, total), minlength=len(shares))
    return tuple(int(count) for count in counts)
