"""What a mission holds, sent again as workbooks, text and parquet with awkward texts and figures, is what its store then holds."""

from __future__ import annotations

import csv
import io
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import load_workbook

from cpas.definitions.dataset import Column, Dataset
from cpas.illustration.mission import write_sample
from cpas.intake.template import TemplateRequest
from cpas.intake.template_words import offered
from cpas.jobs.progress import Progress
from cpas.jobs.returns import Sending
from cpas.jobs.stored import find_accepted
from cpas.jobs.submit import submit_files
from cpas.jobs.template import write_template
from cpas.store import STORE
from tests.intake.conftest import FIRST, JUNE, REPORTERS, Mission, offers_of

pytestmark = pytest.mark.usefixtures("checks_here")

Row = dict[str, Any]
TEXTS = (
    *("007", "1/4", "2019-06-30", "43617", "12,5 %", "'1+1", "-5", "+1", "@x", "NULL", "NaN", "n/a", "#1", "Total"),
    *("one\ntwo, three;\n\n\"four\"", '"', "a\tb", "Se\u0301gou", "👩\u200d🚒 N'Djaména", "\u202bغزو\u202c", "مرحبا (abc) 123"),
    *("&amp; <b>", "1 234,50", "x" * 200),
)  # fmt: skip
MONEY = {
    "redeployments": [
        {"redeployment_id": "0007", "budget_line": line, "redeployed_usd": usd, "reason_fr": "Prix du carburant"}
        for line, usd in (("1.1", Decimal("-999999999.000001")), ("1.2", Decimal("999999999.000001")))
    ],
    "variance_explanations": [
        {"budget_line": "1.1", "factor": "management", "amount_usd": Decimal("-0.25"), "text_en": f"{text}\n{'y' * 40}"}
        for text in TEXTS[:1]
    ],
}  # fmt: skip
"""Rows of the data sets in which the illustrative mission of June has none."""


@dataclass(frozen=True)
class Told:
    """The rows that one reporter sends of one data set, as the store is to give them."""

    dataset: Dataset
    rows: Sequence[Row]

    @property
    def reporter(self) -> str:
        return REPORTERS[self.dataset.dataset]

    @property
    def stem(self) -> str:
        return f"{self.dataset.dataset}-{self.reporter}-{JUNE}"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("round_trip") / "sample"
    write_sample(folder, 1, 0.2, 2019)
    return folder


@pytest.fixture(scope="module")
def told(sample: Path) -> list[Told]:
    mission = Mission.of(sample)
    return [Told(one, list(rows_of(mission, one))) for one in datasets(mission)]


def datasets(mission: Mission) -> list[Dataset]:
    return [mission.definitions.datasets[name].dataset for name in mission.sent]


def rows_of(mission: Mission, dataset: Dataset) -> Iterator[Row]:
    """The mission's own rows of a data set, which pass its checks, with awkward texts, keys and figures."""
    reporter, period = str(dataset.reported_by), str(dataset.period)
    held = mission.frames[dataset.dataset].filter(pl.col(reporter) == REPORTERS[dataset.dataset])
    more = [
        dict.fromkeys(held.columns) | row | {period: JUNE.start, reporter: REPORTERS[dataset.dataset]}
        for row in MONEY.get(dataset.dataset, ())
    ]
    for number, row in enumerate([*held.head(40).iter_rows(named=True), *more]):
        for column in dataset.columns:
            name, value = column.name, row[column.name]
            is_key = name in dataset.key
            if column.type == "text" and not is_key and name != dataset.joint_key and value is not None:
                text = TEXTS[number % len(TEXTS)]
                row[name] = text if dataset.dataset != "variance_explanations" else value
            elif column.type == "text" and dataset.key == (name,):
                row[name] = f"{number:05d}"
            elif name in ("hours", "cost_usd") and value is not None:
                row[name] = value + Decimal("0.000001")
        yield row


def stored(value: Any) -> Any:
    """A value as it is kept: texts in composed Unicode, without tabs."""
    return unicodedata.normalize("NFC", value).replace("\t", " ") if isinstance(value, str) else value


def nothing(column: Column, row: Row, language: str) -> str | None:
    """The word for why a cell has no value; a blank one says that nobody counted."""
    kind = row[column.status_column] if column.may_be else "not_reported"
    return None if kind in (None, "not_reported") else offered(kind, language)


