"""Small faults on purpose: for each a folder of files to lay over a new mission folder, and what must be said of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter

from cpas.definitions.base import Text
from cpas.definitions.dataset import Column, Dataset
from cpas.definitions.load import load_definitions
from cpas.definitions.loaded import Definitions
from cpas.illustration.geography import SEED
from cpas.illustration.rows import Row
from cpas.illustration.workbooks import Cover, Manner, write_workbook

ACTIVITIES = "inbox/2019-06/activities-FO-MNK-2019-06.xlsx"
INCIDENTS = "inbox/2019-06/incidents-jmac-2019-06.xlsx"
ASSESSMENTS = "inbox/2019-06/assessments-2019-06.xlsx"
OBSERVATIONS = "inbox/2019-06/observations-2019-06.xlsx"
_REPORTERS = {
    "activities": "FO-MNK",
    "incidents": "jmac",
    "assessments": "political_affairs",
    "observations": "civil_affairs",
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What the program must say: an issue with this code, whose place and message contain these words."""

    code: str
    place: str
    words: str


@dataclass(frozen=True, slots=True)
class CellFault:
    """One wrong cell in the second row of a workbook of two."""

    name: str
    column: str
    value: Any
    code: str
    words: str
    file: str = ACTIVITIES


@dataclass(frozen=True, slots=True)
class TextFault:
    """One or more text files that are wrong; `place` and `words` as in `Expected`."""

    name: str
    files: dict[str, str]
    expected: Expected


CELL_FAULTS = (
    CellFault("text_in_a_count", "participants_total", "about twenty", "CPAS-D001", "a whole number is wanted"),
    CellFault("fraction_in_a_count", "participants_total", 12.7, "CPAS-D001", "a count is a whole number"),
    CellFault("ambiguous_comma", "cost_usd", "1,234", "CPAS-D001", "the comma may set off thousands or decimals"),
    CellFault("day_that_does_not_exist", "activity_on", "31/06/2019", "CPAS-D001", "there is no day 31/06/2019"),
    CellFault("day_of_another_month", "activity_on", date(2019, 5, 28), "CPAS-D209", "the report is for 2019-06"),
    CellFault("unknown_code_with_a_near_miss", "activity_type", "night_patroll", "CPAS-D202", "did you mean `night_patrol`"),
    CellFault("no_as_a_code", "activity_type", "NO", "CPAS-D202", "`activity_type` is `NO`"),
    CellFault("unknown_output", "output", "OUT-99", "CPAS-D203", "`outputs` has no such entry"),
    CellFault("unknown_area", "area_code", "ML0799", "CPAS-D203", "`areas` has no such entry"),
    CellFault("required_cell_is_empty", "activity_type", None, "CPAS-D201", "`activity_type` is empty"),
    CellFault("duplicate_key", "activity_id", "MNK-201906-0001", "CPAS-D207", "no two rows may have the same"),
    CellFault("total_that_does_not_add_up", "participants_total", 41, "CPAS-D208", "do not add up"),
    CellFault("longitude_without_latitude", "latitude", None, "CPAS-D208", "one of latitude and longitude is missing"),
    CellFault("negative_deaths", "deaths_civilians", -2, "CPAS-D204", "at least 0", INCIDENTS),
    CellFault("nothing_where_a_figure_is_needed", "deaths_civilians", "n/a", "CPAS-D002", "n/a", INCIDENTS),
    CellFault("value_of_a_qualitative_indicator", "indicator", "PEA-09", "CPAS-D203", "no indicator that has its values from here", OBSERVATIONS),
    CellFault("value_of_a_milestone", "indicator", "DDR-05", "CPAS-D203", "no indicator that has its values from here", OBSERVATIONS),
    CellFault("value_of_what_is_counted", "indicator", "POC-01", "CPAS-D203", "no indicator that has its values from here", OBSERVATIONS),
    CellFault("value_where_a_share_is_asked", "value", 45, "CPAS-D208", "would never be used", OBSERVATIONS),
    CellFault("figure_reported_twice", "indicator", "PEA-05", "CPAS-D207", "no two rows may have the same", OBSERVATIONS),
    CellFault("step_that_is_misspelt", "step", "Minimun", "CPAS-D202", "did you mean `minimum`", ASSESSMENTS),
    CellFault("step_of_another_scale", "step", "obstruction", "CPAS-D208", "not on the scale “Stage of implementation”", ASSESSMENTS),
)  # fmt: skip

