"""What a template says of its own making: the fingerprint it is known by when it comes back, and the validations it had."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from openpyxl import Workbook

from cpas.definitions.loaded import Definitions, LoadedDataset
from cpas.errors import Issue, Location
from cpas.intake.covers import read_cover
from cpas.intake.grid import Grid
from cpas.intake.template_style import lock
from cpas.intake.validations import SEAL, STATED, Stated, stated_validations
from cpas.intake.words import Lookup, fold

OLDER = "CPAS-S032"


@dataclass(frozen=True, slots=True)
class Seal:
    """What a template says of its own making: five values, and a hash over them."""

    mission: str
    dataset: str
    version: str
    reporter: str
    period: str

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits."""
        return _hash([self.mission, self.dataset, self.version, self.reporter, self.period])


def seal_of(loaded: LoadedDataset, definitions: Definitions, reporter: str, period: str) -> Seal:
    """The seal of a template of a data set as it is declared now."""
    dataset = loaded.dataset
    return Seal(
        definitions.mission.code, dataset.dataset, definition_version(loaded, definitions), reporter, period
    )


def definition_version(loaded: LoadedDataset, definitions: Definitions) -> str:
    """Twelve hexadecimal digits over a data set's declaration and its code lists."""
    used = sorted({column.codes for column in loaded.dataset.columns if column.codes})
    lists = [definitions.codes[name].model_dump(mode="json") for name in used]
    return _hash([loaded.dataset.model_dump(mode="json"), lists])


def _hash(content: object) -> str:
    return sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:12]


def check_fingerprint(
    grids: Sequence[Grid], loaded: LoadedDataset, definitions: Definitions, reporters: Lookup
) -> tuple[Issue, ...]:
    """Whether a workbook was filled in on the template of this mission, data set and declaration.

    A template of another mission or data set, one made from older definitions, and one whose cover
    names another reporter or month than it was made for are errors; a workbook without a seal is only
    noted.

    Args:
        grids: All sheets of one file, hidden ones too.
        loaded: The data set it holds.
        definitions: The mission's definitions as they are now.
        reporters: What the reporters of the data set are called.
    """
    sealed = next((grid for grid in grids if grid.sheet == SEAL and grid.hidden), None)
    where = grids[0].where() if grids else Location("")
    if sealed is None:
        message = "the workbook was not made by `cpas template`, or is older; its drop-downs and checks may be others"
        return (Issue("CPAS-S030", Location(where.file), message, "use the template next time", "note"),)
    said = {
        str(key): value or "" for _, key, value, *_ in sealed.cells.with_columns(_second=None).iter_rows()
    }
    found = Seal(*(said.get(name, "") for name in Seal.__dataclass_fields__))
    wanted = seal_of(loaded, definitions, found.reporter, found.period)
    command = f"cpas template MISSION {wanted.dataset} --reporter {found.reporter} --period {found.period}"
    again = f"ask the planning unit for a new template of `{wanted.dataset}` for {found.reporter} and {found.period}, which `{command}` makes"
    if found.fingerprint != said.get("fingerprint", ""):
        return (Issue("CPAS-S033", Location(where.file), "the template's seal was changed by hand", again),)
    told = [*_foreign(found, wanted, where.file, again)]
    if loaded.dataset.reported_by and found.dataset == wanted.dataset:
        told += _covered(found, grids, reporters, again)
    return tuple(told)


def _foreign(found: Seal, wanted: Seal, name: str, again: str) -> Iterator[Issue]:
    """What a template is of, where that is not what is wanted."""
    file = Location(name)
    for key, what in (("mission", "mission"), ("dataset", "data set")):
        theirs, ours = getattr(found, key), getattr(wanted, key)
        if theirs != ours:
            yield Issue(
                "CPAS-S031", file, f"the template is of the {what} `{theirs}`, and `{ours}` is wanted", again
            )
    if found.version != wanted.version and found.dataset == wanted.dataset:
        message = f"the template was made from definitions {found.version}; they are {wanted.version} now"
        yield Issue(OLDER, file, message, again)


def _covered(found: Seal, grids: Sequence[Grid], reporters: Lookup, again: str) -> Iterator[Issue]:
    """What the cover says of reporter and month, where the template was made for others; the seal is the cover of one that lost it."""
    cover = next(filter(None, (read_cover(grid) for grid in grids if grid.sheet != SEAL)), None)
    if cover is None:
        return
    if cover.month and f"{cover.month:%Y-%m}" != found.period[:7]:
        message = f"the cover says {cover.month:%Y-%m}, and the template was made for {found.period}"
        yield Issue("CPAS-S033", cover.places["period"], message, again)
    if cover.reporter is None:
        message = f"the cover names no reporter, and the template was made for {found.reporter}"
        yield Issue("CPAS-S033", cover.places.get("reporter", Location(grids[0].file)), message, again)
    elif reporters.get(fold(cover.reporter)) != (found.reporter,):
        message = f"the cover says {cover.reporter}, and the template was made for {found.reporter}"
        yield Issue("CPAS-S033", cover.places["reporter"], message, again)


def check_columns(
    grids: Sequence[Grid], loaded: LoadedDataset, letters: Mapping[tuple[str, str, str], str]
) -> Iterator[Issue]:
    """Columns that a template had and that were not read, so that their figures are lost; those that every row needs are told elsewhere.

    Args:
        grids: All sheets of one file, hidden ones too.
        loaded: The data set it holds.
        letters: The letter of each column read, by file, sheet and column.
    """
    dataset, file = loaded.dataset, grids[0].file
    read = {column: sheet for name, sheet, column in letters if name == file}
    had = {one.name: one.letter for some in stated_validations(grids).values() for one in some}
    if not read or not had.keys() & read.keys():
        return
    sheet = next(iter(read.values()))
    for column in dataset.columns:
        if column.name in had and column.name not in read and not column.required:
            yield Issue(
                "CPAS-S034",
                Location(file, sheet, 0, had[column.name]),
                f"the template's column `{column.name}` is gone, or its header was changed; its figures were not read",
                f"give the column back its header, `{column.name}`, or fill in the template once more",
            )


def write_seal(book: Workbook, seal: Seal, sheet: str, validations: Iterable[Stated]) -> None:
    """Write the hidden sheet.

    Args:
        book: The template.
        seal: What it is of.
        sheet: The name of its data sheet.
        validations: Those of the data sheet.
    """
    hidden = book.create_sheet(SEAL)
    for name in Seal.__dataclass_fields__:
        hidden.append([name, getattr(seal, name)])
    hidden.append(["fingerprint", seal.fingerprint])
    for one in validations:
        first, last = one.rows
        hidden.append([STATED, sheet, f"{one.letter}{first}:{one.letter}{last}", one.kind, one.name])
    hidden.sheet_state = "veryHidden"
    lock(hidden)
