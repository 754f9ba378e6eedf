"""What safety costs: a workbook of 50,000 rows and 25 columns, and a usual one of 2,000, against fastexcel alone.

Run by hand: `python benchmarks/bench_reading.py`. fastexcel gives the cells as text and no more;
ours looks at the archive first and at what stands in it besides values afterwards. What counts is the ratio.
"""

from __future__ import annotations

import io
import random
import time
import zipfile
from collections.abc import Callable, Iterable
from typing import Any
from xml.sax.saxutils import escape

import fastexcel

from cpas.intake.files import read_grids
from cpas.intake.guard import check_archive
from cpas.intake.isolated import IsolatedReader

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXY"


def workbook(rows: int) -> bytes:
    """A workbook as Excel writes it: shared strings, a third of the columns text, the rest numbers."""
    draw = random.Random(2019)  # noqa: S311  # nobody is kept out by it
    texts = [f"Patrol {i} went to the market of zone {i % 12} and met the elders" for i in range(5_000)]
    lines = []
    for row in range(1, rows + 1):
        cells = (
            f'<c r="{letter}{row}" t="s"><v>{draw.randrange(5_000)}</v></c>'
            if index % 3 == 0
            else f'<c r="{letter}{row}"><v>{draw.randrange(100_000) / 4}</v></c>'
            for index, letter in enumerate(LETTERS)
        )
        lines.append(f'<row r="{row}" spans="1:25">{"".join(cells)}</row>')
    return packed("a", texts, lines)


def packed(sheet: str, texts: Iterable[str], lines: Iterable[str]) -> bytes:
    """The bytes of a workbook of one sheet, from its shared strings and the XML of its rows."""
    strings = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns:r="{OFFICE}"><sheets><sheet name="{sheet}" sheetId="1" r:id="s"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="s" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/sharedStrings.xml": f"<sst>{strings}</sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{''.join(lines)}</sheetData></worksheet>",
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def cells_alone(data: bytes, sheet: int = 0) -> Any:
    """What fastexcel needs for the cells."""
    return fastexcel.read_excel(data).load_sheet(sheet, header_row=None, dtypes="string").to_arrow()


def seconds(
    run: Callable[[], object], times: int = 7, clock: Callable[[], float] = time.process_time
) -> float:
    """The shortest of a few runs, in processor time of this process, which other programs hardly change."""
    taken = []
    for _ in range(times):
        start = clock()
        run()
        taken.append(clock() - start)
    return min(taken)


def main() -> None:
    """Print times and their ratios to fastexcel alone; three is what we aim to stay under."""
    with IsolatedReader() as reader:
        reader.read(workbook(1), "warm.xlsx")
        for rows in (2_000, 50_000):
            data = workbook(rows)
            alone = seconds(lambda data=data: cells_alone(data))  # type: ignore[misc]
            guard = seconds(lambda data=data: check_archive(data, "a.xlsx"))  # type: ignore[misc]
            here = seconds(lambda data=data: read_grids(data, "a.xlsx"))  # type: ignore[misc]
            waited, apart = (
                seconds(run, clock=time.perf_counter)
                for run in (
                    lambda data=data: cells_alone(data),
                    lambda data=data: reader.read(data, "a.xlsx"),
                )  # type: ignore[misc]
            )
            print(f"{rows:,} rows x 25 columns, {len(data) / 1e6:.1f} MB")
            print(f"  fastexcel alone      {alone:7.3f} s")
            print(f"  guard                {guard:7.3f} s   {guard / alone:.1f}")
            print(f"  read and inspected   {here:7.3f} s   {here / alone:.1f}")
            print(f"  in a child process   {apart:7.3f} s   {apart / waited:.1f}, by the clock")
    start = time.perf_counter()
    with IsolatedReader() as reader:
        reader.read(b"a,b\n", "a.csv")
    print(f"start of a child process {time.perf_counter() - start:.3f} s, once for all files")


if __name__ == "__main__":
    main()
