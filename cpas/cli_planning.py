"""The commands for planners: parse, call one job, print, exit; `cli` puts them beside the others."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import click

from cpas.cli_options import MISSION, PERIOD, Language, publishing


@click.command()
@MISSION
@PERIOD
@publishing("chain-PERIOD", "page")
def chain(  # noqa: PLR0913  # one argument per option
    mission: Path,
    period: str,
    *,
    out: Path | None,
    lang: Language,
    as_at: date | None,
    inbox: bool,
    ledger: str | None,
    quiet: bool,
) -> None:
    """Audit the chain from mandate to money, both ways.

    It is that of the budget year, up to PERIOD.

    Found are paragraphs and indicators that nothing stands behind, objectives that rest on activity alone, money
    without a result and results without money, outputs without activity and activities without an output. A gap is
    a finding, no error.

    \b
    Examples:
      cpas chain sample_data 2019-06
      cpas chain sample_data 2018/19 --lang fr
    """
    from cpas.jobs.aside import beside_run

    with beside_run(mission, is_inbox=inbox) as aside:
        from cpas.jobs.chain import run_chain
        from cpas.jobs.progress import Progress
        from cpas.jobs.sources import Source
        from cpas.periods import Period

        source = Source(None, as_at, ledger, inbox)
        audited = run_chain(
            mission, Period.parse(period), Progress(quiet), aside, out=out, source=source, language=lang
        )
    if not quiet:
        for kind, count in audited.counts.items():
            click.echo(f"{count:>7,} {kind.replace('_', ' ')}")
        click.echo(str(audited.folder / "chain.html"))


@click.command()
@MISSION
@click.option(
    "--cut", required=True, metavar="CUT", help="A percentage like 2%, or US dollars like 11320900."
)
@click.option(
    "--year", metavar="YEAR", help="A budget year like 2018/19; the latest with approved amounts by default."
)
@click.option(
    "--protect", multiple=True, metavar="PRIORITY", help="A priority that loses nothing; may be repeated."
)
@click.option(
    "--by",
    type=click.Choice(["outputs", "groups"]),
    default="outputs",
    show_default=True,
    help="Cut outputs of the lowest priority first, or every group of the budget alike.",
)
@publishing("scenario-YEAR-cut-CUT-by-BY", "page")
def scenario(  # noqa: PLR0913  # one argument per option
    mission: Path,
    *,
    cut: str,
    year: str | None,
    protect: tuple[str, ...],
    by: Literal["outputs", "groups"],
    out: Path | None,
    lang: Language,
    as_at: date | None,
    inbox: bool,
    ledger: str | None,
    quiet: bool,
) -> None:
    """Show what a cut of the budget would take from results.

    It is a planning aid: a rule, printed with what it gives, and no prediction. Published are scenario.html,
    scenario.xlsx and scenario.csv.

    \b
    Examples:
      cpas scenario sample_data --cut 2%
      cpas scenario sample_data --cut 11320900 --year 2018/19 --protect SP2
      cpas scenario sample_data --cut 2% --by groups
    """
    from cpas.budget.scenario import parse_cut
    from cpas.jobs.aside import beside_run
    from cpas.periods import Period

    asked, within = parse_cut(cut), Period.parse(year) if year else None
    with beside_run(mission, is_inbox=inbox) as aside:
        from cpas.jobs.progress import Progress
        from cpas.jobs.scenario import Question, run_scenario
        from cpas.jobs.sources import Source

        question = Question(asked, by, tuple(dict.fromkeys(protect)), within)
        source = Source(None, as_at, ledger, inbox)
        answered = run_scenario(
            mission, question, Progress(quiet), aside, out=out, source=source, language=lang
        )
    if not quiet:
        click.echo("\n".join(answered.lines))
        click.echo(str(answered.folder / "scenario.html"))


@click.command()
@MISSION
@click.argument("year")
@click.option("--month", metavar="MONTH", help="Report up to this month of the year, like 2019-03.")
@publishing("YEAR", "report")
def rbb(  # noqa: PLR0913  # one argument per option
    mission: Path,
    year: str,
    *,
    month: str | None,
    out: Path | None,
    lang: Language,
    as_at: date | None,
    inbox: bool,
    ledger: str | None,
    quiet: bool,
) -> None:
    """Publish the budget performance report of a year.

    It is rbb.html, rbb.xlsx and rbb.docx.

    It has the figures of the monthly report in the order of the budget's framework, with resources,
    incumbency, output delivery and the analysis of variances. A variance that must be explained and is not
    stops it.

    \b
    Examples:
      cpas rbb sample_data 2018/19
      cpas rbb sample_data 2018/19 --month 2019-03 --lang fr
    """
    from cpas.jobs.aside import beside_run

    with beside_run(mission, is_inbox=inbox) as aside:
        from cpas.jobs.progress import Progress
        from cpas.jobs.rbb import run_rbb
        from cpas.jobs.sources import Source
        from cpas.periods import Period

        until = Period.parse(month) if month else None
        source = Source(None, as_at, ledger, inbox)
        published = run_rbb(
            mission, Period.parse(year), until, Progress(quiet), aside, out=out, source=source, language=lang
        )
    if not quiet:
        for form in ("html", "xlsx", "docx"):
            click.echo(str(published.folder / f"rbb.{form}"))
