"""The same suites in GX's pandas engine and in ours, on clean and on broken rows, must come to the same.

Where the two differ on null, NaN, types or patterns, a test says so by name and states what ours does.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import great_expectations as gx
import polars as pl
import pytest
from great_expectations.core import ExpectationSuite
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    MulticolumnMapMetricProvider,
    column_condition_partial,
    multicolumn_condition_partial,
)

from cpas.checks.gx import run_suite
from cpas.checks.outcomes import Outcome

AREAS = ["ML01", "ML02", "ML03", "ML04"]
REFERENCES = {"areas": pl.Series(AREAS)}
START, END = datetime.fromisoformat("2018-07-01"), datetime.fromisoformat("2019-06-30")


class InReferenceForPandas(ColumnMapMetricProvider):
    condition_metric_name = "column_values.in_reference"
    condition_value_keys = ("reference",)

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: Any, reference: str, **_: Any) -> Any:  # noqa: N805 - GX hands over the class
        return column.isin(REFERENCES[reference].to_list())


class RowRuleForPandas(MulticolumnMapMetricProvider):
    condition_metric_name = "row_rule"
    condition_domain_keys = (
        "batch_id",
        "table",
        "column_list",
        "row_condition",
        "condition_parser",
        "ignore_row_if",
    )
    condition_value_keys = ("rule",)

    @multicolumn_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_list: Any, rule: str, **_: Any) -> Any:  # noqa: N805 - GX hands over the class
        return column_list.eval(rule)


def is_(column: str, sign: str, value: Any) -> dict[str, Any]:
    return {"type": "comparison", "column": {"name": column}, "operator": sign, "parameter": value}


def is_null(column: str, *, yes: bool) -> dict[str, Any]:
    return {"type": "nullity", "column": {"name": column}, "is_null": yes}


ROW_RULE = "women + men == people"
BY_ROW: list[tuple[str, dict[str, Any]]] = [
    ("column_values_to_not_be_null", {"column": "id"}),
    ("column_values_to_not_be_null", {"column": "note", "mostly": 0.5}),
    ("column_values_to_not_be_null", {"column": "id", "row_condition": is_("area", "==", "ML01")}),
    ("column_values_to_be_null", {"column": "withheld"}),
    ("column_values_to_be_in_set", {"column": "area", "value_set": AREAS}),
    ("column_values_to_be_in_set", {"column": "area", "value_set": AREAS, "mostly": 0.99}),
    ("column_values_to_be_in_set", {"column": "grade", "value_set": [1, 2, 3]}),
    ("column_values_to_not_be_in_set", {"column": "area", "value_set": ["ML98", "ML99"]}),
    ("column_values_to_exist_in_reference", {"column": "area", "reference": "areas"}),
    ("column_values_to_exist_in_reference", {"column": "area", "reference": "areas", "mostly": 0.9}),
    ("column_values_to_be_between", {"column": "people", "min_value": 0, "max_value": 100}),
    ("column_values_to_be_between", {"column": "people", "min_value": -1, "strict_min": True}),
    ("column_values_to_be_between", {"column": "cost", "max_value": 100.5, "strict_max": True}),
    ("column_values_to_be_between", {"column": "grade", "min_value": 1, "max_value": 3.5}),
    ("column_values_to_be_between", {"column": "day", "min_value": START, "max_value": END}),
    (
        "column_values_to_be_between",
        {"column": "people", "min_value": 0, "row_condition": is_("area", "IN", ["ML01", "ML02"])},
    ),
    (
        "column_values_to_be_between",
        {
            "column": "people",
            "max_value": 100,
            "row_condition": {"type": "and", "conditions": [is_("women", ">", 10), is_("men", "<=", 30)]},
        },
    ),
    (
        "column_values_to_be_between",
        {
            "column": "people",
            "max_value": 100,
            "row_condition": {
                "type": "or",
                "conditions": [is_null("note", yes=True), is_("day", ">=", START + timedelta(300))],
            },
        },
    ),
    ("column_values_to_match_regex", {"column": "id", "regex": r"^A-\d{5}$"}),
    ("column_values_to_match_regex", {"column": "area", "regex": "^ML0"}),
    (
        "column_values_to_match_regex",
        {"column": "note", "regex": "^[a-z ]+$", "row_condition": is_null("note", yes=False)},
    ),
    ("column_values_to_not_match_regex", {"column": "note", "regex": r"\d"}),
    ("column_values_to_be_unique", {"column": "id"}),
    ("column_values_to_be_unique", {"column": "id", "row_condition": is_("area", "!=", "ML01")}),
    ("column_value_lengths_to_be_between", {"column": "note", "min_value": 1, "max_value": 10}),
    ("column_value_lengths_to_equal", {"column": "id", "value": 7}),
    ("compound_columns_to_be_unique", {"column_list": ["area", "day", "serial"]}),
    (
        "compound_columns_to_be_unique",
        {"column_list": ["area", "grade", "serial"], "ignore_row_if": "any_value_is_missing"},
    ),
    ("compound_columns_to_be_unique", {"column_list": ["serial", "note"], "ignore_row_if": "never"}),
    ("column_pair_values_a_to_be_greater_than_b", {"column_A": "end", "column_B": "day", "or_equal": True}),
    ("column_pair_values_a_to_be_greater_than_b", {"column_A": "people", "column_B": "women", "mostly": 0.5}),
    ("column_pair_values_to_be_equal", {"column_A": "area", "column_B": "area_again"}),
    (
        "column_pair_values_to_be_equal",
        {"column_A": "area", "column_B": "area_again", "row_condition": is_("women", "NOT_IN", [2, 3])},
    ),
    ("row_rule_to_hold", {"column_list": ["women", "men", "people"], "rule": ROW_RULE}),
    (
        "row_rule_to_hold",
        {
            "column_list": ["women", "men", "people"],
            "rule": ROW_RULE,
            "row_condition": is_("area", "==", "ML02"),
        },
    ),
    ("row_rule_to_hold", {"column_list": ["women", "people"], "rule": "people > women", "mostly": 0.9}),
]
OF_THE_WHOLE: list[tuple[str, dict[str, Any]]] = [
    ("column_to_exist", {"column": "id"}),
    ("column_to_exist", {"column": "idd"}),
    ("table_row_count_to_be_between", {"min_value": 1, "max_value": 2500}),
    ("table_columns_to_match_set", {"column_set": ["id", "area"], "exact_match": False}),
    ("table_columns_to_match_set", {"column_set": ["id", "area"]}),
    ("column_max_to_be_between", {"column": "people", "max_value": 100}),
    ("column_max_to_be_between", {"column": "day", "max_value": END}),
    ("column_min_to_be_between", {"column": "people", "min_value": 0}),
    ("column_sum_to_be_between", {"column": "women", "min_value": 0, "strict_min": True}),
    ("column_mean_to_be_between", {"column": "women", "min_value": 10, "max_value": 20}),
]


def suite_of(expectations: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    listed = [
        {"type": f"expect_{what}", "kwargs": kwargs, "severity": "warning", "meta": {"rule": i}}
        for i, (what, kwargs) in enumerate(expectations)
    ]
    return {"name": "activities", "expectations": listed}


def activities(rows: int, *, fault: float, seed: int) -> pl.DataFrame:
    """Rows that keep every rule, of which a share then breaks each."""
    at = pl.int_range(rows, eager=True)

    def draw(salt: int, size: int) -> pl.Series:
        return at.hash(seed * 100 + salt) % size

    def broken(salt: int) -> pl.Expr:
        return pl.lit(draw(50 + salt, 1_000_000) < fault * 1_000_000)

    def breaking(salt: int, column: str, value: Any) -> pl.Expr:
        return pl.when(broken(salt)).then(value).otherwise(column).alias(column)

    days = pl.Series([START + timedelta(int(n)) for n in draw(1, 365)])
    frame = pl.DataFrame(
        {
            "id": [f"A-{i:05d}" for i in range(rows)],
            "serial": at,
            "area": [AREAS[n] for n in draw(2, 4)],
            "day": days,
            "end": days + timedelta(2),
            "women": draw(3, 30).cast(pl.Int64),
            "men": draw(4, 60).cast(pl.Int64) + 1,
            "grade": [[1, 2, 3, None][n] for n in draw(5, 4)],
            "cost": [None if n == 0 else n / 2 for n in draw(6, 200)],
            "note": ["short" if n else None for n in draw(7, 5)],
            "withheld": pl.Series([None] * rows, dtype=pl.String),
        }
    ).with_columns(people=pl.col("women") + pl.col("men"), area_again="area")
    return frame.with_columns(
        breaking(1, "id", pl.lit("A-1")),
        breaking(2, "serial", 7),
        breaking(3, "area", pl.lit("ML99")),
        breaking(4, "day", pl.lit(END + timedelta(9))),
        breaking(5, "people", -2),
        breaking(6, "grade", 9),
        breaking(7, "cost", 1000.0),
        breaking(8, "note", pl.lit("a note of 24 characters.")),
        breaking(9, "withheld", pl.lit("x")),
    ).with_columns(breaking(10, "id", None), breaking(11, "people", 500), breaking(12, "note", pl.lit("")))


def with_pandas(frame: pl.DataFrame, suite: dict[str, Any]) -> list[dict[str, Any]]:
    """GX's results by its own pandas engine, in the order of the suite."""
    settings = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        progress_bars=ProgressBarsConfig(globally=False),
    )
    sources = gx.get_context(mode="ephemeral", project_config=settings).data_sources
    batch = (
        sources.add_pandas("pandas").add_dataframe_asset("rows").add_batch_definition_whole_dataframe("all")
    )
    expectations = ExpectationSuite(suite["name"], suite["expectations"])
    found = batch.get_batch({"dataframe": frame.to_pandas()}).validate(expectations, result_format="COMPLETE")
    results: list[dict[str, Any]] = found.to_json_dict()["results"]
    return sorted(results, key=lambda result: result["expectation_config"]["meta"]["rule"])


