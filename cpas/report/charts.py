"""Charts as SVG, drawn straight from their figures; where things stand is decided in `chart_plot`."""

from __future__ import annotations

from collections.abc import Iterator

from cpas.report.blocks import Chart, ReferenceLine, Series
from cpas.report.chart_plot import GLYPH, SIZE, Plot, category, end_names, plot_of, size_of, spread
from cpas.report.svg import framed, joined, tag, words
from cpas.report.texts import Texts, in_cell
from cpas.report.theme import Theme

# A series is told apart by its marker and dash, or by its hatch, and not by colour alone.
CORNERS: tuple[tuple[tuple[float, float], ...], ...] = (
    (),  # a circle
    ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    ((0, -1.2), (1.1, 0.9), (-1.1, 0.9)),
    ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    ((0, 1.2), (1.1, -0.9), (-1.1, -0.9)),
    ((-1, -1), (0, -0.4), (1, -1), (0.4, 0), (1, 1), (0, 0.4), (-1, 1), (-0.4, 0)),
)
DASHES = ("", "8 2.4", "2.4 2.4", "9.6 2.4 2.4 2.4", "4.8 4.8", "")
HATCHES = (
    "",
    "M0 7L7 0M-1 1L1 -1M6 8L8 6",
    "M0 0L7 7M-1 6L1 8M6 -1L8 1",
    "M0 3.5H7",
    "M3.5 0V7",
    "M0 7L7 0M0 0L7 7",
)
TILE = 7.0  # width and height of a hatch
LEADING = 1.3


def render_chart(chart: Chart, theme: Theme, texts: Texts, ident: str) -> str:
    """The chart as one SVG element; `ident` begins every identifier in it and must be its own in the page.

    The same chart gives the same bytes.
    """
    plot = plot_of(chart, theme, texts)
    if chart.kind == "line":
        series = (*_levels(plot), *_lines(plot))
    else:
        series = (_hatches(plot, ident), *_bars(plot, ident), *_levels(plot))
    unit = _text(chart.unit, (2.0, 8.0), theme.muted)
    marks = (*_crosses(plot), *_breaks(plot), *_ends(plot), unit)
    body = tag("g", *_scale(plot), *series, *marks, font_family=theme.label_font, font_size=SIZE)
    return framed(ident, plot.size, chart.title, chart.alt, body)


def _scale(plot: Plot) -> Iterator[str]:
    """Values along one axis with a fine line at each, and labels along the other."""
    theme = plot.theme
    for tick in plot.ticks:
        yield _across(plot, plot.level(tick), stroke=theme.rule, stroke_width=0.6)
    for tick, text in plot.written_ticks():
        level = plot.level(tick)
        where = (level, plot.bottom + 10) if plot.is_lying else (plot.left - 4, level)
        yield _text(text, where, theme.muted, "middle" if plot.is_lying else "end")
    for index in plot.shown_labels():
        label, place = plot.chart.labels[index], plot.place(index)
        if plot.is_lying:
            yield _text(category(label), (plot.left - 4, place), theme.ink, "end")
        else:
            yield _text(label, (place, plot.bottom + 10), theme.muted, "middle")


def _lines(plot: Plot) -> Iterator[str]:
    """Each series as a line with its markers: hollow where a value is partial, open at gaps and breaks."""
    labels, theme = plot.chart.labels, plot.theme
    starts = {labels.index(gap.label) for gap in plot.chart.breaks if gap.label in labels}
    radius = 1.6 if len(labels) > 30 else 2.1
    for number, series in enumerate(plot.chart.series):
        colour = theme.series[number % len(theme.series)]
        runs: list[list[tuple[float, float]]] = [[]]
        markers = []
        for index, point in enumerate(series.points):
            if index in starts or point.number is None:
                runs.append([])
            if point.number is None:
                continue
            where = plot.at(index, size_of(point))
            runs[-1].append(where)
            if point.status == "partial":
                hollow: dict[str, str | float] = {"fill": theme.paper, "stroke": colour, "stroke_width": 1.3}
                markers.append(_marker(number, where, radius + 0.6, **hollow))
            else:
                markers.append(_marker(number, where, radius, fill=colour))
        path = "".join(joined(run) for run in runs if run)
        yield _stroke(path, DASHES[number % len(DASHES)], stroke=colour, stroke_width=1.6)
        yield from markers


