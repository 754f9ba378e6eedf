"""How each value stands: its status, and for the whole mission its baseline, target, progress, interval and rating."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from cpas.definitions.dataset import Dataset
from cpas.definitions.loaded import Definitions, LoadedIndicator
from cpas.engine.measures import TOTAL
from cpas.engine.rate import (
    Evidence,
    baseline_for,
    binomial_interval,
    is_flow,
    poisson_interval,
    progress,
    rate,
    target_for,
)
from cpas.engine.rollup import Span
from cpas.periods import Period

STANDING = {
    "indicator_id": pl.String,
    "period": pl.String,
    "baseline": pl.Float64,
    "target": pl.Float64,
    "progress": pl.Float64,
    "rating": pl.String,
    "interval_low": pl.Float64,
    "interval_high": pl.Float64,
}


def with_standing(
    values: pl.DataFrame, definitions: Definitions, root: str, foreign: frozenset[str]
) -> pl.DataFrame:
    """Values with `level`, `unit`, `status` and how they stand.

    Baselines and targets are the whole mission's: rows of other areas and of parts have none and
    are `not_rated`. So are indicators that rest on a foreign source, since baselines and targets
    are those of the mission's own data.

    Args:
        values: As `rollup.over_time` gives them.
        definitions: The indicators.
        root: The code of the whole mission's area.
        foreign: Ids of the indicators that rest on a foreign source.
    """
    is_own = ~pl.col("indicator_id").is_in(sorted(foreign))
    whole = values.filter(is_own & (pl.col("area") == root) & (pl.col("disaggregation") == TOTAL))
    rows = list(_standings(whole, definitions))
    standings = pl.DataFrame(rows, schema=STANDING, orient="row").with_columns(
        pl.lit(root).alias("area"), pl.lit(TOTAL).alias("disaggregation")
    )
    about = pl.DataFrame(
        [(one.id, one.definition.level, one.definition.unit) for one in definitions.indicators.values()],
        schema={"indicator_id": pl.String, "level": pl.String, "unit": pl.String},
        orient="row",
    )
    return (
        values.with_columns(_status())
        .join(about, on="indicator_id", how="left")
        .join(standings, on=["indicator_id", "period", "area", "disaggregation"], how="left")
        .with_columns(pl.col("rating").fill_null("not_rated"))
    )


def _status() -> pl.Expr:
    """Which of the five a value is.

    Without a value: `withheld` where all that is known is that it was withheld, `not_applicable`
    where nothing was applicable or the denominator is zero, else `not_reported`. With one:
    `partial` where a report, or a figure in a row, is missing.
    """
    incomplete = (
        (pl.col("reports_received") < pl.col("reports_expected"))
        | (pl.col("missing") > 0)
        | (pl.col("withheld") > 0)
    )
    nothing = pl.col("value").is_null()
    return (
        pl.when(nothing & (pl.col("denominator") == 0))
        .then(pl.lit("not_applicable"))
        .when(nothing & (pl.col("withheld") > 0) & (pl.col("missing") == 0))
        .then(pl.lit("withheld"))
        .when(nothing & (pl.col("not_applicable") > 0) & (pl.col("missing") == 0))
        .then(pl.lit("not_applicable"))
        .when(nothing)
        .then(pl.lit("not_reported"))
        .when(incomplete)
        .then(pl.lit("partial"))
        .otherwise(pl.lit("reported"))
        .alias("status")
    )


def _standings(whole: pl.DataFrame, definitions: Definitions) -> Iterator[tuple[Any, ...]]:
    mandate_from = Period.month(definitions.mission.mandate_from)
    for row in whole.iter_rows(named=True):
        indicator = definitions.indicators[row["indicator_id"]]
        span = Span.of(indicator.definition, Period.parse(row["period"]), mandate_from).months
        yield row["indicator_id"], row["period"], *_standing(row, indicator, span, definitions)


def _standing(
    row: dict[str, Any], indicator: LoadedIndicator, span: Period, definitions: Definitions
) -> tuple[Any, ...]:
    definition = indicator.definition
    flow = is_flow(definition, is_ratio=indicator.versions[0].measure.denominator is not None)
    target = target_for(definition, span, flow=flow)
    baseline = float(baseline_for(definition, span, flow=flow))
    aimed = None if target is None else float(target)
    interval = _interval(row, indicator, definitions)
    coverage = row["reports_received"] / row["reports_expected"] if row["reports_expected"] else None
    evidence = Evidence(row["value"], aimed, interval, coverage)
    rating = rate(
        evidence,
        definition.direction,
        definitions.rating_of(definition),
        definitions.mission.minimum_coverage,
    )
    way = None if row["value"] is None or aimed is None else progress(row["value"], baseline, aimed)
    return baseline, aimed, way, rating, *(interval or (None, None))


def _interval(
    row: dict[str, Any], indicator: LoadedIndicator, definitions: Definitions
) -> tuple[float, float] | None:
    """The interval of a count of events, or of a share of counted events; other figures have none."""
    definition, measure = indicator.definition, indicator.versions[0].measure
    dataset = definitions.datasets[definition.source].dataset if definition.source else None
    if dataset is None or dataset.kind != "events" or definition.over_time != "sum" or row["value"] is None:
        return None
    counted = all(
        _counts(term.function, term.argument.columns if term.argument else (), dataset)
        for formula in measure.formulas
        for term in formula.terms
    )
    if not counted:
        return None
    confidence = float(definitions.mission.small_count_confidence)
    above = int(row["numerator"])
    if measure.denominator is None:
        low, high = poisson_interval(above, confidence)
    elif above <= row["denominator"]:
        low, high = binomial_interval(above, int(row["denominator"]), confidence)
    else:
        return None
    return low * measure.scale, high * measure.scale


def _counts(function: str, columns: tuple[str, ...], dataset: Dataset) -> bool:
    return function.startswith("count") or all(dataset.column(name).type == "count" for name in columns)
