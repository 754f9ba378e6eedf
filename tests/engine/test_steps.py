"""Qualitative indicators by pencil: an order is told, counted and rated, and never added or averaged."""

from datetime import date

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cpas.definitions.scale import counted_steps
from cpas.engine.examples import check_examples
from cpas.engine.rate import Evidence, rate_step
from cpas.errors import DefinitionError

JUDGED = {
    "source": "views",
    "unit": "step",
    "direction": "increase",
    "baseline": "{period: 2017/18, value: low}",
    "more": "scale: cooperation\nover_time: last\nover_area: min",
}
WORST = "{value: min(step), where: \"indicator = 'Q'\"}"


def view(month, place, step, indicator="Q", **more):
    return {
        "month": date.fromisoformat(f"{month}-01"),
        "place": place,
        "step": step,
        "indicator": indicator,
    } | more


def received(months):
    return [("views", "jmac", month) for month in months]


def stands(judged, period, rows, months, area="ML", id_="Q"):
    row = judged.row(judged.results(period, {"views": rows}, received(months)), id_, area)
    return row["step"], row["distribution"], row["status"]


ROWS = [
    view("2018-07", "C1", "moderate"),
    view("2018-07", "C2", "low"),
    view("2018-07", "C3", "moderate"),
    view("2018-08", "C1", "high"),
    view("2018-08", "C2", "low"),
    view("2018-08", "C3", "refused"),
]


@pytest.mark.parametrize(
    ("rule", "july", "august"),
    [("min", "low", "refused"), ("median", "moderate", "low"), ("max", "moderate", "high")],
)
def test_places_are_put_together_by_the_worst_the_middle_or_the_best_step(judged, rule, july, august):
    more = JUDGED["more"].replace("over_area: min", f"over_area: {rule}")
    judged.indicator("Q", WORST, **(JUDGED | {"more": more}))
    assert stands(judged, "2018-07", ROWS, ["2018-07"]) == (july, "low:1;moderate:2", "reported")
    assert stands(judged, "2018-08", ROWS, ["2018-08"])[:2] == (august, "refused:1;low:1;high:1")


def test_the_median_of_an_even_number_of_places_is_the_lower_step_and_never_between_two(judged):
    more = JUDGED["more"].replace("over_area: min", "over_area: median")
    judged.indicator("Q", WORST, **(JUDGED | {"more": more}))
    rows = [view("2018-07", "C1", "refused"), view("2018-07", "C2", "high")]
    results = judged.results("2018-07", {"views": rows}, received(["2018-07"]))
    row = judged.row(results, "Q")
    assert (row["value"], row["step"], row["unit"]) == (1.0, "refused", "step")
    assert (row["numerator"], row["denominator"]) == (1, None)


@pytest.mark.parametrize(
    ("rule", "step", "distribution"),
    [
        ("last", "refused", "refused:1;low:1;high:1"),
        ("first", "low", "low:1;moderate:2"),
        ("min", "refused", "refused:1;low:1;moderate:1"),
        ("max", "low", "low:1;moderate:1;high:1"),
    ],
)
def test_over_time_each_place_has_its_last_first_worst_or_best_step(judged, rule, step, distribution):
    more = JUDGED["more"].replace("over_time: last", f"over_time: {rule}")
    judged.indicator("Q", WORST, **(JUDGED | {"more": more}))
    assert stands(judged, "2018-07..2018-08", ROWS, ["2018-07", "2018-08"])[:2] == (step, distribution)


def test_the_worse_of_two_judgements_of_one_place_and_month_counts(judged):
    judged.indicator("Q", WORST, **JUDGED)
    rows = [view("2018-07", "C1", "high"), view("2018-07", "C1", "low")]
    assert stands(judged, "2018-07", rows, ["2018-07"]) == ("low", "low:1", "reported")


def test_a_silent_place_is_neither_the_worst_nor_counted_and_marks_the_value(judged):
    judged.indicator("Q", WORST, **JUDGED)
    rows = [*ROWS, view("2018-09", "C1", "high")]
    row = judged.row(judged.results("2018-09", {"views": rows}, received(["2018-09"])), "Q")
    assert (row["step"], row["distribution"], row["status"], row["places_silent"]) == (
        "high",
        "high:1",
        "partial",
        2,
    )


@pytest.mark.parametrize("word", ["not_reported", "not_applicable", "withheld"])
def test_what_was_not_judged_is_told_and_has_no_step(judged, word):
    judged.indicator("Q", WORST, **JUDGED)
    rows = [view("2018-07", "C1", None, step_status=word)]
    assert stands(judged, "2018-07", rows, ["2018-07"]) == (None, None, word)


