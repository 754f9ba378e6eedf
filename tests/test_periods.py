from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpas.errors import UsageError
from cpas.periods import Period

months = st.integers(1902 * 12, 2190 * 12)


@st.composite
def periods(draw):
    first = draw(months)
    return Period(first, first + draw(st.integers(0, 60)))


@given(periods())
def test_parsing_what_was_printed_gives_the_same_period(period):
    assert Period.parse(str(period)) == period


@given(periods())
def test_a_period_has_as_many_days_as_its_months_together(period):
    assert period.days == sum(month.days for month in period.months())


@given(periods())
def test_the_previous_period_ends_the_day_before_and_is_as_long(period):
    before = period.previous()
    assert (period.start - before.end).days == 1
    assert len(list(before.months())) == len(list(period.months()))


@given(periods())
def test_year_to_date_ends_with_the_period_and_begins_in_july(period):
    to_date = period.year_to_date()
    assert to_date.end == period.end
    assert to_date.start.month == 7


@pytest.mark.parametrize(
    ("text", "start", "end", "kind"),
    [
        ("2019-06", date(2019, 6, 1), date(2019, 6, 30), "month"),
        ("2019-Q2", date(2019, 4, 1), date(2019, 6, 30), "quarter"),
        ("2018/19", date(2018, 7, 1), date(2019, 6, 30), "budget_year"),
        ("1999/00", date(1999, 7, 1), date(2000, 6, 30), "budget_year"),
        ("2020", date(2020, 1, 1), date(2020, 12, 31), "year"),
        ("2018-07..2019-03", date(2018, 7, 1), date(2019, 3, 31), "range"),
    ],
)
def test_the_five_spellings(text, start, end, kind):
    period = Period.parse(text)
    assert (period.start, period.end, period.kind) == (start, end, kind)


def test_a_leap_year_has_366_days_and_its_budget_year_too():
    assert (Period.parse("2020").days, Period.parse("2019/20").days, Period.parse("2018/19").days) == (
        366,
        366,
        365,
    )


def test_year_to_date_means_the_budget_years():
    assert str(Period.parse("2019-03").year_to_date()) == "2018-07..2019-03"
    assert str(Period.parse("2019-Q3").year_to_date()) == "2019-Q3"


def test_same_period_last_year():
    assert str(Period.parse("2018/19").same_last_year()) == "2017/18"


def test_a_day_inside_includes_both_ends():
    june = Period.parse("2019-06")
    assert june.contains(date(2019, 6, 1))
    assert june.contains(date(2019, 6, 30))
    assert not june.contains(date(2019, 7, 1))


@pytest.mark.parametrize(
    "text", ["2019-13", "2018/20", "2019-Q5", "june", "2019-03..2018-07", "2019-6", "", "0000-01", "1066"]
)
def test_what_is_not_a_period_is_refused_with_the_spellings(text):
    with pytest.raises(UsageError, match=r"2018/19|write 2018-07\.\.2019-03"):
        Period.parse(text)


@pytest.mark.parametrize(
    ("period", "year"),
    [
        ("2019-02", "2018/19"),
        ("2018/19", "2018/19"),
        ("2019", "2019"),
        ("2019-04..2019-09", "2019"),
        ("2018-12..2019-07", None),
    ],
)
def test_the_year_around_a_period_is_the_budget_year_or_else_the_calendar_year(period, year):
    assert Period.parse(period).year_around() == (Period.parse(year) if year else None)


@given(periods())
def test_the_year_around_a_period_holds_it(period):
    year = period.year_around()
    assert year is None or (year.contains(period) and year.days in (365, 366))
