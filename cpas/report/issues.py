"""Issues as a document: how many of each, and each with its place and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cpas.errors import SEVERITIES, Issue
from cpas.report.blocks import Bound, Column, Document, Part, Row, Table
from cpas.report.texts import Texts


def issues_document(issues: Iterable[Issue], mission: str, period: str, texts: Texts) -> Document:
    """The issues as a document of two parts: how many of each, and each with its place and fix."""
    ordered = sorted(issues, key=lambda issue: (SEVERITIES.index(issue.severity), issue.code, issue.where))
    return Document(
        title=texts["issues.title"],
        subtitle=texts["issues.subtitle"],
        mission=mission,
        period=period,
        language=texts.language,
        marking="UNCLASSIFIED",
        parts=(
            Part("counts", texts["issues.counts"], (_counts(ordered, texts),)),
            Part("issues", texts["issues.each"], (_each(ordered, texts),)),
        ),
        notices=(texts["notice.draft"],),
    )


def _counts(issues: list[Issue], texts: Texts) -> Table:
    counts: Counter[tuple[str, str]] = Counter()
    for issue in issues:
        counts[(issue.severity, issue.code)] += issue.count
    columns = (
        Column(texts["monthly.issue_code"], width=16),
        Column(texts["monthly.severity"], width=14),
        Column(texts["monthly.issues_found"], "count", width=12),
    )
    rows = tuple(
        Row((code, texts[f"severity.{severity}"], Bound(count))) for (severity, code), count in counts.items()
    )
    return Table(texts["issues.counts"], columns, rows)


def _each(issues: list[Issue], texts: Texts) -> Table:
    widths = {
        "file": 40,
        "sheet": 16,
        "cell": 8,
        "severity": 12,
        "code": 14,
        "message": 70,
        "fix": 50,
        "rule": 40,
    }
    columns = tuple(Column(texts[f"issues.{name}"], width=width) for name, width in widths.items())
    rows = tuple(
        Row(
            (
                issue.where.file,
                issue.where.sheet,
                f"{issue.where.column}{issue.where.row or ''}",
                texts[f"severity.{issue.severity}"],
                issue.code,
                issue.message,
                issue.fix,
                str(issue.rule) if issue.rule else "",
            )
        )
        for issue in issues
    )
    return Table(texts["issues.each"], columns, rows)
