"""Each figure beside what it is compared with: the change, whether the two compare, and whether it is more than noise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from cpas.definitions.loaded import Definitions, LoadedIndicator
from cpas.definitions.scale import STEP
from cpas.engine.areas import AreaTree
from cpas.engine.boundaries import days_of
from cpas.engine.bridge import bridged
from cpas.engine.counted import is_counted, is_extreme
from cpas.engine.measures import TOTAL
from cpas.engine.overlap import FIGURES, KEYS, Change, Recompute, both_ways, changes_between, learned_from
from cpas.engine.pairs import JUDGED, MEANS, Kind, Pair, pairs_for
from cpas.engine.rollup import Span
from cpas.engine.scope import LOWEST
from cpas.periods import Period

LEAST_KNOWN = {3: 2, 12: 8}
NOTABLE = 0.10

COLUMNS: dict[str, type[pl.DataType]] = {
    **dict.fromkeys(
        ("indicator_id", "kind", "period", "compared_period", "area", "disaggregation"), pl.String
    ),
    **dict.fromkeys(("value", "compared_value", "change"), pl.Float64),
    "change_unit": pl.String,
    "change_per_cent": pl.Float64,
    **dict.fromkeys(("known", "compared_known"), pl.Int64),
    "compares": pl.Boolean,
    **dict.fromkeys(
        ("reasons", "basis", "direction", "earlier_versions", "later_versions", "changed_within"), pl.String
    ),
    **dict.fromkeys(
        ("value_by_earlier", "compared_by_earlier", "value_by_later", "compared_by_later"), pl.Float64
    ),
    "boundaries_of": pl.String,
    **dict.fromkeys(("value_bridged", "compared_bridged", "change_bridged"), pl.Float64),
    "not_placed": pl.Int64,
    "bridges": pl.Boolean,
    "bridge_reasons": pl.String,
}
ALWAYS = ("no_value", "partial", "coverage_differs")


def compute_comparisons(
    results: pl.DataFrame, definitions: Definitions, tree: AreaTree, period: Period, recompute: Recompute
) -> pl.DataFrame:
    """A period's figures beside those they are compared with.

    Args:
        results: As `compute.compute_results` gives them for `compute.periods_for` the period.
        definitions: The indicators.
        tree: The areas.
        period: The period of the report.
        recompute: Computes results with other definitions or another tree from the same data; asked for the
            overlap where a definition changed between two periods, and for the bridge where boundaries did.

    Returns:
        Columns as `COLUMNS`, one row per indicator, kind and area above the lowest level, for totals; sorted by
        indicator, kind and area in the order of `results` and `pairs_for`. A comparison with a period before
        the data begin has no rows. `change` is in the indicator's unit, and for percentages in points,
        which have no change in per cent; neither have steps of a scale, nor has a change from zero. `compares` is false where
        `reasons` says why: `no_value`, `partial`, `coverage_differs`, `boundary_changed`,
        `definition_changed`, `total_restarts`. `basis` says on what ground the whole mission's change may be spoken
        of: `interval` where those of two counts do not meet, and for other figures `size` where the change
        is a tenth or more. Where the definition changed it is judged by the later version alone. Where the boundaries of
        an area changed both figures are computed again on those of the report's last month, `boundaries_of`; they do
        not compare (`bridges`) where `bridge_reasons` says why: as above, `not_placed` where rows name only
        an area that was divided, and `not_traced` where a place of the area was not told apart at the time.
    """
    about = _about(definitions)
    lowest = [code for code in tree.by_code if tree.level(code) == LOWEST]
    wholes = results.filter((pl.col("disaggregation") == TOTAL) & ~pl.col("area").is_in(lowest)).join(
        about, on="indicator_id", maintain_order="left"
    )
    made = [pl.DataFrame(schema=COLUMNS)]
    known = set(results["period"].unique())
    pairs = [pair for pair in pairs_for(period) if known & pair.behind(pair.compared)]
    broken = {pair: _broken(tree, wholes["area"].unique(), pair) for pair in pairs}
    bridge = bridged(definitions, tree, broken, known, recompute).join(
        about, on="indicator_id", maintain_order="left"
    )
    changes = {pair: changes_between(definitions, pair.compared, pair.period) for pair in pairs}
    overlaps = both_ways(definitions, changes, recompute)
    for pair in pairs:
        days = days_of(wholes["area"].unique(), (pair.period, pair.compared), tree)
        there = wholes.join(days, on=["period", "area"], how="left", maintain_order="left")
        now, before = (_side(there, pair.kind, one) for one in (pair.period, pair.compared))
        both = now.join(before, on=KEYS, how="left", suffix=" compared", maintain_order="left").join(
            about, on="indicator_id", maintain_order="left"
        )
        flagged = both.with_columns(
            pl.col("area").is_in(broken[pair]).alias("is_broken"),
            pl.col("indicator_id").is_in(list(changes[pair])).alias("is_changed"),
            pl.col("indicator_id").is_in(_restarted(definitions, pair)).alias("is_restarted"),
            (pl.col("area") == tree.root).alias("is_whole"),
        )
        for more in (overlaps[pair], _on_one_tree(bridge, pair)):
            flagged = flagged.join(more, on=KEYS, how="left", maintain_order="left")
        made.append(_compared(flagged, pair, changes[pair]))
    order = {id_: index for index, id_ in enumerate(definitions.indicators)}
    ranked = pl.col("indicator_id").replace_strict(order, return_dtype=pl.Int64)
    return pl.concat(made).sort(ranked, maintain_order=True)


def periods_again(definitions: Definitions, period: Period) -> tuple[Period, ...]:
    """The periods beyond those compared that `compute_comparisons` has computed again, where a definition changed."""
    return tuple(
        learned_from((pair.compared, pair.period))
        for pair in pairs_for(period)
        if pair.kind in JUDGED and changes_between(definitions, pair.compared, pair.period)
    )


def _about(definitions: Definitions) -> pl.DataFrame:
    rows = [
        (
            id_,
            one.definition.unit,
            one.definition.direction,
            one.versions[0].measure.scale,
            one.adds_up,
            _runs(one),
            any(
                is_counted(behind, definitions) or is_extreme(behind, definitions)
                for behind in map(definitions.indicators.__getitem__, definitions.behind(id_))
            ),
            one.is_derived,
        )
        for id_, one in definitions.indicators.items()
    ]
    schema = {
        **dict.fromkeys(("indicator_id", "own_unit", "better"), pl.String),
        "scale": pl.Int64,
        **dict.fromkeys(("is_flow", "is_running", "is_counted", "is_derived"), pl.Boolean),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _runs(one: LoadedIndicator) -> bool:
    return one.definition.cumulative != "none"


def _side(wholes: pl.DataFrame, kind: Kind, period: Period) -> pl.DataFrame:
    """One side of a comparison: `KEYS`, `FIGURES` and the number of months `known` behind a mean."""
    if kind in MEANS:
        return _mean(wholes, period, LEAST_KNOWN[MEANS[kind]])
    own = wholes.filter(pl.col("period") == str(period)).with_columns(
        pl.lit(None, dtype=pl.Int64).alias("known")
    )
    if kind == "annualised":
        year = period.year_around()
        factor = pl.lit(year.days if year else None, dtype=pl.Float64) / pl.col("days")
        own = own.filter(pl.col("is_flow")).with_columns(
            pl.col("value") * factor, *(pl.lit(None, dtype=pl.Float64).alias(name) for name in FIGURES[4:])
        )
    return own.select(*KEYS, *FIGURES, "known")


def _mean(wholes: pl.DataFrame, window: Period, least: int) -> pl.DataFrame:
    """The mean of the months that have a value, none below `least`; a ratio's parts are added and divided once, and steps have none."""
    months = [str(month) for month in window.months()]
    known = pl.col("value").is_not_null()
    above, below = (
        pl.col(name).filter(known).cast(pl.Float64).sum().alias(name) for name in ("numerator", "denominator")
    )
    made = (
        wholes.filter(pl.col("period").is_in(months) & ~pl.col("is_running") & (pl.col("own_unit") != STEP))
        .group_by(KEYS, maintain_order=True)
        .agg(
            above,
            pl.when(pl.col("denominator").filter(known).count() > 0)
            .then(below)
            .otherwise(known.sum().cast(pl.Float64))
            .alias("denominator"),
            known.sum().cast(pl.Int64).alias("known"),
            pl.col("scale").first(),
            (pl.col("status") == "reported").all().alias("is_complete"),
            *(pl.col(name).sum() for name in FIGURES[2:4]),
        )
    )
    value = pl.when(pl.col("known") >= least).then(
        pl.col("numerator") / pl.col("denominator") * pl.col("scale")
    )
    return made.select(
        *KEYS,
        value.alias("value"),
        pl.when("is_complete").then(pl.lit("reported")).otherwise(pl.lit("partial")).alias("status"),
        *FIGURES[2:4],
        *(pl.lit(None, dtype=pl.Float64).alias(name) for name in FIGURES[4:]),
        "known",
    )


