"""Who has reported what for a period, how complete and timely it is, and whom to chase: on the screen and as a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

import polars as pl

from cpas import __version__, content
from cpas.checks.quality import report_status, reporting_quality
from cpas.definitions.load import load_definitions
from cpas.definitions.loaded import Definitions
from cpas.engine.areas import AreaTree
from cpas.engine.coverage import expected_reports, whole_reports
from cpas.errors import DataError, RenderError
from cpas.intake.inbox import Inbox, read_inbox
from cpas.jobs.gather import lookups_of
from cpas.jobs.gathered import AREAS
from cpas.jobs.issues import in_language
from cpas.jobs.references import references_as_at
from cpas.jobs.refusals import stop_before_data
from cpas.jobs.stored import find_accepted
from cpas.periods import Period
from cpas.report.blocks import Document, Language
from cpas.report.html import render_html
from cpas.report.screen import render_screen
from cpas.report.status import Standing, status_document
from cpas.report.texts import Texts, load_texts
from cpas.report.theme import load_theme
from cpas.store import STORE
from cpas.store.ledger import has_ledger, open_ledger
from cpas.store.records import Submission, count_states

PAGES = Path("out/status")


@dataclass(frozen=True, slots=True)
class Asked:
    """The period, the instant of asking, the day at whose end (UTC) things are shown, the language, and the ledger's URL."""

    period: Period
    now: datetime
    as_at: date | None = None
    language: Language = "en"
    ledger: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """The status as text for a terminal or a file, where the page is, and why it could not be written there, as in a folder that may only be read."""

    document: Document
    texts: Texts
    page: Path
    fault: RenderError | None = None

    def text(self, *, is_terminal: bool) -> str:
        """One screen: plain where it is piped, ruled where a person looks at it."""
        return render_screen(self.document, self.texts, is_terminal=is_terminal)


def write_status(mission: Path, asked: Asked) -> Shown:
    """Work out the status of a period and write it as a page into `MISSION/out/status`.

    Reports are those accepted into the store; of a mission without one, those that lie in the inbox.

    Raises:
        UsageError: The folder is not a mission folder, or the period ends before its data begin.
        DefinitionError: A definition is wrong.
        DataError: The table of areas is missing, without which nobody can say who is to report.
        StoreError: The store cannot be read.
    """
    definitions = load_definitions(mission)
    stop_before_data(definitions, asked.period)
    texts = load_texts(content.find("reports", mission), asked.language)
    submissions = _submissions(mission, asked)
    with references_as_at(mission, asked.ledger, asked.as_at) as then:
        inbox = read_inbox(
            then.folder,
            definitions.datasets,
            definitions.codes,
            lookups_of(definitions),
            None if submissions is None else tuple,
        )
    standing = _standing(mission, asked, definitions, inbox, submissions or ())
    said = in_language(then.issues, asked.language, definitions)
    imprint = (f"cpas {__version__}", *(issue.message for issue in said))
    document = status_document(standing, definitions, asked.period, texts, imprint)
    folder = content.find("reports", mission)
    page = mission / PAGES / f"{str(asked.period).replace('/', '-')}.html"
    rendered = render_html(document, load_theme(folder), texts, folder)
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_bytes(rendered)
    except OSError as error:
        return Shown(document, texts, page, RenderError(f"{page} could not be written: {error.strerror}"))
    return Shown(document, texts, page)


def _submissions(mission: Path, asked: Asked) -> tuple[Submission, ...] | None:
    """Every submission by the day asked for; None where there is no store."""
    if not has_ledger(mission / STORE, asked.ledger):
        return None
    until = datetime.combine(asked.as_at, time.max, UTC) if asked.as_at else None
    with open_ledger(mission / STORE, asked.ledger) as ledger, ledger.reading() as book:
        return book.submissions(until)


def _standing(
    mission: Path,
    asked: Asked,
    definitions: Definitions,
    inbox: Inbox,
    submissions: tuple[Submission, ...],
) -> Standing:
    areas = inbox.tables[AREAS]
    if areas.frame.is_empty():
        raise DataError(
            "the table of areas cannot be read", [one for one in inbox.issues if one.severity == "error"]
        )
    tree = AreaTree.of(areas.frame, definitions.mission.root_area)
    accepted = find_accepted(mission / STORE, asked.ledger, asked.as_at)
    reports = accepted.reports() if accepted else inbox.reports
    statuses = report_status(
        expected_reports(definitions, tree, asked.period.months()),
        whole_reports(reports, definitions),
        definitions.mission,
    )
    counted = count_states(submissions, {month.start for month in asked.period.months()})
    quality = reporting_quality(statuses)
    keys = quality.select("dataset", "reporter").rows()
    counts = quality.with_columns(
        pl.Series(state, [counted[(*key, state)] for key in keys], pl.Int64)
        for state in ("returned", "superseded")
    )
    day = asked.as_at or asked.now.astimezone(UTC).date()
    return Standing(statuses.filter(pl.col("status") == "missing"), counts, day)
