from decimal import Decimal
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.stats import binomtest, poisson

from cpas.definitions.mission import RatingRule
from cpas.engine.intervals import (
    FEWEST_PAIRS,
    binomial_interval,
    clustered_interval,
    clustering,
    poisson_interval,
)
from cpas.engine.rate import Evidence, progress, rate

RULE = RatingRule()
figures = st.floats(-1e6, 1e6).filter(lambda number: abs(number) > 1e-6 or number == 0)


def rated(value, target, direction="decrease", interval=None, coverage=1.0, most=None):
    return rate(Evidence(value, target, interval, coverage, most), direction, RULE, Decimal("0.75"))


@pytest.mark.parametrize(
    ("value", "baseline", "target", "way"),
    [
        (25, 40, 20, 0.75),  # falling: 15 of 20
        (60, 40, 80, 0.5),  # rising
        (0, 40, 0, 1.0),  # a zero target that is reached
        (50, 40, 20, -0.5),  # worse than before
        (10, 40, 20, 1.5),  # past the target; nothing is capped
        (5, 5, 5, None),  # nowhere to go
    ],
)
def test_progress_is_the_way_gone_from_baseline_to_target(value, baseline, target, way):
    assert progress(value, baseline, target) == way


def test_a_falling_indicator_on_its_way_is_not_shown_as_0_per_cent():
    assert progress(25, 40, 20) == 0.75


def test_progress_past_the_target_or_away_from_it_is_not_capped():
    assert progress(10, 40, 20) == 1.5  # min(1, ...) would hide it
    assert progress(50, 40, 20) == -0.5  # max(0, ...) would hide it


@given(figures, figures, st.floats(0, 1), st.floats(0, 1e6))
def test_falling_and_rising_mirror_each_other_with_an_interval_and_silent_offices(
    value, target, share, width
):
    around, mirrored = (value - width, value + width), (-value - width, -value + width)
    falling = rated(value, target, "decrease", around, share)
    assert falling == rated(-value, -target, "increase", mirrored, share)


def test_a_rule_whose_limits_are_crossed_is_an_error():
    with pytest.raises(ValidationError, match="`off_track_beyond` is at least `on_track_within`"):
        RatingRule(on_track_within=Decimal("0.3"), off_track_beyond=Decimal("0.1"))


@given(figures, figures, figures)
def test_a_falling_and_a_rising_indicator_mirror_each_other(value, baseline, target):
    assert progress(value, baseline, target) == progress(-value, -baseline, -target)
    assert rated(value, target, "decrease") == rated(-value, -target, "increase")


@pytest.mark.parametrize(
    ("value", "target", "direction", "rating"),
    [
        (0, 0, "decrease", "met"),  # a target of zero with zero incidents
        (1, 0, "decrease", "off_track"),
        (100, 100, "increase", "met"),
        (120, 100, "increase", "met"),
        (90, 100, "increase", "on_track"),  # short by exactly a tenth
        (80, 100, "increase", "at_risk"),
        (75, 100, "increase", "at_risk"),  # short by exactly a quarter
        (74, 100, "increase", "off_track"),
        (126, 100, "decrease", "off_track"),
        (80, 100, "decrease", "met"),
        (None, 100, "decrease", "insufficient_data"),
        (5, None, "decrease", "not_rated"),
    ],
)
def test_the_rating_rule(value, target, direction, rating):
    assert rated(value, target, direction) == rating


def test_a_shortfall_that_chance_explains_is_not_off_track():
    assert rated(6, 4, interval=poisson_interval(6, 0.95)) == "insufficient_data"
    assert rated(60, 40, interval=poisson_interval(60, 0.95)) == "off_track"


def test_too_few_reports_are_not_rated_even_when_the_figure_looks_good():
    assert rated(1, 100, coverage=0.74) == "insufficient_data"
    assert rated(1, 100, coverage=0.75) == "met"


@pytest.mark.parametrize(
    ("value", "most", "direction", "rating"),
    [
        (80, 95, "decrease", "met"),  # whatever is outstanding, it stays below 100
        (80, 108, "decrease", "on_track"),  # at worst short by eight
        (80, 140, "decrease", "insufficient_data"),
        (80, inf, "decrease", "insufficient_data"),  # nobody can say what is outstanding
        (108, inf, "decrease", "insufficient_data"),
        (120, inf, "decrease", "at_risk"),  # it can only get worse
        (140, inf, "decrease", "off_track"),
        (100, 140, "increase", "met"),  # it can only grow
        (70, 104, "increase", "insufficient_data"),  # what is outstanding explains the shortfall
        (70, 90, "increase", "off_track"),
        (70, inf, "increase", "off_track"),
    ],
)
def test_a_sum_that_can_only_grow_is_not_good_while_reports_are_outstanding(value, most, direction, rating):
    assert rated(value, 100, direction, most=most) == rating


