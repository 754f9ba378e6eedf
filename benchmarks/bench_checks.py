"""25 expectations on a million rows: Great Expectations on our polars engine against its own pandas engine.

Run by hand: `python benchmarks/bench_checks.py [ROWS]`. Both run in one process on the same data
and must find the same failing rows; what counts is the ratio.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import great_expectations as gx
import numpy as np
import polars as pl
from great_expectations.core import ExpectationSuite

from cpas.checks.gx import run_suite

REGIONS = [f"ML{i:02d}" for i in range(1, 11)]
YEAR = (datetime.fromisoformat("2018-07-01"), datetime.fromisoformat("2019-06-15"))
TEXTS = ["section", "office", "region", "kind", "status"]


def activities(rows: int) -> pl.DataFrame:
    """Activities with about one fault in two thousand cells."""
    rng = np.random.default_rng(20190601)
    days = np.datetime64("2018-07-01") + rng.integers(0, 365, rows).astype("timedelta64[D]")
    frame = pl.DataFrame(
        {
            "id": [f"ACT-{i:07d}" for i in range(rows)],
            "started": days.astype("datetime64[us]"),
            "ended": (days + rng.integers(0, 30, rows).astype("timedelta64[D]")).astype("datetime64[us]"),
            "participants": rng.integers(0, 400, rows).astype(float),
            "women": rng.integers(0, 100, rows).astype(float),
            "cost": rng.random(rows) * 1000,
            **{name: rng.choice(REGIONS, rows) for name in TEXTS},
        }
    )
    fault = pl.int_range(pl.len()) % 2003 == 7
    return frame.with_columns(
        pl.when(fault).then(pl.lit("ACT-0000001")).otherwise("id").alias("id"),
        pl.when(fault).then(-1.0).otherwise("participants").alias("participants"),
        pl.when(fault).then(pl.lit("ML99")).otherwise("region").alias("region"),
        pl.when(fault).then(None).otherwise("status").alias("status"),
    )


def suite() -> dict[str, Any]:
    """6 not null, 6 in a set, 5 between, 3 patterns, 2 unique, a pair, a row condition and a length."""
    when = {"type": "comparison", "column": {"name": "section"}, "operator": "==", "parameter": "ML01"}

    def expect(what: str, **kwargs: Any) -> dict[str, Any]:
        return {"type": f"expect_{what}", "kwargs": kwargs}

    expectations = [
        *(expect("column_values_to_not_be_null", column=name) for name in ["id", *TEXTS]),
        *(expect("column_values_to_be_in_set", column=name, value_set=REGIONS) for name in TEXTS),
        expect("column_values_to_not_be_in_set", column="region", value_set=["ML98", "ML99"]),
        expect("column_values_to_be_between", column="participants", min_value=0, max_value=500),
        expect("column_values_to_be_between", column="women", min_value=0),
        expect("column_values_to_be_between", column="cost", min_value=0, max_value=1000),
        expect("column_values_to_be_between", column="started", min_value=YEAR[0], max_value=YEAR[1]),
        expect("column_values_to_be_between", column="ended", min_value=YEAR[0]),
        expect("column_values_to_match_regex", column="id", regex=r"^ACT-\d{7}$"),
        expect("column_values_to_match_regex", column="region", regex=r"^ML\d\d$"),
        expect("column_values_to_not_match_regex", column="office", regex=r"\s"),
        expect("column_values_to_be_unique", column="id"),
        expect("compound_columns_to_be_unique", column_list=["id", "started"]),
        expect(
            "column_pair_values_a_to_be_greater_than_b", column_A="ended", column_B="started", or_equal=True
        ),
        expect("column_values_to_be_between", column="participants", min_value=0, row_condition=when),
        expect("column_value_lengths_to_equal", column="id", value=11),
    ]
    return {"name": "activities", "expectations": expectations}


def with_pandas(frame: pl.DataFrame) -> list[int]:
    """Exact counts of failing rows, by GX's pandas engine."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("pandas").add_dataframe_asset("activities")
    batch = source.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame.to_pandas()})
    # GX sorts results by column; a position of ours brings them back.
    numbered = [{**item, "meta": {"position": i}} for i, item in enumerate(suite()["expectations"])]
    found = batch.validate(
        ExpectationSuite("activities", numbered), result_format={"result_format": "COMPLETE"}
    )
    in_order = sorted(found.results, key=lambda result: result.expectation_config.meta["position"])
    return [result.result["unexpected_count"] for result in in_order]


def with_polars(frame: pl.DataFrame) -> list[int]:
    """The same by our engine."""
    return [outcome.failed for outcome in run_suite(frame, suite(), row_rules=pl.sql_expr).outcomes]


def median_seconds(run: Callable[[], list[int]], times: int) -> tuple[float, list[int]]:
    """The median time of a few runs, and what the last one found."""
    seconds, found = [], []
    for _ in range(times):
        start = time.perf_counter()
        found = run()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), found


def main() -> None:
    """Print both times and their ratio."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    frame = activities(rows)
    ours, found = median_seconds(lambda: with_polars(frame), 3)
    theirs, expected = median_seconds(lambda: with_pandas(frame), 3)
    assert found == expected, (found, expected)
    print(f"{len(found)} expectations, {rows:,} rows, {sum(found):,} failing rows")
    print(f"polars engine {ours:.2f} s, pandas engine {theirs:.2f} s, ratio {theirs / ours:.1f}")


if __name__ == "__main__":
    main()
