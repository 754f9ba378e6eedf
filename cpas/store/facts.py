"""The facts: one append-only Delta Lake table for each data set; the only door to deltalake.

A row counts when the ledger knows its submission; rows that an interrupted submission left behind
are in the table and in nobody's figures.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path

import polars as pl
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, write_deltalake
from deltalake.exceptions import DeltaError

from cpas.errors import StoreError
from cpas.store.raw import sync
from cpas.store.records import FactsFile

FACTS = "facts"
SUBMISSION = "_submission"
_LOG = "_delta_log"
# every file of a table has its hash in the ledger, so none may be written or removed behind its back
_NO_HOUSEKEEPING = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
_REFUSALS = (DeltaError, OSError)


def append_facts(store: Path, dataset: str, rows: pl.DataFrame) -> tuple[FactsFile, ...]:
    """Add rows to a data set's table and give the files that were written.

    The caller holds the ledger's lock, so that the files are its own.

    Args:
        store: The store's folder.
        dataset: The data set's name.
        rows: The declared columns, `_file`, `_sheet`, `_row` and `_submission`; coded columns as text.

    Raises:
        StoreError: The disk refused, or a column has another type than before.
    """
    table = store / FACTS / dataset
    try:
        before, version = _state(table)
        _check_types(table, rows, version)
        write_deltalake(
            str(table),
            rows,
            mode="append",
            schema_mode="merge",
            commit_properties=CommitProperties(max_commit_retries=15),
            post_commithook_properties=_NO_HOUSEKEEPING,
        )
        after, last = _state(table)
        written = [table / name for name in sorted(after.keys() - before.keys())]
        logs = [table / _LOG / f"{number:020d}.json" for number in range(version + 1, last + 1)]
        for path in (*written, *logs, table, table / _LOG):
            sync(path)
        return tuple(_recorded(store, path, after.get(path.name, 0)) for path in (*written, *logs))
    except _REFUSALS as error:
        raise StoreError(
            f"the facts of `{dataset}` could not be written: {_said(error)}; nothing was accepted"
        ) from error


def read_facts(store: Path, dataset: str, accepted: Mapping[str, int]) -> pl.DataFrame:
    """The rows of some submissions of a data set, with `_submission`; without columns where they have none.

    Args:
        store: The store's folder.
        dataset: The data set's name.
        accepted: How many rows each of the submissions has, by its id.

    Raises:
        StoreError: The table cannot be read, or does not have all of these rows.
    """
    expected = {id_: count for id_, count in accepted.items() if count}
    rows = _rows_of(store / FACTS / dataset, expected) if expected else pl.DataFrame()
    found = dict(rows[SUBMISSION].value_counts().iter_rows()) if rows.width else {}
    if found != expected:
        said = f"{sum(expected.values()):,} rows were accepted, and it has {sum(found.values()):,} of them"
        raise _unreadable(dataset, said)
    return rows


def _rows_of(table: Path, submissions: Collection[str]) -> pl.DataFrame:
    if not (table / _LOG).is_dir():
        return pl.DataFrame()
    counted = pl.col(SUBMISSION).is_in(sorted(submissions))
    try:
        return pl.scan_delta(str(table)).filter(counted).collect()
    except (*_REFUSALS, pl.exceptions.PolarsError) as error:
        raise _unreadable(table.name, _said(error)) from error
    except BaseException as error:
        # a panic of the Rust reader is no Exception, and its class cannot be imported
        if type(error).__name__ != "PanicException":
            raise
        raise _unreadable(table.name, "their content makes the reader fail") from error


def facts_paths(store: Path, dataset: str) -> tuple[Path, ...]:
    """The Parquet files of a data set's table as it stands, for an engine that reads them itself.

    Raises:
        StoreError: The table cannot be read.
    """
    try:
        return tuple(store / FACTS / dataset / name for name in sorted(_state(store / FACTS / dataset)[0]))
    except _REFUSALS as error:
        raise _unreadable(dataset, _said(error)) from error


def _unreadable(dataset: str, reason: str) -> StoreError:
    return StoreError(
        f"the facts of `{dataset}` cannot be read: {reason}; `cpas verify` says what is damaged"
    )


def facts_files(store: Path) -> Mapping[str, Path]:
    """Every file below the facts, by its path below the store."""
    files = (path for path in (store / FACTS).rglob("*") if path.is_file())
    return {path.relative_to(store).as_posix(): path for path in sorted(files)}


def _state(table: Path) -> tuple[dict[str, int], int]:
    """The data files of a table with their rows, and its version; none and -1 where there is no table."""
    if not (table / _LOG).is_dir() or not any((table / _LOG).glob("*.json")):
        return {}, -1
    opened = DeltaTable(str(table))
    added = pl.DataFrame(opened.get_add_actions(flatten=True))
    return dict(added.select("path", "num_records").iter_rows()), opened.version()


def _check_types(table: Path, rows: pl.DataFrame, version: int) -> None:
    """Refuse a column of another type: the writer would turn its values into the old type, or fail half-way."""
    known = pl.scan_delta(str(table)).collect_schema() if version >= 0 else pl.Schema()
    for name, kind in rows.schema.items():
        if known.get(name, kind) != kind:
            raise StoreError(
                f"the column `{name}` of `{table.name}` is {kind} and was {known[name]} in earlier facts; "
                "declare a column of a new name; nothing was accepted"
            )


def _recorded(store: Path, path: Path, rows: int) -> FactsFile:
    return FactsFile(path.relative_to(store).as_posix(), sha256(path.read_bytes()).hexdigest(), rows)


def _said(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).partition("\n")[0] or type(error).__name__
