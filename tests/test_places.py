"""The report's table by region: rows that name no region have a line, so that sums add up to the mission's."""

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
from cpas.report.blocks import Table
from cpas.report.monthly.places import build_places
from cpas.report.texts import load_texts

pytestmark = pytest.mark.usefixtures("checks_here")

JUNE = Period.parse("2019-06")


@pytest.fixture(scope="module")
def mission(tmp_path_factory):
    folder = tmp_path_factory.mktemp("places") / "mission"
    write_sample(folder, 1, 0.1, 2019)
    return folder


def tables_of(mission, gathered, language):
    figures = figures_of(gathered, JUNE)
    texts = load_texts(content.find("reports", mission), language)
    material = make_material(gathered, JUNE, figures, trace_money(gathered, figures.results, JUNE), texts)
    return [block for block in build_places(material).blocks if isinstance(block, Table)]


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
