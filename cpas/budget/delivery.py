"""What was delivered of each planned output, by quarter and by now; knows no reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import polars as pl

from cpas.budget.resources import AMOUNT, ZERO
from cpas.definitions.framework import Output
from cpas.definitions.loaded import Definitions
from cpas.periods import Period

Standing = Literal["delivered", "partially_delivered", "not_delivered", "not_due", "no_data", "not_planned"]
ACTIVITIES = "activities"


@dataclass(frozen=True, slots=True)
class Amount:
    """What was delivered in a period: None where nothing is known; partial where a report or a figure is missing."""

    value: Decimal | None
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter, or what of it lies in the year to date: what was due in it, and what was delivered."""

    period: Period
    due: Decimal | None
    delivered: Amount


@dataclass(frozen=True, slots=True)
class Delivery:
    """One output in a budget year to date.

    `planned` is for the whole year and `due` by now; `measured_by` is the indicator that counts the
    output, `activities` where its activities' own figures are added, or empty where nothing tells of it.
    """

    output: Output
    planned: Decimal | None
    due: Decimal | None
    delivered: Amount
    measured_by: str
    quarters: tuple[Quarter, ...]

    @property
    def standing(self) -> Standing:
        """Delivered, partly or not, against what is due by now."""
        if self.planned is None:
            return "not_planned"
        if self.delivered.value is None or self.due is None:
            return "no_data"
        if self.delivered.value >= self.due:
            return "not_due" if self.due == 0 and self.delivered.value == 0 else "delivered"
        return "partially_delivered" if self.delivered.value > 0 else "not_delivered"

    @property
    def excess(self) -> Decimal | None:
        """What was delivered beyond the whole year's plan; None where it was not. Yes cannot be exceeded."""
        if self.delivered.value is None or not self.planned or self.output.kind == "yes_no":
            return None
        over = self.delivered.value - self.planned
        return over if over > 0 else None


def tally(deliveries: Iterable[Delivery]) -> dict[str, int]:
    """How many outputs stand where, how many of all are yes or no, and how many exceed their plan; never an average."""
    deliveries = tuple(deliveries)
    counts = Counter(str(one.standing) for one in deliveries)
    return dict(counts) | {
        "outputs": len(deliveries),
        "yes_no": sum(one.output.kind == "yes_no" for one in deliveries),
        "exceeded": sum(one.excess is not None for one in deliveries),
    }


def due_by(output: Output, year: Period, to_date: Period) -> Decimal | None:
    """What of a year's plan is due by the end of a period: None where nothing is planned.

    A quarter's share is as declared, else the days' share; inside a quarter by days. An output of yes or
    no is due at the end of the year, unless its quarter is declared.
    """
    planned = output.planned.get(year)
    if planned is None:
        return None
    declared = {
        quarter: part for quarter, part in output.planned_by_quarter.items() if year.contains(quarter)
    }
    if declared:
        return sum((part * _share(quarter, to_date) for quarter, part in declared.items()), ZERO)
    if output.kind == "yes_no":
        return planned if to_date.last >= year.last else ZERO
    return planned * _share(year, to_date)


def _share(whole: Period, to_date: Period) -> Decimal:
    """How much of a period has passed, by days."""
    first, last = max(whole.first, to_date.first), min(whole.last, to_date.last)
    return Decimal(Period(first, last).days) / whole.days if first <= last else ZERO


def quarters_of(to_date: Period) -> tuple[Period, ...]:
    """The quarters of a year to date; the last may be cut short."""
    return tuple(
        Period(first, min(first + 2, to_date.last)) for first in range(to_date.first, to_date.last + 1, 3)
    )


