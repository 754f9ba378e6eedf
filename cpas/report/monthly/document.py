"""The monthly report as one document."""

from __future__ import annotations

from collections.abc import Iterable

from cpas.report.blocks import Document
from cpas.report.monthly.budget import build_money, build_rbb
from cpas.report.monthly.material import Material
from cpas.report.monthly.objectives import build_objective
from cpas.report.monthly.places import build_places
from cpas.report.monthly.quality import build_annex, build_quality
from cpas.report.monthly.summary import build_summary
from cpas.report.numbers import format_period


def build_monthly(material: Material, imprint: Iterable[str]) -> Document:
    """The report of a period: first one page to read, then all that it rests on.

    `imprint` are the lines that say what the report was made from and by.
    """
    texts, mission = material.texts, material.definitions.mission
    notices = [texts["notice.draft"]]
    if mission.illustrative:
        notices.append(texts["notice.illustrative"])
    return Document(
        title=texts[f"monthly.title.{material.period.kind}"],
        subtitle=texts["monthly.subtitle"],
        mission=mission.name[material.language],
        period=format_period(material.period, texts.language),
        language=texts.language,
        marking=mission.marking,
        parts=(
            build_summary(material),
            *(
                build_objective(material, objective)
                for objective in material.definitions.framework.objectives
            ),
            build_rbb(material),
            build_money(material),
            build_places(material),
            build_quality(material),
            build_annex(material),
        ),
        notices=tuple(notices),
        imprint=tuple(imprint),
    )
