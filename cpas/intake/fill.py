"""How one of our columns is filled out of the columns of a foreign file, as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from cpas.definitions.mapping import Mapped
from cpas.intake.words import fold


@dataclass(frozen=True, slots=True)
class Filled:
    """A column's text, and where a foreign value was found for which the mapping has none of ours."""

    texts: pl.Series
    untranslated: pl.Series


def fill(rows: pl.DataFrame, mapped: Mapped) -> Filled:
    """One of our columns for all rows.

    Args:
        rows: The foreign columns as text, named by their folded headers; null where blank.
        mapped: What the mapping says of our column.
    """
    found, untranslated = _found(rows, mapped)
    for column, accepted in mapped.where.items():
        cell = rows[fold(column)] if fold(column) in rows.columns else _constant(rows, None)
        holds = cell.fill_null("").is_in(list(accepted))
        found, untranslated = found.zip_with(holds, _constant(rows, None)), untranslated & holds
    if mapped.fallback:
        other = fill(rows, mapped.fallback)
        found, untranslated = (
            found.zip_with(found.is_not_null(), other.texts),
            untranslated | other.untranslated,
        )
    if mapped.otherwise is not None:
        found = found.fill_null(_text(mapped.otherwise))
    return Filled(found, untranslated & found.is_null())


def named(mapped: Mapped) -> Iterator[str]:
    """Every foreign column that a mapping names to fill one of ours."""
    yield from (*mapped.columns, *mapped.sum_of, *mapped.where)
    if mapped.fallback:
        yield from named(mapped.fallback)


def source_column(rows: pl.DataFrame, mapped: Mapped) -> str | None:
    """The folded header of the first column in the file that fills ours; None where none is there."""
    return next(
        (fold(name) for name in (*mapped.columns, *mapped.sum_of) if fold(name) in rows.columns), None
    )


def _found(rows: pl.DataFrame, mapped: Mapped) -> tuple[pl.Series, pl.Series]:
    nowhere = pl.repeat(value=False, n=rows.height, eager=True)
    column = source_column(rows, mapped)
    if mapped.constant is not None or column is None:
        return _constant(rows, _text(mapped.constant)), nowhere
    if mapped.sum_of:
        return _sum(rows, [fold(name) for name in mapped.sum_of if fold(name) in rows.columns]), nowhere
    source = rows[column]
    if mapped.split:
        source = source.str.split(mapped.split).list.first()
    words = source.drop_nulls().unique()
    ours = [_translated(word, mapped) for word in words]
    texts = source.replace_strict(
        words, pl.Series(ours, dtype=pl.String), default=None, return_dtype=pl.String
    )
    return texts, source.is_not_null() & texts.is_null()


def _translated(word: str, mapped: Mapped) -> str | None:
    if word in mapped.values:
        return _text(mapped.values[word])
    for pattern, value in mapped.match:
        if re.search(pattern, word):
            return value
    return None if mapped.values or mapped.match else f"{mapped.prefix}{word}"


def _sum(rows: pl.DataFrame, columns: list[str]) -> pl.Series:
    """The sum as text; null where all parts are blank, and the parts themselves where one is no number."""
    parts = [pl.col(column).cast(pl.Decimal(18, 6), strict=False) for column in columns]
    wrong = pl.any_horizontal(
        pl.col(column).is_not_null() & part.is_null() for column, part in zip(columns, parts, strict=True)
    )
    given = pl.any_horizontal(pl.col(column).is_not_null() for column in columns)
    total = pl.sum_horizontal(part.fill_null(0) for part in parts).cast(pl.String).str.replace(r"\.?0+$", "")
    shown = pl.concat_str(columns, separator=" + ", ignore_nulls=True)
    return rows.select(pl.when(wrong).then(shown).when(given).then(total).alias("sum")).to_series()


def _constant(rows: pl.DataFrame, text: str | None) -> pl.Series:
    return pl.repeat(text, rows.height, dtype=pl.String, eager=True)


def _text(value: Any) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
