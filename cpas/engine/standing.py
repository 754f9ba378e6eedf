"""How each value stands: its status, and where it has targets its baseline, target, progress, interval and rating."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from math import inf
from types import MappingProxyType
from typing import Any

import polars as pl

from cpas.definitions.dataset import Dataset
from cpas.definitions.expressions.values import Aggregate, Formula
from cpas.definitions.indicator import Indicator, Level
from cpas.definitions.loaded import Definitions, LoadedIndicator
from cpas.engine.intervals import binomial_interval, clustered_interval, clustering, poisson_interval
from cpas.engine.measures import TOTAL
from cpas.engine.milestones import DONE, RATED_AS, Days, Done, day_told, milestone_state
from cpas.engine.rate import Evidence, progress, rate, rate_step
from cpas.engine.rollup import Span
from cpas.engine.targets import Plan
from cpas.periods import Period

CHANCE: tuple[Level, ...] = ("outcome", "impact")
HISTORY = 24  # months up to the end of a period that tell how far persons come in clusters
UNKNOWN = (0.0, inf)
SERIES = ["indicator_id", "area", "disaggregation"]
STANDING = {
    "indicator_id": pl.String,
    "period": pl.String,
    "area": pl.String,
    "disaggregation": pl.String,
    "baseline": pl.Float64,
    "target": pl.Float64,
    "progress": pl.Float64,
    "rating": pl.String,
    "milestone": pl.String,
    "achieved_on": pl.Date,
    "interval_low": pl.Float64,
    "interval_high": pl.Float64,
}


def with_standing(
    values: pl.DataFrame,
    definitions: Definitions,
    root: str,
    foreign: frozenset[str],
    monthly: pl.DataFrame,
    days: Days = MappingProxyType({}),
) -> pl.DataFrame:
    """Values with `level`, `unit`, `status` and how they stand.

    Rows of areas and parts without targets of their own are `not_rated`. So are indicators that rest on a
    foreign source, since baselines and targets are those of the mission's own data.

    Args:
        values: As `rollup.over_time` gives them.
        definitions: The indicators.
        root: The code of the whole mission's area.
        foreign: Ids of the indicators that rest on a foreign source.
        monthly: As `rollup.fill_months` gives them: from what they were in the months before comes how far
            counts of persons are clustered.
        days: As `milestones.achieved_days` gives them.
    """
    plans = plans_of(definitions, root)
    aimed = values.join(
        pl.DataFrame(list(plans), schema=dict.fromkeys(SERIES, pl.String), orient="row"),
        on=SERIES,
        how="semi",
    )
    rows = list(_standings(aimed, definitions, plans, foreign, (_history(monthly, plans), days)))
    standings = pl.DataFrame(rows, schema=STANDING, orient="row")
    about = pl.DataFrame(
        [(one.id, one.definition.level, one.definition.unit) for one in definitions.indicators.values()],
        schema={"indicator_id": pl.String, "level": pl.String, "unit": pl.String},
        orient="row",
    )
    return (
        values.with_columns(_status())
        .join(about, on="indicator_id", how="left")
        .join(standings, on=["period", *SERIES], how="left")
        .with_columns(
            pl.col("rating").fill_null("not_rated"),
            # what is done is done, whoever is silent since
            pl.when(pl.col("milestone").is_in(DONE))
            .then(pl.lit("reported"))
            .otherwise("status")
            .alias("status"),
        )
    )


def _status() -> pl.Expr:
    """Which of the five a value is.

    Without a value: `withheld` where all that is known is that it was withheld, `not_applicable`
    where nothing was applicable or the denominator is zero, else `not_reported`. With one:
    `partial` where a report, a figure in a row, or a place that was known before is missing,
    or the area existed for a part of the period.
    """
    incomplete = (
        (pl.col("reports_received") < pl.col("reports_expected"))
        | (pl.col("missing") > 0)
        | (pl.col("withheld") > 0)
        | (pl.col("silent") > 0)
        | pl.col("boundary").eq_missing("part")
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


def plans_of(definitions: Definitions, root: str) -> dict[tuple[str, str, str], Plan]:
    """The plans of all series that have targets of their own, and of each indicator's total of the whole mission."""
    return {
        (one.id, goals.area or root, goals.disaggregation or TOTAL): Plan.of(one, goals)
        for one in definitions.indicators.values()
        for goals in one.definition.goals
    }


