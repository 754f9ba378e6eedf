"""The chain from mandate to money audited both ways: every place where it is broken; knows no reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import polars as pl

from cpas.budget.allocation import Allocation
from cpas.budget.costs import TOTAL, Year
from cpas.budget.delivery import due_by
from cpas.budget.resources import ZERO
from cpas.definitions.framework import Objective
from cpas.definitions.loaded import Definitions, LoadedIndicator
from cpas.errors import Location
from cpas.periods import Period

Kind = Literal[
    "money_without_output",
    "money_without_delivery",
    "money_not_allocated",
    "result_without_money",
    "output_without_activity",
    "activity_without_output",
    "indicator_without_data",
    "paragraph_without_indicator",
    "objective_on_activity",
]
Severity = Literal["high", "medium", "low"]
SEVERITY: Mapping[Kind, Severity] = {
    "paragraph_without_indicator": "high",
    "objective_on_activity": "high",
    "money_without_output": "high",
    "money_without_delivery": "high",
    "result_without_money": "medium",
    "output_without_activity": "medium",
    "activity_without_output": "medium",
    "indicator_without_data": "medium",
    "money_not_allocated": "low",
}
"""Every kind of gap and how much it matters, in the order in which gaps are listed."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A place where the chain is broken.

    Attributes:
        subject: The id of the paragraph, objective, output, indicator or budget line; the section whose activities
            serve no output; empty for the whole budget.
        where: What to open to mend it.
        count: How many activities or lines it is about; 0 where it is not about a number of them.
        amount: US dollars it is about, if any.
    """

    kind: Kind
    subject: str
    where: Location
    count: int = 0
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are written: ids of the framework and of budget lines to their lines, and the two files."""

    by_id: Mapping[str, Location]
    framework: Location
    budget: Location

    def of(self, id_: str) -> Location:
        """The line of a paragraph, objective, outcome, output or budget line."""
        return self.by_id.get(id_, self.framework)


def audit_chain(
    definitions: Definitions, allocation: Allocation, year: Year, orphans: pl.DataFrame, places: Places
) -> tuple[Gap, ...]:
    """Every gap of the budget year to date, the gravest kind first.

    Args:
        definitions: The framework, the budget and the indicators.
        allocation: The money of the year to date.
        year: Results and activities of the year to date.
        orphans: As `orphans_by_section` gives it.
        places: Where gaps are mended.
    """
    status = _statuses(year.results, year.to_date, definitions.mission.root_area)
    gaps = [
        *_of_money(definitions, allocation, places),
        *_of_outputs(definitions, allocation, year, places),
        *(
            Gap("activity_without_output", row["section"] or "", _row_place(row), row["activities"])
            for row in orphans.iter_rows(named=True)
        ),
        *(
            Gap("indicator_without_data", one.id, one.where)
            for one in definitions.indicators.values()
            if status.get(one.id, "not_reported") == "not_reported"
        ),
        *_of_mandate(definitions, status, year.to_date, places),
    ]
    order = list(SEVERITY)
    return tuple(sorted(gaps, key=lambda gap: order.index(gap.kind)))


def gaps_frame(gaps: Iterable[Gap]) -> pl.DataFrame:
    """Gaps as a table.

    Returns:
        Columns `kind`, `severity`, `subject`, `place`, `count`, `amount` (US dollars; null where it is about none).
    """
    rows = [
        (gap.kind, SEVERITY[gap.kind], gap.subject, str(gap.where), gap.count, gap.amount) for gap in gaps
    ]
    schema = {
        **dict.fromkeys(("kind", "severity", "subject", "place"), pl.String()),
        "count": pl.Int64(),
        "amount": pl.Decimal(38, 6),
    }
    return pl.DataFrame(rows, schema, orient="row")


def orphans_by_section(activities: pl.DataFrame, period: Period) -> pl.DataFrame:
    """Activities of a period that serve no output, by the section that reports them.

    Returns:
        Columns `section`, `activities` (each joint one once), and `file`, `sheet`, `row` of the first.
    """
    schema = {
        "section": pl.String,
        "activities": pl.Int64,
        "file": pl.String,
        "sheet": pl.String,
        "row": pl.Int64,
    }
    if not {"activity_on", "output", "section"} <= set(activities.columns):
        return pl.DataFrame(schema=schema)
    within = pl.col("activity_on").is_between(period.start, period.end) & pl.col("output").is_null()
    rows = activities.filter(within).sort("activity_on", "_file", "_row")
    return (
        rows.group_by("section")
        .agg(
            activities=pl.coalesce("joint_key", "activity_id").n_unique().cast(pl.Int64),
            file=pl.col("_file").first(),
            sheet=pl.col("_sheet").first(),
            row=pl.col("_row").first(),
        )
        .sort("section")
    )


