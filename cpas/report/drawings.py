"""The charts, maps and diagrams of a document, each by its place in the page."""

from __future__ import annotations

from collections.abc import Iterator

from cpas.report.blocks import Block, Chart, Diagram, Document, Map
from cpas.report.charts import render_chart
from cpas.report.diagram import render_diagram
from cpas.report.maps import render_map
from cpas.report.texts import Texts
from cpas.report.theme import Theme


def ident_of(part: str, number: int) -> str:
    """The identifier of a part's block in the page; anchors of a document itself begin with a letter."""
    return f"_{part}-{number}"


def render_drawings(document: Document, theme: Theme, texts: Texts) -> dict[str, str]:
    """The SVG of each block that is drawn, by its identifier, which begins every identifier in it.

    The same document gives the same bytes.
    """
    return {
        ident: _drawn(block, theme, texts, ident)
        for ident, block in _blocks(document)
        if isinstance(block, Chart | Map | Diagram)
    }


def _blocks(document: Document) -> Iterator[tuple[str, Block]]:
    for part in document.parts:
        for number, block in enumerate(part.blocks, start=1):
            yield ident_of(part.id, number), block


def _drawn(block: Chart | Map | Diagram, theme: Theme, texts: Texts, ident: str) -> str:
    if isinstance(block, Map):
        return render_map(block, theme, texts, ident)
    if isinstance(block, Diagram):
        return render_diagram(block, theme, texts, ident)
    return render_chart(block, theme, texts, ident)
