"""A data set or an indicator that was read, made ready for use: names checked, expressions parsed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from cpas.definitions.check_scale import compile_steps, scale_faults
from cpas.definitions.check_targets import target_faults
from cpas.definitions.dataset import CodeList, Dataset
from cpas.definitions.expressions.parse import parse_condition, parse_derived, parse_formula, parse_quotient
from cpas.definitions.expressions.values import Aggregate, Condition, Field, Formula, fields_of
from cpas.definitions.indicator import Indicator, Measure
from cpas.definitions.loaded import (
    CompiledMeasure,
    CompiledRule,
    CompiledVersion,
    LoadedDataset,
    LoadedIndicator,
)
from cpas.definitions.scale import Scale
from cpas.definitions.units import exposure, is_unit, units_of
from cpas.errors import DefinitionError, Issue, Location, suggest
from cpas.yamlio import Trail, Yaml

_PERIOD_TYPES = ("date", "month")
_BREAKABLE = ("code", "reference")
MEASURE: Trail = ("measure",)
_OF_ONE = ("max", "min", "median", "count")
_TIME_OF_AREA = {"mean": ("sum", "mean", "last", "first"), "median": ("sum", "last", "first")}


def compile_dataset(
    dataset: Dataset,
    codes: Mapping[str, CodeList] | None,
    yaml: Yaml,
    scales: Mapping[str, Scale] = MappingProxyType({}),
) -> LoadedDataset:
    """A data set with its rules parsed; `codes` is None where the code lists could not be read.

    Raises:
        DefinitionError: A name in the declaration is not one of its columns, a code list does
            not exist, or a rule cannot be used.
    """
    issues = [*_dataset_names(dataset, yaml), *_column_faults(dataset, codes, yaml)]
    fields = fields_of(dataset, codes or {}, scales)
    rules = []
    for index, rule in enumerate(dataset.rules):
        where = yaml.where("rules", index, "that")
        try:
            rules.append(CompiledRule(rule, parse_condition(rule.that, fields, where), where))
        except DefinitionError as error:
            issues.extend(error.issues)
    if issues:
        raise DefinitionError(f"{yaml.file} cannot be used.", issues)
    places = {column.name: yaml.where("columns", index) for index, column in enumerate(dataset.columns)}
    return LoadedDataset(dataset, fields, tuple(rules), yaml.where("dataset"), places)


def _dataset_names(dataset: Dataset, yaml: Yaml) -> Iterator[Issue]:
    names = dataset.column_names
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Issue(
                "CPAS-I010", yaml.where("columns", index), f"column `{name}` is declared twice", "keep one"
            )
    named: list[tuple[Trail, str]] = [(("key", index), name) for index, name in enumerate(dataset.key)]
    named.extend((("unique", index), name) for index, name in enumerate(dataset.unique))
    singles = ("period", "area", "reported_by", "joint_key")
    named.extend(((single,), name) for single in singles if (name := getattr(dataset, single)))
    for id_, breakdown in dataset.breakdowns.items():
        named.append((("breakdowns", id_, "total"), breakdown.total))
        named.extend((("breakdowns", id_, "parts", part), column) for part, column in breakdown.parts.items())
    for trail, name in named:
        if name not in names:
            yield Issue(
                "CPAS-I011",
                yaml.where(*trail),
                f"`{name}` is not a column{suggest(name, names)}",
                "name a column",
            )
        elif trail == ("period",) and dataset.column(name).type not in _PERIOD_TYPES:
            yield Issue(
                "CPAS-I011",
                yaml.where(*trail),
                f"`{name}` is not a date or month",
                "name a date or month column",
            )


def _column_faults(dataset: Dataset, codes: Mapping[str, CodeList] | None, yaml: Yaml) -> Iterator[Issue]:
    for index, column in enumerate(dataset.columns):
        where = yaml.where("columns", index)
        if (column.type == "code") != (column.codes is not None):
            yield Issue(
                "CPAS-I012",
                where,
                f"`{column.name}`: `codes` belongs to type `code`",
                "write both or neither",
            )
        elif column.codes and codes is not None and column.codes not in codes:
            near = suggest(column.codes, codes)
            yield Issue(
                "CPAS-I012", where, f"there is no code list `{column.codes}`{near}", "use a list of codes.yml"
            )
        if (column.type == "reference") != (column.to is not None):
            yield Issue(
                "CPAS-I012",
                where,
                f"`{column.name}`: `to` belongs to type `reference`",
                "write both or neither",
            )


def compile_indicator(
    indicator: Indicator,
    datasets: Mapping[str, LoadedDataset],
    known: Mapping[str, Field],
    yaml: Yaml,
    scales: Mapping[str, Scale] = MappingProxyType({}),
) -> LoadedIndicator:
    """An indicator with every version's measure parsed; `known` says what formulas may know of all indicators, by id.

    Raises:
        DefinitionError: The data set or a name does not exist, or an expression cannot be used.
    """
    source = datasets.get(indicator.source) if indicator.source else None
    if indicator.source and source is None:
        near = suggest(indicator.source, datasets)
        issue = Issue(
            "CPAS-I020",
            yaml.where("source"),
            f"there is no data set `{indicator.source}`{near}",
            "name a data set",
        )
        raise DefinitionError(f"{yaml.file} cannot be used.", [issue])
    issues: list[Issue] = []
    versions = []
    measure, trail = indicator.measure, MEASURE
    for index, version in enumerate(indicator.versions):
        if version.measure is not None:
            measure, trail = version.measure, ("versions", index, "measure")
        try:
            own = scales.get(indicator.scale or "")
            compiled = _compile_measure(measure, source, (known, own), yaml, trail)
            versions.append(CompiledVersion(index + 1, version.first, compiled))
            issues.extend(_unit_faults(indicator, source, compiled, yaml, trail))
        except DefinitionError as error:
            issues.extend(error.issues)
    issues.extend(scale_faults(indicator, source, yaml))
    issues.extend(_rule_faults(indicator, source, versions, yaml))
    achieved = _achieved(indicator, measure, source, yaml, issues)
    issues.extend(_disaggregation_faults(indicator, source, yaml))
    issues.extend(_example_faults(indicator, source, yaml))
    if issues:
        raise DefinitionError(f"{yaml.file} cannot be used.", issues)
    is_flow = indicator.over_time == "sum" and all(_grows(version.measure, source) for version in versions)
    return LoadedIndicator(indicator, tuple(versions), yaml.where("id"), is_flow, achieved)


def _grows(measure: CompiledMeasure, source: LoadedDataset | None) -> bool:
    """Whether more rows have more of it: sums and counts of rows, and no ratio, percentile, greatest or least.

    Neither has a distinct count of coded values, as of places: a year has not twelve times those of a month.
    """
    coded = [column.name for column in source.dataset.columns if column.type in _BREAKABLE] if source else []
    return measure.denominator is None and all(
        term.function in ("sum", "count")
        or (
            term.function == "count_distinct" and term.argument is not None and term.argument.sql not in coded
        )
        for term in measure.numerator.terms
    )


def _achieved(
    indicator: Indicator, measure: Measure, source: LoadedDataset | None, yaml: Yaml, issues: list[Issue]
) -> Aggregate | None:
    """What reads the days on which a milestone was achieved, from the rows that the last version selects."""
    name = indicator.milestone.achieved_on if indicator.milestone else None
    if name is None or source is None:
        return None
    trail: Trail = ("milestone", "achieved_on")
    columns = [column.name for column in source.dataset.columns if column.type == "date"]
    if name not in columns:
        problem = f"`{name}` is no column of days{suggest(name, columns)}"
        issues.append(Issue("CPAS-I025", yaml.where(*trail), problem, "name a column of type `date`"))
        return None
    try:
        where = measure.where and parse_condition(measure.where, source.fields, yaml.where("measure"))
        days = parse_formula(f"count(distinct {name})", source.fields, where or None, yaml.where(*trail))
    except DefinitionError:  # the condition is told of with the measure
        return None
    return days.whole


def _compile_measure(
    measure: Measure,
    source: LoadedDataset | None,
    about: tuple[Mapping[str, Field], Scale | None],
    yaml: Yaml,
    trail: Trail,
) -> CompiledMeasure:
    known, judged_on = about
    if source is None:
        return _compile_derived(measure, known, yaml, trail)
    where: Condition | None = None
    if measure.where is not None:
        where = parse_condition(measure.where, source.fields, yaml.where(*trail, "where"))
    if judged_on is not None:
        return compile_steps(measure, source, judged_on, where, (yaml, trail))
    if measure.value is not None:
        above, below, scale = parse_quotient(measure.value, source.fields, where, yaml.where(*trail, "value"))
        return CompiledMeasure(above, below, scale * measure.scale)
    numerator, denominator = _parts(
        measure, yaml, trail, lambda text, at: parse_formula(text, source.fields, where, at)
    )
    return CompiledMeasure(numerator, denominator, measure.scale)


def _compile_derived(
    measure: Measure, known: Mapping[str, Field], yaml: Yaml, trail: Trail
) -> CompiledMeasure:
    if measure.where is not None:
        where = yaml.where(*trail, "where")
        issue = Issue(
            "CPAS-I021",
            where,
            "a derived indicator has no rows to select",
            "remove `where`, or name a `source`",
        )
        raise DefinitionError(f"{yaml.file} cannot be used.", [issue])
    if measure.value is not None:
        above, below, scale = parse_derived(measure.value, known, yaml.where(*trail, "value"))
        return CompiledMeasure(above, below, scale * measure.scale)
    numerator, denominator = _parts(measure, yaml, trail, lambda text, at: parse_derived(text, known, at)[0])
    return CompiledMeasure(numerator, denominator, measure.scale)


def _parts(
    measure: Measure, yaml: Yaml, trail: Trail, parse: Callable[[str, Location], Formula]
) -> list[Formula]:
    parsed: list[Formula] = []
    issues: list[Issue] = []
    for part in ("numerator", "denominator"):
        try:
            parsed.append(parse(getattr(measure, part), yaml.where(*trail, part)))
        except DefinitionError as error:
            issues.extend(error.issues)
    if issues:
        raise DefinitionError(f"{yaml.file} cannot be used.", issues)
    return parsed


def _unit_faults(
    indicator: Indicator, source: LoadedDataset | None, measure: CompiledMeasure, yaml: Yaml, trail: Trail
) -> Iterator[Issue]:
    """A unit that is not what the measure gives; what counts rows may be called by what the rows are."""
    above, below = measure.numerator.unit, measure.denominator.unit if measure.denominator else None
    if measure.denominator is None:
        allowed: tuple[str, ...] = (above,) if above and measure.scale == 1 else ()
        if above and source and source.dataset.kind == "levels" and indicator.over_time == "sum":
            allowed = (*allowed, exposure(above))
    else:
        allowed = units_of(above, below, measure.scale)
        if indicator.unit == "per cent" and measure.scale != 100:
            allowed = allowed or ("not per cent, which has the scale 100",)
    if below and any(operand.function == "annualised" for operand in measure.numerator.operands):
        allowed = (*allowed, *(f"{one} and year" for one in allowed))
    if allowed and not any(is_unit(indicator.unit, one) for one in allowed):
        problem = f"the measure gives {' or '.join(allowed)}, and the indicator's unit is {indicator.unit}"
        yield Issue("CPAS-I022", yaml.where(*trail), problem, "correct `unit`, or measure something else")


def _rule_faults(
    indicator: Indicator, source: LoadedDataset | None, versions: list[CompiledVersion], yaml: Yaml
) -> Iterator[Issue]:
    """Rules that do not go together, so that no figure is made in a way nobody meant."""
    where = yaml.where("over_area")
    if (
        source
        and source.dataset.kind == "events"
        and indicator.over_area not in ("sum", "max", *_extremes(versions))
    ):
        problem = f"`over_area: {indicator.over_area}` of events would leave out areas where nothing happened"
        yield Issue("CPAS-I025", where, problem, "use `sum` or `max`, or a measure with a denominator")
    if source and source.dataset.kind == "events" and indicator.carry_over:
        problem = "`carry_over` is for levels: an event that happened does not go on"
        yield Issue("CPAS-I025", yaml.where("carry_over"), problem, "remove `carry_over`")
    fitting = _TIME_OF_AREA.get(indicator.over_area, (indicator.over_time,))
    if indicator.over_time not in fitting and not indicator.scale:
        problem = f"a {indicator.over_area} over areas does not go with `over_time: {indicator.over_time}`"
        yield Issue("CPAS-I025", where, problem, f"use `over_time:` with one of: {', '.join(fitting)}")
    is_ratio = any(version.measure.is_ratio for version in versions)
    grows = all(_grows(version.measure, source) for version in versions)
    yield from target_faults(indicator, is_ratio=is_ratio, grows=grows, yaml=yaml)
    yield from _extreme_faults(indicator, source, versions, yaml)
    extremes = [rule for rule in (indicator.over_area, indicator.over_time) if rule in _OF_ONE]
    if source and is_ratio and extremes:
        problem = f"the {extremes[0]} of a ratio's parts is not the {extremes[0]} of the ratio"
        yield Issue("CPAS-I025", where, problem, "use `sum`, `mean` or `last`")
    if source is None and indicator.cumulative != "none":
        problem = "a derived indicator runs on where the indicators that it names do"
        yield Issue("CPAS-I025", yaml.where("cumulative"), problem, "write `cumulative` there")
    if indicator.cumulative == "mandate" and any(goals.targets for goals in indicator.goals):
        problem = "a figure that runs over the whole mandate has no target of one budget year"
        yield Issue(
            "CPAS-I025",
            yaml.where("targets"),
            problem,
            "remove the targets, or use `cumulative: budget_year`",
        )
    yield from _whole_faults(indicator, versions, yaml)
    forms = {(version.measure.denominator is None, version.measure.scale) for version in versions}
    if len(forms) > 1:
        problem = "one version is a ratio and another is not, or their scales differ"
        yield Issue("CPAS-I025", yaml.where("versions"), problem, "give the new measure an id of its own")


def _extremes(versions: list[CompiledVersion]) -> list[str]:
    """Which of the greatest and the least a measure takes."""
    terms = {term.function for version in versions for term in version.measure.numerator.terms}
    return sorted(terms & {"max", "min"})


def _extreme_faults(
    indicator: Indicator, source: LoadedDataset | None, versions: list[CompiledVersion], yaml: Yaml
) -> Iterator[Issue]:
    """The greatest or the least of events, which is none once those of months or of areas are added up."""
    if source is None or source.dataset.kind != "events":
        return
    for extreme in _extremes(versions):
        for rule in ("over_time", "over_area"):
            if getattr(indicator, rule) == "sum":
                problem = f"`{rule}: sum` would add up what is the {extreme} of each"
                yield Issue("CPAS-I025", yaml.where("measure"), problem, f"write `{rule}: {extreme}`")


def _whole_faults(indicator: Indicator, versions: list[CompiledVersion], yaml: Yaml) -> Iterator[Issue]:
    """Distinct counts and percentiles are made of all rows at once, and nothing can be made from them afterwards."""
    parts = [formula for version in versions for formula in version.measure.formulas]
    if any(one.whole and one.sql != one.whole.sql for one in parts):
        problem = "a distinct count or a percentile stands in an arithmetic"
        fix = "measure it alone, as `value`, `numerator` or `denominator`, and combine indicators in a derived one"
        yield Issue("CPAS-I025", yaml.where("measure"), problem, fix)
    kinds = {
        tuple(one.whole and one.whole.function for one in version.measure.formulas) for version in versions
    }
    if len(kinds) > 1:
        problem = "one version counts distinct values or takes a percentile, and another does not"
        yield Issue("CPAS-I025", yaml.where("versions"), problem, "give the new measure an id of its own")
    if any(one.whole for one in parts) and (indicator.over_area != "sum" or indicator.carry_over):
        problem = "distinct counts and percentiles are of all rows of an area, whatever places they lie in"
        yield Issue("CPAS-I025", yaml.where("measure"), problem, "remove `over_area` and `carry_over`")


def _disaggregation_faults(indicator: Indicator, source: LoadedDataset | None, yaml: Yaml) -> Iterator[Issue]:
    for index, name in enumerate(indicator.disaggregate_by):
        where = yaml.where("disaggregate_by", index)
        if source is None:
            continue
        dataset = source.dataset
        breakable = [column.name for column in dataset.columns if column.type in _BREAKABLE] + list(
            dataset.breakdowns
        )
        if name not in breakable:
            near = suggest(name, breakable)
            problem = f"`{name}` is neither a coded column nor a breakdown of `{dataset.dataset}`{near}"
            yield Issue("CPAS-I023", where, problem, f"use one of: {', '.join(sorted(breakable))}")


def _example_faults(indicator: Indicator, source: LoadedDataset | None, yaml: Yaml) -> Iterator[Issue]:
    for index, example in enumerate(indicator.examples):
        where = yaml.where("examples", index)
        if (example.rows is None) == (source is not None) or (example.values is None) == (source is None):
            wanted = "`rows` of its data set" if source else "`values` of the indicators it names"
            yield Issue(
                "CPAS-I024", where, f"the example has no {wanted}", f"give {wanted}, and nothing else"
            )
        for row in example.rows or ():
            for name in row:
                if source and name not in source.fields:
                    near = suggest(name, source.fields)
                    yield Issue(
                        "CPAS-I024", where, f"`{name}` is not a column{near}", "name columns of the data set"
                    )
