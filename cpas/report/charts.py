"""Charts as SVG and as PNG: what is drawn of a chart, where and how; `plot` puts it on paper."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO
from itertools import chain, pairwise
from math import ceil, floor, log10, nan
from textwrap import wrap
from typing import IO, TYPE_CHECKING, Any

from cpas.report.blocks import Bound, Chart, Series
from cpas.report.numbers import in_table
from cpas.report.svg import framed, own_ids
from cpas.report.texts import Texts, in_cell
from cpas.report.theme import Theme

if TYPE_CHECKING:
    from cpas.report.plot import Plot

MARKERS = ("o", "s", "^", "D", "v", "P")
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.5, 1.5)), (0, (6, 1.5, 1.5, 1.5)), (0, (3, 3)), "-")
HATCHES = ("", "///", "\\\\\\", "---", "|||", "xx")
WIDTHS = {"half": 338.0, "full": 690.0}
FONT = "DejaVu Sans"  # comes with matplotlib, so that a chart is laid out alike on every machine
SIZE = 9.0
PAD = 4  # points between the plot and the labels along its edges
LABEL = 28  # letters on a line of a lying chart's label
GLYPH = 0.54 * SIZE  # width of a letter of the page's fonts, on average


def prepare_to_draw() -> None:
    """Import what draws, which takes long, before there is something to draw."""
    import cpas.report.plot  # noqa: F401  # the import is all that is wanted


def render_chart(chart: Chart, theme: Theme, texts: Texts, ident: str) -> str:
    """The chart as one SVG element; `ident` begins every identifier in it and must be its own in the page.

    The same chart gives the same bytes.
    """
    stream = StringIO()
    how = {"format": "svg", "transparent": True, "metadata": {"Date": None, "Creator": None}}
    size = _draw(chart, theme, texts, ident, stream, how)
    body = re.sub(
        r"^.*?<svg[^>]*>|</svg>\s*$|<metadata>.*?</metadata>", "", stream.getvalue(), flags=re.DOTALL
    )
    body = own_ids(body.replace(f"'{FONT}'", theme.label_font), ident)
    return framed(ident, size, chart.title, chart.alt, re.sub(r"\n\s*", "\n", body).strip())


def render_picture(chart: Chart, theme: Theme, texts: Texts) -> tuple[bytes, float]:
    """The chart as a PNG for documents that take no SVG, and its width in points.

    The same chart gives the same bytes.
    """
    stream = BytesIO()
    width, _ = _draw(
        chart, theme, texts, "", stream, {"format": "png", "dpi": 200, "metadata": {"Software": None}}
    )
    return stream.getvalue(), width


def _draw(  # a chart, how it looks, and where it goes
    chart: Chart, theme: Theme, texts: Texts, salt: str, stream: IO[Any], how: Mapping[str, Any]
) -> tuple[float, float]:
    """Draw the chart into a stream, `how` as `savefig` takes it; its width and height in points."""
    from cpas.report.plot import Plot, lettered

    lying = chart.kind in ("bar", "stacked_bar")
    size = (WIDTHS[chart.width], _height(chart, lying))
    values = _values(chart)
    ticks = nice_ticks(min(values, default=0.0), max(values, default=0.0), whole=_kind(chart) == "count")
    count, scale = len(chart.labels), (ticks[0], ticks[-1])
    limits = (scale, (count - 0.5, -0.5)) if lying else ((-0.6, count - 0.4), scale)
    with lettered(FONT, SIZE, salt):
        plot = Plot.of_size(size, _frame(chart, theme, texts, size), *limits)
        if chart.kind == "line":
            _draw_lines(plot, chart, theme)
        else:
            _draw_bars(plot, chart, theme, texts, lying)
        _draw_scale(plot, chart, theme, ticks, texts, lying)
        _draw_marks(plot, chart, theme, texts, lying)
        plot.figure.text(2 / size[0], 1 - 8 / size[1], chart.unit, color=theme.muted, va="center")
        plot.write(stream, how)
    return size


def nice_ticks(least: float, most: float, whole: bool) -> list[float]:
    """Three to six round steps that hold zero and every value between them.

    >>> nice_ticks(0, 87, whole=True)
    [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    """
    least, most = min(least, 0.0), max(most, 0.0)
    most = 1.0 if least == most else most
    span = most - least
    rough = span / 5
    power = 10.0 ** floor(log10(rough))
    step = power * next(factor for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    step = max(step, 1.0) if whole else step
    step = float(ceil(step)) if whole and step < 10 else step
    return [step * index for index in range(floor(least / step), ceil(most / step) + 1)]


def spread(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Middles of labels as near to the wanted ones as they can be without overlap and, where there is room, between two ends."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    placed = list(wanted)
    for before, index in pairwise(order):
        placed[index] = max(placed[index], placed[before] + (sizes[before] + sizes[index]) / 2)
    shift = sum(at - want for at, want in zip(placed, wanted, strict=True)) / max(len(wanted), 1)
    placed = [at - shift for at in placed]
    over = max((at + size / 2 - high for at, size in zip(placed, sizes, strict=True)), default=0.0)
    placed = [at - max(over, 0.0) for at in placed]
    under = max((low - at + size / 2 for at, size in zip(placed, sizes, strict=True)), default=0.0)
    return [at + max(under, 0.0) for at in placed]


def _height(chart: Chart, lying: bool) -> float:
    if not lying:
        return 176.0
    thick = 1 if chart.kind == "stacked_bar" else len(chart.series)
    tall = 8.0 if thick == 1 and any(len(label) > LABEL for label in chart.labels) else 0.0
    return 44.0 + len(chart.labels) * (7.0 + tall + 14.0 * thick)


def _frame(
    chart: Chart, theme: Theme, texts: Texts, size: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Left, bottom, width and height of the plot, as shares of the figure."""
    width, height = size
    lying = chart.kind in ("bar", "stacked_bar")
    most = max((abs(value) for value in _values(chart)), default=0.0)
    ticks = max(len(in_table(most, "quantity", texts.language, 0)) + 1, 3)
    left = (min(max(map(len, chart.labels), default=0), LABEL) if lying else ticks) * GLYPH + 8
    labels = [line for text, _, _ in _end_labels(chart, theme, texts) for line in text.split("\n")]
    half = len(chart.labels[-1]) / 2 * GLYPH if chart.labels and not lying else 40.0
    right = max(max(map(len, labels), default=0) * GLYPH + 12, half)
    legend = 16.0 if chart.kind != "line" and len(chart.series) > 1 else 0.0
    top, bottom = 20.0 + legend, 20.0
    return left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height


def _draw_lines(plot: Plot, chart: Chart, theme: Theme) -> None:
    starts = {chart.labels.index(gap.label) for gap in chart.breaks if gap.label in chart.labels}
    small = 3.2 if len(chart.labels) > 30 else 4.2
    for number, series in enumerate(chart.series):
        colour, marker = theme.series[number % len(theme.series)], MARKERS[number % len(MARKERS)]
        xs: list[float] = []
        ys: list[float] = []
        for index, point in enumerate(series.points):
            if index in starts:  # a gap without width: the line does not run over a break
                xs, ys = [*xs, index - 0.5], [*ys, nan]
            xs, ys = [*xs, index], [*ys, _size(point, nan)]
        plot.line(
            xs, ys, color=colour, linestyle=DASHES[number % len(DASHES)], linewidth=1.6, marker=marker,
            markersize=small, markeredgecolor=colour, solid_capstyle="round", zorder=3,
        )  # fmt: skip
        hollow = [index for index, point in enumerate(series.points) if point.status == "partial"]
        if hollow:
            plot.line(
                hollow, [_size(series.points[index]) for index in hollow], color=colour, linestyle="none", marker=marker, markersize=small + 1.2,
                markerfacecolor=theme.paper, markeredgewidth=1.3, zorder=4,
            )  # fmt: skip


def _draw_bars(plot: Plot, chart: Chart, theme: Theme, texts: Texts, lying: bool) -> None:
    stacked, many = chart.kind.startswith("stacked"), len(chart.series) > 1
    thick = 0.68 if stacked or not many else 0.8 / len(chart.series)
    bases: list[float] = [0.0] * len(chart.labels)
    looks = [_look(number, theme, many) for number in range(len(chart.series))]
    for number, (series, look) in enumerate(zip(chart.series, looks, strict=True)):
        sizes = [_size(point) for point in series.points]
        shift = 0.0 if stacked else (number - (len(chart.series) - 1) / 2) * thick
        places = [index + shift for index in range(len(chart.labels))]
        for place, base, size, point in zip(places, bases, sizes, series.points, strict=True):
            hollow = {"facecolor": theme.paper, "edgecolor": look["facecolor"], "linewidth": 1.3}
            own = look | hollow if point.status == "partial" else look
            side = place - thick / 2
            if lying:
                plot.bar((base, side), size, thick, own)
            else:
                plot.bar((side, base), thick, size, own)
        if stacked:
            bases = [base + size for base, size in zip(bases, sizes, strict=True)]
        elif lying or (not many and len(places) <= 8):
            _write_sizes(plot, places, series, theme, texts, lying)
    if many:
        plot.key([series.name for series in chart.series], looks, theme.ink)


def _look(number: int, theme: Theme, is_one_of_many: bool) -> dict[str, Any]:
    """How the bars of a series look: by colour, and among others by hatching too."""
    return {
        "facecolor": theme.series[number % len(theme.series)],
        "edgecolor": theme.paper,
        "linewidth": 0.7,
        "hatch": HATCHES[number % len(HATCHES)] if is_one_of_many else None,
    }


def _write_sizes(
    plot: Plot, places: list[float], series: Series, theme: Theme, texts: Texts, lying: bool
) -> None:
    """Each bar's value beside its end; the word in place of a bar that is missing."""
    for place, point in zip(places, series.points, strict=True):
        at = max(_size(point), 0.0)
        plot.text(
            in_cell(point, texts), (at, place) if lying else (place, at), shift=(4, 0) if lying else (0, 3),
            ha="left" if lying else "center", va="center" if lying else "bottom",
            fontsize=SIZE - 0.5, color=theme.muted if point.value is None else theme.ink,
        )  # fmt: skip


def _draw_scale(
    plot: Plot, chart: Chart, theme: Theme, ticks: list[float], texts: Texts, lying: bool
) -> None:
    """Values along one edge from zero, labels along the other; of many labels every so-manieth, and the last."""
    decimals = 0 if all(tick == int(tick) for tick in ticks) else 2 if max(ticks) - min(ticks) < 1 else 1
    written = [in_table(tick, "quantity", texts.language, decimals) for tick in ticks]
    room = plot.frame[2] * WIDTHS[chart.width]
    each = max(1, ceil(len(chart.labels) * max(map(len, chart.labels), default=1) * GLYPH * 1.25 / room))
    shown = list(range(len(chart.labels) - 1, -1, -1 if lying else -each))
    labels = [_wrapped(chart.labels[index]) if lying else chart.labels[index] for index in shown]
    apart = max(1, ceil(len(ticks) * max(map(len, written)) * GLYPH * 1.25 / room)) if lying else 1
    plot.grid(ticks[::apart], lying, color=theme.rule, linewidth=0.6, zorder=0.5)
    edge: dict[str, Any] = {"color": theme.muted, "linewidth": 0.8, "zorder": 2.5}
    if lying:
        plot.line((0, 0), (0, 1), plot.shares, **edge)
        _write_below(plot, ticks[::apart], written[::apart], theme.muted)
        _write_left(plot, shown, labels, theme.ink)
    else:
        plot.line((0, 1), (0, 0), plot.shares, **edge)
        _write_left(plot, ticks, written, theme.muted)
        _write_below(plot, shown, labels, theme.muted)


def _write_below(plot: Plot, places: Sequence[float], labels: list[str], colour: str) -> None:
    for place, label in zip(places, labels, strict=True):
        plot.text(label, (place, 0), plot.along, (0, -PAD), va="top", ha="center", color=colour)


def _write_left(plot: Plot, places: Sequence[float], labels: list[str], colour: str) -> None:
    for place, label in zip(places, labels, strict=True):
        plot.text(label, (0, place), plot.beside, (-PAD, 0), va="center_baseline", ha="right", color=colour)


def _draw_marks(plot: Plot, chart: Chart, theme: Theme, texts: Texts, lying: bool) -> None:
    """Target and baseline, breaks, and a cross where there is no value; then the names at the line ends."""
    for line in chart.lines:
        level, target = _size(line.value), line.role == "target"
        style: dict[str, Any] = {
            "color": theme.ink if target else theme.muted,
            "linestyle": (0, (6, 2)) if target else (0, (1, 2)),
            "linewidth": 1.1,
            "zorder": 2,
        }
        if lying:
            plot.line((level, level), (0, 1), plot.along, **style)
            plot.text(
                f"{line.label} {in_cell(line.value, texts)}", (level, 1), plot.along, (0, 2),
                ha="center", color=style["color"], fontsize=SIZE - 0.5,
            )  # fmt: skip
        else:
            plot.line((0, 1), (level, level), plot.beside, **style)
    for gap in chart.breaks:
        if gap.label in chart.labels and not lying:
            at = chart.labels.index(gap.label) - 0.5
            plot.line((at, at), (0, 1), plot.along, color=theme.muted, linestyle=(0, (2, 2)), linewidth=1)
            plot.text(
                texts["chart.break"], (at, 1), plot.along, (3, -1), va="top", color=theme.muted, fontsize=SIZE - 1,
            )  # fmt: skip
    missing = [
        index
        for index in range(len(chart.labels))
        if any(series.points[index].value is None for series in chart.series)
    ]
    if missing and not lying:
        crosses: dict[str, Any] = {"linestyle": "none", "marker": "x", "markersize": 5, "zorder": 5}
        plot.line(missing, [0.0] * len(missing), color=theme.muted, **crosses)
    labels = _end_labels(chart, theme, texts)
    low, high = plot.up
    point = (high - low) / 136
    sizes = [(SIZE * 1.35 * (text.count("\n") + 1) + 4) * point for text, _, _ in labels]
    room = (low - 16 * point, high + 16 * point)
    for (text, _, colour), at in zip(labels, spread([at for _, at, _ in labels], sizes, *room), strict=True):
        plot.text(text, (1, at), plot.beside, (6, 0), va="center", color=colour, linespacing=1.35)


def _end_labels(chart: Chart, theme: Theme, texts: Texts) -> list[tuple[str, float, str]]:
    """Text, level and colour of what stands at the right end of the plot: several lines by name, and levels."""
    if chart.kind in ("bar", "stacked_bar"):
        return []
    labels = []
    if chart.kind == "line" and len(chart.series) > 1:
        for number, series in enumerate(chart.series):
            end = next((_size(point) for point in reversed(series.points) if point.value is not None), 0.0)
            labels.append((series.name, end, theme.series[number % len(theme.series)]))
    for line in chart.lines:
        colour = theme.ink if line.role == "target" else theme.muted
        labels.append((f"{line.label} {in_cell(line.value, texts)}", _size(line.value), colour))
    return [("\n".join(wrap(text, 18)), at, colour) for text, at, colour in labels]


def _values(chart: Chart) -> list[float]:
    """Every height that the scale must hold: points, or their sums where they are stacked, and levels."""
    points = [[_size(point) for point in series.points] for series in chart.series]
    if chart.kind.startswith("stacked"):
        points = [[sum(each) for each in zip(*points, strict=True)]]
    return [*chain.from_iterable(points), *(_size(line.value) for line in chart.lines)]


def _kind(chart: Chart) -> str:
    """What a chart's figures are."""
    return next((point.kind for series in chart.series for point in series.points), "count")


def _size(point: Bound, missing: float = 0.0) -> float:
    """A value as the float that drawing needs; text and dates cannot be drawn and count as missing."""
    number = point.number
    return missing if number is None else float(number)


def _wrapped(label: str) -> str:
    """A category's name on two lines where it is long, and cut where it is longer still."""
    lines = wrap(label, LABEL)
    return "\n".join(lines[:2]) + ("…" if len(lines) > 2 else "")
