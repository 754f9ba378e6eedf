"""Fixed texts, and values in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cpas.errors import DefinitionError, RenderError
from cpas.periods import Period
from cpas.report.blocks import Bound, Column, prose, quote
from cpas.report.texts import Texts, bind, in_cell, in_prose, load_texts, prose_runs, prose_text


def test_both_languages_have_the_same_keys_and_places(reports: Path) -> None:
    english, french = (load_texts(reports, language).words for language in ("en", "fr"))
    assert english.keys() == french.keys()
    places = {key: words.count("{") for key, words in english.items()}
    assert places == {key: words.count("{") for key, words in french.items()}


def test_a_missing_text_is_an_error_with_the_nearest_key(texts: Texts) -> None:
    with pytest.raises(RenderError) as caught:
        texts["status.not_reportd"]
    assert "did you mean `status.not_reported`?" in caught.value.issues[0].message


def test_a_value_that_is_no_text_is_an_error_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "en.yml").write_text("page.skip: Skip\nstatus.nil: 3\n", "utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_texts(tmp_path, "en")
    assert [issue.where.row for issue in caught.value.issues] == [2]


def test_french_counts_zero_as_one(reports: Path) -> None:
    words = {"report.one": "rapport", "report.other": "rapports"}
    french, english = Texts("fr", words, "fr.yml"), Texts("en", words, "en.yml")
    assert [french.choose("report", number) for number in (0, 1, 1.5, 2)] == ["rapport"] * 3 + ["rapports"]
    assert [english.choose("report", number) for number in (0, 1, 2)] == ["rapports", "rapport", "rapports"]


@pytest.mark.parametrize(
    ("bound", "cell", "sentence"),
    [
        (Bound(None, status="not_reported"), "not reported", "not reported"),
        (Bound(None, status="not_applicable"), "not applicable", "not applicable"),
        (Bound(None, status="withheld"), "withheld", "withheld"),
        (Bound(None, "thousands", status="nil"), "—", "—"),
        (Bound(0), "0", "zero"),
        (Bound(11, qualifier="at_least"), "at least 11", "at least 11"),
        (Bound("on_track", "status"), "On track", "On track"),
        (Bound(date(2019, 6, 30), "date"), "30 June 2019", "30 June 2019"),
        (Bound(Period.parse("2018/19"), "period"), "2018/19", "2018/19"),
        (Bound(Decimal("71.25"), "percentage", decimals=0), "71%", "71 per cent"),
    ],
)
def test_a_value_in_a_cell_and_in_a_sentence(bound: Bound, cell: str, sentence: str, texts: Texts) -> None:
    assert (in_cell(bound, texts), in_prose(bound, texts)) == (cell, sentence)


def test_a_plain_cell_takes_its_columns_kind(texts: Texts) -> None:
    bound = bind(Decimal("3.14159"), Column("Rate", "quantity", decimals=2))
    assert isinstance(bound, Bound)
    assert in_cell(bound, texts) == "3.14"


def test_runs_say_which_words_are_bound(texts: Texts) -> None:
    killed = Bound(38)
    assert prose_runs(prose("Killed: {n}.", n=killed), texts) == (
        ("Killed: ", None),
        ("38", killed),
        (".", None),
    )


def test_a_quoted_text_keeps_its_braces_and_digits(texts: Texts) -> None:
    assert prose_text(quote("per 100,000 {persons}"), texts) == "per 100,000 {persons}"


def test_a_sentence_without_its_value_cannot_be_printed(texts: Texts) -> None:
    with pytest.raises(RenderError) as caught:
        prose_text(prose("{kiled} were killed", killed=Bound(38)), texts)
    assert "did you mean `killed`?" in caught.value.issues[0].message


def test_a_sentence_with_an_open_brace_cannot_be_printed(texts: Texts) -> None:
    with pytest.raises(RenderError):
        prose_text(prose("{killed were killed"), texts)
