from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpas.definitions.expressions.parse import parse_derived
from cpas.definitions.expressions.translate import formula_to_polars
from cpas.definitions.expressions.values import Field
from cpas.definitions.load import load_definitions
from cpas.errors import DefinitionError, Location

WHERE = Location("indicators/own/B.yml")


def derived(mini, formula, unit="persons", more="", id_="B"):
    return mini.indicator(id_, f"{{value: '{formula}'}}", source="", unit=unit, more=more)


def killed(incident, deaths, **values):
    """One incident with so many deaths in each month that is named."""
    return {
        "incidents": [incident(f"{month}-05", deaths=number, **values) for month, number in deaths.items()]
    }


@pytest.mark.parametrize(
    ("formula", "period", "value"),
    [
        ('"A" - previous("A")', "2019-03", 9 - 4),
        ('"A" - same_last_year("A")', "2019-03", 9 - 2),
        ('"A" - months_before("A", 2)', "2019-03", 9 - 1),
        ('"A" - previous("A")', "2019-Q1", (1 + 4 + 9) - (8 + 0 + 0)),
        ('"A" + months_before("A", 1)', "2019-Q1", (1 + 4 + 9) + (0 + 1 + 4)),
        ('previous("A")', "2019-03", 4),
    ],
)
def test_an_operand_may_be_of_another_period(mini, incident, formula, period, value):
    derived(mini.indicator("A", "{value: sum(deaths)}"), formula)
    rows = killed(incident, {"2018-03": 2, "2018-10": 8, "2019-01": 1, "2019-02": 4, "2019-03": 9})
    results = mini.results(period, rows)
    assert mini.row(results, "B")["value"] == value
    assert results["period"].unique().to_list() == [period]


@pytest.mark.parametrize(
    ("formula", "unit", "records"),
    [
        # two of March's three incidents killed: both operands count the same rows
        ('"A" / "N"', "share", 3),
        ('"A" - previous("A")', "persons", 2 + 1),
        ('"N" - previous("N")', "persons", 3 + 2),
        ('("A" + previous("A")) / ("N" + previous("N"))', "share", 3 + 2),
        ('annualised("A") / "N"', "share", 3),
        ('"A" / "P"', "persons per post", 2 + 4),
    ],
)
def test_the_rows_behind_a_derived_value_are_those_of_its_operands_each_once(
    mini, incident, formula, unit, records
):
    mini.indicator("A", "{value: sum(deaths), where: deaths > 0}")
    mini.indicator("N", "{value: count(*)}", unit="persons")
    mini.indicator("P", "{value: sum(filled)}", source="posts", unit="posts", more="over_time: last")
    derived(mini, formula, unit)
    deaths = {"2019-02": (0, 5), "2019-03": (2, 0, 1)}
    rows = {
        "incidents": [incident(f"{month}-05", deaths=n) for month, each in deaths.items() for n in each],
        "posts": [
            {"month": date(2019, 3, 1), "place": place, "filled": 1} for place in ("C1", "C2", "C3", "ML")
        ],
    }
    assert mini.row(mini.results("2019-03", rows), "B")["records"] == records


def test_a_change_on_last_year_may_be_a_percentage_of_it(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}")
    derived(mini, '("A" - same_last_year("A")) / same_last_year("A") * 100', "per cent")
    rows = killed(incident, {"2018-03": 40, "2019-03": 25})
    assert mini.row(mini.results("2019-03", rows), "B")["value"] == -37.5
    nothing = mini.row(mini.results("2019-04", rows), "B")
    assert (nothing["value"], nothing["status"]) == (None, "not_applicable")


def test_a_derived_indicator_of_a_derived_one_reaches_back_twice(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}")
    derived(mini, 'previous("A")')
    derived(mini, 'previous("B")', id_="C")
    assert mini.row(mini.results("2019-03", killed(incident, {"2019-01": 7})), "C")["value"] == 7.0


@pytest.mark.parametrize(
    ("period", "value"), [("2019-02", 28 * 365 / 28), ("2020-02", 29 * 366 / 29), ("2018/19", 28.0)]
)
def test_annualising_takes_the_days_the_year_really_has(mini, incident, period, value):
    mini.indicator("A", "{value: sum(deaths)}")
    derived(mini, 'annualised("A")')
    rows = killed(incident, {"2019-02": 28, "2020-02": 29})
    assert mini.row(mini.results(period, rows), "B")["value"] == pytest.approx(value, rel=1e-12)


