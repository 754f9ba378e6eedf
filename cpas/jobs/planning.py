"""A document for planners published with its tables: page, workbook and manifest; the document itself is made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cpas import __version__, content
from cpas.errors import RenderError
from cpas.jobs.gathered import Gathered
from cpas.jobs.publish import MANIFEST, manifest, publish
from cpas.report.blocks import Document
from cpas.report.excel import render_xlsx
from cpas.report.html import render_html
from cpas.report.lint import check_document
from cpas.report.texts import Texts
from cpas.report.theme import load_theme


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be published where: `NAME.html` and `NAME.xlsx` of the document, and `files`; `request` is what was asked for."""

    folder: Path
    name: str
    document: Document
    files: Mapping[str, bytes]
    request: Mapping[str, str]
    manifest: str = MANIFEST


def publish_planned(planned: Planned, mission: Path, gathered: Gathered, texts: Texts) -> bytes:
    """Publish all files at once, and give the manifest.

    Raises:
        RenderError: The document contradicts itself or cannot be written; nothing is published.
    """
    if issues := [issue for issue in check_document(planned.document) if issue.severity == "error"]:
        raise RenderError("the page contradicts itself; nothing was published", issues)
    folder = content.find("reports", mission)
    theme = load_theme(folder)
    files = {
        f"{planned.name}.html": render_html(planned.document, theme, texts, folder),
        f"{planned.name}.xlsx": render_xlsx(planned.document, theme, texts),
        **planned.files,
    }
    request = {"mission": gathered.definitions.mission.code, "language": texts.language, **planned.request}
    files[planned.manifest] = manifest(request, gathered.files, gathered.definitions.files, files)
    publish(planned.folder, files)
    return files[planned.manifest]


def imprint(gathered: Gathered, language: str) -> tuple[str, ...]:
    """What made the page, and from which framework."""
    return (f"cpas {__version__}", gathered.definitions.framework.title[language])
