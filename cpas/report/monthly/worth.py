"""What the money was worth: shares of objectives beside their rank, and cost per unit of outputs and outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cpas.report.blocks import Block, Bound, Column, Heading, Key, Note, Paragraph, Row, Status, Table, prose
from cpas.report.monthly.material import Material

SHARES = ("money", "activity", "staff")


def build_worth(material: Material) -> tuple[Block, ...]:
    """Shares by objective, then what units cost, and what these costs do and do not include."""
    texts = material.texts
    costs = list(material.worth.costs.iter_rows(named=True))
    return (
        _shares(material),
        Heading(texts["money.costs"]),
        Paragraph(prose(texts["money.costs_about"])),
        _outputs(material, [row for row in costs if row["kind"] == "output"]),
        *_outcomes(material, [row for row in costs if row["kind"] == "outcome"]),
        Note(prose(texts["money.costs_note"]), "limitation"),
    )


def _shares(material: Material) -> Table:
    texts, language = material.texts, material.language
    columns = (
        Column(texts["monthly.objective"], width=48),
        Column(texts["money.rank"], "count", width=10),
        *(Column(texts[f"money.{name}_share"], "percentage", width=14) for name in SHARES),
    )
    priorities = material.definitions.priorities
    objectives = material.definitions.objectives
    rows: list[Row] = []
    before = ""
    for row in material.worth.shares.iter_rows(named=True):
        if row["priority"] and row["priority"] != before:
            before = row["priority"]
            rows.append(Row((f"{before}  {priorities[before].title[language]}",), "group"))
        id_ = row["objective"]
        title = f"{id_}  {objectives[id_].title[language]}" if id_ else texts["monthly.not_allocated"]
        rank = Bound(row["rank"]) if row["rank"] else Bound(None, status="not_applicable")
        shares = (_share(material, row, name) for name in SHARES)
        rows.append(Row((title, rank, *shares), "body" if id_ else "subtotal"))
    notes = (prose(texts["money.shares_note"], to_date=material.words(material.to_date)),)
    return Table(texts["money.shares"], columns, tuple(rows), notes)


def _share(material: Material, row: Mapping[str, Any], name: str) -> Bound:
    """One share of an objective; what lacks a report is marked."""
    value = row[f"{name}_share"]
    key = Key(
        f"budget objective {row['objective']}".strip(),
        str(material.to_date),
        material.root,
        measure=f"{name}_share",
    )
    if value is None:
        return Bound(None, "percentage", key, "not_reported")
    status: Status = "partial" if row[f"{name}_is_partial"] else "reported"
    return Bound(value, "percentage", key, status, decimals=1)


def _outputs(material: Material, costs: list[dict[str, Any]]) -> Table:
    """Outputs under their objectives."""
    texts, definitions = material.texts, material.definitions
    rows: list[Row] = []
    before = ""
    for row in costs:
        output = definitions.outputs[row["id"]]
        objective = definitions.objectives[definitions.outcomes[output.outcome].objective]
        if objective.id != before:
            before = objective.id
            rows.append(Row((f"{objective.id}  {objective.title[material.language]}",), "group"))
        title = f"{output.id}  {output.title[material.language]}"
        rows.append(Row((title, material.unit(output), *_cells(material, row))))
    return Table(texts["money.output_costs"], _columns(material, "monthly.delivered"), tuple(rows))


def _outcomes(material: Material, costs: list[dict[str, Any]]) -> Iterator[Table]:
    """Outcomes of which something can be counted that was achieved; the note says how many cannot."""
    texts, definitions = material.texts, material.definitions
    known = [row for row in costs if row["measured_by"]]
    rows = []
    for row in known:
        outcome = definitions.outcomes[row["id"]]
        unit = material.unit(definitions.indicators[row["measured_by"]].definition)
        title = f"{outcome.id}  {outcome.title[material.language]}"
        rows.append(Row((title, unit, *_cells(material, row))))
    note = prose(
        texts["money.outcomes_note"],
        without=material.count("outcomes", len(costs) - len(known), "without_cost"),
    )
    if rows:
        columns = _columns(material, "money.achieved")
        yield Table(texts["money.outcome_costs"], columns, tuple(rows), (note,))


def _columns(material: Material, quantity: str) -> tuple[Column, ...]:
    texts = material.texts
    first = "monthly.output" if quantity == "monthly.delivered" else "money.outcome"
    return (
        Column(texts[first], width=48),
        Column(texts["monthly.unit"], width=14),
        Column(texts["monthly.expenditure"], "thousands", texts["money.thousands"], width=14),
        Column(texts[quantity], "quantity", width=14),
        Column(texts["money.cost_per_unit"], "amount", texts["money.dollars"], width=14),
        Column(texts["monthly.measured_by"], width=14),
    )


def _cells(material: Material, row: Mapping[str, Any]) -> tuple[Bound, ...]:
    """Expenditure, quantity, cost per unit and what measures it."""
    by = row["measured_by"]
    key = Key(row["id"], str(material.to_date), material.root, measure=f"cost_per_unit of {by}")
    status: Status = "partial" if row["is_partial"] else "reported"
    cost = (
        Bound(row["cost_per_unit"], "amount", key, status)
        if row["cost_per_unit"] is not None
        else Bound(None, "amount", key, _why(row))
    )
    shown = (
        material.texts["money.by_activities"] if by == "activities" else by or material.texts["money.none"]
    )
    return (
        material.money_of(row["kind"], row["id"], "expenditure"),
        _quantity(material, row),
        cost,
        Bound(shown, "text"),
    )


def _quantity(material: Material, row: Mapping[str, Any]) -> Bound:
    """What was delivered or achieved: the indicator's own figure where there is one."""
    if row["measured_by"] in material.definitions.indicators:
        return material.figure(row["measured_by"], material.to_date)
    key = Key(row["id"], str(material.to_date), material.root, measure="delivered")
    if row["quantity"] is None:
        return Bound(None, "quantity", key, _why(row))
    status: Status = "partial" if row["quantity_is_partial"] else "reported"
    whole = row["quantity"] == int(row["quantity"])
    return Bound(row["quantity"], "quantity", key, status, decimals=0 if whole else 1)


def _why(row: Mapping[str, Any]) -> Status:
    return "not_reported" if row["reason"] in ("not_reported", "no_expenditure") else "not_applicable"
