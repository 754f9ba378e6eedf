import json

import pytest
from shapely.geometry import Point, shape

from cpas.illustration.geography import SEED, ZONES, bases, cercles, cercles_of, read_seed


@pytest.fixture(scope="module")
def outlines():
    features = json.loads((SEED / "areas.geojson").read_text(encoding="utf-8"))["features"]
    return {feature["properties"]["area_code"]: shape(feature["geometry"]) for feature in features}


def test_every_zone_lies_in_its_cercle(outlines):
    for cercle in cercles():
        for number in range(ZONES):
            _, latitude, longitude = cercle.zone(number)
            assert outlines[cercle.code].contains(Point(longitude, latitude)), (cercle.code, number)


def test_every_base_lies_in_its_cercle(outlines):
    for row in read_seed("bases.csv"):
        assert outlines[row["area_code"]].contains(Point(float(row["longitude"]), float(row["latitude"]))), (
            row
        )


def test_every_outline_is_a_cercle_of_the_areas(outlines):
    assert set(outlines) == {row["area_code"] for row in read_seed("areas.csv") if row["level"] == "cercle"}


def test_each_cercle_belongs_to_one_field_office(definitions):
    covered = [
        cercle.code
        for office in definitions.mission.field_offices
        for cercle in cercles_of(definitions.mission, office)
    ]
    assert sorted(covered) == sorted({cercle.code for cercle in cercles()})


def test_an_outpost_stands_until_it_closes():
    from cpas.periods import Period

    [outpost] = [base for base in bases() if base.id == "B-ABB"]
    assert outpost.is_open(Period.parse("2018-05"))
    assert not outpost.is_open(Period.parse("2018-06"))


def test_menaka_changes_its_region_once():
    parents = [
        (row["parent"], row["valid_from"], row["valid_to"])
        for row in read_seed("areas.csv")
        if row["area_code"] == "ML0704"
    ]
    assert parents == [("ML07", "", "2018-12-31"), ("ML10", "2019-01-01", "")]


@pytest.mark.real_data
def test_populations_of_2017_are_those_of_the_source():
    import csv
    from pathlib import Path

    path = Path(__file__).parents[3] / "shared" / "data" / "mali_admin" / "areas.csv"
    if not path.is_file():
        pytest.skip("the real data folder is not beside the checkout")
    with path.open(encoding="utf-8", newline="") as file:
        source = {row["code"]: row["population_2017"] for row in csv.DictReader(file) if row["level"] == "2"}
    ours = {
        row["area_code"]: row["population"]
        for row in read_seed("population.csv")
        if row["year_on"] == "2017-01-01"
    }
    assert ours == source
