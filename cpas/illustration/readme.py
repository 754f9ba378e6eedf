"""The README of a sample, written from the planted constants and from what was drawn, so that it cannot disagree with either."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from string import Template

from cpas.definitions.loaded import Definitions
from cpas.illustration import truths
from cpas.illustration.drawn import Drawn
from cpas.illustration.geography import SEED, cercles
from cpas.illustration.observations import Series
from cpas.illustration.resources import apportionments
from cpas.illustration.rows import Row
from cpas.periods import Period

_NONE = "no month of this sample"


def build_readme(drawn: Drawn, definitions: Definitions, series: Sequence[Series]) -> str:
    """The text of `README.md` in a sample: what it is, what is planted and with which figures, sources and licences."""
    template = Template((SEED / "README.sample.md").read_text(encoding="utf-8"))
    names = {cercle.code: cercle.name for cercle in cercles()}
    return template.substitute(
        _extent(drawn)
        | _season(drawn, names)
        | _operations(drawn, names)
        | _reprisals(drawn, names)
        | _reporting(drawn, names)
        | _reporters(drawn, names)
        | _definitions(definitions, series)
        | {
            "spending": _spending(drawn, definitions),
            "sources": (SEED / "SOURCES.md").read_text(encoding="utf-8").strip(),
        }
    )


def _extent(drawn: Drawn) -> dict[str, str]:
    whole = len(drawn.months) >= 24
    return {
        "months": str(len(drawn.months)),
        "scale": f"{drawn.scale:g}",
        "seed": str(drawn.seed),
        "first": _month(drawn.months[0]),
        "last": _month(drawn.months[-1]),
        "incidents": _count(len(drawn.incidents)),
        "expenditure": _count(len(drawn.spending)),
        "trend": _percent(truths.MONTHLY_TREND),
        "short": ""
        if whole
        else "\nThis sample has fewer than 24 months: truths that need a longer series are not complete in it.",
        **{
            key: _count(drawn.counts[key])
            for key in ("activities", "workbooks", "observations", "assessments", "deployments")
        },
    }


def _season(drawn: Drawn, names: Mapping[str, str]) -> dict[str, str]:
    peak = truths.SEASONAL_PEAK
    rows = [
        row
        for row in drawn.incidents
        if row["area_code"] in peak.cercles and row["incident_type"] == peak.incident_type
    ]
    return {
        "peak_type": peak.incident_type.replace("_", " "),
        "peak_cercles": _listed([names[code] for code in peak.cercles]),
        "peak_factor": f"{peak.factor:g}",
        "peak_month": f"{date(2018, peak.month, 1):%B}",
        "peak_now": _mean(drawn, rows, lambda month: month.start.month == peak.month),
        "peak_else": _mean(drawn, rows, lambda month: month.start.month != peak.month),
    }


def _operations(drawn: Drawn, names: Mapping[str, str]) -> dict[str, str]:
    fall, same, moved = truths.OPERATIONS_WITH_A_FALL, truths.OPERATIONS_WITHOUT_EFFECT, truths.DISPLACEMENT
    found = {
        "operation_days": str(len(fall.days_of_month)),
        "operations_first": _day(fall.first),
        "operations_last": _day(fall.last),
        "effect_from": _day(fall.effect_from),
        "fall_factor": f"{fall.factor:g}",
        "moved_share": _percent(moved.share),
    }
    for key, cercle in (("fall", fall.cercle), ("same", same.cercle), ("moved", moved.cercle)):
        rows = [row for row in drawn.incidents if row["area_code"] == cercle]
        found[f"{key}_cercle"] = names[cercle]
        found[f"{key}_before"] = _mean(drawn, rows, lambda month: month.start < fall.effect_from)
        found[f"{key}_after"] = _mean(drawn, rows, lambda month: month.start >= fall.effect_from)
    return found


def _reprisals(drawn: Drawn, names: Mapping[str, str]) -> dict[str, str]:
    planted = truths.REPRISALS
    rows = [
        row
        for row in drawn.incidents
        if row["area_code"] == planted.cercle and row["incident_type"] == planted.incident_type
    ]
    days = [month.start + timedelta(days=more) for month in drawn.months for more in range(month.days)]
    rates = {}
    for key, inside in (("reprisal_inside", True), ("reprisal_outside", False)):
        length = sum(planted.follows(day) is inside for day in days)
        happened = sum(planted.follows(row["incident_on"]) is inside for row in rows)
        rates[key] = f"{happened / length * 30:.1f}" if length else "none"
    return rates | {
        "reprisal_cercle": names[planted.cercle],
        "reprisal_factor": f"{planted.factor:g}",
        "reprisal_window": str(planted.window),
        "reprisal_count": str(len(planted.operations)),
        "reprisal_length": str(planted.length),
        "reprisal_days": _listed([_day(day) for day in planted.operations]),
    }


def _reporting(drawn: Drawn, names: Mapping[str, str]) -> dict[str, str]:
    effort, largest = truths.REPORTING_EFFORT, truths.LARGEST_INCIDENT
    rows = [
        row
        for row in drawn.incidents
        if row["area_code"] == effort.cercle and row["incident_type"] in effort.incident_types
    ]
    deaths = sum(row["deaths_civilians"] for row in drawn.incidents)
    has_largest = any(month.contains(largest.day) for month in drawn.months)
    parts = zip(largest.deaths, ("women", "men", "girls", "boys", "of unknown sex and age"), strict=True)
    return {
        "effort_day": _day(effort.opened_on),
        "effort_base": effort.base,
        "effort_cercle": names[effort.cercle],
        "effort_factor": f"{effort.factor:g}",
        "effort_before": _mean(drawn, rows, lambda month: month.start < effort.opened_on),
        "effort_after": _mean(drawn, rows, lambda month: month.start >= effort.opened_on),
        "largest_day": _day(largest.day),
        "largest_cercle": names[largest.cercle],
        "largest_deaths": str(largest.total),
        "largest_parts": _listed([f"{number} {who}" for number, who in parts]),
        "deaths": _count(deaths),
        "deaths_without": _count(deaths - largest.total * has_largest),
    }


def _reporters(drawn: Drawn, names: Mapping[str, str]) -> dict[str, str]:
    silent, silent_months = truths.SILENT_OFFICE
    section, section_months = truths.SILENT_SECTION
    nil, nil_month = truths.NIL_REPORT
    change = truths.BOUNDARY_CHANGE
    return {
        "joint_patrols": _count(drawn.counts["joint_patrols"]),
        "joint_keyed": _count(drawn.counts["joint_patrols_keyed"]),
        "integrated": str(truths.INTEGRATED_A_MONTH),
        "no_output_share": _percent(truths.NO_OUTPUT),
        "no_output": _count(drawn.counts["no_output"]),
        "late_office": truths.LATE_OFFICE.office,
        "late_days": str(truths.LATE_OFFICE.days_late),
        "late_months": _months(truths.LATE_OFFICE.months),
        "silent_office": silent,
        "silent_months": _months(silent_months),
        "nil_office": nil,
        "nil_month": _months([nil_month]),
        "silent_section": f"`{section}`",
        "silent_section_months": _months(section_months),
        "boundary_cercle": f"{names[change.cercle]} ({change.cercle})",
        "boundary_from": change.before,
        "boundary_to": change.after,
        "boundary_last": _day(change.first - timedelta(days=1)),
        "boundary_first": _day(change.first),
    }


def _definitions(definitions: Definitions, series: Sequence[Series]) -> dict[str, str]:
    revised = [
        f"`{one.id}` from {_day(version.first)}: {version.note['en'].rstrip('.')}"
        for one in sorted(definitions.indicators.values(), key=lambda one: one.id)
        for version in one.definition.versions[1:]
    ]
    lines = [f"| {one.indicator.id} | {one.indicator.title['en']} | {one.pace:g} |" for one in series]
    return {
        "revised": "; ".join(revised) or "none",
        "paces": "\n".join(["| indicator | title | pace |", "| --- | --- | ---: |", *lines]),
    }


def _spending(drawn: Drawn, definitions: Definitions) -> str:
    """The planted share of each group and budget year, and the amounts of those years that the sample has whole."""
    amounts = apportionments()
    told = []
    for spent in truths.SPENDING:
        year = Period.parse(spent.budget_year)
        group = next(group for group in definitions.budget.groups if group.id == spent.group)
        lines = {line.id for line in group.lines}
        text = f"{group.title['en'].lower()} {_percent(spent.share)} in {spent.budget_year}"
        if all(month in drawn.months for month in year.months()):
            money = sum(
                row["amount_usd"]
                for row in drawn.spending
                if row["budget_line"] in lines and year.contains(row["month"])
            )
            apportioned = sum((amounts[line, spent.budget_year] for line in lines), Decimal(0))
            text += f" (${money:,} of ${apportioned:,})"
        told.append(text)
    return "; ".join(told)


def _mean(drawn: Drawn, rows: Iterable[Row], wanted: Callable[[Period], bool]) -> str:
    """Rows a month, over the months that are wanted."""
    months = [month for month in drawn.months if wanted(month)]
    happened = sum(wanted(Period.month(row["incident_on"])) for row in rows)
    return f"{happened / len(months):.1f}" if months else _NONE


def _count(number: int) -> str:
    return f"{number:,}"


def _percent(share: float) -> str:
    return f"{share * 100:.4g} per cent"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _month(month: Period) -> str:
    return f"{month.start:%B %Y}"


def _months(texts: Iterable[str]) -> str:
    return _listed([_month(Period.parse(text)) for text in texts])


def _listed(texts: Sequence[str]) -> str:
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)
