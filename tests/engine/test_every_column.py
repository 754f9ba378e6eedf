"""Every numeric column of results.csv and comparisons.csv of the sample once more, from what docs/numbers.md says alone: SQL in DuckDB, days by dates, scipy's distributions."""

import re
from collections import defaultdict
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise

import duckdb
import polars as pl
import pytest
from scipy.stats import beta, chi2

from cpas.engine.comparisons import compute_comparisons
from cpas.engine.compute import compute_results
from cpas.engine.scope import periods_for
from cpas.jobs.aside import beside
from cpas.jobs.engines import rows_in
from cpas.jobs.gather import gather
from cpas.jobs.progress import Progress
from cpas.periods import Period
from tests.engine.test_second_engine import (
    OPERAND,
    SAMPLE,
    assert_agrees,
    days_there,
    second_engine,
    taken_from,
)

pytestmark = pytest.mark.usefixtures("checks_here")

TOTAL = "total"
MONTHS = {"mean_3": (3, 2), "mean_12": (12, 8)}
OF_RESULTS = (
    *("numerator", "denominator", "value", "places_silent"),
    *("reports_received", "reports_expected", "records"),
)
OF_STANDING = {"baseline", "target", "progress", "interval_low", "interval_high", "bound_low", "bound_high"}
OF_COMPARISONS = {
    *("value", "compared_value", "change", "change_per_cent", "known", "compared_known", "not_placed"),
    *("value_by_earlier", "compared_by_earlier", "value_by_later", "compared_by_later"),
    *("value_bridged", "compared_bridged", "change_bridged"),
}
# what silent reporters may have had: the least and the most of their own months of the twelve before
BOUNDS = """
WITH depth AS (SELECT month, leaf AS area, COUNT(*) AS depth FROM told GROUP BY ALL),
 nearest AS (SELECT t.month, t.leaf, ARG_MAX(o.reporter, d.depth) AS reporter
             FROM told t JOIN offices o USING (area) JOIN depth d USING (month, area) GROUP BY ALL),
 sums AS (SELECT {reporter} AS reporter, s.month, c.area, SUM(n) AS had
          FROM spoken s JOIN closure c USING (month, leaf) LEFT JOIN nearest USING (month, leaf)
          WHERE silent = 0 AND n IS NOT NULL GROUP BY ALL),
 past AS (SELECT reporter, month, area, {had} AS had FROM heard LEFT JOIN sums USING (reporter, month, area) WHERE received),
 mute AS (SELECT s.period, h.reporter, h.month, h.area
          FROM heard h JOIN spans s ON h.month BETWEEN s.first AND s.last WHERE NOT received),
 each AS (SELECT m.period, m.area, CASE WHEN COUNT(had) >= 6 THEN MIN(had) END AS least,
                 CASE WHEN COUNT(had) >= 6 THEN MAX(had) END AS most
          FROM mute m LEFT JOIN past p ON p.reporter = m.reporter AND p.area = m.area
           AND p.month < m.month AND p.month >= m.month - INTERVAL 12 MONTH
          GROUP BY m.period, m.area, m.reporter, m.month),
 gaps AS (SELECT s.period, c.area, SUM(gap) AS gap FROM ({gaps}) g JOIN closure c USING (month, leaf)
          JOIN spans s ON g.month BETWEEN s.first AND s.last GROUP BY ALL)
SELECT period, area, CASE WHEN COUNT(*) = COUNT(least) THEN SUM(least) END, CASE WHEN COUNT(*) = COUNT(most) THEN SUM(most) END
FROM each LEFT JOIN gaps USING (period, area) WHERE COALESCE(gap, 0) = 0 GROUP BY ALL
"""
GAPS = """
SELECT DATE_TRUNC('month', {period}) AS month, {area} AS leaf,
       COUNT(*) FILTER (WHERE ({where}) AND ({argument}) IS NULL AND NOT ({is_none})) AS gap
FROM {table} JOIN (SELECT month AS since, version FROM versions) v
 ON v.since = DATE_TRUNC('month', {period}) AND v.version = {version} GROUP BY ALL
"""


