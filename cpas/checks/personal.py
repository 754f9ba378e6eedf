"""Personal data in narratives: names with titles, telephone numbers and e-mail addresses, as warnings that do not repeat them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import polars as pl

from cpas.definitions.dataset import Column
from cpas.definitions.loaded import LoadedDataset
from cpas.errors import Issue, Location

KEPT = 1000
CODE = "CPAS-D220"
LONG = 200

_SHORT = r"Mr|Mrs|Ms|Miss|Sir|Dr|Prof|Rev|Fr|Sr|Hon|Capt|Cpt|Col|Lt|Maj|Sgt|Cpl|Gen|Gén|Cdt|Adj|MM?\.|Mme|Mlle|Mgr|Major"
"""Titles that are words or parts of words of another meaning where they are not written so."""
_TITLES = (
    r"monsieur|madame|mademoiselle|doct(?:eu|o)r|profess(?:eu|o)r|ma[iî]tre|colonel|capta?in|capitaine|sergeant|sergent|lieutenant"
    r"|commandant|im[aā]m|sheikh|cheikh|cheick|marabout|pasteur|pastor|(?:el[ -])?hadj|(?:sous-)?pr[ée]fet|prefect|gouverneur"
    r"|governor|maire|mayor|chef d[eu] (?:village|fraction|quartier|canton|tribu)|village chief"
)
_NAME = r"(?:\p{Lu}\.\s*)*\p{Lu}[\p{L}'\x{2019}-]*\p{Ll}[\p{L}'\x{2019}-]*"
KINDS: Mapping[str, str] = {
    "the name of a person": (
        rf"\b(?:{_SHORT})\.?\s+{_NAME}|\b(?i:{_TITLES})[ \x{{A0}}]+{_NAME}"
        # not of the Secrétaire général or the quartier général
        rf"|(?:^|[(,;:.]\s*|\b(?i:le|du|au|un|par|avec|et|de)\s+)(?i:général)[ \x{{A0}}]+{_NAME}"
    ),
    "a telephone number": (
        r"(?:\+|\b00)[1-9]\d{0,2}(?:[ .\x{A0}-]?\(?\d\)?){6,12}\b"
        r"|\b\d{2}(?:[ .\x{A0}-]\d{2}){3}\b"
        r"|(?i:\b(?:tel|tél|téléphone|telephone|phone|mobile|gsm|whatsapp)\b)[^\d\p{L}]{1,5}\d(?:[ .-]?\d){5,}"
        # eight digits as Mali has them, where a word or the country's code says what they are
        r"|(?i:\b(?:contact|contacts|contacté|contacter|appeler|joindre|portable|cell?)\b)[^\d\p{L}]{1,5}(?:(?:au|le)\s)?[25-9]\d{7}\b"
        r"|(?i:\bnum[ée]ro\b)[^\d\p{L}]{1,5}[5-9]\d{7}\b|\b223[ .-][25-9]\d{7}\b"
    ),
    "an e-mail address": r"[\p{L}\d._%+-]+@[\p{L}\d-]+(?:\.[\p{L}\d-]+)+",
}
_FIX = "take it out: describe the person by function or group, and keep the source in the confidential file"


def check_personal(
    frame: pl.DataFrame, loaded: LoadedDataset, letters: Mapping[tuple[str, str, str], str]
) -> tuple[Issue, ...]:
    """A warning for each cell of a narrative and kind of personal data found in it.

    Narratives are text columns that are not public or may be longer than 200 characters. A pattern
    cannot know names without titles; what is found is a reason to look, and no more.

    Args:
        frame: Typed rows with `_file`, `_sheet` and `_row`.
        loaded: The declaration.
        letters: The spreadsheet letter of a column by file, sheet and column.
    """
    dataset = loaded.dataset
    apart = {*dataset.key, dataset.joint_key}
    return tuple(
        issue
        for column in dataset.columns
        if _is_narrative(column) and column.name not in apart
        for kind, pattern in KINDS.items()
        for issue in _issues(frame, column.name, (kind, pattern), letters)
    )


def _is_narrative(column: Column) -> bool:
    is_long = column.max_length is None or column.max_length > LONG
    return column.type == "text" and (is_long or column.sensitive != "public")


def _issues(
    frame: pl.DataFrame, name: str, looked_for: tuple[str, str], letters: Mapping[tuple[str, str, str], str]
) -> Iterator[Issue]:
    kind, pattern = looked_for
    found = frame.lazy().filter(pl.col(name).str.contains(pattern))
    hits = found.select("_file", "_sheet", "_row", text=pl.col(name).str.extract_all(pattern)).collect()
    for file, sheet, row, texts in hits.head(KEPT).iter_rows():
        shown = ", ".join(f"`{masked(text)}`" for text in texts[:3])
        yield Issue(
            CODE,
            Location(file, sheet, row, letters.get((file, sheet, name), "")),
            f"`{name}` seems to hold {kind} ({shown})",
            _FIX,
            "warning",
        )
    if (more := hits.height - KEPT) > 0:
        file, sheet, row, _ = hits.row(KEPT)
        message = (
            f"from here on 1 more cell of `{name}` seems to hold {kind}"
            if more == 1
            else f"from here on {more:,} more cells of `{name}` seem to hold {kind}"
        )
        yield Issue(CODE, Location(file, sheet, row), message, _FIX, "warning", count=more)


def masked(text: str) -> str:
    """Enough of it to be found in its cell, and too little to be passed on.

    >>> masked("Mr Oumar Traoré"), masked("+223 76 12 34 56"), masked("o.traore@example.org")
    ('Mr O…', '+2…', 'o…@…')
    """
    if "@" in text:
        return f"{text[0]}…@…"
    if re.search(r"\d", text):
        return f"{text[:2]}…"
    title, _, name = text.partition(" ")
    return f"{title} {name.strip()[:1]}…"
