"""Issues for programs as JSON, and for readers in their language."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from cpas.definitions.loaded import Definitions
from cpas.errors import Issue
from cpas.intake.annotate_words import Speech


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


def in_language(issues: Iterable[Issue], language: str, definitions: Definitions) -> tuple[Issue, ...]:
    """Issues as they are told to a reader; a message that nobody has translated stays English."""
    if language == "en":
        return tuple(issues)
    speech = Speech.of(language, definitions.datasets.values(), definitions)
    return tuple(
        replace(issue, message=speech.tell(issue.message), fix=speech.tell(issue.fix)) for issue in issues
    )
