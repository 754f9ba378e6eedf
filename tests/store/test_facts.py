from decimal import Decimal

import polars as pl
import pytest
from deltalake import DeltaTable

from cpas.errors import StoreError
from cpas.store.facts import append_facts, facts_files, read_facts


def test_only_rows_of_the_submissions_asked_for_are_read(store):
    append_facts(store, "visits", pl.DataFrame({"value": [1], "_submission": ["a"]}))
    append_facts(store, "visits", pl.DataFrame({"value": [2], "_submission": ["b"]}))
    assert read_facts(store, "visits", {"b": 1})["value"].to_list() == [2]
    assert read_facts(store, "visits", {}).is_empty()
    assert read_facts(store, "nothing", {"a": 0}).is_empty()


def test_types_stay_exact(store):
    rows = pl.DataFrame(
        {
            "amount": [Decimal("0.000001"), None],
            "status": ["reported", "withheld"],
            "_submission": ["a", "a"],
        },
        schema_overrides={"amount": pl.Decimal(18, 6)},
    )
    append_facts(store, "visits", rows)
    assert read_facts(store, "visits", {"a": 2}).equals(rows)


def test_a_column_declared_later_is_null_before(store):
    append_facts(store, "visits", pl.DataFrame({"value": [1], "_submission": ["a"]}))
    append_facts(store, "visits", pl.DataFrame({"value": [2], "new": ["x"], "_submission": ["b"]}))
    assert read_facts(store, "visits", {"a": 1, "b": 1}).sort("value")["new"].to_list() == [None, "x"]


def test_a_column_of_another_type_is_refused_and_nothing_is_added(store):
    append_facts(store, "visits", pl.DataFrame({"value": [1], "_submission": ["a"]}))
    with pytest.raises(StoreError, match="nothing was accepted"):
        append_facts(store, "visits", pl.DataFrame({"value": ["one"], "_submission": ["b"]}))
    assert read_facts(store, "visits", {"a": 1, "b": 0}).height == 1


def test_every_file_written_is_named_with_its_hash(store):
    written = append_facts(store, "visits", pl.DataFrame({"value": [1], "_submission": ["a"]}))
    assert {file.path for file in written} == set(facts_files(store))
    assert [file.rows for file in written] == [1, 0]


def test_the_table_is_one_that_other_programs_read(store):
    append_facts(store, "visits", pl.DataFrame({"value": [1], "_submission": ["a"]}))
    assert DeltaTable(str(store / "facts" / "visits")).version() == 0


def test_a_damaged_table_is_a_clear_error(store):
    append_facts(store, "visits", pl.DataFrame({"value": [1], "_submission": ["a"]}))
    [data] = (store / "facts" / "visits").glob("*.parquet")
    data.write_bytes(b"PAR1 and nothing else")
    with pytest.raises(StoreError, match="cpas verify"):
        read_facts(store, "visits", {"a": 1})


def test_accepted_rows_that_are_not_there_are_an_error_and_not_fewer_rows(store):
    append_facts(store, "visits", pl.DataFrame({"value": [1, 2], "_submission": ["a", "a"]}))
    for name, accepted in (("visits", {"a": 3}), ("visits", {"a": 2, "b": 1}), ("nothing", {"a": 2})):
        with pytest.raises(StoreError, match="rows were accepted, and it has"):
            read_facts(store, name, accepted)
