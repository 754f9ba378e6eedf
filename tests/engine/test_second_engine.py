"""A second engine: the same definitions as SQL in DuckDB must give every figure of the results frame."""

import itertools
import re
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from cpas.definitions.scale import counted_steps
from cpas.engine.compute import compute_results
from cpas.engine.coverage import reporters_of
from cpas.engine.measures import slices_of
from cpas.engine.rollup import Span
from cpas.engine.scope import periods_for
from cpas.engine.supply import is_told
from cpas.jobs.aside import beside
from cpas.jobs.engines import rows_in
from cpas.jobs.gather import gather
from cpas.jobs.progress import Progress
from cpas.jobs.sources import Source
from cpas.periods import Period

pytestmark = pytest.mark.usefixtures("checks_here")

SAMPLE = Path(__file__).parents[2] / "sample_data"

AREAS = """
CREATE TABLE closure AS
WITH RECURSIVE
  valid AS (
    SELECT m.month, a.area_code, a.parent,
           ROW_NUMBER() OVER (PARTITION BY m.month, a.area_code ORDER BY
             CASE WHEN COALESCE(a.valid_from, DATE '0001-01-01') <= m.month AND m.month <= COALESCE(a.valid_to, DATE '9999-12-31')
                  THEN 0 WHEN a.valid_from > m.month THEN 1 ELSE 2 END,
             CASE WHEN a.valid_from > m.month THEN a.valid_from END,
             a.valid_from DESC) AS rank
    FROM areas a, months m),
  up AS (
    SELECT month, area_code AS leaf, area_code AS area FROM valid WHERE rank = 1
    UNION ALL
    SELECT u.month, u.leaf, v.parent FROM up u JOIN valid v ON v.month = u.month AND v.area_code = u.area AND v.rank = 1
    WHERE v.parent IS NOT NULL)
SELECT * FROM up
"""
EXISTING = """
CREATE TABLE existing AS SELECT DISTINCT m.month, a.area_code AS area FROM areas a, months m
WHERE COALESCE(a.valid_from, DATE '0001-01-01') <= m.month AND m.month <= COALESCE(a.valid_to, DATE '9999-12-31')
"""
# the lowest areas that each area consisted of, and the areas that a report about some of these is about
LOWEST = """
CREATE TABLE lowest AS SELECT c.month, c.area, c.leaf AS place FROM closure c
JOIN existing e ON e.month = c.month AND e.area = c.leaf
WHERE NOT EXISTS (FROM closure k JOIN existing x ON x.month = k.month AND x.area = k.leaf
                  WHERE k.month = c.month AND k.area = c.leaf AND k.leaf <> c.leaf);
CREATE TABLE told AS FROM closure;
CREATE TABLE about AS SELECT DISTINCT month, area AS place, area FROM closure;
"""
# one month's tree in all months; rows that name an area which was of other places then are in `CODE*` and in what holds all of these
ON_ONE_TREE = """
CREATE TABLE other AS SELECT DISTINCT l.month, l.area AS leaf FROM lowest l
WHERE (SELECT LIST_SORT(LIST(place)) FROM lowest k WHERE k.month = l.month AND k.area = l.area)
  <> (SELECT LIST_SORT(LIST(place)) FROM lowest k WHERE k.month = DATE '{month}' AND k.area = l.area);
CREATE OR REPLACE TABLE closure AS
SELECT m.month, t.leaf, t.area FROM months m, told t WHERE t.month = DATE '{month}' AND NOT (
  EXISTS (FROM other o WHERE o.month = m.month AND o.leaf = t.leaf) AND EXISTS (
    SELECT place FROM lowest l WHERE l.month = m.month AND l.area = t.leaf
    EXCEPT SELECT place FROM lowest l WHERE l.month = DATE '{month}' AND l.area = t.area))
UNION ALL SELECT month, leaf, leaf || '*' FROM other;
CREATE OR REPLACE TABLE existing AS
SELECT m.month, e.area FROM months m, existing e WHERE e.month = DATE '{month}'
UNION ALL SELECT m.month, o.area FROM months m, (SELECT DISTINCT leaf || '*' AS area FROM other) o;
CREATE OR REPLACE TABLE about AS
SELECT DISTINCT m.month, l.place, l.area FROM months m, lowest l WHERE l.month = DATE '{month}';
"""
CELLS = """
SELECT m.month, c.leaf, {version} AS version, records, CASE WHEN {is_ratio} AND d0 IS NULL THEN NULL ELSE n0 END AS n,
       CASE WHEN n0 IS NULL THEN NULL ELSE d0 END AS d
FROM (SELECT {month} AS month, {area} AS leaf, {above} AS n0, {below} AS d0, {records} AS records FROM {table} GROUP BY ALL) c
JOIN months m ON {joined} WHERE m.month BETWEEN DATE '{first}' AND DATE '{last}'
"""
# a place of a data set of levels that was known in the twelve months before and has no row
SPOKEN = """
WITH v AS (SELECT month, MAX(version) AS version FROM versions GROUP BY month),
 mute AS (SELECT e.month, e.area AS leaf, k.n, k.d,
    v.version = k.version AND DATEDIFF('month', k.month, e.month) <= {carry_over} AS carried
  FROM existing e ASOF JOIN (SELECT * FROM cells WHERE n IS NOT NULL) k ON e.area = k.leaf AND e.month >= k.month
  JOIN v ON v.month = e.month
  WHERE DATEDIFF('month', k.month, e.month) <= 12
    AND NOT EXISTS (FROM cells c WHERE c.month = e.month AND c.leaf = e.area AND (c.records > 0 OR c.n IS NOT NULL)))
SELECT month, leaf, n, d, 0 AS silent, records FROM cells
UNION ALL BY NAME SELECT month, leaf, CASE WHEN carried THEN n END AS n, CASE WHEN carried THEN d END AS d, 1 AS silent, 0 AS records
FROM mute WHERE NOT {is_events}
"""
MONTHLY = """
WITH placed AS (SELECT c.month, area, {above} AS n, {below} AS d, SUM(silent) AS silent, SUM(records) AS records, TRUE AS has_cells
                FROM spoken s JOIN closure c USING (month, leaf) GROUP BY ALL)
SELECT e.month, e.area,
       CASE WHEN has_cells IS NULL AND {is_events} AND r.received > 0 THEN 0 ELSE n END AS n,
       CASE WHEN has_cells IS NULL AND {is_events} AND {is_ratio} AND r.received > 0 THEN 0 ELSE d END AS d,
       COALESCE(silent, 0) AS silent, COALESCE(r.received, 0) AS received, COALESCE(r.expected, 0) AS expected,
       COALESCE(records, 0) AS records
FROM existing e LEFT JOIN placed p USING (month, area) LEFT JOIN reported r USING (month, area)
WHERE e.month BETWEEN DATE '{first}' AND DATE '{last}'
"""
# a last value rests on the reports from the last month on of which one told something, a first value on those up to the first
PERIODS = """
SELECT period, area, {above} AS n, {below} AS d, SUM(silent) AS silent,
       SUM(received) FILTER (WHERE COALESCE({is_behind}, TRUE)) AS received,
       SUM(expected) FILTER (WHERE COALESCE({is_behind}, TRUE)) AS expected, SUM(records) AS records
FROM (SELECT m.*, s.period, MAX(month) FILTER (WHERE n IS NOT NULL AND received > 0) OVER w AS last_known,
             MIN(month) FILTER (WHERE n IS NOT NULL AND received > 0) OVER w AS first_known
      FROM monthly m JOIN spans s ON month BETWEEN s.first AND s.last WINDOW w AS (PARTITION BY s.period, m.area))
GROUP BY period, area
"""
BEHIND = {"last": "month >= last_known", "first": "month <= first_known"}
# a last value rests on the rows from a place's last known month on, a first value on those up to its first
PLACED = """
  SELECT period, area, leaf, {above_time} AS n, {below_time} AS d, SUM(silent) FILTER (WHERE is_anchor) AS silent,
         SUM(records) FILTER (WHERE COALESCE({is_behind}, TRUE)) AS records
  FROM (
    SELECT s.period, c.area, o.*, o.month = {anchor} AS is_anchor,
           MAX(o.month) FILTER (WHERE o.n IS NOT NULL) OVER w AS last_known,
           MIN(o.month) FILTER (WHERE o.n IS NOT NULL) OVER w AS first_known
    FROM spoken o JOIN spans s ON o.month BETWEEN s.first AND s.last
    JOIN closure c ON c.leaf = o.leaf AND c.month = {anchor}
    WHERE o.month = {anchor} OR EXISTS (FROM existing e WHERE e.month = {anchor} AND e.area = o.leaf)
    WINDOW w AS (PARTITION BY s.period, c.area, o.leaf)) o
  GROUP BY period, area, leaf
"""
PLACES = """
WITH places AS ({placed}),
 made AS (SELECT period, area, {above} AS n, {below} AS d, SUM(silent) AS silent, SUM(records) AS records FROM places GROUP BY period, area)
SELECT p.period, p.area, CASE WHEN made.period IS NULL AND {is_events} THEN p.n ELSE made.n END AS n, made.d,
       COALESCE(made.silent, 0) AS silent, p.received, p.expected,
       CASE WHEN made.period IS NULL THEN p.records ELSE made.records END AS records
FROM ({periods}) p LEFT JOIN made USING (period, area)
"""
# how many places came to which step of a scale, the worst first, and how many to none
DISTRIBUTED = """
SELECT q.*, distribution, COALESCE(at_none, 0) AS at_none FROM ({periods}) q LEFT JOIN (
  SELECT period, area, STRING_AGG(step || ':' || number, ';' ORDER BY n) AS distribution
  FROM (SELECT period, area, n, {codes}[CAST(n AS INTEGER)] AS step, COUNT(*) AS number
        FROM ({placed}) WHERE n IS NOT NULL GROUP BY period, area, n)
  GROUP BY period, area) USING (period, area)
LEFT JOIN (SELECT period, area, COUNT(*) AS at_none FROM ({placed})
           WHERE n IS NULL AND (records > 0 OR silent > 0) GROUP BY period, area) USING (period, area)
"""
WHOLE_ROWS = """
SELECT m.month, t.leaf, v FROM (SELECT {month} AS month, {area} AS leaf, {argument} AS v FROM {table} {where}) t
JOIN months m ON {joined} JOIN cells c ON c.month = m.month AND c.leaf = t.leaf AND c.n IS NOT NULL
WHERE v IS NOT NULL AND m.month BETWEEN DATE '{first}' AND DATE '{last}'
"""
CHOSEN = """o.month = (SELECT {pick}(k.month) FROM cells k
  WHERE k.leaf = o.leaf AND k.n IS NOT NULL AND k.month BETWEEN s.first AND s.last)"""
