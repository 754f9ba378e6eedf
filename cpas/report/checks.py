"""The page of checks: every rule of every data set, how many rows it looked at and how many broke it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cpas.report.blocks import Bound, Column, Document, Paragraph, Part, Row, Table, prose, quote
from cpas.report.texts import Texts

SEVERITIES = {"critical": "error", "warning": "warning", "info": "note"}


def checks_document(
    checks: Mapping[str, dict[str, Any]],
    titles: Mapping[str, str],
    codes: Mapping[str, str],
    mission: str,
    period: str,
    texts: Texts,
) -> Document:
    """Great Expectations' results as a document: a summary, then one part for each data set.

    Args:
        checks: GX's validation result of each data set, as JSON values.
        titles: The title of each data set.
        codes: The code of an issue for each kind of rule.
        mission: The mission's name.
        period: The period in words.
        texts: The words of the report.
    """
    parts = tuple(
        Part(f"data-{name}", titles[name], (_rules(result, titles[name], codes, texts),), name)
        for name, result in checks.items()
    )
    return Document(
        title=texts["checks.title"],
        subtitle=texts["checks.subtitle"],
        mission=mission,
        period=period,
        language=texts.language,
        marking="UNCLASSIFIED",
        parts=(
            Part(
                "summary",
                texts["checks.summary"],
                (Paragraph(prose(texts["checks.about"])), _summary(checks, titles, texts)),
            ),
            *parts,
        ),
        notices=(texts["notice.draft"],),
        imprint=tuple(
            dict.fromkeys(
                f"Great Expectations {result['meta']['great_expectations_version']}"
                for result in checks.values()
            )
        ),
    )


def _summary(checks: Mapping[str, dict[str, Any]], titles: Mapping[str, str], texts: Texts) -> Table:
    columns = (
        Column(texts["checks.dataset"], width=30),
        *(
            Column(texts[f"checks.{name}"], "count", width=14)
            for name in ("rows", "rules", "kept", "broken_rules", "not_run")
        ),
    )
    rows = []
    for name, result in checks.items():
        outcomes = [_outcome(one) for one in result["results"]]
        counts = [outcomes.count(outcome) for outcome in ("kept", "broken", "not_run")]
        rows.append(Row((titles[name], _rows(result), len(outcomes), *counts), link=f"data-{name}"))
    return Table(texts["checks.summary"], columns, tuple(rows))


def _rows(result: dict[str, Any]) -> int:
    return max((one["result"].get("element_count", 0) for one in result["results"]), default=0)


def _outcome(one: dict[str, Any]) -> str:
    if one["exception_info"].get("raised_exception"):
        return "not_run"
    return "kept" if one["success"] else "broken"


def _rules(result: dict[str, Any], title: str, codes: Mapping[str, str], texts: Texts) -> Table:
    columns = (
        Column(texts["checks.rule"], width=46),
        Column(texts["issues.code"], width=14),
        Column(texts["issues.severity"], width=12),
        Column(texts["checks.demanded"], width=40),
        Column(texts["checks.rows"], "count", width=10),
        Column(texts["checks.broken"], "count", width=10),
        Column(texts["checks.outcome"], width=14),
    )
    return Table(
        texts.say("checks.rules_of", title=title),
        columns,
        tuple(_lines(result, codes, texts)),
        (quote(texts["checks.note"]),),
    )


def _lines(result: dict[str, Any], codes: Mapping[str, str], texts: Texts) -> Iterator[Row]:
    for one in result["results"]:
        config, found = one["expectation_config"], one["result"]
        meta, outcome = config["meta"], _outcome(one)
        unknown = Bound(None, status="not_applicable")
        yield Row(
            (
                meta["rule"],
                codes[meta["kind"]],
                texts[f"severity.{SEVERITIES[config['severity']]}"],
                f"{meta['file']}:{meta['line']}",
                unknown if outcome == "not_run" else found.get("element_count", 0),
                unknown if outcome == "not_run" else found.get("unexpected_count", 0),
                texts[f"checks.outcome_{outcome}"],
            )
        )
