"""The words of an annotated return, and what an issue says in the language of its sender."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cpas.definitions.loaded import LoadedDataset

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

# an English sentence of an issue, with {} for what differs, and the same in French
_FRENCH = (
    ("{} is empty, and every row needs it", "{} est vide, et chaque ligne doit l'avoir"),
    ("fill in the cell", "remplissez la cellule"),
    ("{} is {}, which is not one of its codes; did you mean {}?", "{} est {}, qui n'est pas un de ses codes ; vouliez-vous dire {} ?"),
    ("{} is {}, which is not one of its codes", "{} est {}, qui n'est pas un de ses codes"),
    ("write one of: {}", "écrivez l'un de : {}"),
    ("{} is {}, and {} has no such entry; did you mean {}?", "{} est {}, et {} n'a pas cette entrée ; vouliez-vous dire {} ?"),
    ("{} is {}, and {} has no such entry", "{} est {}, et {} n'a pas cette entrée"),
    ("write one that exists, or add it to {} first", "écrivez-en une qui existe, ou ajoutez-la d'abord à {}"),
    ("{} is {}; the rule wants {} to {}", "{} est {} ; la règle veut de {} à {}"),
    ("{} is {}; the rule wants at least {}", "{} est {} ; la règle veut au moins {}"),
    ("{} is {}; the rule wants at most {}", "{} est {} ; la règle veut au plus {}"),
    ("correct the cell, or change the rule", "corrigez la cellule, ou changez la règle"),
    ("{} has {} characters; the rule wants at most {}", "{} a {} caractères ; la règle en veut {} au plus"),
    ("shorten the text", "abrégez le texte"),
    ("{} is {}, which does not have the form {}", "{} est {}, qui n'a pas la forme {}"),
    ("correct the cell", "corrigez la cellule"),
    ("{}, as in {}; no two rows may have the same", "{}, comme dans {} ; deux lignes ne peuvent avoir le même"),
    ("{}, as in another row; no two rows may have the same", "{}, comme dans une autre ligne ; deux lignes ne peuvent avoir le même"),
    ("delete the row that is there twice, or correct it", "supprimez la ligne en double, ou corrigez-la"),
    ("{} is {}, and the report is for {}", "{} est {}, et le rapport porte sur {}"),
    ("correct the date, or send the row with the report of its own month", "corrigez la date, ou envoyez la ligne avec le rapport de son mois"),
    ("{} is {}; days from {} to {} are wanted", "{} est {} ; des jours du {} au {} sont attendus"),
    ("correct the date", "corrigez la date"),
    ("{} more rows break the rule {}", "{} autres lignes enfreignent la règle {}"),
    ("correct them as the ones above", "corrigez-les comme celles du dessus"),
    ("{} is {}: {}", "{} est {} : {}"),
    ("a count is a whole number", "un décompte est un nombre entier"),
    ("write the whole number, or leave the cell empty where nobody counted", "écrivez le nombre entier, ou laissez la cellule vide si personne n'a compté"),
    ("the number is too large", "le nombre est trop grand"),
    ("look whether two figures ran together", "voyez si deux chiffres se sont collés"),
    ("look whether two figures ran together, and at its unit", "voyez si deux chiffres se sont collés, et son unité"),
    ("it has more than {} decimals", "il a plus de {} décimales"),
    ("round it to {} decimals or fewer", "arrondissez-le à {} décimales au plus"),
    ("the comma may set off thousands or decimals", "la virgule peut séparer des milliers ou des décimales"),
    ("write {}, or {} if that is meant", "écrivez {}, ou {} si c'est cela"),
    ("a whole number is wanted", "un nombre entier est attendu"),
    ("a number is wanted", "un nombre est attendu"),
    ("a number in decimal form is wanted", "un nombre décimal est attendu"),
    ("write the number alone: no unit, no sign of approximation, no remark", "écrivez le nombre seul : ni unité, ni signe d'approximation, ni remarque"),
    ("yes or no is wanted", "oui ou non est attendu"),
    ("write yes or no, or leave the cell empty", "écrivez oui ou non, ou laissez la cellule vide"),
    ("the year is {}: a number or a time of day, which Excel shows as a date", "l'année est {} : un nombre ou une heure, qu'Excel montre comme une date"),
    ("write the date itself", "écrivez la date elle-même"),
    ("there is no month {}; the month seems to come first", "il n'y a pas de mois {} ; le mois semble venir en premier"),
    ("there is no day {}", "il n'y a pas de jour {}"),
    ("write a day that exists, like {}", "écrivez un jour qui existe, comme {}"),
    ("it is a number and not {}", "c'est un nombre et non {}"),
    ("format the cell as a date; Excel counts that day as {}", "donnez à la cellule le format date ; Excel compte ce jour comme {}"),
    ("the year has two digits only", "l'année n'a que deux chiffres"),
    ("write all four, like {}", "écrivez-en quatre, comme {}"),
    ("a date is wanted", "une date est attendue"),
    ("a month is wanted", "un mois est attendu"),
    ("a date", "une date"),
    ("a month", "un mois"),
    ("write it like {} or {}", "écrivez-le comme {} ou {}"),
    ("write it like {}", "écrivez-le comme {}"),
    ("write it, like {}", "écrivez-le, comme {}"),
    ("its day and month may be in either order: elsewhere in this file the month comes first", "son jour et son mois peuvent être dans l'un ou l'autre ordre : ailleurs dans ce fichier le mois vient en premier"),
    ("write the year first, like {}", "écrivez l'année d'abord, comme {}"),
    ("the column may not be not reported", "la colonne ne peut être « non communiqué »"),
    ("the column may not be not applicable", "la colonne ne peut être « sans objet »"),
    ("the column may not be withheld", "la colonne ne peut être « confidentiel »"),
    ("write the value, or leave the cell empty", "écrivez la valeur, ou laissez la cellule vide"),
    ("write the value", "écrivez la valeur"),
    ("it may mean {}", "cela peut vouloir dire {}"),
    ("write the code", "écrivez le code"),
    ("the formula has no value", "la formule n'a pas de valeur"),
    ("the formula gives an error", "la formule donne une erreur"),
    ("open the file in Excel and save it, or write the value in place of the formula", "ouvrez le fichier dans Excel et enregistrez-le, ou écrivez la valeur à la place de la formule"),
    ("correct the formula, or write the value", "corrigez la formule, ou écrivez la valeur"),
    ("from here on {} more cells of {} cannot be read", "à partir d'ici {} autres cellules de {} ne peuvent être lues"),
    ("from here on {} more of the same", "à partir d'ici {} autres semblables"),
    ("correct those above first; most often one cause is behind all", "corrigez d'abord celles du dessus ; le plus souvent la cause est la même"),
    ("the row begins with {}; it is a total and was not counted", "la ligne commence par {} ; c'est un total et elle n'a pas été comptée"),
    ("delete the row: totals are computed", "supprimez la ligne : les totaux sont calculés"),
    ("the cells {} are merged; only the first of them holds a value, the others are read as empty", "les cellules {} sont fusionnées ; seule la première a une valeur, les autres sont lues comme vides"),
    ("unmerge them and write the value in every cell it stands for", "défusionnez-les et écrivez la valeur dans chaque cellule"),
    ("no column is called {}; did you mean {}?", "aucune colonne ne s'appelle {} ; vouliez-vous dire {} ?"),
    ("no column is called {}; it was not read", "aucune colonne ne s'appelle {} ; elle n'a pas été lue"),
    ("correct the header", "corrigez l'en-tête"),
    ("delete the column, or add an alias to the data set's declaration", "supprimez la colonne, ou demandez qu'on la déclare"),
    ("the column has values and no header; it was not read", "la colonne a des valeurs et pas d'en-tête ; elle n'a pas été lue"),
    ("give it a header, or empty it", "donnez-lui un en-tête, ou videz-la"),
    ("the required column {} is missing", "la colonne obligatoire {} manque"),
    ("add a column with the header {} or its label", "ajoutez une colonne à l'en-tête {} ou à son libellé"),
    ("{} is named twice, in columns {} and {}; the first was read", "{} est nommée deux fois, colonnes {} et {} ; la première a été lue"),
    ("keep one of the two columns, or correct its header", "gardez l'une des deux colonnes, ou corrigez son en-tête"),
    ("the row is of {} and the report of {}; the row counts as it says", "la ligne est de {} et le rapport de {} ; la ligne compte comme elle le dit"),
    ("correct the row or the cover, or send the row with the report of its own reporter", "corrigez la ligne ou la couverture, ou envoyez la ligne avec le rapport de son émetteur"),
    ("the cover's reporter {} is not one of this data set's reporters", "l'émetteur {} de la couverture n'est pas de ceux de ce jeu de données"),
    ("the cover names no period", "la couverture n'indique pas de période"),
    ("the cover says {}: {}", "la couverture dit {} : {}"),
    ("the sheet was not read", "la feuille n'a pas été lue"),
    ("name it like its data set if it should be read", "donnez-lui le nom de son jeu de données si elle doit être lue"),
    ("the sheet is hidden; its rows were read", "la feuille est masquée ; ses lignes ont été lues"),
    ("the workbook was not made by {}, or is older; its drop-downs and checks may be others", "le classeur n'a pas été fait par {}, ou il est plus ancien ; ses listes et contrôles peuvent être autres"),
    ("use the template next time", "utilisez le modèle la prochaine fois"),
    ("the template is of the {} {}, and {} is wanted", "le modèle ({}) est de {}, et {} est attendu"),
    ("the template was made from definitions {}; they are {} now", "le modèle a été fait d'après les définitions {} ; elles sont maintenant {}"),
    ("fill in a new template: {}", "remplissez un nouveau modèle : {}"),
    ("the workbook contains macros; they were not run, and only values were read", "le classeur contient des macros ; elles n'ont pas été exécutées, seules les valeurs ont été lues"),
    ("save it as a workbook without macros (.xlsx)", "enregistrez-le comme classeur sans macros (.xlsx)"),
    ("the cell holds a formula ({}); the value stored with it was read", "la cellule contient une formule ({}) ; la valeur enregistrée avec elle a été lue"),
    ("paste the value in place of the formula", "collez la valeur à la place de la formule"),
    ("row {} is hidden and holds values; they were read", "la ligne {} est masquée et contient des valeurs ; elles ont été lues"),
    ("rows {} to {} are hidden and hold values; they were read", "les lignes {} à {} sont masquées et contiennent des valeurs ; elles ont été lues"),
    ("show the rows (or clear the filter), and delete them if they are not meant", "affichez les lignes (ou effacez le filtre), et supprimez-les si elles sont de trop"),
    ("the column is hidden and holds values; they were read", "la colonne est masquée et contient des valeurs ; elles ont été lues"),
    ("show the column, and empty it if it is not meant", "affichez la colonne, et videz-la si elle est de trop"),
    ("the cell has a comment; comments are not read", "la cellule a un commentaire ; les commentaires ne sont pas lus"),
    ("write what matters into a column of the table", "écrivez ce qui compte dans une colonne du tableau"),
    ("{} lost the template's validation in all of its rows; something was pasted over it", "{} a perdu la validation du modèle dans toutes ses lignes ; quelque chose a été collé par-dessus"),
    ("{} filled rows begin below row {}, where the template's table ends; they were read", "{} lignes remplies commencent sous la ligne {}, où finit le tableau du modèle ; elles ont été lues"),
    ("ask for a template with more rows; delete them if they are not meant", "demandez un modèle avec plus de lignes ; supprimez-les si elles sont de trop"),
    ("{} lost the template's validation; something was pasted over it", "{} a perdu la validation du modèle ; quelque chose a été collé par-dessus"),
    ("look at these values; paste values only (Paste special) next time", "vérifiez ces valeurs ; la prochaine fois, collez les valeurs seules (collage spécial)"),
    ("{} filled rows begin {} blank rows below the others; they were read", "{} lignes remplies commencent {} lignes vides sous les autres ; elles ont été lues"),
    ("move them up to the table, or delete them if they are not meant", "remontez-les au tableau, ou supprimez-les si elles sont de trop"),
    ("the reference tables as they were on {} are not known; those of today were used", "les tables de référence telles qu'elles étaient le {} ne sont pas connues ; celles d'aujourd'hui ont été prises"),
    ("compare areas, bases, population and budget lines with what was in use then before the figures are quoted", "avant de citer les chiffres, comparez zones, bases, population et lignes budgétaires avec ce qui valait alors"),
    ("{} may be the same as {} of {}, {}: one day, type and area, and a likeness of {}", "{} est peut-être la même chose que {} de {}, {} : un même jour, type et zone, et une ressemblance de {}"),
    ("{} more rows may be the same as others", "{} autres lignes sont peut-être la même chose que d'autres"),
    ("leave the row out if it was reported before; if both took part, give both rows one joint key; else nothing is to be done", "retirez la ligne si elle a déjà été rapportée ; si les deux y ont pris part, donnez aux deux lignes une même clé conjointe ; sinon il n'y a rien à faire"),
)  # fmt: skip


def _pattern(english: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in english.split("{}"))
    return re.compile("(.+?)".join(parts), re.DOTALL)


_PATTERNS = tuple((_pattern(english), french) for english, french in _FRENCH)


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
