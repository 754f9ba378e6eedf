"""Runs Great Expectations suites on polars frames and gives plain values back; the only door to great_expectations.

GX has no polars engine, so this module registers one: an execution engine, a data source with one
kind of asset, the metrics behind the expectation types it supports, and two types of our own.
It leans on parts of GX that are not its public API (`ExecutionEngine`, `register_metric`, the
names of metrics); hence the pin to 1.24 and tests/checks/test_gx_conformity.py.

A suite becomes one collect. GX asks for metrics in rounds. In the first we give it polars
expressions, each tried on one empty row, so that a wrong column, type or pattern is the error of
its own expectation alone. In the second we collect all masks and aggregates of the suite together:
a mask has one boolean per row, as cpas.checks.conditions says. Counts, values and row numbers are
then read off the masks, at most `keep` rows of each.

What null, NaN, types and patterns mean is told in docs/checks.md. Importing takes seconds, so
callers import this module where they use it.
"""

from __future__ import annotations

import logging
import operator
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import polars as pl
import polars.selectors as cs

from cpas.checks.conditions import COMPARISONS, CONDITIONS, UNREAD, Mask, Table
from cpas.checks.once import derived_once
from cpas.checks.outcomes import INDEX, SuiteResult, columns_of, read_outcome, settled

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # GX imports modules that Python has deprecated
    warnings.simplefilter("ignore", FutureWarning)  # and pyspark where it is, which warns of a newer pandas
    import great_expectations as gx
    from great_expectations import core
    from great_expectations.compatibility.pydantic import validator
    from great_expectations.core.batch import BatchData, BatchMarkers, LegacyBatchDefinition
    from great_expectations.core.batch_spec import RuntimeDataBatchSpec
    from great_expectations.core.metric_function_types import MetricFunctionTypes, MetricPartialFunctionTypes
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )
    from great_expectations.datasource.fluent.batch_identifier_util import make_batch_identifier
    from great_expectations.datasource.fluent.batch_request import BatchRequest
    from great_expectations.datasource.fluent.interfaces import Batch, DataAsset, Datasource
    from great_expectations.exceptions.exceptions import GreatExpectationsError
    from great_expectations.execution_engine.execution_engine import ExecutionEngine
    from great_expectations.expectations.expectation import (
        ColumnMapExpectation,
        Expectation,
        MulticolumnMapExpectation,
    )
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.metrics.metric_provider import MetricProvider
    from great_expectations.expectations.registry import register_metric
    from great_expectations.expectations.row_conditions import deserialize_row_condition
    from great_expectations.validator.metric_configuration import MetricConfiguration
    from great_expectations.validator.validation_statistics import calc_validation_statistics

logging.captureWarnings(capture=False)  # GX turns this on, and everybody's warnings would vanish in a log


_Domain = Mapping[str, Any]


class _BatchData(BatchData):
    def __init__(self, execution_engine: ExecutionEngine[pl.Expr], table: Table) -> None:
        super().__init__(execution_engine=execution_engine)
        self.table = table


