"""Every worked example in every shipped indicator gives the value it states."""

from cpas.definitions.load import load_definitions
from cpas.engine.examples import check_examples
from cpas.illustration.geography import SEED

DEFINITIONS = load_definitions(SEED)


def test_every_worked_example_gives_its_value():
    assert list(check_examples(DEFINITIONS)) == []


def test_there_are_sixty_indicators_of_every_level_with_a_number_and_an_empty_case_each():
    indicators = [one.definition for one in DEFINITIONS.indicators.values()]
    assert len(indicators) >= 60
    assert {one.level for one in indicators} == {"impact", "outcome", "output", "activity", "input"}
    for one in indicators:
        assert any(example.value for example in one.examples), one.id
        assert any(not example.value for example in one.examples), one.id
