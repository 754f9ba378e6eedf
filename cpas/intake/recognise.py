"""Which data set a file and each of its sheets hold: by the file's name, a sheet's name, or the header that fits best."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cpas.definitions.dataset import Dataset
from cpas.errors import Issue, Location
from cpas.intake.covers import Cover, read_cover
from cpas.intake.files import Received
from cpas.intake.grid import Grid
from cpas.intake.headers import Names, count_known
from cpas.intake.tables import count_rows
from cpas.intake.words import OWN_SHEETS, fold

_LEAST = 3
"""A sheet beside others that were read was meant for a data set where it names so many columns, and as many as are required."""
_SHEET_NAME = 31  # Excel cuts the names of sheets
_OURS = frozenset(name for names in OWN_SHEETS.values() for name in names.values())


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file's cover, and its sheets by the data set they hold."""

    cover: Cover | None
    sheets: Mapping[str, tuple[Grid, ...]]
    issues: tuple[Issue, ...]


class Recogniser:
    """Knows what the data sets of one folder are called, and what their columns are."""

    def __init__(self, datasets: Iterable[Dataset]) -> None:
        """Prepare the names once for all files."""
        self._datasets: dict[str, Dataset] = {}
        self._names: dict[str, Names] = {}
        self._called: dict[str, str] = {}
        for dataset in datasets:
            self._datasets[dataset.dataset] = dataset
            self._names[dataset.dataset] = Names.of(dataset)
            for text in (dataset.dataset, *dataset.title.everywhere(), *dataset.aliases):
                for called in (fold(text), fold(text[:_SHEET_NAME])):
                    self._called.setdefault(called, dataset.dataset)

    def recognise(self, received: Received) -> Recognised:
        """What a file that could be read holds; a file that nobody recognises gives an issue."""
        covers = {grid.sheet: cover for grid in received.grids if (cover := read_cover(grid))}
        cover = next(iter(covers.values()), None)
        grids = [grid for grid in received.grids if grid.sheet not in covers]
        named = {grid.sheet: name for grid in grids if (name := self._called.get(fold(grid.sheet)))}
        by_name = self.by_file_name(received.file)
        stated = self._called.get(fold(cover.dataset)) if cover and cover.dataset else None
        issues = [*(cover.issues if cover else ()), *_contradictions(cover, by_name, stated)]
        wanted = by_name or stated
        if not named or (wanted and wanted not in named.values()):
            free = [grid for grid in grids if grid.sheet not in named]
            if best := self._by_header(free, wanted):
                named[best[0].sheet] = best[1]
                issues.extend(_elsewhere(*best))
            else:
                issues.append(_unrecognised(received.file, free, wanted, self._names))
        unread = tuple(self._unread(grids, named))
        told = {issue.where.sheet for issue in unread}
        issues.extend(_aside([grid for grid in grids if grid.sheet not in told], named))
        issues.extend(unread)
        sheets = {
            name: tuple(grid for grid in grids if named.get(grid.sheet) == name)
            for name in set(named.values())
        }
        return Recognised(cover, sheets, tuple(issues))

    def _unread(self, grids: Sequence[Grid], named: Mapping[str, str]) -> Iterator[Issue]:
        """Sheets that were not read and hold rows of a data set, beside others that were."""
        for grid in grids if named else ():
            if grid.sheet in named or grid.sheet in _OURS:
                continue
            known = {name: count_known(grid, names) for name, names in self._names.items()}
            best = max(known, key=known.__getitem__)
            least = max(_LEAST, len(self._names[best].needed))
            if known[best] >= least and (rows := count_rows(grid, self._datasets[best])):
                own = next((sheet for sheet, name in named.items() if name == best), "")
                todo = f"put its rows into the sheet `{own}`" if own else f"name the sheet `{best}`"
                yield Issue(
                    "CPAS-S009",
                    grid.where(),
                    f"the sheet was not read, and its header is one of `{best}`, with {rows:,} filled rows below",
                    f"{todo}; or delete the sheet, if its rows are not to be reported",
                )

    def by_file_name(self, file: str) -> str | None:
        """The data set whose name, title or alias a file's name begins with; the longest where several fit."""
        words = re.findall(r"[^\W_]+", file.rpartition("/")[2].rpartition(".")[0])
        heads = (self._called.get(fold("".join(words[:count]))) for count in range(len(words), 0, -1))
        return next(filter(None, heads), None)

    def _by_header(self, grids: Sequence[Grid], wanted: str | None) -> tuple[Grid, str] | None:
        """The sheet and the data set whose header fits best; a file's only sheet is taken at its file's word."""
        known = {
            (index, name): count_known(grid, self._names[name])
            for index, grid in enumerate(grids)
            for name in ((wanted,) if wanted else self._names)
        }
        best = max(known, key=known.__getitem__, default=None)
        if best and (known[best] or (wanted and len(grids) == 1)):
            return grids[best[0]], best[1]
        return None


def _contradictions(cover: Cover | None, by_name: str | None, stated: str | None) -> Iterator[Issue]:
    if cover is None or cover.dataset is None or (stated and stated == by_name):
        return
    place, fix = cover.places["dataset"], "correct the cover, or the file's name"
    if stated is None:
        message = f"the cover's data set `{cover.dataset}` is not known"
        yield Issue("CPAS-S022", place, message, fix, "warning" if by_name else "error")
    elif by_name:
        yield Issue(
            "CPAS-S022", place, f"the cover says `{stated}` and the file's name says `{by_name}`", fix
        )


def _elsewhere(grid: Grid, name: str) -> Iterator[Issue]:
    if grid.sheet:
        message = f"no sheet is called `{name}`; the rows were read from `{grid.sheet}`, whose header fits"
        yield Issue("CPAS-S008", grid.where(), message, f"name the sheet `{name}`", "note")


def _aside(grids: Sequence[Grid], named: Mapping[str, str]) -> Iterator[Issue]:
    """Sheets that were not read, and hidden ones that were; hidden lists and sheets of ours are not worth a word."""
    for grid in grids:
        if grid.sheet in _OURS:
            continue
        if grid.hidden and grid.sheet in named:
            fix = "show the sheet, or delete it if it is not meant to be reported"
            yield Issue("CPAS-S008", grid.where(), "the sheet is hidden; its rows were read", fix, "warning")
        elif not grid.hidden and grid.sheet not in named and named:
            fix = "name it like its data set if it should be read"
            yield Issue("CPAS-S008", grid.where(), "the sheet was not read", fix, "note")


def _unrecognised(file: str, free: Sequence[Grid], wanted: str | None, known: Iterable[str]) -> Issue:
    if not free:
        what = f"the table of `{wanted}`" if wanted else "any table"
        return Issue("CPAS-S010", Location(file), f"no sheet holds {what}", "send the report in the template")
    if wanted:
        sheets = ", ".join(f"`{grid.sheet}`" for grid in free)
        message = f"no sheet is called `{wanted}`, and none of {sheets} has its header"
        return Issue(
            "CPAS-S010",
            Location(file),
            message,
            f"name the sheet `{wanted}`, with the labels of the template",
        )
    return Issue(
        "CPAS-S003",
        Location(file),
        "nobody knows which data set this is: neither its name, nor a sheet's name, nor a header tells",
        f"let the file's name begin with one of {', '.join(sorted(known))}",
    )
