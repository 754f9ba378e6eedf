"""Where the boundaries of an area changed between two periods: the figures of both on those of the later one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import product
from typing import Any

import polars as pl

from cpas.definitions.loaded import Definitions
from cpas.engine.areas import AreaTree
from cpas.engine.derived import needed_periods
from cpas.engine.measures import TOTAL
from cpas.engine.overlap import Recompute
from cpas.engine.pairs import Pair
from cpas.engine.passes import EXACT
from cpas.engine.rollup import Span
from cpas.engine.scope import Wanted
from cpas.periods import Period

BRIDGED: Mapping[str, Any] = {
    **dict.fromkeys(("indicator_id", "area", "period", "status", "boundaries_of"), pl.String),
    **dict.fromkeys(("numerator", "denominator"), EXACT),
    **dict.fromkeys(("value", "interval_low", "interval_high"), pl.Float64),
    **dict.fromkeys(("reports_received", "reports_expected", "not_placed"), pl.Int64),
    "is_traced": pl.Boolean,
}
LEFT = ["indicator_id", "area", "period", "not_placed", "is_traced"]


def bridged(
    definitions: Definitions,
    tree: AreaTree,
    broken: Mapping[Pair, Collection[str]],
    known: Collection[str],
    recompute: Recompute,
) -> pl.DataFrame:
    """The results behind comparisons of areas whose boundaries changed, on those of the last month of all.

    Args:
        definitions: The indicators.
        tree: The areas and their dates.
        broken: The areas whose boundaries changed between the two periods of each comparison.
        known: The periods of which there are results; of no others is there anything to bridge.
        recompute: Computes results on another tree from the same data; not asked where nothing changed.

    Returns:
        Columns as `BRIDGED`, totals alone. `boundaries_of` is the month whose boundaries they are. `not_placed` are the
        rows behind a value that name only an area that was divided since, so that nobody knows whether they
        belong to this one, and they are in none; rows that come to zero of a sum are none of them. `is_traced` tells whether all places of the area were
        told apart in all months behind it.
    """
    across = [pair for pair, areas in broken.items() if areas]
    names = {name for pair in across for one in (pair.period, pair.compared) for name in pair.behind(one)}
    if not names.intersection(known):
        return pl.DataFrame(schema=BRIDGED)
    areas = sorted({area for each in broken.values() for area in each})
    periods = [Period.parse(name) for name in sorted(names.intersection(known))]
    last = max(period.last for period in periods)
    one_tree = tree.as_in(Period(last, last))
    needed = needed_periods(definitions, dict.fromkeys(periods, False))
    every = dict.fromkeys(period for each in needed.values() for period in each)
    asked = frozenset(areas).union(*(one_tree.not_placed(area) for area in areas))
    results = recompute(
        definitions, [Wanted(period, is_detailed=False, areas=asked) for period in every], one_tree
    )
    totals = results.filter(pl.col("disaggregation") == TOTAL)
    records = {
        (id_, period, area): 0 if count == 0 and definitions.indicators[id_].adds_up_over_areas else rows
        for id_, period, area, count, rows in totals.select(
            "indicator_id", "period", "area", "numerator", "records"
        ).iter_rows()
    }
    left = [
        (
            *(id_, area, str(period)),
            _not_placed(definitions, id_, period, one_tree.not_placed(area), records),
            _is_traced(definitions, id_, period, area, one_tree),
        )
        for id_, area, period in product(definitions.indicators, areas, periods)
    ]
    frame = pl.DataFrame(left, {name: BRIDGED[name] for name in LEFT}, orient="row")
    found = totals.join(frame, on=LEFT[:3], maintain_order="left")
    return found.with_columns(boundaries_of=pl.lit(str(Period(last, last)))).select(BRIDGED.keys())


def _not_placed(
    definitions: Definitions,
    id_: str,
    period: Period,
    aside: Iterable[str],
    records: Mapping[tuple[str, str, str], int],
) -> int:
    """The rows that cannot be placed behind an indicator, or behind all that it is derived from."""
    one = definitions.indicators[id_]
    if one.is_derived:
        return sum(
            _not_placed(definitions, each.indicator, each.at(period), aside, records) for each in one.operands
        )
    return sum(records.get((id_, str(period), area), 0) for area in aside)


def _is_traced(definitions: Definitions, id_: str, period: Period, area: str, tree: AreaTree) -> bool:
    one = definitions.indicators[id_]
    if one.is_derived:
        return all(
            _is_traced(definitions, each.indicator, each.at(period), area, tree) for each in one.operands
        )
    mandate_from = Period.month(definitions.mission.mandate_from)
    return tree.is_traced(area, Span.of(one.definition, period, mandate_from).months)
