"""What rows say of every slice in some months: measured once, for all computations of results that read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from cpas.definitions.loaded import Definitions
from cpas.engine.measures import CELLS, Slice, measure, slices_of
from cpas.engine.passes import Rows
from cpas.engine.supply import Supply, is_told
from cpas.engine.tallies import SLOTS
from cpas.periods import Period


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows by data set, and what their slices measure in some months, every month by every version.

    Args:
        facts: Rows by data set, as `compute.compute_results` takes them.
        months: The months that were measured.
        slices: Every slice of the definitions that were measured.
        told: Those of them that the source of their rows can tell.
        frame: Columns as `measures.CELLS`.
        slots: The values behind distinct counts and percentiles, columns as `tallies.SLOTS`.
    """

    facts: Mapping[str, Rows]
    months: Period
    slices: tuple[Slice, ...]
    told: tuple[Slice, ...]
    frame: pl.DataFrame
    slots: pl.DataFrame


def measure_cells(
    definitions: Definitions,
    facts: Mapping[str, Rows],
    months: Period,
    root: str,
    supplies: Mapping[str, Supply],
) -> Cells:
    """Every slice of the indicators measured in some months, by one pass per data set; `root` is the area of rows without one."""
    slices = tuple(
        slice_
        for one in definitions.indicators.values()
        if not one.is_derived
        for slice_ in slices_of(one, definitions)
    )
    told = tuple(one for one in slices if _is_told(one, supplies, definitions))
    cells, slots = [pl.DataFrame(schema=CELLS)], [pl.DataFrame(schema=SLOTS)]
    for name, loaded in definitions.datasets.items():
        own = [one for one in told if one.indicator.definition.source == name]
        if own and name in facts:
            measured = measure(facts[name], loaded.dataset, own, months, root)
            cells.append(measured.cells)
            slots.append(measured.slots)
    return Cells(facts, months, slices, told, pl.concat(cells), pl.concat(slots))


def _is_told(one: Slice, supplies: Mapping[str, Supply], definitions: Definitions) -> bool:
    supply = supplies.get(one.indicator.definition.source or "")
    return supply is None or is_told(one, supply, definitions)
