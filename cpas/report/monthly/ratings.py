"""How outcomes and objectives stand, targets of areas and parts, and targets that were changed; all as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from cpas.definitions.framework import Objective
from cpas.definitions.loaded import LoadedIndicator
from cpas.definitions.target import Goals
from cpas.report.blocks import Block, Bound, Column, Key, Note, Row, Table, prose
from cpas.report.monthly.material import TOTAL, Material

SHOWN = ("off_track", "at_risk", "on_track", "met", "insufficient_data", "not_rated")


def build_standing(material: Material) -> Table:
    """Ratings of outcome and impact indicators by objective: a distribution, never an average of colours."""
    objectives = material.definitions.framework.objectives
    rows = tuple(
        _row(material, "objective", one.id, one.title[material.language], one.id) for one in objectives
    )
    return _table(material, material.texts["monthly.standing"], "monthly.objective", rows)


def build_outcomes(material: Material, objective: Objective) -> Iterator[Block]:
    """How the outcomes of an objective stand, and whether there is evidence to rate it on."""
    texts = material.texts
    own = [one for one in material.definitions.framework.outcomes if one.objective == objective.id]
    if material.evidence("objective", objective.id)["evidence"] == "insufficient_evidence":
        yield Note(prose(texts["monthly.insufficient_evidence"]), "caution")
    rows = tuple(_row(material, "outcome", one.id, one.title[material.language]) for one in own)
    if rows:
        title = texts.pair(objective.id, texts["monthly.outcomes_standing"])
        yield _table(material, title, "monthly.outcome", rows)


def _table(material: Material, title: str, first: str, rows: tuple[Row, ...]) -> Table:
    texts = material.texts
    columns = (
        Column(texts[first], width=60),
        *(Column(texts[f"status.{rating}"], "count", width=12) for rating in SHOWN),
        Column(texts["monthly.evidence_there"], width=18),
    )
    return Table(title, columns, rows, (prose(texts["monthly.standing_note"]),))


def _row(material: Material, kind: str, id_: str, title: str, link: str = "") -> Row:
    counts = material.evidence(kind, id_)
    cells = (
        Bound(counts[rating], key=Key(id_, str(material.to_date), material.root, measure=rating))
        for rating in SHOWN
    )
    return Row(
        (f"{id_}  {title}", *cells, material.texts[f"monthly.evidence.{counts['evidence']}"]), link=link
    )


def build_own_targets(material: Material, own: Iterable[LoadedIndicator], title: str) -> Iterator[Table]:
    """Areas and parts that have targets of their own, in the budget year to date."""
    texts = material.texts
    rows = tuple(
        Row(
            (
                f"{one.id}  {material.title(one)}",
                _whom(material, goals),
                *(
                    material.figure(one.id, material.to_date, *_series(material, goals), measure)
                    for measure in ("value", "baseline", "target", "progress")
                ),
                material.rating(one.id, *_series(material, goals)),
            )
        )
        for one in own
        for goals in one.definition.targets_for
    )
    columns = (
        Column(texts["monthly.indicator"], width=48),
        Column(texts["monthly.whom"], width=24),
        Column(f"{texts['monthly.to_date']} ({material.to_date})", "quantity", width=12),
        *(Column(texts[f"monthly.{name}"], "quantity", width=11) for name in ("baseline", "target")),
        Column(texts["monthly.progress"], "percentage", width=10, decimals=0),
        Column(texts["monthly.rating"], "status", width=14),
    )
    if rows:
        yield Table(texts.pair(title, texts["monthly.own_targets"]), columns, rows)


def build_changes(material: Material, own: Iterable[LoadedIndicator], title: str) -> Iterator[Table]:
    """Targets of the budget year that were changed: the old one beside the new one, and why."""
    texts, year = material.texts, material.period.budget_year()
    rows = tuple(
        Row(
            (
                f"{one.id}  {material.title(one)}",
                _whom(material, goals),
                Bound(change.period, "period"),
                _target(material, one, goals, change.before, f"target of {change.period} before {change.on}"),
                _target(material, one, goals, change.after, f"target of {change.period} from {change.on}"),
                Bound(change.on, "date"),
                texts[f"monthly.reason.{change.reason}"],
                change.note[material.language] if change.note else "",
            )
        )
        for one in own
        for goals in one.definition.goals
        for change in goals.target_changes
        if change.period.first <= year.last and year.first <= change.period.last
    )
    columns = (
        Column(texts["monthly.indicator"], width=40),
        Column(texts["monthly.whom"], width=20),
        Column(texts["monthly.target_period"], "period", width=14),
        *(Column(texts[f"monthly.target_{name}"], "quantity", width=11) for name in ("old", "new")),
        Column(texts["monthly.changed_on"], "date", width=16),
        Column(texts["monthly.reason"], width=24),
        Column(texts["monthly.note"], width=40),
    )
    if rows:
        note = prose(texts["monthly.changes_note"])
        yield Table(texts.pair(title, texts["monthly.changed_targets"]), columns, rows, (note,))


def _series(material: Material, goals: Goals) -> tuple[str, str]:
    return goals.area or material.root, goals.disaggregation or TOTAL


def _whom(material: Material, goals: Goals) -> str:
    names = {place.code: place.name for place in material.places}
    area = names.get(goals.area or material.root, goals.area or material.root)
    return f"{area}, {goals.disaggregation}" if goals.disaggregation else area


def _target(material: Material, one: LoadedIndicator, goals: Goals, value: Decimal, measure: str) -> Bound:
    area, part = _series(material, goals)
    key = Key(one.id, str(material.period), area, part, measure)
    if label := material.step(one.id, value):
        return Bound(label, "text", key)
    decimals = one.definition.decimals or (0 if value == int(value) else 1)
    return Bound(value, "quantity", key, decimals=decimals)
