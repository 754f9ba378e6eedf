"""The ledger's tables as SQLAlchemy knows them, and how a record becomes a row and back; opens nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from cpas.errors import Issue, Location
from cpas.store.records import Decision, FactsFile, Publication, State, Submission

METADATA = sa.MetaData()


def _table(name: str, texts: Iterable[str], numbers: Iterable[str] = ()) -> sa.Table:
    return sa.Table(
        name,
        METADATA,
        *(sa.Column(column, sa.Text) for column in texts),
        *(sa.Column(column, sa.Integer) for column in numbers),
    )


ENTRIES = _table("entries", ("kind", "record", "previous", "hash"), ("seq",))
SUBMISSIONS = _table(
    "submissions",
    (
        *("id", "sha256", "file", "dataset", "reporter", "month", "sent_on", "by", "at"),
        *("control_totals", "facts", "issues_sha256"),
    ),
    ("size", "rows_read", "rows_accepted", "rows_returned"),
)
ISSUES = _table(
    "issues",
    ("submission", "severity", "code", "file", "sheet", "column", "message", "fix", "rule", "pair"),
    ("position", "row", "rule_row", "count"),
)
DECISIONS = _table("decisions", ("id", "submission", "decision", "by", "at", "because"))
PUBLICATIONS = _table("publications", ("id", "mission", "period", "manifest_sha256", "submissions", "at"))
REFERENCE_CHECKS = _table("reference_checks", ("id", "sha256", "at"))
RECORDS: Mapping[str, sa.Table] = {
    "submission": SUBMISSIONS,
    "decision": DECISIONS,
    "publication": PUBLICATIONS,
    "reference check": REFERENCE_CHECKS,
}

Row = dict[str, Any]


def instant(at: datetime) -> str:
    """An instant as text that sorts by time: UTC, with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(value: object) -> str:
    """A value as JSON that is the same for the same value."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest_of(rows: Iterable[Row]) -> str:
    """The hash of rows in their order."""
    return sha256(canonical(list(rows)).encode()).hexdigest()


def issues_digest(rows: Iterable[Row], *, with_pairs: bool = True) -> str:
    """The hash of issues in their order; without pairs, that of the same issues in a ledger whose issues did not name them yet."""
    return digest_of(
        {name: value for name, value in row.items() if name != "pair" or (value and with_pairs)}
        for row in rows
    )


def submission_row(one: Submission, issues: Iterable[Row]) -> Row:
    """A submission as a row, with the hash of its issues; its state is a decision of its own."""
    return {
        "id": one.id,
        "sha256": one.sha256,
        "size": one.size,
        "file": one.file,
        "dataset": one.dataset,
        "reporter": one.reporter,
        "month": _day(one.month),
        "sent_on": _day(one.sent_on),
        "by": one.by,
        "at": instant(one.at),
        "rows_read": one.rows_read,
        "rows_accepted": one.rows_accepted,
        "rows_returned": one.rows_returned,
        "control_totals": canonical(dict(one.control_totals)),
        "facts": canonical([[file.path, file.sha256, file.rows] for file in one.facts]),
        "issues_sha256": issues_digest(issues),
    }


def submission_of(row: Mapping[str, Any], state: State) -> Submission:
    """A submission from its row and the last decision on it."""
    return Submission(
        **{name: row[name] for name in ("id", "sha256", "size", "file", "dataset", "reporter", "by")},
        month=_read_day(row["month"]),
        sent_on=_read_day(row["sent_on"]),
        at=datetime.fromisoformat(row["at"]),
        rows_read=row["rows_read"],
        rows_accepted=row["rows_accepted"],
        rows_returned=row["rows_returned"],
        state=state,
        control_totals=json.loads(row["control_totals"]),
        facts=tuple(FactsFile(*file) for file in json.loads(row["facts"])),
    )


def issue_rows(submission: str, issues: Iterable[Issue]) -> list[Row]:
    """Issues as rows, in their order."""
    return [
        {
            "submission": submission,
            "position": position,
            "severity": issue.severity,
            "code": issue.code,
            "file": issue.where.file,
            "sheet": issue.where.sheet,
            "row": issue.where.row,
            "column": issue.where.column,
            "message": issue.message,
            "fix": issue.fix,
            "rule": issue.rule.file if issue.rule else "",
            "rule_row": issue.rule.row if issue.rule else 0,
            "count": issue.count,
            "pair": canonical(issue.pair) if issue.pair else "",
        }
        for position, issue in enumerate(issues)
    ]


def issue_of(row: Mapping[str, Any]) -> Issue:
    """An issue from its row."""
    return Issue(
        row["code"],
        Location(row["file"], row["sheet"], row["row"], row["column"]),
        row["message"],
        row["fix"],
        row["severity"],
        Location(row["rule"], row=row["rule_row"]) if row["rule"] else None,
        row["count"],
        tuple(json.loads(row["pair"])) if row["pair"] else None,
    )


def decision_row(one: Decision) -> Row:
    """A decision as a row without its id."""
    return {
        "submission": one.submission,
        "decision": one.decision,
        "by": one.by,
        "at": instant(one.at),
        "because": one.because,
    }


def publication_row(one: Publication) -> Row:
    """A publication as a row without its id."""
    return {
        "mission": one.mission,
        "period": one.period,
        "manifest_sha256": one.manifest_sha256,
        "submissions": canonical(list(one.submissions)),
        "at": instant(one.at),
    }


def publication_of(row: Mapping[str, Any]) -> Publication:
    """A publication from its row."""
    texts = {name: row[name] for name in ("mission", "period", "manifest_sha256")}
    return Publication(
        **texts, submissions=tuple(json.loads(row["submissions"])), at=datetime.fromisoformat(row["at"])
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _read_day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
