"""What a person sees while a job works: its stages, how far it is, and where the time went; the only clock of the jobs."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.status import Status


@dataclass
class Progress:
    """Tells the stages of one job on standard error.

    On a terminal the current stage is shown while it works; piped, each stage gets one line when
    it is done; quiet, nothing is said.
    """

    is_quiet: bool = False
    console: Console = field(
        default_factory=lambda: Console(file=sys.stderr, highlight=False, soft_wrap=True)
    )
    spent: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Work on one stage; its time is added to what was spent under that name."""
        begun = time.perf_counter()
        if not self.is_quiet and self.console.is_terminal:
            with Status(f"{name} ...", console=self.console):
                yield
        else:
            yield
        took = time.perf_counter() - begun
        self.spent[name] = self.spent.get(name, 0.0) + took
        if not self.is_quiet:
            self.console.print(f"  {name:<44} {took:6.2f} s", markup=False)

    def say(self, line: str) -> None:
        """One line of text."""
        if not self.is_quiet:
            self.console.print(line, markup=False)

    def finish(self) -> None:
        """The whole time, and the stages that took most of it."""
        total = sum(self.spent.values())
        longest = sorted(self.spent.items(), key=lambda item: -item[1])[:3]
        shares = ", ".join(f"{name} {took / total:.0%}" for name, took in longest if total)
        self.say(f"  {'all stages':<44} {total:6.2f} s ({shares})")
