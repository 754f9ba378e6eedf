from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from cpas.budget.activity import WORK, work_by_output
from cpas.budget.allocation import allocate
from cpas.budget.resources import compute_resources
from cpas.periods import Period

OUTPUTS = """outputs:
  - {id: OP1, title: {en: T, fr: T}, outcome: OC1, component: civilian, unit: patrols, planned: {2018/19: 12}}
  - {id: OP2, title: {en: U, fr: U}, outcome: OC2, component: civilian, unit: meetings, planned: {2018/19: 5}}
  - {id: OP3, title: {en: V, fr: V}, outcome: OC2, component: civilian, kind: yes_no, unit: yes or no, planned: {2018/19: 1}}
"""
OUTCOMES = """outcomes:
  - {id: OC1, title: {en: C, fr: C}, objective: OB1, expected_accomplishment: "1.1"}
  - {id: OC2, title: {en: D, fr: D}, objective: OB2, expected_accomplishment: "1.1"}
"""
OBJECTIVES = """objectives:
  - {id: OB1, title: {en: O, fr: O}, priority: SP1, paragraphs: [M1]}
  - {id: OB2, title: {en: P, fr: P}, priority: SP2, paragraphs: [M1]}
"""
PRIORITIES = """priorities:
  - {id: SP1, title: {en: P, fr: P}, short: {en: P, fr: P}, rank: 1, paragraphs: [M1]}
  - {id: SP2, title: {en: Q, fr: Q}, short: {en: Q, fr: Q}, rank: 2, paragraphs: [M1]}
"""


@pytest.fixture
def two(mini):
    """The small mission with two objectives, of two priorities, and three outputs."""
    path = mini.folder / "indicators" / "framework.yml"
    kept = [
        line
        for line in path.read_text().splitlines()
        if not line.startswith(("outputs:", "outcomes:", "objectives:", "priorities:"))
    ]
    at = next(index for index, line in enumerate(kept) if line.startswith("expected_accomplishments"))
    path.write_text(
        "\n".join(kept[:at]) + f"\n{PRIORITIES}{OBJECTIVES}{OUTCOMES}{OUTPUTS}" + "\n".join(kept[at:])
    )
    return mini


@pytest.fixture
def budget():
    """Write budget lines `id: keys` of one group into a small mission."""

    def write(mission, **lines):
        text = 'groups:\n  - id: "1"\n    title: {en: Military, fr: Militaire}\n    lines:\n'
        for id_, keys in lines.items():
            text += f'      - {{id: "{id_[1:].replace("_", ".")}", title: {{en: L, fr: L}}, {keys}}}\n'
        (mission.folder / "indicators" / "budget.yml").write_text(text)
        return mission.load()

    return write


@pytest.fixture
def activity():
    """Make an activity; what is not named is ordinary."""
    numbers = iter(range(1, 1_000_000))

    def make(output, **values):
        ordinary = {
            "activity_id": f"A-{next(numbers)}",
            "activity_on": date(2018, 7, 10),
            "output": output,
            "joint_key": None,
            "area_code": "C1",
            "units_delivered": Decimal(1),
            "cost_usd": Decimal(0),
            "participants_total": None,
        }
        return ordinary | values

    return make


@pytest.fixture
def activities():
    """Activities as a frame."""

    def frame(*rows):
        schema = {
            **dict.fromkeys(("activity_id", "output", "joint_key", "area_code"), pl.String),
            "activity_on": pl.Date,
            **dict.fromkeys(("units_delivered", "cost_usd"), pl.Decimal(18, 6)),
            "participants_total": pl.Int64,
        }
        return pl.DataFrame(list(rows), schema=schema)

    return frame


@pytest.fixture
def money():
    """The resources of July 2018 of lines `id: (apportionment, expenditure)`."""

    def make(definitions, period="2018-07", **lines):
        ids = {key: key[1:].replace("_", ".") for key in lines}
        year = Period.parse(period).budget_year()
        apportioned = pl.DataFrame(
            [(ids[key], str(year), Decimal(str(one[0]))) for key, one in lines.items() if one[0] is not None],
            schema={
                "budget_line": pl.String,
                "budget_year": pl.String,
                "apportionment_usd": pl.Decimal(18, 6),
            },
            orient="row",
        )
        spent = pl.DataFrame(
            [
                (ids[key], date(2018, 7, 1), Decimal(str(one[1])))
                for key, one in lines.items()
                if one[1] is not None
            ],
            schema={"budget_line": pl.String, "month": pl.Date, "amount_usd": pl.Decimal(18, 6)},
            orient="row",
        )
        return compute_resources(definitions, apportioned, spent, Period.parse(period))

    return make


@pytest.fixture
def allocated(money):
    """The allocation of July 2018."""

    def make(definitions, rows=None, **lines):
        found = money(definitions, **lines)
        work = pl.DataFrame(schema=WORK) if rows is None else work_by_output(rows, found.to_date)
        return allocate(definitions, found, work)

    return make
