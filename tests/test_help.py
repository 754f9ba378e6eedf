"""What `--help` shows as an example can be typed: its files, indicators and rows are in the sample."""

import re
from pathlib import Path

import click
import polars as pl
import pytest
from click.testing import CliRunner

from cpas.cli import main
from cpas.definitions.load import load_definitions
from cpas.intake.excel import read_workbook

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "sample_data"


def examples() -> list[str]:
    """Every example of every command."""
    helps = [command.help or "" for command in main.commands.values()]
    return [line.strip() for text in helps for line in text.splitlines() if line.strip().startswith("cpas ")]


def test_every_command_has_an_example() -> None:
    named = {line.split()[1] for line in examples()}
    assert named == set(main.commands)


def test_files_and_indicators_of_examples_are_in_the_sample() -> None:
    known = load_definitions(SAMPLE).indicators
    for line in examples():
        for path in re.findall(r"sample_data/\S+", line):
            assert (ROOT / path).exists(), line
        if found := re.fullmatch(r"cpas definitions sample_data (\S+)", line):
            assert found[1] in known


def test_the_rows_that_are_decided_on_are_rows_of_the_sample() -> None:
    path = SAMPLE / "inbox" / "2019-06" / "activities-FO-GAO-2019-06.xlsx"
    told = {row for line in examples() for row in re.findall(r"GAO-\d{6}-\d{4}", line)}
    cells = [grid.cells for grid in read_workbook(path.read_bytes(), path.name)]
    ids = {text for frame in cells for text in frame.select(pl.col(pl.String)).to_series().to_list()}
    assert told
    assert told <= ids


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_option_has_its_help(name: str) -> None:
    options = [one for one in main.commands[name].params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []


def test_the_list_of_commands_says_of_each_a_whole_sentence_on_a_narrow_terminal() -> None:
    listed = CliRunner().invoke(main, ["--help"], terminal_width=80).output.partition("Commands:\n")[2]
    lines = listed.strip().splitlines()
    assert len(lines) == len(main.commands)
    assert [line for line in lines if not line.endswith(".") or line.endswith("...")] == []
