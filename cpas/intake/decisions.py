"""What a person decided on likely duplicates, in a file of the mission that anybody can read and correct."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path

from cpas.errors import Issue, Location, SourceError, counted
from cpas.intake.files import DECISIONS
from cpas.intake.text import read_csv

COLUMNS = ("dataset", "first", "second", "decision", "by", "on")
CODE = "CPAS-S060"
CHOICES = ("same", "different")


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether two rows of a data set, named by their keys, tell of one thing; by whom and on which day."""

    dataset: str
    first: str
    second: str
    decision: str
    by: str
    on: date

    @property
    def pair(self) -> tuple[str, str]:
        """The two keys in alphabetical order."""
        return min(self.first, self.second), max(self.first, self.second)

    @property
    def is_same(self) -> bool:
        """Whether they are one."""
        return self.decision == CHOICES[0]


def read_decisions(mission: Path) -> tuple[Decision, ...]:
    """The decisions in `reference/duplicates.csv`, of each pair the last; none where there is no file.

    Raises:
        SourceError: The file cannot be read, or lines of it.
    """
    path = mission / DECISIONS
    if not path.is_file():
        return ()
    grid, _ = read_csv(path.read_bytes(), DECISIONS)
    records = [(row, [text or "" for text in texts]) for row, *texts in grid.cells.iter_rows()]
    header = [text.strip() for text in records[0][1]]
    if not set(COLUMNS) <= set(header):
        named = Issue(
            CODE, Location(DECISIONS, row=1), f"the header is not {','.join(COLUMNS)}", "correct the header"
        )
        raise SourceError(f"{DECISIONS} cannot be read.", [named])
    issues: list[Issue] = []
    decisions: dict[tuple[str, tuple[str, str]], Decision] = {}
    for row, texts in records[1:]:
        cells = dict(zip(header, (text.strip() for text in texts), strict=True))
        if found := list(_faults(cells, row)):
            issues.extend(found)
        elif any(cells.values()):
            *told, on = (cells[name] for name in COLUMNS)
            one = Decision(told[0], told[1], told[2], told[3], told[4], date.fromisoformat(on))
            decisions[one.dataset, one.pair] = one
    if issues:
        raise SourceError(f"{DECISIONS} has {counted(len(issues), 'fault')}.", issues)
    return tuple(decisions.values())


def _faults(cells: Mapping[str, str], row: int) -> Iterator[Issue]:
    if not any(cells.values()):
        return
    where = Location(DECISIONS, row=row)
    for name in COLUMNS[:3]:
        if not cells[name]:
            yield Issue(CODE, where, f"`{name}` is empty", "write the data set and the keys of the two rows")
    if cells["first"] and cells["first"] == cells["second"]:
        yield Issue(CODE, where, "a row is compared with itself", "write the keys of two rows")
    if cells["decision"] not in CHOICES:
        yield Issue(CODE, where, f"the decision is `{cells['decision']}`", f"write {' or '.join(CHOICES)}")
    if not cells["by"]:
        yield Issue(CODE, where, "nobody is named who decided", "write a name")
    try:
        date.fromisoformat(cells["on"])
    except ValueError:
        yield Issue(CODE, where, f"`on` is `{cells['on']}` and no day", "write it like 2019-06-30")


def decided_pairs(mission: Path) -> dict[str, dict[tuple[str, str], bool]]:
    """The pairs decided on by data set, and whether each is one thing.

    Raises:
        SourceError: As `read_decisions` says.
    """
    pairs: dict[str, dict[tuple[str, str], bool]] = {}
    for one in read_decisions(mission):
        pairs.setdefault(one.dataset, {})[one.pair] = one.is_same
    return pairs


def write_decision(mission: Path, decision: Decision) -> None:
    """Add a decision to the file; it is replaced as a whole or not at all.

    Raises:
        SourceError: What is there cannot be read; it is left as it is.
        OSError: The file cannot be written.
    """
    path = mission / DECISIONS
    decisions = [
        one for one in read_decisions(mission) if (one.dataset, one.pair) != (decision.dataset, decision.pair)
    ]
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(one) for one in (*decisions, decision))
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(held.getvalue(), encoding="utf-8", newline="")
    beside.replace(path)
