"""Why a report is not published: nothing is known of its period, rows break rules, or it contradicts itself."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from cpas import content
from cpas.definitions.loaded import Definitions
from cpas.errors import DataError, Issue, RenderError, UsageError, counted
from cpas.jobs.gathered import Gathered
from cpas.jobs.issues import in_language, issues_json
from cpas.jobs.publish import publish
from cpas.periods import Period
from cpas.report.blocks import Document
from cpas.report.excel import render_xlsx
from cpas.report.issues import issues_document
from cpas.report.lint import check_document
from cpas.report.texts import Texts
from cpas.report.theme import load_theme


def stop_before_data(definitions: Definitions, period: Period) -> None:
    """Refuse a period that ends before the mission's first reports were expected."""
    begins = Period.month(definitions.mission.reporting_from)
    if period.last < begins.first:
        raise UsageError(
            f"the mission's data begin in {begins}, after {period}; see `reporting_from` in mission.yml"
        )


def stop_without_data(gathered: Gathered, period: Period) -> None:
    """Refuse a period of which nothing can be known: a report on it would be a page of gaps."""
    stop_before_data(gathered.definitions, period)
    in_period = pl.col("month").is_between(period.start, period.end)
    if not gathered.errors and gathered.reports.filter(in_period).is_empty():
        raise DataError(f"no report on {period} has come in; nothing was published")


def stop_on_errors(gathered: Gathered, mission: Path, name: str, texts: Texts) -> None:
    """Write the issues to `MISSION/out/refused/NAME` and raise, where one of them is an error."""
    if not (errors := gathered.errors):
        return
    refused = mission / "out" / "refused" / name.replace("/", "-")
    title = gathered.definitions.mission.name[texts.language]
    document = issues_document(issues_told(gathered, texts), title, name, texts)
    theme = load_theme(content.find("reports", mission))
    publish(
        refused,
        {"issues.xlsx": render_xlsx(document, theme, texts), "issues.json": issues_json(gathered.issues)},
    )
    count = sum(issue.count for issue in errors)
    raise DataError(
        f"{counted(count, 'error')} in the data; nothing was published. All issues: {refused / 'issues.xlsx'}",
        errors,
    )


def stop_on_contradictions(document: Document) -> None:
    """Refuse a report in which one figure has two values."""
    if issues := [issue for issue in check_document(document) if issue.severity == "error"]:
        raise RenderError("the report contradicts itself; nothing was published", issues)


def issues_told(gathered: Gathered, texts: Texts) -> tuple[Issue, ...]:
    """The issues in the words of a language."""
    return in_language(gathered.issues, texts.language, gathered.definitions)