def as_template(one: Told, folder: Path, mission: Path, language: str) -> Path:
    path = folder / f"{one.stem}.xlsx"
    asked = TemplateRequest(one.reporter, JUNE, language, rows=len(one.rows) + 1)
    book = load_workbook(write_template(mission, one.dataset.dataset, asked, path))
    offers = offers_of(book, one.dataset.columns, language)
    for column in one.dataset.columns:
        letter, ids = offers[column.name]
        texts = {id_: text for text, id_ in ids.items()}
        for number, row in enumerate(one.rows, start=FIRST):
            value = row[column.name]
            written = (
                texts[str(value).lower() if isinstance(value, bool) else value]
                if ids and value is not None
                else value
            )
            written = nothing(column, row, language) if value is None else written
            cell = book.worksheets[1][f"{letter}{number}"]
            cell.value = float(written) if isinstance(written, Decimal) else written
            if isinstance(written, str):
                cell.data_type = "s"
    book.save(path)
    return path


def as_text(one: Told, folder: Path, language: str) -> Path:
    """A file of semicolons, decimal commas and days as the missions write them."""

    def cell(column: Column, row: Row) -> str | None:
        match row[column.name]:
            case None:
                return nothing(column, row, language)
            case bool(value):
                return "oui" if value else "non"
            case Decimal() | float() as value:
                return f"{value:.6f}".replace(".", ",")
            case date() as value:
                return f"{value:%d/%m/%Y}"
            case value:
                return str(value)

    held = io.StringIO(newline="")
    rows = csv.writer(held, delimiter=";")
    rows.writerow([column.label[language] for column in one.dataset.columns])
    rows.writerows([cell(column, row) for column in one.dataset.columns] for row in one.rows)
    path = folder / f"{one.stem}.csv"
    path.write_bytes(held.getvalue().encode("utf-8-sig"))
    return path


def as_parquet(one: Told, folder: Path, language: str) -> Path:
    """Figures as floats, as pandas keeps them where some are missing; as text where a word for nothing is among them."""
    columns: dict[str, list[Any]] = {}
    for column in one.dataset.columns:
        cells = [
            nothing(column, row, language) if row[column.name] is None else row[column.name]
            for row in one.rows
        ]
        if column.may_be:
            cells = [cell if cell is None else str(cell) for cell in cells]
        elif column.is_numeric:
            cells = [cell if cell is None else float(cell) for cell in cells]
        columns[column.name] = cells
    path = folder / f"{one.stem}.parquet"
    pl.DataFrame(columns, infer_schema_length=None).write_parquet(path)
    return path


@pytest.mark.parametrize(
    ("way", "language"), [("template", "en"), ("template", "fr"), ("text", "fr"), ("parquet", "en")]
)
def test_what_is_sent_is_what_the_store_holds(
    sample: Path, told: list[Told], tmp_path: Path, way: str, language: str
) -> None:
    mission, folder = tmp_path / "mission", tmp_path / "sent"
    shutil.copytree(sample, mission, ignore=shutil.ignore_patterns("inbox"))
    (mission / "inbox").mkdir()
    folder.mkdir()
    match way:
        case "template":
            files = [as_template(one, folder, mission, language) for one in told]
        case "text":
            files = [as_text(one, folder, language) for one in told]
        case _:
            files = [as_parquet(one, folder, language) for one in told]
    sending = Sending("A. Keita", datetime(2019, 7, 5, 12, tzinfo=UTC))
    outcomes = submit_files(mission, files, sending, Progress(is_quiet=True))
    accepted = find_accepted(mission / STORE, None, None)
    assert accepted is not None
    frames = accepted.frames(Mission.of(sample).definitions)
    for one, outcome in zip(told, outcomes, strict=True):
        assert one.rows
        receipt, frame = outcome.receipt, frames[one.dataset.dataset]
        assert (receipt.rows_read, receipt.rows_accepted) == (len(one.rows), len(one.rows)), receipt.file
        for column in one.dataset.columns:
            values = [stored(row[column.name]) for row in one.rows]
            assert frame[column.name].to_list() == values, column.name
            if column.may_be:
                kinds = [row[column.status_column] or "not_reported" for row in one.rows]
                assert frame[column.status_column].to_list() == kinds, column.name
            if column.is_numeric and column.type != "number" and any(value is not None for value in values):
                total = sum(Decimal(value) for value in values if value is not None)
                assert Decimal(receipt.control_totals[column.label["en"]]) == total
