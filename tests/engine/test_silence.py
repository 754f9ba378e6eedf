"""Levels of places of which some fall silent, and the order of time and place, with figures that a pencil can check."""

from datetime import date

import pytest

from cpas.errors import DefinitionError
from cpas.periods import Period


def post(month, place="C1", **values):
    return {"month": date.fromisoformat(f"{month}-01"), "section": "jmac", "place": place} | values


MONTHS = ("2019-04", "2019-05", "2019-06")


def posts(june=True):
    """Thirty posts in C1 and ten in C3 in each of three months; C3 may be silent in June."""
    full = [
        post(month, place, filled=number) for month in MONTHS for place, number in (("C1", 30), ("C3", 10))
    ]
    return full if june else full[:-1]


def levels(mini, more, unit="posts"):
    return mini.indicator("A", "{value: sum(filled)}", source="posts", unit=unit, more=more)


def told(mini, period, rows, area="ML"):
    row = mini.row(mini.results(period, {"posts": rows}), "A", area)
    return row["value"], row["status"], row["places_silent"]


@pytest.mark.parametrize("how", ["last", "first", "mean", "median", "max", "min"])
def test_forty_posts_in_each_of_three_months_is_forty_by_every_rule_of_levels(mini, how):
    assert told(levels(mini, f"over_time: {how}"), "2019-Q2", posts()) == (40.0, "reported", 0)


def test_a_place_that_is_silent_in_june_keeps_its_may_in_the_last_of_the_quarter(mini):
    assert told(levels(mini, "over_time: last"), "2019-Q2", posts(june=False)) == (40.0, "partial", 1)


def test_in_june_alone_a_place_known_in_may_is_missed_and_not_invented(mini):
    assert told(levels(mini, "over_time: last"), "2019-06", posts(june=False)) == (30.0, "partial", 1)


def test_a_declared_carry_over_keeps_the_value_for_so_many_months_and_says_so(mini):
    levels(mini, "over_time: last\ncarry_over: 1")
    assert told(mini, "2019-06", posts(june=False)) == (40.0, "partial", 1)
    assert told(mini, "2019-07", posts()) == (40.0, "partial", 2)
    assert told(mini, "2019-08", posts()) == (None, "not_reported", 2)


def test_a_mean_misses_a_silent_place_and_counts_it_where_it_is_carried_over(mini):
    value, *others = told(levels(mini, "over_time: mean"), "2019-Q2", posts(june=False))
    assert (round(value, 4), others) == (36.6667, ["partial", 1])
    assert told(levels(mini, "over_time: mean\ncarry_over: 3"), "2019-Q2", posts(june=False)) == (
        40.0,
        "partial",
        1,
    )


def test_a_place_that_said_nothing_for_more_than_a_year_is_missed_no_longer(mini):
    rows = [
        post("2018-06", "C3", filled=10),
        post("2019-06", "C1", filled=30),
        post("2019-07", "C1", filled=30),
    ]
    levels(mini, "over_time: last")
    assert told(mini, "2019-06", rows) == (30.0, "partial", 1)
    assert told(mini, "2019-07", rows) == (30.0, "reported", 0)


def test_a_figure_that_is_empty_in_its_row_is_missing_and_not_carried_over(mini):
    levels(mini, "over_time: last\ncarry_over: 3")
    assert told(mini, "2019-06", [*posts(june=False), post("2019-06", "C3")]) == (30.0, "partial", 0)


def test_a_place_that_moved_is_counted_where_it_lies_in_the_last_month(mini):
    levels(mini, "over_time: last")
    rows = [post("2018-12", "C2", filled=5), post("2018-12", "C1", filled=1), post("2019-01", "C1", filled=2)]
    results = mini.results("2018-12..2019-01", {"posts": rows})
    assert [mini.row(results, "A", area)["value"] for area in ("R1", "R2", "ML")] == [2.0, 5.0, 7.0]


