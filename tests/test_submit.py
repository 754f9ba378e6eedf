"""Submitting, running from the store, its status and its verification, over an illustrative mission of one month."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from cpas.cli import main
from cpas.definitions.load import load_definitions
from cpas.errors import DataError, UsageError
from cpas.illustration.geography import SEED
from cpas.illustration.mission import write_sample
from cpas.intake.annotate_words import Speech
from cpas.intake.files import read_file
from cpas.intake.inbox import read_inbox
from cpas.intake.template import TemplateRequest
from cpas.jobs.aside import beside
from cpas.jobs.gather import gather, lookups_of
from cpas.jobs.outcome import Change, Outcome
from cpas.jobs.progress import Progress
from cpas.jobs.returns import Sending
from cpas.jobs.run import run_report
from cpas.jobs.sort import Batch, beside_rows
from cpas.jobs.sources import Source
from cpas.jobs.status import Asked, write_status
from cpas.jobs.submit import submit_files
from cpas.jobs.template import write_template
from cpas.jobs.verify import verify_store
from cpas.periods import Period
from cpas.store import STORE
from cpas.store.facts import read_facts
from cpas.store.ledger import open_ledger
from cpas.store.raw import raw_path

pytestmark = pytest.mark.usefixtures("checks_here")

ROOT = Path(__file__).parents[1]
QUIET = Progress(is_quiet=True)
JUNE = Period.parse("2019-06")
KILLS = int(os.environ.get("CPAS_KILLS", "20")) // 10
PEOPLE = 8 if "CPAS_KILLS" in os.environ else 3  # each takes seconds; the store's own test has eight always
ID, DAY, TYPE, PLACE, JOINT = 0, 1, 5, 8, 11


def on(day: int, hour: int = 12) -> datetime:
    return datetime(2019, 7, day, hour, tzinfo=UTC)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("submit") / "mission"
    write_sample(folder, 1, 0.1, 2019)
    return folder


@pytest.fixture
def mission(sample: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample, tmp_path / "mission"))


def submit(mission: Path, *files: Path, at: datetime | None = None, **how: bool) -> tuple[Outcome, ...]:
    return submit_files(mission, files, Sending("A. Keita", at or on(5), **how), QUIET)


def gao(mission: Path) -> Path:
    [path] = mission.glob("inbox/2019-06/activities-FO-GAO-*.xlsx")
    return path


def edit(path: Path, change: Callable[[list[list[Any]]], None]) -> Path:
    """The workbook with its rows changed: `change` sees each row below the header as its cells."""
    book = load_workbook(path)
    rows = [list(row) for row in book[book.sheetnames[-1]].iter_rows(min_row=2)]
    change([row for row in rows if not str(row[0].value).startswith("#")])
    book.save(path)
    return path


def write(row: list[Any], column: int, value: object) -> None:
    row[column].value = value


def in_force(mission: Path, as_at: datetime | None = None) -> list[tuple[str, str, int]]:
    with open_ledger(mission / "store") as ledger, ledger.reading() as book:
        return [(one.dataset, one.reporter, one.rows_accepted) for one in book.in_force(as_at)]


def is_kept(mission: Path, path: Path) -> bool:
    return raw_path(mission / "store", sha256(path.read_bytes()).hexdigest()).exists()


def test_reports_of_nothing_are_accepted_together_and_have_no_rows(mission, tmp_path):
    declared = load_definitions(mission).datasets["activities"].dataset.columns
    for month in ("2019-05", "2019-06"):
        header = ",".join(column.name for column in declared)
        (tmp_path / f"activities-FO-KDL-{month}.csv").write_text(header + "\n", encoding="utf-8")
    files = sorted(tmp_path.glob("*.csv"))
    first, again = submit(mission, *files), submit(mission, *files, at=on(6))
    assert [(one.errors, one.is_known) for one in (*first, *again)] == [(0, False)] * 2 + [(0, True)] * 2
    gathered = gather(mission, QUIET, beside())
    assert gathered.tables["activities"].height == 0
    assert gathered.reports.filter(dataset="activities").height == 2


def test_a_run_from_the_store_gives_the_same_figures_as_one_from_the_inbox(mission, tmp_path):
    submit(mission, mission / "inbox")
    inbox = run_report(mission, JUNE, QUIET, beside(), out=tmp_path / "a", source=Source(inbox=True))
    store = run_report(mission, JUNE, QUIET, beside(), out=tmp_path / "b")
    again = run_report(mission, JUNE, QUIET, beside(), out=tmp_path / "c")
    # the store also knows the day on which a file without a cover came, and so what came on time
    results = [
        [row for row in (one.folder / "results.csv").read_text().splitlines() if not row.startswith("SUP-12")]
        for one in (inbox, store)
    ]
    assert results[0] == results[1]
    assert (store.folder / "manifest.json").read_bytes() == (again.folder / "manifest.json").read_bytes()
    with open_ledger(mission / "store") as ledger, ledger.reading() as book:
        assert len(book.publications()) == 2


def test_a_run_from_the_store_does_not_import_great_expectations(mission, tmp_path):
    submit(mission, mission / "inbox")
    code = (
        "import sys; from pathlib import Path; from cpas.cli import main\n"
        f"main(['run', {str(mission)!r}, '2019-06', '--quiet', '--out', {str(tmp_path / 'out')!r}], standalone_mode=False)\n"
        "sys.exit('great_expectations' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_rows_with_errors_are_returned_and_the_others_accepted(mission):
    def spoil(rows):
        write(rows[0], TYPE, "Long walk")
        write(rows[1], DAY, "31/06/2019")

    path = edit(gao(mission), spoil)
    [outcome] = submit(mission, path)
    receipt = outcome.receipt
    assert (receipt.rows_returned, receipt.rows_read) == (2, receipt.rows_accepted + 2)
    assert outcome.errors >= 2
    returned = mission / "out" / "returned" / path.name
    assert load_workbook(returned).sheetnames != load_workbook(path).sheetnames
    told = json.loads(returned.with_name(f"{path.name}.receipt.json").read_text())
    assert told["rows_returned"] == 2
    assert told["sha256"] == receipt.sha256
    assert in_force(mission) == [("activities", "FO-GAO", receipt.rows_accepted)]


def test_all_or_nothing_returns_the_whole_file(mission):
    path = edit(gao(mission), lambda rows: write(rows[0], TYPE, "Long walk"))
    [outcome] = submit(mission, path, all_or_nothing=True)
    assert outcome.receipt.rows_accepted == 0
    assert in_force(mission) == []
    assert not is_kept(mission, path)


def test_a_file_that_cannot_be_read_is_returned_and_not_kept(mission, tmp_path):
    broken = tmp_path / "activities-FO-GAO-2019-06.xlsx"
    broken.write_bytes(gao(mission).read_bytes()[:2000])
    [outcome] = submit(mission, broken)
    assert (outcome.errors, outcome.receipt.rows_read) == (1, 0)
    assert in_force(mission) == []
    assert not is_kept(mission, broken)


def test_zero_blank_not_applicable_and_withheld_stay_four_things(mission):
    [path] = mission.glob("inbox/2019-06/incidents-*.xlsx")
    book = load_workbook(path)
    sheet = book["Incidents"]
    [displaced] = [cell.column for cell in sheet[1] if cell.value == "Persons displaced"]
    for row, value in enumerate([0, None, "n/a", "withheld"], start=2):
        sheet.cell(row, displaced).value = value
    book.save(path)
    submit(mission, path)
    with open_ledger(mission / "store") as ledger, ledger.reading() as reading:
        accepted = {one.id: one.rows_accepted for one in reading.in_force()}
    facts = read_facts(mission / "store", "incidents", accepted).sort("_row").head(4)
    assert facts["displaced_persons_status"].to_list() == [
        *("reported", "not_reported", "not_applicable", "withheld"),
    ]
    assert facts["displaced_persons"].to_list() == [0, None, None, None]


def test_the_same_file_again_changes_nothing(mission):
    submit(mission, gao(mission))
    before = (mission / "store" / "ledger.db").stat().st_size, in_force(mission)
    [outcome] = submit(mission, gao(mission), at=on(9))
    assert outcome.is_known
    assert ((mission / "store" / "ledger.db").stat().st_size, in_force(mission)) == before


def test_a_resubmission_shows_what_it_changed_and_as_at_still_knows_the_earlier(mission, tmp_path):
    submit(mission, mission / "inbox", at=on(5))
    earlier = run_report(mission, JUNE, QUIET, beside(), out=tmp_path / "a")

    def correct(rows):
        write(rows[0], ID, "GAO-201906-9999")
        write(rows[1], PLACE, "Elsewhere")

    [outcome] = submit(mission, edit(gao(mission), correct), at=on(20))
    [change] = outcome.changes
    kinds = change.rows["change"].value_counts(sort=True).sort("change").rows()
    assert kinds == [("added", 1), ("changed", 1), ("removed", 1)]
    assert change.rows.filter(change.rows["change"] == "changed").row(0)[-1] == "Elsewhere"
    run_report(mission, JUNE, QUIET, beside(), out=tmp_path / "now")
    then = run_report(
        mission, JUNE, QUIET, beside(), out=tmp_path / "b", source=Source(as_at=date(2019, 7, 15))
    )
    inputs = [
        json.loads((one / "manifest.json").read_text())["inputs"] for one in (earlier.folder, then.folder)
    ]
    assert inputs[0] == inputs[1]
    assert inputs[0] != json.loads((tmp_path / "now" / "manifest.json").read_text())["inputs"]
    with pytest.raises(UsageError, match="nothing was accepted"):
        run_report(mission, JUNE, QUIET, beside(), source=Source(as_at=date(2019, 7, 1)))


def rewrite(mission: Path, table: str, old: str, new: str) -> None:
    path = mission / "reference" / table
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def report(
    mission: Path, out: Path, as_at: date | None = None
) -> tuple[bytes, dict[str, Any], list[dict[str, Any]]]:
    """The results, the inputs and the issues of a run from the store."""
    folder = run_report(mission, JUNE, QUIET, beside(), out=out, source=Source(as_at=as_at)).folder
    told = (
        json.loads((folder / name).read_text(encoding="utf-8")) for name in ("manifest.json", "issues.json")
    )
    manifest, issues = told
    return (folder / "results.csv").read_bytes(), manifest["inputs"], issues


def test_as_at_uses_the_reference_tables_as_they_were_known_then(mission, tmp_path):
    submit(mission, mission / "inbox", at=on(5))
    earlier = report(mission, tmp_path / "a")
    rows = (mission / "reference" / "population.csv").read_text(encoding="utf-8").splitlines()
    (mission / "reference" / "population.csv").write_text(
        "\n".join(doubled_figures(rows)) + "\n", encoding="utf-8"
    )
    now = report(mission, tmp_path / "b")
    assert now[0] != earlier[0]
    then = report(mission, tmp_path / "c", date(2019, 7, 15))
    assert then == earlier
    assert report(mission, tmp_path / "d")[0] == now[0]
    assert not verify_store(mission)


def doubled_figures(rows: list[str]) -> list[str]:
    """A table of population with every population doubled."""
    head, *body = rows
    column = head.split(",").index("population")
    cells = [row.split(",") for row in body]
    return [
        head,
        *(",".join([*row[:column], str(2 * int(row[column])), *row[column + 1 :]]) for row in cells),
    ]


def test_as_at_a_day_whose_reference_tables_are_not_known_says_so(mission, tmp_path):
    submit(mission, mission / "inbox", at=on(5))
    with open_ledger(mission / "store") as ledger, ledger.reading() as book:
        [digest] = book.references()
    raw_path(mission / "store", digest).unlink()
    issues = report(mission, tmp_path / "a", date(2019, 7, 15))[2]
    assert [one["severity"] for one in issues if one["code"] == "CPAS-L007"] == ["warning"]
    assert [one.code for one in verify_store(mission)][:1] == ["CPAS-L001"]


def test_reference_tables_that_came_back_are_known_to_have_come_back(mission, tmp_path):
    submit(mission, gao(mission), at=on(5))
    rewrite(mission, "areas.csv", "Gao", "Gawgaw")
    submit(mission, edit(gao(mission), lambda rows: write(rows[0], PLACE, "A")), at=on(10))
    rewrite(mission, "areas.csv", "Gawgaw", "Gao")
    submit(mission, edit(gao(mission), lambda rows: write(rows[0], PLACE, "B")), at=on(20))
    with open_ledger(mission / "store") as ledger, ledger.reading() as book:
        first, second, third = book.references()
        assert (first == third, first == second) == (True, False)
        assert book.references(on(15))[-1] == second


def test_a_changed_byte_of_an_earlier_reference_table_is_found(mission):
    submit(mission, gao(mission))
    kept = raw_path(mission / "store", sha256((mission / "reference" / "areas.csv").read_bytes()).hexdigest())
    kept.write_bytes(kept.read_bytes() + b" ")
    [issue] = verify_store(mission)
    assert "reference/areas.csv" in issue.message


def test_a_key_that_another_report_has_is_returned(mission, tmp_path):
    submit(mission, gao(mission))
    [other] = mission.glob("inbox/2019-06/activities-FO-MPT-*.xlsx")
    edit(other, lambda rows: write(rows[0], ID, "GAO-201906-0001"))
    [outcome] = submit(mission, other)
    assert outcome.receipt.rows_returned == 1
    text = (mission / "out" / "returned" / f"{other.name}.receipt.txt").read_text()
    assert "CPAS-L006" in text
    assert gao(mission).name in text


def observed(folder: Path, section: str, *rows: str) -> Path:
    """A CSV of a section's observations in June 2019, each row as `indicator,area,sex,numerator,denominator`."""
    head = "observation_id,observed_on,section,indicator,area_code,respondent_sex,numerator,denominator"
    lines = [f"{section}-{number},2019-06,{section},{row}" for number, row in enumerate(rows)]
    path = folder / f"observations-{section}-2019-06.csv"
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path


