"""The measure pass over partitioned Parquet files of any size: the memory it takes, and what it reads for one month.

Run: `.venv/bin/python benchmarks/bench_partitions.py [ROWS]`; 100,000,000 by default, in a folder that is removed at the end.
Each pass runs in a process of its own, whose largest resident size is its figure. DuckDB counts the same rows.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import polars as pl

sys.path.insert(0, str(Path(__file__).parent))
from bench_measures import MONTHS, SAMPLE, measures, rows_of, slices_for

from cpas.definitions.load import load_definitions
from cpas.engine.measures import compute_cells
from cpas.periods import Period


def write(folder: Path, height: int, types: list[str], perpetrators: list[str]) -> None:
    """One file for each month, with columns that no measure reads."""
    each = height // 24
    drawn = rows_of(each, types, perpetrators).with_columns(
        note=pl.int_range(pl.len()).cast(pl.String) + " not read", cost=pl.int_range(pl.len()) * 7
    )
    for month in MONTHS.months():
        part = folder / f"month={month}"
        part.mkdir()
        day = pl.duration(days=pl.int_range(pl.len()) % 28)
        drawn.with_columns(incident_on=pl.lit(month.start) + day).write_parquet(part / "0.parquet")


def passed(
    folder: str, count: int, months: str, codes: tuple[list[str], list[str]]
) -> tuple[float, int, float]:
    """Seconds, rows counted and GiB of one pass."""
    wanted = [(one.aggregate, one.condition) for one in measures(count - 1, *codes)]
    slices, dataset = slices_for([("count(*)", "true"), *wanted])
    begun = time.perf_counter()
    rows = pl.scan_parquet(f"{folder}/*/*.parquet", hive_partitioning=False)
    cells = compute_cells(rows, dataset, slices, Period.parse(months), "ML")
    took = time.perf_counter() - begun
    counted = cells.filter(pl.col("indicator_id") == "B-0")["numerator"].sum()
    return took, int(counted), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    height = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000_000
    definitions = load_definitions(SAMPLE)
    codes = tuple(list(definitions.codes[name].codes) for name in ("incident_type", "perpetrator_type"))
    processes = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), height, *codes)
        size = sum(path.stat().st_size for path in Path(name).rglob("*.parquet"))
        print(f"{height:,} rows in 24 files, {size / 2**30:.1f} GiB")
        for months, count in ((str(MONTHS), 20), (str(MONTHS), 200), ("2019-06", 200)):
            with processes.Pool(1) as pool:
                took, counted, peak = pool.apply(passed, (name, count, months, codes))
            period = Period.parse(months)
            query = f"SELECT COUNT(*) FROM '{name}/*/*.parquet' WHERE incident_on BETWEEN '{period.start}' AND '{period.end}'"
            assert counted == duckdb.sql(query).fetchall()[0][0]
            print(
                f"  {count} measures, {months}: {counted:,} rows, {took:.2f} seconds, {peak:.2f} GiB at most"
            )


if __name__ == "__main__":
    main()
