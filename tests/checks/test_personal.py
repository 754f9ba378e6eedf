import time

import polars as pl
import pytest

from cpas.checks.personal import KINDS, check_personal
from cpas.definitions.dataset import Dataset
from cpas.definitions.loaded import LoadedDataset
from cpas.errors import Issue, Location

BOTH = {"en": "x", "fr": "x"}
COLUMNS = [
    {"name": "visit_id", "type": "text", "required": True, "label": BOTH},
    {"name": "place", "type": "text", "max_length": 200, "label": BOTH},
    {"name": "story", "type": "text", "max_length": 1000, "label": BOTH},
    {"name": "source", "type": "text", "max_length": 100, "sensitive": "confidential", "label": BOTH},
]
DECLARED = {
    "dataset": "visits",
    "title": BOTH,
    "grain": BOTH,
    "kind": "events",
    "key": ["visit_id"],
    "columns": COLUMNS,
}
LOADED = LoadedDataset(Dataset.model_validate(DECLARED), {}, (), Location("visits.yml"), {})
LETTERS = {("a.xlsx", "Visits", "story"): "C"}


def frame(*stories: str | None, place: str = "Gao", source: str | None = None) -> pl.DataFrame:
    return pl.DataFrame(
        {"visit_id": [f"V{i}" for i in range(len(stories))], "story": stories},
        schema_overrides={"story": pl.String},
    ).with_columns(
        place=pl.lit(place),
        source=pl.lit(source, pl.String),
        _file=pl.lit("a.xlsx"),
        _sheet=pl.lit("Visits"),
        _row=pl.int_range(2, len(stories) + 2, dtype=pl.Int64),
    )


def found(*stories: str | None) -> tuple[Issue, ...]:
    return check_personal(frame(*stories), LOADED, LETTERS)


@pytest.mark.parametrize(
    ("story", "kind"),
    [
        ("The patrol met Mr Oumar Traoré at the market", "the name of a person"),
        ("entretien avec Mme Aïssata N'Diaye", "the name of a person"),
        ("M. Touré a dit que", "the name of a person"),
        ("the Imam Mahmoud spoke", "the name of a person"),
        ("Dr. A. B. Keïta treated them", "the name of a person"),
        ("l'imam Mahmoud Dicko a parlé", "the name of a person"),
        ("IMAM Mahmoud Dicko", "the name of a person"),
        ("le prefet Sidi Ahmed", "the name of a person"),
        ("le sous-préfet Sidi Ahmed", "the name of a person"),
        ("rencontre avec le Général Didier", "the name of a person"),
        ("Général Didier Dacko", "the name of a person"),
        ("le colonel Sidi", "the name of a person"),
        ("Chef de village Moussa Keïta", "the name of a person"),
        ("le chef de village Moussa", "the name of a person"),
        ("contact : 76123456", "a telephone number"),
        ("contacter au 66123456", "a telephone number"),
        ("numéro 76123456", "a telephone number"),
        ("+22376123456", "a telephone number"),
        ("223 76123456", "a telephone number"),
        ("call +223 76 12 34 56", "a telephone number"),
        ("appeler le 76 12 34 56", "a telephone number"),
        ("tél. : 76123456", "a telephone number"),
        ("0022376123456", "a telephone number"),
        ("write to o.traore@example.org.", "an e-mail address"),
    ],
)
def test_personal_data_are_a_warning_with_the_cell(story: str, kind: str) -> None:
    [issue] = found(None, story)
    assert (str(issue.where), issue.severity, issue.code) == ("a.xlsx [Visits!C3]", "warning", "CPAS-D220")
    assert kind in issue.message


@pytest.mark.parametrize(
    "story",
    [
        "On 2019-06-30 12 women and 1 200 men met the mayor; 12/06/2019",
        "The Colonel left; the imam of the village; General Assembly resolution 2480 (2019)",
        "MINUSMA patrolled 14.5 km at 16.1430, -3.0710 for USD 1,107,318,900",
        "le préfet de Gao, l'imam du village, le chef de village et le général ont été reçus. Le maire aussi",
        "le Secrétaire général Adjoint et le quartier général Barkhane; un imam. Les femmes",
        "76123456 FCFA pour 56000000 habitants; numéro 20190612; contact avec 12345678 personnes",
        "Maj village, Drame and Mrs. and the doctor",
    ],
)
def test_ordinary_narratives_give_no_warning(story: str) -> None:
    assert found(story) == ()


def test_the_message_does_not_repeat_what_was_found() -> None:
    messages = " ".join(
        issue.message for issue in found("Mr Oumar Traoré, +223 76 12 34 56, o.traore@example.org")
    )
    assert all(part not in messages for part in ("Traor", "Oumar", "76", "example"))


def test_only_narratives_are_looked_at() -> None:
    rows = frame("nothing", place="Mr Traoré", source="Mr Traoré")
    assert [issue.message.split("`")[1] for issue in check_personal(rows, LOADED, {})] == ["source"]


def test_a_thousand_are_kept_and_the_rest_counted() -> None:
    issues = found(*["Mr Traoré"] * 1_500)
    assert (len(issues), sum(issue.count for issue in issues)) == (1_001, 1_500)


def test_thirty_thousand_ordinary_narratives_cost_little() -> None:
    rows = frame(*["The patrol met the mayor and 12 women about the market road. " * 8] * 30_000)
    began = time.perf_counter()
    assert check_personal(rows, LOADED, {}) == ()
    assert time.perf_counter() - began < 5
    assert len(KINDS) == 3
