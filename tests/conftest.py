"""A mission small enough to check with a pencil: two regions, three cercles, two offices, two data sets."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from cpas.definitions.load import load_definitions
from cpas.definitions.loaded import Definitions
from cpas.engine.areas import AreaTree
from cpas.engine.comparisons import compute_comparisons
from cpas.engine.compute import compute_results
from cpas.engine.facts import as_facts, polars_type
from cpas.engine.overlap import Recompute
from cpas.engine.scope import Wanted, periods_for
from cpas.periods import Period

REAL_DATA = Path(__file__).parents[2] / "shared" / "data"

MISSION = """
code: MINI
name: {en: Mini, fr: Mini}
illustrative: true
mandate_from: 2017-07-01
reporting_from: 2017-07-01
root_area: ML
sections:
  jmac: {title: {en: Analysis, fr: Analyse}, component: civilian}
field_offices:
  FO-A: {title: {en: A, fr: A}, areas: [R1]}
  FO-B: {title: {en: B, fr: B}, areas: [R2]}
expected:
  - {dataset: incidents}
  - {dataset: posts, reporters: [jmac]}
  - {dataset: people, reporters: [jmac]}
"""
CODES = """
kind:
  title: {en: Kind, fr: Type}
  codes:
    attack: {label: {en: Attack, fr: Attaque}}
    clash: {label: {en: Clash, fr: Affrontement}}
"""
FRAMEWORK = """
id: MINI
title: {en: Mini, fr: Mini}
mandate:
  title: {en: Mandate, fr: Mandat}
  paragraphs: [{id: M1, number: "1", text: {en: Protect, fr: Protéger}, valid: {from: 2017-07-01}}]
priorities: [{id: SP1, title: {en: P, fr: P}, short: {en: P, fr: P}, paragraphs: [M1]}]
objectives: [{id: OB1, title: {en: O, fr: O}, priority: SP1, paragraphs: [M1]}]
outcomes: [{id: OC1, title: {en: C, fr: C}, objective: OB1, expected_accomplishment: "1.1"}]
outputs: [{id: OP1, title: {en: T, fr: T}, outcome: OC1, component: civilian, unit: patrols, planned: {2018/19: 12}}]
expected_accomplishments:
  - {id: "1.1", component: civilian, title: {en: E, fr: E}, indicators_of_achievement: {1.1.1: {en: I, fr: I}}}
"""
BUDGET = """
groups:
  - id: "1"
    title: {en: Military, fr: Militaire}
    lines: [{id: "1.1", title: {en: Contingents, fr: Contingents}, outputs: {OP1: 0.5}}]
"""
INCIDENTS = """
dataset: incidents
title: {en: Incidents, fr: Incidents}
grain: {en: one row per incident, fr: une ligne par incident}
kind: events
key: [incident_id]
period: day
area: place
reported_by: office
columns:
  - {name: incident_id, type: text, required: true, label: {en: Id, fr: Id}}
  - {name: day, type: date, required: true, label: {en: Day, fr: Jour}}
  - {name: office, type: reference, to: field_offices, required: true, label: {en: Office, fr: Bureau}}
  - {name: place, type: reference, to: areas, required: true, label: {en: Place, fr: Lieu}}
  - {name: kind, type: code, codes: kind, required: true, label: {en: Kind, fr: Type}}
  - {name: deaths, type: count, unit: persons, may_be: [not_reported, not_applicable, withheld], label: {en: Deaths, fr: Morts}}
  - {name: women, type: count, unit: persons, label: {en: Women, fr: Femmes}}
  - {name: men, type: count, unit: persons, label: {en: Men, fr: Hommes}}
  - {name: answered, type: boolean, label: {en: Answered, fr: Suivi}}
breakdowns:
  sex:
    label: {en: Sex, fr: Sexe}
    total: deaths
    parts: {women: women, men: men}
    part_labels: {women: {en: women, fr: femmes}, men: {en: men, fr: hommes}}
rules:
  - id: add-up
    that: deaths = women + men
    message: {en: parts differ, fr: écart}
    fix: {en: correct, fr: corriger}
