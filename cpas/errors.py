"""What can be wrong and where: places, issues and the errors that carry them; nothing here reads or prints.

CpasError                 base of everything raised on purpose; exit code 1
├── UsageError            the command line or the mission folder asked for does not exist; exit code 2
├── DefinitionError       a YAML definition, or what definitions say of each other
├── SourceError           a file that cannot be read as the table it should be
├── DataError             rows were read, and break rules of severity error
├── StoreError            the ledger or the facts cannot be read or written; what was accepted before stands
└── RenderError           a report could not be made from its blocks
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from typing import Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place a person can open: a file, and in it a sheet, a row and a column.

    `row` counts from 1 as editors and Excel do; `column` is a spreadsheet letter in tables
    and a column number in YAML.
    """

    file: str
    sheet: str = ""
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        """`activities.xlsx [Activities!F17]`, or `indicator.yml:12` where there is no sheet."""
        if self.sheet:
            cell = f"{self.column}{self.row or ''}"
            return f"{self.file} [{self.sheet}!{cell}]" if cell else f"{self.file} [{self.sheet}]"
        if self.row:
            return f"{self.file}:{self.row}" + (f":{self.column}" if self.column else "")
        return self.file


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong, where it is, which rule says so and what to do about it.

    `count` is how many cells or rows it stands for: 1, or more where a rule failed so often
    that only the first were kept and one issue says how many there are. `pair` are the keys of two
    rows of which it says that they may be the same.
    """

    code: str
    where: Location
    message: str
    fix: str
    severity: Severity = "error"
    rule: Location | None = None
    count: int = 1
    pair: tuple[str, str] | None = None

    def __str__(self) -> str:
        """The place first, so that an editor can open it and grep can find it."""
        lines = [f"{self.where}: {self.severity} {self.code}: {self.message}", f"    fix: {self.fix}"]
        if self.rule:
            lines.insert(1, f"    rule: {self.rule}")
        return "\n".join(lines)


class CpasError(Exception):
    """Base of everything the program raises on purpose; every fault found comes in one raise."""

    exit_code = 1

    def __init__(self, summary: str, issues: Iterable[Issue] = ()) -> None:
        """Keep the one-line summary and all issues."""
        super().__init__(summary)
        self.summary = summary
        self.issues = tuple(issues)

    def __str__(self) -> str:
        """The summary, and every issue under it."""
        return "\n".join([self.summary, *(str(issue) for issue in self.issues)])


class UsageError(CpasError):
    """The program was asked for something that does not exist."""

    exit_code = 2


class DefinitionError(CpasError):
    """A definition is wrong, or definitions contradict each other."""


class SourceError(CpasError):
    """A file cannot be read as the table it should be."""


class DataError(CpasError):
    """Rows were read and break rules of severity error."""


class StoreError(CpasError):
    """The ledger or the facts cannot be read or written; what was accepted before stands."""


class RenderError(CpasError):
    """A report could not be made from its blocks."""


def counted(number: int, noun: str) -> str:
    """A count with its noun: `1 error`, `1,204 errors`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def suggest(word: str, known: Iterable[str]) -> str:
    """`; did you mean `x`?` for the nearest known word; an empty text where none is near, or several are as near.

    >>> suggest("patrl", ["patrol", "escort"]), suggest("SP9", ["SP1", "SP2", "SUP"])
    ('; did you mean `patrol`?', '')
    """
    found = nearest(word, known)
    return f"; did you mean `{found}`?" if found else ""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is nearest; None where none is near, or several are as near."""
    wanted, lowered = word.casefold(), {name.casefold(): name for name in known}
    near = get_close_matches(wanted, lowered, n=2, cutoff=0.6)
    if not near or len({SequenceMatcher(None, one, wanted).ratio() for one in near}) < len(near):
        return None
    return lowered[near[0]]
