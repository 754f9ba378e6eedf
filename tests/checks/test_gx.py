"""What run_suite gives back, and what it leaves alone: the network, the terminal, the disk, other people's warnings."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cpas.checks.conditions import Table
from cpas.checks.gx import run_suite
from cpas.checks.outcomes import Outcome, SuiteResult

FRAME = pl.DataFrame(
    {
        "id": ["a", "b", "b", None],
        "killed": [1, -3, None, 7],
        "day": [date(2019, 1, 1), date(2019, 6, 30), None, date(2020, 1, 1)],
        "cost": pl.Series(["0.1", "0.2", None, "9"]).cast(pl.Decimal(18, 6)),
        "kind": pl.Series(["x", "y", None, "y"]).cast(pl.Enum(["x", "y", "z"])),
    }
)


def expect(what: str, **kwargs: Any) -> dict[str, Any]:
    return {"type": f"expect_{what}", "kwargs": kwargs}


def run(*expectations: dict[str, Any], frame: pl.DataFrame = FRAME, keep: int = 1000) -> SuiteResult:
    suite = {"name": "incidents", "expectations": list(expectations)}
    return run_suite(frame, suite, references={"areas": pl.Series(["a"])}, row_rules=pl.sql_expr, keep=keep)


def outcome_of(what: str, frame: pl.DataFrame = FRAME, **kwargs: Any) -> Outcome:
    [outcome] = run(expect(what, **kwargs), frame=frame).outcomes
    return outcome


def failing(outcome: Outcome) -> list[int]:
    return outcome.failing["_index"].to_list()


def test_outcomes_come_in_the_order_of_the_suite_with_severity_and_meta() -> None:
    result = run(
        {**expect("column_to_exist", column="killed"), "severity": "info", "meta": {"rule": "second"}},
        expect("column_values_to_be_between", column="unknown", min_value=0),
        expect("no_such_thing", column="id"),
        expect("column_values_to_be_unique", column="id"),
        expect("column_to_exist", column="id"),
    )
    assert [outcome.position for outcome in result.outcomes] == [0, 1, 2, 3, 4]
    assert [outcome.columns for outcome in result.outcomes] == [
        ("killed",),
        ("unknown",),
        ("id",),
        ("id",),
        ("id",),
    ]
    assert [outcome.success for outcome in result.outcomes] == [True, False, False, False, True]
    first = result.outcomes[0]
    assert (first.type, first.severity, first.meta) == ("expect_column_to_exist", "info", {"rule": "second"})


def test_the_same_expectation_twice_gives_two_outcomes() -> None:
    twice = [expect("column_values_to_be_between", column="killed", min_value=0)] * 2
    assert [outcome.failed for outcome in run(*twice).outcomes] == [1, 1]


def test_failing_rows_come_with_their_position_and_the_columns_of_the_rule() -> None:
    outcome = outcome_of("row_rule_to_hold", column_list=["killed", "day"], rule="killed > 0")
    assert outcome.failing.to_dicts() == [{"_index": 1, "killed": -3, "day": date(2019, 6, 30)}]
    assert (outcome.evaluated, outcome.failed, outcome.success) == (3, 1, False)


def test_at_most_keep_rows_are_shown_and_the_count_stays_exact() -> None:
    frame = pl.DataFrame({"killed": [-1] * 5000})
    result = run(expect("column_values_to_be_between", column="killed", min_value=0), frame=frame, keep=3)
    [outcome] = result.outcomes
    assert (outcome.failed, failing(outcome)) == (5000, [0, 1, 2])
    found = result.json["results"][0]["result"]
    assert (found["unexpected_count"], found["unexpected_index_list"]) == (5000, [0, 1, 2])


def test_positions_under_a_row_condition_are_those_of_the_whole_frame() -> None:
    condition = {"type": "comparison", "column": {"name": "kind"}, "operator": "==", "parameter": "y"}
    outcome = outcome_of(
        "column_values_to_be_between", column="killed", max_value=-9, row_condition=condition
    )
    assert (failing(outcome), outcome.evaluated) == ([1, 3], 2)


@pytest.mark.parametrize(
    ("what", "kwargs", "why"),
    [
        ("column_values_to_be_between", {"column": "deaths", "min_value": 0}, "there is no column `deaths`"),
        ("column_values_to_be_between", {"column": "id", "min_value": 0}, "cannot compare string"),
        ("column_values_to_be_between", {"column": "killed", "minimum": 0}, "extra fields not permitted"),
        ("column_values_to_be_between", {"column": "killed"}, "min_value and max_value"),
        ("column_values_to_be_in_set", {"column": "killed", "value_set": ["1"]}, "Int64"),
        ("column_values_to_match_regex", {"column": "id", "regex": "("}, "unclosed group"),
        ("column_values_to_match_regex", {"column": "killed", "regex": "1"}, "String"),
        ("column_values_to_exist_in_reference", {"column": "id", "reference": "bases"}, "`bases`"),
        ("column_pair_values_to_be_equal", {"column_A": "id", "column_B": "killed"}, "cannot compare string"),
        ("column_sum_to_be_between", {"column": "id", "max_value": 1}, "sum"),
        ("compound_columns_to_be_unique", {"column_list": ["id", "deaths"]}, "there is no column `deaths`"),
        ("row_rule_to_hold", {"column_list": ["id"], "rule": "deaths > 0"}, "deaths"),
        ("row_rule_to_hold", {"column_list": ["killed"], "rule": "killed + 1"}, "true or false"),
        ("column_values_to_be_null", {"column": "id", "row_condition": "killed > 0"}, "must be an object"),
        ("column_values_to_be_of_type", {"column": "id", "type_": "str"}, "not supported"),
        ("column_value_to_shine", {"column": "id"}, "not found"),
    ],
)
def test_an_expectation_that_cannot_run_is_an_error_and_neither_a_pass_nor_a_fault_of_the_data(
    what: str, kwargs: dict[str, Any], why: str
) -> None:
    broken, sound = run(expect(what, **kwargs), expect("column_to_exist", column="id")).outcomes
    assert why in str(broken.error)
    assert (broken.success, broken.evaluated, broken.failed, broken.failing.height) == (False, 0, 0, 0)
    assert (sound.success, sound.error) == (True, None)


def test_a_row_rule_may_be_about_one_column_and_sees_missing_values() -> None:
    outcome = outcome_of("row_rule_to_hold", column_list=["id"], rule="id IS NOT NULL")
    assert failing(outcome) == [3]


def test_exact_decimals_are_compared_exactly() -> None:
    assert failing(outcome_of("column_values_to_be_between", column="cost", min_value=0.2)) == [0]
    assert failing(outcome_of("column_values_to_be_in_set", column="cost", value_set=[0.1, 9])) == [1]
    assert outcome_of("column_sum_to_be_between", column="cost", max_value=9.3).success


def test_failing_decimals_keep_their_type() -> None:
    outcome = outcome_of("column_values_to_be_between", column="cost", max_value=1)
    assert outcome.failing["cost"].to_list() == [Decimal("9.000000")]


def test_days_are_compared_with_days_written_in_json() -> None:
    assert failing(outcome_of("column_values_to_be_between", column="day", max_value="2019-06-30")) == [3]
    assert outcome_of("column_max_to_be_between", column="day", max_value="2020-01-01").success


def test_coded_text_is_compared_as_text() -> None:
    assert failing(
        outcome_of("column_values_to_be_in_set", column="kind", value_set=["y", "unheard of"])
    ) == [0]


def test_nothing_is_in_an_empty_set() -> None:
    assert failing(outcome_of("column_values_to_be_in_set", column="id", value_set=[])) == [0, 1, 2]


def test_no_rows_break_no_rule() -> None:
    outcome = outcome_of("column_values_to_be_between", FRAME.clear(), column="killed", min_value=0)
    assert (outcome.success, outcome.evaluated, outcome.failed) == (True, 0, 0)


def test_a_suite_of_nothing_has_no_outcomes() -> None:
    assert run().outcomes == ()


def test_an_expectation_on_the_whole_table_says_what_it_saw() -> None:
    outcome = outcome_of("table_row_count_to_be_between", min_value=5)
    assert (outcome.evaluated, outcome.failed, outcome.observed) == (1, 1, 4)


def test_the_result_is_gx_s_own_and_the_same_bytes_every_time() -> None:
    expectations = (
        expect("column_values_to_be_between", column="day", max_value="2019-06-30"),
        expect("column_values_to_match_regex", column="id", regex="("),
        expect("column_pair_values_to_be_equal", column_A="cost", column_B="cost"),
        expect("compound_columns_to_be_unique", column_list=["id", "killed"]),
    )
    first, second = (json.dumps(run(*expectations).json) for _ in range(2))
    assert first == second
    told = json.loads(first)
    assert told["suite_name"] == "incidents"
    assert told["statistics"]["evaluated_expectations"] == 4
    assert told["results"][0]["expectation_config"]["type"] == "expect_column_values_to_be_between"
    assert told["results"][0]["result"]["unexpected_list"] == ["2020-01-01"]
    assert told["results"][1]["exception_info"]["raised_exception"]
    assert "Traceback" not in first


def test_gx_keeps_no_rows_once_the_run_is_over() -> None:
    run(expect("column_values_to_be_unique", column="id"))
    gc.collect()
    assert not [thing for thing in gc.get_objects() if isinstance(thing, Table)]


ALONE = """
import socket, sys, warnings

def refuse(*args, **kwargs):
    raise SystemExit(f"the network was asked for {args}")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
shown = warnings.showwarning
import polars as pl
from cpas.checks.gx import run_suite

kwargs = {"column": "killed", "min_value": 0}
suite = {"name": "s", "expectations": [{"type": "expect_column_values_to_be_between", "kwargs": kwargs}]}
result = run_suite(pl.DataFrame({"killed": [-1]}), suite, row_rules=pl.sql_expr)
assert result.outcomes[0].failed == 1
assert warnings.showwarning is shown
"""


def test_importing_and_running_asks_for_no_network_prints_nothing_and_leaves_no_file(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", ALONE],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_what_checks_mean_is_known_without_importing_gx() -> None:
    script = (
        "import sys, cpas.checks.conditions, cpas.checks.outcomes; print('great_expectations' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
