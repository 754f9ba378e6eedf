"""The words of an annotated return, and what an issue says in the language of its sender."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from cpas.definitions.loaded import Definitions, LoadedDataset
from cpas.errors import Issue
from cpas.french import THIN, spaced
from cpas.intake.annotate_french import FRENCH

_WORDS: Mapping[str, tuple[str, str]] = {
    "heading": ("What was found in {file}", "Ce qui a été trouvé dans {file}"),
    "counts": ("Errors: {error}, warnings: {warning}, notes: {note}", "Erreurs : {error}, avertissements : {warning}, remarques : {note}"),
    "accepted": ("Rows accepted: {accepted} of {read}; returned to be corrected: {returned}.", "Lignes acceptées : {accepted} sur {read} ; renvoyées pour correction : {returned}."),
    "how": ("A click on the place leads to the cell. Correct the cells in this workbook and send it again with all rows, those accepted too: what is sent takes the place of what was accepted.", "Un clic sur l'endroit mène à la cellule. Corrigez les cellules dans ce classeur et renvoyez-le avec toutes ses lignes, même acceptées : l'envoi remplace ce qui était accepté."),
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
    "found": ("{severity}: {message}", "{severity} : {message}"),
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
    "known": ("{file}: the same file was accepted before and is in force; nothing was done", "{file} : le même fichier a déjà été accepté et fait foi ; rien n'a été fait"),
    "outcome": ("{file}: rows read {read}, accepted {accepted}, returned {returned}; errors {errors}, warnings {warnings}", "{file} : lignes lues {read}, acceptées {accepted}, renvoyées {returned} ; erreurs {errors}, avertissements {warnings}"),
    "replaces": ("takes the place of {dataset} of {reporter} {month}: {counts}", "remplace le rapport {dataset} de {reporter} {month} : {counts}"),
    "likely": ("{dataset}: likely duplicates {count}, likeness from 0 to 1", "{dataset} : doublons probables {count}, ressemblance de 0 à 1"),
    "decided": ("Pairs decided before: {same} the same, {different} different.", "Paires déjà tranchées : {same} identiques, {different} distinctes."),
    "nobody": ("nobody named", "personne de nommé"),
    "changes": ("rows added {added}, removed {removed}, cells changed {changed}", "lignes ajoutées {added}, supprimées {removed}, cellules modifiées {changed}"),
    "added": ("added", "ajoutée"),
    "removed": ("removed", "supprimée"),
    "changed": ("changed", "modifiée"),
    "blank": ("empty", "vide"),
    "cell": ("{column}: {old} > {new}", "{column} : {old} > {new}"),
    "more": ("... and {more} more", "... et {more} autres"),
    "returned": ("some rows were returned; see {folder}", "des lignes ont été renvoyées ; voir {folder}"),
    "received": ("received {at} UTC from {by}", "reçu le {at} UTC de {by}"),
    "hash": ("SHA-256 {sha256}", "SHA-256 {sha256}"),
    "total": ("control total {label}: {total}", "total de contrôle, {label} : {total}"),
    "quoted": ("“{text}”", "« {text} »"),
}  # fmt: skip


def _pattern(english: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in english.split("{}"))
    return re.compile("(.+?)".join(parts), re.DOTALL)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The sentence with more words of its own first: it is the more particular of two that fit."""
    ordered = sorted(FRENCH, key=lambda told: -len(told[0].replace("{}", "")))
    return tuple((_pattern(english), french) for english, french in ordered)


_NAME = re.compile(r"`([^`]+)`")
_SHARE = re.compile(r"(\d)\.(\d+)(?= %| pour \d+:)")
_GROUPED = re.compile(r"-?\d{1,3}(?:,\d{3})+")
_DECIMAL = re.compile(r"(-?\d+)\.(\d+)")
_MEASURED = re.compile(r"(?:la règle veut|une ressemblance de) .*")
_VALUE = re.compile(r"(?<=` est )(-?\d+)\.(\d+)")
_TABLES = {
    "sections": ("Sections", "Sections"),
    "field_offices": ("Field offices", "Bureaux de terrain"),
    "outputs": ("Outputs", "Produits"),
    "outcomes": ("Outcomes", "Réalisations escomptées"),
    "indicators": ("Indicators", "Indicateurs"),
}
"""What people call the tables that are no data sets, and that columns refer to."""

_MEANT = re.compile(r"(?<=; did you mean `)([^`]+)(?=`\?)")
_OFFERED = "write one of: "
_AND_MORE = re.compile(r" and \d+ more$")
_OF_A_CELL = re.compile(r"(`[^`]+`|the cover) (?:is|says) (`.*`): (.+)", re.DOTALL)
_AMONG_NAMES = (
    ("` is not reported", "` n'est pas communiqué"),
    ("` is not applicable", "` est sans objet"),
    ("` is withheld", "` est confidentiel"),
    ("` is yes", "` est oui"),
    ("` is no", "` est non"),
    ("` is empty", "` est vide"),
    ("` is ", "` est "),
    (" and `", " et `"),
    (" or `", " ou `"),
)


