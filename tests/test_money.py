"""Money to results on a run of a small illustrative mission, computed again by DuckDB from the files as they lie in the inbox."""

import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner

from cpas import content
from cpas.budget.delivery import compute_delivery
from cpas.cli import main
from cpas.illustration.mission import write_sample
from cpas.jobs.aside import beside
from cpas.jobs.gather import gather
from cpas.jobs.money import completeness
from cpas.jobs.progress import Progress
from cpas.periods import Period
from cpas.yamlio import read_yaml

pytestmark = pytest.mark.usefixtures("checks_here")


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("money") / "mission"
    write_sample(folder, 3, 0.1, 2019)
    return folder


@pytest.fixture(scope="session")
def published(made) -> Path:
    result = CliRunner().invoke(main, ["run", str(made), "2019-06", "--quiet"])
    assert result.exit_code == 0, result.output
    return made / "out" / "2019-06"


@pytest.fixture(scope="session")
def database(made, published):
    """The files of the run, and what `budget.yml` and `framework.yml` say, as tables."""
    base = duckdb.connect()
    base.execute(f"create table spent as from read_csv('{made}/inbox/expenditure-*.csv', all_varchar = true)")
    base.execute(f"create table money as from read_csv('{published}/money.csv', all_varchar = true)")
    base.execute(f"create table costs as from read_csv('{published}/costs.csv', all_varchar = true)")
    base.execute("create table shares (budget_line varchar, output varchar, share decimal(18, 6))")
    folder = content.shipped("indicators")
    for group in read_yaml(folder / "budget.yml", "budget.yml").data["groups"]:
        for line in group["lines"]:
            for output, share in line.get("outputs", {}).items():
                base.execute("insert into shares values (?, ?, ?)", [line["id"], output, share])
    return base


def test_allocated_and_not_allocated_add_up_to_every_line_to_the_cent(database):
    off = database.sql(
        """
        select line.budget_line, line.amount, flow.amount from
          (select budget_line, sum(amount_usd::decimal(18, 2)) as amount from spent
           where month between '2018-07-01' and '2019-06-30' group by all) as line
          full join (select budget_line, sum(expenditure::decimal(18, 2)) as amount from money group by all) as flow
          using (budget_line)
        where line.amount is distinct from flow.amount
        """
    ).fetchall()
    assert off == []
    assert database.sql("select count(distinct budget_line) from money").fetchall() == [(22,)]


def test_what_every_output_has_by_shares_is_computed_again_from_the_expenditure_file(database):
    rows = database.sql(
        """
        with again as (
          select budget_line, output, round(sum(amount_usd::decimal(18, 2)) * any_value(share), 2) as amount
          from spent join shares using (budget_line)
          where month between '2018-07-01' and '2019-06-30' group by all)
        select amount, expenditure::decimal(18, 2) from again full join (from money where "by" = 'shares' and output is not null and output <> '')
        using (budget_line, output)
        """
    ).fetchall()
    assert len(rows) > 90
    assert all(abs(again - printed) <= Decimal("0.01") for again, printed in rows)


def test_every_cost_is_expenditure_by_quantity(database):
    rows = database.sql(
        """
        select spent, expenditure::decimal(18, 2), quantity::double, cost_per_unit::double
        from costs join (select output as id, sum(expenditure::decimal(18, 2)) as spent from money group by all) using (id)
        where cost_per_unit is not null
        """
    ).fetchall()
    assert len(rows) > 20
    for spent, expenditure, quantity, cost in rows:
        assert spent == expenditure
        assert cost == pytest.approx(float(expenditure) / quantity, rel=1e-12)


def test_shares_are_of_the_whole(published):
    shares = pl.read_csv(published / "shares.csv")
    for name in ("money", "activity", "staff"):
        assert shares[f"{name}_share"].sum() == pytest.approx(100)


def test_a_mission_without_activities_or_deployments_still_has_its_money(made, tmp_path):
    mission = Path(shutil.copytree(made, tmp_path / "mission", ignore=shutil.ignore_patterns("out")))
    shutil.copytree(content.shipped("indicators"), mission / "indicators")
    (mission / "indicators" / "datasets" / "deployments.yml").unlink()
    for path in (mission / "indicators").glob("*/*.yml"):
        if "source: deployments" in path.read_text():
            path.unlink()
    about = mission / "mission.yml"
    about.write_text(
        "\n".join(line for line in about.read_text().splitlines() if "dataset: deployments" not in line)
        + "\n"
    )
    for path in mission.glob("inbox/deployments*"):
        path.unlink()
    result = CliRunner().invoke(main, ["run", str(mission), "2019-06", "--quiet"])
    assert result.exit_code == 0, result.output
    shares = pl.read_csv(mission / "out" / "2019-06" / "shares.csv")
    assert shares["staff_share"].is_null().all()