def test_places_at_no_step_are_counted_by_why_and_no_report_withheld_and_not_applicable_are_told_apart(
    judged,
):
    judged.indicator("Q", WORST, **JUDGED)
    judged.indicator("P", WORST.replace("'Q'", "'P'"), **JUDGED)
    rows = [
        *ROWS,  # C3 is judged in August and says nothing in September
        view("2018-09", "C1", None, step_status="withheld"),
        view("2018-09", "C2", None, step_status="not_applicable"),
        view("2018-09", "R2", "high", indicator="P"),  # of another indicator
    ]
    results = judged.results("2018-09", {"views": rows}, received(["2018-09"]))
    whole = judged.row(results, "Q")
    assert (whole["distribution"], whole["no_step"]) == (None, "not_reported:1;not_applicable:1;withheld:1")
    own = {place: judged.row(results, "Q", place) for place in ("C1", "C2", "C3")}
    assert {place: row["no_step"] for place, row in own.items()} == {
        place: f"{row['status']}:1" for place, row in own.items()
    }
    assert judged.row(results, "P")["no_step"] is None


@pytest.mark.parametrize(
    ("value", "target", "baseline", "is_due", "rating"),
    [
        (3, 3, 1, False, "met"),
        (4, 3, 1, True, "met"),
        (2, 3, 1, False, "on_track"),  # one step short, and time is left
        (2, 3, 1, True, "at_risk"),
        (1, 3, 1, False, "at_risk"),
        (1, 3, 1, True, "off_track"),
        (1, 3, 2, False, "off_track"),  # worse than where it began
        (None, 3, 1, True, "insufficient_data"),
        (2, None, 1, True, "not_rated"),
    ],
)
def test_a_step_is_rated_by_steps_and_by_whether_its_target_is_due(value, target, baseline, is_due, rating):
    assert rate_step(Evidence(value, target, None, 1.0), baseline, 0.75, is_due=is_due) == rating


def test_too_few_reports_rate_no_step():
    assert rate_step(Evidence(3, 3, None, 0.5), 1, 0.75, is_due=True) == "insufficient_data"


def test_target_and_baseline_are_steps_and_progress_has_no_number(judged):
    judged.indicator("Q", WORST, **(JUDGED | {"targets": "{2018/19: moderate}"}))
    row = judged.row(judged.results("2018-07", {"views": ROWS}, received(["2018-07"])), "Q")
    assert [row[name] for name in ("baseline", "value", "target", "progress", "rating")] == [
        2,
        2,
        3,
        None,
        "on_track",
    ]
    year = judged.row(judged.results("2018/19", {"views": ROWS}, received(["2018-07", "2018-08"])), "Q")
    assert (year["step"], year["rating"]) == ("refused", "insufficient_data")  # 2 of 12 reports


def test_the_worst_of_places_is_not_called_good_while_one_is_silent(judged):
    judged.indicator("Q", WORST, **(JUDGED | {"targets": "{2018/19: moderate}"}))
    rows = [*ROWS, view("2018-09", "C1", "high"), view("2018-09", "C2", "moderate")]
    results = judged.results("2018-09", {"views": rows}, received(["2018-09"]))
    assert judged.row(results, "Q")["rating"] == "insufficient_data"
    rows += [view("2018-09", "C3", "moderate")]
    results = judged.results("2018-09", {"views": rows}, received(["2018-09"]))
    assert judged.row(results, "Q")["rating"] == "met"


def test_a_place_that_was_carried_over_too_long_is_silent_again(judged):
    more = JUDGED["more"] + "\ncarry_over: 1"
    judged.indicator("Q", WORST, **(JUDGED | {"more": more, "targets": "{2018/19: moderate}"}))
    rows = [view("2018-07", "C2", "moderate"), *(view(f"2018-0{month}", "C1", "high") for month in (7, 8, 9))]

    def rated(month):
        return judged.row(judged.results(month, {"views": rows}, received([month])), "Q")["rating"]

    assert [rated(f"2018-0{month}") for month in (7, 8, 9)] == ["met", "met", "insufficient_data"]


@pytest.mark.parametrize(
    ("steps", "rating"),
    [
        (("low", "moderate", None), "insufficient_data"),  # low, or moderate if the third is
        (("moderate", "moderate", None), "met"),  # whatever the third is
        (("low", "low", None), "on_track"),
        (("low", "moderate", "high"), "met"),
        (("moderate", None, None), "insufficient_data"),
    ],
)
def test_the_middle_of_places_is_rated_where_no_silent_one_could_change_it(judged, steps, rating):
    more = JUDGED["more"].replace("over_area: min", "over_area: median")
    judged.indicator("Q", WORST, **(JUDGED | {"more": more, "targets": "{2018/19: moderate}"}))
    places = ("C1", "C2", "C3")
    rows = [view("2018-07", place, "moderate") for place in places]
    rows += [view("2018-08", place, step) for place, step in zip(places, steps, strict=True) if step]
    row = judged.row(judged.results("2018-08", {"views": rows}, received(["2018-08"])), "Q")
    assert row["rating"] == rating


