"""Maps as SVG, drawn straight from polygons: classes of value, hatching where nothing was reported, names on top.

The plane is longitude by latitude with the longitudes narrowed by the cosine of the middle latitude, which
for a country of some hundreds of kilometres cannot be told from a better projection.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from itertools import pairwise
from math import cos, hypot, inf, radians
from typing import Any

from cpas.report.blocks import Bound, Kind, Map, MapArea, Ring, exact
from cpas.report.svg import framed, tag, words
from cpas.report.texts import Texts, in_cell
from cpas.report.theme import Theme

WIDTH, GROUND, MARGIN = 690.0, 480.0, 6.0
SIZE, LINE = 10.5, 17.0
ROOM = 13.0  # an area narrower than this is named in the legend
GRID = 12  # steps each way in which the roomiest spot of an area is looked for

Corner = tuple[float, float]
Side = tuple[Corner, Corner]
Shape = tuple[tuple[Corner, ...], ...]


def rings_of(geometry: Mapping[str, Any]) -> tuple[Ring, ...]:
    """All rings of a GeoJSON Polygon or MultiPolygon, holes included, as (longitude, latitude)."""
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return tuple(
        tuple((float(place[0]), float(place[1])) for place in ring)
        for polygon in polygons
        for ring in polygon
    )


def class_labels(block: Map, texts: Texts) -> tuple[str, ...]:
    """What the classes are called, from the least: below the first break, then from break to break."""
    kind, breaks = _kind(block), block.breaks
    if not breaks:
        return ()
    written = [in_cell(Bound(at, kind), texts) for at in breaks]
    labels = [
        in_cell(Bound(0), texts)
        if kind == "count" and breaks[0] == 1
        else texts.say("map.below", first=written[0])
    ]
    for index, (first, after) in enumerate(pairwise(breaks)):
        last = exact(after) - 1 if kind == "count" else exact(after)
        ends = {"first": written[index], "last": in_cell(Bound(last, kind), texts)}
        labels.append(written[index] if last == first else texts.say("map.between", **ends))
    return (*labels, texts.say("map.from", first=written[-1]))


def render_map(block: Map, theme: Theme, texts: Texts, ident: str) -> str:
    """The map with its legend as one SVG element; `ident` begins every identifier in it."""
    shapes = _projected(block)
    fills = [_fill(block, area, theme, ident) for area in block.areas]
    spots = [_roomiest(shape) for shape in shapes]
    drawn = [
        tag("path", d=_path(shape), fill=fill, stroke=theme.paper, stroke_width=2.2, fill_rule="evenodd")
        + tag("path", d=_path(shape), fill="none", stroke=theme.muted, stroke_width=0.7)
        for shape, fill in zip(shapes, fills, strict=True)
    ]
    named = [
        _name(area, spot, theme, texts)
        for area, spot in zip(block.areas, spots, strict=True)
        if spot[2] >= ROOM
    ]
    legend = _legend(block, theme, texts, ident)
    small = [
        (fill, f"{area.name} {in_cell(area.value, texts)}")
        for area, fill, spot in zip(block.areas, fills, spots, strict=True)
        if spot[2] < ROOM
    ]
    entries = [*legend, ("", ""), *small] if small else legend
    key, bottom = _key(block.unit, entries, theme)
    height = max((y for shape in shapes for ring in shape for _, y in ring), default=0.0) + MARGIN
    body = "".join((_patterns(theme, ident), *drawn, *named, key))
    return framed(ident, (WIDTH, max(height, bottom)), block.title, block.alt, body)


def _kind(block: Map) -> Kind:
    return next((area.value.kind for area in block.areas), "count")


def _projected(block: Map) -> list[Shape]:
    """The areas' rings in the drawing, north up, as wide as the ground allows."""
    places = [place for area in block.areas for ring in area.rings for place in ring]
    if not places:
        return [() for _ in block.areas]
    west, east = min(x for x, _ in places), max(x for x, _ in places)
    south, north = min(y for _, y in places), max(y for _, y in places)
    narrow = cos(radians((south + north) / 2))
    scale = (GROUND - 2 * MARGIN) / max((east - west) * narrow, north - south)
    return [
        tuple(
            tuple((MARGIN + (x - west) * narrow * scale, MARGIN + (north - y) * scale) for x, y in ring)
            for ring in area.rings
        )
        for area in block.areas
    ]


def _fill(block: Map, area: MapArea, theme: Theme, ident: str) -> str:
    number = area.value.number
    if number is None:
        return f"url(#{ident}-{'gap' if area.value.status == 'not_reported' else 'other'})"
    return _shades(block, theme)[bisect_right([exact(at) for at in block.breaks], number)]


def _shades(block: Map, theme: Theme) -> list[str]:
    """A shade for each class, spread over all that the theme has."""
    last = max(len(block.breaks), 1)
    return [theme.classes[round(index * (len(theme.classes) - 1) / last)] for index in range(last + 1)]


