"""The first page of a report on a sample of thirteen months: what its sentences say of units."""

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
from cpas.report.blocks import Finding
from cpas.report.monthly.summary import build_summary
from cpas.report.texts import load_texts, prose_text

pytestmark = pytest.mark.usefixtures("checks_here")
JUNE = Period.parse("2019-06")


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    """What moved, as sentences, by language; of a share of people and of a count of them."""
    mission = tmp_path_factory.mktemp("summary") / "mission"
    write_sample(mission, 13, 1.0, 284)
    gathered = gather(mission, Progress(is_quiet=True), beside())
    figures = figures_of(gathered, JUNE)
    money = trace_money(gathered, figures.results, JUNE)
    told = {}
    for language in ("en", "fr"):
        texts = load_texts(content.find("reports", mission), language)
        blocks = build_summary(make_material(gathered, JUNE, figures, money, texts)).blocks
        told[language] = [prose_text(one.statement, texts) for one in blocks if isinstance(one, Finding)]
    return told


@pytest.mark.parametrize(("language", "unit"), [("en", "per cent"), ("fr", "pour cent")])
def test_a_headline_says_its_unit_once(findings, language, unit):
    shares = [one for one in findings[language] if "per cent" in one or "%" in one]
    counts = [one for one in findings[language] if one not in shares]
    assert shares
    assert counts
    assert not [one for one in shares if f"({unit})" in one or "(%" in one]
    assert all(one.endswith(").") for one in counts)