WHOLE_MONTHLY = """
CREATE OR REPLACE TEMP TABLE monthly AS
SELECT m.* REPLACE ({exchanged} AS {part}) FROM monthly m LEFT JOIN
  (SELECT month, area, {aggregate} AS w FROM {table} JOIN closure c USING (month, leaf) GROUP BY ALL) USING (month, area)
"""
WHOLE_PERIODS = """
SELECT q.* REPLACE ({exchanged} AS {part}) FROM ({periods}) q LEFT JOIN
  (SELECT s.period, c.area, {aggregate} AS w FROM {table} o JOIN spans s ON o.month BETWEEN s.first AND s.last
   JOIN closure c ON c.leaf = o.leaf AND c.month = {anchor}
   WHERE {is_chosen} GROUP BY ALL) USING (period, area)
"""


def rule_sql(rule, part, by="month", is_by_days=False):
    """One part of a value by a rule; parts are made apart from each other."""
    if is_by_days and rule == "mean":
        days = "DAY(LAST_DAY(month))"
        return (
            f"SUM(n * {days})"
            if part == "n"
            else f"SUM(COALESCE(d, 1) * {days}) FILTER (WHERE n IS NOT NULL)"
        )
    if part == "n":
        known = {"sum": "SUM(n)", "mean": "SUM(n)", "max": "MAX(n)", "min": "MIN(n)"} | {
            "last": f"LAST(n ORDER BY {by}) FILTER (WHERE n IS NOT NULL)",
            "first": f"FIRST(n ORDER BY {by}) FILTER (WHERE n IS NOT NULL)",
            "count": "NULLIF(COUNT(n), 0)",
            "median": """(LIST_SORT(LIST(n) FILTER (WHERE n IS NOT NULL))[(COUNT(n) + 1) // 2]
                       + CASE WHEN COUNT(n) % 2 = 1 THEN 0
                              ELSE LIST_SORT(LIST(n) FILTER (WHERE n IS NOT NULL))[COUNT(n) // 2 + 1] END)""",
            "lower_median": "LIST_SORT(LIST(n) FILTER (WHERE n IS NOT NULL))[(COUNT(n) + 1) // 2]",
        }
        return known[rule]
    known = {"max": "MAX(d)", "min": "MIN(d)", "count": "NULL", "sum": "SUM(d)"} | {
        "last": f"LAST(d ORDER BY {by}) FILTER (WHERE n IS NOT NULL)",
        "first": f"FIRST(d ORDER BY {by}) FILTER (WHERE n IS NOT NULL)",
        "mean": "CASE WHEN COUNT(d) > 0 THEN SUM(d) ELSE NULLIF(COUNT(n), 0) END",
        "median": "CASE WHEN COUNT(n) > 0 THEN 2 - COUNT(n) % 2 END",
        "lower_median": "NULL",
    }
    return known[rule]


