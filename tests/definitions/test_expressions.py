from datetime import date

import duckdb
import polars as pl
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from cpas.definitions.expressions.canonical import both
from cpas.definitions.expressions.parse import parse_condition, parse_derived, parse_formula, parse_quotient
from cpas.definitions.expressions.translate import condition_to_polars, rule_to_polars
from cpas.definitions.expressions.values import Field, spelling
from cpas.errors import DefinitionError, Location

FIELDS = {
    "kind": Field("text", None, ("attack", "clash")),
    "deaths": Field("number", "persons"),
    "cost": Field("number", "USD"),
    "hours": Field("number"),
    "day": Field("date"),
    "answered": Field("boolean"),
    "place": Field("text"),
}
WHERE = Location("f.yml", row=3)
ROWS = pl.DataFrame(
    {
        "kind": ["attack", "clash", None, "attack"],
        "deaths": [0, 3, 5, None],
        "hours": [1, None, 0, 2],
        "day": [date(2019, 1, 1), date(2018, 12, 31), None, date(2019, 6, 30)],
        "answered": [True, False, None, True],
        "place": ["Gao", "ségou", None, ""],
    }
)


def condition(text):
    return parse_condition(text, FIELDS, WHERE)


def messages(parse, text):
    with pytest.raises(DefinitionError) as caught:
        parse(text)
    return [issue.message for issue in caught.value.issues]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("deaths > 3 and kind = 'attack'", "'attack' = kind AND 3 < deaths"),
        ("answered or (kind = 'clash' or deaths < 2)", "(deaths < 2 or answered) or kind='clash'"),
        ("deaths + hours = 3", "3 = hours + deaths"),
        ("deaths * (hours + 1) > 2", "(1 + hours) * deaths > 2"),
        ("kind in ('clash', 'attack')", "kind in ('attack','clash')"),
        ("((answered))", "answered"),
    ],
)
def test_one_meaning_has_one_spelling(left, right):
    assert condition(left) == condition(right)


@pytest.mark.parametrize(
    ("left", "right"), [("deaths - hours > 0", "hours - deaths > 0"), ("deaths < hours", "deaths > hours")]
)
def test_two_meanings_stay_two(left, right):
    assert condition(left) != condition(right)


def test_a_quotient_and_its_inverse_are_two_definitions():
    above = parse_quotient("sum(deaths) / count(*)", FIELDS, None, WHERE)
    below = parse_quotient("count(*) / sum(deaths)", FIELDS, None, WHERE)
    assert (above[0], above[1]) == (below[1], below[0])


def test_a_quotient_keeps_numerator_denominator_and_scale():
    selection = condition("kind = 'attack'")
    above, below, scale = parse_quotient(
        "100 * (sum(deaths) filter (where answered) / sum(deaths))", FIELDS, selection, WHERE
    )
    assert above.sql == "SUM(deaths) FILTER(WHERE answered AND kind = 'attack')"
    assert below is not None
    assert below.sql == "SUM(deaths) FILTER(WHERE kind = 'attack')"
    assert scale == 100


def test_a_derived_indicator_names_indicators():
    known = {"POC-2.1": Field("number", "persons"), "POP-1": Field("number", "persons")}
    above, below, scale = parse_derived('"POC-2.1" / "POP-1" * 100000', known, WHERE)
    assert (above.indicators, below.indicators if below else (), scale) == (("POC-2.1",), ("POP-1",), 100_000)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("death > 3", "unknown column `death`; did you mean `deaths`?"),
        ("kind = 'atack'", "`atack` is not one of the codes; did you mean `attack`?"),
        ("kind in ('attack', 'raid')", "`raid` is not one of the codes"),
        ("deaths = 'three'", "a number is compared with a text"),
        ("deaths + cost > 3", "persons and USD are added"),
        ("deaths > cost", "USD and persons are compared"),
        ("day > '2019-01-01'", "a date is compared with a text"),
        ("kind < 'clash'", "a text has no order"),
        ("kind between 'attack' and 'clash'", "a text has no order"),
        ("day > date '2019-02-30'", "`2019-02-30` is not a day"),
        ("deaths / hours > 1", "division is not allowed inside an aggregate"),
        ("sum(deaths) > 1", "`sum` stands inside a row"),
        ("deaths", "this is a number, and a condition is wanted"),
        ("read_text('x') = 'y'", "is not allowed"),
        ("deaths > (select 1)", "is not allowed"),
        ("kind in (select 1)", "takes a list of values"),
        ("t.deaths > 1", "names a table"),
        ("deaths > 1; drop table x", "is not allowed"),
        ("deaths >", "not an SQL expression"),
        ("kind like 'a%'", "`like` is not allowed"),
    ],
)
def test_what_may_not_stand_is_named(text, words):
    assert words in messages(condition, text)[0]


