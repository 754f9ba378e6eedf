from datetime import date

import pytest

from cpas.engine.milestones import milestone_state
from cpas.errors import DefinitionError
from cpas.periods import Period

SIGNED = {
    "measure": "{value: count(*)}",
    "unit": "incidents",
    "direction": "increase",
    "more": "over_time: max\nover_area: max\ncumulative: mandate\nmilestone: {due: 2018-12-15}",
}


@pytest.mark.parametrize(
    ("done_in", "span", "state"),
    [
        ("2018-11", "2018-12", "done"),
        ("2018-12", "2018-12", "done"),  # the month of the due day is in time
        ("2019-01", "2019-01", "done_late"),
        (None, "2018-11", "not_yet_due"),
        (None, "2018-12", "overdue"),
    ],
)
def test_a_milestone_is_done_done_late_not_yet_due_or_overdue(done_in, span, state):
    done = Period.parse(done_in) if done_in else None
    assert milestone_state(date(2018, 12, 15), done, Period.parse(span)) == state


def stands(mini, period, rows, received=None):
    row = mini.row(mini.results(period, {"incidents": rows}, received), "M")
    return row["milestone"], row["rating"], row["target"], row["progress"]


def test_no_number_of_a_milestone_is_rated(mini, incident):
    mini.indicator("M", **SIGNED)
    early, late = [incident("2018-09-05", "C3")], [incident("2019-02-05")]
    assert stands(mini, "2018-11", late) == ("not_yet_due", "not_rated", None, None)
    assert stands(mini, "2019-01", late) == ("overdue", "off_track", None, None)
    assert stands(mini, "2019-03", late) == ("done_late", "met", None, None)
    assert stands(mini, "2020-06", early) == ("done", "met", None, None)  # it stays done


def test_a_milestone_of_which_nobody_reports_is_not_called_overdue(mini):
    mini.indicator("M", **SIGNED)
    assert stands(mini, "2019-01", [], []) == (None, "insufficient_data", None, None)


def test_other_indicators_have_no_milestone(mini, incident):
    mini.indicator("M", "{value: sum(deaths)}")
    assert stands(mini, "2018-07", [incident("2018-07-05", deaths=1)])[0] is None


@pytest.mark.parametrize("wrong", ["over_time: sum", "over_area: sum", "cumulative: none"])
def test_a_milestone_in_a_form_that_forgets_is_an_error(mini, wrong):
    name = wrong.split(":", maxsplit=1)[0]
    lines = [wrong if line.startswith(name) else line for line in SIGNED["more"].splitlines()]
    with pytest.raises(DefinitionError, match="a milestone has no targets"):
        mini.indicator("M", **(SIGNED | {"more": "\n".join(lines)})).load()