def term_sql(term, kind):
    """A term where no row was selected: zero for a sum of events, unknown for levels."""
    where = f" FILTER(WHERE {term.where.sql})" if term.where else ""
    if kind == "events" and term.function != "sum":
        return term.sql
    if term.function.startswith("count"):
        where = f" FILTER(WHERE {term.within.sql})" if term.within else ""
    return f"CASE WHEN COUNT(*){where} > 0 THEN {term.sql} {'ELSE 0 ' if kind == 'events' else ''}END"


def formula_sql(formula, policy, kind):
    text = formula.sql
    terms = {term.sql: term_sql(term, kind) for term in formula.terms}
    for own, full in terms.items():
        text = text.replace(own, f"({full})" if policy == "skip_if_any" else f"COALESCE(({full}), 0)")
    if policy == "skip_if_all":
        return f"CASE WHEN {' OR '.join(f'({full}) IS NOT NULL' for full in terms.values())} THEN {text} END"
    return text


def register(con, definitions, facts, reports, areas, months):
    for name, frame in facts.items():
        con.register(
            name, frame.collect().with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String)).to_arrow()
        )
    con.register("areas", areas.to_arrow())
    con.register("months", pl.DataFrame({"month": [month.start for month in months.months()]}).to_arrow())
    for statement in (AREAS, EXISTING, LOWEST):
        con.execute(statement)


def reported(con, indicator, definitions, reports, months):
    """Reports behind one indicator, counted one by one."""
    came = set(reports.select("dataset", "reporter", "month").iter_rows())
    offices = definitions.mission.field_offices
    lines, about = {}, {}
    for month, leaf, area in con.execute("SELECT month, leaf, area FROM told").fetchall():
        lines.setdefault((month, leaf), set()).add(area)
    for month, place, area in con.execute("SELECT month, place, area FROM about").fetchall():
        about.setdefault((month, place), []).append(area)
    told = set()
    for reporter in reporters_of(indicator, definitions):
        for (month, leaf), line in lines.items():
            own = set(offices[reporter].areas) if reporter in offices else {leaf}
            above = {area for one in own for area in lines[(month, one)]}
            if line & own or leaf in above:
                told |= {(reporter, month, area) for area in about.get((month, leaf), ())}
    heard = [(*one, (indicator.definition.source, *one[:2]) in came) for one in sorted(told)]
    schema = {"reporter": pl.String, "month": pl.Date, "area": pl.String, "received": pl.Boolean}
    con.register("heard", pl.DataFrame(heard, schema=schema, orient="row").to_arrow())
    con.execute(
        "CREATE OR REPLACE TEMP VIEW reported AS SELECT month, area, "
        "COUNT(*) FILTER (WHERE received) AS received, COUNT(*) AS expected FROM heard GROUP BY ALL"
    )


