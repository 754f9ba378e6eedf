"""SQL expressions: parsed, checked, kept in one canonical form and turned into polars; the only door to sqlglot."""
