"""Resource performance: money by category, redeployments, the pattern of the months, revenue and contributions in kind."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cpas.periods import Period
from cpas.report.blocks import (
    Block,
    Bound,
    Chart,
    Column,
    Note,
    Paragraph,
    Part,
    ReferenceLine,
    Row,
    Series,
    Table,
    prose,
)
from cpas.report.numbers import short_month
from cpas.report.rbb.material import RbbMaterial
from cpas.report.rbb.summary import financial


def build_resources(material: RbbMaterial) -> Part:
    """Section III of a performance report."""
    texts = material.texts
    return Part(
        "resources",
        texts["rbb.resources"],
        (
            financial(material, "rbb.financial_lines", is_detailed=True),
            *_redeployments(material),
            *_pattern(material),
            *_income(material),
            *_contributions(material),
        ),
    )


def _redeployments(material: RbbMaterial) -> Iterator[Block]:
    """Original and revised distribution by group, and the share of the appropriation that was moved."""
    texts, frame = material.texts, material.redeployments
    if not frame["redeployed"].abs().sum():
        yield Paragraph(prose(texts["rbb.no_redeployments"]))
        return
    titles = {group.id: group.title[material.language] for group in material.base.definitions.budget.groups}
    names = ("approved", "redeployed", "revised")
    rows = [
        Row(
            (
                f"{row['group']}  {titles[row['group']]}",
                *(material.thousands(f"redeployment {row['group']}", name, row[name]) for name in names),
            )
        )
        for row in frame.iter_rows(named=True)
    ]
    sums = {name: sum(frame[name], Decimal(0)) for name in names}
    rows.append(
        Row(
            (texts["rbb.all"], *(material.thousands("redeployment", name, sums[name]) for name in names)),
            "total",
        )
    )
    moved = sum((value for value in frame["redeployed"] if value > 0), Decimal(0))
    columns = (
        Column(texts["rbb.group"], width=44),
        *(Column(texts[f"rbb.distribution_{name}"], "thousands", width=16) for name in names),
    )
    share = Bound(moved / sums["approved"] * 100, "percentage", material.key("redeployment", "share"))
    yield Table(
        texts["rbb.redeployments"], columns, tuple(rows), (prose(texts["rbb.redeployed"], share=share),)
    )


def _pattern(material: RbbMaterial) -> Iterator[Block]:
    """Expenditure month by month beside an even share of the year, and added up beside the share of its days."""
    texts, base = material.texts, material.base
    months = list(material.to_date.months())
    spent = [base.money_of("month", str(month), "expenditure") for month in months]
    apportioned = base.money_of("total", "", "apportionment").number or Decimal(0)
    even = Bound(apportioned / 12, "thousands", material.key("budget", "even month"))
    labels = tuple(short_month(month, texts.language) for month in months)
    yield Chart(
        "column",
        texts["rbb.pattern"],
        labels,
        (Series(texts["monthly.expenditure"], tuple(spent)),),
        texts["monthly.thousands_unit"],
        texts["rbb.pattern_alt"],
        (ReferenceLine("target", texts["rbb.even"], even),),
    )
    columns = (
        Column(texts["rbb.month"], width=20),
        *(Column(texts[f"rbb.{name}"], "thousands", width=18) for name in ("spent", "added", "pro_rata")),
        Column(texts["rbb.implementation"], "percentage", texts["rbb.percent"], width=16),
        Column(texts["rbb.elapsed"], "percentage", texts["rbb.percent"], width=16),
    )
    year, rows, added = base.period.budget_year(), [], Decimal(0)
    for month, label, bound in zip(months, labels, spent, strict=True):
        added += bound.number or Decimal(0)
        passed = Decimal(Period(year.first, month.last).days) / year.days
        figures = {"added": (added, "thousands"), "pro rata": (apportioned * passed, "thousands")}
        cells = [Bound(value, kind, material.key(f"budget {month}", name)) for name, (value, kind) in figures.items()]  # type: ignore[arg-type]  # kinds of blocks  # fmt: skip
        rate = added / apportioned * 100 if apportioned else Decimal(0)
        shares = [Bound(rate, "percentage", material.key(f"budget {month}", "rate")), Bound(passed * 100, "percentage", material.key(f"budget {month}", "passed"))]  # fmt: skip
        rows.append(Row((label, bound, *cells, *shares)))
    yield Table(texts["rbb.added_up"], columns, tuple(rows), (prose(texts["rbb.pro_rata_note"]),))
    yield Note(prose(texts["monthly.money_note"]), "limitation")


def _income(material: RbbMaterial) -> Iterator[Block]:
    """Other revenue and adjustments; staff assessment stands in the financial table."""
    texts = material.texts
    own = [row for row in material.income.iter_rows(named=True) if row["item"] != "staff_assessment"]
    if not own:
        yield Paragraph(prose(texts["rbb.no_income"]))
        return
    rows = [
        Row(
            (
                material.label("income_item", row["item"]),
                material.thousands(f"income {row['item']}", "received", row["received"]),
            )
        )
        for row in own
    ]
    total = sum((row["received"] for row in own if row["received"] is not None), Decimal(0))
    rows.append(Row((texts["rbb.all"], material.thousands("income", "received", total)), "total"))
    columns = (Column(texts["rbb.income_item"], width=60), Column(texts["rbb.amount"], "thousands", width=18))
    yield Table(texts["rbb.income"], columns, tuple(rows))


def _contributions(material: RbbMaterial) -> Iterator[Block]:
    """The value of contributions in kind that the budget does not have."""
    texts, frame = material.texts, material.contributions
    if frame.is_empty():
        yield Paragraph(prose(texts["rbb.no_contributions"]))
        return
    rows = [
        Row(
            (
                material.label("contribution_category", category),
                material.thousands(f"contribution {category}", "value", value),
            )
        )
        for category, value in frame.iter_rows()
    ]
    total = material.thousands("contribution", "value", sum(frame["value"], Decimal(0)))
    rows.append(Row((texts["rbb.all"], total), "total"))
    columns = (
        Column(texts["rbb.contribution"], width=60),
        Column(texts["rbb.actual_value"], "thousands", width=18),
    )
    yield Table(texts["rbb.contributions_table"], columns, tuple(rows))
