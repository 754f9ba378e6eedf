"""The measure pass on many rows, against one DuckDB query with a FILTER for each measure, and against pandas with a groupby for each.

Run: `.venv/bin/python benchmarks/bench_measures.py [ROWS]`; 10,000,000 rows by default. The measures are those of the
shipped indicators on incidents, each whole and in its parts by `incident_type` and `perpetrator_type`; 20 and 60 are
drawn from the 200. Rows lie month by month, as reports come in. Every figure of every month and area is compared before
a ratio is printed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl

from cpas.definitions.dataset import Dataset
from cpas.definitions.expressions.parse import parse_condition, parse_formula
from cpas.definitions.load import load_definitions
from cpas.definitions.loaded import CompiledMeasure, CompiledVersion
from cpas.engine.measures import Slice, compute_cells
from cpas.errors import Location
from cpas.periods import Period

MONTHS = Period.parse("2017-07..2019-06")
SAMPLE = Path(__file__).parents[1] / "sample_data"
WHERE = Location("benchmark")
KEYS = ["month", "area_code"]
STATUSES = ["reported", "not_reported", "withheld", "not_applicable"]
PARTS = ["women", "men", "girls", "boys", "sex_age_unknown"]
ALWAYS_KNOWN = ["deaths_civilians"]
MAY_BE_MISSING = [
    *(f"deaths_{part}" for part in PARTS),
    *("displaced_persons", "deaths_peacekeepers", "injured_civilians"),
]
ARMED = ("community_militia", "signatory_group", "violent_extremist_group")


@dataclass(frozen=True)
class Measure:
    """A function of a column (all rows where there is none) over those rows whose columns have one of some values."""

    function: str
    column: str | None
    filters: Mapping[str, tuple[str | bool, ...]]

    @property
    def aggregate(self) -> str:
        return f"{self.function}({self.column or '*'})"

    @property
    def condition(self) -> str:
        """Its filters in SQL."""
        return " and ".join(_held(*one) for one in self.filters.items()) or "true"


def _held(column: str, values: tuple[str | bool, ...]) -> str:
    if values == (True,):
        return column
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} = {listed}" if len(values) == 1 else f"{column} in ({listed})"


def rows_of(height: int, types: list[str], perpetrators: list[str]) -> pl.DataFrame:
    """Incidents of 24 months and 50 areas, month by month; of the counts that may be missing one in twenty is, with its reason."""
    rng = np.random.default_rng(2019)
    days = (date(2019, 7, 1) - MONTHS.start).days
    areas = [f"ML{region:02}{cercle:02}" for region in range(1, 11) for cercle in range(1, 6)]

    def coded(codes: list[str], shares: list[float] | None = None) -> pl.Series:
        drawn = rng.choice(len(codes), height, p=shares).astype(np.uint8)
        return pl.Series(drawn).cat.to(pl.Enum(codes))

    drawn = pl.Series(np.datetime64(MONTHS.start) + rng.integers(0, days, height)).cast(pl.Date)
    made: dict[str, pl.Series] = {
        "incident_on": drawn.gather(drawn.dt.truncate("1mo").arg_sort()),
        "area_code": coded(areas),
        "incident_type": coded(types),
        "perpetrator_type": coded(perpetrators),
        "civilians_targeted": pl.Series(rng.random(height) < 0.5),
        "responded": pl.Series(rng.random(height) < 0.5),
    }
    for name in ALWAYS_KNOWN:
        made[name] = pl.Series(rng.integers(0, 5, height))
    for name in MAY_BE_MISSING:
        status = coded(STATUSES, [0.95, 0.02, 0.02, 0.01])
        made[name] = pl.Series(rng.integers(0, 5, height)).set(status != "reported", None)
        made[f"{name}_status"] = status
    return pl.DataFrame(made)


def measures(count: int, types: list[str], perpetrators: list[str]) -> list[Measure]:
    """The first of the 200, which stand in a drawn order."""
    targeted = {"civilians_targeted": (True,)}
    by_state, by_armed = {"perpetrator_type": ("state_forces",)}, {"perpetrator_type": ARMED}
    intercommunal = {"incident_type": ("intercommunal_violence",)}
    heads = [
        *(("sum", name, {}) for name in (*ALWAYS_KNOWN, *MAY_BE_MISSING[len(PARTS) :])),
        *(("count", None, each) for each in ({}, targeted, targeted | {"responded": (True,)})),
        *(("sum", "deaths_civilians", each) for each in (targeted, by_state, by_armed, intercommunal)),
        ("max", "deaths_civilians", {}),
        ("count", None, intercommunal),
        ("count", None, {"incident_type": ("attack_on_peacekeepers",)}),
        ("sum", "injured_civilians", {"incident_type": ("explosive_device",)}),
    ]
    made = [
        Measure("sum", f"deaths_{part}", each)
        for part in PARTS
        for each in ({}, by_state, by_armed, intercommunal)
    ]
    for function, column, filters in heads:
        made.append(Measure(function, column, filters))
        for by, codes in (("incident_type", types), ("perpetrator_type", perpetrators)):
            if by not in filters:
                made += [Measure(function, column, filters | {by: (code,)}) for code in codes]
    return [made[index] for index in np.random.default_rng(2019).permutation(len(made))[:count]]


def slices_for(wanted: list[tuple[str, str]]) -> tuple[list[Slice], Dataset]:
    """A slice for each (aggregate, condition) in SQL."""
    definitions = load_definitions(SAMPLE)
    source = definitions.datasets["incidents"]
    base = next(one for one in definitions.indicators.values() if one.definition.source == "incidents")
    made = []
    for index, (aggregate, condition) in enumerate(wanted):
        selection = parse_condition(condition, source.fields, WHERE)
        formula = parse_formula(aggregate, source.fields, selection, WHERE)
        version = CompiledVersion(1, MONTHS.start, CompiledMeasure(formula, None, 1))
        about = base.definition.model_copy(update={"id": f"B-{index}"})
        loaded = replace(base, definition=about, versions=(version,))
        made.append(Slice(loaded, version, "total", formula, None))
    return made, source.dataset


def in_pandas(frame: pd.DataFrame, wanted: list[Measure], *, is_whole: bool) -> list[pd.Series]:
    """Each measure by its own groupby; `is_whole` also counts what the pass counts: rows, known, withheld, not applicable."""
    figures = []
    for one in wanted:
        masks = [
            frame[name].isin(values) if len(values) > 1 else frame[name] == values[0]
            for name, values in one.filters.items()
        ]
        read = [*KEYS, *([one.column] if one.column else [])]
        has_status = is_whole and one.column in MAY_BE_MISSING
        if has_status:
            read.append(f"{one.column}_status")
        chosen = frame.loc[np.logical_and.reduce(masks), read] if masks else frame[read]
        groups = chosen.groupby(KEYS, observed=True)
        if one.column is None:
            figures.append(groups.size())
            continue
        column = groups[one.column]
        figures.append(column.sum(min_count=1) if one.function == "sum" else column.max())
        if is_whole:
            _ = groups.size(), column.count()
        if has_status:
            for status in ("withheld", "not_applicable"):
                _ = chosen[chosen[f"{one.column}_status"] == status].groupby(KEYS, observed=True).size()
    return figures


def loaded(path: Path) -> pd.DataFrame:
    """The file in pandas, in the shape that suits a groupby best: coded columns and months are categories."""
    frame = pd.read_parquet(path)
    frame["month"] = pd.to_datetime(frame["incident_on"]).dt.to_period("M").astype("category")
    return frame.drop(columns="incident_on")


@dataclass(frozen=True)
class Took:
    """Seconds by the clock and of processor time, the least of some runs, since others use the machine too."""

    wall: float
    used: float

    def __str__(self) -> str:
        return f"{self.wall:6.2f} ({self.used:5.2f} of processor time)"

    def beside(self, ours: Took) -> str:
        return f"{self}, {self.wall / ours.wall:.1f} x ({self.used / ours.used:.1f} x)"


def timed(run: Callable[[], Any], times: int) -> tuple[Took, Any]:
    """How long it took, and what the last run gave."""
    took, result = [], None
    for _ in range(times):
        begun, used = time.perf_counter(), time.process_time()
        result = run()
        took.append((time.perf_counter() - begun, time.process_time() - used))
    walls, processor = zip(*took, strict=True)
    return Took(min(walls), min(processor)), result


def agree(cells: pl.DataFrame, table: pl.DataFrame, figures: list[pd.Series]) -> None:
    """Every figure of every month and area, in the three engines."""
    table = table.sort("month", pl.col("area_code").cast(pl.String))
    for index, series in enumerate(figures):
        own = cells.filter(pl.col("indicator_id") == f"B-{index}").sort("month", "leaf")
        ours = own["numerator"].cast(pl.Float64)
        theirs = table[f"m{index}"].cast(pl.Float64)
        third = dict(zip(((str(month), area) for month, area in series.index), series, strict=True))
        keys = zip(own["month"].dt.strftime("%Y-%m"), own["leaf"], strict=True)
        in_third = pl.Series([third.get(key) for key in keys], dtype=pl.Float64).fill_nan(None)
        for other in (theirs, in_third):
            # among events, nothing selected adds up to zero, and the sum of nothing known is null, as in SQL
            assert ours.fill_null(0).equals(other.fill_null(0)), index


def measured(path: Path, frame: pd.DataFrame, wanted: list[Measure], times: int) -> str:
    """One line of the table: the three engines on the same measures."""
    slices, dataset = slices_for([(one.aggregate, one.condition) for one in wanted])
    ours, cells = timed(lambda: compute_cells(pl.scan_parquet(path), dataset, slices, MONTHS, "ML"), times)
    columns = ", ".join(
        f"{one.aggregate} FILTER (WHERE {one.condition}) AS m{index}" for index, one in enumerate(wanted)
    )
    query = (
        f"SELECT date_trunc('month', incident_on) AS month, area_code, {columns} FROM '{path}' GROUP BY ALL"
    )
    theirs, table = timed(lambda: duckdb.sql(query).pl(), 1)
    alone, figures = timed(lambda: in_pandas(frame, wanted, is_whole=False), 1)
    whole, _ = timed(lambda: in_pandas(frame, wanted, is_whole=True), 1)
    agree(cells, table, figures)
    lines = [f"  {len(wanted)} measures: pass {ours}"]
    for name, took in {"DuckDB": theirs, "pandas": alone, "pandas, with what is missing": whole}.items():
        lines.append(f"    {name} {took.beside(ours)}")
    return "\n".join(lines)


def main() -> None:
    height = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    definitions = load_definitions(SAMPLE)
    codes = [list(definitions.codes[name].codes) for name in ("incident_type", "perpetrator_type")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "incidents.parquet"
        rows = rows_of(height, *codes)
        rows.write_parquet(path)
        rows.sample(fraction=1, shuffle=True, seed=1).write_parquet(Path(folder) / "mixed.parquet")
        del rows
        reading, frame = timed(lambda: loaded(path), 1)
        print(f"{height:,} rows; seconds, and multiples of the pass, which reads the file, as DuckDB does")
        print(f"  pandas has read it before, in {reading}")
        for count in (20, 60, 200):
            print(measured(path, frame, measures(count, *codes), 5), flush=True)
        for count in (20, 200):
            slices, dataset = slices_for([(one.aggregate, one.condition) for one in measures(count, *codes)])
            mixed = pl.scan_parquet(Path(folder) / "mixed.parquet")
            took, _ = timed(lambda: compute_cells(mixed, dataset, slices, MONTHS, "ML"), 5)  # noqa: B023
            print(f"  {count:>3} measures, rows in no order: pass {took}", flush=True)


if __name__ == "__main__":
    main()
