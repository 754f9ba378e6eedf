"""Regions whose boundaries changed: what their figures were on the boundaries of each month, and on the same ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from cpas.definitions.loaded import LoadedIndicator
from cpas.periods import Period
from cpas.report.blocks import Block, Bound, Column, Key, Note, Prose, Row, Table, prose
from cpas.report.monthly.material import Material, Place

AGAINST = "year_to_date"
UNPLACED = ("not_placed", "not_traced")
REDEFINED = "definition_changed"


def build_bridge(
    material: Material, own: Iterable[LoadedIndicator], regions: Iterable[Place]
) -> Iterator[Block]:
    """Which regions changed between the periods that are compared, and some indicators of them on the same boundaries.

    A change is told on the same boundaries alone, and where there is no bridge it is not told.
    """
    texts = material.texts
    broken = [place for place in regions if material.bridge(place.code)]
    if not broken:
        return
    names = material.name(", ".join(place.name for place in broken))
    yield Note(prose(texts["monthly.broken_places"], names=names), "caution")
    lines = [
        (place, [(one, row) for one in own if (row := material.bridge(place.code).get((one.id, AGAINST)))])
        for place in broken
    ]
    told = [row for _, each in lines for _, row in each]
    if not told:
        return
    rows: list[Row] = []
    for place, each in lines:
        rows += [Row((place.name,), "group"), *(_row(material, one, row) for one, row in each)]
    yield Table(
        texts.say("monthly.bridge", month=str(told[0]["boundaries_of"])),
        _columns(material, told[0]),
        tuple(rows),
        tuple(_notes(material, told)),
    )


def _columns(material: Material, row: dict[str, Any]) -> tuple[Column, ...]:
    texts, month = material.texts, row["boundaries_of"]
    periods = (row["compared_period"], row["period"])
    return (
        Column(texts["monthly.indicator"], width=40),
        *(
            Column(texts.say("monthly.bridge_then", period=period), "quantity", width=16)
            for period in periods
        ),
        *(
            Column(texts.say("monthly.bridge_same", period=period, month=month), "quantity", width=16)
            for period in periods
        ),
        Column(texts.say("monthly.bridge_change", month=month), "quantity", width=16),
    )


def _row(material: Material, one: LoadedIndicator, row: dict[str, Any]) -> Row:
    is_placed = not any(reason in row["bridge_reasons"] for reason in UNPLACED)
    on = f"on the boundaries of {row['boundaries_of']}"
    sides = (("compared_bridged", "compared_period"), ("value_bridged", "period"))
    by_month = (_published(material, one, row["area"], Period.parse(row[period])) for _, period in sides)
    same = (
        material.bound(
            one,
            row[value] if is_placed else None,
            Key(one.id, row[period], row["area"], measure=f"value {on}"),
        )
        for value, period in sides
    )
    difference = row["change_bridged"] if row["bridges"] else None
    change = material.bound(one, difference, Key(one.id, row["period"], row["area"], measure=f"change {on}"))
    if change.kind == "percentage":
        change = replace(change, kind="quantity")
    words = [material.unit(one.definition)]
    if REDEFINED in row["bridge_reasons"]:
        words.append(material.texts["monthly.changed_mark"])
    return Row((f"{one.id} {material.title(one)} ({', '.join(words)})", *by_month, *same, change))


def _published(material: Material, one: LoadedIndicator, area: str, period: Period) -> Bound:
    """The figure of an area by the boundaries of each month; an area that did not exist has none."""
    if material.row(one.id, period, area):
        return material.figure(one.id, period, area)
    return material.bound(one, None, Key(one.id, str(period), area))


def _notes(material: Material, told: list[dict[str, Any]]) -> Iterator[Prose]:
    yield prose(material.texts["monthly.bridge_note"])
    for reason in (*UNPLACED, REDEFINED):
        ids = dict.fromkeys(row["indicator_id"] for row in told if reason in row["bridge_reasons"])
        if ids:
            yield prose(material.texts[f"monthly.bridge.{reason}"], names=material.name(", ".join(ids)))
