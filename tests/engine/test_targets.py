from decimal import Decimal

import pytest

from cpas.engine.areas import AreaTree
from cpas.engine.target_areas import check_target_areas
from cpas.engine.targets import Plan
from cpas.errors import DefinitionError
from cpas.periods import Period

DEATHS = "{value: sum(deaths)}"
LAST = {"measure": "{value: sum(filled)}", "source": "posts", "unit": "posts", "direction": "increase"}


def plan(mini, targets, kind="", over_time="sum", baseline="{period: 2017/18, value: 10}", **keys):
    more = f"over_time: {over_time}\n" + (f"target_kind: {kind}" if kind else "")
    keys = {"measure": DEATHS, "direction": "increase"} | keys
    loaded = mini.indicator("A", targets=targets, baseline=baseline, more=more, **keys).load().indicators["A"]
    return Plan.of(loaded, loaded.definition.goals[0])


def target(one, period):
    return one.target(Period.parse(period))


def test_a_flows_target_is_shared_by_days(mini):
    one = plan(mini, "{2018/19: 365, 2019/20: 732}")
    assert one.kind == "cumulative"
    assert target(one, "2018-07") == 31
    assert target(one, "2020-02") == 58  # 29 of the 366 days of a leap year
    assert target(one, "2018-07..2018-12") == 184  # half a year has its days, not a half


def test_a_levels_target_is_the_same_in_each_month(mini):
    one = plan(mini, "{2018/19: 365, 2019/20: 732}", over_time="last", **LAST)
    assert one.kind == "level"
    assert target(one, "2018-07") == target(one, "2018/19") == 365
    assert target(one, "2019") == 732  # the last of the two years it touches


def test_a_span_over_two_target_years_has_the_sum_of_its_shares(mini):
    one = plan(mini, "{2018/19: 365, 2019/20: 732}")
    assert target(one, "2019") == 181 + 2 * 184
    assert target(one, "2018-01..2018-12") is None  # half of it has no target


def test_the_target_of_a_shorter_period_counts_before_that_of_the_longer_around_it(mini):
    assert target(plan(mini, "{2018/19: 365, 2018-07: 5}"), "2018-07") == 5


def test_a_running_total_goes_up_by_days_from_the_start_of_the_year(mini):
    one = plan(mini, "{2018/19: 365}", "cumulative", "last", **LAST)
    assert target(one, "2018-07") == 31
    assert target(one, "2018-08") == 62  # what has come in since 1 July, not in August alone
    assert target(one, "2018/19") == 365
    assert one.baseline_of(Period.parse("2018-08")) == Decimal(620) / 365  # 10 a year, 62 days of it


@pytest.mark.parametrize(
    ("measure", "unit"),
    [("median(deaths)", "persons"), ("count(distinct place)", "places"), ("sum(deaths) / count(*)", "ratio")],
)
def test_what_a_longer_period_has_no_more_of_keeps_target_and_baseline_as_they_are(mini, measure, unit):
    mini.indicator("A", f"{{value: {measure}}}", unit=unit, targets="{2018/19: 5}")
    indicator = mini.load().indicators["A"]
    one = Plan.of(indicator, next(iter(indicator.definition.goals)))
    assert (indicator.adds_up, one.kind, target(one, "2018-12")) == (False, "level", 5)
    assert one.baseline_of(Period.parse("2018-12")) == 10  # and not the 31 days of 365 of it


def test_a_distinct_count_of_ids_is_a_flow(mini):
    indicator = (
        mini.indicator("A", "{value: count(distinct incident_id)}", unit="incidents").load().indicators["A"]
    )
    assert indicator.adds_up


@pytest.mark.parametrize(
    ("rules", "told"), [("", 2), ("over_time: max", 1), ("over_time: max\nover_area: max", 0)]
)
def test_the_greatest_of_events_is_never_added_up(mini, rules, told):
    mini.indicator("A", "{value: max(deaths)}", more=rules)
    if told:
        with pytest.raises(DefinitionError, match="would add up what is the max of each") as raised:
            mini.load()
        assert len(raised.value.issues) == told
    else:
        assert not mini.load().indicators["A"].is_flow


def test_a_level_of_a_flow_is_wanted_in_each_month(mini):
    one = plan(mini, "{2018/19: 40, 2019/20: 50}", "level")
    assert target(one, "2018-07") == 40
    assert target(one, "2018-07..2018-09") == 120
    assert target(one, "2019-06..2019-07") == 90
    assert target(one, "2018-06..2018-07") is None


