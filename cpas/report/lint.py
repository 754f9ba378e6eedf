"""Whether a document says one thing: every figure bound, no two values for one key, every link and label in place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from cpas.errors import Issue, Location
from cpas.report.blocks import (
    Block,
    Bound,
    Chart,
    Diagram,
    Document,
    Finding,
    Heading,
    Key,
    KeyFigures,
    Map,
    Note,
    Paragraph,
    Part,
    Prose,
    Spark,
    Table,
)
from cpas.report.texts import parse_template, unnamed

NUMBER_WORDS = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|dozens?|hundreds?|thousands?|millions?"
    r"|deux|trois|quatre|cinq|sept|huit|neuf|dix|douzaines?|cents|mille|milliers?|millions?)\b",
    re.IGNORECASE,
)


def check_document(document: Document) -> tuple[Issue, ...]:
    """Every issue of a document; rendered only when none is an error.

    CPAS-R101 a sentence with a free figure (in words: a warning); R102 a value given and not named;
    R103 a figure of prose without a key; R104 one key with two values; R105 a sentence that begins with a figure;
    R106 rows or series of the wrong length; R107 an anchor used twice, or a link to none; R108 a
    picture without its alternative text; R109 a heading that skips a level; R004 a value named
    and not given.
    """
    issues: list[Issue] = []
    for part in document.parts:
        for number, block in enumerate(part.blocks, start=1):
            where = Location("report", sheet=part.id, row=number)
            for text in prose_of(block):
                issues += _check_prose(text, where)
            issues += _check_shape(block, where)
        issues += _check_headings(part)
    return (*issues, *_check_values(document), *_check_anchors(document))


def prose_of(block: Block) -> Iterator[Prose]:
    """Every running text of a block, in reading order."""
    match block:
        case Paragraph() | Note():
            yield block.text
        case KeyFigures():
            yield from (figure.comparison for figure in block.figures if figure.comparison)
        case Table():
            yield from block.notes
        case Chart():
            yield from (gap.reason for gap in block.breaks)
            yield from (block.note,) if block.note else ()
        case Map() | Diagram():
            yield from (block.note,) if block.note else ()
        case Finding():
            yield block.statement
            yield from block.evidence


def bounds_of(block: Block) -> Iterator[Bound]:
    """Every bound value of a block; a table's plain cells are no part of it."""
    for text in prose_of(block):
        yield from (value for _, value in text.values)
    match block:
        case KeyFigures():
            yield from (figure.value for figure in block.figures)
        case Table():
            cells = [cell for row in block.rows for cell in row.cells]
            yield from (cell for cell in cells if isinstance(cell, Bound))
            yield from (point for cell in cells if isinstance(cell, Spark) for point in cell.points)
        case Chart():
            yield from (point for series in block.series for point in series.points)
            yield from (line.value for line in block.lines)
        case Map():
            yield from (area.value for area in block.areas)


def _check_prose(text: Prose, where: Location) -> Iterator[Issue]:
    values, named, before = dict(text.values), set(), ""
    for words, name, _ in parse_template(text.template):
        if free := re.search(r"\d", words) or NUMBER_WORDS.search(words):
            yield Issue(
                "CPAS-R101",
                where,
                f"the sentence `{text.template}` has the free figure `{free[0]}`",
                "bind the figure: name it in braces and give its value",
                "error" if free[0].isdigit() else "warning",
            )
        before += words
        if name is None:
            continue
        named.add(name)
        if name not in values:
            yield unnamed(name, text, where)
        elif values[name].number is not None:
            if values[name].key is None:
                yield Issue(
                    "CPAS-R103",
                    where,
                    f"the figure `{name}` of the sentence `{text.template}` does not say what it is a figure of",
                    "give it the key of the result that it comes from",
                )
            if not before.strip() or before.rstrip().endswith((".", "!", "?")):
                yield Issue(
                    "CPAS-R105",
                    where,
                    f"a sentence of `{text.template}` begins with the figure `{name}`",
                    "turn the sentence round; a sentence does not begin with a figure",
                    "warning",
                )
        before += "x"
    for name in values.keys() - named:
        yield Issue(
            "CPAS-R102",
            where,
            f"the sentence `{text.template}` does not use its value `{name}`",
            "use it or leave it out",
        )