def test_one_figure_reported_twice_is_returned_within_a_report_and_from_another(mission, tmp_path):
    women, men, whole = "COM-02,ML04,women,50,100", "COM-02,ML04,men,60,100", "STA-01,ML04,,60,100"
    again = women.replace("50", "60")
    first = observed(tmp_path, "civil_affairs", women, men, whole, "COM-02,ML05,women,5,10", again)
    [outcome] = submit(mission, first)
    assert (outcome.receipt.rows_accepted, outcome.receipt.rows_returned) == (3, 2)
    receipt = mission / "out" / "returned" / f"{first.name}.receipt.txt"
    assert receipt.read_text(encoding="utf-8").count("CPAS-D207") == 2
    other = observed(tmp_path, "political_affairs", men, whole, "STA-01,ML05,,60,100")
    [outcome] = submit(mission, other, at=on(6))
    assert (outcome.receipt.rows_accepted, outcome.receipt.rows_returned) == (1, 2)
    told = receipt.with_name(f"{other.name}.receipt.txt").read_text(encoding="utf-8")
    assert "indicator STA-01, observed_on 2019-06-01, area_code ML04 is already in a report" in told
    [outcome] = submit(mission, observed(tmp_path, "civil_affairs", women, men), at=on(7))
    assert outcome.receipt.rows_returned == 0


