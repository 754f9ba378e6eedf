"""Columns of text to columns of their declared types, with an issue for every cell that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from cpas.definitions.dataset import CodeList, Column, Dataset
from cpas.definitions.loaded import LoadedDataset
from cpas.definitions.types import POLARS_TYPES
from cpas.errors import Issue, Location
from cpas.intake.grid import ROW
from cpas.intake.values import (
    AMBIGUOUS,
    MADE_DATE,
    MONTH_FIRST,
    NO_VALUE,
    PARSERS,
    UNNAMED_NOTHING,
    UNREADABLE,
    UnreadableError,
    clock_of,
    pointed_either_way,
)
from cpas.intake.words import Lookup, fold, is_no_name, kind_of_nothing, lookup_of

Letters = Mapping[tuple[str, str, str], str]
"""The spreadsheet letter of a column, by file, sheet and column name."""

FILE, SHEET, BINARY = "_file", "_sheet", "_binary"
KEPT = 1_000
STATUS = pl.Enum(["reported", "not_reported", "not_applicable", "withheld"])
_WORDS = {"text", "code", "reference"}
_DECIMALS = {"quantity", "amount"}
_CLEAN = r"^[!-~]([ -~]*[!-~])?$"
_BROKEN = r"^(=|#(N/A|DIV/0!|REF!|VALUE!|NAME\?|NUM!|NULL!|GETTING_DATA)$)"
_LIKE_NOTHING = r"^\D{1,24}$"  # no word for nothing is longer or has a digit
_MADE_DATE = f"^{MADE_DATE.pattern}$"
_EITHER_WAY = r"^(0?[1-9]|1[0-2])[-/.](0?[1-9]|1[0-2])[-/.]\d{4}"

Value = str | int | float | bool | Decimal | date


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What spellings stand for: of codes by code list, of ids by what a `reference` column is `to`."""

    codes: Mapping[str, Lookup]
    references: Mapping[str, Lookup]

    @classmethod
    def of(cls, codes: Mapping[str, CodeList], references: Mapping[str, Lookup]) -> Vocabulary:
        """The vocabulary of the mission's code lists, by code, label in any language and alias."""
        members = {
            name: {code: (*one.label.everywhere(), *one.aliases) for code, one in codelist.codes.items()}
            for name, codelist in codes.items()
        }
        return cls({name: lookup_of(names) for name, names in members.items()}, references)

    def knowing(self, target: str, lookup: Lookup) -> Vocabulary:
        """The same vocabulary with the ids of one more table."""
        return Vocabulary(self.codes, {**self.references, target: lookup})

    def of_column(self, column: Column) -> Lookup:
        """The lookup of a coded or reference column; an empty one for other columns."""
        if column.codes:
            return self.codes.get(column.codes, {})
        return self.references.get(column.to, {}) if column.to else {}


@dataclass(frozen=True, slots=True)
class Reading:
    """One column once read: its values, its kinds of nothing where it has any, and by text what could not be read."""

    values: pl.Series
    status: pl.Series | None
    faults: Mapping[str, UnreadableError]


def clean(text: pl.Series, column: Column) -> pl.Series:
    """The column's text trimmed, in composed Unicode and without control characters; blank is null."""
    if text.str.contains(_CLEAN).all():
        return text
    words = pl.lit(text).str.replace_all(r"\r\n?", "\n").str.replace_all(r"\t", " ")
    words = words.str.replace_all(r"[\p{Cc}\x{200B}\x{FEFF}&&[^\n]]", "").str.strip_chars()
    words = words.str.normalize("NFC") if column.type in _WORDS else words
    return pl.select(pl.when(words != "").then(words)).to_series()


