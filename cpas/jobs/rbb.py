"""The budget performance report: read, check, compute, build, render, publish beside the year's monthly report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cpas import content
from cpas.budget.delivery import quarters_of
from cpas.budget.performance import memo_frame, period_of
from cpas.budget.resources import compute_resources
from cpas.jobs.accounts import (
    Accounts,
    check_accounts,
    check_datasets,
    compute_accounts,
    make_rbb_material,
)
from cpas.jobs.aside import Aside
from cpas.jobs.figures import results_of
from cpas.jobs.gather import gather
from cpas.jobs.money import Money, trace_money
from cpas.jobs.planning import Planned, imprint, publish_planned
from cpas.jobs.progress import Progress
from cpas.jobs.publish import check_target
from cpas.jobs.recording import record
from cpas.jobs.refusals import stop_on_contradictions, stop_on_errors, stop_without_data
from cpas.jobs.run import Published
from cpas.jobs.sources import Source
from cpas.periods import Period
from cpas.report.blocks import Language
from cpas.report.docx import render_docx
from cpas.report.rbb.document import build_rbb_report
from cpas.report.texts import load_texts
from cpas.report.theme import load_theme

MANIFEST = "rbb-manifest.json"
_ANYWHERE = Source()


def run_rbb(  # noqa: PLR0913  # what a person chooses, and the job's two helpers
    mission: Path,
    year: Period,
    month: Period | None,
    progress: Progress,
    aside: Aside,
    *,
    out: Path | None = None,
    source: Source = _ANYWHERE,
    language: Language = "en",
) -> Published:
    """Publish the performance report of a budget year, up to a month of it, into `MISSION/out/YEAR` or `out`.

    The files of a monthly report of the same year that is in the folder stay there.

    Raises:
        UsageError: The year is no budget year, or the month is none of its; else as `gather` says.
        DataError: Rows break rules of severity error, or the budget's rows cannot be reported. Nothing is
            published, and all issues are written to `MISSION/out/refused/rbb-YEAR`.
        RenderError: The report contradicts itself or cannot be written.
    """
    period = period_of(year, month)
    folder = out or mission / "out" / str(year).replace("/", "-")
    check_target(folder)
    gathered = gather(mission, progress, aside, source)
    check_datasets(gathered)
    folder_of_texts = content.find("reports", mission)
    texts = load_texts(folder_of_texts, language)
    stop_without_data(gathered, period)
    if not gathered.errors:
        tables = gathered.tables
        resources = compute_resources(
            gathered.definitions, tables["budget_lines"], tables["expenditure"], period
        )
        gathered = replace(gathered, issues=(*gathered.issues, *check_accounts(gathered, resources)))
    stop_on_errors(gathered, mission, f"rbb-{year}", texts)
    with progress.stage("indicators"):
        results = results_of(gathered, period, quarters_of(period))
        money = trace_money(gathered, results, period)
        accounts = compute_accounts(gathered, results, money.resources)
    with progress.stage("report"):
        material = make_rbb_material(gathered, results, money, accounts, texts)
        document = build_rbb_report(material, imprint(gathered, language))
        stop_on_contradictions(document)
    with progress.stage("pages and workbook"):
        files = {
            "rbb.docx": render_docx(document, load_theme(folder_of_texts), texts),
            "rbb-results.csv": results.write_csv(float_precision=None).encode(),
            **_tables(accounts, money),
        }
        planned = Planned(folder, "rbb", document, files, {"period": str(period)}, MANIFEST)
        manifest = publish_planned(planned, mission, gathered, texts)
    record(gathered, mission, period, source, manifest)
    progress.finish()
    return Published(folder, sum(issue.count for issue in gathered.issues if issue.severity == "warning"))


def _tables(accounts: Accounts, money: Money) -> dict[str, bytes]:
    """Every figure of money, outputs and personnel as tables that a person can compute again."""
    year = money.resources
    frames = {
        "rbb-money.csv": year.as_frame().vstack(memo_frame(accounts.performance, year)),
        "rbb-outputs.csv": accounts.delivery,
        "rbb-quarters.csv": accounts.quarters,
        "rbb-incumbency.csv": accounts.incumbency,
    }
    return {name: frame.write_csv(float_precision=None).encode() for name, frame in frames.items()}
