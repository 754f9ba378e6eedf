"""A small data set with a rule of every kind, and rows for it.

Great Expectations is imported through its door first, which keeps its deprecations from failing the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

import cpas.checks.gx  # noqa: F401 - imported for what importing does
from cpas.checks.rules import CheckResult, Sources, check_frame
from cpas.definitions.compile import compile_dataset
from cpas.definitions.dataset import CodeList, Dataset
from cpas.definitions.loaded import LoadedDataset
from cpas.periods import Period
from cpas.yamlio import parse_yaml

FILE = "incidents-2019-06.xlsx"
YAML = r"""
dataset: incidents
title: {en: Incidents, fr: Incidents}
grain: {en: one row per incident, fr: une ligne par incident}
kind: events
key: [incident_id]
period: incident_on
area: area_code
reported_by: section
columns:
  - {name: incident_id, type: text, required: true, pattern: 'I-\d+', max_length: 6, label: {en: Incident ID, fr: Identifiant}}
  - {name: incident_on, type: date, required: true, label: {en: Date, fr: Date}}
  - {name: incident_type, type: code, codes: incident_type, required: true, label: {en: Type, fr: Type}}
  - {name: area_code, type: reference, to: areas, required: true, label: {en: Area, fr: Zone}}
  - {name: section, type: reference, to: sections, label: {en: Section, fr: Section}}
  - {name: deaths_civilians, type: count, required: true, may_be: [not_reported], label: {en: Killed, fr: Tués}}
  - {name: deaths_women, type: count, label: {en: Women killed, fr: Femmes tuées}}
  - {name: response_hours, type: quantity, min: 0.5, max: 72, label: {en: Hours, fr: Heures}}
rules:
  - id: women-within-all
    that: deaths_women <= deaths_civilians
    severity: warning
    message: {en: more women than civilians were killed, fr: plus de femmes que de civils ont été tuées}
    fix: {en: correct one of the two, fr: corriger l'un des deux}
"""
GOOD: dict[str, tuple[Any, Any]] = {
    "incident_id": (pl.String, None),
    "incident_on": (pl.Date, date(2019, 6, 2)),
    "incident_type": (pl.String, "armed_clash"),
    "area_code": (pl.String, "ML0501"),
    "section": (pl.String, "jmac"),
    "deaths_civilians": (pl.Int64, 3),
    "deaths_women": (pl.Int64, 1),
    "response_hours": (pl.Decimal(18, 6), Decimal("1.5")),
    "deaths_civilians_status": (
        pl.Enum(["reported", "not_reported", "not_applicable", "withheld"]),
        "reported",
    ),
    "_file": (pl.String, FILE),
    "_sheet": (pl.String, "incidents"),
    "_row": (pl.Int64, None),
}
LETTERS = {(FILE, "incidents", name): letter for name, letter in zip(GOOD, "ABCDEFGH", strict=False)}


@pytest.fixture
def codes() -> dict[str, CodeList]:
    listed = {code: {"label": {"en": code, "fr": code}} for code in ("attack_on_civilians", "armed_clash")}
    return {
        "incident_type": CodeList.model_validate({"title": {"en": "Type", "fr": "Type"}, "codes": listed})
    }


@pytest.fixture
def incidents(codes: dict[str, CodeList]) -> LoadedDataset:
    yaml = parse_yaml(YAML, "indicators/datasets/incidents.yml")
    return compile_dataset(Dataset.model_validate(yaml.data), codes, yaml)


@pytest.fixture
def nothing_of_one(codes: dict[str, CodeList]) -> Callable[[str], CheckResult]:
    """Checks a row that has one of two figures which go together, and of the other says which kind of nothing it is."""
    text = YAML.replace("may_be: [not_reported]", "may_be: [not_reported, not_applicable, withheld]")
    text = text.replace(
        "deaths_women <= deaths_civilians", "(deaths_women is null) = (deaths_civilians is null)"
    )
    yaml = parse_yaml(text, "incidents.yml")
    paired = compile_dataset(Dataset.model_validate(yaml.data), codes, yaml)

    def run(kind: str) -> CheckResult:
        row = rows({"deaths_civilians": None, "deaths_civilians_status": kind})
        references = {"areas": pl.Series(["ML0501"]), "sections": pl.Series(["jmac"])}
        return check_frame(row, paired, codes, references=references, sources=Sources())

    return run


def rows(*changes: dict[str, Any]) -> pl.DataFrame:
    """A row for each set of changes to a good one, from row 3 of the sheet on."""
    good = {name: value for name, (_, value) in GOOD.items()}
    made = [{**good, "incident_id": f"I-{n}", "_row": n + 3, **change} for n, change in enumerate(changes)]
    return pl.DataFrame(made, schema={name: dtype for name, (dtype, _) in GOOD.items()})


@pytest.fixture
def check(incidents: LoadedDataset, codes: dict[str, CodeList]) -> Callable[..., CheckResult]:
    """Checks rows that are given as changes to good ones."""

    def run(
        *changes: dict[str, Any], faulted: Any = (), received_on: date | None = None, **more: Any
    ) -> CheckResult:
        references = {"areas": pl.Series(["ML0501", "ML0502"]), "sections": pl.Series(["jmac", "force"])}
        covers = {FILE: Period.parse("2019-06")}
        sources = Sources(LETTERS, covers, frozenset(faulted), received_on=received_on)
        given = {"references": references, "sources": sources, **more}
        return check_frame(rows(*changes), incidents, codes, **given)

    return run
