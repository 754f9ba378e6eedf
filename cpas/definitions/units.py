"""What unit a formula gives, so that an indicator cannot call itself what it is not."""

from __future__ import annotations

import re

MONTHS = "-months"
LIKE = {1: ("share", "ratio"), 100: ("per cent",)}


def units_of(above: str | None, below: str | None, scale: int) -> tuple[str, ...]:
    """The units that `scale * above / below` may be called by; none where a unit is not known.

    Like units cancel: over each other they are a share, times 100 per cent, times 100,000 a rate per
    100,000. Unlike ones stay beside each other. Exposure counted in months becomes years where the
    scale has the twelve months of one.

    >>> units_of("persons", "persons", 100)
    ('per cent',)
    >>> units_of("USD", "hours", 1)
    ('USD per hour', 'USD per hours')
    >>> units_of("persons", "person-months", 1_200_000)
    ('per 100,000 and year', 'per 100,000 persons and year')
    """
    if above is None or below is None:
        return ()
    if above == below:
        return LIKE.get(scale) or (f"per {scale:,}", f"per {scale:,} {below}")
    stem = below.removesuffix(MONTHS)
    if stem != below and scale % 12 == 0:
        many = _many(stem)
        if above == many:
            return f"per {scale // 12:,} and year", f"per {scale // 12:,} {many} and year"
        return (f"{above} per {scale // 12:,} {many} and year",)
    if scale == 1:
        return f"{above} per {_one(below)}", f"{above} per {below}"
    return (f"{above} per {scale:,} {below}",)


def exposure(unit: str) -> str:
    """The unit of a level that is added up over months: persons become person-months."""
    return _one(unit) + MONTHS


def is_unit(written: str, allowed: str) -> bool:
    """Whether a unit is the one allowed, however the thousands are set off."""
    return _plain(written) == _plain(allowed)


def _plain(unit: str) -> str:
    return re.sub(r"(?<=\d)[, \u00a0\u202f](?=\d{3})", "", unit)


def _one(many: str) -> str:
    return many.removesuffix("s") if not many.isupper() else many


def _many(one: str) -> str:
    return one if one.isupper() else f"{one}s"
