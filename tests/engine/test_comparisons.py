import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cpas.engine.scope import periods_for
from cpas.periods import Period

NOTE = "note: {en: n, fr: n}"
EARLIER = [str(month) for month in Period.parse("2017-07..2018-06").months()]


def months(incident, counts, place="C1"):
    """One incident with so many deaths in each month from July 2017 on; None makes no incident."""
    first = Period.parse("2017-07").first
    return {
        "incidents": [
            incident(str(Period(first + index, first + index)) + "-05", place, deaths=count)
            for index, count in enumerate(counts)
            if count is not None
        ]
    }


def one(frame, kind, id_="A", area="ML"):
    wanted = (pl.col("indicator_id") == id_) & (pl.col("kind") == kind) & (pl.col("area") == area)
    return frame.filter(wanted).row(0, named=True)


def figures(row, *names):
    return tuple(row[name] for name in names or ("value", "compared_value", "change", "change_per_cent"))


def test_a_month_beside_the_month_before_and_the_same_month_last_year(mini, incident):
    deaths = [10, 20, 30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 8]
    frame = mini.indicator("A", "{value: sum(deaths)}").comparisons("2018-08", months(incident, deaths))
    assert figures(one(frame, "previous")) == (8.0, 5.0, 3.0, 60.0)
    assert figures(one(frame, "same_last_year")) == (8.0, 20.0, -12.0, -60.0)
    assert figures(one(frame, "year_to_date")) == (13.0, 30.0, -17.0, pytest.approx(-56.6667, abs=1e-4))
    assert one(frame, "year_to_date")["period"] == "2018-07..2018-08"
    assert one(frame, "year_to_date")["compared_period"] == "2017-07..2017-08"
    assert figures(one(frame, "previous"), "compares", "reasons", "change_unit") == (True, "", "persons")


def test_a_change_from_zero_has_no_per_cent_and_percentages_change_by_points(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}")
    mini.indicator("S", "{value: count(*) filter (where answered) / count(*) * 100}", unit="per cent")
    rows = [incident("2018-07-05", deaths=0, answered=True), incident("2018-07-05", deaths=0, answered=False)]
    rows += [incident("2018-08-05", deaths=4, answered=True)]
    frame = mini.comparisons("2018-08", {"incidents": rows})
    assert figures(one(frame, "previous")) == (4.0, 0.0, 4.0, None)
    share = one(frame, "previous", "S")
    assert figures(share) == (100.0, 50.0, 50.0, None)
    assert share["change_unit"] == "points"


def test_a_change_from_or_to_a_figure_below_zero_has_no_per_cent(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}")
    mini.indicator("N", "{value: count(*)}", unit="persons")
    mini.indicator("D", "{value: A - N}", source="")
    deaths = {"2018-07": (0, 0, 0, 0), "2018-08": (2,), "2018-09": (0, 0, 0)}
    rows = {"incidents": [incident(f"{month}-05", deaths=n) for month in deaths for n in deaths[month]]}
    august, september = (one(mini.comparisons(month, rows), "previous", "D") for month in list(deaths)[1:])
    assert figures(august) == (1.0, -4.0, 5.0, None)
    assert figures(september) == (-3.0, 1.0, -4.0, None)


def test_a_mean_of_three_months_needs_two_and_a_silent_month_is_not_zero(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}")
    rows = months(incident, [2, 4, 6, 9, None, 3])
    heard = ["2017-07", "2017-08", "2017-09", "2017-10", "2017-12"]
    received = [("incidents", office, month) for office in ("FO-A", "FO-B") for month in heard]
    row = one(mini.comparisons("2017-12", rows, received), "mean_3")
    assert figures(row, "value", "known", "compared_value", "compared_known") == (6.0, 2, 4.0, 3)
    assert not row["compares"]
    assert "partial" in row["reasons"]
    few = [each for each in received if each[2] != "2017-10"]
    lonely = one(mini.comparisons("2017-12", months(incident, [2, 4, 6, None, None, 3]), few), "mean_3")
    assert (lonely["value"], lonely["known"]) == (None, 1)