def test_an_area_may_have_a_step_of_its_own_as_target(judged):
    more = (
        JUDGED["more"]
        + "\ntargets_for: [{area: R1, baseline: {period: 2017/18, value: low}, targets: {2018/19: high}}]"
    )
    judged.indicator("Q", WORST, **(JUDGED | {"more": more, "targets": "{2018/19: moderate}"}))
    results = judged.results("2018-08", {"views": ROWS}, received(["2018-08"]))
    own = judged.row(results, "Q", "R1")
    assert [own[name] for name in ("step", "target", "rating", "distribution")] == [
        "low",
        4,
        "at_risk",
        "low:1;high:1",
    ]
    assert judged.row(results, "Q", "R2")["rating"] == "not_rated"


JUDGEMENTS = st.lists(
    st.tuples(
        st.sampled_from(["2018-07", "2018-08"]),
        st.sampled_from(["C1", "C2", "C3"]),
        st.sampled_from(["refused", "low", "moderate", "high"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(judgements=JUDGEMENTS, shuffled=st.randoms(use_true_random=False))
def test_the_middle_lies_between_worst_and_best_places_are_counted_once_and_order_never_matters(
    judged, judgements, shuffled
):
    for rule in ("min", "median", "max"):
        more = JUDGED["more"].replace("over_area: min", f"over_area: {rule}")
        judged.indicator(f"Q-{rule}", "{value: min(step)}", **(JUDGED | {"more": more}))
    rows = [view(*one) for one in judgements]
    results = judged.results("2018-07..2018-08", {"views": rows}, received(["2018-07", "2018-08"]))
    worst, middle, best = (judged.row(results, f"Q-{rule}") for rule in ("min", "median", "max"))
    assert worst["value"] <= middle["value"] <= best["value"]
    counted = counted_steps(middle["distribution"])
    assert middle["step"] in counted
    assert sum(counted.values()) == len({place for _, place, _ in judgements})
    shuffled.shuffle(rows)
    again = judged.results("2018-07..2018-08", {"views": rows}, received(["2018-07", "2018-08"]))
    assert_frame_equal(results, again)


def test_areas_at_a_step_or_beyond_are_counted_by_an_ordinary_indicator(judged):
    measure = "{value: \"count(*) filter (where step >= 'moderate')\", where: \"indicator = 'Q'\"}"
    judged.indicator("Q", WORST, **JUDGED)
    judged.indicator("N", measure, source="views", unit="areas", direction="increase", more="over_time: last")
    assert "step IN ('high', 'moderate')" in judged.load().indicators["N"].versions[0].measure.numerator.sql
    results = judged.results("2018-08", {"views": ROWS}, received(["2018-08"]))
    assert judged.row(results, "N")["value"] == 1
    assert judged.row(results, "N")["step"] is None


def test_months_of_steps_have_no_mean_and_no_change_in_per_cent(judged):
    judged.indicator("Q", WORST, **JUDGED)
    found = judged.comparisons("2018-08", {"views": ROWS}, received(["2018-07", "2018-08"]))
    previous = found.filter((pl.col("kind") == "previous") & (pl.col("area") == "ML")).row(0, named=True)
    assert (previous["change"], previous["change_unit"], previous["change_per_cent"]) == (-1, "step", None)
    assert not set(found["kind"]) & {"mean_3", "mean_12", "annualised"}


def scales(judged):
    return (judged.folder / "indicators" / "scales.yml").read_text(encoding="utf-8")


def faults(judged):
    with pytest.raises(DefinitionError) as caught:
        judged.load()
    return [str(issue) for issue in caught.value.issues]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"more": "scale: cooperation\nover_time: mean\nover_area: min"},
            "`over_time: mean` makes a number of steps",
        ),
        ({"more": "scale: cooperation\nover_time: last\nover_area: sum"}, "use one of: min, max, median"),
        ({"more": "scale: coperation\nover_time: last\nover_area: min"}, "did you mean `cooperation`?"),
        ({"targets": "{2018/19: moderat}"}, "`moderat` is not a step of the scale; did you mean `moderate`?"),
        ({"targets": "{2018/19: 3}"}, "`3` is not a step of the scale"),
        ({"baseline": "{period: 2017/18, value: lo}"}, "did you mean `low`?"),
        ({"direction": "decrease"}, "from the worst to the best"),
        (
            {"more": JUDGED["more"] + "\nrating: {on_track_within: 0.1, off_track_beyond: 0.2}"},
            "remove `rating`",
        ),
        ({"more": JUDGED["more"] + "\ntarget_kind: cumulative"}, "use one of: level"),
        ({"more": JUDGED["more"] + "\ndecimals: 1"}, "a step has no decimals"),
        ({"unit": "persons"}, "write `unit: step`"),
        ({"measure": "{value: sum(step)}"}, "write `value: min(step)`"),
        ({"measure": "{value: max(step) - min(step)}"}, "neither counted up nor averaged"),
        ({"measure": "{numerator: min(step), denominator: count(*)}"}, "neither counted up nor averaged"),
        ({"source": "posts", "measure": "{value: min(filled)}"}, "`posts` has no column of the steps"),
    ],
)
def test_what_makes_a_number_of_steps_is_an_error_with_its_fix(judged, change, words):
    keys = JUDGED | {"measure": WORST} | change
    judged.indicator("Q", keys.pop("measure"), **keys)
    found = faults(judged)
    assert any(words in issue for issue in found), found
    assert all("Q.yml:" in issue for issue in found)


