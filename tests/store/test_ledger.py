import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from cpas.errors import Issue, Location, StoreError, UsageError
from cpas.store import migrations
from cpas.store.book import Book
from cpas.store.facts import read_facts
from cpas.store.ledger import has_ledger, open_ledger
from cpas.store.raw import keep_raw
from cpas.store.records import Decision, Publication, Submission
from cpas.store.tables import decision_row, digest_of, issue_rows, submission_row
from tests.store.conftest import JUNE, NOON, put

WARNING = Issue(
    "CPAS-D208", Location("visits.csv", "", 3, "B"), "odd", "look", "warning", Location("v.yml", row=7), 2
)

PAIR = Issue(
    "CPAS-D222",
    Location("visits.csv", "", 4, "A"),
    "`GAO-1` may be the same as `MPT-2` of `police`, visits.csv [!5]: one day, type and area, and a likeness of 0.99",
    "leave the row out",
    "warning",
)
REST = Issue(
    "CPAS-D222", Location("visits.csv"), "12 more rows may be the same as others", "look", "warning", count=12
)


def test_what_was_recorded_is_read_back_equal(store, ledger):
    id_ = put(store, ledger, [1, 2], issues=(WARNING,))
    with ledger.reading() as book:
        [one] = book.in_force()
        assert (one.id, one.state, one.at, one.control_totals) == (id_, "accepted", NOON, {"value": "3"})
        assert list(book.issues([id_])) == [(id_, WARNING)]


def test_a_resubmission_supersedes_and_the_earlier_one_stays_readable(store, ledger):
    earlier, later = put(store, ledger, [1, 2]), put(store, ledger, [3])
    with ledger.reading() as book:
        assert [(one.id, one.state) for one in book.submissions()] == [
            (earlier, "superseded"),
            (later, "accepted"),
        ]
    assert read_facts(store, "visits", {earlier: 2})["value"].to_list() == [1, 2]


def test_another_reporter_supersedes_nothing(store, ledger):
    put(store, ledger, [1])
    put(store, ledger, [2], reporter="FO-B")
    with ledger.reading() as book:
        assert len(book.in_force()) == 2


def test_as_at_gives_what_was_known_then(store, ledger):
    first = put(store, ledger, [1])
    second = put(store, ledger, [2], at=NOON + timedelta(days=20))
    with ledger.reading() as book:
        assert [one.id for one in book.in_force(NOON + timedelta(days=1))] == [first]
        assert [one.id for one in book.in_force()] == [second]
        assert book.in_force(NOON - timedelta(days=1)) == ()


def test_a_clock_that_runs_backwards_does_not_change_the_order(store, ledger):
    put(store, ledger, [1])
    later = put(store, ledger, [2], at=NOON - timedelta(days=3))
    with ledger.reading() as book:
        [one] = book.in_force(NOON)
        assert (one.id, one.at) == (later, NOON)


def test_no_kind_of_entry_is_dated_before_the_one_before(store, ledger):
    put(store, ledger, [1])
    evening, earlier = NOON + timedelta(hours=6), NOON - timedelta(days=3)
    with ledger.writing() as book:
        book.publish(Publication("UNMIS", "2019-06", "ab", (), evening))
        book.check_references("first", earlier)
    put(store, ledger, [2], at=earlier)
    with ledger.reading() as book:
        assert book.references(NOON) == ()
        assert book.references(evening) == ("first",)
        assert [one.rows_accepted for one in book.in_force(NOON)] == [1]
        assert [one.at for one in book.in_force()] == [evening]


def test_a_transaction_that_fails_leaves_nothing(store, ledger):
    def fail() -> None:
        with ledger.writing() as book:
            book.check_references("abc", NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with ledger.reading() as book:
        assert book.head()[0] == 0


def test_publications_and_checked_references_are_kept(store, ledger):
    publication = Publication("UNM", "2019-06", "ab" * 32, ("x", "y"), NOON)
    with ledger.writing() as book:
        book.publish(publication)
        book.check_references("abc", NOON)
    with ledger.reading() as book:
        assert book.publications() == (publication,)
        assert book.has_checked("abc")
        assert not book.has_checked("abd")
        assert list(book.broken_links()) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE submissions SET rows_accepted = 99", "was changed"),
        ("UPDATE decisions SET decision = 'accepted'", "was changed"),
        ("UPDATE issues SET message = 'fine'", "issues of submission"),
        ("DELETE FROM decisions WHERE id = 'decision-2'", "is missing"),
        ("DELETE FROM entries WHERE seq = 2", "missing or was changed"),
        ("UPDATE entries SET hash = 'f' WHERE seq = 1", "was changed"),
        ("INSERT INTO reference_checks VALUES ('x', 'y', 'z')", "has no entry"),
    ],
)
def test_whatever_is_changed_behind_the_ledgers_back_breaks_the_chain(store, ledger, change, said):
    put(store, ledger, [1], issues=(WARNING,))
    put(store, ledger, [2])
    with sqlite3.connect(store / "ledger.db") as connection:
        connection.execute(change)
    connection.close()
    with ledger.reading() as book:
        assert any(said in words for _, words in book.broken_links())


