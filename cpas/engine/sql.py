"""A measure, or a whole pass, as one SQL query, for auditors and for other engines."""

from __future__ import annotations

import polars as pl

from cpas.definitions.expressions.dialects import Dialect, in_dialect
from cpas.definitions.loaded import CompiledVersion, Definitions, LoadedIndicator
from cpas.engine.measures import TOTAL, Slice
from cpas.engine.passes import Pass

# more places than a sum of decimals or of their products has, so that no engine rounds before ours does
WIDE = "DECIMAL(38, 12)"


def measure_sql(indicator: LoadedIndicator, version: CompiledVersion, definitions: Definitions) -> str:
    """The query that gives an indicator's monthly figures by area, or for a derived one its formula."""
    measure = version.measure
    if indicator.is_derived:
        above, below = measure.numerator.sql, measure.denominator.sql if measure.denominator else None
        scale = "" if measure.scale == 1 else f"{measure.scale} * "
        return f"{scale}({above})" + (f" / NULLIF({below}, 0)" if below else "")
    return slice_sql(Slice(indicator, version, TOTAL, measure.numerator, measure.denominator), definitions)


def slice_sql(one: Slice, definitions: Definitions) -> str:
    """Numerator and denominator of one slice by month and area, from its data set's table."""
    dataset = definitions.datasets[one.indicator.definition.source or ""].dataset
    area = dataset.area or f"'{definitions.mission.root_area}'"
    lines = [
        f"SELECT DATE_TRUNC('month', {dataset.period}) AS month,",
        f"       {area} AS area,",
        f"       {one.numerator.sql} AS numerator" + ("," if one.denominator else ""),
    ]
    if one.denominator:
        lines.append(f"       {one.denominator.sql} AS denominator")
    return "\n".join([*lines, f"FROM {dataset.dataset}", "GROUP BY 1, 2", "ORDER BY 1, 2"])


def pass_sql(wanted: Pass, table: str, dialect: Dialect) -> str:
    """The query that makes a pass over a table with the data set's columns, coded ones as text.

    Its columns are those of `Pass.keys`, and `m0`, `m1` for the aggregates in their order: counts as BIGINT,
    the others as DECIMAL(38, 12). `named_frame` reads what it gives.
    """
    dataset, months = wanted.dataset, wanted.months
    area = in_dialect(dataset.area, dialect) if dataset.area else f"'{wanted.root}'"
    period = in_dialect(dataset.period or "", dialect)
    is_read = f"{period} BETWEEN DATE '{months.start}' AND DATE '{months.end}'"
    if dataset.covers == "calendar_year":
        is_read = f"YEAR({period}) BETWEEN {months.start.year} AND {months.end.year}"
    columns = [f"CAST(DATE_TRUNC('MONTH', {period}) AS DATE) AS month", f"{area} AS leaf"]
    if wanted.by:
        columns.append(f"CAST({in_dialect(wanted.by.sql, dialect)} AS STRING) AS value")
        is_read += f" AND {in_dialect(wanted.by.sql, dialect)} IS NOT NULL"
    for index, one in enumerate(wanted.aggregates):
        kind = "BIGINT" if one.is_count else WIDE
        columns.append(f"CAST({in_dialect(one.sql, dialect)} AS {kind}) AS m{index}")
    groups = ", ".join(str(index + 1) for index in range(len(wanted.keys)))
    listed = ",\n       ".join(columns)
    return f"SELECT {listed}\nFROM {table}\nWHERE {is_read}\nGROUP BY {groups}"


def named_frame(rows: pl.DataFrame, wanted: Pass) -> pl.DataFrame:
    """What the query of a pass gave, as the frame of the pass."""
    return rows.select(
        pl.col("month").cast(pl.Date),
        *(pl.col(name).cast(pl.String) for name in wanted.keys[1:]),
        *(pl.col(f"m{index}").alias(one.sql) for index, one in enumerate(wanted.aggregates)),
    ).sort(wanted.keys)
