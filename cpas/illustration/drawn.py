"""What was drawn for a sample, as far as its README tells of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from cpas.illustration.rows import Row
from cpas.periods import Period


@dataclass(frozen=True, slots=True)
class Drawn:
    """All incidents and expenditure, and counts of the rest."""

    months: tuple[Period, ...]
    scale: float
    seed: int
    incidents: list[Row] = field(default_factory=list)
    spending: list[Row] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
