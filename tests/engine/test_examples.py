import pytest

from cpas.engine.examples import check_examples


def found(mini, measure, examples):
    mini.indicator("A", measure)
    path = mini.folder / "indicators" / "own" / "A.yml"
    text = path.read_text()
    path.write_text(text[: text.index("examples:")] + f"examples: {examples}\n")
    return [issue.message for issue in check_examples(mini.load())]


def test_a_right_example_is_silent_and_a_wrong_one_names_both_values(mini):
    right = "{name: right, rows: [{deaths: 2}, {deaths: 3}], value: 5}"
    wrong = "{name: wrong, rows: [{deaths: 2}], value: 7}"
    assert found(mini, "{value: sum(deaths)}", f"[{right}, {wrong}]") == [
        "the example `wrong` gives 2.0, not 7"
    ]


def test_values_are_compared_to_the_decimals_that_are_written(mini):
    close = "{name: close, rows: [{answered: true}, {}, {}], value: 33.33}"
    coarse = "{name: coarse, rows: [{answered: true}, {}, {}], value: 33.4}"
    told = found(mini, "{value: count(*) filter (where answered) / count(*) * 100}", f"[{close}, {coarse}]")
    assert told == ["the example `coarse` gives 33.33333333333333, not 33.4"]


def test_nothing_is_not_zero(mini):
    empty = "{name: empty, rows: [], value: 0}"
    missing = "{name: missing, rows: [{deaths: null}], value: 0}"
    assert len(found(mini, "{value: sum(deaths)}", f"[{empty}, {missing}]")) == 2


@pytest.mark.parametrize("cell", ["two", "2.5", "[1]", "99999999999999999999999"])
def test_an_example_that_cannot_be_read_is_named_and_the_others_are_still_held_to_their_values(mini, cell):
    odd = f"{{name: odd, rows: [{{deaths: {cell}}}], value: 2}}"
    wrong = "{name: wrong, rows: [{deaths: 2}], value: 7}"
    first, second = found(mini, "{value: sum(deaths)}", f"[{odd}, {wrong}]")
    assert first.startswith("the example `odd` cannot be read: ")
    assert second == "the example `wrong` gives 2.0, not 7"