def _standings(
    aimed: pl.DataFrame,
    definitions: Definitions,
    plans: Mapping[tuple[str, str, str], Plan],
    foreign: frozenset[str],
    told: tuple[Mapping[tuple[str, str, str], Mapping[int, float | None]], Days],
) -> Iterator[tuple[Any, ...]]:
    history, days = told
    mandate_from = Period.month(definitions.mission.mandate_from)
    for row in aimed.iter_rows(named=True):
        indicator = definitions.indicators[row["indicator_id"]]
        span = Span.of(indicator.definition, Period.parse(row["period"]), mandate_from).months
        key = (indicator.id, row["area"], row["disaggregation"])
        before = history.get(key, {})
        year = (before.get(month) for month in range(span.last - HISTORY + 1, span.last + 1))
        interval = _interval(row, indicator, definitions, year)
        if indicator.id in foreign:
            stands: tuple[Any, ...] = (None, None, None, "not_rated", None, None)
        elif indicator.definition.milestone:
            day = day_told(days.get(indicator.id, ()), span)
            stands = _milestone(row, indicator, span, (before, day), definitions)
        elif indicator.definition.scale:
            stands = _step(row, indicator.definition, plans[key], span, definitions)
        else:
            stands = _standing(row, indicator, plans[key], span, interval, definitions)
        yield indicator.id, row["period"], *key[1:], *stands, *_shown(interval)


def _standing(
    row: dict[str, Any],
    indicator: LoadedIndicator,
    plan: Plan,
    span: Period,
    interval: tuple[float, float] | None,
    definitions: Definitions,
) -> tuple[float | None, float | None, float | None, str, None, None]:
    definition = indicator.definition
    target, baseline = _float(plan.target(span)), _float(plan.baseline_of(span))
    rating = rate(
        Evidence(row["value"], target, interval, _coverage(row), _most(row) if plan.is_flow else None),
        definition.direction,
        definitions.rating_of(definition),
        definitions.mission.minimum_coverage,
    )
    return baseline, target, progress(row["value"], baseline, target), rating, None, None


def _step(
    row: dict[str, Any], about: Indicator, plan: Plan, span: Period, definitions: Definitions
) -> tuple[float | None, float | None, None, str, None, None]:
    """A step's rating; of steps there is no progress, since the way from one to the next has no length.

    A place that is silent, or whose step is not told, can only lower the worst of places and raise the best: while
    there is one, a good standing of the worst and a poor one of the best are insufficient data.
    """
    target, baseline = _float(plan.target(span)), _float(plan.baseline_of(span))
    evidence = Evidence(row["value"], target, None, _coverage(row))
    minimum = definitions.mission.minimum_coverage
    rating = rate_step(evidence, baseline, minimum, is_due=plan.is_due(span))
    is_open = (row["silent"] > 0 and not about.carry_over) or row["missing"] + row["withheld"] > 0
    unsure = {"min": ("met", "on_track"), "max": ("on_track", "at_risk", "off_track")}
    if is_open and rating in unsure.get(about.over_area, ()):
        rating = "insufficient_data"
    return baseline, target, None, rating, None, None


def _milestone(
    row: dict[str, Any],
    indicator: LoadedIndicator,
    span: Period,
    told: tuple[Mapping[int, float | None], date | None],
    definitions: Definitions,
) -> tuple[None, None, None, str, str | None, date | None]:
    """A milestone's rating, state and day.

    Where it is due and nobody tells of its last month, or too few of the reports on events came in, nobody knows.
    """
    before, day = told
    milestone, scale = indicator.definition.milestone, definitions.scale_of(indicator.id)
    if milestone is None:
        return None, None, None, "not_rated", None, None
    at = len(scale.steps) if scale else 1
    months = [month for month, value in before.items() if value and value >= at and month <= span.last]
    done = Done(Period(min(months), min(months)), day) if months else None
    source = indicator.definition.source
    is_events = source is not None and definitions.datasets[source].dataset.kind == "events"
    coverage = _coverage(row) if is_events else None
    is_covered = coverage is None or coverage >= definitions.mission.minimum_coverage
    is_known = is_covered and before.get(span.last) is not None
    state = milestone_state(milestone.due, done, span, is_known=is_known)
    return None, None, None, RATED_AS[state], state, done.day if done else None


