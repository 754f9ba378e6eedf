"""Data quality and coverage, and the annex of definitions and method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import polars as pl

from cpas.definitions.loaded import LoadedIndicator
from cpas.report.blocks import (
    Block,
    Bound,
    Column,
    Heading,
    Key,
    Note,
    Paragraph,
    Part,
    Row,
    Table,
    prose,
    quote,
)
from cpas.report.monthly.material import Material
from cpas.report.monthly.steps import scale_table
from cpas.report.monthly.summary import reporter_name

_BOUNDS = ("bound_low", "bound_high")


def build_quality(material: Material) -> Part:
    """Reports received of those expected, what the checks found, and what was left out."""
    texts = material.texts
    blocks: list[Block] = [_coverage(material), _issues(material)]
    if lacking := _unreported(material):
        blocks.append(lacking)
    blocks += [Note(quote(note), "note") for note in material.sources.notes]
    blocks.append(Paragraph(prose(texts["monthly.quality_note"])))
    return Part("quality", texts["monthly.quality"], tuple(blocks))


def _coverage(material: Material) -> Table:
    """Each reporter's reports of the period and of the year to date, by data set."""
    texts = material.texts
    columns = (
        Column(texts["monthly.reporter"], width=36),
        *(
            Column(texts[f"monthly.{name}"], "count", width=14)
            for name in ("received", "expected", "received_to_date", "expected_to_date")
        ),
    )
    rows = []
    for name in material.coverage["dataset"].unique(maintain_order=True):
        rows.append(Row((material.definitions.datasets[name].dataset.title[material.language],), "group"))
        own = material.coverage.filter(pl.col("dataset") == name)
        reporters = own["reporter"].unique(maintain_order=True)
        rows += [_reporter(material, one, own.filter(pl.col("reporter") == one), name) for one in reporters]
    return Table(
        texts["monthly.coverage_title"], columns, tuple(rows), (prose(texts["monthly.coverage_note"]),)
    )


def _reporter(material: Material, reporter: str, reports: pl.DataFrame, dataset: str) -> Row:
    cells = []
    for period in (material.period, material.to_date):
        own = reports.filter(pl.col("month").is_between(period.start, period.end))
        for measure, value in (("received", int(own["received"].sum())), ("expected", own.height)):
            cells.append(
                Bound(
                    value,
                    key=Key(f"reports {dataset} {reporter}", str(period), material.root, measure=measure),
                )
            )
    return Row((reporter_name(material, reporter), *cells))


def _issues(material: Material) -> Table:
    """Issues by the rule that found them, with one of its messages."""
    texts = material.texts
    counts: Counter[tuple[str, str, str]] = Counter()
    said: dict[tuple[str, str, str], str] = {}
    for issue in material.sources.issues:
        key = (issue.severity, issue.code, str(issue.rule or ""))
        counts[key] += issue.count
        said.setdefault(key, issue.message)
    columns = (
        Column(texts["monthly.issue_code"], width=14),
        Column(texts["monthly.severity"], width=12),
        Column(texts["monthly.issue_example"], width=60),
        Column(texts["monthly.issues_found"], "count", width=10),
    )
    rows = tuple(
        Row((code, texts[f"severity.{severity}"], said[(severity, code, rule)], number))
        for (severity, code, rule), number in sorted(counts.items())
    )
    return Table(texts["monthly.issues"], columns, rows, (prose(texts["monthly.issues_note"]),))


def _unreported(material: Material) -> Table | None:
    """Indicators without a full figure for the period."""
    texts = material.texts
    rows = []
    for one in material.definitions.indicators.values():
        row = material.row(one.id, material.period)
        if row and row["status"] != "reported":
            owner = material.definitions.mission.sections[one.definition.owner].title[material.language]
            status = Bound(row["status"], "status")
            bounds = (material.figure(one.id, material.period, measure=way) for way in _BOUNDS)
            rows.append(Row((f"{one.id}  {material.title(one)}", status, *bounds, owner)))
    columns = (
        Column(texts["monthly.indicator"], width=60),
        Column(texts["monthly.status"], "status", width=16),
        *(Column(texts[f"monthly.{way}"], "quantity", width=14) for way in _BOUNDS),
        Column(texts["monthly.owner"], width=20),
    )
    note = (prose(texts["monthly.bounds_note"]),)
    return Table(texts["monthly.unreported"], columns, tuple(rows), note) if rows else None


def build_annex(material: Material) -> Part:
    """What each indicator means, how it is made and what it does not say; and the rules of rating."""
    texts = material.texts
    blocks: list[Block] = [Heading(texts["monthly.rules"])]
    blocks += [
        Paragraph(prose(texts[f"monthly.rule.{name}"]))
        for name in ("progress", "rating", "steps", "interval", "coverage", "missing")
    ]
    for objective in material.definitions.framework.objectives:
        blocks.append(Heading(f"{objective.id}  {objective.title[material.language]}"))
        for one in material.of(objective, "impact", "outcome", "output", "activity", "input"):
            blocks += _definition(material, one)
    return Part("annex", texts["monthly.annex"], tuple(blocks))


def _definition(material: Material, one: LoadedIndicator) -> Iterator[Block]:
    texts, about, language = material.texts, one.definition, material.language
    yield Heading(f"{one.id}  {material.title(one)}", 4, f"about-{one.id}")
    facts = {
        "level": texts[f"level.{about.level}"],
        "unit": material.unit(about),
        "direction": texts[f"direction.{about.direction}"],
        "owner": material.definitions.mission.sections[about.owner].title[language],
        "version": ", ".join(
            texts.pair(str(version.first), version.note[language]) for version in about.versions
        ),
    }
    yield Paragraph(
        quote(" · ".join(texts.pair(texts[f"monthly.{key}"], value) for key, value in facts.items()))
    )
    for name, text in (
        ("definition", about.definition),
        ("method", about.method),
        ("limitations", about.limitations),
    ):
        yield Paragraph(quote(texts.pair(texts[f"monthly.{name}"], text[language])))
    yield from scale_table(material, one)
