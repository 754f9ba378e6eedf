"""A data set's rows checked against its declaration: every broken rule as issues with the cell, in plain words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from itertools import chain
from typing import Any

import polars as pl

from cpas.checks.conditions import UNREAD
from cpas.checks.messages import ALSO, STATUS, describe
from cpas.checks.outcomes import INDEX, Outcome
from cpas.checks.suite import REPORT_FIRST, REPORT_LAST, build_suite
from cpas.definitions.dataset import CodeList
from cpas.definitions.expressions.translate import rule_to_polars
from cpas.definitions.loaded import Definitions, LoadedDataset
from cpas.errors import Issue, Location, Severity, nearest
from cpas.periods import Period

KEEP = 1000
SUGGESTIONS = 100
WHERE = "_where"
PROVENANCE = ("_file", "_sheet", "_row")
CODES: Mapping[str, str] = {
    "required": "CPAS-D201",
    "code": "CPAS-D202",
    "reference": "CPAS-D203",
    "range": "CPAS-D204",
    "length": "CPAS-D205",
    "pattern": "CPAS-D206",
    "key": "CPAS-D207",
    "row": "CPAS-D208",
    "report": "CPAS-D209",
    "period": "CPAS-D210",
}
COULD_NOT_RUN = "CPAS-D299"
_FROM_GX: Mapping[str, Severity] = {"critical": "error", "warning": "warning", "info": "note"}


@dataclass(frozen=True, slots=True)
class Sources:
    """What reading told of the files that rows came from.

    `letters` gives the spreadsheet letter of a column by file, sheet and column; `reports` the period
    that a file's cover names; `faulted` the cells (file, sheet, row, column) that could not be read and
    were told as issues already, so that the gap they leave is not told again; `names` what the entries of
    a column's list or table are called, by column; `received_on` the day (UTC) on which they came in.
    """

    letters: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    reports: Mapping[str, Period] = field(default_factory=dict)
    faulted: Collection[tuple[str, str, int, str]] = frozenset()
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    received_on: date | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """All issues of a data set, and GX's validation result as JSON values where it is to be published."""

    issues: tuple[Issue, ...]
    json: dict[str, Any]


def reference_keys(
    loaded: LoadedDataset, definitions: Definitions, frames: Mapping[str, pl.DataFrame]
) -> dict[str, pl.Series]:
    """The keys of every table that a data set's columns refer to.

    Args:
        loaded: The data set.
        definitions: They know sections, outputs and the like.
        frames: The rows of the other data sets; theirs is the first column of their key.
    """
    keys = {}
    for target in {column.to for column in loaded.dataset.columns if column.to}:
        members = definitions.members(target)
        if members is not None:
            keys[target] = pl.Series(list(members), dtype=pl.String)
        elif target in frames:
            keys[target] = frames[target][definitions.datasets[target].dataset.key[0]].unique().sort()
    return keys


def entry_names(
    loaded: LoadedDataset, definitions: Definitions, frames: Mapping[str, pl.DataFrame]
) -> dict[str, dict[str, str]]:
    """What people call the entries of the code list or table of each column, and how each name is suggested; arguments as of `reference_keys`.

    A name that several entries of a table have is suggested as all of them, as drop-down lists write them.
    """
    names: dict[str, dict[str, str]] = {}
    for column in loaded.dataset.columns:
        if column.codes:
            labels = (one.label.everywhere() for one in definitions.codes[column.codes].codes.values())
            names[column.name] = {name: name for name in chain.from_iterable(labels)}
        elif column.to and (members := definitions.members(column.to)) is not None:
            names[column.name] = {name: name for name in chain.from_iterable(members.values())}
        elif column.to and column.to in frames:
            names[column.name] = _called(frames[column.to], definitions.datasets[column.to].dataset.key[0])
    return names


def _called(table: pl.DataFrame, key: str) -> dict[str, str]:
    entries: dict[str, set[str]] = defaultdict(set)
    for column in (one for one in ("name", "name_fr") if one in table.columns):
        for entry, name in table.select(key, column).drop_nulls().iter_rows():
            entries[name].add(entry)
    return {
        name: name if len(ids) == 1 else "`, `".join(f"{name} ({one})" for one in sorted(ids))
        for name, ids in sorted(entries.items())
    }