def test_two_files_that_are_the_same_report_are_both_returned_when_sent_together(mission, tmp_path):
    copy = tmp_path / "activities-FO-GAO-2019-06-second.xlsx"
    shutil.copy(gao(mission), copy)
    edit(copy, lambda rows: [write(row, ID, f"X-{n}") for n, row in enumerate(rows)])
    outcomes = submit(mission, gao(mission), copy)
    assert [one.receipt.rows_accepted for one in outcomes] == [0, 0]


def test_a_copy_of_a_file_sent_with_it_is_said_to_be_one_and_is_no_submission(mission, tmp_path):
    copy = Path(shutil.copy(gao(mission), tmp_path / "z.xlsx"))
    outcomes = submit(mission, gao(mission), copy)
    [known, again] = submit(mission, gao(mission), copy, at=on(6))
    assert known.is_known
    for one in (outcomes[1], again):
        assert (one.receipt.file, one.is_known, one.is_short) == ("z.xlsx", False, False)
        assert [issue.code for issue in one.losses] == ["CPAS-S006"]
    assert "byte for byte" in (mission / "out/returned/z.xlsx.receipt.txt").read_text(encoding="utf-8")
    with open_ledger(mission / "store") as ledger, ledger.reading() as book:
        assert [one.file for one in book.submissions()] == [gao(mission).name]


