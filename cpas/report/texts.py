"""The words around the figures: fixed texts by language, and a bound value or running text in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Formatter
from typing import cast

from cpas.errors import DefinitionError, Issue, Location, RenderError, suggest
from cpas.french import spaced
from cpas.periods import Period
from cpas.report.blocks import Bound, Cell, Column, Kind, Language, Marking, Number, Prose, Spark, exact
from cpas.report.numbers import format_date, format_period, in_table, in_text
from cpas.yamlio import read_yaml

Run = tuple[str, Bound | None]
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Texts:
    """Every fixed word of a report in one language, by flat key."""

    language: Language
    words: Mapping[str, str]
    file: str

    def __getitem__(self, key: str) -> str:
        """The words of a key.

        Raises:
            RenderError: The language file has no such key.
        """
        if key in self.words:
            return self.words[key]
        issue = Issue(
            "CPAS-R001",
            Location(self.file),
            f"the text `{key}` is missing{suggest(key, self.words)}",
            "write the text in every language file, under this key",
        )
        raise RenderError(f"The report needs a text that {self.file} does not have.", [issue])

    def say(self, key: str, **values: str) -> str:
        """The words of a key with their places filled."""
        return self[key].format_map(values)

    def choose(self, key: str, number: Number) -> str:
        """The form of a text that a number asks for: `key.one` or `key.other`; French counts zero as one."""
        size = abs(exact(number))
        one = size < 2 if self.language == "fr" else size == 1
        return self[f"{key}.one" if one else f"{key}.other"]

    def pair(self, name: str, value: str) -> str:
        """A name and what it is: `Target: 25`, `Cible : 25`."""
        return self.say("page.pair", name=name, value=value)

    def marking(self, marking: Marking) -> str:
        """A marking in the language of the report."""
        return self[f"marking.{marking.lower().replace(' ', '_')}"]


def load_texts(folder: Path, language: Language) -> Texts:
    """The texts of a language from `texts/<language>.yml` in the folder of reports.

    Raises:
        DefinitionError: The file cannot be read, or a value in it is not text.
    """
    name = f"texts/{language}.yml"
    read = read_yaml(folder / "texts" / f"{language}.yml", name)
    if not isinstance(read.data, dict):
        issue = Issue(
            "CPAS-R002", read.where(), "the file is no list of keys and texts", "write `key: text` lines"
        )
        raise DefinitionError(f"{name} cannot be used.", [issue])
    issues = [
        Issue("CPAS-R002", read.where(key), f"`{key}` is not text", "put the text in quotes")
        for key, words in read.data.items()
        if not isinstance(words, str)
    ]
    if issues:
        raise DefinitionError(f"{name} cannot be used.", issues)
    words = {key: spaced(text) for key, text in read.data.items()} if language == "fr" else read.data
    return Texts(language, words, name)


def bind(cell: Cell, column: Column) -> Bound | Spark:
    """A table's cell as a bound value; a plain one takes its column's kind and decimals."""
    if isinstance(cell, Bound | Spark):
        return cell
    return Bound(cell, cast("Kind", column.kind), decimals=column.decimals)


def in_cell(bound: Bound, texts: Texts, sign: bool = True) -> str:
    """A bound value as it stands in a table, a card or a chart; what is missing is a word, never a blank."""
    if bound.value is None:
        return texts[f"status.{bound.status}"]
    written = _plain(bound, texts)
    if written is None:
        written = in_table(cast("Number", bound.value), bound.kind, texts.language, bound.decimals, sign)
    return _qualified(bound, written, texts)


def in_prose(bound: Bound, texts: Texts, feminine: bool = False) -> str:
    """A bound value as it stands in running text."""
    if bound.value is None:
        return texts[f"status.{bound.status}"]
    written = _plain(bound, texts)
    if written is None:
        written = in_text(cast("Number", bound.value), bound.kind, texts.language, bound.decimals, feminine)
    return _qualified(bound, written, texts)


def prose_runs(prose: Prose, texts: Texts) -> tuple[Run, ...]:
    """Running text as pieces: words with None, and figures with the value they are bound to.

    Raises:
        RenderError: The template is not well formed or names a value that it was not given.
    """
    values = dict(prose.values)
    runs: list[Run] = []
    for words, name, form in parse_template(prose.template):
        if words:
            runs.append((words, None))
        if name is None:
            continue
        if name not in values:
            raise RenderError("A sentence lacks a value.", [unnamed(name, prose)])
        runs.append((in_prose(values[name], texts, feminine=form == "f"), values[name]))
    return tuple(runs)


def prose_text(prose: Prose, texts: Texts) -> str:
    """Running text as plain text."""
    return "".join(words for words, _ in prose_runs(prose, texts))


def readable(text: str) -> str:
    """The text with the sign for what cannot be shown in place of control characters and halves of characters."""
    return _UNREADABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def parse_template(template: str) -> list[tuple[str, str | None, str]]:
    """Pieces of a template: the words, and the name and form of the value after them.

    Raises:
        RenderError: A brace is left open.
    """
    try:
        return [(words, name, form or "") for words, name, form, _ in Formatter().parse(template)]
    except ValueError as error:
        issue = Issue(
            "CPAS-R003",
            Location("report"),
            f"the sentence `{template}` is not well formed: {error}",
            "write every value as `{name}`, and a brace itself twice",
        )
        raise RenderError("A sentence cannot be read.", [issue]) from error


def unnamed(name: str, prose: Prose, where: Location | None = None) -> Issue:
    """The issue that a template names a value that it was not given."""
    hint = suggest(name, (given for given, _ in prose.values))
    return Issue(
        "CPAS-R004",
        where or Location("report"),
        f"the sentence `{prose.template}` names the value `{name}`, which it was not given{hint}",
        "bind the value, or take its name out of the sentence",
    )


def _plain(bound: Bound, texts: Texts) -> str | None:
    """A value that is no number, in words; None for a number."""
    match bound.value:
        case Period():
            return format_period(bound.value, texts.language)
        case date():
            return format_date(bound.value, texts.language)
        case str():
            if bound.kind == "status":
                return texts[f"status.{bound.value}"]
            return spaced(bound.value) if texts.language == "fr" else bound.value
        case _:
            return None


def _qualified(bound: Bound, written: str, texts: Texts) -> str:
    return texts.say(f"qualifier.{bound.qualifier}", value=written) if bound.qualifier else written
