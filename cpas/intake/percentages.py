"""Cells that a workbook shows as percentages: which styles are such, and which cells of a sheet have one; reads no values."""

from __future__ import annotations

import re

from defusedxml import ElementTree

_LONGEST = 200  # bytes of a cell's tag on either side of its style
_BUILT_IN = {"9", "10"}  # 0% and 0.00%
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')  # what a format shows as it stands
_ADDRESS = re.compile(rb'\sr="([A-Z]{1,3})(\d{1,7})"')
_TEXT = re.compile(rb"""\st\s*=\s*["'](?:s|str|inlineStr|e|b|d)["']""")


def percent_styles(styles: bytes) -> tuple[bytes, ...]:
    """The numbers of the cell styles whose number format shows a hundredth as 1%.

    Args:
        styles: The part `xl/styles.xml`, which has no entities.
    """
    if b"%" not in styles and not any(f'numFmtId="{one}"'.encode() in styles for one in _BUILT_IN):
        return ()
    try:
        tree = ElementTree.fromstring(styles)
    except ElementTree.ParseError:
        return ()
    formats = {
        one.get("numFmtId"): one.get("formatCode", "") for one in tree.findall("./{*}numFmts/{*}numFmt")
    }
    shown = {id_ for id_, code in formats.items() if "%" in _LITERAL.sub("", code)}
    shown |= _BUILT_IN - set(formats)
    cells = tree.findall("./{*}cellXfs/{*}xf")
    return tuple(str(number).encode() for number, one in enumerate(cells) if one.get("numFmtId") in shown)


def percent_cells(sheet: bytes, styles: tuple[bytes, ...]) -> tuple[tuple[int, str], ...]:
    """The rows and letters of a sheet's cells that have one of these styles and hold no text, as spreadsheet programs spell them."""
    if not styles:
        return ()
    found = []
    for style in re.finditer(rb"""\ss\s*=\s*["']0*(?:""" + b"|".join(styles) + rb""")["']""", sheet):
        start = sheet.rfind(b"<", max(style.start() - _LONGEST, 0), style.start())
        end = sheet.find(b">", style.end(), style.end() + _LONGEST)
        tag = sheet[start : end + 1] if 0 <= start < end else b""
        address = _ADDRESS.search(tag)
        if tag.startswith(b"<c ") and address and not tag.endswith(b"/>") and not _TEXT.search(tag):
            found.append((int(address[2]), address[1].decode()))
    return tuple(found)