class Oracle:
    """What the figures of a mission's data are by what is written, and nothing of how the engine makes them."""

    def __init__(self, gathered, facts, periods):
        self.definitions, self.facts, self.gathered = gathered.definitions, facts, gathered
        self.root = gathered.definitions.mission.root_area
        self.least_and_most = {}
        self.periods = periods
        self.found = self.run(self.definitions, also=self.bound)
        self.con = duckdb.connect()

    def run(self, definitions, **keys):
        reports, areas = self.gathered.reports, self.gathered.tables["areas"]
        return second_engine(definitions, self.facts, reports, areas, self.periods, **keys)

    def bound(self, con, indicator, part):
        """Bounds of sums over time and place, of the total, where it is known what each reporter had."""
        about, offices = indicator.definition, self.definitions.mission.field_offices
        measure, dataset = (
            indicator.versions[0].measure,
            self.definitions.datasets[indicator.definition.source].dataset,
        )
        is_sum = (about.over_time, about.over_area) == ("sum", "sum") and measure.denominator is None
        who = {name for (name,) in con.execute("SELECT DISTINCT reporter FROM heard").fetchall()}
        if (
            part != TOTAL
            or not is_sum
            or measure.numerator.whole
            or not (len(who) == 1 or who <= set(offices))
        ):
            return
        own = [(name, area) for name, office in offices.items() for area in office.areas]
        con.register("offices", pl.DataFrame(own, ["reporter", "area"], orient="row").to_arrow())
        gaps = " UNION ALL ".join(
            GAPS.format(
                period=dataset.period,
                area=dataset.area or f"'{self.root}'",
                where=term.where.sql if term.where else "TRUE",
                argument=term.argument.sql if term.argument else "0",
                is_none=" OR ".join(
                    f"COALESCE({column.status_column}, '') = 'not_applicable'"
                    for column in dataset.columns
                    if term.argument
                    and column.name in term.argument.columns
                    and "not_applicable" in column.may_be
                )
                or "FALSE",
                table=dataset.dataset,
                version=version.number,
            )
            for version in indicator.versions
            for term in version.measure.numerator.terms
        )
        reporter = f"'{min(who)}'" if len(who) == 1 else "nearest.reporter"
        had = "COALESCE(had, 0)" if dataset.kind == "events" else "had"
        for period, area, least, most in con.execute(
            BOUNDS.format(reporter=reporter, had=had, gaps=gaps)
        ).fetchall():
            self.least_and_most[indicator.id, period, area] = (least, most)


class Figures:
    """Figures of measured and derived indicators, from what the second engine found."""

    def __init__(self, definitions, found, areas=None):
        """`areas` tells on which days each was there; without it all were always there, as on the tree of one month."""
        self.definitions, self.found, self.con = definitions, found, duckdb.connect()
        self.row = cache(self.row)
        self.days = cache(
            lambda period, area: period.days if areas is None else days_there(areas, period, area)
        )

    def row(self, id_, period, area, part=TOTAL):
        """Numerator, denominator, value, silent places, reports received and expected, rows; None where there is no such area."""
        one = self.definitions.indicators[id_]
        if not one.is_derived:
            return self.found.get((id_, str(period), area, part))
        measure = one.version_at(Period(period.last, period.last)).measure
        operands = [
            *measure.numerator.operands,
            *(measure.denominator.operands if measure.denominator else ()),
        ]
        taken = {
            each: self.row(each.indicator, each.at(period), area, part) for each in dict.fromkeys(operands)
        }
        if None in taken.values():
            return None

        def number(match):
            at, factor = taken_from(period, match[1], match[3], self.days(period, area))
            value = self.row(match[2] or match[4], at, area, part)[2]
            return f"(CAST({'NULL' if value is None else repr(value)} AS DOUBLE) * {factor})"

        above = OPERAND.sub(number, measure.numerator.sql)
        below = OPERAND.sub(number, measure.denominator.sql) if measure.denominator else "NULL"
        above, below = self.con.execute(f"SELECT {above}, {below}").fetchone()
        is_open = above is None or (measure.denominator is not None and not below)
        value = None if is_open else above / (below if measure.denominator else 1) * measure.scale
        # operands that rest on the same reports, at the same time, count them once
        once = {}
        for each, figures in taken.items():
            about = self.definitions.indicators[each.indicator].definition
            at = (each.at(period).first, about.cumulative)
            once[(about.source, about.owner, at) if about.source else (each.indicator, at)] = figures[4:6]
        received, expected = (sum(reports) for reports in zip(*once.values(), strict=True))
        # of operands that count rows of one data set at the same time the one with most, all others added
        most = {}
        for each, figures in taken.items():
            about = self.definitions.indicators[each.indicator].definition
            key = (about.source or each.indicator, each.at(period).first, about.cumulative)
            most[key] = max(most.get(key, 0), figures[6])
        silent = sum(figures[3] for figures in taken.values())
        parts = (
            None if part is None else round(part, 6) for part in (above, below)
        )  # decimals with six places
        return *parts, value, silent, received, expected, sum(most.values())


