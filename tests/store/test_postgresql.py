"""The ledger in a real PostgreSQL, started for the tests from the programs of the distribution."""

import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpas.store.ledger import open_ledger
from cpas.store.verify import check_store
from tests.store.conftest import put
from tests.store.test_faults import begin, committed
from tests.store.test_ledger import SEEN, seen_of_an_earlier_ledger

pytestmark = pytest.mark.postgresql


def programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("pg_ctl")
    return Path(on_path).parent if on_path and shutil.which("initdb") else None


def user() -> str | None:
    """Who runs the server, which refuses to run as root."""
    import os

    if os.geteuid():
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of a server's databases, without the name."""
    binaries = programs()
    if binaries is None:
        pytest.skip("PostgreSQL's server programs (initdb, pg_ctl) are not installed")
    pytest.importorskip("psycopg", reason="psycopg is not installed (the extra `postgresql`)")
    folder = Path(tempfile.mkdtemp(prefix="cpas-postgresql-"))
    who = user()
    if who:
        shutil.chown(folder, who)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*command: str) -> None:
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=who, cwd=folder
        )

    run(
        str(binaries / "initdb"),
        "-D",
        str(folder / "data"),
        "-U",
        "cpas",
        "-A",
        "trust",
        "-N",
        "--locale=C.UTF-8",
        "-E",
        "UTF8",
    )
    options = f"-p {port} -k {folder} -h 127.0.0.1 -F"
    run(
        str(binaries / "pg_ctl"),
        "-D",
        str(folder / "data"),
        "-o",
        options,
        "-w",
        "-l",
        str(folder / "log"),
        "start",
    )
    yield f"postgresql+psycopg://cpas@127.0.0.1:{port}/"
    run(str(binaries / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop")
    shutil.rmtree(folder)


@pytest.fixture
def url(server: str, request: pytest.FixtureRequest) -> str:
    """A database of its own for each test."""
    import psycopg

    name = f"db{abs(hash(request.node.name))}"
    with psycopg.connect(server.replace("+psycopg", "") + "postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return server + name


def test_what_was_recorded_is_read_back_and_the_chain_holds(store, url):
    with open_ledger(store, url) as ledger:
        earlier, later = put(store, ledger, [1]), put(store, ledger, [2, 3])
    with open_ledger(store, url) as ledger:
        with ledger.reading() as book:
            assert [(one.id, one.state) for one in book.submissions()] == [
                (earlier, "superseded"),
                (later, "accepted"),
            ]
        assert list(check_store(store, ledger)) == []
    assert not (store / "ledger.db").exists()


def test_processes_at_once_are_all_in_and_none_twice(store, url):
    processes = [begin(store, f"p{number}", 4, url) for number in range(4)]
    told = [line for process in processes for line in process.communicate()[0].split()[1:]]
    assert [process.returncode for process in processes] == [0] * 4
    assert len(told) == 16
    assert committed(store, url) == set(told)


def test_a_ledger_of_the_version_before_keeps_all_and_names_the_pairs_it_told_of(store, url):
    assert seen_of_an_earlier_ledger(store, url) == SEEN


def test_who_reads_sees_one_moment_whatever_is_committed_meanwhile(store, url):
    with open_ledger(store, url) as ledger, open_ledger(store, url) as other:
        put(store, ledger, [1])
        with ledger.reading() as book:
            before = book.head()
            put(store, other, [2])
            assert book.head() == before
            assert len(book.submissions()) == 1
        with ledger.reading() as book:
            assert len(book.submissions()) == 2
