"""The commands that write a mission folder: parse, call one job, print; `cli` puts them beside the others."""

from __future__ import annotations

from pathlib import Path

import click

from cpas.cli_options import FOLDER


@click.command()
@click.argument("folder", type=FOLDER, metavar="DIR")
def init(folder: Path) -> None:
    """Write a new mission folder, to make one's own.

    \b
    Example:
      cpas init my_mission && cpas run my_mission 2019-06
    """
    from cpas.illustration.mission import write_new_mission

    write_new_mission(folder)
    click.echo(f"{folder}: read its README.md, then: cpas run {folder} 2019-06")


@click.command()
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
    """Write an illustrative mission of any size.

    Every event in it is invented.

    \b
    Example:
      cpas sample /tmp/large --months 48 --scale 10 --seed 7
    """
    from cpas.illustration.mission import write_sample

    write_sample(folder, months, scale, seed)
    click.echo(
        f"{folder}: an illustrative mission of {months} months; its README.md says what was planted in it"
    )
