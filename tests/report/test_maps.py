"""Maps as SVG."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

from cpas.report.blocks import Bound, Map, MapArea
from cpas.report.maps import class_labels, render_map, rings_of
from cpas.report.texts import Texts
from cpas.report.theme import Theme

SQUARE = ((0.0, 10.0), (5.0, 10.0), (5.0, 15.0), (0.0, 15.0), (0.0, 10.0))
TINY = ((6.0, 10.0), (6.1, 10.0), (6.1, 10.1), (6.0, 10.0))
AREAS = (
    MapArea("ML05", "Mopti", (SQUARE,), Bound(38)),
    MapArea("ML07", "Gao & co", (tuple((x + 5, y) for x, y in SQUARE),), Bound(None, status="not_reported")),
    MapArea("ML09", "Bamako", (TINY,), Bound(3, status="partial")),
)
MAP = Map("Killed", AREAS, (1, 5, 25), "persons", "Most in Mopti.")


def written(block: Map, theme: Theme, texts: Texts) -> list[str]:
    svg = ET.fromstring(render_map(block, theme, texts, "m"))  # noqa: S314  # drawn by us
    return ["".join(element.itertext()) for element in svg.iter() if element.tag.endswith("text")]


def test_classes_of_counts_do_not_overlap(texts: Texts) -> None:
    assert class_labels(MAP, texts) == ("0", "1 to 4", "5 to 24", "25 or more")
    assert class_labels(replace(MAP, breaks=(2, 3, 4)), texts) == ("below 2", "2", "3", "4 or more")


def test_classes_of_shares_meet_at_their_breaks(texts: Texts) -> None:
    areas = (replace(AREAS[0], value=Bound(12.5, "percentage", decimals=0)),)
    assert class_labels(replace(MAP, areas=areas, breaks=(10, 20)), texts)[1] == "10.0% to 20.0%"


def test_areas_are_named_with_their_values_and_tiny_ones_in_the_legend(theme: Theme, texts: Texts) -> None:
    text = written(MAP, theme, texts)
    assert {"Mopti", "38", "Gao & co", "not reported", "Bamako 3"} <= set(text)


def test_what_was_not_reported_is_hatched_and_has_no_shade(theme: Theme, texts: Texts) -> None:
    svg = render_map(MAP, theme, texts, "m")
    assert 'fill="url(#m-gap)"' in svg
    assert svg.count(f'fill="{theme.classes[-1]}"') == 2  # the area and its entry in the legend


def test_geojson_gives_rings_of_one_and_of_many_polygons() -> None:
    polygon = [[[0, 0], [1, 0], [1, 1], [0, 0]]]
    one = rings_of({"type": "Polygon", "coordinates": polygon})
    two = rings_of({"type": "MultiPolygon", "coordinates": [polygon, polygon]})
    assert (one[0][1], len(two)) == ((1.0, 0.0), 2)


def test_a_map_without_shapes_is_a_legend(theme: Theme, texts: Texts) -> None:
    areas = tuple(replace(area, rings=()) for area in AREAS)
    assert "Mopti 38" in written(replace(MAP, areas=areas), theme, texts)
