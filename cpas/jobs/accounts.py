"""The tables of a budget performance report from what was gathered and computed, and what stops it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

import polars as pl

from cpas.budget.checks import check_expenditure, check_redeployments, places_of_lines
from cpas.budget.delivery import Delivery, compute_delivery, delivery_frame, quarters_frame, tallies
from cpas.budget.explanations import check_explanations, must_be_explained
from cpas.budget.incumbency import compute_incumbency
from cpas.budget.performance import (
    STAFF_ASSESSMENT,
    Performance,
    compute_contributions,
    compute_income,
    compute_performance,
    compute_redeployments,
    memo_frame,
)
from cpas.budget.resources import AMOUNT, Resources, YearResources
from cpas.errors import Issue, UsageError
from cpas.jobs.figures import Figures
from cpas.jobs.gathered import Gathered
from cpas.jobs.material import make_material
from cpas.jobs.money import Money, completeness
from cpas.report.rbb.material import RbbMaterial
from cpas.report.texts import Texts

NEEDED = (
    *("variance_explanations", "redeployments", "contributions_in_kind", "income", "income_estimates"),
    *("authorized_strengths", "activities", "deployments"),
)


@dataclass(frozen=True)
class Accounts:
    """What the report says of a budget year to date beside its indicators and money."""

    performance: Performance
    income: dict[str, Resources]
    contributions: pl.DataFrame
    deliveries: tuple[Delivery, ...]
    delivery: pl.DataFrame
    quarters: pl.DataFrame
    incumbency: pl.DataFrame
    redeployments: pl.DataFrame


def check_datasets(gathered: Gathered) -> None:
    """Refuse definitions that were made before the report was.

    Raises:
        UsageError: A data set is not declared.
    """
    if lacking := [name for name in NEEDED if name not in gathered.tables]:
        raise UsageError(
            f"the mission's own definitions do not declare {', '.join(lacking)}; copy their files from the program's `indicators/datasets`"
        )


def check_accounts(gathered: Gathered, money: YearResources) -> Iterator[Issue]:
    """Everything wrong with the budget's rows of a year to date."""
    tables = gathered.tables
    places = places_of_lines(tables["budget_lines"], str(money.budget_year))
    yield from check_expenditure(money, tables["expenditure"])
    yield from check_redeployments(tables["redeployments"], tables["budget_lines"], money)
    threshold = gathered.definitions.mission.variance_threshold
    yield from check_explanations(money, tables["variance_explanations"], threshold, places)


def compute_accounts(gathered: Gathered, results: pl.DataFrame, money: YearResources) -> Accounts:
    """Every table of the budget year to date."""
    definitions, tables, to_date = gathered.definitions, gathered.tables, money.to_date
    income = compute_income(tables["income"], tables["income_estimates"], to_date)
    budgeted, others = compute_contributions(tables["contributions_in_kind"], to_date)
    complete = {month: completeness(gathered, month).get("activities", True) for month in to_date.months()}
    deliveries = compute_delivery(definitions, results, tables["activities"], complete, to_date)
    categories = definitions.codes["personnel_category"].codes
    incumbency = compute_incumbency(
        categories, tables["deployments"], tables["authorized_strengths"], to_date
    )
    moved = compute_redeployments(definitions, tables["budget_lines"], tables["redeployments"], to_date)
    return Accounts(
        compute_performance(money, income.get(STAFF_ASSESSMENT, Resources(None, None)), budgeted),
        income,
        pl.DataFrame(list(others.items()), {"category": pl.String, "value": AMOUNT}, orient="row"),
        deliveries,
        delivery_frame(deliveries),
        quarters_frame(deliveries),
        pl.DataFrame(
            [asdict(one) | {"is_partial": one.is_partial} for one in incumbency],
            schema_overrides={"planned": AMOUNT, "actual": AMOUNT, "vacancy_rate": AMOUNT},
        ),
        pl.DataFrame(
            [(one.group, one.approved, one.redeployed, one.revised) for one in moved],
            {"group": pl.String, "approved": AMOUNT, "redeployed": AMOUNT, "revised": AMOUNT},
            orient="row",
        ),
    )


def make_rbb_material(
    gathered: Gathered, results: pl.DataFrame, money: Money, accounts: Accounts, texts: Texts
) -> RbbMaterial:
    """What the report is made from."""
    year, definitions = money.resources, gathered.definitions
    figures = Figures(
        results, pl.DataFrame(), pl.DataFrame()
    )  # it compares nothing, and rates indicators alone
    base = make_material(gathered, year.to_date, figures, money, texts)
    base = replace(base, money=pl.concat([base.money, memo_frame(accounts.performance, year)]))
    threshold = definitions.mission.variance_threshold
    explanations = gathered.tables["variance_explanations"]
    return RbbMaterial(
        base,
        accounts.delivery,
        accounts.quarters,
        tallies(accounts.deliveries),
        accounts.incumbency,
        accounts.redeployments,
        pl.DataFrame(
            [(item, own.apportionment, own.expenditure) for item, own in accounts.income.items()],
            {"item": pl.String, "estimate": AMOUNT, "received": AMOUNT},
            orient="row",
        ),
        accounts.contributions,
        explanations.filter(pl.col("month") == year.to_date.end.replace(day=1)).select(
            "budget_line", "factor", amount="amount_usd", text_en="text_en", text_fr="text_fr"
        ),
        tuple(line.id for line in year.lines if must_be_explained(line, threshold)),
    )
