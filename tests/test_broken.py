"""Every fault in `sample_data/broken`: named with its place and fix, no traceback, nothing published."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cpas.cli import main
from cpas.illustration.mission import write_new_mission
from cpas.jobs.publish import manifest, publish

pytestmark = pytest.mark.usefixtures("checks_here")

BROKEN = Path(__file__).parents[1] / "sample_data" / "broken"
FAULTS = sorted(path.parent for path in BROKEN.glob("*/expect.txt"))
LAST_REPORT = b"the report of last time"


@pytest.fixture(scope="session")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound") / "mission"
    write_new_mission(folder)
    return folder


def expected(fault):
    return dict(
        line.split(": ", 1) for line in (fault / "expect.txt").read_text(encoding="utf-8").splitlines()
    )


def test_there_are_more_than_twenty_faults():
    assert len(FAULTS) > 20


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_named_and_nothing_is_published(sound, tmp_path, fault):
    mission = Path(shutil.copytree(sound, tmp_path / "mission"))
    shutil.copytree(fault, mission, dirs_exist_ok=True)
    wanted = expected(fault)
    if removed := wanted.get("remove"):
        (mission / removed).unlink()
    published = mission / "out" / "2019-06" / "report.html"
    last = {"report.html": LAST_REPORT}
    publish(published.parent, last | {"manifest.json": manifest({}, [], [], last)})
    result = CliRunner().invoke(main, ["run", str(mission), "2019-06", "--quiet"])
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    assert published.read_bytes() == LAST_REPORT
    told = [block for block in result.output.split("\n    fix: ") if wanted["words"] in block]
    assert told, result.output
    assert any(wanted["code"] in block and wanted["place"] in block for block in told), told
