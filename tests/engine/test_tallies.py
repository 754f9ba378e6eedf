"""Distinct counts, medians and percentiles over larger areas and longer periods, with figures that a pencil can check."""

from datetime import date

import polars as pl
import pytest

from cpas.definitions.expressions.parse import parse_formula
from cpas.definitions.expressions.values import Field
from cpas.engine.tallies import settle
from cpas.errors import DefinitionError, Location


def post(month, place="C1", **values):
    return {"month": date.fromisoformat(f"{month}-01"), "section": "jmac", "place": place} | values


def test_a_key_in_two_areas_and_two_months_counts_once(mini, incident):
    mini.indicator("A", "{value: count(distinct incident_id)}", unit="incidents")
    rows = [
        incident("2018-07-05", "C1", incident_id="a"),
        incident("2018-07-06", "C3", incident_id="a"),
        incident("2018-08-05", "C1", incident_id="a"),
        incident("2018-08-06", "C1", incident_id="b"),
    ]
    results = mini.results("2018-07..2018-08", {"incidents": rows})
    assert [mini.row(results, "A", area)["value"] for area in ("ML", "R1", "R2", "C1")] == [2, 2, 1, 2]


@pytest.mark.parametrize(("how", "value"), [("sum", 2.0), ("mean", 1.5), ("max", 2.0), ("last", 2.0)])
def test_over_time_a_distinct_count_is_of_all_rows_or_of_each_month(mini, incident, how, value):
    mini.indicator("A", "{value: count(distinct incident_id)}", unit="incidents", more=f"over_time: {how}")
    rows = [incident("2018-07-05", place, incident_id="a") for place in ("C1", "C3")]
    rows += [incident("2018-08-05", incident_id=key) for key in ("a", "b")]
    assert mini.row(mini.results("2018-07..2018-08", {"incidents": rows}), "A")["value"] == value


def deaths(incident, *numbers, places=("C1", "C3"), months=("2018-07", "2018-08")):
    return [
        incident(f"{months[index % 2]}-05", places[index // 2 % 2], deaths=number)
        for index, number in enumerate(numbers)
    ]


@pytest.mark.parametrize(
    ("measure", "numbers", "value"),
    [
        ("median(deaths)", (9, 1, 4), 4.0),
        ("median(deaths)", (9, 1, 4, 7), 5.5),
        ("percentile(deaths, 0.9)", (1, 2, 3, 4, 5, 6, 7, 8), 7.3),  # position 6.3 of 0 to 7
        ("percentile(deaths, 0)", (5, 3, 8), 3.0),
        ("percentile(deaths, 1)", (5, 3, 8), 8.0),
        ("percentile_cont(0.25) within group (order by deaths)", (1, 2, 3, 4, 5), 2.0),
        ("median(deaths) filter (where deaths > 1)", (1, 1, 1, 4, 8), 6.0),
    ],
)
def test_a_percentile_is_of_all_rows_of_area_and_period_and_never_of_percentiles(
    mini, incident, measure, numbers, value
):
    mini.indicator("A", f"{{value: '{measure}'}}")
    results = mini.results("2018-07..2018-08", {"incidents": deaths(incident, *numbers)})
    assert mini.row(results, "A")["value"] == value


def test_the_median_of_nothing_is_not_applicable_and_not_zero(mini, incident):
    mini.indicator("A", "{value: median(deaths)}")
    row = mini.row(mini.results("2018-07", {"incidents": []}), "A")
    assert (row["value"], row["status"]) == (None, "not_applicable")
    unknown = mini.row(mini.results("2018-07", {"incidents": [incident("2018-07-05")]}), "A")
    assert (unknown["value"], unknown["status"]) == (None, "not_reported")


def test_parts_of_a_median_are_medians_of_their_rows(mini, incident):
    mini.indicator("A", "{value: median(deaths)}", more="disaggregate_by: [kind, sex]")
    rows = [incident("2018-07-05", deaths=number, women=1) for number in (1, 2, 6)]
    rows += [incident("2018-07-05", deaths=10, kind="clash", women=5)]
    results = mini.results("2018-07", {"incidents": rows})
    parts = ("total", "kind=attack", "kind=clash", "sex=women")
    assert [mini.row(results, "A", part=part)["value"] for part in parts] == [4.0, 2.0, 10.0, 1.0]


def test_a_ratio_may_have_a_distinct_count_below(mini, incident):
    mini.indicator(
        "A", "{numerator: sum(deaths), denominator: count(distinct incident_id)}", unit="persons each"
    )
    rows = [incident("2018-07-05", place, incident_id="a", deaths=3) for place in ("C1", "C3")]
    row = mini.row(mini.results("2018-07", {"incidents": rows}), "A")
    assert (float(row["numerator"]), float(row["denominator"]), row["value"]) == (6.0, 1.0, 6.0)


def test_the_last_of_levels_counts_the_keys_of_each_places_last_month(mini):
    mini.indicator(
        "A", "{value: count(distinct filled)}", source="posts", unit="posts", more="over_time: last"
    )
    rows = [post("2019-05", "C3", filled=7), post("2019-05", "C1", filled=8), post("2019-06", "C1", filled=7)]
    row = mini.row(mini.results("2019-Q2", {"posts": rows}), "A")
    assert (row["value"], row["places_silent"]) == (1.0, 1)


@pytest.mark.parametrize(
    ("measure", "more"),
    [
        ("{value: count(distinct incident_id) + 1}", ""),
        ("{value: median(deaths) - sum(women)}", ""),
        ("{value: median(deaths)}", "over_area: max"),
        ("{value: 'percentile(deaths, 1.5)'}", ""),
        ("{value: 'percentile(deaths)'}", ""),
        ("{value: median(kind)}", ""),
    ],
)
def test_what_cannot_be_made_of_all_rows_is_refused(mini, measure, more):
    with pytest.raises(DefinitionError):
        mini.indicator("A", measure, more=more).load()


@pytest.mark.parametrize("text", ["median(x)", "percentile(x + 1, 0.9) filter (where y > 2)"])
def test_a_percentile_has_one_spelling_that_reads_back(text):
    fields = {"x": Field("number"), "y": Field("number")}
    formula = parse_formula(text, fields, None, Location("test"))
    assert "PERCENTILE_CONT(" in formula.sql
    assert parse_formula(formula.sql, fields, None, Location("test")).sql == formula.sql


def test_a_percentile_of_decimals_is_exact_to_six_places():
    rows = pl.DataFrame(
        {
            "k": ["a"] * 2,
            "value": ["0.100000", "0.200001"],
            "n": [1, 2],
            "function": "percentile",
            "fraction": "0.25",
        }
    )
    assert str(settle(rows, ["k"])["settled"][0]) == "0.150000"  # half of the way, cut to six places
