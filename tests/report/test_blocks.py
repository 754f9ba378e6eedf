"""What a bound value refuses to be."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cpas.report.blocks import Bound, Status


@pytest.mark.parametrize("status", ["reported", "partial"])
def test_a_gap_needs_the_status_that_explains_it(status: Status) -> None:
    with pytest.raises(ValueError, match="needs the status"):
        Bound(None, status=status)


@pytest.mark.parametrize("status", ["not_reported", "not_applicable", "withheld", "nil"])
def test_what_is_missing_has_no_value(status: Status) -> None:
    with pytest.raises(ValueError, match="must be None"):
        Bound(0, status=status)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_figure_is_finite(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Bound(value)


def test_the_number_of_a_float_is_its_shortest_spelling() -> None:
    assert (Bound(2.675).number, Bound("Mopti", "text").number) == (Decimal("2.675"), None)
