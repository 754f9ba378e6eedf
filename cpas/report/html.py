"""The report as one HTML file that needs no network and no script; the only door to jinja2."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from markupsafe import Markup

from cpas.errors import Issue, Location, RenderError
from cpas.report.blocks import Block, Bound, Chart, Column, Document, Row, Spark, Table
from cpas.report.drawings import ident_of, render_drawings
from cpas.report.svg import sparkline
from cpas.report.tabular import table_behind
from cpas.report.texts import Texts, bind, in_cell, prose_runs, readable
from cpas.report.theme import Theme

WIDE = 120  # characters across from which a table is printed in smaller letters


@dataclass(frozen=True, slots=True)
class Written:
    """A table's cell as it is printed; `partial` and `missing` are told apart from its text by their look."""

    text: str
    role: str
    tone: str = ""
    sign: str = ""
    partial: bool = False
    missing: bool = False
    source: str = ""
    drawing: Markup | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A table's row as it is printed."""

    row: Row
    cells: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading; rows before the first heading have none."""

    heading: str | None
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Placed:
    """A block with its template, an identifier of its own in the page, and its drawing where it has one."""

    template: str
    block: Block
    ident: str
    drawing: Markup | None


def render_pages(
    documents: Mapping[str, Document], theme: Theme, texts: Texts, folder: Path
) -> dict[str, bytes]:
    """Several documents by the names of their pages, each as `render_html` gives it."""
    return {name: render_html(document, theme, texts, folder) for name, document in documents.items()}


def render_html(document: Document, theme: Theme, texts: Texts, folder: Path) -> bytes:
    """The report as one UTF-8 page; `folder` is the folder of reports, with its templates in `blocks/`.

    The same document gives the same bytes.

    Raises:
        RenderError: A text is missing, a sentence names a value that it was not given, or a
            template cannot be used.
    """
    environment = Environment(
        loader=FileSystemLoader(folder / "blocks"),
        autoescape=True,  # select_autoescape goes by suffix, and `.j2` is not on its list
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["css"] = css_string
    environment.globals.update(
        texts=texts,
        theme=theme,
        runs=lambda prose: [(words, _source(bound)) for words, bound in prose_runs(prose, texts)],
        write=lambda bound: _write(bound, theme, texts, signed=True),
        status=lambda word: _write(Bound(word, "status"), theme, texts, signed=True),
        groups=lambda table: _groups(table, theme, texts),
        behind=lambda block: table_behind(block, texts),
        is_number=is_number,
        is_wide=lambda table: sum(column.width for column in table.columns) > WIDE,
        gaps=_gaps,
    )
    drawn = render_drawings(document, theme, texts)
    parts = [(part, list(_placed(part.id, part.blocks, drawn))) for part in document.parts]
    try:
        template = environment.get_template("document.html.j2")
        page = template.render(document=document, marking=texts.marking(document.marking), parts=parts)
    except TemplateError as error:
        raise RenderError("The page's templates cannot be used.", [_template_issue(error)]) from error
    return readable(page).encode("utf-8")


def css_string(text: str) -> Markup:
    """A text as a string of a style sheet, from which it cannot break out, nor out of the style element."""
    return Markup('"' + re.sub(r'[\x00-\x1f"\\<>&]', lambda found: f"\\{ord(found[0]):x} ", text) + '"')  # noqa: S704


def is_number(column: Column) -> bool:
    """Whether a column's cells stand to the right."""
    return column.kind in ("count", "quantity", "percentage", "amount", "thousands")


def _template_issue(error: TemplateError) -> Issue:
    where = Location("blocks")
    if isinstance(error, TemplateSyntaxError):
        where = Location(f"blocks/{error.name}", row=error.lineno)
    return Issue("CPAS-R006", where, str(error.message), "compare the templates with those that were shipped")


def _placed(part: str, blocks: Iterable[Block], drawn: Mapping[str, str]) -> Iterable[Placed]:
    for number, block in enumerate(blocks, start=1):
        ident = ident_of(part, number)
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(block).__name__).lower()
        yield Placed(f"{name}.html.j2", block, ident, _safe(drawn[ident]) if ident in drawn else None)


def _safe(drawing: str) -> Markup:
    """A drawing of ours, whose texts were escaped when it was drawn."""
    return Markup(drawing)  # noqa: S704


def _groups(table: Table, theme: Theme, texts: Texts) -> list[Group]:
    groups = [Group(None)]
    for row in table.rows:
        if row.role == "group":
            groups.append(Group(_write(bind(row.cells[0], table.columns[0]), theme, texts, signed=True).text))
            continue
        cells = tuple(
            _write(bind(cell, column), theme, texts, signed=not column.unit)
            for cell, column in zip(row.cells, table.columns, strict=True)
        )
        groups[-1].lines.append(Line(row, cells))
    return [group for group in groups if group.lines or group.heading is not None]


def _write(bound: Bound | Spark, theme: Theme, texts: Texts, signed: bool) -> Written:
    if isinstance(bound, Spark):
        return Written("", "spark", drawing=_safe(sparkline(bound, theme, texts)))
    role = "text" if bound.number is None else "number"
    text = in_cell(bound, texts, signed)
    role += " hanging" if role == "number" and text.endswith(")") else ""
    tone = theme.tone(str(bound.value)) if bound.kind == "status" and bound.value is not None else ""
    return Written(
        text,
        "rating" if tone else role,
        tone,
        theme.tones[tone].sign if tone else "",
        partial=bound.status == "partial",
        missing=bound.value is None and bound.status != "nil",
        source=_source(bound),
    )


def _source(bound: Bound | None) -> str:
    """What a figure is a figure of; empty for words."""
    return str(bound.key) if bound is not None and bound.key is not None else ""


def _gaps(chart: Chart) -> list[str]:
    """The texts that explain how a chart draws what is partial and what is missing, where it does."""
    points = [point for series in chart.series for point in series.points]
    partial = any(point.status == "partial" for point in points)
    missing = any(point.number is None for point in points) and chart.kind != "bar"
    return ["chart.partial"] * partial + ["chart.missing"] * missing
