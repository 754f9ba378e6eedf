import random

import pytest

from cpas.errors import StoreError
from cpas.store.facts import append_facts
from cpas.store.ledger import LEDGER, open_ledger
from cpas.store.raw import keep_raw, raw_path
from cpas.store.verify import check_store
from tests.store.conftest import put


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_an_untouched_store_has_no_issue(store, ledger):
    put(store, ledger, [1])
    put(store, ledger, [2])
    assert list(check_store(store, ledger)) == []


@pytest.mark.parametrize("pattern", ["raw/??/*", "facts/visits/*.parquet", "facts/visits/_delta_log/*.json"])
def test_a_flipped_byte_is_found_and_named(store, ledger, pattern):
    put(store, ledger, [1, 2, 3])
    [path] = store.glob(pattern)
    flip(path)
    [issue] = check_store(store, ledger)
    assert (issue.code, issue.where.file) == ("CPAS-L001", path.relative_to(store).as_posix())
    assert "was changed" in issue.message


def test_a_missing_upload_is_found(store, ledger):
    put(store, ledger, [1])
    [path] = store.glob("raw/??/*")
    path.unlink()
    [issue] = check_store(store, ledger)
    assert "cannot be read" in issue.message


def test_a_log_that_was_lost_and_written_again_under_its_name_is_found(store, ledger):
    put(store, ledger, [1])
    put(store, ledger, [2])
    (store / "facts" / "visits" / "_delta_log" / f"{1:020d}.json").unlink()
    put(store, ledger, [3])
    [issue] = [one for one in check_store(store, ledger) if one.severity == "error"]
    assert issue.where.file.endswith(f"{1:020d}.json")
    assert "was changed" in issue.message


def test_what_an_interrupted_submission_left_is_a_note(store, ledger):
    put(store, ledger, [1])
    keep_raw(store, b"never accepted")
    import polars as pl

    append_facts(store, "visits", pl.DataFrame({"value": [9], "_submission": ["never"]}))
    issues = list(check_store(store, ledger))
    assert {issue.severity for issue in issues} == {"note"}
    assert len(issues) == 3


def test_a_damaged_upload_is_repaired_when_it_comes_again(store):
    digest = keep_raw(store, b"content")
    flip(raw_path(store, digest))
    assert raw_path(store, keep_raw(store, b"content")).read_bytes() == b"content"


def test_a_ledger_with_any_changed_byte_is_refused_or_named_and_never_said_to_stand(store):
    with open_ledger(store) as ledger:
        for value in range(4):
            put(store, ledger, [value])
    path = store / LEDGER
    sound = path.read_bytes()
    chance = random.Random(3)  # noqa: S311  # places, not secrets
    used = [place for place, byte in enumerate(sound) if byte]
    changes = [(place, chance.choice((0x80, 1, 0x20))) for place in chance.sample(used, 60)]
    schema = range(
        sound.index(b"CREATE"), sound.index(b"CREATE") + 30
    )  # of which SQLite says in its error what is no text
    said = []
    for place, bit in [*changes, *((place, 0x80) for place in schema)]:
        path.write_bytes(sound[:place] + bytes([sound[place] ^ bit]) + sound[place + 1 :])
        try:
            with open_ledger(store) as ledger:
                said += [issue.message for issue in check_store(store, ledger)]
        except StoreError as error:
            said.append(error.summary)
    assert not [message for message in said if "what was accepted before stands" in message]
    assert (
        len([message for message in said if "the ledger is damaged" in message and "store/raw" in message])
        > 20
    )
