import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpas.intake.words import fold, kind_of_nothing, lookup_of


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet="aàâçéèêëîïôûüÿæœAÉ -_'"))
def test_composed_and_decomposed_spellings_are_one(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("NR", "not_reported"),
        ("non communiqué", "not_reported"),
        ("N/A", "not_applicable"),
        ("s.o.", "not_applicable"),
        ("Confidentiel", "withheld"),
        ("0", None),
        ("none", None),
    ],
)
def test_words_for_nothing(word: str, kind: str | None) -> None:
    assert kind_of_nothing(word) == kind


def test_an_id_means_itself_even_where_something_else_bears_it_as_a_name() -> None:
    assert lookup_of({"gao": ["Gao town"], "ML07": ["Gao"]})["gao"] == ("gao",)
