"""A mission's rows as the engine asked for holds them: in polars, or in Parquet files for Spark."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import polars as pl

from cpas.definitions.dataset import REPORTS
from cpas.engine.facts import as_facts
from cpas.engine.passes import Rows
from cpas.jobs.gathered import Gathered
from cpas.jobs.reporting import reporting_rows
from cpas.periods import Period
from cpas.store.facts import facts_paths

Engine = Literal["polars", "spark"]


@contextmanager
def rows_in(engine: Engine, gathered: Gathered, until: Period) -> Iterator[Mapping[str, Rows]]:
    """The rows of every data set that has a period, for as long as they are measured; reports are expected up to the end of `until`.

    Raises:
        UsageError: Spark is asked for and cannot be had.
        StoreError: The facts in the store cannot be read.
    """
    definitions = gathered.definitions
    facts = {
        name: as_facts(gathered.tables[name], loaded.dataset, definitions)
        for name, loaded in definitions.datasets.items()
        if loaded.dataset.period and loaded.dataset.found_in != "made"
    }
    if REPORTS in definitions.datasets:
        made = reporting_rows(definitions, gathered.tree, gathered.reports, until)
        facts[REPORTS] = as_facts(made, definitions.datasets[REPORTS].dataset, definitions)
    if engine == "polars":
        yield facts
        return
    with _in_spark(facts, gathered) as tables:
        yield tables


@contextmanager
def _in_spark(facts: Mapping[str, pl.LazyFrame], gathered: Gathered) -> Iterator[Mapping[str, Rows]]:
    """Tables over the store's own files where these are the rows, else over files written for this run."""
    from cpas.engine.spark import Files, SparkTable, spark

    with spark() as session, tempfile.TemporaryDirectory(prefix="cpas-") as folder:
        tables: dict[str, Rows] = {}
        for name, rows in facts.items():
            ids = gathered.stored.get(name, ())
            files = Files(facts_paths(gathered.store, name) if ids else (), ids)
            if not files.paths:
                written = Path(folder) / f"{name}.parquet"
                rows.sink_parquet(written)
                files = Files((written,))
            tables[name] = SparkTable(session, files, gathered.definitions.datasets[name].dataset)
        yield tables
