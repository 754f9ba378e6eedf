"""What a submission costs: 50,000 activities in one workbook, and a usual template, read, checked, accepted and returned.

Run by hand in the project's folder: `python benchmarks/bench_submit.py`. It goes as `cpas submit` does, with a process beside that
checks and one that reads; what they and this one import is imported before the clock starts, and the mission's reference tables were
checked by an earlier submission. The clock runs from the first look at a file until all that is accepted stands in the ledger, whatever
is done at the same time in between; processor time adds up all processes, the whole life of the reading one. What counts is the ratio to
fastexcel alone, which is measured in turns.
"""

from __future__ import annotations

import gc
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter, process_time
from typing import Any

from bench_reading import LETTERS, cells_alone, packed, seconds
from openpyxl import load_workbook

from cpas.definitions.load import load_definitions
from cpas.illustration.activities import Office, draw_activities, load_plan
from cpas.intake.template import TemplateRequest
from cpas.jobs.aside import Aside, beside_submission
from cpas.jobs.progress import Progress
from cpas.jobs.returns import Sending
from cpas.jobs.submit import submit_files
from cpas.jobs.template import write_template
from cpas.periods import Period

SAMPLE = Path("sample_data")
ROWS, USUAL, TIMES = 50_000, 2_000, 5


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
    path = folder / "template.xlsx"
    period = Period.parse("2019-06")
    write_template(folder / "asked", "activities", TemplateRequest("FO-GAO", period, rows=USUAL), path)
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
    """Notes how long a submission takes until all that is accepted stands: by the clock, and in processor time of all its processes.

    Args:
        checker: The process that checks, which has imported what it needs.
    """

    def __init__(self, checker: Aside) -> None:
        """Begin."""
        super().__init__(is_quiet=True)
        self._checker = checker
        self.stages: dict[str, float] = {}
        self.elapsed = self.worked = self.returned = 0.0
        self._worked, self._begun = (
            self._processors(),
            perf_counter(),
        )  # in this order: the checker may still be importing

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Work on one stage."""
        begun, worked = perf_counter(), process_time()
        with super().stage(name):
            yield
        self.stages[name] = process_time() - worked
        if name == "accepting":
            self.elapsed = perf_counter() - self._begun
            self.worked = self._processors() - self._worked
        if name == "returning":
            self.returned = perf_counter() - begun

    def _processors(self) -> float:
        """The processor time of this process, of the one that checks, and of those that ended, as the reading one has."""
        ended = getrusage(RUSAGE_CHILDREN)
        return process_time() + self._checker.call(process_time) + ended.ru_utime + ended.ru_stime


def measure(path: Path, sheet: int, folder: Path) -> None:
    """Print the seconds of the fastest run and their ratios to fastexcel alone, which takes turns with the runs."""
    data, alone, runs = path.read_bytes(), [], []
    for number in range(TIMES):
        clocks = (perf_counter, process_time)
        alone.append([seconds(lambda: cells_alone(data, sheet), 3, clock) for clock in clocks])
        mission = folder / f"{path.stem}-{number}"
        shutil.copytree(folder / "asked", mission)
        checker, reader = beside_submission()
        reader.read(b"a,b\n", "warm.csv")
        clock = Clock(checker)
        (outcome,) = submit_files(
            mission, [path], Sending("bench", datetime.now(UTC)), clock, (checker, reader)
        )
        runs.append(clock)
    told = outcome.receipt
    print(
        f"{path.name}: {told.rows_accepted:,} rows accepted, {outcome.warnings:,} warnings; best of {TIMES}"
    )
    waited, worked = (min(kind) for kind in zip(*alone, strict=True))
    print(f"  fastexcel alone: {waited:.3f} s by the clock, {worked:.3f} s of processor time")
    for what, taken, unit in (
        ("read, checked and accepted, by the clock", [run.elapsed for run in runs], waited),
        ("the same in processor time of all processes", [run.worked for run in runs], worked),
        ("returning, by the clock", [run.returned for run in runs], waited),
        *(
            (f"  this process in `{name}`", [run.stages[name] for run in runs], worked)
            for name in runs[0].stages
        ),
    ):
        print(f"  {what:<50} {min(taken):7.3f} s {min(taken) / unit:6.2f}")


def main() -> None:
    """Fifty thousand rows, of which three times fastexcel is what we aim to stay under before `returning`, and a template."""
    gc.set_threshold(50_000, 20)  # as the command line has it
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepared(folder / "asked")
        large = folder / "activities.xlsx"
        large.write_bytes(activities())
        measure(large, 0, folder)
        measure(template(folder), 1, folder)


if __name__ == "__main__":
    main()
