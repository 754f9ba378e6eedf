"""How a workbook's parts hang together, and the same workbook in a package of ours, in which every reader finds the same."""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element
from xml.sax.saxutils import quoteattr

from defusedxml import ElementTree

from cpas.errors import Issue, Location, SourceError

WORKBOOK = "xl/workbook.xml"

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_SHEET = "xl/worksheets/sheet{}.xml"
_TRUE = {"1", "true"}
# the records of an archive: before each part, in the list of parts, and at the end
_LOCAL = struct.Struct("<4s5H3L2H")
_LISTED = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_LENGTHS = struct.Struct("<2H")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with cells: its name, the part it is in, and whether its readers see it."""

    name: str
    part: str
    state: str


@dataclass(frozen=True, slots=True)
class Book:
    """Which parts of a package make the workbook. Names of parts are in small letters; empty where there is none."""

    sheets: tuple[Sheet, ...]
    strings: str
    styles: str
    counts_from_1904: bool


@dataclass(frozen=True, slots=True)
class _Packed:
    name: str
    method: int
    crc: int
    size: int
    packed: bytes


@dataclass(frozen=True, slots=True)
class _Relation:
    kind: str
    part: str


def refused(file: str, message: str, fix: str, code: str = "CPAS-S001", sheet: str = "") -> SourceError:
    """The error for a file that cannot be read, with its one issue."""
    return SourceError(f"{file} cannot be read.", [Issue(code, Location(file, sheet), message, fix)])


def never(file: str, what: str, sheet: str = "") -> SourceError:
    """The error for a workbook as no spreadsheet program writes one."""
    return refused(file, what, "copy the table into a new workbook and send that", "CPAS-S002", sheet)


def find_book(read: Callable[[str], bytes], names: Container[str], file: str) -> Book:
    """What the workbook is made of.

    Args:
        read: Gives the content of a part, and none of a part that is not there.
        names: The parts, in small letters.
        file: Its name in messages.

    Raises:
        SourceError: Programs would take different parts, or there is none.
    """
    entry = {one.part for one in _relations(read, "", file).values() if one.kind == "officeDocument"}
    if entry - {WORKBOOK}:
        raise never(file, "programs find different workbooks in it")
    book = ElementTree.fromstring(read(WORKBOOK))
    relations = _relations(read, WORKBOOK, file)
    sheets = tuple(_sheets(book, relations, names, file))
    if len({sheet.name.casefold() for sheet in sheets}) < len(sheets):
        raise never(file, "two of its sheets have one name")
    if len({sheet.part for sheet in sheets}) < len(sheets):
        raise never(file, "two of its sheets are in one part")
    properties = book.find("./{*}workbookPr")
    return Book(
        sheets,
        _only("sharedStrings", relations, names, file),
        _only("styles", relations, names, file),
        properties is not None and properties.get("date1904") in _TRUE,
    )


def resolved(part: str, target: str) -> str:
    """The part that a relation of another part means, in small letters."""
    folder = "/" + posixpath.dirname(part)
    return posixpath.normpath(posixpath.join(folder, target.replace("\\", "/"))).lstrip("/").lower()


def _relations(read: Callable[[str], bytes], part: str, file: str) -> dict[str, _Relation]:
    folder, name = posixpath.split(part)
    content = read(posixpath.join(folder, "_rels", f"{name}.rels"))
    found = list(ElementTree.fromstring(content)) if content else []
    relations = {
        one.get("Id", ""): _Relation(
            posixpath.basename(one.get("Type", "")), resolved(part, one.get("Target", ""))
        )
        for one in found
    }
    if len(relations) < len(found):
        raise never(file, "two of its relationships have one name")
    return relations


def _sheets(
    book: Element, relations: Mapping[str, _Relation], names: Container[str], file: str
) -> Iterator[Sheet]:
    for sheet in book.findall("./{*}sheets/{*}sheet"):
        name = sheet.get("name", "")
        relation = relations.get(sheet.get(f"{{{_OFFICE}}}id", sheet.get(f"{{{_STRICT}}}id", "")))
        if relation is None or relation.part not in names:
            raise never(file, f"its sheet `{name[:60]}` is in no part of it")
        if relation.kind == "worksheet":
            state = sheet.get("state", "visible")
            yield Sheet(name, relation.part, state if state in ("visible", "veryHidden") else "hidden")


def _only(kind: str, relations: Mapping[str, _Relation], names: Container[str], file: str) -> str:
    """The part of a kind that the workbook names, or has under the usual name."""
    usual = f"xl/{kind.lower()}.xml"
    found = {one.part for one in relations.values() if one.kind == kind} | {usual}
    there = [part for part in found if part in names]
    if len(there) > 1:
        raise never(file, f"programs find different parts of the kind `{kind}` in it")
    return there[0] if there else ""


def write_book(book: Book, data: bytes, parts: Mapping[str, zipfile.ZipInfo]) -> bytes:
    """The workbook's cells, texts and styles in a package of ours, so that nothing is read but what was looked at.

    Args:
        book: What belongs to it.
        data: The sender's package, whose parts are taken over as they are compressed.
        parts: Where each is, by its name in small letters.
    """
    numbered = list(enumerate(book.sheets))
    sheets = "".join(
        f'<sheet name={quoteattr(sheet.name)} sheetId="{number + 1}" state="{sheet.state}" r:id="s{number}"/>'
        for number, sheet in numbered
    )
    relations = "".join(
        f'<Relationship Id="s{number}" Type="{_OFFICE}/worksheet" Target="/{_SHEET.format(number)}"/>'
        for number, _ in numbered
    )
    since = ' date1904="1"' if book.counts_from_1904 else ""
    written = {
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="b" Type="{_OFFICE}/officeDocument" Target="{WORKBOOK}"/></Relationships>',
        WORKBOOK: f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr{since}/><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{relations}</Relationships>',
    }
    kept = {"xl/sharedStrings.xml": book.strings, "xl/styles.xml": book.styles}
    kept |= {_SHEET.format(number): sheet.part for number, sheet in numbered}
    ours = [_stored(name, text.encode()) for name, text in written.items()]
    return _archive([*ours, *(_taken_over(name, data, parts[part]) for name, part in kept.items() if part)])


def _stored(name: str, content: bytes) -> _Packed:
    return _Packed(name, zipfile.ZIP_STORED, zlib.crc32(content), len(content), content)


def _taken_over(name: str, data: bytes, part: zipfile.ZipInfo) -> _Packed:
    """A part of another archive, as it is compressed there."""
    begin = part.header_offset + _LOCAL.size + sum(_LENGTHS.unpack_from(data, part.header_offset + 26))
    return _Packed(
        name, part.compress_type, part.CRC, part.file_size, data[begin : begin + part.compress_size]
    )


def _archive(parts: Sequence[_Packed]) -> bytes:
    """A plain archive: its parts one behind the other, each with one header, and the list of them."""
    body, listed = bytearray(), bytearray()
    for part in parts:
        name = part.name.encode()
        told = (20, 0, part.method, 0, 0x21, part.crc, len(part.packed), part.size, len(name), 0)
        listed += _LISTED.pack(b"PK\1\2", 20, *told, 0, 0, 0, 0, len(body)) + name
        body += _LOCAL.pack(b"PK\3\4", *told) + name + part.packed
    end = _END.pack(b"PK\5\6", 0, 0, len(parts), len(parts), len(listed), len(body), 0)
    return bytes(body + listed + end)


def read_sheet(data: bytes, number: int) -> bytes:
    """The sheet of a place, counted from 0, of a package of ours."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(_SHEET.format(number))