def test_an_outcome_of_which_two_indicators_count_what_was_achieved_has_two_costs(made, tmp_path):
    mission = Path(shutil.copytree(made, tmp_path / "mission", ignore=shutil.ignore_patterns("out")))
    shutil.copytree(content.shipped("indicators"), mission / "indicators")
    folder = mission / "indicators" / "ddr_ssr"
    other = (folder / "DDR-02.yml").read_text(encoding="utf-8").replace("id: DDR-02", "id: DDR-09")
    (folder / "DDR-09.yml").write_text(other.replace("scale: 1\n", ""), encoding="utf-8")
    result = CliRunner().invoke(main, ["run", str(mission), "2019-06", "--quiet"])
    assert result.exit_code == 0, result.output
    costs = pl.read_csv(mission / "out" / "2019-06" / "costs.csv").filter(id="SP1.2.1")
    assert costs["measured_by"].to_list() == ["DDR-02", "DDR-09"]


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Money without a result"), ("fr", "Argent sans résultat")]
)
def test_the_chain_of_the_sample_is_published_with_its_gaps(made, tmp_path, language, word):
    out = tmp_path / "chain"
    result = CliRunner().invoke(
        main, ["chain", str(made), "2019-06", "--out", str(out), "--lang", language, "--quiet"]
    )
    assert result.exit_code == 0, result.output
    assert {path.name for path in out.iterdir()} == {"chain.html", "chain.xlsx", "chain.csv", "manifest.json"}
    gaps = pl.read_csv(out / "chain.csv")
    assert ("money_without_output", "3.7") in gaps.select("kind", "subject").rows()
    assert ("output_without_activity", "OUT-40") in gaps.select("kind", "subject").rows()
    page = (out / "chain.html").read_text(encoding="utf-8")
    assert word in page
    assert '<figure class="diagram"' in page


def test_the_same_audit_gives_the_same_bytes(made, tmp_path):
    for name in ("one", "two"):
        assert (
            CliRunner()
            .invoke(main, ["chain", str(made), "2019-06", "--out", str(tmp_path / name), "--quiet"])
            .exit_code
            == 0
        )
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_a_year_without_activities_is_read_beside_the_year_before_and_amounts_that_differ_are_told(
    made, tmp_path
):
    mission = Path(shutil.copytree(made, tmp_path / "mission", ignore=shutil.ignore_patterns("out")))
    shutil.copytree(content.shipped("indicators"), mission / "indicators")
    lines = mission / "reference" / "budget_lines.csv"
    lines.write_text(lines.read_text() + "1.3,2019/20,1000,1000,\n2.6,2019/20,500,500,\n")
    budget = mission / "indicators" / "budget.yml"
    budget.write_text(
        budget.read_text()
        + "  2019/20: {requested: 1700, recommended: 1650, approved: 1600, source: {en: here, fr: ici}}\n"
    )
    out = tmp_path / "out"
    result = CliRunner().invoke(main, ["scenario", str(mission), "--cut", "10%", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "A cut of $150 from what was approved for 2019/20" in result.output
    page = (out / "scenario.html").read_text(encoding="utf-8")
    assert "are those reported in" in page
    assert "2018/19" in page
    assert "correct the one that is wrong" in page


def test_what_costs_are_divided_by_is_what_was_delivered_by_the_budget_performance_report(made, published):
    with beside() as aside:
        gathered = gather(made, Progress(True), aside)
    results = pl.read_csv(published / "results.csv", infer_schema_length=None)
    period = Period.parse("2019-06")
    complete = {
        month: completeness(gathered, month)["activities"] for month in period.year_to_date().months()
    }
    delivered = compute_delivery(
        gathered.definitions, results, gathered.tables["activities"], complete, period
    )
    costs = {row["id"]: row for row in pl.read_csv(published / "costs.csv").iter_rows(named=True)}
    compared = [one for one in delivered if one.output.kind == "number"]
    assert len(compared) > 35
    for one in compared:
        cost = costs[one.output.id]
        assert cost["quantity"] == (
            None if one.delivered.value is None else pytest.approx(float(one.delivered.value))
        ), one
        if cost["quantity"] is not None:
            assert cost["quantity_is_partial"] == one.delivered.is_partial, one
