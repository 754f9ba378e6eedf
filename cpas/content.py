"""Where definitions and report layouts are: the mission's own folder, else what ships with the package."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal

from cpas.errors import UsageError

Kind = Literal["indicators", "reports"]


def shipped(kind: Kind) -> Path:
    """The folder of that kind that came with the program: beside the package in a checkout, inside it in a wheel.

    Raises:
        UsageError: The installation is damaged; neither folder is there.
    """
    package = Path(str(files("cpas")))
    for folder in (package.parent / kind, package / "_content" / kind):
        if folder.is_dir():
            return folder
    raise UsageError(f"the program's own folder `{kind}` is missing; install cpas again")


def find(kind: Kind, mission: Path | None = None) -> Path:
    """The mission's own folder of that kind where it has one, else the shipped one."""
    if mission is not None and (mission / kind).is_dir():
        return mission / kind
    return shipped(kind)
