"""What a submission costs: 50,000 activities in one workbook, read, checked, accepted and returned, against fastexcel alone.

Run by hand in the project's folder: `python benchmarks/bench_submit.py`. Great Expectations is imported before the clock
starts. What counts is the ratio.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, date, datetime
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

from bench_reading import LETTERS, cells_alone, packed, seconds

from cpas.definitions.load import load_definitions
from cpas.illustration.activities import Office, draw_activities, load_plan
from cpas.jobs.progress import Progress
from cpas.jobs.returns import Sending
from cpas.jobs.submit import submit_files
from cpas.periods import Period

SAMPLE = Path("sample_data")
ROWS, TIMES = 50_000, 3


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


def main() -> None:
    """Print the seconds of each stage, and their ratios to fastexcel alone; three is what we aim to stay under before `returning`."""
    import_module("cpas.checks.gx")
    data = activities()
    alone = seconds(lambda: cells_alone(data))
    best: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "activities.xlsx"
        file.write_bytes(data)
        for number in range(TIMES):
            mission, progress = Path(folder) / str(number), Progress(is_quiet=True)
            mission.mkdir()
            shutil.copy(SAMPLE / "mission.yml", mission)
            shutil.copytree(SAMPLE / "reference", mission / "reference")
            (outcome,) = submit_files(mission, [file], Sending("bench", datetime.now(UTC)), progress)
            assert outcome.receipt.rows_accepted == ROWS
            best = {name: min(took, best.get(name, took)) for name, took in progress.spent.items()}
    print(f"fastexcel alone  {alone:7.3f} s")
    for name, took in best.items():
        print(f"  {name:<30} {took:7.3f} s   {took / alone:.1f}")


if __name__ == "__main__":
    main()
