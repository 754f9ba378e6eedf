"""How like two rows are that have one day, type and area: the pairs worth comparing, and a likeness from 0 to 1 for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from cpas.definitions.dataset import Dataset

LISTED = 0.75
"""The likeness from which two rows of different sections may be one thing."""
LISTED_OWN = 0.9
"""The same for two rows of one section, which on one day often does the same twice in one place."""
LARGEST = 300
"""Rows of one day, type and area that are all compared; of more only those of one place are."""
LARGEST_OWN = 50
"""Rows of one section, day, type, area and place that are all compared."""

ID, DAY, TYPE, AREA, WHO, KEY = "_id", "_day", "_type", "_area", "_who", "_joint"
BLOCK = (DAY, TYPE, AREA)
LIKENESS = "likeness"
_INDEX, _PARTNERS, _SPOT = "_index", "_partners", "_spot"
_FIGURES = {"count", "quantity", "amount"}
_NEAR_KM, _RADIUS_KM = 5.0, 6371


def is_comparable(dataset: Dataset) -> bool:
    """Whether rows of a data set have the day, type, area and section that they are compared by."""
    return len(compared_columns(dataset)) == 4


def like_pairs(frame: pl.DataFrame, dataset: Dataset, *, within_sections: bool) -> pl.DataFrame:
    """Pairs of rows that may be one activity or incident.

    Two rows are compared where they have the same day, type and area and come from different
    sections. That alone is a likeness of 0.5. The other half is the mean of what both
    rows tell of: the place's name and the narrative (words in common of all their words), the
    point (1 in the same place, 0 from 5 km on) and the figures (mean of lesser by greater); where
    they tell of nothing more it is 0.75. Rows equal in all but their key have a likeness of 1, whoever
    sent them. Pairs of less than `LISTED` are left out, and so are pairs with the same joint key, pairs
    with two different ones, and rows whose joint key already names a row of the other's section.

    Args:
        frame: Typed rows with `_file`, `_sheet` and `_row`.
        dataset: The declaration: its day, area, section and the coded column that ends in `_type`.
        within_sections: Compare also rows of one section that name one place, from `LISTED_OWN` on.

    Returns:
        `likeness`, and every column of the two rows with `_1` and `_2`, those of the block (`BLOCK`),
        the section (`WHO`) and the key (`ID`, parts joined by `|`) among them.
    """
    rows = _prepared(frame, dataset)
    found = [_exact(rows, dataset)]
    found += [_between_sections(part, block) for part, block in _blocks(rows, dataset)]
    if within_sections:
        found.append(_in_one_section(rows))
    pairs = pl.concat(found).unique([f"{_INDEX}_1", f"{_INDEX}_2"], keep="first", maintain_order=True)
    sides = [_taken(rows, pairs[f"{_INDEX}_{n}"]).select(pl.all().name.suffix(f"_{n}")) for n in (1, 2)]
    compared = pl.concat([pairs.select("_like"), *sides], how="horizontal")
    least = pl.when(pl.col(f"{WHO}_1") == pl.col(f"{WHO}_2")).then(LISTED_OWN).otherwise(LISTED)
    return compared.with_columns(pl.coalesce("_like", _likeness(dataset)).alias(LIKENESS)).filter(
        pl.col(LIKENESS) >= least
    )


def id_of(dataset: Dataset) -> pl.Expr:
    """A row's key as one text, its parts joined by `|`."""
    return pl.concat_str([pl.col(name).cast(pl.String) for name in dataset.key], separator="|")


def compared_columns(dataset: Dataset) -> dict[str, str]:
    """The columns that the rule goes by; some are absent where the data set has no such column."""
    kinds = [column.name for column in dataset.columns if column.codes and column.name.endswith("_type")]
    sections = [column.name for column in dataset.columns if column.to == "sections"]
    who = sections[0] if sections else dataset.reported_by
    kind = kinds[0] if kinds and dataset.kind == "events" else None
    wanted = {DAY: dataset.period, TYPE: kind, AREA: dataset.area, WHO: who}
    return {name: column for name, column in wanted.items() if column}


