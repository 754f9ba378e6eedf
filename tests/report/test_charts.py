"""Charts as SVG: what is drawn, not where."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from cpas.report.blocks import Bound, Break, Chart, ReferenceLine, Series, Spark, prose
from cpas.report.charts import nice_ticks, render_chart, spread
from cpas.report.svg import sparkline
from cpas.report.texts import Texts
from cpas.report.theme import Theme

LINE = Chart(
    "line",
    "Killed <b>",
    ("Jan", "Feb", "Mar", "Apr"),
    (
        Series(
            "$1 to $2", (Bound(3), Bound(None, status="not_reported"), Bound(5, status="partial"), Bound(40))
        ),
    ),
    "persons",
    "A gap in February & a peak.",
    lines=(ReferenceLine("target", "Target", Bound(25)),),
)


def drawn(chart: Chart, theme: Theme, texts: Texts, ident: str = "c") -> ET.Element:
    return ET.fromstring(render_chart(chart, theme, texts, ident))  # noqa: S314  # drawn by us


def words(svg: ET.Element) -> list[str]:
    return [
        text
        for element in svg.iter()
        if element.tag.endswith("}text") and (text := "".join(element.itertext()).strip())
    ]


def line_starts(svg: str, theme: Theme) -> int:
    """How often the pen is set down for the first series."""
    path = re.search(r'<path d="(M[^"]+)"[^>]*stroke: ' + theme.series[0], svg)
    return path[1].count("M ") if path else 0


def test_the_same_chart_gives_the_same_bytes(theme: Theme, texts: Texts) -> None:
    assert render_chart(LINE, theme, texts, "c") == render_chart(LINE, theme, texts, "c")


def test_a_chart_is_read_out_as_its_title_and_alternative_text(theme: Theme, texts: Texts) -> None:
    svg = drawn(LINE, theme, texts)
    assert svg.get("role") == "img"
    title, description = svg[0], svg[1]
    assert (title.text, description.text) == ("Killed <b>", "A gap in February & a peak.")
    assert svg.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"


def test_no_identifier_is_shared_by_two_charts(theme: Theme, texts: Texts) -> None:
    first, second = (
        set(re.findall(r'\bid="([^"]+)"', render_chart(LINE, theme, texts, ident))) for ident in ("a", "b")
    )
    assert first
    assert not first & second


def test_every_reference_leads_to_an_identifier_of_the_chart(theme: Theme, texts: Texts) -> None:
    svg = render_chart(
        replace(LINE, kind="stacked_column", series=(*LINE.series, *LINE.series)), theme, texts, "c"
    )
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
    assert used
    assert used <= set(re.findall(r'\bid="([^"]+)"', svg))


def test_a_target_is_named_with_its_value(theme: Theme, texts: Texts) -> None:
    assert "Target 25" in words(drawn(LINE, theme, texts))


def test_a_missing_bar_is_a_word(theme: Theme, texts: Texts) -> None:
    assert "not reported" in words(drawn(replace(LINE, kind="bar"), theme, texts))


def test_a_missing_month_is_a_gap_and_a_cross(theme: Theme, texts: Texts) -> None:
    svg = render_chart(LINE, theme, texts, "c")
    assert line_starts(svg, theme) == 2
    assert svg.count("<use") == 3 + 1 + 1  # points, the hollow one over the partial point, the cross


def test_a_line_does_not_run_over_a_break(theme: Theme, texts: Texts) -> None:
    whole = replace(LINE, series=(Series("all", tuple(map(Bound, (3, 4, 5, 40)))),))
    broken = replace(whole, breaks=(Break("Mar", prose("regions were created")),))
    assert "Series broken" in words(drawn(broken, theme, texts))
    assert line_starts(render_chart(broken, theme, texts, "c"), theme) == 2


def test_several_lines_are_named_at_their_ends(theme: Theme, texts: Texts) -> None:
    two = replace(LINE, series=(*LINE.series, Series("Police", tuple(map(Bound, (1, 2, 3, 4))))))
    assert {"$1 to $2", "Police"} <= set(words(drawn(two, theme, texts)))


@pytest.mark.parametrize("kind", ["line", "column", "bar", "stacked_column", "stacked_bar"])
@pytest.mark.parametrize("width", ["half", "full"])
def test_every_kind_is_drawn_even_of_nothing(kind: str, width: str, theme: Theme, texts: Texts) -> None:
    nothing = (Bound(None, status="withheld"),) * 4
    chart = replace(
        LINE, kind=kind, width=width, series=(Series("a", nothing), Series("b", nothing)), lines=()
    )
    assert len(list(drawn(chart, theme, texts).iter())) > 20


@pytest.mark.parametrize(
    ("least", "most", "ticks"),
    [
        (0, 87, [0, 20, 40, 60, 80, 100]),
        (0, 3, [0, 1, 2, 3]),
        (-40, 25, [-40, -20, 0, 20, 40]),
        (0, 0, [0, 1]),
    ],
)
def test_ticks_are_round_whole_and_hold_zero(least: float, most: float, ticks: list[float]) -> None:
    assert nice_ticks(least, most, whole=True) == ticks


def test_labels_keep_their_order_and_their_distance() -> None:
    placed = spread([5.0, 5.1, 0.0], [2.0, 2.0, 2.0], -9, 9)
    assert placed[2] < placed[0] < placed[1]
    assert placed[1] - placed[0] == pytest.approx(2.0)


def test_a_tall_label_at_the_end_of_the_scale_is_moved_inside() -> None:
    placed = spread([9.5, 8.0], [4.0, 1.0], 0, 10)
    assert placed[0] + 2 == pytest.approx(10)
    assert placed[0] - placed[1] == pytest.approx(2.5)
    assert spread([0.2], [3.0], 0, 10) == [1.5]


def test_a_small_line_is_read_out_and_leaves_gaps_open(theme: Theme, texts: Texts) -> None:
    svg = ET.fromstring(sparkline(Spark(LINE.series[0].points), theme, texts))  # noqa: S314  # drawn by us
    assert svg[0].text == "From 3 to 40, lowest 3, highest 40"
    assert str(svg[1].get("d")).count("M") == 2


def test_a_small_line_of_nothing_says_so(theme: Theme, texts: Texts) -> None:
    assert "No values" in sparkline(Spark((Bound(None, status="withheld"),)), theme, texts)
