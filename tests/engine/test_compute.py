"""What numbers mean: each rule with a figure that a pencil can check."""

from datetime import date

import polars as pl
import pytest

from cpas.engine.areas import AreaTree
from cpas.engine.compute import compute_results
from cpas.engine.scope import Wanted
from cpas.periods import Period


def post(month, place="C1", **values):
    return {"month": date.fromisoformat(f"{month}-01"), "section": "jmac", "place": place} | values


def test_a_sum_adds_rows_of_all_areas_and_months(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}")
    rows = [
        incident("2018-07-01", deaths=3),
        incident("2018-07-31", "C3", deaths=4),
        incident("2018-09-30", deaths=5),
        incident("2018-10-01", deaths=100),
    ]
    row = mini.row(mini.results("2018-Q3", {"incidents": rows}), "A")
    assert (row["value"], row["records"], row["status"]) == (12.0, 3, "reported")


def test_zero_is_zero_where_reports_came_in_and_nothing_happened(mini):
    row = mini.row(mini.indicator("A", "{value: sum(deaths)}").results("2018-07", {"incidents": []}), "A")
    assert (row["value"], row["status"], row["reports_received"], row["reports_expected"]) == (
        0.0,
        "reported",
        2,
        2,
    )


def test_nothing_reported_is_not_zero(mini):
    row = mini.row(
        mini.indicator("A", "{value: sum(deaths)}").results("2018-07", {"incidents": []}, received=[]), "A"
    )
    assert (row["value"], row["status"], row["reports_received"], row["reports_expected"]) == (
        None,
        "not_reported",
        0,
        2,
    )


def test_a_silent_office_makes_the_value_partial_and_its_own_area_unreported(mini, incident):
    mini.indicator("A", "{value: count(*)}", unit="incidents")
    results = mini.results(
        "2018-07", {"incidents": [incident("2018-07-05")]}, received=[("incidents", "FO-A", "2018-07")]
    )
    whole, north, south = (mini.row(results, "A", area) for area in ("ML", "R1", "R2"))
    assert (whole["value"], whole["status"]) == (1.0, "partial")
    assert (north["value"], north["status"]) == (1.0, "reported")
    assert (south["value"], south["status"]) == (None, "not_reported")


def test_four_kinds_of_nothing_stay_apart(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}")
    kinds = {"C1": "withheld", "C3": "not_applicable"}
    rows = [incident("2018-07-05", place, deaths_status=kind) for place, kind in kinds.items()] + [
        incident("2018-07-05", "C2")
    ]
    results = mini.results("2018-07", {"incidents": rows})
    assert [mini.row(results, "A", area)["status"] for area in ("C1", "C3", "C2")] == [
        "withheld",
        "not_applicable",
        "not_reported",
    ]
    zero = mini.results("2018-07", {"incidents": [incident("2018-07-05", deaths=0)]})
    assert (mini.row(zero, "A", "C1")["value"], mini.row(zero, "A", "C1")["status"]) == (0.0, "reported")


def test_a_missing_figure_among_known_ones_marks_the_sum_partial(mini, incident):
    rows = [incident("2018-07-05", deaths=3), incident("2018-07-06")]
    row = mini.row(mini.indicator("A", "{value: sum(deaths)}").results("2018-07", {"incidents": rows}), "A")
    assert (row["value"], row["status"], row["records"]) == (3.0, "partial", 2)


def test_a_ratio_pools_its_parts_and_is_never_averaged(mini, incident):
    mini.indicator(
        "A",
        "{value: count(*) filter (where answered) / count(*) * 100}",
        unit="per cent",
        direction="increase",
    )
    rows = [incident("2018-07-05", answered=True)] + [
        incident("2018-08-05", "C3", answered=False) for _ in range(3)
    ]
    row = mini.row(mini.results("2018-07..2018-08", {"incidents": rows}), "A")
    assert (float(row["numerator"]), float(row["denominator"]), row["value"]) == (1.0, 4.0, 25.0)


