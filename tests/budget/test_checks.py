"""What stops a performance report: unexplained variances, texts that disagree with the table, gaps, redeployments that do not balance."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from cpas.budget.checks import check_expenditure, check_redeployments
from cpas.budget.explanations import check_explanations, must_be_explained
from cpas.budget.resources import Line, Resources, compute_resources
from cpas.definitions.mission import VarianceThreshold
from cpas.errors import Location
from cpas.periods import Period

THRESHOLD = VarianceThreshold()
PLACES = {"1.1": Location("reference/budget_lines.csv", "", 2)}
WHERE = {"_file": pl.String, "_sheet": pl.String, "_row": pl.Int64}
AT = ("inbox/file.csv", "", 3)
TEXT = "The unspent balance of $200,000 (20.0 per cent) comes from posts that stayed vacant."


def line(apportionment, expenditure):
    return Line("1.1", "1", Resources(Decimal(apportionment), Decimal(expenditure)))


def year(mini, apportioned, spent, period="2018/19"):
    lines = pl.DataFrame(
        [("1.1", "2018/19", Decimal(apportioned))],
        schema={"budget_line": pl.String, "budget_year": pl.String, "apportionment_usd": pl.Decimal(18, 6)},
        orient="row",
    )
    months = list(Period.parse("2018/19").year_to_date().months())
    rows = [
        ("1.1", month.start, Decimal(each), *AT)
        for month, each in zip(months, spent, strict=False)
        if each is not None
    ]
    money = pl.DataFrame(
        rows, schema={"budget_line": pl.String, "month": pl.Date, "amount_usd": pl.Decimal(18, 6), **WHERE}, orient="row"
    )  # fmt: skip
    return compute_resources(mini.load(), lines, money, Period.parse(period)), money


def explanations(*rows, month=date(2019, 6, 1)):
    return pl.DataFrame(
        [("1.1", month, factor, Decimal(amount), english, french, *AT) for factor, amount, english, french in rows],
        schema={"budget_line": pl.String, "month": pl.Date, "factor": pl.String, "amount_usd": pl.Decimal(18, 6), "text_en": pl.String, "text_fr": pl.String, **WHERE},
        orient="row",
    )  # fmt: skip


def found(mini, rows, spent=(800_000, *[0] * 11), period="2018/19"):
    money, _ = year(mini, 1_000_000, spent, period)
    return list(check_explanations(money, rows, THRESHOLD, PLACES))


@pytest.mark.parametrize(
    ("apportionment", "expenditure", "wanted"),
    [
        (1_000_000, 950_000, True),  # 5 per cent
        (1_000_000, 950_001, False),
        (1_000_000, 1_050_000, True),
        (10_000_000, 9_900_000, True),  # 100,000 dollars
        (10_000_000, 9_900_001, False),
        (0, 0, False),
        (0, 99_999, False),  # no percentage, and less than the amount
        (0, 100_000, True),
    ],
)
def test_a_variance_is_explained_from_five_per_cent_or_a_hundred_thousand_dollars(
    apportionment, expenditure, wanted
):
    assert must_be_explained(line(apportionment, expenditure), THRESHOLD) is wanted


def test_an_unexplained_variance_is_an_issue_at_the_line_s_place(mini):
    (issue,) = found(mini, explanations())
    assert (issue.code, issue.severity, str(issue.where)) == (
        "CPAS-B001",
        "error",
        "reference/budget_lines.csv:2",
    )
    assert "200,000 dollars (20.0 per cent)" in issue.message


def test_before_the_year_is_over_no_explanation_is_demanded(mini):
    assert found(mini, explanations(), period="2019-03") == []


def test_an_explanation_that_agrees_with_the_table_raises_nothing(mini):
    french = "Le solde inutilisé de 200 000 dollars (20,0 %) s'explique par des postes restés vacants plus longtemps."
    assert found(mini, explanations(("management", 200_000, TEXT, french))) == []


def test_the_factors_of_a_line_add_up_to_its_variance(mini):
    text = "Posts stayed vacant for longer than the budget had assumed."
    halves = explanations(("management", 120_000, text, None), ("external", 80_000, text, None))
    assert found(mini, halves) == []
    (issue,) = found(mini, explanations(("management", 120_000, text, None)))
    assert (issue.code, str(issue.where)) == ("CPAS-B002", "inbox/file.csv:3")


@pytest.mark.parametrize(
    ("english", "french", "said"),
    [
        ("The balance of $210,000 comes from posts that stayed vacant.", None, "$210,000"),
        ("The balance of $0.3 million comes from posts that stayed vacant.", None, "$0.3 million"),
        ("The variance of 21.0 per cent comes from posts that stayed vacant.", None, "21.0 per cent"),
        (None, "Le solde de 210 000 dollars vient de postes restés vacants.", "210 000 dollars"),
        (None, "L'écart de 19,9 % vient de postes restés vacants longtemps.", "19,9 %"),
    ],
)
def test_a_text_with_a_figure_that_is_none_of_the_line_s_is_an_issue(mini, english, french, said):
    (issue,) = found(mini, explanations(("management", 200_000, english, french)))
    assert (issue.code, f"`{said}`" in issue.message) == ("CPAS-B003", True)


@pytest.mark.parametrize(
    "text",
    [
        "The balance of $0.2 million comes from posts that stayed vacant.",
        "Of the $1,000,000 apportioned $800,000 was spent, 20 per cent less.",
        "Posts stayed vacant for 14 months, in 3 of 7 offices.",
    ],
)
def test_a_text_may_round_and_may_name_figures_that_are_no_money(mini, text):
    assert found(mini, explanations(("management", 200_000, text, None))) == []


def test_a_missing_month_and_a_month_without_the_line_are_issues(mini):
    money, rows = year(mini, 12, [1, None, 1], "2018-09")
    issues = list(check_expenditure(money, rows))
    assert [(one.code, "2018-08" in one.message) for one in issues] == [("CPAS-B004", True)]
    other = rows.with_columns(budget_line=pl.lit("1.2"), month=pl.lit(date(2018, 8, 1)))[:1]
    both = pl.concat([rows, other])
    known = compute_resources(
        mini.load(),
        pl.DataFrame(
            [("1.1", "2018/19", Decimal(12))],
            schema={
                "budget_line": pl.String,
                "budget_year": pl.String,
                "apportionment_usd": pl.Decimal(18, 6),
            },
            orient="row",
        ),
        both,
        Period.parse("2018-09"),
    )
    (issue,) = check_expenditure(known, both)
    assert (issue.code, str(issue.where)) == ("CPAS-B005", "inbox/file.csv")
    assert issue.message == "line 1.1 has no expenditure in 2018-08"


def redeployed(*rows):
    return pl.DataFrame(
        [(id_, each, date(2018, 10, 1), Decimal(amount), *AT) for id_, each, amount in rows],
        schema={"redeployment_id": pl.String, "budget_line": pl.String, "month": pl.Date, "redeployed_usd": pl.Decimal(18, 6), **WHERE},
        orient="row",
    )  # fmt: skip


def lines(approved, apportioned):
    return pl.DataFrame(
        [("1.1", "2018/19", Decimal(approved), Decimal(apportioned), "reference/budget_lines.csv", "", 2)],
        schema={"budget_line": pl.String, "budget_year": pl.String, "approved_usd": pl.Decimal(18, 6), "apportionment_usd": pl.Decimal(18, 6), **WHERE},
        orient="row",
    )  # fmt: skip


def test_a_redeployment_that_does_not_net_to_zero_is_an_issue(mini):
    money, _ = year(mini, 100, [1])
    balanced = redeployed(("R1", "1.1", -30), ("R1", "1.2", 30))
    assert list(check_redeployments(balanced, lines(100, 70), money)) == []
    short = redeployed(("R1", "1.1", -30), ("R1", "1.2", 29))
    (issue,) = check_redeployments(short, lines(100, 70), money)
    assert (issue.code, issue.severity, str(issue.where)) == ("CPAS-B006", "error", "inbox/file.csv:3")
    assert "add up to -1 dollars" in issue.message


def test_an_apportionment_that_no_redeployment_explains_is_a_warning(mini):
    money, _ = year(mini, 100, [1])
    (issue,) = check_redeployments(redeployed(), lines(100, 70), money)
    assert (issue.code, issue.severity) == ("CPAS-B007", "warning")
