"""One part for each objective: evidence of outcomes first, then outputs, then activity, never mixed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal

from cpas.definitions.dataset import Dataset
from cpas.definitions.framework import Objective
from cpas.definitions.indicator import Level
from cpas.definitions.loaded import LoadedIndicator
from cpas.periods import Period
from cpas.report.blocks import (
    Block,
    Bound,
    Break,
    Chart,
    Column,
    Heading,
    Key,
    Note,
    Paragraph,
    Part,
    Prose,
    ReferenceLine,
    Row,
    Series,
    Spark,
    Table,
    prose,
    quote,
)
from cpas.report.monthly.material import Material
from cpas.report.monthly.ratings import build_changes, build_outcomes, build_own_targets
from cpas.report.monthly.steps import build_steps, has_trend, step_trend
from cpas.report.numbers import short_month

LEVELS: tuple[tuple[str, tuple[Level, ...]], ...] = (
    ("evidence", ("impact", "outcome")),
    ("outputs", ("output",)),
    ("activity", ("activity", "input")),
)


COMPARED = ("previous", "same_last_year")


def build_objective(material: Material, objective: Objective) -> Part:
    """Everything known about one objective."""
    texts = material.texts
    blocks: list[Block] = [*_place(material, objective), *build_outcomes(material, objective)]
    for name, levels in LEVELS:
        own = list(material.of(objective, *levels))
        blocks.append(Heading(texts[f"monthly.{name}"]))
        if not own:
            blocks.append(Note(prose(texts[f"monthly.no_{name}"]), "caution"))
            continue
        if name == "evidence":
            blocks += [trend(material, one) for one in own if has_trend(one)]
        else:
            blocks.append(Paragraph(prose(texts[f"monthly.about_{name}"])))
        title = texts.pair(objective.id, texts[f"monthly.table_{name}"])
        blocks.append(_table(material, f"{objective.id}-{name}", title, own, is_charted=name == "evidence"))
        blocks += [*build_steps(material, own, title), *build_own_targets(material, own, title)]
        blocks += build_changes(material, own, title)
        blocks += _parts_tables(material, own) if name == "evidence" else []
    return Part(
        objective.id, f"{objective.id}  {objective.title[material.language]}", tuple(blocks), objective.id
    )


def _place(material: Material, objective: Objective) -> Iterator[Block]:
    """The priority and the paragraphs of the mandate that were in force in the period."""
    framework = material.definitions.framework
    priority = material.definitions.priorities[objective.priority]
    yield Paragraph(quote(f"{priority.id}  {priority.title[material.language]}"))
    for paragraph in framework.mandate.paragraphs:
        if paragraph.id in objective.paragraphs and paragraph.valid.covers(material.period):
            yield Paragraph(
                prose(
                    material.texts["monthly.paragraph"],
                    number=material.name(paragraph.number),
                    text=material.name(paragraph.text[material.language]),
                )
            )


def trend(material: Material, one: LoadedIndicator) -> Chart:
    """An indicator month by month, with the target's level where a month has one; of steps the places at each."""
    if scale := material.definitions.scale_of(one.id):
        return step_trend(material, one, scale)
    texts, months = material.texts, material.months()
    points = tuple(material.figure(one.id, month) for month in months)
    targets = [material.figure(one.id, month, measure="target") for month in months]
    steady = len({target.value for target in targets}) == 1 and targets[-1].value is not None
    lines = (ReferenceLine("target", texts["monthly.target"], targets[-1]),) if steady else ()
    series = [Series(material.title(one), points)]
    if not steady and any(target.value is not None for target in targets):
        series.append(Series(texts["monthly.target"], tuple(targets)))
    breaks = tuple(_breaks(material, one, months))
    alt = texts.say("monthly.trend_alt", title=material.title(one), unit=material.unit(one.definition))
    if breaks:
        alt = texts.say("monthly.trend_broken", alt=alt, months=", ".join(gap.label for gap in breaks))
    return Chart(
        "line",
        f"{one.id}  {material.title(one)}",
        tuple(short_month(month, material.texts.language) for month in months),
        tuple(series),
        material.unit(one.definition),
        alt,
        lines,
        breaks,
        width="half",
        anchor=one.id,
    )


