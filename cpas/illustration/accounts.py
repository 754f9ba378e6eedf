"""What the illustrative budget section tells beside expenditure: explained variances, redeployments, contributions and income."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from cpas.definitions.mission import VarianceThreshold
from cpas.illustration.geography import read_seed
from cpas.illustration.resources import apportionments
from cpas.illustration.rows import Row
from cpas.periods import Period

EXPLANATION_COLUMNS = ("budget_line", "month", "section", "factor", "amount_usd", "text_en", "text_fr")
CONSTANT = ("redeployments", "contributions_in_kind", "income")
"""Data sets whose rows are constants of the seed."""

_SENTENCES = {
    "under": (
        "The unspent balance of ${amount}{share} is mainly attributable to {reason} (invented).",
        "Le solde inutilisé de {amount} dollars{share} s'explique principalement par {reason} (inventé).",
    ),
    "over": (
        "The additional requirements of ${amount}{share} are mainly attributable to {reason} (invented).",
        "Le dépassement de {amount} dollars{share} s'explique principalement par {reason} (inventé).",
    ),
}


def constant_rows(dataset: str, months: Iterable[Period]) -> list[Row]:
    """The seed's rows of a data set in some months."""
    wanted = {str(month.start) for month in months}
    return [row for row in read_seed(f"{dataset}.csv") if row["month"] in wanted]


def explain_variances(spent: Sequence[Row], year: Period, threshold: VarianceThreshold) -> list[Row]:
    """An explanation of each variance of a whole budget year that must be explained, with the amounts that were drawn."""
    reasons = {(row["budget_line"], row["direction"]): row for row in read_seed("variance_reasons.csv")}
    rows = []
    for (line, of_year), apportioned in apportionments().items():
        if of_year != str(year):
            continue
        money = sum((Decimal(row["amount_usd"]) for row in spent if row["budget_line"] == line), Decimal(0))
        variance = apportioned - money
        share = variance / apportioned * 100 if apportioned else None
        if abs(variance) < threshold.amount_usd and (share is None or abs(share) < threshold.percentage):
            continue
        direction = "under" if variance > 0 else "over"
        rows.append(_explanation(reasons[line, direction], variance, share, year.end.replace(day=1)))
    return rows


def _explanation(reason: Row, variance: Decimal, share: Decimal | None, month: date) -> Row:
    english, french = _SENTENCES[reason["direction"]]
    amount = f"{round(abs(variance), -2):,f}".partition(".")[0]
    size = "" if share is None else f"{abs(share):.1f}"
    return {
        "budget_line": reason["budget_line"],
        "month": month,
        "section": "budget_finance",
        "factor": reason["factor"],
        "amount_usd": variance,
        "text_en": english.format(
            amount=amount, share=size and f" ({size} per cent)", reason=reason["reason_en"]
        ),
        "text_fr": french.format(
            amount=amount.replace(",", "\u00a0"),
            share=size and f" ({size.replace('.', ',')} %)",
            reason=reason["reason_fr"],
        ),
    }
