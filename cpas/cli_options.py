"""Arguments and options that several commands of the command line share."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

Language = Literal["en", "fr"]
Engine = Literal["polars", "spark"]
FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
LANGUAGES = click.Choice(["en", "fr"])
DAY = click.DateTime(["%Y-%m-%d"])
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