def test_the_baseline_of_a_level_of_a_flow_is_the_total_of_its_period_shared_by_days(mini):
    one = plan(mini, "{2018/19: 40}", "level", baseline="{period: 2017/18, value: 365}")
    for period, baseline, wanted in (
        ("2018-07", 31, 40),
        ("2018-07..2018-09", 92, 120),
        ("2018/19", 365, 480),
    ):
        assert (one.baseline_of(Period.parse(period)), target(one, period)) == (baseline, wanted)


def test_increments_of_a_level_go_up_from_the_baseline_by_days(mini):
    one = plan(mini, "{2018/19: 5, 2019/20: 10}", "incremental", "last", **LAST)
    assert target(one, "2018/19") == 15
    assert target(one, "2019/20") == 25
    assert target(one, "2018-07") == 10 + Decimal(5) * 31 / 365
    assert target(one, "2020/21") is None


def test_increments_of_a_flow_come_on_top_of_a_baseline_year_and_are_shared_by_days(mini):
    one = plan(mini, "{2018/19: 5, 2019/20: 10}", "incremental")
    assert target(one, "2018/19") == 15
    assert target(one, "2018-07") == Decimal(15) * 31 / 365
    # 10 in the 365 days of the baseline are 10 + 10/365 in a leap year
    assert float(target(one, "2019/20")) == pytest.approx(25 + 10 / 365)


def test_a_falling_indicator_goes_down_by_its_increments(mini):
    one = plan(mini, "{2018/19: -4}", "incremental", "last", **(LAST | {"direction": "decrease"}))
    assert target(one, "2018/19") == 6


def test_a_zero_target_is_a_target(mini):
    assert target(plan(mini, "{2018/19: 0}"), "2018-07") == 0


def test_a_baseline_stands_on_the_footing_of_the_value(mini):
    one = plan(mini, "{}")
    assert one.baseline_of(Period.parse("2018/19")) == 10
    assert float(one.baseline_of(Period.parse("2018-07"))) == pytest.approx(10 * 31 / 365)


@pytest.mark.parametrize(
    ("kind", "keys", "words"),
    [
        (
            "cumulative",
            {"measure": "{value: sum(deaths) / count(*)}", "unit": "ratio"},
            "a ratio is not",
        ),
        ("cumulative", LAST | {"over_time": "mean"}, "`over_time: mean` is not"),
        ("incremental", {"targets": "{2018/19: -5}"}, "leads away from `direction: increase`"),
        ("incremental", {"targets": "{2018/19: 5, 2018-07: 1}"}, "overlap"),
        ("running", {}, "`running` is not allowed"),
    ],
)
def test_a_kind_of_target_that_does_not_fit_is_an_error(mini, kind, keys, words):
    with pytest.raises(DefinitionError, match=words):
        plan(mini, **{"targets": "{2018/19: 5}", "kind": kind} | keys)


AREAS = """disaggregate_by: [kind]
targets_for:
  - {area: R1, baseline: {period: 2017/18, value: 30}, targets: {2018/19: 20}}
  - {area: C3, targets: {2018/19: 5}}
  - {disaggregation: kind=attack, targets: {2018/19: 12}}
"""


