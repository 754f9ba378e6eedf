import hashlib
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from cpas.errors import UsageError
from cpas.illustration.__main__ import rewrite
from cpas.illustration.broken import write_broken
from cpas.illustration.mission import SAMPLE_SEED, write_new_mission, write_sample

CHECKOUT = Path(__file__).parents[2]


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def hashes_of(folder):
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files_of(folder).items()}


def content_of(path):
    """A file's bytes; of a workbook its parts as canonical XML, since zip and XML libraries differ in spelling."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return {
            name: ElementTree.canonicalize(archive.read(name))
            for name in archive.namelist()
            if name.startswith("xl/")
        }


def differing(ours, theirs):
    """Names of files that differ, compared byte by byte first and by content where the bytes differ."""
    differ = [
        name for name in ours if name in theirs and ours[name].read_bytes() != theirs[name].read_bytes()
    ]
    return [name for name in differ if content_of(ours[name]) != content_of(theirs[name])]


@pytest.fixture(scope="module")
def two_months(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample") / "two"
    write_sample(folder, 2, 1.0, SAMPLE_SEED)
    return folder


def test_sample_data_is_what_the_command_writes_for_24_months(tmp_path):
    write_sample(tmp_path / "sample", 24, 1.0, SAMPLE_SEED)
    written = files_of(tmp_path / "sample")
    shipped = {
        name: path
        for name, path in files_of(CHECKOUT / "sample_data").items()
        if name.partition("/")[0] not in ("broken", "out", "store")
    }
    assert sorted(written) == sorted(shipped)
    assert differing(written, shipped) == []


def test_broken_folders_are_what_their_faults_write(tmp_path):
    write_broken(tmp_path)
    written, shipped = files_of(tmp_path), files_of(CHECKOUT / "sample_data" / "broken")
    assert sorted(written) == sorted(shipped)
    assert differing(written, shipped) == []


def test_the_same_arguments_give_the_same_bytes(two_months, tmp_path):
    write_sample(tmp_path / "again", 2, 1.0, SAMPLE_SEED)
    assert hashes_of(tmp_path / "again") == hashes_of(two_months)


def test_a_month_is_the_same_in_a_longer_sample(two_months):
    name = "inbox/2019-06/activities-FO-GAO-2019-06.xlsx"
    assert differing({name: two_months / name}, {name: CHECKOUT / "sample_data" / name}) == []


def test_another_seed_gives_other_events(two_months, tmp_path):
    write_sample(tmp_path / "other", 1, 1.0, SAMPLE_SEED + 1)
    name = "inbox/2019-06/incidents-jmac-2019-06.xlsx"
    assert (tmp_path / "other" / name).read_bytes() != (two_months / name).read_bytes()


def test_scale_multiplies_the_events(tmp_path):
    write_sample(tmp_path / "small", 1, 0.2, SAMPLE_SEED)
    sheet = load_workbook(tmp_path / "small" / "inbox/2019-06/incidents-jmac-2019-06.xlsx")["Incidents"]
    assert 10 < sheet.max_row < 50


def test_the_silent_office_sends_no_workbook_and_the_late_one_sends_late(two_months):
    inbox = two_months / "inbox" / "2019-06"
    assert not list(inbox.glob("*FO-KDL*"))
    cover = load_workbook(inbox / "activities-FO-TBT-2019-06.xlsx")["Rapport"]
    assert cover["B4"].value.strftime("%Y-%m-%d") > "2019-07-20"


def test_a_french_office_writes_french_labels_and_codes(two_months):
    sheet = load_workbook(two_months / "inbox/2019-06/activities-FO-MPT-2019-06.xlsx")["Activités"]
    assert sheet["F1"].value == "Type d'activité"
    assert sheet["A2"].value == "#activity+id"
    assert sheet["F3"].value.startswith("Patrouille") or sheet["F3"].value[0].isupper()


def test_all_four_kinds_of_nothing_and_zero_occur(two_months):
    column = set()
    for path in two_months.glob("inbox/*/activities-*.xlsx"):
        sheet = load_workbook(path).worksheets[1]
        column |= {row[13] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert {None, 0, "n/a", "s.o.", "withheld", "NR"} <= column


def test_every_page_a_person_opens_says_that_it_is_illustrative(two_months):
    assert "**Everything here is illustrative.**" in (two_months / "README.md").read_text(encoding="utf-8")
    assert "illustrative: true" in (two_months / "mission.yml").read_text(encoding="utf-8")
    for path in two_months.glob("inbox/*/*.xlsx"):
        assert "llustrati" in load_workbook(path).worksheets[0]["A6"].value


def test_a_short_sample_says_that_its_truths_are_not_complete(two_months):
    assert "fewer than 24 months" in (two_months / "README.md").read_text(encoding="utf-8")


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    for write in (write_new_mission, lambda folder: write_sample(folder, 1, 1.0, 1)):
        with pytest.raises(UsageError, match="not an empty folder"):
            write(tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "mine.txt"]


@pytest.mark.parametrize(
    ("months", "scale", "seed"), [(0, 1.0, 1), (73, 1.0, 1), (1, 0.0, 1), (1, 1001.0, 1), (1, 1.0, -1)]
)
def test_an_argument_out_of_range_is_refused_and_nothing_is_written(tmp_path, months, scale, seed):
    with pytest.raises(UsageError, match="asked for"):
        write_sample(tmp_path / "new", months, scale, seed)
    assert not (tmp_path / "new").exists()


def test_a_new_mission_has_everything_to_edit(tmp_path):
    write_new_mission(tmp_path / "mine")
    names = set(files_of(tmp_path / "mine"))
    assert {"mission.yml", "README.md", "reference/areas.csv", "indicators/framework.yml"} <= names
    assert "inbox/2019-06/incidents-jmac-2019-06.xlsx" in names
    text = (tmp_path / "mine" / "mission.yml").read_text(encoding="utf-8")
    assert text.startswith("# A short code of the mission")
    assert "reporting_from: 2019-06-01" in text


def test_a_longer_sample_begins_earlier_and_keeps_its_last_months(tmp_path):
    write_sample(tmp_path / "long", 36, 0.05, SAMPLE_SEED)
    inbox = tmp_path / "long" / "inbox"
    assert sorted(path.name for path in inbox.iterdir())[:2] == ["2016-07", "2016-08"]
    assert not (inbox / "expenditure-2016-17.csv").exists()
    assert (inbox / "deployments-2016-17.csv").is_file()


def test_rewriting_the_sample_keeps_what_runs_have_written(tmp_path):
    for name in ("out/2019-06/report.html", "inbox/2019-06/old.xlsx"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("old", encoding="utf-8")
    rewrite(tmp_path)
    assert (tmp_path / "out/2019-06/report.html").read_text(encoding="utf-8") == "old"
    assert not (tmp_path / "inbox/2019-06/old.xlsx").exists()
    assert (tmp_path / "broken/cycle/expect.txt").is_file()
