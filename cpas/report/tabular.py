"""Blocks as plain tables, for what prints tables alone; knows no way of printing."""

from __future__ import annotations

from cpas.report.blocks import Block, Bound, Chart, Column, Diagram, KeyFigures, Map, Row, Table
from cpas.report.diagram import diagram_table
from cpas.report.texts import Texts, prose_text


def as_table(block: Block, texts: Texts) -> Table | None:
    """The table that a block is where nothing is drawn: itself, large figures row by row, a map area by area, a diagram box by box."""
    match block:
        case Table():
            return block
        case KeyFigures():
            return _figures_table(block, texts)
        case Map() | Diagram():
            return table_behind(block, texts)
        case _:
            return None


def table_behind(block: Chart | Map | Diagram, texts: Texts) -> Table:
    """What is behind a drawing as a table."""
    if isinstance(block, Diagram):
        return diagram_table(block, texts)
    if isinstance(block, Map):
        area_columns = (
            Column(texts["map.area"]),
            Column(texts["map.code"]),
            Column(texts["figure.value"], "count", block.unit),
        )
        areas = tuple(Row((area.name, area.code, area.value)) for area in block.areas)
        return Table(block.title, area_columns, areas, (block.note,) if block.note else (), block.anchor)
    columns = (
        Column(texts["chart.label"]),
        *(Column(series.name, "count", block.unit) for series in block.series),
        *(Column(line.label, "count", block.unit) for line in block.lines),
    )
    points = zip(*(series.points for series in block.series), strict=True)
    levels = tuple(line.value for line in block.lines)
    rows = (Row((label, *each, *levels)) for label, each in zip(block.labels, points, strict=True))
    return Table(block.title, columns, tuple(rows))


def shown_columns(table: Table) -> list[Column]:
    """The columns of a table without those of small lines, which only a page can draw."""
    return [column for column in table.columns if column.kind != "spark"]


def _figures_table(block: KeyFigures, texts: Texts) -> Table:
    columns = (
        Column(texts["figure.label"], width=34),
        Column(texts["figure.value"], "count", width=18),
        Column(texts["figure.unit"], width=14),
        Column(texts["figure.rating"], "status", width=18),
        Column(texts["figure.comparison"], width=34),
    )
    rows = tuple(
        Row(
            (
                figure.label,
                figure.value,
                Bound(figure.unit, "text"),
                Bound(figure.rating, "status") if figure.rating else Bound("", "text"),
                prose_text(figure.comparison, texts) if figure.comparison else "",
            ),
            link=figure.link,
        )
        for figure in block.figures
    )
    return Table("", columns, rows)
