from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from cpas.checks.rules import CheckResult, Sources, entry_names, reference_keys
from cpas.definitions.framework import BudgetStructure, Framework
from cpas.definitions.load import load_definitions
from cpas.definitions.loaded import Definitions, LoadedDataset
from cpas.definitions.mission import Mission, Section
from cpas.illustration.geography import SEED
from cpas.intake.annotate_words import Speech

Check = Callable[..., CheckResult]
FILE = "incidents-2019-06.xlsx"


def told(result: CheckResult) -> list[str]:
    return [str(issue).splitlines()[0] for issue in result.issues]


def test_rows_that_keep_every_rule_give_no_issue(check: Check) -> None:
    result = check({}, {"deaths_women": None, "section": None, "response_hours": None})
    assert (result.issues, result.json["success"]) == ((), True)


@pytest.mark.parametrize(
    ("change", "cell", "code", "message"),
    [
        ({"incident_on": None}, "B4", "CPAS-D201", "`incident_on` is empty, and every row needs it"),
        (
            {"incident_type": "atack_on_civilians"},
            "C4",
            "CPAS-D202",
            "`incident_type` is `atack_on_civilians`, which is not one of its codes; did you mean `attack_on_civilians`?",
        ),
        (
            {"area_code": "ML0503"},
            "D4",
            "CPAS-D203",
            "`area_code` is `ML0503`, and `areas` has no such entry",
        ),
        (
            {"deaths_civilians": -3, "deaths_women": None},
            "F4",
            "CPAS-D204",
            "`deaths_civilians` is -3; the rule wants at least 0",
        ),
        (
            {"response_hours": Decimal("72.250000")},
            "H4",
            "CPAS-D204",
            "`response_hours` is 72.25; the rule wants 0.5 to 72",
        ),
        (
            {"incident_id": "I-12345"},
            "A4",
            "CPAS-D205",
            "`incident_id` has 7 characters; the rule wants at most 6",
        ),
        (
            {"incident_id": "xI-1"},
            "A4",
            "CPAS-D206",
            r"`incident_id` is `xI-1`, which does not have the form `I-\d+`",
        ),
        (
            {"deaths_women": 4},
            "G4",
            "CPAS-D208",
            "`deaths_women` is 4, `deaths_civilians` is 3: more women than civilians were killed",
        ),
        (
            {"incident_on": date(2019, 7, 3)},
            "B4",
            "CPAS-D209",
            "`incident_on` is 2019-07-03, and the report is for 2019-06",
        ),
    ],
)
def test_a_broken_rule_is_told_with_its_cell_and_value(
    check: Check, change: dict[str, Any], cell: str, code: str, message: str
) -> None:
    [issue] = check({}, change).issues
    assert (str(issue.where), issue.code, issue.message) == (f"{FILE} [incidents!{cell}]", code, message)
    assert issue.fix
    assert issue.rule
    assert issue.rule.file == "indicators/datasets/incidents.yml"
    assert issue.rule.row > 10


@pytest.mark.parametrize(
    ("kind", "english", "french"),
    [
        ("not_reported", "is not reported", "n'est pas communiqué"),
        ("not_applicable", "is not applicable", "est sans objet"),
        ("withheld", "is withheld", "est confidentiel"),
    ],
)
def test_a_row_rule_tells_which_kind_of_nothing_a_cell_is(
    nothing_of_one: Callable[[str], CheckResult], kind: str, english: str, french: str
) -> None:
    [message] = [issue.message for issue in nothing_of_one(kind).issues if issue.code == "CPAS-D208"]
    assert f"`deaths_civilians` {english}: " in message
    assert f"`deaths_civilians` {french}, " in Speech("fr", {"x": "y"}).tell(
        message.partition(": ")[0] + ", `a` is 3: x"
    )


def test_a_place_or_label_that_is_misspelt_is_suggested_by_its_name(check: Check) -> None:
    both = "Gao (ML07)`, `Gao (ML0703)"
    names = {
        "area_code": {"Ansongo": "Ansongo", "Gao": both},
        "incident_type": {"Affrontement armé": "Affrontement armé"},
    }
    wrong = {"area_code": "Ansongoo", "incident_type": "Afrontement armé"}
    messages = [issue.message for issue in check(wrong, sources=Sources(names=names)).issues]
    assert {message.partition("; ")[2] for message in messages} == {
        "did you mean `Ansongo`?",
        "did you mean `Affrontement armé`?",
    }
    [doubtful] = [
        issue.message for issue in check({"area_code": "Gaoo"}, sources=Sources(names=names)).issues
    ]
    assert doubtful.endswith("did you mean `Gao (ML07)`, `Gao (ML0703)`?")
    assert Speech("fr").tell(doubtful).endswith("vouliez-vous dire `Gao (ML07)`, `Gao (ML0703)`\u202f?")


def test_the_names_of_entries_are_those_of_lists_of_tables_and_of_definitions() -> None:
    mission = load_definitions(SEED)
    areas = pl.DataFrame(
        {
            "area_code": ["ML0702", "ML07", "ML0703"],
            "name": ["Ansongo", "Gao", "Gao"],
            "name_fr": ["Ansongo", "Gao", None],
        }
    )
    names = entry_names(mission.datasets["activities"], mission, {"areas": areas})
    activities = mission.datasets["activities"].dataset
    [place] = [column.name for column in activities.columns if column.to == "areas"]
    [section] = [column.name for column in activities.columns if column.to == "sections"]
    assert names[place] == {"Ansongo": "Ansongo", "Gao": "Gao (ML07)`, `Gao (ML0703)"}
    assert mission.mission.sections["civil_affairs"].title["fr"] in names[section]
    assert mission.codes["activity_type"].codes["joint_patrol"].label["fr"] in names["activity_type"]