def test_a_zero_denominator_gives_no_value(mini):
    mini.indicator("A", "{numerator: count(*) filter (where answered), denominator: count(*)}", unit="share")
    row = mini.row(mini.results("2018-07", {"incidents": []}), "A")
    assert (float(row["numerator"]), float(row["denominator"]), row["value"], row["status"]) == (
        0.0,
        0.0,
        None,
        "not_applicable",
    )


def test_forty_posts_filled_in_each_of_three_months_is_forty(mini):
    mini.indicator("A", "{value: sum(filled)}", source="posts", unit="posts", more="over_time: mean")
    rows = [
        post(month, place, filled=20) for month in ("2018-07", "2018-08", "2018-09") for place in ("C1", "C3")
    ]
    row = mini.row(mini.results("2018-Q3", {"posts": rows}), "A")
    assert (row["value"], float(row["numerator"]), float(row["denominator"])) == (40.0, 120.0, 3.0)


@pytest.mark.parametrize(
    ("how", "value"), [("last", 7.0), ("max", 9.0), ("min", 2.0), ("sum", 18.0), ("mean", 6.0)]
)
def test_over_time_is_the_indicators_own_rule(mini, how, value):
    mini.indicator("A", "{value: sum(filled)}", source="posts", unit="posts", more=f"over_time: {how}")
    rows = [post("2018-07", filled=2), post("2018-08", filled=9), post("2018-09", filled=7)]
    assert mini.row(mini.results("2018-Q3", {"posts": rows}), "A")["value"] == value


def test_a_level_carries_over_a_silent_month(mini):
    mini.indicator("A", "{value: sum(filled)}", source="posts", unit="posts", more="over_time: last")
    results = mini.results(
        "2018-Q3", {"posts": [post("2018-07", filled=2)]}, received=[("posts", "jmac", "2018-07")]
    )
    row = mini.row(results, "A")
    assert (row["value"], row["status"], row["reports_received"], row["reports_expected"]) == (
        2.0,
        "partial",
        1,
        3,
    )


def test_levels_without_rows_are_unknown_and_not_zero(mini):
    mini.indicator("A", "{value: sum(filled)}", source="posts", unit="posts")
    assert mini.row(mini.results("2018-07", {"posts": []}), "A")["value"] is None


@pytest.mark.parametrize(("how", "value"), [("sum", 12.0), ("mean", 6.0), ("max", 8.0), ("min", 4.0)])
def test_over_area_is_the_indicators_own_rule(mini, how, value):
    more = f"over_time: last\nover_area: {how}"
    mini.indicator("A", "{value: sum(filled)}", source="posts", unit="posts", more=more)
    rows = [post("2018-07", "C1", filled=4), post("2018-07", "C3", filled=8)]
    assert mini.row(mini.results("2018-07", {"posts": rows}), "A")["value"] == value


def test_an_area_that_changes_parent_counts_where_it_lay_at_the_time(mini, incident):
    mini.indicator("A", "{value: count(*)}", unit="incidents")
    rows = [incident("2018-12-05", "C2"), incident("2019-01-05", "C2"), incident("2019-01-06", "C2")]
    results = mini.results("2018-12..2019-01", {"incidents": rows})
    assert [mini.row(results, "A", area)["value"] for area in ("R1", "R2", "ML", "C2")] == [
        1.0,
        2.0,
        3.0,
        3.0,
    ]


def test_a_cumulative_figure_runs_from_1_july_and_does_not_go_blank(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}", more="cumulative: budget_year")
    rows = [
        incident("2018-06-30", deaths=50),
        incident("2018-07-01", deaths=3),
        incident("2018-09-01", deaths=4),
    ]
    assert mini.row(mini.results("2018-11", {"incidents": rows}), "A")["value"] == 7.0


def test_each_month_is_computed_by_its_own_version(mini, incident):
    note = "note: {en: n, fr: n}"
    versions = f"[{{from: 2017-07-01, {note}}}, {{from: 2019-01-01, {note}, measure: {{value: count(*) filter (where kind = 'attack')}}}}]"
    mini.indicator("A", "{value: count(*)}", unit="incidents", versions=versions)
    rows = [
        incident("2018-12-05", kind="clash"),
        incident("2019-01-05", kind="clash"),
        incident("2019-01-05"),
    ]
    row = mini.row(mini.results("2018-12..2019-01", {"incidents": rows}), "A")
    assert (row["value"], row["definition_version"]) == (2.0, "1,2")


