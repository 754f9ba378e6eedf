"""The analysis of variances, as budget officers explained them; and how the report's figures are made."""

from __future__ import annotations

from cpas.report.blocks import Block, Bound, Column, Heading, Note, Paragraph, Part, Row, Table, prose, quote
from cpas.report.rbb.material import RbbMaterial


def build_variances(material: RbbMaterial) -> Part:
    """The variances that must be explained, and under each line the explanations of its factors."""
    texts, base = material.texts, material.base
    threshold = base.definitions.mission.variance_threshold
    share = material.key("variance threshold", "percentage")
    amount = material.key("variance threshold", "amount")
    blocks: list[Block] = [
        Paragraph(
            prose(
                texts["rbb.threshold"],
                share=Bound(threshold.percentage, "percentage", share),
                amount=Bound(threshold.amount_usd, "amount", amount),
            )
        )
    ]
    if not material.is_whole:
        blocks.append(Note(prose(texts["rbb.midyear_variances"]), "note"))
    titles = {line.id: line.title[material.language] for group in base.definitions.budget.groups for line in group.lines}  # fmt: skip
    told = material.explanations.partition_by("budget_line", as_dict=True)
    shown = [line for line in titles if line in material.explained or (line,) in told]
    if not shown:
        return Part("variances", texts["rbb.variances"], (*blocks, Paragraph(prose(texts["rbb.none"]))))
    blocks.append(_table(material, [(line, f"{line}  {titles[line]}") for line in shown]))
    for line in shown:
        blocks.append(Heading(f"{line}  {titles[line]}"))
        rows = told[(line,)].to_dicts() if (line,) in told else []
        for row in rows:
            factor = material.label("variance_factor", row["factor"])
            text = row[f"text_{material.language}"] or row["text_en"] or row["text_fr"]
            blocks.append(Paragraph(quote(texts.pair(factor, text))))
        if not rows:
            blocks.append(Paragraph(prose(texts["rbb.unexplained"])))
    return Part("variances", texts["rbb.variances"], tuple(blocks))


def _table(material: RbbMaterial, lines: list[tuple[str, str]]) -> Table:
    texts = material.texts
    columns = (
        Column(texts["monthly.category"], width=60),
        Column(texts["monthly.variance"], "thousands", width=18),
        Column(texts["monthly.percentage"], "percentage", texts["rbb.percent"], width=14),
    )
    rows = tuple(
        Row((title, *(material.base.money_of("line", line, name) for name in ("variance", "percentage"))))
        for line, title in lines
    )
    return Table(texts["rbb.variances_table"], columns, rows)


def build_method(material: RbbMaterial) -> Part:
    """The rules of the tables, so that each figure can be made again."""
    texts = material.texts
    names = ("variance", "requirements", "vacancy", "delivery", "rounding", "same")
    return Part(
        "method", texts["rbb.method"], tuple(Paragraph(prose(texts[f"rbb.rule.{name}"])) for name in names)
    )
