"""Areas that begin, end or change within a period, and the bridge across a change; cercle C2 moves from R1 to R2 on 1 January 2019."""

from datetime import date
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from cpas.engine.areas import AreaTree
from cpas.engine.boundaries import days_of
from cpas.engine.comparisons import compute_comparisons
from cpas.engine.compute import compute_results
from cpas.engine.scope import Wanted, periods_for
from cpas.jobs.aside import beside
from cpas.jobs.figures import figures_of
from cpas.jobs.gather import gather
from cpas.jobs.progress import Progress
from cpas.jobs.sources import Source
from cpas.periods import Period

SAMPLE = Path(__file__).parents[2] / "sample_data"


def boundary(mini, results, area):
    return mini.row(results, "A", area)["boundary"]


def test_a_value_across_a_change_of_an_areas_places_is_marked(mini, incident):
    mini.indicator("A", "{value: count(*)}", unit="incidents")
    rows = {"incidents": [incident("2018-12-05", "C2")]}
    across = mini.results("2018-12..2019-01", rows)
    found = {area: boundary(mini, across, area) for area in ("ML", "R1", "R2", "C1", "C2")}
    assert found == {"ML": None, "R1": "changed", "R2": "changed", "C1": None, "C2": None}
    assert boundary(mini, mini.results("2019-01", rows), "R2") is None


def computed(mini, areas, rows, period, month=None):
    definitions = mini.load()
    tree = AreaTree.of(areas, "ML")
    reports = pl.DataFrame(
        [
            ("incidents", office, one.start)
            for office in ("FO-A", "FO-B")
            for one in Period.parse(period).months()
        ],
        schema=["dataset", "reporter", "month"],
        orient="row",
    )
    wanted = [Wanted(Period.parse(period), is_detailed=True)]
    tree = tree.as_in(Period.parse(month)) if month else tree
    return compute_results(definitions, mini.facts(rows), reports, tree, wanted)


def test_an_area_of_a_part_of_the_period_is_never_shown_as_whole(mini, incident):
    mini.indicator("A", "{value: count(*)}", unit="incidents")
    begins = pl.when(pl.col("area_code") == "C3").then(pl.lit(date(2018, 8, 1))).otherwise("valid_from")
    areas = mini.areas().with_columns(begins.alias("valid_from"))
    rows = {"incidents": [incident("2018-09-05", "C3")]}
    row = mini.row(computed(mini, areas, rows, "2018-Q3"), "A", "C3")
    assert (row["value"], row["status"], row["boundary"]) == (1.0, "partial", "part")
    whole = mini.row(computed(mini, areas, rows, "2018-08..2018-09"), "A", "C3")
    assert (whole["status"], whole["boundary"]) == ("reported", None)


def begun(mini, day):
    """The areas, of which R2 and all that lies in it begin on a day."""
    is_new = pl.col("area_code").is_in(["R2", "C3"])
    return mini.areas().with_columns(
        pl.when(is_new).then(pl.lit(day)).otherwise("valid_from").alias("valid_from")
    )


def rates(mini, counted="sum(deaths)", unit="persons", per=""):
    """A, the deaths, and B, those of a whole year among 100,000; a hundred a year is the target of R2 and of all."""
    goals = "{baseline: {period: 2017/18, value: 1}, targets: {2018/19: 100}}"
    mini.indicator("A", f"{{value: {counted}}}", unit=unit)
    mini.indicator("POP", "{value: sum(people)}", source="people", more="over_time: mean")
    keys = {"source": "", "unit": f"{per}per 100,000 persons and year", "targets": "{2018/19: 100}"}
    keys["more"] = f"targets_for: [{{area: R2, {goals[1:-1]}}}]"
    return mini.indicator("B", '{value: \'annualised("A") / "POP" * 100000\'}', **keys)


def inhabitants(year, number):
    return {"place": "C3", "year_on": date(year, 1, 1), "people": number}


@pytest.mark.parametrize(
    ("period", "deaths", "rate"),
    [
        # 181 days of 365, from January to June: the deaths and inhabitants of the region are of those alone
        ("2018/19", {"2019-01": 4, "2019-05": 6}, 10 * 365 / 181 / 79_204 * 100_000),
        ("2018-07..2019-02", {"2019-01": 4, "2019-02": 1}, 5 * 365 / 59 / 79_204 * 100_000),
        ("2019-02", {"2019-02": 1}, 1 * 365 / 28 / 79_204 * 100_000),
    ],
)
def test_the_annual_rate_of_an_area_is_by_the_days_on_which_it_was_there(
    mini, incident, period, deaths, rate
):
    rows = [incident(f"{month}-05", "C3", deaths=number) for month, number in deaths.items()]
    facts = {"incidents": rows, "people": [inhabitants(2019, 79_204)]}
    results = computed(rates(mini), begun(mini, date(2019, 1, 1)), facts, period)
    assert mini.row(results, "B", "R2")["value"] == pytest.approx(rate, rel=1e-9)
    if period == "2018/19":
        assert round(rate, 2) == 25.46
        whole = mini.row(results, "B")  # all is there the whole year
        assert whole["value"] == pytest.approx(10 / 79_204 * 100_000, rel=1e-9)


