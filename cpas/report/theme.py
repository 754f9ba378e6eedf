"""The one theme that page, charts and workbook share; knows no blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cpas.errors import DefinitionError, Issue
from cpas.yamlio import Yaml, read_yaml

COLOURS = ("ink", "muted", "rule", "paper", "tint", "accent", "missing")
LISTS = ("series", "classes")
FONTS = ("text_font", "label_font", "office_font")


@dataclass(frozen=True, slots=True)
class Tone:
    """How a status looks: ink on a fill, and a sign, since colour never speaks alone."""

    ink: str
    fill: str
    sign: str


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as `#rrggbb`, fonts as CSS stacks.

    `series` is in the order charts use it, `classes` from the least to the most. `statuses` gives
    a status word its tone; a word without one is `plain`, which has no colour.
    """

    ink: str
    muted: str
    rule: str
    paper: str
    tint: str
    accent: str
    missing: str
    series: tuple[str, ...]
    classes: tuple[str, ...]
    text_font: str
    label_font: str
    office_font: str
    tones: Mapping[str, Tone]
    statuses: Mapping[str, str]

    def tone(self, status: str) -> str:
        """The name of a status word's tone."""
        return self.statuses.get(status, "plain")


def load_theme(folder: Path) -> Theme:
    """The theme from `theme.yml` in the folder of reports.

    Raises:
        DefinitionError: The file cannot be read, or lacks or misspells a colour, a font or a tone.
    """
    read = read_yaml(folder / "theme.yml", "theme.yml")
    issues = list(_check_theme(read))
    if issues:
        raise DefinitionError("theme.yml cannot be used.", issues)
    data: dict[str, Any] = read.data
    return Theme(
        **{name: data[name] for name in (*COLOURS, *FONTS)},
        series=tuple(data["series"]),
        classes=tuple(data["classes"]),
        tones={name: Tone(**tone) for name, tone in data["tones"].items()},
        statuses={word: name for name, words in data["statuses"].items() for word in words},
    )


def _check_theme(read: Yaml) -> Iterator[Issue]:
    """Colours and fonts go into style sheets unescaped, so nothing else may stand in their place."""
    data = read.data if isinstance(read.data, dict) else {}
    for name in COLOURS:
        yield from _check_text(read, (name,), data.get(name), COLOUR, COLOUR_FIX)
    for name in FONTS:
        yield from _check_text(
            read, (name,), data.get(name), FONT, "write font names with commas between them"
        )
    for name in LISTS:
        shades = data.get(name)
        if not isinstance(shades, list) or len(shades) < 4:
            yield Issue(
                "CPAS-R005", read.where(name), f"`{name}` is no list of four colours or more", COLOUR_FIX
            )
            continue
        for index, shade in enumerate(shades):
            yield from _check_text(read, (name, index), shade, COLOUR, COLOUR_FIX)
    yield from _check_tones(read, data)


def _check_tones(read: Yaml, data: dict[str, Any]) -> Iterator[Issue]:
    tones, statuses = data.get("tones"), data.get("statuses")
    if not isinstance(tones, dict) or "plain" not in tones or not isinstance(statuses, dict):
        yield Issue(
            "CPAS-R005",
            read.where(),
            "`tones` with `plain`, or `statuses`, is missing",
            "take them from the shipped theme",
        )
        return
    for name, tone in tones.items():
        if not isinstance(tone, dict) or set(tone) != {"ink", "fill", "sign"}:
            yield Issue(
                "CPAS-R005",
                read.where("tones", name),
                f"tone `{name}` is no ink, fill and sign",
                "write all three",
            )
            continue
        for part in ("ink", "fill"):
            yield from _check_text(read, ("tones", name, part), tone[part], COLOUR, COLOUR_FIX)
    for name, words in statuses.items():
        if name not in tones or not isinstance(words, list):
            yield Issue(
                "CPAS-R005",
                read.where("statuses", name),
                f"`{name}` is no tone with a list of words",
                "name one of `tones`",
            )


COLOUR = re.compile(r"#[0-9a-f]{6}")
COLOUR_FIX = 'write a colour like "#0b4f6c", in quotes'
FONT = re.compile(r"[A-Za-z0-9 ,'-]+")


def _check_text(
    read: Yaml, trail: tuple[str | int, ...], value: object, form: re.Pattern[str], fix: str
) -> Iterator[Issue]:
    if not isinstance(value, str) or not form.fullmatch(value):
        name = ".".join(str(step) for step in trail)
        yield Issue("CPAS-R005", read.where(*trail), f"`{name}` is `{value}`", fix)
