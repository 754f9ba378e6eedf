"""What the sender of a file is told of it: when it came, what was read, accepted and returned, and its control totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receipt of one file.

    `sha256` is the hash of its bytes as received, `by` who sent it, `at` when it was read;
    `control_totals` are sums a sender can compare with their own, by the label of a column.
    """

    file: str
    sha256: str
    by: str
    at: datetime
    rows_read: int
    rows_accepted: int
    rows_returned: int
    control_totals: Mapping[str, str]