def cells_sql(one, dataset, definitions, first, last):
    about = one.indicator.definition
    yearly = dataset.covers == "calendar_year"
    month = f"CAST(DATE_TRUNC('{'year' if yearly else 'month'}', {dataset.period}) AS DATE)"
    wheres = [f" FILTER (WHERE {term.where.sql})" if term.where else "" for term in one.terms]
    return CELLS.format(
        version=one.version.number,
        month=month,
        area=dataset.area or f"'{definitions.mission.root_area}'",
        above=formula_sql(one.numerator, about.missing, dataset.kind),
        below=formula_sql(one.denominator, about.missing, dataset.kind) if one.denominator else "NULL",
        records=f"GREATEST({', '.join(f'COUNT(*){where}' for where in wheres)})",
        table=dataset.dataset,
        joined="c.month = DATE_TRUNC('year', m.month)" if yearly else "c.month = m.month",
        is_ratio=one.denominator is not None,
        first=first,
        last=last,
    )


def whole_rows(slices, in_force, dataset, definitions):
    """The rows behind distinct counts and percentiles, each month by its own version."""
    yearly = dataset.covers == "calendar_year"
    found = {}
    for one in slices:
        own = [month for month, version in in_force if version == one.version.number]
        for part, formula in (("n", one.numerator), ("d", one.denominator)):
            if own and formula and formula.whole:
                term = formula.whole
                found.setdefault(part, []).append(
                    WHOLE_ROWS.format(
                        month=f"CAST(DATE_TRUNC('{'year' if yearly else 'month'}', {dataset.period}) AS DATE)",
                        area=dataset.area or f"'{definitions.mission.root_area}'",
                        argument=term.argument.sql,
                        table=dataset.dataset,
                        where=f"WHERE {term.where.sql}" if term.where else "",
                        joined="t.month = DATE_TRUNC('year', m.month)" if yearly else "t.month = m.month",
                        first=own[0],
                        last=own[-1],
                    )
                )
    return {part: " UNION ALL ".join(f"({piece})" for piece in pieces) for part, pieces in found.items()}


def periods_sql(con, indicator, dataset, months, scale=None):
    """The query of every period and area, from the cells."""
    about, is_events = indicator.definition, dataset.kind == "events"
    con.execute(
        "CREATE OR REPLACE TEMP TABLE spoken AS "
        + SPOKEN.format(carry_over=about.carry_over, is_events=is_events)
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE monthly AS "
        + MONTHLY.format(
            above=rule_sql(area_rule(about), "n"),
            below=rule_sql(area_rule(about), "d"),
            is_events=is_events,
            is_ratio=indicator.versions[0].measure.denominator is not None,
            first=months.start,
            last=months.end,
        )
    )
    measure = indicator.versions[0].measure
    whole = [
        (part, formula.whole)
        for part, formula in (("n", measure.numerator), ("d", measure.denominator))
        if formula and formula.whole
    ]
    for part, term in whole:
        con.execute(WHOLE_MONTHLY.format(part=part, **whole_sql(part, term, f"whole_{part}")))
    above, below = (
        rule_sql(about.over_time, part, is_by_days=dataset.covers == "calendar_year") for part in "nd"
    )
    periods = PERIODS.format(above=above, below=below, is_behind=BEHIND.get(about.over_time, "TRUE"))
    anchors = {"sum": "o.month", "last": "CAST(DATE_TRUNC('month', s.last) AS DATE)", "first": "s.first"}
    is_by_place = (about.over_time == "sum" and about.over_area != "sum") or (
        about.over_time in ("last", "first") and not is_events
    )
    if about.scale:
        return steps_sql(about, periods, anchors.get(about.over_time, "o.month"), scale)
    if is_by_place:
        periods = places_sql(about, periods, anchors[about.over_time], is_events)
    for part, term in whole if is_by_place or about.over_time == "sum" else ():
        anchor = anchors[about.over_time]
        pick = {"last": "MAX", "first": "MIN"}.get(about.over_time)
        chosen = CHOSEN.format(pick=pick)
        exists = (
            f"(o.month = {anchor} OR EXISTS (FROM existing e WHERE e.month = {anchor} AND e.area = o.leaf))"
        )
        periods = WHOLE_PERIODS.format(
            part=part,
            periods=periods,
            anchor=anchor,
            is_chosen=f"{chosen} AND {exists}" if pick else "TRUE",
            **whole_sql(part, term, f"whole_{part}"),
        )
    return periods


def whole_sql(part, term, table):
    """How all rows of an area and period are put together, and what stands where there are none."""
    if term.function == "percentile":
        aggregate = f"CAST(QUANTILE_CONT(CAST(v AS DOUBLE), {term.fraction}) AS DECIMAL(38, 6))"
        return {"aggregate": aggregate, "exchanged": "w", "table": table}
    return {
        "aggregate": "COUNT(DISTINCT v)",
        "exchanged": "CASE WHEN n IS NOT NULL THEN COALESCE(w, 0) END",
        "table": table,
    }


