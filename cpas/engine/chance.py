"""What chance, and the reports that are outstanding, can make of a value: its interval, and the most that it can become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Self

import polars as pl

from cpas.definitions.dataset import Dataset
from cpas.definitions.expressions.values import Aggregate, Formula, Operand
from cpas.definitions.indicator import Level
from cpas.definitions.loaded import Definitions, LoadedIndicator
from cpas.engine.derived import annual_factor
from cpas.engine.intervals import binomial_interval, clustered_interval, clustering, poisson_interval
from cpas.engine.targets import is_flow_of
from cpas.periods import Period

CHANCE: tuple[Level, ...] = ("outcome", "impact")
HISTORY = 24  # months up to the end of a period that tell how far persons come in clusters
UNKNOWN = (0.0, inf)
SERIES = ["indicator_id", "area", "disaggregation"]
Series = tuple[str, str, str]


def counts_behind(definitions: Definitions) -> dict[str, Operand]:
    """The one count that a derived rate of outcome or impact puts over what is no count, such as a population, by the rate's id.

    Such a rate is its count in another unit: what chance and silence can make of the one they make of the other.
    """
    counted = {id_ for id_, one in definitions.indicators.items() if is_counted(one, definitions)}
    found = {}
    for id_, one in definitions.indicators.items():
        measure = one.versions[-1].measure
        above, below = measure.numerator, measure.denominator
        operand = above.operands[0] if below and len(above.operands) == 1 else None
        if operand is None or below is None or one.definition.level not in CHANCE:
            continue
        is_alone = above.sql.casefold() in {f'"{operand.indicator}"'.casefold(), operand.name.casefold()}
        under = {name for each in below.operands for name in definitions.behind(each.indicator)}
        is_annual = operand.function in (None, "annualised")
        if is_alone and is_annual and operand.indicator in counted and not under & counted:
            found[id_] = operand
    return found


@dataclass(frozen=True, slots=True)
class Chances:
    """What chance, and the reports that are outstanding, can make of a value.

    Attributes:
        definitions: The indicators.
        history: The numerator of each month of each series, by the number of the month.
        behind: As `counts_behind` gives it.
        counts: The rows of these counts by indicator, period, area and part.
    """

    definitions: Definitions
    history: Mapping[Series, Mapping[int, float | None]]
    behind: Mapping[str, Operand]
    counts: Mapping[tuple[str, str, str, str], dict[str, Any]]

    @classmethod
    def of_rows(
        cls,
        definitions: Definitions,
        behind: Mapping[str, Operand],
        counts: pl.DataFrame,
        monthly: pl.DataFrame,
    ) -> Self:
        """From the values of the counts behind rates, and the months of all that may have an interval.

        Args:
            definitions: The indicators.
            behind: As `counts_behind` gives them.
            counts: As `rollup.over_time` gives them.
            monthly: As `rollup.fill_months` gives them.
        """
        found: dict[Series, dict[int, float | None]] = {}
        months = monthly.select(*SERIES, "month", pl.col("numerator").cast(pl.Float64))
        for id_, area, part, month, count in months.iter_rows():
            found.setdefault((id_, area, part), {})[Period.month(month).first] = count
        rows = {
            (row["indicator_id"], row["period"], row["area"], row["disaggregation"]): row
            for row in counts.iter_rows(named=True)
        }
        return cls(definitions, found, behind, rows)

    def of(
        self, row: dict[str, Any], indicator: LoadedIndicator, span: Period
    ) -> tuple[tuple[float, float] | None, float | None]:
        """The interval of a value, and the most that it can become; None where it has none or does not grow."""
        operand = self.behind.get(indicator.id)
        if operand is None:
            is_flow = is_flow_of(indicator.definition, is_ratio=indicator.versions[0].measure.is_ratio)
            return self._interval(row, indicator, span), _most(row) if is_flow else None
        place = row["area"], row["disaggregation"]
        count = self.counts.get((operand.indicator, row["period"], *place))
        annual = annual_factor(operand, Period.parse(row["period"]))
        if count is None or annual is None or not row["denominator"]:
            return None, None
        each = annual / float(row["denominator"]) * indicator.versions[0].measure.scale
        interval = self._interval(count, self.definitions.indicators[operand.indicator], span)
        most = _most(count)
        return (
            None if interval is None else (interval[0] * each, interval[1] * each),
            None if most is None else most * each,
        )

    def _interval(
        self, row: dict[str, Any], indicator: LoadedIndicator, span: Period
    ) -> tuple[float, float] | None:
        before = self.history.get((indicator.id, row["area"], row["disaggregation"]), {})
        years = (before.get(month) for month in range(span.last - HISTORY + 1, span.last + 1))
        return interval_of(row, indicator, self.definitions, years)


def _most(row: dict[str, Any]) -> float | None:
    """What a sum can become once the outstanding reports are in; None where they are all in."""
    if row["reports_received"] >= row["reports_expected"]:
        return None
    most = row.get("bound_high")
    return inf if most is None else float(most)


def interval_of(
    row: dict[str, Any],
    indicator: LoadedIndicator,
    definitions: Definitions,
    before: Iterable[float | None],
) -> tuple[float, float] | None:
    """The interval of a count of events, of persons in them, or of a share of counted events; other figures have none.

    A count of events is one aggregate that counts rows, and one of persons adds columns of counts: these come
    in clusters, and where the months `before` are too few to tell how large, nothing is beyond chance. A
    share has as numerator some of the rows that its denominator counts.
    """
    measure = indicator.versions[0].measure
    terms = _added(measure.numerator)
    if not terms or row["value"] is None or not is_counted(indicator, definitions):
        return None
    confidence = float(definitions.mission.small_count_confidence)
    count = int(row["numerator"])
    if measure.denominator is None and terms[0].function == "sum":
        size = clustering(before)
        if size is None:
            return UNKNOWN
        low, high = clustered_interval(count, size, confidence)
    elif measure.denominator is None:
        low, high = poisson_interval(count, confidence)
    elif count <= row["denominator"]:
        low, high = binomial_interval(count, int(row["denominator"]), confidence)
    else:
        return None
    return low * measure.scale, high * measure.scale


def is_counted(indicator: LoadedIndicator, definitions: Definitions) -> bool:
    """Whether an indicator counts events, persons in them, or a share of events, so that chance has an interval.

    Inputs, activities and outputs are a full count of what the mission itself did: a shortfall of them is one.
    """
    definition, measure = indicator.definition, indicator.versions[0].measure
    if definition.level not in CHANCE:
        return False
    dataset = definitions.datasets[definition.source].dataset if definition.source else None
    terms = _added(measure.numerator)
    if dataset is None or dataset.kind != "events" or definition.over_time != "sum" or not terms:
        return False
    if measure.denominator:
        return len(terms) == 1 and _is_share(terms[0], _added(measure.denominator))
    is_simple = len(terms) == 1 or all(term.function == "sum" for term in terms)
    return is_simple and all(_counts(term, dataset) for term in terms)


def _added(formula: Formula) -> tuple[Aggregate, ...]:
    """The aggregates that a formula adds up; none where it is another arithmetic, or has figures in it."""
    return formula.terms if formula.sql == " + ".join(term.sql for term in formula.terms) else ()


def _counts(term: Aggregate, dataset: Dataset) -> bool:
    if term.function.startswith("count"):
        return True
    return term.function == "sum" and all(
        dataset.column(name).type == "count" for name in (term.argument.columns if term.argument else ())
    )


def _is_share(above: Aggregate, under: tuple[Aggregate, ...]) -> bool:
    """Whether one aggregate counts some of the rows that the other, the only one of a formula, counts."""
    below = under[0] if len(under) == 1 else None
    if below is None or above.argument or (above.function, below.function) != ("count", "count"):
        return False
    if below.argument and (above.where is None or below.argument not in above.where.operands):
        return False
    return below.where is None or (
        above.where is not None and set(below.where.operands) <= set(above.where.operands)
    )