class PolarsExecutionEngine(ExecutionEngine[pl.Expr]):
    """Computes the metrics of GX expectations on one polars frame; GX looks them up by this class's name."""

    @property
    def table(self) -> Table:
        """The table being validated; an engine of ours holds one."""
        data: Any = self.batch_manager.active_batch_data
        table: Table = data.table
        return table

    def get_batch_data_and_markers(self, batch_spec: RuntimeDataBatchSpec) -> tuple[BatchData, BatchMarkers]:
        """Take the table out of the batch specification, which GX copies into its results."""
        data = _BatchData(self, batch_spec.batch_data)
        batch_spec.batch_data = "polars"
        return data, BatchMarkers({"ge_load_time": ""})

    def where(self, domain: _Domain) -> pl.Expr:
        """The row condition of a domain; true where there is none."""
        condition: Any = deserialize_row_condition(domain.get("row_condition"))
        return pl.lit(value=True) if condition is None else self.condition_to_filter_clause(condition)

    def partial(self, domain: _Domain, value: pl.Expr) -> tuple[pl.Expr, core.IDDict, dict[str, Any]]:
        """An expression, tried, and its domain as GX hands them on to the bundle."""
        self.table.trial(value, self.where(domain))
        return value, core.IDDict(row_condition=domain.get("row_condition")), {}

    def resolve_metric_bundle(self, metric_fn_bundle: Iterable[Any]) -> dict[Any, Any]:
        """All masks and all aggregates in one collect; those under one row condition share a plan."""
        groups: dict[tuple[Any, bool], list[Any]] = defaultdict(list)
        for item in metric_fn_bundle:
            is_mask = item.metric_configuration.metric_name.endswith(".condition")
            groups[item.compute_domain_kwargs.to_id(), is_mask].append(item)
        rows = self.table.frame.lazy().with_row_index(INDEX)
        plans = [
            rows.filter(self.where(items[0].compute_domain_kwargs)).select(
                *([INDEX] if is_mask else []), *(item.metric_fn.alias(str(i)) for i, item in enumerate(items))
            )
            for (_, is_mask), items in groups.items()
        ]
        resolved: dict[Any, Any] = {}
        for ((_, is_mask), items), frame in zip(groups.items(), pl.collect_all(plans), strict=True):
            for i, item in enumerate(items):
                found = frame[str(i)]
                key = item.metric_configuration.id
                resolved[key] = Mask(frame[INDEX], found) if is_mask else found.item()
        return resolved

    def _comparison_condition_to_filter_clause(self, condition: Any) -> pl.Expr:
        name, sign, value = condition.column.name, str(condition.operator), condition.parameter
        if sign in COMPARISONS:
            return COMPARISONS[sign](self.table.column(name), self.table.literal(name, value))
        return self.table.is_in(name, value) if sign == "IN" else ~self.table.is_in(name, value)

    def _nullity_condition_to_filter_clause(self, condition: Any) -> pl.Expr:
        column = self.table.column(condition.column.name)
        return column.is_null() if condition.is_null else column.is_not_null()

    def _and_condition_to_filter_clause(self, condition: Any) -> pl.Expr:
        return reduce(operator.and_, map(self.condition_to_filter_clause, condition.conditions))

    def _or_condition_to_filter_clause(self, condition: Any) -> pl.Expr:
        return reduce(operator.or_, map(self.condition_to_filter_clause, condition.conditions))


_Engine = PolarsExecutionEngine
_Provider = Callable[..., Any]  # GX calls all of them by keyword, with more than they need


def _values(execution_engine: _Engine, metric_domain_kwargs: _Domain, metrics: Any, **_: Any) -> Any:
    rows = metrics["mask"].rows(execution_engine.table, columns_of(metric_domain_kwargs))
    if "column_list" in metric_domain_kwargs:
        return rows.to_dicts()
    return rows.to_series().to_list() if "column" in metric_domain_kwargs else rows.rows()


def _index(execution_engine: _Engine, metrics: Any, **_: Any) -> list[int]:
    index: list[int] = metrics["mask"].first(execution_engine.table.keep).to_list()
    return index


_OFF_THE_MASK: Mapping[str, _Provider] = {
    ".unexpected_count": lambda metrics, **_: metrics["mask"].failed,
    ".filtered_row_count": lambda metrics, **_: metrics["mask"].evaluated,
    ".unexpected_index_list": _index,
    ".unexpected_index_query": lambda **_: None,
    ".unexpected_values": _values,
}


class _PolarsMetric(MetricProvider):
    """Any metric of ours; counts, row numbers and values depend on the mask of the same name."""

    @classmethod
    def _get_evaluation_dependencies(cls, metric: MetricConfiguration, *args: Any, **kwargs: Any) -> Any:
        for suffix in _OFF_THE_MASK:
            if metric.metric_name.endswith(suffix):
                values = {k: v for k, v in metric.metric_value_kwargs.items() if k != "result_format"}
                name = metric.metric_name.removesuffix(suffix) + ".condition"
                return {"mask": MetricConfiguration(name, metric.metric_domain_kwargs, values)}
        return super()._get_evaluation_dependencies(metric, *args, **kwargs)


def _mask_of(condition: Callable[..., pl.Expr]) -> _Provider:
    def provider(
        execution_engine: _Engine, metric_domain_kwargs: _Domain, metric_value_kwargs: _Domain, **_: Any
    ) -> Any:
        table, columns = execution_engine.table, columns_of(metric_domain_kwargs)
        fails = condition(table, *columns, **metric_value_kwargs)
        fails = table.evaluate(fails, columns, metric_domain_kwargs.get("ignore_row_if"))
        return execution_engine.partial(metric_domain_kwargs, fails)

    return provider


def _aggregate_of(function: Callable[[pl.Expr], pl.Expr]) -> _Provider:
    def provider(execution_engine: _Engine, metric_domain_kwargs: _Domain, **_: Any) -> Any:
        value = execution_engine.table.aggregate(metric_domain_kwargs["column"], function)
        return execution_engine.partial(metric_domain_kwargs, value)

    return provider


def _row_count(execution_engine: _Engine, metric_domain_kwargs: _Domain, **_: Any) -> Any:
    return execution_engine.partial(metric_domain_kwargs, pl.len())