def test_a_period_in_no_one_year_is_not_annualised(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}")
    derived(mini, 'annualised("A")')
    rows = killed(incident, {"2019-02": 28})
    assert mini.row(mini.results("2018-12..2019-07", rows), "B")["value"] is None
    assert mini.row(mini.results("2018-12..2019-05", rows), "B")["value"] == pytest.approx(28 * 365 / 182)


def test_only_sums_that_do_not_run_on_are_annualised(mini):
    mini.indicator("A", "{value: sum(deaths)}", more="cumulative: budget_year")
    with pytest.raises(DefinitionError) as found:
        load_definitions(derived(mini, 'annualised("A")').folder)
    assert "does not add up over time" in found.value.issues[0].message


def people(counts):
    """So many inhabitants of one place in each calendar year."""
    return {
        "people": [
            {"place": "C1", "year_on": date(year, 1, 1), "people": number} for year, number in counts.items()
        ]
    }


@pytest.mark.parametrize(
    ("period", "counts", "mean"),
    [
        # 184 days of the one year and 181 of the next: 184 * 1000 + 181 * 2000
        ("2018/19", {2018: 365_000, 2019: 730_000}, 546_000),
        # 184 and, with a 29 February, 182 of 366: 184 * 1000 + 182 * 2000
        ("2019/20", {2019: 366_000, 2020: 732_000}, 548_000),
        # 61 days of November and December, 31 of January
        ("2018-11..2019-01", {2018: 92_000, 2019: 184_000}, 61_000 + 62_000),
        ("2018", {2018: 100_000, 2019: 300_000}, 100_000),
        ("2019-02", {2018: 100_000, 2019: 300_000}, 300_000),
        # nobody knows the second half: the mean is that of the days that are known
        ("2018/19", {2018: 365_000}, 365_000),
    ],
)
def test_a_population_is_that_of_the_periods_own_days_not_of_one_calendar_year(mini, period, counts, mean):
    mini.indicator("POP", "{value: sum(people)}", source="people", more="over_time: mean")
    assert mini.row(mini.results(period, people(counts)), "POP")["value"] == mean


def test_a_mean_of_ratios_and_of_places_is_by_days_too(mini):
    mini.indicator(
        "RATIO",
        "{numerator: sum(people), denominator: count(*)}",
        source="people",
        unit="r",
        more="over_time: mean",
    )
    mini.indicator("EACH", "{value: sum(people)}", source="people", more="over_time: mean\nover_area: mean")
    rows = people({2018: 365_000, 2019: 730_000})
    rows["people"].append({"place": "C3", "year_on": date(2019, 1, 1), "people": 0})
    results = mini.results("2018/19", rows)
    # 184 days of one place with 365,000, and 181 of two with 730,000 together
    expected = pytest.approx((184 * 365_000 + 181 * 730_000) / (184 + 2 * 181), rel=1e-12)
    assert mini.row(results, "RATIO")["value"] == mini.row(results, "EACH")["value"] == expected


def test_posts_are_a_mean_of_months_whatever_their_days(mini):
    mini.indicator("A", "{value: sum(filled)}", source="posts", unit="posts", more="over_time: mean")
    posts = [
        {"month": date(2019, month, 1), "section": "jmac", "place": "C1", "filled": filled}
        for month, filled in ((1, 10), (2, 40))
    ]
    assert mini.row(mini.results("2019-01..2019-02", {"posts": posts}), "A")["value"] == 25.0


def test_a_rate_of_a_budget_year_rests_on_the_population_of_both_its_calendar_years(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}")
    mini.indicator("POP", "{value: sum(people)}", source="people", more="over_time: mean")
    derived(mini, 'annualised("A") / "POP" * 100000', "per 100,000 persons and year")
    rows = killed(incident, {"2018-07": 266, "2019-02": 280}) | people({2018: 365_000, 2019: 730_000})
    assert mini.row(mini.results("2018/19", rows), "B")["value"] == 100.0  # 546 among 546,000
    # 280 in 28 days are 3,650 in a year of 365, among the 730,000 of that calendar year
    assert mini.row(mini.results("2019-02", rows), "B")["value"] == pytest.approx(500.0, rel=1e-12)


