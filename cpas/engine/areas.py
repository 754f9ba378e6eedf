"""The area tree as it was in each month: who lies in whom, and where a boundary change breaks a series."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import polars as pl

from cpas.periods import Period

ASIDE = "*"
CLOSURE = {"month": pl.Date, "leaf": pl.String, "area": pl.String, "exists": pl.Boolean}


@dataclass(frozen=True, slots=True)
class Area:
    """An area from a first day to a last day, both included; its parent may differ at other times."""

    code: str
    name: str
    name_fr: str
    level: str
    parent: str | None
    valid_from: date | None
    valid_to: date | None

    def is_valid(self, month: Period) -> bool:
        """Whether it is valid on the first day of a month."""
        return self.is_valid_on(month.start)

    def is_valid_on(self, day: date) -> bool:
        """Whether it is valid on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True)
class AreaTree:
    """All areas with their dates. `root` is the mission's whole area.

    Where it is one month's tree laid over all others (`as_in`), `past` is the tree as it really was, and `unplaced` are
    for each of its states the rows that it cannot place: the area that they name, and one of which nobody knows
    whether it holds them.
    """

    areas: tuple[Area, ...]
    root: str
    past: AreaTree | None = None
    unplaced: tuple[frozenset[tuple[str, str]], ...] = ()

    @classmethod
    def of(cls, frame: pl.DataFrame, root: str) -> AreaTree:
        """The tree from the `areas` table: area_code, name, name_fr, level, parent, valid_from, valid_to."""
        rows = frame.select("area_code", "name", "name_fr", "level", "parent", "valid_from", "valid_to")
        areas = (Area(code, name, name_fr or name, *rest) for code, name, name_fr, *rest in rows.iter_rows())
        return cls(tuple(areas), root)

    @cached_property
    def by_code(self) -> Mapping[str, tuple[Area, ...]]:
        """The versions of each area, oldest first."""
        found: dict[str, list[Area]] = {}
        for area in self.areas:
            found.setdefault(area.code, []).append(area)
        return {
            code: tuple(sorted(versions, key=lambda area: area.valid_from or date.min))
            for code, versions in found.items()
        }

    @cached_property
    def above(self) -> Mapping[str, frozenset[str]]:
        """The areas that each area lay in at any time; an area that is not in the table lies in none."""
        return {code: self._all_above(code) for code in self.by_code}

    def _all_above(self, code: str) -> frozenset[str]:
        found, wanted = set[str](), [code]
        while wanted:
            versions = self.by_code.get(wanted.pop(), ())
            parents = {one.parent for one in versions if one.parent} - found
            found |= parents
            wanted += parents
        return frozenset(found)

    def at(self, code: str, month: Period) -> Area:
        """The area as it was in a month; where it was not valid then, its nearest version, so that no row is lost."""
        return self._on(code, month.start)

    def _on(self, code: str, day: date) -> Area:
        versions = self.by_code[code]
        for area in versions:
            if area.is_valid_on(day):
                return area
        later = [area for area in versions if area.valid_from and area.valid_from > day]
        return later[0] if later else versions[-1]

    def name(self, code: str, language: str) -> str:
        """The name of an area in a language."""
        area = self.by_code[code][-1]
        return area.name_fr if language == "fr" else area.name

    def level(self, code: str) -> str:
        """The level of an area: mission, sector, region, cercle."""
        return self.by_code[code][-1].level

    def ancestors(self, code: str, month: Period) -> tuple[str, ...]:
        """The area itself and all areas it lies in, up to the root, as they were in a month."""
        return self._lines[self._state(month)][code]

    def _state(self, month: Period) -> int:
        """Which of `_days` a month's tree dates from."""
        return bisect_right(self._days, month.start) - 1

    @cached_property
    def _days(self) -> tuple[date, ...]:
        """The days from which the tree was another."""
        begun = {area.valid_from for area in self.areas if area.valid_from}
        ended = {area.valid_to + timedelta(days=1) for area in self.areas if area.valid_to}
        return tuple(sorted({date.min, *begun, *ended}))

    @cached_property
    def _lines(self) -> tuple[Mapping[str, tuple[str, ...]], ...]:
        """The ancestors of every area from each of these days on."""
        return tuple({code: self._line(code, day) for code in self.by_code} for day in self._days)

    @cached_property
    def _existing(self) -> tuple[frozenset[str], ...]:
        """The areas that were valid from each of these days on."""
        return tuple(
            frozenset(area.code for area in self.areas if area.is_valid_on(day)) for day in self._days
        )

    def _line(self, code: str, day: date) -> tuple[str, ...]:
        line = [code]
        while (parent := self._on(line[-1], day).parent) and parent not in line:
            line.append(parent)
        return tuple(line)

    def existing(self, months: Iterable[Period]) -> tuple[str, ...]:
        """The codes valid in at least one of the months, in the order of the table."""
        found = frozenset[str]().union(*(self._existing[self._state(month)] for month in months))
        return tuple(code for code in self.by_code if code in found)

    def closure(self, months: Iterable[Period]) -> pl.DataFrame:
        """Every area beside each area it lies in, month by month.

        Returns:
            Columns `month` (Date), `leaf`, `area` (String), and `exists`: whether the leaf is valid
            in the month; where it is not, it lies where its nearest version lies.
        """
        months = tuple(months)
        each = [(month.start, self._state(month)) for month in months]
        rows = [
            (state, code, above, exists)
            for state in {state for _, state in each}
            for code, line in self._lines[state].items()
            for exists in (code in self._existing[state],)
            for above in line
        ]
        kinds = {name: kind for name, kind in CLOSURE.items() if name != "month"}
        trees = pl.DataFrame(rows, schema={"state": pl.Int64, **kinds}, orient="row")
        dated = pl.DataFrame(each, schema={"month": pl.Date, "state": pl.Int64}, orient="row")
        closure = dated.join(trees, on="state", maintain_order="left_right").select(CLOSURE.keys())
        return self._aside(closure, months) if self.past else closure

    def as_in(self, month: Period) -> AreaTree:
        """The tree as if it had always been, and stayed, as it was in a month: the bridge across a change of boundaries.

        Results computed with it have the earlier months of an area for the places that it consists of in that
        month. Rows that name only an area that was divided since are in an area of their own, `CODE*`, and in
        those that hold all of it; reports are about the places that they were about at the time.
        """
        now = [self.at(code, month) for code in self.by_code]
        never = [None if area.is_valid(month) else date.min for area in now]
        lasting = [replace(area, valid_from=None, valid_to=end) for area, end in zip(now, never, strict=True)]
        unplaced = tuple(frozenset(self._unplaced(month, then)) for then in self._states)
        divided = dict.fromkeys(leaf for pairs in unplaced for leaf, _ in sorted(pairs))
        aside = [Area(f"{code}{ASIDE}", code, code, ASIDE, None, None, None) for code in divided]
        return AreaTree((*lasting, *aside), self.root, self, unplaced)

    @cached_property
    def _states(self) -> tuple[Period, ...]:
        """The first whole month of each of `_days`."""
        months = ((Period.month(day), day.day > 1) for day in self._days)
        return tuple(Period(month.first + is_late, month.last + is_late) for month, is_late in months)

    def _unplaced(self, month: Period, then: Period) -> Iterator[tuple[str, str]]:
        """Areas that were of other places then than in a month, each with one that has some of the places of then and not all.

        Areas within it are left out: a row that names the whole was never one of theirs.
        """
        areas = {code: self.places(code, month) for code in self.existing([month]) if code != self.root}
        for leaf in self.by_code:
            held, line = self.places(leaf, then), self.ancestors(leaf, month)
            if not held or held == self.places(leaf, month):
                continue
            for code, places in areas.items():
                is_within = code != leaf and any(leaf in self.ancestors(code, one) for one in (then, month))
                is_known = held <= places if code in line else held.isdisjoint(places)
                if not (is_within or is_known):
                    yield leaf, code

    def _aside(self, closure: pl.DataFrame, months: Iterable[Period]) -> pl.DataFrame:
        """A closure in which rows that cannot be placed are in an area of their own."""
        past = self.past or self
        rows = [
            (month.start, *pair)
            for month in months
            for pair in self.unplaced[past._state(month)]  # noqa: SLF001  # of the same class
        ]
        pairs = pl.DataFrame(rows, {"month": pl.Date, "leaf": pl.String, "area": pl.String}, orient="row")
        alone = closure.filter(pl.col("leaf") == pl.col("area")).join(pairs, on=["month", "leaf"], how="semi")
        placed = closure.join(pairs, on=["month", "leaf", "area"], how="anti", maintain_order="left")
        return pl.concat([placed, alone.with_columns(pl.concat_str("area", pl.lit(ASIDE)))])

    def not_placed(self, code: str) -> tuple[str, ...]:
        """The areas of rows of which nobody knows whether an area holds them."""
        found = {leaf for pairs in self.unplaced for leaf, area in pairs if area == code}
        return tuple(f"{leaf}{ASIDE}" for leaf in sorted(found))

    def is_traced(self, code: str, months: Period) -> bool:
        """Whether all places of an area of `as_in` were told apart in some earlier months too."""
        past = self.past or self
        last = Period(months.last, months.last)
        first, end = (past._state(month) for month in (Period(months.first, months.first), last))  # noqa: SLF001  # of the same class
        places = self.places(code, last)
        return all(places <= existing for existing in past._existing[first : end + 1])  # noqa: SLF001

    def places(self, code: str, month: Period) -> frozenset[str]:
        """The lowest areas that an area consisted of in a month."""
        return self._places[self._state(month)].get(code, frozenset())

    @cached_property
    def _places(self) -> tuple[Mapping[str, frozenset[str]], ...]:
        """The lowest areas that every area consisted of from each of `_days` on."""
        return tuple(
            {code: self._lowest(code, state) for code in self.by_code} for state in range(len(self._days))
        )

    def _lowest(self, code: str, state: int) -> frozenset[str]:
        lines, day = self._lines[state], self._days[state]
        members = frozenset(member for member in self._existing[state] if code in lines[member])
        return members - {self._on(member, day).parent for member in members}

    def is_broken(self, code: str, earlier: Period, later: Period) -> bool:
        """Whether an area does not consist of the same lowest areas in two periods, so that their figures do not compare."""
        trees = {self._state(month): month for period in (earlier, later) for month in period.months()}
        return len({self.places(code, month) for month in trees.values()}) > 1
