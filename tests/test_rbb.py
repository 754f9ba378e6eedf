"""The budget performance report from end to end: every printed figure recomputed from the files it came from."""

from __future__ import annotations

import csv
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from cpas.cli import main
from cpas.definitions.load import load_definitions
from cpas.illustration.mission import write_sample
from cpas.intake.inbox import read_inbox
from cpas.jobs.gather import lookups_of
from cpas.periods import Period

pytestmark = pytest.mark.usefixtures("checks_here")

FILES = {
    "rbb.html", "rbb.xlsx", "rbb.docx", "rbb-results.csv", "rbb-money.csv", "rbb-outputs.csv", "rbb-quarters.csv",
    "rbb-incumbency.csv", "rbb-manifest.json",
}  # fmt: skip
YEAR, MONTHS = Period.parse("2018/19"), list(Period.parse("2018/19").months())
WORDS = dict(
    zip(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
        range(10),
        strict=True,
    )
)
CHECKOUT = Path(__file__).parents[1]


def cpas(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A mission of the twelve months of 2018/19, with both reports of the year in one folder; not to be changed."""
    folder = tmp_path_factory.mktemp("rbb") / "mission"
    write_sample(folder, 12, 0.1, 2019)
    for command in ("run", "rbb"):
        result = cpas(command, folder, "2018/19", "--quiet")
        assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="module")
def folder(made) -> Path:
    return made / "out" / "2018-19"


@pytest.fixture
def mission(made, tmp_path) -> Path:
    return Path(
        shutil.copytree(
            made, tmp_path / "mission", ignore=shutil.ignore_patterns("out", "2018-??", "2019-0[1-5]")
        )
    )


def contents(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def bound(page):
    """Every figure of a page with what it is a figure of: (indicator, period, area, part, measure) to its text."""
    found = defaultdict(set)
    for title, text in re.findall(
        r'<span class="bound" title="([^"]*)">([^<]*)</span>', page.read_text("utf-8")
    ):
        found[tuple(html.unescape(title).rsplit(", ", 4))].add(html.unescape(text))
    return found


def as_number(text):
    """A printed figure read back, and how many decimals it has."""
    if text in ("—", *WORDS):
        return Decimal(WORDS.get(text, 0)), 0
    plain = re.sub(r"[\u202f\u00a0,$%()]| per cent", "", text)
    number = Decimal(plain)
    return (-number if text.startswith("(") else number), max(0, -number.as_tuple().exponent)


def spelled_alike(text):
    """A figure as a table prints it, where a sentence prints it in words, and yes as the 1 that it is planned as."""
    plain = re.sub(r"[\u202f,%]| per cent", "", text)
    return str(WORDS.get(plain, "1" if plain == "Yes" else plain))


def test_both_reports_of_a_year_live_in_one_folder_and_neither_removes_the_other(made, folder, tmp_path):
    assert contents(folder).keys() > FILES
    assert "report.html" in contents(folder)
    both = Path(shutil.copytree(folder, tmp_path / "both"))
    before = contents(both)
    for command in ("run", "rbb"):
        result = cpas(command, made, "2018/19", "--quiet", "--out", both)
        assert result.exit_code == 0, result.output
        assert contents(both) == before
    (both / "notes.txt").write_text("somebody's own")
    assert cpas("rbb", made, "2018/19", "--quiet", "--out", both).exit_code == 2


def test_the_same_run_gives_the_same_bytes_in_every_file(made, folder, tmp_path):
    command = [sys.executable, "-m", "cpas", "rbb", str(made), "2018/19", "--quiet", "--out", str(tmp_path / "again")]  # fmt: skip
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "11"})
    again = contents(tmp_path / "again")
    assert again.keys() == FILES
    assert again == {name: digest for name, digest in contents(folder).items() if name in FILES}


def test_the_manifest_lists_every_file_of_this_report_and_no_other(folder):
    manifest = json.loads((folder / "rbb-manifest.json").read_text())
    assert {entry["file"] for entry in manifest["outputs"]} == FILES - {"rbb-manifest.json"}


def test_every_figure_that_both_reports_have_is_the_same_figure_from_the_same_cells(folder):
    budget, monthly = bound(folder / "rbb.html"), bound(folder / "report.html")
    shared = budget.keys() & monthly.keys()
    in_budget, in_monthly = (
        {key: {spelled_alike(text) for text in page[key]} for key in shared} for page in (budget, monthly)
    )
    assert in_budget == in_monthly
    indicators = {row["indicator_id"] for row in rows(folder / "results.csv")}
    named = {key[0] for key in shared if key[0] in indicators}
    assert len(named) >= 20, "indicators of achievement and outputs stand in both"
    of_both = [rows(folder / name) for name in ("results.csv", "rbb-results.csv")]
    ours, theirs = (
        {tuple(row[key] for key in ("indicator_id", "period", "area", "disaggregation")): row for row in each}
        for each in of_both
    )
    assert ours.keys() <= theirs.keys()
    assert all(theirs[key] == row for key, row in ours.items())
    inputs = [
        {entry["file"]: entry["sha256"] for entry in json.loads((folder / name).read_text())["inputs"]}
        for name in ("manifest.json", "rbb-manifest.json")
    ]
    assert inputs[0] == inputs[1]


class Oracle:
    """Every figure of the report once more, from the CSV files and rows as they were read, with nothing but sums."""

    def __init__(self, made: Path, folder: Path) -> None:
        definitions = load_definitions(made)
        inbox = read_inbox(made, definitions.datasets, definitions.codes, lookups_of(definitions))
        self.activities = inbox.tables["activities"].frame.to_dicts()
        self.framework = yaml.safe_load((CHECKOUT / "indicators" / "framework.yml").read_text("utf-8"))
        self.results = {
            (row["indicator_id"], row["period"], row["area"], row["disaggregation"]): row
            for row in rows(folder / "rbb-results.csv")
        }
        self.spent, self.months = defaultdict(Decimal), defaultdict(Decimal)
        for row in rows(made / "inbox" / "expenditure-2018-19.csv"):
            self.spent[row["budget_line"]] += Decimal(row["amount_usd"])
            self.months[row["month"][:7]] += Decimal(row["amount_usd"])
        lines = [
            row for row in rows(made / "reference" / "budget_lines.csv") if row["budget_year"] == "2018/19"
        ]
        self.given = {row["budget_line"]: Decimal(row["apportionment_usd"]) for row in lines}
        self.approved = {row["budget_line"]: Decimal(row["approved_usd"]) for row in lines}
        self.read = lambda name: rows(made / "inbox" / f"{name}-2018-19.csv")
        self.reference = lambda name: [
            row for row in rows(made / "reference" / f"{name}.csv") if row["budget_year"] == "2018/19"
        ]
        self.counted = {row["output"]: row["measured_by"] for row in rows(folder / "rbb-outputs.csv")}

    def money(self, kind, id_):
        gross = sum(self.given.values()), sum(self.spent.values())
        estimate = sum(Decimal(row["estimate_usd"]) for row in self.reference("income_estimates"))
        assessed = sum(
            Decimal(row["income_usd"]) for row in self.read("income") if row["item"] == "staff_assessment"
        )
        match kind, id_:
            case "line", line:
                return self.given[line], self.spent[line]
            case "group", group:
                own = [line for line in self.given if line.partition(".")[0] == group]
                return sum(self.given[line] for line in own), sum(self.spent[line] for line in own)
            case "memo", "staff_assessment":
                return estimate, assessed
            case "memo", "contributions":
                return Decimal(0), Decimal(0)
            case "total", "net":
                return gross[0] - estimate, gross[1] - assessed
            case _:
                return gross

    def budget(self, name, measure):
        kind, _, id_ = name.removeprefix("budget").strip().partition(" ")
        total = sum(self.given.values())
        if kind == "month":
            return self.months[id_] / 1000
        if measure == "elapsed":
            return Decimal(100)
        if measure == "even month":
            return total / 12 / 1000
        if re.fullmatch(r"\d{4}-\d\d", kind):
            until = Period.parse(kind)
            added = sum(value for month, value in self.months.items() if month <= kind)
            passed = Decimal(Period(YEAR.first, until.last).days) / YEAR.days
            figures = {"added": added / 1000, "pro rata": total * passed / 1000, "rate": added / total * 100, "passed": passed * 100}  # fmt: skip
            return figures[measure]
        given, spent = self.money(kind, id_)
        figures = {
            "apportionment": given / 1000,
            "expenditure": spent / 1000,
            "variance": (given - spent) / 1000,
        }
        if measure in figures:
            return figures[measure]
        if not given:
            return Decimal(0)  # printed as nil
        return (given - spent) / given * 100 if measure == "percentage" else spent / given * 100

    def delivered(self, output, period):
        if (counted := self.counted[output]) != "activities":
            row = self.results[counted, str(period), "ML", "total"]
            return Decimal(row["value"]) if row["value"] else None
        once = {}
        for row in self.activities:
            if row["output"] == output and period.start <= row["activity_on"] <= period.end:
                key, units = row["joint_key"] or row["activity_id"], row["units_delivered"]
                once[key] = max((each for each in (once.get(key), units) if each is not None), default=None)
        return sum((each for each in once.values() if each is not None), Decimal(0))

    def planned(self, output):
        return next(
            Decimal(one["planned"]["2018/19"]) for one in self.framework["outputs"] if one["id"] == output
        )

    def tally(self, component, measure):
        own = [one for one in self.framework["outputs"] if component in ("", one["component"])]
        if measure == "outputs":
            return len(own)
        if measure == "yes_no":
            return sum(one.get("kind") == "yes_no" for one in own)
        found = defaultdict(int)
        for one in own:
            counted = self.counted[one["id"]]
            done = self.delivered(one["id"], YEAR) if counted else None
            planned = self.planned(one["id"])
            found["exceeded"] += done is not None and done > planned and one.get("kind") != "yes_no"
            standing = "no_data" if done is None else "delivered" if done >= planned else "partially_delivered" if done else "not_delivered"  # fmt: skip
            found[standing] += 1
        return found[measure]

    def incumbency(self, category, measure):
        own = [row for row in self.read("deployments") if row["category"] == category]
        if measure == "approved":
            return next(Decimal(row["approved"]) for row in self.reference("authorized_strengths") if row["category"] == category)  # fmt: skip
        planned, actual = (sum(Decimal(row[name]) for row in own) for name in ("planned", "actual"))
        figures = {
            "planned": planned / 12,
            "actual": actual / 12,
            "vacancy_rate": (planned - actual) / planned * 100,
        }
        return figures[measure]

    def redeployment(self, group, measure):
        moved = defaultdict(Decimal)
        for row in self.read("redeployments"):
            moved[row["budget_line"].partition(".")[0]] += Decimal(row["redeployed_usd"])
        if measure == "share":
            return sum(value for value in moved.values() if value > 0) / sum(self.approved.values()) * 100
        approved = sum(
            value for line, value in self.approved.items() if not group or line.partition(".")[0] == group
        )
        own = moved[group] if group else sum(moved.values())
        return {"approved": approved, "redeployed": own, "revised": approved + own}[measure] / 1000

    def value(self, key):  # one return per kind of figure
        name, period, area, part, measure = key
        kind, _, id_ = name.partition(" ")
        match kind:
            case "budget":
                return self.budget(name, measure)
            case "outputs":
                return Decimal(self.tally(id_, measure))
            case "incumbency":
                return self.incumbency(id_, measure)
            case "redeployment":
                return self.redeployment(id_, measure)
            case "income":
                own = [row for row in self.read("income") if row["item"] == id_ or (not id_ and row["item"] != "staff_assessment")]  # fmt: skip
                return sum(Decimal(row["income_usd"]) for row in own) / 1000
            case "contribution":
                own = [row for row in self.read("contributions_in_kind") if id_ in ("", row["category"])]
                return sum(Decimal(row["value_usd"]) for row in own) / 1000
            case "variance":
                return Decimal(5) if measure == "percentage" else Decimal(100_000)
        if name in self.counted:
            return self.output(name, measure)
        return Decimal(self.results[name, period, area, part][measure])

    def step(self, key):
        """What a qualitative indicator or a milestone prints, from its file and its scale's; None for other figures."""
        paths = (CHECKOUT / "indicators").glob(f"*/{key[0]}.yml")
        about = next((yaml.safe_load(path.read_text("utf-8")) for path in paths), {})
        if "scale" not in about or key[-1] not in ("value", "target"):
            return None
        if "milestone" in about and key[-1] == "target":
            return f"{about['milestone']['due']:%d %B %Y}"
        if "milestone" in about:
            words = yaml.safe_load((CHECKOUT / "reports" / "texts" / "en.yml").read_text("utf-8"))
            return words[f"monthly.milestone.{self.results[key[:4]]['milestone']}"]
        scales = yaml.safe_load((CHECKOUT / "indicators" / "scales.yml").read_text("utf-8"))
        steps = list(scales[about["scale"]]["steps"].values())
        return steps[int(float(self.results[key[:4]][key[-1]])) - 1]["label"]["en"]

    def output(self, name, measure):
        what, _, quarter = measure.partition(" ")
        if what == "planned" or (what == "due" and not quarter):
            return self.planned(name)
        if what == "delivered":
            return self.delivered(name, Period.parse(quarter) if quarter else YEAR)
        return self.planned(name) * Period.parse(quarter).days / YEAR.days


def test_every_printed_figure_comes_out_again_from_the_files(made, folder):
    oracle, checked, judged = Oracle(made, folder), 0, 0
    for key, texts in bound(folder / "rbb.html").items():
        if step := oracle.step(key):
            judged += 1
            assert texts == {step}, key
            continue
        wanted = oracle.value(key)
        for text in texts:
            checked += 1
            if text in ("Yes", "No"):
                assert (wanted > 0) == (text == "Yes"), key
                continue
            number, decimals = as_number(text)
            rounded = Decimal(wanted).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
            assert number == rounded, (key, text, wanted)
    assert (checked > 700, judged) == (True, 10)


def test_an_output_of_yes_or_no_is_no_sum_of_its_activities(folder):
    page = (folder / "rbb.html").read_text(encoding="utf-8")
    rows = re.findall(r"<tr.*?</tr>", page, re.DOTALL)
    told = [row for row in rows if "Told by its activities." in row]
    assert told
    assert all(">Yes<" in row or ">No<" in row for row in told)
    assert not [row for row in rows if "Sum of what" in row and (">Yes<" in row or ">No<" in row)]


def test_vacancy_in_the_incumbency_table_is_the_indicator_of_it(folder):
    budget = bound(folder / "rbb.html")
    printed = budget["incumbency international_staff", "2018/19", "ML", "total", "vacancy_rate"]
    row = next(row for row in rows(folder / "rbb-results.csv") if (row["indicator_id"], row["period"], row["area"], row["disaggregation"]) == ("SUP-02", "2018/19", "ML", "total"))  # fmt: skip
    assert {as_number(text)[0] for text in printed} == {
        Decimal(row["value"]).quantize(Decimal("0.1"), ROUND_HALF_UP)
    }


def test_part_of_a_year_is_read_against_what_is_due_and_demands_no_explanation(made, tmp_path):
    result = cpas("rbb", made, "2018/19", "--month", "2019-03", "--lang", "fr", "--out", tmp_path / "part", "--quiet")  # fmt: skip
    assert result.exit_code == 0, result.output
    page = (tmp_path / "part" / "rbb.html").read_text("utf-8")
    assert '<html lang="fr"' in page
    assert "Dû à ce jour" in page
    assert "not reported" not in page
    due = next(row for row in rows(tmp_path / "part" / "rbb-outputs.csv") if row["output"] == "OUT-13")
    wanted = Decimal(due["planned"]) * 274 / 365
    assert abs(Decimal(due["due"]) - wanted) < Decimal("0.00001")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("2019-06",), "is not a budget year"),
        (("2018/19", "--month", "2019-07"), "no month of 2018/19"),
        (("2018/19", "--month", "2019-Q1"), "no month of 2018/19"),
    ],
)
def test_wrong_use_ends_with_2(made, arguments, words):
    result = cpas("rbb", made, *arguments)
    assert (result.exit_code, words in result.output) == (2, True), result.output


