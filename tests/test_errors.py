import pytest

from cpas.errors import DataError, Issue, Location, suggest


@pytest.mark.parametrize(
    ("location", "text"),
    [
        (Location("a.xlsx", "Activities", 17, "F"), "a.xlsx [Activities!F17]"),
        (Location("a.xlsx", "Activities"), "a.xlsx [Activities]"),
        (Location("a.yml", row=12), "a.yml:12"),
        (Location("a.yml", row=12, column="4"), "a.yml:12:4"),
        (Location("a.yml"), "a.yml"),
    ],
)
def test_a_place_is_printed_so_that_it_can_be_opened(location, text):
    assert str(location) == text


def test_an_issue_says_where_what_which_rule_and_what_to_do():
    issue = Issue(
        "CPAS-D104", Location("a.xlsx", "A", 2, "B"), "`n` is -3", "correct it", rule=Location("a.yml", row=4)
    )
    assert str(issue).splitlines() == [
        "a.xlsx [A!B2]: error CPAS-D104: `n` is -3",
        "    rule: a.yml:4",
        "    fix: correct it",
    ]


def test_an_error_carries_every_issue():
    issues = [Issue("CPAS-D1", Location("a"), "m", "f"), Issue("CPAS-D2", Location("b"), "m", "f")]
    error = DataError("two problems", issues)
    assert error.issues == tuple(issues)
    assert str(error).count("CPAS-D") == 2


def test_a_near_name_is_suggested_and_a_far_one_is_not():
    assert suggest("deaths_civilian", ["deaths_civilians", "place"]) == "; did you mean `deaths_civilians`?"
    assert suggest("zzz", ["deaths_civilians"]) == ""