def test_a_report_of_nothing_is_a_report(mission):
    def empty(rows):
        for row in rows:
            for cell in row:
                cell.value = None

    submit(mission, edit(gao(mission), empty))
    assert in_force(mission) == [("activities", "FO-GAO", 0)]


def test_errors_in_the_reference_tables_stop_everything(mission):
    path = mission / "reference" / "areas.csv"
    path.write_text(path.read_text(encoding="utf-8") + "not an area,,\n", encoding="utf-8")
    with pytest.raises(DataError, match="reference"):
        submit(mission, gao(mission))
    assert in_force(mission) == []


def test_the_missions_own_folder_and_two_files_of_one_name_are_wrong_use(mission, tmp_path):
    with pytest.raises(UsageError, match="inbox"):
        submit(mission, mission)
    with pytest.raises(UsageError, match="two files"):
        submit(mission, gao(mission), Path(shutil.copy(gao(mission), tmp_path)))
    shutil.copytree(mission / "reference", tmp_path / "reference")
    with pytest.raises(UsageError, match="reference table"):
        submit(mission, tmp_path)


def doubled(mission: Path, **changes: object) -> Path:
    """The office's workbook with its first row once more under another key; `changes` name what differs, by header."""
    path = gao(mission)
    book = load_workbook(path)
    sheet = book[book.sheetnames[-1]]
    heads = {cell.value: cell.column for cell in sheet[1]}
    first = next(row for row in sheet.iter_rows(min_row=2) if not str(row[0].value).startswith("#"))
    values = [cell.value for cell in first]
    values[ID] = "GAO-201906-9000"
    for head, value in changes.items():
        values[heads[head] - 1] = value
    sheet.append(values)
    book.save(path)
    return path


