"""Rows that may tell of one and the same thing: listed with their likeness for a person to decide, and joined where one has decided."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import polars as pl

from cpas.definitions.dataset import Dataset
from cpas.definitions.loaded import LoadedDataset

LISTED = 0.75
LARGEST = 300
PAIRS = {
    "first": pl.String(),
    "second": pl.String(),
    "likeness": pl.Float64(),
    "day": pl.Date(),
    "type": pl.String(),
    "area": pl.String(),
    "sections": pl.String(),
    "places": pl.String(),
}
_NEAR_KM = 5.0
_FIGURES = {"count", "quantity", "amount"}
_ID, _DAY, _TYPE, _AREA, _WHO, _KEY = "_id", "_day", "_type", "_area", "_who", "_joint"
_BLOCK = (_DAY, _TYPE, _AREA)


def likely_duplicates(frame: pl.DataFrame, loaded: LoadedDataset) -> pl.DataFrame:
    """Pairs of rows that may be one activity or incident, the likeliest first.

    Two rows are compared where they have the same day, type and area and come from different
    sections. That alone is a likeness of 0.5. The other half is the mean of what both
    rows tell of: the place's name and the narrative (words in common of all their words), the
    point (1 in the same place, 0 from 5 km on) and the figures (mean of lesser by greater); where
    they tell of nothing more it is 0.75. Rows equal in all but their key have a likeness of 1, whoever
    sent them. Pairs of less than 0.75 are not listed. Nothing is joined here.

    Left out are pairs with the same joint key, pairs with two different ones, and rows whose joint key
    already names a row of the other's section. Days with more than 300 rows of one type and area
    are compared only where the place has one name.

    Args:
        frame: Typed rows with `_file`, `_sheet` and `_row`.
        loaded: The declaration: its day, area, section and the coded column that ends in `_type`.

    Returns:
        The columns of `PAIRS`: `first` and `second` are keys (parts joined by `|`), `places` the
        files and rows, `sections` who reported.
    """
    dataset = loaded.dataset
    named = _named(dataset)
    if len(named) < 4:
        return pl.DataFrame(schema=PAIRS)
    rows = _prepared(frame, dataset, named)
    exact = _exact(rows, dataset)
    pairs = [_between_sections(part, block) for part, block in _blocks(rows, dataset)]
    candidates = pl.concat(pairs).filter(_may_be_one()).unique(["_id_1", "_id_2"])
    likeness = partial(_likeness, dataset)
    found = [(one, likeness(one)) for one in candidates.iter_rows(named=True)]
    known = {(one["_id_1"], one["_id_2"]) for one in exact}
    listed = [(one, 1.0) for one in exact]
    listed += [
        (one, like) for one, like in found if like >= LISTED and (one["_id_1"], one["_id_2"]) not in known
    ]
    shown = [_shown(one, like) for one, like in listed]
    return pl.DataFrame(shown, PAIRS, orient="row").sort(
        "likeness", "day", "first", "second", descending=[True, False, False, False]
    )


def join_same(frame: pl.DataFrame, loaded: LoadedDataset, same: Iterable[tuple[str, str]]) -> pl.DataFrame:
    """The rows with one joint key for all that somebody decided are the same.

    Of the joint keys that such rows have the first by alphabet stands for all, else the first of
    their own keys. Rows that had the same joint keys as they come along.

    Args:
        frame: Typed rows.
        loaded: The declaration; without a joint key nothing changes.
        same: Pairs of keys, as `likely_duplicates` gives them.
    """
    dataset, groups = loaded.dataset, _groups(same)
    if not dataset.joint_key or not groups:
        return frame
    joint = dataset.joint_key
    ids = frame.select(_id_of(dataset).alias(_ID), joint)
    keys: dict[str, list[str]] = {}
    for id_, key in ids.filter(pl.col(_ID).is_in(list(groups))).iter_rows():
        keys.setdefault(groups[id_], []).extend([key] if key else [])
    chosen = {group: min(found) if found else group for group, found in keys.items()}
    by_id = {id_: chosen[group] for id_, group in groups.items() if group in chosen}
    by_key = {key: chosen[group] for group, found in keys.items() for key in found}
    renamed = pl.coalesce(
        ids[_ID].replace_strict(by_id, default=None, return_dtype=pl.String),
        ids[joint].replace_strict(by_key, default=None, return_dtype=pl.String) if by_key else pl.lit(None),
        pl.col(joint),
    )
    return frame.with_columns(renamed.alias(joint))


def keys_of(frame: pl.DataFrame, loaded: LoadedDataset) -> pl.Series:
    """The key of every row, as decisions name it."""
    return frame.select(_id_of(loaded.dataset)).to_series()


def _groups(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The first id of its group for every id in a pair; pairs that share an id are one group."""
    members: dict[str, set[str]] = {}
    for first, second in pairs:
        group = members.get(first, {first}) | members.get(second, {second})
        members |= dict.fromkeys(group, group)
    return {id_: min(group) for id_, group in members.items()}


def _named(dataset: Dataset) -> dict[str, str]:
    """The columns that the rule goes by; some are absent where the data set has no such column."""
    kinds = [column.name for column in dataset.columns if column.codes and column.name.endswith("_type")]
    sections = [column.name for column in dataset.columns if column.to == "sections"]
    who = sections[0] if sections else dataset.reported_by
    kind = kinds[0] if kinds and dataset.kind == "events" else None
    wanted = {_DAY: dataset.period, _TYPE: kind, _AREA: dataset.area, _WHO: who}
    return {name: column for name, column in wanted.items() if column}


