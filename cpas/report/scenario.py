"""A cut scenario as one document: the rule, the amounts, and what is at risk; computes no cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from cpas.definitions.indicator import Indicator
from cpas.definitions.loaded import Definitions
from cpas.periods import Period
from cpas.report.blocks import (
    Block,
    Bound,
    Column,
    Document,
    Key,
    Kind,
    Note,
    Paragraph,
    Part,
    Row,
    Table,
    prose,
)
from cpas.report.numbers import format_date, format_period
from cpas.report.shell import Shell, report_on
from cpas.report.texts import Texts, in_cell, prose_text

AMOUNTS = ("requested", "recommended", "approved")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: `cut` of `approved` US dollars, `by` outputs or groups; `protected` priorities lose nothing.

    `evidence` are the months whose activities say who and where is affected.
    """

    year: Period
    evidence: Period
    by: str
    protected: tuple[str, ...]
    cut: Decimal
    approved: Decimal


@dataclass(frozen=True)
class ScenarioMaterial:
    """What the scenario says.

    Attributes:
        amounts: `requested`, `recommended` and `approved` in US dollars and their `source` by language, where `budget.yml` has them.
        priorities: Columns `priority` (empty for what is not allocated), `approved`, `cut`.
        groups: Columns `group`, `approved`, `cut`.
        outputs: Columns `output`, `rank`, `approved`, `cut`, `planned`, `activities`, `participants`, `areas` (in words), of
            outputs at risk, those of the lowest priority first.
    """

    definitions: Definitions
    asked: Asked
    amounts: Mapping[str, Any]
    priorities: pl.DataFrame
    groups: pl.DataFrame
    outputs: pl.DataFrame
    texts: Texts

    @property
    def language(self) -> str:
        """The language of the page."""
        return self.texts.language

    def unit(self, unit: str) -> str:
        """A unit in the language of the page, where the code list `unit` has it."""
        units = self.definitions.codes.get("unit")
        code = units.codes.get(unit) if units else None
        return code.label[self.language] if code else unit

    def figure(self, name: str, measure: str, value: Any, kind: Kind, decimals: int | None = None) -> Bound:
        """One figure of the scenario, in US dollars, per cent or units; None does not apply."""
        key = Key(
            f"scenario {name}".strip(),
            str(self.asked.year),
            self.definitions.mission.root_area,
            measure=measure,
        )
        if value is None:
            return Bound(None, kind, key, "not_applicable")
        return Bound(value, kind, key, decimals=decimals)

    def money(self, name: str, measure: str, dollars: Decimal | None) -> Bound:
        """An amount for a table, in thousands of US dollars."""
        return self.figure(name, measure, None if dollars is None else dollars / 1000, "thousands")

    def share(self, name: str, part: Decimal, whole: Decimal) -> Bound:
        """A part in per cent of a whole."""
        return self.figure(name, "share", part / whole * 100 if whole else None, "percentage", 1)


def build_scenario(material: ScenarioMaterial, imprint: tuple[str, ...]) -> Document:
    """The page: the rule and the amounts, outputs at risk, and the results that they carry."""
    texts = material.texts
    period = format_period(material.asked.year, texts.language)
    parts = (
        Part("cut", texts["scenario.cut_part"], tuple(_cut(material))),
        Part("outputs", texts["scenario.outputs_part"], tuple(_outputs(material))),
        Part("results", texts["scenario.results_part"], tuple(_results(material))),
    )
    notices = (texts["scenario.notice"],)
    shell = Shell(texts["scenario.title"], texts["scenario.subtitle"], period, imprint, notices)
    return report_on(material.definitions.mission, shell, parts, texts)


def _cut(material: ScenarioMaterial) -> Iterator[Block]:
    texts = material.texts
    yield Paragraph(
        prose(
            texts["scenario.lead"],
            cut=material.figure("", "cut", material.asked.cut, "amount"),
            share=material.share("", material.asked.cut, material.asked.approved),
            year=Bound(material.asked.year, "period"),
            count=material.figure("outputs", "count", material.outputs.height, "count"),
        ),
        "lead",
    )
    yield Note(prose(texts[f"scenario.rule.{material.asked.by}"]))
    if material.asked.protected:
        titles = (
            f"{id_} ({material.definitions.priorities[id_].short[material.language]})"
            for id_ in material.asked.protected
        )
        yield Paragraph(prose(texts["scenario.protected"], names=Bound(", ".join(titles), "text")))
    yield _amounts(material)
    stated = material.amounts.get("approved")
    if stated is not None and stated != material.asked.approved:
        yield Note(
            prose(
                texts["scenario.differs"],
                stated=material.figure("stated", "approved", stated, "amount"),
                lines=material.figure("", "approved", material.asked.approved, "amount"),
            ),
            "caution",
        )
    yield _parts(material, "priority", material.priorities)
    yield _parts(material, "group", material.groups)
    yield Note(prose(texts["scenario.note"]), "limitation")


