"""The budget's view: results by expected accomplishment, and expenditure against apportionment."""

from __future__ import annotations

import polars as pl

from cpas.definitions.framework import ExpectedAccomplishment, Output
from cpas.definitions.loaded import LoadedIndicator
from cpas.periods import Period
from cpas.report.blocks import (
    Block,
    Bound,
    Chart,
    Column,
    Heading,
    Key,
    Note,
    Paragraph,
    Part,
    Prose,
    Row,
    Series,
    Table,
    prose,
)
from cpas.report.monthly.material import Material
from cpas.report.monthly.worth import build_worth
from cpas.report.numbers import short_month

MONEY = ("apportionment", "expenditure", "variance", "percentage")


def build_rbb(material: Material) -> Part:
    """The same indicators by component and expected accomplishment: achievement first, then outputs."""
    texts = material.texts
    blocks: list[Block] = [
        Paragraph(prose(texts["monthly.rbb_about"], to_date=material.words(material.to_date)))
    ]
    for accomplishment in material.definitions.framework.expected_accomplishments:
        component = texts[f"component.{accomplishment.component}"]
        blocks.append(
            Heading(f"{accomplishment.id}  {accomplishment.title[material.language]} ({component})")
        )
        blocks.append(_achievement(material, accomplishment))
        if outputs := [
            one for one in material.definitions.framework.outputs if _serves(material, one, accomplishment)
        ]:
            blocks.append(_outputs(material, accomplishment, outputs))
    return Part("rbb", texts["monthly.rbb"], tuple(blocks))


def _serves(material: Material, output: Output, accomplishment: ExpectedAccomplishment) -> bool:
    return material.definitions.outcomes[output.outcome].expected_accomplishment == accomplishment.id


def _achievement(material: Material, accomplishment: ExpectedAccomplishment) -> Table:
    """Planned and actual indicators of achievement, this budget year and the one before."""
    texts, this = material.texts, material.to_date
    columns = (
        Column(texts["monthly.achievement"], width=60),
        Column(texts["monthly.unit"], width=14),
        Column(
            texts.say(
                "monthly.actual",
                period=str(this.previous() if this.kind == "budget_year" else this.same_last_year()),
            ),
            "quantity",
        ),
        Column(texts["monthly.planned"], "quantity"),
        Column(texts["monthly.actual_now"], "quantity"),
        Column(texts["monthly.rating"], "status", width=14),
    )
    rows = []
    for number, title in accomplishment.indicators_of_achievement.items():
        own = [
            one
            for one in material.definitions.indicators.values()
            if _measures(one, accomplishment.id, number)
        ]
        rows.append(Row((f"{number}  {title[material.language]}",), "group"))
        rows += [_measured(material, one) for one in own]
        if not own:
            rows.append(
                Row(
                    (
                        texts["monthly.no_indicator"],
                        "",
                        *(_none() for _ in range(3)),
                        Bound("not_rated", "status"),
                    )
                )
            )
    return Table(texts.say("monthly.achievements", id=accomplishment.id), columns, tuple(rows))


def _none() -> Bound:
    return Bound(None, status="not_applicable")


def _measures(one: LoadedIndicator, accomplishment: str, number: str) -> bool:
    reference = one.definition.rbb
    return bool(
        reference
        and reference.expected_accomplishment == accomplishment
        and reference.indicator_of_achievement == number
    )


def _measured(material: Material, one: LoadedIndicator) -> Row:
    return Row(
        (
            f"{one.id}  {material.title(one)}",
            material.unit(one.definition),
            material.figure(one.id, material.to_date.same_last_year()),
            material.figure(one.id, material.to_date, measure="target"),
            material.figure(one.id, material.to_date),
            material.rating(one.id),
        ),
        link=f"about-{one.id}",
    )


def _outputs(material: Material, accomplishment: ExpectedAccomplishment, outputs: list[Output]) -> Table:
    """Planned outputs beside what their indicators say was delivered; the two plans are those of the budget."""
    texts = material.texts
    columns = (
        Column(texts["monthly.output"], width=60),
        Column(texts["monthly.unit"], width=14),
        Column(texts["monthly.planned_year"], "quantity"),
        Column(texts["monthly.delivered"], "quantity"),
        Column(texts["monthly.measured_by"], width=14),
    )
    rows = []
    for output in outputs:
        own = material.definitions.counted_by(output)
        planned = next(
            (value for year, value in output.planned.items() if year.contains(material.to_date)), None
        )
        key = Key(output.id, str(material.to_date), material.root, measure="planned")
        plan = (
            Bound(planned, "quantity", key, decimals=0)
            if planned is not None
            else Bound(None, "quantity", key, "not_applicable")
        )
        made = material.figure(own.id, material.to_date) if own else Bound(None, status="not_reported")
        measured_by = own.id if own else texts["monthly.no_indicator"]
        rows.append(
            Row(
                (
                    f"{output.id}  {output.title[material.language]}",
                    material.unit(output),
                    plan,
                    made,
                    measured_by,
                )
            )
        )
    return Table(texts.say("monthly.outputs_of", id=accomplishment.id), columns, tuple(rows))


