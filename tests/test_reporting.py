"""Reporting rates as indicators, with figures that a pencil can check."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from cpas.cli import main
from cpas.engine.areas import AreaTree
from cpas.engine.compute import compute_results
from cpas.engine.facts import as_facts
from cpas.engine.scope import Wanted
from cpas.errors import DefinitionError
from cpas.illustration.mission import write_sample
from cpas.jobs.aside import beside
from cpas.jobs.figures import results_of
from cpas.jobs.gather import gather
from cpas.jobs.progress import Progress
from cpas.jobs.reporting import reporting_rows
from cpas.jobs.returns import Sending
from cpas.jobs.sources import Source
from cpas.jobs.submit import submit_files
from cpas.periods import Period

pytestmark = pytest.mark.usefixtures("checks_here")

SHIPPED = Path(__file__).parents[1] / "indicators" / "datasets" / "reports.yml"
QUIET = Progress(is_quiet=True)
JUNE = Period.parse("2019-06")


@pytest.fixture
def rates(mini):
    shutil.copy(SHIPPED, mini.folder / "indicators" / "datasets")
    for id_, above, below in (("COMPLETE", "received", "expected"), ("TIMELY", "on_time", "received")):
        measure = f"{{value: 'sum({above}) / sum({below}) * 100', where: \"data_set = 'incidents'\"}}"
        mini.indicator(id_, measure, source="reports", unit="per cent", direction="increase")
    return mini


def test_completeness_and_timeliness_are_indicators_of_every_area_and_period(rates):
    # FO-A (R1) sends May on the tenth day after and June on the eleventh; FO-B (R2) sends May alone, too late
    sent = [("FO-A", "2019-05", date(2019, 6, 10)), ("FO-A", "2019-06", date(2019, 7, 11))]
    sent.append(("FO-B", "2019-05", date(2019, 6, 30)))
    reports = pl.DataFrame(
        [("incidents", who, Period.parse(month).start, day, True) for who, month, day in sent],
        schema=["dataset", "reporter", "month", "sent_on", "is_whole"],
        orient="row",
    )
    definitions, tree = rates.load(), AreaTree.of(rates.areas(), "ML")
    rows = reporting_rows(definitions, tree, reports, JUNE)
    assert (
        rows.filter(pl.col("month") > date(2019, 5, 31))["expected"].sum() == 4
    )  # two offices, two of a section
    facts = {"reports": as_facts(rows, definitions.datasets["reports"].dataset, definitions)}
    wanted = [Wanted(Period.parse("2019-05..2019-06"), is_detailed=True)]
    results = compute_results(definitions, facts, reports, tree, wanted)
    found = {
        (id_, area): rates.row(results, id_, area)["value"]
        for id_ in ("COMPLETE", "TIMELY")
        for area in ("ML", "R1", "R2")
    }
    assert found == {
        ("COMPLETE", "ML"): 75.0,
        ("COMPLETE", "R1"): 100.0,
        ("COMPLETE", "R2"): 50.0,
        ("TIMELY", "ML"): pytest.approx(100 / 3),
        ("TIMELY", "R1"): 50.0,
        ("TIMELY", "R2"): 0.0,
    }
    assert rates.row(results, "COMPLETE")["status"] == "reported"


def test_an_office_that_closed_is_not_taken_for_silent(rates):
    # FO-B closes at the end of May: in May one of two offices reports, in June the one that is left
    path = rates.folder / "mission.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("areas: [R2]}", "areas: [R2], open: {to: 2019-05-31}}"), encoding="utf-8")
    months = [Period.parse(month) for month in ("2019-05", "2019-06")]
    reports = pl.DataFrame(
        [("incidents", "FO-A", month.start, date(2019, 6, 1), True) for month in months],
        schema=["dataset", "reporter", "month", "sent_on", "is_whole"],
        orient="row",
    )
    definitions, tree = rates.load(), AreaTree.of(rates.areas(), "ML")
    rows = reporting_rows(definitions, tree, reports, JUNE)
    facts = {"reports": as_facts(rows, definitions.datasets["reports"].dataset, definitions)}
    wanted = [Wanted(month, is_detailed=True) for month in months]
    results = compute_results(definitions, facts, reports, tree, wanted)
    found = {
        (str(month), area): tuple(
            results.row(
                by_predicate=(pl.col("indicator_id") == "COMPLETE")
                & (pl.col("period") == str(month))
                & (pl.col("area") == area)
                & (pl.col("disaggregation") == "total"),
                named=True,
            )[name]
            for name in ("value", "status", "places_silent")
        )
        for month in months
        for area in ("ML", "R2")
    }
    assert found == {
        ("2019-05", "ML"): (50.0, "reported", 0),
        ("2019-05", "R2"): (0.0, "reported", 0),
        ("2019-06", "ML"): (100.0, "reported", 0),
        ("2019-06", "R2"): (None, "not_applicable", 0),
    }


def test_months_of_which_nothing_came_are_expected_too(rates):
    # all of January to March came, nothing since: of the year 3 months of 12, of the second half none of 6
    months = tuple(Period.parse("2019-01..2019-03").months())
    reports = pl.DataFrame(
        [("incidents", who, month.start, month.end, True) for who in ("FO-A", "FO-B") for month in months],
        schema=["dataset", "reporter", "month", "sent_on", "is_whole"],
        orient="row",
    )
    definitions, tree = rates.load(), AreaTree.of(rates.areas(), "ML")
    year, half = (Period.parse(text) for text in ("2019", "2019-07..2019-12"))
    rows = reporting_rows(definitions, tree, reports, year)
    facts = {"reports": as_facts(rows, definitions.datasets["reports"].dataset, definitions)}
    for period, part in ((year, 25.0), (half, 0.0)):
        results = compute_results(definitions, facts, reports, tree, [Wanted(period, is_detailed=True)])
        found = {rates.row(results, "COMPLETE", area)["value"] for area in ("ML", "R1", "R2")}
        assert found == {part}


def test_before_the_mission_reports_nothing_is_expected(rates):
    reports = pl.DataFrame(
        schema={"dataset": pl.String, "reporter": pl.String, "month": pl.Date, "sent_on": pl.Date}
    )
    before = Period.month(rates.load().mission.reporting_from).previous()
    assert reporting_rows(rates.load(), AreaTree.of(rates.areas(), "ML"), reports, before).is_empty()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("found_in: made", "found_in: reference", "is `found_in: made`"),
        ("  - {name: on_time, type: count,", "  - {name: in_time, type: count,", "has the columns month"),
        ("period: month", "period: null", "`period: month`"),
    ],
)
def test_a_declaration_that_is_not_what_is_made_is_refused(rates, old, new, said):
    path = rates.folder / "indicators" / "datasets" / "reports.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DefinitionError) as raised:
        rates.load()
    assert any(said in str(issue) for issue in raised.value.issues)


def test_nobody_is_expected_to_send_what_is_made(rates):
    path = rates.folder / "mission.yml"
    text = path.read_text(encoding="utf-8")
    assert "dataset: incidents" in text
    path.write_text(text.replace("dataset: incidents", "dataset: reports", 1), encoding="utf-8")
    with pytest.raises(DefinitionError) as raised:
        rates.load()
    assert any("reports" in str(issue) for issue in raised.value.issues)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reporting") / "mission"
    write_sample(folder, 1, 0.1, 2019)
    return folder


@pytest.fixture
def mission(sample, tmp_path):
    return Path(shutil.copytree(sample, tmp_path / "mission"))


def test_nobody_is_offered_a_template_of_what_is_made_and_a_file_of_it_is_not_read(mission):
    asked = ["template", str(mission), "reports", "--reporter", "jmac", "--period", "2019-07"]
    refused = CliRunner().invoke(main, asked)
    assert refused.exit_code == 2
    assert "`reports` is no data set that reporters send" in refused.output
    for folder in ("inbox/2019-06", "reference"):
        (mission / folder / "reports.csv").write_text("month,data_set\n2019-06,incidents\n", encoding="utf-8")
    told = [issue for issue in gather(mission, QUIET, beside()).issues if "reports.csv" in issue.where.file]
    assert {issue.where.file for issue in told} == {"inbox/2019-06/reports.csv", "reference/reports.csv"}


def test_the_rates_of_the_store_are_those_of_the_inbox_and_as_at_knows_what_had_come(mission):
    def rates_of(source):
        results = results_of(gather(mission, QUIET, beside(), source), JUNE)
        own = results.filter(
            (pl.col("period") == "2019-06") & (pl.col("area") == "ML") & (pl.col("disaggregation") == "total")
        )
        return [
            own.row(by_predicate=pl.col("indicator_id") == id_, named=True)["value"]
            for id_ in ("SUP-11", "SUP-12")
        ]

    # each month 25 reports are expected: of 7 offices, jmac, 10 and twice 3 sections, and the accounts. Of June one never
    # came and one came late; three are tables without a cover, of a day that only the store knows
    assert rates_of(Source(inbox=True)) == pytest.approx([24 / 25 * 100, 19 / 21 * 100])
    [gao] = mission.glob("inbox/2019-06/activities-FO-GAO-*.xlsx")
    sent = gather(mission, QUIET, beside(), Source(inbox=True)).reports
    [late] = sent.filter(pl.col("sent_on") > date(2019, 7, 15))["file"].unique()
    later = [gao, mission / late]
    others = [path for path in (mission / "inbox").rglob("*.*") if path not in later]
    for day, paths in ((5, others), (25, later)):  # what nobody can have sent yet would not be believed
        submit_files(mission, paths, Sending("A. Keita", datetime(2019, 7, day, 12, tzinfo=UTC)), QUIET)
    assert rates_of(Source()) == pytest.approx([24 / 25 * 100, 23 / 25 * 100])
    assert rates_of(Source(as_at=date(2019, 7, 15))) == pytest.approx([22 / 25 * 100, 22 / 25 * 100])
