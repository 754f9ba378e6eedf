"""Spark makes the same pass, to the last digit, and a run with it publishes the same bytes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.util import find_spec

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cpas.engine.measures import TOTAL, slices_of
from cpas.engine.passes import in_polars, pass_for
from cpas.engine.spark import Files, SparkTable, spark
from cpas.engine.sql import named_frame, pass_sql
from cpas.errors import UsageError
from cpas.illustration.mission import write_sample
from cpas.jobs.aside import beside
from cpas.jobs.engines import rows_in
from cpas.jobs.gather import gather
from cpas.jobs.progress import Progress
from cpas.jobs.returns import Sending
from cpas.jobs.run import run_report
from cpas.jobs.sources import Source
from cpas.jobs.submit import submit_files
from cpas.periods import Period

NEEDED = "pyspark or Java is not here: pip install 'cpas[spark]'; apt install default-jre-headless"
needs_spark = [
    pytest.mark.spark,
    pytest.mark.skipif(find_spec("pyspark") is None or shutil.which("java") is None, reason=NEEDED),
    pytest.mark.usefixtures("checks_here"),
]
QUIET = Progress(is_quiet=True)
JUNE = Period.parse("2019-06")


def marked(test):
    for mark in needs_spark:
        test = mark(test)
    return test


@pytest.fixture(scope="module")
def mission(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spark") / "mission"
    write_sample(folder, 1, 0.1, 2019)
    return folder


def exact(frame, wanted):
    """Every figure with its exact type; a sum of nothing, which nobody reads, is null in SQL and 0 in polars."""
    return frame.with_columns(
        (pl.col(one.sql).fill_null(0) if one.function == "sum" else pl.col(one.sql)).cast(
            pl.Int64 if one.is_count else pl.Decimal(38, 12)
        )
        for one in wanted.aggregates
    )


def in_duckdb(path, wanted):
    """By DuckDB, from the same file; month and area in any order, so sorted."""
    return named_frame(duckdb.sql(pass_sql(wanted, f"'{path}'", "duckdb")).pl(), wanted)


@marked
def test_polars_duckdb_and_spark_make_the_same_pass_over_every_data_set(mission, tmp_path):
    gathered = gather(mission, QUIET, beside(), Source(inbox=True))
    definitions = gathered.definitions
    compared = 0
    with spark() as session, rows_in("polars", gathered, JUNE) as facts:
        for name, loaded in definitions.datasets.items():
            own = [
                one
                for indicator in definitions.indicators.values()
                if indicator.definition.source == name
                for one in slices_of(indicator, definitions)
                if one.disaggregation == TOTAL
            ]
            if not own:
                continue
            path = tmp_path / f"{name}.parquet"
            facts[name].sink_parquet(path)
            table = SparkTable(session, Files((path,)), loaded.dataset)
            terms = [term for one in own for term in one.terms]
            whole = pass_for(terms, loaded.dataset, Period.parse("2018-07..2019-06"), "ML")
            by_value = replace(whole, by=next(term.argument for term in terms if term.argument))
            for wanted in (whole, by_value):
                ours = exact(in_polars(pl.scan_parquet(path), wanted), wanted)
                assert_frame_equal(ours, exact(table.measure(wanted), wanted))
                assert_frame_equal(ours, exact(in_duckdb(path, wanted), wanted))
                compared += ours.height * len(wanted.aggregates)
    assert compared > 5_000


@marked
def test_spark_counts_only_the_submissions_in_force_and_reads_files_that_lack_a_column(mini, tmp_path):
    day = date(2019, 1, 5)
    old, new = tmp_path / "old.parquet", tmp_path / "new.parquet"
    rows = {"incident_id": ["I1", "I2"], "day": [day, day], "place": ["C1", "C1"], "deaths": [3, 4]}
    pl.DataFrame({**rows, "_submission": ["first", "second"]}).write_parquet(old)
    pl.DataFrame({**rows, "women": [1, 2], "_submission": ["third", "lost"]}).write_parquet(new)
    mini.indicator("SUM", "{value: sum(deaths) + sum(women)}")
    definitions = mini.load()
    incidents = definitions.datasets["incidents"].dataset
    (one,) = slices_of(definitions.indicators["SUM"], definitions)
    wanted = pass_for(one.terms, incidents, Period.parse("2019-01"), "ML")
    with spark() as session:
        made = SparkTable(session, Files((old, new), ("second", "third")), incidents).measure(wanted)
    deaths, women = (made[term.sql].to_list() for term in sorted(one.terms, key=lambda term: term.sql))
    assert (deaths, women) == ([7], [1])


@marked
def test_a_run_with_spark_publishes_the_same_bytes_from_the_facts_in_the_store(mission, tmp_path):
    sending = Sending("SPU", datetime(2019, 7, 3, 12, tzinfo=UTC), False, "en", None)
    submit_files(mission, (mission / "inbox",), sending, QUIET)
    stored = gather(mission, QUIET, beside()).stored
    assert {"activities", "incidents", "observations"} <= stored.keys()
    files = []
    for engine in ("spark", "polars"):
        run_report(mission, JUNE, QUIET, beside(), out=tmp_path / engine, engine=engine)
        files.append({path.name: path.read_bytes() for path in (tmp_path / engine).iterdir()})
    assert "results.csv" in files[0]
    assert files[0] == files[1]


def test_without_java_spark_is_refused_with_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(UsageError, match="needs Java, which is not here: install Java 17 or newer"), spark():
        pass


def test_an_old_java_is_refused(monkeypatch, tmp_path):
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n", encoding="utf-8")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(UsageError, match="needs a newer Java than 11"), spark():
        pass


@pytest.mark.skipif(find_spec("pyspark") is not None, reason="pyspark is here")
@pytest.mark.skipif(shutil.which("java") is None, reason="Java is not here")
def test_without_pyspark_spark_is_refused_with_the_extra_to_install():
    with pytest.raises(UsageError, match=r"pip install 'cpas\[spark\]'"), spark():
        pass
