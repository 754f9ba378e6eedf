"""What of a budget year's rows cannot be reported: a month nobody gave, redeployments that do not balance; knows no reports."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from cpas.budget.resources import ZERO, YearResources
from cpas.errors import Issue, Location


def places_of_lines(budget_lines: pl.DataFrame, year: str) -> dict[str, Location]:
    """Where the apportionment of each line of a budget year stands."""
    rows = budget_lines.filter(pl.col("budget_year") == year)
    return {
        line: Location(file, sheet or "", row)
        for line, file, sheet, row in rows.select("budget_line", "_file", "_sheet", "_row").iter_rows()
    }


def check_expenditure(money: YearResources, expenditure: pl.DataFrame) -> Iterator[Issue]:
    """Months of a year to date in which a line that has an apportionment has no expenditure.

    CPAS-B004 for a month of which nothing is known, B005 for a line that a month lacks. Nothing spent is
    reported as 0, so that a gap is never taken for it.
    """
    silent = [month for month, spent in money.months.items() if spent is None]
    for month in silent:
        yield Issue(
            "CPAS-B004",
            Location("inbox"),
            f"no expenditure of {month} has come in; the year's variances would be wrong",
            "send the month's expenditure, or report up to an earlier month with --month",
        )
    known = [month for month in money.months if month not in silent]
    for line in money.lines:
        rows = expenditure.filter(pl.col("budget_line") == line.id)
        lacking = [str(month) for month in known if month.start not in set(rows["month"])]
        if line.resources.apportionment and lacking:
            files = rows.filter(pl.col("month") >= money.budget_year.start)["_file"]
            yield Issue(
                "CPAS-B005",
                Location(files[-1] if len(files) else "inbox"),
                f"line {line.id} has no expenditure in {', '.join(lacking)}",
                "send the row, with 0 where nothing was spent",
            )


def check_redeployments(
    redeployments: pl.DataFrame, budget_lines: pl.DataFrame, money: YearResources
) -> Iterator[Issue]:
    """Redeployments of a budget year that do not balance, and apportionments that they do not explain.

    CPAS-B006 a redeployment whose lines do not add up to zero; B007, a warning, an apportionment that is not what was
    approved and what was redeployed.
    """
    year = money.budget_year
    rows = redeployments.filter(pl.col("month").is_between(year.start, year.end))
    for id_, net, file, sheet, row in (
        rows.group_by("redeployment_id", maintain_order=True)
        .agg(pl.col("redeployed_usd").sum(), pl.col("_file", "_sheet", "_row").first())
        .iter_rows()
    ):
        if net != 0:
            yield Issue(
                "CPAS-B006",
                Location(file, sheet or "", row),
                f"the lines of redeployment `{id_}` add up to {net:,.0f} dollars and not to zero",
                "correct the amounts, or add the line that gives or receives the rest",
            )
    moved = dict(rows.group_by("budget_line").agg(pl.col("redeployed_usd").sum()).iter_rows())
    own = budget_lines.filter(pl.col("budget_year") == str(year))
    places = places_of_lines(budget_lines, str(year))
    for line, approved, apportioned in own.select(
        "budget_line", "approved_usd", "apportionment_usd"
    ).iter_rows():
        if apportioned != approved + moved.get(line, ZERO):
            yield Issue(
                "CPAS-B007",
                places[line],
                f"line {line} has {apportioned:,.0f} dollars; approved and redeployed make {approved + moved.get(line, ZERO):,.0f}",
                "send the redeployment, or correct the apportionment",
                "warning",
            )