def test_a_derived_indicator_cannot_calculate_with_a_step(judged):
    judged.indicator("Q", WORST, **JUDGED)
    judged.indicator("D", "{value: '\"Q\" * 2'}", source="", unit="step")
    judged.indicator("E", "{value: 'previous(\"Q\")'}", source="", unit="step")
    found = faults(judged)
    assert sum("is a step on a scale, and no number to calculate with" in issue for issue in found) == 2
    assert any("that of an indicator on a scale" in issue for issue in found)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    low: {", "    refused: {", "refused"),
        (
            "label: {en: Low, fr: Faible}",
            "label: {en: Refused, fr: Faible}",
            "two steps are called `refused`",
        ),
        ("progress:\n", "kind:\n", "`kind` is a code list too"),
        (
            "not_started: {label: {en: Not started",
            "low: {label: {en: Not started",
            "called otherwise on another scale",
        ),
        ("en: Under way, fr: En cours", "en: Low, fr: En cours", "the label of `under_way` and of `low`"),
    ],
)
def test_a_scale_whose_steps_cannot_be_told_apart_is_an_error(judged, old, new, words):
    path = judged.folder / "indicators" / "scales.yml"
    assert old in scales(judged)
    path.write_text(scales(judged).replace(old, new, 1), encoding="utf-8")
    found = faults(judged)
    assert any(words in issue and "scales.yml:" in issue for issue in found), found


def test_a_scale_has_two_steps_at_least(judged):
    text = (
        "one:\n  title: {en: O, fr: O}\n  steps:\n    a: {label: {en: A, fr: A}, criterion: {en: c, fr: c}}\n"
    )
    (judged.folder / "indicators" / "scales.yml").write_text(text, encoding="utf-8")
    assert any("at least two steps" in issue for issue in faults(judged))


def test_an_order_that_several_scales_have_must_be_written_out(judged):
    path = judged.folder / "indicators" / "scales.yml"
    low = "low: {label: {en: Low, fr: Faible}, criterion: {en: c, fr: c}}"
    path.write_text(scales(judged).replace("    under_way:", f"    {low}\n    under_way:"), encoding="utf-8")
    judged.indicator("N", "{value: count(*), where: \"step >= 'low'\"}", source="views", unit="areas")
    assert any("on several" in issue and "step in ('a', 'b')" in issue for issue in faults(judged))


def test_a_rule_keeps_the_steps_of_a_row_on_the_scale_of_its_indicator(judged):
    judged.indicator("Q", WORST, **JUDGED)
    (rule,) = judged.load().datasets["views"].rules
    assert rule.rule.id == "on-scale-cooperation"
    others = "'achieved', 'not_started', 'under_way'"
    assert rule.condition.sql == f"NOT (indicator IN ('Q')) OR NOT (step IN ({others}))"
    assert rule.rule.fix["fr"] == "choisissez l'un de ceux-ci : Refusée, Faible, Moyenne, Élevée"


def test_a_worked_example_is_a_step(judged):
    rows = "rows: [{indicator: Q, step: low}, {indicator: Q, step: high}]"
    judged.indicator("Q", WORST, **(JUDGED | {"rows": rows}))
    path = judged.folder / "indicators" / "own" / "Q.yml"
    path.write_text(path.read_text().replace("value: null}", "value: low}"), encoding="utf-8")
    assert not list(check_examples(judged.load()))
    path.write_text(path.read_text().replace("value: low}", "value: high}"), encoding="utf-8")
    assert "gives low, not high" in str(next(iter(check_examples(judged.load()))))


def test_counted_steps_reads_a_distribution():
    assert counted_steps(None) == {}
    assert counted_steps("low:2;moderate:4") == {"low": 2, "moderate": 4}