def placed_sql(about, anchor):
    return PLACED.format(
        anchor=anchor,
        is_behind=BEHIND.get(about.over_time, "TRUE"),
        above_time=rule_sql(about.over_time, "n", "o.month"),
        below_time=rule_sql(about.over_time, "d", "o.month"),
    )


def area_rule(about):
    return "lower_median" if about.scale and about.over_area == "median" else about.over_area


def places_sql(about, periods, anchor, is_events):
    return PLACES.format(
        periods=periods,
        placed=placed_sql(about, anchor),
        above=rule_sql(area_rule(about), "n"),
        below=rule_sql(area_rule(about), "d"),
        is_events=is_events,
    )


def steps_sql(about, periods, anchor, scale):
    """A scale is put together place by place, whatever its rules; beside its value stand the places at each step."""
    periods = places_sql(about, periods, anchor, is_events=False)
    return DISTRIBUTED.format(periods=periods, placed=placed_sql(about, anchor), codes=list(scale.codes))


def spans_of(indicator, definitions, periods):
    mandate_from = Period.month(definitions.mission.mandate_from)
    spans = [(str(period), Span.of(indicator.definition, period, mandate_from).months) for period in periods]
    rows = [(name, months.start, months.end) for name, months in spans]
    return pl.DataFrame(rows, schema={"period": pl.String, "first": pl.Date, "last": pl.Date}, orient="row")


def second_engine(definitions, facts, reports, areas, periods, *, also=None, parts=None, boundaries_of=None):
    """(indicator, period, area, part) -> (numerator, denominator, value, silent places, received, expected, records), all by SQL.

    `also` is called with the connection while the tables of an indicator's part are there; `parts` are all unless
    some are named. With `boundaries_of` a month all is on the boundaries of that month.
    """
    first = min(
        Span.of(one.definition, period, Period.month(definitions.mission.mandate_from)).months.first
        for one in definitions.indicators.values()
        for period in periods
    )
    months = Period(first, max(period.last for period in periods))
    read = Period(months.first - 12, months.last)
    con = duckdb.connect()
    register(con, definitions, facts, reports, areas, read)
    if boundaries_of:
        con.execute(ON_ONE_TREE.format(month=boundaries_of.start))
    found = {}
    for indicator in definitions.indicators.values():
        if indicator.is_derived or indicator.definition.source not in facts:
            continue
        dataset = definitions.datasets[indicator.definition.source].dataset
        reported(con, indicator, definitions, reports, months)
        in_force = [(month.start, indicator.version_at(month).number) for month in read.months()]
        con.register("versions", pl.DataFrame(in_force, ["month", "version"], orient="row").to_arrow())
        con.register("spans", spans_of(indicator, definitions, periods).to_arrow())
        scale = indicator.versions[0].measure.scale
        every = dict.fromkeys(one.disaggregation for one in slices_of(indicator, definitions))
        for part in parts or every:
            slices = [one for one in slices_of(indicator, definitions) if one.disaggregation == part]
            pieces = []
            for one in slices:
                own = [month for month, version in in_force if version == one.version.number]
                if own:
                    pieces.append(cells_sql(one, dataset, definitions, own[0], own[-1]))
            con.execute(
                "CREATE OR REPLACE TEMP TABLE cells AS "
                + " UNION ALL ".join(f"({piece})" for piece in pieces)
            )
            for part_, rows_ in whole_rows(slices, in_force, dataset, definitions).items():
                con.execute(f"CREATE OR REPLACE TEMP TABLE whole_{part_} AS {rows_}")
            for period, area, above, below, *others in con.execute(
                periods_sql(con, indicator, dataset, months, definitions.scale_of(indicator.id))
            ).fetchall():
                value = None if above is None or below == 0 else float(above) * scale / float(below or 1)
                found[(indicator.id, period, area, part)] = (above, below, value, *others)
            if also:
                also(con, indicator, part)
    return found


OPERAND = re.compile(r'(PREVIOUS|SAME_LAST_YEAR|MONTHS_BEFORE|ANNUALISED)\("([^"]+)"(?:, (\d+))?\)|"([^"]+)"')


def days_there(areas, period, area):
    """The days of the months on whose first day an area is valid; all days of a period of which there is none."""
    own = areas.filter(area_code=area)
    begun = pl.col("valid_from").is_null() | (pl.col("valid_from") <= pl.col("day"))
    going = pl.col("valid_to").is_null() | (pl.col("valid_to") >= pl.col("day"))
    months = (own.with_columns(day=pl.lit(month.start)).filter(begun & going) for month in period.months())
    there = sum(
        month.days for month, valid in zip(period.months(), months, strict=True) if not valid.is_empty()
    )
    return there or period.days


def taken_from(period, function, months, there):
    """The period of an operand, and the SQL of what its value is multiplied with; `there` are the days of its area."""
    shifted = {
        "PREVIOUS": period.previous(),
        "SAME_LAST_YEAR": period.same_last_year(),
        "MONTHS_BEFORE": Period(period.first - int(months or 0), period.last - int(months or 0)),
    }
    if function == "ANNUALISED":
        year = next(
            (one for one in (period.budget_year(), period.calendar_year()) if one.contains(period)), None
        )
        days = f"(DATE '{year.end}' - DATE '{year.start}' + 1)" if year else "NULL"
        return period, f"CAST({days} AS DOUBLE) / {there}"
    return shifted.get(function, period), "1"


