"""The figures of a period from what was gathered: its results, and what they are compared with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from cpas.definitions.loaded import Definitions
from cpas.engine.comparisons import compute_comparisons
from cpas.engine.compute import Wanted, compute_results, periods_for
from cpas.engine.facts import as_facts
from cpas.engine.overlap import Recompute
from cpas.jobs.gather import Gathered
from cpas.periods import Period


@dataclass(frozen=True)
class Figures:
    """Results as `compute_results` gives them, and comparisons as `compute_comparisons` does."""

    results: pl.DataFrame
    comparisons: pl.DataFrame

    def files(self) -> dict[str, bytes]:
        """Both as tables, every digit written."""
        frames = {"results.csv": self.results, "comparisons.csv": self.comparisons}
        return {name: frame.write_csv(float_precision=None).encode() for name, frame in frames.items()}


def figures_of(gathered: Gathered, period: Period) -> Figures:
    """The results of a period and of those beside it, and what its figures are compared with."""
    results, compute = results_of(gathered, period), _engine(gathered)
    return Figures(
        results, compute_comparisons(results, gathered.definitions, gathered.tree, period, compute)
    )


def results_of(gathered: Gathered, period: Period) -> pl.DataFrame:
    """The results of a period and of those beside it."""
    definitions = gathered.definitions
    wanted = periods_for(period, Period.month(definitions.mission.reporting_from))
    return _engine(gathered)(definitions, wanted)


def _engine(gathered: Gathered) -> Recompute:
    facts = {
        name: as_facts(gathered.tables[name], loaded.dataset, gathered.definitions)
        for name, loaded in gathered.definitions.datasets.items()
        if loaded.dataset.period
    }

    def compute(definitions: Definitions, wanted: Iterable[Wanted]) -> pl.DataFrame:
        return compute_results(definitions, facts, gathered.reports, gathered.tree, wanted, gathered.supplies)

    return compute
