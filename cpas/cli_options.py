"""Arguments and options that several commands of the command line share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import click

Language = Literal["en", "fr"]
Engine = Literal["polars", "spark"]
Command = Callable[..., Any]
FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


def _day(_: click.Context, __: click.Parameter, value: datetime | None) -> date | None:
    return value.date() if value else None


def _name(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise click.BadParameter("a name is wanted; it is recorded")
    return value.strip() if value else value


def by(what: str, *, required: bool = False) -> Callable[[Command], Command]:
    """Who does something that is recorded with a name."""
    return click.option("--by", required=required, metavar="NAME", callback=_name, help=what)


def language(of: str) -> Callable[[Command], Command]:
    """The language of a page, a template or whatever else is made."""
    return click.option(
        "--lang",
        type=click.Choice(["en", "fr"]),
        default="en",
        show_default=True,
        help=f"Language of the {of}.",
    )


def as_at(what: str) -> Callable[[Command], Command]:
    """The day at whose end (UTC) something is asked, as a date."""
    return click.option("--as-at", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", callback=_day, help=what)


MISSION = click.argument("mission", type=FOLDER)
PERIOD = click.argument("period")
QUIET = click.option("--quiet", is_flag=True, help="Say nothing but errors.")
LEDGER = click.option(
    "--ledger",
    metavar="URL",
    envvar="CPAS_LEDGER",
    help="The ledger's database, if it is not in MISSION/store, like postgresql+psycopg://USER@HOST/NAME; also CPAS_LEDGER.",
)
ENGINE = click.option(
    "--engine",
    type=click.Choice(["polars", "spark"]),
    default="polars",
    show_default=True,
    help="What measures the rows; the figures are the same. Spark needs cpas[spark] and Java.",
)
_INBOX = click.option("--inbox", is_flag=True, help="Use the inbox even where something was submitted.")


def publishing(folder: str, of: str) -> Callable[[Command], Command]:
    """The options of a command that publishes: where to and in which language, and from which rows.

    Args:
        folder: The folder below `MISSION/out` that is used by default.
        of: What is in that language.
    """
    options = (
        click.option("--out", type=FOLDER, help=f"Publish into this folder instead of MISSION/out/{folder}."),
        language(of),
        as_at("Use what the store had accepted by the end of that day (UTC)."),
        _INBOX,
        LEDGER,
        QUIET,
    )

    def with_options(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return with_options