def _check_shape(block: Block, where: Location) -> Iterator[Issue]:
    match block:
        case Table():
            width = len(block.columns)
            for number, row in enumerate(block.rows, start=1):
                if len(row.cells) != (1 if row.role == "group" else width):
                    yield Issue(
                        "CPAS-R106",
                        where,
                        f"row {number} of `{block.title}` has {len(row.cells)} cells for {width} columns",
                        "give a cell for every column; a group row has one",
                    )
        case Chart():
            yield from _check_chart(block, where)
    if isinstance(block, Chart | Map | Diagram) and not block.alt.strip():
        yield Issue(
            "CPAS-R108", where, f"`{block.title}` has no alternative text", "say what is to be seen in it"
        )


def _check_chart(block: Chart, where: Location) -> Iterator[Issue]:
    if not block.series or not block.labels:
        yield Issue(
            "CPAS-R106",
            where,
            f"`{block.title}` has nothing to draw",
            "leave the chart out, or say why",
        )
    for series in block.series:
        if len(series.points) != len(block.labels):
            yield Issue(
                "CPAS-R106",
                where,
                f"`{series.name}` of `{block.title}` has {len(series.points)} points for {len(block.labels)} labels",
                "give a point for every label; a missing one is a value of None with its status",
            )
    for gap in block.breaks:
        if gap.label not in block.labels:
            yield Issue(
                "CPAS-R106",
                where,
                f"`{block.title}` breaks at `{gap.label}`, which is no label",
                "name a label",
            )


def _check_headings(part: Part) -> Iterator[Issue]:
    level = 2
    for number, block in enumerate(part.blocks, start=1):
        if isinstance(block, Heading):
            if block.level > level + 1:
                yield Issue(
                    "CPAS-R109",
                    Location("report", sheet=part.id, row=number),
                    f"the heading `{block.text}` of level {block.level} follows one of level {level}",
                    f"use level {level + 1}",
                )
            level = block.level


def _check_values(document: Document) -> Iterator[Issue]:
    """Values are compared as they are, unrounded, and thousands of dollars in dollars."""
    seen: dict[Key, tuple[object, Location]] = {}
    for part in document.parts:
        for number, block in enumerate(part.blocks, start=1):
            where = Location("report", sheet=part.id, row=number)
            for bound in bounds_of(block):
                if bound.key is None:
                    continue
                value = bound.number if bound.number is not None else bound.value
                value = (
                    bound.number * 1000 if bound.kind == "thousands" and bound.number is not None else value
                )
                first, there = seen.setdefault(bound.key, (value, where))
                if first != value:
                    yield Issue(
                        "CPAS-R104",
                        where,
                        f"{bound.key} is {_spoken(value)} here and {_spoken(first)} at {there}",
                        "take both from one result",
                    )


def _check_anchors(document: Document) -> Iterator[Issue]:
    anchors: Counter[str] = Counter(part.id for part in document.parts)
    links: list[tuple[str, Location]] = []
    for part in document.parts:
        for number, block in enumerate(part.blocks, start=1):
            where = Location("report", sheet=part.id, row=number)
            anchors.update(anchor for anchor in _anchors(block) if anchor)
            links += [(link, where) for link in _links(block) if link]
    for anchor, count in anchors.items():
        if not re.fullmatch(r"[A-Za-z][\w.-]*", anchor, re.ASCII):
            fix = "begin with a letter and use letters, digits, `.`, `-` and `_`"
            yield Issue("CPAS-R107", Location("report"), f"`{anchor}` cannot be an anchor", fix)
        if count > 1:
            yield Issue(
                "CPAS-R107", Location("report"), f"the anchor `{anchor}` is set {count} times", "set it once"
            )
    for link, where in links:
        if link not in anchors:
            yield Issue(
                "CPAS-R107",
                where,
                f"a link leads to `{link}`, which is not there",
                "link to a part or an anchor",
            )


def _anchors(block: Block) -> Iterator[str]:
    match block:
        case Heading() | Chart() | Map() | Diagram():
            yield block.anchor
        case Table():
            yield block.anchor
            yield from (row.anchor for row in block.rows)


def _links(block: Block) -> Iterator[str]:
    match block:
        case Finding():
            yield block.link
        case Table():
            yield from (row.link for row in block.rows)
        case KeyFigures():
            yield from (figure.link for figure in block.figures)


def _spoken(value: object) -> str:
    return "missing" if value is None else str(value)
