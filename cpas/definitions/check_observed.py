"""The rules that keep a row of observations to the figures its indicator is computed from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from cpas.definitions.base import Text
from cpas.definitions.dataset import RowRule
from cpas.definitions.expressions.parse import parse_condition
from cpas.definitions.loaded import OBSERVED, CompiledRule, LoadedDataset, LoadedIndicator


def figure_rules(
    loaded: LoadedDataset, indicators: Mapping[str, LoadedIndicator]
) -> tuple[CompiledRule, ...]:
    """A rule for each figure and each set of figures that some indicators are computed from without it.

    A value that stands where numerator and denominator are asked for is computed with by nobody, and the
    indicator seems not to be reported.
    """
    dataset = loaded.dataset
    naming = [column.name for column in dataset.columns if column.to == OBSERVED]
    if not naming:
        return ()
    asked: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for id_, one in sorted(indicators.items()):
        if one.definition.source == dataset.dataset:
            asked[_figures(one, loaded)].append(id_)
    every = [column.name for column in dataset.columns if any(column.name in figures for figures in asked)]
    return tuple(
        _rule(loaded, (naming[0], unused), figures, ids)
        for figures, ids in asked.items()
        for unused in every
        if figures and unused not in figures
    )


def _figures(one: LoadedIndicator, loaded: LoadedDataset) -> tuple[str, ...]:
    """The columns of figures that an indicator is computed from, in any of its versions, in the data set's order."""
    terms = [
        term for version in one.versions for formula in version.measure.formulas for term in formula.terms
    ]
    used = {name for term in terms for part in (term.argument, term.where) if part for name in part.columns}
    return tuple(
        column.name for column in loaded.dataset.columns if column.is_numeric and column.name in used
    )


def _rule(
    loaded: LoadedDataset, named: tuple[str, str], figures: tuple[str, ...], ids: list[str]
) -> CompiledRule:
    naming, unused = named
    columns = [loaded.dataset.column(name) for name in figures]
    labels = {
        "en": " and ".join(f"“{column.label['en']}”" for column in columns),
        "fr": " et ".join(f"« {column.label['fr']} »" for column in columns),
    }
    known = ", ".join(f"'{id_}'" for id_ in ids)
    rule = RowRule(
        id=f"{unused}-with-{'-and-'.join(figures)}",
        that=f"{unused} is null or {naming} not in ({known})",
        message=Text(
            {
                "en": f"the indicator is computed from {labels['en']}, and this figure would never be used",
                "fr": f"l'indicateur se calcule d'après {labels['fr']}, et ce chiffre ne servirait jamais",
            }
        ),
        fix=Text(
            {
                "en": f"write {labels['en']}, and leave this cell empty",
                "fr": f"indiquez {labels['fr']}, et laissez cette cellule vide",
            }
        ),
    )
    where = loaded.column_places[unused]
    return CompiledRule(rule, parse_condition(rule.that, loaded.fields, where), where)