def read_column(
    text: pl.Series, binary: pl.Series, column: Column, lookup: Lookup, *, is_name: bool = False
) -> Reading:
    """The values of a column of cleaned text.

    What is written plainly is read by polars for all rows at once. Only other spellings are
    looked at one by one, each once. Decimals out of binary floats are rounded to 6 places, since
    nobody wrote their last digits; in text files more than 6 are a fault.

    Args:
        text: Cleaned text; null where the cell is blank.
        binary: Whether the cell's number was a binary float.
        column: The declaration.
        lookup: What spellings stand for, for codes and references.
        is_name: Whether rows are told apart or held together by its text, where a word for nothing is a fault.
    """
    values = pl.select(_plainly(text, binary, column, lookup, is_name=is_name)).to_series()
    words = text.filter(values.is_null()).drop_nulls().unique().sort()
    looked = _look(words, column, lookup, is_name=is_name)
    if looked.values:
        found = pl.Series(list(looked.values.values()), dtype=values.dtype)
        slow = text.replace_strict(list(looked.values), found, default=None, return_dtype=values.dtype)
        values = values.zip_with(values.is_not_null(), slow)
    return Reading(values.alias(column.name), _status(text, column, looked), looked.faults)


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the words of a column turned out to be, each looked at once."""

    values: dict[str, Value]
    nothing: dict[str, str]
    faults: dict[str, UnreadableError]


def _look(words: Iterable[str], column: Column, lookup: Lookup, *, is_name: bool) -> _Looked:
    looked = _Looked({}, {}, {})
    for word in words:
        try:
            _refuse_broken(word)
            if is_name:
                _refuse_nameless(word, column)
            if kind := _nothing(word, column, lookup):
                looked.nothing[word] = kind
            else:
                looked.values[word] = _value(word, column, lookup)
        except UnreadableError as error:
            looked.faults[word] = error
    return looked


def _status(text: pl.Series, column: Column, looked: _Looked) -> pl.Series | None:
    if not column.may_be:
        return None
    kinds = pl.lit(text).replace_strict(looked.nothing, default="reported", return_dtype=pl.String)
    unread = pl.lit(text).is_in(list(looked.faults))
    kinds = pl.when(pl.lit(text).is_null()).then(pl.lit("not_reported")).when(~unread).then(kinds)
    return pl.select(kinds.cast(STATUS).alias(column.status_column)).to_series()


def _plainly(text: pl.Series, binary: pl.Series, column: Column, lookup: Lookup, *, is_name: bool) -> pl.Expr:
    """What is written the plain way; null for all else."""
    cells, kind = pl.lit(text), POLARS_TYPES[column.type]
    match column.type:
        case "text":
            may_be_nothing = (
                cells.str.contains(_LIKE_NOTHING) if column.may_be or is_name else pl.lit(value=False)
            )
            return pl.when(~cells.str.contains(_BROKEN) & ~may_be_nothing).then(cells)
        case "code" | "reference":
            return pl.when(cells.is_in(sorted({id_ for ids in lookup.values() for id_ in ids}))).then(cells)
        case "count":
            return pl.when(cells.str.contains(r"^-?\d{1,12}$")).then(cells).cast(kind, strict=False)
        case "quantity" | "amount":
            written = cells.str.contains(r"^-?\d{1,12}(\.\d{1,6})?$")
            computed = pl.lit(binary) & cells.str.contains(r"^-?\d{1,12}\.\d+$")
            # of a large binary number the reader's nine decimals are more than it holds, and its shortest text is what was written
            is_long = pl.lit(binary) & cells.str.contains(r"^-?\d{10,}\.\d{7,}$")
            shortest = cells.cast(pl.Float64, strict=False).cast(pl.String)
            return (
                pl.when(written | computed)
                .then(pl.when(is_long).then(shortest).otherwise(cells))
                .cast(kind, strict=False)
            )
        case "number":
            return pl.when(cells.str.contains(r"^-?\d{1,15}(\.\d+)?$")).then(cells).cast(kind, strict=False)
        case "date" | "month":
            days = cells.str.extract(r"^(19[1-9]\d-\d\d-\d\d|2\d{3}-\d\d-\d\d)(?: 00:00:00)?$")
            days = days.str.to_date("%Y-%m-%d", strict=False)
            return days.dt.truncate("1mo") if column.type == "month" else days
        case _:
            return pl.repeat(None, len(text), dtype=kind)


def _refuse_broken(word: str) -> None:
    """A formula without a value, or with an error for its value, is neither a value nor a kind of nothing."""
    if found := re.match(_BROKEN, word):
        if found[1] == "=":
            fix = "open the file in Excel and save it, or write the value in place of the formula; a text begins with another sign"
            raise UnreadableError("the formula has no value", fix, NO_VALUE)
        raise UnreadableError(
            "the formula gives an error", "correct the formula, or write the value", NO_VALUE
        )


def _refuse_nameless(word: str, column: Column) -> None:
    """A word for nothing names no row: two rows that have it are not the same, and do not belong together."""
    if is_no_name(word):
        fix = "write a text that no other row has" if column.required else "leave the cell empty"
        raise UnreadableError("it is a word for nothing, and names nothing", fix, UNNAMED_NOTHING)


def _nothing(word: str, column: Column, lookup: Lookup) -> str | None:
    """Which kind of nothing a word is where the column may be so; None where it is no such word."""
    kind = None if fold(word) in lookup else kind_of_nothing(word)
    if kind is None or kind in column.may_be or (column.type == "text" and not column.may_be):
        return kind if kind in column.may_be else None
    fix = "write the value" if column.required else "write the value, or leave the cell empty"
    raise UnreadableError(f"the column may not be {kind.replace('_', ' ')}", fix, UNNAMED_NOTHING)


def _value(word: str, column: Column, lookup: Lookup) -> Value:
    if column.type in PARSERS:
        return PARSERS[column.type](word)
    ids = lookup.get(fold(word), (word,))
    if len(ids) > 1:
        listed = ", ".join(f"`{id_}`" for id_ in ids)
        raise UnreadableError(f"it may mean {listed}", "write the code", AMBIGUOUS)
    return ids[0]


@dataclass(frozen=True, slots=True)
class Typed:
    """Rows with their types, what was wrong with them, and in which cells."""

    frame: pl.DataFrame
    issues: tuple[Issue, ...]
    faulted: frozenset[tuple[str, str, int, str]]


def columns_of(dataset: Dataset) -> dict[str, pl.DataType]:
    """Every declared column and its type in order, each status column behind its own, then `_file`, `_sheet` and `_row`."""
    kinds: dict[str, pl.DataType] = {}
    for column in dataset.columns:
        kinds[column.name] = POLARS_TYPES[column.type]
        if column.may_be:
            kinds[column.status_column] = STATUS
    return {**kinds, FILE: pl.String(), SHEET: pl.String(), ROW: pl.Int64()}


def type_columns(
    texts: pl.DataFrame,
    loaded: LoadedDataset,
    vocabulary: Vocabulary,
    letters: Letters,
    pointed: Set[tuple[str, str, int, str]] = frozenset(),
) -> Typed:
    """The columns of `columns_of`.

    No row is dropped: a cell that cannot be read becomes null and an issue. Of one column at most
    1,000 such issues are kept; one more says how many there are.

    Args:
        texts: All declared columns as text, `_file`, `_sheet`, `_row`, and `_binary` (see `Grid`).
        loaded: The declaration, with its lines.
        vocabulary: What spellings stand for.
        letters: The spreadsheet letter of each column, by file, sheet and column.
        pointed: Cells (file, sheet, row, column) with a text such as 1.234, which in a column of quantities or amounts may mean 1234.
    """
    if texts.is_empty():
        return Typed(pl.DataFrame(schema=columns_of(loaded.dataset)), (), frozenset())
    places = texts.select(FILE, SHEET, ROW)
    dataset = loaded.dataset
    # a reference table is the mission's own, and its codes may be short: NR is an area somewhere
    names = {*dataset.key, dataset.joint_key} if dataset.found_in == "inbox" else set()
    series: list[pl.Series] = []
    issues: list[Issue] = []
    faulted: set[tuple[str, str, int, str]] = set()

    def read(column: Column) -> tuple[pl.Series, Reading]:
        cells, lookup = texts.select(column.name, BINARY), vocabulary.of_column(column)
        is_name = column.type == "text" and column.name in names
        return _read_spellings(cells, column, lookup, is_name=is_name)

    with ThreadPoolExecutor(2) as pool:
        read_columns = list(pool.map(read, dataset.columns))
    for column, (text, reading) in zip(dataset.columns, read_columns, strict=True):
        values = reading.values
        unsure = _either_way(text, places[FILE], reading.faults)
        if column.type in _DECIMALS and pointed:
            unsure = pl.Series([(*place, column.name) in pointed for place in places.iter_rows()])
        if reading.faults or unsure.any():
            values = values.set(unsure, None)
            wrong = places.with_columns(text.alias("text")).filter(text.is_in(list(reading.faults)) | unsure)
            faulted.update((file, sheet, row, column.name) for file, sheet, row, _ in wrong.iter_rows())
            rule = loaded.column_places.get(column.name)
            issues.extend(_issues(wrong, reading.faults, column, (letters, rule)))
        if column.type == "text":
            made = places.with_columns(text.alias("text")).filter(
                texts[BINARY] & text.str.contains(_MADE_DATE)
            )
            issues.extend(_dates(made, column, letters))
        series.extend((values,) if reading.status is None else (values, reading.status))
    return Typed(pl.DataFrame(series).hstack(places), tuple(issues), frozenset(faulted))


def _read_spellings(
    cells: pl.DataFrame, column: Column, lookup: Lookup, *, is_name: bool
) -> tuple[pl.Series, Reading]:
    """The cleaned text of all rows and their reading; most columns repeat a few spellings, each of which is read once."""
    keys = [column.name, BINARY] if cells[BINARY].n_unique() > 1 else [column.name]
    spelt = cells.unique(keys)
    text = clean(spelt[column.name], column)
    reading = read_column(text, spelt[BINARY], column, lookup, is_name=is_name)
    status = [] if reading.status is None else [reading.status]
    known = spelt.with_columns(text.alias("_text"), reading.values.alias("_value"), *status)
    rows = cells.select(keys).join(known, on=keys, how="left", nulls_equal=True, maintain_order="left")
    values = rows["_value"].alias(column.name)
    return rows["_text"], Reading(values, rows[column.status_column] if status else None, reading.faults)


def _either_way(text: pl.Series, files: pl.Series, faults: Mapping[str, UnreadableError]) -> pl.Series:
    """Days such as 05/06/2019 in files where another day can only have its month first."""
    swapped = [word for word, fault in faults.items() if fault.code == MONTH_FIRST]
    if not swapped:
        return pl.repeat(value=False, n=len(text), eager=True)
    among = files.is_in(files.filter(text.is_in(swapped)).unique().to_list())
    parts = text.str.extract_groups(_EITHER_WAY).struct.unnest()
    differ = parts["1"].cast(pl.Int8, strict=False) != parts["2"].cast(pl.Int8, strict=False)
    return (among & text.str.contains(_EITHER_WAY) & differ).fill_null(value=False)


def _issues(
    wrong: pl.DataFrame,
    faults: Mapping[str, UnreadableError],
    column: Column,
    known: tuple[Letters, Location | None],
) -> Iterator[Issue]:
    letters, rule = known
    for file, sheet, row, text in wrong.head(KEPT).iter_rows():
        fault = faults.get(text) or (pointed_either_way(text) if column.type in _DECIMALS else _SWAPPED)
        shown = text if len(text) <= 60 else f"{text[:59]}…"
        yield Issue(
            fault.code,
            Location(file, sheet, row, letters.get((file, sheet, column.name), "")),
            f"`{column.name}` is `{shown}`: {fault.reason}",
            fault.fix,
            rule=rule,
        )
    if (more := wrong.height - KEPT) > 0:
        file, sheet, row, _ = wrong.row(KEPT)
        yield Issue(
            UNREADABLE,
            Location(file, sheet, row, letters.get((file, sheet, column.name), "")),
            f"from here on {'1 more cell' if more == 1 else f'{more:,} more cells'} of `{column.name}` cannot be read",
            "correct those above first; most often one cause is behind all",
            rule=rule,
            count=more,
        )


def _dates(made: pl.DataFrame, column: Column, letters: Letters) -> Iterator[Issue]:
    """Warnings of texts that are dates: nobody knows any more whether `1/4` was typed."""
    for index, (file, sheet, row, text) in enumerate(made.head(KEPT + 1).iter_rows()):
        is_last = index == KEPT
        made_of = f"`{column.name}` is the date `{text[:10]}`, which Excel makes of an entry such as 1/4"
        clock = clock_of(text)
        message = f"`{column.name}` is the time {clock}, which was read as `{text}`" if clock else made_of
        yield Issue(
            "CPAS-D007",
            Location(file, sheet, row, letters.get((file, sheet, column.name), "")),
            f"from here on {made.height - KEPT:,} more of the same" if is_last else message,
            "format the cell as text, and write it again",
            "warning",
            count=made.height - KEPT if is_last else 1,
        )


_SWAPPED = UnreadableError(
    "its day and month may be in either order: elsewhere in this file the month comes first",
    "write the year first, like 2019-06-30",
    MONTH_FIRST,
)
