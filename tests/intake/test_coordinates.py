import polars as pl
import pytest

from cpas.definitions.load import load_definitions
from cpas.illustration.geography import SEED
from cpas.intake.coordinates import check_coordinates
from cpas.intake.geography import read_outlines


@pytest.fixture(scope="module")
def outlines():
    return read_outlines(SEED / "areas.geojson", "areas.geojson")


def told(outlines, *rows):
    loaded = load_definitions(SEED).datasets["incidents"]
    names = ["area_code", "latitude", "longitude"]
    frame = pl.DataFrame(list(rows), schema=names, orient="row").with_columns(
        pl.lit("a.xlsx").alias("_file"),
        pl.lit("Incidents").alias("_sheet"),
        pl.int_range(2, 2 + len(rows)).alias("_row"),
    )
    return list(check_coordinates(frame, loaded, {("a.xlsx", "Incidents", "latitude"): "H"}, outlines))


def test_a_point_in_another_cercle_is_told_with_its_cell(outlines):
    [issue] = told(outlines, ("ML0501", 14.35, -3.61), ("ML0501", 16.27, -0.04))
    assert (str(issue.where), issue.severity) == ("a.xlsx [Incidents!H3]", "warning")
    assert "outside `ML0501`" in issue.message


def test_points_inside_and_rows_without_a_point_or_of_a_larger_area_are_not_told(outlines):
    assert told(outlines, ("ML0501", 14.35, -3.61), ("ML0501", None, None), ("ML05", 16.27, -0.04)) == []