def _amounts(material: ScenarioMaterial) -> Table:
    """Requested, recommended and approved, and what is left, each against those before it."""
    texts, amounts = material.texts, material.amounts
    left = material.asked.approved - material.asked.cut
    known = [(name, amounts.get(name)) for name in AMOUNTS]
    known[-1] = ("approved", material.asked.approved)
    rows = []
    for name, value in (*known, ("left", left)):
        cells = [material.money(name, "amount", value)]
        for other, base in known:
            after = (*AMOUNTS, "left").index(name) > AMOUNTS.index(other)
            difference = value - base if after and value is not None and base is not None else None
            cells.append(material.money(name, f"less_{other}", difference))
        rows.append(Row((texts[f"scenario.{name}"], *cells), "total" if name == "left" else "body"))
    columns = (
        Column(texts["scenario.amount_of"], width=44),
        Column(texts["scenario.amount"], "thousands", width=16),
        *(Column(texts[f"scenario.against_{name}"], "thousands", width=16) for name in AMOUNTS),
    )
    source = amounts.get("source")
    notes = [prose(texts["scenario.amounts_note"])]
    if source:
        notes.append(prose(texts["scenario.source"], source=Bound(source[material.language], "text")))
    return Table(texts["scenario.amounts"], columns, tuple(rows), tuple(notes))


def _parts(material: ScenarioMaterial, kind: str, frame: pl.DataFrame) -> Table:
    """The cut by priority or by group of the budget."""
    texts = material.texts
    rows = []
    for row in frame.iter_rows(named=True):
        id_, name = row[kind], f"{kind} {row[kind]}"
        rows.append(
            Row(
                (
                    _title(material, kind, id_),
                    material.money(name, "approved", row["approved"]),
                    material.money(name, "cut", row["cut"]),
                    material.share(name, row["cut"], row["approved"]),
                )
            )
        )
    total = (
        material.money("", "total", material.asked.approved),
        material.money("", "total_cut", material.asked.cut),
        material.share("", material.asked.cut, material.asked.approved),
    )
    rows.append(Row((texts["monthly.gross"], *total), "total"))
    columns = (Column(texts[f"scenario.{kind}"], width=56), *_money_columns(texts))
    return Table(
        texts[f"scenario.by_{kind}"], columns, tuple(rows), (prose(texts["scenario.thousands_note"]),), kind
    )


def _title(material: ScenarioMaterial, kind: str, id_: str) -> str:
    texts, language = material.texts, material.language
    if kind == "group":
        titles = {group.id: group.title for group in material.definitions.budget.groups}
        return f"{id_}  {titles[id_][language]}"
    if not id_:
        return texts["monthly.not_allocated"]
    priority = material.definitions.priorities[id_]
    place = (
        texts.say("scenario.rank", rank=str(priority.rank)) if priority.rank else texts["scenario.no_rank"]
    )
    kept = f", {texts['scenario.kept']}" if id_ in material.asked.protected else ""
    return f"{id_}  {priority.short[language]} ({place}{kept})"


def _money_columns(texts: Texts) -> tuple[Column, ...]:
    return (
        Column(texts["scenario.approved"], "thousands", width=15),
        Column(texts["scenario.cut"], "thousands", width=15),
        Column(texts["scenario.share"], "percentage", width=12),
    )


def _outputs(material: ScenarioMaterial) -> Iterator[Block]:
    texts, definitions = material.texts, material.definitions
    yield Paragraph(prose(texts["scenario.outputs_about"], evidence=Bound(material.asked.evidence, "period")))
    columns = (
        Column(texts["monthly.output"], width=48),
        *_money_columns(texts),
        Column(texts["scenario.planned"], "quantity", width=12),
        Column(texts["scenario.at_risk"], "quantity", width=12),
        Column(texts["scenario.activities"], "count", width=11),
        Column(texts["scenario.participants"], "count", width=12),
        Column(texts["scenario.areas"], width=30),
    )
    rows: list[Row] = []
    before = ""
    for row in material.outputs.iter_rows(named=True):
        output = definitions.outputs[row["output"]]
        objective = definitions.objectives[definitions.outcomes[output.outcome].objective]
        group = f"{_title(material, 'priority', objective.priority)}, {texts.say('scenario.output_rank', rank=str(row['rank']))}"
        if group != before:
            rows.append(Row((group,), "group"))
        before = group
        rows.append(_output(material, row))
    yield Table(texts["scenario.outputs"], columns, tuple(rows), (prose(texts["scenario.outputs_note"]),))