def _coverage(row: dict[str, Any]) -> float | None:
    """The share of the expected reports that came in; None where none is expected."""
    return row["reports_received"] / row["reports_expected"] if row["reports_expected"] else None


def _most(row: dict[str, Any]) -> float | None:
    """What a sum can become once the outstanding reports are in; None where they are all in."""
    if row["reports_received"] >= row["reports_expected"]:
        return None
    most = row.get("bound_high")
    return inf if most is None else float(most)


def _history(
    monthly: pl.DataFrame, plans: Mapping[tuple[str, str, str], Plan]
) -> dict[tuple[str, str, str], dict[int, float | None]]:
    """The numerator of each month of each series that has a plan, by the number of the month."""
    keys = pl.DataFrame(list(plans), schema=dict.fromkeys(SERIES, pl.String), orient="row")
    own = monthly.join(keys, on=SERIES, how="semi").select(
        *SERIES, "month", pl.col("numerator").cast(pl.Float64)
    )
    found: dict[tuple[str, str, str], dict[int, float | None]] = {}
    for id_, area, part, month, count in own.iter_rows():
        found.setdefault((id_, area, part), {})[Period.month(month).first] = count
    return found


def _shown(interval: tuple[float, float] | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None or interval == UNKNOWN else interval


def _float(exact: Decimal | None) -> float | None:
    return None if exact is None else float(exact)


def _interval(
    row: dict[str, Any],
    indicator: LoadedIndicator,
    definitions: Definitions,
    before: Iterable[float | None],
) -> tuple[float, float] | None:
    """The interval of a count of events, of persons in them, or of a share of counted events; other figures have none.

    A count of events is one aggregate that counts rows, and one of persons adds a column of counts: these come
    in clusters, and where the months `before` are too few to tell how large, nothing is beyond chance. A
    share has as numerator some of the rows that its denominator counts.
    """
    measure = indicator.versions[0].measure
    above = _only_term(measure.numerator)
    if above is None or row["value"] is None or not is_counted(indicator, definitions):
        return None
    confidence = float(definitions.mission.small_count_confidence)
    count = int(row["numerator"])
    if measure.denominator is None and above.function == "sum":
        size = clustering(before)
        if size is None:
            return UNKNOWN
        low, high = clustered_interval(count, size, confidence)
    elif measure.denominator is None:
        low, high = poisson_interval(count, confidence)
    elif count <= row["denominator"]:
        low, high = binomial_interval(count, int(row["denominator"]), confidence)
    else:
        return None
    return low * measure.scale, high * measure.scale


def is_counted(indicator: LoadedIndicator, definitions: Definitions) -> bool:
    """Whether an indicator counts events, persons in them, or a share of events, so that chance has an interval.

    Inputs, activities and outputs are a full count of what the mission itself did: a shortfall of them is one.
    """
    definition, measure = indicator.definition, indicator.versions[0].measure
    if definition.level not in CHANCE:
        return False
    dataset = definitions.datasets[definition.source].dataset if definition.source else None
    above = _only_term(measure.numerator)
    if dataset is None or dataset.kind != "events" or definition.over_time != "sum" or above is None:
        return False
    is_whole = measure.denominator is None or _is_share(above, _only_term(measure.denominator))
    return is_whole and _counts(above, dataset)


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
    if below is None or above.argument or (above.function, below.function) != ("count", "count"):
        return False
    if below.argument and (above.where is None or below.argument not in above.where.operands):
        return False
    return below.where is None or (
        above.where is not None and set(below.where.operands) <= set(above.where.operands)
    )