_ACTIVITY: Row = {
    "activity_on": date(2019, 6, 12), "field_office": "FO-MNK", "section": "civil_affairs", "component": "civilian",
    "activity_type": "dialogue_meeting", "output": "OUT-25", "area_code": "ML0704", "place": "Ménaka, zone 02",
    "latitude": 16.1, "longitude": 2.5, "poc_tier": "tier_1", "participants_total": 40, "participants_women": 12,
    "participants_men": 24, "participants_girls": 3, "participants_boys": 1, "personnel": 3, "hours": 2.5,
    "units_delivered": 1, "cost_usd": 420,
}  # fmt: skip
_INCIDENT: Row = {
    "incident_on": date(2019, 6, 9), "section": "jmac", "incident_type": "attack_on_civilians",
    "perpetrator_type": "unknown", "area_code": "ML0704", "place": "Ménaka, zone 05", "civilians_targeted": True,
    "deaths_civilians": 0, "responded": False,
}  # fmt: skip
_ASSESSMENT: Row = {
    "indicator": "PEA-09", "assessed_on": date(2019, 6, 1), "section": "political_affairs", "step": "minimum",
    "judged_on": date(2019, 7, 4), "judged_by": "Political Affairs and Civil Affairs", "evidence": "Decree of May 2019",
}  # fmt: skip
_OBSERVATION: Row = {
    "observed_on": date(2019, 6, 1), "section": "civil_affairs", "area_code": "ML",
}  # fmt: skip
_ROWS = {
    ACTIVITIES: [_ACTIVITY | {"activity_id": f"MNK-201906-000{number}"} for number in (1, 2)],
    INCIDENTS: [_INCIDENT | {"incident_id": f"INC-201906-000{number}"} for number in (1, 2)],
    ASSESSMENTS: [_ASSESSMENT | {"area_code": area} for area in ("ML06", "ML07")],
    OBSERVATIONS: [
        _OBSERVATION | {"observation_id": "OBS-201906-0001", "indicator": "PEA-05", "value": 4},
        _OBSERVATION
        | {"observation_id": "OBS-201906-0002", "indicator": "STA-01", "numerator": 4, "denominator": 9},
    ],
}

_INDICATOR = """\
id: BROKEN-1
title: {en: Civilians killed - wrong on purpose, fr: Civils tués - faute voulue}
level: outcome
outcome: SP2.1.1
unit: persons
direction: decrease
owner: jmac
source: incidents
measure: {value: sum(deaths_civilians)}
baseline: {period: 2016/17, value: 100}
targets: {2018/19: 80}
definition: {en: Civilians killed in incidents., fr: Civils tués dans des incidents.}
method: {en: Sum over incidents., fr: Somme sur les incidents.}
limitations: {en: For tests only., fr: Pour les essais seulement.}
versions: [{from: 2017-07-01, note: {en: First version., fr: Première version.}}]
examples:
  - {name: deaths add up, rows: [{deaths_civilians: 2}, {deaths_civilians: 3}], value: 5}
  - {name: no rows give nothing, rows: [], value: null}
"""
_INDICATOR_FILE = "indicators/broken/BROKEN-1.yml"
_REMOVED = {"missing_file": ("remove: reference/areas.csv",)}
_README = """\
# Broken on purpose

Each folder holds one fault: the files to lay over a new mission folder (`cpas init DIR`), and in `expect.txt` what must be said of it.
Whatever the fault, `cpas check` names it with its place and how to mend it, and `cpas run` publishes nothing.

| fault | place | words |
| --- | --- | --- |"""


def write_broken(folder: Path) -> None:
    """A folder for each fault, holding only the files to lay over what `cpas init` writes, and `expect.txt`.

    `expect.txt` has a line each for the code, the place and the words of the issue; `remove:` names a file to delete.
    """
    definitions = load_definitions(SEED)
    told = [(fault.name, _write_cell_fault(folder, fault, definitions)) for fault in CELL_FAULTS]
    for name, dataset, rows, expected in _sheet_faults(definitions.datasets["activities"].dataset):
        _write_rows(folder / name / ACTIVITIES, dataset, rows, definitions)
        told.append((name, expected))
    for text in _text_faults():
        for file, content in text.files.items():
            _write_text(folder / text.name / file, content)
        told.append((text.name, text.expected))
    for name, expected in told:
        lines = [f"code: {expected.code}", f"place: {expected.place}", f"words: {expected.words}"]
        _write_text(folder / name / "expect.txt", "\n".join([*lines, *_REMOVED.get(name, ())]) + "\n")
    _write_text(folder / "README.md", _readme(told))


def _write_cell_fault(folder: Path, fault: CellFault, definitions: Definitions) -> Expected:
    dataset = definitions.datasets[Path(fault.file).name.partition("-")[0]].dataset
    first, second = _ROWS[fault.file]
    rows = [first, second | {fault.column: fault.value}]
    _write_rows(folder / fault.name / fault.file, dataset, rows, definitions)
    letter = get_column_letter(dataset.column_names.index(fault.column) + 1)
    return Expected(fault.code, f"{fault.file} [{dataset.title['en']}!{letter}3]", fault.words)


