"""Looks at a workbook's archive before any parser may: what would exhaust the machine is refused, not tried."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from itertools import pairwise

from cpas.errors import Location
from cpas.intake.inspect_sheet import OddSheetError, Scan, look_at_sheet, scan_sheet
from cpas.intake.package import Book, find_book, never, read_sheet, refused, resolved, write_book
from cpas.intake.percentages import percent_styles
from cpas.intake.validations import Validation, find_validations

MAX_PARTS = 2_000
MAX_BYTES = 200_000_000
MAX_RATIO = 200
MAX_CELLS = 3_000_000
MAX_TEXT = 150_000_000

# what zipfile raises, and ElementTree on broken XML
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, KeyError, SyntaxError)
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SMALL = 1_000_000  # a part below this may be as compressible as it likes
_XML = (".xml", ".rels")
_HEAD = re.compile(
    rb"""(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*?encoding\s*=\s*["'](?P<encoding>[^"']*)["'][^>]*>|<)"""
)
_ENCODINGS = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}
_DECLARATION = re.compile(rb"<!(?!--|\[CDATA\[)")
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^<>]*?\bref\s*=\s*["']([A-Z0-9:]+)["']""")
_COMMENTED = re.compile(rb"""<(?:\w+:)?comment\s[^<>]*?\bref\s*=\s*["']([A-Z0-9]+)["']""")
_TAG = re.compile(rb"<[^>]*>")
_TARGET = re.compile(rb"""\bTarget\s*=\s*["']([^"'<>]*)["']""")
_STRING = re.compile(rb"<(?:[^\s<>/:]+:)?si[\s>]")
_NUMBER = re.compile(rb"[<:]v[^<>]*>\s*(\d{1,9})\s*<")
_POINTED = re.compile(rb"\.\d{3}[^0-9A-Za-z<]{0,8}<")
_OWN_POINTED = re.compile(_POINTED.pattern + rb"/(?:\w+:)?t>")
_VALUES = (b"<v", b"<is", b":v", b":is")
_PLAIN_NUMBER = re.compile(rb"<v>\s*(\d{1,9})\s*<")


@dataclass(frozen=True, slots=True)
class Oddities:
    """What a sheet holds that the fast reader passes over in silence.

    `merged` are ranges such as `B5:B9`, `comments` their texts by cells such as `B5`.
    """

    scan: Scan = field(default_factory=Scan)
    merged: tuple[str, ...] = ()
    validated: tuple[Validation, ...] = ()
    comments: Mapping[str, str] = field(default_factory=dict)

    @property
    def uncomputed(self) -> dict[tuple[int, str], str]:
        """Formulas without a value, by row and letter."""
        return {cell: one.text for cell, one in self.scan.formulas.items() if not one.computed}


@dataclass(frozen=True, slots=True)
class Archive:
    """A workbook that is safe to parse: the oddities of its sheets by their names in its order, macros, links to others, and what a parser is given.

    `may_be_pointed` tells whether a cell may hold a text such as `1.234`.
    """

    sheets: Mapping[str, Oddities]
    has_macros: bool
    links: int
    may_be_pointed: bool
    data: bytes = field(repr=False)


def check_archive(data: bytes, file: str) -> Archive:
    """What stands in a workbook that is safe to parse.

    Raises:
        SourceError: It is no workbook, damaged, encrypted, or made to exhaust or mislead the reader.
    """
    _check_kind(data, file)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_names(archive, file)
            _check_sizes(archive, file)
            return _read_parts(archive, data, file)
    except _DAMAGE as error:
        raise refused(
            file, "the workbook is damaged or was cut short", "ask for it again, or open and save it in Excel"
        ) from error


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


