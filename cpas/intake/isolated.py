"""Files that nobody knows are read in a process of their own, which may die, hang or run out of memory without harm to ours."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

from cpas.errors import Issue, SourceError
from cpas.intake.files import read_grids
from cpas.intake.grid import Grid
from cpas.intake.package import refused
from cpas.transfer import receive, send

MEMORY = 1 << 30
SECONDS = 20.0

# one arena and one thread, so that the limit goes to the file and not to room reserved for more of them
_FRUGAL = {"MALLOC_ARENA_MAX": "1", "POLARS_MAX_THREADS": "1"}
# a table of a million cells fills fresh memory, which comes the faster the larger its pages are
_LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
_FIX = "copy the table into a new workbook, values only, and send that"


@dataclass(frozen=True, slots=True)
class Reading:
    """One file as it was read: its grids, or none where an issue says why."""

    file: str
    grids: tuple[Grid, ...]
    issues: tuple[Issue, ...]


class _DiedError(Exception):
    """The child ended before it answered."""


class IsolatedReader:
    """Reads files in a child process, one after another; a child that dies is replaced by another.

    The child has 1 GiB of address space and 20 seconds for each file. Where the platform knows no such
    limit of memory (Windows), what `check_archive` allows is the only bound of it.
    """

    def __init__(self, memory: int = MEMORY, seconds: float = SECONDS) -> None:
        """Start the child, so that it is ready when the first file is."""
        self._memory, self._seconds = memory, seconds
        self._child: subprocess.Popen[bytes] | None = _start(memory)
        self._has_read = False

    def __enter__(self) -> IsolatedReader:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child."""
        self.end()

    def read(self, data: bytes, file: str) -> tuple[tuple[Grid, ...], tuple[Issue, ...]]:
        """The grids of a file, by the ending of its name, and notes; as `read_grids` does in this process.

        Raises:
            SourceError: It cannot be read, or reading it ended the child.
        """
        is_fresh = self._child is None or not self._has_read
        try:
            reading = self._attempt(data, file)
        except _DiedError:
            if is_fresh:
                raise _ended(file, None) from None
            # earlier files may have left too little room in the child
            return self.read(data, file)
        if any(issue.severity == "error" for issue in reading.issues):
            raise SourceError(f"{file} cannot be read.", reading.issues)
        return reading.grids, reading.issues

    def _attempt(self, data: bytes, file: str) -> Reading:
        child = self._child = self._child or _start(self._memory)
        timer = threading.Timer(self._seconds, child.kill)
        timer.start()
        try:
            reading = _ask(child, data, file)
        except (EOFError, OSError) as error:
            was_late = not timer.is_alive()
            self.end()
            raise (_ended(file, self._seconds) if was_late else _DiedError()) from error
        finally:
            timer.cancel()
        self._has_read = True
        return reading

    def end(self) -> None:
        """End the child, which gives its memory back; another begins where there is more to read."""
        if child := self._child:
            self._child, self._has_read = None, False
            child.kill()
            child.communicate()


def read_isolated(files: Sequence[tuple[bytes, str]]) -> tuple[Reading, ...]:
    """Every file read in one child process: its grids with notes, or the issues for which it cannot be read.

    Args:
        files: Content, and the name in messages.
    """
    readings = []
    with IsolatedReader() as reader:
        for data, file in files:
            try:
                grids, notes = reader.read(data, file)
                readings.append(Reading(file, grids, notes))
            except SourceError as error:
                readings.append(Reading(file, (), error.issues))
    return tuple(readings)


def _start(memory: int) -> subprocess.Popen[bytes]:
    # -P: the folder we are in may hold files of anybody, and none of them may be imported
    command = [sys.executable, "-P", "-c", f"from {__name__} import serve; serve({memory})"]
    return subprocess.Popen(  # noqa: S603  # all of it is ours
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **_FRUGAL, **_LARGE_PAGES},
    )


def _ask(child: subprocess.Popen[bytes], data: bytes, file: str) -> Reading:
    if child.stdin is None or child.stdout is None:
        raise EOFError
    send(child.stdin, (data, file))
    reading: Reading = receive(child.stdout)
    return reading


def _ended(file: str, seconds: float | None) -> SourceError:
    what = "reading it broke the reader, or took more memory than any report needs"
    if seconds is not None:
        what = f"reading it took longer than {seconds:g} seconds"
    return refused(file, what, _FIX, "CPAS-S002")


def _read(data: bytes, file: str) -> Reading:
    """A reading, unless there is no more memory: then the child ends, and the parent knows what earlier files have to do with it."""
    try:
        grids, notes = read_grids(data, file)
    except SourceError as error:
        return Reading(file, (), error.issues)
    return Reading(file, grids, notes)


def serve(memory: int) -> None:
    """What the child does: read what comes on its standard input until there is no more.

    Args:
        memory: The bytes of address space it may take, where the platform can limit that.
    """
    import pyarrow  # noqa: F401  # fastexcel does so for its first sheet, while a file waits

    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what libraries print is no answer
        _limit(memory)
        while True:
            try:
                data, file = receive(sys.stdin.buffer)
            except EOFError:
                return
            send(answers, _read(data, file))


def _limit(memory: int) -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
