"""Finds the header of a table in a grid and says which column of the data set stands under which letter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cpas.definitions.dataset import Dataset
from cpas.errors import Issue, suggest
from cpas.intake.grid import Grid
from cpas.intake.words import AID, fold

SEARCHED = 20
TALLEST = 3

Texts = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Names:
    """How the columns of a data set may be called: by folded name, label or alias, and by HXL tag."""

    spellings: Mapping[str, str]
    tags: Mapping[str, str]
    needed: tuple[str, ...]
    labels: Mapping[str, str]

    @classmethod
    def of(cls, dataset: Dataset) -> Names:
        """The names of a data set's columns; a column's own name and labels go before another's alias."""
        spellings: dict[str, str] = {}
        for column in dataset.columns:
            spellings |= {fold(text): column.name for text in (column.name, *column.label.everywhere())}
        for column in dataset.columns:
            for alias in column.aliases:
                spellings.setdefault(fold(alias), column.name)
        return cls(
            spellings,
            {_tag(column.hxl): column.name for column in dataset.columns if column.hxl},
            tuple(column.name for column in dataset.columns if column.required),
            {
                text: column.name
                for column in dataset.columns
                for text in (column.name, *column.label.everywhere())
            },
        )

    def find(self, text: str | None) -> str | None:
        """The column a header means; a remark in brackets at its end may be anything."""
        if not text:
            return None
        if text.lstrip().startswith("#"):
            return self.tags.get(_tag(text))
        return self.spellings.get(fold(text)) or self.spellings.get(
            fold(re.sub(r"\s*[(\[][^()\[\]]*[)\]]\s*\*?\s*$", "", text))
        )

    def enough(self, matched: int) -> bool:
        """Whether so many known columns make a row the header: one, and half of what must be there."""
        return matched >= max(1, (len(self.needed) + 1) // 2)


@dataclass(frozen=True, slots=True)
class Header:
    """Where a table's header is and what it says.

    `row` is the number of its last line, `body` the place in the grid where rows begin, `columns`
    gives the letter of each column found, and `unread` the letters of columns that are not read;
    `aids` are those among them that only help to choose (see `AID`).
    """

    row: int
    body: int
    columns: Mapping[str, str]
    unread: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()
    aids: tuple[str, ...] = ()


def find_header(grid: Grid, names: Names) -> Header | None:
    """The header of a grid, searched in its first rows; None where no row names enough columns.

    A header may have up to three lines, with blank rows between them, whose texts are then read
    together: `Participants` over `women` is `Participants women`. A row of HXL tags under it helps
    to name columns and is no data.
    """
    top = _top(grid)
    best, at, height = _best([texts for _, texts in top], names)
    if not names.enough(_count(best)):
        return None
    last, lines = at + height - 1, [texts for _, texts in top[at : at + height]]
    body = top[last][0] + 1
    if last + 1 < len(top) and _is_tags(top[last + 1][1]):
        best = [name or names.find(tag) for name, tag in zip(best, top[last + 1][1], strict=True)]
        body = top[last + 1][0] + 1
    columns: dict[str, str] = {}
    twice: list[tuple[str, str]] = []
    for letter, name in zip(grid.letters, best, strict=True):
        if name in columns:
            twice.append((letter, name))
        elif name:
            columns[name] = letter
    unread = tuple(letter for letter in grid.letters if letter not in columns.values())
    said = dict(zip(grid.letters, _joined(lines, fill=False), strict=True))
    aids = tuple(letter for letter in unread if AID in (said[letter] or ""))
    header = Header(int(grid.cells.item(top[last][0], 0)), body, columns, unread, aids=aids)
    issues = (*_repeated(grid, header, twice), *_unknown(grid, header, said, names))
    return replace(header, issues=(*issues, *_missing(grid, header, names)))


def count_known(grid: Grid, names: Names) -> int:
    """How many columns of a data set the best header row of a grid names; 0 where they are too few to be one."""
    known = _count(_best([texts for _, texts in _top(grid)], names)[0])
    return known if names.enough(known) else 0


def _top(grid: Grid) -> list[tuple[int, Texts]]:
    """The filled rows among the first of a grid, and how far down each is."""
    rows = enumerate(grid.cells.head(SEARCHED).iter_rows())
    return [(index, texts) for index, (_, *texts) in rows if any(texts)]


def _best(top: Sequence[Texts], names: Names) -> tuple[list[str | None], int, int]:
    """The columns, first row and number of lines of the header that names most columns; on a tie the shorter one."""
    best: tuple[list[str | None], int, int] = ([], 0, 1)
    for height in range(1, TALLEST + 1):
        for at in range(len(top) - height + 1):
            found = _named(top[at : at + height], names)
            if _count(found) > _count(best[0]):
                best = (found, at, height)
                if set(names.needed) <= set(found) and all(found):
                    return best
    return best


def _named(lines: Sequence[Texts], names: Names) -> list[str | None]:
    """The column each header means; the last of several lines may also name columns alone, if it names several."""
    if len(lines) == 1:
        return [names.find(text) for text in lines[0]]
    ways = [_joined(lines, fill=False), _joined(lines, fill=True)]
    if sum(text is not None for text in lines[-1]) > 1:
        ways.append(list(lines[-1]))
    return [next(filter(None, map(names.find, texts)), None) for texts in zip(*ways, strict=True)]


def _joined(lines: Sequence[Texts], *, fill: bool) -> list[str | None]:
    """The lines of a header column by column; with `fill` an upper text also stands over the blanks beside it."""
    upper = [_filled(line) if fill else line for line in lines[:-1]]
    return [" ".join(filter(None, texts)) or None for texts in zip(*upper, lines[-1], strict=True)]


def _filled(line: Texts) -> list[str | None]:
    filled: list[str | None] = []
    for text in line:
        filled.append(text or (filled[-1] if filled else None))
    return filled


def _count(columns: Sequence[str | None]) -> int:
    return len({name for name in columns if name})


def _is_tags(texts: Texts) -> bool:
    written = [text for text in texts if text]
    return bool(written) and all(text.lstrip().startswith("#") for text in written)


def _tag(text: str) -> str:
    """An HXL tag with its attributes in one order, since theirs says nothing."""
    tag, *attributes = (part.strip() for part in text.casefold().strip().split("+"))
    return "+".join((tag, *sorted(attributes)))


def _repeated(grid: Grid, header: Header, twice: Sequence[tuple[str, str]]) -> Iterator[Issue]:
    for letter, name in twice:
        yield Issue(
            "CPAS-S013",
            grid.where(header.row, letter),
            f"`{name}` is named twice, in columns {header.columns[name]} and {letter}; the first was read",
            "keep one of the two columns, or correct its header",
        )


def _unknown(grid: Grid, header: Header, said: Mapping[str, str | None], names: Names) -> Iterator[Issue]:
    """Headers nobody declared: an error where they resemble a column that is missing, else a warning."""
    absent = [label for label, name in names.labels.items() if name not in header.columns]
    for letter in (letter for letter in header.unread if letter not in header.aids):
        text = said[letter]
        if text is None:
            if grid.cells.get_column(letter).slice(header.body).is_not_null().any():
                message, fix = (
                    "the column has values and no header; it was not read",
                    "give it a header, or empty it",
                )
                yield Issue("CPAS-S014", grid.where(header.row, letter), message, fix, "warning")
        elif names.find(text) is None:
            near = suggest(text, absent)
            yield Issue(
                "CPAS-S011",
                grid.where(header.row, letter),
                f"no column is called `{text}`{near or '; it was not read'}",
                "correct the header"
                if near
                else "delete the column, or add an alias to the data set's declaration",
                "error" if near else "warning",
            )


def _missing(grid: Grid, header: Header, names: Names) -> Iterator[Issue]:
    for name in names.needed:
        if name not in header.columns:
            yield Issue(
                "CPAS-S012",
                grid.where(header.row),
                f"the required column `{name}` is missing",
                f"add a column with the header `{name}` or its label",
            )
