"""Cells that were measured once give the results that rows give, whatever else was measured with them."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from cpas.engine.areas import AreaTree
from cpas.engine.cells import measure_cells
from cpas.engine.compute import compute_from, compute_results
from cpas.engine.measures import compute_cells, slices_of
from cpas.engine.scope import Wanted
from cpas.periods import Period

MONTH = Period.parse("2018-08")
REPORTS = pl.DataFrame(
    [("incidents", "FO-A", month) for month in (date(2018, 7, 1), date(2018, 8, 1))],
    schema={"dataset": pl.String, "reporter": pl.String, "month": pl.Date},
    orient="row",
)


@pytest.fixture
def given(mini, incident):
    note = "note: {en: n, fr: n}"
    attacks = "measure: {value: sum(deaths) filter (where kind = 'attack')}"
    versions = f"[{{from: 2017-07-01, {note}}}, {{from: 2018-08-01, {note}, {attacks}}}]"
    mini.indicator("A", "{value: sum(deaths)}", versions=versions)
    mini.indicator("B", "{value: count(distinct incident_id)}", unit="incidents")
    mini.indicator("C", "{value: sum(filled)}", source="posts", unit="posts", over_time="last")
    incidents = [incident("2018-07-05", deaths=10, kind="clash"), incident("2018-08-05", "C3", deaths=5)]
    posts = [{"month": date(2018, 6, 1), "section": "jmac", "place": "C1", "filled": 4}]
    facts = mini.facts({"incidents": incidents, "posts": posts})
    return mini.load(), facts, AreaTree.of(mini.areas(), "ML")


@pytest.mark.parametrize("months", ["2018-08", "2016-01..2019-12"])
def test_results_are_the_same_from_cells_of_fewer_and_of_more_months(given, months):
    definitions, facts, tree = given
    wanted = [Wanted(MONTH, is_detailed=True), Wanted(MONTH.previous(), is_detailed=False)]
    cells = measure_cells(definitions, facts, Period.parse(months), "ML", {})
    found = compute_from(definitions, cells, REPORTS, tree, wanted)
    assert found.equals(compute_results(definitions, facts, REPORTS, tree, wanted))


@pytest.mark.parametrize(("number", "values"), [(0, [10.0, 5.0]), (1, [0.0, 5.0])])
def test_results_of_one_version_of_one_indicator_are_the_same_from_cells_of_all(given, number, values):
    definitions, facts, tree = given
    one = definitions.indicators["A"]
    pinned = replace(definitions, indicators={"A": replace(one, versions=(one.versions[number],))})
    wanted = [Wanted(MONTH, is_detailed=True), Wanted(MONTH.previous(), is_detailed=False)]
    cells = measure_cells(definitions, facts, Period.parse("2016-01..2019-12"), "ML", {})
    found = compute_from(pinned, cells, REPORTS, tree, wanted)
    assert found.equals(compute_results(pinned, facts, REPORTS, tree, wanted))
    whole = found.filter((pl.col("area") == "ML") & (pl.col("disaggregation") == "total"))
    assert whole.sort("period")["value"].to_list() == values


def test_slices_have_the_same_cells_whatever_is_measured_beside_them(mini, incident):
    """Slices that are alike are computed together: those that differ in one thing only must not be."""
    share = "{value: sum(deaths) filter (where kind = 'attack') / sum(deaths)}"
    for rule in ("skip_if_any", "skip_if_all", "never_skip"):
        more = f"missing: {rule}\ndisaggregate_by: [kind]"
        mini.indicator(f"SHARE-{rule}", share, unit="share", more=more)
        mini.indicator(f"SUM-{rule}", "{value: sum(deaths) + sum(women)}", more=more)
    for id_, value, unit in (
        ("SUM", "sum(deaths)", "persons"),
        ("LESS", "sum(deaths) - sum(women)", "persons"),
        ("COUNT", "count(*)", "incidents"),
        ("IDS", "count(distinct incident_id)", "incidents"),
        ("MEDIAN", "median(deaths)", "persons"),
    ):
        mini.indicator(id_, f"{{value: {value}}}", unit=unit, more="disaggregate_by: [kind]")
    most = "disaggregate_by: [kind]\nover_time: max\nover_area: max"
    mini.indicator("MOST", "{value: max(deaths)}", more=most)
    incidents = [
        incident("2018-07-05", deaths=10, women=3, kind="clash"),
        incident("2018-07-06", deaths=None, women=2, kind="attack"),
        incident("2018-08-05", "C3", deaths=5, women=None, kind="attack"),
        incident("2018-08-07", "C3", deaths=None, women=None, kind="clash"),
    ]
    rows = mini.facts({"incidents": incidents})["incidents"]
    definitions = mini.load()
    dataset = definitions.datasets["incidents"].dataset
    slices = [each for one in definitions.indicators.values() for each in slices_of(one, definitions)]
    keys = ["indicator_id", "disaggregation", "month", "leaf"]
    together = compute_cells(rows, dataset, slices, Period.parse("2018-07..2018-08"), "ML").sort(keys)
    alone = [compute_cells(rows, dataset, [one], Period.parse("2018-07..2018-08"), "ML") for one in slices]
    assert together.equals(pl.concat(alone).sort(keys))
    assert together.height == len(slices) * 2
