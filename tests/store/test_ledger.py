import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from cpas.errors import Issue, Location, StoreError, UsageError
from cpas.store.facts import read_facts
from cpas.store.ledger import has_ledger, open_ledger
from cpas.store.records import Decision, Publication
from tests.store.conftest import NOON, put

WARNING = Issue(
    "CPAS-D208", Location("visits.csv", "", 3, "B"), "odd", "look", "warning", Location("v.yml", row=7), 2
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
    assert read_facts(store, "visits", [earlier])["value"].to_list() == [1, 2]


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
