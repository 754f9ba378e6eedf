"""What a resubmission takes out of force is said, and a file that may be a part takes nothing out of force."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from cpas.cli import main
from cpas.illustration.mission import write_sample
from cpas.intake.decisions import Decision, read_decisions, write_decision
from cpas.jobs.aside import beside
from cpas.jobs.duplicates import record
from cpas.jobs.gather import gather
from cpas.jobs.outcome import Outcome
from cpas.jobs.progress import Progress
from cpas.jobs.returns import Sending
from cpas.jobs.sources import Source
from cpas.jobs.submit import submit_files
from cpas.store.ledger import open_ledger

pytestmark = pytest.mark.usefixtures("checks_here")

HEAD = "activity_id,activity_on,field_office,section,component,activity_type,area_code,output,mission_personnel,duration_hours"
ROW = "{},2019-06-{:02},FO-GAO,force,military,short_range_patrol,ML0703,OUT-13,{},4"


@pytest.fixture
def mission(tmp_path: Path) -> Path:
    write_sample(tmp_path / "mission", 1, 0.05, 2019)
    return tmp_path / "mission"


def table(folder: Path, name: str, persons: dict[str, object]) -> Path:
    """A CSV file with a row for each key, and how many persons took part."""
    rows = [ROW.format(key, day, count) for day, (key, count) in enumerate(persons.items(), start=1)]
    path = folder / name
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return path


def submit_all(mission: Path, *paths: Path, day: int = 5, **how: Any) -> tuple[Outcome, ...]:
    sending = Sending("A. Keita", datetime(2019, 7, day, 12, tzinfo=UTC), **how)
    return submit_files(mission, paths, sending, Progress(is_quiet=True))


def submit(mission: Path, path: Path, day: int = 5, **how: Any) -> Outcome:
    [outcome] = submit_all(mission, path, day=day, **how)
    return outcome


def in_force(mission: Path) -> list[tuple[str, int]]:
    with open_ledger(mission / "store") as ledger, ledger.reading() as book:
        return [(one.file, one.rows_accepted) for one in book.in_force()]


WHOLE = "activities-FO-GAO-2019-06.csv"


def test_rows_that_are_not_sent_again_are_named_in_receipt_return_and_on_the_terminal(mission, tmp_path):
    first = table(tmp_path, WHOLE, {f"A-{n}": 10 for n in range(5)})
    assert submit(mission, first).losses == ()
    result = CliRunner().invoke(
        main, ["submit", str(mission), str(table(tmp_path, WHOLE, {"A-1": 11})), "--by", "T", "--quiet"]
    )
    said = "rows that were accepted before are not in this file and no longer count (`activities`, `FO-GAO`, 2019-06): 4 (A-0, A-2, A-3, ...)"
    assert said in result.output
    assert (result.exit_code, in_force(mission)) == (0, [(WHOLE, 1)])
    returned = mission / "out" / "returned"
    assert said in (returned / f"{WHOLE}.receipt.txt").read_text(encoding="utf-8")
    assert json.loads((returned / f"{WHOLE}.receipt.json").read_text(encoding="utf-8"))["warnings"] >= 4
    cells = [cell for row in load_workbook(returned / f"{WHOLE}.xlsx")["Issues"].values for cell in row]
    assert "CPAS-L008" in cells


def test_it_is_said_in_french(mission, tmp_path):
    submit(mission, table(tmp_path, WHOLE, {"A-0": 10, "A-1": 10, "A-2": 10}))
    submit(mission, table(tmp_path, WHOLE, {"A-1": "douze"}), language="fr")
    submit(mission, table(tmp_path, WHOLE, {"A-1": "douze", "A-2": 12}), language="fr")
    text = (mission / "out" / "returned" / f"{WHOLE}.receipt.txt").read_text(encoding="utf-8")
    assert "des lignes acceptées auparavant ne sont pas dans ce fichier et ne comptent plus" in text
    assert "ne comptent plus tant qu'elles ne sont pas corrigées (" in text
    assert "\u00a0: 1 (A-1)" in text


def test_the_terminal_speaks_the_language_of_the_sender(mission, tmp_path):
    submit(mission, table(tmp_path, WHOLE, {"A-0": 10, "A-1": 10, "A-2": 10}))
    path = table(tmp_path, WHOLE, {"A-0": "douze", "A-1": 12})
    result = CliRunner().invoke(main, ["submit", str(mission), str(path), "--by", "T", "--lang", "fr"])
    assert f"{WHOLE}\u00a0: lignes lues 2, acceptées 1, renvoyées 1" in result.stdout
    assert "modifiée A-1" in result.stdout
    assert "avertissement CPAS-L008\u00a0: des lignes acceptées auparavant" in result.stdout
    assert "des lignes ont été renvoyées\u202f; voir" in result.stderr
    assert result.exit_code == 1


def test_a_faulty_correction_says_that_the_row_accepted_before_no_longer_counts(mission, tmp_path):
    submit(mission, table(tmp_path, WHOLE, {"A-0": 100, "A-1": 10}))
    outcome = submit(mission, table(tmp_path, WHOLE, {"A-0": "douze", "A-1": 10}))
    [loss] = outcome.losses
    assert (loss.code, loss.severity, loss.count) == ("CPAS-L009", "warning", 1)
    assert loss.message.endswith(
        "no longer count until they are corrected (`activities`, `FO-GAO`, 2019-06): 1 (A-0)"
    )
    assert (outcome.receipt.rows_accepted, in_force(mission)) == (1, [(WHOLE, 1)])


def test_a_file_that_may_be_a_part_takes_nothing_out_of_force_unless_it_has_every_row(mission, tmp_path):
    submit(mission, table(tmp_path, WHOLE, {"A-0": 10, "A-1": 10}))
    partial = submit(mission, table(tmp_path, "activities-gao.csv", {"A-1": 12}))
    [loss] = partial.losses
    assert (loss.code, loss.severity) == ("CPAS-L010", "error")
    assert "A-0" in loss.message
    assert "end the file's name with reporter and months" in loss.fix
    assert (partial.receipt.rows_accepted, in_force(mission)) == (0, [(WHOLE, 2)])
    complete = submit(mission, table(tmp_path, "activities-gao.csv", {"A-0": 10, "A-1": 12, "A-2": 1}))
    assert (complete.losses, in_force(mission)) == ((), [("activities-gao.csv", 3)])


def test_a_report_of_nothing_after_accepted_rows_is_warned_of(mission, tmp_path):
    submit(mission, table(tmp_path, WHOLE, {f"A-{n}": 10 for n in range(12)}))
    outcome = submit(mission, table(tmp_path, WHOLE, {}))
    assert [(one.code, one.count) for one in outcome.losses] == [("CPAS-L008", 12)]
    assert (outcome.warnings, in_force(mission)) == (12, [(WHOLE, 0)])


def test_rows_whose_month_was_corrected_are_not_missing_from_the_file(mission, tmp_path):
    submit(mission, table(tmp_path, "activities-FO-GAO-2019-05..2019-06.csv", {"A-0": 10, "A-1": 10}))
    path = table(tmp_path, "activities-FO-GAO-2019-05..2019-06.csv", {"A-0": 10, "A-1": 10})
    path.write_text(path.read_text(encoding="utf-8").replace("2019-06-01", "2019-05-31"), encoding="utf-8")
    assert submit(mission, path).losses == ()


def of_kidal(folder: Path, name: str, persons: dict[str, object]) -> Path:
    """The same file as Kidal would send it."""
    path = table(folder, name, persons)
    path.write_text(path.read_text(encoding="utf-8").replace("FO-GAO", "FO-KDL"), encoding="utf-8")
    return path


KIDAL = "activities-FO-KDL-2019-06.csv"


@pytest.mark.parametrize(
    ("name", "persons"),
    [(WHOLE, {"A-1": "dix"}), ("activities-gao.csv", {"A-1": 11})],
    ids=["every row goes back", "it may be a part"],
)
def test_keys_of_a_report_that_a_returned_file_leaves_in_force_are_taken(mission, tmp_path, name, persons):
    submit(mission, table(tmp_path, WHOLE, {"A-0": 10, "A-1": 10}))
    own = table(tmp_path, name, persons)
    _, other = sorted(
        submit_all(mission, own, of_kidal(tmp_path, KIDAL, {"A-0": 10, "K-1": 3})),
        key=lambda one: one.receipt.file == KIDAL,
    )
    assert (other.receipt.rows_accepted, other.receipt.rows_returned) == (1, 1)
    assert "CPAS-L006" in (mission / "out" / "returned" / f"{KIDAL}.receipt.txt").read_text(encoding="utf-8")
    assert in_force(mission) == [(WHOLE, 2), (KIDAL, 1)]


def test_a_row_may_go_to_another_office_in_one_step(mission, tmp_path):
    submit(mission, table(tmp_path, WHOLE, {"A-0": 10, "A-1": 10}))
    corrected = table(tmp_path, WHOLE, {"A-1": 10})
    outcomes = submit_all(mission, corrected, of_kidal(tmp_path, KIDAL, {"A-0": 10}))
    assert [one.losses for one in outcomes] == [(), ()]
    assert sorted(in_force(mission)) == [(WHOLE, 1), (KIDAL, 1)]


def test_a_report_whose_rows_all_go_back_for_their_keys_keeps_its_own_keys(mission, tmp_path):
    submit_all(mission, table(tmp_path, WHOLE, {"A-0": 10}), of_kidal(tmp_path, KIDAL, {"K-0": 10}))
    of_may = of_kidal(tmp_path, "activities-FO-KDL-2019-05.csv", {"K-0": 10, "K-5": 1})
    of_may.write_text(of_may.read_text(encoding="utf-8").replace("2019-06", "2019-05"), encoding="utf-8")
    faulty = table(tmp_path, WHOLE, {"A-1": "douze"})
    submit_all(mission, faulty, of_kidal(tmp_path, KIDAL, {"A-0": 10}), of_may)
    assert sorted(in_force(mission)) == sorted([(WHOLE, 1), (KIDAL, 1), (of_may.name, 1)])


def test_a_file_of_several_months_and_one_of_one_month_come_together(mission, tmp_path):
    several = table(tmp_path, "activities-FO-GAO-2019-05..2019-06.csv", {"A-0": 10, "A-1": 10})
    outcomes = submit_all(mission, several, of_kidal(tmp_path, KIDAL, {"K-0": 10}))
    assert [one.receipt.rows_accepted for one in outcomes] == [2, 1]


def test_a_run_warns_of_rows_decided_to_be_the_same_of_which_one_was_corrected(mission, tmp_path):
    submit(mission, table(tmp_path, WHOLE, {"A-0": 10, "A-1": 10}))
    for dataset in ("activities", "activites"):
        write_decision(mission, Decision(dataset, "A-0", "A-1", "same", "SPU", date(2019, 7, 6)))

    def told() -> list[str]:
        issues = gather(mission, Progress(is_quiet=True), beside(), Source()).issues
        return [one.message for one in issues if one.code == "CPAS-D223"]

    assert told() == []
    path = table(tmp_path, WHOLE, {"A-0": 10, "A-1": 10})
    path.write_text(path.read_text(encoding="utf-8").replace("2019-06-02", "2019-06-20"), encoding="utf-8")
    submit(mission, path, day=7)
    assert told() == [
        "`A-0` and `A-1` were decided to be the same, and `A-1` says 2019-06-20; both count as one"
    ]


def test_a_clock_behind_the_ledger_is_warned_of_and_the_day_stands_in_the_ledger(mission, tmp_path):
    submit(mission, table(tmp_path, WHOLE, {"A-0": 10}), day=20)
    assert submit(mission, table(tmp_path, WHOLE, {"A-0": 11}), day=20).warnings == 0
    late = submit(mission, table(tmp_path, WHOLE, {"A-0": 12}), day=16, language="fr")
    assert (late.errors, late.warnings) == (0, 1)
    text = (mission / "out" / "returned" / f"{WHOLE}.receipt.txt").read_text(encoding="utf-8")
    assert "CPAS-L012\u00a0: l'horloge indique le 2019-07-16, et la dernière écriture du registre" in text
    with open_ledger(mission / "store") as ledger, ledger.reading() as book:
        assert [one.at.day for one in book.submissions()] == [20, 20, 20]


def test_whoever_decides_waits_for_others_who_write(mission, tmp_path):
    submit(mission, table(tmp_path, WHOLE, {"A-0": 10, "A-1": 10}))
    told = ("activities", "A-0", "A-1", "different")
    with ThreadPoolExecutor(1) as other, open_ledger(mission / "store") as ledger:
        with ledger.writing():
            waits = other.submit(record, mission, told, "SPU")
            assert wait([waits], timeout=4).not_done
            assert read_decisions(mission) == ()
        waits.result()
    assert [one.pair for one in read_decisions(mission)] == [("A-0", "A-1")]


def waiting(mission: Path, source: Source = Source()) -> list[int]:  # noqa: B008  # a frozen value
    issues = gather(mission, Progress(is_quiet=True), beside(), source).issues
    return [one.count for one in issues if one.code == "CPAS-L011"]


def test_files_of_the_inbox_that_were_never_submitted_are_warned_of(mission, tmp_path):
    files = [path for path in sorted((mission / "inbox").rglob("*.*")) if path.is_file()]
    assert waiting(mission) == []
    submit(mission, files[0])
    (files[0].parent / "~$open.xlsx").write_bytes(b"")
    assert waiting(mission) == [len(files) - 1]
    assert waiting(mission, Source(inbox=True)) == []
    sending = Sending("A. Keita", datetime(2019, 7, 6, 12, tzinfo=UTC))
    submit_files(mission, [mission / "inbox"], sending, Progress(is_quiet=True))
    assert waiting(mission) == []
