"""What the budget performance report is made from, and each figure of it as a bound value; computes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import polars as pl

from cpas.definitions.dataset import CodeList
from cpas.definitions.framework import Output
from cpas.periods import Period
from cpas.report.blocks import Bound, Key, Kind
from cpas.report.monthly.material import Material
from cpas.report.texts import Texts

ACTIVITIES = "activities"


@dataclass(frozen=True)
class RbbMaterial:
    """Everything that the report says beside what the monthly report says too.

    Attributes:
        base: The monthly report's material of the budget year to date; its money has beside the
            lines and groups the kinds `memo` (`staff_assessment`, `contributions`) and `total` (empty for gross, `net`, `total`).
        delivery: Columns `output`, `planned`, `due`, `delivered`, `is_partial`, `measured_by`,
            `standing` and `excess`, a row per output.
        quarters: Columns `output`, `quarter`, `due`, `delivered`, `is_partial`.
        tallies: How many outputs stand where, by component, and of all under `""`.
        incumbency: Columns `category`, `approved`, `planned`, `actual`, `vacancy_rate`, `is_partial`.
        redeployments: Columns `group`, `approved`, `redeployed`, `revised`; US dollars.
        income: Columns `item`, `estimate`, `received`; US dollars.
        contributions: Columns `category`, `value`; those that are not budgeted, US dollars.
        explanations: Columns `budget_line`, `factor`, `amount`, `text_en`, `text_fr`.
        explained: The lines whose variance must be explained.
    """

    base: Material
    delivery: pl.DataFrame
    quarters: pl.DataFrame
    tallies: dict[str, dict[str, int]]
    incumbency: pl.DataFrame
    redeployments: pl.DataFrame
    income: pl.DataFrame
    contributions: pl.DataFrame
    explanations: pl.DataFrame
    explained: tuple[str, ...]

    @property
    def texts(self) -> Texts:
        """The words of the report."""
        return self.base.texts

    @property
    def language(self) -> str:
        """Its language."""
        return self.base.language

    @property
    def to_date(self) -> Period:
        """The budget year to date."""
        return self.base.to_date

    @property
    def is_whole(self) -> bool:
        """Whether the budget year is over."""
        return self.to_date.kind == "budget_year"

    def key(self, name: str, measure: str) -> Key:
        """What a figure of this report's own is a figure of."""
        return Key(name, str(self.to_date), self.base.root, measure=measure)

    @cached_property
    def _outputs(self) -> dict[str, dict[str, Any]]:
        return {row["output"]: row for row in self.delivery.iter_rows(named=True)}

    def of_output(self, output: Output) -> dict[str, Any]:
        """The row of an output."""
        return self._outputs[output.id]

    def amount_of(self, output: Output, measure: str) -> Bound:
        """`planned` or `due` of an output, in its unit; a plan of yes in words."""
        value = self.of_output(output)[measure]
        return self._told(output, value, self.key(output.id, measure), is_partial=False)

    def delivered(self, output: Output) -> Bound:
        """What was completed of an output: the figure of the indicator that counts it, the same as in every report."""
        row = self.of_output(output)
        if output.kind == "number" and row["measured_by"] not in ("", ACTIVITIES):
            return self.base.figure(row["measured_by"], self.to_date)
        key = self.key(output.id, "delivered")
        return self._told(output, row["delivered"], key, is_partial=row["is_partial"])

    def _told(self, output: Output, value: Decimal | None, key: Key, *, is_partial: bool) -> Bound:
        if value is None:
            return Bound(
                None, "quantity", key, "not_reported" if key.measure == "delivered" else "not_applicable"
            )
        if output.kind == "yes_no":
            return Bound(self.texts["rbb.yes" if value else "rbb.no"], "text", key)
        return self.quantity(value, key, is_partial=is_partial)

    def quantity(self, value: Decimal, key: Key, *, is_partial: bool = False) -> Bound:
        """A quantity without decimals where it is whole."""
        kind: Kind = "count" if value == value.to_integral_value() else "quantity"
        return Bound(value, kind, key, "partial" if is_partial else "reported")

    def count(self, component: str, measure: str) -> Bound:
        """How many outputs of a component (all of them for `""`) stand so."""
        key = self.key(f"outputs {component}".strip(), measure)
        return Bound(self.tallies[component].get(measure, 0), key=key)

    def thousands(self, name: str, measure: str, dollars: Decimal | None) -> Bound:
        """An amount in thousands of US dollars."""
        if dollars is None:
            return Bound(None, "thousands", self.key(name, measure), "nil")
        return Bound(dollars / 1000, "thousands", self.key(name, measure))

    def label(self, codes: str, code: str) -> str:
        """A code in the language of the report."""
        known: CodeList | None = self.base.definitions.codes.get(codes)
        return known.codes[code].label[self.language] if known and code in known.codes else code