def test_a_mean_of_percentages_divides_once(mini, incident):
    mini.indicator("A", "{value: count(*) filter (where answered) / count(*) * 100}", unit="per cent")
    rows = [
        incident("2018-07-05", answered=True),
        *(incident("2018-08-05", answered=False) for _ in range(3)),
    ]
    assert one(mini.comparisons("2018-09", {"incidents": rows}), "mean_3")["value"] == 25.0
    rows.append(incident("2018-09-05", answered=True))
    assert one(mini.comparisons("2018-09", {"incidents": rows}), "mean_3")["value"] == 40.0


def test_twelve_months_beside_the_twelve_before(mini, incident):
    rows = months(incident, [1] * 12 + [3] * 12)
    row = one(mini.indicator("A", "{value: sum(deaths)}").comparisons("2019-06", rows), "mean_12")
    assert figures(row, "value", "compared_value", "known", "compared_known") == (3.0, 1.0, 12, 12)


def test_annualising_uses_the_days_the_year_really_has(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}")
    rows = {"incidents": [incident("2019-08-01", deaths=244), incident("2018-08-01", deaths=243)]}
    row = one(mini.comparisons("2020-02", rows), "annualised")
    # July 2019 to February 2020 has 244 of 366 days, July 2018 to February 2019 243 of 365
    assert figures(row, "value", "compared_value") == (pytest.approx(366.0), pytest.approx(365.0))


def test_ratios_levels_and_running_totals_are_not_annualised(mini):
    mini.indicator("S", "{value: sum(deaths) / count(*)}", unit="persons per incident")
    mini.indicator("L", "{value: sum(filled)}", source="posts", unit="posts", more="over_time: last")
    mini.indicator("C", "{value: sum(deaths)}", more="cumulative: budget_year")
    frame = mini.comparisons("2018-08", {"incidents": []})
    assert "annualised" not in frame["kind"].to_list()
    assert frame.filter(pl.col("indicator_id") == "C")["kind"].unique().sort().to_list() == [
        "previous",
        "same_last_year",
        "year_to_date",
    ]


def test_a_running_total_that_begins_anew_does_not_compare_with_the_month_before(mini, incident):
    rows = months(incident, [1] * 14)
    mini.indicator("A", "{value: sum(deaths)}", more="cumulative: budget_year")
    july, august = (one(mini.comparisons(month, rows), "previous") for month in ("2018-07", "2018-08"))
    assert (july["value"], july["compared_value"], july["reasons"]) == (1.0, 12.0, "total_restarts")
    assert (august["change"], august["compares"]) == (1.0, True)


def test_a_running_total_of_the_calendar_year_begins_in_january_and_does_not_go_blank(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}", more="cumulative: calendar_year")
    rows = {"incidents": [incident("2018-12-05", deaths=50), incident("2019-02-05", deaths=3)]}
    received = [
        ("incidents", office, month) for office in ("FO-A", "FO-B") for month in ("2018-12", "2019-02")
    ]
    values = {
        month: mini.row(mini.results(month, rows, received), "A")["value"]
        for month in ("2018-12", "2019-01", "2019-02", "2019-03", "2019-04")
    }
    assert values == {"2018-12": 50.0, "2019-01": None, "2019-02": 3.0, "2019-03": 3.0, "2019-04": 3.0}


@pytest.mark.parametrize(
    ("cumulative", "values"),
    [
        ("calendar_year", {"2019-06": 7, "2018/19": 57, "2019": 18, "2018-12..2019-02": 53}),
        ("budget_year", {"2019-06": 57, "2018/19": 57, "2019": 18, "2019-06..2019-07": 15}),
    ],
)
def test_a_period_in_which_a_running_total_begins_anew_has_all_its_own_months(
    mini, incident, cumulative, values
):
    mini.indicator("A", "{value: sum(deaths)}", more=f"cumulative: {cumulative}")
    deaths = {"2018-12": 50, "2019-02": 3, "2019-06": 4, "2019-07": 11}
    rows = {"incidents": [incident(f"{month}-05", deaths=number) for month, number in deaths.items()]}
    assert {period: mini.row(mini.results(period, rows), "A")["value"] for period in values} == values


