"""The commands for planners on the sample, and the worked example of docs/money.md with every figure computed again."""

import re
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from cpas.cli import main

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "sample_data"
CUT, REQUESTED, RECOMMENDED, APPROVED = 11_320_900, 1_149_778_800, 1_146_057_900, 1_138_457_900
SAMPLE_APPROVED = 1_111_723_400

pytestmark = pytest.mark.usefixtures("checks_here")


def scenario(*arguments, out):
    return CliRunner().invoke(main, ["scenario", str(SAMPLE), "--inbox", *arguments, "--out", str(out)])


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What each output has and loses in the two scenarios of the worked example."""
    found = {}
    for name, protect in (("open", ()), ("protected", ("--protect", "SP2"))):
        out = tmp_path_factory.mktemp("scenario") / name
        result = scenario("--cut", str(CUT), *protect, "--quiet", out=out)
        assert result.exit_code == 0, result.output
        money = pl.Decimal(20, 6)
        rows = pl.read_csv(
            out / "scenario.csv", schema_overrides={"approved": money, "cut": money, "budget_line": pl.String}
        )
        found[name] = rows.group_by("output").agg(pl.col("approved", "cut").sum()).sort("output")
    return found


def section():
    text = (ROOT / "docs" / "money.md").read_text(encoding="utf-8")
    return text.partition("### A worked example")[2]


def test_every_figure_of_the_worked_example_is_computed_again(outcomes):
    first, second = outcomes["open"], outcomes["protected"]
    share = {name: frame["cut"].sum() / frame["approved"].sum() for name, frame in outcomes.items()}
    assert first["cut"].sum() == second["cut"].sum() == CUT
    computed = {
        f"{CUT:,}": REQUESTED - APPROVED,
        f"{7_600_000:,}": RECOMMENDED - APPROVED,
        f"{CUT / REQUESTED:.2%}": 0.98,
        f"{7_600_000 / RECOMMENDED:.2%}": 0.66,
    }
    assert list(computed.values()) == [CUT, 7_600_000, 0.98, 0.66]
    assert list(computed)[2:] == ["0.98%", "0.66%"]
    assert (first.height, second.height) == (8, 4)
    printed = [
        *(f"{amount:,}" for amount in (REQUESTED, RECOMMENDED, APPROVED, CUT, 7_600_000, SAMPLE_APPROVED)),
        *("0.98", "0.66", f"{CUT / SAMPLE_APPROVED:.2%}"[:-1]),
        *(f"{frame['approved'].sum():,.0f}" for frame in (first, second)),
        *(f"{value * 100:.1f}" for value in share.values()),
        *(f"{planned * share['open']:.0f}" for planned in (150, 220)),
        *("150", "220", str(CUT), "2"),
    ]
    text = re.sub(r"A/74/737/Add\.11|2019/20|SP2", "", section())
    assert set(re.findall(r"\d[\d,.]*\d|\d", text)) == set(printed)


def test_the_approved_amount_of_the_sample_is_the_sum_of_its_lines():
    lines = pl.read_csv(
        SAMPLE / "reference" / "budget_lines.csv", schema_overrides={"budget_line": pl.String}
    )
    assert lines.filter(pl.col("budget_year") == "2018/19")["approved_usd"].sum() == SAMPLE_APPROVED


@pytest.mark.real_data
def test_the_amounts_of_the_worked_example_are_those_of_the_documents(real_data):
    table = pl.read_csv(real_data / "budget" / "headlines.csv")
    amounts = dict(table.filter(pl.col("mission") == "MINUSMA").select("item", "amount_usd").iter_rows())
    assert amounts["Appropriation for 2019/20"] == APPROVED
    assert amounts["Approved 2019/20 below Secretary-General request by"] == CUT
    assert amounts["Approved 2019/20 below ACABQ recommendation by"] == 7_600_000
    assert amounts["Secretary-General request 2019/20"] == REQUESTED
    assert amounts["ACABQ recommendation 2019/20"] == RECOMMENDED


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--cut", "0"), "changes nothing"),
        (("--cut", "101%"), "at most 100%"),
        (("--cut", "2%", "--protect", "SP3"), "there is no priority `SP3`"),
        (("--cut", "50%", "--protect", "SP2"), "that is not protected"),
        (("--cut", "2%", "--protect", "SP9"), "no priority `SP9`; there are: SP1, "),
        (("--cut", "2%", "--year", "2019"), "not a budget year"),
        (("--cut", "2%", "--year", "2020/21"), "there are: 2017/18, 2018/19"),
    ],
)
def test_what_cannot_be_cut_ends_with_exit_code_2_and_publishes_nothing(tmp_path, arguments, words):
    result = scenario(*arguments, out=tmp_path / "out")
    assert result.exit_code == 2
    assert words in result.output
    assert not (tmp_path / "out").exists()


def test_a_french_page_by_groups_has_its_files_and_its_summary(tmp_path):
    result = scenario("--cut", "2%", "--by", "groups", "--lang", "fr", out=tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "scenario.html",
        "scenario.xlsx",
        "scenario.csv",
        "manifest.json",
    }
    assert "Une réduction de 22\u202f234\u202f468" in result.output
    assert "  Montant brut\u00a0: 22\u202f234,5 / " in result.output
    page = (tmp_path / "out" / "scenario.html").read_text(encoding="utf-8")
    assert "Aide à la planification - aucune prévision" in page
    assert {"Coopération sur demande", "31 décembre 2018"} <= set(re.findall(r">([^<>]+)<", page))
    cuts = pl.read_csv(tmp_path / "out" / "scenario.csv", infer_schema=False)["cut"]
    assert sum(Decimal(cut) for cut in cuts) == 22_234_468


def test_a_period_without_reports_is_not_audited(tmp_path):
    out = tmp_path / "chain"
    result = CliRunner().invoke(main, ["chain", str(SAMPLE), "2025/26", "--inbox", "--out", str(out)])
    assert (result.exit_code, out.exists()) == (1, False)
    assert "no report on 2025/26 has come in" in result.output


def test_the_gaps_of_the_sample_are_those_that_the_docs_name(tmp_path):
    out = tmp_path / "chain"
    result = CliRunner().invoke(main, ["chain", str(SAMPLE), "2019-06", "--inbox", "--out", str(out)])
    assert result.exit_code == 0, result.output
    gaps = pl.read_csv(out / "chain.csv")
    assert gaps.height == 17
    assert gaps["kind"].value_counts().sort("kind").rows() == [
        ("activity_without_output", 13),
        ("money_not_allocated", 1),
        ("money_without_delivery", 1),
        ("money_without_output", 1),
        ("output_without_activity", 1),
    ]
    assert gaps.filter(pl.col("kind") == "money_not_allocated")["count"].to_list() == [19]
    named = gaps.filter(pl.col("kind").str.contains("money_without|output_without"))["subject"]
    assert set(named) == {"3.7", "OUT-40"}
