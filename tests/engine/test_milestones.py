from datetime import date

import pytest

from cpas.engine.milestones import Done, milestone_state
from cpas.errors import DefinitionError
from cpas.periods import Period

SIGNED = {
    "measure": "{value: count(*)}",
    "unit": "incidents",
    "direction": "increase",
    "more": "over_time: max\nover_area: max\ncumulative: mandate\nmilestone: {due: 2018-12-15}",
}


@pytest.mark.parametrize(
    ("done_in", "day", "span", "is_known", "state"),
    [
        ("2018-11", None, "2018-12", True, "done"),
        ("2018-12", None, "2018-12", True, "done"),  # the month of the due day is in time
        ("2019-01", None, "2019-01", True, "done_late"),
        ("2018-12", date(2018, 12, 15), "2018-12", True, "done"),
        ("2018-12", date(2018, 12, 16), "2018-12", True, "done_late"),  # the day is known, and past
        ("2019-02", date(2018, 12, 1), "2019-02", True, "done"),  # told of late, and done in time
        ("2018-11", None, "2019-06", False, "done"),  # what is done stays done
        (None, None, "2018-11", True, "not_yet_due"),
        (None, None, "2018-11", False, "not_yet_due"),
        (None, None, "2018-12", True, "overdue"),
        (None, None, "2018-12", False, "not_known"),
    ],
)
def test_a_milestone_is_done_done_late_not_yet_due_overdue_or_not_known(done_in, day, span, is_known, state):
    done = Done(Period.parse(done_in), day) if done_in else None
    assert milestone_state(date(2018, 12, 15), done, Period.parse(span), is_known=is_known) == state


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
    assert stands(mini, "2019-01", [], []) == ("not_known", "insufficient_data", None, None)


def test_other_indicators_have_no_milestone(mini, incident):
    mini.indicator("M", "{value: sum(deaths)}")
    assert stands(mini, "2018-07", [incident("2018-07-05", deaths=1)])[0] is None


@pytest.mark.parametrize("wrong", ["over_time: sum", "over_area: sum", "cumulative: none"])
def test_a_milestone_in_a_form_that_forgets_is_an_error(mini, wrong):
    name = wrong.split(":", maxsplit=1)[0]
    lines = [wrong if line.startswith(name) else line for line in SIGNED["more"].splitlines()]
    with pytest.raises(DefinitionError, match="a milestone has no targets"):
        mini.indicator("M", **(SIGNED | {"more": "\n".join(lines)})).load()


AGREED = {
    "source": "views",
    "unit": "step",
    "direction": "increase",
    "baseline": "{period: 2016/17, value: not_started}",
    "more": """scale: progress
over_time: max
over_area: max
cumulative: mandate
milestone: {due: 2018-12-15, achieved_on: achieved_on}""",
}


def told(month, step, achieved_on=None):
    day = date.fromisoformat(achieved_on) if achieved_on else None
    first = date.fromisoformat(f"{month}-01")
    return {"month": first, "place": "ML", "indicator": "M", "step": step, "achieved_on": day}


def agreed(judged, period, rows):
    """How it stands where no other month was told of: a row of a level is known whatever else is missing."""
    judged.indicator("M", "{value: max(step), where: \"indicator = 'M'\"}", **AGREED)
    received = [("views", "jmac", str(row["month"])[:7]) for row in rows]
    row = judged.row(judged.results(period, {"views": rows}, received), "M")
    return row["milestone"], row["achieved_on"], row["step"], row["status"], row["rating"]


def test_a_milestone_on_a_scale_is_done_at_its_last_step_on_the_day_that_its_row_says(judged):
    rows = [
        told("2018-11", "under_way"),
        told("2019-01", "achieved", "2018-12-10"),  # told of after the due day, and achieved before it
    ]
    assert agreed(judged, "2018-11", rows) == ("not_yet_due", None, "under_way", "partial", "not_rated")
    assert agreed(judged, "2019-01", rows)[:3] == ("done", date(2018, 12, 10), "achieved")


def test_a_milestone_that_is_done_stays_known_whoever_is_silent_since(judged):
    rows = [told("2019-01", "achieved", "2019-01-20")]
    assert agreed(judged, "2019-06", rows) == ("done_late", date(2019, 1, 20), "achieved", "reported", "met")


def test_a_milestone_of_which_nobody_tells_after_its_due_day_is_not_known_and_not_overdue(judged):
    rows = [told("2018-10", "under_way")]
    assert agreed(judged, "2018-12", rows)[0::4] == ("not_known", "insufficient_data")
    rows += [told("2018-12", "under_way")]
    assert agreed(judged, "2018-12", rows)[0::4] == ("overdue", "off_track")
    assert agreed(judged, "2019-02", rows)[0::4] == ("not_known", "insufficient_data")


def test_the_last_row_corrects_the_day(judged):
    rows = [told("2018-12", "achieved", "2018-12-30"), told("2019-01", "achieved", "2018-12-03")]
    assert agreed(judged, "2018-12", rows)[:2] == ("done_late", date(2018, 12, 30))
    assert agreed(judged, "2019-01", rows)[:2] == ("done", date(2018, 12, 3))


def test_a_day_after_the_month_of_its_row_is_not_achieved_in_that_month(judged):
    rows = [told("2018-12", "achieved", "2019-01-03")]
    assert agreed(judged, "2018-12", rows)[:2] == ("overdue", None)
    assert agreed(judged, "2019-01", rows)[:2] == ("done_late", date(2019, 1, 3))


def test_the_day_of_a_milestone_is_a_column_of_days(judged):
    more = AGREED["more"].replace("achieved_on: achieved_on", "achieved_on: achieved")
    judged.indicator("M", "{value: max(step)}", **(AGREED | {"more": more}))
    with pytest.raises(DefinitionError, match="`achieved` is no column of days; did you mean `achieved_on`"):
        judged.load()
