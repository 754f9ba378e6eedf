"""Outlines of areas: which of them a point lies in, and their union to larger areas; the only door to shapely."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

from cpas.errors import SourceError
from cpas.intake.package import refused

Ring = tuple[tuple[float, float], ...]

SLIVER = 0.02
"""Degrees by which simplified outlines may miss their true border, and leave gaps between neighbours."""


@dataclass(frozen=True)
class Outlines:
    """The outlines of the lowest level of areas, sorted by area code, in degrees (WGS 84)."""

    codes: tuple[str, ...]
    polygons: tuple[Any, ...]

    def areas_at(
        self, longitudes: Sequence[float | None], latitudes: Sequence[float | None], within: float = SLIVER
    ) -> list[str | None]:
        """The area each point lies in; None without coordinates and outside all areas.

        A point in the gap between two outlines, or less than `within` degrees outside all of them,
        belongs to the nearest area; one on a border to the area with the lower code.
        """
        east, north = np.array(longitudes, dtype=float), np.array(latitudes, dtype=float)
        placed = np.flatnonzero(np.isfinite(east) & np.isfinite(north))
        found: list[str | None] = [None] * len(east)
        if len(placed) and self.codes:
            points = shapely.points(east[placed], north[placed])
            pairs = shapely.STRtree(self.polygons).query_nearest(points, max_distance=max(within, 1e-9))
            for point, polygon in sorted(pairs.T.tolist(), reverse=True):
                found[placed[point]] = self.codes[polygon]
        return found

    def distances(
        self, areas: Sequence[str], longitudes: Sequence[float], latitudes: Sequence[float]
    ) -> list[float]:
        """How far each point is outside its own area, in degrees; zero inside."""
        if not areas:
            return []
        own = dict(zip(self.codes, self.polygons, strict=True))
        points = shapely.points(np.array(longitudes, dtype=float), np.array(latitudes, dtype=float))
        apart: list[float] = shapely.distance(points, np.array([own[code] for code in areas])).tolist()
        return apart

    def united(self, parents: Mapping[str, str]) -> dict[str, tuple[Ring, ...]]:
        """The rings of larger areas, each the union of the areas whose parent it is.

        Gaps between neighbours as wide as a sliver are closed.

        Args:
            parents: The larger area of each area; an area without one is left out.

        Returns:
            By code, sorted: all rings, holes included, as (longitude, latitude) rounded to 3
            decimals, in an order that depends on nothing but the outlines.
        """
        members: dict[str, list[Any]] = {}
        for code, polygon in zip(self.codes, self.polygons, strict=True):
            if code in parents:
                members.setdefault(parents[code], []).append(polygon)
        return {parent: _rings(_union(members[parent])) for parent in sorted(members)}


def read_outlines(path: Path, file: str) -> Outlines:
    """The outlines of a GeoJSON file whose features name their area as `area_code` or `code`.

    Args:
        path: The file.
        file: Its name in messages.

    Raises:
        SourceError: It is missing or no GeoJSON of polygons, or a feature names no area.
    """
    try:
        features = json.loads(path.read_bytes())["features"]
        named = {_code(feature): shapely.make_valid(shape(feature["geometry"])) for feature in features}
    except OSError as error:
        raise _no_outlines(file, "the file is missing or cannot be opened") from error
    except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as error:
        raise _no_outlines(
            file, "the file is no GeoJSON with one polygon and one area code a feature"
        ) from error
    codes = tuple(sorted(named))
    return Outlines(codes, tuple(named[code] for code in codes))


def _no_outlines(file: str, message: str) -> SourceError:
    return refused(file, message, "put the outlines of the lowest level of areas there, as GeoJSON")


def _code(feature: Mapping[str, Any]) -> str:
    properties = feature["properties"]
    return str(properties.get("area_code") or properties["code"])


def _union(polygons: Sequence[Any]) -> Any:
    """The union, closed over slivers: all are widened a little, united, and narrowed again."""
    widened = [shapely.buffer(polygon, SLIVER / 2, join_style="mitre") for polygon in polygons]
    return shapely.buffer(shapely.union_all(widened), -SLIVER / 2, join_style="mitre")


def _rings(area: Any) -> tuple[Ring, ...]:
    rings = (ring for part in shapely.get_parts(area) for ring in (part.exterior, *part.interiors))
    return tuple(sorted((_rounded(ring) for ring in rings), key=lambda ring: (-len(ring), ring)))


def _rounded(ring: Any) -> Ring:
    """A ring from its lowest point on, closed, without points that rounding made equal."""
    points = [(round(x, 3) + 0.0, round(y, 3) + 0.0) for x, y in shapely.normalize(ring).coords]
    distinct = [point for i, point in enumerate(points) if i == 0 or point != points[i - 1]]
    return tuple(distinct)
