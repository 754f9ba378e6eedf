"""What a drawn row is: values by column name, before anybody writes them in a language."""

from __future__ import annotations

from enum import Enum
from typing import Any

Row = dict[str, Any]


class Unsaid(Enum):
    """Why a cell holds no figure, where the reporter says so; an empty cell is None."""

    NOT_REPORTED = "not_reported"
    NOT_APPLICABLE = "not_applicable"
    WITHHELD = "withheld"
