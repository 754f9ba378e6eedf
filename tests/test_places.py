"""The report's tables by region: rows that name no region have a line, and regions that changed are told of on the same boundaries."""

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest

from cpas import content
from cpas.illustration.mission import write_sample
from cpas.jobs.aside import beside
from cpas.jobs.figures import figures_of
from cpas.jobs.gather import gather
from cpas.jobs.material import make_material
from cpas.jobs.money import trace_money
from cpas.jobs.progress import Progress
from cpas.periods import Period
from cpas.report.blocks import Note, Table
from cpas.report.monthly.places import build_places
from cpas.report.texts import load_texts, prose_text

pytestmark = pytest.mark.usefixtures("checks_here")

JUNE = Period.parse("2019-06")


@pytest.fixture(scope="module")
def mission(tmp_path_factory):
    folder = tmp_path_factory.mktemp("places") / "mission"
    write_sample(folder, 1, 0.1, 2019)
    return folder


def blocks_of(mission, gathered, language):
    figures = figures_of(gathered, JUNE)
    texts = load_texts(content.find("reports", mission), language)
    material = make_material(gathered, JUNE, figures, trace_money(gathered, figures.results, JUNE), texts)
    return build_places(material).blocks, figures.comparisons, texts


def tables_of(mission, gathered, language):
    return [block for block in blocks_of(mission, gathered, language)[0] if isinstance(block, Table)]


def moved(gathered):
    """The first three incidents of the budget year, of which one is now at the mission's area and two in a sector; their deaths."""
    rows = gathered.tables["incidents"].with_row_index("at")
    chosen = rows.filter(
        pl.col("incident_on").is_between(pl.date(2018, 7, 1), JUNE.end) & (pl.col("deaths_civilians") > 0)
    ).head(3)
    first, *others = chosen["at"].to_list()
    area = pl.when(pl.col("at") == first).then(pl.lit("ML")).when(pl.col("at").is_in(others))
    placed = rows.with_columns(area.then(pl.lit("S-C")).otherwise("area_code").alias("area_code")).drop("at")
    changed = replace(gathered, tables={**gathered.tables, "incidents": placed})
    return changed, int(chosen["deaths_civilians"].sum())


@pytest.mark.parametrize(
    ("language", "label"), [("en", "Not located further"), ("fr", "Sans localisation plus précise")]
)
def test_rows_that_name_no_region_have_a_line_and_the_lines_add_up(mission, language, label):
    gathered = gather(mission, Progress(is_quiet=True), beside())
    assert all(
        row.cells[0] != label for table in tables_of(mission, gathered, language) for row in table.rows
    )
    changed, deaths = moved(gathered)
    table = tables_of(mission, changed, language)[0]
    lines = {row.cells[0]: row.cells[1:] for row in table.rows}
    column = next(number for number, one in enumerate(table.columns) if one.label.startswith("POC-01")) - 1
    assert lines[label][column].value == deaths
    for number in range(len(table.columns) - 1):
        if lines[label][number].value is not None:
            body = [row.cells[number + 1].value for row in table.rows if row.role == "body"]
            [total] = [row.cells[number + 1].value for row in table.rows if row.role == "total"]
            assert sum(Decimal(str(value)) for value in body if value is not None) == Decimal(str(total))
    ratio = next(number for number, one in enumerate(table.columns) if one.label.startswith("POC-06")) - 1
    assert (lines[label][ratio].value, lines[label][ratio].status) == (None, "not_applicable")
    assert table.notes


@pytest.fixture(scope="module")
def years(tmp_path_factory):
    folder = tmp_path_factory.mktemp("boundaries") / "mission"
    write_sample(folder, 24, 0.1, 2019)
    return folder, gather(folder, Progress(is_quiet=True), beside())


@pytest.mark.parametrize(
    ("language", "words"), [("en", "boundaries of 2019-06"), ("fr", "limites de 2019-06")]
)
def test_a_region_that_was_divided_is_told_of_on_the_same_boundaries(years, language, words):
    blocks, comparisons, texts = blocks_of(*years, language)
    table = blocks[-1]
    assert words in table.title
    assert [row.cells[0] for row in table.rows if row.role == "group"] == ["Gao", "Ménaka"]
    [note] = [prose_text(block.text, texts) for block in blocks if isinstance(block, Note)]
    assert "Gao, Ménaka" in note
    rows = comparisons.filter(kind="year_to_date", area="ML07").rows_by_key(
        "indicator_id", named=True, unique=True
    )
    lines = [row.cells for row in table.rows[1:] if row.role == "body"]
    for label, then, now, same_then, same_now, change in lines[: len(lines) // 2]:
        row = rows[label.split()[0]]
        assert (then.value, now.value) == (row["compared_value"], row["value"])
        assert (same_then.value, same_now.value) == (row["compared_bridged"], row["value_bridged"])
        assert change.value == (row["change_bridged"] if row["bridges"] else None)
    assert any(cells[1].value != cells[3].value for cells in lines)
    [both] = [cells for cells in lines[: len(lines) // 2] if cells[0].startswith("POC-05")]
    assert texts["monthly.changed_mark"] in both[0]  # its definition and Gao changed on 1 January 2019
    assert both[3].value is not None
    assert (both[5].value, rows["POC-05"]["reasons"]) == (None, "boundary_changed;definition_changed")
    said = texts["monthly.bridge.definition_changed"].format(names="POC-05")
    assert said in [prose_text(one, texts) for one in table.notes]
    new = next(cells for cells in lines[len(lines) // 2 :] if cells[0].startswith("POC-04"))
    assert (new[1].value, new[1].status) == (None, "not_applicable")  # Ménaka was no region then
    assert new[3].value is not None


def test_where_rows_name_only_the_region_that_was_divided_no_change_is_told(years):
    folder, gathered = years
    rows = gathered.tables["incidents"]
    lost = pl.when(
        pl.col("area_code").str.starts_with("ML07") & (pl.col("incident_on") < pl.date(2018, 7, 1))
    )
    named = rows.with_columns(lost.then(pl.lit("ML07")).otherwise("area_code").alias("area_code"))
    changed = replace(gathered, tables={**gathered.tables, "incidents": named})
    blocks, _, texts = blocks_of(folder, changed, "en")
    table = blocks[-1]
    cells = next(row.cells for row in table.rows if str(row.cells[0]).startswith("POC-04"))
    assert cells[1].value is not None
    assert [cell.value for cell in cells[3:]] == [None, None, None]
    assert any("POC-04" in prose_text(note, texts) for note in table.notes)
