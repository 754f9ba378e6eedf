"""Which variances must be explained, and whether what is written about them agrees with the table; knows no reports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from cpas.budget.resources import ZERO, Line, YearResources
from cpas.definitions.mission import VarianceThreshold
from cpas.errors import Issue, Location

HALF_PRINTED = Decimal(50)
"""Half of a hundred dollars, the last place of a table in thousands with one decimal."""

_MILLION = {"million": Decimal(1_000_000), "thousand": Decimal(1_000), "millier": Decimal(1_000)}
_SPACES = "[ \u00a0\u202f\u2009]"
_AMOUNTS = {
    "en": re.compile(r"\$ ?(?P<number>\d[\d,]*(?:\.\d+)?)(?: (?P<scale>million|thousand))?"),
    "fr": re.compile(
        rf"(?P<number>\d(?:{_SPACES}?\d)*(?:,\d+)?){_SPACES}(?:(?P<scale>million|millier)s?{_SPACES}de{_SPACES})?(?:dollars|\$)"
    ),
}
_SHARES = {
    "en": re.compile(r"(?P<number>\d+(?:\.\d+)?) ?(?:per cent|%)"),
    "fr": re.compile(rf"(?P<number>\d+(?:,\d+)?){_SPACES}?(?:%|pour{_SPACES}cent)"),
}


def must_be_explained(line: Line, threshold: VarianceThreshold) -> bool:
    """Whether a line's variance reaches the threshold by its amount or by its percentage."""
    variance, percentage = line.resources.variance, line.resources.percentage
    if not variance:
        return False
    return abs(variance) >= threshold.amount_usd or (
        percentage is not None and abs(percentage) >= threshold.percentage
    )


def check_explanations(
    money: YearResources,
    explanations: pl.DataFrame,
    threshold: VarianceThreshold,
    places: Mapping[str, Location],
) -> Iterator[Issue]:
    """What is wrong with the explanations of a budget year to date.

    CPAS-B001 a variance beyond the threshold without an explanation, asked for once the year is over, since
    before that a variance is mostly what is not yet due; B002 amounts of a line's factors that do not
    add up to its variance; B003 a text that names an amount or a percentage that is none of the line's.

    Args:
        money: The year's money.
        explanations: The rows of the data set `variance_explanations`, with `_file`, `_sheet` and `_row`.
        threshold: From where on a variance must be explained.
        places: Where each line's apportionment stands.
    """
    own = explanations.filter(pl.col("month") == money.to_date.end.replace(day=1))
    is_over = money.to_date.last == money.budget_year.last
    for line in money.lines:
        rows = own.filter(pl.col("budget_line") == line.id).to_dicts()
        if not rows:
            if is_over and must_be_explained(line, threshold):
                yield _unexplained(line, places.get(line.id, Location("reference")), money)
            continue
        yield from _check_amounts(line, rows)
        for row in rows:
            yield from _check_text(line, row)


def _unexplained(line: Line, where: Location, money: YearResources) -> Issue:
    share = line.resources.percentage
    size = "" if share is None else f" ({share:,.1f} per cent)"
    return Issue(
        "CPAS-B001",
        where,
        f"the variance of line {line.id} in {money.budget_year}, {line.resources.variance or ZERO:,.0f} dollars{size}, is not explained",
        f"send a row of `variance_explanations` for the line and {money.to_date.end:%Y-%m}",
    )


def _check_amounts(line: Line, rows: list[dict[str, Any]]) -> Iterator[Issue]:
    explained = sum((row["amount_usd"] for row in rows), ZERO)
    variance = line.resources.variance
    if variance is not None and abs(explained - variance) > HALF_PRINTED:
        yield Issue(
            "CPAS-B002",
            _place(rows[0]),
            f"the explanations of line {line.id} account for {explained:,.0f} dollars; its variance is {variance:,.0f}",
            "correct the amounts, so that the factors add up to the variance",
        )


def _check_text(line: Line, row: dict[str, Any]) -> Iterator[Issue]:
    money = line.resources
    known = (money.apportionment, money.expenditure, money.variance, row["amount_usd"])
    amounts = [abs(one) for one in known if one is not None]
    shares = [abs(money.percentage)] if money.percentage is not None else []
    for language in ("en", "fr"):
        text = row[f"text_{language}"] or ""
        for pattern, figures in ((_AMOUNTS[language], amounts), (_SHARES[language], shares)):
            for found in pattern.finditer(text):
                if not _is_one_of(found, figures):
                    yield Issue(
                        "CPAS-B003",
                        _place(row),
                        f"the explanation of line {line.id} says `{found[0]}`, which is no figure of the line",
                        "write the line's apportionment, expenditure, variance or percentage as the table has it, or the row's own amount",
                    )


def _is_one_of(found: re.Match[str], figures: Iterable[Decimal]) -> bool:
    """Whether a number as it is written is one of some figures, to the places that are written."""
    number, scale = _number(found), _MILLION.get(found.groupdict().get("scale") or "", Decimal(1))
    unit = Decimal(1).scaleb(int(number.as_tuple().exponent)) * scale
    is_money = "scale" in found.groupdict()
    room = max(unit / 2, HALF_PRINTED) if is_money else unit / 2
    return any(abs(figure - number * scale) <= room for figure in figures)


def _number(found: re.Match[str]) -> Decimal:
    text = found["number"]
    if found.re in (_AMOUNTS["fr"], _SHARES["fr"]):
        return Decimal(re.sub(_SPACES, "", text).replace(",", "."))
    return Decimal(text.replace(",", ""))


def _place(row: Mapping[str, Any]) -> Location:
    return Location(row["_file"], row["_sheet"], row["_row"])
