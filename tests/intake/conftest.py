"""A small data set with a column of every type, and ways to put rows into real files and read them back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import Workbook

from cpas.definitions.dataset import CodeLists, Column, Dataset
from cpas.definitions.load import load_definitions
from cpas.definitions.loaded import REFERENCE_TARGETS, Definitions, LoadedDataset
from cpas.errors import Location
from cpas.illustration.mission import write_sample
from cpas.intake.cells import Vocabulary
from cpas.intake.files import read_grids
from cpas.intake.inbox import Inbox, read_inbox
from cpas.intake.tables import Table, build_table
from cpas.intake.template import TemplateRequest, build_template
from cpas.intake.template_choices import Labels, reference_labels
from cpas.intake.words import lookup_of
from cpas.periods import Period

NOTHING = ["not_reported", "not_applicable", "withheld"]
COLUMNS: list[dict[str, Any]] = [
    {"name": "visit_id", "type": "text", "required": True, "label": {"en": "Visit ID", "fr": "Identifiant de la visite"}, "hxl": "#activity+id"},
    {"name": "visited_on", "type": "date", "required": True, "label": {"en": "Date of visit", "fr": "Date de la visite"}, "hxl": "#date +start"},
    {"name": "office", "type": "reference", "to": "field_offices", "required": True, "label": {"en": "Field office", "fr": "Bureau"}},
    {"name": "kind", "type": "code", "codes": "kind", "required": True, "label": {"en": "Kind of visit", "fr": "Type de visite"}, "aliases": ["Type"]},
    {"name": "area_code", "type": "reference", "to": "areas", "label": {"en": "Area", "fr": "Zone"}},
    {"name": "women", "type": "count", "may_be": NOTHING, "label": {"en": "Participants - women", "fr": "Participants - femmes"}},
    {"name": "men", "type": "count", "label": {"en": "Participants - men", "fr": "Participants - hommes"}},
    {"name": "hours", "type": "quantity", "label": {"en": "Hours", "fr": "Heures"}},
    {"name": "cost", "type": "amount", "label": {"en": "Cost (USD)", "fr": "Coût (USD)"}},
    {"name": "latitude", "type": "number", "label": {"en": "Latitude", "fr": "Latitude"}},
    {"name": "month", "type": "month", "label": {"en": "Month", "fr": "Mois"}},
    {"name": "escorted", "type": "boolean", "label": {"en": "With escort", "fr": "Sous escorte"}},
    {"name": "remark", "type": "text", "label": {"en": "Remark", "fr": "Remarque"}},
]  # fmt: skip
VISITS = {
    "dataset": "visits",
    "title": {"en": "Field visits", "fr": "Visites de terrain"},
    "grain": {"en": "one row per visit", "fr": "une ligne par visite"},
    "kind": "events",
    "key": ["visit_id"],
    "period": "visited_on",
    "reported_by": "office",
    "columns": COLUMNS,
}
CODES = {
    "kind": {
        "title": {"en": "Kind", "fr": "Type"},
        "codes": {
            "long_patrol": {
                "label": {"en": "Long patrol", "fr": "Patrouille à longue portée"},
                "aliases": ["LRP"],
            },
            "meeting": {"label": {"en": "Meeting", "fr": "Réunion"}},
        },
    }
}
REFERENCES = {
    "field_offices": lookup_of({"FO-GAO": ["Gao office"], "FO-SGU": ["Ségou office"]}),
    "areas": lookup_of({"ML04": ["Ségou", "Segou"], "ML07": ["Gao"], "ML0703": ["Gao"]}),
}
ROW: dict[str, Any] = {"visit_id": "V1", "visited_on": "2019-06-01", "office": "FO-GAO", "kind": "meeting"}

Sheets = Mapping[str, Iterable[Sequence[Any]]]


def loaded_dataset(declared: Mapping[str, Any]) -> LoadedDataset:
    dataset = Dataset.model_validate(dict(declared))
    places = {column.name: Location("visits.yml", row=10 + i) for i, column in enumerate(dataset.columns)}
    return LoadedDataset(dataset, {}, (), Location("visits.yml", row=1), places)


@pytest.fixture(scope="session")
def visits() -> LoadedDataset:
    """A data set with a column of every type."""
    return loaded_dataset(VISITS)


@pytest.fixture(scope="session")
def codes() -> CodeLists:
    """Its code list."""
    return CodeLists.model_validate(CODES)


@pytest.fixture(scope="session")
def vocabulary(codes: CodeLists) -> Vocabulary:
    """What may be written for its codes and references."""
    return Vocabulary.of(codes.root, REFERENCES)


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook: sheets by name, each a list of rows."""

    def write(sheets: Sheets, name: str = "visits.xlsx") -> Path:
        workbook = Workbook()
        workbook.remove(workbook.active)
        for title, rows in sheets.items():
            sheet = workbook.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        workbook.save(path)
        return path

    return write