@pytest.fixture(scope="module", params=["2019-06", "2018/19"])
def sample(request):
    """The results, the comparisons, and what they are to be, of a period of the sample."""
    gathered = gather(SAMPLE, Progress(is_quiet=True), beside())
    assert not gathered.errors
    period, definitions = Period.parse(request.param), gathered.definitions
    with rows_in("polars", gathered, period) as rows:
        facts = dict(rows)
    wanted = periods_for(period, Period.month(definitions.mission.reporting_from))

    def compute(some, periods, tree=None):
        return compute_results(
            some, facts, gathered.reports, tree or gathered.tree, periods, gathered.supplies
        )

    results = compute(definitions, wanted)
    comparisons = compute_comparisons(results, definitions, gathered.tree, period, compute)
    return period, results, comparisons, Oracle(gathered, facts, [one.period for one in wanted])


def numeric(frame):
    return {name for name, kind in frame.schema.items() if kind.is_numeric()}


def agrees(ours, theirs, where):
    assert (ours is None) == (theirs is None), (where, ours, theirs)
    assert ours is None or float(ours) == pytest.approx(float(theirs), rel=1e-9, abs=1e-9), where


def test_every_numeric_column_of_the_results_is_made_again(sample):
    _, results, _, _ = sample
    assert numeric(results) == {*OF_RESULTS, *OF_STANDING}
    assert all(results[name].drop_nulls().len() for name in numeric(results))


def test_sql_in_duckdb_gives_every_row_of_the_sample(sample):
    _, results, _, oracle = sample
    assert results.height > 20_000
    assert_agrees(results, oracle.found, oracle.definitions)


def test_derived_figures_are_made_again_from_those_of_sql(sample):
    _, results, _, oracle = sample
    figures = Figures(oracle.definitions, oracle.found, oracle.gathered.tables["areas"])
    derived = [id_ for id_, one in oracle.definitions.indicators.items() if one.is_derived]
    own = results.filter(pl.col("indicator_id").is_in(derived))
    assert own["value"].drop_nulls().len() > 100
    for row in own.iter_rows(named=True):
        keys = (row["indicator_id"], row["period"], row["area"], row["disaggregation"])
        made = figures.row(keys[0], Period.parse(keys[1]), *keys[2:])
        for name, expected in zip(OF_RESULTS, made, strict=True):
            agrees(row[name], expected, (*keys, name))


def days(first, last):
    return (last - first).days + 1


def months_behind(about, period, mission):
    """The first and last day behind a value: more than its own where it runs on."""
    first, year = period.start, period.start.year
    begins = {
        "none": first,
        "budget_year": date(year if first.month >= 7 else year - 1, 7, 1),
        "calendar_year": date(year, 1, 1),
        "mandate": mission.mandate_from,
    }
    return min(begins[about.cumulative], first), period.end


def target_of(targets, first, last, *, is_flow):
    """A target that adds up is shared by days, any other is that of the shortest period around, or of the last."""
    around = [one for one in targets if one.start <= first and last <= one.end]
    if around:
        one = min(around, key=lambda each: days(each.start, each.end))
        return float(targets[one]) * (days(first, last) / days(one.start, one.end) if is_flow else 1)
    parts = [(one, max(one.start, first), min(one.end, last)) for one in sorted(targets)]
    parts = [(one, begin, end) for one, begin, end in parts if begin <= end]
    if sum(days(begin, end) for _, begin, end in parts) != days(first, last):
        return None
    if not is_flow:
        return float(targets[parts[-1][0]])
    return sum(float(targets[one]) * days(begin, end) / days(one.start, one.end) for one, begin, end in parts)