def _breaks(material: Material, one: LoadedIndicator, months: list[Period]) -> Iterator[Break]:
    """Where the definition changed, its own or that of an indicator it is derived from."""
    behind = [material.definitions.indicators[id_] for id_ in sorted(material.definitions.behind(one.id))]
    for earlier, later in itertools.pairwise(months):
        notes = [
            each.definition.versions[each.version_at(later).number - 1].note[material.language]
            for each in behind
            if each.version_at(later) != each.version_at(earlier)
        ]
        if notes:
            yield Break(short_month(later, material.texts.language), quote(" ".join(notes)))


def _table(
    material: Material, anchor: str, title: str, own: list[LoadedIndicator], *, is_charted: bool
) -> Table:
    """Indicators with this period, what it is compared with, and how they stand in the year to date.

    What has no chart of its own has a small line in the table.
    """
    texts, period = material.texts, material.period
    compared = list(dict.fromkeys([period, period.previous(), period.same_last_year(), material.to_date]))
    columns = (
        Column(texts["monthly.indicator"], width=48),
        *(Column(_heading(material, one), "quantity", width=12) for one in compared),
        Column(texts["monthly.baseline"], "quantity", width=11),
        Column(texts["monthly.target"], "quantity", width=11),
        Column(texts["monthly.progress"], "percentage", width=10, decimals=0),
        Column(texts["monthly.rating"], "status", width=14),
        Column(texts["monthly.coverage"], width=10),
        *((Column(texts["monthly.trend"], "spark", width=14),) if not is_charted else ()),
    )
    rows = tuple(_row(material, one, compared, is_charted=is_charted) for one in own)
    return Table(
        title,
        columns,
        rows,
        tuple(_table_notes(material, own, compared)),
        anchor,
    )


def _table_notes(material: Material, own: list[LoadedIndicator], compared: list[Period]) -> Iterator[Prose]:
    """How to read the table, and which of its figures rest on more than one version of their definition."""
    texts = material.texts
    yield prose(texts["monthly.table_note"], to_date=material.words(material.to_date))
    mixed = [one.id for one in own if _is_changed(material, one, compared)]
    if mixed:
        yield prose(texts["monthly.mixed_note"], names=material.name(", ".join(mixed)))
    for one in own:
        for kind in COMPARED:
            row, overlap = material.comparison(one.id, kind), material.both_ways(one.id, kind)
            if row and overlap:
                periods = {"period": row["period"], "then": row["compared_period"]}
                words = {name: material.words(Period.parse(text)) for name, text in periods.items()}
                words["name"] = material.name(one.id)
                if within := material.changed_within(one.id, kind):
                    yield prose(texts["monthly.overlap_within"], versions=within, **words, **overlap)
                else:
                    yield prose(texts["monthly.overlap"], **words, **overlap)


def _is_changed(material: Material, one: LoadedIndicator, compared: list[Period]) -> bool:
    """Whether figures of the periods rest on more than one version of the definition."""
    return any(len(material.versions(id_, compared)) > 1 for id_ in material.definitions.behind(one.id))


def _heading(material: Material, period: Period) -> str:
    names = {
        material.period: "monthly.this",
        material.period.previous(): "monthly.previous",
        material.period.same_last_year(): "monthly.year_ago",
    }
    name = material.texts[names.get(period, "monthly.to_date")]
    return f"{name} ({period})"


def _unit(material: Material, one: LoadedIndicator, compared: list[Period]) -> str:
    """The unit, whether the figure runs on from month to month, and whether its definition changed."""
    unit = material.unit(one.definition)
    running = one.definition.cumulative != "none" and not one.definition.milestone
    words = [unit, material.texts["monthly.cumulative"]] if running else [unit]
    if _is_changed(material, one, compared):
        words.append(material.texts["monthly.changed_mark"])
    return ", ".join(words)