"""
POSTS = """
dataset: posts
title: {en: Posts, fr: Postes}
grain: {en: one row per month and place, fr: une ligne par mois et lieu}
kind: levels
key: [month, place]
period: month
area: place
reported_by: section
columns:
  - {name: month, type: month, required: true, label: {en: Month, fr: Mois}}
  - {name: section, type: reference, to: sections, required: true, label: {en: Section, fr: Section}}
  - {name: place, type: reference, to: areas, required: true, label: {en: Place, fr: Lieu}}
  - {name: filled, type: count, unit: posts, label: {en: Filled, fr: Pourvus}}
  - {name: planned, type: count, unit: posts, label: {en: Planned, fr: Prévus}}
"""
PEOPLE = """
dataset: people
title: {en: Population, fr: Population}
grain: {en: one row per place and year, fr: une ligne par lieu et année}
kind: levels
found_in: reference
covers: calendar_year
key: [place, year_on]
period: year_on
area: place
columns:
  - {name: place, type: reference, to: areas, required: true, label: {en: Place, fr: Lieu}}
  - {name: year_on, type: date, required: true, label: {en: Year, fr: Année}}
  - {name: people, type: count, unit: persons, label: {en: People, fr: Personnes}}
"""
AREAS = """
dataset: areas
title: {en: Areas, fr: Zones}
grain: {en: one row per area, fr: une ligne par zone}
kind: levels
found_in: reference
key: [area_code]
columns:
  - {name: area_code, type: text, required: true, label: {en: Code, fr: Code}}
"""
INDICATOR = """
id: %(id)s
title: {en: %(id)s, fr: %(id)s}
%(level)s
unit: %(unit)s
direction: %(direction)s
owner: jmac
%(source)s
measure: %(measure)s
%(more)s
baseline: %(baseline)s
targets: %(targets)s
definition: {en: d, fr: d}
method: {en: m, fr: m}
limitations: {en: l, fr: l}
versions: %(versions)s
examples:
  - {name: a, %(rows)s, value: null}
  - {name: b, %(rows)s, value: null}
