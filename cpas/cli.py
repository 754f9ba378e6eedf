"""The command line: parse, call one job, print, exit; holds no rule of its own.

Exit codes: 0 done, 1 problems in data or definitions, 2 wrong use.
"""

from __future__ import annotations

import atexit
import errno
import gc
import logging
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import click

from cpas import __version__
from cpas.cli_folders import init, sample
from cpas.cli_options import (
    ENGINE,
    FILE,
    LEDGER,
    MISSION,
    PERIOD,
    QUIET,
    Engine,
    Language,
    language,
    publishing,
)
from cpas.cli_planning import chain, rbb, scenario
from cpas.cli_sections import duplicates, status, submit, template
from cpas.errors import CpasError, Issue, counted

SHOWN_PER_CODE = 20


class Commands(click.Group):
    """The group that turns every error raised on purpose, and of the system, into its message and exit code."""

    def invoke(self, context: click.Context) -> Any:
        """Run a command; problems are printed, grouped and counted, and end with their exit code."""
        try:
            return super().invoke(context)
        except CpasError as error:
            print_issues(error.issues)
            click.echo(f"cpas: {error.summary}", err=True)
            context.exit(error.exit_code)
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read the output has gone; click ends quietly
                raise
            click.echo(f"cpas: {error.filename or 'a file'}: {error.strerror}", err=True)
            context.exit(1)


def print_issues(issues: Iterable[Issue]) -> None:
    """Issues grouped by code, places first, at most twenty of a code, and the count of each."""
    by_code: dict[str, list[Issue]] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for issue in issues:
        by_code.setdefault(issue.code, []).append(issue)
        counts[(issue.severity, issue.code)] += issue.count
    for code, found in by_code.items():
        for issue in found[:SHOWN_PER_CODE]:
            click.echo(str(issue))
        if more := sum(issue.count for issue in found[SHOWN_PER_CODE:]):
            click.echo(f"    ... and {more:,} more of {code}")
    for (severity, code), count in sorted(counts.items()):
        click.echo(f"{count:>7,} {severity} {code}")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="cpas")
def main() -> None:
    """Reports on the performance of peacekeeping missions, from activity and outcome data to what it achieved."""
    logging.getLogger("calamine.xlsx").setLevel(logging.ERROR)
    gc.set_threshold(50_000, 20)  # a tenth of a run went into the search for cycles, and a command ends soon
    atexit.register(gc.freeze)  # and nobody needs the search at the very end


for command in (template, submit, status, duplicates, chain, scenario, rbb, init, sample):
    main.add_command(command)


@main.command()
@MISSION
@PERIOD
@click.option(
    "--incidents", type=FILE, help="Use a foreign incident file (UCDP GED, ACLED) instead of the inbox's."
)
@ENGINE
@publishing("PERIOD", "report")
def run(  # noqa: PLR0913  # one argument per option
    mission: Path,
    period: str,
    *,
    out: Path | None,
    incidents: Path | None,
    lang: Language,
    as_at: date | None,
    inbox: bool,
    engine: Engine,
    ledger: str | None,
    quiet: bool,
) -> None:
    """Compute the indicators and publish the report.

    The rows are those that were submitted and accepted; of a mission into which nothing was submitted,
    those of its inbox, which are checked first.

    PERIOD is a month 2019-06, a quarter 2019-Q2, a budget year 2018/19, a calendar year 2019 or a
    range 2018-07..2019-03.

    \b
    Examples:
      cpas run sample_data 2019-06
      cpas run sample_data 2018/19 --lang fr --out briefing
      cpas run sample_data 2019-06 --incidents ged_24_1_mali.csv
      cpas run sample_data 2019-06 --as-at 2019-07-15
    """
    from cpas.jobs.aside import beside_run

    with beside_run(mission, is_inbox=inbox or incidents is not None) as aside:
        from cpas.jobs.progress import Progress
        from cpas.jobs.run import run_report
        from cpas.jobs.sources import Source
        from cpas.periods import Period

        source = Source(incidents, as_at, ledger, inbox)
        published = run_report(
            mission,
            Period.parse(period),
            Progress(quiet),
            aside,
            out=out,
            source=source,
            language=lang,
            engine=engine,
        )
    if not quiet:
        click.echo(f"{counted(published.warnings, 'warning')}; see {published.folder / 'issues.xlsx'}")
        click.echo(str(published.folder / "report.html"))


@main.command()
@MISSION
@LEDGER
def verify(mission: Path, ledger: str | None) -> None:
    """Verify that all that was accepted is there, byte for byte.

    That is the ledger of MISSION, the files as they were received, and the facts.

    \b
    Example:
      cpas verify sample_data
    """
    from cpas.jobs.verify import verify_store

    issues = verify_store(mission, ledger)
    print_issues(issues)
    if any(issue.severity == "error" for issue in issues):
        click.echo("cpas: the store is damaged; what is named above is not as it was accepted", err=True)
        sys.exit(1)
    click.echo("Everything that was accepted is there, byte for byte.")


@main.command()
@MISSION
@click.argument("period", required=False)
@click.option(
    "--incidents", type=FILE, help="Check a foreign incident file instead of the inbox's incidents."
)
@QUIET
def check(mission: Path, period: str | None, incidents: Path | None, quiet: bool) -> None:
    """Print every problem in definitions and data.

    Data are those of all periods, or of PERIOD.

    \b
    Examples:
      cpas check sample_data
      cpas check sample_data 2019-06
    """
    from cpas.jobs.check import check_mission
    from cpas.jobs.progress import Progress
    from cpas.periods import Period

    checked = check_mission(
        mission, Period.parse(period) if period else None, Progress(quiet), incidents=incidents
    )
    shown = [issue for issue in checked.issues if not quiet or issue.severity == "error"]
    print_issues(shown)
    errors = sum(issue.count for issue in checked.issues if issue.severity == "error")
    if errors:
        click.echo(f"cpas: {counted(errors, 'error')}; no report can be published from this.", err=True)
        sys.exit(1)
    if not quiet:
        about = f" on {period}" if period else ""
        nothing = f"No report{about} was found to check; no errors in the rest."
        click.echo("No errors." if checked.reports else nothing)


@main.command()
@MISSION
@click.argument("indicator", required=False, metavar="[ID]")
@language("titles and texts")
def definitions(mission: Path, indicator: str | None, lang: str) -> None:
    """Print the indicator catalogue, or one definition.

    Of one it tells its place, its SQL and where it is used.

    The worked examples of every indicator are run; one that fails is a problem (exit code 1).

    \b
    Examples:
      cpas definitions sample_data
      cpas definitions sample_data POC-01
    """
    from cpas.jobs.definitions import catalogue, describe

    click.echo(describe(mission, indicator, lang) if indicator else catalogue(mission, lang))
