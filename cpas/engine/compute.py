"""Definitions, facts and periods to the results frame: the spine of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import polars as pl

from cpas.definitions.indicator import Indicator
from cpas.definitions.loaded import Definitions, LoadedIndicator
from cpas.engine.areas import AreaTree
from cpas.engine.boundaries import days_of, with_boundaries
from cpas.engine.bounds import with_bounds
from cpas.engine.cells import Cells, measure_cells
from cpas.engine.coverage import (
    coverage,
    coverage_of_indicators,
    expected_reports,
    reporters_of,
    whole_reports,
)
from cpas.engine.derived import compute_derived, needed_periods
from cpas.engine.measures import TOTAL, Slice
from cpas.engine.milestones import achieved_days
from cpas.engine.passes import SERIES, Rows
from cpas.engine.rollup import (
    Span,
    each_place,
    fill_months,
    months_of,
    over_area,
    over_time,
    place_by_place,
    replaced,
    with_value,
)
from cpas.engine.scope import Scope, Wanted, scope_of, to_read
from cpas.engine.silence import with_silent
from cpas.engine.standing import with_standing
from cpas.engine.steps import with_steps
from cpas.engine.supply import Supply
from cpas.engine.tallies import exchanged, of_months, of_periods
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
MORE_COLUMNS = (
    "interval_low",
    "interval_high",
    "places_silent",
    "bound_low",
    "bound_high",
    "boundary",
    "milestone",
    "achieved_on",
    "step",
    "distribution",
    "no_step",
)
RULES = {
    "indicator_id": pl.String,
    "over_area": pl.String,
    "over_time": pl.String,
    "is_events": pl.Boolean,
    "is_ratio": pl.Boolean,
    "scale": pl.Int64,
    "carry_over": pl.Int64,
    "is_time_first": pl.Boolean,
    "is_by_days": pl.Boolean,
    "is_versioned": pl.Boolean,
    "numerator_function": pl.String,
    "denominator_function": pl.String,
}


def compute_results(
    definitions: Definitions,
    facts: Mapping[str, Rows],
    reports: pl.DataFrame,
    tree: AreaTree,
    wanted: Iterable[Wanted],
    supplies: Mapping[str, Supply] = MappingProxyType({}),
) -> pl.DataFrame:
    """Every indicator's values for the wanted periods, areas and disaggregations.

    Args:
        definitions: What to compute.
        facts: Rows by data set, with the declared columns; coded columns as Enum. Rows that another
            engine holds are measured by it, and all that follows is the same.
        reports: The reports that came in: `dataset`, `reporter`, `month`, and `is_whole` as
            `coverage.whole_reports` reads it.
        tree: The areas and their dates.
        wanted: The periods.
        supplies: What the source of a data set can tell, where it is a foreign one. What it cannot
            tell has no value, and nothing that rests on it is read against baselines and targets, which
            are those of the mission's own data.

    Returns:
        One row per indicator, period, area and disaggregation: first `FIRST_COLUMNS`, then
        `MORE_COLUMNS`. Sorted by indicator in the order of the definitions,
        period, area and disaggregation.

    Source:
        docs/numbers.md says what each column means.
    """
    wanted = tuple(wanted)
    cells = measure_cells(definitions, facts, months_read(definitions, wanted), tree.root, supplies)
    return compute_from(definitions, cells, reports, tree, wanted, supplies)


def months_read(definitions: Definitions, wanted: Iterable[Wanted]) -> Period:
    """The months whose rows are read to compute some periods."""
    return to_read(_spans(definitions, _needed(definitions, wanted)))


def compute_from(
    definitions: Definitions,
    cells: Cells,
    reports: pl.DataFrame,
    tree: AreaTree,
    wanted: Iterable[Wanted],
    supplies: Mapping[str, Supply] = MappingProxyType({}),
) -> pl.DataFrame:
    """As `compute_results`, from cells that were measured before; of months that they do not cover the rows are measured.

    `definitions` are those that were measured, or have fewer indicators or fewer versions of them.
    """
    wanted = tuple(wanted)
    measured = [one for one in definitions.indicators.values() if not one.is_derived]
    needed = _needed(definitions, wanted)
    in_detail = {(id_, period) for id_, each in needed.items() for period in each if each[period]}
    spans = _spans(definitions, needed)
    scope = scope_of(spans, in_detail, wanted, tree, definitions)
    rules = _rules(measured, definitions)
    if not cells.months.contains(scope.read):
        cells = measure_cells(definitions, cells.facts, scope.read, tree.root, supplies)
    closure = tree.closure(scope.months.months())
    current, slots = _in_force(definitions, cells, scope, tree, rules)
    monthly = over_area(current, closure, rules, scope.keeps)
    settled = of_months(slots, closure, scope.keeps)
    monthly = exchanged(monthly, settled, rules, [*SERIES, "month", "area"])
    covered = coverage(
        expected_reports(definitions, tree, scope.read.months()), whole_reports(reports, definitions)
    )
    behind = coverage_of_indicators(measured, definitions, covered)
    grid = (
        _grid(definitions, cells, rules, scope, tree)
        .join(behind, on=["indicator_id", "month", "area"], how="left")
        .with_columns(pl.col("reports_received", "reports_expected").fill_null(0))
    )
    filled = fill_months(monthly, grid)
    made = [(id_, span) for id_, span in spans if not definitions.indicators[id_].is_derived]
    months = months_of(made, rules)
    keeps = scope.keeps_of_period
    places = each_place(current, closure, months, rules, keeps)
    values = replaced(over_time(filled, months, rules, keeps), place_by_place(places, rules))
    settled = of_periods(slots, current, closure, months, rules, keeps)
    together = rules.filter((pl.col("over_time") == "sum") | pl.col("is_time_first"))
    values = exchanged(values, settled, together, [*SERIES, "period", "area"])
    days = days_of(values["area"].unique(), (span.period for _, span in spans), tree)
    values = with_value(values, rules).join(days, on=["period", "area"], how="left", maintain_order="left")
    values = pl.concat([values, *_derived(definitions, values, needed)])
    values = with_bounds(values, current, covered, months, tree, definitions)
    values = with_boundaries(values, spans, closure, tree)
    achieved = achieved_days(definitions, cells.facts, scope.months, tree.root)
    standing = with_standing(
        with_steps(_in_scope(values, wanted, scope), places, definitions),
        definitions,
        tree.root,
        _foreign(definitions, supplies),
        filled,
        achieved,
    )
    return _arranged(standing, definitions, tree)


def _foreign(definitions: Definitions, supplies: Mapping[str, Supply]) -> frozenset[str]:
    """The indicators that rest on a foreign source, themselves or through others."""
    found: set[str] = set()
    for id_, one in definitions.indicators.items():
        names = {operand.indicator for operand in one.operands}
        if one.definition.source in supplies or names & found:
            found.add(id_)
    return frozenset(found)


def _needed(definitions: Definitions, wanted: Iterable[Wanted]) -> Mapping[str, Mapping[Period, bool]]:
    return needed_periods(definitions, {one.period: one.is_detailed for one in wanted})


def _spans(definitions: Definitions, needed: Mapping[str, Iterable[Period]]) -> list[tuple[str, Span]]:
    mandate_from = Period.month(definitions.mission.mandate_from)
    return [
        (id_, Span.of(definitions.indicators[id_].definition, period, mandate_from))
        for id_, periods in needed.items()
        for period in periods
    ]


def _in_force(
    definitions: Definitions, cells: Cells, scope: Scope, tree: AreaTree, rules: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cells with the places that say nothing, and the values behind distinct counts and percentiles; each month by its own version."""
    versions = _versions(_indicators(cells.told, definitions), scope.read)
    in_force = ["indicator_id", "version", "month"]
    current = cells.frame.filter(scope.is_behind).join(versions, on=in_force, how="semi")
    every = with_silent(current, _places(tree, scope.months).rename({"area": "leaf"}), versions, rules)
    known = current.filter(pl.col("numerator").is_not_null())
    behind = cells.slots.join(known, on=[*in_force, "disaggregation", "leaf"], how="semi")
    return every, behind


