"""Bounds for silent offices, with figures that a pencil can check."""

import pytest

PAST = ("2018-01", "2018-02", "2018-03", "2018-04", "2018-05", "2018-06", "2018-07")


def counts(mini, incident, known, period="2018-08", unit="incidents", measure="count(*)"):
    """One incident in C1 each month; in C3 as many as `known` says from January on, and FO-B silent after."""
    mini.indicator("A", f"{{value: {measure}}}", unit=unit)
    rows = [incident(f"{month}-05", "C1", deaths=1) for month in (*PAST, "2018-08", "2018-09")]
    for month, number in zip(PAST, known, strict=False):
        rows += [incident(f"{month}-06", "C3", deaths=2) for _ in range(number)]
    received = [("incidents", "FO-A", month) for month in (*PAST, "2018-08", "2018-09")]
    received += [("incidents", "FO-B", month) for month, _ in zip(PAST, known, strict=False)]
    return mini.results(period, {"incidents": rows}, received=received)


def bounds(mini, results, area="ML"):
    row = mini.row(results, "A", area)
    return row["value"], row["status"], row["bound_low"], row["bound_high"]


def test_a_silent_office_may_have_had_the_least_or_the_most_of_its_past_months(mini, incident):
    results = counts(mini, incident, [3, 0, 5, 2, 2, 4, 1])
    assert bounds(mini, results) == (1.0, "partial", 1.0, 6.0)  # 1 + 0 and 1 + 5
    assert bounds(mini, results, "R2") == (None, "not_reported", 0.0, 5.0)
    assert bounds(mini, results, "R1") == (1.0, "reported", None, None)


def test_each_silent_month_counts(mini, incident):
    results = counts(mini, incident, [3, 1, 5, 2, 2, 4, 1], "2018-08..2018-09")
    assert bounds(mini, results) == (2.0, "partial", 4.0, 12.0)


def test_six_known_months_make_a_bound_and_five_make_none(mini, incident):
    assert bounds(mini, counts(mini, incident, [3, 1, 5, 2, 2, 4]), "ML")[2:] == (2.0, 6.0)
    assert bounds(mini, counts(mini, incident, [3, 1, 5, 2, 2]), "ML")[2:] == (None, None)


def test_a_sum_of_persons_is_bound_too(mini, incident):
    results = counts(mini, incident, [3, 1, 5, 2, 2, 4, 1], unit="persons", measure="sum(deaths)")
    assert bounds(mini, results) == (1.0, "partial", 3.0, 11.0)


@pytest.mark.parametrize("measure", ["count(distinct incident_id)", "sum(deaths) / count(*)"])
def test_what_does_not_add_up_has_no_bounds(mini, incident, measure):
    results = counts(mini, incident, [3, 1, 5, 2, 2, 4, 1], unit="each", measure=measure)
    assert bounds(mini, results)[2:] == (None, None)


def test_a_complete_sum_has_no_bounds(mini, incident):
    results = counts(mini, incident, [3, 1, 5, 2, 2, 4, 1], "2018-07")
    assert bounds(mini, results) == (2.0, "reported", None, None)