def test_an_approved_submission_counts(store, ledger):
    id_ = put(store, ledger, [1])
    with ledger.writing() as book:
        book.decide(Decision(id_, "approved", "Chief", NOON))
    with ledger.reading() as book:
        assert [one.state for one in book.in_force()] == ["approved"]


def test_a_ledger_of_a_newer_program_is_refused(store, ledger):
    with sqlite3.connect(store / "ledger.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match="newer"), open_ledger(store):
        pass


def test_a_ledger_of_the_version_before_keeps_all_and_names_the_pairs_it_told_of(store):
    assert seen_of_an_earlier_ledger(store, None) == SEEN


NAMED = [replace(PAIR, pair=("GAO-1", "MPT-2")), REST, WARNING]
SEEN = {"issues": NAMED, "in force": [(True, "accepted", 2)], "later": NAMED, "broken": []}


def seen_of_an_earlier_ledger(store, url):
    """Its issues and what is in force, those of a submission after it, and every link that is broken before or after that one."""
    id_ = earlier_ledger(store, url or f"sqlite:///{store / 'ledger.db'}")
    with open_ledger(store, url) as ledger:
        with ledger.reading() as book:
            found = [issue for _, issue in book.issues([id_])]
            in_force = [(one.id == id_, one.state, one.rows_accepted) for one in book.in_force()]
            broken = list(book.broken_links())
        later = put(store, ledger, [3], issues=tuple(found), reporter="FO-B")
    with open_ledger(store, url) as ledger, ledger.reading() as book:
        told = [issue for _, issue in book.issues([later])]
        broken += book.broken_links()
    return {"issues": found, "in force": in_force, "later": told, "broken": broken}


def test_a_pair_that_was_changed_behind_the_ledgers_back_breaks_the_chain(store, ledger):
    put(store, ledger, [1], issues=(replace(PAIR, pair=("GAO-1", "MPT-2")),))
    with sqlite3.connect(store / "ledger.db") as connection:
        connection.execute('UPDATE issues SET pair = \'["GAO-1","MPT-3"]\'')
    connection.close()
    with ledger.reading() as book:
        assert any("issues of submission" in words for _, words in book.broken_links())


def earlier_ledger(store, url):
    """A ledger of version 0001 with a submission and three issues, as the program of that time wrote it; the id."""
    store.mkdir()
    engine = sa.create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        rows = issue_rows("s1", (PAIR, REST, WARNING))
        bare = [{name: value for name, value in row.items() if name != "pair"} for row in rows]
        digest = keep_raw(store, b"upload")
        one = Submission(
            "s1", digest, 1, "visits.csv", "visits", "FO-A", JUNE, None, "A. Keita", NOON, 2, 2, 0, "accepted"
        )  # fmt: skip
        Book(connection)._add(
            [
                ("submission", submission_row(one, []) | {"issues_sha256": digest_of(bare)}),
                ("decision", decision_row(Decision("s1", "accepted", "A. Keita", NOON))),
            ]
        )
        old = sa.table("issues", *(sa.column(name) for name in bare[0]))
        connection.execute(sa.insert(old), bare)
    engine.dispose()
    return "s1"


def test_a_url_that_names_no_database_is_wrong_use(store):
    assert has_ledger(store, "nonsense")
    with pytest.raises(UsageError, match="URL"), open_ledger(store, "nonsense"):
        pass


def test_a_file_that_is_no_database_is_a_clear_error(store):
    store.mkdir()
    (store / "ledger.db").write_bytes(b"not a database, and long enough to be looked at " * 40)
    with pytest.raises(StoreError, match="could not be opened"), open_ledger(store):
        pass


def test_instants_are_kept_in_utc(store, ledger):
    zone = datetime.fromisoformat("2019-07-05T14:00:00+02:00")
    put(store, ledger, [1], at=zone)
    with ledger.reading() as book:
        assert book.in_force()[0].at == zone.astimezone(UTC)
