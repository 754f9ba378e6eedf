"""The monthly run: read, check, compute, build, render, publish."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cpas import __version__, content
from cpas.checks.rules import CODES
from cpas.jobs.aside import Aside
from cpas.jobs.engines import Engine
from cpas.jobs.figures import figures_of
from cpas.jobs.gather import gather
from cpas.jobs.gathered import Gathered
from cpas.jobs.issues import issues_json
from cpas.jobs.material import make_material
from cpas.jobs.money import trace_money
from cpas.jobs.progress import Progress
from cpas.jobs.publish import MANIFEST, check_target, manifest, publish
from cpas.jobs.recording import record
from cpas.jobs.refusals import issues_told, stop_on_contradictions, stop_on_errors, stop_without_data
from cpas.jobs.sources import Source
from cpas.periods import Period
from cpas.report.blocks import Document, Language
from cpas.report.charts import prepare_to_draw
from cpas.report.checks import checks_document
from cpas.report.excel import render_xlsx
from cpas.report.html import render_pages
from cpas.report.issues import issues_document
from cpas.report.monthly.document import build_monthly
from cpas.report.numbers import format_period
from cpas.report.texts import Texts, load_texts
from cpas.report.theme import Theme, load_theme

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
    """Publish the report of a period into `MISSION/out/PERIOD`, or into `out`; `aside` checks, and makes the pages.

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
    stop_without_data(gathered, period)
    stop_on_errors(gathered, mission, str(period), texts)
    theme = load_theme(content.find("reports", mission))
    issues = issues_document(
        issues_told(gathered, texts),
        gathered.definitions.mission.name[language],
        format_period(period, language),
        texts,
    )
    aside.begin(render_xlsx, issues, theme, texts)
    with progress.stage("indicators"):
        figures = figures_of(gathered, period, engine)
        money = trace_money(gathered, figures.results, period)
    files = {"issues.xlsx": aside.finish(), "issues.json": issues_json(gathered.issues)}
    aside.begin(prepare_to_draw)
    with progress.stage("report"):
        material = make_material(gathered, period, figures, money, texts)
        document = build_monthly(material, _imprint(gathered, language))
        stop_on_contradictions(document)
    files |= _render(document, gathered, (theme, texts), content.find("reports", mission), aside, progress)
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
        record(gathered, mission, period, source, files[MANIFEST])
    progress.finish()
    return Published(folder, sum(issue.count for issue in gathered.issues if issue.severity == "warning"))


def _imprint(gathered: Gathered, language: Language) -> tuple[str, ...]:
    return (f"cpas {__version__}", gathered.definitions.framework.title[language])


def _render(
    document: Document,
    gathered: Gathered,
    look: tuple[Theme, Texts],
    folder: Path,
    aside: Aside,
    progress: Progress,
) -> dict[str, bytes]:
    """The report's pages and its workbook, made beside each other."""
    theme, texts = look
    files, pages = dict[str, bytes](), {"report.html": document}
    if gathered.checks:
        titles = {
            name: one.dataset.title[texts.language] for name, one in gathered.definitions.datasets.items()
        }
        checks = checks_document(gathered.checks, titles, CODES, document.mission, document.period, texts)
        pages["checks.html"] = checks
        files["checks.json"] = _json(gathered.checks)
    with progress.stage("workbook"):
        aside.finish()
        aside.begin(render_pages, pages, theme, texts, folder)
        files["report.xlsx"] = render_xlsx(document, theme, texts)
    with progress.stage("pages, made beside"):
        files |= aside.finish()
    return files


def _json(content: Mapping[str, object]) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True, default=str) + "\n").encode()