def test_rows_that_may_be_the_same_are_warned_of_in_the_return_and_accepted(mission):
    path = doubled(mission)
    [outcome] = submit_files(mission, [path], Sending("A. Keita", on(5), language="fr"), QUIET)
    assert outcome.receipt.rows_returned == 0
    assert outcome.warnings >= 2
    returned = mission / "out" / "returned" / path.name
    text = returned.with_name(f"{path.name}.receipt.txt").read_text(encoding="utf-8")
    assert "avertissement CPAS-D222\u00a0: `GAO-201906-9000` est peut-être la même chose que" in text
    assert re.match(r".*\u00a0: lignes lues \d+, acceptées \d+, renvoyées 0\u202f; erreurs 0, ", text)
    assert "reçu le 2019-07-05 12:00 UTC de A. Keita" in text
    book = load_workbook(returned)
    told = [str(row[2]) for row in book["Anomalies"].iter_rows(values_only=True)]
    assert any("est peut-être la même chose que" in one for one in told)
    data = book[book.sheetnames[-1]]
    [marked] = [row[0] for row in data.iter_rows() if row[0].value == "GAO-201906-9000"]
    assert "peut-être la même" in marked.comment.text


def test_one_joint_key_on_other_days_and_places_is_warned_of_within_a_report_and_against_another(mission):
    def join(rows: list[list[Any]]) -> None:
        for row, day in zip(rows[:2], (4, 20), strict=True):
            write(row, JOINT, "JK-1")
            write(row, DAY, date(2019, 6, day))

    def spell(rows: list[list[Any]]) -> None:
        write(rows[0], JOINT, "jk 1")

    submit(mission, edit(gao(mission), join))
    receipt = mission / "out" / "returned" / f"{gao(mission).name}.receipt.txt"
    told = receipt.read_text(encoding="utf-8")
    assert told.count("which says 2019-06-") == 2
    assert open_issues(mission).count("CPAS-D223") == 2
    [other] = mission.glob("inbox/2019-06/activities-FO-MPT-*.xlsx")
    submit(mission, edit(other, spell), at=on(6))
    told = receipt.with_name(f"{other.name}.receipt.txt").read_text(encoding="utf-8")
    assert "`joint_key` is `jk 1`, and `JK-1` in inbox" in told or "`jk 1`, and `JK-1` in activities" in told
    assert "CPAS-D223" in "\n".join(map(str, gather(mission, QUIET, beside(), Source(inbox=True)).issues))


