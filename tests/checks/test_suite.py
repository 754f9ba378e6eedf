from __future__ import annotations

import json
from datetime import date

from great_expectations.core import ExpectationSuite

from cpas.checks.suite import build_suite
from cpas.definitions.dataset import CodeList
from cpas.definitions.loaded import LoadedDataset


def test_the_suite_is_standard_json_that_gx_reads_whole(
    incidents: LoadedDataset, codes: dict[str, CodeList]
) -> None:
    suite = json.loads(json.dumps(build_suite(incidents, codes, until=date(2019, 7, 3))))
    read = ExpectationSuite(**suite)
    assert len(read.expectations) == len(suite["expectations"]) == 17
    assert {expectation.severity.value for expectation in read.expectations} == {"critical", "warning"}


def test_every_rule_has_an_id_of_its_own_and_its_line(
    incidents: LoadedDataset, codes: dict[str, CodeList]
) -> None:
    metas = [one["meta"] for one in build_suite(incidents, codes)["expectations"]]
    assert len({meta["rule"] for meta in metas}) == len(metas)
    assert all(meta["file"] == "indicators/datasets/incidents.yml" and meta["line"] > 1 for meta in metas)


def test_a_row_rule_keeps_its_words_in_both_languages(
    incidents: LoadedDataset, codes: dict[str, CodeList]
) -> None:
    [rule] = [one for one in build_suite(incidents, codes)["expectations"] if one["meta"]["kind"] == "row"]
    assert rule["meta"]["rule"] == "incidents.women-within-all"
    assert rule["meta"]["message"]["fr"] == "plus de femmes que de civils ont été tuées"
    assert rule["kwargs"]["column_list"] == ["deaths_women", "deaths_civilians"]


def test_a_key_of_several_columns_is_unique_together(
    incidents: LoadedDataset, codes: dict[str, CodeList]
) -> None:
    dataset = incidents.dataset.model_copy(update={"key": ("incident_id", "incident_on")})
    joint = LoadedDataset(dataset, incidents.fields, (), incidents.where, incidents.column_places)
    [key] = [one for one in build_suite(joint, codes)["expectations"] if one["meta"]["kind"] == "key"]
    assert key["type"] == "expect_compound_columns_to_be_unique"
    assert key["kwargs"] == {
        "column_list": ["incident_id", "incident_on"],
        "ignore_row_if": "any_value_is_missing",
    }


def test_reference_tables_have_no_report_to_lie_within(
    incidents: LoadedDataset, codes: dict[str, CodeList]
) -> None:
    dataset = incidents.dataset.model_copy(update={"found_in": "reference"})
    kept = LoadedDataset(dataset, incidents.fields, (), incidents.where, incidents.column_places)
    assert "report" not in {one["meta"]["kind"] for one in build_suite(kept, codes)["expectations"]}


def test_a_key_may_be_empty_where_its_column_is_not_required(
    incidents: LoadedDataset, codes: dict[str, CodeList]
) -> None:
    dataset = incidents.dataset.model_copy(update={"key": ("incident_id", "section")})
    joint = LoadedDataset(dataset, incidents.fields, (), incidents.where, incidents.column_places)
    [key] = [one for one in build_suite(joint, codes)["expectations"] if one["meta"]["kind"] == "key"]
    assert key["kwargs"]["ignore_row_if"] == "all_values_are_missing"
