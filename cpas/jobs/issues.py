"""Issues as a workbook and as JSON, for people and for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from cpas.definitions.loaded import LoadedDataset
from cpas.errors import SEVERITIES, Issue
from cpas.intake.annotate_words import Speech
from cpas.report.blocks import Bound, Column, Document, Part, Row, Table
from cpas.report.texts import Texts


def issues_json(issues: Iterable[Issue]) -> bytes:
    """Every issue with its place in parts, as a JSON list."""
    rows = [
        {
            "severity": issue.severity,
            "code": issue.code,
            "file": issue.where.file,
            "sheet": issue.where.sheet,
            "row": issue.where.row or None,
            "column": issue.where.column,
            "message": issue.message,
            "fix": issue.fix,
            "rule": str(issue.rule) if issue.rule else "",
            "count": issue.count,
        }
        for issue in issues
    ]
    return (json.dumps(rows, indent=1, ensure_ascii=False) + "\n").encode()


def in_language(
    issues: Iterable[Issue], language: str, datasets: Iterable[LoadedDataset]
) -> tuple[Issue, ...]:
    """Issues as they are told to a reader; a message that nobody has translated stays English."""
    if language == "en":
        return tuple(issues)
    speech = Speech.of(language, datasets)
    return tuple(
        replace(issue, message=speech.tell(issue.message), fix=speech.tell(issue.fix)) for issue in issues
    )


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
