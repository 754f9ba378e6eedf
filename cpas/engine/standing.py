"""How each value stands: its status, and for the whole mission its baseline, target, progress, interval and rating."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from cpas.definitions.dataset import Dataset
from cpas.definitions.expressions.values import Aggregate, Formula
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
    whole = values.filter((pl.col("area") == root) & (pl.col("disaggregation") == TOTAL))
    rows = list(_standings(whole, definitions, foreign))
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
    `partial` where a report, a figure in a row, or a place that was known before is missing.
    """
    incomplete = (
        (pl.col("reports_received") < pl.col("reports_expected"))
        | (pl.col("missing") > 0)
        | (pl.col("withheld") > 0)
        | (pl.col("silent") > 0)
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


def _standings(
    whole: pl.DataFrame, definitions: Definitions, foreign: frozenset[str]
) -> Iterator[tuple[Any, ...]]:
    mandate_from = Period.month(definitions.mission.mandate_from)
    for row in whole.iter_rows(named=True):
        indicator = definitions.indicators[row["indicator_id"]]
        span = Span.of(indicator.definition, Period.parse(row["period"]), mandate_from).months
        if indicator.id in foreign:
            interval = _interval(row, indicator, definitions) or (None, None)
            yield indicator.id, row["period"], None, None, None, "not_rated", *interval
        else:
            yield indicator.id, row["period"], *_standing(row, indicator, span, definitions)


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
    """The interval of a count of events, or of a share of counted events; other figures have none.

    A count is one aggregate that counts rows or adds a column of counts; a share has as numerator some of
    the rows that its denominator counts.
    """
    definition, measure = indicator.definition, indicator.versions[0].measure
    dataset = definitions.datasets[definition.source].dataset if definition.source else None
    if dataset is None or dataset.kind != "events" or definition.over_time != "sum" or row["value"] is None:
        return None
    above = _only_term(measure.numerator)
    if above is None or not _counts(above, dataset):
        return None
    confidence = float(definitions.mission.small_count_confidence)
    count = int(row["numerator"])
    if measure.denominator is None:
        low, high = poisson_interval(count, confidence)
    elif _is_share(above, _only_term(measure.denominator)) and count <= row["denominator"]:
        low, high = binomial_interval(count, int(row["denominator"]), confidence)
    else:
        return None
    return low * measure.scale, high * measure.scale


def _only_term(formula: Formula) -> Aggregate | None:
    """The aggregate that a formula is, where it is no arithmetic of several or with figures."""
    return formula.terms[0] if len(formula.terms) == 1 and formula.sql == formula.terms[0].sql else None


def _counts(term: Aggregate, dataset: Dataset) -> bool:
    if term.function.startswith("count"):
        return True
    return term.function == "sum" and all(
        dataset.column(name).type == "count" for name in (term.argument.columns if term.argument else ())
    )


def _is_share(above: Aggregate, below: Aggregate | None) -> bool:
    """Whether one aggregate counts some of the rows that the other counts."""
    if (
        below is None
        or above.argument
        or below.argument
        or (above.function, below.function) != ("count", "count")
    ):
        return False
    return below.where is None or (above.where is not None and below.where.operands <= above.where.operands)
