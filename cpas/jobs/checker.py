"""The checks in a process of their own, which imports Great Expectations while this one reads files."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, BinaryIO

import polars as pl

from cpas.checks.personal import check_personal
from cpas.checks.rules import CheckResult, Sources, check_frame, reference_keys
from cpas.definitions.loaded import Definitions
from cpas.errors import DataError
from cpas.intake.coordinates import check_coordinates
from cpas.intake.geography import Outlines
from cpas.intake.tables import Table
from cpas.periods import Period

GX = "great_expectations"


@dataclass(frozen=True, slots=True)
class Rows:
    """What is checked: tables by data set, the reports they came in, and the outlines of areas where there are some."""

    tables: Mapping[str, Table]
    reports: pl.DataFrame
    outlines: Outlines | None


class Checker:
    """Checks tables, in another process unless this one has imported Great Expectations already.

    Use it as a context: the other process begins to work when it is made and ends with the context.
    """

    def __init__(self, *, is_needed: bool = True) -> None:
        """Start the other process, where checks are to be expected and it is of use."""
        self._process: subprocess.Popen[bytes] | None = None
        if is_needed and GX not in sys.modules:
            command = [sys.executable, "-m", __name__]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  # this program itself

    def __enter__(self) -> Checker:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the other process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def check_tables(
        self,
        definitions: Definitions,
        rows: Rows,
        wanted: Collection[str],
        within: Period | None = None,
    ) -> dict[str, CheckResult]:
        """Check the tables of the data sets that are wanted, each against all others, in their order.

        Raises:
            DataError: The other process came to an end, most likely for want of memory.
        """
        frames = {name: table.frame for name, table in rows.tables.items()}
        covers = {
            file: Period.month(month)
            for file, month in rows.reports.filter(pl.col("sent_on").is_not_null())
            .select("file", "month")
            .iter_rows()
        }
        results = {}
        for name, loaded in definitions.datasets.items():
            if name not in wanted:
                continue
            frame, table = frames[name], rows.tables[name]
            if within and loaded.dataset.period and loaded.dataset.found_in == "inbox":
                frame = frame.filter(pl.col(loaded.dataset.period).is_between(within.start, within.end))
            sources = Sources(table.letters, covers, table.faulted)
            references = reference_keys(loaded, definitions, frames)
            result = self._check(frame, loaded, definitions.codes, references=references, sources=sources)
            issues = [*result.issues, *check_personal(frame, loaded, table.letters)]
            if rows.outlines:
                issues += check_coordinates(frame, loaded, table.letters, rows.outlines)
            results[name] = CheckResult(tuple(issues), result.json)
        return results

    def _check(self, *arguments: Any, **named: Any) -> CheckResult:
        if self._process is None or self._process.stdin is None or self._process.stdout is None:
            return check_frame(*arguments, **named)
        try:
            _write(self._process.stdin, (arguments, named))
            result: CheckResult = pickle.load(self._process.stdout)  # noqa: S301  # from our own process
        except (EOFError, OSError) as error:
            ended = "the checks ended before they were done, most likely for want of memory; nothing was published"
            raise DataError(ended) from error
        return result


def _write(stream: BinaryIO | Any, value: object) -> None:
    pickle.dump(value, stream, pickle.HIGHEST_PROTOCOL)
    stream.flush()


def _serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more questions."""
    import cpas.checks.gx  # noqa: F401  # before the first question comes, which is what this process is for

    while questions.peek(1):  # type: ignore[attr-defined]  # a buffered reader has it
        arguments, named = pickle.load(questions)  # noqa: S301  # from our own process
        _write(answers, check_frame(*arguments, **named))


if __name__ == "__main__":
    output, sys.stdout = sys.stdout.buffer, sys.stderr
    _serve(sys.stdin.buffer, output)
