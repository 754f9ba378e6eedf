"""The measure pass on many rows, against one DuckDB query with a FILTER for each measure, and against pandas.

Run: `.venv/bin/python benchmarks/bench_measures.py [ROWS]`; 10,000,000 rows by default. Every engine
computes the same figures by month and area, and they are compared before a ratio is printed.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl

from cpas.definitions.expressions.parse import parse_condition, parse_formula
from cpas.definitions.load import load_definitions
from cpas.definitions.loaded import CompiledMeasure, CompiledVersion, LoadedIndicator
from cpas.engine.measures import Slice, compute_cells
from cpas.errors import Location
from cpas.periods import Period

MONTHS = Period.parse("2017-07..2019-06")
SAMPLE = Path(__file__).parents[1] / "sample_data"
WHERE = Location("benchmark")


def rows_of(height: int, types: list[str], perpetrators: list[str]) -> pl.DataFrame:
    rng = np.random.default_rng(2019)
    starts = pl.Series([month.start for month in MONTHS.months()])
    areas = [f"ML{region:02}{cercle:02}" for region in range(1, 11) for cercle in range(1, 6)]

    def coded(codes: list[str]) -> pl.Series:
        drawn = pl.Series(rng.integers(0, len(codes), height, dtype=np.uint8))
        return drawn.replace_strict(range(len(codes)), codes, return_dtype=pl.Enum(codes))

    return pl.DataFrame(
        {
            "incident_on": starts.gather(rng.integers(0, len(starts), height)),
            "area_code": coded(areas),
            "incident_type": coded(types),
            "perpetrator_type": coded(perpetrators),
            "deaths_civilians": rng.integers(0, 5, height),
        }
    )


def measures(count: int, types: list[str], perpetrators: list[str]) -> list[tuple[str, str]]:
    """(aggregate, condition) in SQL; all distinct."""
    aggregates = ["sum(deaths_civilians)", "count(*)", "max(deaths_civilians)", "min(deaths_civilians)"]
    conditions = [
        f"incident_type = '{kind}' and perpetrator_type = '{who}'" for kind in types for who in perpetrators
    ]
    return list(itertools.islice(itertools.product(aggregates, conditions), count))


def slices_for(wanted: list[tuple[str, str]]) -> tuple[list[Slice], object]:
    definitions = load_definitions(SAMPLE)
    source = definitions.datasets["incidents"]
    base = next(
        one for one in definitions.indicators.values() if one.definition.source == "incidents"
    ).definition
    made = []
    for index, (aggregate, condition) in enumerate(wanted):
        selection = parse_condition(condition, source.fields, WHERE)
        formula = parse_formula(aggregate, source.fields, selection, WHERE)
        version = CompiledVersion(1, MONTHS.start, CompiledMeasure(formula, None, 1))
        loaded = LoadedIndicator(base.model_copy(update={"id": f"B-{index}"}), (version,), WHERE)
        made.append(Slice(loaded, version, "total", formula, None))
    return made, source.dataset


def timed(run: object, times: int) -> tuple[float, object]:
    took, result = [], None
    for _ in range(times):
        begun = time.perf_counter()
        result = run()  # type: ignore[operator]
        took.append(time.perf_counter() - begun)
    return statistics.median(took), result


def in_pandas(frame: pd.DataFrame, wanted: list[tuple[str, str]]) -> None:
    keys = ["incident_on", "area_code"]
    for aggregate, condition in wanted:
        kind, who = condition.split("'")[1], condition.split("'")[3]
        chosen = frame[(frame["incident_type"] == kind) & (frame["perpetrator_type"] == who)]
        groups = chosen.groupby(keys, observed=True)
        name, column = aggregate.split("(")[0], aggregate.split("(")[1].rstrip(")")
        _ = groups.size() if column == "*" else getattr(groups[column], name)()


def measured(path: Path, as_pandas: pd.DataFrame, wanted: list[tuple[str, str]]) -> str:
    """One line of the table: the three engines on the same measures."""
    slices, dataset = slices_for(wanted)
    ours, cells = timed(lambda: compute_cells(pl.scan_parquet(path), dataset, slices, MONTHS, "ML"), 3)
    columns = ", ".join(
        f"{aggregate} FILTER (WHERE {condition}) AS m{index}"
        for index, (aggregate, condition) in enumerate(wanted)
    )
    query = f"SELECT incident_on, area_code, {columns} FROM '{path}' GROUP BY ALL"
    theirs, table = timed(lambda: duckdb.sql(query).pl(), 3)
    slow, _ = timed(lambda: in_pandas(as_pandas, wanted), 1)
    agree(cells, table, len(wanted))
    ratios = f"DuckDB {theirs:5.2f} ({theirs / ours:4.1f}x)   pandas {slow:6.2f} ({slow / ours:5.1f}x)"
    return f"  {len(wanted):>3} measures: pass {ours:5.2f}   {ratios}"


def main() -> None:
    height = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    definitions = load_definitions(SAMPLE)
    types, perpetrators = (
        list(definitions.codes[name].codes) for name in ("incident_type", "perpetrator_type")
    )
    frame = rows_of(height, types, perpetrators)
    as_pandas = frame.to_pandas()
    print(f"{height:,} rows; seconds, median of 3 (pandas once); ratios against the measure pass")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "incidents.parquet"
        frame.write_parquet(path)
        for count in (20, 60, 200):
            print(measured(path, as_pandas, measures(count, types, perpetrators)))


def agree(cells: pl.DataFrame, table: pl.DataFrame, count: int) -> None:
    ours = cells.group_by("indicator_id").agg(pl.col("numerator").sum().cast(pl.Int64)).sort("indicator_id")
    for id_, total in ours.iter_rows():
        assert total == (table[f"m{id_[2:]}"].sum() or 0), id_
    assert ours.height == count


if __name__ == "__main__":
    main()
