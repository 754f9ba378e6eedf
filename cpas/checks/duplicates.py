"""Rows that may tell of one and the same thing: listed for a person to decide, said to their sender, and joined where one has decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import polars as pl

from cpas.checks.likeness import AREA, DAY, ID, LIKENESS, TYPE, WHO, id_of, is_comparable, like_pairs
from cpas.definitions.dataset import Dataset
from cpas.definitions.loaded import LoadedDataset
from cpas.errors import Issue, Location

CODE = "CPAS-D222"
KEPT = 1_000
SHOWN = 20
"""Warnings that the sender of one file reads; the others are counted, and stay in the ledger and on the list."""
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

Pair = tuple[str, str]
"""The keys of two rows, each with its parts joined by `|`."""


def likely_duplicates(frame: pl.DataFrame, loaded: LoadedDataset) -> pl.DataFrame:
    """Pairs of rows of different sections that may be one activity or incident, the likeliest first; nothing is joined.

    Which are compared, and how like they are, is the rule of `like_pairs`. Rows equal in all but their
    key are listed whoever sent them.

    Args:
        frame: Typed rows with `_file`, `_sheet` and `_row`.
        loaded: The declaration.

    Returns:
        The columns of `PAIRS`: `first` and `second` are keys (parts joined by `|`), `places` the
        files and rows, `sections` who reported.
    """
    dataset = loaded.dataset
    if not is_comparable(dataset):
        return pl.DataFrame(schema=PAIRS)
    pairs = like_pairs(frame, dataset, within_sections=False)
    shown = pairs.select(
        pl.col(f"{ID}_1").alias("first"),
        pl.col(f"{ID}_2").alias("second"),
        LIKENESS,
        *(
            pl.col(f"{name}_1").cast(PAIRS[title]).alias(title)
            for name, title in ((DAY, "day"), (TYPE, "type"), (AREA, "area"))
        ),
        pl.format("{} / {}", f"{WHO}_1", f"{WHO}_2").alias("sections"),
        pl.concat_str(_place(1), _place(2), separator="; ").alias("places"),
    )
    return shown.sort("likeness", "day", "first", "second", descending=[True, False, False, False])


def undecided(pairs: pl.DataFrame, decided: Collection[Pair], first: str, second: str) -> pl.DataFrame:
    """The pairs, whose keys are in two columns, without those that somebody has decided on, in either order."""
    known = pl.DataFrame([sorted(pair) for pair in decided], {"a": pl.String, "b": pl.String}, orient="row")
    low, high = pl.min_horizontal(first, second), pl.max_horizontal(first, second)
    return pairs.join(known, left_on=[low, high], right_on=["a", "b"], how="anti", maintain_order="left")


def check_duplicates(
    new: pl.DataFrame,
    standing: pl.DataFrame,
    loaded: LoadedDataset,
    letters: Mapping[tuple[str, str, str], str],
    decided: Mapping[Pair, bool],
) -> list[Issue]:
    """Warnings of new rows that are likely the same as another, among themselves or among rows accepted before.

    Each row is told once, with the row most like it. Rows of one section are compared too where they
    name one place.

    Args:
        new: Typed rows with `_file`, `_sheet` and `_row`.
        standing: The rows in force, of which none is in `new`.
        loaded: The declaration.
        letters: The letter of each column by file, sheet and column.
        decided: Pairs that somebody has decided on, and whether they are the same.

    Returns:
        At most `KEPT` warnings for each file, the likeliest first, then one that counts the rest.
    """
    dataset = loaded.dataset
    if not is_comparable(dataset) or new.is_empty():
        return []
    near = standing.filter(pl.col(dataset.period or "").is_in(new[dataset.period or ""].unique().implode()))
    marked = pl.concat([new.with_columns(_new=True), near.select(new.columns).with_columns(_new=False)])
    joined = join_same(marked, loaded, [pair for pair, is_same in decided.items() if is_same])
    pairs = undecided(like_pairs(joined, dataset, within_sections=True), decided, f"{ID}_1", f"{ID}_2")
    both = [_seen_from(pairs, *sides) for sides in ((1, 2), (2, 1))]
    told = (
        pl.concat(both)
        .sort("file", "like", "sheet", "row", "other", descending=[False, True, False, False, False])
        .unique(["file", "sheet", "row"], keep="first", maintain_order=True)
    )
    issues: list[Issue] = []
    for rows in told.partition_by("file", maintain_order=True):
        issues += _told(rows, loaded, letters)
    return issues


def shortened(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """The issues of one file as its sender reads them: likely duplicates last, the first `SHOWN` of them and how many more there are."""
    every = tuple(issues)
    likely = [issue for issue in every if issue.code == CODE]
    others, more = tuple(issue for issue in every if issue.code != CODE), likely[SHOWN:]
    rest = (_rest(more[0].where.file, sum(one.count for one in more)),) if more else ()
    return (*others, *likely[:SHOWN], *rest)


def still_open(issues: Iterable[Issue], decided: Mapping[Pair, bool]) -> Iterator[Issue]:
    """The issues without warnings of pairs that somebody has decided on since they were told to their sender.

    Args:
        issues: Of any kind.
        decided: Pairs that somebody has decided on, in either order, and whether they are the same.
    """
    pairs = {frozenset(pair) for pair in decided}
    groups = _groups(pair for pair, is_same in decided.items() if is_same)
    for issue in issues:
        first, second = issue.pair or ("", "")
        if {first, second} not in pairs and (first not in groups or groups[first] != groups.get(second)):
            yield issue


def join_same(frame: pl.DataFrame, loaded: LoadedDataset, same: Iterable[Pair]) -> pl.DataFrame:
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
    ids = frame.select(id_of(dataset).alias(ID), joint)
    keys: dict[str, list[str]] = {}
    for id_, key in ids.filter(pl.col(ID).is_in(list(groups))).iter_rows():
        keys.setdefault(groups[id_], []).extend([key] if key else [])
    chosen = {group: min(found) if found else group for group, found in keys.items()}
    by_id = {id_: chosen[group] for id_, group in groups.items() if group in chosen}
    by_key = {key: chosen[group] for group, found in keys.items() for key in found}
    renamed = pl.coalesce(
        ids[ID].replace_strict(by_id, default=None, return_dtype=pl.String),
        ids[joint].replace_strict(by_key, default=None, return_dtype=pl.String) if by_key else pl.lit(None),
        pl.col(joint),
    )
    return frame.with_columns(renamed.alias(joint))


def keys_of(frame: pl.DataFrame, loaded: LoadedDataset) -> pl.Series:
    """The key of every row, as decisions name it."""
    return frame.select(id_of(loaded.dataset)).to_series()


def _groups(pairs: Iterable[Pair]) -> dict[str, str]:
    """The first id of its group for every id in a pair; pairs that share an id are one group."""
    members: dict[str, set[str]] = {}
    for first, second in pairs:
        group = members.get(first, {first}) | members.get(second, {second})
        members |= dict.fromkeys(group, group)
    return {id_: min(group) for id_, group in members.items()}


def _place(side: int) -> pl.Expr:
    """Where a row of a pair stands, as issues write it."""
    return pl.format("{} [{}!{}]", f"_file_{side}", f"_sheet_{side}", f"_row_{side}")


def _seen_from(pairs: pl.DataFrame, own: int, other: int) -> pl.DataFrame:
    """The pairs from the side of one of their rows, where that is new."""
    return pairs.filter(f"_new_{own}").select(
        pl.col(f"_file_{own}").alias("file"),
        pl.col(f"_sheet_{own}").alias("sheet"),
        pl.col(f"_row_{own}").alias("row"),
        pl.col(f"{ID}_{own}").alias("id"),
        pl.col(LIKENESS).alias("like"),
        pl.col(f"{ID}_{other}").alias("other"),
        _place(other).alias("place"),
        pl.col(f"{WHO}_{other}").cast(pl.String).alias("section"),
    )


def _told(
    rows: pl.DataFrame, loaded: LoadedDataset, letters: Mapping[tuple[str, str, str], str]
) -> Iterator[Issue]:
    """The warnings of one file."""
    for row in rows.head(KEPT).iter_rows(named=True):
        where = Location(row["file"], row["sheet"], row["row"], _letter(row, loaded.dataset, letters))
        yield _warning(
            where,
            f"`{row['id']}` may be the same as `{row['other']}` of `{row['section']}`, {row['place']}: "
            f"one day, type and area, and a likeness of {row['like']:.2f}",
            (row["id"], row["other"]),
        )
    if (rest := rows.height - KEPT) > 0:
        yield _rest(rows.item(0, "file"), rest)


def _rest(file: str, count: int) -> Issue:
    more = "1 more row" if count == 1 else f"{count:,} more rows"
    return Issue(
        CODE,
        Location(file),
        f"{more} may be the same as others",
        "ask the planning unit for the list of them, if rows were copied or reported before; else nothing is to be done",
        "warning",
        count=count,
    )


def _letter(row: Mapping[str, str], dataset: Dataset, letters: Mapping[tuple[str, str, str], str]) -> str:
    return letters.get((row["file"], row["sheet"], dataset.key[0]), "")


def _warning(where: Location, message: str, pair: Pair) -> Issue:
    fix = "leave the row out if it was reported before; if both took part, give both rows one joint key; else nothing is to be done"
    return Issue(CODE, where, message, fix, "warning", pair=pair)
