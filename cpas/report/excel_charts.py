"""Native charts of a workbook, each standing on figures of a sheet of data; knows nothing of the other blocks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.data_source import AxDataSource, StrRef
from openpyxl.chart.marker import DataPoint, Marker
from openpyxl.chart.series import Series as Plotted
from openpyxl.chart.series_factory import SeriesFactory
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties
from openpyxl.worksheet.worksheet import Worksheet

from cpas.report.blocks import Chart, Series
from cpas.report.excel_cells import cell_at, put_bound, put_text
from cpas.report.texts import Texts
from cpas.report.theme import Theme

MARKERS: tuple[Any, ...] = ("circle", "square", "triangle", "diamond", "dash", "plus")
DASHES: tuple[Any, ...] = ("solid", "dash", "sysDot", "dashDot", "lgDash", "solid")
PATTERNS: tuple[Any, ...] = (None, "wdUpDiag", "wdDnDiag", "narHorz", "narVert", "smGrid")
HEIGHT = 7.2  # cm
WIDTHS = {"half": 11.4, "full": 23.2}


def write_data(sheet: Worksheet, row: int, block: Chart, theme: Theme, texts: Texts) -> int:
    """Write the figures behind a chart from a row on, and give the first row after them.

    One column for the labels and for every series and level; a missing point is an empty cell, which a
    chart leaves open, and its word stands in a column of its own.
    """
    put_text(cell_at(sheet, row, 1), f"{block.title} ({block.unit})", "caption", texts)
    put_text(cell_at(sheet, row + 1, 1), texts["chart.label"], "head label", texts)
    for index, label in enumerate(block.labels, start=row + 2):
        put_text(cell_at(sheet, index, 1), label, "label", texts)
    columns = [(series.name, series.points) for series in block.series]
    columns += [(line.label, (line.value,) * len(block.labels)) for line in block.lines]
    for column, (name, points) in enumerate(columns, start=2):
        put_text(cell_at(sheet, row + 1, column), name, "head number", texts)
        for index, point in enumerate(points, start=row + 2):
            cell = cell_at(sheet, index, column)
            cell.style = "cpas number"
            if point.number is not None:
                put_bound(cell, point, theme, texts)
    if max(len(name) for name, _ in columns) > 20:
        sheet.row_dimensions[row + 1].height = 30
    gaps = [series for series in block.series if any(point.status != "reported" for point in series.points)]
    for column, series in enumerate(gaps, start=2 + len(columns)):
        _write_statuses(sheet, row + 1, column, series, texts)
    return row + 3 + len(block.labels)


def native_chart(sheet: Worksheet, row: int, block: Chart, theme: Theme) -> BarChart | LineChart:
    """The chart on the figures that `write_data` wrote to the sheet from that row on."""
    # openpyxl's parts are typed as what they may be read as, not as what they were just set to.
    chart: Any = _line(sheet, row, block, theme) if block.kind == "line" else _bars(sheet, row, block, theme)
    chart.title = block.title
    for run in chart.title.tx.rich.p[0].r:
        run.rPr = _letters(1100, theme.ink, bold=True)
    chart.title.overlay = False
    chart.width, chart.height = WIDTHS[block.width], HEIGHT
    chart.display_blanks = "gap"
    for axis in (chart.x_axis, chart.y_axis):
        axis.delete = False  # openpyxl leaves it unsaid, and Excel then shows no axis
        letters = ParagraphProperties(defRPr=_letters(900, theme.muted))
        axis.txPr = RichText(p=[Paragraph(pPr=letters, endParaRPr=CharacterProperties())])
    chart.y_axis.title = block.unit
    for run in chart.y_axis.title.tx.rich.p[0].r:
        run.rPr = _letters(900, theme.muted)
    chart.y_axis.number_format = "#,##0" if _whole(block) else "0.0"
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(
        ln=LineProperties(solidFill=theme.rule[1:], w=6350)
    )
    chart.y_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    chart.x_axis.graphicalProperties = GraphicalProperties(
        ln=LineProperties(solidFill=theme.muted[1:], w=9525)
    )
    chart.x_axis.tickLblPos = "low"
    if len(chart.series) > 1:
        chart.legend.position = "b"
    else:
        chart.legend = None
    return cast("BarChart | LineChart", chart)


def _line(sheet: Worksheet, row: int, block: Chart, theme: Theme) -> LineChart:
    chart = LineChart()
    for number, series in enumerate(block.series):
        colour = theme.series[number % len(theme.series)][1:]
        line = _plotted(sheet, row, 2 + number, block)
        line.smooth = False
        line.graphicalProperties = GraphicalProperties(
            ln=LineProperties(solidFill=colour, w=22225, prstDash=DASHES[number % len(DASHES)])
        )
        line.marker = _marker(number, colour, colour)
        for index, point in enumerate(series.points):
            if point.status == "partial":
                hollow = DataPoint(idx=index, marker=_marker(number, "FFFFFF", colour))
                hollow.graphicalProperties = line.graphicalProperties
                line.dPt.append(hollow)
        chart.series.append(line)
    _add_levels(chart, sheet, row, block, theme)
    return chart


def _bars(sheet: Worksheet, row: int, block: Chart, theme: Theme) -> BarChart:
    chart = BarChart()
    lying, stacked = block.kind in ("bar", "stacked_bar"), block.kind.startswith("stacked")
    chart.type = "bar" if lying else "col"
    chart.grouping = "stacked" if stacked else "clustered"
    chart.overlap = 100 if stacked else 0
    chart.gapWidth = 60
    for number, series in enumerate(block.series):
        colour = theme.series[number % len(theme.series)][1:]
        bars = _plotted(sheet, row, 2 + number, block)
        bars.graphicalProperties = _filled(colour, PATTERNS[number % len(PATTERNS)])
        for index, point in enumerate(series.points):
            if point.status == "partial":
                hollow = GraphicalProperties(solidFill="FFFFFF", ln=LineProperties(solidFill=colour, w=15875))
                bars.dPt.append(DataPoint(idx=index, spPr=hollow, invertIfNegative=False))
        chart.series.append(bars)
    if lying:
        chart.x_axis.scaling.orientation = "maxMin"
        chart.y_axis.crosses = "max"  # with the order turned, this is the lower edge
    elif block.lines:
        levels = LineChart()
        _add_levels(levels, sheet, row, block, theme)
        chart += levels
    return chart


def _add_levels(chart: LineChart, sheet: Worksheet, row: int, block: Chart, theme: Theme) -> None:
    for number, level in enumerate(block.lines, start=2 + len(block.series)):
        colour = theme.ink if level.role == "target" else theme.muted
        line = _plotted(sheet, row, number, block)
        line.smooth = False
        dash: Any = "dash" if level.role == "target" else "sysDot"
        line.graphicalProperties = GraphicalProperties(
            ln=LineProperties(solidFill=colour[1:], w=15875, prstDash=dash)
        )
        line.marker = Marker(symbol="none")
        chart.series.append(line)


def _plotted(sheet: Worksheet, row: int, column: int, block: Chart) -> Plotted:
    last = row + 1 + len(block.labels)
    plotted: Plotted = SeriesFactory(
        Reference(sheet, min_col=column, min_row=row + 1, max_row=last), title_from_data=True
    )
    labels = Reference(sheet, min_col=1, min_row=row + 2, max_row=last)
    plotted.cat = AxDataSource(strRef=StrRef(f=str(labels)))
    return plotted


def _marker(number: int, fill: str, edge: str) -> Marker:
    marker = Marker(symbol=MARKERS[number % len(MARKERS)], size=6)
    marker.graphicalProperties = GraphicalProperties(solidFill=fill, ln=LineProperties(solidFill=edge))
    return marker


def _filled(colour: str, pattern: Any) -> GraphicalProperties:
    if pattern is None:
        return GraphicalProperties(solidFill=colour)
    fill = PatternFillProperties(prst=pattern, fgClr=_colour("FFFFFF"), bgClr=_colour(colour))
    return GraphicalProperties(pattFill=fill)


def _colour(colour: Any) -> ColorChoice:
    return ColorChoice(srgbClr=colour)


def _letters(size: int, colour: str, bold: bool = False) -> CharacterProperties:
    return CharacterProperties(sz=size, b=bold, solidFill=colour[1:])


def _whole(block: Chart) -> bool:
    """Whether the scale needs no decimals: points are large, or whole."""
    points = [point.number for series in block.series for point in series.points if point.number is not None]
    return max(points, default=Decimal(0)) >= 10 or all(
        point == point.to_integral_value() for point in points
    )


def _write_statuses(sheet: Worksheet, row: int, column: int, series: Series, texts: Texts) -> None:
    put_text(cell_at(sheet, row, column), texts.say("chart.status", series=series.name), "head", texts)
    for index, point in enumerate(series.points, start=row + 1):
        put_text(cell_at(sheet, index, column), texts[f"status.{point.status}"], "cell", texts)