def _indicators(slices: Iterable[Slice], definitions: Definitions) -> list[LoadedIndicator]:
    """The indicators of some slices, as far as the definitions have them, each once."""
    ids = dict.fromkeys(one.indicator.id for one in slices)
    return [definitions.indicators[id_] for id_ in ids if id_ in definitions.indicators]


def _places(tree: AreaTree, months: Period) -> pl.DataFrame:
    """Each area in each month in which it exists."""
    rows = [(month.start, tree.existing([month])) for month in months.months()]
    return pl.DataFrame(rows, {"month": pl.Date, "area": pl.List(pl.String)}, orient="row").explode("area")


def _versions(indicators: Iterable[LoadedIndicator], months: Period) -> pl.DataFrame:
    rows = [
        (one.id, one.version_at(month).number, month.start) for one in indicators for month in months.months()
    ]
    return pl.DataFrame(
        rows, schema={"indicator_id": pl.String, "version": pl.Int64, "month": pl.Date}, orient="row"
    )


def _rules(indicators: Iterable[LoadedIndicator], definitions: Definitions) -> pl.DataFrame:
    rows = []
    for one in indicators:
        about, measured = one.definition, one.versions[0].measure
        dataset = definitions.datasets[about.source or ""].dataset
        is_events = dataset.kind == "events"
        rows.append(
            (
                *(one.id, _area_rule(about), about.over_time, is_events, measured.denominator is not None),
                *(measured.scale, about.carry_over, _is_time_first(about, is_events=is_events)),
                *(about.over_time == "mean" and dataset.covers == "calendar_year", len(one.versions) > 1),
                *(
                    part and part.whole and part.whole.function
                    for part in (measured.numerator, measured.denominator)
                ),
            )
        )
    return pl.DataFrame(rows, schema=RULES, orient="row")