def compared(result: dict[str, Any]) -> dict[str, Any]:
    """What must be equal: success, counts, percentages, observed values and every failing row.

    Left out are the query (ours has none) and the lists of values: the pandas engine stops at 200,
    and shows a whole number as 3.0 where its column has nulls.
    """
    left_out = {
        "unexpected_index_query",
        "unexpected_list",
        "partial_unexpected_list",
        "partial_unexpected_counts",
    }
    kept = {key: value for key, value in result["result"].items() if key not in left_out}
    return {"type": result["expectation_config"]["type"], "success": result["success"], **kept}


@pytest.mark.parametrize(("seed", "fault"), [(1, 0.0), (2, 0.0005), (3, 0.01), (4, 0.3), (5, 1.0)])
def test_both_engines_agree_on_every_result_and_every_failing_row(seed: int, fault: float) -> None:
    frame, suite = activities(3000, fault=fault, seed=seed), suite_of(BY_ROW + OF_THE_WHOLE)
    ours = run_suite(frame, suite, references=REFERENCES, row_rules=pl.sql_expr, keep=frame.height)
    assert [compared(r) for r in ours.json["results"]] == [compared(r) for r in with_pandas(frame, suite)]
    assert not any(outcome.error for outcome in ours.outcomes)


def test_clean_rows_pass_and_broken_rows_fail_so_that_agreement_means_something() -> None:
    suite = suite_of(BY_ROW)
    clean, broken = (
        run_suite(activities(3000, fault=fault, seed=6), suite, references=REFERENCES, row_rules=pl.sql_expr)
        for fault in (0.0, 0.3)
    )
    assert all(outcome.success for outcome in clean.outcomes)
    assert all(outcome.failed for outcome in broken.outcomes)
    assert sum(outcome.success for outcome in broken.outcomes) == 2  # two tolerate it by `mostly`


