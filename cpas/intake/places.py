"""Where areas are and in which others they lie, as far as intake must know it to place a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

import polars as pl

from cpas.intake.geography import Outlines


@dataclass(frozen=True)
class Places:
    """The outlines of the lowest areas, and the `areas` table with the level, parent and validity of each."""

    outlines: Outlines
    areas: pl.DataFrame

    def raised(
        self, leaves: Sequence[str | None], levels: Sequence[str | None], months: Sequence[date | None]
    ) -> list[str | None]:
        """For each area the one of a level that it lay in on the first day of a month.

        None where there is none. The mission area is found without a leaf, since all lies in it.
        """
        above = lru_cache(maxsize=None)(self._above)
        return [above(*one) for one in zip(leaves, levels, months, strict=True)]

    def _above(self, leaf: str | None, level: str | None, month: date | None) -> str | None:
        if level in self._roots:
            return self._roots[level]
        code, seen = leaf, set[str]()
        while code and code not in seen and self._levels.get(code) != level:
            seen.add(code)
            versions = self._parents.get(code, [])
            valid = [parent for first, last, parent in versions if month and first <= month <= last]
            code = (valid or [parent for _, _, parent in versions[-1:]] or [None])[0]
        return code if code and self._levels.get(code) == level else None

    @cached_property
    def _parents(self) -> dict[str, list[tuple[date, date, str | None]]]:
        found: dict[str, list[tuple[date, date, str | None]]] = {}
        for code, parent, first, last in self.areas.select(
            "area_code", "parent", "valid_from", "valid_to"
        ).iter_rows():
            found.setdefault(code, []).append((first or date.min, last or date.max, parent))
        return found

    @cached_property
    def _levels(self) -> dict[str, str]:
        return dict(self.areas.select("area_code", "level").iter_rows())

    @cached_property
    def _roots(self) -> dict[str | None, str]:
        """The areas that lie in no other, by level."""
        return {
            self._levels[code]: code
            for code, versions in self._parents.items()
            if all(parent is None for _, _, parent in versions)
        }
