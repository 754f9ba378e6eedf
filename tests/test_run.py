"""The run from end to end, on a small illustrative mission made for the purpose."""

import csv
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from cpas.cli import main
from cpas.engine.compute import FIRST_COLUMNS
from cpas.illustration.mission import write_new_mission, write_sample

pytestmark = pytest.mark.usefixtures("checks_here")

FILES = {
    "report.html",
    "report.xlsx",
    "results.csv",
    "comparisons.csv",
    "ratings.csv",
    "money.csv",
    "costs.csv",
    "shares.csv",
    "issues.xlsx",
    "issues.json",
    "checks.html",
    "checks.json",
    "manifest.json",
}


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "mission"
    write_sample(folder, 3, 0.1, 2019)
    return folder


@pytest.fixture(scope="session")
def published(made) -> Path:
    """What one run of June 2019 published; not to be changed."""
    assert cpas("run", made, "2019-06", "--quiet").exit_code == 0
    return made / "out" / "2019-06"


@pytest.fixture
def mission(made, tmp_path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "mission"))


def cpas(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def contents(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_a_run_writes_every_file(published):
    assert set(contents(published)) == FILES


def test_the_same_run_gives_the_same_bytes_in_every_file(published, made, tmp_path):
    again = [
        sys.executable,
        "-m",
        "cpas",
        "run",
        str(made),
        "2019-06",
        "--quiet",
        "--out",
        str(tmp_path / "again"),
    ]
    subprocess.run(again, check=True, env={**os.environ, "PYTHONHASHSEED": "7"})
    assert contents(tmp_path / "again") == contents(published)


def test_results_have_the_promised_columns_and_one_row_per_key(published):
    with (published / "results.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0])[: len(FIRST_COLUMNS)] == FIRST_COLUMNS
    keys = {(row["indicator_id"], row["period"], row["area"], row["disaggregation"]) for row in rows}
    assert len(keys) == len(rows)
    assert {row["status"] for row in rows} <= {
        "reported",
        "partial",
        "not_reported",
        "not_applicable",
        "withheld",
    }


def rows_of(page, title):
    """The rows of a table of a page by their first cell, as texts."""
    (table,) = re.findall(
        rf"<caption><span>{re.escape(title)}</span></caption>(.*?)</table>", page, re.DOTALL
    )
    lines = re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.DOTALL) for line in lines]
    plain = [
        [" ".join(re.sub(r"<[^>]+>", " ", html.unescape(cell)).split()) for cell in line] for line in cells
    ]
    return {line[0]: line[1:] for line in plain}


def test_steps_and_milestones_are_words_in_the_page_and_in_the_workbook(published):
    page = html.unescape((published / "report.html").read_text("utf-8"))
    title = "Cooperation of local authorities in the cercles of the centre"
    found = rows_of(page, "SP2.3: Outcome and impact indicators")
    own = found[f"STA-08 {title} (Cooperation of authorities)"]
    assert own[:2] == ["Obstruction", "Obstruction"]
    assert own[4:7] == ["Obstruction", "Cooperation on request", "not applicable"]
    assert own[7].endswith("Off track")  # June is told, though nine months of the year are not
    places = rows_of(page, f"STA-08  {title}: places at each step")
    assert places["Obstruction (Baseline)"][1:] == ["1", "1", "not reported", "Koro"]
    assert places["Passivity"][-1] == "Bankass, Ténenkou, Youwarou"
    milestones = rows_of(page, "SP1.2: Outcome and impact indicators: milestones")
    decree = "DDR-05 Quotas and ranks for the integration of combatants decreed"
    assert milestones[decree] == ["31 March 2019", "Due and not achieved", "not applicable", "■ Off track"]
    (main,) = [
        line for name, line in rows_of(page, "SP1.2: Outcome and impact indicators").items() if decree in name
    ]
    assert main[0] == "Due and not achieved"
    book = load_workbook(published / "report.xlsx")
    texts = [cell.value for row in book["SP2.3"].iter_rows() for cell in row]
    assert {"Obstruction", "Cooperation on request"} <= set(texts)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Not known: nobody has reported"), ("fr", "Inconnu : personne n'en a rendu compte")],
)
def test_a_milestone_of_which_nobody_reports_has_the_same_words_in_every_table(mission, language, words):
    file = mission / "inbox" / "2019-06" / "assessments-2019-06.xlsx"
    book = load_workbook(file)
    sheet = book["Assessments"]
    (row,) = [row for row in sheet.iter_rows(min_row=2) if row[0].value == "DDR-05"]
    sheet.delete_rows(row[0].row)
    book.save(file)
    assert cpas("run", mission, "2019-06", "--lang", language, "--quiet").exit_code == 0
    page = html.unescape((mission / "out" / "2019-06" / "report.html").read_text("utf-8"))
    titles = re.findall(r"<caption><span>(SP1\.2[^<]*)</span>", page)
    own = [
        line for title in titles for name, line in rows_of(page, title).items() if name.startswith("DDR-05")
    ]
    assert [words in line for line in own] == [True, True], own


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", {"No step: not reported": "Bankass", "No step: withheld": "Youwarou"}),
        ("fr", {"Sans échelon : non communiqué": "Bankass", "Sans échelon : non divulgué": "Youwarou"}),
    ],
)
def test_places_that_are_silent_or_withheld_stand_among_the_steps_and_are_told_apart(
    mission, language, expected
):
    file = mission / "inbox" / "2019-06" / "assessments-2019-06.xlsx"
    book = load_workbook(file)
    sheet = book["Assessments"]
    rows = {row[3].value: row for row in sheet.iter_rows(min_row=2) if row[0].value == "STA-08"}
    rows["ML0508"][4].value = "withheld"
    sheet.delete_rows(rows["ML0502"][0].row)
    book.save(file)
    assert cpas("run", mission, "2019-06", "--lang", language, "--quiet").exit_code == 0
    page = html.unescape((mission / "out" / "2019-06" / "report.html").read_text("utf-8"))
    (title,) = re.findall(r"<caption><span>(STA-08[^<]*(?:each step|chaque échelon))</span>", page)
    found = rows_of(page, title)
    assert {name: [*found[name][1:3], found[name][-1]] for name in expected} == {
        name: ["1", "0", place] for name, place in expected.items()
    }


