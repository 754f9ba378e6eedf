"""Diagrams as SVG: boxes in stages, joined from left to right; a box with a gap has a broken edge and a sign, and is tinted."""

from __future__ import annotations

from cpas.report.blocks import Column, Diagram, Node, Row, Table
from cpas.report.svg import framed, tag, words
from cpas.report.texts import Texts
from cpas.report.theme import Theme

WIDTH, STEP, BOX, TOP = 1000.0, 23.0, 17.0, 34.0
SIZE, LETTER = 9.6, 5.0  # type, and what a letter of it takes across


def render_diagram(block: Diagram, theme: Theme, texts: Texts, ident: str) -> str:
    """The diagram as one SVG element; `ident` begins every identifier in it."""
    stages = [[node for node in block.nodes if node.stage == index] for index in range(len(block.stages))]
    height = max((len(stage) for stage in stages), default=0) * STEP
    across = WIDTH / max(len(stages), 1) * 0.8
    column = (WIDTH - across) / max(len(stages) - 1, 1)
    places = {
        node.id: (index * column, TOP + (row + 0.5) * height / len(stage))
        for index, stage in enumerate(stages)
        for row, node in enumerate(stage)
    }
    heads = [
        tag(
            "text",
            words(name),
            x=index * column,
            y=14,
            font_size=SIZE + 2,
            font_weight="bold",
            fill=theme.ink,
            font_family=theme.label_font,
        )
        for index, name in enumerate(block.stages)
    ]
    lines = [
        _line((places[first][0] + across, places[first][1]), places[last], theme)
        for first, last in block.links
        if first in places and last in places
    ]
    boxes = [_box(node, places[node.id], across, theme, texts) for node in block.nodes]
    body = "".join((*heads, *lines, *boxes))
    return framed(ident, (WIDTH, TOP + height + 8), block.title, block.alt, body)


def diagram_table(block: Diagram, texts: Texts) -> Table:
    """The same as a table: each box, what it leads to, and what is missing at it."""
    columns = (
        Column(texts["diagram.stage"], width=22),
        Column(texts["diagram.box"], width=60),
        Column(texts["diagram.leads_to"], width=40),
        Column(texts["diagram.gaps"], width=40),
    )
    rows = tuple(
        Row(
            (
                block.stages[node.stage],
                node.label,
                ", ".join(last for first, last in block.links if first == node.id) or "-",
                "; ".join(node.gaps) or "-",
            )
        )
        for node in block.nodes
    )
    return Table(block.title, columns, rows, (block.note,) if block.note else (), block.anchor)


def _line(start: tuple[float, float], end: tuple[float, float], theme: Theme) -> str:
    bend = (end[0] - start[0]) / 2
    path = f"M{start[0]:.1f} {start[1]:.1f}C{start[0] + bend:.1f} {start[1]:.1f} {end[0] - bend:.1f} {end[1]:.1f} {end[0]:.1f} {end[1]:.1f}"
    return tag("path", d=path, fill="none", stroke=theme.missing, stroke_width=0.6)


def _box(node: Node, place: tuple[float, float], across: float, theme: Theme, texts: Texts) -> str:
    """A box with its label cut to what fits; the whole label and the gaps are its title."""
    tone = theme.tones["bad"] if node.gaps else theme.tones["plain"]
    label = f"{tone.sign} {node.label}" if node.gaps else node.label
    most = int(across / LETTER)
    shown = label if len(label) <= most else f"{label[: most - 1].rstrip()}…"
    spoken = texts.pair(node.label, "; ".join(node.gaps)) if node.gaps else node.label
    edge: dict[str, str | float] = {"stroke": tone.ink, "stroke_width": 1.8, "stroke_dasharray": "5 3"}
    plain: dict[str, str | float] = {"stroke": theme.muted, "stroke_width": 0.7}
    return tag(
        "g",
        tag("title", words(spoken)),
        tag(
            "rect",
            x=place[0] + 1,
            y=place[1] - BOX / 2,
            width=across - 1,
            height=BOX,
            fill=tone.fill,
            **(edge if node.gaps else plain),
        ),
        tag(
            "text",
            words(shown),
            x=place[0] + 6,
            y=place[1] + 3,
            font_size=SIZE,
            fill=tone.ink if node.gaps else theme.ink,
            font_family=theme.label_font,
        ),
    )
