"""What the monthly report is made from, and each figure of it as a bound value; computes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

import polars as pl

from cpas.definitions.framework import Objective, Output
from cpas.definitions.indicator import Indicator, Level
from cpas.definitions.loaded import Definitions, LoadedIndicator
from cpas.definitions.scale import counted_steps
from cpas.errors import Issue
from cpas.periods import Period
from cpas.report.blocks import Bound, Key, Kind, Ring, Status
from cpas.report.numbers import format_date
from cpas.report.texts import Texts

TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Place:
    """An area as the report names it; `rings` are its outline where it has one."""

    code: str
    name: str
    level: str
    rings: tuple[Ring, ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """Any area, of the lowest level too: its name, and the code of that in which it lies at the period's end."""

    name: str
    parent: str


@dataclass(frozen=True, slots=True)
class Sources:
    """What was read: rows and reports by data set, issues, and what was left out of a foreign file."""

    rows: Mapping[str, int]
    issues: tuple[Issue, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Worth:
    """What money was worth: cost per unit of outputs and outcomes, and the shares of objectives.

    Attributes:
        costs: Columns `kind` (output, outcome), `id`, `measured_by`, `unit`, `quantity`, `cost_per_unit` (US dollars),
            `is_partial`, `quantity_is_partial`, `reason`.
        shares: Columns `objective` (empty for what is not allocated), `priority`, `rank`, and `money_share`, `activity_share`
            and `staff_share` (per cent), each with its `_is_partial`.
    """

    costs: pl.DataFrame
    shares: pl.DataFrame


@dataclass(frozen=True)
class Material:
    """Everything that the report says, and the words to say it in.

    Attributes:
        results: As the engine's results frame.
        comparisons: As the engine's frame of comparisons.
        ratings: As the engine rolls ratings up: one row per objective and outcome, in the budget year to date.
        money: Columns `kind` (line, group, total, objective, outcome, output, month), `id`, `apportionment`,
            `expenditure`, `variance`, `percentage`, `implementation`; US dollars and per cent; and
            `is_partial`.
        elapsed: The share of the budget year that has passed, in per cent.
        worth: What units cost, and what objectives have.
        coverage: Columns `dataset`, `reporter`, `month` (Date), `received`: one row per report expected.
        places: Areas above the lowest level, the whole mission first.
        areas: Every area by code.
    """

    definitions: Definitions
    period: Period
    results: pl.DataFrame
    comparisons: pl.DataFrame
    ratings: pl.DataFrame
    money: pl.DataFrame
    elapsed: float
    worth: Worth
    coverage: pl.DataFrame
    places: tuple[Place, ...]
    areas: Mapping[str, Area]
    sources: Sources
    texts: Texts

    @property
    def language(self) -> str:
        """The language of the report."""
        return self.texts.language

    @property
    def root(self) -> str:
        """The whole mission's area."""
        return self.definitions.mission.root_area

    @property
    def to_date(self) -> Period:
        """The budget year up to the end of the period: what targets are read against."""
        return self.period.year_to_date()

    @cached_property
    def _numbers(self) -> Mapping[tuple[str, str, str, str], int]:
        """Which row of the results is of which indicator, period, area and part."""
        keys = self.results.select("indicator_id", "period", "area", "disaggregation")
        return {
            (id_, period, area, part): number
            for number, (id_, period, area, part) in enumerate(keys.iter_rows())
        }

    def row(self, id_: str, period: Period, area: str = "", part: str = TOTAL) -> dict[str, Any] | None:
        """One row of the results; None where the period was not computed."""
        number = self._numbers.get((id_, str(period), area or self.root, part))
        return None if number is None else self.results.row(number, named=True)

    def figure(
        self, id_: str, period: Period, area: str = "", part: str = TOTAL, measure: str = "value"
    ) -> Bound:
        """One figure of an indicator: its `value`, `target`, `baseline`, `progress` and so on.

        A step on a scale is its label. A milestone's value is how it stands, and its target the day by which it is due.
        """
        row = self.row(id_, period, area, part)
        key = Key(id_, str(period), area or self.root, part, measure)
        about = self.definitions.indicators[id_].definition
        if about.milestone and measure == "target":
            return Bound(format_date(about.milestone.due, self.texts.language), "text", key)
        if row and row["milestone"] and measure == "value":
            return Bound(self.texts[f"monthly.milestone.{row['milestone']}"], "text", key)
        kind, decimals = _written(about)
        if measure == "progress":
            kind, decimals = "percentage", 0
        value = None if row is None else row[measure]
        if value is None:
            word = row["status"] if row and measure == "value" else "not_applicable"
            missing = "not_reported" if row is None and measure == "value" else word
            return Bound(
                None,
                kind,
                key,
                cast("Status", "not_reported" if missing in ("reported", "partial") else missing),
            )
        is_partial = row is not None and measure == "value" and row["status"] == "partial"
        status: Status = "partial" if is_partial else "reported"
        if label := self.step(id_, value):
            return Bound(label, "text", key, status)
        if measure == "progress":
            value *= 100
        if kind == "count" and value != int(value):
            kind, decimals = "quantity", 1
        return Bound(value, kind, key, status, decimals=decimals)

    def step(self, id_: str, place: float | Decimal | None) -> str | None:
        """The label of a place on an indicator's scale; None where there is no place or no scale."""
        return self.definitions.step_label(id_, place, self.language)

    def places_at(self, id_: str, period: Period, area: str = "") -> Mapping[str, int]:
        """How many places stand at each step of an indicator's scale, and at none by why; where there is none is left out."""
        row = self.row(id_, period, area)
        return counted_steps(row["distribution"]) | counted_steps(row["no_step"]) if row else {}

    def standing_at(self, id_: str, period: Period, code: str) -> tuple[str, ...]:
        """The names of the places that stand at a step, or at none for a reason, where the period was computed for every area.

        A place is an area that is told of as one, and so holds no other.
        """
        counted = {area: self.places_at(id_, period, area) for area in self.areas}
        own = {area for area, places in counted.items() if sum(places.values()) == 1}
        around = {self.areas[area].parent for area in own}
        while wider := {self.areas[area].parent for area in around if area in self.areas} - around:
            around |= wider
        return tuple(
            self.areas[area].name for area in self.areas if area in own - around and code in counted[area]
        )

    @cached_property
    def _compared(self) -> Mapping[tuple[str, str], dict[str, Any]]:
        whole = self.comparisons.filter(pl.col("area") == self.root)
        return {(row["indicator_id"], row["kind"]): row for row in whole.iter_rows(named=True)}

    @cached_property
    def _bridges(self) -> Mapping[str, Mapping[tuple[str, str], dict[str, Any]]]:
        found: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
        for row in self.comparisons.filter(pl.col("boundaries_of").is_not_null()).iter_rows(named=True):
            found.setdefault(row["area"], {})[(row["indicator_id"], row["kind"])] = row
        return found

    def bridge(self, area: str) -> Mapping[tuple[str, str], dict[str, Any]]:
        """The comparisons across a change of an area's boundaries, by indicator and kind."""
        return self._bridges.get(area, {})

    def bound(self, one: LoadedIndicator, value: float | None, key: Key) -> Bound:
        """A figure of an indicator that is none of the results; not applicable where there is none."""
        kind, decimals = _written(one.definition)
        if value is None:
            return Bound(None, kind, key, "not_applicable")
        return Bound(value, kind, key, decimals=decimals)

    def comparison(self, id_: str, kind: str) -> dict[str, Any] | None:
        """What an indicator's figure for the whole mission is compared with; None where there is nothing to compare."""
        return self._compared.get((id_, kind))

    def both_ways(self, id_: str, kind: str) -> Mapping[str, Bound] | None:
        """Both figures of a comparison by the `earlier` and by the `later` definition, as `now_later`, `then_later` and so on.

        None where the definition did not change in between, or one of them is not known.
        """
        row = self.comparison(id_, kind)
        sides = [(which, side) for side in ("earlier", "later") for which in ("value", "compared")]
        if row is None or any(row[f"{which}_by_{side}"] is None for which, side in sides):
            return None
        written, decimals = _written(self.definitions.indicators[id_].definition)
        return {
            f"{'now' if which == 'value' else 'then'}_{side}": Bound(
                self.step(id_, row[f"{which}_by_{side}"]) or row[f"{which}_by_{side}"],
                "text" if self.definitions.scale_of(id_) else written,
                Key(
                    id_,
                    row["period" if which == "value" else "compared_period"],
                    self.root,
                    measure=f"value by {row[f'{side}_versions']}",
                ),
                decimals=decimals,
            )
            for which, side in sides
        }

    def changed_within(self, id_: str, kind: str) -> Bound | None:
        """The indicators of which one figure of a comparison rests on more than one version, each with the day of the last; None where there is none."""
        row = self.comparison(id_, kind)
        if row is None or not row["changed_within"]:
            return None
        each = (text.rsplit(":", 1) for text in row["changed_within"].split(" "))
        days = ((name, format_date(date.fromisoformat(day), self.texts.language)) for name, day in each)
        return self.name(", ".join(self.texts.say("monthly.since", name=name, day=day) for name, day in days))

    def versions(self, id_: str, periods: Iterable[Period]) -> set[str]:
        """The versions of an indicator's definition that figures of some periods rest on."""
        rows = (self.row(id_, period) for period in periods)
        return {version for row in rows if row for version in row["definition_version"].split(",")}

    def evidence(self, kind: str, id_: str) -> dict[str, Any]:
        """How the indicators of an outcome or objective stand, by rating."""
        return self.ratings.row(by_predicate=(pl.col("kind") == kind) & (pl.col("id") == id_), named=True)

    def rating(self, id_: str, area: str = "", part: str = TOTAL) -> Bound:
        """How an indicator stands against its target in the budget year to date."""
        row = self.row(id_, self.to_date, area, part)
        return Bound(
            row["rating"] if row else "not_rated",
            "status",
            Key(id_, str(self.to_date), area or self.root, part, measure="rating"),
        )

    def count(self, name: str, value: int, measure: str = "count") -> Bound:
        """A count that the report itself makes, such as how many indicators are off track."""
        return Bound(value, key=Key(name, str(self.period), self.root, measure=measure))

    @cached_property
    def _amounts(self) -> Mapping[tuple[str, str], dict[str, Any]]:
        return {(row["kind"], row["id"]): row for row in self.money.iter_rows(named=True)}

    def money_of(self, kind: str, id_: str, column: str) -> Bound:
        """One amount in thousands of US dollars, or one percentage, of the financial tables."""
        found = self._amounts.get((kind, id_))
        key = Key(f"budget {kind} {id_}".strip(), str(self.to_date), self.root, measure=column)
        is_share = column in ("percentage", "implementation")
        value = found[column] if found else None
        if found is None or value is None:
            return Bound(None, "thousands", key, "nil" if is_share else "not_reported")
        is_partial = column != "apportionment" and found["is_partial"]
        status: Status = "partial" if is_partial else "reported"
        if is_share:
            return Bound(value, "percentage", key, status, decimals=1)
        return Bound(value / 1000, "thousands", key, status)

    def words(self, period: Period) -> Bound:
        """A period in words."""
        return Bound(period, "period")

    def name(self, text: str) -> Bound:
        """A name in running text."""
        return Bound(text, "text")

    def unit(self, measured: Indicator | Output) -> str:
        """The unit in the language of the report, where the code list `unit` has it; of steps the scale."""
        scale = measured.scale if isinstance(measured, Indicator) else None
        if scale:
            return self.definitions.scales[scale].title[self.language]
        units = self.definitions.codes.get("unit")
        code = units.codes.get(measured.unit) if units else None
        return code.label[self.language] if code else measured.unit

    def months(self) -> list[Period]:
        """The months of the trend charts: those computed, in order."""
        computed = (Period.parse(text) for text in self.results["period"].unique())
        return sorted(
            period for period in computed if period.kind == "month" and period.last <= self.period.last
        )

    def of(self, objective: Objective, *levels: Level) -> Iterator[LoadedIndicator]:
        """The indicators of an objective at some levels, by outcome and id."""
        found = [
            one
            for one in self.definitions.indicators.values()
            if one.definition.level in levels and self.definitions.objective_of(one.definition) == objective
        ]
        return iter(
            sorted(found, key=lambda one: (levels.index(one.definition.level), one.definition.parent, one.id))
        )

    def title(self, one: LoadedIndicator) -> str:
        """An indicator's title."""
        return one.definition.title[self.language]


def _written(indicator: Indicator) -> tuple[Kind, int | None]:
    if indicator.unit == "per cent":
        return "percentage", indicator.decimals
    if indicator.unit == "USD":
        return "amount", None
    return ("count", None) if indicator.decimals == 0 else ("quantity", indicator.decimals)
