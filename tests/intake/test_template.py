from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook

from cpas.cli import main
from cpas.errors import UsageError
from cpas.intake.files import read_grids
from cpas.intake.template import TemplateRequest
from cpas.intake.template_seal import check_fingerprint
from cpas.jobs.template import write_template, write_templates
from cpas.periods import Period

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
HEADER = 3
JUNE = Period.parse("2019-06")


@pytest.fixture(scope="module")
def french(mission_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    out = tmp_path_factory.mktemp("out") / "activities.xlsx"
    return load_workbook(
        write_template(mission_folder, "activities", TemplateRequest("FO-GAO", JUNE, "fr"), out)
    )


def letters(book: Workbook) -> dict[str, str]:
    return {cell.value.rstrip(" *"): cell.column_letter for cell in book.worksheets[1][HEADER] if cell.value}


def test_a_template_has_cover_data_last_month_instructions_lists_and_a_hidden_seal(french: Workbook) -> None:
    assert french.sheetnames == ["Rapport", "Activités", "Mois précédent", "Mode d'emploi", "Listes", "cpas"]
    assert french["cpas"].sheet_state == "veryHidden"
    assert french.security.lockStructure


def test_every_sheet_is_protected_without_a_password_and_entry_cells_are_open(french: Workbook) -> None:
    assert all(sheet.protection.sheet and not sheet.protection.password for sheet in french.worksheets)
    data = french["Activités"]
    assert not data["B4"].protection.locked
    assert not data["Z503"].protection.locked
    assert data["A4"].protection.locked
    assert data["B3"].protection.locked


def test_required_columns_are_marked_and_the_header_is_frozen(french: Workbook) -> None:
    data = french["Activités"]
    assert [cell.value for cell in data[HEADER]][1:4] == [
        "Identifiant de l'activité *",
        "Date de l'activité *",
        "Bureau de terrain *",
    ]
    assert data.freeze_panes == "C4"


def test_the_reporter_is_on_the_cover_and_in_every_row(french: Workbook) -> None:
    cover = {row[0].value: row[1].value for row in french["Rapport"].iter_rows() if row[0].value}
    assert (cover["Jeu de données"], cover["Période"], cover["Émetteur"]) == ("activities", "2019-06", "Gao")
    assert {french["Activités"][f"D{row}"].value for row in range(4, 504)} == {"Gao"}


def test_every_coded_and_reference_column_has_a_list_and_two_have_one_that_depends(french: Workbook) -> None:
    data, found = french["Activités"], letters(french)
    lists = {
        str(one.sqref)[0]: one.formula1 for one in data.data_validations.dataValidation if one.type == "list"
    }
    wanted = (
        "Bureau de terrain",
        "Section",
        "Composante",
        "Type d'activité",
        "Produit",
        "Code de la zone",
        "▸ Région",
        "▸ Objectif",
    )
    assert {found[label] for label in wanted} <= lists.keys()
    assert "OFFSET" in lists[found["Produit"]]
    assert "OFFSET" in lists[found["Code de la zone"]]
    assert {"list_areas", "list_areas_ids", "list_areas_in", "list_areas_groups"} <= set(french.defined_names)


def test_numbers_days_and_lengths_are_validated_and_coloured(french: Workbook) -> None:
    data, found = french["Activités"], letters(french)
    checks = {str(one.sqref)[0]: one for one in data.data_validations.dataValidation}
    day = checks[found["Date de l'activité"]]
    assert (day.type, day.formula1, day.formula2) == ("date", "DATE(2019,6,1)", "DATE(2019,6,30)")
    assert (
        checks[
            found["Mission personnel"] if "Mission personnel" in found else found["Personnel de la mission"]
        ].type
        == "whole"
    )
    assert checks[found["Latitude"]].type == "decimal"
    assert (checks[found["Lieu"]].type, checks[found["Lieu"]].formula1) == ("textLength", "200")
    assert "nothing_words_1" in checks[found["Participants"]].formula1
    formats = [str(block.sqref) for block in data.conditional_formatting]
    assert f"{found['Lieu']}4:{found['Lieu']}503" in formats
    assert "A4:A503" in formats


def test_the_steps_offered_are_those_of_the_indicator_chosen_in_the_row_each_with_its_criterion(
    mission: Any,
) -> None:
    book = load_workbook(io.BytesIO(mission.template("assessments", "fr")))
    data, lists = book["Appréciations"], book["Listes"]
    (step,) = [one for one in data.data_validations.dataValidation if "list_steps" in (one.formula1 or "")]
    found = letters(book)
    assert str(step.sqref).startswith(found["Échelon"])
    assert f"MATCH(${found['Indicateur']}4,list_steps_in,0)" in step.formula1

    def column(name: str) -> list[object]:
        (_, reach) = next(iter(book.defined_names[name].destinations))
        return [cell.value for (cell,) in lists[reach]]

    offered = list(zip(column("list_steps"), column("list_steps_in"), strict=True))
    authorities = "Coopération des autorités locales dans les cercles du centre"
    assert [text for text, group in offered if group == authorities] == [
        *("Obstruction", "Passivité", "Coopération sur demande", "Coopération spontanée"),
        *("NR", "s.o.", "confidentiel"),
    ]
    assert any("refusé au moins une fois" in str(cell.value) for row in lists.iter_rows() for cell in row)


def test_texts_of_validations_keep_to_the_limits_of_excel(mission: Any) -> None:
    for name in mission.sent:
        book = load_workbook(io.BytesIO(mission.template(name, "fr")))
        for one in book.worksheets[1].data_validations.dataValidation:
            assert len(one.prompt or "") <= 255
            assert len(one.promptTitle or "") <= 32
            assert len(one.error or "") <= 225
            assert len(one.formula1) <= 255


def test_what_was_sent_last_month_stands_beside_in_the_same_words(mission: Any, french: Workbook) -> None:
    rows = mission.rows("activities", "field_office", "FO-GAO", date(2019, 5, 1), date(2019, 5, 31))
    shown = [row for row in french["Mois précédent"].iter_rows(min_row=5, values_only=True) if row[0]]
    assert [row[0] for row in shown] == rows["activity_id"].to_list()
    assert {row[2] for row in shown} == {"Gao"}


def test_a_text_of_last_month_never_becomes_a_formula(mission: Any) -> None:
    rows = mission.rows("activities", "field_office", "FO-GAO", date(2019, 5, 1), date(2019, 5, 31)).head(1)
    evil = rows.with_columns(description=rows["description"].fill_null("").str.replace(".*", "=1+1"))
    book = load_workbook(io.BytesIO(mission.template("activities", "en", previous=evil)))
    cells = [cell for cell in book["Last month"][5] if cell.value == "=1+1"]
    assert [cell.data_type for cell in cells] == ["s"]


def test_areas_that_are_not_yet_there_are_not_offered(mission: Any) -> None:
    early = mission.references("activities", Period.parse("2018-12"), "en")[0]["areas"]
    later = mission.references("activities", JUNE, "en")[0]["areas"]
    assert "ML10" not in early
    assert later["ML10"] == "Ménaka (ML10)"


def test_a_base_that_has_closed_is_offered_since_it_is_reported_with_zero(mission: Any) -> None:
    def offered(month: str) -> set[str]:
        return set(mission.references("deployments", Period.parse(month), "en")[0]["bases"])

    assert {"B-ABB", "B-BNK"} <= offered("2019-06")
    assert "B-BNK" not in offered("2018-10")


def test_the_same_request_gives_the_same_bytes(mission: Any) -> None:
    assert mission.template("incidents", "en") == mission.template("incidents", "en")


def test_hxl_tags_stand_under_the_header_on_request(mission: Any) -> None:
    book = load_workbook(io.BytesIO(mission.template("incidents", "en", hxl=True)))
    assert book.worksheets[1]["B4"].value == "#event+id"
    assert book.worksheets[1].freeze_panes == "C5"


def activities(mission: Any) -> Any:
    return mission.definitions.datasets["activities"]


def offices(mission: Any) -> Any:
    return mission.inbox.vocabulary.of_column(activities(mission).dataset.column("field_office"))


def test_our_own_template_is_accepted(mission: Any) -> None:
    grids, _ = read_grids(mission.template("activities", "fr"), "a.xlsx")
    assert check_fingerprint(grids, activities(mission), mission.definitions, offices(mission)) == ()


def test_a_template_of_older_definitions_is_refused(mission: Any) -> None:
    grids, _ = read_grids(mission.template("activities", "en"), "a.xlsx")
    loaded = mission.definitions.datasets["activities"]
    newer = replace(loaded, dataset=loaded.dataset.model_copy(update={"rules": ()}))
    [issue] = check_fingerprint(grids, newer, mission.definitions, offices(mission))
    assert (issue.code, issue.severity) == ("CPAS-S032", "error")
    assert "FO-GAO" in issue.fix


def test_a_template_of_another_mission_or_data_set_is_refused(mission: Any) -> None:
    grids, _ = read_grids(mission.template("activities", "en"), "a.xlsx")
    other = replace(
        mission.definitions, mission=mission.definitions.mission.model_copy(update={"code": "OTHER"})
    )
    [issue] = check_fingerprint(grids, other.datasets["activities"], other, offices(mission))
    assert issue.code == "CPAS-S031"
    found = check_fingerprint(
        grids, mission.definitions.datasets["incidents"], mission.definitions, offices(mission)
    )
    assert [one.code for one in found] == ["CPAS-S031"]


@pytest.mark.parametrize(
    ("sheet", "cell", "value"),
    [
        ("Report", "B6", "2019-07"),
        ("cpas", "B5", "2019-07"),
        ("Report", "B7", "Mopti (FO-MPT)"),
        ("Report", "B7", "FO-MPT"),
    ],
)
def test_a_template_changed_by_hand_to_another_month_or_reporter_is_refused(
    mission: Any, sheet: str, cell: str, value: str
) -> None:
    book = load_workbook(io.BytesIO(mission.template("activities", "en")))
    book[sheet][cell] = value
    held = io.BytesIO()
    book.save(held)
    grids, _ = read_grids(held.getvalue(), "a.xlsx")
    [issue] = check_fingerprint(grids, activities(mission), mission.definitions, offices(mission))
    assert (issue.code, issue.severity) == ("CPAS-S033", "error")


def test_a_workbook_without_a_seal_is_only_noted(mission: Any, book: Callable[..., Path]) -> None:
    grids, _ = read_grids(book({"activities": [["activity_id"], ["A1"]]}).read_bytes(), "a.xlsx")
    [issue] = check_fingerprint(grids, activities(mission), mission.definitions, offices(mission))
    assert (issue.code, issue.severity) == ("CPAS-S030", "note")


@pytest.mark.parametrize(
    ("dataset", "reporter", "period", "words"),
    [
        ("activites", "FO-GAO", "2019-06", "did you mean `activities`"),
        ("areas", "FO-GAO", "2019-06", "is no data set that reporters send"),
        ("activities", "FO-GAE", "2019-06", "did you mean `FO-GAO`"),
        ("activities", "FO-GAO", "2018/19", "is no month"),
    ],
)
def test_what_does_not_exist_is_said(
    mission_folder: Path, dataset: str, reporter: str, period: str, words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        write_template(mission_folder, dataset, TemplateRequest(reporter, Period.parse(period)))
    assert words in caught.value.summary


def test_the_command_writes_the_file(mission_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"
    arguments = [
        "template",
        str(mission_folder),
        "incidents",
        "--section",
        "jmac",
        "--period",
        "2019-06",
        "--rows",
        "5",
        "-o",
        str(out),
    ]
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code, result.output.strip()) == (0, str(out))
    assert load_workbook(out).worksheets[1].title == "Incidents"


def test_without_a_reporter_everyone_who_is_expected_to_report_gets_a_file_of_their_own(
    mission_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "to_send"
    arguments = ["template", str(mission_folder), "assessments", "--period", "2019-06", "-o", str(out)]
    result = CliRunner().invoke(main, arguments)
    expected = [
        out / f"assessments-{reporter}-2019-06.xlsx"
        for reporter in ("political_affairs", "civil_affairs", "ddr_ssr")
    ]
    assert (result.exit_code, result.output.split()) == (0, [str(path) for path in expected])
    for path in expected:
        alone = write_template(
            mission_folder, "assessments", TemplateRequest(path.name.split("-")[1], JUNE), tmp_path / "t.xlsx"
        )
        assert path.read_bytes() == alone.read_bytes()


@pytest.mark.parametrize(
    ("dataset", "out", "words"),
    [
        ("redeployments", "to_send", "nobody is expected to report `redeployments`"),
        ("activities", "a.xlsx", "a.xlsx is a file"),
    ],
)
def test_why_no_templates_are_written_for_everyone_is_said(
    mission_folder: Path, tmp_path: Path, dataset: str, out: str, words: str
) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"")
    with pytest.raises(UsageError) as caught:
        write_templates(mission_folder, dataset, TemplateRequest("", JUNE), tmp_path / out)
    assert words in caught.value.summary


@pytest.mark.libreoffice
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_its_dependent_lists_give_the_group_chosen(
    mission: Any, tmp_path: Path
) -> None:
    book = load_workbook(io.BytesIO(mission.template("activities", "en")))
    book.security = None
    data, found = book.worksheets[1], letters(book)
    data[f"{found['▸ Region']}4"] = "Gao"
    formulas = {
        str(one.sqref)[0]: one.formula1 for one in data.data_validations.dataValidation if one.type == "list"
    }
    computed = book.create_sheet("computed")
    for letter in (found["Area code"], found["Output"]):
        formula = formulas[letter].replace("$", f"'{data.title}'!$")
        computed.append([f"=COUNTA({formula})", *(f"=INDEX({formula},{number})" for number in (1, 2))])
    book.save(tmp_path / "t.xlsx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [str(OFFICE), profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out")]
    subprocess.run(
        [*command, str(tmp_path / "t.xlsx")], check=True, capture_output=True, timeout=180
    )  # a file of ours
    opened = load_workbook(tmp_path / "out" / "t.xlsx", data_only=True)
    areas, outputs = opened["computed"].iter_rows(values_only=True)
    assert areas == (4, "Gao (ML07)", "Ansongo (ML0701)")
    assert outputs[0] == len(mission.definitions.outputs)
    kept = {str(one.sqref)[0]: one.type for one in opened.worksheets[1].data_validations.dataValidation}
    assert kept == {str(one.sqref)[0]: one.type for one in data.data_validations.dataValidation}


def test_a_french_template_carries_its_marking_in_french_on_every_sheet(mission: Any) -> None:
    book = load_workbook(io.BytesIO(mission.template("activities", "fr")))
    assert str(book.worksheets[0]["A2"].value).endswith("- NON CLASSIFIÉ")
    assert {sheet.oddFooter.center.text for sheet in book if sheet.sheet_state == "visible"} == {
        "NON CLASSIFIÉ"
    }