def _broken(tree: AreaTree, areas: Iterable[str], pair: Pair) -> list[str]:
    """Areas whose boundaries changed; the whole mission has the same, however it is divided."""
    return [code for code in areas if code != tree.root and tree.is_broken(code, pair.compared, pair.period)]


def _on_one_tree(bridge: pl.DataFrame, pair: Pair) -> pl.DataFrame:
    """Both figures on the boundaries of the later one: columns as `value bridged compared`, and what could not be bridged."""
    now, before = (
        _side(bridge.with_columns(days=pl.lit(one.days)), pair.kind, one).select(
            *KEYS, *(pl.col(name).alias(f"{name} bridged") for name in FIGURES)
        )
        for one in (pair.period, pair.compared)
    )
    periods = pair.behind(pair.period) | pair.behind(pair.compared)
    left = bridge.filter(pl.col("period").is_in(list(periods))).group_by(KEYS)
    return now.join(before, on=KEYS, suffix=" compared", maintain_order="left").join(
        left.agg(pl.col("not_placed").sum(), pl.col("is_traced").all(), pl.col("boundaries_of").first()),
        on=KEYS,
    )


def _restarted(definitions: Definitions, pair: Pair) -> list[str]:
    """Running totals that began anew between a period and the one before, so that their difference is none."""
    mandate_from = Period.month(definitions.mission.mandate_from)
    if pair.kind != "previous":
        return []
    return [
        id_
        for id_, one in definitions.indicators.items()
        if _runs(one)
        and len(
            {
                Span.of(one.definition, period, mandate_from).months.first
                for period in (pair.period, pair.compared)
            }
        )
        > 1
    ]


