"""The budget performance report as one document."""

from __future__ import annotations

from collections.abc import Iterable

from cpas.definitions.mission import Component
from cpas.report.blocks import Document
from cpas.report.numbers import format_period
from cpas.report.rbb.delivery import build_delivery
from cpas.report.rbb.frameworks import build_component
from cpas.report.rbb.material import RbbMaterial
from cpas.report.rbb.resources import build_resources
from cpas.report.rbb.summary import build_summary
from cpas.report.rbb.variances import build_method, build_variances
from cpas.report.shell import Shell, report_on

COMPONENTS: tuple[Component, ...] = ("military", "police", "civilian", "support")


def build_rbb_report(material: RbbMaterial, imprint: Iterable[str]) -> Document:
    """The report of a budget year to date, in the order of a performance report's sections.

    Source:
        The contents pages of A/74/626 and A/75/623: mandate performance with its frameworks, resource
        performance, analysis of variances.
    """
    base, texts = material.base, material.texts
    used = {one.component for one in base.definitions.framework.expected_accomplishments}
    parts = (
        build_summary(material),
        *(build_component(material, one) for one in COMPONENTS if one in used),
        build_delivery(material),
        build_resources(material),
        build_variances(material),
        build_method(material),
    )
    period = format_period(material.to_date, texts.language)
    shell = Shell(texts["rbb.title"], texts["rbb.subtitle"], period, tuple(imprint))
    return report_on(base.definitions.mission, shell, parts, texts)
