"""The target and the baseline that a value of some months is read against, by the kind of target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from cpas.definitions.loaded import LoadedIndicator
from cpas.definitions.target import Baseline, Goals, TargetKind
from cpas.periods import Period


@dataclass(frozen=True, slots=True)
class Plan:
    """Baseline and targets of one series.

    `is_flow` says that a longer period has more of it.
    """

    baseline: Baseline | None
    targets: Mapping[Period, Decimal]
    kind: TargetKind
    is_flow: bool

    @classmethod
    def of(cls, indicator: LoadedIndicator, goals: Goals) -> Plan:
        """The plan of an indicator for the whole mission, an area or a part."""
        kind = indicator.definition.target_kind or ("cumulative" if indicator.is_flow else "level")
        return cls(goals.baseline, goals.targets, kind, indicator.is_flow)

    def target(self, span: Period) -> Decimal | None:
        """The target of a span of months, None where no target tells of it.

        `cumulative`: reached by the end of its period and counted from its start, so that the even
        path is by days: a flow has the share of the span's days, a running total that of the days
        from the start of the target's period to the end of the span. `level`: to be at that value in each
        month; a flow has it once for each month of the span. `incremental`: so much more in
        each period than in the one before, beginning at the baseline; a flow has its share by days, a
        level goes up by days from one period's end to the next. Of several target periods around a span
        the shortest counts.
        """
        if self.is_flow:
            return self._monthly(span) if self.kind == "level" else self._shares(span, self._totals())
        if self.kind == "level":
            return self._constant(span)
        period = self._period_at(span.last)
        if period is None:
            return None
        so_far = self.targets[period] * Period(period.first, span.last).days / period.days
        if self.kind == "cumulative":
            return so_far
        before = sum((more for one, more in self.targets.items() if one.last < period.first), Decimal(0))
        return self._start() + before + so_far

    def is_due(self, span: Period) -> bool:
        """Whether the period of the target that counts at the end of a span is over by then."""
        period = self._period_at(span.last)
        return period is not None and period.last == span.last

    def baseline_of(self, span: Period) -> Decimal | None:
        """The baseline on the footing of a value of the span: by days where the value grows with them."""
        if self.baseline is None:
            return None
        if self.is_flow:
            return self.baseline.value * span.days / self.baseline.period.days
        period = self._period_at(span.last) if self.kind == "cumulative" else None
        if period is None:
            return self.baseline.value
        return self.baseline.value * Period(period.first, span.last).days / self.baseline.period.days

    def _start(self) -> Decimal:
        return self.baseline.value if self.baseline else Decimal(0)

    def _period_at(self, month: int) -> Period | None:
        around = [period for period in self.targets if period.first <= month <= period.last]
        return min(around, key=lambda period: period.days, default=None)

    def _totals(self) -> Mapping[Period, Decimal]:
        """What a flow is to come to in each target period."""
        if self.kind == "cumulative":
            return self.targets
        totals, more = {}, Decimal(0)
        for period in sorted(self.targets):
            more += self.targets[period]
            totals[period] = (self.baseline_of(period) or Decimal(0)) + more
        return totals

    def _monthly(self, span: Period) -> Decimal | None:
        periods = [self._period_at(month) for month in range(span.first, span.last + 1)]
        known = [self.targets[period] for period in periods if period]
        return sum(known, Decimal(0)) if len(known) == len(periods) else None

    def _shares(self, span: Period, totals: Mapping[Period, Decimal]) -> Decimal | None:
        around = [period for period in totals if period.contains(span)]
        if around:
            period = min(around, key=lambda period: period.days)
            return totals[period] * span.days / period.days
        pieces = self._pieces(span)
        return (
            sum((totals[one] * share.days / one.days for one, share in pieces), Decimal(0))
            if pieces
            else None
        )

    def _constant(self, span: Period) -> Decimal | None:
        around = [period for period in self.targets if period.contains(span)]
        if around:
            return self.targets[min(around, key=lambda period: period.days)]
        pieces = self._pieces(span)
        return self.targets[pieces[-1][0]] if pieces else None

    def _pieces(self, span: Period) -> list[tuple[Period, Period]]:
        """Target periods that make up the span, each with its months in it; none where they leave a gap or overlap."""
        pieces = [
            (period, Period(max(period.first, span.first), min(period.last, span.last)))
            for period in sorted(self.targets)
            if span.first <= period.last and period.first <= span.last
        ]
        covered = sum(share.last - share.first + 1 for _, share in pieces)
        return pieces if covered == span.last - span.first + 1 else []
