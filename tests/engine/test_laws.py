"""Laws that figures keep whatever the rows are: parts add up, ratios lie between their parts', order and strangers change nothing."""

import random
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cpas.engine.areas import AreaTree
from cpas.engine.scope import Wanted
from cpas.periods import Period

LAWS = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
ROWS = st.lists(
    st.tuples(
        st.integers(0, 120),
        st.sampled_from(["C1", "C2", "C3", "R1", "ML"]),
        st.sampled_from(["attack", "clash"]),
        st.none() | st.integers(0, 9),
        st.booleans(),
    ),
    max_size=25,
)
MONTHS = ("2018-11", "2018-12", "2019-01", "2019-02")
KEYS = ["indicator_id", "period", "area", "disaggregation"]


@pytest.fixture
def laws(mini):
    mini.indicator("SUM", "{value: sum(deaths)}", more="disaggregate_by: [kind]")
    mini.indicator("COUNT", "{value: count(*), where: kind = 'attack'}", unit="incidents")
    mini.indicator("SHARE", "{value: count(*) filter (where answered) / count(*)}", unit="share")
    mini.indicator("KEYS", "{value: count(distinct deaths), where: kind = 'attack'}", unit="incidents")
    mini.indicator("MEDIAN", "{value: median(deaths), where: kind = 'attack'}")
    return mini


def incidents(drawn):
    """From 1 November 2018 on, 121 days."""
    return [
        {
            "incident_id": str(index),
            "day": date(2018, 11, 1) + timedelta(days=day),
            "office": "FO-A",
            "place": place,
            "kind": kind,
            "deaths": deaths,
            "answered": answered,
        }
        for index, (day, place, kind, deaths, answered) in enumerate(drawn)
    ]


def parts(mini, results, id_, area="ML", part="total"):
    row = mini.row(results, id_, area, part)
    return row["numerator"] or 0, row["denominator"] or 0


@LAWS
@given(ROWS)
def test_sums_and_counts_of_months_areas_and_codes_add_up(laws, drawn):
    rows = {"incidents": incidents(drawn)}
    whole = laws.results("2018-11..2019-02", rows)
    each = [laws.results(month, rows) for month in MONTHS]
    for id_ in ("SUM", "COUNT", "SHARE"):
        assert parts(laws, whole, id_) == tuple(
            map(sum, zip(*(parts(laws, one, id_) for one in each), strict=True))
        )
    at_root = [row for row in rows["incidents"] if row["place"] == "ML"]
    alone = laws.results("2018-11..2019-02", {"incidents": at_root})
    split = [parts(laws, whole, "SUM", area)[0] for area in ("R1", "R2")] + [parts(laws, alone, "SUM")[0]]
    assert parts(laws, whole, "SUM")[0] == sum(split)
    assert parts(laws, whole, "SUM")[0] == sum(
        parts(laws, whole, "SUM", part=f"kind={kind}")[0] for kind in ("attack", "clash")
    )


@LAWS
@given(ROWS)
def test_on_the_boundaries_of_one_month_areas_and_rows_that_cannot_be_placed_add_up(laws, drawn):
    definitions, compute = laws.load(), laws.engine({"incidents": incidents(drawn)}, None)
    tree = AreaTree.of(laws.areas(), "ML").as_in(Period.parse("2019-02"))
    wanted = [Wanted(Period.parse("2018-11..2019-02"), is_detailed=False)]
    results = compute(definitions, wanted, tree)
    alone = [row for row in drawn if row[1] == "ML"]
    at_root = laws.engine({"incidents": incidents(alone)}, None)(definitions, wanted)
    for id_ in ("SUM", "COUNT"):
        split = [parts(laws, results, id_, area)[0] for area in ("R1", "R2", "R1*")]
        assert parts(laws, results, id_)[0] == sum(split) + parts(laws, at_root, id_)[0]


@LAWS
@given(ROWS)
def test_a_ratio_lies_between_those_of_its_areas(laws, drawn):
    located = [row for row in drawn if row[1] != "ML"]
    whole = laws.results("2018-11..2019-02", {"incidents": incidents(located)})
    known = [value for area in ("R1", "R2") if (value := laws.row(whole, "SHARE", area)["value"]) is not None]
    value = laws.row(whole, "SHARE")["value"]
    assert (value is None) == (not known)
    assert value is None or min(known) <= value <= max(known)


@LAWS
@given(ROWS)
def test_a_ratio_and_a_median_lie_between_those_of_their_months(laws, drawn):
    rows = {"incidents": incidents(drawn)}
    whole = laws.results("2018-11..2019-02", rows)
    each = [laws.results(month, rows) for month in MONTHS]
    for id_ in ("SHARE", "MEDIAN"):
        known = [value for one in each if (value := laws.row(one, id_)["value"]) is not None]
        value = laws.row(whole, id_)["value"]
        assert (value is None) == (not known)
        assert value is None or min(known) <= value <= max(known)


@LAWS
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(laws, drawn, luck: random.Random):
    rows = incidents(drawn)
    mixed = list(rows)
    luck.shuffle(mixed)
    one, other = (laws.results("2018-11..2019-02", {"incidents": each}) for each in (rows, mixed))
    assert one.equals(other)


@LAWS
@given(ROWS, st.integers(0, 120), st.integers(0, 9))
def test_a_row_outside_the_filter_changes_nothing(laws, drawn, day, deaths):
    rows = incidents(drawn)
    stranger = incidents([(day, "C1", "clash", deaths, True)])[0] | {"incident_id": "stranger"}
    before, after = (
        laws.results("2018-11..2019-02", {"incidents": each}) for each in (rows, [*rows, stranger])
    )
    selected = pl.col("indicator_id").is_in(["COUNT", "KEYS", "MEDIAN"])
    assert before.filter(selected).equals(after.filter(selected))
