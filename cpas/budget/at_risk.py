"""What losses of a scenario come to, by priority, group and output, and where the work of outputs took place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import polars as pl

from cpas.budget.activity import activities_in
from cpas.budget.allocation import Allocation
from cpas.budget.resources import ZERO, Schema
from cpas.budget.scenario import Loss, tier_of
from cpas.definitions.loaded import Definitions
from cpas.periods import Period

_MONEY: Schema = {"approved": pl.Decimal(38, 6), "cut": pl.Decimal(38, 6)}
AT_RISK: Schema = {
    "output": pl.String,
    "rank": pl.Int64,
    **_MONEY,
    "planned": pl.Decimal(38, 6),
    "activities": pl.Int64,
    "participants": pl.Int64,
    "areas": pl.String,
}
LOSSES: Schema = {"budget_line": pl.String, "output": pl.String, "objective": pl.String, **_MONEY}


def losses_frame(losses: Iterable[Loss]) -> pl.DataFrame:
    """What each line and output loses, in US dollars; columns of `LOSSES`, output and objective empty for what is not allocated."""
    rows = [
        (
            *(loss.flow.line, loss.flow.output or "", loss.flow.objective or ""),
            *(loss.flow.resources.apportionment, loss.amount),
        )
        for loss in losses
    ]
    return pl.DataFrame(rows, LOSSES, orient="row")


def by_priority(definitions: Definitions, allocation: Allocation, losses: Iterable[Loss]) -> pl.DataFrame:
    """Approved money and cut of every priority, and last, under an empty id, of what is not allocated.

    Returns:
        Columns `priority`, `approved`, `cut`.
    """
    priority_of: dict[str | None, str] = {one.id: one.priority for one in definitions.framework.objectives}
    priority_of[None] = ""
    approved = _added(
        (priority_of[flow.objective], flow.resources.apportionment) for flow in allocation.flows
    )
    cut = _added((priority_of[loss.flow.objective], loss.amount) for loss in losses)
    return _sums("priority", (*definitions.priorities, ""), approved, cut)


def by_group(definitions: Definitions, allocation: Allocation, losses: Iterable[Loss]) -> pl.DataFrame:
    """Approved money and cut of every group of the budget.

    Returns:
        Columns `group`, `approved`, `cut`.
    """
    approved = _added((flow.group, flow.resources.apportionment) for flow in allocation.flows)
    cut = _added((loss.flow.group, loss.amount) for loss in losses)
    return _sums("group", (group.id for group in definitions.budget.groups), approved, cut)


def outputs_at_risk(
    definitions: Definitions,
    allocation: Allocation,
    losses: Iterable[Loss],
    year: Period,
    work: pl.DataFrame,
    areas: Mapping[str, str],
) -> pl.DataFrame:
    """Outputs that lose money, those of the lowest priority first, with what is planned and what was carried out.

    Args:
        definitions: The framework.
        allocation: The approved money.
        losses: What flows lose.
        year: The budget year, whose plan is told.
        work: As `work_by_output` gives it, for the months that serve as evidence.
        areas: In words, where the activities of an output took place.

    Returns:
        Columns of `AT_RISK`; nothing is known of participants where nobody counted them.
    """
    cut = _added((loss.flow.output, loss.amount) for loss in losses if loss.flow.output)
    done = {row["output"]: row for row in work.iter_rows(named=True)}
    rows = []
    order = [id_ for id_ in definitions.outputs if id_ in cut]
    for id_ in sorted(order, key=lambda one: tier_of(definitions, one), reverse=True):
        own = done.get(id_, {"activities": 0, "participants": None})
        rows.append(
            (
                *(id_, definitions.outputs[id_].rank, allocation.of("output", id_).apportionment, cut[id_]),
                *(definitions.outputs[id_].planned.get(year), own["activities"], own["participants"]),
                areas.get(id_, ""),
            )
        )
    return pl.DataFrame(rows, AT_RISK, orient="row")


def work_by_area(activities: pl.DataFrame, period: Period) -> pl.DataFrame:
    """Where the activities of each output took place, most first.

    Returns:
        Columns `output`, `area_code`, `activities` (a joint one once) and `share` (per cent of the output's).
    """
    rows = activities_in(activities, period).filter(pl.col("output").is_not_null())
    once = rows.unique(["output", "once", "area_code"])
    counted = once.group_by("output", "area_code").agg(activities=pl.len().cast(pl.Int64))
    share = pl.col("activities") * 100 / pl.col("activities").sum().over("output")
    return counted.with_columns(share=share).sort(
        "output", "activities", "area_code", descending=[False, True, False]
    )


def _added(parts: Iterable[tuple[str, Decimal | None]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for key, amount in parts:
        sums[key] = sums.get(key, ZERO) + (amount or ZERO)
    return sums


def _sums(
    key: str, ids: Iterable[str], approved: Mapping[str, Decimal], cut: Mapping[str, Decimal]
) -> pl.DataFrame:
    rows = [(id_, approved.get(id_, ZERO), cut.get(id_, ZERO)) for id_ in ids]
    schema: Schema = {key: pl.String, **_MONEY}
    return pl.DataFrame(rows, schema, orient="row")
