"""Which indicators moved against the same period last year, and on what ground that may be said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from cpas.definitions.loaded import LoadedIndicator
from cpas.report.monthly.material import Material

NOTABLE = 0.10
STRONG = 0.50


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is more than noise: by its `basis`, intervals that do not meet, or its size."""

    indicator: LoadedIndicator
    difference: float
    relative: float | None
    direction: Literal["improving", "worsening"]
    basis: Literal["interval", "size"]
    is_broken: bool

    @property
    def severity(self) -> Literal["high", "medium"]:
        """High where it is half as much again, or half as little, or from nothing."""
        return "high" if self.relative is None or abs(self.relative) >= STRONG else "medium"


def changes(material: Material, indicators: Iterable[LoadedIndicator]) -> tuple[Change, ...]:
    """The changes that may be spoken of, largest first.

    A count or share of events moved if the two intervals do not meet; another figure if it
    differs by at least a tenth. Partial figures are left out, since their change may be that of
    reporting.
    """
    found = (_change(material, one) for one in indicators)
    return tuple(sorted((one for one in found if one), key=lambda one: -abs(one.relative or float("inf"))))


def is_comparable(material: Material, one: LoadedIndicator) -> bool:
    """Whether an indicator has complete figures for the period and for the same period last year."""
    rows = [material.row(one.id, period) for period in (material.period, material.period.same_last_year())]
    return all(row is not None and row["status"] == "reported" for row in rows)


def _change(material: Material, one: LoadedIndicator) -> Change | None:
    now = material.row(one.id, material.period)
    before = material.row(one.id, material.period.same_last_year())
    if not now or not before or not is_comparable(material, one):
        return None
    difference = now["value"] - before["value"]
    relative = difference / abs(before["value"]) if before["value"] else None
    if now["interval_low"] is not None and before["interval_low"] is not None:
        if now["interval_low"] <= before["interval_high"] and before["interval_low"] <= now["interval_high"]:
            return None
        basis: Literal["interval", "size"] = "interval"
    else:
        basis = "size"
        if difference == 0 or (relative is not None and abs(relative) < NOTABLE):
            return None
    better = (difference > 0) == (one.definition.direction == "increase")
    broken = now["definition_version"] != before["definition_version"]
    return Change(one, difference, relative, "improving" if better else "worsening", basis, broken)