def _patterns(theme: Theme, ident: str) -> str:
    """Stripes for what was not reported, dots for what is withheld or does not apply."""
    ground = tag("rect", width=6, height=6, fill=theme.paper)
    stripe = tag("path", d="M0 6L6 0M-1 1L1 -1M5 7L7 5", stroke=theme.missing, stroke_width=1)
    dot = tag("circle", cx=3, cy=3, r=0.9, fill=theme.missing)
    return tag(
        "defs",
        *(
            tag(
                "pattern",
                ground,
                mark,
                id=f"{ident}-{name}",
                width=6,
                height=6,
                patternUnits="userSpaceOnUse",
            )
            for name, mark in (("gap", stripe), ("other", dot))
        ),
    )


def _legend(block: Map, theme: Theme, texts: Texts, ident: str) -> list[tuple[str, str]]:
    """Fill and label of every class, then of every status that has no value and stands on the map."""
    classes = list(zip(_shades(block, theme), class_labels(block, texts), strict=False))
    gaps = sorted({area.value.status for area in block.areas if area.value.number is None})
    fills = {"not_reported": f"url(#{ident}-gap)"}
    return classes + [(fills.get(gap, f"url(#{ident}-other)"), texts[f"status.{gap}"]) for gap in gaps]


def _key(unit: str, entries: list[tuple[str, str]], theme: Theme) -> tuple[str, float]:
    """The legend on the right, and where it ends."""
    left, top = GROUND + 24, 24.0
    drawn = [
        tag(
            "text", words(unit), x=left, y=top, font_size=SIZE, fill=theme.muted, font_family=theme.label_font
        )
    ]
    for fill, label in entries:
        top += LINE
        if label:
            drawn.append(
                tag(
                    "rect",
                    x=left,
                    y=top - 9.5,
                    width=18,
                    height=11,
                    fill=fill,
                    stroke=theme.muted,
                    stroke_width=0.7,
                )
                + tag(
                    "text",
                    words(label),
                    x=left + 26,
                    y=top,
                    font_size=SIZE,
                    fill=theme.ink,
                    font_family=theme.label_font,
                )
            )
    return "".join(drawn), top + LINE


def _name(area: MapArea, spot: tuple[float, float, float], theme: Theme, texts: Texts) -> str:
    """Name and value on the roomiest spot, with a light edge so that they can be read on every shade."""
    shared: dict[str, str | float] = {
        "text_anchor": "middle",
        "font_size": SIZE,
        "font_family": theme.label_font,
        "fill": theme.ink,
        "stroke": theme.paper,
        "stroke_width": 3,
        "stroke_linejoin": "round",
        "paint_order": "stroke",
    }
    value = in_cell(area.value, texts)
    if area.value.status == "partial":
        value = f"{value} ({texts['status.partial']})"
    return tag("text", words(area.name), x=spot[0], y=spot[1] - 2, font_weight="bold", **shared) + tag(
        "text", words(value), x=spot[0], y=spot[1] + 11, **shared
    )


def _roomiest(shape: Shape) -> tuple[float, float, float]:
    """The point of a grid that is farthest inside the area, and how far it is from the nearest side."""
    corners = [corner for ring in shape for corner in ring]
    if not corners:
        return 0.0, 0.0, 0.0
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    top, bottom = min(y for _, y in corners), max(y for _, y in corners)
    sides = [side for ring in shape for side in pairwise(ring)]
    best = (left, top, 0.0)
    for across in range(1, GRID):
        for down in range(1, GRID):
            x, y = left + (right - left) * across / GRID, top + (bottom - top) * down / GRID
            if _inside(x, y, sides) and (room := _room(x, y, sides, best[2])) > best[2]:
                best = (x, y, room)
    return best


def _room(x: float, y: float, sides: list[Side], least: float) -> float:
    """How far a point is from the nearest side, or from any that is no farther than `least`."""
    nearest = inf
    for start, end in sides:
        nearest = min(nearest, _distance(x, y, start, end))
        if nearest <= least:
            break
    return nearest


def _inside(x: float, y: float, sides: list[Side]) -> bool:
    """Whether a ray to the right crosses the sides an odd number of times."""
    crossed = False
    for (ax, ay), (bx, by) in sides:
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            crossed = not crossed
    return crossed


def _distance(x: float, y: float, start: tuple[float, float], end: tuple[float, float]) -> float:
    (ax, ay), (bx, by) = start, end
    length = (bx - ax) ** 2 + (by - ay) ** 2
    along = min(max(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length, 0.0), 1.0) if length else 0.0
    return hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay))


def _path(shape: Shape) -> str:
    return "".join(_ring(ring) for ring in shape)


def _ring(ring: tuple[tuple[float, float], ...]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z"