def _row(material: Material, one: LoadedIndicator, compared: list[Period], *, is_charted: bool) -> Row:
    row = material.row(one.id, material.period)
    reports = Bound(None, "text", status="not_applicable")
    if row and row["reports_expected"]:
        of = material.texts.say(
            "monthly.of", received=f"{row['reports_received']}", expected=f"{row['reports_expected']}"
        )
        reports = Bound(of, "text")
    return Row(
        (
            f"{one.id}  {material.title(one)} ({_unit(material, one, compared)})",
            *(material.figure(one.id, period) for period in compared),
            material.figure(one.id, material.to_date, measure="baseline"),
            material.figure(one.id, material.to_date, measure="target"),
            material.figure(one.id, material.to_date, measure="progress"),
            material.rating(one.id),
            reports,
            *(
                ()
                if is_charted
                else (Spark(tuple(material.figure(one.id, month) for month in material.months())),)
            ),
        ),
        link=f"about-{one.id}",
    )


def _parts_tables(material: Material, own: list[LoadedIndicator]) -> Iterator[Block]:
    """Each disaggregation of an outcome or impact indicator in the period."""
    for one in own:
        for name in one.definition.disaggregate_by:
            parts = dict(_part_labels(material, one, name))
            bounds = {part: material.figure(one.id, material.period, part=f"{name}={part}") for part in parts}
            shown = {part: bound for part, bound in bounds.items() if bound.value or part != "not_stated"}
            if rest := _remainder(material, one, name, list(bounds.values())):
                parts["rest"], shown["rest"] = material.texts["monthly.remainder"], rest
            yield Chart(
                "bar",
                material.texts.say(
                    "monthly.parts",
                    title=f"{one.id}  {material.title(one)}",
                    name=_part_title(material, one, name),
                ),
                tuple(parts[part] for part in shown),
                (Series(material.title(one), tuple(shown.values())),),
                material.unit(one.definition),
                material.texts.say(
                    "monthly.parts_alt", title=material.title(one), name=_part_title(material, one, name)
                ),
                width="half",
            )


def _remainder(material: Material, one: LoadedIndicator, name: str, parts: list[Bound]) -> Bound | None:
    """What of the total no part has, where the indicator adds up, so that the bars and the total agree."""
    total = material.figure(one.id, material.period)
    adds_up = one.is_flow and one.versions[0].measure.numerator.whole is None
    if not adds_up or one.is_derived or total.number is None:
        return None
    rest = total.number - sum((part.number for part in parts if part.number is not None), Decimal(0))
    key = Key(one.id, str(material.period), material.root, f"{name}=rest")
    return Bound(rest, total.kind, key, total.status, decimals=total.decimals) if rest > 0 else None


def _dataset(material: Material, one: LoadedIndicator) -> Dataset:
    """The data set whose columns name an indicator's parts; those of a derived indicator are its operands'."""
    while one.is_derived:
        one = material.definitions.indicators[one.operands[0].indicator]
    return material.definitions.datasets[one.definition.source or ""].dataset


def _part_labels(material: Material, one: LoadedIndicator, name: str) -> Iterator[tuple[str, str]]:
    definitions, language = material.definitions, material.language
    dataset = _dataset(material, one)
    if breakdown := dataset.breakdowns.get(name):
        for part in breakdown.parts:
            yield part, breakdown.part_labels[part][language]
        return
    column = dataset.column(name)
    if column.codes:
        for code, known in definitions.codes[column.codes].codes.items():
            yield code, known.label[language]
    else:
        for id_, names in (definitions.members(column.to or "") or {}).items():
            yield id_, names[0 if language == "en" else min(1, len(names) - 1)]
    if not column.required:
        yield "not_stated", material.texts["monthly.not_stated"]


def _part_title(material: Material, one: LoadedIndicator, name: str) -> str:
    dataset = _dataset(material, one)
    found = dataset.breakdowns.get(name) or dataset.column(name)
    return found.label[material.language]