def test_areas_and_parts_with_targets_of_their_own_are_rated(mini, incident):
    mini.indicator("A", DEATHS, targets="{2018/19: 30}", more=AREAS)
    rows = [incident("2018-07-05", deaths=10), incident("2018-09-05", "C3", deaths=5, kind="clash")]
    results = mini.results("2018/19", {"incidents": rows})
    region = mini.row(results, "A", "R1")
    assert (region["baseline"], region["target"], region["progress"], region["rating"]) == (
        30,
        20,
        2.0,
        "met",
    )
    lowest = mini.row(results, "A", "C3")
    assert (lowest["baseline"], lowest["target"], lowest["progress"], lowest["rating"]) == (
        None,
        5,
        None,
        "met",
    )
    part = mini.row(results, "A", part="kind=attack")
    assert (part["target"], part["rating"]) == (12, "met")
    assert mini.row(results, "A", "R2")["rating"] == "not_rated"
    assert mini.row(results, "A")["target"] == 30


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("{targets: {2018/19: 1}}", "names an area or a disaggregation, and each of them once"),
        ("{area: R1, targets: {}}, {area: R1, targets: {}}", "each of them once"),
        ("{area: ML, targets: {}}", "the whole mission"),
        ("{disaggregation: kinds=attack, targets: {}}", "is not disaggregated; did you mean `kind`"),
        ("{disaggregation: kind=atack, targets: {}}", "is no part of `kind`; did you mean `attack`"),
        ("{disaggregation: attack, targets: {}}", "a form that is not allowed"),
    ],
)
def test_targets_for_what_is_not_there_are_an_error(mini, entry, words):
    more = f"disaggregate_by: [kind]\ntargets_for: [{entry}]"
    with pytest.raises(DefinitionError) as caught:
        mini.indicator("A", DEATHS, more=more).load()
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ("{area: R1, targets: {2018/19: 60}}, {area: R2, targets: {2018/19: 40}}", []),
        ("{area: R1, targets: {2018/19: 60}}", []),  # of the rest nothing was said
        (
            "{area: R1, targets: {2018/19: 60}}, {area: R2, targets: {2018/19: 30}}",
            [("warning", "areas of level `region` for 2018/19 add up to 90, and the whole's is 100")],
        ),
        (
            "{area: C1, targets: {2018/19: 101}}",
            [("warning", "areas of level `cercle` for 2018/19 add up to 101, and the whole's is 100")],
        ),
        (
            "{disaggregation: sex=women, targets: {2018/19: 20}}, {disaggregation: sex=men, targets: {2018/19: 90}}",
            [("warning", "parts of `sex` for 2018/19 add up to 110, and the whole's is 100")],
        ),
        ("{area: R9, targets: {2018/19: 1}}", [("error", "`R9`, which is no area; did you mean `R2`")]),
    ],
)
def test_targets_of_areas_and_parts_that_do_not_add_up_are_told(mini, entries, found):
    more = f"disaggregate_by: [sex]\ntargets_for: [{entries}]"
    definitions = mini.indicator("A", DEATHS, targets="{2018/19: 100}", more=more).load()
    issues = list(check_target_areas(definitions, AreaTree.of(mini.areas(), "ML")))
    assert len(issues) == len(found)
    for issue, (severity, words) in zip(issues, found, strict=True):
        assert issue.severity == severity
        assert words.split(";")[0] in issue.message


@pytest.mark.parametrize(
    ("area", "baseline", "target", "count"),
    [
        ("R1", "2017/18", "2019/20", 1),  # C2 left R1 in January 2019
        ("R2", "2017/18", "2018/19", 1),
        ("C2", "2017/18", "2019/20", 0),
        ("R1", "2019-01", "2019/20", 0),
        ("R1", "2017/18", "2018-10", 0),
    ],
)
def test_a_baseline_of_an_area_whose_boundaries_changed_since_is_told(mini, area, baseline, target, count):
    more = f"targets_for: [{{area: {area}, baseline: {{period: {baseline}, value: 5}}, targets: {{{target}: 4}}}}]"
    definitions = mini.indicator("A", DEATHS, more=more).load()
    issues = list(check_target_areas(definitions, AreaTree.of(mini.areas(), "ML")))
    assert [(one.code, one.severity) for one in issues] == [("CPAS-I029", "warning")] * count
    assert all(f"the boundaries of `{area}` changed" in one.message for one in issues)


CHANGED = "targets: {2018/19: 100}"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ("{from: 120, to: 110, on: 2019-01-15}", "end at 110, and the target is 100"),
        (
            "{from: 120, to: 110, on: 2019-01-15}, {from: 115, to: 100, on: 2019-02-15}",
            "was changed to 110, and the next change starts from 115",
        ),
        (
            "{from: 120, to: 110, on: 2019-03-15}, {from: 110, to: 100, on: 2019-02-15}",
            "not in the order of their days",
        ),
        ("{from: 100, to: 100, on: 2019-01-15}", "changes nothing"),
        ("{period: 2019/20, from: 120, to: 100, on: 2019-01-15}", "names 2019/20, which has no target"),
        ("{from: 120, to: 100, on: 2019-01-15, reason: weather}", "`weather` is not allowed"),
        ("{from: 120, to: 100, on: 2019-01-15, reason: }", "is not allowed"),
    ],
)
def test_a_history_of_changes_that_does_not_end_in_the_present_target_is_an_error(mini, changes, words):
    written = changes.replace("{", "{reason: mandate, ") if "reason" not in changes else changes
    written = written.replace("{", "{period: 2018/19, ") if "period" not in changes else written
    with pytest.raises(DefinitionError) as caught:
        mini.indicator("A", DEATHS, targets="{2018/19: 100}", more=f"target_changes: [{written}]").load()
    assert words in str(caught.value)


def test_a_rating_is_against_the_new_target(mini, incident):
    changes = "target_changes: [{period: 2018/19, from: 20, to: 30, on: 2019-01-15, reason: external}]"
    mini.indicator("A", DEATHS, targets="{2018/19: 30}", more=changes)
    row = mini.row(mini.results("2018/19", {"incidents": [incident("2018-07-05", deaths=25)]}), "A")
    assert (row["target"], row["rating"]) == (30, "met")
