"""The files of a mission's inbox and reference folder as grids; what is no table is said, what cannot be read is an issue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cpas.errors import Issue, Location, SourceError
from cpas.intake.excel import read_workbook
from cpas.intake.grid import Grid
from cpas.intake.guard import refused
from cpas.intake.text import read_csv, read_parquet

FOLDERS = ("inbox", "reference")
OUTLINES = "reference/areas.geojson"
_TEMPORARY = ("~$", ".", "_")


@dataclass(frozen=True, slots=True)
class Received:
    """One file as received: its path in the mission folder, its hash and size, and the grids in it."""

    file: str
    sha256: str
    size: int
    grids: tuple[Grid, ...] = ()
    issues: tuple[Issue, ...] = ()

    @property
    def folder(self) -> str:
        """`inbox` or `reference`."""
        return self.file.partition("/")[0]


def read_grids(data: bytes, file: str) -> tuple[tuple[Grid, ...], tuple[Issue, ...]]:
    """The grids of a file, by the ending of its name, and notes.

    Raises:
        SourceError: It cannot be read.
    """
    match file.rpartition(".")[2].lower():
        case "xlsx" | "xlsm":
            return read_workbook(data, file), ()
        case "csv" | "tsv" | "txt":
            grid, notes = read_csv(data, file)
            return (grid,), notes
        case "parquet":
            return (read_parquet(data, file),), ()
        case "xls" | "xlsb" | "ods" | "numbers":
            raise refused(
                file, "this kind of workbook is not read", "save it as an Excel workbook (.xlsx)", "CPAS-S003"
            )
        case _:
            raise refused(
                file,
                "this is no table: workbooks, CSV and parquet files are read",
                "move it out of this folder",
                "CPAS-S003",
            )


def read_files(mission: Path) -> tuple[Received, ...]:
    """Every file in the mission's inbox and reference folders, in the order of their paths.

    A file with the same content as an earlier one is not read again, and said to be so.
    """
    seen: dict[str, str] = {}
    return tuple(_read(path, path.relative_to(mission).as_posix(), seen) for path in _paths(mission))


def _paths(mission: Path) -> Iterator[Path]:
    paths = (path for folder in FOLDERS for path in (mission / folder).rglob("*") if path.is_file())
    yield from sorted(paths, key=lambda path: path.relative_to(mission).as_posix())


def _read(path: Path, file: str, seen: dict[str, str]) -> Received:
    try:
        data = path.read_bytes()
    except OSError as error:
        issue = Issue(
            "CPAS-S001",
            Location(file),
            f"the file cannot be opened: {error.strerror}",
            "close it elsewhere, or copy it again",
        )
        return Received(file, "", 0, issues=(issue,))
    digest = sha256(data).hexdigest()
    if any(part.startswith(_TEMPORARY) for part in Path(file).parts):
        note = Issue(
            "CPAS-S004", Location(file), "a temporary or hidden file; it was not read", "delete it", "note"
        )
        return Received(file, digest, len(data), issues=(note,))
    if file == OUTLINES:
        return Received(file, digest, len(data))
    if data and digest in seen:
        same = Issue(
            "CPAS-S006",
            Location(file),
            f"the file is the same, byte for byte, as {seen[digest]}; it was read once",
            "delete one of the two, or send the report that was meant",
            "warning",
        )
        return Received(file, digest, len(data), issues=(same,))
    seen[digest] = file
    try:
        grids, notes = read_grids(data, file)
    except SourceError as error:
        return Received(file, digest, len(data), issues=error.issues)
    return Received(file, digest, len(data), grids, notes)