def rate_and_count(mini, incident, target, reports=None, rows=None):
    """Deaths among 100,000 in 2018/19, against `target` of both, and what each is rated: the count, then its rate."""
    goals = f"{{2018/19: {target}}}"
    mini.indicator("A", "{value: sum(deaths)}", targets=goals)
    mini.indicator("POP", "{value: sum(people)}", source="people", more="over_time: mean")
    keys = {"source": "", "unit": "per 100,000 persons and year", "targets": goals}
    mini.indicator("B", '{value: \'annualised("A") / "POP" * 100000\'}', **keys)
    rows = rows or [incident(f"{month}-05", deaths=number) for month, number in RESTLESS.items()]
    every = {"incidents": rows} | people({2018: 100_000, 2019: 100_000})
    results = mini.results("2018/19", every, reports)
    return mini.row(results, "A"), mini.row(results, "B")


RESTLESS = {
    f"{year}-{month:02}": month % 2 * 10
    for year, months in ((2018, range(7, 13)), (2019, range(1, 7)))
    for month in months
}


def test_a_rate_of_a_count_has_the_chances_of_its_count(mini, incident):
    count, rate = rate_and_count(mini, incident, target=50)
    assert count["value"] == 60
    assert [rate[name] for name in ("value", "interval_low", "interval_high")] == pytest.approx(
        [count[name] for name in ("value", "interval_low", "interval_high")], rel=1e-12
    )
    assert (count["rating"], rate["rating"]) == ("insufficient_data", "insufficient_data")
    count, rate = rate_and_count(mini, incident, target=20)
    assert (count["rating"], rate["rating"]) == ("off_track", "off_track")


def test_a_rate_is_not_met_because_an_office_is_silent(mini, incident):
    months = [month for month in RESTLESS if month != "2019-06"]
    late = [("incidents", "FO-A", month) for month in RESTLESS] + [
        ("incidents", "FO-B", month) for month in months
    ]
    late += [("people", "jmac", month) for month in RESTLESS]
    rows = [incident(f"{month}-05", "C3", deaths=1) for month in months]
    count, rate = rate_and_count(mini, incident, target=11, reports=late, rows=rows)
    assert (count["value"], rate["value"]) == (11, 11)
    # FO-B had one in each month before, so that twelve are to be expected
    assert count["rating"] == rate["rating"] == "on_track"
    rows[-1] = incident("2019-05-05", "C3", deaths=4)
    count, rate = rate_and_count(mini, incident, target=14, reports=late, rows=rows)
    assert count["rating"] == rate["rating"] == "insufficient_data"


def test_parts_are_derived_where_every_operand_has_them(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}", more="disaggregate_by: [kind, sex]")
    mini.indicator("N", "{value: count(*)}", unit="incidents", more="disaggregate_by: [kind]")
    derived(mini, '"A" / "N"', "persons per incident", "disaggregate_by: [kind]")
    rows = (
        killed(incident, {"2018-07": 9})["incidents"]
        + killed(incident, {"2018-07": 2}, kind="clash")["incidents"]
    )
    rows += killed(incident, {"2018-07": 4}, kind="clash")["incidents"]
    results = mini.results("2018-07", {"incidents": rows})
    parts = {
        part: mini.row(results, "B", part=part)["value"] for part in ("total", "kind=attack", "kind=clash")
    }
    assert parts == {"total": 5.0, "kind=attack": 9.0, "kind=clash": 3.0}
    assert set(results.filter(indicator_id="B")["disaggregation"]) == set(parts)


