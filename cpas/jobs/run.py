"""The monthly run: read, check, compute, build, render, publish."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import polars as pl

from cpas import __version__, content
from cpas.errors import DataError, Issue, RenderError, UsageError
from cpas.jobs.aside import Aside
from cpas.jobs.checks_page import checks_document
from cpas.jobs.engines import Engine
from cpas.jobs.figures import figures_of
from cpas.jobs.gather import Gathered, Source, gather
from cpas.jobs.issues import in_language, issues_document, issues_json
from cpas.jobs.material import make_material
from cpas.jobs.money import trace_money
from cpas.jobs.progress import Progress
from cpas.jobs.publish import MANIFEST, check_target, manifest, publish
from cpas.periods import Period
from cpas.report.blocks import Document, Language
from cpas.report.excel import render_xlsx
from cpas.report.html import render_html
from cpas.report.lint import check_document
from cpas.report.monthly.document import build_monthly
from cpas.report.texts import Texts, load_texts
from cpas.report.theme import load_theme
from cpas.store import STORE
from cpas.store.ledger import open_ledger
from cpas.store.records import Publication

_ANYWHERE = Source()


@dataclass(frozen=True, slots=True)
class Published:
    """Where a report was published, and how many warnings came with it."""

    folder: Path
    warnings: int


def run_report(  # noqa: PLR0913  # what a person chooses, and the job's two helpers
    mission: Path,
    period: Period,
    progress: Progress,
    aside: Aside,
    *,
    out: Path | None = None,
    source: Source = _ANYWHERE,
    language: Language = "en",
    engine: Engine = "polars",
) -> Published:
    """Publish the report of a period into `MISSION/out/PERIOD`, or into `out`; `aside` checks, and makes the workbook.

    Raises:
        UsageError, DefinitionError, SourceError: As `gather` says.
        DataError: Rows break rules of severity error. Nothing is published, and the issues are
            written to `MISSION/out/refused/PERIOD`.
        RenderError: The report contradicts itself or cannot be written.
    """
    folder = out or mission / "out" / str(period).replace("/", "-")
    check_target(folder)
    gathered = gather(mission, progress, aside, source)
    texts = load_texts(content.find("reports", mission), language)
    _stop_without_data(gathered, period)
    _stop_on_errors(gathered, mission, period, texts)
    with progress.stage("indicators"):
        figures = figures_of(gathered, period, engine)
        money = trace_money(gathered, figures.results, period)
    with progress.stage("report"):
        material = make_material(gathered, period, figures, money, texts)
        document = build_monthly(material, _imprint(gathered, language))
        _stop_on_contradictions(document)
    files = _render(document, gathered, texts, mission, aside, progress)
    files |= figures.files() | money.files()
    request = {
        "mission": gathered.definitions.mission.code,
        "period": str(period),
        "language": language,
        "incidents": source.incidents.name if source.incidents else "",
        "as_at": str(source.as_at or ""),
    }
    files[MANIFEST] = manifest(request, gathered.files, gathered.definitions.files, files)
    with progress.stage("publishing"):
        publish(folder, files)
        _record(gathered, mission, period, source, files[MANIFEST])
    progress.finish()
    return Published(folder, sum(issue.count for issue in gathered.issues if issue.severity == "warning"))


def _record(gathered: Gathered, mission: Path, period: Period, source: Source, manifest: bytes) -> None:
    """Write into the ledger what was published from it; a ledger that cannot be changed stays as it is."""
    if not gathered.submissions:
        return
    publication = Publication(
        gathered.definitions.mission.code,
        str(period),
        sha256(manifest).hexdigest(),
        gathered.submissions,
        datetime.now(UTC),
    )
    with open_ledger(mission / STORE, source.ledger) as ledger:
        if ledger.is_changeable:
            with ledger.writing() as book:
                book.publish(publication)


def _stop_without_data(gathered: Gathered, period: Period) -> None:
    """Refuse a period of which nothing can be known: a report on it would be a page of gaps."""
    begins = Period.month(gathered.definitions.mission.reporting_from)
    if period.last < begins.first:
        raise UsageError(
            f"the mission's data begin in {begins}, after {period}; see `reporting_from` in mission.yml"
        )
    in_period = pl.col("month").is_between(period.start, period.end)
    if not gathered.errors and gathered.reports.filter(in_period).is_empty():
        raise DataError(f"no report on {period} has come in; nothing was published")


def _stop_on_errors(gathered: Gathered, mission: Path, period: Period, texts: Texts) -> None:
    if not (errors := gathered.errors):
        return
    refused = mission / "out" / "refused" / str(period).replace("/", "-")
    name = gathered.definitions.mission.name[texts.language]
    document = issues_document(_told(gathered, texts), name, str(period), texts)
    theme = load_theme(content.find("reports", mission))
    publish(
        refused,
        {"issues.xlsx": render_xlsx(document, theme, texts), "issues.json": issues_json(gathered.issues)},
    )
    count = sum(issue.count for issue in errors)
    raise DataError(
        f"{count:,} errors in the data; nothing was published. All issues: {refused / 'issues.xlsx'}", errors
    )


def _told(gathered: Gathered, texts: Texts) -> tuple[Issue, ...]:
    return in_language(gathered.issues, texts.language, gathered.definitions.datasets.values())


def _stop_on_contradictions(document: Document) -> None:
    if issues := [issue for issue in check_document(document) if issue.severity == "error"]:
        raise RenderError("the report contradicts itself; nothing was published", issues)


def _imprint(gathered: Gathered, language: Language) -> tuple[str, ...]:
    return (f"cpas {__version__}", gathered.definitions.framework.title[language])


def _render(
    document: Document, gathered: Gathered, texts: Texts, mission: Path, aside: Aside, progress: Progress
) -> dict[str, bytes]:
    """All files that people read; the workbook is made aside while the pages are made here."""
    folder = content.find("reports", mission)
    theme = load_theme(folder)
    aside.begin(render_xlsx, document, theme, texts)
    issues = issues_document(_told(gathered, texts), document.mission, document.period, texts)
    files = {"issues.json": issues_json(gathered.issues)}
    with progress.stage("pages"):
        files["report.html"] = render_html(document, theme, texts, folder)
        if gathered.checks:
            titles = {
                name: one.dataset.title[texts.language] for name, one in gathered.definitions.datasets.items()
            }
            checks = checks_document(gathered.checks, titles, document.mission, document.period, texts)
            files["checks.html"] = render_html(checks, theme, texts, folder)
            files["checks.json"] = _json(gathered.checks)
    with progress.stage("workbooks"):
        files["issues.xlsx"] = render_xlsx(issues, theme, texts)
        files["report.xlsx"] = aside.finish()
    return files


def _json(content: Mapping[str, object]) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True, default=str) + "\n").encode()
