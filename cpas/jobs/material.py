"""What was gathered and computed, as the material of the monthly report."""

from __future__ import annotations

import polars as pl

from cpas.checks.quality import report_status
from cpas.engine.areas import AreaTree
from cpas.engine.coverage import expected_reports, whole_reports
from cpas.engine.scope import LOWEST
from cpas.jobs.figures import Figures
from cpas.jobs.gathered import Gathered
from cpas.jobs.issues import in_language
from cpas.jobs.money import Money
from cpas.periods import Period
from cpas.report.blocks import Language
from cpas.report.monthly.material import Area, Material, Place, Sources, Worth
from cpas.report.texts import Texts


def make_material(
    gathered: Gathered, period: Period, figures: Figures, money: Money, texts: Texts
) -> Material:
    """What the monthly report is made from."""
    definitions, tree = gathered.definitions, gathered.tree
    shown = Period(period.same_last_year().first, period.last)
    status = report_status(
        expected_reports(definitions, tree, shown.months()),
        whole_reports(gathered.reports, definitions),
        definitions.mission,
    )
    rows = {
        name: gathered.tables[name].height
        for name, one in definitions.datasets.items()
        if one.dataset.found_in != "made"
    }
    notes = tuple(note[texts.language] for note in gathered.notes)
    return Material(
        definitions,
        period,
        figures.results,
        figures.comparisons,
        figures.ratings,
        pl.concat([money.resources.as_frame(), money.allocation.sums(definitions)]),
        float(money.resources.elapsed),
        Worth(money.costs, money.shares),
        status.with_columns(received=pl.col("status") != "missing"),
        _places(gathered, tree, period, texts.language),
        _areas(tree, period, texts.language),
        Sources(rows, in_language(gathered.issues, texts.language, definitions), notes),
        texts,
    )


def _areas(tree: AreaTree, period: Period, language: Language) -> dict[str, Area]:
    """The areas that there are in the last month."""
    month = Period(period.last, period.last)
    return {
        code: Area(tree.name(code, language), tree.at(code, month).parent or "")
        for code in tree.existing([month])
    }


def _places(gathered: Gathered, tree: AreaTree, period: Period, language: Language) -> tuple[Place, ...]:
    """Areas above the lowest level that there were in the budget year to date, with their outlines at its end."""
    month = Period(period.last, period.last)
    parents = {code: tree.at(code, month).parent or "" for code in tree.by_code if tree.level(code) == LOWEST}
    rings = gathered.outlines.united(parents) if gathered.outlines else {}
    return tuple(
        Place(
            code,
            tree.name(code, language),
            tree.level(code),
            rings.get(code, ()),
        )
        for code in tree.existing(period.year_to_date().months())
        if tree.level(code) != LOWEST
    )