def _column_names(execution_engine: _Engine, **_: Any) -> list[str]:
    return [name for name in execution_engine.table.frame.columns if not name.startswith(UNREAD)]


_Keys = tuple[str, ...]
_TABLE = ("batch_id", "table", "row_condition", "condition_parser")
_DOMAINS: Mapping[str, _Keys] = {
    "column": (*_TABLE, "column"),
    "pair": (*_TABLE, "column_A", "column_B", "ignore_row_if"),
    "several": (*_TABLE, "column_list", "ignore_row_if"),
}
_AGGREGATES = {"max": pl.Expr.max, "mean": pl.Expr.mean, "min": pl.Expr.min, "sum": pl.Expr.sum}
_OF_THE_WHOLE: frozenset[str] = frozenset(
    {
        "expect_column_to_exist",
        "expect_table_columns_to_match_set",
        "expect_table_row_count_to_be_between",
        *(f"expect_column_{name}_to_be_between" for name in _AGGREGATES),
    }
)


def _register(name: str, domain: _Keys, values: _Keys, provider: _Provider) -> None:
    """A metric that is resolved at once."""
    kind = MetricFunctionTypes.VALUE
    register_metric(name, domain, values, PolarsExecutionEngine, _PolarsMetric, provider, kind)


def _register_bundled(name: str, domain: _Keys, values: _Keys, provider: _Provider) -> None:
    """A metric that waits for the bundle, and under `.aggregate_fn` the expression that computes it."""
    kind, partial = MetricPartialFunctionTypes.AGGREGATE_FN, f"{name}.aggregate_fn"
    register_metric(partial, domain, values, PolarsExecutionEngine, _PolarsMetric, provider, kind)
    register_metric(name, domain, values, PolarsExecutionEngine, _PolarsMetric, None, kind)


def _register_all() -> None:
    for name, (kind, values, condition) in CONDITIONS.items():
        _register_bundled(f"{name}.condition", _DOMAINS[kind], values, _mask_of(condition))
        for suffix, provider in _OFF_THE_MASK.items():
            asked = values if suffix == ".unexpected_count" else (*values, "result_format")
            _register(name + suffix, _DOMAINS[kind], asked, provider)
    for name, function in _AGGREGATES.items():
        _register_bundled(f"column.{name}", _DOMAINS["column"], (), _aggregate_of(function))
    _register_bundled("table.row_count", _TABLE, (), _row_count)
    _register("table.columns", _TABLE, (), _column_names)


_register_all()


class PolarsAsset(DataAsset[Any, Any]):
    """Tables handed over in memory."""

    type: Literal["table"] = "table"

    def test_connection(self) -> None:
        """Nothing to connect to."""

    def build_batch_request(self, options: Any = None, *_: Any, **__: Any) -> BatchRequest[Any]:
        """The request for a table: the table itself, under a key that GX leaves out of its ids."""
        return BatchRequest(datasource_name=self.datasource.name, data_asset_name=self.name, options=options)

    def get_batch_identifiers_list(self, batch_request: BatchRequest[Any]) -> list[Any]:
        """One request is one batch."""
        return [make_batch_identifier(batch_request.options)]

    def get_batch(self, batch_request: BatchRequest[Any]) -> Batch:
        """The batch of a request."""
        spec = RuntimeDataBatchSpec(batch_data=batch_request.options["dataframe"])
        data, markers = self.datasource.get_execution_engine().get_batch_data_and_markers(spec)
        identifiers = make_batch_identifier(batch_request.options)
        definition = LegacyBatchDefinition(self.datasource.name, "polars", self.name, identifiers)
        return Batch(self.datasource, self, batch_request, data, markers, spec, definition)


class PolarsDatasource(Datasource[PolarsAsset, PolarsExecutionEngine]):
    """Where tables in memory come from; GX offers it as `context.data_sources.add_polars`."""

    asset_types: ClassVar[Sequence[type[DataAsset[Any, Any]]]] = [PolarsAsset]
    execution_engine_override: ClassVar[type[PolarsExecutionEngine]] = PolarsExecutionEngine
    type: Literal["polars"] = "polars"
    assets: list[PolarsAsset] = []  # noqa: RUF012 - a field of a GX model, which copies its default

    def test_connection(self, test_assets: bool = True) -> None:
        """Nothing to connect to."""


class ExpectColumnValuesToExistInReference(ColumnMapExpectation):
    """Expect the values of a column to be keys of a reference table. Null passes."""

    reference: str
    map_metric: ClassVar[str] = "column_values.in_reference"
    success_keys: ClassVar[tuple[str, ...]] = ("reference", "mostly")