def counted_as(indicator, dataset):
    """What the interval of an outcome or impact is that of: events, persons in them or by event, or a share of events."""
    about, measure = indicator.definition, indicator.definition.measure
    if (
        about.level not in ("outcome", "impact")
        or not dataset
        or dataset.kind != "events"
        or about.over_time != "sum"
    ):
        return None
    if measure.value == "count(*)":
        return "events"
    if (summed := re.fullmatch(r"sum\((\w+)\)(?: \+ sum\((\w+)\))?", measure.value or "")) and all(
        dataset.column(name).type == "count" for name in summed.groups() if name
    ):
        return "persons"
    if measure.numerator == "sum(deaths_civilians)" and measure.denominator == "count(*)":
        return "by_event"
    some = re.fullmatch(r"count\(\*\) filter \(where (\w+)\)", measure.numerator or "")
    return "share" if some and measure.denominator in ("count(*)", f"count({some[1]})") else None


def garwood(count, size=1.0, tail=0.025):
    """Garwood's interval of as many events as a count came in, by quantiles of chi square."""
    low = chi2.ppf(tail, 2 * count / size) / 2 * size if count else 0.0
    return low, chi2.ppf(1 - tail, 2 * count / size + 2) / 2 * size


def interval_of(oracle, indicator, period, key, scale):
    about = indicator.definition
    dataset = oracle.definitions.datasets[about.source].dataset if about.source else None
    kind, (above, below, *_) = counted_as(indicator, dataset), oracle.found.get(key, (None, None))
    if kind is None or above is None:
        return None, None
    above = float(above)
    if kind == "share":
        below = float(below)
        if not below:
            return None, None
        low = beta.ppf(0.025, above, below - above + 1) if above else 0.0
        high = beta.ppf(0.975, above + 1, below - above) if above < below else 1.0
        return low * scale, high * scale
    if kind == "events":
        return garwood(above)
    ends = [Period(month, month) for month in range(period.last - 23, period.last + 1)]
    past = [oracle.found.get((key[0], str(month), *key[2:]), (None,))[0] for month in ends]
    steps = [float(after - before) ** 2 for before, after in pairwise(past) if None not in (before, after)]
    known = [float(month) for month in past if month is not None]
    if len(steps) < 11 or not sum(known):
        return None, None
    if kind == "by_event" and not below:
        return None, None
    ends = garwood(above, max(1.0, sum(steps) / len(steps) / 2 / (sum(known) / len(known))))
    return tuple(end / float(below) if kind == "by_event" else end for end in ends)


def test_baselines_targets_progress_and_intervals_are_made_again(sample):
    _, results, _, oracle = sample
    definitions = oracle.definitions
    figures = Figures(definitions, oracle.found, oracle.gathered.tables["areas"])
    seen = defaultdict(int)
    for row in results.iter_rows(named=True):
        key = (row["indicator_id"], row["period"], row["area"], row["disaggregation"])
        indicator, period = definitions.indicators[key[0]], Period.parse(key[1])
        about, measure = indicator.definition, indicator.versions[0].measure
        if about.scale or about.milestone:  # told by steps and days, in test_steps.py and test_milestones.py
            continue
        assert about.target_kind is None, "write the rule of this kind from docs/numbers.md"
        goals = [
            one for one in about.goals if (one.area or oracle.root, one.disaggregation or TOTAL) == key[2:]
        ]
        expected = dict.fromkeys(("baseline", "target", "progress", "interval_low", "interval_high"))
        if goals:
            is_flow = about.over_time == "sum" and measure.denominator is None
            first, last = months_behind(about, period, definitions.mission)
            expected["target"] = target_of(goals[0].targets, first, last, is_flow=is_flow)
            if base := goals[0].baseline:
                share = days(first, last) / days(base.period.start, base.period.end) if is_flow else 1
                expected["baseline"] = float(base.value) * share
            value, start, end = (
                figures.row(*(key[0], period, *key[2:]))[2],
                expected["baseline"],
                expected["target"],
            )
            if None not in (value, start, end) and start != end:
                expected["progress"] = (value - start) / (end - start)
            low, high = interval_of(oracle, indicator, period, key, measure.scale)
            if (
                key[0] == "POC-02"
            ):  # the count's interval in the rate's unit: so much of the rate for each death
                deaths = ("POC-01", *key[1:])
                count, each = definitions.indicators["POC-01"], figures.row("POC-01", period, *key[2:])[2]
                low, high = (
                    None if one is None else one / each * value
                    for one in interval_of(oracle, count, period, deaths, 1)
                )
            if key[0] == "POC-03":  # the count's interval, moved by the deadliest incident
                deaths = ("POC-01", *key[1:])
                low, high = interval_of(oracle, definitions.indicators["POC-01"], period, deaths, 1)
                if low is not None:
                    largest = figures.row("POC-07", period, *key[2:])[2]
                    low, high = max(0, low - largest), high - largest
            expected |= {"interval_low": low, "interval_high": high}
        for name, figure in expected.items():
            seen[name] += figure is not None
            agrees(row[name], figure, (*key, name))
    assert min(seen.values()) > 100, seen