def _marker(number: int, where: tuple[float, float], radius: float, **paint: str | float) -> str:
    x, y = where
    if not (corners := CORNERS[number % len(CORNERS)]):
        return tag("circle", cx=x, cy=y, r=radius, **paint)
    return tag(
        "path", d=joined((x + right * radius, y + down * radius) for right, down in corners) + "Z", **paint
    )


def _bars(plot: Plot, ident: str) -> Iterator[str]:
    """Each series as bars, beside or on top of each other: hollow where a value is partial."""
    chart = plot.chart
    is_stacked = chart.kind.startswith("stacked")
    thick = 0.68 if is_stacked or not plot.shows_many else 0.8 / len(chart.series)
    bases = [0.0] * len(chart.labels)
    for number, series in enumerate(chart.series):
        shift = 0.0 if is_stacked else (number - (len(chart.series) - 1) / 2) * thick
        for index, point in enumerate(series.points):
            if point.number is None:
                continue
            base, top = bases[index], bases[index] + size_of(point)
            (x1, y1), (x2, y2) = (
                plot.at(index + shift - thick / 2, base),
                plot.at(index + shift + thick / 2, top),
            )
            box = {"x": min(x1, x2), "y": min(y1, y2), "width": abs(x2 - x1), "height": abs(y2 - y1)}
            fill, stroke, width = _paint(plot, number, ident, is_partial=point.status == "partial")
            yield tag("rect", **box, fill=fill, stroke=stroke, stroke_width=width)
            bases[index] = top if is_stacked else 0.0
        if not is_stacked and (plot.is_lying or (not plot.shows_many and len(chart.labels) <= 8)):
            yield from _sizes(plot, series, shift)
    if plot.shows_many:
        yield from _legend(plot, ident)


def _paint(plot: Plot, number: int, ident: str, *, is_partial: bool) -> tuple[str, str, float]:
    """Fill, edge and its width of a series' bars."""
    theme = plot.theme
    colour = theme.series[number % len(theme.series)]
    fill = theme.paper if is_partial else colour
    if plot.shows_many and HATCHES[number % len(HATCHES)]:
        fill = f"url(#{ident}-hatch-{number}{'-partial' if is_partial else ''})"
    return (fill, colour, 1.3) if is_partial else (fill, theme.paper, 0.7)


def _hatches(plot: Plot, ident: str) -> str:
    """A pattern for each series of bars that has a hatch, and one for its partial values."""
    if not plot.shows_many:
        return ""
    patterns = []
    for number in range(len(plot.chart.series)):
        colour = plot.theme.series[number % len(plot.theme.series)]
        if hatch := HATCHES[number % len(HATCHES)]:
            for suffix, ground, line in (
                ("", colour, plot.theme.paper),
                ("-partial", plot.theme.paper, colour),
            ):
                tile = tag("rect", width=TILE, height=TILE, fill=ground)
                lines = tag("path", d=hatch, stroke=line, stroke_width=0.7)
                own: dict[str, str | float] = {"id": f"{ident}-hatch-{number}{suffix}"}
                own |= {"width": TILE, "height": TILE, "patternUnits": "userSpaceOnUse"}
                patterns.append(tag("pattern", tile, lines, **own))
    return tag("defs", *patterns)


def _sizes(plot: Plot, series: Series, shift: float) -> Iterator[str]:
    """Each bar's value beside its end; the word in place of a bar that is missing."""
    for index, point in enumerate(series.points):
        x, y = plot.at(index + shift, max(size_of(point), 0.0))
        where = (x + 4, y) if plot.is_lying else (x, y - 8)
        colour = plot.theme.muted if point.value is None else plot.theme.ink
        anchor = "start" if plot.is_lying else "middle"
        yield _text(in_cell(point, plot.texts), where, colour, anchor, SIZE - 0.5)


