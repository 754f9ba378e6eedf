"""Spellings: what two ways of writing one name have in common, and the words people write for nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

Lookup = Mapping[str, tuple[str, ...]]
"""Ids by folded spelling; more than one where a spelling means several things."""

NOTHING_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "not_reported": ("NR", "not reported", "non communiqué", "non rapporté"),
        "not_applicable": ("n/a", "not applicable", "s.o.", "sans objet", "non applicable"),
        "withheld": ("withheld", "confidential", "confidentiel"),
    }
)


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """What is left of a spelling without case, accents, spaces and punctuation.

    >>> fold("Short-range  PATROL *") == fold("short_range_patrol")
    True
    >>> fold("Ségou"), fold("Numéro d'œuvre"), fold("—")
    ('segou', 'numerodoeuvre', '—')
    """
    plain = unicodedata.normalize("NFKD", text).casefold().replace("œ", "oe").replace("æ", "ae")
    return "".join(letter for letter in plain if letter.isalnum()) or text.strip()


def lookup_of(members: Mapping[str, Iterable[str]]) -> Lookup:
    """A lookup from ids and the names of each.

    An id always means itself, even where something else bears it as a name.

    >>> lookup_of({"ML07": ["Gao"], "ML0702": ["Gao"], "ML05": ["Mopti"]})["gao"]
    ('ML07', 'ML0702')
    """
    found: dict[str, list[str]] = {}
    for id_, names in members.items():
        for name in names:
            ids = found.setdefault(fold(name), [])
            if id_ not in ids:
                ids.append(id_)
    return {name: tuple(ids) for name, ids in found.items()} | {fold(id_): (id_,) for id_ in members}


_NOTHING = {fold(word): kind for kind, words in NOTHING_WORDS.items() for word in words}


def kind_of_nothing(text: str) -> str | None:
    """Which kind of nothing a word stands for: not_reported, not_applicable, withheld; None for any other word."""
    return _NOTHING.get(fold(text))
