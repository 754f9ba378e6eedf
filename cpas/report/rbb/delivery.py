"""Output delivery: how many outputs stand where, and planned against actual by quarter."""

from __future__ import annotations

from cpas.definitions.framework import Output
from cpas.periods import Period
from cpas.report.blocks import Bound, Cell, Column, Note, Paragraph, Part, Row, Table, prose
from cpas.report.numbers import format_period
from cpas.report.rbb.material import RbbMaterial
from cpas.report.rbb.summary import STANDINGS, tallied


def build_delivery(material: RbbMaterial) -> Part:
    """Delivered, partly and not: a distribution by component, then each output by quarter."""
    texts = material.texts
    return Part(
        "delivery",
        texts["rbb.delivery"],
        (
            Paragraph(tallied(material, ""), "lead"),
            _by_component(material),
            Note(prose(texts["rbb.delivery_note"]), "limitation"),
            _by_quarter(material),
        ),
    )


def _by_component(material: RbbMaterial) -> Table:
    texts = material.texts
    measures = ("outputs", "yes_no", *STANDINGS, "exceeded")
    columns = (
        Column(texts["rbb.component_head"], width=24),
        *(Column(texts[f"rbb.tally_{name}"], "count", width=11) for name in measures),
    )
    rows = [
        Row((texts[f"component.{name}"], *(material.count(name, measure) for measure in measures)))
        for name in material.tallies
        if name
    ]
    rows.append(Row((texts["rbb.all"], *(material.count("", measure) for measure in measures)), "total"))
    return Table(texts["rbb.delivery_table"], columns, tuple(rows))


def _by_quarter(material: RbbMaterial) -> Table:
    """What fell due in each quarter and what was delivered in it, with the year to date at the end."""
    texts, base = material.texts, material.base
    quarters = [Period.parse(text) for text in material.quarters["quarter"].unique(maintain_order=True)]
    columns = (
        Column(texts["rbb.output"], width=40),
        *(
            Column(texts.say(f"rbb.quarter_{name}", quarter=format_period(quarter, texts.language)), "quantity", width=11)
            for quarter in quarters
            for name in ("due", "delivered")
        ),
        Column(texts["rbb.due"], "quantity", width=11),
        Column(texts["rbb.delivered_to_date"], "quantity", width=11),
        Column(texts["rbb.standing"], "status", width=16),
    )  # fmt: skip
    found = {(row["output"], row["quarter"]): row for row in material.quarters.iter_rows(named=True)}
    rows = []
    for output in base.definitions.framework.outputs:
        if output.kind == "yes_no":
            continue
        cells: list[Cell] = [f"{output.id}  {output.title[material.language]}"]
        for quarter in quarters:
            cells += _quarter(material, output, str(quarter), found[output.id, str(quarter)])
        rows.append(
            Row(
                (
                    *cells,
                    material.amount_of(output, "due"),
                    material.delivered(output),
                    Bound(material.of_output(output)["standing"], "status"),
                )
            )
        )
    return Table(texts["rbb.quarters"], columns, tuple(rows), (prose(texts["rbb.quarters_note"]),))


def _quarter(material: RbbMaterial, output: Output, quarter: str, row: dict[str, object]) -> list[Bound]:
    counted = material.of_output(output)["measured_by"]
    cells = []
    for measure in ("due", "delivered"):
        key = material.key(output.id, f"{measure} {quarter}")
        value = row[measure]
        if measure == "delivered" and counted in material.base.definitions.indicators:
            cells.append(material.base.figure(counted, Period.parse(quarter)))
        elif value is None:
            cells.append(Bound(None, "quantity", key, "not_reported"))
        else:
            partial = measure == "delivered" and bool(row["is_partial"])
            cells.append(material.quantity(value, key, is_partial=partial))  # type: ignore[arg-type]  # a Decimal column
    return cells
