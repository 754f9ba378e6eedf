"""A second process of this program, which works beside it on another processor; light, so that it can be begun first."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, TypeVar

from cpas.errors import CpasError
from cpas.store import STORE
from cpas.transfer import receive, send

if TYPE_CHECKING:
    from cpas.intake.isolated import IsolatedReader

T = TypeVar("T")


class Aside:
    """Runs functions elsewhere, one after another; use it as a context, with which the other process ends.

    Args:
        library: A library that takes long to import. Where this process has it already there is no other
            process, and all is done here.
        modules: What the other process imports first, while this one does something else.
    """

    def __init__(self, library: str, *modules: str) -> None:
        """Start the other process, where it is of use."""
        self._process: subprocess.Popen[bytes] | None = None
        self._done: list[Any] = []
        if library not in sys.modules:
            command = [sys.executable, "-m", __name__, *modules]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  # this program itself

    def __enter__(self) -> Aside:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the other process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def begin(self, function: Callable[..., object], *arguments: Any, **named: Any) -> None:
        """Begin to work; `finish` gives what came of it."""
        if self._process is None or self._process.stdin is None:
            self._done.append(function(*arguments, **named))
            return
        try:
            send(self._process.stdin, (function, arguments, named))
        except OSError as error:
            raise _ended() from error

    def finish(self) -> Any:
        """What the earliest function that was begun and not finished gives.

        Raises:
            CpasError: The function raised it, or the other process came to an end.
        """
        if self._process is None or self._process.stdout is None:
            return self._done.pop(0)
        try:
            result = receive(self._process.stdout)
        except (EOFError, OSError) as error:
            raise _ended() from error
        if isinstance(result, CpasError):
            raise result
        return result

    def call(self, function: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Begin and finish at once."""
        self.begin(function, *arguments, **named)
        result: T = self.finish()
        return result


def beside(*, are_checks_due: bool = True) -> Aside:
    """A process beside this one, which imports Great Expectations at once where checks are due."""
    # the second has the function that is asked for, and with it all that a declaration is made of; the third is what its rules need
    modules = (
        ("cpas.checks.gx", "cpas.checks.rules", "sqlglot.dialects.duckdb")
        if are_checks_due
        else ("cpas.report.excel", "cpas.report.html")
    )
    return Aside("great_expectations", *modules)


def beside_submission() -> tuple[Aside, IsolatedReader]:
    """The two processes beside a submission, one that checks and one that reads, which import what they need from now on."""
    checker = beside()
    from cpas.intake.isolated import IsolatedReader  # it imports polars, for which the first need not wait

    return checker, IsolatedReader()


def beside_run(mission: Path, *, is_inbox: bool) -> Aside:
    """The process beside a run: rows of the inbox must be checked, and those of the store were checked before."""
    return beside(are_checks_due=is_inbox or not (mission / STORE).is_dir())


def _ended() -> CpasError:
    return CpasError(
        "a part of the work ended before it was done, most likely for want of memory; nothing was published"
    )


def _serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until there are no more questions."""
    while questions.peek(1):  # type: ignore[attr-defined]  # a buffered reader has it
        function, arguments, named = receive(questions)
        try:
            result = function(*arguments, **named)
        except CpasError as error:
            result = error
        send(answers, result)


if __name__ == "__main__":
    gc.set_threshold(50_000, 20)  # as `cpas.cli` has it
    output, sys.stdout = sys.stdout.buffer, sys.stderr
    for name in sys.argv[1:]:
        import_module(name)
    _serve(sys.stdin.buffer, output)
