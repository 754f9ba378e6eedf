"""How a figure stands of which something is missing within the reports that came in."""

from datetime import date

import pytest

SPAN = "2018-07..2018-09"


def rated(mini, rows, area="ML", period=SPAN):
    row = mini.row(mini.results(period, rows), "A", area)
    return row["value"], row["status"], row["rating"]


def level(month, place, filled):
    return {"month": month, "section": "jmac", "place": place, "filled": filled}


def months(*figures, place="C1"):
    return [
        level(date(2018, 7 + at, 1), place, filled) for at, filled in enumerate(figures) if filled != "silent"
    ]


@pytest.mark.parametrize(
    ("lacking", "status", "rating"),
    [
        ({"deaths": 0}, "reported", "met"),
        ({"deaths": 1}, "reported", "off_track"),  # 121 in a year that is to have none
        ({}, "partial", "insufficient_data"),  # an empty cell: one person undoes it
        ({"deaths_status": "withheld"}, "partial", "insufficient_data"),
        ({"deaths_status": "not_reported"}, "partial", "insufficient_data"),
        ({"deaths_status": "not_applicable"}, "reported", "met"),  # there is none to come
    ],
)
@pytest.mark.parametrize("more", ["", "over_area: max\nover_time: max"])
def test_a_falling_sum_is_not_met_because_a_figure_is_missing(mini, incident, lacking, status, rating, more):
    measure = "{value: max(deaths)}" if more else "{value: sum(deaths)}"
    mini.indicator("A", measure, level="level: output\noutput: OP1", targets="{2018/19: 0}", more=more)
    rows = [incident("2018-07-05", deaths=0), incident("2018-08-05", **lacking)]
    assert rated(mini, {"incidents": rows})[1:] == (status, rating)


def test_one_violation_more_is_past_a_target_of_two_and_a_half(mini, incident):
    """Ten a year are 10 x 92 / 365 = 2.52 in three months: two are met, and with one of unknown size nobody knows."""
    mini.indicator("A", "{value: sum(deaths)}", level="level: output\noutput: OP1", targets="{2018/19: 10}")
    rows = [incident("2018-07-05", deaths=1), incident("2018-08-05", "C3", deaths=1)]
    assert rated(mini, {"incidents": rows}) == (2, "reported", "met")
    rows.append(incident("2018-09-05", "C2", deaths_status="not_reported"))
    assert rated(mini, {"incidents": rows}) == (2, "partial", "insufficient_data")
    rows.append(incident("2018-09-06", "C2", deaths=2))  # past it, whatever is missing
    assert rated(mini, {"incidents": rows}) == (4, "partial", "off_track")


@pytest.mark.parametrize(
    ("rule", "more", "expected"),
    [
        ("mean", "", (50, "partial", "insufficient_data")),  # (60 + 60 + 30) / 3
        ("mean", "carry_over: 1", (60, "partial", "met")),  # C3 keeps its thirty for one month
        ("last", "", (60, "partial", "insufficient_data")),  # with the thirty that C3 had in August
        ("last", "carry_over: 1", (60, "partial", "met")),
        ("max", "", (60, "partial", "insufficient_data")),
    ],
)
def test_a_falling_level_is_not_met_because_a_place_is_silent(mini, rule, more, expected):
    mini.indicator(
        "A",
        "{value: sum(filled)}",
        source="posts",
        unit="posts",
        targets="{2018/19: 60}",
        more=f"over_time: {rule}\n{more}",
    )
    rows = months(30, 30, 30) + months(30, 30, "silent", place="C3")
    assert rated(mini, {"posts": rows}) == expected
    every = months(30, 30, 30) + months(30, 30, 30, place="C3")
    assert rated(mini, {"posts": every}) == (60, "reported", "met")


def test_a_mean_over_places_may_rise_or_fall_by_a_silent_one_and_is_rated_as_it_stands(mini):
    more = "over_time: last\nover_area: mean"
    mini.indicator(
        "A", "{value: sum(filled)}", source="posts", unit="posts", targets="{2018/19: 30}", more=more
    )
    rows = months(30, 30, 30) + months(30, 30, "silent", place="C3")
    assert rated(mini, {"posts": rows}) == (30, "partial", "met")


@pytest.mark.parametrize(
    ("lacking", "rating"),
    [
        (5, "off_track"),  # 15 of 20 are known: 0.75, as much as the mission asks for
        (6, "insufficient_data"),
    ],
)
def test_a_rising_sum_is_short_where_enough_of_its_figures_are_known(mini, incident, lacking, rating):
    keys = {"direction": "increase", "level": "level: output\noutput: OP1", "targets": "{2018/19: 1000}"}
    mini.indicator("A", "{value: sum(deaths)}", **keys)
    rows = [incident("2018-07-05", deaths=2) for _ in range(20 - lacking)]
    rows += [incident("2018-07-06", deaths_status="withheld") for _ in range(lacking)]
    assert rated(mini, {"incidents": rows}) == ((20 - lacking) * 2, "partial", rating)
    rows.append(incident("2018-07-07", deaths=1000))
    assert rated(mini, {"incidents": rows})[2] == "met"


def test_a_rate_of_a_count_of_which_a_figure_is_missing_is_not_met(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}")
    mini.indicator("POP", "{value: sum(people)}", source="people", more="over_time: mean")
    keys = {"source": "", "unit": "per 100,000 persons and year", "targets": "{2018/19: 10}"}
    mini.indicator("B", '{value: \'annualised("A") / "POP" * 100000\'}', **keys)
    people = [{"place": "C1", "year_on": date(year, 1, 1), "people": 100_000} for year in (2018, 2019)]
    rows = [incident("2018-07-05", deaths=10)]
    found = mini.row(mini.results("2018/19", {"incidents": rows, "people": people}), "B")
    assert (found["value"], found["rating"]) == (10, "met")
    rows.append(incident("2018-07-06", deaths_status="withheld"))
    found = mini.row(mini.results("2018/19", {"incidents": rows, "people": people}), "B")
    assert (found["value"], found["rating"]) == (10, "insufficient_data")