@pytest.mark.parametrize(
    ("period", "title"),
    [
        ("2019-Q2", "Quarterly performance report, April to June 2019"),
        ("2018/19", "Annual performance report, 2018/19"),
        ("2019-04..2019-05", "Performance report, 1 April 2019 to 31 May 2019"),
    ],
)
def test_every_kind_of_period_runs_and_its_report_is_called_after_it(mission, period, title):
    result = cpas("run", mission, period, "--quiet")
    assert result.exit_code == 0, result.output
    page = (mission / "out" / period.replace("/", "-") / "report.html").read_text(encoding="utf-8")
    assert f"<title>{title} - " in page


def test_the_french_report_is_french(mission):
    cpas("run", mission, "2019-06", "--lang", "fr", "--quiet")
    page = (mission / "out" / "2019-06" / "report.html").read_text(encoding="utf-8")
    assert '<html lang="fr"' in page
    assert "Rapport mensuel" in page
    assert "not reported" not in page


def test_the_manifest_holds_the_hash_of_every_output_and_input(published, made):
    manifest = json.loads((published / "manifest.json").read_text())
    written = {entry["file"]: entry["sha256"] for entry in manifest["outputs"]}
    assert written == {
        name: digest for name, digest in contents(published).items() if name != "manifest.json"
    }
    inputs = {entry["file"]: entry["sha256"] for entry in manifest["inputs"]}
    assert all(
        hashlib.sha256((made / name).read_bytes()).hexdigest() == digest for name, digest in inputs.items()
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "{mission}", "2019-13"), "there is no month 2019-13"),
        (("run", "{mission}/none", "2019-06"), "is not a mission folder"),
        (("run", "{mission}", "1999/00"), "the mission's data begin in"),
        (("run", "{mission}", "2019-06", "--out", "{mission}/inbox"), "not a report's"),
        (("definitions", "{mission}", "POC-1"), "there is no indicator `POC-1`"),
        (("init", "{mission}"), "empty"),
        (("init", "/proc/mission"), "cannot be made"),
        (("status", "{mission}", "2010-01"), "the mission's data begin in"),
        (("check", "{mission}", "2010-01"), "the mission's data begin in"),
        (("duplicates", "{mission}", "2010-01"), "the mission's data begin in"),
        (("template", "{mission}", "activities", "--section", "FO-GAO", "--period", "2010-01"), "data begin"),
        (("submit", "{mission}", "{mission}/inbox", "--by", " "), "a name is wanted"),
        (("definitions", "{mission}", "XX"), "lists all"),
        (("run", "{mission}"), "Missing argument"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_is_wrong(mission, arguments, words):
    result = cpas(*(argument.format(mission=mission) for argument in arguments))
    assert (result.exit_code, words in result.output) == (2, True), result.output


def test_check_prints_issues_with_their_places_and_counts(mission):
    result = cpas("check", mission, "2019-06")
    assert result.exit_code == 0, result.output
    assert "inbox/2019-06/activities-" in result.output
    assert "warning CPAS-D208" in result.output


def test_check_of_a_month_on_which_nothing_came_says_that_nothing_was_checked(mission):
    result = cpas("check", mission, "2031-02")
    assert result.exit_code == 0, result.output
    assert result.output.endswith("No report on 2031-02 was found to check; no errors in the rest.\n")
    assert cpas("check", mission, "2019-06").output.endswith("\nNo errors.\n")


def test_the_catalogue_lists_every_indicator_and_a_definition_its_sql(mission):
    assert cpas("definitions", mission).output.startswith("71 indicators")
    text = cpas("definitions", mission, "POC-05").output
    assert "SUM(deaths_civilians) FILTER(WHERE" in text
    assert "mandate    " in text
    assert "version 2 from 2019-01-01" in text


def test_a_new_mission_runs_at_once(tmp_path):
    write_new_mission(tmp_path / "own")
    result = cpas("run", tmp_path / "own", "2019-06", "--quiet")
    assert result.exit_code == 0, result.output


def test_a_run_opens_no_connection(mission, tmp_path):
    guard = tmp_path / "sitecustomize.py"
    guard.write_text(
        "import socket\n"
        "def refuse(*arguments, **named):\n"
        "    raise SystemExit('a connection was tried')\n"
        "socket.socket.connect = socket.socket.connect_ex = refuse\n"
        "socket.getaddrinfo = socket.create_connection = refuse\n"
    )
    command = [sys.executable, "-m", "cpas", "run", str(mission), "2019-06"]
    done = subprocess.run(
        command,
        env={"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[1]}", "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "connection was tried" not in done.stderr


def test_progress_is_one_line_per_stage_when_piped_and_quiet_says_nothing(made, tmp_path):
    command = [sys.executable, "-m", "cpas", "run", str(made), "2019-06", "--out", str(tmp_path / "out")]
    loud = subprocess.run(command, capture_output=True, text=True)
    assert loud.stderr.splitlines()[-1].split()[:2] == ["all", "stages"]
    assert loud.stdout.endswith("report.html\n")
    quiet = subprocess.run([*command, "--quiet"], capture_output=True, text=True)
    assert (quiet.stdout, quiet.stderr) == ("", "")


def test_an_edited_definition_rewrites_no_report_that_was_published(mission):
    assert cpas("run", mission, "2019-05", "--quiet").exit_code == 0
    before = {path.name: path.read_bytes() for path in (mission / "out" / "2019-05").iterdir()}
    shutil.copytree(Path(__file__).parents[1] / "indicators", mission / "indicators")
    path = mission / "indicators" / "protection" / "POC-01.yml"
    text = path.read_text(encoding="utf-8").split("examples:")[0]
    assert "sum(deaths_civilians)" in text
    path.write_text(
        text.replace("sum(deaths_civilians)", "sum(injured_civilians)")
        + "examples: [{name: none, rows: [], value: null}, {name: one, rows: [{injured_civilians: 1}], value: 1}]\n",
        encoding="utf-8",
    )
    assert cpas("run", mission, "2019-06", "--quiet").exit_code == 0
    assert {path.name: path.read_bytes() for path in (mission / "out" / "2019-05").iterdir()} == before

    def deaths_of_may(data):
        rows = csv.DictReader(data.decode().splitlines())
        keys = {"indicator_id": "POC-01", "period": "2019-05", "area": "ML", "disaggregation": "total"}
        return next(row["value"] for row in rows if keys.items() <= row.items())

    after = (mission / "out" / "2019-06" / "results.csv").read_bytes()
    assert deaths_of_may(after) != deaths_of_may(before["results.csv"])