def test_parts_of_a_coded_column_add_up_to_the_total(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}", more="disaggregate_by: [kind]")
    rows = [incident("2018-07-05", deaths=3), incident("2018-07-06", kind="clash", deaths=4)]
    results = mini.results("2018-07", {"incidents": rows})
    assert [
        mini.row(results, "A", part=part)["value"] for part in ("total", "kind=attack", "kind=clash")
    ] == [7.0, 3.0, 4.0]


def test_a_breakdown_measures_the_columns_of_its_parts(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}", more="disaggregate_by: [sex]")
    results = mini.results("2018-07", {"incidents": [incident("2018-07-05", deaths=7, women=3, men=4)]})
    assert [mini.row(results, "A", part=part)["value"] for part in ("sex=women", "sex=men")] == [3.0, 4.0]


def test_a_derived_rate_divides_by_the_population_of_the_months_it_covers(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}")
    mini.indicator(
        "POP", "{value: sum(people)}", source="people", more="over_time: mean", direction="increase"
    )
    mini.indicator("B", '{value: "\\"A\\" / \\"POP\\" * 1000"}', source="", unit="per 1000")
    people = [
        {"place": "C1", "year_on": date(year, 1, 1), "people": number}
        for year, number in ((2018, 1000), (2019, 3000))
    ]
    results = mini.results("2018/19", {"incidents": [incident("2018-07-05", deaths=8)], "people": people})
    of_days = (184 * 1000 + 181 * 3000) / 365
    assert mini.row(results, "POP")["value"] == of_days
    assert round(mini.row(results, "B")["value"], 9) == round(8 / of_days * 1000, 9)


def test_a_derived_indicator_has_no_value_where_an_operand_has_none(mini):
    mini.indicator("A", "{value: sum(filled)}", source="posts", unit="posts")
    mini.indicator("B", '{value: "\\"A\\" + 1"}', source="", unit="posts")
    assert mini.row(mini.results("2018-07", {"posts": []}), "B")["value"] is None


@pytest.mark.parametrize(
    ("policy", "value"), [("skip_if_any", None), ("skip_if_all", 5.0), ("never_skip", 5.0)]
)
def test_a_missing_operand_means_what_the_indicator_says(mini, policy, value):
    mini.indicator(
        "A", "{value: sum(filled) + sum(planned)}", source="posts", unit="posts", more=f"missing: {policy}"
    )
    assert mini.row(mini.results("2018-07", {"posts": [post("2018-07", filled=5)]}), "A")["value"] == value


def test_two_reports_of_one_joint_activity_are_one_unduplicated_activity(mini, incident):
    mini.indicator(
        "A",
        "{value: 'count(distinct case when kind = ''clash'' then incident_id else office end)'}",
        unit="incidents",
    )
    rows = [incident("2018-07-05"), incident("2018-07-05"), incident("2018-07-05", kind="clash")]
    assert mini.row(mini.results("2018-07", {"incidents": rows}), "A")["value"] == 2.0


def interval(mini, measure, rows, **keys):
    row = mini.row(mini.indicator("A", measure, **keys).results("2018-07", {"incidents": rows}), "A")
    return row["interval_low"], row["interval_high"]


def test_a_share_of_counted_events_has_a_binomial_interval_and_a_ratio_of_sums_has_none(mini, incident):
    rows = [incident("2018-07-05", answered=index < 8, deaths=index) for index in range(10)]
    low, high = interval(mini, "{value: count(*) filter (where answered) / count(*)}", rows, unit="share")
    assert (round(low, 3), round(high, 3)) == (0.444, 0.975)
    of_answers = "{value: count(*) filter (where answered) / count(answered)}"
    assert interval(mini, of_answers, rows, unit="share") == (low, high)
    assert interval(mini, "{value: sum(deaths) / count(*)}", rows, unit="per incident") == (None, None)


@pytest.mark.parametrize("value", ["sum(women) * 10", "sum(women) - sum(men)"])
def test_an_arithmetic_of_counts_has_no_interval(mini, incident, value):
    assert interval(mini, f"{{value: {value}}}", [incident("2018-07-05", women=3, men=9)]) == (None, None)


