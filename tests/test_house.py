"""What the project says of itself is true: schemas fresh, commands documented, heavy libraries where they belong."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from cpas import __version__
from cpas.cli import main
from cpas.jobs.generated import generated_files

ROOT = Path(__file__).parents[1]
HEAVY = {
    "great_expectations",
    "pandas",
    "matplotlib",
    "polars",
    "openpyxl",
    "pydantic",
    "scipy",
    "shapely",
    "sqlglot",
    "rich",
}


def test_generated_files_are_those_of_the_models_and_declarations():
    folder = ROOT / "indicators"
    made = generated_files()
    kept = {
        path.relative_to(folder).as_posix()
        for kind in ("schema", "suites")
        for path in (folder / kind).iterdir()
    }
    assert kept == set(made), "run `make generated`"
    assert all((folder / name).read_text(encoding="utf-8") == text for name, text in made.items()), (
        "run `make generated`"
    )


@pytest.mark.parametrize("command", main.commands.values(), ids=main.commands)
def test_every_command_has_help_with_an_example_and_stands_in_the_readme(command):
    text = command.get_help(click.Context(command))
    assert re.search(r"Examples?:\n +cpas ", text)
    assert f"\n    cpas {command.name} " in (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(parameter.help for parameter in command.params if isinstance(parameter, click.Option))


def test_help_imports_no_heavy_library():
    code = "import sys; from click.testing import CliRunner; from cpas.cli import main; CliRunner().invoke(main, ['--help']); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert HEAVY.isdisjoint(loaded)


def test_the_changelog_begins_with_this_version():
    heading = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert heading
    assert heading[1] == __version__


def test_every_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }
    assert {re.split(r"[<>=\[]", name)[0].lower().replace("_", "-") for name in wanted} <= pinned


def test_the_readme_shows_the_two_commands_first():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.index("make report") < text.index("make test") < text.index("docs/report.png")
