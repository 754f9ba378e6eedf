"""What is computed beside a figure, and how finely, never changes it."""

from datetime import date

import polars as pl
import pytest

from cpas.engine.areas import AreaTree
from cpas.engine.compute import compute_results
from cpas.engine.scope import Wanted
from cpas.periods import Period

JULY, AUGUST = Period.parse("2018-07"), Period.parse("2018-08")
GOALS = "targets_for: [{area: C3, targets: {2018/19: 1}}]"
REPORTS = pl.DataFrame(
    [("incidents", office, date(2018, month, 1)) for month in (5, 6, 7, 8) for office in ("FO-A", "FO-B")],
    schema={"dataset": pl.String, "reporter": pl.String, "month": pl.Date},
    orient="row",
)


@pytest.fixture
def compute(mini, incident):
    """Computes an indicator of a month, one of the year to date, a level, and one derived from the first."""
    more = "disaggregate_by: [kind]"
    mini.indicator("A", "{value: sum(deaths)}", more=more)
    mini.indicator("B", "{value: sum(deaths)}", more=f"{more}\ncumulative: budget_year")
    mini.indicator("C", "{value: sum(filled)}", source="posts", unit="posts", more="over_time: last")
    mini.indicator("D", "{value: 'A - previous(A)'}", source="", more=GOALS)
    rows = [
        incident(f"2018-0{month}-05", place, deaths=deaths, kind=kind)
        for month, place, deaths, kind in (
            *((5, "C1", 1, "clash"), (6, "C3", 4, "attack"), (7, "C1", 10, "clash")),
            *((7, "C3", 3, "attack"), (8, "C3", 5, "attack"), (8, "C1", 2, "clash")),
        )
    ]
    posts = [{"month": date(2018, 6, 1), "section": "jmac", "place": "C1", "filled": 4}]
    definitions, facts = mini.load(), mini.facts({"incidents": rows, "posts": posts})
    tree = AreaTree.of(mini.areas(), "ML")
    return lambda *wanted: compute_results(definitions, facts, REPORTS, tree, wanted)


def of_month(results: pl.DataFrame, period: Period = AUGUST) -> pl.DataFrame:
    return results.filter(pl.col("period") == str(period))


def test_a_month_is_the_same_whatever_other_periods_are_computed_with_it(compute):
    alone = compute(Wanted(AUGUST, is_detailed=True))
    others = [Wanted(one, is_detailed=True) for one in (JULY, Period.parse("2018/19"))]
    assert of_month(compute(Wanted(AUGUST, is_detailed=True), *others)).equals(alone)
    assert set(alone["area"]) >= {"ML", "R1", "C1", "C3"}
    assert "kind=attack" in set(alone["disaggregation"])


def test_a_month_not_wanted_in_detail_has_the_same_totals_of_larger_areas_alone(compute):
    fine, coarse = (compute(Wanted(AUGUST, is_detailed=is_detailed)) for is_detailed in (True, False))
    is_large = pl.col("area").is_in(["ML", "R1", "R2"]) & (pl.col("disaggregation") == "total")
    has_targets = pl.col("indicator_id").is_in(["A", "D"]) & (pl.col("area") == "C3")
    kept = fine.filter(is_large | (has_targets & (pl.col("disaggregation") == "total")))
    assert coarse.equals(kept)


def test_a_lowest_area_with_targets_of_its_own_is_rated_in_every_period_even_of_a_derived_indicator(compute):
    results = compute(Wanted(AUGUST, is_detailed=True), Wanted(JULY, is_detailed=False))
    own = of_month(results, JULY).filter((pl.col("indicator_id") == "D") & (pl.col("area") == "C3"))
    # three killed in July, four in June; a month's share of the year's target is 31 days of 365
    assert own.select("value", "target", "rating").rows() == [(-1.0, pytest.approx(31 / 365), "met")]


def test_areas_that_are_wanted_alone_have_the_same_figures(compute):
    every = compute(Wanted(AUGUST, is_detailed=False))
    some = compute(Wanted(AUGUST, is_detailed=False, areas=frozenset({"R1", "R2"})))
    assert some.equals(every.filter(pl.col("area").is_in(["R1", "R2"])))
    assert set(some["area"]) == {"R1", "R2"}
