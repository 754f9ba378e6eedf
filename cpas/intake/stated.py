"""Which months a file says it is the whole report of: on its cover, or in its name where it has none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from cpas.errors import Issue, Location, UsageError
from cpas.intake.words import Lookup, fold
from cpas.periods import Period

UNSTATED = "CPAS-S024"
_ENDING = re.compile(r"(?P<head>.*?[^0-9])(?P<first>\d{4}-\d{2})(?:\.\.(?P<last>\d{4}-\d{2}))?")


@dataclass(frozen=True, slots=True)
class Named:
    """What a file's name says: its months, and its reporter where it names one."""

    months: tuple[date, ...]
    reporter: str | None


def named(file: str, reporters: Lookup) -> Named:
    """What a name like `incidents-jmac-2018-07..2019-06.csv` says: the whole report of JMAC on twelve months.

    Args:
        file: The file's path or name; its ending is a month or a range of months, with the
            reporter before it or not.
        reporters: What the reporters of its data set are called.
    """
    stem = file.rpartition("/")[2].rpartition(".")[0]
    match = _ENDING.fullmatch(stem)
    if match is None:
        return Named((), None)
    try:
        period = Period.parse("..".join(part for part in (match["first"], match["last"]) if part))
    except UsageError:
        return Named((), None)
    words = re.findall(r"[^\W_]+", match["head"])
    tails = (fold("".join(words[start:])) for start in range(len(words)))
    known = next((reporters[tail] for tail in tails if tail in reporters), ())
    return Named(tuple(month.start for month in period.months()), known[0] if len(known) == 1 else None)


def unstated(file: str, months: Iterable[date], stated: Iterable[date]) -> Iterator[Issue]:
    """A warning where rows of events lie in months of which nobody said that the report is whole."""
    open_ = sorted(set(months) - set(stated))
    if open_:
        some = ", ".join(f"{month:%Y-%m}" for month in open_[:3]) + (" ..." if len(open_) > 3 else "")
        yield Issue(
            UNSTATED,
            Location(file),
            f"nothing says that this is the whole report of {some}; its rows count, and where none is, nothing is known",
            "send it with a cover, or end the file's name with reporter and months, like `incidents-jmac-2018-07..2019-06.csv`",
            "warning",
        )
