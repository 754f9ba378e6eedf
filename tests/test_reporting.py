"""Reporting rates as indicators, with figures that a pencil can check."""

from datetime import date

import polars as pl
import pytest

from cpas.engine.areas import AreaTree
from cpas.engine.compute import Wanted, compute_results
from cpas.engine.facts import as_facts
from cpas.jobs.reporting import reporting_rows
from cpas.periods import Period

DATASET = """
dataset: reports
title: {en: Reports, fr: Rapports}
grain: {en: one row per report expected, fr: une ligne par rapport attendu}
kind: levels
found_in: reference
required: false
key: [data_set, reporter, month]
period: month
area: area_code
columns:
  - {name: month, type: month, required: true, label: {en: Month, fr: Mois}}
  - {name: data_set, type: text, required: true, label: {en: Data set, fr: Jeu de données}}
  - {name: reporter, type: text, required: true, label: {en: Reporter, fr: Émetteur}}
  - {name: area_code, type: reference, to: areas, required: true, label: {en: Area, fr: Zone}}
  - {name: expected, type: count, unit: reports, label: {en: Expected, fr: Attendus}}
  - {name: received, type: count, unit: reports, label: {en: Received, fr: Reçus}}
  - {name: on_time, type: count, unit: reports, label: {en: On time, fr: À temps}}
"""


@pytest.fixture
def rates(mini):
    (mini.folder / "indicators" / "datasets" / "reports.yml").write_text(DATASET, encoding="utf-8")
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
    rows = reporting_rows(definitions, tree, reports)
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


def test_nothing_that_came_gives_no_rows(rates):
    reports = pl.DataFrame(
        schema={"dataset": pl.String, "reporter": pl.String, "month": pl.Date, "sent_on": pl.Date}
    )
    assert reporting_rows(rates.load(), AreaTree.of(rates.areas(), "ML"), reports).is_empty()
