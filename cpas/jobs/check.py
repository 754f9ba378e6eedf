"""Every problem in a mission's definitions and data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cpas.definitions.load import load_definitions
from cpas.errors import Issue
from cpas.jobs.aside import beside
from cpas.jobs.gather import gather
from cpas.jobs.progress import Progress
from cpas.jobs.refusals import stop_before_data
from cpas.jobs.sources import Source
from cpas.periods import Period


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found wrong, and how many reports on the period there were to look at."""

    issues: tuple[Issue, ...]
    reports: int


def check_mission(
    mission: Path, period: Period | None, progress: Progress, incidents: Path | None = None
) -> Checked:
    """All issues of a mission's inbox, of one period or of all.

    Raises:
        UsageError: The folder is not a mission folder, or the period ends before its data begin.
        DefinitionError: A definition is wrong; data are not looked at then.
    """
    with beside() as aside:
        if period:
            stop_before_data(load_definitions(mission), period)
        gathered = gather(mission, progress, aside, Source(incidents, inbox=True), period)
    progress.finish()
    reports = gathered.reports
    if period:
        reports = reports.filter(pl.col("month").is_between(period.start, period.end))
    return Checked(gathered.issues, reports.height)