def open_issues(mission: Path) -> str:
    """The issues that a report on the store would publish."""
    return "\n".join(str(issue) for issue in gather(mission, QUIET, beside()).issues)


def test_a_row_that_another_section_had_accepted_is_warned_of_until_somebody_decides(mission):
    book = load_workbook(gao(mission))
    sheet = book[book.sheetnames[-1]]
    heads = {cell.value: cell.column - 1 for cell in sheet[1]}
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2) if row[0].value]
    first = next(row for row in rows if str(row[ID]).startswith("GAO"))
    submit(mission, gao(mission))
    # the row of another section, in the report of another office
    other = next(mission.glob("inbox/2019-06/activities-FO-MPT-*.xlsx"))
    book = load_workbook(other)
    sheet = book[book.sheetnames[-1]]
    mine = list(first)
    mine[ID] = "MPT-201906-9000"
    mine[heads["Section"]] = "civil_affairs" if first[heads["Section"]] != "civil_affairs" else "force"
    sheet.append(mine)
    book.save(other)
    submit(mission, other, at=on(6))
    receipt = mission / "out" / "returned" / f"{other.name}.receipt.txt"
    said = f"`MPT-201906-9000` may be the same as `{first[ID]}`"
    assert said in receipt.read_text(encoding="utf-8")
    assert said in open_issues(mission)
    listed = CliRunner().invoke(main, ["duplicates", str(mission), "2019-06"]).output
    assert "MPT-201906-9000" in listed
    told = ["--decide", "activities", str(first[ID]), "MPT-201906-9000", "different", "--by", "SPU"]
    assert CliRunner().invoke(main, ["duplicates", str(mission), "2019-06", *told]).exit_code == 0
    assert said not in open_issues(mission)
    submit(mission, edit(other, lambda rows: write(rows[0], PLACE, "There")), at=on(7))
    assert said not in receipt.read_text(encoding="utf-8")


