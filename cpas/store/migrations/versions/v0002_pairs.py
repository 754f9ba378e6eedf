"""Issues name the pair of rows that may be the same; those told before have it from the words in which it was told."""

from __future__ import annotations

import json
import re

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"

_TOLD = re.compile(r"`(.+?)` may be the same as `(.+?)` of ")
_ISSUES = sa.table(
    "issues", *(sa.column(name) for name in ("submission", "position", "code", "message", "pair"))
)


def upgrade() -> None:
    """Add the column, and fill it for every warning that tells of a pair."""
    op.add_column("issues", sa.Column("pair", sa.Text, nullable=False, server_default=""))
    connection = op.get_bind()
    told = sa.select(_ISSUES.c.submission, _ISSUES.c.position, _ISSUES.c.message)
    for one in connection.execute(told.where(_ISSUES.c.code == "CPAS-D222")).all():
        if found := _TOLD.match(one.message):
            is_it = (_ISSUES.c.submission == one.submission) & (_ISSUES.c.position == one.position)
            pair = json.dumps(found.groups(), ensure_ascii=False, separators=(",", ":"))
            connection.execute(sa.update(_ISSUES).where(is_it).values(pair=pair))
