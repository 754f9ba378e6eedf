"""What reporters sent in the months of an illustrative mission, written into its inbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from cpas.definitions.loaded import Definitions
from cpas.illustration import draws, truths
from cpas.illustration.accounts import CONSTANT, EXPLANATION_COLUMNS, constant_rows, explain_variances
from cpas.illustration.activities import Office, draw_activities, load_plan
from cpas.illustration.assessments import assess
from cpas.illustration.drawn import Drawn
from cpas.illustration.geography import bases
from cpas.illustration.incidents import SECTION, draw_incidents, load_model
from cpas.illustration.observations import Series, draw_observations
from cpas.illustration.resources import (
    DEPLOYMENT_COLUMNS,
    EXPENDITURE_COLUMNS,
    draw_deployments,
    draw_expenditure,
)
from cpas.illustration.rows import Row
from cpas.illustration.workbooks import Cover, Manner, write_csv, write_workbook
from cpas.periods import Period

_MANNERS = {
    "FO-KDL": Manner("fr"),
    "FO-TBT": Manner("fr", decimal_comma=True),
    "FO-GAO": Manner("en", hxl=True),
    "FO-MPT": Manner("fr", hxl=True),
    "FO-SGU": Manner("en", labels=False),
}


def write_inbox(folder: Path, definitions: Definitions, series: Sequence[Series], drawn: Drawn) -> None:
    """Everything that reporters sent in the months of a sample; `drawn` gathers what was drawn."""
    model, plan = load_model(), load_plan()
    for month in drawn.months:
        inbox = folder / "inbox" / str(month)
        inbox.mkdir(parents=True)
        for office in definitions.mission.field_offices:
            _write_activities(inbox, definitions, Office(office, definitions.mission, plan), month, drawn)
        incidents = draw_incidents(month, drawn.scale, drawn.seed, model)
        drawn.incidents.extend(incidents)
        _write(
            inbox,
            definitions,
            "incidents",
            incidents,
            (Cover(str(month), SECTION, month.end + timedelta(days=4)), Manner()),
        )
        observations = draw_observations(series, month, drawn.seed)
        drawn.counts["observations"] += len(observations)
        _write(
            inbox,
            definitions,
            "observations",
            observations,
            (Cover(str(month), "", month.end + timedelta(days=13)), Manner()),
        )
        assessments = assess(definitions, month)
        drawn.counts["assessments"] += len(assessments)
        _write(
            inbox,
            definitions,
            "assessments",
            assessments,
            (Cover(str(month), "", month.end + timedelta(days=12)), Manner()),
        )
    for year in sorted({month.budget_year() for month in drawn.months}):
        _write_year(folder / "inbox", definitions, year, drawn)


def _write_activities(
    inbox: Path, definitions: Definitions, office: Office, month: Period, drawn: Drawn
) -> None:
    silent, months = truths.SILENT_OFFICE
    if office.id == silent and str(month) in months:
        return
    rows = (
        []
        if (office.id, str(month)) == truths.NIL_REPORT
        else draw_activities(office, month, drawn.scale, drawn.seed)
    )
    drawn.counts["workbooks"] += 1
    drawn.counts["activities"] += len(rows)
    drawn.counts["no_output"] += sum(row["output"] is None for row in rows)
    twins = [row for row in rows if row["activity_type"] == "joint_patrol" and row["section"] == "police"]
    drawn.counts["joint_patrols"] += len(twins)
    drawn.counts["joint_patrols_keyed"] += sum(row["joint_key"] is not None for row in twins)
    cover = Cover(str(month), office.id, _sent_on(office.id, month, drawn.seed))
    _write(inbox, definitions, "activities", rows, (cover, _MANNERS.get(office.id, Manner())))


def _sent_on(office: str, month: Period, seed: int) -> date:
    """In time, ten days after the month at most, but for the late office in its months."""
    days = 2 + int(draws.stream(seed, "sent", office, month).random() * 8)
    late = truths.LATE_OFFICE
    if office == late.office and str(month) in late.months:
        days += late.days_late
    return month.end + timedelta(days=days)


def _write(
    inbox: Path, definitions: Definitions, dataset: str, rows: Sequence[Row], how: tuple[Cover, Manner]
) -> None:
    cover = how[0]
    name = "-".join(part for part in (dataset, cover.reporter, cover.period) if part)
    write_workbook(
        inbox / f"{name}.xlsx", definitions.datasets[dataset].dataset, definitions.codes, rows, how
    )


def _write_year(inbox: Path, definitions: Definitions, year: Period, drawn: Drawn) -> None:
    months = [month for month in drawn.months if year.contains(month)]
    spelt = str(year).replace("/", "-")
    if spent := draw_expenditure(definitions.budget, year, months, drawn.seed):
        drawn.spending.extend(spent)
        write_csv(inbox / f"expenditure-{spelt}.csv", EXPENDITURE_COLUMNS, spent)
        if len(months) == 12:
            explained = explain_variances(spent, year, definitions.mission.variance_threshold)
            write_csv(inbox / f"variance_explanations-{spelt}.csv", EXPLANATION_COLUMNS, explained)
    for dataset in CONSTANT:
        if rows := constant_rows(dataset, months):
            write_csv(inbox / f"{dataset}-{spelt}.csv", tuple(rows[0]), rows)
    places = bases()
    deployed = [row for month in months for row in draw_deployments(places, month, drawn.seed)]
    drawn.counts["deployments"] += len(deployed)
    write_csv(inbox / f"deployments-{spelt}.csv", DEPLOYMENT_COLUMNS, deployed)