def test_what_rows_were_compared_with_holds_while_the_same_submissions_stay(mission):
    submit(mission, gao(mission))
    other = next(mission.glob("inbox/2019-06/activities-FO-MPT-*.xlsx"))
    received = [read_file(other, other.name, {})]
    definitions = load_definitions(mission)
    lookups = lookups_of(definitions)
    inbox = read_inbox(mission, definitions.datasets, definitions.codes, lookups, lambda: received)
    batch = Batch(definitions, inbox, received, {}, mission / STORE, all_or_nothing=False)
    with open_ledger(mission / STORE) as ledger, ledger.reading() as book:
        standing = book.in_force()
    before = beside_rows(batch, batch.files, "activities", ())
    after = beside_rows(batch, batch.files, "activities", standing, before)
    assert (before.submissions, before.rows.height) == ({}, 0)
    assert after.submissions == {one.id: one.rows_accepted for one in standing}
    assert after.rows.height == sum(one.rows_accepted for one in standing)
    assert beside_rows(batch, batch.files, "activities", standing, after) is after
    assert beside_rows(batch, batch.files, "incidents", standing) is None


def test_duplicates_are_listed_from_a_ledger_named_by_url(mission, tmp_path):
    url = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    sending = Sending("A. Keita", on(5), ledger=url)
    submit_files(mission, [doubled(mission)], sending, QUIET)
    shutil.rmtree(mission / "inbox")
    assert not (mission / "store" / "ledger.db").exists()
    result = CliRunner().invoke(main, ["duplicates", str(mission), "2019-06", "--ledger", url])
    assert result.exit_code == 0, result.output
    assert "GAO-201906-9000" in result.output
    told = ["--decide", "activities", "GAO-201906-9000", "GAO-201906-0001", "same", "--by", "SPU"]
    result = CliRunner().invoke(main, ["duplicates", str(mission), "2019-06", *told, "--ledger", url])
    assert result.exit_code == 0, result.output
    assert "Pairs decided before: 1 the same, 0 different." in result.output


def shown_last_month(mission: Path, out: Path) -> list[str]:
    """The keys on a template's sheet of what was reported last month."""
    asked = TemplateRequest("FO-GAO", Period.parse("2019-07"), rows=2)
    book = load_workbook(write_template(mission, "activities", asked, out / "t.xlsx"))
    return [str(row[0]) for row in book["Last month"].iter_rows(min_row=5, values_only=True) if row[0]]


def test_a_template_shows_what_was_accepted_last_month_and_else_what_lies_in_the_inbox(mission, tmp_path):
    in_inbox = shown_last_month(mission, tmp_path)
    assert "GAO-201906-0001" in in_inbox

    def spoil(rows):
        write(rows[0], TYPE, "Long walk")

    [outcome] = submit(mission, edit(gao(mission), spoil))
    accepted = shown_last_month(mission, tmp_path)
    assert len(accepted) == outcome.receipt.rows_accepted == len(in_inbox) - 1
    assert set(accepted) < set(in_inbox)


def test_no_row_of_another_office_leaves_in_a_template(mission, tmp_path):
    bamako = next(mission.glob("inbox/2019-06/activities-FO-BKO-*.xlsx"))
    for _ in ("from the inbox", "from the store"):
        shown = shown_last_month(mission, tmp_path)
        assert shown
        assert {key.split("-")[0] for key in shown} == {"GAO"}
        submit(mission, gao(mission), bamako)


def test_status_counts_what_came_late_returned_and_superseded_and_names_whom_to_chase(mission):
    bamako = next(mission.glob("inbox/2019-06/activities-FO-BKO-*.xlsx"))
    bad = edit(bamako, lambda rows: [write(row, ID, None) for row in rows])
    submit(mission, gao(mission), bad)
    submit(mission, edit(gao(mission), lambda rows: write(rows[0], PLACE, "There")), at=on(6))
    shown = write_status(mission, Asked(JUNE, on(25)))
    lines = {line.split(":")[0]: line for line in shown.text(is_terminal=False).splitlines()}
    assert lines["FO-GAO"].split()[-6:] == ["1", "1", "1", "0", "0", "1"]
    text = shown.text(is_terminal=False)
    assert next(line for line in text.splitlines() if line.startswith("FO-BKO")).split()[-6:] == [
        *("1", "0", "0", "0", "1", "0"),
    ]
    assert [line for line in text.splitlines() if "FO-KDL" in line][-1].endswith("15")
    assert "Whom to chase" in shown.page.read_text(encoding="utf-8")


