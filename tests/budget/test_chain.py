"""Each kind of gap, made in a small mission, is found; a mission without gaps has none."""

from decimal import Decimal

import polars as pl
import pytest

from cpas.budget.activity import work_by_output
from cpas.budget.chain import SEVERITY, Places, audit_chain, gaps_frame, orphans_by_section
from cpas.budget.costs import Year
from cpas.errors import Location
from cpas.periods import Period

D = Decimal
JULY = Period.parse("2018-07")
PLACES = Places(
    {"OB1": Location("framework.yml", row=7)}, Location("framework.yml", row=1), Location("budget.yml", row=1)
)
WHOLE = {"l1_1": "outputs: {OP1: 0.4, OP2: 0.3, OP3: 0.3}"}


def results(**statuses):
    rows = [
        (id_.replace("_", "-"), "2018-07", "ML", "total", None, status) for id_, status in statuses.items()
    ]
    names = ("indicator_id", "period", "area", "disaggregation", "value", "status")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


@pytest.fixture
def audit(two, budget, allocated, activities, activity):
    """Audit the small mission, whole but for what is named."""
    two.indicator("I-1", "{value: count(*)}").indicator("I-2", "{value: count(*)}")
    path = two.folder / "indicators" / "own" / "I-2.yml"
    path.write_text(path.read_text().replace("outcome: OC1", "outcome: OC2"))

    def run(lines=WHOLE, money=None, done=("OP1", "OP2", "OP3"), statuses=None, orphans=()):
        definitions = budget(two, **lines)
        rows = activities(*(activity(output) for output in done))
        allocation = allocated(definitions, rows, **(money or dict.fromkeys(lines, (1000, 100))))
        found = results(**(statuses or {"I_1": "reported", "I_2": "partial"}))
        year = Year(
            JULY,
            found,
            work_by_output(rows, JULY),
            frozenset(),
            {},
            is_work_complete=True,
            is_staff_complete=True,
        )
        lost = activities(*(activity(None, **one) for one in orphans)).with_columns(
            section=pl.lit("jmac"),
            _file=pl.lit("a.xlsx"),
            _sheet=pl.lit("S"),
            _row=pl.int_range(2, pl.len() + 2),
        )
        gaps = audit_chain(definitions, allocation, year, orphans_by_section(lost, JULY), PLACES)
        return {(gap.kind, gap.subject): gap for gap in gaps}

    return run


def test_a_whole_chain_has_no_gap(audit):
    assert audit() == {}


def test_a_line_whose_money_reaches_no_output_is_money_without_a_result(audit):
    found = audit({**WHOLE, "l3_7": "outputs: {}"})
    assert list(found) == [("money_without_output", "3.7")]
    assert found["money_without_output", "3.7"].amount == 100


def test_a_line_without_money_is_no_gap(audit):
    assert audit({**WHOLE, "l3_7": "outputs: {}"}, {"l1_1": (1000, 100), "l3_7": (0, None)}) == {}


def test_what_a_line_leaves_unallocated_is_told_once_with_its_amount(audit):
    found = audit({"l1_1": "outputs: {OP1: 0.4, OP2: 0.3, OP3: 0.1}", "l1_2": "outputs: {OP1: 0.5}"})
    assert list(found) == [("money_not_allocated", "")]
    assert (found["money_not_allocated", ""].count, found["money_not_allocated", ""].amount) == (2, 70)


def test_an_output_that_no_line_pays_for_is_a_result_without_money(audit):
    assert list(audit({"l1_1": "outputs: {OP1: 0.4, OP2: 0.6}"})) == [("result_without_money", "OP3")]


def test_an_outcome_that_no_output_serves_is_a_result_without_money(audit, two):
    path = two.folder / "indicators" / "framework.yml"
    path.write_text(
        path.read_text().replace(
            "outcomes:\n", "outcomes:\n  - {id: OC3, title: {en: E, fr: E}, objective: OB1}\n"
        )
    )
    assert list(audit()) == [("result_without_money", "OC3")]


def test_an_output_without_activity_and_the_money_that_reaches_it(audit):
    found = audit(done=("OP1", "OP3"))
    assert list(found) == [("money_without_delivery", "OP2"), ("output_without_activity", "OP2")]
    assert found["money_without_delivery", "OP2"].amount == 30


def test_an_output_that_is_not_due_yet_lacks_no_activity(audit):
    assert audit(done=("OP1", "OP2")) == {}


def test_activities_without_an_output_are_counted_by_section_and_a_joint_one_once(audit):
    found = audit(orphans=({}, {"joint_key": "J"}, {"joint_key": "J"}))
    gap = found["activity_without_output", "jmac"]
    assert (len(found), gap.count, str(gap.where)) == (1, 2, "a.xlsx [S!2]")


def test_an_indicator_without_data_and_the_objective_that_then_rests_on_activity_alone(audit):
    found = audit(statuses={"I_1": "not_reported", "I_2": "reported"})
    assert list(found) == [("objective_on_activity", "OB1"), ("indicator_without_data", "I-1")]
    assert str(found["objective_on_activity", "OB1"].where) == "framework.yml:7"


@pytest.mark.parametrize("status", ["withheld", "not_applicable"])
def test_a_withheld_or_inapplicable_figure_is_no_missing_data(audit, status):
    assert list(audit(statuses={"I_1": status, "I_2": "reported"})) == [("objective_on_activity", "OB1")]


def test_an_objective_with_indicators_of_activity_alone(audit, two):
    path = two.folder / "indicators" / "own" / "I-2.yml"
    path.write_text(path.read_text().replace("level: outcome\noutcome: OC2", "level: activity\noutput: OP2"))
    assert list(audit()) == [("objective_on_activity", "OB2")]


def test_a_paragraph_that_no_objective_with_an_indicator_cites(audit, two):
    path = two.folder / "indicators" / "framework.yml"
    more = '{id: M2, number: "2", text: {en: R, fr: R}, valid: {from: 2017-07-01}}'
    past = '{id: M3, number: "3", text: {en: R, fr: R}, valid: {from: 2017-07-01, to: 2018-06-30}}'
    path.write_text(
        path.read_text().replace(
            "valid: {from: 2017-07-01}}]", f"valid: {{from: 2017-07-01}}}}, {more}, {past}]"
        )
    )
    assert list(audit()) == [("paragraph_without_indicator", "M2")]


def test_gaps_are_listed_gravest_kind_first_with_what_to_open(audit):
    found = audit(
        {"l1_1": "outputs: {OP1: 0.4, OP2: 0.3}"}, statuses={"I_1": "not_reported", "I_2": "reported"}
    )
    frame = gaps_frame(found.values())
    order = [list(SEVERITY).index(kind) for kind in frame["kind"]]
    assert order == sorted(order)
    assert frame["place"].str.len_chars().min() > 0
