"""Cover sheets: what a workbook says of itself, and what that means beside the rows it holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from cpas.definitions.loaded import LoadedDataset
from cpas.errors import Issue, Location, suggest
from cpas.intake.cells import FILE, KEPT, SHEET, Vocabulary
from cpas.intake.grid import ROW, Grid
from cpas.intake.stated import named, unstated
from cpas.intake.tables import Table
from cpas.intake.values import UnreadableError, parse_date, parse_month
from cpas.intake.words import fold

REPORTS = {
    "dataset": pl.String(),
    "reporter": pl.String(),
    "month": pl.Date(),
    "sent_on": pl.Date(),
    "file": pl.String(),
    "is_whole": pl.Boolean(),
}
_LABELS = {
    fold(label): key
    for key, labels in {
        "dataset": ("Data set", "Dataset", "Jeu de données"),
        "period": ("Period", "Month", "Période", "Mois"),
        "reporter": ("Reporter", "Reported by", "Émetteur"),
        "sent_on": ("Sent on", "Date sent", "Envoyé le"),
    }.items()
    for label in labels
}


@dataclass(frozen=True, slots=True)
class Cover:
    """The cover sheet of a workbook; what it does not say, or not readably, is None.

    `places` has the cell of each thing said.
    """

    dataset: str | None
    month: date | None
    reporter: str | None
    sent_on: date | None
    places: Mapping[str, Location]
    issues: tuple[Issue, ...]


def read_cover(grid: Grid) -> Cover | None:
    """The cover a grid is, known by two of its labels in the first column; None where it is none."""
    said: dict[str, str | None] = {}
    places: dict[str, Location] = {}
    for number, label, *values in grid.cells.head(20).iter_rows():
        key = _LABELS.get(fold(label)) if label else None
        if key and key not in said:
            said[key] = next((value.strip() for value in values if value), None)
            index = next((i for i, value in enumerate(values, start=1) if value), 1)
            places[key] = grid.where(number, grid.letters[index] if index < len(grid.letters) else "")
    if len(said) < 2:
        return None
    issues: list[Issue] = []
    month, sent_on = said.get("period"), said.get("sent_on")
    days: dict[str, date | None] = {}
    for key, text, parse in (("period", month, parse_month), ("sent_on", sent_on, parse_date)):
        try:
            days[key] = parse(text) if text else None
        except UnreadableError as error:
            days[key] = None
            issues.append(
                Issue("CPAS-S020", places[key], f"the cover says `{text}`: {error.reason}", error.fix)
            )
    if not month:
        issues.append(
            Issue(
                "CPAS-S020",
                places.get("period", grid.where()),
                "the cover names no period",
                "write the word `Period` into column A of the cover and the month beside it, like 2019-06",
            )
        )
    return Cover(
        said.get("dataset"), days["period"], said.get("reporter"), days["sent_on"], places, tuple(issues)
    )


def received(
    loaded: LoadedDataset,
    table: Table,
    covers: Mapping[str, Cover],
    files: Collection[str],
    vocabulary: Vocabulary,
    received_on: date | None = None,
) -> tuple[pl.DataFrame, tuple[Issue, ...]]:
    """Which reports came in, and rows of other reporters than their cover names.

    A workbook with a cover is one report of its reporter, also when it has no rows. A file without a
    cover whose name ends with months is the whole report of each of them, of the reporter it names or of
    those among its rows. Otherwise each reporter and month among the rows is a report that need not
    be whole: in a data set of events the month is then not known where it has no rows. Days outside
    the month of a cover are for the checks to find.

    Args:
        loaded: The data set; one that nobody reports gives no reports.
        table: Its rows.
        covers: The covers of its files, by file.
        files: All its files.
        vocabulary: What the reporter's name may stand for.
        received_on: The day on which the files came in, where it is known; nothing was sent later.

    Returns:
        Columns `dataset`, `reporter`, `month` (Date, its first day), `sent_on` (Date or null),
        `file` and `is_whole`, sorted; and the issues.
    """
    dataset = loaded.dataset
    if not dataset.reported_by or not dataset.period:
        return pl.DataFrame(schema=REPORTS), ()
    issues: list[Issue] = []
    stated = []
    for file, cover in sorted(covers.items()):
        reporter, wrong = _reporter(cover, loaded, vocabulary)
        issues.extend(wrong)
        sent_on, unlikely = _sent_on(cover, received_on)
        issues.extend(unlikely)
        stated.append((file, reporter, cover.month, sent_on))
    said = pl.DataFrame(
        stated,
        {FILE: pl.String, "cover_reporter": pl.String, "cover_month": pl.Date, "sent_on": pl.Date},
        orient="row",
    )
    rows = table.frame.select(
        FILE,
        SHEET,
        ROW,
        pl.col(dataset.reported_by).alias("reporter"),
        pl.col(dataset.period).dt.truncate("1mo").alias("month"),
    )
    rows = rows.join(said, on=FILE, how="left", maintain_order="left")
    issues.extend(_by_others(rows, dataset.reported_by, table))
    among_rows = rows.select(
        pl.coalesce("cover_reporter", "reporter").alias("reporter"),
        pl.coalesce("cover_month", "month").alias("month"),
        "sent_on",
        pl.col(FILE).alias("file"),
        pl.col("cover_month").is_not_null().alias("is_whole"),
    ).unique()
    on_covers = said.select(
        pl.col("cover_reporter").alias("reporter"),
        pl.col("cover_month").alias("month"),
        "sent_on",
        pl.col(FILE).alias("file"),
        pl.lit(value=True).alias("is_whole"),
    )
    dated = {file for file, _, month, _ in stated if month}
    in_names = _in_names(loaded, among_rows, sorted(set(files) - dated), vocabulary)
    known = pl.concat([on_covers, in_names]).drop_nulls(["reporter", "month"]).unique()
    others = among_rows.drop_nulls(["reporter", "month"])
    others = others.join(known, on=["reporter", "month", "file"], how="anti")
    if dataset.kind == "events":
        issues.extend(_unstated(others, known))
    reports = pl.concat([known, others]).with_columns(dataset=pl.lit(dataset.dataset))
    return reports.select(REPORTS.keys()).sort("reporter", "month", "file"), tuple(issues)


def _in_names(
    loaded: LoadedDataset, rows: pl.DataFrame, files: Sequence[str], vocabulary: Vocabulary
) -> pl.DataFrame:
    """The reports that names of files without a cover state; columns as the rows'."""
    lookup = vocabulary.of_column(loaded.dataset.column(loaded.dataset.reported_by or ""))
    found: list[tuple[str, date, None, str, bool]] = []
    for file in files:
        name = named(file, lookup)
        among = rows.filter(pl.col("file") == file)["reporter"].drop_nulls().unique().sort()
        for reporter in (name.reporter,) if name.reporter else among:
            found.extend((reporter, month, None, file, True) for month in name.months)
    return pl.DataFrame(found, schema=rows.schema, orient="row")


