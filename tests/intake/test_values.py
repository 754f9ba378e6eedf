from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpas.intake.values import (
    UnreadableError,
    parse_boolean,
    parse_count,
    parse_date,
    parse_decimal,
    parse_month,
    parse_number,
)


@pytest.mark.parametrize(
    "text", ["1234", "1 234", "1\u00a0234", "1\u202f234", "1\u2009234", "1234.0", "1,234.00", "1.234,0"]
)
def test_a_count_may_set_off_its_thousands(text: str) -> None:
    assert parse_count(text) == 1234


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("12.7", "whole number"),
        ("12 persons", "whole number is wanted"),
        ("~20", "whole number is wanted"),
        ("1,234", "thousands or decimals"),
        ("1 2", "whole number is wanted"),
        ("1E+05", "whole number is wanted"),
        ("9" * 25, "too large"),
        ("1" * 13, "too large"),
        ("1.234", "thousands or decimals"),
    ],
)
def test_a_text_that_is_no_count_says_why(text: str, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason) as caught:
        parse_count(text)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234,5", "1234.5"),
        ("1 234,5", "1234.5"),
        ("1.234.567,89", "1234567.89"),
        ("1,234,567.89", "1234567.89"),
        ("\u22123,25", "-3.25"),
        ("0,125", "0.125"),
    ],
)
def test_decimals_in_either_manner(text: str, value: str) -> None:
    assert parse_decimal(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0.1234567", "6 decimals"),
        ("1" * 13, "too large"),
        ("50%", "it is a percentage"),
        ("12,5 %", "it is a percentage"),
    ],
)
def test_a_text_that_is_no_exact_decimal_says_why(text: str, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        parse_decimal(text)


@given(st.decimals(-(10**11), 10**11, places=6))
def test_every_exact_decimal_is_read_back(value: Decimal) -> None:
    assert parse_decimal(f"{value:f}") == value


@pytest.mark.parametrize(
    "text",
    ["2019-06-05", "5/6/2019", "05.06.2019", "2019/06/05", "2019-06-05 10:30:00", "2019-06-05T10:30:00Z",
     "5 June 2019", "5 juin 2019", "June 5, 2019", "05/06/2019 08:00"],
)  # fmt: skip
def test_a_day_in_the_ways_people_write_it(text: str) -> None:
    assert parse_date(text) == date(2019, 6, 5)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("31/06/2019", "no day 31/06/2019"),
        ("06/13/2019", "no month 13"),
        ("29/02/2019", "no day"),
        ("5/6/19", "two digits"),
        ("43617", "a number and not a date"),
        ("1900-01-05 00:00:00", "the year is 1900"),
        ("soon", "a date is wanted"),
    ],
)
def test_a_text_that_is_no_day_says_why(text: str, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason) as caught:
        parse_date(text)
    assert caught.value.fix


def test_a_number_of_excel_is_said_with_its_day() -> None:
    with pytest.raises(UnreadableError) as caught:
        parse_date("43617")
    assert "2019-06-01" in caught.value.fix


@pytest.mark.parametrize("text", ["2019-06", "06/2019", "June 2019", "juin 2019", "2019-06-30", "Jun-2019"])
def test_a_month_is_its_first_day(text: str) -> None:
    assert parse_month(text) == date(2019, 6, 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("2019-13", "month"), ("Jun-19", "two digits"), ("43617", "a number"), ("Q2", "a month")],
)
def test_a_text_that_is_no_month_says_why(text: str, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        parse_month(text)


@pytest.mark.parametrize(
    ("text", "value"), [("Oui", True), ("NON", False), ("true", True), ("0", False), ("Vrai", True)]
)
def test_yes_and_no(text: str, value: bool) -> None:
    assert parse_boolean(text) is value


def test_a_coordinate_in_degrees_and_minutes_is_refused() -> None:
    with pytest.raises(UnreadableError, match="decimal form"):
        parse_number("14°29'N")


@pytest.mark.parametrize(
    ("text", "clock", "hours"),
    [
        ("1899-12-31 02:30:00", "2:30", "2.5"),
        ("1900-01-01 02:30:00", "26:30", "26.5"),
        ("1904-01-02 00:20:00", "24:20", "24.33"),
        ("2:30", "2:30", "2.5"),
        ("10:00", "10:00", "10"),
    ],
)
def test_a_time_in_a_column_of_hours_is_said_with_the_number_it_stands_for(text, clock, hours) -> None:
    with pytest.raises(UnreadableError, match=f"it is a time, {clock}, and a number is wanted") as caught:
        parse_decimal(text)
    assert f"like {hours} for {clock}," in caught.value.fix


@pytest.mark.parametrize("text", ["2019-04-01 00:00:00", "1899-12-31 00:00:00", "2019-04-01 02:30:00"])
def test_a_day_in_a_column_of_numbers_is_no_time(text: str) -> None:
    with pytest.raises(UnreadableError, match="it is a date"):
        parse_decimal(text)


def test_of_a_time_in_a_column_of_counts_no_fraction_is_asked() -> None:
    with pytest.raises(UnreadableError, match="it is a time, 2:30, and a whole number is wanted") as caught:
        parse_count("2:30")
    assert "2.5" not in caught.value.fix
