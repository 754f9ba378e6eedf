"""One cell's text to one value, or the reason why it is none; the slow and careful way, for what is not written plainly."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

from cpas.intake.words import fold, may_be_zero

DECIMALS = 6
_SPACES = "[ \u00a0\u2009\u202f]"
_NUMBERS = tuple(
    re.compile(form)
    for form in (
        r"[+-]?\d+(?:[.,]\d+)?",
        rf"[+-]?\d{{1,3}}(?:{_SPACES}\d{{3}})+(?:[.,]\d+)?",
        r"[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?\d{1,3}(?:,\d{3}){2,}",
        r"[+-]?\d{1,3}(?:\.\d{3})+,\d+|[+-]?\d{1,3}(?:\.\d{3}){2,}",
    )
)
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")

_PERCENTAGE = re.compile(r"[+-]?[\d., \u00a0\u202f]+ ?%")
THOUSANDS = re.compile(r"[+\-\u2212]?[1-9]\d{0,2}\.\d{3}")
_POINT = "the point may set off thousands or decimals"
_COMMA = "the comma may set off thousands or decimals"

_TIME = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}")
DAY_FIRST = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_TIME}")
_SHORT_YEAR = re.compile(r"\d{1,2}[-/. ](?:\d{1,2}|[^\W\d]+\.?)[-/. ]\d{2}|[^\W\d]+\.?[-/. ]\d{2}")
_DAY_NAMED = re.compile(r"(\d{1,2})(?:er|st|nd|rd|th)?[ -]([^\W\d]+)\.?,?[ -](\d{4})")
_NAMED_DAY = re.compile(r"([^\W\d]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
_MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{4})")
_MONTH_NAMED = re.compile(r"([^\W\d]+)\.?[ -](\d{4})")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_EXCEL_EPOCH = date(1899, 12, 30)
_FIRST_DAYS = (date(1904, 1, 1), date(1899, 12, 31))
_HOURS = re.compile(r"(\d{1,3}):([0-5]\d)(?::[0-5]\d)?")
_WHOLE = "a whole number is wanted"
_OLDEST = 1910  # Excel shows small numbers and times of day as days of 1899, 1900 or 1904
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv janvier",
            "feb february fev fevr fevrier",
            "mar march mars",
            "apr april avr avril",
            "may mai",
            "jun june juin",
            "jul july juil juillet",
            "aug august aout",
            "sep sept september septembre",
            "oct october octobre",
            "nov november novembre",
            "dec december decembre",
        ),
        start=1,
    )
    for name in names.split()
}
MADE_DATE = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d+)?")
"""What the reader gives for a cell of a workbook that holds a date, whatever its format."""
_TRUTH = dict.fromkeys(("yes", "y", "oui", "o", "true", "vrai", "1"), True) | dict.fromkeys(
    ("no", "n", "non", "false", "faux", "0"), False
)


UNREADABLE, UNNAMED_NOTHING, AMBIGUOUS, NO_VALUE, MONTH_FIRST = (
    f"CPAS-D00{number}" for number in range(1, 6)
)


class UnreadableError(ValueError):
    """Why a text is no value of its type, and what to write instead."""

    def __init__(self, reason: str, fix: str, code: str = UNREADABLE) -> None:
        """Keep all three."""
        super().__init__(reason)
        self.reason = reason
        self.fix = fix
        self.code = code


def parse_count(text: str) -> int:
    """A whole number.

    >>> parse_count("1 234"), parse_count("12.0")
    (1234, 12)
    """
    if THOUSANDS.fullmatch(text):
        raise UnreadableError(_POINT, f"write {text.replace('.', '')} if that is meant")
    number = _decimal(text, _WHOLE)
    if number != number.to_integral_value():
        raise UnreadableError(
            "a count is a whole number",
            "write the whole number, or leave the cell empty where nobody counted",
        )
    if abs(number) >= 10**12:
        raise UnreadableError("the number is too large", "look whether two figures ran together")
    return int(number)


def parse_decimal(text: str) -> Decimal:
    """An exact decimal of at most 12 digits before and 6 behind the point.

    >>> parse_decimal("1 234,5"), parse_decimal("-0.25")
    (Decimal('1234.5'), Decimal('-0.25'))
    """
    number = _decimal(text, "a number is wanted")
    if abs(number) >= 10**12:
        raise UnreadableError(
            "the number is too large", "look whether two figures ran together, and at its unit"
        )
    if number != round(number, DECIMALS):
        raise UnreadableError(
            f"it has more than {DECIMALS} decimals", f"round it to {DECIMALS} decimals or fewer"
        )
    return number


def parse_number(text: str) -> float:
    """A coordinate, none of which reaches a thousand, so that a comma sets off decimals.

    >>> parse_number("-4,25"), parse_number("-3,125")
    (-4.25, -3.125)
    """
    text = text.replace(",", ".") if _AMBIGUOUS.fullmatch(text) else text
    return float(_decimal(text, "a number in decimal form is wanted"))


def parse_date(text: str) -> date:
    """A day: year first, or day first as the missions write it, or with the month's name; a time of day is dropped.

    >>> parse_date("30/06/2019").isoformat(), parse_date("1er juin 2019").isoformat()
    ('2019-06-30', '2019-06-01')
    """
    if found := _YEAR_FIRST.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := DAY_FIRST.fullmatch(text):
        return _day(int(found[3]), int(found[2]), int(found[1]))
    if (found := _DAY_NAMED.fullmatch(text)) and (month := _MONTHS.get(fold(found[2]))):
        return _day(int(found[3]), month, int(found[1]))
    if (found := _NAMED_DAY.fullmatch(text)) and (month := _MONTHS.get(fold(found[1]))):
        return _day(int(found[3]), month, int(found[2]))
    raise _no_date(text, "a date", "2019-06-30 or 30/06/2019")


def parse_month(text: str) -> date:
    """The first day of a month that is named, or in which a day lies.

    >>> parse_month("juin 2019") == parse_month("2019-06-30") == parse_month("06/2019")
    True
    """
    if found := _MONTH.fullmatch(text):
        return _day(int(found[1]), int(found[2]), 1)
    if found := _MONTH_FIRST.fullmatch(text):
        return _day(int(found[2]), int(found[1]), 1)
    if (found := _MONTH_NAMED.fullmatch(text)) and (month := _MONTHS.get(fold(found[1]))):
        return _day(int(found[2]), month, 1)
    try:
        return parse_date(text).replace(day=1)
    except UnreadableError as error:
        if error.fix.startswith("write it like"):
            raise _no_date(text, "a month", "2019-06 or June 2019") from error
        raise


def parse_boolean(text: str) -> bool:
    """Yes or no, in English or French.

    >>> parse_boolean("Oui"), parse_boolean("FALSE")
    (True, False)
    """
    try:
        return _TRUTH[fold(text)]
    except KeyError:
        raise UnreadableError("yes or no is wanted", "write yes or no, or leave the cell empty") from None


PARSERS: Mapping[str, Callable[[str], int | Decimal | float | date | bool]] = MappingProxyType(
    {
        "count": parse_count,
        "quantity": parse_decimal,
        "amount": parse_decimal,
        "number": parse_number,
        "date": parse_date,
        "month": parse_month,
        "boolean": parse_boolean,
    }
)


def _decimal(text: str, wanted: str) -> Decimal:
    text = text.replace("\u2212", "-")
    if clock := clock_of(text):
        raise _no_time(clock, wanted)
    if MADE_DATE.fullmatch(text):
        raise UnreadableError(
            "it is a date, which Excel makes of an entry such as 1/4",
            "format the cell as a number, and write it again",
        )
    if _PERCENTAGE.fullmatch(text):
        raise UnreadableError(
            "it is a percentage", "write the number itself, in a cell that is formatted as a number"
        )
    if may_be_zero(text):
        raise UnreadableError(
            "it may mean zero, or that nobody knows",
            "write 0 where there was none; else leave the cell empty",
        )
    if _AMBIGUOUS.fullmatch(text):
        raise UnreadableError(
            _COMMA, f"write {text.replace(',', '')}, or {text.replace(',', '.')}0 if that is meant"
        )
    for form in _NUMBERS:
        if form.fullmatch(text):
            return Decimal(_plain(text))
    raise UnreadableError(wanted, "write the number alone: no unit, no sign of approximation, no remark")


def pointed_either_way(text: str) -> UnreadableError:
    """Why a text such as 1.234 is no quantity and no amount: 1.2340 cannot be taken for thousands."""
    return UnreadableError(_POINT, f"write {text.replace('.', '')}, or {text}0 if that is meant")


@dataclass(frozen=True, slots=True)
class Clock:
    """Hours and minutes: a time of day, or how long something took."""

    hours: int
    minutes: int

    def __str__(self) -> str:
        """Like 2:30."""
        return f"{self.hours}:{self.minutes:02d}"


def clock_of(text: str) -> Clock | None:
    """A time such as 2:30, or one in a cell of a workbook, which counts from the first day Excel knows."""
    if found := _HOURS.fullmatch(text):
        return Clock(int(found[1]), int(found[2]))
    if not MADE_DATE.fullmatch(text) or text[11:19] == "00:00:00":
        return None
    day = date.fromisoformat(text[:10])
    begins = next((one for one in _FIRST_DAYS if one.year <= day.year < one.year + 2), None)
    if begins is None or day < begins:
        return None
    return Clock((day - begins).days * 24 + int(text[11:13]), int(text[14:16]))


def _no_time(clock: Clock, wanted: str) -> UnreadableError:
    fix = "format the cell as a number, and write it again"
    if wanted != _WHOLE:
        amount = round(Decimal(clock.hours) + Decimal(clock.minutes) / 60, 2).normalize()
        fix = (
            f"write the hours as a number, like {amount:f} for {clock}, in a cell with the format of a number"
        )
    return UnreadableError(f"it is a time, {clock}, and {wanted}", fix)


def _plain(text: str) -> str:
    """A number that one of the forms matched, with a point for decimals and nothing for thousands."""
    text = re.sub(_SPACES, "", text)
    if "." in text and "," in text:
        thousands = "." if text.rindex(",") > text.rindex(".") else ","
        text = text.replace(thousands, "")
    elif text.count(",") > 1 or text.count(".") > 1:
        return text.replace(",", "").replace(".", "")
    return text.replace(",", ".")


def _day(year: int, month: int, day: int) -> date:
    if year < _OLDEST:
        raise UnreadableError(
            f"the year is {year}: a number or a time of day, which Excel shows as a date",
            "write the date itself",
        )
    try:
        return date(year, month, day)
    except ValueError:
        if month > 12 >= day > 0:
            raise UnreadableError(
                f"there is no month {month}; the month seems to come first",
                f"write {year}-{day:02d}-{month:02d}",
                MONTH_FIRST,
            ) from None
        name = f"{day:02d}/{month:02d}/{year}"
        raise UnreadableError(f"there is no day {name}", "write a day that exists, like 2019-06-30") from None


def _no_date(text: str, wanted: str, like: str) -> UnreadableError:
    if _SERIAL.fullmatch(text):
        day = _EXCEL_EPOCH + timedelta(days=int(text[:5]))
        return UnreadableError(
            f"it is a number and not {wanted}", f"format the cell as a date; Excel counts that day as {day}"
        )
    if _SHORT_YEAR.fullmatch(text):
        return UnreadableError("the year has two digits only", f"write all four, like {like}")
    return UnreadableError(f"{wanted} is wanted", f"write it like {like}")
