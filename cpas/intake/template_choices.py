"""What a template offers for coded and reference columns: spelt so that intake reads it back, and grouped where two steps help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from cpas.definitions.dataset import Column
from cpas.definitions.loaded import ASSESSED, Definitions, LoadedDataset
from cpas.definitions.scale import STEPS, Step
from cpas.intake.cells import Vocabulary
from cpas.intake.template_words import Words, accepted, offered
from cpas.intake.words import Lookup, fold
from cpas.periods import Period

Labels = Mapping[str, Mapping[str, str]]
_SINCE, _UNTIL = ("valid_from", "opened_on"), "valid_to"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chooses, what it stands for, the group it is found under, and what it means."""

    text: str
    id: str
    group: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class ChoiceList:
    """The choices of one or more columns; `step` names the groups where one is chosen first.

    It is chosen in a column of its own, or where `after` names one, in that column of the data set.
    """

    name: str
    title: str
    choices: tuple[Choice, ...]
    step: str = ""
    after: str = ""

    @property
    def has_aid(self) -> bool:
        """Whether the group is chosen in a column of its own."""
        return bool(self.step) and not self.after

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups in order; choices of one group stand together."""
        return tuple(dict.fromkeys(choice.group for choice in self.choices)) if self.step else ()


def choice_list(
    column: Column, definitions: Definitions, references: Labels, groups: Labels, words: Words, language: str
) -> ChoiceList | None:
    """The choices of a column; None for a column that is free.

    Args:
        column: The declaration.
        definitions: They know the code lists.
        references: What to choose for each id, by what a `reference` column is `to`.
        groups: The group of each id, by the same; ids without one stand last, in a group of their own.
        words: The template's words.
        language: The template's language.
    """
    if column.type == "boolean":
        return ChoiceList(
            "list_yes_no", words["yes_no"], (Choice(words["yes"], "true"), Choice(words["no"], "false"))
        )
    if column.codes:
        codes = definitions.codes[column.codes]
        labels = {code: one.label[language] for code, one in codes.codes.items()}
        lookup = Vocabulary.of({column.codes: codes}, {}).codes[column.codes]
        choices = tuple(Choice(text, id_) for id_, text in spelt(labels, lookup).items())
        name, title, step = f"list_{column.codes}", codes.title[language], ""
    elif column.to:
        name, title = f"list_{column.to}", column.label[language]
        own = groups.get(column.to, {})
        choices = tuple(
            Choice(text, id_, own.get(id_, words["wider"] if own else ""))
            for id_, text in references[column.to].items()
        )
        ordered = list(dict.fromkeys(choice.group for choice in choices if choice.group != words["wider"]))
        choices = tuple(
            sorted(
                choices, key=lambda one: ordered.index(one.group) if one.group in ordered else len(ordered)
            )
        )
        step = "" if not own else words["region"] if column.to == "areas" else words["objective"]
    else:
        return None
    return ChoiceList(name, title, choices, step)


def step_list(
    column: Column, loaded: LoadedDataset, definitions: Definitions, references: Labels, language: str
) -> ChoiceList | None:
    """The steps of every indicator that the data set judges, under the indicator that a row names; None for another column.

    Words for nothing are among them, since a list admits nothing else.
    """
    naming = next((one for one in loaded.dataset.columns if one.to == ASSESSED), None)
    if column.codes != STEPS or naming is None:
        return None
    told = tuple((offered(kind, language), kind) for kind in column.may_be)
    choices = [
        Choice(*choice)
        for id_, title in references[ASSESSED].items()
        for choice in (
            *(
                (step.label[language], code, title, step.criterion[language])
                for code, step in _steps(id_, definitions)
            ),
            *((word, kind, title) for word, kind in told),
        )
    ]
    title = definitions.codes[STEPS].title[language]
    return ChoiceList(f"list_{STEPS}", title, tuple(choices), naming.label[language], naming.name)


def _steps(id_: str, definitions: Definitions) -> Iterable[tuple[str, Step]]:
    scale = definitions.scale_of(id_)
    return scale.steps.items() if scale else ()


def nothing_words(column: Column, language: str) -> tuple[Choice, ...]:
    """Every word for nothing that a column understands, the offered ones first."""
    spelling = {kind: accepted(kind, language) for kind in column.may_be}
    return (
        *(Choice(offered(kind, language), kind) for kind in column.may_be),
        *(Choice(word, kind) for kind, words in spelling.items() for word in words[1:]),
    )


def spelt(labels: Mapping[str, str], lookup: Lookup) -> dict[str, str]:
    """What to offer for each id: its label; with the id behind it in the whole list where one label would not do.

    >>> from cpas.intake.words import lookup_of
    >>> spelt({"ML07": "Gao", "ML0702": "Gao"}, lookup_of({"ML07": ["Gao"], "ML0702": ["Gao"]}))
    {'ML07': 'Gao (ML07)', 'ML0702': 'Gao (ML0702)'}
    """
    plain = all(lookup.get(fold(label)) == (id_,) for id_, label in labels.items())
    return {id_: label if plain else f"{label} ({id_})" for id_, label in labels.items()}


def reference_labels(
    loaded: LoadedDataset,
    definitions: Definitions,
    frames: Mapping[str, pl.DataFrame],
    vocabulary: Vocabulary,
    asked: tuple[Period, str],
) -> tuple[Labels, Labels]:
    """What to choose for each id a data set may refer to, and the group of each where there are groups.

    Outputs and indicators are grouped by objective, areas by the area that lowest areas lie in.
    Areas that did not exist in the period and bases that were still to open are not offered; a base that
    has closed is, since it stays in the return with zero.

    Args:
        loaded: The data set.
        definitions: They know sections, outputs and the like.
        frames: The rows of the reference tables.
        vocabulary: What spellings stand for.
        asked: The period and the language of the template.
    """
    period, language = asked
    references: dict[str, Mapping[str, str]] = {}
    groups: dict[str, Mapping[str, str]] = {}
    for target in dict.fromkeys(column.to for column in loaded.dataset.columns if column.to):
        titles = definitions.titles(target)
        if titles is None:
            key = definitions.datasets[target].dataset.key[0]
            rows = _valid(frames[target], period).sort(key)
            labels = _names(rows, key, language)
            if target == "areas":
                groups[target] = _parents(rows, labels)
        else:
            labels = {id_: title[language] for id_, title in titles.items()}
            if target == "indicators":
                labels = _observed(labels, loaded, definitions)
            if target in ("outputs", "indicators"):
                groups[target] = {id_: _objective(id_, target, definitions, language) for id_ in labels}
        references[target] = spelt(labels, vocabulary.references.get(target, {}))
    return references, groups


def _names(rows: pl.DataFrame, key: str, language: str) -> dict[str, str]:
    """The name of each row, in the language where the table has it; the key where the table has no names."""
    names = [name for name in (f"name_{language}", "name") if name in rows.columns]
    return dict(rows.select(key, pl.coalesce(*names, key).alias("_text")).iter_rows())


def _valid(rows: pl.DataFrame, period: Period) -> pl.DataFrame:
    for first in _SINCE:
        if first in rows.columns:
            rows = rows.filter(pl.col(first).fill_null(date.min) <= period.end)
    if _UNTIL in rows.columns:
        rows = rows.filter(pl.col(_UNTIL).fill_null(date.max) >= period.start)
    return rows


def _parents(areas: pl.DataFrame, labels: Mapping[str, str]) -> dict[str, str]:
    """The name of the area each lowest area lies in; an area with such areas in it is in its own group."""
    parent = dict(areas.select("area_code", "parent").iter_rows())
    inner = set(parent.values())
    groups = {code: above for code, above in parent.items() if code not in inner and above}
    return {code: labels[above] for code, above in groups.items()} | {
        above: labels[above] for above in groups.values()
    }


def _observed(labels: Mapping[str, str], loaded: LoadedDataset, definitions: Definitions) -> dict[str, str]:
    """The indicators that are measured on a data set; all where none is."""
    own = {
        id_ for id_, one in definitions.indicators.items() if one.definition.source == loaded.dataset.dataset
    }
    return {id_: label for id_, label in sorted(labels.items()) if id_ in own or not own}


def _objective(id_: str, target: str, definitions: Definitions, language: str) -> str:
    if target == "outputs":
        objective = definitions.objectives[definitions.outcomes[definitions.outputs[id_].outcome].objective]
    else:
        objective = definitions.objective_of(definitions.indicators[id_].definition)
    return f"{objective.id} {objective.title[language]}"