def test_rows_of_a_report_that_is_not_whole_count_and_the_month_stays_unknown(mini, incident):
    mini.indicator("A", "{value: count(*)}", unit="incidents")
    definitions = mini.load()
    reports = pl.DataFrame(
        {
            "dataset": ["incidents", "incidents"],
            "reporter": ["FO-A", "FO-B"],
            "month": [date(2018, 7, 1)] * 2,
            "is_whole": [False, True],
        }
    )
    facts = mini.facts({"incidents": [incident("2018-07-05", "C1")]})
    wanted = [Wanted(Period.parse("2018-07"), is_detailed=True)]
    results = compute_results(definitions, facts, reports, AreaTree.of(mini.areas(), "ML"), wanted)
    rows = {area: mini.row(results, "A", area) for area in ("ML", "C1", "C2", "C3")}
    assert {area: (row["value"], row["status"]) for area, row in rows.items()} == {
        "ML": (1.0, "partial"),
        "C1": (1.0, "partial"),
        "C2": (None, "not_reported"),
        "C3": (0.0, "reported"),
    }


@pytest.mark.parametrize(
    ("kind", "policy", "values"),
    # in one month and place: no row; a row with neither figure; one of two figures (5); both (5 and 2)
    [
        ("events", "skip_if_any", [0.0, None, None, 7.0]),
        ("events", "skip_if_all", [0.0, None, 5.0, 7.0]),
        ("events", "never_skip", [0.0, 0.0, 5.0, 7.0]),
        ("levels", "skip_if_any", [None, None, None, 7.0]),
        ("levels", "skip_if_all", [None, None, 5.0, 7.0]),
        ("levels", "never_skip", [None, 0.0, 5.0, 7.0]),
    ],
)
def test_what_is_missing_means_what_kind_and_policy_say(mini, incident, kind, policy, values):
    source, one, other = ("incidents", "women", "men") if kind == "events" else ("posts", "filled", "planned")
    unit = "persons" if kind == "events" else "posts"
    mini.indicator(
        "A", f"{{value: sum({one}) + sum({other})}}", source=source, unit=unit, more=f"missing: {policy}"
    )
    found = []
    for figures in (None, {}, {one: 5}, {one: 5, other: 2}):
        rows = [] if figures is None else [figures]
        made = [incident("2018-07-05", **row) if kind == "events" else post("2018-07", **row) for row in rows]
        found.append(mini.row(mini.results("2018-07", {source: made}), "A")["value"])
    assert found == values


@pytest.mark.parametrize("kind", ["withheld", "not_applicable", None])
def test_a_kind_of_nothing_beside_a_known_figure_is_counted_and_never_zero(mini, incident, kind):
    mini.indicator("A", "{value: sum(deaths)}")
    rows = [incident("2018-07-05", "C1", deaths=4), incident("2018-07-06", "C1", deaths_status=kind)]
    row = mini.row(mini.results("2018-07", {"incidents": rows}), "A", "C1")
    status = "reported" if kind == "not_applicable" else "partial"
    assert (row["value"], row["status"], row["records"]) == (4.0, status, 2)


def test_a_later_version_of_a_definition_rewrites_no_earlier_figure(mini, incident):
    rows = {"incidents": [incident("2018-07-05", kind=kind) for kind in ("attack", "clash", "clash")]}
    note = "note: {en: n, fr: n}"
    clashes = "measure: {value: count(*) filter (where kind = 'clash')}"
    mini.indicator("A", "{value: count(*)}", unit="incidents")
    before = mini.results("2018-07", rows)
    mini.indicator(
        "A",
        "{value: count(*)}",
        unit="incidents",
        versions=f"[{{from: 2017-07-01, {note}}}, {{from: 2018-08-01, {note}, {clashes}}}]",
    )
    assert mini.results("2018-07", rows).equals(before)
    rows["incidents"] += [incident("2018-08-05", kind=kind) for kind in ("attack", "clash")]
    assert mini.row(mini.results("2018-08", rows), "A")["value"] == 1.0
