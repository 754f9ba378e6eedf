import json

import pytest

from cpas.errors import RenderError, UsageError
from cpas.jobs.publish import check_target, manifest, publish


def test_what_was_published_before_is_replaced_as_a_whole(tmp_path):
    publish(tmp_path / "out" / "2019-06", {"a.txt": b"1", "b.txt": b"2"})
    publish(tmp_path / "out" / "2019-06", {"a.txt": b"3"})
    assert {path.name: path.read_bytes() for path in (tmp_path / "out" / "2019-06").iterdir()} == {
        "a.txt": b"3"
    }
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["2019-06"]


def test_a_failed_publication_leaves_the_last_one_and_no_debris(tmp_path):
    publish(tmp_path / "2019-06", {"a.txt": b"1"})
    with pytest.raises(RenderError, match="unchanged"):
        publish(tmp_path / "2019-06", {"a.txt": b"2", "no/such/folder.txt": b"3"})
    assert [path.name for path in tmp_path.iterdir()] == ["2019-06"]
    assert (tmp_path / "2019-06" / "a.txt").read_bytes() == b"1"


def test_a_place_that_cannot_be_written_is_a_clear_error(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(RenderError, match="could not be written"):
        publish(tmp_path / "out" / "2019-06", {"a.txt": b"1"})


def test_the_manifest_names_every_file_with_its_hash_and_no_time(tmp_path):
    definition = tmp_path / "x.yml"
    definition.write_bytes(b"")
    text = manifest(
        {"period": "2019-06"},
        [("inbox/a.csv", "ab12", 3)],
        [("x.yml", definition)],
        {"report.html": b"hello"},
    )
    content = json.loads(text)
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert content["definitions"] == [{"file": "x.yml", "sha256": empty, "bytes": 0}]
    assert content["inputs"] == [{"file": "inbox/a.csv", "sha256": "ab12", "bytes": 3}]
    assert content["outputs"][0]["bytes"] == 5
    assert text == manifest(
        {"period": "2019-06"},
        [("inbox/a.csv", "ab12", 3)],
        [("x.yml", definition)],
        {"report.html": b"hello"},
    )


def test_a_folder_with_files_of_somebodys_own_is_refused(tmp_path):
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(UsageError, match="not a report's"):
        check_target(tmp_path)


def test_a_new_folder_an_empty_one_and_that_of_an_earlier_report_are_not(tmp_path):
    assert check_target(tmp_path / "new") is None
    assert check_target(tmp_path) is None
    outputs = {"report.html": b"x"}
    publish(tmp_path / "2019-06", outputs | {"manifest.json": manifest({}, [], [], outputs)})
    assert check_target(tmp_path / "2019-06") is None