def change(mission, file, old, new):
    path = mission / "inbox" / f"{file}-2018-19.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def expenditure(mission):
    path = mission / "inbox" / "expenditure-2018-19.csv"
    return path, path.read_text("utf-8").splitlines(keepends=True)


def refused(mission, *arguments):
    """The issues of a run that must publish nothing, by code, with all the places in the workbook of issues."""
    result = cpas("rbb", mission, "2018/19", *arguments, "--quiet")
    assert result.exit_code == 1, result.output
    assert not (mission / "out" / "2018-19").exists()
    listed = json.loads((mission / "out" / "refused" / "rbb-2018-19" / "issues.json").read_text("utf-8"))
    return [one for one in listed if one["severity"] == "error"]


def test_unexplained_variances_block_publication_and_all_are_listed_with_their_places(mission):
    path = mission / "inbox" / "variance_explanations-2018-19.csv"
    kept = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([kept[0], *kept[3:]]), "utf-8")
    found = refused(mission)
    lines = [line.partition(",")[0] for line in kept[1:3]]
    assert [one["code"] for one in found] == ["CPAS-B001"] * 2
    assert all(f"line {line} " in one["message"] for line, one in zip(lines, found, strict=True))
    assert {(one["file"], one["row"] > 1) for one in found} == {("reference/budget_lines.csv", True)}


