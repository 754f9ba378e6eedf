"""The figures of a period from what was gathered: its results, and what they are compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from cpas.definitions.loaded import Definitions
from cpas.engine.areas import AreaTree
from cpas.engine.cells import measure_cells
from cpas.engine.comparisons import compute_comparisons, periods_again
from cpas.engine.compute import compute_from, months_read
from cpas.engine.overlap import Recompute
from cpas.engine.passes import Rows
from cpas.engine.ratings import roll_up
from cpas.engine.scope import Wanted, periods_for
from cpas.jobs.engines import Engine, rows_in
from cpas.jobs.gathered import Gathered
from cpas.periods import Period


@dataclass(frozen=True)
class Figures:
    """Results as `compute_results` gives them, comparisons as `compute_comparisons` and ratings as `roll_up` do."""

    results: pl.DataFrame
    comparisons: pl.DataFrame
    ratings: pl.DataFrame

    def files(self) -> dict[str, bytes]:
        """All as tables, every digit written."""
        frames = {
            "results.csv": self.results,
            "comparisons.csv": self.comparisons,
            "ratings.csv": self.ratings,
        }
        return {name: frame.write_csv(float_precision=None).encode() for name, frame in frames.items()}


def figures_of(gathered: Gathered, period: Period, engine: Engine = "polars") -> Figures:
    """The results of a period and of those beside it, and what its figures are compared with."""
    definitions, wanted = gathered.definitions, _wanted(gathered, period)
    again = (Wanted(one, is_detailed=False) for one in periods_again(definitions, period))
    with rows_in(engine, gathered, period) as rows:
        compute = _compute_over(rows, gathered, (*wanted, *again))
        results = compute(definitions, wanted)
        return Figures(
            results,
            compute_comparisons(results, definitions, gathered.tree, period, compute),
            roll_up(results, definitions, period.year_to_date()),
        )


def results_of(gathered: Gathered, period: Period, also: Iterable[Period] = ()) -> pl.DataFrame:
    """The results of a period and of those beside it, and of some others."""
    wanted = _wanted(gathered, period)
    known = {one.period for one in wanted}
    every = (*wanted, *(Wanted(one, is_detailed=False) for one in also if one not in known))
    with rows_in("polars", gathered, max((one.period for one in every), key=lambda one: one.last)) as rows:
        return _compute_over(rows, gathered, every)(gathered.definitions, every)


def _wanted(gathered: Gathered, period: Period) -> tuple[Wanted, ...]:
    return periods_for(period, Period.month(gathered.definitions.mission.reporting_from))


def _compute_over(rows: Mapping[str, Rows], gathered: Gathered, wanted: Iterable[Wanted]) -> Recompute:
    """What computes results of some periods, or of their months, from cells that are measured once."""
    months = months_read(gathered.definitions, wanted)
    cells = measure_cells(gathered.definitions, rows, months, gathered.tree.root, gathered.supplies)

    def compute(
        definitions: Definitions, wanted: Iterable[Wanted], tree: AreaTree | None = None
    ) -> pl.DataFrame:
        tree = tree or gathered.tree
        return compute_from(definitions, cells, gathered.reports, tree, wanted, gathered.supplies)

    return compute
