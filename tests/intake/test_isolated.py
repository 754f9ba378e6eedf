import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cpas.errors import SourceError
from cpas.intake.files import read_grids
from cpas.intake.isolated import IsolatedReader, read_isolated

Book = Callable[..., Path]


def test_the_child_reads_what_we_read(book: Book) -> None:
    data = book({"a": [["x", 1], ["y", 2.5]], "b": [["z"]]}).read_bytes()
    [reading] = read_isolated([(data, "a.xlsx")])
    grids, issues = read_grids(data, "a.xlsx")
    assert [grid.cells.rows() for grid in reading.grids] == [grid.cells.rows() for grid in grids]
    assert reading.issues == issues


def test_each_file_has_its_own_grids_or_issues() -> None:
    readings = read_isolated(
        [(b"a,b\n1,2\n", "a.csv"), (b"", "b.xlsx"), (b"x", "c.bin"), (b"a;b\n", "d.csv")]
    )
    assert [(one.file, len(one.grids), len(one.issues)) for one in readings] == [
        ("a.csv", 1, 0),
        ("b.xlsx", 0, 1),
        ("c.bin", 0, 1),
        ("d.csv", 1, 0),
    ]


def test_a_child_that_runs_out_of_time_is_a_message_and_the_next_file_is_read() -> None:
    with IsolatedReader(seconds=0.001) as reader:
        with pytest.raises(SourceError) as caught:
            reader.read(b"a,b\n" * 500_000, "a.csv")
        assert "took longer than 0.001 seconds" in caught.value.issues[0].message
        reader._seconds = 20
        assert reader.read(b"a,b\n", "b.csv")[0][0].cells.height == 1


@pytest.mark.skipif(os.name == "nt", reason="the platform limits no process's memory")
def test_a_child_that_runs_out_of_memory_is_a_message_and_the_next_file_is_read() -> None:
    rows = "\n".join(f"{i},{'x' * 20}" for i in range(3_000_000)).encode()
    with IsolatedReader(memory=500_000_000) as reader:
        with pytest.raises(SourceError) as caught:
            reader.read(rows, "a.csv")
        assert "memory" in caught.value.issues[0].message
        assert reader.read(b"a,b\n", "b.csv")[0][0].cells.height == 1


@pytest.mark.skipif(os.name == "nt", reason="another way of killing")
def test_a_child_that_was_killed_is_replaced() -> None:
    with IsolatedReader() as reader:
        reader.read(b"a,b\n", "a.csv")
        assert reader._child
        reader._child.kill()
        assert reader.read(b"a,b\n1,2\n", "b.csv")[0][0].cells.height == 2


def test_no_file_of_the_working_folder_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "polars.py").write_text("raise SystemExit('stolen')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert read_isolated([(b"a,b\n", "a.csv")])[0].grids
