"""What is planted is in what is drawn: each truth is measured on the incidents of the repository's sample."""

from datetime import timedelta

import pytest

from cpas.illustration import truths
from cpas.illustration.activities import Office, draw_activities, load_plan
from cpas.illustration.incidents import draw_incidents, expected_incidents, load_model
from cpas.illustration.mission import SAMPLE_SEED
from cpas.illustration.resources import apportionments, draw_expenditure
from cpas.periods import Period

MONTHS = tuple(Period.parse("2017-07..2019-06").months())


@pytest.fixture(scope="module")
def incidents():
    model = load_model()
    return [row for month in MONTHS for row in draw_incidents(month, 1.0, SAMPLE_SEED, model)]


def per_month(rows, wanted):
    months = [month for month in MONTHS if wanted(month)]
    return sum(wanted(Period.month(row["incident_on"])) for row in rows) / len(months)


def test_a_sample_of_24_months_has_about_2500_incidents(incidents):
    assert 2_400 < len(incidents) < 2_600


def test_intercommunal_violence_peaks_each_november_in_two_cercles(incidents):
    peak = truths.SEASONAL_PEAK
    for cercle in peak.cercles:
        rows = [
            row
            for row in incidents
            if (row["area_code"], row["incident_type"]) == (cercle, peak.incident_type)
        ]
        usual = per_month(rows, lambda month: month.start.month != peak.month)
        for year in (2017, 2018):
            assert (
                per_month(rows, lambda month, year=year: (month.start.year, month.start.month) == (year, 11))
                > 3 * usual
            )


def test_violence_falls_after_operations_in_one_cercle_and_not_in_the_other(incidents):
    ratios = {}
    for operations in (truths.OPERATIONS_WITH_A_FALL, truths.OPERATIONS_WITHOUT_EFFECT):
        rows = [row for row in incidents if row["area_code"] == operations.cercle]
        after = per_month(rows, lambda month, since=operations.effect_from: month.start >= since)
        ratios[operations.cercle] = after / per_month(
            rows, lambda month, since=operations.effect_from: month.start < since
        )
    assert 0.25 < ratios["ML0504"] < 0.50
    assert 0.85 < ratios["ML0701"] < 1.30


def test_the_neighbour_gains_the_planted_share_of_what_was_lost():
    model, month = load_model(), Period.parse("2019-03")
    rates = expected_incidents(model, month).sum(axis=(1, 2))
    before = expected_incidents(model, Period.parse("2018-03")).sum(axis=(1, 2))
    trend = (1 + 20 * truths.MONTHLY_TREND) / (1 + 8 * truths.MONTHLY_TREND)
    lost = before[model.at("ML0504")] * trend - rates[model.at("ML0504")]
    gained = rates[model.at("ML0603")] - before[model.at("ML0603")] * trend
    assert gained / lost == pytest.approx(truths.DISPLACEMENT.share)


def test_attacks_are_more_frequent_in_the_days_after_an_operation(incidents):
    planted = truths.REPRISALS
    days = [month.start + timedelta(days=more) for month in MONTHS for more in range(month.days)]
    rows = [
        row
        for row in incidents
        if (row["area_code"], row["incident_type"]) == (planted.cercle, planted.incident_type)
    ]
    inside = sum(planted.follows(row["incident_on"]) for row in rows) / sum(map(planted.follows, days))
    outside = sum(not planted.follows(row["incident_on"]) for row in rows) / sum(
        not planted.follows(day) for day in days
    )
    assert inside > 2.5 * outside


def test_a_new_base_finds_incidents_and_no_deaths():
    model, effort = load_model(), truths.REPORTING_EFFORT
    before, after = (
        expected_incidents(model, Period.parse(text))[model.at(effort.cercle)]
        for text in ("2018-09", "2018-10")
    )
    grown = (after.sum(axis=1) / before.sum(axis=1)).round(3)
    found = model.of(*effort.incident_types)
    others = [index for index in range(len(model.types)) if index not in found]
    assert len(set(grown[others])) == 1
    assert grown[found] / grown[others[0]] == pytest.approx(effort.factor, rel=0.01)
    assert set(model.traits["civilians_killed"][found]) == {0.0}


def test_the_largest_incident_is_a_floor_in_its_month(incidents):
    [row] = [row for row in incidents if row["deaths_civilians"] == truths.LARGEST_INCIDENT.total]
    assert (row["qualifier"], row["incident_on"]) == ("at_least", truths.LARGEST_INCIDENT.day)
    assert row["deaths_civilians"] > 2 * sorted(one["deaths_civilians"] for one in incidents)[-2]


def test_sex_and_age_add_up_to_the_deaths(incidents):
    parts = ("deaths_women", "deaths_men", "deaths_girls", "deaths_boys", "deaths_sex_age_unknown")
    known = [row for row in incidents if row["deaths_women"] is not None]
    assert all(sum(row[part] for part in parts) == row["deaths_civilians"] for row in known)
    assert 0 < len(incidents) - len(known) < 200


def test_joint_patrols_are_reported_by_force_and_police_with_one_key_or_none(definitions):
    office = Office("FO-MPT", definitions.mission, load_plan())
    rows = [row for month in MONTHS[:6] for row in draw_activities(office, month, 1.0, SAMPLE_SEED)]
    sides = {"force": [], "police": []}
    for row in rows:
        if row["activity_type"] == "joint_patrol":
            sides[row["section"]].append((row["activity_on"], row["place"], row["joint_key"] or ""))
    assert sorted(sides["force"]) == sorted(sides["police"])
    assert {bool(key) for _, _, key in sides["force"]} == {True, False}


def test_every_report_of_a_joint_operation_has_the_key_of_its_day(definitions):
    office = Office("FO-MPT", definitions.mission, load_plan())
    rows = [
        row
        for row in draw_activities(office, Period.parse("2018-09"), 1.0, SAMPLE_SEED)
        if row["activity_type"] == "joint_operation"
    ]
    assert {(row["activity_on"].day, row["joint_key"]) for row in rows} == {
        (day, f"JO-ML0504-201809{day:02d}") for day in truths.OPERATIONS_WITH_A_FALL.days_of_month
    }
    assert {row["component"] for row in rows} == {"military", "police", "civilian"}


def test_a_budget_group_is_overspent_to_the_dollar(definitions):
    year = Period.parse("2018/19")
    rows = draw_expenditure(definitions.budget, year, year.months(), SAMPLE_SEED)
    lines = {line.id for line in definitions.budget.groups[2].lines}
    spent = sum(row["amount_usd"] for row in rows if row["budget_line"] in lines)
    apportioned = sum(
        amount for (line, text), amount in apportionments().items() if line in lines and text == "2018/19"
    )
    assert spent == round(float(apportioned) * 1.028)
    assert spent > apportioned