def test_every_fault_of_an_expression_is_found_with_a_caret_under_its_place():
    found = messages(condition, "deths > 3 and kind = 'x'")
    assert [message.splitlines()[2].index("^") - 8 for message in found] == [0, 21]


@pytest.mark.parametrize(
    "text",
    [
        "sum(kind)",
        "sum(sum(deaths))",
        "deaths",
        "avg(deaths)",
        "sum(deaths) + sum(cost)",
        "max(deaths) over ()",
    ],
)
def test_formulas_are_arithmetic_of_allowed_aggregates(text):
    assert messages(lambda it: parse_formula(it, FIELDS, None, WHERE), text)


CONDITIONS = [
    "kind = 'attack'",
    "not (kind = 'attack')",
    "kind <> 'attack' or deaths > 2",
    "kind in ('attack')",
    "not kind in ('attack', 'clash')",
    "deaths between 1 and 5",
    "deaths is null",
    "answered is true",
    "not answered",
    "case when answered then deaths else hours end > 0",
    "coalesce(deaths, hours, 0) = 2",
    "abs(deaths - 4) < 2",
    "day >= date '2019-01-01' and day <= date '2019-06-30'",
    "lower(place) = 'gao' or length(place) = 5",
    "deaths - (hours - 1) > 0",
    "-deaths < 0",
    "(deaths is null) = (hours is null)",
    "(kind in ('attack')) = (answered is true)",
    "(deaths between 0 and 3) = answered",
    "(not answered) = (deaths > 2)",
    "(answered or deaths > 2) is null",
    "-(deaths - hours) * (2 - hours) < deaths - (hours + 1)",
]


def in_duckdb(rows, sql):
    return [value for (value,) in duckdb.sql(f"SELECT {sql} FROM rows").fetchall()]  # noqa: S608  # our own canonical SQL


@pytest.mark.parametrize("text", CONDITIONS)
def test_polars_and_duckdb_agree_with_null_for_unknown(text):
    parsed = condition(text)
    assert ROWS.select(condition_to_polars(parsed)).to_series().to_list() == in_duckdb(ROWS, parsed.sql)


@pytest.mark.parametrize("text", CONDITIONS)
def test_canonical_sql_is_its_own_canonical_form(text):
    parsed = condition(text)
    assert condition(parsed.sql) == parsed
    assert ROWS.select(rule_to_polars(parsed.sql)).equals(ROWS.select(condition_to_polars(parsed)))


@pytest.mark.parametrize("text", CONDITIONS)
def test_spelling_an_expression_leaves_its_tree_as_it_was(text):
    tree = sqlglot.parse_one(text, dialect="duckdb")
    before = tree.copy()
    spelling(tree)
    assert tree == before


@st.composite
def conditions(draw, depth=3):
    if depth == 0:
        return draw(
            st.sampled_from(
                [
                    "answered",
                    "deaths > 2",
                    "hours <= 1",
                    "kind = 'attack'",
                    "place is null",
                    "deaths + hours * 2 - 1 > 3",
                ]
            )
        )
    inner = conditions(depth=depth - 1)
    joiner = draw(st.sampled_from(["and", "or", "=", "not", "leaf"]))
    if joiner == "leaf":
        return draw(conditions(depth=0))
    return f"not ({draw(inner)})" if joiner == "not" else f"({draw(inner)}) {joiner} ({draw(inner)})"


@settings(deadline=None)
@given(conditions())
def test_any_nesting_means_the_same_before_and_after_and_in_duckdb(text):
    parsed = condition(text)
    ours = ROWS.select(condition_to_polars(parsed)).to_series().to_list()
    assert ours == in_duckdb(ROWS, text) == in_duckdb(ROWS, parsed.sql)
    assert condition(parsed.sql) == parsed


@settings(deadline=None)
@given(conditions(), conditions())
def test_two_conditions_that_hold_together_are_spelt_as_if_written_so(one, other):
    together = both(condition(one), condition(other))
    assert together == condition(f"({one}) and ({other})")
    assert together.tree == condition(together.sql).tree
