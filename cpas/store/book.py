"""One open transaction of the ledger: asks of it and adds to it; every entry carries the hash of the one before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from cpas.errors import Issue, StoreError
from cpas.store.records import Decision, Publication, Recorded, Submission
from cpas.store.tables import (
    DECISIONS,
    ENTRIES,
    ISSUES,
    PUBLICATIONS,
    RECORDS,
    REFERENCE_CHECKS,
    SUBMISSIONS,
    Row,
    canonical,
    decision_row,
    instant,
    issue_of,
    issue_rows,
    issues_digest,
    publication_of,
    publication_row,
    submission_of,
    submission_row,
)

GENESIS = "0" * 64
_BEGINNING = datetime.min.replace(tzinfo=UTC)
_COUNTS = ("accepted", "approved")
SHOWN = 120  # characters of a reason


def damaged(reason: str) -> StoreError:
    """What is said of a ledger that holds what this program never writes."""
    return StoreError(
        f"the ledger is damaged: {reason}; restore the store from a copy and look with `cpas verify` whether all is there; "
        "every file that was accepted is still in `store/raw`, as it was received"
    )


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(f"a record cannot be understood ({str(error)[:SHOWN]})") from error


class Book:
    """The ledger within one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take a connection whose transaction somebody else begins and ends."""
        self._connection = connection

    def submissions(self, as_at: datetime | None = None) -> tuple[Submission, ...]:
        """All submissions up to an instant, or up to now, each in the state it had then, in their order."""
        until = instant(as_at) if as_at else "9999"
        decided = {
            row.submission: row.decision
            for row in self._connection.execute(
                sa.select(DECISIONS.c.submission, DECISIONS.c.decision)
                .join(ENTRIES, ENTRIES.c.record == DECISIONS.c.id)
                .where(DECISIONS.c.at <= until)
                .order_by(ENTRIES.c.seq)
            )
        }
        wanted = (
            sa.select(SUBMISSIONS)
            .join(ENTRIES, ENTRIES.c.record == SUBMISSIONS.c.id)
            .where(SUBMISSIONS.c.at <= until)
            .order_by(ENTRIES.c.seq)
        )
        with _understood():
            return tuple(submission_of(row, decided[row["id"]]) for row in self._rows(wanted))

    def in_force(self, as_at: datetime | None = None) -> tuple[Submission, ...]:
        """The submissions that count: accepted, and not superseded then."""
        return tuple(one for one in self.submissions(as_at) if one.state in _COUNTS)

    def issues(self, submissions: Collection[str]) -> Iterator[tuple[str, Issue]]:
        """Every issue of some submissions, with the submission."""
        wanted = frozenset(submissions)
        for row in self._rows(sa.select(ISSUES).order_by(ISSUES.c.submission, ISSUES.c.position)):
            if row["submission"] in wanted:
                with _understood():
                    issue = issue_of(row)
                yield row["submission"], issue

    def publications(self) -> tuple[Publication, ...]:
        """Every report that was published, in their order."""
        wanted = (
            sa.select(PUBLICATIONS)
            .join(ENTRIES, ENTRIES.c.record == PUBLICATIONS.c.id)
            .order_by(ENTRIES.c.seq)
        )
        with _understood():
            return tuple(publication_of(row) for row in self._rows(wanted))

    def has_checked(self, references: str) -> bool:
        """Whether reference tables of this hash were checked and found right."""
        found = sa.select(REFERENCE_CHECKS.c.id).where(REFERENCE_CHECKS.c.sha256 == references)
        return self._connection.execute(found.limit(1)).first() is not None

    def references(self, as_at: datetime | None = None) -> tuple[str, ...]:
        """The hash of the reference tables at every check up to an instant, or up to now, the last one last."""
        wanted = (
            sa.select(REFERENCE_CHECKS.c.sha256)
            .join(ENTRIES, ENTRIES.c.record == REFERENCE_CHECKS.c.id)
            .where(REFERENCE_CHECKS.c.at <= (instant(as_at) if as_at else "9999"))
            .order_by(ENTRIES.c.seq)
        )
        return tuple(self._connection.execute(wanted).scalars())

    def head(self) -> tuple[int, str]:
        """The number and the hash of the last entry."""
        last = sa.select(ENTRIES.c.seq, ENTRIES.c.hash).order_by(ENTRIES.c.seq.desc()).limit(1)
        row = self._connection.execute(last).first()
        return (row.seq, row.hash) if row else (0, GENESIS)

    def last(self) -> datetime:
        """The instant of the last entry; whatever follows is not dated before it, where a clock went backwards."""
        dated = (DECISIONS, PUBLICATIONS, REFERENCE_CHECKS)  # a submission is decided on as it is recorded
        last = max(self._connection.execute(sa.select(sa.func.max(one.c.at))).scalar() or "" for one in dated)
        with _understood():
            return datetime.fromisoformat(last) if last else _BEGINNING

    def record(self, new: Iterable[Recorded]) -> None:
        """Record submissions with their issues and decisions.

        One that is accepted supersedes what was in force for its data set, reporter and month.
        """
        standing, last = {one.report: one for one in self.in_force()}, self.last()
        issues: list[Row] = []
        records: list[tuple[str, Row]] = []
        for one in new:
            submission = replace(one.submission, at=max(one.submission.at, last))
            by, last = submission.by, submission.at
            own = issue_rows(submission.id, one.issues)
            issues += own
            records.append(("submission", submission_row(submission, own)))
            if submission.state == "accepted":
                if earlier := standing.get(submission.report):
                    superseded = Decision(earlier.id, "superseded", by, last, submission.id)
                    records.append(("decision", decision_row(superseded)))
                standing[submission.report] = submission
            decision = Decision(submission.id, submission.state, by, last)
            records.append(("decision", decision_row(decision)))
        self._add(records)
        if issues:
            self._connection.execute(sa.insert(ISSUES), issues)

    def decide(self, decision: Decision) -> None:
        """Record a decision on a submission."""
        at = max(decision.at, self.last())
        self._add([("decision", decision_row(replace(decision, at=at)))])

    def publish(self, publication: Publication) -> None:
        """Record a publication."""
        at = max(publication.at, self.last())
        self._add([("publication", publication_row(replace(publication, at=at)))])

    def check_references(self, references: str, at: datetime) -> None:
        """Record that reference tables of this hash were checked and found right."""
        at = max(at, self.last())
        self._add([("reference check", {"sha256": references, "at": instant(at)})])

    def broken_links(self) -> Iterator[tuple[int, str]]:
        """Every entry, by number, that is not as it was written, and what is wrong with it."""
        rows = {kind: self._by_id(table) for kind, table in RECORDS.items()}
        previous, expected = GENESIS, 1
        for entry in self._rows(sa.select(ENTRIES).order_by(ENTRIES.c.seq)):
            seq, kind = entry["seq"], entry["kind"]
            row = rows.get(kind, {}).pop(entry["record"], None)
            if seq != expected or entry["previous"] != previous:
                yield seq, "the entry before it is missing or was changed"
            if row is None:
                yield seq, f"its {kind} `{entry['record']}` is missing"
            elif entry["hash"] != _hash(seq, kind, entry["previous"], row):
                yield seq, f"its {kind} `{entry['record']}` was changed"
            previous, expected = entry["hash"], seq + 1
        for kind, left in rows.items():
            yield from ((0, f"the {kind} `{id_}` has no entry") for id_ in left)
        yield from self._changed_issues()

    def _rows(self, wanted: sa.Select[Any]) -> Iterator[Row]:
        for row in self._connection.execute(wanted).mappings():
            yield {str(name): value for name, value in row.items()}

    def _by_id(self, table: sa.Table) -> dict[str, Row]:
        return {row["id"]: row for row in self._rows(sa.select(table))}

    def _changed_issues(self) -> Iterator[tuple[int, str]]:
        found: dict[str, list[Row]] = {}
        ordered = sa.select(ISSUES).order_by(ISSUES.c.submission, ISSUES.c.position)
        for row in self._rows(ordered):
            found.setdefault(row["submission"], []).append(row)
        wanted = sa.select(SUBMISSIONS.c.id, SUBMISSIONS.c.issues_sha256)
        for row in self._rows(wanted):
            with _understood():
                own = found.pop(row["id"], [])
                digests = (issues_digest(own, with_pairs=with_pairs) for with_pairs in (True, False))
                is_same = row["issues_sha256"] in digests
            if not is_same:
                yield 0, f"the issues of submission `{row['id']}` were changed"
        yield from ((0, f"issues of `{id_}`, which is no submission") for id_ in found)

    def _add(self, new: Iterable[tuple[str, Row]]) -> None:
        """Add records, each by its kind, with an entry for each; one without an id is named for its kind and its entry's number."""
        last, previous = self.head()
        rows: dict[str, list[Row]] = {}
        entries: list[Row] = []
        for seq, (kind, told) in enumerate(new, start=last + 1):
            row = {"id": f"{kind.replace(' ', '-')}-{seq}", **told}
            digest = _hash(seq, kind, previous, row)
            entry = {"seq": seq, "kind": kind, "record": row["id"], "previous": previous, "hash": digest}
            entries.append(entry)
            rows.setdefault(kind, []).append(row)
            previous = digest
        for kind, some in rows.items():
            self._connection.execute(sa.insert(RECORDS[kind]), some)
        if entries:
            self._connection.execute(sa.insert(ENTRIES), entries)


def _hash(seq: int, kind: str, previous: str, row: Row) -> str:
    with _understood():
        return sha256(canonical([seq, kind, previous, row]).encode()).hexdigest()