def test_areas_whose_parts_changed_do_not_compare_and_the_whole_mission_does(mini, incident):
    rows = months(incident, [1] * 19)
    frame = mini.indicator("A", "{value: sum(deaths)}").comparisons("2019-01", rows)
    reasons = {area: one(frame, "previous", area=area)["reasons"] for area in ("ML", "R1", "R2")}
    assert reasons == {"ML": "", "R1": "boundary_changed", "R2": "boundary_changed"}


def test_a_silent_office_and_another_share_of_reports_are_reasons(mini, incident):
    received = [
        ("incidents", "FO-A", "2018-07"),
        ("incidents", "FO-A", "2018-08"),
        ("incidents", "FO-B", "2018-07"),
    ]
    frame = mini.indicator("A", "{value: sum(deaths)}").comparisons(
        "2018-08", months(incident, [None] * 12 + [3, 2]), received
    )
    assert one(frame, "previous")["reasons"] == "partial;coverage_differs"
    assert one(frame, "previous", area="R2")["reasons"] == "no_value;coverage_differs"


def test_a_change_is_spoken_of_where_intervals_do_not_meet_or_by_its_size(mini, incident):
    mini.indicator("A", "{value: count(*)}", unit="incidents")
    mini.indicator(
        "R",
        "{numerator: sum(deaths), denominator: count(*)}",
        unit="persons per incident",
        level="level: output\noutput: OP1",
    )
    mini.indicator("G", "{value: max(deaths)}", more="over_time: max\nover_area: max")
    counts = {"2017-07": 10, "2017-08": 12, "2017-09": 40, "2017-10": 40}
    rows = {
        "incidents": [
            incident(f"{month}-05", deaths=1 + (month == "2017-08"))
            for month, count in counts.items()
            for _ in range(count)
        ]
    }
    near, far = (one(mini.comparisons(month, rows), "previous") for month in ("2017-08", "2017-09"))
    assert (near["basis"], near["direction"]) == (None, None)
    assert (far["basis"], far["direction"]) == ("interval", "worsening")
    assert one(mini.comparisons("2017-08", rows), "previous", "R")["basis"] == "size"
    assert one(mini.comparisons("2017-10", rows), "previous", "R")["basis"] is None
    greatest = one(mini.comparisons("2017-08", rows), "previous", "G")
    assert (greatest["change"], greatest["basis"]) == (1.0, None)  # one event makes it


def changed(mini):
    attacks = "measure: {value: sum(deaths) filter (where kind = 'attack')}"
    versions = f"[{{from: 2017-07-01, {NOTE}}}, {{from: 2018-08-01, {NOTE}, {attacks}}}]"
    return mini.indicator("A", "{value: sum(deaths)}", versions=versions)


def test_where_the_definition_changed_both_figures_are_computed_both_ways(mini, incident):
    deaths = {("2018-07-05", "attack"): 30, ("2018-07-05", "clash"): 10, ("2018-08-05", "attack"): 2}
    deaths |= {("2018-08-05", "clash"): 50, **{(f"{month}-05", "attack"): 25 for month in EARLIER}}
    rows = [incident(day, deaths=number, kind=kind) for (day, kind), number in deaths.items()]
    row = one(changed(mini).comparisons("2018-08", {"incidents": rows}), "previous")
    assert figures(row, "value", "compared_value", "reasons") == (2.0, 40.0, "definition_changed")
    assert figures(row, "earlier_versions", "value_by_earlier", "compared_by_earlier") == ("A:1", 52.0, 40.0)
    assert figures(row, "later_versions", "value_by_later", "compared_by_later") == ("A:2", 2.0, 30.0)
    assert figures(row, "basis", "direction") == ("interval", "improving")


def test_of_a_count_without_a_known_interval_nothing_is_said(mini, incident):
    rows = [incident("2017-07-05", deaths=10), incident("2017-08-05", deaths=90)]
    row = one(
        mini.indicator("A", "{value: sum(deaths)}").comparisons("2017-08", {"incidents": rows}), "previous"
    )
    assert (row["change"], row["compares"], row["basis"]) == (80.0, True, None)


