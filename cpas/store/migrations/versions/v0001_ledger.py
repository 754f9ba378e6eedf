"""The first tables: entries, submissions, their issues, decisions, publications and checks of reference tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "entries",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("record", sa.Text, nullable=False, unique=True),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.Text, primary_key=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("sha256", "file", "dataset", "reporter", "month", "sent_on", "by", "at")
        ),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("size", "rows_read", "rows_accepted", "rows_returned")
        ),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("control_totals", "facts", "issues_sha256")),
    )
    op.create_index("report", "submissions", ["dataset", "reporter", "month"])
    op.create_table(
        "issues",
        sa.Column("submission", sa.Text, sa.ForeignKey("submissions.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("severity", "code", "file", "sheet", "column", "message", "fix", "rule")
        ),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("row", "rule_row", "count")),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("submission", sa.Text, sa.ForeignKey("submissions.id"), nullable=False, index=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("decision", "by", "at", "because")),
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.Text, primary_key=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("mission", "period", "manifest_sha256", "submissions", "at")
        ),
    )
    op.create_table(
        "reference_checks",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("sha256", "at")),
    )