def _compared(both: pl.DataFrame, pair: Pair, changes: Mapping[str, Change]) -> pl.DataFrame:
    change = pl.col("value") - pl.col("value compared")
    has_points = pl.col("own_unit") == "per cent"
    # no share of the earlier figure leads from zero, or across it
    has_share = (
        ~pl.col("own_unit").is_in(["per cent", STEP])
        & (pl.col("value compared") > 0)
        & (pl.col("value") >= 0)
    )
    versions = {
        side: {
            id_: " ".join(f"{name}:{number}" for name, number in getattr(one, side).items())
            for id_, one in changes.items()
        }
        for side in ("earlier", "later")
    }
    within = {
        id_: " ".join(f"{name}:{day}" for name, day in one.within.items()) or None
        for id_, one in changes.items()
    }
    judged = both.with_columns(
        _reasons(("boundary_changed", "definition_changed", "total_restarts")).alias("reasons"),
    ).with_columns(_basis(pair.kind))
    by_later = pl.when("is_changed").then(_difference(" by later")).otherwise(change)
    better = (by_later > 0) == (pl.col("better") == "increase")
    return judged.select(
        "indicator_id",
        pl.lit(pair.kind).alias("kind"),
        pl.lit(str(pair.period)).alias("period"),
        pl.lit(str(pair.compared)).alias("compared_period"),
        "area",
        pl.lit(TOTAL).alias("disaggregation"),
        "value",
        pl.col("value compared").alias("compared_value"),
        change.alias("change"),
        pl.when(has_points).then(pl.lit("points")).otherwise("own_unit").alias("change_unit"),
        pl.when(has_share).then(change / pl.col("value compared") * 100).alias("change_per_cent"),
        "known",
        pl.col("known compared").alias("compared_known"),
        (pl.col("reasons") == "").alias("compares"),
        "reasons",
        "basis",
        pl.when(pl.col("basis").is_not_null())
        .then(pl.when(better).then(pl.lit("improving")).otherwise(pl.lit("worsening")))
        .alias("direction"),
        *(
            pl.col("indicator_id")
            .replace_strict(names, default=None, return_dtype=pl.String)
            .alias(f"{side}_versions")
            for side, names in versions.items()
        ),
        pl.col("indicator_id")
        .replace_strict(within, default=None, return_dtype=pl.String)
        .alias("changed_within"),
        *(
            pl.col(f"value by {side}{which}").alias(f"{name}_by_{side}")
            for side in ("earlier", "later")
            for name, which in (("value", ""), ("compared", " compared"))
        ),
        *_across(),
    )