def test_parts_that_an_operand_lacks_are_named(mini):
    mini.indicator("A", "{value: sum(deaths)}")
    with pytest.raises(DefinitionError) as found:
        load_definitions(derived(mini, '"A" * 2', more="disaggregate_by: [kind]").folder)
    assert "`B` is disaggregated by `kind`, and `A` is not" in found.value.issues[0].message


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ({"deaths_status": "withheld"}, "withheld"),
        ({"deaths_status": "not_applicable"}, "not_applicable"),
        ({}, "not_reported"),
    ],
)
def test_what_an_operand_lacks_the_derived_indicator_lacks_for_the_same_reason(mini, incident, words, status):
    mini.indicator("A", "{value: sum(deaths)}")
    mini.indicator("N", "{value: count(*)}", unit="incidents")
    derived(mini, '"A" / "N"', "persons per incident")
    row = mini.row(mini.results("2018-07", {"incidents": [incident("2018-07-05", **words)]}), "B")
    assert (row["value"], row["status"]) == (None, status)


def test_a_withheld_and_an_unreported_operand_are_not_reported(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}")
    mini.indicator("L", "{value: sum(filled)}", source="posts", unit="posts")
    derived(mini, '"A" / "L"', "persons per post")
    rows = {"incidents": [incident("2018-07-05", deaths_status="withheld")], "posts": []}
    assert mini.row(mini.results("2018-07", rows), "B")["status"] == "not_reported"


def test_a_withheld_operand_is_told_whatever_another_lacks_in_part(mini, incident):
    mini.indicator("A", "{value: sum(deaths) filter (where kind = 'clash')}")
    mini.indicator("W", "{value: sum(women)}")
    derived(mini, '"A" + "W"')
    rows = [incident("2018-07-05", kind="clash", deaths_status="withheld", women=1), incident("2018-07-06")]
    assert mini.row(mini.results("2018-07", {"incidents": rows}), "B")["status"] == "withheld"


def test_operands_that_rest_on_the_same_reports_count_them_once(mini, incident):
    mini.indicator("A", "{value: sum(deaths)}")
    mini.indicator("N", "{value: count(*)}", unit="incidents")
    mini.indicator("L", "{value: sum(filled)}", source="posts", unit="posts")
    derived(mini, '"A" / "N"', "persons per incident")
    derived(mini, '"A" / "L"', "persons per post", id_="C")
    derived(mini, '"A" - previous("A")', id_="D")
    results = mini.results("2018-07", killed(incident, {"2018-07": 1}) | {"posts": []})
    reports = {id_: mini.row(results, id_)["reports_expected"] for id_ in ("A", "L", "B", "C", "D")}
    assert reports == {"A": 2, "L": 1, "B": 2, "C": 3, "D": 4}


KNOWN = {"A": Field("number", "persons"), "POC-02": Field("number", "persons")}
operands = st.one_of(
    st.sampled_from(['"A"', '"POC-02"', 'previous("A")', 'same_last_year("POC-02")', 'annualised("A")']),
    st.integers(1, 24).map(lambda months: f'months_before("POC-02", {months})'),
)
formulas = st.recursive(
    operands,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-"), inner).map(lambda each: f"({' '.join(each)})"),
        st.tuples(inner, st.integers(1, 9)).map(lambda each: f"({each[0]} * {each[1]})"),
    ),
    max_leaves=8,
)


@given(formulas)
@settings(deadline=None)
def test_parsing_what_was_printed_gives_the_same_formula(text):
    above, _, _ = parse_derived(text, KNOWN, WHERE)
    again, _, _ = parse_derived(above.sql, KNOWN, WHERE)
    assert (again.sql, again.operands, again.unit) == (above.sql, above.operands, above.unit)
    numbers = {operand.name: pl.lit(2**index) for index, operand in enumerate(above.operands)}
    values = [formula_to_polars(one, numbers.__getitem__) for one in (above, again)]
    first, second = pl.select(first=values[0], second=values[1]).row(0)
    assert first == second


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('lag("A", 1)', "`lag` is not allowed"),
        ("previous(3)", "`previous` takes an indicator"),
        ('previous("A", 2)', "`previous` takes one indicator"),
        ('months_before("A")', "an indicator and a number of months"),
        ('months_before("A", 0)', "an indicator and a number of months"),
        ('previous("Z")', "unknown indicator `Z`"),
    ],
)
def test_a_function_that_cannot_be_used_is_named(text, words):
    with pytest.raises(DefinitionError) as found:
        parse_derived(text, KNOWN, WHERE)
    assert words in found.value.issues[0].message