def test_of_what_is_derived_from_a_count_nothing_is_said(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}").indicator("B", '{value: "\\"A\\" * 2"}', source="")
    rows = [incident("2017-07-05", deaths=10), incident("2017-08-05", deaths=90)]
    row = one(mini.comparisons("2017-08", {"incidents": rows}), "previous", "B")
    assert (row["change"], row["compares"], row["basis"]) == (160.0, True, None)


def test_a_derived_indicator_changes_with_what_it_is_derived_from(mini, incident):
    changed(mini).indicator("B", '{value: "\\"A\\" * 2"}', source="")
    rows = [incident("2018-07-05", deaths=10, kind="clash"), incident("2018-08-05", deaths=50, kind="clash")]
    row = one(mini.comparisons("2018-08", {"incidents": rows}), "previous", "B")
    assert figures(row, "reasons", "earlier_versions", "later_versions") == (
        "definition_changed",
        "A:1",
        "A:2",
    )
    assert figures(row, "value_by_earlier", "compared_by_earlier") == (100.0, 20.0)
    assert figures(row, "value_by_later", "compared_by_later") == (0.0, 0.0)


def test_a_figure_that_mixes_versions_is_told_from_a_change_between_two_periods(mini, incident):
    formula = '{value: "\\"A\\" - same_last_year(\\"A\\")"}'
    changed(mini).indicator("B", formula, source="")
    day = [incident("2018-07-05", deaths=10), incident("2018-09-05", deaths=5)]
    frame = mini.comparisons("2018-09", {"incidents": day})
    # the definition of A changed on 1 August 2018: September and August 2018 less those of 2017 mix both
    row = one(frame, "previous", "B")
    assert figures(row, "reasons", "changed_within") == ("definition_changed", "A:2018-08-01")
    assert figures(one(frame, "previous", "A"), "reasons", "changed_within") == ("", None)
    # September 2017 and 2018 are of one version each, while July to September 2018 mix both
    row = one(frame, "same_last_year", "A")
    assert figures(row, "reasons", "changed_within") == ("definition_changed", None)
    row = one(frame, "year_to_date", "A")
    assert figures(row, "reasons", "changed_within") == ("definition_changed", "A:2018-08-01")


def test_periods_on_one_side_of_a_change_are_not_marked(mini, incident):
    rows = {"incidents": [incident("2018-09-05", deaths=10)]}
    row = one(changed(mini).comparisons("2018-09", rows), "previous")
    assert figures(row, "reasons", "earlier_versions", "value_by_later") == ("", None, None)


def test_a_period_before_the_data_begin_is_not_compared_with(mini, incident):
    frame = mini.indicator("A", "{value: sum(deaths)}").comparisons("2017-07", months(incident, [3]))
    assert frame["kind"].to_list() == []


def test_the_same_data_give_the_same_bytes(mini, incident):
    rows = months(incident, [1, 5, 3, 7, 2, 8, 9, 1, 4, 4, 4, 6, 7, 8])
    mini.indicator("A", "{value: sum(deaths)}")
    csv = [
        mini.comparisons("2018-08", {"incidents": each}).write_csv()
        for each in (rows["incidents"], rows["incidents"][::-1])
    ]
    assert csv[0] == csv[1]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 30), min_size=1, max_size=24))
def test_a_year_to_date_is_the_sum_of_its_months(mini, incident, deaths):
    first = Period.parse("2017-07").first
    period = Period(first + len(deaths) - 1, first + len(deaths) - 1)
    mini.indicator("A", "{value: sum(deaths)}")
    definitions, compute = mini.load(), mini.engine(months(incident, deaths), None)
    results = compute(definitions, periods_for(period, Period.parse("2017-07")))
    values = dict(results.filter(area="ML").select("period", "value").iter_rows())
    to_date = period.year_to_date()
    assert values[str(to_date)] == sum(values[str(month)] for month in to_date.months())
