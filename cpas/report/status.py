"""The status of reports as a document; computes no share of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from cpas.definitions.loaded import Definitions
from cpas.periods import Period
from cpas.report.blocks import (
    Bound,
    Column,
    Document,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Part,
    Row,
    Table,
    prose,
)
from cpas.report.numbers import format_period
from cpas.report.shell import Shell, report_on
from cpas.report.texts import Texts

_COUNTS = ("expected", "received", "on_time", "late", "returned", "superseded")


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of each report that was expected.

    Attributes:
        missing: Columns `dataset`, `reporter`, `month` and `due_on` (Date): the reports that have not come.
        counts: For each `dataset` and `reporter` how many reports were `expected`, `received`, `on_time` and `late`,
            and how many submissions were `returned` and `superseded`.
        day: That on which this is so.
    """

    missing: pl.DataFrame
    counts: pl.DataFrame
    day: date


def status_document(
    standing: Standing, definitions: Definitions, period: Period, texts: Texts, imprint: tuple[str, ...]
) -> Document:
    """The status as a document: completeness and timeliness, every reporter and data set, and whom to chase."""
    reporting = (_figures(standing, texts), _each(standing, definitions, texts))
    parts = (
        Part("reports", texts["reporting.reports"], reporting),
        Part("chase", texts["reporting.chase"], (_chase(standing, definitions, texts),)),
    )
    named = format_period(period, texts.language)
    shell = Shell(texts["reporting.title"], texts["reporting.subtitle"], named, imprint)
    return report_on(definitions.mission, shell, parts, texts)


def _share(part: int, whole: int) -> Bound:
    return Bound(part * 100 / whole, "percentage") if whole else Bound(None, status="not_applicable")


def _figures(standing: Standing, texts: Texts) -> KeyFigures:
    received, expected, on_time, late = (
        int(standing.counts[name].sum()) for name in ("received", "expected", "on_time", "late")
    )
    return KeyFigures(
        (
            KeyFigure(
                texts["reporting.completeness"],
                _share(received, expected),
                comparison=prose(
                    texts["reporting.received_of"], received=Bound(received), expected=Bound(expected)
                ),
            ),
            KeyFigure(
                texts["reporting.timeliness"],
                _share(on_time, on_time + late),
                comparison=prose(
                    texts["reporting.on_time_of"], on_time=Bound(on_time), dated=Bound(on_time + late)
                ),
            ),
        )
    )


def _each(standing: Standing, definitions: Definitions, texts: Texts) -> Table:
    columns = (
        Column(texts["reporting.reporter"], width=34),
        Column(texts["checks.dataset"], width=18),
        *(Column(texts[f"reporting.{name}"], "count", width=12) for name in _COUNTS),
    )
    rows = tuple(
        Row(
            (
                _name(row["reporter"], definitions, texts),
                definitions.datasets[row["dataset"]].dataset.title[texts.language],
                *(row[name] for name in _COUNTS),
            )
        )
        for row in standing.counts.iter_rows(named=True)
    )
    return Table(texts["reporting.each"], columns, rows, (prose(texts["reporting.note"]),))


def _chase(standing: Standing, definitions: Definitions, texts: Texts) -> Table | Paragraph:
    """Reports that are missing, the longest overdue first."""
    missing = standing.missing.sort("due_on", "reporter", "dataset")
    if missing.is_empty():
        return Paragraph(prose(texts["reporting.nobody"]))
    columns = (
        Column(texts["reporting.reporter"], width=34),
        Column(texts["checks.dataset"], width=18),
        Column(texts["reporting.month"], "period", width=14),
        Column(texts["reporting.due_on"], "date", width=18),
        Column(texts["reporting.overdue"], "count", width=12),
    )
    return Table(
        texts["reporting.missing"],
        columns,
        tuple(_missing(missing, standing.day, definitions, texts)),
        (prose(texts["reporting.chase_note"]),),
    )


def _missing(missing: pl.DataFrame, day: date, definitions: Definitions, texts: Texts) -> Iterator[Row]:
    for row in missing.iter_rows(named=True):
        days = (day - row["due_on"]).days
        yield Row(
            (
                _name(row["reporter"], definitions, texts),
                definitions.datasets[row["dataset"]].dataset.title[texts.language],
                Period.month(row["month"]),
                row["due_on"],
                Bound(days) if days > 0 else Bound(texts["reporting.not_due"], "text"),
            )
        )


def _name(reporter: str, definitions: Definitions, texts: Texts) -> str:
    mission = definitions.mission
    found = mission.field_offices.get(reporter) or mission.sections.get(reporter)
    return texts.pair(reporter, found.title[texts.language]) if found else reporter