@pytest.mark.parametrize(
    ("value", "known", "rating"),
    [
        (60, 0.9, "off_track"),  # two of twenty without a figure do not turn red to grey
        (60, 0.75, "off_track"),
        (60, 0.7, "insufficient_data"),  # six of twenty may
        (95, 0.7, "on_track"),  # it can only grow
        (100, 0.1, "met"),
    ],
)
def test_a_rising_sum_is_short_of_its_target_where_most_of_its_figures_are_known(value, known, rating):
    evidence = Evidence(value, 100, None, 1.0, inf, known)
    assert rate(evidence, "increase", RULE, Decimal("0.75")) == rating


def test_the_tolerance_is_the_indicators_own():
    near = RatingRule(on_track_within=Decimal("0.30"), off_track_beyond=Decimal("0.50"))
    evidence = Evidence(130, 100, None, 1.0)
    assert rate(evidence, "decrease", near, Decimal("0.75")) == "on_track"
    assert rate(evidence, "decrease", RULE, Decimal("0.75")) == "off_track"


def test_persons_who_come_five_at_a_time_are_as_few_as_their_incidents():
    low, high = clustered_interval(50, 5, 0.95)
    assert (round(low, 1), round(high, 1)) == (24.0, 92.0)  # five times Garwood's 4.80 to 18.39 of ten
    assert rated(50, 35, interval=poisson_interval(50, 0.95)) == "off_track"
    assert rated(50, 35, interval=(low, high)) == "insufficient_data"


@given(st.integers(0, 500))
def test_persons_who_come_one_by_one_have_the_interval_of_single_events(count):
    assert clustered_interval(count, 1, 0.95) == poisson_interval(count, 0.95)


def test_clustering_is_how_restless_the_months_are():
    assert clustering([0, 10] * 6) == 10  # mean 5, steps of 10: 100 / 2 / 5
    assert clustering([5] * 12) == 1  # never below that of single events
    assert clustering(range(12)) == 1  # a trend is no clustering: steps of 1, mean 5.5
    assert clustering([None, *[0, 10] * 6, None]) == 10  # months that nobody knows say nothing
    assert clustering([0, 10] * 6 + [None, 90]) == pytest.approx(
        100 / 2 / (150 / 13)
    )  # nor what follows them


@pytest.mark.parametrize("months", [[], [3] * FEWEST_PAIRS, [3, None] * 12, [0] * 24])
def test_clustering_is_not_guessed_from_a_few_months(months):
    assert clustering(months) is None


@given(st.lists(st.integers(0, 200), min_size=12, max_size=24).filter(any), st.integers(1, 20))
def test_incidents_that_count_for_more_widen_the_interval_as_much(months, size):
    one, many = clustering(months), clustering([month * size for month in months])
    assert many == pytest.approx(max(1, size * one)) or one == 1


def test_the_interval_of_ten_events_is_the_textbook_one():
    low, high = poisson_interval(10, 0.95)
    assert (round(low, 2), round(high, 2)) == (4.80, 18.39)
    assert poisson_interval(0, 0.95)[0] == 0.0


@given(st.integers(1, 500))
def test_the_poisson_interval_leaves_half_of_the_rest_on_each_side(count):
    low, high = poisson_interval(count, 0.95)
    assert poisson.sf(count - 1, low) == pytest.approx(0.025, rel=1e-6)
    assert poisson.cdf(count, high) == pytest.approx(0.025, rel=1e-6)


@given(st.integers(0, 60), st.integers(1, 60))
def test_the_binomial_interval_is_clopper_and_pearsons(successes, more):
    ours = binomial_interval(successes, successes + more, 0.95)
    theirs = binomtest(successes, successes + more).proportion_ci(0.95, "exact")
    assert ours == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_results_carry_progress_and_rating_of_the_whole_mission_only(mini, incident):
    mini.indicator(
        "A", "{value: sum(deaths)}", baseline="{period: 2017/18, value: 40}", targets="{2018/19: 20}"
    )
    results = mini.results("2018/19", {"incidents": [incident("2018-07-05", deaths=25)]})
    whole = mini.row(results, "A")
    assert (whole["baseline"], whole["target"], whole["progress"]) == (40.0, 20.0, 0.75)
    assert whole["rating"] == "insufficient_data"
    assert mini.row(results, "A", "R1")["rating"] == "not_rated"


