"""The chain from mandate to money audited and published: page, workbook and table of gaps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cpas import content
from cpas.budget.chain import SEVERITY, Places, audit_chain, gaps_frame, orphans_by_section
from cpas.jobs.aside import Aside
from cpas.jobs.figures import results_of
from cpas.jobs.money import gather_sound, trace_money
from cpas.jobs.planning import Planned, imprint, publish_planned
from cpas.jobs.progress import Progress
from cpas.jobs.publish import check_target
from cpas.jobs.refusals import stop_without_data
from cpas.jobs.sources import Source
from cpas.periods import Period
from cpas.report.blocks import Language
from cpas.report.chain import ChainMaterial, build_chain
from cpas.report.texts import load_texts
from cpas.yamlio import read_yaml

_ANYWHERE = Source()


@dataclass(frozen=True, slots=True)
class Audited:
    """Where the audit was published, and how many gaps of each kind it found."""

    folder: Path
    counts: dict[str, int]


def run_chain(  # noqa: PLR0913  # what a person chooses, and the job's two helpers
    mission: Path,
    period: Period,
    progress: Progress,
    aside: Aside,
    *,
    out: Path | None = None,
    source: Source = _ANYWHERE,
    language: Language = "en",
) -> Audited:
    """Publish the audit of the budget year up to a period's end into `MISSION/out/chain-PERIOD`, or into `out`.

    Raises:
        UsageError, DefinitionError, SourceError, DataError: As `gather_sound` says, or no report on the period has
            come in, of which every indicator would be a gap.
        RenderError: The page contradicts itself or cannot be written.
    """
    folder = out or mission / "out" / f"chain-{str(period).replace('/', '-')}"
    check_target(folder)
    gathered = gather_sound(mission, progress, aside, source)
    stop_without_data(gathered, period)
    with progress.stage("indicators"):
        money = trace_money(gathered, results_of(gathered, period), period)
    definitions, to_date = gathered.definitions, money.year.to_date
    orphans = orphans_by_section(gathered.tables.get("activities", pl.DataFrame()), to_date)
    gaps = gaps_frame(audit_chain(definitions, money.allocation, money.year, orphans, places_of(mission)))
    texts = load_texts(content.find("reports", mission), language)
    material = ChainMaterial(
        definitions, to_date, tuple(SEVERITY.items()), gaps, money.allocation.as_frame(), texts
    )
    document = build_chain(material, imprint(gathered, language))
    files = {"chain.csv": gaps.write_csv().encode()}
    request = {"command": "chain", "period": str(period), "as_at": str(source.as_at or "")}
    publish_planned(Planned(folder, "chain", document, files, request), mission, gathered, texts)
    progress.finish()
    return Audited(folder, dict(Counter(gaps["kind"])))


def places_of(mission: Path) -> Places:
    """The line of every paragraph, objective, outcome, output and budget line."""
    folder = content.find("indicators", mission)
    framework = read_yaml(folder / "framework.yml", "indicators/framework.yml")
    budget = read_yaml(folder / "budget.yml", "indicators/budget.yml")
    lists = {
        ("mandate", "paragraphs"): framework.data["mandate"]["paragraphs"],
        ("objectives",): framework.data["objectives"],
        ("outcomes",): framework.data["outcomes"],
        ("outputs",): framework.data["outputs"],
    }
    places = {
        one["id"]: framework.where(*trail, index)
        for trail, ones in lists.items()
        for index, one in enumerate(ones)
    }
    places |= {
        line["id"]: budget.where("groups", g, "lines", n)
        for g, group in enumerate(budget.data["groups"])
        for n, line in enumerate(group["lines"])
    }
    return Places(places, framework.where(), budget.where())
