import pytest

from cpas.definitions.load import load_definitions
from cpas.definitions.units import is_unit, units_of
from cpas.errors import DefinitionError


@pytest.mark.parametrize(
    ("above", "below", "scale", "unit"),
    [
        ("persons", "persons", 1, "share"),
        ("persons", "persons", 100, "per cent"),
        ("persons", "persons", 1000, "per 1,000 persons"),
        ("persons", "persons", 100_000, "per 100 000 persons"),
        ("USD", "hours", 1, "USD per hour"),
        ("patrols", "reports", 100, "patrols per 100 reports"),
        ("persons", "person-months", 1_200_000, "per 100,000 and year"),
        ("incidents", "person-months", 1_200_000, "incidents per 100,000 persons and year"),
    ],
)
def test_a_ratio_has_the_unit_of_its_parts(above, below, scale, unit):
    assert any(is_unit(unit, one) for one in units_of(above, below, scale))


def test_a_part_whose_unit_nobody_declared_leaves_the_unit_open():
    assert units_of(None, "persons", 100) == units_of("persons", None, 100) == ()


def two(mini, formula, unit):
    mini.indicator("DEAD", "{value: sum(deaths)}")
    mini.indicator("PEOPLE", "{value: sum(people)}", source="people")
    mini.indicator("POSTS", "{value: sum(filled)}", source="posts", unit="posts")
    mini.indicator("B", f"{{value: '{formula}'}}", source="", unit=unit)
    try:
        load_definitions(mini.folder)
    except DefinitionError as error:
        return [issue.message for issue in error.issues]
    return []


@pytest.mark.parametrize(
    ("formula", "unit", "words"),
    [
        ('"DEAD" + "POSTS"', "persons", "persons and posts are added"),
        ('"DEAD" - "POSTS"', "persons", "persons and posts are added"),
        ('"DEAD" / "PEOPLE" * 100000', "persons", "the measure gives per 100,000 or per 100,000 persons"),
        ('"DEAD" / "PEOPLE" * 1000', "per cent", "the measure gives per 1,000"),
        ('"DEAD" / "POSTS" * 100', "per cent", "the measure gives persons per 100 posts"),
        ('"DEAD" * "POSTS"', "persons", "the measure gives persons x posts"),
        ('"DEAD" - 1', "incidents", "the measure gives persons"),
    ],
)
def test_units_that_do_not_fit_are_named(mini, formula, unit, words):
    [message] = two(mini, formula, unit)
    assert words in message


@pytest.mark.parametrize(
    ("formula", "unit"),
    [
        ('"DEAD" / "PEOPLE" * 100000', "per 100,000 persons"),
        ('"DEAD" / "PEOPLE" * 100', "per cent"),
        ('"DEAD" / "PEOPLE"', "share"),
        ('"DEAD" / "POSTS"', "persons per post"),
        ('"DEAD" + "DEAD"', "persons"),
        ('annualised("DEAD") / "PEOPLE" * 100000', "per 100,000 and year"),
        ('annualised("DEAD") / "POSTS"', "persons per post and year"),
    ],
)
def test_units_that_fit_pass(mini, formula, unit):
    assert two(mini, formula, unit) == []


def test_a_level_added_up_over_months_is_an_exposure(mini):
    mini.indicator("A", "{value: sum(people)}", source="people", unit="person-months")
    mini.indicator("B", "{value: sum(people)}", source="people", unit="person-months", more="over_time: mean")
    with pytest.raises(DefinitionError) as found:
        load_definitions(mini.folder)
    assert [issue.where.file for issue in found.value.issues] == ["indicators/own/B.yml"]
