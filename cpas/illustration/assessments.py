"""The illustrative judgements on scales: planted step by step, since a judgement is made and not drawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

from cpas.definitions.loaded import Definitions
from cpas.illustration.geography import read_seed
from cpas.illustration.rows import Row, Unsaid
from cpas.periods import Period

_UNSAID = {one.value: one for one in Unsaid}
_DAYS_AFTER = 6


@cache
def _planted() -> Mapping[tuple[str, str], tuple[tuple[Period, Row], ...]]:
    """What is judged of each indicator and area, from which month on."""
    found: dict[tuple[str, str], tuple[tuple[Period, Row], ...]] = {}
    for row in read_seed("assessments.csv"):
        key = row["indicator"], row["area_code"]
        found[key] = (*found.get(key, ()), (Period.parse(row["from"]), dict(row)))
    return found


def assess(definitions: Definitions, month: Period) -> list[Row]:
    """The judgements of a month by indicator and area: columns as the data set `assessments`.

    Each stands until the next; one without a step ends them, as a milestone that is achieved is no longer reported.
    """
    rows: list[Row] = []
    for (indicator, area), judged in _planted().items():
        row = next((row for first, row in reversed(judged) if first <= month), None)
        if row is None or not row["step"]:
            continue
        achieved = row["achieved_on"]
        rows.append(
            {
                "indicator": indicator,
                "assessed_on": month.start,
                "section": definitions.indicators[indicator].definition.owner,
                "area_code": area,
                "step": _UNSAID.get(row["step"], row["step"]),
                "achieved_on": date.fromisoformat(achieved) if achieved else None,
                "judged_on": month.end + timedelta(days=_DAYS_AFTER),
                "judged_by": row["judged_by"],
                "evidence": row["evidence"],
            }
        )
    return rows