def _across() -> Iterator[pl.Expr]:
    """Both figures on the same boundaries, where those of the area changed, and why they do not compare."""
    is_bridged = pl.col("is_broken") & pl.col("boundaries_of").is_not_null()
    reasons = _reasons(("not_placed", "not_traced", "definition_changed", "total_restarts"), " bridged")
    now, before = (
        pl.when(is_bridged & pl.col("is_traced")).then(pl.col(name))
        for name in ("value bridged", "value bridged compared")
    )
    yield pl.when(is_bridged).then("boundaries_of").alias("boundaries_of")
    yield now.alias("value_bridged")
    yield before.alias("compared_bridged")
    yield (now - before).alias("change_bridged")
    yield pl.when(is_bridged).then("not_placed").alias("not_placed")
    yield (pl.when(is_bridged).then(reasons) == "").alias("bridges")
    yield pl.when(is_bridged).then(reasons).alias("bridge_reasons")


def _difference(suffix: str) -> pl.Expr:
    return pl.col(f"value{suffix}") - pl.col(f"value{suffix} compared")


def _reasons(changed: Iterable[str], suffix: str = "") -> pl.Expr:
    """Why two figures do not compare, by name, with a semicolon between several."""
    value, status, received, expected = (
        (pl.col(f"{name}{suffix}"), pl.col(f"{name}{suffix} compared")) for name in FIGURES[:4]
    )
    found = {
        "no_value": value[0].is_null() | value[1].is_null(),
        "partial": (status[0] == "partial") | (status[1] == "partial"),
        "coverage_differs": received[0] * expected[1] != received[1] * expected[0],
        "boundary_changed": pl.col("is_broken"),
        "not_placed": pl.col("not_placed") > 0,
        "not_traced": ~pl.col("is_traced"),
        "definition_changed": pl.col("is_changed"),
        "total_restarts": pl.col("is_restarted"),
    }
    named = [pl.when(found[name]).then(pl.lit(name)) for name in (*ALWAYS, *changed)]
    return pl.concat_str(named, separator=";", ignore_nulls=True)


def _basis(kind: Kind) -> pl.Expr:
    """On what ground the change may be spoken of; null where it may not."""
    nothing = pl.lit(None, dtype=pl.String).alias("basis")
    if kind not in JUDGED:
        return nothing
    is_judged = {"": pl.col("reasons") == "", " by later": pl.col("reasons") == "definition_changed"}
    basis = nothing
    for suffix, condition in is_judged.items():
        before, change = pl.col(f"value{suffix} compared"), _difference(suffix)
        low, high = pl.col(f"interval_low{suffix}"), pl.col(f"interval_high{suffix}")
        low_before, high_before = (
            pl.col(f"interval_low{suffix} compared"),
            pl.col(f"interval_high{suffix} compared"),
        )
        is_apart = (low > high_before) | (low_before > high)
        is_large = (change != 0) & ((before == 0) | (change.abs() >= NOTABLE * before.abs()))
        # the count that a rate is derived from speaks for it
        by_chance = pl.when(is_apart & ~pl.col("is_derived")).then(pl.lit("interval"))
        found = pl.when("is_counted").then(by_chance).when(is_large).then(pl.lit("size"))
        basis = pl.when(condition & pl.col("is_whole")).then(found).otherwise(basis)
    return basis.alias("basis")
