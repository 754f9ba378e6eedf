"""Definitions, facts and periods to the results frame: the spine of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from cpas.definitions.loaded import Definitions, LoadedIndicator
from cpas.engine.areas import AreaTree
from cpas.engine.coverage import coverage, coverage_of_indicators, expected_reports
from cpas.engine.derived import compute_derived
from cpas.engine.measures import CELLS, TOTAL, Slice, compute_cells, slices_of
from cpas.engine.rollup import Span, fill_months, over_area, over_time
from cpas.engine.standing import with_standing
from cpas.periods import Period

FIRST_COLUMNS = (
    *(
        "indicator_id",
        "level",
        "period",
        "area",
        "disaggregation",
        "numerator",
        "denominator",
        "value",
        "unit",
    ),
    *(
        "status",
        "records",
        "reports_received",
        "reports_expected",
        "baseline",
        "target",
        "progress",
        "rating",
    ),
    "definition_version",
)
LOWEST = "cercle"
RULES = {
    "indicator_id": pl.String,
    "over_area": pl.String,
    "over_time": pl.String,
    "is_events": pl.Boolean,
    "is_ratio": pl.Boolean,
    "scale": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A period to compute, and how finely: the lowest areas too, and the parts of disaggregations."""

    period: Period
    is_detailed: bool


def periods_for(period: Period, reporting_from: Period, trend_months: int = 24) -> tuple[Wanted, ...]:
    """A period in detail, and those to compare it with as far back as data go.

    These are the budget year to date, the period before, the same period last year, and each month
    up to its end.
    """
    compared = [period.year_to_date(), period.previous(), period.same_last_year()]
    first = max(reporting_from.first, min(period.last - trend_months + 1, period.first))
    compared += list(Period(first, period.last).months()) if first <= period.last else []
    known = [one for one in compared if one.first >= reporting_from.first and one != period]
    return (
        Wanted(period, is_detailed=True),
        *(Wanted(one, is_detailed=False) for one in dict.fromkeys(known)),
    )


def compute_results(
    definitions: Definitions,
    facts: Mapping[str, pl.LazyFrame],
    reports: pl.DataFrame,
    tree: AreaTree,
    wanted: Iterable[Wanted],
) -> pl.DataFrame:
    """Every indicator's values for the wanted periods, areas and disaggregations.

    Args:
        definitions: What to compute.
        facts: Rows by data set, with the declared columns; coded columns as Enum.
        reports: The reports that came in: `dataset`, `reporter`, `month`.
        tree: The areas and their dates.
        wanted: The periods.

    Returns:
        One row per indicator, period, area and disaggregation: first `FIRST_COLUMNS`, then
        `interval_low` and `interval_high`. Sorted by indicator in the order of the definitions,
        period, area and disaggregation.

    Source:
        docs/numbers.md says what each column means.
    """
    wanted = tuple(wanted)
    measured = [one for one in definitions.indicators.values() if not one.is_derived]
    slices = [one for indicator in measured for one in slices_of(indicator, definitions)]
    mandate_from = Period.month(definitions.mission.mandate_from)
    spans = [
        (one.id, Span.of(one.definition, each.period, mandate_from))
        for one in definitions.indicators.values()
        for each in wanted
    ]
    months = Period(min(span.months.first for _, span in spans), max(span.months.last for _, span in spans))
    rules = _rules(measured, definitions)
    monthly = _monthly_values(definitions, facts, slices, months, tree, rules)
    covered = coverage(expected_reports(definitions, tree, months.months()), reports)
    behind = coverage_of_indicators(measured, definitions, covered)
    filled = fill_months(monthly, _grid(slices, rules, months, tree, behind))
    values = over_time(filled, [span for span in spans if span[0] in {one.id for one in measured}], rules)
    values = pl.concat([values, *_derived(definitions, values)])
    return _arranged(
        with_standing(_in_scope(values, wanted, tree), definitions, tree.root), definitions, tree
    )