def build_money(material: Material) -> Part:
    """Expenditure against apportionment by group and line, by objective, and month by month."""
    texts = material.texts
    return Part(
        "money",
        texts["monthly.money"],
        (
            Paragraph(money_lead(material)),
            _resources(material),
            _by_objective(material),
            *build_worth(material),
            _monthly(material),
            Note(prose(texts["monthly.money_note"]), "limitation"),
        ),
    )


def money_lead(material: Material) -> Prose:
    """What was spent of the year's apportionment, and whether that is of some months or lines alone."""
    spent, given = (material.money_of("total", "", name) for name in ("implementation", "apportionment"))
    months = material.money.filter(pl.col("kind") == "month")
    counts = {"months": months.height, "known": months["expenditure"].count()}
    values = {
        "year": material.words(material.period.budget_year()),
        "elapsed": Bound(material.elapsed, "percentage", _of_budget(material, "elapsed"), decimals=1),
    }
    if not counts["known"]:
        return prose(material.texts["monthly.money_lead_none"], **values)
    if not given.value:
        return prose(material.texts["monthly.money_lead_no_apportionment"], **values)
    values["spent"] = spent
    if counts["known"] < counts["months"]:
        values |= {name: Bound(count, key=_of_budget(material, name)) for name, count in counts.items()}
        return prose(material.texts["monthly.money_lead_months"], **values)
    form = "money_lead_lines" if spent.status == "partial" else "money_lead"
    return prose(material.texts[f"monthly.{form}"], **values)


def _of_budget(material: Material, measure: str) -> Key:
    return Key("budget", str(material.to_date), material.root, measure=measure)


def _money_columns(material: Material, first: str) -> tuple[Column, ...]:
    texts = material.texts
    return (
        Column(first, width=48),
        Column(texts["monthly.apportionment"], "thousands", width=14),
        Column(texts["monthly.expenditure"], "thousands", width=14),
        Column(texts["monthly.variance"], "thousands", width=14),
        Column(texts["monthly.percentage"], "percentage", width=12),
    )


def _resources(material: Material) -> Table:
    texts, language = material.texts, material.language
    rows = []
    for group in material.definitions.budget.groups:
        rows.append(Row((f"{group.id}  {group.title[language]}",), "group"))
        rows += [
            Row(
                (
                    f"{line.id}  {line.title[language]}",
                    *(material.money_of("line", line.id, column) for column in MONEY),
                )
            )
            for line in group.lines
        ]
        cells = (material.money_of("group", group.id, column) for column in MONEY)
        rows.append(Row((texts.say("monthly.subtotal", title=group.title[language]), *cells), "subtotal"))
    rows.append(
        Row((texts["monthly.gross"], *(material.money_of("total", "", column) for column in MONEY)), "total")
    )
    note = prose(texts["monthly.thousands"], to_date=material.words(material.to_date))
    return Table(
        texts["monthly.resources"], _money_columns(material, texts["monthly.category"]), tuple(rows), (note,)
    )


def _by_objective(material: Material) -> Table:
    texts, language = material.texts, material.language
    rows = [
        Row(
            (
                f"{one.id}  {one.title[language]}",
                *(material.money_of("objective", one.id, column) for column in MONEY),
            )
        )
        for one in material.definitions.framework.objectives
    ]
    cells = (material.money_of("objective", "", column) for column in MONEY)
    rows.append(Row((texts["monthly.not_allocated"], *cells), "subtotal"))
    rows.append(
        Row((texts["monthly.gross"], *(material.money_of("total", "", column) for column in MONEY)), "total")
    )
    note = prose(texts["monthly.shares_note"])
    return Table(
        texts["monthly.by_objective"],
        _money_columns(material, texts["monthly.objective"]),
        tuple(rows),
        (note,),
    )


def _monthly(material: Material) -> Chart:
    texts = material.texts
    months = list(material.to_date.months())
    points = tuple(_spent(material, month) for month in months)
    return Chart(
        "column",
        texts["monthly.pattern"],
        tuple(short_month(month, texts.language) for month in months),
        (Series(texts["monthly.expenditure"], points),),
        texts["monthly.thousands_unit"],
        texts["monthly.pattern_alt"],
    )


def _spent(material: Material, month: Period) -> Bound:
    return material.money_of("month", str(month), "expenditure")
