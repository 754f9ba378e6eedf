"""Mandate performance: for each component its expected accomplishments, indicators of achievement and outputs."""

from __future__ import annotations

from cpas.definitions.framework import ExpectedAccomplishment, Output
from cpas.definitions.loaded import LoadedIndicator
from cpas.definitions.mission import Component
from cpas.report.blocks import Block, Bound, Column, Heading, Paragraph, Part, Row, Table, prose
from cpas.report.rbb.material import ACTIVITIES, RbbMaterial
from cpas.report.rbb.summary import tallied
from cpas.report.texts import in_cell


def build_component(material: RbbMaterial, component: Component) -> Part:
    """One component's part of the results-based-budgeting framework."""
    texts, framework = material.texts, material.base.definitions.framework
    blocks: list[Block] = [
        Paragraph(prose(texts["rbb.component_about"], to_date=material.base.words(material.to_date)))
    ]
    if component in material.tallies:
        blocks.append(Paragraph(tallied(material, component)))
    for one in framework.expected_accomplishments:
        if one.component != component:
            continue
        blocks.append(Heading(texts.say("rbb.accomplishment", id=one.id, title=one.title[material.language])))
        blocks.append(_achievement(material, one))
        if outputs := [output for output in framework.outputs if _serves(material, output, one)]:
            blocks.append(_outputs(material, outputs))
    name = texts[f"component.{component}"]
    return Part(f"component-{component}", name[:1].upper() + name[1:], tuple(blocks))


def _serves(material: RbbMaterial, output: Output, accomplishment: ExpectedAccomplishment) -> bool:
    return material.base.definitions.outcomes[output.outcome].expected_accomplishment == accomplishment.id


def _achievement(material: RbbMaterial, accomplishment: ExpectedAccomplishment) -> Table:
    """Planned and actual indicators of achievement, the year before and this one."""
    texts = material.texts
    periods = (material.to_date.same_last_year(), material.to_date)
    years = [in_cell(material.base.words(one), texts) for one in periods]
    columns = (
        Column(texts["rbb.achievement"], width=48),
        Column(texts["monthly.unit"], width=12),
        *(
            Column(texts.say(f"rbb.{which}_in", year=year), "quantity", width=12)
            for which in ("planned", "actual")
            for year in years
        ),
        Column(texts["monthly.rating"], "status", width=14),
    )
    rows = []
    for number, title in accomplishment.indicators_of_achievement.items():
        rows.append(Row((f"{number}  {title[material.language]}",), "group"))
        own = [
            one
            for one in material.base.definitions.indicators.values()
            if one.definition.rbb and one.definition.rbb.indicator_of_achievement == number
        ]
        rows += [_measured(material, one) for one in own]
        if not own:
            nothing = [Bound(None, status="not_applicable")] * 4
            rows.append(Row((texts["monthly.no_indicator"], "", *nothing, Bound("not_rated", "status"))))
    return Table(texts["rbb.achievements"], columns, tuple(rows))


def _measured(material: RbbMaterial, one: LoadedIndicator) -> Row:
    base = material.base
    years = (material.to_date.same_last_year(), material.to_date)
    return Row(
        (
            f"{one.id}  {base.title(one)}",
            base.unit(one.definition),
            *(base.figure(one.id, year, measure="target") for year in years),
            *(base.figure(one.id, year) for year in years),
            base.rating(one.id),
        )
    )


def _outputs(material: RbbMaterial, outputs: list[Output]) -> Table:
    """Planned outputs, what was completed (number or yes or no), and remarks."""
    texts = material.texts
    due = () if material.is_whole else (Column(texts["rbb.due"], "quantity", width=12),)
    columns = (
        Column(texts["rbb.output"], width=44),
        Column(texts["monthly.unit"], width=12),
        Column(texts["rbb.planned_number"], "quantity", width=12),
        *due,
        Column(texts["rbb.completed"], "quantity", width=14),
        Column(texts["rbb.standing"], "status", width=16),
        Column(texts["rbb.remarks"], width=32),
    )
    rows = tuple(
        Row(
            (
                f"{output.id}  {output.title[material.language]}",
                material.base.unit(output),
                material.amount_of(output, "planned"),
                *(() if material.is_whole else (material.amount_of(output, "due"),)),
                material.delivered(output),
                Bound(material.of_output(output)["standing"], "status"),
                _remarks(material, output),
            )
        )
        for output in outputs
    )
    return Table(texts["rbb.outputs"], columns, rows)


def _remarks(material: RbbMaterial, output: Output) -> str:
    texts, row = material.texts, material.of_output(output)
    if row["measured_by"] == "":
        return texts["rbb.remark.no_data"]
    if row["measured_by"] != ACTIVITIES:
        remarks = [texts.say("rbb.remark.indicator", id=row["measured_by"])]
    else:
        remarks = [texts["rbb.remark.activities" + ("_yes_no" if output.kind == "yes_no" else "")]]
    if row["is_partial"]:
        remarks.append(texts["rbb.remark.partial"])
    if row["excess"] is not None:
        remarks.append(texts["rbb.remark.exceeded"])
    return " ".join(remarks)
