"""A plot's marks, placed by the figures that they stand for, as matplotlib's artists; the only door to it, and neither pyplot nor axes, the dearest part of a chart, behind the door."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.transforms import (
    Bbox,
    BboxTransformFrom,
    BboxTransformTo,
    ScaledTranslation,
    Transform,
    TransformedBbox,
    blended_transform_factory,
)

POINTS = 72

Limits = tuple[float, float]


@contextmanager
def lettered(font: str, size: float, salt: str) -> Iterator[None]:
    """The letters of what is drawn meanwhile; from `salt` come the identifiers in it."""
    settings: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": salt,
        "font.family": font,
        "font.size": size,
        "text.parse_math": False,  # two dollar signs are money here
        "hatch.linewidth": 0.6,
    }
    with mpl.rc_context(settings):
        yield


@dataclass(frozen=True)
class Plot:
    """A part of a figure, and the figures that stand at its edges.

    Attributes:
        figure: The whole picture.
        frame: Left, bottom, width and height of the plot, as shares of the figure.
        across: What its left and its right edge stand for.
        up: What its lower and its upper edge stand for.
    """

    figure: Figure
    frame: tuple[float, float, float, float]
    across: Limits
    up: Limits

    @classmethod
    def of_size(
        cls, size: tuple[float, float], frame: tuple[float, float, float, float], across: Limits, up: Limits
    ) -> Plot:
        """A plot in a new figure, whose width and height are in points."""
        figure = Figure(figsize=(size[0] / POINTS, size[1] / POINTS), dpi=POINTS)
        FigureCanvasSVG(figure)
        return cls(figure, frame, across, up)

    @cached_property
    def shares(self) -> Transform:
        """Places as shares of the plot's width and height."""
        return BboxTransformTo(TransformedBbox(Bbox.from_bounds(*self.frame), self.figure.transSubfigure))

    @cached_property
    def data(self) -> Transform:
        """Places as figures along both edges."""
        corners = Bbox([(self.across[0], self.up[0]), (self.across[1], self.up[1])])
        return BboxTransformFrom(corners) + self.shares

    @cached_property
    def along(self) -> Transform:
        """Places as figures along the lower edge, and shares of the height."""
        return blended_transform_factory(self.data, self.shares)

    @cached_property
    def beside(self) -> Transform:
        """Places as shares of the width, and figures along the left edge."""
        return blended_transform_factory(self.shares, self.data)

    def line(
        self, xs: Sequence[float], ys: Sequence[float], where: Transform | None = None, **look: Any
    ) -> None:
        """A line, markers, or both."""
        self.figure.add_artist(Line2D(xs, ys, transform=where or self.data, **look))

    def grid(self, levels: Iterable[float], is_lying: bool, **look: Any) -> None:
        """Thin lines through the whole plot; upright ones where the bars lie."""
        ends = ((level, 0.0, level, 1.0) if is_lying else (0.0, level, 1.0, level) for level in levels)
        lines = [((x, y), (to_x, to_y)) for x, y, to_x, to_y in ends]
        where = self.along if is_lying else self.beside
        self.figure.add_artist(LineCollection(lines, transform=where, **look))

    def bar(self, corner: tuple[float, float], width: float, height: float, look: Mapping[str, Any]) -> None:
        """A bar from one of its corners."""
        self.figure.add_artist(Rectangle(corner, width, height, transform=self.data, **look))

    def text(
        self,
        text: str,
        at: tuple[float, float],
        where: Transform | None = None,
        shift: tuple[float, float] = (0, 0),
        **look: Any,
    ) -> None:
        """A text at a place, moved by some points to the right and up."""
        moved = ScaledTranslation(shift[0] / POINTS, shift[1] / POINTS, self.figure.dpi_scale_trans)
        self.figure.text(*at, text, transform=(where or self.data) + moved, **look)

    def key(self, names: Iterable[str], looks: Iterable[Mapping[str, Any]], colour: str) -> None:
        """What each look of bars stands for, in one line above the plot."""
        bars = [Rectangle((0, 0), 1, 1, label=name, **look) for name, look in zip(names, looks, strict=True)]
        self.figure.legend(
            handles=bars, loc="lower left", bbox_to_anchor=(0, 1.0), bbox_transform=self.shares, ncols=len(bars),
            frameon=False, labelcolor=colour, borderaxespad=0.2, handlelength=1.4, handleheight=0.9, columnspacing=1.4,
        )  # fmt: skip

    def write(self, stream: IO[Any], how: Mapping[str, Any]) -> None:
        """The picture into a stream, `how` as `savefig` takes it."""
        self.figure.savefig(stream, **how)