@pytest.mark.parametrize(
    ("more", "value"),
    [
        ("over_area: sum\nover_time: sum", 18.0),  # 1 + 2 + 3 and 4 + 8
        ("over_area: mean\nover_time: sum", 9.0),  # 6 and 12
        ("over_area: median\nover_time: sum", 9.0),
        ("over_area: max\nover_time: sum", 12.0),
        ("over_area: min\nover_time: sum", 6.0),
        ("over_area: count\nover_time: sum", 2.0),
        ("over_area: mean\nover_time: last", 5.5),  # 3 and 8
        ("over_area: max\nover_time: first", 4.0),  # 1 and 4
        ("over_area: sum\nover_time: median", 5.0),  # of 5, 10 and 3
        ("over_area: max\nover_time: mean", 5.0),  # of 4, 8 and 3
        ("over_area: mean\nover_time: mean", 3.6),  # 18 of five
        ("over_area: sum\nover_time: count", 3.0),
    ],
)
def test_sums_firsts_and_lasts_are_made_place_by_place_and_others_month_by_month(mini, more, value):
    first = [post(month, "C1", filled=number) for month, number in zip(MONTHS, (1, 2, 3), strict=True)]
    second = [post(month, "C3", filled=number) for month, number in zip(MONTHS, (4, 8), strict=False)]
    assert told(levels(mini, more), "2019-Q2", first + second)[0] == value


def test_the_most_that_happened_in_one_place_is_found_over_the_whole_period(mini, incident):
    mini.indicator("A", "{value: count(*)}", unit="incidents", more="over_area: max\nover_time: sum")
    rows = [incident("2018-07-01", "C1"), incident("2018-08-01", "C1")]
    rows += [incident("2018-08-01", "C3") for _ in range(3)] + [incident("2018-07-01", "C1")]
    results = mini.results("2018-07..2018-08", {"incidents": rows})
    assert mini.row(results, "A")["value"] == 3.0
    assert mini.row(results, "A", "C2")["value"] == 0.0


@pytest.mark.parametrize("more", ["over_area: median\nover_time: mean", "carry_over: 13"])
def test_rules_that_do_not_go_together_are_refused(mini, more):
    with pytest.raises(DefinitionError):
        levels(mini, more).load()


def test_a_count_of_levels_is_zero_where_rows_are_there_and_none_passes_its_filter(mini):
    mini.indicator(
        "A",
        "{value: count(*) filter (where filled > 0)}",
        source="posts",
        unit="posts",
        more="over_time: last",
    )
    rows = [post("2019-05", filled=3), post("2019-06", filled=0), post("2019-06", "C3", filled=1)]
    results = mini.results("2019-Q2", {"posts": rows})
    assert [mini.row(results, "A", area)["value"] for area in ("C1", "C3", "C2")] == [0.0, 1.0, None]


@pytest.mark.parametrize(
    ("rule", "reported", "expected"),
    [
        ("last", "2018-07..2019-06", (1, 1, "reported", "met")),
        (
            "last",
            "2019-03..2019-06",
            (1, 1, "reported", "met"),
        ),  # the level of June is known, whatever July was
        (
            "last",
            "2018-07..2019-05",
            (1, 2, "partial", "insufficient_data"),
        ),  # it is May's, and June may differ
        ("last", "2018-07..2018-09", (1, 10, "partial", "insufficient_data")),
        ("first", "2018-07..2018-09", (1, 1, "reported", "met")),
        ("first", "2018-10..2019-06", (1, 4, "partial", "insufficient_data")),
        ("mean", "2019-03..2019-06", (4, 12, "partial", "insufficient_data")),  # each month is part of a mean
        ("max", "2019-03..2019-06", (4, 12, "partial", "insufficient_data")),
    ],
)
@pytest.mark.parametrize("carry_over", [0, 1])
def test_the_coverage_of_a_level_is_that_of_the_months_it_rests_on(
    mini, carry_over, rule, reported, expected
):
    more = f"over_time: {rule}\ncarry_over: {carry_over}"
    mini.indicator(
        "A", "{value: sum(filled)}", source="posts", unit="posts", more=more, targets="{2018/19: 30}"
    )
    months = [str(month) for month in Period.parse(reported).months()]
    received = [("posts", "jmac", month) for month in months]
    results = mini.results("2018/19", {"posts": [post(month, filled=30) for month in months]}, received)
    row = mini.row(results, "A")
    names = ("reports_received", "reports_expected", "status", "rating")
    assert tuple(row[name] for name in names) == expected


def test_a_level_of_which_nobody_told_rests_on_no_report_of_the_whole_period(mini):
    levels(mini, "over_time: last")
    row = mini.row(mini.results("2018/19", {"posts": []}, []), "A")
    assert (row["reports_received"], row["reports_expected"], row["status"]) == (0, 12, "not_reported")
