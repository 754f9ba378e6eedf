"""The commands around what sections report: parse, call one job, print, exit; `cli` puts them beside the others."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path

import click

from cpas.cli_options import LEDGER, MISSION, PERIOD, QUIET, Language, as_at, by, language


@click.command()
@MISSION
@click.argument("dataset")
@click.option(
    "--section",
    "--reporter",
    "reporter",
    help="Who reports: a section or a field office, by id; by default everyone who is expected to, a file each.",
)
@click.option("--period", required=True, help="The month the report is about, like 2019-06.")
@language("template")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="Write this file, or into this folder, instead of here.",
)
@click.option("--hxl", is_flag=True, help="Add a row of HXL tags under the header.")
@click.option(
    "--rows",
    type=click.IntRange(1, 20_000),
    default=500,
    show_default=True,
    help="How many rows can be filled in.",
)
@LEDGER
def template(  # noqa: PLR0913  # one argument per option
    mission: Path,
    dataset: str,
    *,
    reporter: str | None,
    period: str,
    lang: Language,
    out: Path | None,
    hxl: bool,
    rows: int,
    ledger: str | None,
) -> None:
    """Write the workbook that a section or field office fills in.

    It has drop-downs and checks for every column, and beside them what was reported last month.

    \b
    Examples:
      cpas template sample_data activities --reporter FO-GAO --period 2019-06 --lang fr
      cpas template sample_data observations --section civil_affairs --period 2019-06 -o report.xlsx
      cpas template sample_data activities --period 2019-07 -o to_send
    """
    from cpas.intake.template import TemplateRequest
    from cpas.jobs.template import write_template, write_templates
    from cpas.periods import Period

    asked = TemplateRequest(reporter or "", Period.parse(period), lang, hxl=hxl, rows=rows)
    if reporter:
        click.echo(str(write_template(mission, dataset, asked, out, ledger)))
        return
    for path in write_templates(mission, dataset, asked, out or Path(), ledger):
        click.echo(str(path))


@click.command()
@MISSION
@click.argument(
    "files", type=click.Path(path_type=Path, exists=True), nargs=-1, required=True, metavar="FILE..."
)
@by("Who submits; the name is recorded.", required=True)
@click.option("--all-or-nothing", is_flag=True, help="Return a whole file if any of its rows has an error.")
@language("sender")
@LEDGER
@QUIET
def submit(  # noqa: PLR0913  # one argument per option
    mission: Path,
    files: tuple[Path, ...],
    *,
    by: str,
    all_or_nothing: bool,
    lang: Language,
    ledger: str | None,
    quiet: bool,
) -> None:
    """Submit workbooks, CSV files or folders of them.

    Rows with errors are returned, the others accepted.

    What is accepted takes the place of what was accepted before for the same reporter, data set and
    month. Receipts and marked workbooks are in MISSION/out/returned. The exit code is 1 where rows are returned.

    \b
    Examples:
      cpas submit sample_data sample_data/inbox/2019-06/activities-FO-GAO-2019-06.xlsx --by "A. Keita"
      cpas submit sample_data sample_data/inbox --by SPU
    """
    from cpas.jobs.aside import beside_submission

    others = beside_submission()  # first of all, since they import for seconds
    from cpas.jobs.progress import Progress
    from cpas.jobs.returns import Sending
    from cpas.jobs.submit import submit_files

    sending = Sending(by, datetime.now(UTC), all_or_nothing, lang, ledger)
    outcomes = submit_files(mission, files, sending, Progress(quiet), others)
    for outcome in outcomes:
        if outcome.is_short or outcome.losses or not quiet:
            click.echo("\n".join([*outcome.lines(), *map(outcome.speech.line, outcome.losses)]))
    if any(outcome.is_short for outcome in outcomes):
        said = outcomes[0].speech.word("returned", folder=mission / "out" / "returned")
        click.echo(f"cpas: {said}", err=True)
        sys.exit(1)


@click.command()
@MISSION
@PERIOD
@language("page")
@as_at("As it stood at the end of that day (UTC).")
@LEDGER
def status(mission: Path, period: str, lang: Language, as_at: date | None, ledger: str | None) -> None:
    """Print who has reported, how timely, and whom to chase.

    The same is written as a page into MISSION/out/status.

    \b
    Examples:
      cpas status sample_data 2019-06
      cpas status sample_data 2018/19 --as-at 2019-07-15
    """
    from cpas.jobs.status import Asked, write_status
    from cpas.periods import Period

    asked = Asked(Period.parse(period), datetime.now(UTC), as_at, lang, ledger)
    shown = write_status(mission, asked)
    click.echo(shown.text(is_terminal=sys.stdout.isatty()))
    if shown.fault:
        raise shown.fault
    click.echo(str(shown.page))


@click.command()
@MISSION
@PERIOD
@click.option(
    "--decide",
    nargs=4,
    metavar="DATASET FIRST SECOND same|different",
    help="Record whether two rows, named by their keys, tell of one thing.",
)
@by("Who decided.")
@LEDGER
@language("list")
def duplicates(
    mission: Path,
    period: str,
    *,
    decide: tuple[str, str, str, str] | None,
    by: str | None,
    ledger: str | None,
    lang: Language,
) -> None:
    """List likely duplicates, or decide on a pair of them.

    Listed are those among the rows of PERIOD that nobody has decided on.

    Nothing is merged by itself. Rows decided to be the same count once in figures without double
    counting; decisions stand in MISSION/reference/duplicates.csv.

    \b
    Examples:
      cpas duplicates sample_data 2019-06
      cpas duplicates sample_data 2019-06 --decide activities GAO-201906-0171 GAO-201906-0172 same --by "A. Diallo"
    """
    from cpas.intake.annotate_words import Speech
    from cpas.jobs.duplicates import list_duplicates, record
    from cpas.periods import Period

    within = Period.parse(period)
    if decide:
        record(mission, decide, by, ledger)
    for line in list_duplicates(mission, within, ledger).lines(Speech(lang)):
        click.echo(line)