def rests_on_evidence(definitions: Definitions, objective: Objective, status: Mapping[str, str]) -> bool:
    """Whether an outcome or impact indicator of an objective has a value."""
    return any(
        one.definition.level in ("outcome", "impact") and status.get(one.id) in ("reported", "partial")
        for one in indicators_of(definitions, objective)
    )


def indicators_of(definitions: Definitions, objective: Objective) -> tuple[LoadedIndicator, ...]:
    """The indicators of an objective, at every level."""
    return tuple(
        one
        for one in definitions.indicators.values()
        if definitions.objective_of(one.definition) == objective
    )


def _statuses(results: pl.DataFrame, to_date: Period, root: str) -> dict[str, str]:
    rows = results.filter(
        (pl.col("period") == str(to_date)) & (pl.col("area") == root) & (pl.col("disaggregation") == TOTAL)
    )
    return dict(rows.select("indicator_id", "status").iter_rows())


def _of_money(definitions: Definitions, allocation: Allocation, places: Places) -> Iterator[Gap]:
    """Lines that reach no output, and the parts of other lines that reach none."""
    rest, lines = ZERO, 0
    for group in definitions.budget.groups:
        for line in group.lines:
            flows = [flow for flow in allocation.flows if flow.line == line.id]
            spent = sum((flow.resources.expenditure or ZERO for flow in flows), ZERO)
            apportioned = sum((flow.resources.apportionment or ZERO for flow in flows), ZERO)
            lost = sum((flow.resources.expenditure or ZERO for flow in flows if flow.output is None), ZERO)
            if not any(flow.output and flow.weight for flow in flows):
                if spent or apportioned:
                    yield Gap("money_without_output", line.id, places.of(line.id), amount=spent)
            elif lost:
                rest, lines = rest + lost, lines + 1
    if lines:
        yield Gap("money_not_allocated", "", places.budget, lines, rest)


def _of_outputs(
    definitions: Definitions, allocation: Allocation, year: Year, places: Places
) -> Iterator[Gap]:
    """Outcomes without outputs, planned outputs without money, and what is due by now without activity, with the money it had."""
    served = {output.outcome for output in definitions.framework.outputs}
    for outcome in definitions.framework.outcomes:
        if outcome.id not in served:
            yield Gap("result_without_money", outcome.id, places.of(outcome.id))
    done = set(year.work.filter(pl.col("activities") > 0)["output"])
    for output in definitions.framework.outputs:
        due = due_by(output, year.to_date.budget_year(), year.to_date)
        if due is None:
            continue
        if not allocation.lines_of(output.id):
            yield Gap("result_without_money", output.id, places.of(output.id))
        if due and output.id not in done:
            yield Gap("output_without_activity", output.id, places.of(output.id))
            if spent := allocation.of("output", output.id).expenditure:
                yield Gap("money_without_delivery", output.id, places.of(output.id), amount=spent)


def _of_mandate(
    definitions: Definitions, status: Mapping[str, str], to_date: Period, places: Places
) -> Iterator[Gap]:
    """Paragraphs in force that no indicator measures, and objectives that rest on activity alone."""
    measured: set[str] = set()
    for objective in definitions.framework.objectives:
        if indicators_of(definitions, objective):
            measured.update(objective.paragraphs)
        if not rests_on_evidence(definitions, objective, status):
            yield Gap("objective_on_activity", objective.id, places.of(objective.id))
    for paragraph in definitions.framework.mandate.paragraphs:
        if paragraph.id not in measured and paragraph.valid.covers(to_date):
            yield Gap("paragraph_without_indicator", paragraph.id, places.of(paragraph.id))


def _row_place(row: Mapping[str, object]) -> Location:
    number = row["row"]
    return Location(str(row["file"]), str(row["sheet"] or ""), number if isinstance(number, int) else 0)