def test_the_interval_of_a_rate_is_by_the_days_of_its_value(mini, incident):
    rows = [incident(f"2019-{month:02}-05", "C3") for month in (1, 2, 3, 5, 6)]
    facts = {"incidents": rows, "people": [inhabitants(2019, 79_204)]}
    mini = rates(mini, "count(*)", "incidents", "incidents ")
    row = mini.row(computed(mini, begun(mini, date(2019, 1, 1)), facts, "2018/19"), "B", "R2")
    # five incidents, 1.6235 to 11.6683 by Garwood
    each = 365 / 181 / 79_204 * 100_000
    found = [row[name] for name in ("value", "interval_low", "interval_high")]
    assert found == pytest.approx([5 * each, 1.6235 * each, 11.6683 * each], rel=1e-4)


def test_a_month_counts_for_an_area_that_is_there_on_its_first_day(mini):
    tree = AreaTree.of(begun(mini, date(2019, 1, 10)), "ML")
    periods = [Period.parse(text) for text in ("2018/19", "2019-01", "2019-02", "2018-12")]
    found = dict(
        days_of(["R2", "R1", "ML"], periods, tree)
        .select(pl.format("{} {}", "area", "period"), "days")
        .iter_rows()
    )
    assert found["R2 2018/19"] == 28 + 31 + 30 + 31 + 30
    assert (found["R1 2018/19"], found["ML 2018/19"]) == (365, 365)
    assert (found["R2 2019-02"], found["R2 2019-01"], found["R2 2018-12"]) == (28, 31, 31)


def test_an_annual_figure_is_by_the_days_of_the_area_in_comparisons_too(mini, incident):
    mini.indicator("A", "{value: count(*)}", unit="incidents")
    rows = {"incidents": [incident("2018-07-05"), incident("2019-01-05", "C3"), incident("2019-02-05", "C3")]}
    areas = begun(mini, date(2019, 1, 1))
    tree, period = AreaTree.of(areas, "ML"), Period.parse("2019-02")
    compute = mini.engine(rows, None)
    wanted = periods_for(period, Period.parse("2017-07"))
    results = compute(mini.load(), wanted, tree)
    frame = compute_comparisons(
        results, mini.load(), tree, period, lambda some, own, other=None: compute(some, own, other or tree)
    )
    annual = {row["area"]: row["value"] for row in frame.filter(kind="annualised").iter_rows(named=True)}
    assert annual["R2"] == pytest.approx(2 * 365 / 59)  # since January
    assert annual["R1"] == pytest.approx(1 * 365 / 243)  # since July
    assert annual["ML"] == pytest.approx(3 * 365 / 243)


def test_the_bridge_has_earlier_months_for_the_places_an_area_has_now(mini, incident):
    mini.indicator("A", "{value: count(*)}", unit="incidents")
    rows = {"incidents": [incident("2018-12-05", place) for place in ("C1", "C2", "C2", "C3")]}
    then = computed(mini, mini.areas(), rows, "2018-12")
    bridged = computed(mini, mini.areas(), rows, "2018-12", month="2019-01")
    assert [mini.row(then, "A", area)["value"] for area in ("R1", "R2", "ML")] == [3.0, 1.0, 4.0]
    assert [mini.row(bridged, "A", area)["value"] for area in ("R1", "R2", "ML")] == [1.0, 3.0, 4.0]
    across = computed(mini, mini.areas(), rows, "2018-12..2019-01", month="2019-01")
    assert boundary(mini, across, "R2") is None


def at(incident, counts, **keys):
    """So many incidents in each month and place."""
    return [
        incident(f"{month}-05", place, **keys)
        for month, places in counts.items()
        for place, count in places.items()
        for _ in range(count)
    ]