def _output(material: ScenarioMaterial, row: Mapping[str, Any]) -> Row:
    """One output at risk: money, planned units, and whom and where its activities reached."""
    output = material.definitions.outputs[row["output"]]
    planned = row["planned"]
    at_risk = (
        planned * row["cut"] / row["approved"] if planned is not None and output.kind == "number" else None
    )
    return Row(
        (
            f"{output.id}  {output.title[material.language]} ({material.unit(output.unit)})",
            material.money(output.id, "approved", row["approved"]),
            material.money(output.id, "cut", row["cut"]),
            material.share(output.id, row["cut"], row["approved"]),
            material.figure(output.id, "planned", planned, "quantity", 0),
            material.figure(output.id, "at_risk", at_risk, "quantity", 0),
            material.figure(output.id, "activities", row["activities"], "count"),
            material.figure(output.id, "participants", row["participants"], "count")
            if row["participants"] is not None
            else Bound(None, status="not_reported"),
            Bound(row["areas"], "text") if row["areas"] else Bound(None, "text", status="not_reported"),
        )
    )


def _results(material: ScenarioMaterial) -> Iterator[Block]:
    """The outcomes that outputs at risk serve, with the year's targets of their indicators."""
    texts, definitions = material.texts, material.definitions
    yield Paragraph(prose(texts["scenario.results_about"]))
    cut: dict[str, Decimal] = {}
    for row in material.outputs.iter_rows(named=True):
        served = definitions.outputs[row["output"]].outcome
        cut[served] = cut.get(served, Decimal(0)) + row["cut"]
    columns = (
        Column(texts["monthly.indicator"], width=64),
        Column(texts["monthly.unit"], width=18),
        Column(texts["scenario.target"], "quantity", width=14),
        Column(texts["scenario.cut"], "thousands", width=14),
    )
    rows: list[Row] = []
    for outcome in definitions.framework.outcomes:
        if outcome.id not in cut:
            continue
        own = [one for one in definitions.indicators.values() if one.definition.outcome == outcome.id]
        money = material.money(outcome.id, "cut", cut[outcome.id])
        rows.append(
            Row((f"{outcome.id}  {outcome.title[material.language]}", "", _blank(), money), "subtotal")
        )
        rows += [_target(material, one.definition) for one in own]
        if not own:
            rows.append(Row((texts["monthly.no_indicator"], "", _blank(), _blank())))
    yield Table(texts["scenario.results"], columns, tuple(rows), (prose(texts["scenario.results_note"]),))


def _target(material: ScenarioMaterial, about: Indicator) -> Row:
    target, language = about.targets.get(material.asked.year), material.language
    unit = (
        material.definitions.scales[about.scale].title[language] if about.scale else material.unit(about.unit)
    )
    shown = material.figure(about.id, "target", target, "quantity", about.decimals)
    if about.milestone:
        shown = Bound(format_date(about.milestone.due, material.texts.language), "text", shown.key)
    elif label := material.definitions.step_label(about.id, target, language):
        shown = Bound(label, "text", shown.key)
    return Row((f"{about.id}  {about.title[language]}", unit, shown, _blank()))


def _blank() -> Bound:
    return Bound("", "text")


def scenario_lines(document: Document, texts: Texts) -> tuple[str, ...]:
    """The page in a few lines for a terminal: what is cut, and from which priorities."""
    lines = []
    for block in document.parts[0].blocks:
        if isinstance(block, Paragraph):
            lines.append(prose_text(block.text, texts))
        elif isinstance(block, Table) and block.anchor == "priority":
            lines.append(f"{block.title} ({texts['monthly.thousands_unit']})")
            for row in block.rows:
                approved, cut, share = (in_cell(cell, texts) for cell in row.cells if isinstance(cell, Bound))
                lines.append(f"  {texts.pair(str(row.cells[0]), f'{cut} / {approved} ({share})')}")
    return tuple(lines)
