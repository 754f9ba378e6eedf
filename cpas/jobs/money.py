"""The money of a budget year to date and what it served, from what was gathered and computed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cpas.budget.activity import work_by_output
from cpas.budget.allocation import Allocation, allocate
from cpas.budget.costs import Year, compute_costs
from cpas.budget.resources import YearResources, compute_resources
from cpas.budget.shares import compute_shares, staff_by_category
from cpas.engine.coverage import coverage, expected_reports
from cpas.errors import DataError, counted
from cpas.jobs.aside import Aside
from cpas.jobs.gather import gather
from cpas.jobs.gathered import Gathered
from cpas.jobs.progress import Progress
from cpas.jobs.sources import Source
from cpas.periods import Period

_NOTHING = pl.DataFrame()


@dataclass(frozen=True)
class Money:
    """The budget's lines, their money by output, what units cost, and the shares of objectives."""

    resources: YearResources
    allocation: Allocation
    year: Year
    costs: pl.DataFrame
    shares: pl.DataFrame

    def files(self) -> dict[str, bytes]:
        """Every figure of money and results as tables that a person can compute again."""
        frames = {"money.csv": self.allocation.as_frame(), "costs.csv": self.costs, "shares.csv": self.shares}
        return {name: frame.write_csv(float_precision=None).encode() for name, frame in frames.items()}


def gather_sound(mission: Path, progress: Progress, aside: Aside, source: Source) -> Gathered:
    """What was gathered, without an error.

    Raises:
        UsageError, DefinitionError, SourceError: As `gather` says.
        DataError: Rows break rules of severity error.
    """
    gathered = gather(mission, progress, aside, source)
    if errors := gathered.errors:
        count = sum(issue.count for issue in errors)
        raise DataError(
            f"{counted(count, 'error')} in the data; nothing was published. `cpas check` lists all.", errors
        )
    return gathered


def trace_money(gathered: Gathered, results: pl.DataFrame, period: Period) -> Money:
    """Money to results for the budget year that a period ends in, up to the period's end."""
    definitions, tables = gathered.definitions, gathered.tables
    resources = compute_resources(definitions, tables["budget_lines"], tables["expenditure"], period)
    to_date = resources.to_date
    activities = tables.get("activities", _NOTHING)
    work = work_by_output(activities, to_date)
    named = frozenset(activities["output"].drop_nulls()) if "output" in activities.columns else frozenset()
    staff = staff_by_category(tables.get("deployments", _NOTHING), to_date)
    complete = completeness(gathered, to_date)
    year = Year(
        *(to_date, results, work, named, staff),
        is_work_complete=complete.get("activities", True),
        is_staff_complete=complete.get("deployments", True),
    )
    allocation = allocate(definitions, resources, work)
    return Money(
        resources,
        allocation,
        year,
        compute_costs(definitions, allocation, year),
        compute_shares(definitions, allocation, year),
    )


def completeness(gathered: Gathered, period: Period) -> dict[str, bool]:
    """For each data set of which reports were expected for a period, whether every one has come in."""
    expected = expected_reports(gathered.definitions, gathered.tree, period.months())
    covered = coverage(expected, gathered.reports)
    return dict(covered.group_by("dataset").agg(pl.col("received").all()).iter_rows())
