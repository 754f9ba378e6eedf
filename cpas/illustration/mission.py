"""Whole mission folders: the illustrative one, and one to make one's own; the doors of this room."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from string import Template

from cpas import content
from cpas.definitions.load import load_definitions
from cpas.errors import UsageError
from cpas.illustration import truths
from cpas.illustration.drawn import Drawn
from cpas.illustration.geography import SEED
from cpas.illustration.inbox import write_inbox
from cpas.illustration.observations import load_series
from cpas.illustration.readme import build_readme
from cpas.periods import Period

MOST_MONTHS = 72
SAMPLE_SEED = 284
"""The seed of `sample_data`, chosen among the first 400 so that what is drawn lies near what is planted."""

_REFERENCE = (
    *("areas.csv", "areas.geojson", "bases.csv", "population.csv", "budget_lines.csv"),
    *("authorized_strengths.csv", "income_estimates.csv"),
)
_SEED_NUMBER = 1
_SCALE = 0.25
_COMMENTS = {
    "code": "A short code of the mission; it stands in the names of files.",
    "name": "The name in English and in French; both are needed.",
    "illustrative": "While this is true every page says that its data is illustrative. Set it to false when all is yours.",
    "marking": "UNCLASSIFIED, CONFIDENTIAL or STRICTLY CONFIDENTIAL; every output carries it.",
    "mandate_from": "The first day of the mandate that the framework speaks of.",
    "reporting_from": "The first day for which reports are expected; before it nothing counts as missing.",
    "root_area": "The code in reference/areas.csv of the area that all others lie in.",
    "sections": "Sections by id. Ids stand in the column `section` and as owners of indicators; titles are for readers.",
    "field_offices": "Field offices by id, with the areas each reports on. Add `open: {from: 2018-10-01}` to one that opened later.",
    "expected": "Who is expected to send which data set each month, and how many days after its end; every field office where none is named.",
    "rating": "How far from its target a value may be: a tenth is on track, more than a quarter is off track.",
    "minimum_coverage": "The share of expected reports below which a value is not rated.",
    "small_count_confidence": "The confidence of the interval that small counts get before anything is called off track.",
    "variance_threshold": "From which percentage, or which amount, a budget line's variance must be explained before the performance report is published.",
}


def write_sample(folder: Path, months: int, scale: float, seed: int) -> None:
    """An illustrative mission folder; the same arguments give the same bytes.

    Args:
        folder: Where; made where it does not exist.
        months: How many months up to June 2019, 1 to 72; what is planted for single months lies in the last 24.
        scale: What the numbers of incidents and of routine activities are multiplied by; 1 gives some
            30,000 activities and 2,500 incidents in 24 months.
        seed: What the model draws from.

    Raises:
        UsageError: The folder is not empty, or a number is out of range.
        DefinitionError: The definitions that ship with the program are damaged.
    """
    if not 0 < scale <= 1000:
        raise UsageError(f"a scale is above 0 and at most 1,000; {scale} was asked for")
    if seed < 0:
        raise UsageError(f"a seed is a whole number of at least 0; {seed} was asked for")
    drawn = Drawn(_last_months(months), scale, seed)
    _make_empty(folder)
    definitions = load_definitions(SEED)
    series = load_series(definitions, seed)
    _write_text(folder / "mission.yml", _mission_text(drawn.months[0]))
    _write_reference(folder)
    write_inbox(folder, definitions, series, drawn)
    _write_text(folder / "README.md", build_readme(drawn, definitions, series))


def write_new_mission(folder: Path) -> None:
    """A mission folder with definitions to edit, reference tables and one month of example reports.

    Raises:
        UsageError: The folder is not empty.
    """
    _make_empty(folder)
    definitions = load_definitions(SEED)
    drawn = Drawn(_last_months(1), _SCALE, _SEED_NUMBER)
    _write_text(folder / "mission.yml", _commented(_mission_text(drawn.months[0])))
    shutil.copytree(content.shipped("indicators"), folder / "indicators")
    _write_reference(folder)
    write_inbox(folder, definitions, load_series(definitions, _SEED_NUMBER), drawn)
    readme = Template((SEED / "README.mission.md").read_text(encoding="utf-8"))
    sources = (SEED / "SOURCES.md").read_text(encoding="utf-8").strip()
    _write_text(folder / "README.md", readme.substitute(name=folder.name, sources=sources))


def _mission_text(first: Period) -> str:
    """The mission file; reports are expected from a sample's first month on."""
    text = (SEED / "mission.yml").read_text(encoding="utf-8")
    return re.sub(r"(?m)^reporting_from:.*$", f"reporting_from: {first.start}", text)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _commented(mission: str) -> str:
    """The mission file with a comment above each part that says what to change."""
    lines = []
    for line in mission.splitlines():
        key = line.partition(":")[0]
        if key in _COMMENTS:
            lines.append(f"# {_COMMENTS[key]}")
        lines.append(line)
    return "\n".join(lines) + "\n"


def _last_months(count: int) -> tuple[Period, ...]:
    """So many months, of which the last is June 2019.

    Raises:
        UsageError: There are none, or more than populations are known for.
    """
    if not 1 <= count <= MOST_MONTHS:
        raise UsageError(
            f"a sample has 1 to {MOST_MONTHS} months, the last of them June 2019; {count} were asked for"
        )
    return tuple(Period(truths.LAST_MONTH.first - count + 1, truths.LAST_MONTH.last).months())


def _make_empty(folder: Path) -> None:
    """Make a folder where there is none.

    Raises:
        UsageError: Something is in it, it is a file, or it cannot be made or looked into.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"`{folder}` is not an empty folder; name a new one, nothing was written")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "reference").mkdir()
    except OSError as error:
        raise UsageError(f"`{folder}` cannot be made: {error.strerror}; nothing was written") from error


def _write_reference(folder: Path) -> None:
    """The tables that the planning unit keeps, into `reference/`."""
    for name in _REFERENCE:
        shutil.copyfile(SEED / name, folder / "reference" / name)
