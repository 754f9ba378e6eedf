"""Every sentence that an issue may say to a French reader is said in French."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from cpas.checks.messages import describe
from cpas.checks.personal import KINDS
from cpas.definitions.dataset import CodeList
from cpas.definitions.load import load_definitions
from cpas.errors import suggest
from cpas.illustration.geography import SEED
from cpas.intake.annotate_french import FRENCH
from cpas.intake.annotate_words import Speech
from cpas.intake.values import (
    UnreadableError,
    parse_count,
    parse_date,
    parse_decimal,
    parse_month,
    parse_number,
)

ROOT = Path(__file__).parents[2] / "cpas"
TELLERS = ("Issue", "refused", "UnreadableError", "OddSheetError", "_never", "_no_outlines", "_warning")
"""What is given a sentence, and perhaps a remedy, for the reader of a return, a report or a status page."""

SOURCES = sorted(
    [
        *(ROOT / "intake").glob("*.py"),
        *(ROOT / "checks").glob("*.py"),
        *(ROOT / "budget").glob("*.py"),
        ROOT / "engine" / "target_areas.py",
        *(path for path in (ROOT / "jobs").glob("*.py") if "Issue(" in path.read_text(encoding="utf-8")),
    ]
)
FR = Speech("fr")


def assigned(function: ast.AST, name: str) -> list[ast.expr]:
    """What a name is set to in a function."""
    return [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    ]


def texts(node: ast.expr, scopes: list[ast.AST]) -> list[str]:
    """Every text that an expression may be, with `{}` for what the program does not say itself."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp():
            return texts(node.body, scopes) + texts(node.orelse, scopes)
        case ast.BoolOp():
            first, last = (texts(value, scopes) for value in node.values)
            return [text for text in first if text] + last
        case ast.BinOp(op=ast.Add()):
            return ["".join(pair) for pair in product(texts(node.left, scopes), texts(node.right, scopes))]
        case ast.JoinedStr():
            parts = [
                texts(part.value if isinstance(part, ast.FormattedValue) else part, scopes)
                for part in node.values
            ]
            return ["".join(each) for each in product(*parts)]
        case ast.Call(func=ast.Name(id="suggest")):
            return ["", "; did you mean `{}`?"]
        case ast.Name():
            for scope in scopes:
                values = [value for value in assigned(scope, node.id) if node not in ast.walk(value)]
                if found := [text for value in values for text in texts(value, scopes)]:
                    return found
    return ["{}"]


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """The sentences and remedies in a file, with the line each stands on."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
    for scope in (*functions, *(node for node in module.body if not isinstance(node, ast.FunctionDef))):
        for call in ast.walk(scope):
            if not isinstance(call, ast.Call):
                continue
            called = getattr(call.func, "id", "")
            if called in TELLERS:
                for argument in [*call.args, *(word.value for word in call.keywords)]:
                    for text in texts(argument, [scope, module]):
                        if " " in text.replace("{}", "").strip():
                            yield call.lineno, text


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_sentence_and_remedy_of_an_issue_has_french(path: Path) -> None:
    untold = []
    for line, text in sentences(path):
        filled = text
        for number in range(text.count("{}")):
            filled = filled.replace("{}", f"Z{number}", 1)
        if FR.tell(filled) == filled:
            untold.append((line, text))
    assert untold == []


def test_the_sentences_are_found_where_they_are_known_to_be() -> None:
    found = {path.name: {text for _, text in sentences(path)} for path in SOURCES}
    assert "the file is empty: it has no bytes" in found["guard.py"]
    assert "`targets_for` names `{}`, which is no area; did you mean `{}`?" in found["target_areas.py"]
    assert "no column is called `{}`; it was not read" in found["headers.py"]
    assert "its XML is broken ({})" in found["inspect_sheet.py"]
    assert sum(len(each) for each in found.values()) > 150


@pytest.mark.parametrize(("english", "french"), FRENCH)
def test_a_sentence_is_said_by_its_own_french_and_not_by_that_of_a_more_general_one(
    english: str, french: str
) -> None:
    places = [f"Z{number}" for number in range(english.count("{}"))]
    assert french.count("{}") == len(places)
    assert Speech("fr")._french(english.format(*places)) == french.format(*places)


def no_hint(_: str) -> str:
    return ""


def hint(word: str) -> str:
    return suggest(word, ["patrol", "ML01"])


ROW = {
    "a": "patrl",
    "n": 3,
    "d": date(2019, 7, 14),
    "_also": "x.xlsx [A!3]",
    "empty": None,
    "q": Decimal("1.5"),
}
REPORT = {"d": date(2019, 7, 14), "_report_first": date(2019, 6, 1), "_report_last": date(2019, 6, 30)}
RULE = {"message": {"en": "more women than civilians were killed"}, "fix": {"en": "give both, or neither"}}


@pytest.mark.parametrize(
    ("kind", "row", "kwargs", "near", "french"),
    [
        ("required", ROW, {"column": "a"}, no_hint, "`a` est vide, et chaque ligne doit l'avoir"),
        ("code", ROW, {"column": "a", "value_set": ["patrol"]}, hint, "`a` est `patrl`, qui n'est pas un de ses codes\u202f; vouliez-vous dire `patrol`\u202f?"),
        ("code", ROW, {"column": "a", "value_set": [f"c{n}" for n in range(14)]}, no_hint, "`a` est `patrl`, qui n'est pas un de ses codes"),
        ("reference", ROW, {"column": "a", "reference": "areas"}, no_hint, "`a` est `patrl`, et `areas` n'a pas cette entrée"),
        ("range", ROW, {"column": "n", "min_value": 0, "max_value": 2}, no_hint, "`n` est 3\u202f; la règle veut de 0 à 2"),
        ("range", ROW, {"column": "n", "min_value": 4}, no_hint, "`n` est 3\u202f; la règle veut au moins 4"),
        ("range", ROW, {"column": "q", "max_value": 0.5}, no_hint, "`q` est 1,5\u202f; la règle veut au plus 0,5"),
        ("length", ROW, {"column": "a", "max_value": 2}, no_hint, "`a` a 5 caractères\u202f; la règle en veut 2 au plus"),
        ("pattern", ROW, {"column": "a", "regex": "^(?:x)$"}, no_hint, "`a` est `patrl`, qui n'a pas la forme `x`"),
        ("key", ROW, {"column_list": ["a", "n"]}, no_hint, "`a` est `patrl` et `n` est 3, comme dans x.xlsx [A!3]\u202f; deux lignes ne peuvent avoir le même"),
        ("key", ROW | {"_also": ""}, {"column": "a"}, no_hint, "`a` est `patrl`, comme dans une autre ligne\u202f; deux lignes ne peuvent avoir le même"),
        ("row", ROW, {"column_list": ["n", "empty"]}, no_hint, "`n` est 3, `empty` est vide\u00a0: on a tué plus de femmes que de civils"),
        ("report", REPORT, {"column_list": ["d"]}, no_hint, "`d` est 2019-07-14, et le rapport porte sur 2019-06"),
        ("period", ROW, {"column": "d", "max_value": "2019-06-30"}, no_hint, "`d` est 2019-07-14, un jour encore à venir lors de la réception"),
    ],
)  # fmt: skip
def test_what_a_broken_rule_says_is_said_in_french(kind, row, kwargs, near, french) -> None:
    rules = {"more women than civilians were killed": "on a tué plus de femmes que de civils", "give both, or neither": "indiquez les deux, ou aucune"}  # fmt: skip
    speech = Speech("fr", rules)
    message, fix = describe(kind, row, {"kwargs": kwargs, "meta": RULE}, near)
    assert speech.tell(message) == french
    assert speech.tell(fix) != fix


def test_kinds_of_personal_data_numbers_and_names_inside_a_sentence_are_french_too() -> None:
    for kind in KINDS:
        assert FR.tell(kind) != kind
    assert FR.tell("from here on 1,204 more cells of `a` cannot be read").startswith(
        "à partir d'ici 1\u202f204 autres cellules"
    )
    assert FR.tell("write one of: a, b and 3 more") == "écrivez l'un de\u00a0: a, b et 3 autres"
    assert FR.tell("the file has no column `a` or `b`, from which `c` is filled") == (
        "le fichier n'a pas de colonne `a` ou `b`, d'où `c` est rempli"
    )
    assert FR.tell(
        "the variance of line 1.2 in 2018/19, 1,200,000 dollars (5.3 per cent), is not explained"
    ) == (
        "l'écart de la rubrique 1.2 en 2018/19, soit 1\u202f200\u202f000 dollars (5,3\u00a0%), n'est pas expliqué"
    )


@pytest.mark.parametrize(
    ("parse", "text", "message", "fix"),
    [
        (parse_count, "environ vingt", "un nombre entier est attendu", "écrivez le nombre seul\u00a0: ni unité, ni signe d'approximation, ni remarque"),
        (parse_decimal, "dix", "un nombre est attendu", "écrivez le nombre seul\u00a0: ni unité, ni signe d'approximation, ni remarque"),
        (parse_number, "16° 20' N", "un nombre décimal est attendu", "écrivez le nombre seul\u00a0: ni unité, ni signe d'approximation, ni remarque"),
        (parse_date, "hier", "une date est attendue", "écrivez-le comme 2019-06-30 ou 30/06/2019"),
        (parse_month, "ce mois", "un mois est attendu", "écrivez-le comme 2019-06 ou juin 2019"),
        (parse_date, "43646", "c'est un nombre et non une date", "donnez à la cellule le format date\u202f; Excel compte ce jour comme 2019-06-30"),
        (parse_decimal, "1899-12-31 02:30:00", "c'est une heure, 2:30, et un nombre est attendu", "écrivez les heures en nombre décimal, 2,5 pour 2:30, dans une cellule au format nombre"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_cell_has_no_english_in_it(parse, text, message, fix) -> None:
    with pytest.raises(UnreadableError) as caught:
        parse(text)
    assert FR.tell(f"`n` is `{text}`: {caught.value.reason}") == f"`n` est `{text}`\u00a0: {message}"
    assert FR.tell(caught.value.fix) == fix


def test_yes_and_no_of_a_cell_and_what_a_template_is_of_are_french() -> None:
    told = Speech("fr", {"they differ": "elles diffèrent"}).tell("`a` is yes, `b` is no: they differ")
    assert told == "`a` est oui, `b` est non\u00a0: elles diffèrent"
    assert FR.tell("the template is of the data set `a`, and `b` is wanted") == (
        "le modèle est celui du jeu de données `a`, et celui de `b` est attendu"
    )


def test_every_rule_of_every_shipped_data_set_has_its_french() -> None:
    for loaded in load_definitions(SEED).datasets.values():
        for rule in loaded.dataset.rules:
            for text in (rule.message, rule.fix):
                assert text["fr"] != text["en"]


def test_a_sender_is_offered_the_labels_of_the_list_and_the_titles_of_tables() -> None:
    mission = load_definitions(SEED)
    own = [mission.datasets["activities"]]
    french, english = (Speech.of(language, own, mission) for language in ("fr", "en"))
    code, one = next(iter(mission.codes["activity_type"].codes.items()))
    assert french.tell(f"write one of: {code}, zzz and 3 more") == (
        f"écrivez l'un de\u00a0: {one.label['fr']}, zzz et 3 autres"
    )
    assert english.tell(f"write one of: {code}, zzz") == f"write one of: {one.label['en']}, zzz"
    told = french.tell(f"`activity_type` is `x`, which is not one of its codes; did you mean `{code}`?")
    assert told.endswith(f"vouliez-vous dire `{one.label['fr']}`\u202f?")
    title = mission.datasets["activities"].dataset.title["fr"]
    assert french.tell("name the sheet `activities`") == f"donnez à la feuille le nom «\u00a0{title}\u00a0»"
    areas = mission.datasets["areas"].dataset.title["fr"]
    assert f"«\u00a0{areas}\u00a0» n'a pas cette entrée" in french.tell(
        "`area` is `x`, and `areas` has no such entry"
    )


def test_a_code_that_two_lists_call_differently_keeps_its_name() -> None:
    mission = load_definitions(SEED)
    lists = {
        name: CodeList.model_validate(
            {"title": {"en": "t", "fr": "t"}, "codes": {"a": {"label": {"en": name, "fr": name}}}}
        )
        for name in ("activity_type", "region")
    }
    used = {column.codes for column in mission.datasets["activities"].dataset.columns if column.codes}
    lists = {name: list(lists.values())[number % 2] for number, name in enumerate(sorted(used))}
    speech = Speech.of("en", [mission.datasets["activities"]], replace(mission, codes=lists))
    assert speech.tell("write one of: a") == "write one of: a"
