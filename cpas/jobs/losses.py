"""What a resubmission would take out of force without putting anything in its place; decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from cpas.definitions.loaded import Definitions
from cpas.errors import Issue, Location
from cpas.jobs.parts import Filed, Part, Sorted
from cpas.jobs.stored import typed
from cpas.store.facts import read_facts
from cpas.store.parts import without_keys

UNSTATED_LOSS = "CPAS-L010"
LOSSES = ("CPAS-L008", "CPAS-L009", UNSTATED_LOSS)
_SHOWN = 3


def check_losses(
    one: Filed, done: Sorted, kept: Mapping[str, pl.DataFrame], store: Path, definitions: Definitions
) -> tuple[Issue, ...]:
    """Rows in force that are not in a file which takes their place, or are in it and go back.

    A file that is not stated to be the whole report must have every row that was accepted before: that
    one is missing is an error, since nobody can say whether it was meant. Else it is a warning.

    Args:
        one: The file.
        done: The same file sorted.
        kept: The rows of each data set that will count, of this file and of those that came with it.
        store: Where the facts in force are.
        definitions: For the keys of the data sets.
    """
    told = (
        []
        if done.is_known
        else [issue for part in done.parts for issue in _lost(one, part, kept, store, definitions)]
    )
    return tuple([issue for issue in told if issue.code == UNSTATED_LOSS] or told)


def _lost(
    one: Filed, part: Part, kept: Mapping[str, pl.DataFrame], store: Path, definitions: Definitions
) -> Iterator[Issue]:
    if part.replaces is None or not part.replaces.rows_accepted:
        return
    name, reporter, month = part.report
    loaded = definitions.datasets[name]
    key = loaded.dataset.key
    earlier = typed(read_facts(store, name, {part.replaces.id: part.replaces.rows_accepted}), loaded)
    gone = without_keys(earlier, kept[name], key)
    absent = without_keys(gone, one.rows[name], key)
    back = without_keys(gone, absent, key)
    where = Location(one.received.file)
    what = f"`{name}`, `{reporter}`" + (f", {month:%Y-%m}" if month else "")
    said = one.reports.filter(dataset=name, reporter=reporter, month=month)["is_whole"]
    if absent.height and said.len() and not said.any():
        yield Issue(
            UNSTATED_LOSS,
            where,
            f"nothing says that this is the whole report ({what}), and rows that were accepted before are not in it: {_keys(absent, key)}",
            "send all rows again; or, if these should no longer count, send it in the template, or end the file's name with reporter and months, like `incidents-jmac-2019-06.csv`",
        )
    elif absent.height:
        yield Issue(
            "CPAS-L008",
            where,
            f"rows that were accepted before are not in this file and no longer count ({what}): {_keys(absent, key)}",
            "send all rows again if they should count: a file takes the place of what was accepted before",
            "warning",
            count=absent.height,
        )
    if back.height:
        yield Issue(
            "CPAS-L009",
            where,
            f"rows are returned, and those accepted before in their place no longer count until they are corrected ({what}): {_keys(back, key)}",
            "correct them, and send all rows again",
            "warning",
            count=back.height,
        )


def _keys(rows: pl.DataFrame, key: tuple[str, ...]) -> str:
    """How many rows, and the keys of the first."""
    texts = rows.select(pl.concat_str([pl.col(name).cast(pl.String) for name in key], separator=" "))
    first = ", ".join(texts.to_series().sort().head(_SHOWN))
    return f"{rows.height:,} ({first}{', ...' if rows.height > _SHOWN else ''})"