def test_a_key_given_twice_is_told_at_both_rows_each_with_the_other(check: Check) -> None:
    first, second = check({"incident_id": "I-7"}, {}, {"incident_id": "I-7"}).issues
    assert (
        first.message == f"`incident_id` is `I-7`, as in {FILE} [incidents!A5]; no two rows may have the same"
    )
    assert f"as in {FILE} [incidents!A3]" in second.message


def test_the_severity_is_that_of_the_declaration(check: Check) -> None:
    severities = {issue.severity for issue in check({"deaths_women": 4}, {"area_code": "?"}).issues}
    assert severities == {"warning", "error"}


def test_a_figure_that_may_be_not_reported_is_not_missing_when_it_says_so(check: Check) -> None:
    silent, withheld = (
        {"deaths_civilians": None, "deaths_civilians_status": w} for w in ("not_reported", "withheld")
    )
    [issue] = check(silent, withheld).issues
    assert str(issue.where) == f"{FILE} [incidents!F4]"


def test_a_day_that_was_still_to_come_is_told(check: Check) -> None:
    no_cover = {"_file": "old.csv"}
    days = ({"incident_on": day, **no_cover} for day in (date(2109, 6, 2), date(2019, 7, 5)))
    issues = check(*days, {"incident_on": date(2019, 7, 4), **no_cover}, received_on=date(2019, 7, 3)).issues
    assert [issue.message for issue in issues] == [
        f"`incident_on` is {day}, a day that was still to come when it was received"
        for day in ("2109-06-02", "2019-07-05")
    ]


def test_a_cell_that_could_not_be_read_is_not_told_again_as_missing(check: Check) -> None:
    faulted = [(FILE, "incidents", 3, "incident_on")]
    [issue] = check({"incident_on": None}, {"incident_on": None}, faulted=faulted).issues
    assert issue.where.row == 4


def test_a_row_rule_is_not_asked_of_a_row_where_one_of_its_cells_could_not_be_read(check: Check) -> None:
    wrong = {"deaths_women": 4}
    [issue] = check(wrong, wrong, faulted=[(FILE, "incidents", 3, "deaths_civilians")]).issues
    assert str(issue.where) == f"{FILE} [incidents!G4]"


def test_after_a_thousand_issues_of_a_rule_one_counts_the_rest(check: Check) -> None:
    issues = check(*[{"area_code": "Bamako"}] * 1234).issues
    assert len(issues) == 1001
    assert issues[-1].message == "234 more rows break the rule `incidents.area_code.reference`"
    assert (issues[-1].count, sum(issue.count for issue in issues)) == (234, 1234)


def test_one_more_row_is_told_in_the_singular(check: Check) -> None:
    message = check(*[{"area_code": "Bamako"}] * 1001).issues[-1].message
    assert message == "1 more row breaks the rule `incidents.area_code.reference`"
    assert Speech("fr").tell(message).startswith("1 autre ligne enfreint la règle")


def test_unread_cells_count_neither_among_the_shown_nor_among_the_rest(check: Check) -> None:
    faulted = [(FILE, "incidents", row, "incident_on") for row in (3, 1240)]
    issues = check(*[{"incident_on": None}] * 1250, faulted=faulted).issues
    assert sum(issue.count for issue in issues) == 1248


def test_a_rule_that_could_not_run_is_an_issue_of_its_own_at_its_line(check: Check) -> None:
    result = check({}, references={"sections": pl.Series(["jmac"])})
    [issue] = result.issues
    assert (issue.code, issue.where.file) == ("CPAS-D299", "indicators/datasets/incidents.yml")
    assert (
        issue.message
        == "the rule `incidents.area_code.reference` could not run: there is no reference table `areas`"
    )
    assert not result.json["success"]


def test_every_fault_of_a_row_is_told(check: Check) -> None:
    result = check({"incident_type": "raid", "area_code": "??", "deaths_civilians": -1, "response_hours": 99})
    assert {issue.code for issue in result.issues} == {"CPAS-D202", "CPAS-D203", "CPAS-D204", "CPAS-D208"}
    assert len(result.issues) == 5


def test_references_are_keys_of_other_data_sets_and_what_definitions_list(incidents: LoadedDataset) -> None:
    section = Section.model_validate({"title": {"en": "JMAC", "fr": "COAM"}, "component": "civilian"})
    mission, nothing = Mission.model_construct(sections={"jmac": section}), Framework.model_construct()
    known = Definitions(
        mission, {"areas": incidents}, {}, nothing, BudgetStructure.model_construct(), {}, {}, ()
    )
    keys = reference_keys(
        incidents, known, {"areas": pl.DataFrame({"incident_id": ["ML02", "ML01", "ML01"]})}
    )
    assert {name: series.to_list() for name, series in keys.items()} == {
        "areas": ["ML01", "ML02"],
        "sections": ["jmac"],
    }