def one(frame: pl.DataFrame, what: str, **kwargs: Any) -> tuple[Outcome, dict[str, Any]]:
    """One expectation: our outcome and the pandas engine's result."""
    suite = suite_of([(what, kwargs)])
    [outcome] = run_suite(frame, suite, references=REFERENCES, row_rules=pl.sql_expr).outcomes
    [theirs] = with_pandas(frame, suite)
    return outcome, theirs


def failing(outcome: Outcome) -> list[int]:
    return outcome.failing["_index"].to_list()


def test_difference_a_pair_with_one_side_missing_is_not_evaluated_where_pandas_fails_it() -> None:
    frame = pl.DataFrame({"a": [3, None, 1, None], "b": [2, 2, 2, None]})
    ours, theirs = one(frame, "column_pair_values_a_to_be_greater_than_b", column_A="a", column_B="b")
    assert (failing(ours), ours.evaluated) == ([2], 2)
    assert theirs["result"]["unexpected_index_list"] == [1, 2]


def test_difference_a_row_rule_that_comes_to_null_is_not_evaluated_where_pandas_fails_it() -> None:
    frame = pl.DataFrame({"a": [3, None, 1], "b": [2, 2, 2]})
    ours, theirs = one(frame, "row_rule_to_hold", column_list=["a", "b"], rule="a > b")
    assert (failing(ours), ours.evaluated) == ([2], 2)
    assert theirs["result"]["unexpected_index_list"] == [1, 2]