def _check_names(archive: zipfile.ZipFile, file: str) -> None:
    """Refuse names that lead out of the archive, and two of one name: each program would take another of them."""
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise refused(file, "the archive is encrypted", "save it without a password and send it again")
    names = [_folded(part) for part in parts]
    for name in names:
        if name.startswith("/") or ":" in name or ".." in name.split("/"):
            raise never(file, f"its part `{name[:60]}` leads out of the archive")
    if parts and min(part.header_offset for part in parts) > 0:
        raise never(file, "something stands before its first part")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise never(file, f"it holds two parts of the name `{twice[:60]}`")
    if "xl/workbook.xml" not in names:
        raise refused(
            file,
            "this is an archive, but no Excel workbook (.xlsx)",
            "save the table as an Excel workbook (.xlsx)",
        )


def _folded(part: zipfile.ZipInfo) -> str:
    return part.orig_filename.replace("\\", "/").lower()


def _check_sizes(archive: zipfile.ZipFile, file: str) -> None:
    parts = archive.infolist()
    size = sum(part.file_size for part in parts)
    squeezed = any(
        part.file_size > _SMALL and part.file_size > MAX_RATIO * part.compress_size for part in parts
    )
    if len(parts) > MAX_PARTS or size > MAX_BYTES or squeezed:
        raise refused(
            file,
            f"the workbook unpacks to {size:,} bytes in {len(parts):,} parts, more than any report needs",
            "copy the table into a new workbook, values only, and send that",
            "CPAS-S002",
        )


def _read_parts(archive: zipfile.ZipFile, data: bytes, file: str) -> Archive:
    listed = {_folded(part): part for part in archive.infolist()}
    book = _find_book(archive, listed, file)
    needed = {book.strings, book.styles, *(sheet.part for sheet in book.sheets)}
    parts: dict[str, bytes] = {}
    comments: dict[str, dict[str, str]] = {}
    targets: dict[str, str] = {}
    for part in archive.infolist():
        content, name = archive.read(part), _folded(part)
        is_xml = name.endswith(_XML)
        if not is_xml and b"sheetData" in content:
            raise never(file, f"its part `{part.filename[:60]}` holds a sheet under a false name")
        if is_xml:
            _check_xml(content, part.filename, file)
        if name in needed:
            parts[name] = content
        elif is_xml and b"commentList" in content:
            comments[name] = _comments(content)
        elif "/_rels/" in name:
            sheet = name.replace("/_rels/", "/").removesuffix(".rels")
            targets |= {resolved(sheet, found.decode()): sheet for found in _TARGET.findall(content)}
    commented = {targets[name]: cells for name, cells in comments.items() if name in targets}
    odd = _check_sheets(book, parts, commented, file)
    return Archive(
        odd,
        any(name.endswith("vbaproject.bin") for name in listed),
        sum(bool(re.fullmatch(r"xl/externallinks/[^/]+\.xml", name)) for name in listed),
        bool(_POINTED.search(parts.get(book.strings, b"")))
        or any(
            odd[sheet.name].scan.has_own_texts and _may_be_pointed(parts[sheet.part]) for sheet in book.sheets
        ),
        write_book(book, data, listed),
    )


def _may_be_pointed(content: bytes) -> bool:
    return bool(_OWN_POINTED.search(content)) or b'"str"' in content or b"'str'" in content


def _comments(content: bytes) -> dict[str, str]:
    """The text of every comment by its cell."""
    found = list(_COMMENTED.finditer(content))
    ends = [*(one.start() for one in found[1:]), len(content)]
    texts = (content[one.end() : end].partition(b">")[2] for one, end in zip(found, ends, strict=True))
    return {
        one[1].decode(): unescape(_TAG.sub(b"", text).decode(errors="replace")).strip()
        for one, text in zip(found, texts, strict=True)
    }


def _find_book(archive: zipfile.ZipFile, listed: Mapping[str, zipfile.ZipInfo], file: str) -> Book:
    def read(name: str) -> bytes:
        content = archive.read(listed[name]) if name in listed else b""
        _check_xml(content, name, file)
        return content

    return find_book(read, listed, file)


