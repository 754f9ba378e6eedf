"""What a submission costs: 50,000 activities in one workbook, and a usual template, read, checked, accepted and returned.

Run by hand in the project's folder: `python benchmarks/bench_submit.py`. Whatever this process and those beside it import is
imported before the clock starts, and the mission's reference tables were checked by an earlier submission. What counts is the ratio to fastexcel alone.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import Enum
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bench_reading import LETTERS, cells_alone, packed, seconds
from openpyxl import load_workbook

from cpas.definitions.load import load_definitions
from cpas.illustration.activities import Office, draw_activities, load_plan
from cpas.intake.template import TemplateRequest
from cpas.jobs.aside import beside_submission
from cpas.jobs.progress import Progress
from cpas.jobs.returns import Sending
from cpas.jobs.submit import submit_files
from cpas.jobs.template import write_template
from cpas.periods import Period

SAMPLE = Path("sample_data")
ROWS, USUAL, TIMES = 50_000, 2_000, 4


def activities() -> bytes:
    """All columns of the data set, as in a file that every field office's rows of two years were put into."""
    definitions = load_definitions(SAMPLE)
    plan, mission = load_plan(), definitions.mission
    rows = [
        row
        for month in Period.parse("2017-07..2019-06").months()
        for office in mission.field_offices
        for row in draw_activities(Office(office, mission, plan), month, 1.9, 284)
    ]
    columns = [column.name for column in definitions.datasets["activities"].dataset.columns]
    texts: dict[str, int] = {}
    table: list[list[Any]] = [columns, *([row.get(name) for name in columns] for row in rows[:ROWS])]
    lines = (
        f'<row r="{number}">{"".join(_cell(LETTERS[index], number, value, texts) for index, value in enumerate(row))}</row>'
        for number, row in enumerate(table, start=1)
    )
    written = list(lines)
    return packed("activities", texts, written)


def _cell(letter: str, row: int, value: Any, texts: dict[str, int]) -> str:
    value = value.value if isinstance(value, Enum) else value
    if value is None:
        return ""
    if isinstance(value, str | date):
        return f'<c r="{letter}{row}" t="s"><v>{texts.setdefault(str(value), len(texts))}</v></c>'
    return f'<c r="{letter}{row}"><v>{value}</v></c>'


def template(folder: Path) -> Path:
    """A template of 2,000 rows, all of them filled in."""
    mission = folder / "asked"
    prepared(mission)
    path = folder / "template.xlsx"
    period = Period.parse("2019-06")
    write_template(mission, "activities", TemplateRequest("FO-GAO", period, rows=USUAL), path)
    definitions = load_definitions(SAMPLE)
    drawn = draw_activities(Office("FO-GAO", definitions.mission, load_plan()), period, 40, 284)[:USUAL]
    columns = definitions.datasets["activities"].dataset.columns
    book = load_workbook(path)
    cover, sheet = book.worksheets[0], book.worksheets[1]
    cover["B11"] = date(2019, 7, 3)
    letters = {str(cell.value).removesuffix(" *"): cell.column_letter for cell in sheet[3] if cell.value}
    for number, row in enumerate(drawn, start=4):
        for column in columns:
            value = row.get(column.name)
            if value is not None:
                value = value.value if isinstance(value, Enum) else value
                sheet[f"{letters[column.label['en']]}{number}"].value = value
    book.save(path)
    return path


def prepared(mission: Path) -> None:
    """A mission that has submitted before, so that its reference tables were checked."""
    mission.mkdir()
    shutil.copy(SAMPLE / "mission.yml", mission)
    shutil.copytree(SAMPLE / "reference", mission / "reference")
    (first,) = sorted(SAMPLE.glob("inbox/2019-06/observations-*"))[:1]
    submit_files(mission, [first], Sending("bench", datetime.now(UTC)), Progress(is_quiet=True))


class Clock(Progress):
    """Notes the processor time of each stage too, this process and those that ended in it together."""

    def __init__(self) -> None:
        """Say nothing."""
        super().__init__(is_quiet=True)
        self.worked: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Work on one stage."""
        begun = sum(os.times()[:4])
        with super().stage(name):
            yield
        self.worked[name] = sum(os.times()[:4]) - begun

    def before(self, spent: dict[str, float]) -> float:
        """What all stages took before the workbook is returned, which nobody waits for with what is accepted."""
        return sum(took for name, took in spent.items() if name != "returning")


def measure(path: Path, sheet: int, folder: Path) -> None:
    """Print the seconds of each stage of the fastest run, its processor time, and their ratios to fastexcel alone."""
    data = path.read_bytes()
    alone, alone_worked = (
        seconds(lambda: cells_alone(data, sheet), clock=clock) for clock in (perf_counter, process_time)
    )
    runs = []
    for number in range(TIMES):
        mission, clock = folder / f"{path.stem}-{number}", Clock()
        prepared(mission)
        others = beside_submission()
        others[1].read(b"a,b\n", "warm.csv")
        (outcome,) = submit_files(mission, [path], Sending("bench", datetime.now(UTC)), clock, others)
        runs.append(clock)
    told = outcome.receipt
    print(f"{path.name}: {told.rows_accepted:,} rows accepted, {outcome.warnings:,} warnings")
    print(f"  {'fastexcel alone':<28} {alone:7.3f} s         processor {alone_worked:7.3f} s")
    best = min(runs, key=lambda run: run.before(run.spent))
    least = min(runs, key=lambda run: run.before(run.worked))
    for name in best.spent:
        spent, worked = best.spent[name], least.worked[name]
        print(
            f"  {name:<28} {spent:7.3f} s {spent / alone:5.1f}   processor {worked:7.3f} s {worked / alone_worked:5.1f}"
        )
    spent, worked = best.before(best.spent), least.before(least.worked)
    print(
        f"  {'all before returning':<28} {spent:7.3f} s {spent / alone:5.1f}   processor {worked:7.3f} s {worked / alone_worked:5.1f}"
    )


def main() -> None:
    """Fifty thousand rows, of which three times fastexcel is what we aim to stay under before `returning`, and a template."""
    import_module("cpas.checks.gx")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large = folder / "activities.xlsx"
        large.write_bytes(activities())
        measure(large, 0, folder)
        measure(template(folder), 1, folder)


if __name__ == "__main__":
    main()
