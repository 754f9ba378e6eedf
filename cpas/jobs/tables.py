"""All tables checked, in the process beside this one, which imports Great Expectations while files are read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from cpas.checks.personal import check_personal
from cpas.checks.rules import CheckResult, Sources, check_frame, entry_names, reference_keys
from cpas.definitions.loaded import Definitions
from cpas.intake.coordinates import check_coordinates
from cpas.intake.geography import Outlines
from cpas.intake.tables import Table
from cpas.jobs.aside import Aside
from cpas.periods import Period


@dataclass(frozen=True, slots=True)
class Rows:
    """What is checked.

    `tables` are by data set, `months` those that a file's cover names; `outlines` are of areas, where there are
    some. Rows of the period `within` alone are checked where one is given; `received_on` is the day (UTC) on which they
    came in, where it is known.
    """

    tables: Mapping[str, Table]
    months: Mapping[str, date]
    outlines: Outlines | None
    within: Period | None = None
    received_on: date | None = None


def check_tables(
    aside: Aside,
    definitions: Definitions,
    rows: Rows,
    wanted: Collection[str],
    meanwhile: Callable[[str], None] = lambda _: None,
    *,
    is_published: bool = True,
) -> dict[str, CheckResult]:
    """Check the tables of the data sets that are wanted, each against all others, in their order.

    Args:
        aside: Where Great Expectations runs.
        definitions: The mission's.
        rows: What is checked.
        wanted: The data sets' names.
        meanwhile: Is called with the name of each data set while the other process checks it.
        is_published: Whether Great Expectations' own results are wanted, which a report has beside it.

    Raises:
        CpasError: The other process came to an end.
    """
    frames = {name: table.frame for name, table in rows.tables.items()}
    covers = {file: Period.month(month) for file, month in rows.months.items()}
    results: dict[str, CheckResult] = {}
    for name, loaded in definitions.datasets.items():
        if name not in wanted:
            continue
        frame, table = frames[name], rows.tables[name]
        if rows.within and loaded.dataset.period and loaded.dataset.found_in == "inbox":
            days = rows.within.start, rows.within.end
            frame = frame.filter(pl.col(loaded.dataset.period).is_between(*days))
        names = entry_names(loaded, definitions, frames)
        sources = Sources(table.letters, covers, table.faulted, names, rows.received_on)
        references = reference_keys(loaded, definitions, frames)
        aside.begin(
            check_frame,
            frame,
            loaded,
            definitions.codes,
            references=references,
            sources=sources,
            is_published=is_published,
        )
        own = list(check_personal(frame, loaded, table.letters))
        if rows.outlines:
            own += check_coordinates(frame, loaded, table.letters, rows.outlines)
        meanwhile(name)
        result: CheckResult = aside.finish()
        issues = (*result.issues, *own)
        results[name] = CheckResult(issues, result.json)
    return results
