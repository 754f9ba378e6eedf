"""Canonical SQL in the dialects of other engines."""

from __future__ import annotations

from typing import Literal

import sqlglot

from cpas.definitions.expressions.values import DIALECT

Dialect = Literal["duckdb", "spark"]


def in_dialect(sql: str, dialect: Dialect) -> str:
    """An expression in canonical SQL as an engine reads it."""
    return sqlglot.parse_one(sql, dialect=DIALECT).sql(dialect)
