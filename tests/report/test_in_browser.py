"""The page in a real browser: no request, no script needed, no accessibility violation.

Chromium is spoken to over its debugging pipe, so that no driver is needed. `CPAS_AXE` is the path of
axe-core's `axe.min.js`, for whoever has it.
"""

from __future__ import annotations

import base64
import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cpas.jobs.aside import beside
from cpas.jobs.progress import Progress
from cpas.jobs.run import run_report
from cpas.periods import Period
from cpas.report.blocks import Document
from cpas.report.html import render_html
from cpas.report.texts import Texts
from cpas.report.theme import Theme

SAMPLE = Path(__file__).parents[2] / "sample_data"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = os.environ.get("CPAS_AXE", "")
SWITCHES = (
    "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update"
    " --disable-sync --disable-default-apps --remote-debugging-pipe"
)
pytestmark = [
    pytest.mark.chromium,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


class Browser:
    """A headless Chromium and one page of it."""

    def __init__(self, profile: Path) -> None:
        down, self._out = os.pipe()
        self._in, up = os.pipe()
        command = f'exec "$0" {SWITCHES} --user-data-dir="$1" about:blank 3<&{down} 4>&{up}'
        self._process = subprocess.Popen(  # the browser found on the path
            ["/bin/bash", "-c", command, str(CHROMIUM), str(profile)],
            pass_fds=(down, up),
            stderr=subprocess.DEVNULL,
        )
        os.close(down)
        os.close(up)
        self._count, self._rest, self._session = 0, b"", ""
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)
        os.close(self._in)
        os.close(self._out)

    def call(self, method: str, **params: object) -> dict[str, Any]:
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        while (answer := self._read()).get("id") != self._count:
            self.events.append(answer)
        assert "error" not in answer, answer
        return dict(answer["result"])

    def open(self, page: Path) -> None:
        self.events.clear()
        self.call("Page.navigate", url=page.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def evaluate(self, expression: str) -> Any:
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            self._rest += os.read(self._in, 1 << 20)
        message, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(message))


@pytest.fixture(scope="module", params=["demo", "monthly", "monthly in French"])
def page(
    request: pytest.FixtureRequest,
    demo: Document,
    theme: Theme,
    texts: Texts,
    reports: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A page with every kind of block, and the report on the sample mission in both languages."""
    folder = tmp_path_factory.mktemp("page")
    if request.param == "demo":
        (folder / "report.html").write_bytes(render_html(demo, theme, texts, reports))
    else:
        language = "fr" if "French" in request.param else "en"
        june, quiet = Period.parse("2019-06"), Progress(is_quiet=True)
        with beside() as aside:
            run_report(SAMPLE, june, quiet, aside, out=folder, language=language)
    return folder / "report.html"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


def test_the_page_asks_for_nothing_but_itself(browser: Browser, page: Path) -> None:
    browser.open(page)
    asked = [
        event["params"]["request"]["url"]
        for event in browser.events
        if event.get("method") == "Network.requestWillBeSent"
    ]
    assert asked == [page.as_uri()]


def test_the_page_says_nothing_on_the_console(browser: Browser, page: Path) -> None:
    browser.open(page)
    said = {"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"}
    assert [event for event in browser.events if event.get("method") in said] == []


def test_the_page_is_whole_without_script(browser: Browser, page: Path) -> None:
    browser.open(page)
    seen = browser.evaluate("document.body.innerText")
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(page)
    tree = browser.call("DOMSnapshot.captureSnapshot", computedStyles=[])
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    found = re.findall(r"<h2[^>]*>.*?([^<>]+)</h2>", page.read_text("utf-8"), re.DOTALL)
    headings = [" ".join(html.unescape(heading).split()) for heading in found]
    without_script = " ".join(" ".join(tree["strings"]).split())
    assert len(headings) >= 4
    assert [heading for heading in headings if heading not in seen or heading not in without_script] == []
    assert "<script" not in page.read_text("utf-8")


@pytest.mark.parametrize("width", [320, 768, 1440])
def test_nothing_but_tables_and_drawings_scrolls_sideways(browser: Browser, page: Path, width: int) -> None:
    browser.call(
        "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=True
    )
    browser.open(page)
    assert browser.evaluate("document.documentElement.scrollWidth") <= width


def test_the_marking_and_the_notices_are_on_every_printed_page(
    browser: Browser, page: Path, tmp_path: Path
) -> None:
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("pdftotext is not installed")
    browser.open(page)
    printed = browser.call("Page.printToPDF", preferCSSPageSize=True)
    (tmp_path / "report.pdf").write_bytes(base64.b64decode(printed["data"]))
    text = subprocess.run(  # the program found on the path, on a file of ours
        [reader, "-layout", str(tmp_path / "report.pdf"), "-"], capture_output=True, check=True
    ).stdout.decode("utf-8")
    pages = text.split("\f")[:-1]
    assert len(pages) >= 4
    words = page.read_text(encoding="utf-8")
    marking = next(each for each in ("UNCLASSIFIED", "CONFIDENTIAL", "NON CLASSIFIÉ") if each in words)
    notice = next(each for each in ("Illustrative data", "Données fictives") if each in words)
    assert all(each.count(marking) >= 2 and notice in each for each in pages)


@pytest.mark.skipif(not AXE, reason="CPAS_AXE does not name axe-core's axe.min.js")
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_no_accessibility_violation(browser: Browser, page: Path, width: int) -> None:
    browser.call(
        "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
    )
    browser.open(page)
    browser.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    browser.evaluate(Path(AXE).read_text("utf-8") + "; true")
    found = browser.evaluate(
        "axe.run().then(found => found.violations.map(each => [each.id, each.help, each.nodes[0].html]))"
    )
    assert found == []
