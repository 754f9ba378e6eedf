"""A cut scenario computed and published: page, workbook and table, from approved amounts and the year's activities."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cpas import content
from cpas.budget.activity import activities_in, work_by_output
from cpas.budget.allocation import allocate
from cpas.budget.at_risk import by_group, by_priority, losses_frame, outputs_at_risk, work_by_area
from cpas.budget.resources import ZERO
from cpas.budget.scenario import By, Cut, approved_lines, cut_budget, latest_year
from cpas.errors import UsageError
from cpas.jobs.aside import Aside
from cpas.jobs.gathered import Gathered
from cpas.jobs.money import gather_sound
from cpas.jobs.planning import Planned, imprint, publish_planned
from cpas.jobs.progress import Progress
from cpas.jobs.publish import check_target
from cpas.jobs.sources import Source
from cpas.periods import Period
from cpas.report.blocks import Language
from cpas.report.numbers import in_table
from cpas.report.scenario import Asked, ScenarioMaterial, build_scenario, scenario_lines
from cpas.report.texts import load_texts

_ANYWHERE = Source()
_AREAS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the cut, the rule, what is protected, and the budget year, the latest with approved amounts by default."""

    cut: Cut
    by: By = "outputs"
    protected: tuple[str, ...] = ()
    year: Period | None = None

    def folder(self, year: Period) -> str:
        """A name that tells scenarios apart: `scenario-2018-19-cut-2pc-by-outputs-protect-SP2`."""
        cut = f"{self.cut.number.normalize():f}".replace(".", "_") + (
            "pc" if self.cut.is_percentage else "usd"
        )
        protect = "".join(f"-protect-{one}" for one in self.protected)
        return f"scenario-{str(year).replace('/', '-')}-cut-{cut}-by-{self.by}{protect}"


@dataclass(frozen=True, slots=True)
class Answered:
    """Where the scenario was published, and what it comes to, line by line."""

    folder: Path
    lines: tuple[str, ...]


def run_scenario(  # noqa: PLR0913  # what a person chooses, and the job's two helpers
    mission: Path,
    question: Question,
    progress: Progress,
    aside: Aside,
    *,
    out: Path | None = None,
    source: Source = _ANYWHERE,
    language: Language = "en",
) -> Answered:
    """Publish what a cut would take from outputs into `MISSION/out/scenario-...`, or into `out`.

    Raises:
        UsageError: The year has no approved amounts, a priority is unknown, or the cut is more than can be cut.
        DefinitionError, SourceError, DataError: As `gather_sound` says.
        RenderError: The page cannot be written.
    """
    if question.year and question.year.kind != "budget_year":
        raise UsageError(f"`{question.year}` is not a budget year; a budget year is written like 2018/19")
    gathered = gather_sound(mission, progress, aside, source)
    definitions, budget_lines = gathered.definitions, gathered.tables["budget_lines"]
    year = question.year or latest_year(budget_lines)
    folder = out or mission / "out" / question.folder(year)
    check_target(folder)
    activities = gathered.tables.get("activities", pl.DataFrame())
    evidence = year if activities_in(activities, year).height else year.previous()
    work = work_by_output(activities, evidence)
    allocation = allocate(definitions, approved_lines(definitions, budget_lines, year), work)
    approved = allocation.total.apportionment or ZERO
    amount = question.cut.of(approved)
    losses = cut_budget(definitions, allocation, amount, question.by, question.protected)
    areas = _areas(gathered, work_by_area(activities, evidence), language)
    amounts = definitions.budget.amounts.get(year)
    texts = load_texts(content.find("reports", mission), language)
    material = ScenarioMaterial(
        definitions,
        Asked(year, evidence, question.by, question.protected, amount, approved),
        amounts.model_dump() if amounts else {},
        by_priority(definitions, allocation, losses),
        by_group(definitions, allocation, losses),
        outputs_at_risk(definitions, allocation, losses, year, work, areas),
        texts,
    )
    document = build_scenario(material, imprint(gathered, language))
    files = {"scenario.csv": losses_frame(losses).write_csv().encode()}
    request = {"command": "scenario", "year": str(year), "cut": str(question.cut), "by": question.by}
    request |= {"protect": ",".join(question.protected), "as_at": str(source.as_at or "")}
    publish_planned(Planned(folder, "scenario", document, files, request), mission, gathered, texts)
    progress.finish()
    return Answered(folder, scenario_lines(document, texts))


def _areas(gathered: Gathered, where: pl.DataFrame, language: Language) -> dict[str, str]:
    """For each output, in words, the areas with most of its activities and their share."""
    named: dict[str, list[str]] = {}
    for output, code, _, share in where.iter_rows():
        own = named.setdefault(output, [])
        if len(own) < _AREAS_NAMED:
            part = in_table(share, "percentage", language, 0)
            own.append(f"{gathered.tree.name(code, language)} {part}")
    return {output: ", ".join(own) for output, own in named.items()}
