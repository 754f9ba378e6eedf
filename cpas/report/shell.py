"""What every report on a mission has around its parts: its name, its marking and what it must not be taken for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cpas.definitions.mission import Mission
from cpas.report.blocks import Document, Part
from cpas.report.texts import Texts


@dataclass(frozen=True, slots=True)
class Shell:
    """A report's title, what it is about in words, and the lines that say what it was made from and by.

    `notices` are what it must not be taken for beside a draft and, of an illustrative mission, real data.
    """

    title: str
    subtitle: str
    period: str
    imprint: tuple[str, ...]
    notices: tuple[str, ...] = ()


def report_on(mission: Mission, shell: Shell, parts: Iterable[Part], texts: Texts) -> Document:
    """The parts as a document of the mission, with its name and its marking."""
    notices = (texts["notice.draft"], *shell.notices)
    return Document(
        title=shell.title,
        subtitle=shell.subtitle,
        mission=mission.name[texts.language],
        period=shell.period,
        language=texts.language,
        marking=mission.marking,
        parts=tuple(parts),
        notices=(*notices, texts["notice.illustrative"]) if mission.illustrative else notices,
        imprint=shell.imprint,
    )
