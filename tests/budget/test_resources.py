from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from cpas.budget.resources import Resources, compute_resources
from cpas.periods import Period


def resources(apportionment, expenditure):
    return Resources(
        *(None if amount is None else Decimal(str(amount)) for amount in (apportionment, expenditure))
    )


def year(mini, period, apportioned, spent):
    lines = pl.DataFrame(
        [("1.1", year, Decimal(amount)) for year, amount in apportioned.items()],
        schema={"budget_line": pl.String, "budget_year": pl.String, "apportionment_usd": pl.Decimal(18, 6)},
        orient="row",
    )
    money = pl.DataFrame(
        [("1.1", date.fromisoformat(f"{month}-01"), Decimal(amount)) for month, amount in spent.items()],
        schema={"budget_line": pl.String, "month": pl.Date, "amount_usd": pl.Decimal(18, 6)},
        orient="row",
    )
    return compute_resources(mini.load(), lines, money, Period.parse(period))


def test_variance_is_apportionment_less_expenditure_and_its_percentage_is_of_apportionment():
    overspent = resources(1000, 1050)
    assert (overspent.variance, overspent.percentage, overspent.implementation) == (-50, -5, 105)


def test_nothing_known_is_not_zero():
    assert resources(1000, None).variance is None
    assert resources(0, 10).percentage is None


def test_expenditure_counts_from_july_to_the_end_of_the_period(mini):
    found = year(
        mini,
        "2018-09",
        {"2018/19": 1200, "2017/18": 9},
        {"2018-06": 5, "2018-07": 100, "2018-09": 50, "2018-10": 7},
    )
    assert found.total == resources(1200, 150)
    assert list(found.months.values()) == [100, None, 50]
    assert round(found.elapsed, 4) == Decimal("25.2055")


def test_sums_that_lack_a_month_are_marked_and_months_and_complete_sums_are_not(mini):
    complete = year(mini, "2018-07", {"2018/19": 12}, {"2018-07": 1}).as_frame()
    assert not complete["is_partial"].any()
    lacking = year(mini, "2018-08", {"2018/19": 12}, {"2018-07": 1}).as_frame()
    assert set(lacking.filter("is_partial")["kind"]) == {"line", "group", "total"}


@pytest.mark.real_data
def test_real_variances_and_percentages_as_printed(real_data):
    table = pl.read_csv(real_data / "budget" / "financial_resources_undof.csv")
    assert table.height == 16
    for row in table.filter(pl.col("variance_percent_printed").is_not_null()).iter_rows(named=True):
        found = resources(row["apportionment_thousand_usd"], row["expenditure_thousand_usd"])
        assert found.variance == Decimal(str(row["variance_thousand_usd"])), row
        assert abs(found.percentage - Decimal(str(row["variance_percent_printed"]))) <= Decimal("0.05"), row