@dataclass(frozen=True)
class Speech:
    """How issues are told: in which language, with what French for the sentences of row rules, with which labels.

    `rules` are sentences by their English; `labels` what people call a column, by its name; `tables`
    what they call a data set or another table, and `codes` what drop-down lists show for a code.
    """

    language: str
    rules: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, language: str, datasets: Iterable[LoadedDataset], definitions: Definitions | None = None
    ) -> Speech:
        """The speech for files of some data sets, with the tables and codes of a mission where they are given."""
        datasets = tuple(datasets)
        rules: dict[str, str] = {}
        labels: dict[str, str] = {}
        for loaded in datasets:
            labels |= {column.name: column.label[language] for column in loaded.dataset.columns}
            for rule in loaded.dataset.rules:
                rules |= {text["en"]: text[language] for text in (rule.message, rule.fix)}
        if definitions is None:
            return cls(language, MappingProxyType(rules), MappingProxyType(labels))
        used = {column.codes for loaded in datasets for column in loaded.dataset.columns if column.codes}
        tables = {name: told[language == "fr"] for name, told in _TABLES.items()}
        tables |= {name: one.dataset.title[language] for name, one in definitions.datasets.items()}
        codes = _labels_of(definitions, sorted(used), language)
        return cls(language, *map(MappingProxyType, (rules, labels, tables, codes)))

    def word(self, key: str, **values: object) -> str:
        """A word of the return itself."""
        english, french = _WORDS[key]
        return spaced(french.format(**values)) if self.language == "fr" else english.format(**values)

    def count(self, number: int) -> str:
        """A count with its thousands set off."""
        return f"{number:,}".replace(",", THIN if self.language == "fr" else ",")

    def number(self, text: str) -> str:
        """A number with its decimals set off; any other text as it is."""
        return _DECIMAL.sub(r"\1,\2", text) if self.language == "fr" and _DECIMAL.fullmatch(text) else text

    def line(self, issue: Issue) -> str:
        """An issue as lines of plain text, its place first."""
        if self.language != "fr":
            return str(issue)
        named = self.word(issue.severity).lower()
        told = spaced(f"{issue.where} : {named} {issue.code} : ") + self.tell(issue.message)
        return f"{told}\n    {self.word('to_do', fix=self.tell(issue.fix))}"

    def tell(self, sentence: str) -> str:
        r"""A message or a fix; in English where nobody has translated it.

        >>> Speech("fr", labels={"women": "Femmes"}).tell("`women` is empty, and every row needs it")
        "«\xa0Femmes\xa0» est vide, et chaque ligne doit l'avoir"
        """
        sentence = self._offered(sentence)
        if self.language != "fr":
            return _NAME.sub(self._name, sentence)
        told = _NAME.sub(self._name, _VALUE.sub(r"\1,\2", self._french(sentence)))
        told = _MEASURED.sub(lambda found: _DECIMAL.sub(r"\1,\2", found[0]), told)
        return spaced(_SHARE.sub(r"\1,\2", told))

    def _name(self, found: re.Match[str]) -> str:
        label = self.labels.get(found[1]) or self.tables.get(found[1])
        return self.word("quoted", text=label) if label else found[0]

    def _offered(self, sentence: str) -> str:
        """A sentence with the labels of a drop-down list in place of the codes it offers."""
        if sentence.startswith(_OFFERED):
            more = found[0] if (found := _AND_MORE.search(sentence)) else ""
            listed = sentence.removeprefix(_OFFERED).removesuffix(more).split(", ")
            return _OFFERED + ", ".join(self.codes.get(code, code) for code in listed) + more
        return _MEANT.sub(lambda found: self.codes.get(found[1], found[1]), sentence)

    def table(self, name: str) -> str:
        """What people call a data set, in quotation marks; its name where nobody said."""
        return self.word("quoted", text=self.tables[name]) if name in self.tables else name

    def column(self, name: str) -> str:
        """What people call a column, or that which says which kind of nothing it is, in quotation marks."""
        label = self.labels.get(name) or self.labels.get(name.removesuffix("_status"))
        return self.word("quoted", text=label) if label else name

    def _french(self, sentence: str) -> str:
        if sentence in self.rules:
            return self.rules[sentence]
        head, colon, tail = sentence.partition(": ")
        if colon and tail in self.rules:
            return f"{_values(head)} : {self.rules[tail]}"
        if found := _OF_A_CELL.fullmatch(sentence):
            said = "la couverture dit" if found[1] == "the cover" else f"{found[1]} est"
            return f"{said} {found[2]} : {self._french(found[3])}"
        for pattern, french in _patterns():
            if found := pattern.fullmatch(sentence):
                return french.format(*(self._part(text) for text in found.groups()))
        return _values(sentence) if sentence.startswith("`") else sentence

    def _part(self, text: str) -> str:
        """What stands in a sentence for a place: a sentence or name of its own, or a number."""
        if _GROUPED.fullmatch(text):
            return text.replace(",", THIN)
        return self._french(text) if " " in text else text


def _labels_of(definitions: Definitions, lists: Iterable[str], language: str) -> dict[str, str]:
    """The label of every code of some lists; a code that two lists call differently has none."""
    told: dict[str, set[str]] = {}
    for name in lists:
        for code, one in definitions.codes[name].codes.items():
            told.setdefault(code, set()).add(one.label[language])
    return {code: labels.pop() for code, labels in told.items() if len(labels) == 1}


def _values(told: str) -> str:
    """What a message says of cells, such as "`a` is 3, `b` is empty"."""
    for english, french in _AMONG_NAMES:
        told = told.replace(english, french)
    return told
