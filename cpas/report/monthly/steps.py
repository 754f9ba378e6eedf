"""Qualitative indicators and milestones: how many places stand at which step, where, and what each step means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from cpas.definitions.loaded import LoadedIndicator
from cpas.definitions.scale import Scale
from cpas.periods import Period
from cpas.report.blocks import Bound, Chart, Column, Finding, Key, Row, Series, Status, Table, prose
from cpas.report.monthly.changes import Change
from cpas.report.monthly.material import Material
from cpas.report.numbers import short_month


def has_trend(one: LoadedIndicator) -> bool:
    """Whether months of it are worth a chart; a milestone is told in a table."""
    return one.definition.milestone is None


def step_trend(material: Material, one: LoadedIndicator, scale: Scale) -> Chart:
    """How many places stood at each step, month by month: an order is counted, since it has no heights to draw."""
    texts, months = material.texts, material.months()
    series = tuple(
        Series(step.label[material.language], tuple(_places(material, one, month, code) for month in months))
        for code, step in scale.steps.items()
    )
    return Chart(
        "stacked_column",
        f"{one.id}  {material.title(one)}",
        tuple(short_month(month, texts.language) for month in months),
        series,
        texts["monthly.steps.places"],
        texts.say("monthly.steps.alt", title=material.title(one), scale=scale.title[material.language]),
        anchor=one.id,
    )


def _places(material: Material, one: LoadedIndicator, period: Period, code: str) -> Bound:
    """How many places stood at a step, or at none for one reason; none there is zero, and no place judged is no figure."""
    row = material.row(one.id, period)
    key = Key(one.id, str(period), material.root, measure=f"places at {code}")
    found = material.places_at(one.id, period).get(code)
    if found is None and (row is None or row["distribution"] is None):
        known = row["status"] if row and row["value"] is None else "not_reported"
        return Bound(None, "count", key, cast("Status", known))
    return Bound(found or 0, "count", key)


def build_steps(material: Material, own: Iterable[LoadedIndicator], title: str) -> Iterator[Table]:
    """Milestones with their days, and of each qualitative indicator the places at each step."""
    own = list(own)
    if milestones := [one for one in own if one.definition.milestone]:
        yield _milestones(material, milestones, title)
    for one in own:
        scale = material.definitions.scale_of(one.id)
        if scale and not one.definition.milestone:
            yield _steps(material, one, scale)


def _milestones(material: Material, own: list[LoadedIndicator], title: str) -> Table:
    texts = material.texts
    columns = (
        Column(texts["monthly.indicator"], width=48),
        Column(texts["monthly.milestone.due"], "date", width=18),
        Column(texts["monthly.milestone.state"], width=22),
        Column(texts["monthly.milestone.achieved_on"], "date", width=18),
        Column(texts["monthly.rating"], "status", width=14),
    )
    rows = tuple(
        Row(
            (
                f"{one.id}  {material.title(one)}",
                material.figure(one.id, material.to_date, measure="target"),
                _state_and_step(material, one),
                _day(material, one),
                material.rating(one.id),
            ),
            anchor=one.id,
        )
        for one in own
    )
    note = prose(texts["monthly.milestone.note"])
    return Table(texts.pair(title, texts["monthly.milestones"]), columns, rows, (note,))


def _state(material: Material, one: LoadedIndicator) -> str:
    row = material.row(one.id, material.to_date)
    return (row and row["milestone"]) or "not_known"


def _state_and_step(material: Material, one: LoadedIndicator) -> str:
    """How a milestone stands in words, with the step on its way where somebody told of one this side of the last."""
    state, row = _state(material, one), material.row(one.id, material.to_date)
    scale, words = material.definitions.scale_of(one.id), material.texts[f"monthly.milestone.{state}"]
    step = row["step"] if row and state in ("not_yet_due", "overdue") else None
    if scale is None or step not in scale.codes[1:-1]:
        return words
    return material.texts.say(
        "monthly.steps.marked", step=words, mark=scale.steps[step].label[material.language]
    )


def _day(material: Material, one: LoadedIndicator) -> Bound:
    row = material.row(one.id, material.to_date)
    key = Key(one.id, str(material.to_date), material.root, measure="achieved_on")
    day = row and row["achieved_on"]
    return Bound(day, "date", key) if day else Bound(None, "date", key, "not_applicable")


def milestone_finding(material: Material, change: Change) -> Finding:
    """A milestone that was achieved since: on which day, and by which it was due."""
    one, texts = change.indicator, material.texts
    values = {
        "title": material.name(material.title(one)),
        "due": material.figure(one.id, material.to_date, measure="target"),
    }
    day = _day(material, one)
    if day.value:
        values["day"] = day
    statement = prose(texts[f"monthly.milestone.{'dated' if day.value else 'undated'}"], **values)
    state = prose(texts[f"monthly.milestone.{_state(material, one)}"])
    return Finding(statement, (state,), change.severity, change.direction, one.id)


def _steps(material: Material, one: LoadedIndicator, scale: Scale) -> Table:
    """Each step with its criterion, the places at it then and now, and which they are; then the places at none, by why."""
    texts, period = material.texts, material.period
    compared = list(dict.fromkeys([period, period.previous(), period.same_last_year()]))
    columns = (
        Column(texts["monthly.steps.step"], width=24),
        Column(texts["monthly.steps.criterion"], width=60),
        *(
            Column(f"{texts[f'monthly.{name}']} ({when})", "count", width=12)
            for name, when in zip(("this", "previous", "year_ago"), compared, strict=False)
        ),
        Column(texts["monthly.steps.where"], width=40),
    )
    rows = tuple(
        Row(
            (
                *words,
                *(_places(material, one, when, code) for when in compared),
                ", ".join(material.standing_at(one.id, period, code)) or Bound(None, "text", status="nil"),
            )
        )
        for code, words in _lines(material, one, scale, compared)
    )
    title = texts.say("monthly.steps.title", title=f"{one.id}  {material.title(one)}")
    rule = texts[f"monthly.steps.rule.{one.definition.over_area}"]
    return Table(title, columns, rows, (prose(rule), prose(texts["monthly.steps.note"])))


def _lines(
    material: Material, one: LoadedIndicator, scale: Scale, compared: list[Period]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each step, and each reason why places are at none in one of the periods, with its words and its criterion."""
    texts, language = material.texts, material.language
    marks = {
        material.figure(one.id, material.to_date, measure=name).value: texts[f"monthly.{name}"]
        for name in ("baseline", "target")
    }
    for code, step in scale.steps.items():
        label = step.label[language]
        marked = texts.say("monthly.steps.marked", step=label, mark=marks[label]) if label in marks else label
        yield code, (marked, step.criterion[language])
    for reason in ("not_reported", "not_applicable", "withheld"):
        if any(reason in material.places_at(one.id, when) for when in compared):
            yield reason, (texts[f"monthly.steps.none.{reason}"], texts[f"monthly.steps.why.{reason}"])


def scale_table(material: Material, one: LoadedIndicator) -> Iterator[Table]:
    """The scale of an indicator in the annex: its steps from the worst to the best, and their criteria."""
    scale, texts, language = material.definitions.scale_of(one.id), material.texts, material.language
    if scale:
        columns = (
            Column(texts["monthly.steps.step"], width=24),
            Column(texts["monthly.steps.criterion"], width=90),
        )
        rows = tuple(Row((step.label[language], step.criterion[language])) for step in scale.steps.values())
        title = texts.say("monthly.steps.scale", id=one.id, scale=scale.title[language])
        yield Table(title, columns, rows)