def compute_delivery(
    definitions: Definitions,
    results: pl.DataFrame,
    activities: pl.DataFrame,
    complete: Mapping[Period, bool],
    period: Period,
) -> tuple[Delivery, ...]:
    """Every output of the framework in the budget year up to the end of a period.

    An output is counted by the indicator that measures it in its own unit; where there is none, by
    the `units_delivered` of its activities, a joint one counted once. An output that no activity has ever named has no data.

    Args:
        definitions: The outputs and indicators.
        results: The engine's results, with the year to date and its quarters.
        activities: Columns `activity_id`, `joint_key`, `activity_on`, `output` and `units_delivered`.
        complete: For each month, whether every report of activities that was expected came.
        period: What is reported on.
    """
    year, to_date = period.budget_year(), period.year_to_date()
    root = definitions.mission.root_area
    whole = results.filter((pl.col("area") == root) & (pl.col("disaggregation") == "total"))
    values = {
        (row["indicator_id"], row["period"]): Amount(_exact(row["value"]), row["status"] == "partial")
        for row in whole.iter_rows(named=True)
    }
    found = []
    for output in definitions.framework.outputs:
        indicator = definitions.counted_by(output)
        own = activities.filter(pl.col("output") == output.id)
        spans = (to_date, *quarters_of(to_date))
        if indicator is not None:
            measured_by = indicator.id
            amounts = [values.get((indicator.id, str(span)), Amount(None)) for span in spans]
        elif own.height:
            measured_by = ACTIVITIES
            amounts = [_from_activities(own, span, complete) for span in spans]
        else:
            measured_by, amounts = "", [Amount(None)] * len(spans)
        quarters = tuple(
            Quarter(span, _due_in(output, year, span), amount)
            for span, amount in zip(spans[1:], amounts[1:], strict=True)
        )
        due = due_by(output, year, to_date)
        found.append(Delivery(output, output.planned.get(year), due, amounts[0], measured_by, quarters))
    return tuple(found)


def _due_in(output: Output, year: Period, span: Period) -> Decimal | None:
    """What falls due inside a part of the year."""
    until = due_by(output, year, Period(year.first, span.last))
    if until is None or span.first == year.first:
        return until
    return until - (due_by(output, year, Period(year.first, span.first - 1)) or ZERO)


def _from_activities(own: pl.DataFrame, span: Period, complete: Mapping[Period, bool]) -> Amount:
    rows = own.filter(pl.col("activity_on").is_between(span.start, span.end))
    once = rows.group_by(pl.coalesce("joint_key", "activity_id")).agg(pl.col("units_delivered").max())
    known = once["units_delivered"].drop_nulls()
    lacks = known.len() < once.height or not all(complete.get(month, False) for month in span.months())
    if once.height and not known.len():
        return Amount(None)
    return Amount(sum(known, ZERO), lacks)


def _exact(value: float | None) -> Decimal | None:
    """A result as its shortest spelling, so that 2.5 is 2.5."""
    return None if value is None else Decimal(str(value))


def tallies(deliveries: tuple[Delivery, ...]) -> dict[str, dict[str, int]]:
    """`tally` of each component's outputs, and of all outputs under the empty name."""
    components: dict[str, None] = dict.fromkeys(str(one.output.component) for one in deliveries)
    own = {name: tally(one for one in deliveries if one.output.component == name) for name in components}
    return {**own, "": tally(deliveries)}


def delivery_frame(deliveries: Iterable[Delivery]) -> pl.DataFrame:
    """One row per output: `output`, `planned`, `due`, `delivered`, `is_partial`, `measured_by`, `standing` and `excess`."""
    rows = [
        {
            "output": one.output.id,
            "planned": one.planned,
            "due": one.due,
            "delivered": one.delivered.value,
            "is_partial": one.delivered.is_partial,
            "measured_by": one.measured_by,
            "standing": one.standing,
            "excess": one.excess,
        }
        for one in deliveries
    ]
    figures = dict.fromkeys(("planned", "due", "delivered", "excess"), AMOUNT)
    return pl.DataFrame(rows, schema_overrides=figures)


def quarters_frame(deliveries: Iterable[Delivery]) -> pl.DataFrame:
    """One row per output and quarter: `output`, `quarter`, `due`, `delivered` and `is_partial`."""
    rows: list[dict[str, Any]] = [
        {
            "output": one.output.id,
            "quarter": str(quarter.period),
            "due": quarter.due,
            "delivered": quarter.delivered.value,
            "is_partial": quarter.delivered.is_partial,
        }
        for one in deliveries
        for quarter in one.quarters
    ]
    return pl.DataFrame(rows, schema_overrides={"due": AMOUNT, "delivered": AMOUNT})