def _check_sheets(
    book: Book, parts: Mapping[str, bytes], commented: Mapping[str, dict[str, str]], file: str
) -> dict[str, Oddities]:
    shown = percent_styles(parts.get(book.styles, b""))
    odd = {}
    for sheet in book.sheets:
        odd[sheet.name] = _check_sheet(
            parts[sheet.part], commented.get(sheet.part, {}), shown, Location(file, sheet.name)
        )
    values = [one.scan.values for one in odd.values()]
    _check_text([parts[sheet.part] for sheet in book.sheets], values, parts.get(book.strings, b""), file)
    return odd


def _check_xml(content: bytes, name: str, file: str) -> None:
    """Refuse entities, and encodings in which they could hide."""
    head = _HEAD.match(content[:400])
    encoding = (head["encoding"] or b"utf-8").lower() if head else b""
    if content and (
        encoding not in _ENCODINGS or b"\0" in content or (b"!" in content and _DECLARATION.search(content))
    ):
        raise never(file, f"its part `{name[:60]}` is written in a way that Excel never writes")


def _check_sheet(
    content: bytes, comments: dict[str, str], shown: tuple[bytes, ...], where: Location
) -> Oddities:
    """Refuse a sheet whose used range is absurd: the parser would make room for every cell in it."""
    try:
        scan = look_at_sheet(content, shown)
    except OddSheetError as error:
        raise never(where.file, f"a sheet cannot be read: {error}", where.sheet) from error
    _check_doubt(scan, where)
    if scan.rows * scan.columns > MAX_CELLS:
        raise refused(
            where.file,
            f"a sheet reaches to row {scan.rows:,} and column {scan.columns:,}; somewhere far from the table a cell is filled",
            "delete all rows below and all columns beside the table, and save",
            "CPAS-S002",
            where.sheet,
        )
    behind = max(content.rfind(b"sheetData"), 0)
    merged = tuple(found.decode() for found in _MERGED.findall(content, behind))
    return Oddities(scan, merged, find_validations(content[behind:]), comments)


def _check_doubt(scan: Scan, where: Location) -> None:
    if scan.doubt:
        raise never(where.file, f"a sheet cannot be read: {scan.doubt}", where.sheet)


def check_values(archive: Archive, found: int, where: Location) -> None:
    """Refuse a sheet of which fewer values were read than it has, unless following every element finds that none was lost.

    Two values of one address, or one that the fast reader does not understand, are one value less among the cells that were read;
    a blank text is none either, and is no fault.

    Raises:
        SourceError: One value hides another.
    """
    if archive.sheets[where.sheet].scan.values > found:
        content = read_sheet(archive.data, list(archive.sheets).index(where.sheet))
        if sum(content.count(word) for word in _VALUES) > found:
            _check_doubt(scan_sheet(content), where)


def _check_text(sheets: Sequence[bytes], values: Sequence[int], strings: bytes, file: str) -> None:
    """Refuse shared strings that are long and named so often that the cells' texts together would fill the memory."""
    at_most = max(map(len, strings.split(b"<si>")))
    if at_most * sum(values) <= MAX_TEXT:
        return
    starts = [found.start() for found in _STRING.finditer(strings)]
    lengths = [end - start for start, end in pairwise([*starts, len(strings)])]
    longest = max(lengths, default=0)
    if longest * sum(values) <= MAX_TEXT:
        return
    texts = (_text(sheet, lengths, longest * count) for sheet, count in zip(sheets, values, strict=True))
    if sum(texts) > MAX_TEXT:
        raise refused(
            file,
            "its cells repeat long texts until they fill the memory",
            "copy the table into a new workbook, values only, and send that",
            "CPAS-S002",
        )


def _text(sheet: bytes, lengths: Sequence[int], most: int) -> int:
    """About how many bytes a sheet's shared strings come to; numbers are taken for references, so rather too many."""
    if most <= MAX_TEXT or b"<!" in sheet:
        return most
    is_plain = b":v" not in sheet and sheet.count(b"<v>") == sheet.count(b"<v")
    numbers = Counter((_PLAIN_NUMBER if is_plain else _NUMBER).findall(sheet))
    return sum(lengths[int(one)] * count for one, count in numbers.items() if int(one) < len(lengths))
