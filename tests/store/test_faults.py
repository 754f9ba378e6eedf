"""What power cuts, full disks, folders that cannot be written and many people at once do to a store: nothing."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpas.errors import StoreError
from cpas.store.facts import read_facts
from cpas.store.ledger import open_ledger
from cpas.store.verify import check_store
from tests.store.conftest import put

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("CPAS_KILLS", "20"))


def begin(store: Path, name: str, count: int, *more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.store.submitting", str(store), name, str(count), *more]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def committed(store: Path, url: str | None = None) -> set[str]:
    """The submissions in force, each with all of its rows and the store undamaged."""
    with open_ledger(store, url) as ledger:
        with ledger.reading() as book:
            standing = book.in_force()
        assert not [issue for issue in check_store(store, ledger) if issue.severity == "error"]
    accepted = {one.id: one.rows_accepted for one in standing}
    assert read_facts(store, "visits", accepted).height == 2 * len(accepted)
    return set(accepted)


def killed(store: Path, name: str, after: float) -> set[str]:
    """Submit one report after another, be killed so many seconds after the start; what was said to be accepted."""
    process = begin(store, name, 1000)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    return set(process.communicate()[0].split("\n")[:-1])


def test_a_submission_killed_at_any_moment_loses_nothing_and_counts_nothing(store):
    begun = time.perf_counter()
    told = set(begin(store, "whole", 4).communicate()[0].split()[1:])
    took = time.perf_counter() - begun
    chance = random.Random(7)  # noqa: S311  # moments, not secrets
    for number in range(KILLS):
        told |= killed(store, f"r{number}", chance.uniform(0.0, took / 2))
    standing = committed(store)
    assert told <= standing, "what was said to be accepted must be there"
    assert len(standing - told) <= KILLS, "at most one report of each run was committed and not yet said"
    assert len(told) > 4, "some must have got through, or nothing was tried"
    with open_ledger(store) as ledger:
        assert put(store, ledger, [1, 1]) not in standing


def test_eight_processes_at_once_are_all_in_and_none_twice(store):
    processes = [begin(store, f"p{number}", 4) for number in range(8)]
    told = [line for process in processes for line in process.communicate()[0].split()[1:]]
    assert [process.returncode for process in processes] == [0] * 8
    assert len(told) == 32
    assert committed(store) == set(told)


def mount(*options: str) -> bool:
    program = shutil.which("mount")
    return bool(program) and not subprocess.run([program, *options], capture_output=True).returncode


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte, which only root may make."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=1m", "none", str(disk)):
        pytest.skip("a small disk cannot be mounted here: it needs root")
    yield disk
    subprocess.run([shutil.which("umount"), "-l", disk], check=True)


def test_a_full_disk_is_a_clear_error_and_what_was_accepted_stands(small_disk):
    store, accepted, refused = small_disk / "store", set(), None
    with open_ledger(store) as ledger:
        for number in range(1000):
            try:
                accepted.add(put(store, ledger, [number, number], reporter=f"r{number}"))
            except StoreError as error:
                refused = error
                break
    assert accepted
    assert refused
    assert "was accepted" in refused.summary
    assert committed(store) == accepted


def fill(path: Path) -> None:
    """Write until the disk has no room."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass


def test_a_full_disk_with_room_again_accepts_again(small_disk):
    store, filler = small_disk / "store", small_disk / "filler"
    with open_ledger(store) as ledger:
        put(store, ledger, [0, 0])
        fill(filler)
        with pytest.raises(StoreError):
            put(store, ledger, [1, 1], reporter="r1")
        filler.unlink()
        put(store, ledger, [1, 1], reporter="r1")
    assert len(committed(store)) == 2


def test_a_folder_that_cannot_be_written_is_read_and_refuses_submissions(small_disk):
    store = small_disk / "store"
    with open_ledger(store) as ledger:
        put(store, ledger, [1, 1])
    assert mount("-o", "remount,ro", str(small_disk))
    assert len(committed(store)) == 1
    with open_ledger(store) as ledger:
        assert not ledger.is_changeable
        with pytest.raises(StoreError, match="could not be written"):
            put(store, ledger, [2, 2])


def test_a_new_store_in_a_folder_that_cannot_be_written_is_a_clear_error(small_disk):
    assert mount("-o", "remount,ro", str(small_disk))
    with pytest.raises(StoreError, match="could not be made"), open_ledger(small_disk / "store"):
        pass
