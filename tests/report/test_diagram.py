"""A diagram says what is missing in words and by its edge, not by colour alone."""

import re

import pytest

from cpas.report.blocks import Diagram, Node
from cpas.report.diagram import diagram_table, render_diagram


@pytest.fixture
def diagram():
    nodes = (
        Node("A", "A  Protect <all>", 0),
        Node("B", "B  Patrols", 1, ("no money",)),
        Node("C", "C  Meetings", 1),
    )
    return Diagram("Chain", ("Mandate", "Outputs"), nodes, (("A", "B"), ("A", "Z")), "What is joined")


def test_a_box_with_a_gap_has_a_broken_edge_a_sign_and_its_gap_as_title(diagram, theme, texts):
    drawn = render_diagram(diagram, theme, texts, "d")
    assert drawn.count("stroke-dasharray") == 1
    assert f"{theme.tones['bad'].sign} B  Patrols" in drawn
    assert "<title>B  Patrols: no money</title>" in drawn


def test_the_drawing_is_read_out_and_escapes_what_it_is_given(diagram, theme, texts):
    drawn = render_diagram(diagram, theme, texts, "d")
    assert 'role="img" aria-labelledby="d-title d-desc"' in drawn
    assert "Protect &lt;all&gt;" in drawn


def test_a_link_to_a_box_that_is_not_there_is_not_drawn(diagram, theme, texts):
    assert len(re.findall("<path", render_diagram(diagram, theme, texts, "d"))) == 1


def test_the_table_has_every_box_with_what_it_leads_to(diagram, texts):
    rows = [row.cells for row in diagram_table(diagram, texts).rows]
    assert rows == [
        ("Mandate", "A  Protect <all>", "B, Z", "-"),
        ("Outputs", "B  Patrols", "-", "no money"),
        ("Outputs", "C  Meetings", "-", "-"),
    ]
