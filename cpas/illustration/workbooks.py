"""Rows to files as a field office would send them: workbooks in its language and manner, and CSV; the same rows give the same bytes."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from cpas.definitions.dataset import CodeList, Column, Dataset
from cpas.illustration.rows import Row, Unsaid

_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_COVER = {
    "sheet": {"en": "Report", "fr": "Rapport"},
    "dataset": {"en": "Data set", "fr": "Jeu de données"},
    "period": {"en": "Period", "fr": "Période"},
    "reporter": {"en": "Reporter", "fr": "Émetteur"},
    "sent_on": {"en": "Sent on", "fr": "Envoyé le"},
    "notice": {
        "en": "Illustrative data. The events are invented and no real mission sent this report.",
        "fr": "Données illustratives. Les événements sont inventés et aucune mission réelle n'a envoyé ce rapport.",
    },
}
_UNSAID = {
    Unsaid.NOT_REPORTED: {"en": "NR", "fr": "non communiqué"},
    Unsaid.NOT_APPLICABLE: {"en": "n/a", "fr": "s.o."},
    Unsaid.WITHHELD: {"en": "withheld", "fr": "confidentiel"},
}
_DECIMALS = {"quantity", "amount"}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a reporter fills in a workbook: in which language, with labels or bare names and codes, with an HXL row."""

    language: str = "en"
    labels: bool = True
    hxl: bool = False
    decimal_comma: bool = False


@dataclass(frozen=True, slots=True)
class Cover:
    """What a report says of itself on its first sheet."""

    period: str
    reporter: str
    sent_on: date


def write_workbook(
    path: Path,
    dataset: Dataset,
    codes: Mapping[str, CodeList],
    rows: Iterable[Row],
    how: tuple[Cover, Manner],
) -> None:
    """One report: a cover sheet, then the data sheet with a header, perhaps an HXL row, and the rows.

    Args:
        path: The file, replaced where it exists.
        dataset: The declaration whose columns are written, all and in order.
        codes: Code lists, for labels.
        rows: Values by column name; what a row does not name stays empty.
        how: The cover and the reporter's manner.
    """
    cover, manner = how
    book = Workbook(write_only=True)
    _write_cover(book, dataset, cover, manner)
    sheet = book.create_sheet(dataset.title[manner.language][:31] if manner.labels else dataset.dataset)
    for index, column in enumerate(dataset.columns, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = 40 if column.name == "description" else 17
    sheet.freeze_panes = "B3" if manner.hxl else "B2"
    header = [column.label[manner.language] if manner.labels else column.name for column in dataset.columns]
    sheet.append([_styled(sheet, text, _HEADER) for text in header])
    if manner.hxl:
        sheet.append([_styled(sheet, column.hxl or "", _TAG) for column in dataset.columns])
    spell = [_speller(column, codes, manner) for column in dataset.columns]
    names = dataset.column_names
    for row in rows:
        sheet.append([spelt(row.get(name)) for name, spelt in zip(names, spell, strict=True)])
    _save(book, path, cover.sent_on)


_HEADER = (
    Font(bold=True, color="FFFFFF"),
    PatternFill("solid", fgColor="1F4E79"),
    Alignment(wrap_text=True, vertical="top"),
)
_TAG = (Font(italic=True, color="595959"), PatternFill("solid", fgColor="DDEBF7"), Alignment())
_TITLE = (Font(bold=True), PatternFill(), Alignment())


def _styled(sheet: Any, text: str, style: tuple[Font, PatternFill, Alignment]) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.font, cell.fill, cell.alignment = style
    return cell


def _write_cover(book: Workbook, dataset: Dataset, cover: Cover, manner: Manner) -> None:
    said = {key: texts[manner.language] for key, texts in _COVER.items()}
    sheet = book.create_sheet(said["sheet"])
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 20, 34
    values = {
        "dataset": dataset.dataset,
        "period": cover.period,
        "reporter": cover.reporter or None,
        "sent_on": cover.sent_on,
    }
    for key, value in values.items():
        sheet.append([_styled(sheet, said[key], _TITLE), value])
    sheet.append([])
    sheet.append([said["notice"]])


class _Speller:
    """Writes the values of one column as a reporter would."""

    def __init__(self, labels: dict[str, str], manner: Manner, decimal_comma: bool) -> None:
        self.labels = labels
        self.language = manner.language
        self.decimal_comma = decimal_comma

    def __call__(self, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, Unsaid):
            return _UNSAID[value][self.language]
        if self.decimal_comma and (value != int(value) or value >= 1000):
            return f"{value:,.2f}".replace(",", "\u202f").replace(".", ",")
        return self.labels.get(value, value) if self.labels else value


def _speller(column: Column, codes: Mapping[str, CodeList], manner: Manner) -> _Speller:
    labels = {}
    if column.codes and manner.labels:
        labels = {code: meaning.label[manner.language] for code, meaning in codes[column.codes].codes.items()}
    return _Speller(labels, manner, manner.decimal_comma and column.type in _DECIMALS)


def _save(book: Workbook, path: Path, day: date) -> None:
    """Save with the day of sending in place of the moment of saving, so that two runs give the same bytes."""
    held = io.BytesIO()
    book.save(held)
    stamp = rb"\g<1>" + f"{day.isoformat()}T09:00:00Z".encode()
    with zipfile.ZipFile(held) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _STAMP.sub(stamp, content)
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            target.writestr(entry, content)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """A CSV file in UTF-8 with a header of column names; what a row does not name stays empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([["" if row.get(name) is None else row[name] for name in columns] for row in rows])
