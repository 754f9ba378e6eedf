"""The first page: money spent, outputs delivered, the two tables that every performance report opens with."""

from __future__ import annotations

from collections.abc import Iterator

from cpas.report.blocks import Block, Bound, Column, Kind, Note, Paragraph, Part, Prose, Row, Table, prose
from cpas.report.monthly.budget import MONEY, money_lead
from cpas.report.numbers import differ_when_rounded
from cpas.report.rbb.material import RbbMaterial

STANDINGS = ("delivered", "partially_delivered", "not_delivered", "not_due", "no_data")
TOTALS = (
    ("total", "", "total"),
    ("memo", "staff_assessment", "body"),
    ("total", "net", "total"),
    ("memo", "contributions", "body"),
    ("total", "total", "total"),
)
"""The rows under the groups: kind, id and role, gross requirements first."""


def build_summary(material: RbbMaterial) -> Part:
    """What was spent and what was delivered, before any detail."""
    base, texts = material.base, material.texts
    blocks: list[Block] = [
        Paragraph(money_lead(base), "lead"),
        Paragraph(tallied(material, "")),
    ]
    if not material.is_whole:
        blocks.append(Note(prose(texts["rbb.midyear"]), "caution"))
    blocks += [financial(material, "rbb.financial", is_detailed=False), _incumbency(material)]
    return Part("summary", texts["monthly.summary"], tuple(blocks))


def tallied(material: RbbMaterial, component: str) -> Prose:
    """How many outputs were delivered, partly and not, and of how many nothing is known: three numbers, never one."""
    names = (*STANDINGS, "outputs", "yes_no", "exceeded")
    values = {name: material.count(component, name) for name in names}
    return prose(material.texts["rbb.tally"], **values)


def financial(material: RbbMaterial, title: str, *, is_detailed: bool) -> Table:
    """Apportionment, expenditure, variance and percentage by group, by line too where detailed; gross, net and total."""
    texts, base, language = material.texts, material.base, material.language
    rows = []
    for group in base.definitions.budget.groups:
        if not is_detailed:
            rows.append(_row(material, group.title[language], "group", group.id, "body"))
            continue
        rows.append(Row((f"{group.id}  {group.title[language]}",), "group"))
        rows += [
            _row(material, f"{line.id}  {line.title[language]}", "line", line.id, "body")
            for line in group.lines
        ]
        name = texts.say("monthly.subtotal", title=group.title[language])
        rows.append(_row(material, name, "group", group.id, "subtotal"))
    for kind, id_, role in TOTALS:
        name = texts[f"rbb.{id_ or 'gross'}"]
        rows.append(_row(material, name, kind, id_, "total" if role == "total" else "body"))
    columns = (
        Column(texts["monthly.category"], width=44),
        *(Column(texts[f"monthly.{name}"], "thousands", width=14) for name in MONEY[:3]),
        Column(texts["monthly.percentage"], "percentage", texts["rbb.percent"], width=12),
    )
    year = base.period.budget_year()
    notes = [
        prose(
            texts["rbb.thousands"],
            first=Bound(year.start, "date"),
            last=Bound(year.end, "date"),
            to_date=base.words(material.to_date),
        )
    ]
    notes += _rounding(material, is_detailed=is_detailed)
    return Table(texts[title], columns, tuple(rows), tuple(notes))


def _row(material: RbbMaterial, name: str, kind: str, id_: str, role: str) -> Row:
    cells = tuple(material.base.money_of(kind, id_, column) for column in MONEY)
    return Row((name, *cells), "subtotal" if role == "subtotal" else "total" if role == "total" else "body")


def _rounding(material: RbbMaterial, *, is_detailed: bool) -> Iterator[Prose]:
    """Which printed totals are not the sum of the parts printed above them, each having been rounded by itself."""
    base, texts = material.base, material.texts
    groups = base.definitions.budget.groups
    sums = [(texts["rbb.gross"], ("total", ""), [("group", group.id) for group in groups])]
    if is_detailed:
        sums += [
            (group.title[material.language], ("group", group.id), [("line", line.id) for line in group.lines])
            for group in groups
        ]
    found = []
    for name, whole, parts in sums:
        for column in MONEY[:3]:
            printed = [base.money_of(*part, column).number for part in parts]
            total = base.money_of(*whole, column).number
            known = [one for one in printed if one is not None]
            if total is not None and differ_when_rounded(known, total, 1):
                found.append(texts.pair(name, texts[f"monthly.{column}"].lower()))
    if found:
        yield prose(texts["rbb.rounding"], names=base.name("; ".join(found)))


def _incumbency(material: RbbMaterial) -> Table:
    texts = material.texts
    columns = (
        Column(texts["rbb.personnel"], width=44),
        *(Column(texts[f"rbb.{name}"], "count", width=14) for name in ("approved", "planned", "actual")),
        Column(texts["rbb.vacancy"], "percentage", texts["rbb.percent"], width=14),
    )
    rows = []
    for row in material.incumbency.iter_rows(named=True):
        name = f"incumbency {row['category']}"
        cells = []
        for measure in ("approved", "planned", "actual", "vacancy_rate"):
            kind: Kind = "percentage" if measure == "vacancy_rate" else "count"
            key = material.key(name, measure)
            partial = row["is_partial"] and measure != "approved"
            cells.append(
                Bound(None, kind, key, "nil")
                if row[measure] is None
                else Bound(row[measure], kind, key, "partial" if partial else "reported")
            )
        rows.append(Row((material.label("personnel_category", row["category"]), *cells)))
    note = prose(texts["rbb.incumbency_note"], to_date=material.base.words(material.to_date))
    return Table(texts["rbb.incumbency"], columns, tuple(rows), (note,))