def test_persons_killed_have_no_interval_until_a_year_tells_how_they_come(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}", targets="{2018/19: 20}")
    rows = [incident(f"2018-{month:02}-05", deaths=month % 2 * 10) for month in range(7, 13)]
    first = mini.row(mini.results("2018-07..2018-12", {"incidents": rows}), "A")
    assert (first["value"], first["interval_low"], first["rating"]) == (30, None, "insufficient_data")
    rows += [incident(f"2019-{month:02}-05", deaths=month % 2 * 10) for month in range(1, 7)]
    year = mini.row(mini.results("2018/19", {"incidents": rows}), "A")
    assert (year["interval_low"], year["interval_high"]) == clustered_interval(60, 10, 0.95)
    assert year["rating"] == "off_track"  # 22.0 to 130.6 leave the target of 20 out
    mini.indicator("B", "{value: count(*)}", unit="incidents")
    count = mini.row(mini.results("2018/19", {"incidents": rows}), "B")
    assert (count["interval_low"], count["interval_high"]) == poisson_interval(12, 0.95)


def test_persons_of_two_kinds_added_up_are_a_count_of_persons_too(mini, incident):
    mini.indicator("A", "{value: sum(deaths) + sum(women)}", targets="{2018/19: 40}")
    mini.indicator("B", "{value: sum(deaths)}", targets="{2018/19: 40}")
    mini.indicator("C", "{value: sum(deaths) - sum(women)}", targets="{2018/19: 40}")
    months = [(2018, month) for month in range(7, 13)] + [(2019, month) for month in range(1, 7)]
    rows = [incident(f"{y}-{m:02}-05", deaths=m % 2 * 7, women=m % 2 * 3) for y, m in months]
    results = mini.results("2018/19", {"incidents": rows})
    row = mini.row(results, "A")
    assert (row["interval_low"], row["interval_high"]) == clustered_interval(60, 10, 0.95)
    assert row["rating"] == "insufficient_data"
    assert mini.row(results, "B")["interval_low"] is not None
    assert mini.row(results, "C")["interval_low"] is None  # a difference is no count


@pytest.mark.parametrize(
    ("level", "rating"),
    [
        ("level: output\noutput: OP1", "off_track"),
        ("level: activity\noutput: OP1", "off_track"),
        ("level: outcome\noutcome: OC1", "insufficient_data"),
        ("level: impact\nobjective: OB1", "insufficient_data"),
    ],
)
def test_chance_excuses_no_shortfall_of_what_the_mission_itself_was_to_do(mini, incident, level, rating):
    keys = {"direction": "increase", "targets": "{2018/19: 10}", "unit": "incidents", "level": level}
    mini.indicator("A", "{value: count(*)}", **keys)
    rows = [incident(f"2018-{month:02}-05") for month in range(7, 13)]
    row = mini.row(mini.results("2018/19", {"incidents": rows}), "A")
    assert (row["value"], row["rating"]) == (6.0, rating)  # Garwood's 2.2 to 13.1 of six events holds ten
    assert (row["interval_low"] is None) == (rating == "off_track")


def test_a_falling_sum_is_not_met_because_an_office_is_silent(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}", targets="{2018/19: 100}")
    months = [f"{year}-{month:02}" for year in (2018, 2019) for month in range(1, 13)]
    all_in = [("incidents", office, month) for office in ("FO-A", "FO-B") for month in months]
    late = [report for report in all_in if report[1:] != ("FO-B", "2019-06")]
    rows = [incident(f"2019-0{month}-05", "C3", deaths=30) for month in (1, 2, 3)]

    def rated(reports):
        every = {"incidents": [*rows, incident("2018-07-05", deaths=5)]}
        return mini.row(mini.results("2018/19", every, reports), "A")["rating"]

    assert rated(all_in) == "met"
    assert rated(late) == "insufficient_data"  # 95, and up to 125 with a June like the worst month of FO-B
    rows = []
    assert rated(late) == "met"  # FO-B had none in any month before
    assert rated([report for report in late if report[2] > "2019-02"]) == "insufficient_data"
