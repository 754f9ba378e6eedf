"""What a unit of an output or outcome cost, with no cost where the quantity is zero or unknown; knows no reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import polars as pl

from cpas.budget.allocation import Allocation
from cpas.budget.resources import ZERO, Schema
from cpas.definitions.framework import Output
from cpas.definitions.loaded import Definitions, LoadedIndicator
from cpas.periods import Period

Reason = Literal["", "yes_no", "no_measure", "not_reported", "nothing_delivered", "no_expenditure"]
TOTAL = "total"
COSTS: Schema = {
    "kind": pl.String,
    "id": pl.String,
    "measured_by": pl.String,
    "unit": pl.String,
    "expenditure": pl.Decimal(38, 6),
    "quantity": pl.Decimal(38, 6),
    "cost_per_unit": pl.Float64,
    "is_partial": pl.Boolean,
    "quantity_is_partial": pl.Boolean,
    "reason": pl.String,
}


@dataclass(frozen=True, slots=True)
class Measured:
    """How much was delivered or achieved, in which unit and by what: an indicator's id, `activities`, or nothing."""

    by: str
    unit: str
    quantity: Decimal | None
    is_partial: bool
    reason: Reason = ""


@dataclass(frozen=True, slots=True)
class Year:
    """What a budget year to date is made of, beside its money.

    Attributes:
        to_date: The budget year up to the end of what is reported on.
        results: The engine's results frame; the whole mission's totals of the year to date are read.
        work: As `work_by_output` gives it.
        named: Outputs that an activity of any time has named.
        staff: As `staff_by_category` gives it.
        is_work_complete: Whether every report on activities that was expected has come.
        is_staff_complete: Whether every report on personnel that was expected has come.
    """

    to_date: Period
    results: pl.DataFrame
    work: pl.DataFrame
    named: frozenset[str]
    staff: Mapping[str, Decimal]
    is_work_complete: bool
    is_staff_complete: bool


def compute_costs(definitions: Definitions, allocation: Allocation, year: Year) -> pl.DataFrame:
    """What one unit of each output and outcome cost in the budget year to date.

    An output is measured by the indicator that counts it in its own unit, else by the units that its activities
    delivered. An outcome is measured only by an indicator that counts something achieved in the year: one that adds up or
    runs on through the budget year, of which more is better. There is no cost per percentage, nor
    per victim.

    Returns:
        Columns of `COSTS`: `kind` (output, outcome), `id`, `measured_by` (an indicator or `activities`), `unit`,
        `expenditure`, `quantity`, `cost_per_unit` (US dollars), whether the quantity, and whether expenditure or quantity,
        is partial, and the `reason` why there is no cost; an outcome has one row for each indicator, or one without.
    """
    values = _values(year.results, year.to_date, definitions.mission.root_area)
    rows: list[tuple[object, ...]] = []
    for output in definitions.framework.outputs:
        measured = measure_output(definitions, output, values, year)
        rows.append(_row(allocation, "output", output.id, measured))
    for outcome in definitions.framework.outcomes:
        own = [one for one in definitions.indicators.values() if one.definition.outcome == outcome.id]
        counted = [_of_indicator(one, values) for one in own if counts_achievement(one)]
        rows += [
            _row(allocation, "outcome", outcome.id, measured)
            for measured in counted or [Measured("", "", None, is_partial=False, reason="no_measure")]
        ]
    return pl.DataFrame(rows, COSTS, orient="row")


def counts_achievement(one: LoadedIndicator) -> bool:
    """Whether an indicator counts something achieved within the budget year, so that a cost per unit has a meaning."""
    about = one.definition
    is_of_year = one.is_flow and about.cumulative in ("none", "budget_year")
    return is_of_year and about.direction == "increase" and about.unit != "per cent"


def measure_output(
    definitions: Definitions,
    output: Output,
    values: Mapping[str, Mapping[str, object]],
    year: Year,
) -> Measured:
    """How much of an output was delivered, as `compute_delivery` has it; a yes-or-no output has no units.

    Where no activity is reported in the year to date it is zero only for an output that activities have named
    before, and whose reports are complete.
    """
    if output.kind == "yes_no":
        return Measured("", output.unit, None, is_partial=False, reason="yes_no")
    if indicator := definitions.counted_by(output):
        return _of_indicator(indicator, values)
    rows = year.work.filter(pl.col("output") == output.id).to_dicts()
    if not rows:
        is_zero = output.id in year.named and year.is_work_complete
        return _measured("activities", output.unit, ZERO if is_zero else None, is_partial=False)
    is_partial = not year.is_work_complete or bool(rows[0]["units_unknown"])
    units = rows[0]["units"]
    return _measured(
        "activities", output.unit, units if isinstance(units, Decimal) else None, is_partial=is_partial
    )


def _values(results: pl.DataFrame, to_date: Period, root: str) -> dict[str, dict[str, object]]:
    rows = results.filter(
        (pl.col("period") == str(to_date)) & (pl.col("area") == root) & (pl.col("disaggregation") == TOTAL)
    )
    return {row["indicator_id"]: row for row in rows.iter_rows(named=True)}


def _of_indicator(one: LoadedIndicator, values: Mapping[str, Mapping[str, object]]) -> Measured:
    row = values.get(one.id)
    value = None if row is None else row["value"]
    known = Decimal(repr(value)) if isinstance(value, float) else None
    return _measured(
        one.id, one.definition.unit, known, is_partial=row is not None and row["status"] == "partial"
    )


def _measured(by: str, unit: str, quantity: Decimal | None, *, is_partial: bool) -> Measured:
    reason: Reason = "not_reported" if quantity is None else "" if quantity > 0 else "nothing_delivered"
    return Measured(by, unit, quantity, is_partial and quantity is not None, reason)


def _row(
    allocation: Allocation, kind: Literal["output", "outcome"], id_: str, measured: Measured
) -> tuple[object, ...]:
    spent = allocation.of(kind, id_).expenditure
    reason = measured.reason or ("" if spent else "no_expenditure")
    cost = None if reason or spent is None or not measured.quantity else float(spent / measured.quantity)
    is_partial = allocation.is_partial(kind, id_) or measured.is_partial
    return (
        *(kind, id_, measured.by, measured.unit, spent, measured.quantity, cost),
        *(is_partial and cost is not None, measured.is_partial, reason),
    )
