"""Incidents of another organization, and what the report says of where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cpas.definitions.loaded import Definitions
from cpas.french import THIN
from cpas.intake.geography import Outlines
from cpas.intake.inbox import Inbox
from cpas.intake.mapping import Foreign, read_mapped
from cpas.intake.places import Places


def read_foreign(path: Path, definitions: Definitions, inbox: Inbox, outlines: Outlines | None) -> Foreign:
    """A foreign incident file, read by the mapping that recognises it."""
    places = Places(outlines or Outlines((), ()), inbox.tables["areas"].frame)
    return read_mapped(path, definitions.mappings, definitions.datasets, inbox.vocabulary, places)


def notes_of(foreign: Foreign) -> tuple[Mapping[str, str], ...]:
    """What a foreign file was, and the rows that were left out by reason."""
    source = foreign.mapping.source_note
    rows = {"en": "Rows left out: {count}. {reason}", "fr": "Lignes écartées : {count}. {reason}"}
    thousands = {"en": ",", "fr": THIN}
    left = (
        {
            language: text.format(
                count=f"{one.rows:,}".replace(",", thousands[language]), reason=one.reason[language]
            )
            for language, text in rows.items()
        }
        for one in foreign.left_out
        if one.rows
    )
    return ({language: source[language] for language in rows}, *left)
