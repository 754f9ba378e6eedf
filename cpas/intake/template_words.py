"""The words of a template in the mission's working languages, and what it offers for the kinds of nothing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cpas.french import spaced
from cpas.intake.words import NOTHING_WORDS

Words = Mapping[str, str]

_WORDS: Mapping[str, tuple[str, str]] = {
    "cover": ("Report", "Rapport"),
    "heading": ("{title}: monthly report", "{title} : rapport mensuel"),
    "mission": ("Mission", "Mission"),
    "dataset": ("Data set", "Jeu de données"),
    "period": ("Period", "Période"),
    "reporter": ("Reporter", "Émetteur"),
    "sent_on": ("Sent on", "Envoyé le"),
    "due": ("Due by", "À envoyer au plus tard le"),
    "by": ("Filled in by", "Rempli par"),
    "version": ("Definition version", "Version de la définition"),
    "fingerprint": ("Template", "Modèle"),
    "UNCLASSIFIED": ("UNCLASSIFIED", "NON CLASSIFIÉ"),
    "CONFIDENTIAL": ("CONFIDENTIAL", "CONFIDENTIEL"),
    "STRICTLY CONFIDENTIAL": ("STRICTLY CONFIDENTIAL", "STRICTEMENT CONFIDENTIEL"),
    "how": ("How to fill it in", "Comment le remplir"),
    "step_1": (
        "1. Go to the sheet “{sheet}”: {grain}. Columns with a dark blue header and * are needed in every row.",
        "1. Allez à la feuille « {sheet} » : {grain}. Les colonnes à l'en-tête bleu foncé et * sont obligatoires.",
    ),
    "step_2": (
        "2. Choose from the lists. Where a column begins with ▸, choose there first: it shortens the list beside it.",
        "2. Choisissez dans les listes. Si une colonne commence par ▸, choisissez-y d'abord : elle raccourcit la liste d'à côté.",
    ),
    "step_3": (
        "3. Zero means that there was none. Leave a cell empty if nobody counted, or write {words}.",
        "3. Zéro signifie qu'il n'y en a pas eu. Laissez la cellule vide si personne n'a compté, ou écrivez {words}.",
    ),
    "step_4": (
        "4. Nothing to report? Send the workbook without rows: that is a report too.",
        "4. Rien à signaler ? Envoyez le classeur sans ligne : c'est aussi un rapport.",
    ),
    "step_5": (
        "5. Paste values only, and add no columns or formulas. Write the day of sending above, save and send.",
        "5. Collez les valeurs seules, n'ajoutez ni colonne ni formule. Inscrivez ci-dessus le jour d'envoi, enregistrez, envoyez.",
    ),
    "step_6": (
        "6. Sending it again? Send all rows, those accepted too: the new file takes the place of the earlier one.",
        "6. Vous le renvoyez ? Envoyez toutes les lignes, même acceptées : le nouveau fichier remplace le précédent.",
    ),
    "colours": ("What the colours mean", "Ce que disent les couleurs"),
    "colour_wrong": (
        "cannot be accepted: wrong kind of value, outside its limits or not in the list",
        "ne peut être accepté : valeur d'un autre type, hors limites ou absente de la liste",
    ),
    "colour_missing": ("must still be filled in", "reste à remplir"),
    "colour_margin": (
        "Column A of a row shows the same colours, also where a cell was pasted over.",
        "La colonne A de chaque ligne montre les mêmes couleurs, même si une cellule a été collée par-dessus.",
    ),
    "region": ("Region", "Région"),
    "objective": ("Objective", "Objectif"),
    "wider": ("Mission area and sectors", "Zone de la mission et secteurs"),
    "aid_hint": ("choose first", "choisissez d'abord"),
    "choose": ("choose from the list", "choisir dans la liste"),
    "choose_after": ("choose from the list (after {aid})", "choisir dans la liste (après {aid})"),
    "day_in": ("day, {first} to {last}", "jour, du {first} au {last}"),
    "day": ("day, like 30/06/2019", "jour, comme 30/06/2019"),
    "month_in": ("month, {month}", "mois, {month}"),
    "month": ("month, like 06/2019", "mois, comme 06/2019"),
    "count": ("whole number", "nombre entier"),
    "number": ("number", "nombre"),
    "text": ("text", "texte"),
    "text_of": ("text, at most {most} characters", "texte, {most} caractères au plus"),
    "unit": ("{hint} ({unit})", "{hint} ({unit})"),
    "between": ("{hint}, {least} to {most}", "{hint}, de {least} à {most}"),
    "at_least": ("{hint}, at least {least}", "{hint}, au moins {least}"),
    "at_most": ("{hint}, at most {most}", "{hint}, au plus {most}"),
    "or_nothing": ("{hint}, or {words}", "{hint}, ou {words}"),
    "required": ("required", "obligatoire"),
    "refused": ("This cannot be accepted", "Ne peut être accepté"),
    "wanted": ("Wanted: {hint}.", "Attendu : {hint}."),
    "more": ("… (see Instructions)", "… (voir Mode d'emploi)"),
    "yes": ("Yes", "Oui"),
    "no": ("No", "Non"),
    "yes_no": ("Yes or no", "Oui ou non"),
    "column": ("Column", "Colonne"),
    "what": ("What to write", "Quoi écrire"),
    "guidance": ("Guidance", "Consigne"),
    "needed": ("Required", "Obligatoire"),
    "choice": ("Choice", "Choix"),
    "code": ("Code", "Code"),
    "meaning": ("Meaning", "Sens"),
    "nothing": ("Where there is no figure", "S'il n'y a pas de chiffre"),
    "not_reported": ("nobody counted, or it is not known yet", "personne n'a compté, ou on ne le sait pas encore"),
    "not_applicable": ("the question does not arise", "la question ne se pose pas"),
    "withheld": ("known, and not to be told here", "connu, mais à ne pas communiquer ici"),
    "instructions_heading": ("{title}: what each column holds", "{title} : ce que contient chaque colonne"),
    "last_heading": ("{reporter}, {period}: as last reported", "{reporter}, {period} : tel que transmis"),
    "last_none": ("Nothing was reported for {period}.", "Rien n'a été transmis pour {period}."),
    "last_note": (
        "To look at and to copy from; this sheet is not read.",
        "Pour consulter et copier ; cette feuille n'est pas lue.",
    ),
    "lists_heading": ("Choices", "Choix"),
    "page": ("Page &P of &N", "Page &P sur &N"),
}  # fmt: skip
_LANGUAGES = ("en", "fr")
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
_OFFERED = {"not_reported": 0, "not_applicable": 1, "withheld": 2}
_NOTHING = {"en": ("NR", "n/a", "withheld"), "fr": ("NR", "s.o.", "confidentiel")}


def words_of(language: str) -> Words:
    """Every word of a template in a language; English for a language that templates do not speak."""
    index = _LANGUAGES.index(language) if language in _LANGUAGES else 0
    words = {key: texts[index] for key, texts in _WORDS.items()}
    return MappingProxyType({key: spaced(text) for key, text in words.items()} if language == "fr" else words)


def offered(kind: str, language: str) -> str:
    """The word a template offers for a kind of nothing.

    >>> offered("not_applicable", "fr")
    's.o.'
    """
    return _NOTHING.get(language, _NOTHING["en"])[_OFFERED[kind]]


def accepted(kind: str, language: str) -> tuple[str, ...]:
    """Every word that is understood for a kind of nothing, the offered one first."""
    first = offered(kind, language)
    return (first, *(word for word in NOTHING_WORDS[kind] if word != first))


def month_name(year: int, month: int, language: str) -> str:
    """A month in words.

    >>> month_name(2019, 6, "fr")
    'juin 2019'
    """
    return f"{_MONTHS.get(language, _MONTHS['en']).split()[month - 1]} {year}"