def test_status_is_shown_where_its_page_cannot_be_written(mission):
    page = mission / "out" / "status" / "2019-06.html"
    page.mkdir(parents=True)  # a folder of that name stands in its way, also for root
    shown = CliRunner().invoke(main, ["status", str(mission), "2019-06"])
    assert shown.exit_code == 1
    assert "FO-GAO" in shown.stdout
    assert f"{page} could not be written" in shown.stderr


def test_a_flipped_byte_is_found_by_the_command_and_named(mission):
    submit(mission, gao(mission))
    assert CliRunner().invoke(main, ["verify", str(mission)]).exit_code == 0
    path = raw_path(mission / "store", sha256(gao(mission).read_bytes()).hexdigest())
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    result = CliRunner().invoke(main, ["verify", str(mission)])
    assert result.exit_code == 1
    assert path.name in result.output


def begin(mission: Path, *files: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "cpas", "submit", str(mission), *map(str, files), "--by", "T", "--quiet"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_people_submitting_at_once_are_all_in_and_none_twice(mission):
    files = sorted(mission.glob("inbox/2019-06/*.xlsx"))[-PEOPLE:]
    common = next(mission.glob("inbox/deployments-*.csv"))
    processes = [begin(mission, path, common) for path in files]
    said = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0] * PEOPLE, said
    assert not verify_store(mission)
    with open_ledger(mission / "store") as ledger, ledger.reading() as book:
        reports = [one.report for one in book.submissions()]
    assert len(reports) == len(set(reports))
    assert {name for name, _, _ in reports} == {path.name.split("-")[0] for path in (*files, common)}


def test_a_submission_killed_at_any_moment_can_be_made_again(mission):
    chance = random.Random(3)  # noqa: S311  # moments, not secrets
    begun = time.perf_counter()
    submit_once = begin(mission, gao(mission))
    submit_once.communicate()
    took = time.perf_counter() - begun
    files = sorted(mission.glob("inbox/2019-06/*.xlsx"))
    for _ in range(KILLS):
        process = begin(mission, *files)
        time.sleep(chance.uniform(0.5, 1.1) * took)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not [one for one in verify_store(mission) if one.severity == "error"]
        assert ("activities", "FO-GAO") in {one[:2] for one in in_force(mission)}
    outcomes = submit(mission, *files)
    kept = in_force(mission)
    assert len({report[:2] for report in kept}) == len(kept)
    assert sum(rows for _, _, rows in kept) == sum(one.receipt.rows_read for one in outcomes)


def test_a_change_is_told_with_the_title_of_the_data_set_and_the_labels_of_its_columns() -> None:
    mission = load_definitions(SEED)
    speech = Speech.of("fr", [mission.datasets["activities"]], mission)
    rows = pl.DataFrame(
        {
            "activity_id": ["A-0", "A-1"],
            "change": ["changed", "changed"],
            "column": ["participants_total", "hours"],
            "old": ["10", None],
            "new": ["100", "2"],
        }
    )
    first, *cells = Change("activities", "FO-GAO", "2019-06", rows).lines(speech)
    title, total, hours = (
        mission.datasets["activities"].dataset.title["fr"],
        *(
            mission.datasets["activities"].dataset.column(name).label["fr"]
            for name in ("participants_total", "hours")
        ),
    )
    assert first.startswith(f"  remplace le rapport «\u00a0{title}\u00a0» de FO-GAO 2019-06\u00a0: ")
    assert cells == [
        f"    modifiée A-0 «\u00a0{total}\u00a0»\u00a0: 10 > 100",
        f"    modifiée A-1 «\u00a0{hours}\u00a0»\u00a0: vide > 2",
    ]
