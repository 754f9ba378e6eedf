"""The command line: parse, call one job, print, exit; holds no rule of its own.

Exit codes: 0 done, 1 problems in data or definitions, 2 wrong use.
"""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import click

from cpas import __version__
from cpas.errors import CpasError, Issue

SHOWN_PER_CODE = 20
Language = Literal["en", "fr"]
FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
LANGUAGES = click.Choice(["en", "fr"])


class Commands(click.Group):
    """The group that turns every error raised on purpose into its message and exit code."""

    def invoke(self, context: click.Context) -> Any:
        """Run a command; problems are printed, grouped and counted, and end with their exit code."""
        try:
            return super().invoke(context)
        except CpasError as error:
            print_issues(error.issues)
            click.echo(f"cpas: {error.summary}", err=True)
            context.exit(error.exit_code)


def print_issues(issues: Iterable[Issue]) -> None:
    """Issues grouped by code, places first, at most twenty of a code, and the count of each."""
    by_code: dict[str, list[Issue]] = {}
    for issue in issues:
        by_code.setdefault(issue.code, []).append(issue)
    for code, found in by_code.items():
        for issue in found[:SHOWN_PER_CODE]:
            click.echo(str(issue))
        if (more := len(found) - SHOWN_PER_CODE) and more > 0:
            click.echo(f"    ... and {more} more of {code}")
    counts = Counter((issue.severity, issue.code) for issues in by_code.values() for issue in issues)
    for (severity, code), count in sorted(counts.items()):
        click.echo(f"{count:>7,} {severity} {code}")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="cpas")
def main() -> None:
    """Reports on the performance of peacekeeping missions, from activity and outcome data to what it achieved."""
    logging.getLogger("calamine.xlsx").setLevel(logging.ERROR)


@main.command()
@click.argument("mission", type=FOLDER)
@click.argument("period")
@click.option("--out", type=FOLDER, help="Publish into this folder instead of MISSION/out/PERIOD.")
@click.option(
    "--incidents", type=FILE, help="Use a foreign incident file (UCDP GED, ACLED) instead of the inbox's."
)
@click.option("--lang", type=LANGUAGES, default="en", show_default=True, help="Language of the report.")
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
def run(
    mission: Path, period: str, out: Path | None, incidents: Path | None, lang: Language, quiet: bool
) -> None:
    """Check the data of MISSION, compute its indicators for PERIOD and publish the report.

    PERIOD is a month 2019-06, a quarter 2019-Q2, a budget year 2018/19, a calendar year 2019 or a
    range 2018-07..2019-03.

    \b
    Examples:
      cpas run sample_data 2019-06
      cpas run sample_data 2018/19 --lang fr --out briefing
      cpas run sample_data 2019-06 --incidents ged_24_1_mali.csv
    """
    from cpas.jobs.progress import Progress
    from cpas.jobs.run import run_report
    from cpas.periods import Period

    published = run_report(
        mission, Period.parse(period), Progress(quiet), out=out, incidents=incidents, language=lang
    )
    if not quiet:
        click.echo(f"{published.warnings:,} warnings; see {published.folder / 'issues.xlsx'}")
        click.echo(str(published.folder / "report.html"))


@main.command()
@click.argument("mission", type=FOLDER)
@click.argument("period", required=False)
@click.option(
    "--incidents", type=FILE, help="Check a foreign incident file instead of the inbox's incidents."
)
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
def check(mission: Path, period: str | None, incidents: Path | None, quiet: bool) -> None:
    """Print every problem in the definitions and data of MISSION, of all periods or of PERIOD.

    \b
    Examples:
      cpas check sample_data
      cpas check sample_data 2019-06
    """
    from cpas.jobs.check import check_mission
    from cpas.jobs.progress import Progress
    from cpas.periods import Period

    issues = check_mission(
        mission, Period.parse(period) if period else None, Progress(quiet), incidents=incidents
    )
    shown = [issue for issue in issues if not quiet or issue.severity == "error"]
    print_issues(shown)
    errors = sum(issue.count for issue in issues if issue.severity == "error")
    if errors:
        click.echo(f"cpas: {errors:,} errors; no report can be published from this.", err=True)
        sys.exit(1)
    if not quiet:
        click.echo("No errors.")


@main.command()
@click.argument("folder", type=FOLDER, metavar="DIR")
def init(folder: Path) -> None:
    """Write a new mission folder into DIR, to make one's own; it runs at once.

    \b
    Example:
      cpas init my_mission && cpas run my_mission 2019-06
    """
    from cpas.illustration.mission import write_new_mission

    write_new_mission(folder)
    click.echo(f"{folder}: read its README.md, then: cpas run {folder} 2019-06")


@main.command()
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option(
    "--months",
    type=click.IntRange(1, 72),
    default=24,
    show_default=True,
    help="How many months, up to June 2019.",
)
@click.option(
    "--scale",
    type=click.FloatRange(0, 1000, min_open=True),
    default=1.0,
    show_default=True,
    help="Times the usual number of events.",
)
@click.option("--seed", type=int, default=284, show_default=True, help="The same seed gives the same bytes.")
def sample(folder: Path, months: int, scale: float, seed: int) -> None:
    """Write an illustrative mission of any size into DIR; every event in it is invented.

    \b
    Example:
      cpas sample /tmp/large --months 48 --scale 10 --seed 7
    """
    from cpas.illustration.mission import write_sample

    write_sample(folder, months, scale, seed)
    click.echo(
        f"{folder}: an illustrative mission of {months} months; its README.md says what was planted in it"
    )


@main.command()
@click.argument("mission", type=FOLDER)
@click.argument("indicator", required=False, metavar="[ID]")
@click.option("--lang", type=LANGUAGES, default="en", show_default=True, help="Language of titles and texts.")
def definitions(mission: Path, indicator: str | None, lang: str) -> None:
    """Print the indicator catalogue of MISSION, or one definition: its place, its SQL, where it is used.

    The worked examples of every indicator are run; one that fails is a problem (exit code 1).

    \b
    Examples:
      cpas definitions sample_data
      cpas definitions sample_data POC-2.1
    """
    from cpas.jobs.definitions import catalogue, describe

    click.echo(describe(mission, indicator, lang) if indicator else catalogue(mission, lang))
