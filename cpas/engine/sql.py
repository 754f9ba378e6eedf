"""A measure as one SQL query, for auditors and for other engines; what it prints runs in DuckDB, PostgreSQL and Spark."""

from __future__ import annotations

from cpas.definitions.loaded import CompiledVersion, Definitions, LoadedIndicator
from cpas.engine.measures import TOTAL, Slice


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
