"""The demo report: every kind of block, in English and French, on invented figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cpas.content import shipped
from cpas.periods import Period
from cpas.report.blocks import (
    Bound,
    Break,
    Chart,
    Column,
    Document,
    Finding,
    Heading,
    Key,
    KeyFigure,
    KeyFigures,
    Language,
    Map,
    MapArea,
    Note,
    Paragraph,
    Part,
    ReferenceLine,
    Row,
    Series,
    Spark,
    Table,
    prose,
    quote,
)
from cpas.report.numbers import short_month
from cpas.report.texts import Texts, load_texts
from cpas.report.theme import Theme, load_theme

Words = Callable[[str, str], str]
MONTHS = tuple(Period.parse("2018-07..2019-06").months())
KILLED = (31, 28, 40, 52, 61, 38, None, 35, 44, 47, 41, 38)
JUNE = Period.parse("2019-06")


@pytest.fixture(scope="session")
def reports() -> Path:
    return shipped("reports")


@pytest.fixture(scope="session")
def theme(reports: Path) -> Theme:
    return load_theme(reports)


@pytest.fixture(scope="session")
def texts(reports: Path) -> Texts:
    return load_texts(reports, "en")


@pytest.fixture(scope="session")
def demos() -> dict[Language, Document]:
    return {"en": demo_document("en"), "fr": demo_document("fr")}


@pytest.fixture(scope="session")
def demo(demos: dict[Language, Document]) -> Document:
    return demos["en"]


def demo_document(language: Language) -> Document:
    """The same report in either language."""

    def say(english: str, french: str) -> str:
        return english if language == "en" else french

    return Document(
        title=say("Monthly performance report", "Rapport mensuel d'exécution"),
        subtitle=say(
            "What moved, what is on and off track, what is missing, and what the figures cannot say.",
            "Ce qui a changé, ce qui avance, ce qui manque, et ce que les chiffres ne disent pas.",
        ),
        mission=say(
            "Illustrative Stabilization Mission in the Sahel", "Mission fictive de stabilisation au Sahel"
        ),
        period=say("June 2019", "juin 2019"),
        language=language,
        marking="CONFIDENTIAL",
        notices=(
            say("Draft - not an official document", "Projet - document non officiel"),
            say("Illustrative data", "Données fictives"),
        ),
        imprint=(
            "cpas 0.1.0",
            "manifest 9f2c41d07ab3e6580c1d42a9b7e0f35512d68ca4e90b7f16a3c58de2470b91fc",
        ),
        parts=(
            _summary(say),
            _objective(say, language),
            _budget(say),
            _map(say),
        ),
    )


def killed(period: Period, value: int | None) -> Bound:
    key = Key("POC-2.1", str(period), "MISSION")
    if value is None:
        return Bound(None, key=key, status="not_reported")
    return Bound(value, key=key, status="partial" if value == 44 else "reported")


def _summary(say: Words) -> Part:
    share = Key("POC-3.1", "2019-06", "MISSION")
    return Part(
        "summary",
        say("The month at a glance", "Le mois en bref"),
        (
            Paragraph(
                prose(
                    say(
                        "In {month}, armed groups killed {killed} civilians, against {year_ago} a year before. Of {expected} field "
                        "offices, {late} did not report, so the mission's figure is a floor.",
                        "En {month}, les groupes armés ont tué {killed} civils, contre {year_ago} un an plus tôt. Sur {expected} bureaux "
                        "extérieurs, {late} n'ont pas rendu compte : le chiffre de la mission est donc un minimum.",
                    ),
                    month=Bound(JUNE, "period"),
                    killed=Bound(38, key=Key("POC-2.1", "2019-06", "MISSION")),
                    year_ago=Bound(24, key=Key("POC-2.1", "2018-06", "MISSION")),
                    late=Bound(2, key=Key("reports", "2019-06", "MISSION", measure="missing")),
                    expected=Bound(9, key=Key("reports", "2019-06", "MISSION", measure="expected")),
                ),
                "lead",
            ),
            KeyFigures(
                (
                    KeyFigure(
                        say("Civilians killed by armed groups", "Civils tués par des groupes armés"),
                        killed(JUNE, 38),
                        say("persons", "personnes"),
                        prose(
                            say("target {target} or fewer", "cible : {target} au plus"),
                            target=Bound(25, key=Key("POC-2.1", "2019-06", "MISSION", measure="target")),
                        ),
                        "off_track",
                        "POC-2.1",
                    ),
                    KeyFigure(
                        say("Alerts answered within a day", "Alertes suivies d'effet dans la journée"),
                        Bound(Decimal("71.25"), "percentage", share, status="partial"),
                        "",
                        None,
                        "at_risk",
                    ),
                    KeyFigure(
                        say("Displaced families returned", "Familles déplacées de retour"),
                        Bound(None, status="not_reported"),
                        "",
                        None,
                        "insufficient_data",
                    ),
                    KeyFigure(
                        say("Expenditure, budget year to date", "Dépenses depuis le début de l'exercice"),
                        Bound(1107318900, "amount", Key("expenditure", "2018/19", "MISSION")),
                        say("US dollars", "dollars É.-U."),
                        None,
                        "on_track",
                    ),
                )
            ),
            Heading(say("What changed", "Ce qui a changé")),
            Finding(
                prose(
                    say(
                        "Violence rose in {area} for the third month.",
                        "La violence a augmenté à {area} pour le troisième mois.",
                    ),
                    area=Bound("Mopti", "text"),
                ),
                (
                    prose(
                        say(
                            "That is {change} more than in {before}; {worst} died in a single attack.",
                            "Soit {change} de plus qu'en {before} ; {worst} morts dans une seule attaque.",
                        ),
                        change=Bound(
                            Decimal("35.7"), "percentage", Key("POC-2.1", "2019-06", "ML05", measure="change")
                        ),
                        before=Bound(Period.parse("2019-05"), "period"),
                        worst=Bound(11, key=Key("POC-2.1", "2019-06", "ML05", measure="largest event")),
                    ),
                ),
                "high",
                "worsening",
                "POC-2.1",
            ),
            Finding(
                prose(
                    say(
                        "Dialogue meetings reached more women.",
                        "Les réunions de dialogue ont touché plus de femmes.",
                    )
                ),
                (),
                "low",
                "improving",
            ),
            Finding(
                prose(
                    say("Returns cannot be judged yet.", "Les retours ne peuvent pas encore être appréciés.")
                ),
                (
                    prose(
                        say(
                            "Neither office in the north has reported.",
                            "Aucun bureau du nord n'a rendu compte.",
                        )
                    ),
                ),
                "medium",
                "unclear",
            ),
            Note(
                prose(
                    say(
                        "Incident reports are not violence itself: reporting changes with access and presence.",
                        "Les incidents signalés ne sont pas la violence : ils dépendent de l'accès et de la présence.",
                    )
                ),
                "limitation",
            ),
        ),
        say("Summary", "Synthèse"),
    )


def _objective(say: Words, language: Language) -> Part:
    labels = tuple(short_month(month, language) for month in MONTHS)
    persons = say("persons", "personnes")
    armed = Series(
        say("Armed groups", "Groupes armés"),
        tuple(killed(month, value) for month, value in zip(MONTHS, KILLED, strict=True)),
    )
    others = Series(
        say("Self-defence groups", "Groupes d'autodéfense"),
        tuple(Bound(10 + 3 * (month.first % 4)) for month in MONTHS),
    )
    target = ReferenceLine(
        "target",
        say("Target", "Cible"),
        Bound(25, key=Key("POC-2.1", "2019-06", "MISSION", measure="target")),
    )
    return Part(
        "protection",
        say("Protection of civilians", "Protection des civils"),
        (
            Heading(say("Outcomes", "Effets")),
            Chart(
                "line",
                say("Civilians killed by armed groups", "Civils tués par des groupes armés"),
                labels,
                (armed,),
                persons,
                say(
                    "A rise to a peak in November, then a plateau above the target.",
                    "Un pic en novembre, puis un palier.",
                ),
                lines=(target, ReferenceLine("baseline", say("Baseline", "Référence"), Bound(33))),
                breaks=(Break(labels[6], prose(say("the region was divided.", "la région a été divisée."))),),
                width="half",
            ),
            Chart(
                "stacked_column",
                say("Civilians killed, by perpetrator", "Civils tués, par auteur"),
                labels,
                (armed, others),
                persons,
                say(
                    "Armed groups account for most deaths.", "Les groupes armés causent la plupart des décès."
                ),
                width="half",
            ),
            Chart(
                "line",
                say("Civilians killed, by perpetrator and month", "Civils tués, par auteur et par mois"),
                labels,
                (armed, others),
                persons,
                say(
                    "Two lines; armed groups are the higher.",
                    "Deux courbes ; celle des groupes armés est la plus haute.",
                ),
                lines=(target,),
                note=prose(say("Source: incident reports.", "Source : rapports d'incidents.")),
            ),
            _indicators(say),
            Note(
                prose(say("Figures are provisional until the period is frozen.", "Chiffres provisoires.")),
                "note",
            ),
        ),
    )


def _indicators(say: Words) -> Table:
    line = Spark(tuple(killed(month, value) for month, value in zip(MONTHS, KILLED, strict=True)))
    return Table(
        say("Indicators of the objective", "Indicateurs de l'objectif"),
        (
            Column(say("Indicator", "Indicateur"), width=40),
            Column(say("Twelve months", "Douze mois"), "spark"),
            Column(say("Value", "Valeur"), "count", width=14),
            Column(say("Target", "Cible"), "count"),
            Column(say("Change", "Variation"), "percentage", "%"),
            Column(say("Rating", "Appréciation"), "status", width=18),
            Column(say("Data as at", "Données au"), "date", width=16),
        ),
        (
            Row((say("Outcome", "Effet"),), "group"),
            Row(
                (
                    say("Civilians killed by armed groups", "Civils tués par des groupes armés"),
                    line,
                    killed(JUNE, 38),
                    Bound(25, key=Key("POC-2.1", "2019-06", "MISSION", measure="target")),
                    Decimal("58.333333"),
                    "off_track",
                    date(2019, 7, 1),
                ),
                anchor="POC-2.1",
            ),
            Row(
                (
                    say("Alerts answered within a day", "Alertes suivies d'effet dans la journée"),
                    Spark((Bound(60, "percentage"), Bound(71.25, "percentage"))),
                    Bound(71.25, "percentage", Key("POC-3.1", "2019-06", "MISSION"), status="partial"),
                    Bound(80, "percentage"),
                    Decimal("-0.04"),
                    "at_risk",
                    date(2019, 6, 30),
                )
            ),
            Row((say("Output", "Produit"),), "group"),
            Row(
                (
                    say("Families returned with help", "Familles de retour avec appui"),
                    Spark((Bound(None, status="not_reported"),)),
                    Bound(None, status="not_reported"),
                    0,
                    Bound(None, status="not_applicable"),
                    "insufficient_data",
                    Bound(None, "date", status="not_applicable"),
                )
            ),
            Row(
                (
                    say("Names of informants received", "Noms d'informateurs reçus"),
                    Spark((Bound(1), Bound(4), Bound(2))),
                    Bound(None, status="withheld"),
                    Bound(12, qualifier="at_least"),
                    -12.5,
                    "met",
                    date(2019, 6, 30),
                )
            ),
        ),
        (quote("Method: reports by field offices, checked against 2 sources; =SUM(A1) is text here."),),
        "indicators",
    )


def _budget(say: Words) -> Part:
    thousands = say("thousands of US dollars", "milliers de dollars É.-U.")
    lines = (
        (say("Military and police personnel", "Militaires et personnel de police"), "471062.4", "469815.9"),
        (say("Civilian personnel", "Personnel civil"), "154308.1", "154327.4"),
        (say("Operational costs", "Dépenses opérationnelles"), "481948.4", "482100.2"),
    )
    rows = tuple(
        Row(
            (
                name,
                Decimal(due),
                Decimal(spent),
                Decimal(due) - Decimal(spent),
                (Decimal(due) - Decimal(spent)) / Decimal(due) * 100,
            )
        )
        for name, due, spent in lines
    )
    due, spent = sum(Decimal(line[1]) for line in lines), sum(Decimal(line[2]) for line in lines)
    return Part(
        "budget",
        say("Expenditure", "Dépenses"),
        (
            Paragraph(
                prose(
                    say(
                        "The apportionment for {year} is {money}.",
                        "Le crédit ouvert pour {year} est de {money}.",
                    ),
                    year=Bound(Period.parse("2018/19"), "period"),
                    money=Bound(due, "thousands", Key("apportionment", "2018/19", "MISSION")),
                )
            ),
            Table(
                say("Performance of financial resources", "Exécution du budget"),
                (
                    Column(say("Category", "Catégorie"), width=36),
                    Column(say("Apportionment", "Crédit ouvert"), "thousands", thousands, 16),
                    Column(say("Expenditure", "Dépenses"), "thousands", thousands, 16),
                    Column(say("Variance", "Écart"), "thousands", thousands, 16),
                    Column(say("Variance", "Écart"), "percentage", "%"),
                ),
                (
                    *rows,
                    Row(
                        (
                            say("Total", "Total"),
                            Bound(due, "thousands", Key("apportionment", "2018/19", "MISSION")),
                            spent,
                            due - spent,
                            (due - spent) / due * 100,
                        ),
                        "total",
                    ),
                    Row(
                        (
                            say("Voluntary contributions", "Contributions volontaires"),
                            0,
                            0,
                            0,
                            Bound(None, status="nil"),
                        )
                    ),
                ),
            ),
            Chart(
                "bar",
                say("Expenditure by category", "Dépenses par catégorie"),
                tuple(line[0] for line in lines),
                (
                    Series(
                        say("Expenditure", "Dépenses"),
                        tuple(Bound(Decimal(line[2]), "thousands") for line in lines),
                    ),
                ),
                thousands,
                say("Three bars; two are nearly equal.", "Trois barres."),
                width="half",
            ),
            Chart(
                "stacked_bar",
                say("Outputs by delivery", "Produits par degré d'exécution"),
                (say("Military", "Militaires"), say("Police", "Police"), say("Civilian", "Civils")),
                (
                    Series(say("Delivered", "Exécutés"), (Bound(12), Bound(7), Bound(22))),
                    Series(say("Not delivered", "Non exécutés"), (Bound(3), Bound(5), Bound(1))),
                ),
                say("outputs", "produits"),
                say("Most outputs were delivered.", "La plupart des produits ont été exécutés."),
                width="half",
            ),
            Note(
                prose(
                    say(
                        "Expenditure is driven by obligations and season.",
                        "Les dépenses suivent les saisons.",
                    )
                ),
                "caution",
            ),
        ),
    )


def _map(say: Words) -> Part:
    def area(code: str, name: str, west: float, south: float, value: Bound) -> MapArea:
        ring = (
            (west, south),
            (west + 4, south),
            (west + 4, south + 3),
            (west + 1, south + 3.5),
            (west, south),
        )
        return MapArea(code, name, (ring,), value)

    return Part(
        "regions",
        say("By region", "Par région"),
        (
            Map(
                say("Civilians killed, June 2019", "Civils tués, juin 2019"),
                (
                    area("ML05", "Mopti", -5, 13, Bound(38, key=Key("POC-2.1", "2019-06", "ML05"))),
                    area("ML06", "Tombouctou", -5, 17, Bound(0)),
                    area("ML07", "Gao", 0, 15, Bound(None, status="not_reported")),
                    area("ML08", "Kidal", 0, 19, Bound(6, status="partial")),
                ),
                (1, 5, 25),
                say("persons", "personnes"),
                say(
                    "Most were killed in Mopti; Gao did not report.",
                    "La plupart à Mopti ; Gao n'a pas rendu compte.",
                ),
                prose(say("Areas are drawn for show.", "Les zones sont schématiques.")),
            ),
        ),
    )