def _unstated(others: pl.DataFrame, known: pl.DataFrame) -> Iterator[Issue]:
    for (file,), own in others.filter(~pl.col("is_whole")).sort("file").group_by("file", maintain_order=True):
        stated = known.filter(pl.col("file") == file)["month"]
        yield from unstated(str(file), own["month"], stated)


def _reporter(
    cover: Cover, loaded: LoadedDataset, vocabulary: Vocabulary
) -> tuple[str | None, tuple[Issue, ...]]:
    if cover.reporter is None:
        return None, ()
    lookup = vocabulary.of_column(loaded.dataset.column(loaded.dataset.reported_by or ""))
    ids = lookup.get(fold(cover.reporter), ())
    if len(ids) == 1:
        return ids[0], ()
    known = sorted({id_ for some in lookup.values() for id_ in some})
    fix = f"write one of {', '.join(known[:12])}{suggest(cover.reporter, known)}"
    message = f"the cover's reporter `{cover.reporter}` is not one of this data set's reporters"
    return None, (Issue("CPAS-S021", cover.places["reporter"], message, fix),)


def _sent_on(cover: Cover, received_on: date | None) -> tuple[date | None, tuple[Issue, ...]]:
    """The day of sending; none where no report of this month can have been sent on it."""
    day, month = cover.sent_on, cover.month
    if day is None:
        return None, ()
    if month and day < month:
        message = f"the cover says that it was sent on {day}, before {month:%Y-%m} began; the day of receipt counts instead"
    elif received_on and day > received_on:
        message = f"the cover says that it was sent on {day}, and it came on {received_on}; the day of receipt counts instead"
    else:
        return day, ()
    return None, (
        Issue("CPAS-S025", cover.places["sent_on"], message, "correct the day of sending", "warning"),
    )


def _by_others(rows: pl.DataFrame, column: str, table: Table) -> Iterator[Issue]:
    """Rows whose reporter is not the cover's: they count as they say, and somebody should look."""
    differ = rows.filter(pl.col("reporter") != pl.col("cover_reporter"))
    for file, sheet, row, found, stated in (
        differ.select(FILE, SHEET, ROW, "reporter", "cover_reporter").head(KEPT).iter_rows()
    ):
        yield Issue(
            "CPAS-D006",
            Location(file, sheet, row, table.letters.get((file, sheet, column), "")),
            f"the row is of `{found}` and the report of `{stated}`; the row counts as it says",
            "correct the row or the cover, or send the row with the report of its own reporter",
            "warning",
        )
