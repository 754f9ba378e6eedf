"""One month of a large mission through the whole engine: a million facts, a thousand indicators, all areas, 24 months back.

Run: `.venv/bin/python benchmarks/bench_month.py [ROWS] [INDICATORS]`; 1,000,000 and 1,000 by default. The figures of
ten indicators for the whole mission and the month are compared with DuckDB's before a time is printed.
"""

from __future__ import annotations

import itertools
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from cpas.definitions.expressions.parse import parse_condition, parse_formula
from cpas.definitions.load import load_definitions
from cpas.definitions.loaded import CompiledMeasure, Definitions
from cpas.engine.areas import AreaTree
from cpas.engine.compute import compute_results
from cpas.engine.facts import polars_type
from cpas.engine.scope import periods_for
from cpas.errors import Location
from cpas.periods import Period

SAMPLE = Path(__file__).parents[1] / "sample_data"
MONTHS, MONTH = Period.parse("2017-07..2019-06"), Period.parse("2019-06")
WHERE = Location("benchmark")


def rows_of(height: int, definitions: Definitions, areas: list[str]) -> pl.DataFrame:
    """Incidents drawn evenly over months, cercles and codes."""
    rng = np.random.default_rng(2019)
    starts = pl.Series([month.start for month in MONTHS.months()])
    dataset = definitions.datasets["incidents"].dataset
    made: dict[str, pl.Series] = {}
    for column in dataset.columns:
        kind = polars_type(column, definitions)
        if column.name == dataset.period:
            made[column.name] = starts.gather(rng.integers(0, len(starts), height))
        elif column.name == dataset.area:
            made[column.name] = pl.Series(areas).gather(rng.integers(0, len(areas), height))
        elif column.codes:
            codes = list(definitions.codes[column.codes].codes)
            drawn = pl.Series(rng.integers(0, len(codes), height))
            made[column.name] = drawn.replace_strict(range(len(codes)), codes, return_dtype=kind)
        elif column.type == "count":
            made[column.name] = pl.Series(rng.integers(0, 5, height))
        else:
            made[column.name] = pl.repeat(None, height, dtype=kind, eager=True)
        if column.may_be:
            made[column.status_column] = pl.repeat("reported", height, eager=True)
    return pl.DataFrame(made)


def many(definitions: Definitions, count: int) -> tuple[Definitions, list[tuple[str, str]]]:
    """Definitions with so many indicators on incidents, each a measure of its own, and (aggregate, condition) of each."""
    loaded = definitions.datasets["incidents"]
    columns = [column.name for column in loaded.dataset.columns if column.type == "count"]
    aggregates = ["count(*)", *(f"{how}({name})" for how in ("sum", "max", "min") for name in columns)]
    types, who = (list(definitions.codes[name].codes) for name in ("incident_type", "perpetrator_type"))
    conditions = [f"incident_type = '{kind}'" for kind in types] + [
        f"perpetrator_type = '{one}'" for one in who
    ]
    conditions += [
        f"incident_type = '{kind}' and perpetrator_type = '{one}'" for kind in types for one in who
    ]
    base = next(one for one in definitions.indicators.values() if one.definition.source == "incidents")
    wanted = list(itertools.islice(itertools.product(aggregates, conditions), count))
    made = {}
    for index, (aggregate, condition) in enumerate(wanted):
        formula = parse_formula(
            aggregate, loaded.fields, parse_condition(condition, loaded.fields, WHERE), WHERE
        )
        version = replace(base.versions[0], measure=CompiledMeasure(formula, None, 1))
        about = base.definition.model_copy(update={"id": f"B-{index}", "disaggregate_by": ()})
        made[about.id] = replace(base, definition=about, versions=(version,))
    return replace(definitions, indicators=made), wanted


def main() -> None:
    height, count = (int(text) for text in (sys.argv[1:] + ["1000000", "1000"][len(sys.argv) - 1 :])[:2])
    definitions, wanted = many(load_definitions(SAMPLE), count)
    areas = pl.read_csv(
        SAMPLE / "reference" / "areas.csv", schema_overrides={"aliases": pl.String}, try_parse_dates=True
    )
    tree = AreaTree.of(areas, definitions.mission.root_area)
    cercles = [code for code in tree.existing([MONTH]) if tree.level(code) == "cercle"]
    rows = rows_of(height, definitions, cercles)
    offices = list(definitions.mission.field_offices)
    reports = pl.DataFrame(
        [("incidents", office, month.start, True) for office in offices for month in MONTHS.months()],
        schema={"dataset": pl.String, "reporter": pl.String, "month": pl.Date, "is_whole": pl.Boolean},
        orient="row",
    )
    begun, used = time.perf_counter(), time.process_time()
    results = compute_results(
        definitions, {"incidents": rows.lazy()}, reports, tree, periods_for(MONTH, MONTHS)
    )
    took, used = time.perf_counter() - begun, time.process_time() - used
    agree(results, rows, wanted)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{height:,} rows, {len(wanted):,} indicators, {len(tree.by_code)} areas, 24 months:")
    print(
        f"  {took:.1f} seconds, {used:.1f} of processor time, {results.height:,} rows of results, {peak:.1f} GiB at most"
    )


def agree(results: pl.DataFrame, rows: pl.DataFrame, wanted: list[tuple[str, str]]) -> None:
    con = duckdb.connect()
    con.register("incidents", rows.with_columns(pl.col(pl.Enum).cast(pl.String)).to_arrow())
    whole = results.filter((pl.col("area") == "ML") & (pl.col("period") == str(MONTH)))
    values = dict(whole.select("indicator_id", "value").iter_rows())
    for index in range(0, len(wanted), max(1, len(wanted) // 10)):
        aggregate, condition = wanted[index]
        query = f"SELECT {aggregate} FILTER (WHERE {condition}) FROM incidents WHERE incident_on >= DATE '2019-06-01'"
        if aggregate.startswith(("sum", "count")):
            assert values[f"B-{index}"] == float(con.sql(query).fetchall()[0][0]), query


if __name__ == "__main__":
    main()
