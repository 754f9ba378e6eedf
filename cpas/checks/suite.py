"""A data set's declaration as a Great Expectations suite in its standard JSON; runs nothing.

Every expectation's `meta` names its rule: `rule`, a stable id; `kind`, what sort of rule it is;
`file` and `line`, where the declaration demands it; for rules over several columns also `message`
and `fix` in every language they are written in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from cpas.definitions.dataset import CodeList, Column
from cpas.definitions.loaded import CompiledRule, LoadedDataset
from cpas.errors import Location, Severity

Kind = Literal[
    "required", "code", "reference", "range", "length", "pattern", "key", "row", "report", "period"
]
REPORT_FIRST, REPORT_LAST = "_report_first", "_report_last"
_TO_GX: Mapping[Severity, str] = {"error": "critical", "warning": "warning", "note": "info"}


def build_suite(
    loaded: LoadedDataset, codes: Mapping[str, CodeList], *, until: date | None = None
) -> dict[str, Any]:
    """The suite of a data set.

    Args:
        loaded: The declaration.
        codes: All code lists.
        until: The last day that rows may be of, where that is known.

    Returns:
        `name` and `expectations`, as GX saves a suite. The frame that it is run on has, beside the
        declared columns, `_report_first` and `_report_last` (Date): the days that the report a row came in
        is about, null where the file does not say.
    """
    dataset = loaded.dataset
    expectations = [
        expectation
        for column in dataset.columns
        for expectation in _of_column(dataset.dataset, column, codes, loaded.column_places[column.name])
    ]
    expectations.append(_key(loaded))
    if dataset.unique:
        expectations.append(_unique(loaded, dataset.unique, "unique", "all_values_are_missing"))
    if dataset.period:
        expectations.extend(_days(loaded, dataset.period, until))
    expectations.extend(_row_rule(dataset.dataset, rule) for rule in loaded.rules)
    return {"name": dataset.dataset, "expectations": expectations}


def _expect(
    what: str, kwargs: dict[str, Any], kind: Kind, rule: str, where: Location, **more: Any
) -> dict[str, Any]:
    severity = more.pop("severity", "error")
    meta = {"rule": rule, "kind": kind, "file": where.file, "line": where.row, **more}
    return {"type": f"expect_{what}", "kwargs": kwargs, "severity": _TO_GX[severity], "meta": meta}


def _of_column(
    dataset: str, column: Column, codes: Mapping[str, CodeList], where: Location
) -> Iterator[dict[str, Any]]:
    name = column.name
    rule = f"{dataset}.{name}"
    if column.required:
        kwargs: dict[str, Any] = {"column": name}
        if column.may_be:
            kwargs["row_condition"] = {
                "type": "comparison",
                "column": {"name": column.status_column},
                "operator": "NOT_IN",
                "parameter": list(column.may_be),
            }
        yield _expect("column_values_to_not_be_null", kwargs, "required", f"{rule}.required", where)
    if column.codes:
        kwargs = {"column": name, "value_set": list(codes[column.codes].codes)}
        yield _expect("column_values_to_be_in_set", kwargs, "code", f"{rule}.code", where)
    if column.to:
        kwargs = {"column": name, "reference": column.to}
        yield _expect("column_values_to_exist_in_reference", kwargs, "reference", f"{rule}.reference", where)
    if limits := _limits(column):
        yield _expect(
            "column_values_to_be_between", {"column": name, **limits}, "range", f"{rule}.range", where
        )
    if column.max_length:
        kwargs = {"column": name, "max_value": column.max_length}
        yield _expect("column_value_lengths_to_be_between", kwargs, "length", f"{rule}.length", where)
    if column.pattern:
        kwargs = {"column": name, "regex": f"^(?:{column.pattern})$"}
        yield _expect("column_values_to_match_regex", kwargs, "pattern", f"{rule}.pattern", where)


def _limits(column: Column) -> dict[str, int | float]:
    """The least and the greatest value; a count is at least 0."""
    least = Decimal(0) if column.type == "count" and column.min is None else column.min
    limits = {"min_value": least, "max_value": column.max}
    return {side: _json_number(limit) for side, limit in limits.items() if limit is not None}


def _json_number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _key(loaded: LoadedDataset) -> dict[str, Any]:
    key, rule = loaded.dataset.key, f"{loaded.dataset.dataset}.key"
    if len(key) == 1:
        return _expect("column_values_to_be_unique", {"column": key[0]}, "key", rule, loaded.where)
    # A key may be empty in a column that is not required; where it is required, that is told already.
    told = all(loaded.dataset.column(name).required for name in key)
    ignored = "any_value_is_missing" if told else "all_values_are_missing"
    return _unique(loaded, key, "key", ignored)


def _unique(loaded: LoadedDataset, columns: Sequence[str], rule: str, ignored: str) -> dict[str, Any]:
    kwargs = {"column_list": list(columns), "ignore_row_if": ignored}
    name = f"{loaded.dataset.dataset}.{rule}"
    return _expect("compound_columns_to_be_unique", kwargs, "key", name, loaded.where)


def _days(loaded: LoadedDataset, period: str, until: date | None) -> Iterator[dict[str, Any]]:
    rule, where = f"{loaded.dataset.dataset}.{period}", loaded.column_places[period]
    if loaded.dataset.found_in == "inbox":
        sql = f'"{period}" BETWEEN {REPORT_FIRST} AND {REPORT_LAST}'
        kwargs: dict[str, Any] = {"column_list": [period, REPORT_FIRST, REPORT_LAST], "rule": sql}
        yield _expect("row_rule_to_hold", kwargs, "report", f"{rule}.report", where)
        if until:
            kwargs = {"column": period, "max_value": until.isoformat()}
            yield _expect("column_values_to_be_between", kwargs, "period", f"{rule}.period", where)


def _row_rule(dataset: str, compiled: CompiledRule) -> dict[str, Any]:
    rule = compiled.rule
    columns = sorted(compiled.condition.columns, key=lambda name: _place(name, rule.that))
    return _expect(
        "row_rule_to_hold",
        {"column_list": columns, "rule": compiled.condition.sql},
        "row",
        f"{dataset}.{rule.id}",
        compiled.where,
        severity=rule.severity,
        message=dict(rule.message.root),
        fix=dict(rule.fix.root),
    )


def _place(name: str, text: str) -> int:
    """Where a name stands in a text, so that the first column named is the one that is pointed at."""
    found = re.search(rf"\b{re.escape(name)}\b", text)
    return found.start() if found else len(text)