def _id_of(dataset: Dataset) -> pl.Expr:
    return pl.concat_str([pl.col(name).cast(pl.String) for name in dataset.key], separator="|")


def _prepared(frame: pl.DataFrame, dataset: Dataset, named: dict[str, str]) -> pl.DataFrame:
    joint = pl.col(dataset.joint_key) if dataset.joint_key else pl.lit(None, pl.String)
    columns = {name: pl.col(column) for name, column in named.items()}
    rows = frame.with_columns(**columns, **{_ID: _id_of(dataset), _KEY: joint})
    rows = rows.drop_nulls([_ID, *_BLOCK, _WHO])
    partners = rows.drop_nulls(_KEY).group_by(_KEY).agg(pl.col(_WHO).unique().alias("_partners"))
    return rows.join(partners, on=_KEY, how="left", maintain_order="left")


def _blocks(rows: pl.DataFrame, dataset: Dataset) -> Iterable[tuple[pl.DataFrame, tuple[str, ...]]]:
    is_large = pl.len().over(_BLOCK) > LARGEST
    yield rows.filter(~is_large), _BLOCK
    if "place" in dataset.column_names:
        large = rows.filter(is_large)
        yield large.filter(pl.len().over(*_BLOCK, "place") <= LARGEST), (*_BLOCK, "place")


def _between_sections(rows: pl.DataFrame, block: tuple[str, ...]) -> pl.DataFrame:
    """Every pair of rows of one block and two sections, the columns of the two with `_1` and `_2`."""
    first, second = (rows.select(pl.all().name.suffix(f"_{number}")) for number in (1, 2))
    pairs = first.join(
        second,
        left_on=[f"{name}_1" for name in block],
        right_on=[f"{name}_2" for name in block],
        coalesce=False,
    )
    return pairs.filter(pl.col(f"{_WHO}_1") < pl.col(f"{_WHO}_2"))


def _may_be_one() -> pl.Expr:
    first, second = pl.col(f"{_KEY}_1"), pl.col(f"{_KEY}_2")
    taken = pl.col("_partners_1").list.contains(pl.col(f"{_WHO}_2")) | pl.col("_partners_2").list.contains(
        pl.col(f"{_WHO}_1")
    )
    return (first.is_null() | second.is_null()) & ~taken.fill_null(value=False)


def _exact(rows: pl.DataFrame, dataset: Dataset) -> list[dict[str, Any]]:
    """Each row with the one before it that says the same in everything but its key."""
    compared = [name for name in dataset.column_names if name not in dataset.key]
    numbered = rows.with_columns(pl.len().over(compared).alias("_size")).filter(pl.col("_size") > 1)
    pairs = []
    for group in numbered.sort(_ID).partition_by(compared, maintain_order=True):
        if group[_KEY].null_count() < group.height:
            continue
        ones = group.to_dicts()
        for one, other in pairwise(ones):
            if one[_ID] != other[_ID]:
                pairs.append(_paired(one, other))
    return pairs


def _paired(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {f"{name}_1": value for name, value in one.items()} | {
        f"{name}_2": value for name, value in other.items()
    }


def _likeness(dataset: Dataset, pair: dict[str, Any]) -> float:
    known = [
        likeness
        for likeness in (
            *(_in_words(pair, column.name) for column in dataset.columns if _is_told(column.name, dataset)),
            _near(pair),
            _figures(pair, [column.name for column in dataset.columns if column.type in _FIGURES]),
        )
        if likeness is not None
    ]
    return round(0.5 + 0.5 * sum(known) / len(known), 3) if known else LISTED


def _is_told(name: str, dataset: Dataset) -> bool:
    return dataset.column(name).type == "text" and name not in {*dataset.key, dataset.joint_key}


def _in_words(pair: dict[str, Any], name: str) -> float | None:
    """Words in common of all words; None where one of the two has none."""
    first, second = (set(re.findall(r"\w+", (pair[f"{name}_{n}"] or "").casefold())) for n in (1, 2))
    return len(first & second) / len(first | second) if first and second else None


def _near(pair: dict[str, Any]) -> float | None:
    """1 in the same place and 0 from 5 km on, on a sphere; None where one of the two has no point."""
    told = [pair.get(f"{name}_{n}") for n in (1, 2) for name in ("latitude", "longitude")]
    if None in told:
        return None
    north, east, other_north, other_east = (math.radians(degrees) for degrees in told if degrees is not None)
    half = math.sin((other_north - north) / 2) ** 2
    half += math.cos(north) * math.cos(other_north) * math.sin((other_east - east) / 2) ** 2
    return max(0.0, 1 - 2 * 6371 * math.asin(min(1.0, math.sqrt(half))) / _NEAR_KM)


def _figures(pair: dict[str, Any], names: Sequence[str]) -> float | None:
    """The mean of the lesser by the greater; None where no figure is in both."""
    both = [(pair[f"{name}_1"], pair[f"{name}_2"]) for name in names]
    told = [sorted(map(float, values)) for values in both if None not in values]
    ratios = [1.0 if less == more else max(0.0, less / more) if more > 0 else 0.0 for less, more in told]
    return sum(ratios) / len(ratios) if ratios else None


def _shown(pair: dict[str, Any], likeness: float) -> tuple[Any, ...]:
    places = "; ".join(f"{pair[f'_file_{n}']} [{pair[f'_sheet_{n}']}!{pair[f'_row_{n}']}]" for n in (1, 2))
    sections = " / ".join(str(pair[f"{_WHO}_{n}"]) for n in (1, 2))
    block = (pair[f"{name}_1"] for name in _BLOCK)
    return (pair["_id_1"], pair["_id_2"], likeness, *block, sections, places)