def test_bounds_are_made_again(sample):
    _, results, _, oracle = sample
    seen = 0
    for row in results.iter_rows(named=True):
        key = (row["indicator_id"], row["period"], row["area"])
        lacking = (
            oracle.least_and_most.get(key, (None, None)) if row["disaggregation"] == TOTAL else (None, None)
        )
        found = oracle.found.get((*key, row["disaggregation"]), (None,))[0] or 0
        scale = oracle.definitions.indicators[key[0]].versions[0].measure.scale
        for name, more in zip(("bound_low", "bound_high"), lacking, strict=True):
            seen += more is not None
            agrees(row[name], None if more is None else (found + more) * scale, (*key, name))
    assert seen > 100


def distance(value, target, sign, rule):
    """Where a figure stands by how far it is short of its target, of which a rising one has the sign 1."""
    short = (target - value) * sign
    if short <= 0:
        return "met"
    if target and short <= float(rule.on_track_within) * abs(target):
        return "on_track"
    return "off_track" if short > float(rule.off_track_beyond) * abs(target) else "at_risk"


def rating_by_the_table(row, sign, rule, least, *, may_grow, is_chance):
    """The first rule that holds, in the order of the table; `is_chance` tells of an interval that nobody knows."""
    value, target = row["value"], row["target"]
    high = None if row["places_silent"] else row["bound_high"]
    received, expected = row["reports_received"], row["reports_expected"]
    if target is None:
        return "not_rated"
    if value is None or (expected and received / expected < least):
        return "insufficient_data"
    rating = distance(value, target, sign, rule)
    if rating in ("met", "on_track"):
        if sign == 1 or not may_grow:
            return rating
        later = "off_track" if high is None else distance(high, target, sign, rule)
        return later if later in ("met", "on_track") else "insufficient_data"
    if is_chance or (
        row["interval_low"] is not None and row["interval_low"] <= target <= row["interval_high"]
    ):
        return "insufficient_data"
    reaches = may_grow and sign == 1 and high is not None and high >= target
    return "insufficient_data" if reaches else rating


def test_ratings_are_given_again(sample):
    _, results, _, oracle = sample
    definitions, seen = oracle.definitions, defaultdict(int)
    names = ["indicator_id", "period", "area", "disaggregation"]
    deaths = results.filter(indicator_id="POC-01").rows_by_key(names[1:], named=True, unique=True)
    for row in results.iter_rows(named=True):
        indicator = definitions.indicators[row["indicator_id"]]
        about, measure = indicator.definition, indicator.versions[0].measure
        if about.scale or about.milestone:
            continue
        adds_up = measure.denominator is None and (indicator.is_derived or about.over_area in ("sum", "max"))
        given, counted = row, indicator
        if row["indicator_id"] == "POC-02":  # rated as its count is: so much of the rate for each death
            count = deaths[tuple(row[name] for name in names[1:])]
            high, each = count["bound_high"], (row["value"] or 0) / (count["value"] or 1)
            adds_up, counted = True, definitions.indicators["POC-01"]
            given = row | {"bound_high": None if high is None else high * each}
            row = count  # noqa: PLW2901  # whose reports may be outstanding
        source = definitions.datasets.get(counted.definition.source)
        is_persons = counted_as(counted, source and source.dataset) in ("persons", "by_event")
        is_persons |= row["indicator_id"] == "POC-03"
        expected = rating_by_the_table(
            given,
            1 if about.direction == "increase" else -1,
            about.rating or definitions.mission.rating,
            float(definitions.mission.minimum_coverage),
            may_grow=adds_up and row["status"] == "partial",
            is_chance=is_persons and given["interval_low"] is None,
        )
        seen[expected] += 1
        assert given["rating"] == expected, given
    assert len(seen) == 6, seen


