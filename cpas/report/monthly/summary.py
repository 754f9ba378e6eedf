"""The first page: what moved, what is on and off track, what is missing, what the numbers cannot say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import polars as pl

from cpas.definitions.indicator import Level
from cpas.definitions.loaded import LoadedIndicator
from cpas.report.blocks import (
    Block,
    Bound,
    Finding,
    Heading,
    Key,
    KeyFigure,
    KeyFigures,
    Kind,
    Note,
    Paragraph,
    Part,
    prose,
    quote,
)
from cpas.report.monthly.changes import AGAINST, Change, changes, is_comparable
from cpas.report.monthly.material import Material
from cpas.report.monthly.ratings import build_standing
from cpas.report.monthly.steps import milestone_finding

EVIDENCE: tuple[Level, ...] = ("impact", "outcome")
MOST_FIGURES, MOST_MOVES = 6, 3
WITH_UNIT: tuple[Kind, ...] = ("percentage", "amount", "thousands")
"""Figures that say their unit wherever they stand."""


def build_summary(material: Material) -> Part:
    """One page that a head of mission can read in two minutes."""
    texts = material.texts
    evidence = [
        one
        for objective in material.definitions.framework.objectives
        for one in material.of(objective, *EVIDENCE)
    ]
    return Part(
        "summary",
        texts["monthly.summary"],
        (
            _lead(material, evidence),
            *(Note(quote(note), "caution") for note in material.sources.notes[:1]),
            _headline(material, evidence),
            Heading(texts["monthly.moved"]),
            *_moves(material, evidence),
            Heading(texts["monthly.track"]),
            build_standing(material),
            Heading(texts["monthly.missing"]),
            *_missing(material),
            Heading(texts["monthly.cannot_say"]),
            *(
                Note(prose(texts[f"monthly.caveat.{name}"]), "limitation")
                for name in ("association", "reports", "rating")
            ),
        ),
    )


def _lead(material: Material, evidence: list[LoadedIndicator]) -> Paragraph:
    """How many of the outcome and impact indicators stand where, in one sentence."""
    counts = Counter(str(material.rating(one.id).value) for one in evidence)
    names = {"good": counts["met"] + counts["on_track"], "short": counts["off_track"] + counts["at_risk"]}
    rest = len(evidence) - sum(names.values())
    values = {name: material.count("indicators", number, name) for name, number in names.items()}
    return Paragraph(
        prose(
            material.texts["monthly.lead"],
            period=material.words(material.to_date),
            total=material.count("indicators", len(evidence), "evidence"),
            rest=material.count("indicators", rest, "rest"),
            **values,
        ),
        "lead",
    )


def _headline(material: Material, evidence: list[LoadedIndicator]) -> KeyFigures:
    impact = [one for one in evidence if one.definition.level == "impact"]
    year_ago = material.period.same_last_year()
    shown = [(one, material.figure(one.id, material.period)) for one in impact[:MOST_FIGURES]]
    return KeyFigures(
        tuple(
            KeyFigure(
                material.title(one),
                figure,
                "" if figure.kind in WITH_UNIT else material.unit(one.definition),
                prose(
                    material.texts["monthly.against"],
                    before=material.figure(one.id, year_ago),
                    period=material.words(year_ago),
                    sum=material.figure(one.id, material.to_date),
                    to_date=material.words(material.to_date),
                    target=material.figure(one.id, material.to_date, measure="target"),
                ),
                str(material.rating(one.id).value),
                one.id,
            )
            for one, figure in shown
        )
    )


def _moves(material: Material, evidence: list[LoadedIndicator]) -> Iterator[Block]:
    """What got worse and what got better against the same period last year, as many of the one as of the other."""
    texts = material.texts
    moved = changes(material, evidence)
    known = sum(is_comparable(material, one) for one in evidence)
    yield Paragraph(
        prose(
            texts["monthly.comparable"],
            known=material.count("indicators", known, "comparable"),
            total=material.count("indicators", len(evidence), "evidence"),
        )
    )
    if known == 0:
        return
    if not moved:
        yield Paragraph(prose(texts["monthly.nothing_moved"]))
        return
    for direction in ("worsening", "improving"):
        own = [change for change in moved if change.direction == direction]
        for change in own[:MOST_MOVES]:
            yield _finding(material, change)
        if (more := len(own) - MOST_MOVES) and more > 0:
            count = material.count("changes", more, direction)
            yield Paragraph(prose(texts.choose(f"monthly.more_{direction}", more), more=count))
        if not own:
            yield Paragraph(prose(texts[f"monthly.none_{direction}"]))


def _finding(material: Material, change: Change) -> Finding:
    one, year_ago = change.indicator, material.period.same_last_year()
    if one.definition.milestone:
        return milestone_finding(material, change)
    key = Key(one.id, str(material.period), material.root, measure="change")
    overlap = material.both_ways(one.id, AGAINST) if change.is_changed else None
    now = overlap["now_later"] if overlap else material.figure(one.id, material.period)
    values = {
        "title": material.name(material.title(one)),
        "now": now,
        "before": overlap["then_later"] if overlap else material.figure(one.id, year_ago),
        "period": material.words(material.period),
        "then": material.words(year_ago),
    }
    scale = material.definitions.scale_of(one.id)
    text = f"monthly.change.{'step' if scale else 'up' if change.difference > 0 else 'down'}"
    if now.kind in WITH_UNIT:
        text += "_with_unit"
    elif not scale:
        values["unit"] = material.name(material.unit(one.definition))
    statement = prose(material.texts[text], **values)
    if scale:
        steps = Bound(int(abs(change.difference)), key=key)
        words = material.texts.choose("monthly.basis.steps", change.difference)
        evidence = [prose(words, steps=steps, scale=material.name(scale.title[material.language]))]
    elif change.basis == "interval":
        evidence = [prose(material.texts["monthly.basis.interval"])]
    elif one.definition.unit == "per cent":
        points = Bound(abs(change.difference), "quantity", key, decimals=1)
        evidence = [prose(material.texts["monthly.basis.points"], points=points)]
    elif change.relative is None:
        evidence = [
            prose(material.texts[f"monthly.basis.{'from' if change.share is None else 'below'}_zero"])
        ]
    else:
        share = Bound(abs(change.relative) * 100, "percentage", key, decimals=0)
        evidence = [prose(material.texts["monthly.basis.size"], share=share)]
    if overlap:
        earlier = {"now": overlap["now_earlier"], "before": overlap["then_earlier"]}
        if within := material.changed_within(one.id, AGAINST):
            evidence.append(prose(material.texts["monthly.changed_within"], versions=within, **earlier))
        else:
            evidence.append(prose(material.texts["monthly.changed_definition"], **earlier))
    return Finding(statement, tuple(evidence), change.severity, change.direction, one.id)


def _missing(material: Material) -> Iterator[Block]:
    """Whose reports of the period did not come, by data set."""
    texts = material.texts
    own = material.coverage.filter(pl.col("month").is_between(material.period.start, material.period.end))
    for name in own["dataset"].unique(maintain_order=True):
        reports = own.filter(pl.col("dataset") == name)
        silent = reports.filter(~pl.col("received"))["reporter"].unique(maintain_order=True).to_list()
        values = {
            "title": material.name(material.definitions.datasets[name].dataset.title[material.language]),
            "received": material.count(f"reports {name}", int(reports["received"].sum()), "received"),
            "expected": material.count(f"reports {name}", reports.height, "expected"),
        }
        if silent:
            who = material.name(", ".join(reporter_name(material, reporter) for reporter in silent))
            yield Paragraph(prose(texts["monthly.reports_missing"], who=who, **values))
        else:
            yield Paragraph(prose(texts["monthly.reports_complete"], **values))


def reporter_name(material: Material, reporter: str) -> str:
    """The name of a field office or section."""
    mission = material.definitions.mission
    found = mission.field_offices.get(reporter) or mission.sections.get(reporter)
    return found.title[material.language] if found else reporter
