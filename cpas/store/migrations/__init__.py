"""The ledger's tables, version by version, for Alembic; nothing here reads or writes a record."""