def pairs_of(period):
    """Each kind of comparison: the two periods, and those whose figures make either side."""
    to_date = period.year_to_date()
    yield "previous", period, period.previous()
    yield "same_last_year", period, period.same_last_year()
    yield "year_to_date", to_date, to_date.same_last_year()
    yield "annualised", to_date, to_date.same_last_year()
    for kind, (length, _) in MONTHS.items():
        now = Period(period.last - length + 1, period.last)
        yield kind, now, now.previous()


def side(figures, kind, id_, period, area):
    """The figure of one side and how many months are known behind a mean; None where there is no such row."""
    if kind not in MONTHS:
        row = figures.row(id_, period, area)
        if row is None or row[2] is None or kind != "annualised":
            return row and (row[2], None)
        year = period.budget_year()
        return row[2] * days(year.start, year.end) / figures.days(period, area), None
    rows = [row for month in period.months() if (row := figures.row(id_, month, area))]
    known = [row for row in rows if row[2] is not None]
    if not rows or len(known) < MONTHS[kind][1]:
        return (None, len(known)) if rows else None
    below = [float(row[1]) for row in known if row[1] is not None]
    scale = figures.definitions.indicators[id_].versions[0].measure.scale
    return sum(float(row[0]) for row in known) / (sum(below) if below else len(known)) * scale, len(known)


def places_of(areas, month):
    """The lowest areas that each area consisted of on the first day of a month."""
    valid = areas.filter(
        (pl.col("valid_from").is_null() | (pl.col("valid_from") <= month.start))
        & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= month.start))
    )
    parents = dict(valid.select("area_code", "parent").iter_rows())
    found = defaultdict(set)
    for place in set(parents) - set(parents.values()):
        above = place
        while above:
            found[above].add(place)
            above = parents[above]
    return found


def test_areas_of_a_part_of_the_period_or_of_other_places_are_marked_again(sample):
    _, results, _, oracle = sample
    areas, mission = oracle.gathered.tables["areas"], oracle.definitions.mission
    tree = cache(lambda month: places_of(areas, Period(month, month)))

    @cache
    def mark(first, last, area):
        months = range(Period.month(first).first, Period.month(last).first + 1)
        ways = {frozenset(tree(month).get(area, ())) for month in months}
        if area == oracle.root or len(ways) == 1:
            return None
        return "part" if frozenset() in ways else "changed"

    seen = defaultdict(int)
    for row in results.iter_rows(named=True):
        about = oracle.definitions.indicators[row["indicator_id"]].definition
        span = months_behind(about, Period.parse(row["period"]), mission)
        expected = mark(*span, row["area"])
        seen[expected] += 1
        assert row["boundary"] == expected, row
    assert min(seen["part"], seen["changed"]) > 20, seen


def is_compared(kind, one):
    is_running = one.definition.cumulative != "none"
    if kind == "annualised":
        is_sum = one.definition.over_time == "sum" and one.versions[0].measure.denominator is None
        return is_sum and not is_running and not one.is_derived
    return kind not in MONTHS or (not is_running and one.definition.scale is None)


def by_one_version(oracle, kind, one, periods):
    """Figures of two periods by the version of the earlier one and by that of the later, where they differ."""
    first, last = min(period.first for period in periods), max(period.last for period in periods)
    ends = [one.version_at(Period(month, month)) for month in (first, last)]
    if kind not in ("previous", "same_last_year", "year_to_date") or one.is_derived or ends[0] == ends[1]:
        return None
    found = {}
    for name, version in zip(("earlier", "later"), ends, strict=True):
        pinned = replace(oracle.definitions, indicators={one.id: replace(one, versions=(version,))})
        own = oracle.run(pinned, parts=[TOTAL])
        found[name] = Figures(pinned, own, oracle.gathered.tables["areas"])
    return found