def _prepared(frame: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    joint = pl.col(dataset.joint_key) if dataset.joint_key else pl.lit(None, pl.String)
    spot = pl.col("place") if "place" in dataset.column_names else pl.lit(None, pl.String)
    rows = frame.with_columns(
        *(pl.col(column).alias(name) for name, column in compared_columns(dataset).items()),
        id_of(dataset).alias(ID),
        joint.alias(KEY),
        spot.fill_null("").alias(_SPOT),
    ).drop_nulls([ID, *BLOCK, WHO])
    partners = rows.drop_nulls(KEY).group_by(KEY).agg(pl.col(WHO).unique().alias(_PARTNERS))
    return rows.join(partners, on=KEY, how="left", maintain_order="left").with_row_index(_INDEX)


def _taken(rows: pl.DataFrame, indexes: pl.Series) -> pl.DataFrame:
    return rows[indexes] if indexes.len() else rows.clear()


def _exact(rows: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Each row with the one before it that says the same in everything but its key; none that has a joint key."""
    compared = [name for name in dataset.column_names if name not in dataset.key]
    alone = rows.filter(pl.col(KEY).is_null())
    # few rows share even the hash of what they say, and only these are compared
    shared = alone.select(compared).hash_rows()
    pairs = (
        alone.filter(shared.is_duplicated())
        .sort(ID, _INDEX)
        .select(
            pl.col(_INDEX).shift(1).over(compared).alias(f"{_INDEX}_1"),
            pl.col(_INDEX).alias(f"{_INDEX}_2"),
            pl.lit(1.0).alias("_like"),
            (pl.col(ID).shift(1).over(compared) != pl.col(ID)).alias("_differ"),
        )
    )
    return pairs.filter("_differ").drop("_differ")


def _blocks(rows: pl.DataFrame, dataset: Dataset) -> Iterator[tuple[pl.DataFrame, tuple[str, ...]]]:
    is_large = pl.len().over(BLOCK) > LARGEST
    yield rows.filter(~is_large), BLOCK
    if "place" in dataset.column_names:
        large = rows.filter(is_large, pl.col("place").is_not_null())
        yield large.filter(pl.len().over(*BLOCK, _SPOT) <= LARGEST), (*BLOCK, _SPOT)


def _between_sections(rows: pl.DataFrame, block: tuple[str, ...]) -> pl.DataFrame:
    """Every pair of rows of one block and two sections that may be one."""
    known = [pl.col(f"{_PARTNERS}_{one}").list.contains(pl.col(f"{WHO}_{n}")) for one, n in ((1, 2), (2, 1))]
    is_taken = pl.any_horizontal(known).fill_null(value=False)
    return _joined(rows, block, pl.col(f"{WHO}_1") < pl.col(f"{WHO}_2"), ~is_taken)


def _in_one_section(rows: pl.DataFrame) -> pl.DataFrame:
    """Every pair of rows of one block, section and place."""
    block = (*BLOCK, WHO, _SPOT)
    few = rows.filter(pl.len().over(block).is_between(2, LARGEST_OWN))
    return _joined(few, block, pl.col(f"{ID}_1") < pl.col(f"{ID}_2"))


def _joined(rows: pl.DataFrame, block: tuple[str, ...], *conditions: pl.Expr) -> pl.DataFrame:
    """Pairs of one block of which at least one row has no joint key, by their indexes; nothing else is carried along."""
    needed = list(dict.fromkeys((_INDEX, ID, WHO, KEY, _PARTNERS, *block)))
    first, second = (rows.lazy().select(pl.col(needed).name.suffix(f"_{n}")) for n in (1, 2))
    on = [[f"{name}_{n}" for name in block] for n in (1, 2)]
    pairs = first.join(second, left_on=on[0], right_on=on[1], coalesce=False)
    is_open = pl.col(f"{KEY}_1").is_null() | pl.col(f"{KEY}_2").is_null()
    wanted = pairs.filter(*conditions, is_open).sort(f"{_INDEX}_1", f"{_INDEX}_2")
    return wanted.select(f"{_INDEX}_1", f"{_INDEX}_2", pl.lit(None, pl.Float64).alias("_like")).collect()


def _likeness(dataset: Dataset) -> pl.Expr:
    told = [*_words(dataset), *_near(dataset), *_figures(dataset)]
    if not told:
        return pl.lit(LISTED)
    return (0.5 + 0.5 * pl.mean_horizontal(told)).round(3).fill_null(LISTED)


def _words(dataset: Dataset) -> Iterator[pl.Expr]:
    """Words in common of all words, for each column of text; null where one of the two has none."""
    silent = {*dataset.key, dataset.joint_key}
    for column in dataset.columns:
        if column.type == "text" and column.name not in silent:
            first, second = (
                pl.col(f"{column.name}_{n}").str.to_lowercase().str.extract_all(r"\w+").list.unique()
                for n in (1, 2)
            )
            common, every = first.list.set_intersection(second), first.list.set_union(second)
            both = (first.list.len() > 0) & (second.list.len() > 0)
            yield pl.when(both).then(common.list.len() / every.list.len())


def _near(dataset: Dataset) -> Iterator[pl.Expr]:
    """1 in the same place and 0 from 5 km on, on a sphere; null where one of the two has no point."""
    if {"latitude", "longitude"} <= set(dataset.column_names):
        north, south = (pl.col(f"latitude_{n}").cast(pl.Float64).radians() for n in (1, 2))
        east, west = (pl.col(f"longitude_{n}").cast(pl.Float64).radians() for n in (1, 2))
        half = ((south - north) / 2).sin() ** 2 + north.cos() * south.cos() * ((west - east) / 2).sin() ** 2
        distance = 2 * _RADIUS_KM * half.sqrt().clip(0, 1).arcsin()
        yield (1 - distance / _NEAR_KM).clip(0, 1)


def _figures(dataset: Dataset) -> Iterator[pl.Expr]:
    """The mean of the lesser by the greater; null where no figure is in both."""
    ratios = list(_ratios(column.name for column in dataset.columns if column.type in _FIGURES))
    if ratios:
        yield pl.mean_horizontal(ratios)


def _ratios(names: Iterable[str]) -> Iterator[pl.Expr]:
    for name in names:
        first, second = (pl.col(f"{name}_{n}").cast(pl.Float64) for n in (1, 2))
        less, more = pl.min_horizontal(first, second), pl.max_horizontal(first, second)
        shared = pl.when(more > 0).then((less / more).clip(0, 1)).otherwise(0.0)
        both = first.is_not_null() & second.is_not_null()
        yield pl.when(both).then(pl.when(less == more).then(1.0).otherwise(shared))