@pytest.mark.parametrize("condition", [is_("a", "!=", 2), is_("a", "NOT_IN", [2])])
def test_difference_a_row_condition_on_a_missing_value_is_not_met_where_pandas_takes_it_as_met(
    condition: dict[str, Any],
) -> None:
    frame = pl.DataFrame({"a": [1, 2, None], "n": [-1, -1, -1]})
    ours, theirs = one(frame, "column_values_to_be_between", column="n", min_value=0, row_condition=condition)
    assert (failing(ours), ours.evaluated) == ([0], 1)
    assert theirs["result"]["unexpected_index_list"] == [0, 2]


def test_difference_whole_numbers_stay_whole_beside_missing_ones() -> None:
    ours, theirs = one(
        pl.DataFrame({"a": [1, None, 9]}), "column_values_to_be_in_set", column="a", value_set=[1]
    )
    assert ours.failing["a"].to_list() == [9]
    assert ours.failing["a"].dtype == pl.Int64
    assert repr(theirs["result"]["unexpected_list"]) == "[9.0]"


def test_difference_days_are_compared_with_days_where_pandas_cannot() -> None:
    frame = pl.DataFrame({"a": [date(2019, 6, 1), date(2019, 7, 1)]})
    ours, theirs = one(frame, "column_values_to_be_between", column="a", max_value="2019-06-30")
    assert failing(ours) == [1]
    assert not theirs["success"]
    assert not theirs["result"]


@pytest.mark.parametrize(
    ("what", "kwargs", "pandas_fails"),
    [
        ("column_values_to_be_in_set", {"value_set": ["1", "2"]}, [0, 1]),
        ("column_values_to_match_regex", {"regex": "^1"}, [1]),
        ("column_value_lengths_to_equal", {"value": 1}, [1]),
    ],
)
def test_difference_numbers_are_never_read_as_text_where_pandas_does(
    what: str, kwargs: dict[str, Any], pandas_fails: list[int]
) -> None:
    ours, theirs = one(pl.DataFrame({"a": [1, 22]}), what, column="a", **kwargs)
    assert ours.error
    assert (ours.success, ours.failed, ours.evaluated) == (False, 0, 0)
    assert theirs["result"].get("unexpected_index_list") == pandas_fails


def test_difference_patterns_are_rust_s_and_look_ahead_is_an_error() -> None:
    ours, theirs = one(
        pl.DataFrame({"a": ["x1"]}), "column_values_to_match_regex", column="a", regex="x(?=1)"
    )
    assert "look-around" in str(ours.error)
    assert theirs["success"]


def test_not_a_number_is_missing_in_both() -> None:
    frame = pl.DataFrame({"a": [1.0, float("nan"), -1.0]})
    ours, theirs = one(frame, "column_values_to_be_between", column="a", min_value=0)
    assert (failing(ours), ours.evaluated) == ([2], 2)
    assert theirs["result"]["missing_count"] == 1
    assert failing(one(frame, "column_values_to_not_be_null", column="a")[0]) == [1]