def derived_by_sql(definitions, found, areas):
    """What gives a derived indicator's value by its own SQL, from those of the second engine."""
    con = duckdb.connect()

    @cache
    def value_of(id_, period, area, part):
        one = definitions.indicators[id_]
        if not one.is_derived:
            return found.get((id_, str(period), area, part), (None,) * 3)[2]

        def number(match):
            at, factor = taken_from(period, match[1], match[3], days_there(areas, period, area))
            value = value_of(match[2] or match[4], at, area, part)
            return f"(CAST({'NULL' if value is None else repr(value)} AS DOUBLE) * {factor})"

        measure = one.version_at(Period(period.last, period.last)).measure
        above = OPERAND.sub(number, measure.numerator.sql)
        below = OPERAND.sub(number, measure.denominator.sql) if measure.denominator else "1"
        return con.execute(f"SELECT ({above}) / NULLIF({below}, 0) * {measure.scale}").fetchone()[0]

    return value_of


def assert_derived_agrees(results, expected, definitions, areas):
    value_of = derived_by_sql(definitions, expected, areas)
    own = results.filter(
        pl.col("indicator_id").is_in([id_ for id_, one in definitions.indicators.items() if one.is_derived])
    )
    assert own["value"].drop_nulls().len() > 0
    for row in own.iter_rows(named=True):
        period = Period.parse(row["period"])
        value = value_of(row["indicator_id"], period, row["area"], row["disaggregation"])
        assert (row["value"] is None) == (value is None), row
        if value is not None:
            assert row["value"] == pytest.approx(value, rel=1e-9, abs=1e-12), row


def assert_agrees(results, expected, definitions):
    measured = results.filter(
        pl.col("indicator_id").is_in(
            [id_ for id_, one in definitions.indicators.items() if not one.is_derived]
        )
    )
    assert measured.height > 0
    for row in measured.iter_rows(named=True):
        key = (row["indicator_id"], row["period"], row["area"], row["disaggregation"])
        above, below, value, *others = expected[key]
        ours = [row[name] for name in ("places_silent", "reports_received", "reports_expected", "records")]
        if scale := definitions.scale_of(row["indicator_id"]):
            ours += [row["distribution"], sum(counted_steps(row["no_step"]).values())]
            assert row["step"] == (None if above is None else scale.codes[int(above) - 1]), key
        else:
            assert row["step"] is row["distribution"] is row["no_step"] is None, key
        assert (row["numerator"], row["denominator"], ours) == (above, below, others), key
        assert (row["value"] is None) == (value is None), key
        if value is not None:
            assert row["value"] == pytest.approx(value, rel=1e-12, abs=0), key