def _monthly_values(
    definitions: Definitions,
    facts: Mapping[str, pl.LazyFrame],
    slices: list[Slice],
    months: Period,
    tree: AreaTree,
    rules: pl.DataFrame,
) -> pl.DataFrame:
    """Monthly values of every area: one pass per data set, each month by its own version."""
    cells = [pl.DataFrame(schema=CELLS)]
    for name, loaded in definitions.datasets.items():
        own = [one for one in slices if one.indicator.definition.source == name]
        if own and name in facts:
            cells.append(compute_cells(facts[name], loaded.dataset, own, months, tree.root))
    versions = _versions({one.indicator.id: one.indicator for one in slices}.values(), months)
    current = pl.concat(cells).join(versions, on=["indicator_id", "version", "month"], how="semi")
    return over_area(current, tree.closure(months.months()), rules)


def _versions(indicators: Iterable[LoadedIndicator], months: Period) -> pl.DataFrame:
    rows = [
        (one.id, one.version_at(month).number, month.start) for one in indicators for month in months.months()
    ]
    return pl.DataFrame(
        rows, schema={"indicator_id": pl.String, "version": pl.Int64, "month": pl.Date}, orient="row"
    )


def _rules(indicators: Iterable[LoadedIndicator], definitions: Definitions) -> pl.DataFrame:
    rows = [
        (
            one.id,
            one.definition.over_area,
            one.definition.over_time,
            definitions.datasets[one.definition.source or ""].dataset.kind == "events",
            one.versions[0].measure.denominator is not None,
            one.versions[0].measure.scale,
        )
        for one in indicators
    ]
    schema = {"indicator_id": pl.String, "over_area": pl.String, "over_time": pl.String}
    return pl.DataFrame(
        rows,
        schema={**schema, "is_events": pl.Boolean, "is_ratio": pl.Boolean, "scale": pl.Int64},
        orient="row",
    )


def _grid(
    slices: list[Slice], rules: pl.DataFrame, months: Period, tree: AreaTree, behind: pl.DataFrame
) -> pl.DataFrame:
    """Every series in every month and area that existed then, with the reports behind it."""
    series = pl.DataFrame(
        list(dict.fromkeys((one.indicator.id, one.disaggregation) for one in slices)),
        schema={"indicator_id": pl.String, "disaggregation": pl.String},
        orient="row",
    )
    places = [(month.start, area) for month in months.months() for area in tree.existing([month])]
    versions = _versions({one.indicator.id: one.indicator for one in slices}.values(), months)
    return (
        series.join(rules.select("indicator_id", "is_events", "is_ratio"), on="indicator_id")
        .join(versions, on="indicator_id")
        .join(pl.DataFrame(places, schema={"month": pl.Date, "area": pl.String}, orient="row"), on="month")
        .join(behind, on=["indicator_id", "month", "area"], how="left")
        .with_columns(pl.col("reports_received", "reports_expected").fill_null(0))
    )


def _derived(definitions: Definitions, values: pl.DataFrame) -> list[pl.DataFrame]:
    known = {id_: values.filter(pl.col("indicator_id") == id_) for id_ in definitions.indicators}
    made = []
    for id_, indicator in definitions.indicators.items():
        if indicator.is_derived:
            known[id_] = compute_derived(indicator, known).select(values.columns)
            made.append(known[id_])
    return made


def _in_scope(values: pl.DataFrame, wanted: tuple[Wanted, ...], tree: AreaTree) -> pl.DataFrame:
    detailed = [str(one.period) for one in wanted if one.is_detailed]
    lowest = [code for code in tree.by_code if tree.level(code) == LOWEST]
    is_low, is_part = pl.col("area").is_in(lowest), pl.col("disaggregation") != TOTAL
    return values.filter((pl.col("period").is_in(detailed) & ~(is_low & is_part)) | ~(is_low | is_part))


def _arranged(values: pl.DataFrame, definitions: Definitions, tree: AreaTree) -> pl.DataFrame:
    orders = {
        "indicator_id": list(definitions.indicators),
        "area": list(tree.by_code),
        "period": [
            str(period) for period in sorted(Period.parse(text) for text in values["period"].unique())
        ],
    }
    keys = [
        pl.col(name).replace_strict(order, range(len(order)), return_dtype=pl.Int64)
        for name, order in orders.items()
    ]
    ordered = values.sort(
        keys[0], keys[2], keys[1], pl.col("disaggregation") != TOTAL, "disaggregation", maintain_order=True
    )
    return ordered.select(*FIRST_COLUMNS, "interval_low", "interval_high")