"""
# code, level, parent, from, to; cercle C2 moves from R1 to R2 on 1 January 2019
TREE = [
    ("ML", "mission", None, None, None),
    ("R1", "region", "ML", None, None),
    ("R2", "region", "ML", None, None),
    ("C1", "cercle", "R1", None, None),
    ("C2", "cercle", "R1", None, date(2018, 12, 31)),
    ("C2", "cercle", "R2", date(2019, 1, 1), None),
    ("C3", "cercle", "R2", None, None),
]


@dataclass
class Mini:
    """A small mission on disk, and the way to compute with it."""

    folder: Path

    def indicator(self, id_: str, measure: str, **keys: str) -> Mini:
        """Add an indicator; keys not named have harmless values."""
        known = {
            "unit": "persons",
            "direction": "decrease",
            "source": "incidents",
            "level": "level: outcome\noutcome: OC1",
            "more": "",
            "versions": "[{from: 2017-07-01, note: {en: n, fr: n}}]",
        }
        known |= {"baseline": "{period: 2017/18, value: 10}", "targets": "{}", "rows": "rows: []"} | keys
        known["source"] = f"source: {known['source']}" if known["source"] else ""
        if not known["source"]:
            known["rows"] = "values: {}"
        path = self.folder / "indicators" / "own" / f"{id_}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(INDICATOR % {"id": id_, "measure": measure, **known}, encoding="utf-8")
        return self

    def load(self) -> Definitions:
        """Its definitions."""
        return load_definitions(self.folder)

    def facts(self, rows: dict[str, list[dict[str, object]]]) -> dict[str, pl.LazyFrame]:
        """Rows as facts; columns that a row does not name are empty."""
        definitions = self.load()
        made = {}
        for name, given in rows.items():
            dataset = definitions.datasets[name].dataset
            columns = {column.name: polars_type(column, definitions) for column in dataset.columns}
            columns |= {column.status_column: pl.String() for column in dataset.columns if column.may_be}
            full = [{column: row.get(column) for column in columns} for row in given]
            made[name] = as_facts(pl.DataFrame(full, schema=columns), dataset, definitions)
        return made

    def areas(self) -> pl.DataFrame:
        """Its areas table."""
        schema = {
            "area_code": pl.String,
            "level": pl.String,
            "parent": pl.String,
            "valid_from": pl.Date,
            "valid_to": pl.Date,
        }
        return pl.DataFrame(TREE, schema=schema, orient="row").with_columns(
            name=pl.col("area_code"), name_fr=pl.col("area_code")
        )

    def results(
        self,
        period: str,
        rows: dict[str, list[dict[str, object]]],
        received: Sequence[tuple[str, str, str]] | None = None,
    ) -> pl.DataFrame:
        """Compute one period in detail; `received` is (data set, reporter, month), everything by default."""
        return self.engine(rows, received)(self.load(), [Wanted(Period.parse(period), is_detailed=True)])

    def comparisons(
        self,
        period: str,
        rows: dict[str, list[dict[str, object]]],
        received: Sequence[tuple[str, str, str]] | None = None,
    ) -> pl.DataFrame:
        """A period beside what it is compared with."""
        definitions, compute = self.load(), self.engine(rows, received)
        wanted = periods_for(Period.parse(period), Period.month(definitions.mission.reporting_from))
        tree = AreaTree.of(self.areas(), "ML")
        return compute_comparisons(
            compute(definitions, wanted), definitions, tree, Period.parse(period), compute
        )

    def engine(
        self, rows: dict[str, list[dict[str, object]]], received: Sequence[tuple[str, str, str]] | None
    ) -> Recompute:
        """What computes these rows by some definitions, for the periods wanted."""
        facts, tree = self.facts(rows), AreaTree.of(self.areas(), "ML")
        months = [month.start for month in Period.parse("2016-07..2021-06").months()]
        everything = [("incidents", office, month) for office in ("FO-A", "FO-B") for month in months]
        everything += [(name, "jmac", month) for name in ("posts", "people") for month in months]
        came = (
            everything
            if received is None
            else [(name, who, Period.parse(month).start) for name, who, month in received]
        )
        reports = pl.DataFrame(
            came, schema={"dataset": pl.String, "reporter": pl.String, "month": pl.Date}, orient="row"
        )
        return lambda definitions, wanted, other=None: compute_results(
            definitions, facts, reports, other or tree, wanted
        )

    def row(
        self, results: pl.DataFrame, id_: str, area: str = "ML", part: str = "total"
    ) -> dict[str, object]:
        """The one row of an indicator, area and part."""
        wanted = (
            (pl.col("indicator_id") == id_) & (pl.col("area") == area) & (pl.col("disaggregation") == part)
        )
        return results.filter(wanted).row(0, named=True)


@pytest.fixture
def mini(tmp_path: Path) -> Mini:
    """A mission small enough to check with a pencil."""
    folder = tmp_path / "mini"
    (folder / "indicators" / "datasets").mkdir(parents=True)
    (folder / "mission.yml").write_text(MISSION, encoding="utf-8")
    for name, text in {"codes": CODES, "framework": FRAMEWORK, "budget": BUDGET}.items():
        (folder / "indicators" / f"{name}.yml").write_text(text, encoding="utf-8")
    for name, text in {"incidents": INCIDENTS, "posts": POSTS, "people": PEOPLE, "areas": AREAS}.items():
        (folder / "indicators" / "datasets" / f"{name}.yml").write_text(text, encoding="utf-8")
    return Mini(folder)


@pytest.fixture
def incident() -> Callable[..., dict[str, object]]:
    """Make an incident; what is not named is harmless."""
    made = iter(range(1_000_000))

    def make(day: str, place: str = "C1", **values: object) -> dict[str, object]:
        office = "FO-A" if place in ("C1", "C2", "R1") else "FO-B"
        row: dict[str, object] = {
            "incident_id": str(next(made)),
            "day": date.fromisoformat(day),
            "office": office,
            "place": place,
            "kind": "attack",
        }
        return row | values

    return make


@pytest.fixture
def real_data() -> Path:
    """The folder of real data beside the checkout, where it is there."""
    if not REAL_DATA.is_dir():
        pytest.skip("the real data folder ../shared/data is not beside this checkout")
    return REAL_DATA


@pytest.fixture(scope="session")
def checks_here() -> None:
    """Import Great Expectations once for all tests, where each run would import it in a process of its own."""
    importlib.import_module("cpas.checks.gx")
