"""The data sets that ship: every rule of theirs can run, and means in a saved suite what it means in its declaration."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from cpas.checks.rules import Sources, check_frame
from cpas.definitions.compile import compile_dataset
from cpas.definitions.dataset import CodeList, CodeLists, Dataset
from cpas.definitions.expressions.parse import parse_condition
from cpas.definitions.loaded import LoadedDataset
from cpas.definitions.read import read_model
from cpas.definitions.scale import Scales, code_lists
from cpas.definitions.types import POLARS_TYPES
from cpas.intake.cells import STATUS

SHIPPED = Path(__file__).parents[2] / "indicators"
NAMES = sorted(path.stem for path in (SHIPPED / "datasets").glob("*.yml"))


def shipped(name: str) -> tuple[LoadedDataset, dict[str, CodeList]]:
    codes = read_model(SHIPPED / "codes.yml", "codes.yml", CodeLists)[0].root
    scales = read_model(SHIPPED / "scales.yml", "scales.yml", Scales)[0].root
    codes = {**codes, **code_lists(scales)}
    dataset, yaml = read_model(SHIPPED / "datasets" / f"{name}.yml", name, Dataset)
    return compile_dataset(dataset, codes, yaml, scales), codes


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_can_run(name: str) -> None:
    loaded, codes = shipped(name)
    columns = loaded.dataset.columns
    schema = {column.name: POLARS_TYPES[column.type] for column in columns}
    schema |= {column.status_column: STATUS for column in columns if column.may_be}
    schema |= {"_file": pl.String(), "_sheet": pl.String(), "_row": pl.Int64()}
    references = {column.to: pl.Series(["x"]) for column in columns if column.to}
    result = check_frame(
        pl.DataFrame(schema=schema),
        loaded,
        codes,
        references=references,
        sources=Sources(received_on=date(2019, 7, 3)),
    )
    assert result.issues == ()


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_reads_back_from_its_sql(name: str) -> None:
    loaded, _ = shipped(name)
    for rule in loaded.rules:
        again = parse_condition(rule.condition.sql, loaded.fields, rule.where)
        assert again.tree == rule.condition.tree, rule.rule.id
