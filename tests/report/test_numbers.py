"""United Nations number and date style."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpas.periods import Period
from cpas.report.blocks import Kind, Language, Number
from cpas.report.numbers import (
    THIN,
    as_at,
    format_date,
    format_parts,
    format_period,
    in_table,
    in_text,
    listed,
    rounded,
    short_month,
)


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [
        (2.675, 2, "2.68"),
        (0.285, 2, "0.29"),
        (1.005, 2, "1.01"),
        (Decimal("-0.05"), 1, "-0.1"),
        (0.5, 0, "1"),
        (1e16, 0, "10000000000000000"),
    ],
)
def test_rounding_is_half_up_on_the_number_as_it_is_written(
    value: Number, decimals: int, printed: str
) -> None:
    assert str(rounded(value, decimals)) == printed


@pytest.mark.parametrize(
    ("value", "kind", "language", "printed"),
    [
        (Decimal("20137.7"), "thousands", "en", "20 137.7"),
        (1047, "count", "en", "1 047"),
        (Decimal("-19.3"), "thousands", "en", "(19.3)"),
        (Decimal("-0.04"), "thousands", "en", "(0.0)"),
        (0, "thousands", "en", "—"),
        (0, "amount", "fr", "—"),
        (0, "count", "en", "0"),
        (0.0, "percentage", "en", "0.0%"),
        (2.85, "percentage", "en", "2.9%"),
        (Decimal("20137.7"), "thousands", "fr", "20 137,7"),
        (1107318900, "amount", "fr", "1 107 318 900"),
        (12.5, "percentage", "fr", "12,5\u00a0%"),
    ],
)
def test_figures_in_tables(value: Number, kind: Kind, language: Language, printed: str) -> None:
    assert in_table(value, kind, language) == printed.replace(" ", THIN)


@pytest.mark.parametrize(
    ("value", "kind", "language", "printed"),
    [
        (1107318900, "amount", "en", "$1,107,318,900"),
        (Decimal("1107318.9"), "thousands", "en", "$1,107,318,900"),
        (0, "amount", "en", "$0"),
        (7, "count", "en", "seven"),
        (10, "count", "en", "10"),
        (20137, "count", "en", "20,137"),
        (-3, "count", "en", "minus three"),
        (12.5, "percentage", "en", "12.5 per cent"),
        (75, "percentage", "en", "75 per cent"),
        (-0.04, "percentage", "en", "0 per cent"),
        (3.25, "quantity", "en", "3.3"),
        (1107318900, "amount", "fr", "1 107 318 900\u00a0dollars"),
        (20137.5, "quantity", "fr", "20 137,5"),
        (-9, "count", "fr", "moins neuf"),
    ],
)
def test_figures_in_running_text(value: Number, kind: Kind, language: Language, printed: str) -> None:
    spaces = (
        printed.replace(" ", THIN)
        if any(letter.isdigit() for letter in printed) and language == "fr"
        else printed
    )
    assert in_text(value, kind, language) == spaces


def test_decimals_that_were_asked_for_stay() -> None:
    assert in_text(75, "percentage", "en", decimals=1) == "75.0 per cent"


def test_one_is_feminine_in_french_where_asked() -> None:
    assert [in_text(1, "count", "fr", feminine=form) for form in (False, True)] == ["un", "une"]


def test_dates_in_both_languages() -> None:
    assert [format_date(date(2018, 7, 1), language) for language in ("en", "fr")] == [
        "1 July 2018",
        "1er juillet 2018",
    ]
    assert [as_at(date(2019, 6, 30), language) for language in ("en", "fr")] == [
        "as at 30 June 2019",
        "au 30 juin 2019",
    ]


@pytest.mark.parametrize(
    ("period", "english", "french"),
    [
        ("2019-06", "June 2019", "juin 2019"),
        ("2019-Q2", "April to June 2019", "avril à juin 2019"),
        ("2019", "2019", "2019"),
        ("2018/19", "2018/19", "2018/19"),
        ("2018-07..2019-03", "1 July 2018 to 31 March 2019", "1er juillet 2018 au 31 mars 2019"),
    ],
)
def test_periods_in_words(period: str, english: str, french: str) -> None:
    value = Period.parse(period)
    assert (format_period(value, "en"), format_period(value, "fr")) == (english, french)


def test_months_are_short_on_an_axis() -> None:
    assert [short_month(Period.parse("2019-02"), language) for language in ("en", "fr")] == [
        "Feb 2019",
        "févr. 2019",
    ]


def test_parts_are_printed_in_figures_and_must_add_up() -> None:
    assert (
        format_parts(407, [(308, "men"), (72, "women"), (27, "children")], "en")
        == "(308 men, 72 women and 27 children)"
    )
    assert format_parts(1200, [(1200, "men"), (0, "women")], "en") == "(1,200 men)"
    with pytest.raises(ValueError, match="do not add up to 400"):
        format_parts(400, [(308, "men"), (72, "women")], "en")


def test_lists_have_no_comma_before_the_last() -> None:
    assert [listed(["a", "b", "c"], "en"), listed(["a", "b"], "fr"), listed([], "en")] == [
        "a, b and c",
        "a et b",
        "",
    ]


@given(st.decimals(-(10**12), 10**12, places=3), st.sampled_from(["en", "fr"]))
def test_a_table_shows_every_digit_and_the_sign_of_a_figure(value: Decimal, language: Language) -> None:
    printed = in_table(value, "quantity", language, decimals=3)
    plain = printed.strip("()").replace(THIN, "").replace(",", ".")
    assert Decimal(plain) == abs(value)
    assert printed.startswith("(") == (value < 0)
