"""The theme can be read by everybody, and a damaged one is refused with its lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpas.errors import DefinitionError
from cpas.report.texts import load_texts
from cpas.report.theme import Theme, load_theme


def contrast(first: str, second: str) -> float:
    """The contrast ratio of WCAG 2.2, 1 to 21."""

    def light(colour: str) -> float:
        shades = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            shade / 12.92 if shade <= 0.04045 else ((shade + 0.055) / 1.055) ** 2.4 for shade in shades
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(first), light(second)))
    return (high + 0.05) / (low + 0.05)


def test_letters_stand_out_from_what_they_stand_on(theme: Theme) -> None:
    pairs = [
        (theme.ink, theme.tint),
        (theme.muted, theme.tint),
        (theme.accent, theme.paper),
        (theme.ink, theme.paper),
    ]
    pairs += [(tone.ink, tone.fill) for tone in theme.tones.values()]
    pairs += [(colour, theme.paper) for colour in theme.series]
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


def test_classes_of_a_map_get_darker(theme: Theme) -> None:
    lights = [contrast(shade, "#000000") for shade in theme.classes]
    assert lights == sorted(lights, reverse=True)


def test_every_tone_has_a_sign_of_its_own(theme: Theme) -> None:
    assert len({tone.sign for tone in theme.tones.values()}) == len(theme.tones)


def test_every_status_of_the_theme_has_a_text(theme: Theme, reports: Path) -> None:
    words = load_texts(reports, "en").words
    assert [word for word in theme.statuses if f"status.{word}" not in words] == []


def test_insufficient_data_has_no_colour(theme: Theme) -> None:
    assert theme.tones[theme.tone("insufficient_data")].fill == theme.paper


def test_every_fault_of_a_theme_is_found_at_once(reports: Path, tmp_path: Path) -> None:
    text = (reports / "theme.yml").read_text("utf-8")
    broken = (
        text.replace('ink: "#1c2733"', "ink: dark")
        .replace("series: [", 'series: ["</style>", ')
        .replace("statuses:", "states:")
    )
    (tmp_path / "theme.yml").write_text(broken, "utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_theme(tmp_path)
    assert sorted(issue.message.split("`")[1] for issue in caught.value.issues) == [
        "ink",
        "series.0",
        "tones",
    ]