def random_rows(seed, height):
    """Incidents and posts with every kind of gap, drawn at random."""
    rng = np.random.default_rng(seed)
    places = ["C1", "C2", "C3", "R1", "ML"]

    def gap(value, share):
        return None if rng.random() < share else value

    incidents = [
        {
            "incident_id": f"I{index % (height - 5)}",
            "day": date.fromordinal(
                int(rng.integers(date(2018, 6, 1).toordinal(), date(2019, 8, 1).toordinal()))
            ),
            "office": "FO-A",
            "place": places[rng.integers(len(places))],
            "kind": gap(["attack", "clash"][rng.integers(2)], 0.05),
            "deaths": gap(int(rng.integers(0, 9)), 0.3),
            "women": gap(int(rng.integers(0, 4)), 0.5),
            "men": gap(int(rng.integers(0, 4)), 0.5),
            "answered": gap(bool(rng.integers(2)), 0.2),
        }
        for index in range(height)
    ]
    posts = [
        {
            "month": date(2018 + month // 12, month % 12 + 1, 1),
            "section": "jmac",
            "place": place,
            "filled": gap(int(rng.integers(0, 50)), 0.3),
            "planned": gap(50, 0.2),
        }
        for month in range(5, 20)
        for place in places[:3]
        if rng.random() < 0.8
    ]
    people = [
        {"place": place, "year_on": date(year, 1, 1), "people": int(rng.integers(1000, 9000))}
        for place in places[:3]
        for year in (2018, 2019)
    ]
    return {"incidents": incidents, "posts": posts, "people": people}


def every_rule(mini):
    mini.indicator("SUM", "{value: sum(deaths)}", more="disaggregate_by: [kind, sex]")
    mini.indicator(
        "COUNT", "{value: count(*), where: answered}", unit="incidents", more="cumulative: budget_year"
    )
    mini.indicator("DISTINCT", "{value: count(distinct incident_id)}", unit="incidents")
    mini.indicator(
        "RATIO",
        "{value: sum(deaths) filter (where answered) / sum(deaths) * 100}",
        unit="per cent",
        more="disaggregate_by: [kind]",
    )
    mini.indicator("MIXED", "{value: sum(women) * 2 + sum(men) - 1}", more="missing: skip_if_all")
    mini.indicator("NEVER", "{value: sum(women) + sum(men)}", more="missing: never_skip\nover_time: max")
    for how in ("sum", "mean", "last", "first", "max", "min", "median", "count"):
        mini.indicator(
            f"POSTS-{how}", "{value: sum(filled)}", source="posts", unit="posts", more=f"over_time: {how}"
        )
    mini.indicator(
        "VACANCY",
        "{numerator: sum(planned) - sum(filled), denominator: sum(planned)}",
        source="posts",
        unit="share",
        more="over_time: mean",
    )
    mini.indicator(
        "PLACES",
        "{value: sum(filled)}",
        source="posts",
        unit="posts",
        more="over_area: mean\nover_time: mean",
    )
    together = [
        "mean last",
        "mean sum",
        "median last",
        "median sum",
        "count first",
        "count max",
        "max sum",
        "min last",
    ]
    for over_area, over_time in (each.split() for each in together):
        more = f"over_area: {over_area}\nover_time: {over_time}\ncarry_over: {len(over_area) % 3}"
        id_ = f"PLACES-{over_area}-{over_time}"
        mini.indicator(id_, "{value: sum(filled)}", source="posts", unit="posts", more=more)
    for how in ("sum", "mean", "last", "first", "median"):
        more = f"over_time: {how}\ndisaggregate_by: [kind]"
        mini.indicator(f"KEYS-{how}", "{value: count(distinct deaths)}", unit="incidents", more=more)
        mini.indicator(f"MEDIAN-{how}", "{value: median(deaths)}", more=more)
        measure = "{value: 'percentile(filled, 0.9) filter (where planned is not null)'}"
        mini.indicator(f"P90-{how}", measure, source="posts", unit="posts", more=f"over_time: {how}")
        measure = "{numerator: sum(filled), denominator: count(distinct planned)}"
        mini.indicator(
            f"EACH-{how}",
            measure,
            source="posts",
            unit="each",
            more=f"over_time: {how}".replace("median", "mean"),
        )
    mini.indicator(
        "FULL",
        "{value: count(*) filter (where filled >= 25), where: planned is not null}",
        source="posts",
        unit="posts",
        more="over_time: last",
    )
    mini.indicator("WORST", "{value: sum(deaths)}", more="over_area: max\nover_time: sum")
    mini.indicator("MIDDLE", "{value: sum(deaths)}", more="over_time: median")
    mini.indicator("LAST", "{value: sum(deaths)}", more="over_time: last")
    mini.indicator(
        "SHARE",
        "{value: sum(filled) / sum(planned)}",
        source="posts",
        unit="share",
        more="over_time: last\ncarry_over: 2",
    )
    mini.indicator("PEOPLE", "{value: sum(people)}", source="people", more="over_time: mean")
    note = "note: {en: n, fr: n}"
    changed = f"[{{from: 2017-07-01, {note}}}, {{from: 2019-01-01, {note}, measure: {{value: sum(deaths) filter (where kind = 'clash')}}}}]"
    mini.indicator("CHANGED", "{value: sum(deaths)}", versions=changed)
    mini.indicator("YEAR", "{value: sum(women)}", more="cumulative: calendar_year")
    return mini


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("period", ["2018-12", "2018/19", "2018-11..2019-02"])
def test_sql_in_duckdb_gives_every_figure_of_random_data(mini, seed, period):
    rows = random_rows(seed, 60)
    everything = [
        ("incidents", office, month)
        for office in ("FO-A", "FO-B")
        for month in ("2018-07", "2018-12", "2019-01", "2019-02")
    ]
    everything += [
        (name, "jmac", str(month))
        for name in ("posts", "people")
        for month in Period.parse("2018-07..2019-06").months()
    ]
    received = everything[seed % 3 :: 1 + seed % 2]
    every_rule(mini)
    results = mini.results(period, rows, received=received)
    reports = pl.DataFrame(
        [(name, who, Period.parse(month).start) for name, who, month in received],
        schema=["dataset", "reporter", "month"],
        orient="row",
    )
    expected = second_engine(mini.load(), mini.facts(rows), reports, mini.areas(), [Period.parse(period)])
    assert_agrees(results, expected, mini.load())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("period", ["2018-12", "2018/19", "2018-11..2019-02"])
def test_sql_in_duckdb_gives_every_step_of_random_judgements(judged, seed, period):
    rng, steps = np.random.default_rng(seed), ["refused", "low", "moderate", "high", None]
    rows = [
        {"month": date(2018 + month // 12, month % 12 + 1, 1), "place": place, "indicator": "Q", "step": step}
        for month in range(5, 20)
        for place in ("C1", "C2", "C3", "R1", "ML")
        for step in rng.choice(steps, int(rng.integers(0, 3)))
    ]
    ways = itertools.product(("last", "first", "min", "max"), ("min", "max", "median"), (0, 2))
    for over_time, over_area, months in ways:
        more = f"scale: cooperation\nover_time: {over_time}\nover_area: {over_area}\ncarry_over: {months}"
        keys = {"source": "views", "unit": "step", "direction": "increase", "more": more}
        keys |= {"baseline": "{period: 2017/18, value: low}"}
        judged.indicator(f"Q-{over_time}-{over_area}-{months}", "{value: max(step)}", **keys)
    definitions, received = judged.load(), [("views", "jmac", "2018-12"), ("views", "jmac", "2019-01")]
    results = judged.results(period, {"views": rows}, received=received)
    reports = pl.DataFrame(
        [(name, who, Period.parse(month).start) for name, who, month in received],
        schema=["dataset", "reporter", "month"],
        orient="row",
    )
    expected = second_engine(
        definitions, judged.facts({"views": rows}), reports, judged.areas(), [Period.parse(period)]
    )
    assert results["distribution"].n_unique() > 1
    assert_agrees(results, expected, definitions)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("period", ["2018-12", "2019-Q1", "2018-11..2019-02"])
def test_sql_in_duckdb_gives_every_derived_figure_of_random_data(mini, seed, period):
    rows = random_rows(seed, 60)
    mini.indicator("SUM", "{value: sum(deaths)}", more="disaggregate_by: [kind]")
    mini.indicator("PEOPLE", "{value: sum(people)}", source="people", more="over_time: mean")
    mini.indicator("FILLED", "{value: sum(filled)}", source="posts", unit="posts", more="over_time: last")
    formulas = {
        "D1": ('(previous("SUM") - "SUM") / same_last_year("SUM") * 100', "per cent", "[kind]"),
        "D2": ('annualised("SUM") / "PEOPLE" * 100000', "per 100,000 persons and year", "[]"),
        "D3": ('"FILLED" - months_before("FILLED", 2) * 2', "posts", "[]"),
        "D4": ('"D3" / previous("D3") * 100', "per cent", "[]"),
    }
    for id_, (formula, unit, parts) in formulas.items():
        measure = f"{{value: '{formula}'}}"
        mini.indicator(id_, measure, source="", unit=unit, more=f"disaggregate_by: {parts}")
    definitions, own = mini.load(), Period.parse(period)
    everything = {own, own.previous(), own.previous().previous(), own.same_last_year()}
    everything |= {Period(one.first - 2, one.last - 2) for one in (own, own.previous())}
    results = mini.results(period, rows)
    months = [month.start for month in Period.parse("2016-07..2021-06").months()]
    received = [("incidents", office, month) for office in ("FO-A", "FO-B") for month in months]
    received += [(name, "jmac", month) for name in ("posts", "people") for month in months]
    reports = pl.DataFrame(received, schema=["dataset", "reporter", "month"], orient="row")
    expected = second_engine(definitions, mini.facts(rows), reports, mini.areas(), sorted(everything))
    assert_agrees(results, expected, definitions)
    assert_derived_agrees(results, expected, definitions, mini.areas())


def recomputed(gathered, period):
    """The results of a mission's data, and the same by SQL."""
    definitions = gathered.definitions
    with rows_in("polars", gathered, Period.parse(period)) as rows:
        facts = dict(rows)
    wanted = periods_for(Period.parse(period), Period.month(definitions.mission.reporting_from))
    results = compute_results(definitions, facts, gathered.reports, gathered.tree, wanted, gathered.supplies)
    areas = gathered.tables["areas"]
    return results, second_engine(definitions, facts, gathered.reports, areas, [one.period for one in wanted])


@pytest.mark.real_data
@pytest.mark.parametrize("period", ["2019-06", "2018/19"])
def test_sql_in_duckdb_gives_every_row_of_the_real_incidents(real_data, period):
    incidents = real_data / "ucdp_ged" / "ged_24_1_mali.csv"
    gathered = gather(SAMPLE, Progress(is_quiet=True), beside(), Source(incidents=incidents))
    results, expected = recomputed(gathered, period)
    definitions = gathered.definitions
    told = {
        (one.indicator.id, one.disaggregation)
        for indicator in definitions.indicators.values()
        if indicator.definition.source == "incidents"
        for one in slices_of(indicator, definitions)
        if is_told(one, gathered.supplies["incidents"], definitions)
    }
    of_incidents = [
        id_ for id_, one in definitions.indicators.items() if one.definition.source == "incidents"
    ]
    mine = results.filter(pl.col("indicator_id").is_in(of_incidents))
    is_told_row = pl.Series(
        [row in told for row in mine.select("indicator_id", "disaggregation").iter_rows()]
    )
    assert mine.filter(~is_told_row)["value"].null_count() == mine.filter(~is_told_row).height
    assert_agrees(mine.filter(is_told_row), expected, definitions)


@pytest.mark.real_data
@pytest.mark.parametrize("period", ["2019-06", "2018/19"])
def test_real_incidents_agree_with_a_count_by_hand(real_data, period):
    path = real_data / "ucdp_ged" / "ged_24_1_mali.csv"
    whole, span = pd.read_csv(path, parse_dates=["date_start"]), Period.parse(period)
    inside = whole["date_start"].between(pd.Timestamp(span.start), pd.Timestamp(span.end)) & (
        whole["date_prec"] < 5
    )
    events = whole[inside]
    gathered = gather(SAMPLE, Progress(is_quiet=True), beside(), Source(incidents=path))
    results, _ = recomputed(gathered, period)

    def ours(id_, area="ML"):
        wanted = (
            (pl.col("indicator_id") == id_)
            & (pl.col("area") == area)
            & (pl.col("disaggregation") == "total")
            & (pl.col("period") == period)
        )
        return results.filter(wanted).row(0, named=True)

    assert ours("POC-01")["value"] == events["deaths_civilians"].sum()
    assert ours("POC-01")["records"] == len(events)
    assert ours("POC-04")["value"] == (events["type_of_violence"] == 3).sum()
    in_mopti = events[(events["adm_1"] == "Mopti region") & (events["where_prec"] <= 3)]
    assert ours("POC-01", "ML05")["value"] == pytest.approx(in_mopti["deaths_civilians"].sum(), rel=0.1)
