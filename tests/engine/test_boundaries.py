"""Areas that begin, end or change within a period, and the bridge across a change; cercle C2 moves from R1 to R2 on 1 January 2019."""

from datetime import date

import polars as pl

from cpas.engine.areas import AreaTree
from cpas.engine.compute import compute_results
from cpas.engine.scope import Wanted
from cpas.periods import Period


def boundary(mini, results, area):
    return mini.row(results, "A", area)["boundary"]


def test_a_value_across_a_change_of_an_areas_places_is_marked(mini, incident):
    mini.indicator("A", "{value: count(*)}", unit="incidents")
    rows = {"incidents": [incident("2018-12-05", "C2")]}
    across = mini.results("2018-12..2019-01", rows)
    found = {area: boundary(mini, across, area) for area in ("ML", "R1", "R2", "C1", "C2")}
    assert found == {"ML": None, "R1": "changed", "R2": "changed", "C1": None, "C2": None}
    assert boundary(mini, mini.results("2019-01", rows), "R2") is None


def computed(mini, areas, rows, period, month=None):
    definitions = mini.load()
    tree = AreaTree.of(areas, "ML")
    reports = pl.DataFrame(
        [
            ("incidents", office, one.start)
            for office in ("FO-A", "FO-B")
            for one in Period.parse(period).months()
        ],
        schema=["dataset", "reporter", "month"],
        orient="row",
    )
    wanted = [Wanted(Period.parse(period), is_detailed=True)]
    tree = tree.as_in(Period.parse(month)) if month else tree
    return compute_results(definitions, mini.facts(rows), reports, tree, wanted)


def test_an_area_of_a_part_of_the_period_is_never_shown_as_whole(mini, incident):
    mini.indicator("A", "{value: count(*)}", unit="incidents")
    begins = pl.when(pl.col("area_code") == "C3").then(pl.lit(date(2018, 8, 1))).otherwise("valid_from")
    areas = mini.areas().with_columns(begins.alias("valid_from"))
    rows = {"incidents": [incident("2018-09-05", "C3")]}
    row = mini.row(computed(mini, areas, rows, "2018-Q3"), "A", "C3")
    assert (row["value"], row["status"], row["boundary"]) == (1.0, "partial", "part")
    whole = mini.row(computed(mini, areas, rows, "2018-08..2018-09"), "A", "C3")
    assert (whole["status"], whole["boundary"]) == ("reported", None)


def test_the_bridge_has_earlier_months_for_the_places_an_area_has_now(mini, incident):
    mini.indicator("A", "{value: count(*)}", unit="incidents")
    rows = {"incidents": [incident("2018-12-05", place) for place in ("C1", "C2", "C2", "C3")]}
    then = computed(mini, mini.areas(), rows, "2018-12")
    bridged = computed(mini, mini.areas(), rows, "2018-12", month="2019-01")
    assert [mini.row(then, "A", area)["value"] for area in ("R1", "R2", "ML")] == [3.0, 1.0, 4.0]
    assert [mini.row(bridged, "A", area)["value"] for area in ("R1", "R2", "ML")] == [1.0, 3.0, 4.0]
    across = computed(mini, mini.areas(), rows, "2018-12..2019-01", month="2019-01")
    assert boundary(mini, across, "R2") is None