def _area_rule(about: Indicator) -> str:
    """The rule over areas; the median of steps is the lower of the two in the middle."""
    return "lower_median" if about.scale and about.over_area == "median" else about.over_area


def _is_time_first(about: Indicator, *, is_events: bool) -> bool:
    """Whether each place is put over time before the places are put together; sums of sums are the same either way.

    Steps are, whatever the rule, since places are counted at the step that each came to.
    """
    if about.scale:
        return True
    if about.over_time == "sum":
        return about.over_area != "sum"
    return about.over_time in ("last", "first") and not is_events


def _grid(
    definitions: Definitions, cells: Cells, rules: pl.DataFrame, scope: Scope, tree: AreaTree
) -> pl.DataFrame:
    """Every series in every month and area that existed then."""
    kept = {(id_, version.number) for id_, one in definitions.indicators.items() for version in one.versions}
    every, known = (
        dict.fromkeys(
            (one.indicator.id, one.disaggregation)
            for one in slices
            if (one.indicator.id, one.version.number) in kept
        )
        for slices in (cells.slices, cells.told)
    )
    series = pl.DataFrame(
        [(*key, key in known) for key in every],
        schema={"indicator_id": pl.String, "disaggregation": pl.String, "is_told": pl.Boolean},
        orient="row",
    )
    versions = _versions(_indicators(cells.slices, definitions), scope.months)
    is_percentile = (pl.col("numerator_function") == "percentile").fill_null(value=False)
    kinds = rules.select("indicator_id", "is_events", "is_ratio", is_percentile=is_percentile)
    return (
        series.join(kinds, on="indicator_id")
        .with_columns(pl.col("is_events") & pl.col("is_told"))
        .join(versions, on="indicator_id")
        .filter(scope.is_behind)
        .join(_places(tree, scope.months), on="month")
        .filter(scope.keeps)
    )


def _derived(
    definitions: Definitions, values: pl.DataFrame, needed: Mapping[str, Iterable[Period]]
) -> list[pl.DataFrame]:
    rests_on = {
        id_: (one.definition.source, reporters_of(one, definitions), one.definition.cumulative)
        for id_, one in definitions.indicators.items()
        if not one.is_derived
    }
    counts = {id_: (source, cumulative) for id_, (source, _, cumulative) in rests_on.items()}
    known = {id_: values.filter(pl.col("indicator_id") == id_) for id_ in definitions.indicators}
    made = []
    for id_, indicator in definitions.indicators.items():
        if indicator.is_derived:
            known[id_] = compute_derived(indicator, known, needed[id_], rests_on, counts).select(
                values.columns
            )
            made.append(known[id_])
    return made


def _in_scope(values: pl.DataFrame, wanted: tuple[Wanted, ...], scope: Scope) -> pl.DataFrame:
    """The periods wanted, without lowest areas and parts of those not wanted in detail, though their months were needed."""
    named = [str(one.period) for one in wanted]
    in_detail = [str(one.period) for one in wanted if one.is_detailed]
    is_fine = pl.col("area").is_in(scope.lowest) | (pl.col("disaggregation") != TOTAL)
    is_needed = ~is_fine | pl.col("period").is_in(in_detail) | scope.is_aimed
    return values.filter(pl.col("period").is_in(named) & is_needed)


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
    return ordered.rename({"silent": "places_silent"}).select(*FIRST_COLUMNS, *MORE_COLUMNS)