@pytest.fixture
def read(visits: LoadedDataset, vocabulary: Vocabulary) -> Callable[[Path], Table]:
    """Read every sheet of a file as visits."""

    def table(path: Path) -> Table:
        grids, _ = read_grids(path.read_bytes(), path.name)
        return build_table(visits, grids, vocabulary)

    return table


@pytest.fixture
def visit(book: Callable[..., Path], read: Callable[[Path], Table]) -> Callable[..., Table]:
    """Read one visit from a workbook; what is not named is harmless."""

    def table(**cells: Any) -> Table:
        row = ROW | cells
        return read(book({"visits": [list(row), list(row.values())]}))

    return table


@pytest.fixture
def visit_in_csv(tmp_path: Path, read: Callable[[Path], Table]) -> Callable[..., Table]:
    """Read one visit from a text file; what is not named is harmless."""

    def table(**cells: str) -> Table:
        row = ROW | cells
        path = tmp_path / "visits.csv"
        path.write_text(";".join(row) + "\n" + ";".join(row.values()) + "\n", encoding="utf-8")
        return read(path)

    return table


JUNE = Period.parse("2019-06")
FIRST = 4
"""The first row of a template that is filled in."""
REPORTERS = {
    "activities": "FO-GAO",
    "incidents": "jmac",
    "observations": "civil_affairs",
    "assessments": "civil_affairs",
    "expenditure": "budget_finance",
    "deployments": "force",
    "contributions_in_kind": "budget_finance",
    "income": "budget_finance",
    "redeployments": "budget_finance",
    "variance_explanations": "budget_finance",
}


@dataclass(frozen=True, eq=False, repr=False)
class Mission:
    """A small illustrative mission read once, and templates made from it without touching the disk again."""

    definitions: Definitions
    inbox: Inbox

    def __repr__(self) -> str:
        return "the illustrative mission"

    @classmethod
    def of(cls, folder: Path) -> Mission:
        definitions = load_definitions(folder)
        lookups = {target: lookup_of(definitions.members(target) or {}) for target in REFERENCE_TARGETS}
        return cls(definitions, read_inbox(folder, definitions.datasets, definitions.codes, lookups))

    @property
    def sent(self) -> tuple[str, ...]:
        return tuple(
            name for name, one in self.definitions.datasets.items() if one.dataset.found_in == "inbox"
        )

    @property
    def frames(self) -> Mapping[str, pl.DataFrame]:
        return {name: table.frame for name, table in self.inbox.tables.items()}

    def references(self, dataset: str, period: Period, language: str) -> tuple[Labels, Labels]:
        loaded = self.definitions.datasets[dataset]
        return reference_labels(
            loaded, self.definitions, self.frames, self.inbox.vocabulary, (period, language)
        )

    def template(self, dataset: str, language: str, **asked: Any) -> bytes:
        references, groups = self.references(dataset, JUNE, language)
        request = TemplateRequest(REPORTERS[dataset], JUNE, language, rows=12, groups=groups, **asked)
        return build_template(self.definitions.datasets[dataset], self.definitions, references, request)

    def rows(self, dataset: str, reporter: str, of: str, first: date, last: date) -> pl.DataFrame:
        period = self.definitions.datasets[dataset].dataset.period or ""
        return self.frames[dataset].filter(pl.col(reporter) == of, pl.col(period).is_between(first, last))


def offers_of(
    book: Workbook, columns: Sequence[Column], language: str
) -> dict[str, tuple[str, dict[str, str]]]:
    """Of each column of a template its letter, and the ids of what its list offers by their texts."""
    sheet = book.worksheets[1]
    letters = {str(cell.value).removesuffix(" *"): cell.column_letter for cell in sheet[3] if cell.value}
    checks = {str(one.sqref).partition(str(FIRST))[0]: one for one in sheet.data_validations.dataValidation}
    found = {}
    for column in columns:
        letter = letters[column.label[language]]
        is_list = checks[letter].type == "list"
        found[column.name] = letter, _range(book, _list_name(checks[letter].formula1)) if is_list else {}
    return found


def _range(book: Workbook, name: str) -> dict[str, str]:
    (sheet, texts), (_, ids) = (next(book.defined_names[one].destinations) for one in (name, f"{name}_ids"))
    cells = (
        [row[0].value for row in book[sheet][one]] if ":" in one else [book[sheet][one].value]
        for one in (texts, ids)
    )
    return dict(zip(*cells, strict=True))


def _list_name(formula: str) -> str:
    return (
        formula.removeprefix("IF(").partition(",")[2].partition(",")[0]
        if formula.startswith("IF(")
        else formula
    )


@pytest.fixture(scope="session")
def mission_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An illustrative mission of May and June 2019."""
    path = tmp_path_factory.mktemp("mission") / "sample"
    write_sample(path, months=2, scale=0.05, seed=7)
    return path


@pytest.fixture(scope="session")
def mission(mission_folder: Path) -> Mission:
    """The same, read."""
    return Mission.of(mission_folder)
