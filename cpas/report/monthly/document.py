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
from cpas.report.shell import Shell, report_on


def build_monthly(material: Material, imprint: Iterable[str]) -> Document:
    """The report of a period: first one page to read, then all that it rests on.

    `imprint` are the lines that say what the report was made from and by.
    """
    texts, period = material.texts, material.period
    parts = (
        build_summary(material),
        *(build_objective(material, objective) for objective in material.definitions.framework.objectives),
        build_rbb(material),
        build_money(material),
        build_places(material),
        build_quality(material),
        build_annex(material),
    )
    shell = Shell(
        texts[f"monthly.title.{period.kind}"],
        texts["monthly.subtitle"],
        format_period(period, texts.language),
        tuple(imprint),
    )
    return report_on(material.definitions.mission, shell, parts, texts)