def not_placed(figures, definitions, id_, period, area):
    """Rows that name only Gao of the time when Ménaka lay in it; of a sum those that do not come to zero."""
    one = definitions.indicators[id_]
    if one.is_derived:
        return sum(
            not_placed(figures, definitions, each.indicator, each.at(period), area) for each in one.operands
        )
    row, measure = figures.row(id_, period, "ML07*"), one.versions[0].measure
    is_sum = measure.denominator is None and not measure.numerator.whole and one.definition.over_area == "sum"
    return 0 if row is None or (is_sum and row[0] == 0) else row[6]


def plain(one, value, before):
    """A comparison's figures as they are, of both sides as `side` gives them."""
    found = {"value": value[0], "compared_value": before[0], "known": value[1], "compared_known": before[1]}
    if None not in (value[0], before[0]):
        found["change"] = value[0] - before[0]
        if before[0] > 0 and value[0] >= 0 and one.definition.unit not in ("per cent", "step"):
            found["change_per_cent"] = found["change"] / before[0] * 100
    return found


def both_ways(pinned, kind, pair, id_, area):
    if pinned is None:
        return {}
    made = {
        f"{column}_by_{name}": side(by, kind, id_, at, area)
        for name, by in pinned.items()
        for column, at in zip(("value", "compared"), pair, strict=True)
    }
    return {name: found and found[0] for name, found in made.items()}


def on_one_tree(bridged, kind, pair, id_, area):
    now, then = (side(bridged, kind, id_, at, area)[0] for at in pair)
    every = [each for at in pair for each in (at.months() if kind in MONTHS else [at])]
    return {
        "value_bridged": now,
        "compared_bridged": then,
        "change_bridged": None if None in (now, then) else now - then,
        "not_placed": sum(not_placed(bridged, bridged.definitions, id_, at, area) for at in every),
    }


def compared(oracle, period):
    """What comparisons.csv is to have: the figures of each indicator, kind and area above the lowest level."""
    definitions, areas = oracle.definitions, oracle.gathered.tables["areas"]
    bridge = oracle.run(definitions, parts=[TOTAL], boundaries_of=Period(period.last, period.last))
    figures, bridged = Figures(definitions, oracle.found, areas), Figures(definitions, bridge)
    above = areas.filter(pl.col("level") != "cercle")["area_code"].unique(maintain_order=True).to_list()
    trees = {month: places_of(areas, month) for month in Period(period.last - 36, period.last).months()}
    begins = Period.month(definitions.mission.reporting_from)
    for kind, now, then in pairs_of(period):
        months = {*now.months(), *then.months()} if then.last >= begins.first else ()
        broken = [
            area
            for area in above
            if area != oracle.root and len({frozenset(trees[month][area]) for month in months}) > 1
        ]
        for id_, one in definitions.indicators.items() if months else ():
            pinned = by_one_version(oracle, kind, one, (now, then))
            for area in above if is_compared(kind, one) else ():
                if value := side(figures, kind, id_, now, area):
                    before = side(figures, kind, id_, then, area) or (None, None)
                    found = plain(one, value, before) | both_ways(pinned, kind, (now, then), id_, area)
                    if area in broken:
                        found |= on_one_tree(bridged, kind, (now, then), id_, area)
                    yield (id_, kind, area), dict.fromkeys(OF_COMPARISONS) | found


def test_every_numeric_column_of_the_comparisons_is_made_again(sample):
    period, _, comparisons, oracle = sample
    assert numeric(comparisons) == OF_COMPARISONS
    expected = dict(compared(oracle, period))
    seen = defaultdict(int)
    for row in comparisons.iter_rows(named=True):
        key = (row["indicator_id"], row["kind"], row["area"])
        for name, figure in expected[key].items():
            seen[name] += figure is not None
            agrees(row[name], figure, (*key, name))
    assert len(expected) == comparisons.height
    assert min(seen.values()) > 20, seen
