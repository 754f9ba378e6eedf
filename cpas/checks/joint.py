"""Joint keys that hold together what no joint activity explains, or that miss each other by their spelling: said, and nothing changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import polars as pl

from cpas.checks.duplicates import Pair
from cpas.checks.likeness import AREA, DAY, ID, TYPE, compared_columns, id_of, is_comparable
from cpas.definitions.dataset import Dataset
from cpas.definitions.loaded import LoadedDataset
from cpas.errors import Issue, Location

CODE = "CPAS-D223"
KEPT = 1_000
APART = 1
"""Days between the dates that sections may give one joint activity, as of a night patrol."""

_KEY, _SPELT, _NEW = "_joint", "_spelt", "_new"
_TOLD = (DAY, AREA, TYPE)
Row = dict[str, Any]


def check_joint_keys(
    new: pl.DataFrame,
    standing: pl.DataFrame,
    loaded: LoadedDataset,
    letters: Mapping[tuple[str, str, str], str],
    above: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> list[Issue]:
    """Warnings of new rows whose joint key a row of another day, area or type has, or has in another spelling.

    Days differ from two days on. Spellings are the same but for case and for spaces, hyphens and other signs, of
    which those between two digits tell keys apart: `JP 1-11` is `jp1-11` and not `JP-11-1`.

    Args:
        new: Typed rows with `_file`, `_sheet` and `_row`.
        standing: Other rows, of which nothing is told.
        loaded: The declaration; nothing is told of a data set without a joint key.
        letters: The letter of each column by file, sheet and column.
        above: The areas that each area lies in, however long ago; one of them is no other area than itself.

    Returns:
        At most `KEPT` warnings, then one that counts the rest.
    """
    dataset = loaded.dataset
    if not dataset.joint_key or not is_comparable(dataset):
        return []
    both = [_keyed(new, dataset, is_new=True), _keyed(standing, dataset, is_new=False)]
    rows = pl.concat(both).with_columns(_spelt().alias(_SPELT)).filter(pl.col(_NEW).any().over(_SPELT))
    is_odd = pl.col(_KEY).n_unique().over(_SPELT) > 1
    is_odd |= (pl.col(DAY).max() - pl.col(DAY).min()).over(_KEY) > pl.duration(days=APART)
    for name in (AREA, TYPE):
        is_odd |= pl.col(name).drop_nulls().n_unique().over(_KEY) > 1
    issues: list[Issue] = []
    for group in rows.filter(is_odd).partition_by(_SPELT, maintain_order=True):
        issues += _told(group.to_dicts(), dataset.joint_key, letters, above)
    if (rest := len(issues) - KEPT) > 0:
        where = Location(issues[KEPT].where.file)
        issues[KEPT:] = [_warning(where, f"{rest:,} more joint keys are like these", _APART_FIX, rest)]
    return issues


def check_decided(
    frame: pl.DataFrame,
    loaded: LoadedDataset,
    same: Collection[Pair],
    above: Mapping[str, Collection[str]],
    where: Location,
) -> Iterator[Issue]:
    """Warnings of rows that somebody decided are the same and that say another day, area or type: one has changed since.

    Args:
        frame: Typed rows.
        loaded: The declaration.
        same: Pairs of keys.
        above: The areas that each area lies in.
        where: The file of decisions.
    """
    dataset = loaded.dataset
    if not same or not dataset.joint_key or not is_comparable(dataset):
        return
    wanted = pl.col(ID).is_in({key for pair in same for key in pair})
    named = frame.select(id_of(dataset).alias(ID), *_told_of(dataset)).filter(wanted)
    rows = {row[ID]: row for row in named.iter_rows(named=True)}
    for first, second in same:
        if first in rows and second in rows and (said := _difference(rows[first], rows[second], above)):
            message = f"`{first}` and `{second}` were decided to be the same, and `{second}` says {', '.join(said)}; both count as one"
            yield _warning(where, message, "decide again, if one of them has changed since")


def _told_of(dataset: Dataset) -> Iterator[pl.Expr]:
    named = compared_columns(dataset)
    types = {DAY: pl.Date(), AREA: pl.String(), TYPE: pl.String()}
    return (pl.col(named[name]).cast(kind).alias(name) for name, kind in types.items())


def _keyed(frame: pl.DataFrame, dataset: Dataset, *, is_new: bool) -> pl.DataFrame:
    return frame.select(
        *(pl.col(f"_{name}") for name in ("file", "sheet", "row")),
        *_told_of(dataset),
        pl.col(dataset.joint_key or "").alias(_KEY),
        pl.lit(is_new).alias(_NEW),
    ).drop_nulls(_KEY)


def _spelt() -> pl.Expr:
    plain = pl.col(_KEY).str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", "-").str.strip_chars("-")
    return plain.str.replace_all(r"(\P{N})-", "$1").str.replace_all(r"-(\P{N})", "$1")


def _told(
    rows: list[Row],
    joint: str,
    letters: Mapping[tuple[str, str, str], str],
    above: Mapping[str, Collection[str]],
) -> Iterator[Issue]:
    """The warnings of rows whose keys are one but for their spelling."""
    kinds: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        kinds.setdefault((row[_KEY], *(row[name] for name in _TOLD)), row)
    for row in rows:
        if not row[_NEW]:
            continue
        where = Location(
            row["_file"], row["_sheet"], row["_row"], letters.get((row["_file"], row["_sheet"], joint), "")
        )
        is_said = f"`{joint}` is `{row[_KEY]}`"
        same = ((one, _difference(row, one, above)) for one in kinds.values() if one[_KEY] == row[_KEY])
        if found := next(((one, differs) for one, differs in same if differs), None):
            other, differs = found
            message = f"{is_said}, as in {_place(other)}, which says {', '.join(differs)}; both count as one"
            yield _warning(where, message, _APART_FIX)
        if spelt := next((one for one in kinds.values() if one[_KEY] != row[_KEY]), None):
            yield _warning(
                where,
                f"{is_said}, and `{spelt[_KEY]}` in {_place(spelt)}; keys in two spellings count as two",
                "write the key in one way, if it is one activity",
            )


def _difference(row: Row, other: Row, above: Mapping[str, Collection[str]]) -> list[str]:
    """What another row says of day, area and type that a report of the same activity would not."""
    said = []
    for name in _TOLD:
        own, its = row[name], other[name]
        if own is None or its is None or own == its or (name == DAY and abs((own - its).days) <= APART):
            continue
        if name == AREA and (own in above.get(its, ()) or its in above.get(own, ())):
            continue
        said.append(its.isoformat() if name == DAY else f"`{its}`")
    return said


def _place(row: Row) -> Location:
    return Location(row["_file"], row["_sheet"], row["_row"])


def _warning(where: Location, message: str, fix: str, count: int = 1) -> Issue:
    return Issue(CODE, where, message, fix, "warning", count=count)


_APART_FIX = "give each activity a key of its own; or correct day, area and type, if it is one"
