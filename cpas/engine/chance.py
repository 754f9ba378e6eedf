"""What chance, and what is missing, can make of a value: its interval, and the most that it can become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Self

import polars as pl

from cpas.definitions.expressions.values import Operand
from cpas.definitions.loaded import Definitions, LoadedIndicator
from cpas.engine.behind import Behind, Difference
from cpas.engine.counted import added, is_counted
from cpas.engine.derived import annual_factor
from cpas.engine.intervals import binomial_interval, clustered_interval, clustering, poisson_interval
from cpas.periods import Period

HISTORY = 24  # months up to the end of a period that tell how far persons come in clusters
UNKNOWN = (-inf, inf)
SERIES = ["indicator_id", "area", "disaggregation"]
Series = tuple[str, str, str]
Interval = tuple[float, float]
Outlook = tuple[Interval | None, float | None, float]


@dataclass(frozen=True, slots=True)
class Chances:
    """What chance, and what is missing, can make of a value.

    Attributes:
        definitions: The indicators.
        history: The numerator of each month of each series, by the number of the month.
        behind: The counts behind derived indicators.
        counts: The rows of these counts by indicator, period, area and part.
    """

    definitions: Definitions
    history: Mapping[Series, Mapping[int, float | None]]
    behind: Behind
    counts: Mapping[tuple[str, str, str, str], dict[str, Any]]

    @classmethod
    def of_rows(
        cls,
        definitions: Definitions,
        behind: Behind,
        counts: pl.DataFrame,
        monthly: pl.DataFrame,
    ) -> Self:
        """From the values of the counts behind derived indicators, and the months of all that may have an interval.

        Args:
            definitions: The indicators.
            behind: The counts behind derived indicators.
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

    def of(self, row: dict[str, Any], indicator: LoadedIndicator, span: Period) -> Outlook:
        """The interval of a value, the most that it can become, and the share of its figures that are known.

        None where it has no interval, and where nothing is missing or what is missing would not make it grow.
        """
        if rate := self.behind.rates.get(indicator.id):
            return self._of_rate(row, indicator, rate, span)
        difference = self.behind.differences.get(indicator.id)
        interval = (
            self._of_difference(row, difference, span) if difference else self._interval(row, indicator, span)
        )
        return interval, *((_most(row), _known(row)) if _grows(indicator) else (None, 1.0))

    def _of_rate(
        self, row: dict[str, Any], indicator: LoadedIndicator, operand: Operand, span: Period
    ) -> Outlook:
        place = row["area"], row["disaggregation"]
        count = self.counts.get((operand.indicator, row["period"], *place))
        if count is None or not row["denominator"]:
            return None, None, 1.0
        annual = annual_factor(operand, Period.parse(row["period"]), count["days"])
        if annual is None:
            return None, None, 1.0
        each = annual / float(row["denominator"]) * indicator.versions[0].measure.scale
        interval = self._interval(count, self.definitions.indicators[operand.indicator], span)
        most = _most(count)
        return (
            None if interval is None else (interval[0] * each, interval[1] * each),
            None if most is None else most * each,
            _known(count),
        )

    def _of_difference(self, row: dict[str, Any], difference: Difference, span: Period) -> Interval | None:
        """The interval of a count less another, or less the largest of its own figures.

        Two counts: each end from the far ends of both intervals, which have half the risk of error each, so that the
        difference lies in it however the two hang together (Bonferroni's inequality). A count less its largest figure varies
        no more than the count does, since the two rise and fall together: it has the count's interval, moved by that figure.
        """
        key = row["period"], row["area"], row["disaggregation"]
        rows = [self.counts.get((id_, *key)) for id_ in (difference.count, difference.less)]
        count, less = (one if one and one["value"] is not None else None for one in rows)
        if count is None or less is None:
            return None
        indicators = self.definitions.indicators
        if difference.is_part:
            whole = self._interval(count, indicators[difference.count], span)
            if whole is None or whole == UNKNOWN:
                return whole
            return max(0.0, whole[0] - less["value"]), whole[1] - less["value"]
        sides = (
            self._interval(count, indicators[difference.count], span, among=2),
            self._interval(less, indicators[difference.less], span, among=2),
        )
        if sides[0] is None or sides[1] is None:
            return None
        return sides[0][0] - sides[1][1], sides[0][1] - sides[1][0]

    def _interval(
        self, row: dict[str, Any], indicator: LoadedIndicator, span: Period, among: int = 1
    ) -> Interval | None:
        """The interval of a count, with its share of the risk of error where it is one `among` several."""
        before = self.history.get((indicator.id, row["area"], row["disaggregation"]), {})
        years = (before.get(month) for month in range(span.last - HISTORY + 1, span.last + 1))
        risk = 1 - float(self.definitions.mission.small_count_confidence)
        return interval_of(row, indicator, self.definitions, years, 1 - risk / among)


def _grows(indicator: LoadedIndicator) -> bool:
    """Whether a figure more behind a value can only add to it: a flow, or what is added up, counted or the largest over places."""
    measures = [version.measure for version in indicator.versions]
    adds = all(
        one.denominator is None
        and not any(term.function in ("min", "percentile") for term in one.numerator.terms)
        for one in measures
    )
    is_put_together = not indicator.is_derived and indicator.definition.over_area in ("sum", "max", "count")
    return indicator.is_flow or (adds and is_put_together)


def _most(row: dict[str, Any]) -> float | None:
    """What a sum can become once all is in that is outstanding, and infinite where nobody can say; None where all is in."""
    lacking = row["missing"] + row["withheld"] + row["lapsed"]
    if not lacking and row["reports_received"] >= row["reports_expected"]:
        return None
    most = None if lacking else row.get("bound_high")
    return inf if most is None else float(most)


def _known(row: dict[str, Any]) -> float:
    """The share of the figures behind a value that are known: of its rows and of the places that are silent and do not carry over."""
    every = row["records"] + row["lapsed"]
    lacking = row["missing"] + row["withheld"] + row["lapsed"]
    return max(0.0, 1 - lacking / every) if every else 1.0


def interval_of(
    row: dict[str, Any],
    indicator: LoadedIndicator,
    definitions: Definitions,
    before: Iterable[float | None],
    confidence: float,
) -> Interval | None:
    """The interval of a count of events, of persons in them or by event, or of a share of counted events; other figures have none.

    A count of events is one aggregate that counts rows, and one of persons adds columns of counts: these come
    in clusters, and where the months `before` are too few to tell how large, nothing is beyond chance. A
    share has as numerator some of the rows that its denominator counts. Persons by event have the interval of the persons over
    the events that there were: it holds the chance of how many events there are too, and so is wider than that of their mean.
    """
    measure = indicator.versions[0].measure
    terms = added(measure.numerator)
    if not terms or row["value"] is None or not is_counted(indicator, definitions):
        return None
    count = int(row["numerator"])
    if terms[0].function == "sum":
        size = clustering(before)
        if size is None:
            return UNKNOWN
        events = float(row["denominator"]) if measure.denominator else 1.0
        low, high = (end / events for end in clustered_interval(count, size, confidence))
    elif measure.denominator is None:
        low, high = poisson_interval(count, confidence)
    elif count <= row["denominator"]:
        low, high = binomial_interval(count, int(row["denominator"]), confidence)
    else:
        return None
    return low * measure.scale, high * measure.scale
