"""What becomes of a file's rows: the reports they belong to, which are accepted, and what a resubmission changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from cpas.errors import Issue

PLACE = ("_file", "_sheet", "_row")
REPORTER, MONTH = "_reporter", "_month"
Place = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Key:
    """What a data set's rows are known by, who reports them and on what day they are of."""

    columns: tuple[str, ...]
    reporter: str | None
    period: str | None


def with_reports(rows: pl.DataFrame, key: Key, reports: pl.DataFrame) -> pl.DataFrame:
    """The rows of one file with `_reporter` (empty where nobody can say) and `_month` (Date or null).

    A file that is one report has all its rows in it. In a file of several, a row belongs to the
    report of its own reporter and month, or else to its reporter's only one.

    Args:
        rows: The rows.
        key: The data set's.
        reports: `reporter` and `month` of every report that the file is.
    """
    if reports.height <= 1 or not key.reporter or not key.period:
        reporter, month = next(reports.select("reporter", "month").iter_rows(), ("", None))
        return rows.with_columns(pl.lit(reporter).alias(REPORTER), pl.lit(month, pl.Date).alias(MONTH))
    own = reports.select(pl.col("reporter").alias(key.reporter), pl.col("month").alias(MONTH)).unique()
    only = own.filter(pl.len().over(key.reporter) == 1).rename({MONTH: "_only"})
    known = own.with_columns(pl.lit(value=True).alias("_known"))
    joined = (
        rows.with_columns(pl.col(key.period).dt.truncate("1mo").alias(MONTH))
        .join(known, on=[key.reporter, MONTH], how="left", maintain_order="left")
        .join(only, on=key.reporter, how="left", maintain_order="left")
        .with_columns(pl.when("_known").then(MONTH).otherwise("_only").alias(MONTH))
    )
    named = pl.when(pl.col(MONTH).is_not_null()).then(key.reporter).otherwise(pl.lit(""))
    return joined.select(*rows.columns, named.alias(REPORTER), MONTH)


def returned_places(
    known: Collection[Place], issues: Iterable[Issue], faulted: Collection[tuple[str, str, int, str]]
) -> frozenset[Place]:
    """The rows of one file that go back: an error points at them, or they have a cell that nobody could read.

    An error in the file itself (CPAS-S...: a header, a cover, merged cells), or one that points at no
    row of the data (rows that were counted and not listed), returns every row: nobody can say
    which of them it leaves right.

    Args:
        known: File, sheet and number of all rows of the file.
        issues: What was found in it.
        faulted: File, sheet, row and column of cells that could not be read.
    """
    errors = [issue for issue in issues if issue.severity == "error"]
    places = {(one.where.file, one.where.sheet, one.where.row) for one in errors}
    if not places <= set(known) or any(one.code.startswith("CPAS-S") for one in errors):
        return frozenset(known)
    return frozenset((places | {cell[:3] for cell in faulted}) & set(known))


def taken_keys(rows: pl.DataFrame, standing: pl.DataFrame, key: Key) -> pl.DataFrame:
    """The rows whose key another report already has, with `_taken_file` and `_taken_row` of the other's row.

    Args:
        rows: The rows to accept.
        standing: The rows in force of all other reports.
        key: The data set's.
    """
    columns = list(key.columns)
    if standing.is_empty() or rows.is_empty() or not columns:
        return rows.clear().with_columns(_taken_file=pl.lit(""), _taken_row=pl.lit(0, pl.Int64))
    others = standing.select(
        *columns, pl.col("_file").alias("_taken_file"), pl.col("_row").alias("_taken_row")
    ).unique(columns, keep="first", maintain_order=True)
    return rows.join(others, on=columns, how="inner", nulls_equal=True, maintain_order="left")


def without_keys(rows: pl.DataFrame, others: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """The keys of those rows, as text, that none of the others has."""
    texts = [pl.col(name).cast(pl.String) for name in key]
    return rows.select(texts).join(others.select(texts), on=list(key), how="anti", nulls_equal=True)


def control_totals(rows: pl.DataFrame, columns: Sequence[str]) -> dict[str, str]:
    """The exact sum of each column as text; a column without any figure has none."""
    found = (rows.get_column(name) for name in columns)
    return {column.name: _plain(str(column.sum())) for column in found if column.count()}


def difference(earlier: pl.DataFrame, later: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """What a resubmission changed, one row for each row added or removed and each cell changed.

    Args:
        earlier: The declared columns of the earlier submission's rows.
        later: Those of the later one's; columns that only one of them has are left out.
        key: What rows are known by.

    Returns:
        The key as text, then `change` (added, removed, changed), `column`, `old` and `new` (String;
        null where there is nothing), in the order of the key.
    """
    columns = [name for name in later.columns if name in earlier.columns and not name.startswith("_")]
    texts = [pl.col(name).cast(pl.String) for name in columns]
    before, after = earlier.select(texts), later.select(texts)
    values = [name for name in columns if name not in key]
    gone = before.join(after, on=key, how="anti", nulls_equal=True)
    new = after.join(before, on=key, how="anti", nulls_equal=True)
    both = before.join(after, on=key, how="inner", suffix="_later", nulls_equal=True)
    parts = [_whole(gone, key, "removed"), _whole(new, key, "added")]
    parts += [
        both.filter(pl.col(name).ne_missing(pl.col(f"{name}_later"))).select(
            *key,
            change=pl.lit("changed"),
            column=pl.lit(name),
            old=pl.col(name),
            new=pl.col(f"{name}_later"),
        )
        for name in values
    ]
    return pl.concat(parts).sort(*key, "change", "column", maintain_order=True)


def _whole(rows: pl.DataFrame, key: Sequence[str], change: str) -> pl.DataFrame:
    nothing = {name: pl.lit(None, pl.String) for name in ("column", "old", "new")}
    return rows.select(*key, change=pl.lit(change), **nothing)


def _plain(number: str) -> str:
    """An exact decimal without the zeros that end it."""
    return number.rstrip("0").rstrip(".") if "." in number else number
