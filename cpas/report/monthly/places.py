"""The map and the table by region."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from cpas.definitions.indicator import Level
from cpas.definitions.loaded import LoadedIndicator
from cpas.report.blocks import (
    Block,
    Bound,
    Column,
    Key,
    Map,
    MapArea,
    Paragraph,
    Part,
    Row,
    Table,
    prose,
)
from cpas.report.monthly.boundaries import build_bridge
from cpas.report.monthly.material import Material, Place

REGION = "region"
EVIDENCE: tuple[Level, ...] = ("impact", "outcome")


def build_places(material: Material) -> Part:
    """What is known region by region: one map of the leading indicator, and a table of the outcome indicators."""
    texts = material.texts
    regions = [place for place in material.places if place.level == REGION]
    mapped = [
        one
        for objective in material.definitions.framework.objectives
        for one in material.of(objective, *EVIDENCE)
        if one.definition.source
        and material.definitions.datasets[one.definition.source].dataset.kind == "events"
    ]
    blocks: list[Block] = [
        Paragraph(prose(texts["monthly.places_about"], period=material.words(material.to_date)))
    ]
    if mapped and any(place.rings for place in regions):
        blocks.append(_map(material, max(mapped, key=lambda one: _records(material, one)), regions))
    blocks += [
        _table(material, mapped[start : start + 6], regions, start)
        for start in range(0, min(len(mapped), 12), 6)
    ]
    blocks += build_bridge(material, mapped[:12], regions)
    return Part("places", texts["monthly.places"], tuple(blocks))


def _records(material: Material, one: LoadedIndicator) -> int:
    """How many rows an impact indicator rests on; the map shows the one with most."""
    row = material.row(one.id, material.to_date)
    return int(row["records"]) if row and one.definition.level == "impact" else -1


def _map(material: Material, one: LoadedIndicator, regions: list[Place]) -> Map:
    texts = material.texts
    areas = tuple(
        MapArea(place.code, place.name, place.rings, material.figure(one.id, material.to_date, place.code))
        for place in regions
        if place.rings
    )
    return Map(
        texts.say("monthly.map", title=f"{one.id}  {material.title(one)}"),
        areas,
        _classes(areas),
        material.unit(one.definition),
        texts.say("monthly.map_alt", title=material.title(one)),
    )


def _classes(areas: tuple[MapArea, ...]) -> tuple[int, ...]:
    """Round class limits that keep zero apart from little and little from much."""
    most = max((float(area.value.number or 0) for area in areas), default=0)
    scale = 1
    while most / scale > 100:
        scale *= 10
    return tuple(dict.fromkeys([1, *(limit * scale for limit in (5, 10, 25, 50) if limit * scale <= most)]))


def _table(material: Material, own: list[LoadedIndicator], regions: list[Place], start: int) -> Table:
    texts = material.texts
    columns = (
        Column(texts["monthly.area"], width=24),
        *(
            Column(f"{one.id} {material.title(one)}", "quantity", material.unit(one.definition), 16)
            for one in own
        ),
    )
    sectors = [place for place in material.places if place.level not in (REGION, "mission")]
    rows = [Row((place.name, *_figures(material, own, place))) for place in regions]
    elsewhere = tuple(_unlocated(material, one, regions) for one in own)
    has_elsewhere = any(figure.value for figure in elsewhere)
    if has_elsewhere:
        rows.append(Row((texts["monthly.unlocated"], *elsewhere)))
    rows += [Row((place.name, *_figures(material, own, place)), "subtotal") for place in sectors]
    rows.append(Row((material.places[0].name, *_figures(material, own, material.places[0])), "total"))
    title = texts["monthly.by_region"] if start == 0 else texts["monthly.by_region_more"]
    notes = (prose(texts["monthly.unlocated_note"]),) if has_elsewhere else ()
    return Table(title, columns, tuple(rows), notes)


def _figures(material: Material, own: list[LoadedIndicator], place: Place) -> tuple[Bound, ...]:
    return tuple(material.figure(one.id, material.to_date, place.code) for one in own)


def _unlocated(material: Material, one: LoadedIndicator, regions: list[Place]) -> Bound:
    """What the whole mission's figure has beside those of its regions, of rows that name no region; of sums alone."""
    whole = material.figure(one.id, material.to_date)
    key = Key(one.id, str(material.to_date), material.root, measure="not located in a region")
    found = material.row(one.id, material.to_date)
    adds_up = one.adds_up and one.adds_up_over_areas
    if not adds_up or found is None or whole.value is None:
        status = whole.status if adds_up and whole.value is None else "not_applicable"
        return replace(whole, value=None, key=key, status=status)
    rows = (material.row(one.id, material.to_date, place.code) for place in regions)
    inside = sum((row["numerator"] for row in rows if row and row["numerator"] is not None), start=Decimal(0))
    return replace(whole, value=(found["numerator"] - inside) * one.versions[0].measure.scale, key=key)