def _legend(plot: Plot, ident: str) -> Iterator[str]:
    x, y = plot.left, plot.top - 11
    for number, series in enumerate(plot.chart.series):
        fill, stroke, width = _paint(plot, number, ident, is_partial=False)
        yield tag("rect", x=x, y=y - 4, width=13, height=8, fill=fill, stroke=stroke, stroke_width=width)
        yield _text(series.name, (x + 18, y), plot.theme.ink)
        x += 18 + len(series.name) * GLYPH + 12


def _levels(plot: Plot) -> Iterator[str]:
    """The line at zero, then target and baseline as lines across the plot; of a lying chart with the name on top."""
    yield _across(plot, plot.level(0.0), stroke=plot.theme.muted, stroke_width=0.8)
    for line in plot.chart.lines:
        level, colour = plot.level(size_of(line.value)), _level_colour(plot, line)
        dash = "6.6 2.2" if line.role == "target" else "1.1 2.2"
        yield _across(plot, level, stroke=colour, stroke_width=1.1, stroke_dasharray=dash)
        if plot.is_lying:
            name = f"{line.label} {in_cell(line.value, plot.texts)}"
            yield _text(name, (level, plot.top - 6), colour, "middle", SIZE - 0.5)


def _level_colour(plot: Plot, line: ReferenceLine) -> str:
    return plot.theme.ink if line.role == "target" else plot.theme.muted


def _breaks(plot: Plot) -> Iterator[str]:
    """A line before each label at which the series is broken, with the word."""
    if plot.is_lying:
        return
    labels, colour = plot.chart.labels, plot.theme.muted
    for gap in plot.chart.breaks:
        if gap.label in labels:
            x = plot.place(labels.index(gap.label) - 0.5)
            yield _stroke(joined(((x, plot.top), (x, plot.bottom))), "2 2", stroke=colour, stroke_width=1)
            yield _text(plot.texts["chart.break"], (x + 3, plot.top + 5), colour, size=SIZE - 1)


def _crosses(plot: Plot) -> Iterator[str]:
    """A cross on the line at zero where some series has no value; beside a lying bar stands a word."""
    if plot.is_lying:
        return
    for index in range(len(plot.chart.labels)):
        if any(series.points[index].value is None for series in plot.chart.series):
            x, y = plot.at(index, 0.0)
            path = joined(((x - 2.5, y - 2.5), (x + 2.5, y + 2.5))) + joined(
                ((x - 2.5, y + 2.5), (x + 2.5, y - 2.5))
            )
            yield tag("path", d=path, stroke=plot.theme.muted, stroke_width=1, class_="missing")


def _ends(plot: Plot) -> Iterator[str]:
    """The names at the right end, moved apart where they would run into each other."""
    names = end_names(plot.chart, plot.theme, plot.texts)
    gap = (SIZE + 2) * max((text.count("\n") + 1 for text, _, _ in names), default=1)
    places = spread([plot.level(value) for _, value, _ in names], gap)
    for (text, _, colour), y in zip(names, places, strict=True):
        yield _text(text, (plot.right + 6, y), colour)


def _across(plot: Plot, level: float, **paint: str | float) -> str:
    """A line over the whole plot at one level of the scale."""
    if plot.is_lying:
        return tag("line", x1=level, x2=level, y1=plot.top, y2=plot.bottom, **paint)
    return tag("line", x1=plot.left, x2=plot.right, y1=level, y2=level, **paint)


def _stroke(path: str, dash: str, **paint: str | float) -> str:
    dashed: dict[str, str | float] = {"stroke_dasharray": dash} if dash else {}
    return tag("path", d=path, fill="none", stroke_linejoin="round", **paint, **dashed)


def _text(
    text: str, where: tuple[float, float], colour: str, anchor: str = "start", size: float = SIZE
) -> str:
    """A text whose middle is at a height; a line feed begins a line below."""
    lines = text.split("\n")
    first = where[1] + 0.35 * size - (len(lines) - 1) / 2 * LEADING * size
    own: dict[str, str | float] = {} if size == SIZE else {"font_size": size}
    if anchor != "start":
        own["text_anchor"] = anchor
    return "".join(
        tag("text", words(line), x=where[0], y=first + number * LEADING * size, fill=colour, **own)
        for number, line in enumerate(lines)
    )
