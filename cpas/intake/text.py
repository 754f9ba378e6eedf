"""Text and parquet files to grids: finds out encoding and separator, and says so where it had to guess."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

import polars as pl
import polars.selectors as cs

from cpas.errors import Issue, Location, SourceError
from cpas.intake.grid import ROW, Grid, letter_of, pointed_in
from cpas.intake.package import refused

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SEPARATORS = (",", ";", "\t")
_TOLD = re.compile("sep=([,;\t|])(?=\r|\n)")  # a first line that Excel understands
_AGAIN = "ask the sender for the file again"
_SAMPLE = 20  # records that tell which separator a file has


def read_csv(data: bytes, file: str) -> tuple[Grid, tuple[Issue, ...]]:
    """The table of a text file, and notes on what was not plain about it.

    The encoding is UTF-8 or what a byte-order mark says, else Windows-1252, which is said in a
    note. The separator is the one of comma, semicolon and tab by which most records are equally long. `_row` is the
    line a record begins on, as an editor counts.

    Raises:
        SourceError: It is empty or blank, or no text, or its quotes do not close.
    """
    if not data:
        raise refused(file, "the file is empty: it has no bytes", _AGAIN)
    if data.startswith(b"PK\x03\x04"):
        raise refused(file, "this is an Excel workbook with the name of a text file", "name it .xlsx")
    text, notes = _decode(data, file)
    if "\0" in text and _is_wide(data[:200]):
        fix = "open it in Excel or an editor and save it as CSV UTF-8"
        raise refused(file, "the text is in UTF-16 without the mark that says so", fix)
    if "\0" in text:
        raise refused(file, "this is not a text file: it holds NUL bytes", "save the table as CSV UTF-8")
    told = _TOLD.match(text)
    separator = told[1] if told else _separator(text)
    lines, records = _records(text[told.end() :] if told else text, separator, file)
    if not any(cell.strip() for record in records for cell in record):
        raise refused(file, "the file is empty: it has nothing but blank lines", _AGAIN)
    width = max(len(record) for record in records)
    columns = {letter_of(i): [_cell(record, i) for record in records] for i in range(width)}
    cells = pl.DataFrame({ROW: lines} | columns, schema={ROW: pl.Int64} | dict.fromkeys(columns, pl.String))
    # where a comma parts cells, the point is that of decimals; semicolons and tabs part them where people may write it for thousands
    pointed = pointed_in(cells) if separator != "," else frozenset()
    return Grid(file, "", cells, binary=False, pointed=pointed), notes


def read_parquet(data: bytes, file: str) -> Grid:
    """The table of a parquet file with its column names as row 1, as a sheet has them.

    Raises:
        SourceError: It cannot be read, it has no columns, or a column holds lists, structures or bytes.
    """
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise refused(file, "the parquet file is damaged or is none", "write it again") from error
    if not frame.width:
        raise refused(file, "the file is empty: it has no columns", _AGAIN)
    for name, kind in frame.schema.items():
        if kind.is_nested() or kind in (pl.Binary, pl.Object):
            raise refused(file, f"`{name}` holds no plain values", "write one plain value per cell")
    letters = [letter_of(i) for i in range(frame.width)]
    texts = frame.with_columns(_as_written(cs.float())).cast(pl.String)
    texts.columns = letters
    texts = texts.with_columns(pl.when(pl.all().str.strip_chars() != "").then(pl.all()))
    header = pl.DataFrame([dict(zip(letters, frame.columns, strict=True))], schema=texts.schema)
    cells = pl.concat([header, texts]).with_row_index(ROW, offset=1).cast({ROW: pl.Int64})
    return Grid(file, "", cells, binary=True)


def _as_written(number: pl.Expr) -> pl.Expr:
    """The shortest text of a float, which is what was written where it has no more than 15 digits; 12.0 is `12`, as in a workbook."""
    # rounding a larger one would change its last digit, and only in small ones do nine decimals tell noise from figures
    text = pl.when(number.abs() < 1e6).then(number.round(9)).otherwise(number).cast(pl.String)
    small = number.cast(pl.Decimal(38, 9), strict=False).cast(pl.String)
    return pl.when(text.str.contains("e-")).then(small).otherwise(text.str.strip_suffix(".0"))


def _decode(data: bytes, file: str) -> tuple[str, tuple[Issue, ...]]:
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding), ()
    except UnicodeDecodeError:
        note = Issue(
            "CPAS-S005",
            Location(file),
            "the file is not in UTF-8; it was read as Windows-1252 (Western European)",
            "look whether its accents came out right, and save it as CSV UTF-8 next time",
            "note",
        )
        return data.decode("cp1252", errors="replace"), (note,)


def _is_wide(head: bytes) -> bool:
    """Whether it is Latin letters in UTF-16: of all pairs of bytes one and the same is zero in most, the other in none."""
    first, second = head[::2], head[1::2]
    return any(
        zeros.count(0) > 0.8 * len(zeros) and not letters.count(0)
        for zeros, letters in ((first, second), (second, first))
    )


def _separator(text: str) -> str:
    """The separator that gives most of the first records the same number of cells, more than one."""
    head = list(islice(_unbroken(text), _SAMPLE))

    def agreement(separator: str) -> tuple[int, int]:
        try:
            widths = Counter(
                len(record) for record in csv.reader(head, delimiter=separator) if len(record) > 1
            )
        except csv.Error:
            return (0, 0)
        return max(((count, width) for width, count in widths.items()), default=(0, 0))

    return max(_SEPARATORS, key=agreement)


def _unbroken(text: str) -> Iterator[str]:
    """The lines of a text, those between quotes in one, so that a narrative of many lines counts once under every separator."""
    held: list[str] = []
    is_open = False
    for line in io.StringIO(text, newline=None):
        held.append(line.rstrip("\n"))
        is_open ^= line.count('"') % 2 == 1
        if not is_open:
            yield " ".join(held)
            held = []
    if held:
        yield " ".join(held)


def _records(text: str, separator: str, file: str) -> tuple[list[int], list[list[str]]]:
    """All records, and the line each begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines, records, line = [], [], 1
    try:
        for record in reader:
            lines.append(line)
            records.append(record)
            line = reader.line_num + 1
    except csv.Error as error:
        place = Location(file, "", line)
        issue = Issue(
            "CPAS-S001", place, f"the record that begins here cannot be read: {error}", "look at its quotes"
        )
        raise SourceError(f"{file} cannot be read.", [issue]) from error
    return lines, records


def _cell(record: list[str], index: int) -> str | None:
    return record[index] if index < len(record) and record[index].strip() else None
