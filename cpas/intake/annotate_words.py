"""The words of an annotated return, and what an issue says in the language of its sender."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cpas.definitions.loaded import LoadedDataset
from cpas.intake.annotate_french import FRENCH

_WORDS: Mapping[str, tuple[str, str]] = {
    "heading": ("What was found in {file}", "Ce qui a été trouvé dans {file}"),
    "counts": ("{error} errors, {warning} warnings, {note} notes", "{error} erreurs, {warning} avertissements, {note} remarques"),
    "accepted": ("{accepted} of {read} rows were accepted; {returned} come back to be corrected.", "{accepted} lignes sur {read} ont été acceptées ; {returned} reviennent pour correction."),
    "how": ("A click on the place leads to the cell. Correct the cells in this workbook and send it again.", "Un clic sur l'endroit mène à la cellule. Corrigez les cellules dans ce classeur et renvoyez-le."),
    "copied": ("This is a copy of the values: the file as it was sent could not be marked itself.", "Ceci est une copie des valeurs : le fichier envoyé n'a pu être marqué lui-même."),
    "error": ("Error", "Erreur"),
    "warning": ("Warning", "Avertissement"),
    "note": ("Note", "Remarque"),
    "severity": ("Severity", "Gravité"),
    "place": ("Place", "Endroit"),
    "wrong": ("What is wrong", "Ce qui ne va pas"),
    "fix": ("What to do", "Que faire"),
    "code": ("Code", "Code"),
    "number": ("Count", "Nombre"),
    "whole_file": ("the whole file", "tout le fichier"),
    "to_do": ("To do: {fix}", "À faire : {fix}"),
    "receipt": ("Receipt", "Accusé de réception"),
    "file": ("File", "Fichier"),
    "sha256": ("SHA-256 of the file as received", "SHA-256 du fichier reçu"),
    "by": ("Submitted by", "Transmis par"),
    "at": ("Received at", "Reçu à"),
    "rows_read": ("Rows read", "Lignes lues"),
    "rows_accepted": ("Rows accepted", "Lignes acceptées"),
    "rows_returned": ("Rows returned", "Lignes renvoyées"),
    "totals": ("Control totals of the rows accepted", "Totaux de contrôle des lignes acceptées"),
    "quoted": ("“{text}”", "« {text} »"),
}  # fmt: skip


def _pattern(english: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in english.split("{}"))
    return re.compile("(.+?)".join(parts), re.DOTALL)


_PATTERNS = tuple((_pattern(english), french) for english, french in FRENCH)


@dataclass(frozen=True)
class Speech:
    """How issues are told: in which language, with what French for the sentences of row rules, with which labels.

    `rules` are sentences by their English; `labels` what people call a column, by its name.
    """

    language: str
    rules: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, language: str, datasets: Iterable[LoadedDataset]) -> Speech:
        """The speech for files of some data sets."""
        rules: dict[str, str] = {}
        labels: dict[str, str] = {}
        for loaded in datasets:
            labels |= {column.name: column.label[language] for column in loaded.dataset.columns}
            for rule in loaded.dataset.rules:
                rules |= {text["en"]: text[language] for text in (rule.message, rule.fix)}
        return cls(language, MappingProxyType(rules), MappingProxyType(labels))

    def word(self, key: str, **values: object) -> str:
        """A word of the return itself."""
        return _WORDS[key][1 if self.language == "fr" else 0].format(**values)

    def tell(self, sentence: str) -> str:
        """A message or a fix; in English where nobody has translated it.

        >>> Speech("fr", labels={"women": "Femmes"}).tell("`women` is empty, and every row needs it")
        "« Femmes » est vide, et chaque ligne doit l'avoir"
        """
        told = self._french(sentence) if self.language == "fr" else sentence
        return re.sub(r"`([^`]+)`", self._name, told)

    def _name(self, found: re.Match[str]) -> str:
        return self.word("quoted", text=self.labels[found[1]]) if found[1] in self.labels else found[0]

    def _french(self, sentence: str) -> str:
        if sentence in self.rules:
            return self.rules[sentence]
        head, colon, tail = sentence.partition(": ")
        if colon and tail in self.rules:
            return f"{_values(head)} : {self.rules[tail]}"
        for pattern, french in _PATTERNS:
            if found := pattern.fullmatch(sentence):
                return french.format(
                    *(self._french(text) if " " in text else text for text in found.groups())
                )
        return _values(sentence) if sentence.startswith("`") else sentence


def _values(told: str) -> str:
    """What a message says of cells, such as "`a` is 3, `b` is empty"."""
    for english, french in (("` is empty", "` est vide"), ("` is ", "` est "), (" and `", " et `")):
        told = told.replace(english, french)
    return told
