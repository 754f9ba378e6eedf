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
    """What moved, as sentences with the scale they are on, by language; of a share of people, of a count of them and of steps."""
    mission = tmp_path_factory.mktemp("summary") / "mission"
    write_sample(mission, 13, 1.0, 284)
    gathered = gather(mission, Progress(is_quiet=True), beside())
    figures = figures_of(gathered, JUNE)
    money = trace_money(gathered, figures.results, JUNE)
    told = {}
    for language in ("en", "fr"):
        texts = load_texts(content.find("reports", mission), language)
        blocks = build_summary(make_material(gathered, JUNE, figures, money, texts)).blocks
        told[language] = [
            (prose_text(one.statement, texts), scale and scale.title[language])
            for one in blocks
            if isinstance(one, Finding)
            for scale in [gathered.definitions.scale_of(one.link)]
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