def test_an_explanation_that_the_table_has_overtaken_is_an_issue(mission):
    path, lines = expenditure(mission)
    at = next(n for n, line in enumerate(lines) if line.startswith("1.2,2019-06"))
    cells = lines[at].split(",")
    cells[3] = str(int(cells[3]) + 500_000)
    path.write_text("".join([*lines[:at], ",".join(cells), *lines[at + 1 :]]), "utf-8")
    assert {one["code"] for one in refused(mission)} == {"CPAS-B002", "CPAS-B003"}


def test_a_redeployment_that_does_not_net_to_zero_blocks(mission):
    change(mission, "redeployments", ",3000000,", ",2000000,")
    assert [one["code"] for one in refused(mission)] == ["CPAS-B006"]


def test_a_missing_month_blocks_and_an_earlier_month_can_still_be_reported(mission):
    path, lines = expenditure(mission)
    path.write_text("".join(line for line in lines if ",2019-06-01," not in line), "utf-8")
    found = refused(mission)
    assert ("CPAS-B004", True) in [(one["code"], "2019-06" in one["message"]) for one in found]
    assert cpas("rbb", mission, "2018/19", "--month", "2019-05", "--quiet").exit_code == 0


def test_a_category_misspelt_and_an_amount_as_text_are_issues_of_their_cells(mission):
    path, lines = expenditure(mission)
    first, second = lines[1].split(","), lines[2].split(",")
    first[0], second[3] = "1.1x", "about 3 million"
    path.write_text("".join([lines[0], ",".join(first), ",".join(second), *lines[3:]]), "utf-8")
    found = {(one["row"], one["column"]): one["message"] for one in refused(mission)}
    assert "1.1x" in found[2, "A"]
    assert "about 3 million" in found[3, "D"]


def test_an_explanation_too_short_is_an_issue_of_its_cell(mission):
    path = mission / "inbox" / "variance_explanations-2018-19.csv"
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    table[1][5] = "See above."
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(table)
    (found,) = refused(mission)
    assert (found["file"], found["row"], "40 characters" in found["message"]) == (
        "inbox/variance_explanations-2018-19.csv",
        2,
        True,
    )
