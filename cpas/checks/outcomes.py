"""What the expectations of a suite came to, read from GX's results as plain values; imports no great_expectations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

INDEX = "_index"
GxSeverity = Literal["critical", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one expectation of a suite came to.

    `evaluated` and `failed` count rows, exactly; of an expectation on a whole column or table they
    are 1, and 0 or 1. `failing` holds the first rows that fail: `_index` (UInt32, position in the
    frame) and `columns`. `observed` is what an expectation on a whole column or table saw.
    `error` says why an expectation could not run; that is no success and says nothing of the data.
    """

    position: int
    type: str
    severity: GxSeverity
    meta: Mapping[str, Any]
    columns: tuple[str, ...]
    success: bool
    evaluated: int
    failed: int
    failing: pl.DataFrame
    observed: object
    error: str | None


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """The outcomes in the order of the suite, and GX's own validation result as JSON values where it is to be published."""

    outcomes: tuple[Outcome, ...]
    json: dict[str, Any]


def columns_of(kwargs: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that the arguments of an expectation, or the domain of a metric, name."""
    named = [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs]
    return tuple(kwargs.get("column_list", named))


def settled(info: Mapping[str, Any]) -> dict[str, Any]:
    """The two forms in which GX tells errors as one, without tracebacks and what else varies from run to run."""
    errors = [info] if "exception_message" in info else list(info.values())
    told = {_first_paragraph(error["exception_message"]) for error in errors if error["raised_exception"]}
    return {
        "raised_exception": bool(told),
        "exception_message": "; ".join(sorted(told)) or None,
        "exception_traceback": None,
    }


def _first_paragraph(message: str) -> str:
    """What went wrong, in one line; below it polars prints its plan."""
    return " ".join(message.strip().split("\n\n")[0].split())


def read_outcome(frame: pl.DataFrame, position: int, result: Any) -> Outcome:
    """One outcome, from GX's result with its errors settled and the frame that was checked."""
    expectation, found = result.expectation_config, result.result
    error = result.exception_info["exception_message"]
    columns = columns_of(expectation.kwargs)
    by_row = "unexpected_count" in found
    index = pl.Series(INDEX, found.get("unexpected_index_list", []), pl.UInt32)
    known = [column for column in dict.fromkeys(columns) if column in frame.columns]
    return Outcome(
        position=position,
        type=expectation.type,
        severity=expectation.severity.value,
        meta=expectation.meta,
        columns=columns,
        success=result.success,
        evaluated=found["element_count"] - found.get("missing_count", 0) if by_row else int(error is None),
        failed=found["unexpected_count"] if by_row else int(error is None and not result.success),
        failing=frame.select(known)[index].insert_column(0, index),
        observed=found.get("observed_value"),
        error=error,
    )