def bridge(frame, area, id_="A", kind="same_last_year"):
    wanted = (pl.col("indicator_id") == id_) & (pl.col("kind") == kind) & (pl.col("area") == area)
    row = frame.filter(wanted).row(0, named=True)
    return tuple(
        row[name]
        for name in (
            "value",
            "compared_value",
            "value_bridged",
            "compared_bridged",
            "change_bridged",
            "bridge_reasons",
        )
    )


COUNTS = {"2018-01": {"C1": 3, "C2": 5, "C3": 2}, "2019-01": {"C1": 4, "C2": 1, "C3": 2}}


def test_a_region_that_lost_a_cercle_did_not_calm_down_on_todays_boundaries(mini, incident):
    mini.indicator("A", "{value: count(*)}", unit="incidents")
    frame = mini.comparisons("2019-01", {"incidents": at(incident, COUNTS)})
    # R1 had C1 and C2, 8 incidents, and has C1, 4; what is C1 now went from 3 to 4
    assert bridge(frame, "R1") == (4.0, 8.0, 4.0, 3.0, 1.0, "")
    assert bridge(frame, "R2") == (3.0, 2.0, 3.0, 7.0, -4.0, "")
    assert bridge(frame, "ML") == (7.0, 10.0, None, None, None, None)
    row = frame.filter(area="R1", kind="same_last_year").row(0, named=True)
    assert (row["boundaries_of"], row["bridges"], row["compares"]) == ("2019-01", True, False)


def test_a_year_to_date_across_the_change_is_bridged_on_both_sides(mini, incident):
    mini.indicator("A", "{value: count(*)}", unit="incidents")
    counts = COUNTS | {"2018-08": {"C2": 6}}
    frame = mini.comparisons("2019-01", {"incidents": at(incident, counts)})
    # C2's six of August were R1's and are R2's now; the value as published has six and four
    assert bridge(frame, "R1", kind="year_to_date") == (10.0, 8.0, 4.0, 3.0, 1.0, "")
    assert bridge(frame, "R2", kind="year_to_date") == (3.0, 2.0, 9.0, 7.0, 2.0, "")
    # 215 days of 365 have passed by the end of January
    annual = bridge(frame, "R2", kind="annualised")
    assert annual[2:4] == (pytest.approx(9 * 365 / 215), pytest.approx(7 * 365 / 215))
    # of the twelve months to January 2018 seven are known, of those to June 2018 all
    assert bridge(frame, "R2", kind="mean_12")[3] is None
    frame = mini.comparisons("2019-06", {"incidents": at(incident, counts)})
    assert bridge(frame, "R2", kind="mean_12")[2:5] == (
        pytest.approx(9 / 12),
        pytest.approx(7 / 12),
        pytest.approx(2 / 12),
    )


def test_where_the_definition_changed_too_both_breaks_are_told_and_nothing_compares(mini, incident):
    note = "note: {en: N, fr: N}"
    attacks = "measure: {value: \"count(*) filter (where kind = 'attack')\"}"
    versions = f"[{{from: 2017-07-01, {note}}}, {{from: 2018-08-01, {note}, {attacks}}}]"
    mini.indicator("A", "{value: count(*)}", unit="incidents", versions=versions)
    frame = mini.comparisons("2019-01", {"incidents": at(incident, COUNTS, kind="attack")})
    assert bridge(frame, "R1") == (4.0, 8.0, 4.0, 3.0, 1.0, "definition_changed")
    row = frame.filter(area="R1", kind="same_last_year").row(0, named=True)
    assert row["reasons"] == "boundary_changed;definition_changed"
    assert (row["compares"], row["bridges"]) == (False, False)


def test_rows_that_name_only_the_region_that_was_divided_cannot_be_bridged(mini, incident):
    mini.indicator("A", "{value: count(*)}", unit="incidents").indicator(
        "B", "{value: count(*), where: kind = 'clash'}", unit="incidents"
    )
    mini.indicator("D", '{value: "\\"A\\" - same_last_year(\\"A\\")"}', source="", unit="incidents")
    rows = at(incident, COUNTS) + at(incident, {"2018-01": {"R1": 2}})
    frame = mini.comparisons("2019-01", {"incidents": rows})
    # the two may have been in C1, which R1 kept, or in C2, which R2 has; R1 had 10
    assert bridge(frame, "R1") == (4.0, 10.0, 4.0, 3.0, 1.0, "not_placed")
    assert bridge(frame, "R2") == (3.0, 2.0, 3.0, 7.0, -4.0, "not_placed")
    left = frame.filter(kind="same_last_year", area="R2").select("indicator_id", "not_placed").rows()
    assert dict(left) == {"A": 2, "B": 0, "D": 4}  # both sides of D rest on January 2018
    assert bridge(frame, "R1", "B")[5] == ""
    # rows without a death change no sum of deaths, wherever they were
    mini.indicator("K", "{value: sum(deaths)}")
    rows = at(incident, COUNTS, deaths=2) + at(incident, {"2018-01": {"R1": 2}}, deaths=0)
    frame = mini.comparisons("2019-01", {"incidents": rows})
    assert bridge(frame, "R1", "K")[2:] == (8.0, 6.0, 2.0, "")
    assert bridge(frame, "R1")[5] == "not_placed"
    later = at(incident, COUNTS) + at(incident, {"2019-01": {"R1": 2}})
    assert bridge(mini.comparisons("2019-01", {"incidents": later}), "R1")[2:] == (6.0, 3.0, 3.0, "")


