"""Where things stand in a chart: its frame, its scale and its labels, as numbers; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from math import ceil, floor, log10
from textwrap import wrap

from cpas.report.blocks import Bound, Chart
from cpas.report.numbers import in_table
from cpas.report.texts import Texts, in_cell
from cpas.report.theme import Theme

WIDTHS = {"half": 338.0, "full": 690.0}
SIZE = 9.0
LABEL = 28  # letters on a line of a lying chart's label
NAME = 18  # letters on a line of a name at the right end
GLYPH = 0.54 * SIZE  # width of a letter of the page's fonts, on average
SPACED = 1.25 * GLYPH  # the same, with the room that a row of labels needs between them

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart's frame: all positions are in points from the top left corner of the picture.

    `size` is that of the picture; the edges are those of the plot inside it. `ticks` run from the least to
    the most that the scale holds.
    """

    chart: Chart
    theme: Theme
    texts: Texts
    size: tuple[float, float]
    left: float
    top: float
    right: float
    bottom: float
    ticks: tuple[float, ...]

    @property
    def is_lying(self) -> bool:
        """Whether values run to the right and categories down."""
        return is_lying(self.chart)

    @property
    def shows_many(self) -> bool:
        """Whether there are several series to be told apart."""
        return len(self.chart.series) > 1

    def level(self, value: float) -> float:
        """Where a value is along the scale."""
        share = (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
        if self.is_lying:
            return self.left + share * (self.right - self.left)
        return self.bottom - share * (self.bottom - self.top)

    def place(self, index: float) -> float:
        """Where the label of an index stands on the axis of labels."""
        count = len(self.chart.labels)
        if self.is_lying:
            return self.top + (index + 0.5) / count * (self.bottom - self.top)
        return self.left + (index + 0.6) / (count + 0.2) * (self.right - self.left)

    def at(self, index: float, value: float) -> Place:
        """The point of a value over, or beside, a label."""
        place, level = self.place(index), self.level(value)
        return (level, place) if self.is_lying else (place, level)

    def written_ticks(self) -> list[tuple[float, str]]:
        """The ticks that are written out, with as many decimals as the finest needs."""
        whole = all(tick == int(tick) for tick in self.ticks)
        decimals = 0 if whole else 2 if self.ticks[-1] - self.ticks[0] < 1 else 1
        written = [(tick, in_table(tick, "quantity", self.texts.language, decimals)) for tick in self.ticks]
        if not self.is_lying:
            return written
        room = self.right - self.left
        return written[:: max(1, ceil(len(written) * max(len(text) for _, text in written) * SPACED / room))]

    def shown_labels(self) -> list[int]:
        """The labels that are written out: all where they lie, else the last and every so-manieth before it."""
        labels, room = self.chart.labels, self.right - self.left
        longest = max(map(len, labels), default=0)
        apart = 1 if self.is_lying else max(1, ceil(len(labels) * longest * SPACED / room))
        return list(range(len(labels) - 1, -1, -apart))


def plot_of(chart: Chart, theme: Theme, texts: Texts) -> Plot:
    """The frame that a chart's labels and names leave for it, and the scale that holds its values."""
    values = _values(chart)
    kind = next((point.kind for series in chart.series for point in series.points), "count")
    ticks = nice_ticks(min(values, default=0.0), max(values, default=0.0), whole=kind == "count")
    lying = is_lying(chart)
    width, height = WIDTHS[chart.width], _height(chart)
    most = max((abs(value) for value in values), default=0.0)
    figures = max(len(in_table(most, "quantity", texts.language, 0)) + 1, 3)
    longest = min(max(map(len, chart.labels), default=0), LABEL) if lying else figures
    names = [line for text, _, _ in end_names(chart, theme, texts) for line in text.split("\n")]
    half = len(chart.labels[-1]) / 2 * GLYPH if chart.labels and not lying else 40.0
    right = max(max(map(len, names), default=0) * GLYPH + 12, half)
    legend = 16.0 if chart.kind != "line" and len(chart.series) > 1 else 0.0
    return Plot(
        chart,
        theme,
        texts,
        (width, height),
        longest * GLYPH + 8,
        20.0 + legend,
        width - right,
        height - 20.0,
        tuple(ticks),
    )


def is_lying(chart: Chart) -> bool:
    """Whether a chart's bars run to the right."""
    return chart.kind in ("bar", "stacked_bar")


def size_of(point: Bound, missing: float = 0.0) -> float:
    """A value as the float that drawing needs; text and dates cannot be drawn and count as missing."""
    number = point.number
    return missing if number is None else float(number)


def end_names(chart: Chart, theme: Theme, texts: Texts) -> list[tuple[str, float, str]]:
    """Text, value and colour of what stands at the right end of the plot: several lines by name, and levels."""
    if is_lying(chart):
        return []
    names = []
    if chart.kind == "line" and len(chart.series) > 1:
        for number, series in enumerate(chart.series):
            end = next((size_of(point) for point in reversed(series.points) if point.value is not None), 0.0)
            names.append((series.name, end, theme.series[number % len(theme.series)]))
    for line in chart.lines:
        colour = theme.ink if line.role == "target" else theme.muted
        names.append((f"{line.label} {in_cell(line.value, texts)}", size_of(line.value), colour))
    return [("\n".join(wrap(text, NAME)), at, colour) for text, at, colour in names]


def category(label: str) -> str:
    """A category's name on two lines where it is long, and cut where it is longer still."""
    lines = wrap(label, LABEL)
    return "\n".join(lines[:2]) + ("…" if len(lines) > 2 else "")


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


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Positions as near to the wanted ones as they can be with a gap between any two, in the same order."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    placed = list(wanted)
    for before, index in pairwise(order):
        placed[index] = max(placed[index], placed[before] + gap)
    shift = sum(at - want for at, want in zip(placed, wanted, strict=True)) / max(len(wanted), 1)
    return [at - shift for at in placed]


def _height(chart: Chart) -> float:
    if not is_lying(chart):
        return 176.0
    thick = 1 if chart.kind == "stacked_bar" else len(chart.series)
    tall = 8.0 if thick == 1 and any(len(label) > LABEL for label in chart.labels) else 0.0
    return 44.0 + len(chart.labels) * (7.0 + tall + 14.0 * thick)


def _values(chart: Chart) -> list[float]:
    """Every height that the scale must hold: points, or their sums where they are stacked, and levels."""
    points = [[size_of(point) for point in series.points] for series in chart.series]
    if chart.kind.startswith("stacked"):
        points = [[sum(each) for each in zip(*points, strict=True)]]
    return [*chain.from_iterable(points), *(size_of(line.value) for line in chart.lines)]
