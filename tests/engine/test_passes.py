"""The pass over random rows, for random measures of the language: polars and SQL in DuckDB give the same frame."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cpas.definitions.dataset import Dataset
from cpas.definitions.expressions.parse import parse_condition, parse_formula
from cpas.definitions.expressions.values import Field
from cpas.engine.passes import in_polars, pass_for
from cpas.engine.sql import named_frame, pass_sql
from cpas.engine.tallies import of_cells, tally
from cpas.errors import Location
from cpas.periods import Period

CODES = ("attack", "clash", "it's")
LABEL = {"en": "x", "fr": "x"}
TYPES = {
    "event_id": "text",
    "day": "date",
    "place": "reference",
    "kind": "code",
    "deaths": "count",
    "women": "count",
    "tonnes": "quantity",
    "cost": "amount",
    "answered": "boolean",
    "note": "text",
}
FIELDS = {
    "day": Field("date"),
    "event_id": Field("text"),
    "kind": Field("text", codes=CODES),
    "deaths": Field("number"),
    "women": Field("number"),
    "tonnes": Field("number"),
    "cost": Field("number"),
    "answered": Field("boolean"),
    "note": Field("text"),
}
MAY_BE = {"deaths": ["not_reported", "withheld", "not_applicable"], "tonnes": ["withheld"]}
SCHEMA = {
    "event_id": pl.String,
    "day": pl.Date,
    "place": pl.String,
    "kind": pl.Enum(CODES),
    "deaths": pl.Int64,
    "women": pl.Int64,
    "tonnes": pl.Decimal(18, 6),
    "cost": pl.Decimal(18, 6),
    "answered": pl.Boolean,
    "note": pl.String,
    "deaths_status": pl.Enum(["reported", "not_reported", "not_applicable", "withheld"]),
    "tonnes_status": pl.Enum(["reported", "not_reported", "not_applicable", "withheld"]),
}
HERE = Location("test")
MONTHS = Period.parse("2018-11..2019-02")


def dataset(covers="month", area="place"):
    return Dataset.model_validate(
        {
            "dataset": "events",
            "title": LABEL,
            "grain": LABEL,
            "kind": "events",
            "covers": covers,
            "key": ["event_id"],
            "period": "day",
            "area": area,
            "columns": [
                {
                    "name": name,
                    "type": kind,
                    "label": LABEL,
                    **({"codes": "kind"} if kind == "code" else {}),
                    **({"to": "areas"} if kind == "reference" else {}),
                    **({"may_be": MAY_BE[name]} if name in MAY_BE else {}),
                }
                for name, kind in TYPES.items()
            ],
        }
    )


decimals = st.decimals(-900, 900, places=6, allow_nan=False)
counts = st.integers(-5, 1000)
maybe = st.none
rows = st.lists(
    st.fixed_dictionaries(
        {
            "event_id": st.sampled_from(["I1", "I2", "I3"]) | maybe(),
            "day": st.dates(date(2018, 10, 1), date(2019, 3, 31)),
            "place": st.sampled_from(["C1", "C2", "C3"]),
            "kind": st.sampled_from(CODES) | maybe(),
            "deaths": counts | maybe(),
            "women": counts | maybe(),
            "tonnes": decimals | maybe(),
            "cost": decimals | maybe(),
            "answered": st.booleans() | maybe(),
            "note": st.sampled_from(["", "Oui", "élan", "NON"]) | maybe(),
            "deaths_status": st.sampled_from(["reported", "not_reported", "not_applicable", "withheld"])
            | maybe(),
            "tonnes_status": st.sampled_from(["reported", "withheld"]) | maybe(),
        }
    ),
    max_size=40,
)

literals = st.sampled_from(["0", "1", "3", "1.5", "0.333333"])
numbers = st.recursive(
    st.sampled_from(["deaths", "women", "tonnes", "cost", "length(note)", "length(kind)"])
    | st.sampled_from(["tonnes * 0.333333", "(cost + 1) * 1.5", "deaths * 3", "deaths * tonnes"])
    | literals,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda one: f"abs({one})"),
        inner.map(lambda one: f"-({one})"),
        st.tuples(inner, inner).map(lambda parts: f"coalesce({parts[0]}, {parts[1]})"),
        st.tuples(inner, inner).map(lambda parts: f"case when answered then {parts[0]} else {parts[1]} end"),
        inner.map(lambda one: f"case when kind = 'clash' then {one} end"),
    ),
    max_leaves=3,
)
atoms = st.one_of(
    st.sampled_from(
        [
            *("answered", "answered is true", "answered is not false", "kind = 'attack'", "kind <> 'it''s'"),
            *("kind in ('clash', 'it''s')", "kind is null", "deaths is not null", "lower(note) = 'élan'"),
            *(
                "note = kind",
                "day >= date '2019-01-15'",
                "day between date '2018-11-10' and date '2019-01-31'",
            ),
            *("lower(kind) = 'clash'", "true", "1 = 1", "null", "event_id in ('I1', null)"),
        ]
    ),
    st.tuples(numbers, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), numbers).map(" ".join),
)
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=4,
)
calls = st.one_of(
    st.just("count(*)"),
    st.sampled_from(["event_id", "kind", "day", "answered", "deaths"]).map(lambda one: f"count({one})"),
    st.tuples(st.sampled_from(["sum", "min", "max"]), numbers).map(lambda parts: f"{parts[0]}({parts[1]})"),
    st.just("sum(tonnes * cost)"),
)
measures = st.lists(st.tuples(calls, conditions | maybe(), conditions | maybe()), min_size=1, max_size=4)


def terms_of(chosen):
    """The terms of measures: each an aggregate, its own filter, and the selection around it."""
    for call, own, around in chosen:
        text = f"{call} filter (where {own})" if own else call
        selection = parse_condition(around, FIELDS, HERE) if around else None
        yield from parse_formula(text, FIELDS, selection, HERE).terms


def in_duckdb(frame, wanted):
    con = duckdb.connect()
    con.register("events", frame.with_columns(pl.col(pl.Enum).cast(pl.String)).to_arrow())
    return named_frame(con.sql(pass_sql(wanted, "events", "duckdb")).pl(), wanted)


def exact(frame, wanted):
    """Sums of nothing aside, which SQL knows as null and polars as 0, and which nobody reads."""
    return frame.with_columns(
        (pl.col(one.sql).fill_null(0) if one.function == "sum" else pl.col(one.sql)).cast(
            pl.Int64 if one.is_count else pl.Decimal(38, 12)
        )
        for one in wanted.aggregates
    )


@settings(deadline=None, max_examples=100)
@given(rows, measures, st.sampled_from(["month", "calendar_year"]), st.sampled_from(["place", None]))
def test_polars_and_sql_in_duckdb_make_the_same_pass(drawn, chosen, covers, area):
    """Also where the coded column is text, so that its conditions are asked of rows and not of the cells of a cube."""
    frame = pl.DataFrame(drawn, schema=SCHEMA)
    wanted = pass_for(terms_of(chosen), dataset(covers, area), MONTHS, "ML")
    theirs = exact(in_duckdb(frame, wanted), wanted)
    for rows in (frame, frame.with_columns(pl.col("kind").cast(pl.String))):
        assert_frame_equal(exact(in_polars(rows.lazy(), wanted), wanted), theirs)


@settings(deadline=None, max_examples=30)
@given(rows, st.sampled_from(["event_id", "kind", "cost", "answered", "coalesce(note, kind)"]), conditions)
def test_distinct_values_are_those_that_sql_counts(drawn, argument, where):
    frame = pl.DataFrame(drawn, schema=SCHEMA)
    (term,) = terms_of([(f"count(distinct {argument})", where, None)])
    wanted = pass_for([term], dataset(), MONTHS, "ML")
    counted = in_duckdb(frame, replace(wanted, aggregates=(term,))).filter(pl.col(term.sql) > 0)
    ours = of_cells(tally(frame.lazy(), wanted, [term]), [term])[term.sql].sort("month", "leaf")
    assert_frame_equal(ours.cast({term.sql: pl.Int64}), counted)


def test_a_coded_column_may_have_the_name_of_a_key_of_the_pass():
    renamed = dataset().model_copy(
        update={
            "columns": tuple(
                column.model_copy(update={"name": "leaf"}) if column.name == "kind" else column
                for column in dataset().columns
            )
        }
    )
    fields = FIELDS | {"leaf": FIELDS["kind"]}
    frame = pl.DataFrame(
        [
            {"day": date(2019, 1, 5), "place": "C1", "kind": "clash", "deaths": 2},
            {"day": date(2019, 1, 6), "place": "C1", "kind": "attack", "deaths": 3},
            {"day": date(2019, 1, 7), "place": "C2", "kind": "clash", "deaths": 4},
        ],
        schema=SCHEMA,
    ).rename({"kind": "leaf"})
    terms = parse_formula("sum(deaths) filter (where leaf = 'clash')", fields, None, HERE).terms
    made = in_polars(frame.lazy(), pass_for(terms, renamed, MONTHS, "ML"))
    assert made.select("leaf", terms[0].sql).rows() == [("C1", 2), ("C2", 4)]


def test_columns_of_many_codes_are_told_apart_as_well_as_those_of_few():
    """Three columns of forty codes have too many combinations for a cube: the conditions on some are asked of rows."""
    codes = [f"c{number}" for number in range(40)]
    names = ("kind", "note", "event_id")
    rows = [
        {"day": date(2019, 1, 5), "place": "C1", **dict(zip(names, each, strict=True))}
        for each in product(codes[:3], codes[1:4], codes[2:5])
    ]
    frame = pl.DataFrame(rows, schema=SCHEMA | dict.fromkeys(names, pl.Enum(codes)))
    texts = [
        "kind = 'c1' and note = 'c2' and event_id = 'c3'",
        "kind = 'c1' and note = 'c1'",
        "kind <> 'c1' or note = 'c3'",
        "event_id in ('c2', 'c3')",
    ]
    fields = FIELDS | dict.fromkeys(names, Field("text", codes=tuple(codes)))
    terms = [parse_formula(f"count(*) filter (where {text})", fields, None, HERE).terms[0] for text in texts]
    made = in_polars(frame.lazy(), pass_for(terms, dataset(), MONTHS, "ML"))
    assert [made[term.sql].to_list() for term in terms] == [[1], [3], [21], [18]]


def test_a_pass_counts_what_is_missing_behind_a_sum():
    frame = pl.DataFrame(
        [
            {"day": date(2019, 1, 5), "place": "C1", "deaths": 3, "deaths_status": "reported"},
            {"day": date(2019, 1, 9), "place": "C1", "deaths_status": "withheld"},
            {"day": date(2019, 1, 20), "place": "C1", "deaths_status": "not_applicable"},
            {"day": date(2019, 1, 21), "place": "C1"},
            {"day": date(2019, 2, 1), "place": "C2", "tonnes": Decimal("1.5")},
        ],
        schema=SCHEMA,
    )
    wanted = pass_for(parse_formula("sum(deaths)", FIELDS, None, HERE).terms, dataset(), MONTHS, "ML")
    for made in (in_polars(frame.lazy(), wanted), in_duckdb(frame, wanted)):
        assert exact(made, wanted).rows() == [
            (date(2019, 1, 1), "C1", Decimal(3), 4, 1, 1, 1),
            (date(2019, 2, 1), "C2", Decimal(0), 1, 0, 0, 0),
        ]


def test_every_day_of_every_month_is_read_into_its_month():
    days = pl.DataFrame(
        {"day": pl.date_range(date(1899, 12, 1), date(2101, 1, 31), eager=True), "place": "C1"}
    )
    wanted = pass_for(terms_of([("count(*)", None, None)]), dataset(), Period.parse("1900-01..2100-12"), "ML")
    made = in_polars(days.lazy(), wanted)
    assert made["month"].to_list() == [month.start for month in wanted.months.months()]
    assert made["COUNT(*)"].to_list() == [month.days for month in wanted.months.months()]


def test_a_constant_is_counted_and_added_once_for_every_row():
    frame = pl.DataFrame([{"day": date(2019, 1, 5), "place": "C1"}] * 3, schema=SCHEMA)
    terms = [
        *terms_of([("sum(1)", None, None), ("count(1)", None, None), ("count(*)", "true", None)]),
    ]
    made = in_polars(frame.lazy(), pass_for(terms, dataset(), MONTHS, "ML"))
    assert [made[term.sql].to_list() for term in terms] == [[3], [3], [3]]


def test_a_pass_over_files_reads_neither_other_months_nor_columns_that_no_measure_names(tmp_path):
    """The data of another month's file, and of an unnamed column, are made unreadable: the pass does not notice."""
    needed = {"day": [date(2019, 1, 5)] * 3, "place": ["C1"] * 3, "women": [1, 2, 3]}
    frame = pl.DataFrame({**needed, "note": ["NEVER READ"] * 3})
    for month in (1, 2):
        whole = frame.with_columns(day=pl.lit(date(2019, month, 5)))
        whole.write_parquet(tmp_path / f"{month}.parquet", compression="uncompressed")
    first, second = tmp_path / "1.parquet", tmp_path / "2.parquet"
    group = pq.ParquetFile(first).metadata.row_group(0)
    women, note = group.column(2), group.column(3)
    spoil(first, note.dictionary_page_offset or note.data_page_offset, note.total_compressed_size)
    spoil(second, 4, women.data_page_offset + women.total_compressed_size - 4)
    terms = parse_formula("max(women)", FIELDS, None, HERE).terms
    rows = pl.scan_parquet(tmp_path / "*.parquet")
    assert in_polars(rows, pass_for(terms, dataset(), Period.parse("2019-01"), "ML"))[
        "MAX(women)"
    ].to_list() == [3]
    with pytest.raises(pl.exceptions.PolarsError):
        in_polars(rows, pass_for(terms, dataset(), Period.parse("2019-02"), "ML"))
    with pytest.raises(pl.exceptions.PolarsError):
        pl.read_parquet(first)


def spoil(path, begins, length):
    content = bytearray(path.read_bytes())
    content[begins : begins + length] = b"\xff" * length
    path.write_bytes(bytes(content))
