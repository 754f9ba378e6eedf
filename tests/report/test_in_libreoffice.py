"""The workbook in another office program: it opens, keeps its charts and prints."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest

from cpas.report.blocks import Document
from cpas.report.excel import render_xlsx
from cpas.report.texts import Texts
from cpas.report.theme import Theme

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed"),
]


@pytest.fixture(scope="module")
def converted(demo: Document, theme: Theme, texts: Texts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    (folder / "report.xlsx").write_bytes(render_xlsx(demo, theme, texts))
    for form in ("pdf", "ods"):
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [str(OFFICE), profile, "--headless", "--convert-to", form, "--outdir", str(folder)]
        subprocess.run(  # the program found on the path, on a file of ours
            [*command, str(folder / "report.xlsx")], check=True, capture_output=True, timeout=180
        )
    return folder


def test_the_workbook_prints(converted: Path) -> None:
    assert (converted / "report.pdf").read_bytes().startswith(b"%PDF")


def test_every_chart_and_sheet_survives(converted: Path) -> None:
    with ZipFile(converted / "report.ods") as archive:
        content = archive.read("content.xml").decode("utf-8")
        charts = [name for name in archive.namelist() if re.fullmatch(r"Object \d+/content.xml", name)]
    assert len(charts) == 5
    assert len(re.findall(r"<table:table ", content)) == 6


def test_numbers_stay_numbers_and_no_text_becomes_a_formula(converted: Path) -> None:
    with ZipFile(converted / "report.ods") as archive:
        content = archive.read("content.xml").decode("utf-8")
    assert 'office:value="1107318900"' in content
    assert "table:formula" not in content
    assert "Err:" not in content
