"""Spellings: what two ways of writing one name have in common, the words people write for nothing, and our own sheets."""

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

_ZERO_OR_UNKNOWN = (
    *("nil", "none", "nothing", "néant", "aucun", "aucune", "rien"),
    *("-", "--", "\u2013", "\u2014", "/"),
)
"""Words that may mean zero, or that nobody knows."""

OWN_COMMENT = "— cpas —"
"""The line above what we say in a comment of an annotated return; above it stands what the sender wrote."""

AID = "▸"
"""The header of a column begins so where it only helps to choose what stands in the next one."""

OWN_SHEETS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "last": {"en": "Last month", "fr": "Mois précédent"},
        "instructions": {"en": "Instructions", "fr": "Mode d'emploi"},
        "lists": {"en": "Lists", "fr": "Listes"},
        "issues": {"en": "Issues", "fr": "Anomalies"},
        "receipt": {"en": "Receipt", "fr": "Reçu"},
    }
)
"""What the sheets are called that our templates and annotated returns carry and nobody reports in."""


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

    An id always means itself, even where something else bears it as a name; a name with its id
    behind it, as templates offer it, means that id.

    >>> lookup = lookup_of({"ML07": ["Gao"], "ML0702": ["Gao"], "ML05": ["Mopti"]})
    >>> lookup["gao"], lookup[fold("Gao (ML0702)")]
    (('ML07', 'ML0702'), ('ML0702',))
    """
    found: dict[str, list[str]] = {}
    for id_, names in members.items():
        spellings = (spelling for name in names for spelling in (name, f"{name} {id_}"))
        for spelling in spellings:
            ids = found.setdefault(fold(spelling), [])
            if id_ not in ids:
                ids.append(id_)
    return {name: tuple(ids) for name, ids in found.items()} | {fold(id_): (id_,) for id_ in members}


_NOTHING = {fold(word): kind for kind, words in NOTHING_WORDS.items() for word in words}
_NONE = frozenset(map(fold, _ZERO_OR_UNKNOWN))


def kind_of_nothing(text: str) -> str | None:
    """Which kind of nothing a word stands for: not_reported, not_applicable, withheld; None for any other word."""
    return _NOTHING.get(fold(text))


def may_be_zero(text: str) -> bool:
    """Whether a word may mean zero, or that nobody knows: nil, néant, a dash."""
    return fold(text) in _NONE


def is_no_name(text: str) -> bool:
    """Whether a text names nothing, so that rows which have it share no name: a word for nothing, a bare no, or signs alone.

    >>> [is_no_name(text) for text in ("n/a", "Néant", "?", "Non", "JP-1")]
    [True, True, True, True, False]
    """
    has_sign_only = not any(letter.isalnum() for letter in text)
    return (
        has_sign_only or may_be_zero(text) or kind_of_nothing(text) is not None or fold(text) in ("no", "non")
    )