class ExpectRowRuleToHold(MulticolumnMapExpectation):
    """Expect an SQL condition over the columns of a row to hold. A condition that comes to null passes."""

    rule: str
    ignore_row_if: Literal["never"] = "never"
    map_metric: ClassVar[str] = "row_rule"
    success_keys: ClassVar[tuple[str, ...]] = ("rule", "mostly")

    @validator("column_list")
    def _validate_column_list(cls, columns: list[str]) -> list[str]:  # noqa: N805 - GX models take a class here
        return columns  # one will do, where GX asks for two


def run_suite(
    frame: pl.DataFrame,
    suite: Mapping[str, Any],
    *,
    references: Mapping[str, pl.Series] = MappingProxyType({}),
    row_rules: Callable[[str], pl.Expr],
    keep: int = 1000,
    is_published: bool = True,
) -> SuiteResult:
    """Run a suite on a frame; GX executes it.

    Args:
        frame: The rows; no column may be called `_index`. NaN counts as null. Where a Boolean column
            `_unread:x` is true, the cell of `x` could not be read and nothing is asked of it.
        suite: In GX's own form: `name` and `expectations`, each with `type`, `kwargs` and, where
            they differ from GX's defaults, `severity` and `meta`.
        references: The keys of each table that `expect_column_values_to_exist_in_reference` names.
        row_rules: Turns the SQL of `expect_row_rule_to_hold` into an expression, true where the rule holds.
        keep: How many failing rows to return of each expectation; counts are exact all the same.
        is_published: Whether GX's own result is wanted beside the outcomes, which takes it about as long as the checks.

    Returns:
        An outcome for every expectation, and the same bytes of JSON whenever the inputs are the same.
    """
    results, runnable = dict[int, Any](), []
    for position, item in enumerate(suite["expectations"]):
        meta = {**item.get("meta", {}), "position": position}
        configuration = ExpectationConfiguration(
            item["type"], dict(item["kwargs"]), meta, severity=item.get("severity", "critical")
        )
        try:
            runnable.append(_expectation(configuration))
        except (GreatExpectationsError, ValueError) as error:
            info = {"raised_exception": True, "exception_message": str(error)}
            results[position] = core.ExpectationValidationResult(False, configuration, exception_info=info)
    table = Table(frame.with_columns(cs.float().fill_nan(None)), references, row_rules, keep)
    for result in _validate(table, core.ExpectationSuite(suite["name"], runnable)):
        results[result.expectation_config.meta["position"]] = result
    ordered = [results[position] for position in sorted(results)]
    for result in ordered:
        result.exception_info = settled(result.exception_info)
        del result.expectation_config.meta["position"]
    outcomes = (read_outcome(frame, position, result) for position, result in enumerate(ordered))
    return SuiteResult(tuple(outcomes), _as_json(suite["name"], ordered) if is_published else {})


def _expectation(configuration: ExpectationConfiguration) -> Expectation:
    """An expectation that GX can run on our engine.

    Raises:
        ValueError: Its type is not supported, or its arguments are not what the type takes.
        GreatExpectationsError: GX knows no such type.
    """
    given = configuration.kwargs
    if isinstance(given.get("row_condition"), str) or "condition_parser" in given:
        raise ValueError("`row_condition` must be an object; GX has deprecated conditions written as text")
    expectation = configuration.to_domain_obj()
    if configuration.type not in _OF_THE_WHOLE and getattr(expectation, "map_metric", None) not in CONDITIONS:
        raise ValueError(f"`{configuration.type}` is not supported")
    return expectation


def _validate(table: Table, suite: core.ExpectationSuite) -> list[Any]:
    """GX's results, in an order of its own. The context lives in memory, and shows and sends nothing."""
    settings = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    sources: Any = gx.get_context(mode="ephemeral", project_config=settings).data_sources
    asset = sources.add_polars("polars").add_table_asset("table")
    batch = asset.get_batch(asset.build_batch_request({"dataframe": table}))
    with derived_once((Expectation, "configuration"), (ExpectationConfiguration, "to_domain_obj")):
        results: list[Any] = batch.validate(suite, result_format={"result_format": "COMPLETE"}).results
    sources.delete("polars")  # GX keeps the last context, and with it the rows
    return results


def _as_json(name: str, results: list[Any]) -> dict[str, Any]:
    """GX's validation result, without what varies from run to run."""
    statistics = calc_validation_statistics(results)._asdict()
    success = statistics.pop("success")
    version = {"great_expectations_version": gx.__version__}
    whole: Any = core.ExpectationSuiteValidationResult(
        success, results, name, statistics=statistics, meta=version
    )
    return dict(whole.to_json_dict())
