"""The changes of a kind of comparison that the report may speak of, as the engine judged them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from cpas.definitions.loaded import LoadedIndicator
from cpas.definitions.scale import Scale
from cpas.report.monthly.material import Material

STRONG = 0.50
AGAINST = "same_last_year"


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is more than noise: by its `basis`, intervals that do not meet, or its size.

    A step on a scale has no `relative` change, nor has a change from zero, or from or to a figure below it. `share` says how large it is:
    that of the scale that was gone, or that of the size of the earlier figure, whatever its sign.

    Where the definition `is_changed` between the two periods, both figures are those of the later version.
    """

    indicator: LoadedIndicator
    difference: float
    relative: float | None
    share: float | None
    direction: Literal["improving", "worsening"]
    basis: Literal["interval", "size"]
    is_changed: bool

    @property
    def severity(self) -> Literal["high", "medium"]:
        """High where it is half as much again, or half as little, or from nothing."""
        return "high" if self.share is None or abs(self.share) >= STRONG else "medium"


def changes(material: Material, indicators: Iterable[LoadedIndicator]) -> tuple[Change, ...]:
    """The changes against the same period last year that may be spoken of, largest first."""
    rows = ((one, material.comparison(one.id, AGAINST)) for one in indicators)
    scales = material.definitions.scale_of
    found = (_change(one, row, scales(one.id)) for one, row in rows if row and row["basis"])
    return tuple(sorted(found, key=lambda one: -abs(one.share or float("inf"))))


def is_comparable(material: Material, one: LoadedIndicator) -> bool:
    """Whether an indicator's figures for the period and for the same period last year compare, if need be by the later definition."""
    row = material.comparison(one.id, AGAINST)
    if row is None:
        return False
    by_later = row["reasons"] == "definition_changed" and None not in (
        row["value_by_later"],
        row["compared_by_later"],
    )
    return bool(row["compares"] or by_later)


def _change(one: LoadedIndicator, row: dict[str, Any], scale: Scale | None) -> Change:
    is_changed = not row["compares"]
    now, before = (
        (row["value_by_later"], row["compared_by_later"])
        if is_changed
        else (row["value"], row["compared_value"])
    )
    size = (now - before) / abs(before) if before and not scale else None
    relative = size if before > 0 and now >= 0 else None
    share = (now - before) / (len(scale.steps) - 1) if scale else size
    return Change(one, now - before, relative, share, row["direction"], row["basis"], is_changed)
