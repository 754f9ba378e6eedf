"""How each value stands: its status, and where it has targets its baseline, target, progress, interval and rating."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import polars as pl

from cpas.definitions.indicator import Indicator
from cpas.definitions.loaded import Definitions, LoadedIndicator
from cpas.engine.behind import Behind
from cpas.engine.chance import SERIES, UNKNOWN, Chances, Outlook
from cpas.engine.measures import TOTAL
from cpas.engine.milestones import DONE, RATED_AS, Days, Done, day_told, milestone_state
from cpas.engine.rate import Evidence, progress, rate, rate_step
from cpas.engine.rollup import Span
from cpas.engine.targets import Plan
from cpas.periods import Period

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
    aimed = _of_series(values, plans)
    behind = Behind.of(definitions)
    counted = [(id_, *key[1:]) for key in plans for id_ in behind.counts(key[0])]
    chances = Chances.of_rows(
        definitions, behind, _of_series(values, counted), _of_series(monthly, {*plans, *counted})
    )
    rows = list(_standings(aimed, definitions, plans, foreign, (chances, days)))
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
    told: tuple[Chances, Days],
) -> Iterator[tuple[Any, ...]]:
    chances, days = told
    mandate_from = Period.month(definitions.mission.mandate_from)
    for row in aimed.iter_rows(named=True):
        indicator = definitions.indicators[row["indicator_id"]]
        span = Span.of(indicator.definition, Period.parse(row["period"]), mandate_from).months
        key = (indicator.id, row["area"], row["disaggregation"])
        outlook = chances.of(row, indicator, span)
        if indicator.id in foreign:
            stands: tuple[Any, ...] = (None, None, None, "not_rated", None, None)
        elif indicator.definition.milestone:
            day = day_told(days.get(indicator.id, ()), span)
            stands = _milestone(row, indicator, span, (chances.history.get(key, {}), day), definitions)
        elif indicator.definition.scale:
            stands = _step(row, indicator.definition, plans[key], span, definitions)
        else:
            stands = _standing(row, indicator.definition, (plans[key], span), outlook, definitions)
        yield indicator.id, row["period"], *key[1:], *stands, *_shown(outlook[0])


def _standing(
    row: dict[str, Any],
    definition: Indicator,
    aim: tuple[Plan, Period],
    outlook: Outlook,
    definitions: Definitions,
) -> tuple[float | None, float | None, float | None, str, None, None]:
    plan, span = aim
    interval, most, known = outlook
    target, baseline = _float(plan.target(span)), _float(plan.baseline_of(span))
    rating = rate(
        Evidence(row["value"], target, interval, _coverage(row), most, known),
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
    there is one, a good standing of the worst and a poor one of the best are insufficient data, and so is one of the
    middle that would be another with such places at the worst or at the best step.
    """
    target, baseline = _float(plan.target(span)), _float(plan.baseline_of(span))
    minimum, is_due = definitions.mission.minimum_coverage, plan.is_due(span)
    ratings = [
        rate_step(Evidence(row[name], target, None, _coverage(row)), baseline, minimum, is_due=is_due)
        for name in ("value", "least", "most")
    ]
    rating, unsure = ratings[0], {"min": ("met", "on_track"), "max": ("on_track", "at_risk", "off_track")}
    is_unsure = len(set(ratings)) > 1 if about.over_area == "median" else rating in unsure[about.over_area]
    if row["is_open"] and is_unsure:
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
    A day after the months told of is none on which it was done in them, whatever step their rows name.
    """
    before, day = told
    milestone, scale = indicator.definition.milestone, definitions.scale_of(indicator.id)
    if milestone is None:
        return None, None, None, "not_rated", None, None
    at = len(scale.steps) if scale else 1
    months = [month for month, value in before.items() if value and value >= at and month <= span.last]
    is_ahead = day is not None and day > span.end
    done = Done(Period(min(months), min(months)), day) if months and not is_ahead else None
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


def _of_series(rows: pl.DataFrame, series: Iterable[tuple[str, str, str]]) -> pl.DataFrame:
    keys = pl.DataFrame(list(series), schema=dict.fromkeys(SERIES, pl.String), orient="row")
    return rows.join(keys, on=SERIES, how="semi", maintain_order="left")


def _shown(interval: tuple[float, float] | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None or interval == UNKNOWN else interval


def _float(exact: Decimal | None) -> float | None:
    return None if exact is None else float(exact)