def test_a_place_that_nobody_told_apart_then_has_no_bridge(mini, incident):
    mini.indicator("A", "{value: count(*)}", unit="incidents")
    begins = pl.when(pl.col("area_code") == "C3").then(pl.lit(date(2018, 8, 1))).otherwise("valid_from")
    areas = mini.areas().with_columns(begins.alias("valid_from"))
    tree = AreaTree.of(areas, "ML").as_in(Period.parse("2019-01"))
    assert not tree.is_traced("R2", Period.parse("2018-01"))
    assert tree.is_traced("R2", Period.parse("2018-09"))
    assert tree.is_traced("R1", Period.parse("2018-01"))


def test_zero_on_todays_boundaries_needs_a_report_about_the_places_of_then(mini, incident):
    mini.indicator("A", "{value: count(*)}", unit="incidents")
    rows = {"incidents": at(incident, {"2019-01": {"C2": 1}})}
    both = [("incidents", office, "2019-01") for office in ("FO-A", "FO-B")]
    # in January 2018 it was FO-A that reported on C2, which is all that R2 knows of beside C3
    heard = mini.comparisons("2019-01", rows, [*both, ("incidents", "FO-A", "2018-01")])
    assert bridge(heard, "R2")[2:] == (1.0, 0.0, 1.0, "partial;coverage_differs")
    assert bridge(heard, "R1")[2:] == (0.0, 0.0, 0.0, "")
    unheard = mini.comparisons("2019-01", rows, both)
    assert bridge(unheard, "R2")[3] is None


def test_levels_and_ratios_are_bridged_too(mini):
    mini.indicator("L", "{value: sum(filled)}", source="posts", unit="posts", more="over_time: last")
    mini.indicator(
        "S",
        "{value: sum(filled) / sum(planned) * 100}",
        source="posts",
        unit="per cent",
        more="over_time: last",
    )
    posts = [
        {"month": date(year, 1, 1), "section": "jmac", "place": place, "filled": filled, "planned": 20}
        for year, places in ((2018, {"C1": 10, "C2": 18, "C3": 5}), (2019, {"C1": 12, "C2": 18, "C3": 7}))
        for place, filled in places.items()
    ]
    frame = mini.comparisons("2019-01", {"posts": posts})
    assert bridge(frame, "R1", "L") == (12.0, 28.0, 12.0, 10.0, 2.0, "")
    assert bridge(frame, "R1", "S") == (60.0, 70.0, 60.0, 50.0, 10.0, "")
    assert bridge(frame, "R2", "S")[2:] == (62.5, pytest.approx(57.5), pytest.approx(5.0), "")


@pytest.mark.real_data
@pytest.mark.usefixtures("checks_here")
def test_real_deaths_in_gao_rose_on_todays_boundaries_though_the_figures_of_the_time_fall(real_data):
    path = real_data / "ucdp_ged" / "ged_24_1_mali.csv"
    gathered = gather(SAMPLE, Progress(is_quiet=True), beside(), Source(incidents=path))
    frame = figures_of(gathered, Period.parse("2019-06")).comparisons
    gao, menaka = (bridge(frame, area, "POC-01", "year_to_date") for area in ("ML07", "ML10"))
    events = pd.read_csv(path, parse_dates=["date_start"])
    is_located = (events["where_prec"] <= 3) & (events["date_prec"] < 5)
    events = events[is_located & events["date_start"].between("2017-07-01", "2018-06-30")]
    by_region = events.groupby("adm_1")["deaths_civilians"].sum()
    # the file's own regions are those of today
    assert (gao[3], menaka[3]) == (by_region["Gao region"], by_region["Ménaka region"])
    assert gao[3] + menaka[3] == gao[1]
    assert gao[0] < gao[1]
    assert gao[2] > gao[3]
    assert (gao[5], menaka[5]) == ("", "")
