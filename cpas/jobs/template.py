"""Templates for reporters: what may be chosen is read from the mission, and what was reported last month stands beside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from cpas.definitions.load import load_definitions
from cpas.definitions.loaded import REFERENCE_TARGETS, Definitions, LoadedDataset
from cpas.engine.coverage import expected_reporters
from cpas.errors import UsageError, suggest
from cpas.intake.inbox import read_inbox
from cpas.intake.template import TemplateRequest, build_template
from cpas.intake.template_choices import Labels, reference_labels
from cpas.intake.words import lookup_of
from cpas.jobs.refusals import stop_before_data
from cpas.jobs.stored import find_accepted
from cpas.store import STORE


@dataclass(frozen=True)
class _Known:
    """What templates of a data set are made of: choices, and all rows that were reported, for those of last month."""

    definitions: Definitions
    loaded: LoadedDataset
    references: Labels
    groups: Labels
    rows: pl.DataFrame


def write_template(
    mission: Path,
    dataset: str,
    asked: TemplateRequest,
    out: Path | None = None,
    ledger: str | None = None,
) -> Path:
    """Write the workbook a reporter fills in, into `out` or into a file of its usual name here.

    Last month's rows are those that were accepted; of a mission into which nothing was submitted, those in its inbox.

    Args:
        mission: The mission folder.
        dataset: The data set.
        asked: For whom and when; last month's rows and the groups are added here.
        out: Where to, or into which folder; `activities-FO-GAO-2019-06.xlsx` in the working folder by default.
        ledger: The URL of a ledger that is not in the store's folder.

    Raises:
        UsageError: The data set or the reporter does not exist, or the period is no month or ends before the
            mission's data begin; or the file cannot be written.
        DefinitionError: A definition is wrong.
        StoreError: The store cannot be read.
    """
    definitions = load_definitions(mission)
    loaded = _dataset(definitions, dataset, asked)
    _check_reporter(definitions, loaded, asked)
    return _write(_known(mission, definitions, loaded, asked, ledger), asked, out or Path())


def write_templates(
    mission: Path, dataset: str, asked: TemplateRequest, folder: Path, ledger: str | None = None
) -> list[Path]:
    """Write a template for everyone who is expected to report a data set for a month, into files of their usual names in a folder.

    Arguments and errors are those of `write_template`; whose reporter `asked` names is not looked at.
    """
    definitions = load_definitions(mission)
    loaded = _dataset(definitions, dataset, asked)
    reporters = expected_reporters(definitions, dataset, asked.period)
    if not reporters:
        raise UsageError(
            f"nobody is expected to report `{dataset}` for {asked.period}; say who does with --section"
        )
    if folder.is_file():
        raise UsageError(f"{folder} is a file; templates of several reporters need a folder")
    known = _known(mission, definitions, loaded, asked, ledger)
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(known, replace(asked, reporter=reporter), folder) for reporter in reporters]


def _known(
    mission: Path,
    definitions: Definitions,
    loaded: LoadedDataset,
    asked: TemplateRequest,
    ledger: str | None,
) -> _Known:
    lookups = {target: lookup_of(definitions.members(target) or {}) for target in REFERENCE_TARGETS}
    accepted = find_accepted(mission / STORE, ledger, None)
    inbox = read_inbox(
        mission, definitions.datasets, definitions.codes, lookups, None if accepted is None else tuple
    )
    frames = {name: table.frame for name, table in inbox.tables.items()}
    references, groups = reference_labels(
        loaded, definitions, frames, inbox.vocabulary, (asked.period, asked.language)
    )
    rows = accepted.frame(loaded) if accepted else frames[loaded.dataset.dataset]
    return _Known(definitions, loaded, references, groups, rows)


def _write(known: _Known, asked: TemplateRequest, out: Path) -> Path:
    """Write one workbook, into `out` or, where that is a folder, into a file of its usual name there."""
    request = replace(asked, previous=_previous(known.rows, known.loaded, asked), groups=known.groups)
    usual = f"{known.loaded.dataset.dataset}-{asked.reporter}-{asked.period}.xlsx"
    path = out / usual if out.is_dir() else out
    content = build_template(known.loaded, known.definitions, known.references, request)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{path} could not be written: {error.strerror}") from error
    return path


def _dataset(definitions: Definitions, name: str, asked: TemplateRequest) -> LoadedDataset:
    """A data set that is reported for the month that is asked for."""
    sent = [key for key, one in definitions.datasets.items() if one.dataset.found_in == "inbox"]
    if name not in sent:
        raise UsageError(
            f"`{name}` is no data set that reporters send{suggest(name, sent)}; there are {', '.join(sent)}"
        )
    if asked.period.kind != "month":
        raise UsageError(f"`{asked.period}` is no month; reports are monthly, so write a month like 2019-06")
    stop_before_data(definitions, asked.period)
    return definitions.datasets[name]


def _check_reporter(definitions: Definitions, loaded: LoadedDataset, asked: TemplateRequest) -> None:
    dataset = loaded.dataset
    target = dataset.column(dataset.reported_by).to if dataset.reported_by else None
    known = definitions.members(target) if target else None
    if known is not None and asked.reporter not in known:
        listed = ", ".join(known)
        raise UsageError(
            f"`{asked.reporter}` does not report `{dataset.dataset}`{suggest(asked.reporter, known)}; {target}: {listed}"
        )


def _previous(rows: pl.DataFrame, loaded: LoadedDataset, asked: TemplateRequest) -> pl.DataFrame | None:
    """What the reporter sent for the month before; None where the data set knows neither reporter nor month."""
    dataset, before = loaded.dataset, asked.period.previous()
    if not dataset.reported_by or not dataset.period:
        return None
    return rows.filter(
        pl.col(dataset.reported_by) == asked.reporter,
        pl.col(dataset.period).is_between(before.start, before.end),
    )
