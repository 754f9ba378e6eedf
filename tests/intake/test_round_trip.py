"""A template filled in as a person would is read back as what was meant, for every data set and both languages."""

from __future__ import annotations

import io
import string
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from cpas.definitions.dataset import Column
from cpas.intake.covers import read_cover
from cpas.intake.files import Received, read_grids
from cpas.intake.recognise import Recogniser
from cpas.intake.tables import build_table
from cpas.intake.template_words import offered
from tests.intake.conftest import FIRST, REPORTERS, offers_of

SETS = (
    *("activities", "incidents", "observations", "assessments", "expenditure", "deployments"),
    *("contributions_in_kind", "income", "redeployments", "variance_explanations"),
)
LETTERS = string.ascii_letters + string.digits + "éèàçœÉ'-/.,:()"
Meant = tuple[Any, Any, str]
"""What is written into a cell, what is meant by it, and its status."""


@cache
def template_of(
    mission: Any, name: str, language: str
) -> tuple[bytes, dict[str, tuple[str, dict[str, str]]]]:
    """A template, and of each column its letter and the ids of what its list offers."""
    data = mission.template(name, language)
    columns = mission.definitions.datasets[name].dataset.columns
    return data, offers_of(load_workbook(io.BytesIO(data)), columns, language)


def a_text(draw: Random, most: int) -> str:
    return (
        "x"
        + " ".join("".join(draw.choices(LETTERS, k=draw.randint(1, 12))) for _ in range(4))[
            : most - 1
        ].rstrip()
    )


def a_day(draw: Random, *, is_period: bool) -> datetime:
    first, days = (datetime(2019, 6, 1), 30) if is_period else (datetime(1950, 1, 1), 50_000)  # noqa: DTZ001  # Excel knows no zones
    return first + timedelta(days=draw.randrange(days))


def a_cell(draw: Random, column: Column, choices: dict[str, str], language: str, *, is_period: bool) -> Meant:
    if column.may_be and draw.random() < 0.4:
        kind = draw.choice(column.may_be)
        return offered(kind, language), None, kind
    if not column.required and draw.random() < 0.2:
        return None, None, "not_reported"
    places, written = (
        Decimal(10) ** -draw.randint(0, 4),
        Decimal(draw.choice([0, draw.randint(-(10**9), 10**9)])),
    )
    match column.type:
        case "code" | "reference":
            known = [(text, id_) for text, id_ in choices.items() if id_ not in column.may_be]
            return *draw.choice(sorted(known)), "reported"
        case "boolean":
            text = draw.choice(sorted(choices))
            return text, choices[text] == "true", "reported"
        case "date":
            day = a_day(draw, is_period=is_period)
            return day, day.date(), "reported"
        case "month":
            day = a_day(draw, is_period=is_period)
            return day, day.date().replace(day=1), "reported"
        case "text":
            text = a_text(draw, column.max_length or 200)
            return text, text, "reported"
    number = abs(written) if column.type == "count" else written * places
    kind = {"count": int, "number": float}.get(column.type, Decimal)
    return float(number), kind(number), "reported"


def test_every_data_set_that_is_sent_is_filled_in_and_read_back(mission: Any) -> None:
    assert set(SETS) == set(mission.sent)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", SETS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9))
def test_what_a_person_fills_in_is_what_is_read(mission: Any, name: str, language: str, seed: int) -> None:
    draw, loaded = Random(seed), mission.definitions.datasets[name]  # noqa: S311  # no secret
    template, places = template_of(mission, name, language)
    columns = loaded.dataset.columns
    meant = [
        {
            one.name: a_cell(
                draw, one, places[one.name][1], language, is_period=one.name == loaded.dataset.period
            )
            for one in columns
        }
        for _ in range(5)
    ]
    book = load_workbook(io.BytesIO(template))
    for row, cells in enumerate(meant, start=FIRST):
        for column, (written, _, _) in cells.items():
            cell = book.worksheets[1][f"{places[column][0]}{row}"]
            cell.value = written
            if isinstance(written, str):
                cell.data_type = "s"
    book.worksheets[0]["B11"] = date(2019, 7, 8)
    held = io.BytesIO()
    book.save(held)
    grids, notes = read_grids(held.getvalue(), f"{name}.xlsx")
    known = Recogniser(one.dataset for one in mission.definitions.datasets.values()).recognise(
        Received(f"inbox/{name}.xlsx", "", 1, grids, notes)
    )
    assert known.issues == ()
    assert set(known.sheets) == {name}
    table = build_table(loaded, known.sheets[name], mission.inbox.vocabulary)
    assert table.issues == ()
    for one in columns:
        told = [cells[one.name] for cells in meant]
        assert table.frame[one.name].to_list() == [value for _, value, _ in told]
        if one.may_be:
            assert table.frame[one.status_column].to_list() == [status for _, _, status in told]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", SETS)
def test_an_empty_template_is_a_report_without_rows(mission: Any, name: str, language: str) -> None:
    grids, _ = read_grids(mission.template(name, language), f"{name}.xlsx")
    table = build_table(mission.definitions.datasets[name], [grids[1]], mission.inbox.vocabulary)
    cover = read_cover(grids[0])
    assert (table.frame.height, table.issues) == (0, ())
    assert cover is not None
    assert (cover.dataset, cover.month, cover.issues) == (name, date(2019, 6, 1), ())


def test_a_group_that_was_chosen_alone_is_no_row(mission: Any) -> None:
    book = load_workbook(io.BytesIO(mission.template("activities", "en")))
    sheet = book.worksheets[1]
    letter = next(cell.column_letter for cell in sheet[3] if cell.value == "▸ Region")
    sheet[f"{letter}5"] = "Gao"
    held = io.BytesIO()
    book.save(held)
    grids, _ = read_grids(held.getvalue(), "activities.xlsx")
    table = build_table(mission.definitions.datasets["activities"], [grids[1]], mission.inbox.vocabulary)
    assert (table.frame.height, table.issues) == (0, ())


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", ["activities", "incidents", "observations", "assessments", "deployments"])
def test_what_is_copied_from_last_month_is_read_as_what_was_sent(
    mission: Any, name: str, language: str
) -> None:
    loaded = mission.definitions.datasets[name]
    sent = mission.rows(
        name, loaded.dataset.reported_by, REPORTERS[name], date(2019, 6, 1), date(2019, 6, 30)
    )
    assert sent.height
    grids, _ = read_grids(mission.template(name, language, previous=sent), f"{name}.xlsx")
    table = build_table(loaded, [grids[2]], mission.inbox.vocabulary)
    assert table.issues == ()
    assert table.frame.drop("_file", "_sheet", "_row").equals(sent.drop("_file", "_sheet", "_row"))