def check_frame(
    frame: pl.DataFrame,
    loaded: LoadedDataset,
    codes: Mapping[str, CodeList],
    *,
    references: Mapping[str, pl.Series],
    sources: Sources,
    is_published: bool = True,
) -> CheckResult:
    """Check the rows of a data set; Great Expectations executes it.

    Args:
        frame: The declared columns in their types, the status columns, and `_file`, `_sheet` (String)
            and `_row` (Int64, as the spreadsheet shows it).
        loaded: The declaration.
        codes: All code lists.
        references: As `reference_keys` gives them.
        sources: What reading told of the files.
        is_published: Whether GX's validation result is wanted beside the issues.

    Returns:
        At most `KEEP` issues of each rule, then one that counts the rest. A rule that could not run is
        an issue of its own.
    """
    from cpas.checks.gx import run_suite  # it takes seconds to import

    # where the mission is, the next day may have begun
    until = sources.received_on + timedelta(days=1) if sources.received_on else None
    suite = build_suite(loaded, codes, until=until)
    ready = _with_unread(_with_report_days(frame, sources.reports), sources.faulted)
    result = run_suite(
        ready, suite, references=references, row_rules=rule_to_polars, keep=KEEP, is_published=is_published
    )
    issues = [
        issue
        for outcome, expectation in zip(result.outcomes, suite["expectations"], strict=True)
        for issue in _issues(outcome, expectation, ready, references, sources)
    ]
    return CheckResult(tuple(issues), result.json)


def _with_report_days(frame: pl.DataFrame, reports: Mapping[str, Period]) -> pl.DataFrame:
    days = pl.DataFrame(
        [(file, period.start, period.end) for file, period in reports.items()],
        schema={"_file": pl.String, REPORT_FIRST: pl.Date, REPORT_LAST: pl.Date},
        orient="row",
    )
    return frame.join(days, on="_file", how="left", maintain_order="left")


def _with_unread(frame: pl.DataFrame, faulted: Collection[tuple[str, str, int, str]]) -> pl.DataFrame:
    cells: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for file, sheet, row, column in sorted(faulted):
        cells[column].append((file, sheet, row))
    for column, places in cells.items():
        schema = {name: frame.schema[name] for name in PROVENANCE}
        marks = pl.DataFrame(places, schema=schema, orient="row").with_columns(
            pl.lit(value=True).alias(UNREAD + column)
        )
        frame = frame.join(marks, on=PROVENANCE, how="left", maintain_order="left")
    return frame.with_columns(pl.col(UNREAD + column).fill_null(value=False) for column in cells)


def _issues(
    outcome: Outcome,
    expectation: Mapping[str, Any],
    frame: pl.DataFrame,
    references: Mapping[str, pl.Series],
    sources: Sources,
) -> Iterator[Issue]:
    meta = expectation["meta"]
    rule = Location(meta["file"], row=meta["line"])
    if outcome.error:
        problem = f"the rule `{meta['rule']}` could not run: {outcome.error}"
        yield Issue(
            COULD_NOT_RUN, rule, problem, "correct the rule; nothing is known of the data by it", rule=rule
        )
        return
    if not outcome.failed:
        return
    issue = partial(Issue, CODES[meta["kind"]], severity=_FROM_GX[outcome.severity], rule=rule)
    pointed = outcome.columns[0]
    near = _suggestions(expectation["kwargs"], references, sources.names.get(pointed, {}))
    rows = _rows(outcome, frame, sources, pointed)
    for row in rows:
        yield issue(row[WHERE], *describe(meta["kind"], row, expectation, near))
    if rest := outcome.failed - len(rows):
        more = "1 more row breaks" if rest == 1 else f"{rest:,} more rows break"
        problem = f"{more} the rule `{meta['rule']}`"
        yield issue(replace(rows[-1][WHERE], row=0), problem, "correct them as the ones above", count=rest)


def _rows(outcome: Outcome, frame: pl.DataFrame, sources: Sources, pointed: str) -> list[dict[str, Any]]:
    """The failing rows with the place of the cell, and that of another row with the same values where one is shown."""
    kinds = [name + STATUS for name in dict.fromkeys(outcome.columns) if name + STATUS in frame.columns]
    beside = [*PROVENANCE, *(kind for kind in kinds if kind not in outcome.failing.columns)]
    rows = outcome.failing.hstack(frame.select(beside)[outcome.failing[INDEX]]).to_dicts()
    places: dict[tuple[Any, ...], list[Location]] = defaultdict(list)
    for row in rows:
        letter = sources.letters.get((row["_file"], row["_sheet"], pointed), "")
        row[WHERE] = Location(row["_file"], row["_sheet"], row["_row"], letter)
        places[_values(row, outcome)].append(row[WHERE])
    for row in rows:
        others = places[_values(row, outcome)]
        row[ALSO] = next((place for place in others if place != row[WHERE]), None)
    return rows


def _values(row: Mapping[str, Any], outcome: Outcome) -> tuple[Any, ...]:
    return tuple(row[name] for name in outcome.columns)


def _suggestions(
    kwargs: Mapping[str, Any], references: Mapping[str, pl.Series], names: Mapping[str, str]
) -> Callable[[str], str]:
    """Suggestions out of what a column may hold, worked out once for each value and for so many values only."""
    known: Sequence[str] = kwargs.get("value_set", ())
    if kwargs.get("reference") in references:
        known = references[kwargs["reference"]].to_list()
    found: dict[str, str] = {}

    def near(value: str) -> str:
        if value not in found:
            one = nearest(value, [*names, *known]) if len(found) < SUGGESTIONS else None
            found[value] = f"; did you mean `{names.get(one, one)}`?" if one else ""
        return found[value]

    return near
