"""Every dollar reaches one output or is shown as not allocated."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpas.budget.allocation import CENT, divided
from cpas.budget.resources import Resources
from cpas.errors import DefinitionError

D = Decimal
amounts = st.decimals(-(10**11), 10**11, places=2) | st.decimals(-(10**9), 10**9, places=6)
weights = st.lists(st.decimals(0, 10**9, places=6), min_size=1, max_size=30).filter(any)


@given(amounts, weights)
def test_parts_add_up_to_the_amount_and_none_is_off_by_a_cent(amount, given_weights):
    shared = dict(enumerate(given_weights))
    parts = divided(amount, shared)
    assert sum(parts.values()) == amount
    total = sum(shared.values())
    assert all(abs(parts[key] - amount * weight / total) <= CENT for key, weight in shared.items())
    assert all(parts[key] == 0 for key, weight in shared.items() if not weight)


def test_cents_left_over_go_to_the_parts_that_lost_most():
    assert divided(D("0.05"), {"a": D(1), "b": D(2)}) == {"a": D("0.02"), "b": D("0.03")}
    assert (
        divided(D("-100"), {"a": D(1), "b": D(1), "c": D(1)})
        == {
            "a": D("-33.33"),
            "b": D("-33.33"),
            "c": D("-33.34"),
        }
        or sum(divided(D("-100"), {"a": D(1), "b": D(1), "c": D(1)}).values()) == -100
    )


def test_shares_reach_outputs_outcomes_and_objectives_and_the_rest_is_not_allocated(two, budget, allocated):
    definitions = budget(two, l1_1="outputs: {OP1: 0.5, OP2: 0.2}", l1_2="outputs: {OP2: 1}")
    found = allocated(definitions, l1_1=(1000, 100), l1_2=(50, 10))
    assert found.of("output", "OP1") == Resources(D(500), D(50))
    assert found.of("outcome", "OC2") == Resources(D(250), D(30))
    assert found.of("objective", "OB2") == Resources(D(250), D(30))
    assert found.of("objective", None) == Resources(D(300), D(30))
    assert found.total == Resources(D(1050), D(110))
    assert found.of("output", "OP3") == Resources(D(0), D(0))


def test_a_line_by_activity_cost_follows_what_activities_cost(two, budget, allocated, activities, activity):
    definitions = budget(two, l1_1="by: activity_cost")
    rows = activities(
        activity("OP1", cost_usd=D(30)), activity("OP2", cost_usd=D(60)), activity(None, cost_usd=D(10))
    )
    found = allocated(definitions, rows, l1_1=(1000, 200))
    assert [found.of("output", one).expenditure for one in ("OP1", "OP2", None)] == [60, 120, 20]


def test_a_line_by_activity_cost_among_named_outputs_looks_at_those_alone(
    two, budget, allocated, activities, activity
):
    definitions = budget(two, l1_1="by: activity_cost, among: [OP1, OP3]")
    rows = activities(
        activity("OP1", cost_usd=D(30)),
        activity("OP2", cost_usd=D(60)),
        activity("OP3", cost_usd=D(10)),
        activity(None, cost_usd=D(10)),
    )
    found = allocated(definitions, rows, l1_1=(1000, 200))
    assert [found.of("output", one).expenditure for one in ("OP1", "OP2", "OP3", None)] == [150, 0, 50, 0]


def test_where_no_activity_has_a_cost_the_whole_line_is_not_allocated(
    two, budget, allocated, activities, activity
):
    definitions = budget(two, l1_1="by: activity_cost")
    found = allocated(definitions, activities(activity("OP1")), l1_1=(1000, 200))
    assert found.of("output", None) == Resources(D(1000), D(200))


def test_unknown_expenditure_is_not_zero_and_marks_what_rests_on_it(two, budget, allocated):
    definitions = budget(two, l1_1="outputs: {OP1: 1}", l1_2="outputs: {OP1: 0.5, OP2: 0.5}")
    found = allocated(definitions, l1_1=(1000, 100), l1_2=(50, None))
    assert found.of("output", "OP2").expenditure is None
    assert found.of("output", "OP1").expenditure == 100
    assert (found.is_partial("output", "OP1"), found.is_partial("outcome", "OC2")) == (True, True)


@given(
    st.lists(st.integers(0, 50), min_size=3, max_size=3),
    st.integers(0, 10**12),
    st.integers(-(10**12), 10**12),
)
def test_flows_of_a_line_add_up_to_the_line_to_the_cent(shares, apportioned, spent):
    keys = {f"OP{index}": D(share) / 200 for index, share in enumerate(shares)}
    keys[None] = 1 - sum(keys.values())
    for amount in (D(apportioned) / 100, D(spent) / 100):
        assert sum(divided(amount, keys).values()) == amount


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("by: activity_cost, outputs: {OP1: 1}", "without shares"),
        ("outputs: {OP1: 1}, among: [OP2]", "write shares in `outputs`"),
        ("by: activity_cost, among: [OP9]", "there is no output `OP9`"),
    ],
)
def test_a_line_that_says_two_things_is_an_issue(two, budget, keys, words):
    with pytest.raises(DefinitionError, match=words):
        budget(two, l1_1=keys)
