from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, poisson

from cpas.definitions.mission import RatingRule
from cpas.engine.intervals import binomial_interval, poisson_interval
from cpas.engine.rate import Evidence, progress, rate

RULE = RatingRule()
figures = st.floats(-1e6, 1e6).filter(lambda number: abs(number) > 1e-6 or number == 0)


def rated(value, target, direction="decrease", interval=None, coverage=1.0):
    return rate(Evidence(value, target, interval, coverage), direction, RULE, Decimal("0.75"))


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
