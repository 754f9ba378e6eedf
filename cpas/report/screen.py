"""A document as lines of text for a terminal or a pipe; knows no report."""

from __future__ import annotations

import io

from rich import box
from rich.console import Console
from rich.table import Table as Screen

from cpas.report.blocks import Bound, Column, Document, KeyFigures, Paragraph, Table
from cpas.report.texts import Texts, in_cell, prose_text


def render_screen(document: Document, texts: Texts, *, is_terminal: bool) -> str:
    """A document on one screen: ruled and coloured for a terminal, plain columns otherwise."""
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=is_terminal, width=None if is_terminal else 160, highlight=False
    )
    console.print(
        texts.pair(document.title, f"{document.mission}, {document.period}"), style="bold", markup=False
    )
    for block in (block for part in document.parts for block in part.blocks):
        if isinstance(block, Table):
            console.print(_screen(block, texts, is_terminal=is_terminal))
        elif isinstance(block, KeyFigures):
            for one in block.figures:
                compared = f" ({prose_text(one.comparison, texts)})" if one.comparison else ""
                console.print(f"{one.label} {in_cell(one.value, texts)}{compared}", markup=False)
        elif isinstance(block, Paragraph):
            console.print(prose_text(block.text, texts), markup=False)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _screen(table: Table, texts: Texts, *, is_terminal: bool) -> Screen:
    screen = Screen(
        title=table.title,
        title_justify="left",
        box=box.SIMPLE_HEAD if is_terminal else None,
        pad_edge=False,
    )
    for column in table.columns:
        if column.kind == "text":
            screen.add_column(column.label, no_wrap=True, overflow="ellipsis", max_width=column.width)
        else:
            screen.add_column(
                column.label, justify="right", no_wrap=True, min_width=min(len(column.label), 10)
            )
    for row in table.rows:
        cells = (_cell(cell, column, texts) for cell, column in zip(row.cells, table.columns, strict=True))
        screen.add_row(*cells)
    return screen


def _cell(cell: object, column: Column, texts: Texts) -> str:
    bound = cell if isinstance(cell, Bound) else Bound(cell, column.kind)  # type: ignore[arg-type]  # no sparks here
    return in_cell(bound, texts)
