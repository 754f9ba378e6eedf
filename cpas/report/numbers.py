"""United Nations number and date style in English and French; values in, text out.

Sources: United Nations Editorial Manual, "Numbers" (below ten in words, never a figure at the start of a
sentence, "per cent" in text and "%" only in tight tables, decimals with a leading zero); the performance
reports of peacekeeping missions, such as A/74/626 (thousands of dollars with a space, parentheses for what is
negative, an em dash for nil, "1 July 2018", "as at 30 June 2019", "2018/19").

Rounding is half up on Decimal, never on a float.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from cpas.french import FIXED, THIN
from cpas.periods import Period
from cpas.report.blocks import Kind, Language, Number, exact

NIL = "—"
DECIMALS: dict[Kind, int] = {"count": 0, "quantity": 1, "percentage": 1, "amount": 0, "thousands": 1}

_WORDS = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "fr": ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
}
_MONTHS = {
    "en": "January,February,March,April,May,June,July,August,September,October,November,December",
    "fr": "janvier,février,mars,avril,mai,juin,juillet,août,septembre,octobre,novembre,décembre",
}
_SHORT_MONTHS = {
    "en": "Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec",
    "fr": "janv.,févr.,mars,avr.,mai,juin,juill.,août,sept.,oct.,nov.,déc.",
}


def rounded(value: Number, decimals: int) -> Decimal:
    """Half up, away from zero; the sign of a value that rounds to zero is kept.

    >>> rounded(2.675, 2), rounded(-0.04, 1)
    (Decimal('2.68'), Decimal('-0.0'))
    """
    return exact(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def differ_when_rounded(parts: Iterable[Decimal], total: Decimal, decimals: int) -> bool:
    """Whether parts, each rounded by itself, add up to something else than their rounded total.

    Totals are rounded from exact sums and never added up from rounded parts, so that no error grows; a
    table says so where a reader who adds up what is printed would find it out.

    >>> differ_when_rounded([Decimal("0.04"), Decimal("0.04")], Decimal("0.08"), 1)
    True
    """
    return sum((rounded(part, decimals) for part in parts), Decimal(0)) != rounded(total, decimals)


def in_table(
    value: Number, kind: Kind, language: Language, decimals: int | None = None, sign: bool = True
) -> str:
    """A figure as it stands in a table or a chart.

    Money that is nil is an em dash; every other zero is printed. `sign` is whether a percentage
    has its sign, which it needs where no heading says so.

    >>> in_table(-19.3, "thousands", "en"), in_table(Decimal("-0.04"), "percentage", "en", sign=False)
    ('(19.3)', '(0.0)')
    """
    if value == 0 and kind in ("amount", "thousands"):
        return NIL
    number = rounded(value, DECIMALS[kind] if decimals is None else decimals)
    figures = _grouped(number.copy_abs(), THIN, language)
    if kind == "percentage" and sign:
        figures += "%" if language == "en" else f"{FIXED}%"
    return f"({figures})" if number.is_signed() and value != 0 else figures


def in_text(
    value: Number, kind: Kind, language: Language, decimals: int | None = None, feminine: bool = False
) -> str:
    """A figure as it stands in running text.

    Counts below ten are words; money is in full; a decimal nobody asked for is left out when it is zero.

    >>> in_text(1107318900, "amount", "en"), in_text(7, "count", "en"), in_text(12.5, "percentage", "en")
    ('$1,107,318,900', 'seven', '12.5 per cent')
    """
    amount = exact(value) * 1000 if kind == "thousands" else exact(value)
    money = kind in ("amount", "thousands")
    number = rounded(amount, (0 if money else DECIMALS[kind]) if decimals is None or money else decimals)
    if decimals is None and number == number.to_integral_value():
        number = number.quantize(Decimal(1))
    size = number.copy_abs()
    if kind == "count" and size < 10 and size == size.to_integral_value():
        figures = spelled(int(size), language, feminine)
    else:
        figures = _grouped(size, "," if language == "en" else THIN, language)
    if money:
        figures = f"${figures}" if language == "en" else f"{figures}{FIXED}dollars"
    elif kind == "percentage":
        figures += " per cent" if language == "en" else f"{FIXED}%"
    minus = "minus " if language == "en" else "moins "
    return minus + figures if number < 0 else figures


def spelled(value: int, language: Language, feminine: bool = False) -> str:
    """A whole number from 0 to 9 in words; `feminine` matters to one in French."""
    word = _WORDS[language][value]
    return "une" if feminine and word == "un" else word


def format_date(day: date, language: Language) -> str:
    """`1 July 2018`, `1er juillet 2018`."""
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return f"{number} {_month(day, language)} {day.year}"


def as_at(day: date, language: Language) -> str:
    """`as at 30 June 2019`, `au 30 juin 2019`."""
    return f"{'as at' if language == 'en' else 'au'} {format_date(day, language)}"


def format_period(period: Period, language: Language) -> str:
    """A period in words.

    >>> [format_period(Period.parse(text), "en") for text in ("2019-06", "2019-Q2", "2018/19")]
    ['June 2019', 'April to June 2019', '2018/19']
    >>> format_period(Period.parse("2018-07..2019-03"), "fr")
    '1er juillet 2018 au 31 mars 2019'
    """
    to = "to" if language == "en" else "à"
    match period.kind:
        case "month":
            return f"{_month(period.start, language)} {period.start.year}"
        case "quarter":
            return f"{_month(period.start, language)} {to} {_month(period.end, language)} {period.end.year}"
        case "year" | "budget_year":
            return str(period)
        case _:
            until = "to" if language == "en" else "au"
            return f"{format_date(period.start, language)} {until} {format_date(period.end, language)}"


def short_month(period: Period, language: Language) -> str:
    """A month for the axis of a chart: `Jun 2019`, `juin 2019`."""
    return f"{_SHORT_MONTHS[language].split(',')[period.start.month - 1]} {period.start.year}"


def listed(items: Sequence[str], language: Language) -> str:
    """`a, b and c`, `a, b et c`; no comma before the last."""
    if len(items) < 2:
        return "".join(items)
    joint = " and " if language == "en" else " et "
    return ", ".join(items[:-1]) + joint + items[-1]


def format_parts(total: int, parts: Sequence[tuple[int, str]], language: Language) -> str:
    """The parts of a total, in figures: `(308 men, 72 women and 27 children)`; parts of none are left out.

    Raises:
        ValueError: The parts do not add up to the total; whoever calls names the unknown as a part.
    """
    if sum(count for count, _ in parts) != total:
        raise ValueError(f"parts {[count for count, _ in parts]} do not add up to {total}")
    group = "," if language == "en" else THIN
    named = [f"{_grouped(Decimal(count), group, language)} {name}" for count, name in parts if count]
    return f"({listed(named, language)})" if named else ""


def _month(day: date, language: Language) -> str:
    return _MONTHS[language].split(",")[day.month - 1]


def _grouped(number: Decimal, separator: str, language: Language) -> str:
    whole, _, fraction = f"{number:,f}".partition(".")
    point = "." if language == "en" else ","
    return whole.replace(",", separator) + (point + fraction if fraction else "")
