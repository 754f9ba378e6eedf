"""The small mission with two scales, on which its places are judged."""

import pytest

SCALES = """
cooperation:
  title: {en: Cooperation, fr: Coopération}
  steps:
    refused: {label: {en: Refused, fr: Refusée}, criterion: {en: no answer, fr: aucune réponse}}
    low: {label: {en: Low, fr: Faible}, criterion: {en: some answers, fr: des réponses}}
    moderate: {label: {en: Moderate, fr: Moyenne}, criterion: {en: most answers, fr: la plupart}}
    high: {label: {en: High, fr: Élevée}, criterion: {en: offers help, fr: offre son aide}}
progress:
  title: {en: Progress, fr: Avancement}
  steps:
    not_started: {label: {en: Not started, fr: Non commencé}, criterion: {en: nothing, fr: rien}}
    under_way: {label: {en: Under way, fr: En cours}, criterion: {en: begun, fr: commencé}}
    achieved: {label: {en: Achieved, fr: Franchi}, criterion: {en: done, fr: fait}}
"""
VIEWS = """
dataset: views
title: {en: Views, fr: Avis}
grain: {en: one row per judgement, fr: une ligne par avis}
kind: levels
key: [month, place, indicator]
period: month
area: place
reported_by: section
columns:
  - {name: month, type: month, required: true, label: {en: Month, fr: Mois}}
  - {name: section, type: reference, to: sections, required: true, label: {en: Section, fr: Section}}
  - {name: place, type: reference, to: areas, required: true, label: {en: Place, fr: Lieu}}
  - {name: indicator, type: reference, to: assessed_indicators, required: true, label: {en: Indicator, fr: Indicateur}}
  - {name: step, type: code, codes: steps, may_be: [not_reported, not_applicable, withheld], label: {en: Step, fr: Échelon}}
  - {name: achieved_on, type: date, label: {en: Day, fr: Jour}}
"""


@pytest.fixture
def judged(mini):
    """The small mission with two scales and a data set of judgements."""
    (mini.folder / "indicators" / "scales.yml").write_text(SCALES, encoding="utf-8")
    (mini.folder / "indicators" / "datasets" / "views.yml").write_text(VIEWS, encoding="utf-8")
    mission = mini.folder / "mission.yml"
    mission.write_text(mission.read_text() + "  - {dataset: views, reporters: [jmac]}\n", encoding="utf-8")
    return mini
