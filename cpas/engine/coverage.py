"""Reports received of reports expected, by data set, month and area."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from cpas.definitions.loaded import Definitions, LoadedIndicator
from cpas.definitions.mission import Expected
from cpas.engine.areas import AreaTree
from cpas.periods import Period

REPORTS = {"dataset": pl.String, "reporter": pl.String, "month": pl.Date}
EXPECTED = {"dataset": pl.String, "reporter": pl.String, "month": pl.Date, "area": pl.String}


def expected_reports(definitions: Definitions, tree: AreaTree, months: Iterable[Period]) -> pl.DataFrame:
    """Who is expected to report what, for which month, and which areas it is about.

    A field office reports on its own areas and so counts in them, in what lies in them and in what
    they lie in; a section reports on the whole mission and counts everywhere.

    Returns:
        Columns `dataset`, `reporter`, `month` (Date), `area`; one row for each area that a
        report is about.
    """
    months = tuple(months)
    rows = [
        (expected.dataset, reporter, month.start)
        for month in months
        for expected in definitions.mission.expected
        for reporter in _reporters(expected, definitions, month)
    ]
    due = pl.DataFrame(rows, schema=REPORTS, orient="row").unique(maintain_order=True)
    offices = definitions.mission.field_offices
    everywhere = due.filter(~pl.col("reporter").is_in(list(offices))).join(
        pl.DataFrame({"area": list(tree.by_code)}, schema={"area": pl.String}), how="cross"
    )
    about = _areas(definitions, (tree.past or tree).closure(months))
    if tree.past:
        about = _by_places(about, tree.past, tree.closure(months))
    return pl.concat([due.join(about, on=["reporter", "month"]), everywhere])


def expected_reporters(definitions: Definitions, dataset: str, month: Period) -> tuple[str, ...]:
    """Who is expected to report a data set for a month."""
    asked = (one for one in definitions.mission.expected if one.dataset == dataset)
    return tuple(dict.fromkeys(name for one in asked for name in _reporters(one, definitions, month)))


def _reporters(expected: Expected, definitions: Definitions, month: Period) -> tuple[str, ...]:
    offices = definitions.mission.field_offices
    named = expected.reporters or tuple(offices)
    return tuple(name for name in named if name not in offices or offices[name].open.covers(month))


def _areas(definitions: Definitions, closure: pl.DataFrame) -> pl.DataFrame:
    """The areas that each field office's reports of a month are about: `reporter`, `month`, `area`."""
    own = pl.DataFrame(
        [(name, area) for name, one in definitions.mission.field_offices.items() for area in one.areas],
        schema={"reporter": pl.String, "own": pl.String},
        orient="row",
    )
    above = closure.join(own, left_on="leaf", right_on="own").select("reporter", "month", "area")
    below = closure.join(own, left_on="area", right_on="own").select("reporter", "month", area="leaf")
    return pl.concat([above, below]).unique()


def _by_places(about: pl.DataFrame, past: AreaTree, closure: pl.DataFrame) -> pl.DataFrame:
    """The same by another tree: a report is about each area that holds a lowest place that it was about."""
    above = {area.parent for area in past.areas}
    places = about.filter(~pl.col("area").is_in([code for code in past.by_code if code in above]))
    return (
        places.join(closure, left_on=["month", "area"], right_on=["month", "leaf"])
        .select("reporter", "month", area="area_right")
        .unique()
    )


def whole_reports(reports: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """The reports that make their month known: of events those that somebody says are whole, of levels all.

    Rows of events whose file says not of what it is the whole report may be a part of their month, or
    have a mistyped date: they count, and where there are none nothing is known.

    Args:
        reports: The reports that came in, with a column `is_whole` where that was asked.
        definitions: Tell the data sets of events.
    """
    if "is_whole" not in reports.columns:
        return reports
    events = [name for name, one in definitions.datasets.items() if one.dataset.kind == "events"]
    return reports.filter(pl.col("is_whole") | ~pl.col("dataset").is_in(events))


def coverage(expected: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    """Reports received and expected for each data set, reporter, month and area.

    Args:
        expected: As `expected_reports` gives it.
        reports: One row for each report that came in; columns at least `dataset`, `reporter`, `month`.

    Returns:
        `expected` with a boolean column `received`.
    """
    came = reports.select(REPORTS.keys()).unique().with_columns(received=pl.lit(value=True))
    joined = expected.join(came, on=list(REPORTS), how="left", maintain_order="left")
    return joined.with_columns(pl.col("received").fill_null(value=False))


def reporters_of(indicator: LoadedIndicator, definitions: Definitions) -> tuple[str, ...]:
    """Whose reports an indicator rests on: its owner's where the owner reports the data set, else everyone's."""
    named = {
        reporter
        for expected in definitions.mission.expected
        if expected.dataset == indicator.definition.source
        for reporter in expected.reporters or tuple(definitions.mission.field_offices)
    }
    owner = indicator.definition.owner
    return (owner,) if owner in named else tuple(sorted(named))


def coverage_of_indicators(
    indicators: Iterable[LoadedIndicator], definitions: Definitions, covered: pl.DataFrame
) -> pl.DataFrame:
    """Reports received and expected behind each indicator.

    Returns:
        Columns `indicator_id`, `month`, `area`, `reports_received`, `reports_expected` (Int64).
    """
    sources = {one.id: (one.definition.source, reporters_of(one, definitions)) for one in indicators}
    alike = {source: number for number, source in enumerate(dict.fromkeys(sources.values()))}
    rests_on = pl.DataFrame(
        [(number, name, each) for (name, reporters), number in alike.items() for each in reporters],
        schema={"source": pl.Int64, "dataset": pl.String, "reporter": pl.String},
        orient="row",
    )
    counted = (
        rests_on.join(covered, on=["dataset", "reporter"], how="inner")
        .group_by("source", "month", "area")
        .agg(
            pl.col("received").sum().cast(pl.Int64).alias("reports_received"),
            pl.len().cast(pl.Int64).alias("reports_expected"),
        )
    )
    each = pl.DataFrame(
        [(id_, alike[source]) for id_, source in sources.items()],
        schema={"indicator_id": pl.String, "source": pl.Int64},
        orient="row",
    )
    return each.join(counted, on="source").drop("source")
