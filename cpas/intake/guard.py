"""Looks at a workbook's archive before any parser may: what would exhaust the machine is refused, not tried."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cpas.errors import Issue, Location, SourceError
from cpas.intake.grid import index_of

MAX_PARTS = 2_000
MAX_BYTES = 600_000_000
MAX_RATIO = 200
MAX_CELLS = 20_000_000

_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)  # what zipfile raises
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SMALL = 1_000_000  # a part below this may be as compressible as it likes
_FAR = re.compile(rb""" r=(?:'|"(?:[A-Z]{2}|[A-Z]?\d{6}))""")
_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br\s*=\s*["']([A-Z]+)(\d+)["'][^>]*?(/?)>""")
_UNCOMPUTED = re.compile(
    rb"""<c r="([A-Z]+)(\d+)"(?![^>]*t="str")[^>]*><f[^>]*?(?:/>|>([^<]*)</f>)(?:<v\s*/>|<v></v>)?</c>"""
)
_MERGED = re.compile(rb"""<mergeCell ref="([A-Z0-9:]+)\"""")


@dataclass(frozen=True, slots=True)
class Oddities:
    """What a sheet holds that the fast reader passes over in silence.

    `uncomputed` are formulas without a value, by row and letter; `merged` are merged ranges.
    """

    uncomputed: Mapping[tuple[int, str], str] = field(default_factory=dict)
    merged: tuple[str, ...] = ()


def check_archive(data: bytes, file: str) -> dict[str, Oddities]:
    """The oddities of each sheet part (`xl/worksheets/sheet1.xml`) of a workbook that is safe to parse.

    Raises:
        SourceError: It is no workbook, damaged, encrypted, or made to exhaust the reader.
    """
    _check_kind(data, file)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_directory(archive, file)
            return dict(_check_parts(archive, file))
    except _DAMAGE as error:
        raise refused(
            file, "the workbook is damaged or was cut short", "ask for it again, or open and save it in Excel"
        ) from error


def refused(file: str, message: str, fix: str, code: str = "CPAS-S001") -> SourceError:
    """The error for a file that cannot be read, with its one issue."""
    return SourceError(f"{file} cannot be read.", [Issue(code, Location(file), message, fix)])


def _check_kind(data: bytes, file: str) -> None:
    if not data:
        raise refused(file, "the file is empty: it has no bytes", "ask the sender for the file again")
    if data.startswith(b"PK"):
        return
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise refused(
                file,
                "the workbook is protected by a password",
                "save it without a password and send it again",
            )
        raise refused(file, "this is an old Excel file (.xls)", "save it as an Excel workbook (.xlsx)")
    if b"\0" in data[:4096]:
        raise refused(file, "this is not an Excel workbook", "save the table as an Excel workbook (.xlsx)")
    raise refused(
        file,
        "this is a text file with the name of an Excel workbook",
        "name it .csv if it is one, or save it as an Excel workbook (.xlsx)",
    )


def _check_directory(archive: zipfile.ZipFile, file: str) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise refused(file, "the archive is encrypted", "save it without a password and send it again")
    if "xl/workbook.xml" not in names:
        raise refused(
            file,
            "this is an archive, but no Excel workbook (.xlsx)",
            "save the table as an Excel workbook (.xlsx)",
        )
    size = sum(part.file_size for part in parts)
    squeezed = [
        part for part in parts if part.file_size > _SMALL and part.file_size > MAX_RATIO * part.compress_size
    ]
    if len(parts) > MAX_PARTS or size > MAX_BYTES or squeezed:
        raise refused(
            file,
            f"the workbook unpacks to {size:,} bytes in {len(parts):,} parts, more than any report needs",
            "copy the table into a new workbook, values only, and send that",
            "CPAS-S002",
        )


def _check_parts(archive: zipfile.ZipFile, file: str) -> Iterator[tuple[str, Oddities]]:
    for part in archive.infolist():
        if not part.filename.endswith((".xml", ".rels")):
            continue
        content = archive.read(part)
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise refused(
                file,
                f"its part `{part.filename}` is written in a way that Excel never writes",
                "copy the table into a new workbook and send that",
                "CPAS-S002",
            )
        if part.filename.startswith("xl/worksheets/"):
            _check_extent(content, file)
            if oddities := _oddities(content):
                yield part.filename, oddities


def _check_extent(content: bytes, file: str) -> None:
    """Refuse a sheet whose used range is absurd: the parser would make room for every cell in it."""
    if not _FAR.search(content):
        return
    filled = [(letters, row) for letters, row, blank in _CELL.findall(content) if not blank]
    rows = max((int(row) for _, row in filled), default=0)
    columns = max(
        (index_of(letters.decode()) + 1 for letters in {letters for letters, _ in filled}), default=0
    )
    if rows * columns > MAX_CELLS:
        raise refused(
            file,
            f"a sheet reaches to row {rows:,} and column {columns:,}; somewhere far from the table a cell is filled",
            "delete all rows below and all columns beside the table, and save",
            "CPAS-S002",
        )


def _oddities(content: bytes) -> Oddities | None:
    uncomputed = {}
    if b"<f>" in content or b"<f " in content:
        for letters, row, formula in _UNCOMPUTED.findall(content):
            uncomputed[int(row), letters.decode()] = f"={formula.decode(errors='replace')}"
    merged = tuple(found.decode() for found in _MERGED.findall(content)) if b"<mergeCell " in content else ()
    return Oddities(uncomputed, merged) if uncomputed or merged else None