def _write_rows(path: Path, dataset: Dataset, rows: list[Row], definitions: Definitions) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cover = Cover("2019-06", _REPORTERS[dataset.dataset], date(2019, 7, 4))
    write_workbook(path, dataset, definitions.codes, rows, (cover, Manner()))


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _sheet_faults(activities: Dataset) -> Iterator[tuple[str, Dataset, list[Row], Expected]]:
    """Workbooks of which the sheet or its header is wrong: name, data set as it is written, rows, what must be said."""
    rows = _ROWS[ACTIVITIES]
    columns = activities.columns
    notes = tuple(_called(column, f"Remark {number}") for number, column in enumerate(columns, start=1))
    yield (
        "wrong_sheet",
        activities.model_copy(update={"title": Text({"en": "Notes", "fr": "Notes"}), "columns": notes}),
        rows,
        Expected("CPAS-S010", f"{ACTIVITIES} [Notes]", "no header was found"),
    )
    yield (
        "empty_sheet",
        activities.model_copy(update={"columns": ()}),
        [],
        Expected("CPAS-S010", ACTIVITIES, "no sheet holds the table of `activities`"),
    )
    misspelt = tuple(
        _called(column, "Dat of activty") if column.name == "activity_on" else column for column in columns
    )
    yield (
        "misspelt_header",
        activities.model_copy(update={"columns": misspelt}),
        rows,
        Expected(
            "CPAS-S011", f"{ACTIVITIES} [Activities!B1]", "no column is called `Dat of activty`; did you mean"
        ),
    )


def _called(column: Column, label: str) -> Column:
    return column.model_copy(update={"label": Text({"en": label, "fr": label})})


def _text_faults() -> Iterator[TextFault]:
    """Definitions and tables that are wrong."""
    yield TextFault("missing_file", {}, Expected("CPAS-S007", "reference", "required data set `areas`"))
    yield TextFault(
        "no_workbook",
        {ACTIVITIES: "<html>Your session has ended.</html>\n"},
        Expected("CPAS-S001", ACTIVITIES, "a text file with the name of an Excel workbook"),
    )
    lines = ["budget_line,month,section,amount_usd", "9.9,2019-06-01,budget_finance,1000"]
    yield TextFault(
        "unknown_budget_line",
        {"inbox/expenditure-2018-19.csv": "\n".join(lines) + "\n"},
        Expected("CPAS-D203", "inbox/expenditure-2018-19.csv", "`budget_line_ids` has no such entry"),
    )
    yield from (
        _indicator_fault(name, old, new, code, words)
        for name, old, new, code, words in (
            (
                "typo_in_a_column",
                "sum(deaths_civilians)",
                "sum(deaths_civilans)",
                "CPAS-I101",
                "did you mean `deaths_civilians`",
            ),
            (
                "duplicate_yaml_key",
                "unit: persons",
                "unit: persons\nunit: incidents",
                "CPAS-Y002",
                "`unit` is set twice",
            ),
            ("unknown_yaml_key", "direction:", "direktion:", "CPAS-I001", "did you mean `direction`"),
            (
                "unknown_code_in_a_measure",
                "(deaths_civilians)}",
                "(deaths_civilians), where: perpetrator_type = 'bandit'}",
                "CPAS-I101",
                "did you mean `bandits`",
            ),
            ("worked_example_is_wrong", "value: 5", "value: 6", "CPAS-I040", "deaths add up"),
            ("unknown_outcome", "SP2.1.1", "SP2.1.9", "CPAS-I031", "there is no outcome `SP2.1.9`"),
        )
    )
    files = {
        f"indicators/broken/{one}.yml": _derived(one, other)
        for one, other in (("BROKEN-1", "BROKEN-2"), ("BROKEN-2", "BROKEN-1"))
    }
    yield TextFault(
        "cycle", files, Expected("CPAS-I030", "indicators/broken/BROKEN-", "the indicator rests on itself")
    )


def _derived(one: str, other: str) -> str:
    """The indicator, computed from another in place of rows."""
    text = _INDICATOR.replace("BROKEN-1", one).replace("source: incidents\n", "")
    text = text.replace("sum(deaths_civilians)", f"'\"{other}\" * 1'")
    text = text.replace("rows: [{deaths_civilians: 2}, {deaths_civilians: 3}]", f"values: {{{other}: 5}}")
    return text.replace("rows: []", f"values: {{{other}: null}}")


def _indicator_fault(name: str, old: str, new: str, code: str, words: str) -> TextFault:
    """An indicator whose file is right but for one text."""
    return TextFault(
        name, {_INDICATOR_FILE: _INDICATOR.replace(old, new)}, Expected(code, _INDICATOR_FILE, words)
    )


def _readme(told: list[tuple[str, Expected]]) -> str:
    lines = [f"| {name} | {one.place} | {one.words} |" for name, one in told]
    return "\n".join([_README, *lines]) + "\n"
