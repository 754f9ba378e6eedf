"""A report on a sample of thirteen months: what its sentences say of units and of money."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from cpas import content
from cpas.illustration.mission import write_sample
from cpas.jobs.aside import beside
from cpas.jobs.figures import figures_of
from cpas.jobs.gather import gather
from cpas.jobs.material import make_material
from cpas.jobs.money import trace_money
from cpas.jobs.progress import Progress
from cpas.periods import Period
from cpas.report.blocks import Document, Finding, Paragraph
from cpas.report.lint import check_document
from cpas.report.monthly.budget import build_money
from cpas.report.monthly.summary import build_summary
from cpas.report.texts import load_texts, prose_text

pytestmark = pytest.mark.usefixtures("checks_here")
JUNE = Period.parse("2019-06")


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """What was gathered, its figures, and the words of both languages."""
    mission = tmp_path_factory.mktemp("summary") / "mission"
    write_sample(mission, 13, 1.0, 284)
    gathered = gather(mission, Progress(is_quiet=True), beside())
    reports = content.find("reports", mission)
    return gathered, figures_of(gathered, JUNE), {name: load_texts(reports, name) for name in ("en", "fr")}


def material_of(sample, language, **tables):
    """The material of June with some tables in the place of its own."""
    gathered, figures, texts = sample
    gathered = replace(gathered, tables={**gathered.tables, **tables})
    money = trace_money(gathered, figures.results, JUNE)
    return make_material(gathered, JUNE, figures, money, texts[language])


@pytest.fixture(scope="module")
def findings(sample):
    """What moved, as sentences with the scale they are on, by language; of a share of people, of a count of them and of steps."""
    told = {}
    for language, texts in sample[2].items():
        blocks = build_summary(material_of(sample, language)).blocks
        told[language] = [
            (prose_text(one.statement, texts), scale and scale.title[language])
            for one in blocks
            if isinstance(one, Finding)
            for scale in [sample[0].definitions.scale_of(one.link)]
        ]
    return told


@pytest.mark.parametrize(("language", "unit"), [("en", "per cent"), ("fr", "pour cent")])
def test_a_headline_says_its_unit_once(findings, language, unit):
    told = [one for one, scale in findings[language] if not scale]
    shares = [one for one in told if "per cent" in one or "%" in one]
    counts = [one for one in told if one not in shares]
    assert shares
    assert counts
    assert not [one for one in shares if f"({unit})" in one or "(%" in one]
    assert all(one.endswith(").") for one in counts)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_headline_of_a_step_leaves_its_scale_to_what_it_rests_on(findings, language):
    steps = [(one, scale) for one, scale in findings[language] if scale]
    assert steps
    assert not [one for one, scale in steps if f"({scale})" in one]


@pytest.mark.parametrize(
    ("value", "compared", "words"),
    [(1.0, -4.0, "below zero"), (-1.0, 4.0, "below zero"), (4.0, 0.0, "was zero"), (6.0, 4.0, "50 per cent")],
)
def test_a_change_has_a_size_in_per_cent_only_above_zero(sample, value, compared, words):
    material = material_of(sample, "en")
    is_size = (pl.col("basis") == "size") & pl.col("compares") & (pl.col("kind") == "same_last_year")
    levels = {
        id_ for id_, one in material.definitions.indicators.items() if one.definition.level == "outcome"
    }
    has_per_cent = pl.col("change_per_cent").is_not_null() & pl.col("indicator_id").is_in(levels)
    id_ = material.comparisons.filter(is_size & has_per_cent)["indicator_id"][0]
    figures = {"value": value, "compared_value": compared}
    own = material.comparisons.filter(is_size & (pl.col("indicator_id") == id_)).with_columns(
        pl.lit(figure).alias(name) for name, figure in figures.items()
    )
    blocks = build_summary(replace(material, comparisons=own)).blocks
    (told,) = [one for one in blocks if isinstance(one, Finding) and one.link == id_ and one.direction]
    assert words in prose_text(told.evidence[0], material.texts)


MONEY = {
    "en": {
        "complete": "has been spent; 100.0 per cent of the year has passed.",
        "months": "has been spent by what was reported of one of 12 months (partial); 100.0 per cent of the year has passed.",
        "lines": "has been spent by what was reported, which is not of every category (partial); 100.0 per cent of the year has passed.",
        "none": "No expenditure of the apportionment for 2018/19 was reported; 100.0 per cent of the year has passed.",
        "nothing given": "No apportionment for 2018/19 is known, of which a share could have been spent; 100.0 per cent of the year has passed.",
    },
    "fr": {
        "complete": "ont été dépensés ; 100,0 % de l'exercice sont écoulés.",
        "months": "ont été dépensés d'après ce qui a été communiqué pour un mois sur 12 (partiel) ; 100,0 % de l'exercice sont écoulés.",
        "lines": "ont été dépensés d'après ce qui a été communiqué, mais non pour toutes les catégories (partiel) ; 100,0 % de l'exercice sont écoulés.",
        "none": "Aucune dépense sur les crédits ouverts pour 2018/19 n'a été communiquée ; 100,0 % de l'exercice sont écoulés.",
        "nothing given": "Aucun crédit ouvert pour 2018/19 n'est connu, dont une part aurait pu être dépensée ; 100,0 % de l'exercice sont écoulés.",
    },
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_sentence_of_money_says_of_how_many_months_and_lines_it_is(sample, language):
    tables, texts = sample[0].tables, sample[2][language]
    spent = tables["expenditure"]
    changed = {
        "complete": {},
        "months": {"expenditure": spent.filter(pl.col("month") == date(2018, 7, 1))},
        "lines": {"expenditure": spent.filter(pl.col("budget_line") != spent["budget_line"][0])},
        "none": {"expenditure": spent.clear()},
        "nothing given": {"budget_lines": tables["budget_lines"].clear()},
    }
    for which, own in changed.items():
        part = build_money(material_of(sample, language, **own))
        report = Document("", "", "", "", language, "UNCLASSIFIED", (part,))
        assert not [
            issue
            for issue in check_document(report)
            if issue.severity == "error" and issue.code < "CPAS-R107"
        ]
        lead = part.blocks[0]
        assert isinstance(lead, Paragraph)
        told = prose_text(lead.text, texts).replace("\u202f", " ").replace("\u00a0", " ")
        assert told.endswith(MONEY[language][which]), told
