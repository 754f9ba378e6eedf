"""What a broken rule says to the person who can mend it: the value, the rule and what to do; finds nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from cpas.checks.suite import REPORT_FIRST, REPORT_LAST, Kind
from cpas.definitions.loaded import ASSESSED, OBSERVED
from cpas.periods import Period

Row = Mapping[str, Any]
Near = Callable[[str], str]
ALSO, STATUS = "_also", "_status"


def describe(kind: Kind, row: Row, expectation: Mapping[str, Any], near: Near) -> tuple[str, str]:
    """The message and the fix for one row that breaks a rule.

    Args:
        kind: The sort of rule.
        row: The values of the rule's columns, and as `NAME_status` the kind of nothing of those that have one;
            of a key also `_also`, the place of another row that has it.
        expectation: As it stands in the suite.
        near: Gives `; did you mean ...?` for a value that is not known, or an empty text.
    """
    return _MESSAGES[kind](row, expectation["kwargs"], expectation["meta"], near)


def _plain(value: Any) -> str:
    """A value as a person would write it."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _is(row: Row, name: str) -> str:
    value = row[name]
    if value is None and (kind := row.get(name + STATUS)):
        return f"`{name}` is {kind.replace('_', ' ')}"
    return f"`{name}` is `{value}`" if isinstance(value, str) else f"`{name}` is {_plain(value)}"


def _required(_: Row, kwargs: Row, __: Row, ___: Near) -> tuple[str, str]:
    return f"`{kwargs['column']}` is empty, and every row needs it", "fill in the cell"


def _code(row: Row, kwargs: Row, _: Row, near: Near) -> tuple[str, str]:
    name, value_set = kwargs["column"], kwargs["value_set"]
    listed = ", ".join(value_set[:12]) + (f" and {len(value_set) - 12} more" if len(value_set) > 12 else "")
    return f"{_is(row, name)}, which is not one of its codes{near(row[name])}", f"write one of: {listed}"


def _reference(row: Row, kwargs: Row, _: Row, near: Near) -> tuple[str, str]:
    name, table = kwargs["column"], kwargs["reference"]
    if table in (ASSESSED, OBSERVED):
        fix = "name one that does, or send the row with the data set that `cpas definitions` says this one reads"
        return f"{_is(row, name)}, which is no indicator that has its values from here{near(row[name])}", fix
    fix = f"write one that exists; if it is new, ask the planning unit to add it to `{table}` first"
    return f"{_is(row, name)}, and `{table}` has no such entry{near(row[name])}", fix


def _range(row: Row, kwargs: Row, _: Row, __: Near) -> tuple[str, str]:
    least, greatest = kwargs.get("min_value"), kwargs.get("max_value")
    if least is None or greatest is None:
        wanted = f"at most {greatest}" if least is None else f"at least {least}"
    else:
        wanted = f"{least} to {greatest}"
    return (
        f"{_is(row, kwargs['column'])}; the rule wants {wanted}",
        "correct the cell; if it is right, write so to the planning unit, which keeps the limits",
    )


def _length(row: Row, kwargs: Row, _: Row, __: Near) -> tuple[str, str]:
    name, most = kwargs["column"], kwargs["max_value"]
    return f"`{name}` has {len(row[name])} characters; the rule wants at most {most}", "shorten the text"


def _pattern(row: Row, kwargs: Row, _: Row, __: Near) -> tuple[str, str]:
    wanted = kwargs["regex"].removeprefix("^(?:").removesuffix(")$")
    return f"{_is(row, kwargs['column'])}, which does not have the form `{wanted}`", "correct the cell"


def _key(row: Row, kwargs: Row, _: Row, __: Near) -> tuple[str, str]:
    names = kwargs.get("column_list", [kwargs.get("column")])
    told = " and ".join(_is(row, name) for name in names)
    also = f", as in {row[ALSO]}" if row[ALSO] else ", as in another row"
    return f"{told}{also}; no two rows may have the same", "delete the row that is there twice, or correct it"


def _row(row: Row, kwargs: Row, meta: Row, _: Near) -> tuple[str, str]:
    told = ", ".join(_is(row, name) for name in kwargs["column_list"])
    return f"{told}: {meta['message']['en']}", meta["fix"]["en"]


def _report(row: Row, kwargs: Row, _: Row, __: Near) -> tuple[str, str]:
    first, last = Period.month(row[REPORT_FIRST]), Period.month(row[REPORT_LAST])
    told = f"{_is(row, kwargs['column_list'][0])}, and the report is for {Period(first.first, last.last)}"
    return told, "correct the date, or send the row with the report of its own month"


def _period(row: Row, kwargs: Row, _: Row, __: Near) -> tuple[str, str]:
    told = f"{_is(row, kwargs['column'])}, a day that was still to come when it was received"
    return told, "correct the date; what is planned is reported once it is done"


_MESSAGES: Mapping[Kind, Callable[[Row, Row, Row, Near], tuple[str, str]]] = {
    "required": _required,
    "code": _code,
    "reference": _reference,
    "range": _range,
    "length": _length,
    "pattern": _pattern,
    "key": _key,
    "row": _row,
    "report": _report,
    "period": _period,
}
