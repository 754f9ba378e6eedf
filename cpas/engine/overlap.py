"""Where the definition changed between two periods: both of them by the earlier version, and both by the later."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

import polars as pl

from cpas.definitions.loaded import Definitions, LoadedIndicator
from cpas.engine.areas import AreaTree
from cpas.engine.chance import HISTORY
from cpas.engine.measures import TOTAL
from cpas.engine.pairs import JUDGED, Pair
from cpas.engine.rollup import Span
from cpas.engine.scope import Wanted
from cpas.periods import Period

KEYS = ["indicator_id", "area"]
FIGURES = ["value", "status", "reports_received", "reports_expected", "interval_low", "interval_high"]
_BY_VERSION = [
    f"{name} by {side}{which}"
    for side in ("earlier", "later")
    for which in ("", " compared")
    for name in FIGURES
]


class Recompute(Protocol):
    """Computes results of the periods wanted from the same data, by some definitions and, where it is given, another tree."""

    def __call__(
        self, definitions: Definitions, wanted: Iterable[Wanted], tree: AreaTree | None = None
    ) -> pl.DataFrame:
        """As `compute.compute_results`."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a comparison of one indicator spans: the version of each indicator behind it, before and after.

    `within` are those of which one figure alone rests on more than one version, and the day from which the last is in force: the
    definition did not change between the two periods, but among the months behind one of them.
    """

    earlier: Mapping[str, int]
    later: Mapping[str, int]
    within: Mapping[str, date] = field(compare=False)


def changes_between(definitions: Definitions, earlier: Period, later: Period) -> dict[str, Change]:
    """The indicators whose figures of two periods rest on more than one version, their own or of an operand."""
    several = {id_ for id_, one in definitions.indicators.items() if len(one.versions) > 1}
    found = {}
    for id_ in definitions.indicators:
        behind = definitions.behind(id_)
        if not behind & several:
            continue
        months = _months(definitions, id_, (earlier, later))
        first = {name: _number(definitions, name, min(each)) for name, each in months.items()}
        last = {name: _number(definitions, name, max(each)) for name, each in months.items()}
        changed = sorted(name for name in behind if first[name] != last[name])
        if changed:
            found[id_] = Change(
                {name: first[name] for name in changed},
                {name: last[name] for name in changed},
                _within(definitions, id_, (earlier, later)),
            )
    return found


def _within(definitions: Definitions, id_: str, periods: Iterable[Period]) -> dict[str, date]:
    """The indicators of which an indicator's figure of one period rests on more than one version, and since when the last is in force."""
    found = {}
    for period in periods:
        for name, months in _months(definitions, id_, (period,)).items():
            if len({_number(definitions, name, month) for month in months}) > 1:
                found[name] = definitions.indicators[name].version_at(max(months)).first
    return dict(sorted(found.items()))


def both_ways(
    definitions: Definitions, changes: Mapping[Pair, Mapping[str, Change]], recompute: Recompute
) -> dict[Pair, pl.DataFrame]:
    """Both figures of the indicators that changed between the periods of each pair, by the earlier versions and by the later.

    Args:
        definitions: The indicators.
        changes: Those that changed, by pair.
        recompute: Computes results of the periods wanted with other definitions, from the same data.

    Returns:
        For each pair `KEYS`, and `FIGURES` with names such as `value by later compared`; no rows where nothing changed.
        Each row of data is measured by a version that was not in force in its month; columns that were
        not yet filled then give no value. Pairs across the same changes are computed together.
    """
    judged = [pair for pair, own in changes.items() if own and pair.kind in JUDGED]
    found: dict[Pair, pl.DataFrame] = {}
    for pair in judged:
        if pair not in found:
            alike = [one for one in judged if changes[one] == changes[pair]]
            periods = sorted({period for one in alike for period in (one.compared, one.period)})
            frames = _computed(definitions, changes[pair], periods, recompute)
            found |= {one: _figures(frames, changes[one], one) for one in alike}
    types = {name: pl.String if name.startswith("status") else pl.Float64 for name in _BY_VERSION}
    nothing = pl.DataFrame(schema={**dict.fromkeys(KEYS, pl.String), **types})
    return {pair: found.get(pair, nothing) for pair in changes}


def _computed(
    definitions: Definitions, changes: Mapping[str, Change], periods: Collection[Period], recompute: Recompute
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Results of some periods, and of one more around all, by the earlier versions and by the later."""
    needed = {name for id_ in changes for name in definitions.behind(id_)}
    every = dict.fromkeys((*periods, learned_from(periods)))
    wanted = tuple(Wanted(period, is_detailed=False) for period in every)
    pinned = []
    for side in ("earlier", "later"):
        numbers = {name: number for one in changes.values() for name, number in getattr(one, side).items()}
        kept = {
            id_: _pinned(one, numbers[id_]) if id_ in numbers else one
            for id_, one in definitions.indicators.items()
            if id_ in needed
        }
        pinned.append(recompute(replace(definitions, indicators=kept), wanted))
    return pinned[0], pinned[1]


def _figures(
    frames: tuple[pl.DataFrame, pl.DataFrame], changes: Mapping[str, Change], pair: Pair
) -> pl.DataFrame:
    """Both figures of a pair from those by each version: `KEYS` and `_BY_VERSION`."""
    is_own = (pl.col("disaggregation") == TOTAL) & pl.col("indicator_id").is_in(list(changes))
    made = pl.concat([frame.filter(is_own).select(KEYS) for frame in frames]).unique(maintain_order=True)
    for side, frame in zip(("earlier", "later"), frames, strict=True):
        for which, period in (("", pair.period), (" compared", pair.compared)):
            own = frame.filter(is_own & (pl.col("period") == str(period)))
            named = (pl.col(name).alias(f"{name} by {side}{which}") for name in FIGURES)
            made = made.join(own.select(*KEYS, *named), on=KEYS, how="left", maintain_order="left")
    return made


def learned_from(periods: Iterable[Period]) -> Period:
    """The months that the intervals of some periods learn from."""
    ends = [period.last for period in periods]
    return Period(min(ends) - HISTORY + 1, max(ends))


def _pinned(one: LoadedIndicator, number: int) -> LoadedIndicator:
    return replace(one, versions=tuple(version for version in one.versions if version.number == number))


def _months(definitions: Definitions, id_: str, periods: Iterable[Period]) -> dict[str, set[Period]]:
    """The months by which versions are chosen, of an indicator and of all that it is derived from.

    Those of a measure are the months of its spans; that of a derived indicator is the last of each period.
    """
    one = definitions.indicators[id_]
    periods = tuple(periods)
    if not one.is_derived:
        mandate_from = Period.month(definitions.mission.mandate_from)
        spans = (Span.of(one.definition, period, mandate_from).months for period in periods)
        return {id_: {month for span in spans for month in span.months()}}
    found = {id_: {Period(period.last, period.last) for period in periods}}
    for operand in one.operands:
        taken = _months(definitions, operand.indicator, {operand.at(period) for period in periods})
        for name, months in taken.items():
            found.setdefault(name, set()).update(months)
    return found


def _number(definitions: Definitions, id_: str, month: Period) -> int:
    return definitions.indicators[id_].version_at(month).number
