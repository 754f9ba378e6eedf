import json
from pathlib import Path

import pytest

from cpas.errors import SourceError
from cpas.intake.geography import Outlines, read_outlines


def square(west: float, south: float, size: float = 1.0) -> list[list[list[float]]]:
    east, north = west + size, south + size
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def write(path: Path, squares: dict[str, list[list[list[float]]]], key: str = "area_code") -> Path:
    features = [
        {"type": "Feature", "properties": {key: code}, "geometry": {"type": "Polygon", "coordinates": rings}}
        for code, rings in squares.items()
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


@pytest.fixture
def outlines(tmp_path: Path) -> Outlines:
    """Two squares with a sliver between them, and one that touches the second."""
    squares = {"B": square(1.01, 0), "A": square(0, 0), "C": square(2.01, 0)}
    return read_outlines(write(tmp_path / "areas.geojson", squares), "areas.geojson")


def test_points_get_the_area_they_lie_in(outlines: Outlines) -> None:
    assert outlines.areas_at([0.5, 1.5, 2.5, 9.0, None, float("nan")], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]) == [
        "A",
        "B",
        "C",
        None,
        None,
        None,
    ]


def test_a_point_on_a_border_gets_the_lower_code_and_one_in_a_sliver_the_nearest(outlines: Outlines) -> None:
    assert outlines.areas_at([2.01, 1.008, 1.002], [0.5, 0.5, 0.5]) == ["B", "B", "A"]


def test_a_union_has_no_sliver_and_does_not_depend_on_the_order(outlines: Outlines) -> None:
    united = outlines.united({"A": "R", "B": "R", "C": "Q"})
    assert list(united) == ["Q", "R"]
    [ring] = united["R"]
    assert ring[0] == ring[-1]
    assert {round(x) for x, _ in ring} == {0, 2}
    turned = Outlines(outlines.codes[::-1], outlines.polygons[::-1])
    assert turned.united({"C": "Q", "B": "R", "A": "R"}) == united


def test_without_outlines_no_point_has_an_area() -> None:
    assert Outlines((), ()).areas_at([1.0], [1.0]) == [None]


def test_both_names_of_the_code_are_understood(tmp_path: Path) -> None:
    path = write(tmp_path / "a.geojson", {"A": square(0, 0)}, key="code")
    assert read_outlines(path, "a.geojson").codes == ("A",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"features": [{}]}',
        '{"features": [{"properties": {"code": "A"}, "geometry": {"type": "Blob"}}]}',
    ],
)
def test_what_is_no_geojson_is_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_outlines(path, "a.geojson")
    assert caught.value.issues[0].fix


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a\.geojson cannot be read"):
        read_outlines(tmp_path / "a.geojson", "a.geojson")


@pytest.mark.real_data
def test_the_cercles_of_mali_unite_to_its_regions(real_data: Path) -> None:
    outlines = read_outlines(real_data / "mali_admin" / "adm2.geojson", "adm2.geojson")
    regions = outlines.united({code: code[:4] for code in outlines.codes})
    assert (len(outlines.codes), len(regions)) == (50, 9)
    assert max(len(rings) for rings in regions.values()) == 2
