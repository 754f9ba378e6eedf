"""Drawings as text: the accessible frame of every picture, identifiers of its own, and the small line of a table cell."""

from __future__ import annotations

import re
from html import escape

from cpas.report.blocks import Spark
from cpas.report.texts import Texts, in_cell
from cpas.report.theme import Theme

SPARK = (96.0, 20.0)


def tag(element: str, *children: str, **attributes: str | float) -> str:
    """An element; attributes are escaped, children are elements or `words`; `_` is a hyphen, `class_` is class."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_number(value))}"'
        for name, value in attributes.items()
    )
    return f"<{element}{written}>{''.join(children)}</{element}>" if children else f"<{element}{written}/>"


def words(text: str) -> str:
    """Text as a child of an element."""
    return escape(text, quote=False)


def framed(ident: str, size: tuple[float, float], title: str, description: str, body: str) -> str:
    """A picture that is read out as its title and description, and takes the width it is given."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_number(size[0])} {_number(size[1])}"'
        f' role="img" aria-labelledby="{ident}-title {ident}-desc">'
        + tag("title", words(title), id=f"{ident}-title")
        + tag("desc", words(description), id=f"{ident}-desc")
        + body
        + "</svg>"
    )


def own_ids(drawing: str, ident: str) -> str:
    """The drawing with every identifier that is referred to made its own, and the others taken out.

    Several drawings of one program use the same names, and one page can hold a name once.
    """
    drawing = drawing.replace("xlink:href", "href")
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', drawing))
    drawing = re.sub(
        r' id="([^"]+)"', lambda found: f' id="{ident}-{found[1]}"' if found[1] in used else "", drawing
    )
    return re.sub(r'(url\(#|href="#)', rf"\g<1>{ident}-", drawing)


def sparkline(spark: Spark, theme: Theme, texts: Texts) -> str:
    """The points as a line of 96 by 20; gaps stay open, a partial point is hollow, the last is marked."""
    width, height = SPARK
    numbers = [point.number for point in spark.points]
    known = [number for number in numbers if number is not None]
    if not known:
        return tag(
            "svg", tag("title", words(texts["chart.spark_empty"])), width=width, height=height, role="img"
        )
    least, span = min(known), (max(known) - min(known)) or 1
    step = (width - 8) / max(len(spark.points) - 1, 1)
    marks, paths, pen = [], [], "M"
    for index, (point, number) in enumerate(zip(spark.points, numbers, strict=True)):
        if number is None:
            pen = "M"
            continue
        x, y = 4 + index * step, height - 4 - float((number - least) / span) * (height - 8)
        paths.append(f"{pen}{_number(x)} {_number(y)}")
        pen = "L"
        last = index == len(spark.points) - 1
        if last or point.status == "partial":
            fill = theme.paper if point.status == "partial" else theme.accent
            marks.append(tag("circle", cx=x, cy=y, r=2.2, fill=fill, stroke=theme.accent))
    line = tag("path", d="".join(paths), fill="none", stroke=theme.accent, stroke_width=1.4)
    title = tag("title", words(_spoken(spark, texts)))
    return (
        f'<svg class="spark" viewBox="0 0 {_number(width)} {_number(height)}" width="{_number(width)}"'
        f' height="{_number(height)}" role="img">{title}{line}{"".join(marks)}</svg>'
    )


def _spoken(spark: Spark, texts: Texts) -> str:
    """What the line shows, for who cannot see it."""
    known = [point for point in spark.points if point.number is not None]
    ordered = sorted(known, key=lambda point: point.number or 0)
    ends = {"first": known[0], "last": known[-1], "least": ordered[0], "most": ordered[-1]}
    return texts.say("chart.spark", **{name: in_cell(point, texts) for name, point in ends.items()})


def _number(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
