"""The audit of the chain as one document: gaps by kind, the chain as a diagram, and each gap as a finding; finds none itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from cpas.definitions.loaded import Definitions
from cpas.periods import Period
from cpas.report.blocks import (
    Block,
    Bound,
    Column,
    Diagram,
    Document,
    Finding,
    Heading,
    Key,
    Node,
    Note,
    Paragraph,
    Part,
    Prose,
    Row,
    Table,
    prose,
)
from cpas.report.numbers import format_period
from cpas.report.shell import Shell, report_on
from cpas.report.texts import Texts, parse_template

STAGES = ("mandate", "objectives", "outcomes", "outputs", "lines")


@dataclass(frozen=True)
class ChainMaterial:
    """What the audit says.

    Attributes:
        kinds: Every kind of gap that was looked for, with how much it matters, in the order of the page.
        gaps: Columns `kind`, `severity`, `subject`, `place`, `count`, `amount` (US dollars), in the order of the page.
        flows: Columns `budget_line`, `output` (empty for what is not allocated), `weight`.
    """

    definitions: Definitions
    to_date: Period
    kinds: tuple[tuple[str, str], ...]
    gaps: pl.DataFrame
    flows: pl.DataFrame
    texts: Texts

    @property
    def language(self) -> str:
        """The language of the page."""
        return self.texts.language

    def figure(self, kind: str, measure: str, value: Any, subject: str = "") -> Bound:
        """A number of gaps or activities, or an amount of US dollars."""
        key = Key(
            f"chain {kind} {subject}".strip(),
            str(self.to_date),
            self.definitions.mission.root_area,
            measure=measure,
        )
        return Bound(value, "amount" if measure == "amount" else "count", key)


def build_chain(material: ChainMaterial, imprint: tuple[str, ...]) -> Document:
    """The page: what was looked for and found, the diagram, and every finding with its place, rule and remedy."""
    texts = material.texts
    period = format_period(material.to_date, texts.language)
    parts = (
        Part("overview", texts["chain.overview"], tuple(_overview(material))),
        Part("diagram", texts["chain.diagram"], (_diagram(material),)),
        Part("findings", texts["chain.findings"], tuple(_findings(material))),
    )
    shell = Shell(texts["chain.title"], texts["chain.subtitle"], period, imprint)
    return report_on(material.definitions.mission, shell, parts, texts)


def _overview(material: ChainMaterial) -> Iterator[Block]:
    texts = material.texts
    yield Paragraph(
        prose(
            texts["chain.lead"],
            found=material.figure("all", "count", material.gaps.height),
            period=Bound(material.to_date, "period"),
        ),
        "lead",
    )
    columns = (
        Column(texts["chain.kind"], width=46),
        Column(texts["finding.severity"], "status", width=14),
        Column(texts["chain.count"], "count", width=12),
        Column(texts["chain.rule"], width=60),
    )
    counts = dict(material.gaps["kind"].value_counts().iter_rows())
    rows = tuple(
        Row(
            (
                texts[f"chain.{kind}"],
                Bound(severity, "status"),
                material.figure(kind, "count", counts.get(kind, 0)),
                texts[f"chain.{kind}.rule"],
            ),
            link=f"gaps-{kind}" if kind in counts else "",
        )
        for kind, severity in material.kinds
    )
    yield Table(texts["chain.looked_for"], columns, rows)
    yield Note(prose(texts["chain.note"]), "limitation")


def _findings(material: ChainMaterial) -> Iterator[Block]:
    texts = material.texts
    if material.gaps.is_empty():
        yield Paragraph(prose(texts["chain.nothing"]))
    before = ""
    for row in material.gaps.iter_rows(named=True):
        kind = row["kind"]
        if kind != before:
            yield Heading(texts[f"chain.{kind}"], anchor=f"gaps-{kind}")
        before = kind
        yield _finding(material, row)


def _finding(material: ChainMaterial, row: Mapping[str, Any]) -> Finding:
    texts, kind, subject = material.texts, row["kind"], row["subject"]
    values = {
        "subject": Bound(_name(material, subject), "text"),
        "count": material.figure(kind, "number", row["count"], subject),
        "amount": material.figure(kind, "amount", row["amount"] or 0, subject),
    }
    template = texts[f"chain.{kind}.what"]
    used = {name: values[name] for _, name, _ in parse_template(template) if name}
    place = Bound(row["place"], "text")
    evidence: tuple[Prose, ...] = (
        prose(texts["chain.place"], place=place),
        prose(texts["chain.by_rule"], rule=Bound(texts[f"chain.{kind}.rule"], "text")),
        prose(texts["chain.to_do"], fix=Bound(texts[f"chain.{kind}.fix"], "text")),
    )
    severity: Literal["high", "medium", "low"] = row["severity"]
    return Finding(prose(template, **used), evidence, severity)


def _name(material: ChainMaterial, id_: str) -> str:
    """An id with its title in the language of the page."""
    definitions = material.definitions
    titles = {
        **{one.id: one.text for one in definitions.framework.mandate.paragraphs},
        **{one.id: one.title for one in definitions.framework.objectives},
        **{one.id: one.title for one in definitions.framework.outcomes},
        **{one.id: one.title for one in definitions.framework.outputs},
        **{one.id: one.definition.title for one in definitions.indicators.values()},
        **{line.id: line.title for group in definitions.budget.groups for line in group.lines},
    }
    if id_ in definitions.mission.sections:
        return definitions.mission.sections[id_].title[material.language]
    return f"{id_}  {titles[id_][material.language]}" if id_ in titles else id_


def _diagram(material: ChainMaterial) -> Diagram:
    """Paragraphs in force, objectives, outcomes, outputs and lines; each gap stands at its box."""
    definitions, texts, language = material.definitions, material.texts, material.language
    framework = definitions.framework
    in_force = [one for one in framework.mandate.paragraphs if one.valid.covers(material.to_date)]
    lines = [line for group in definitions.budget.groups for line in group.lines]
    known = [
        [(one.id, f"{one.id}  {one.text[language]}") for one in in_force],
        [(one.id, f"{one.id}  {one.title[language]}") for one in framework.objectives],
        [(one.id, f"{one.id}  {one.title[language]}") for one in framework.outcomes],
        [(one.id, f"{one.id}  {one.title[language]}") for one in framework.outputs],
        [(one.id, f"{one.id}  {one.title[language]}") for one in lines],
    ]
    gaps = _gaps_of_boxes(material)
    nodes = tuple(
        Node(id_, label, stage, gaps.get(id_, ()))
        for stage, boxes in enumerate(known)
        for id_, label in boxes
    )
    links = [
        *(
            (paragraph, one.id)
            for one in framework.objectives
            for paragraph in one.paragraphs
            if paragraph in {p.id for p in in_force}
        ),
        *((one.objective, one.id) for one in framework.outcomes),
        *((one.outcome, one.id) for one in framework.outputs),
        *material.flows.filter((pl.col("output") != "") & (pl.col("weight") > 0))
        .select("output", "budget_line")
        .iter_rows(),
    ]
    return Diagram(
        texts["chain.diagram_title"],
        tuple(texts[f"chain.stage.{name}"] for name in STAGES),
        nodes,
        tuple(links),
        texts["chain.diagram_alt"],
        prose(texts["chain.diagram_note"]),
        "chain",
    )


def _gaps_of_boxes(material: ChainMaterial) -> dict[str, tuple[str, ...]]:
    """The gaps at each box; those of an indicator stand at the outcome, output or objective it belongs to."""
    found: dict[str, tuple[str, ...]] = {}
    for kind, subject in material.gaps.select("kind", "subject").iter_rows():
        indicator = material.definitions.indicators.get(subject)
        box = indicator.definition.parent if indicator else subject
        words = material.texts[f"chain.{kind}"] + (f" ({subject})" if indicator else "")
        found[box] = (*found.get(box, ()), words)
    return found
