"""Ratings of indicators to outcomes and objectives: how many stand where, and whether that is evidence at all."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from cpas.definitions.loaded import Definitions
from cpas.engine.measures import TOTAL
from cpas.engine.rate import RATINGS
from cpas.periods import Period

COLOURS = ("met", "on_track", "at_risk", "off_track")
EVIDENCE = ("impact", "outcome")
ROLLED: dict[str, type[pl.DataType]] = {
    "kind": pl.String,
    "id": pl.String,
    "period": pl.String,
    "indicators": pl.Int64,
    **dict.fromkeys(RATINGS, pl.Int64),
    "evidence": pl.String,
}


def roll_up(results: pl.DataFrame, definitions: Definitions, period: Period) -> pl.DataFrame:
    """How the indicators of each outcome and objective stand, as a distribution and never as an average.

    Indicators of outcomes and impact alone count, by their rating of the whole mission: whatever was
    done or delivered, it does not tell what changed. Where none of them has a colour (met, on
    track, at risk, off track) the evidence is insufficient.

    Args:
        results: As `compute.compute_results` gives them.
        definitions: The framework and its indicators.
        period: The period whose ratings are read: the budget year to date.

    Returns:
        One row per objective, each followed by its outcomes: columns as `ROLLED`; `evidence` is
        `rated` or `insufficient_evidence`.
    """
    whole = results.filter(
        (pl.col("period") == str(period))
        & (pl.col("area") == definitions.mission.root_area)
        & (pl.col("disaggregation") == TOTAL)
        & pl.col("level").is_in(EVIDENCE)
    )
    ratings: dict[str, str] = dict(whole.select("indicator_id", "rating").iter_rows())
    rows = [
        (kind, id_, str(period), *_counted([ratings.get(one, "not_rated") for one in own]))
        for kind, id_, own in _groups(definitions)
    ]
    return pl.DataFrame(rows, schema=ROLLED, orient="row")


def _groups(definitions: Definitions) -> Iterator[tuple[str, str, list[str]]]:
    """Each objective and outcome with the ids of its indicators of outcome and impact."""
    abouts = [one.definition for one in definitions.indicators.values() if one.definition.level in EVIDENCE]
    for objective in definitions.framework.objectives:
        own = [about for about in abouts if definitions.objective_of(about) == objective]
        yield "objective", objective.id, [about.id for about in own]
        for outcome in definitions.framework.outcomes:
            if outcome.objective == objective.id:
                yield "outcome", outcome.id, [about.id for about in own if about.outcome == outcome.id]


def _counted(ratings: list[str]) -> tuple[int | str, ...]:
    evidence = "rated" if any(rating in COLOURS for rating in ratings) else "insufficient_evidence"
    return len(ratings), *(ratings.count(rating) for rating in RATINGS), evidence
