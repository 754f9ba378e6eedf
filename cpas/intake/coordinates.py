"""Whether a row's coordinates lie in the area that the row names; looks at no outlines but the mission's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from cpas.definitions.loaded import LoadedDataset
from cpas.errors import Issue, Location
from cpas.intake.cells import FILE, SHEET
from cpas.intake.geography import Outlines
from cpas.intake.grid import ROW

CODE = "CPAS-D221"
TOLERANCE = 0.1
"""Degrees, about ten kilometres: what simplified outlines and rounded coordinates may miss by."""
KEPT = 1000


def check_coordinates(
    frame: pl.DataFrame,
    loaded: LoadedDataset,
    letters: Mapping[tuple[str, str, str], str],
    outlines: Outlines,
) -> Iterator[Issue]:
    """A warning for each point that is further than `TOLERANCE` from the area that its row names.

    Args:
        frame: The rows, with `latitude` and `longitude` in degrees.
        loaded: Their declaration; one without area or coordinates gives nothing.
        letters: The spreadsheet letter of each column by file, sheet and column.
        outlines: The outlines of the lowest areas; rows of larger areas are not looked at.
    """
    area = loaded.dataset.area
    if area is None or not {"latitude", "longitude"} <= set(loaded.dataset.column_names):
        return
    placed = frame.filter(
        pl.col("latitude").is_not_null()
        & pl.col("longitude").is_not_null()
        & pl.col(area).is_in(outlines.codes)
    )
    places = placed.select(area, "longitude", "latitude").unique()  # most rows are of few places
    distances = outlines.distances(*(places[name].to_list() for name in places.columns))
    distant = places.with_columns(pl.Series("_distance", distances, pl.Float64)).filter(
        pl.col("_distance") > TOLERANCE
    )
    far = placed.join(distant, on=places.columns, how="inner", maintain_order="left")
    rule = loaded.column_places[area]
    for row in far.head(KEPT).iter_rows(named=True):
        where = Location(
            row[FILE], row[SHEET], row[ROW], letters.get((row[FILE], row[SHEET], "latitude"), "")
        )
        message = f"the point {row['latitude']}, {row['longitude']} lies {row['_distance']:.1f} degrees outside `{row[area]}`"
        yield Issue(CODE, where, message, "correct the coordinates, or the area", "warning", rule)
    if far.height > KEPT:
        where = Location(far[FILE][KEPT])
        rest = far.height - KEPT
        message = (
            "1 more point lies outside its area"
            if rest == 1
            else f"{rest:,} more points lie outside their areas"
        )
        yield Issue(CODE, where, message, "correct the coordinates, or the areas", "warning", rule, rest)
