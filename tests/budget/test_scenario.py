"""A cut falls where its rule says, to the cent, and never on what is protected."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpas.budget.activity import WORK, work_by_output
from cpas.budget.at_risk import by_group, by_priority, losses_frame, outputs_at_risk, work_by_area
from cpas.budget.scenario import approved_lines, cut_budget, latest_year, parse_cut
from cpas.errors import DefinitionError, UsageError
from cpas.periods import Period

D = Decimal
YEAR = Period.parse("2018/19")


def lost(losses):
    sums = {}
    for loss in losses:
        key = loss.flow.output or ""
        sums[key] = sums.get(key, D(0)) + loss.amount
    return sums


@pytest.fixture
def ranked(two, budget, allocated):
    """OP1 (first priority) has 600, OP2 (second, rank 1) 200, OP3 (second, rank 2) 100, nobody 100."""
    path = two.folder / "indicators" / "framework.yml"
    path.write_text(path.read_text().replace("unit: yes or no,", "unit: yes or no, rank: 2,"))
    definitions = budget(two, l1_1="outputs: {OP1: 0.6, OP2: 0.2, OP3: 0.1}")
    return definitions, allocated(definitions, l1_1=(1000, None))


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (50, {"OP3": 50}),
        (100, {"OP3": 100}),
        (250, {"OP3": 100, "OP2": 150}),
        (900, {"OP3": 100, "OP2": 200, "OP1": 600}),
    ],
)
def test_by_outputs_the_lowest_tier_is_taken_first_and_whole(ranked, amount, expected):
    assert lost(cut_budget(*ranked, D(amount), "outputs", ())) == expected


def test_a_tier_that_is_not_used_up_loses_in_proportion(two, budget, allocated):
    path = two.folder / "indicators" / "framework.yml"
    path.write_text(path.read_text().replace("unit: yes or no, rank: 2,", "unit: yes or no,"))
    definitions = budget(two, l1_1="outputs: {OP2: 0.3, OP3: 0.1}")
    allocation = allocated(definitions, l1_1=(1000, None))
    assert lost(cut_budget(definitions, allocation, D(100), "outputs", ())) == {"OP2": 75, "OP3": 25}


def test_what_serves_all_priorities_is_cut_last(ranked, two, budget, allocated):
    path = two.folder / "indicators" / "framework.yml"
    path.write_text(path.read_text().replace(" rank: 2, paragraphs", " paragraphs"))
    definitions = two.load()
    allocation = allocated(definitions, l1_1=(1000, None))
    assert lost(cut_budget(definitions, allocation, D(650), "outputs", ())) == {"OP1": 600, "OP3": 50}


def test_a_protected_priority_loses_nothing(ranked):
    assert lost(cut_budget(*ranked, D(250), "outputs", ("SP2",))) == {"OP1": 250}
    groups = lost(cut_budget(*ranked, D(70), "groups", ("SP2",)))
    assert groups == {"OP1": 60, "": 10}


def test_by_groups_every_group_loses_the_same_percentage_and_what_is_not_allocated_its_part(ranked):
    assert lost(cut_budget(*ranked, D(100), "groups", ())) == {"OP1": 60, "OP2": 20, "OP3": 10, "": 10}


@given(amount=st.integers(1, 90_000), by=st.sampled_from(["outputs", "groups"]))
def test_losses_add_up_to_the_cut_to_the_cent_and_no_flow_loses_more_than_it_has(amount, by):
    definitions, allocation = KEPT["ranked"]
    losses = cut_budget(definitions, allocation, D(amount) / 100, by, ())
    assert sum(loss.amount for loss in losses) == D(amount) / 100
    assert all(0 < loss.amount <= loss.flow.resources.apportionment for loss in losses)


KEPT = {}


@pytest.fixture(autouse=True)
def keep(ranked):
    """Hypothesis draws many examples of one mission."""
    KEPT["ranked"] = ranked


@pytest.mark.parametrize(
    ("amount", "by", "protected", "words"),
    [
        (901, "outputs", (), r"more than the \$900 there that is not protected"),
        (301, "outputs", ("SP1",), r"more than the \$300"),
        (800, "groups", ("SP1",), r"from group 1 of the budget is more than the \$400"),
        (1, "outputs", ("SP1", "SP2"), r"more than the \$0"),
        (1, "outputs", ("SP9",), "there is no priority `SP9`.*there are: SP1, SP2"),
    ],
)
def test_what_cannot_be_cut_is_refused(ranked, amount, by, protected, words):
    with pytest.raises(UsageError, match=words):
        cut_budget(*ranked, D(amount), by, protected)


@pytest.mark.parametrize(
    ("text", "approved", "cut"),
    [
        ("2%", 1000, 20),
        ("0.5%", 1000, 5),
        ("11,320,900", 10**9, 11_320_900),
        ("$250.50", 1000, "250.50"),
        ("100%", 7, 7),
    ],
)
def test_a_cut_is_a_percentage_or_dollars(text, approved, cut):
    assert parse_cut(text).of(D(approved)) == D(cut)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0", "above zero"),
        ("0%", "above zero"),
        ("100.1%", "at most 100%"),
        ("-2%", "no cut"),
        ("two", "no cut"),
        ("", "no cut"),
    ],
)
def test_a_cut_that_is_none_is_refused(text, words):
    with pytest.raises(UsageError, match=words):
        parse_cut(text)


def test_a_cut_of_more_than_was_approved_or_less_than_a_cent_is_refused():
    with pytest.raises(UsageError, match=r"more than the \$1,000 that was approved"):
        parse_cut("1001").of(D(1000))
    with pytest.raises(UsageError, match="is nothing"):
        parse_cut("0.0001%").of(D(1))


def test_approved_amounts_are_those_of_the_year_asked_and_the_latest_by_default(ranked):
    definitions, _ = ranked
    rows = [("1.1", "2017/18", D(5)), ("1.1", "2018/19", D(9)), ("1.1", "2019/20", D(0))]
    lines = pl.DataFrame(
        rows,
        {"budget_line": pl.String, "budget_year": pl.String, "approved_usd": pl.Decimal(18, 6)},
        orient="row",
    )
    assert latest_year(lines) == YEAR
    assert approved_lines(definitions, lines, YEAR).total.apportionment == 9
    with pytest.raises(UsageError, match="there are: 2017/18, 2018/19, 2019/20"):
        approved_lines(definitions, lines, Period.parse("2020/21"))


def test_tables_add_up_and_outputs_at_risk_say_what_was_planned_and_done(ranked, activities, activity):
    definitions, allocation = ranked
    losses = cut_budget(definitions, allocation, D(250), "outputs", ())
    assert by_priority(definitions, allocation, losses).rows() == [
        ("SP1", 600, 0),
        ("SP2", 300, 250),
        ("", 100, 0),
    ]
    assert by_group(definitions, allocation, losses).rows() == [("1", 1000, 250)]
    assert losses_frame(losses)["cut"].sum() == 250
    done = activities(
        activity("OP2", participants_total=30), activity("OP2", area_code="C2", participants_total=None)
    )
    work, where = work_by_output(done, YEAR), work_by_area(done, YEAR)
    found = outputs_at_risk(definitions, allocation, losses, YEAR, work, {"OP2": "C1 50%"})
    assert found.rows() == [("OP3", 2, 100, 100, 1, 0, None, ""), ("OP2", 1, 200, 150, 5, 2, 30, "C1 50%")]
    assert where.rows() == [("OP2", "C1", 1, 50.0), ("OP2", "C2", 1, 50.0)]
    assert outputs_at_risk(definitions, allocation, losses, YEAR, pl.DataFrame(schema=WORK), {}).height == 2


def test_amounts_are_by_budget_year(two):
    path = two.folder / "indicators" / "budget.yml"
    amounts = "amounts: {2018: {requested: 3, recommended: 2, approved: 1, source: {en: s, fr: s}}}\n"
    path.write_text(path.read_text() + amounts)
    with pytest.raises(DefinitionError, match="by budget year, written like 2018/19"):
        two.load()
