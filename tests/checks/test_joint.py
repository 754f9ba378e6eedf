"""Joint keys: what one joint activity may differ in is passed over, all else is said with the place of the other row."""

from datetime import date

from cpas.checks.joint import KEPT, check_decided, check_joint_keys
from cpas.errors import Location
from tests.checks.test_duplicates import LOADED, POLICE, USUAL, rows

JOINT = {"joint": "JK-1"}


def said(*changes: dict[str, object], standing: tuple[dict[str, object], ...] = ()) -> list[tuple[int, str]]:
    new = rows(*(JOINT | change for change in changes))
    other = rows(*(JOINT | {"_file": "b.xlsx"} | change for change in standing))
    issues = check_joint_keys(new, other, LOADED, {("a.xlsx", "Visits", "joint"): "O"})
    assert {(one.code, one.severity, one.where.column) for one in issues} <= {("CPAS-D223", "warning", "O")}
    return [(one.where.row, one.message) for one in issues]


def test_one_joint_activity_told_by_both_sections_is_passed_over() -> None:
    next_morning = {"on": date(2019, 6, 3)}
    assert said({}, POLICE, POLICE | next_morning, {"joint": None}, {"joint": "JK-2", "area": "ML01"}) == []


def test_rows_of_other_days_areas_and_types_under_one_key_are_said_each_with_another() -> None:
    far = POLICE | {"on": date(2019, 6, 20), "area": "ML05", "visit_type": "meeting"}
    first, second = said({}, far)
    why = "which says 2019-06-20, `ML05`, `meeting`; both count as one"
    assert first == (2, f"`joint` is `JK-1`, as in a.xlsx [Visits!3], {why}")
    assert second[0] == 3
    assert "as in a.xlsx [Visits!2], which says 2019-06-02, `ML07`, `patrol`" in second[1]


def test_a_row_in_force_is_compared_and_not_told_of() -> None:
    [(row, message)] = said({}, standing=({"area": "ML05"}, {"joint": "else", "area": "ML01"}))
    assert (row, "as in b.xlsx [Visits!2], which says `ML05`" in message) == (2, True)


def test_an_area_and_one_that_lies_in_it_are_not_told_as_two() -> None:
    above = {"ML0701": {"ML07", "ML"}, "ML07": {"ML"}, "ML05": {"ML"}}
    new = rows(JOINT, JOINT | {"area": "ML0701"}, JOINT | {"area": "ML"}, JOINT | {"area": "ML05"})
    told = check_joint_keys(new, new.clear(), LOADED, {}, above)
    assert {(one.where.row, one.message.split("`")[5]) for one in told} == {
        (2, "ML05"),
        (3, "ML05"),
        (5, "ML07"),
    }


def test_keys_that_differ_in_their_spelling_alone_are_said() -> None:
    spelt = [{"joint": key} for key in ("JK-1", "jk-1", "JK 1", "JK1", "Jk_1")]
    found = said(*spelt, {"joint": "JK-11"}, {"joint": "JK-1-1"}, {"joint": "JL-1"})
    assert [row for row, _ in found] == [2, 3, 4, 5, 6]
    assert (
        found[0][1]
        == "`joint` is `JK-1`, and `jk-1` in a.xlsx [Visits!3]; keys in two spellings count as two"
    )
    assert said({"joint": "JP-1-11"}, {"joint": "JP-11-1"}, {"joint": "JP 111"}) == []


def test_rows_decided_to_be_the_same_that_say_another_thing_since_are_said() -> None:
    told = rows({}, POLICE | {"on": date(2019, 6, 20)}, POLICE | {"area": "ML0701", "on": date(2019, 6, 3)})
    above = {"ML0701": {"ML07"}}
    same = [("V1", "V2"), ("V1", "V3"), ("V1", "gone")]
    [issue] = check_decided(told, LOADED, same, above, Location("reference/duplicates.csv"))
    assert (issue.code, issue.where.file, issue.severity) == (
        *("CPAS-D223", "reference/duplicates.csv", "warning"),
    )
    assert (
        issue.message
        == "`V1` and `V2` were decided to be the same, and `V2` says 2019-06-20; both count as one"
    )
    assert list(check_decided(told, LOADED, [], above, Location(""))) == []


def test_of_many_a_thousand_are_kept_and_the_rest_counted() -> None:
    many = rows(*(JOINT | {"area": f"ML{n}"} for n in range(KEPT + 5)))
    issues = check_joint_keys(many, many.clear(), LOADED, {})
    assert (len(issues), issues[-1].count) == (KEPT + 1, 5)
    assert USUAL["joint"] is None
