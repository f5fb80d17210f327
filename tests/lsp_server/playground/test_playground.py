"""`grammared playground` in a real browser."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import PATIENCE, chromium_page

pytestmark = pytest.mark.editor

ROOT = Path(__file__).parents[3]
SCRIPT = "lsp_server/playground/static/playground.js"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    environment = {**os.environ, "GRAMMARED_HOME": str(tmp_path_factory.mktemp("home"))}
    command = [sys.executable, "-m", "lsp_server.cli", "playground", "--no-browser"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    line = process.stderr.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+/", line)
    assert found, line
    yield found[0]
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    process.stderr.close()


@pytest.fixture
def page(address):
    with chromium_page(1180, 820) as page:
        page.goto(address)
        yield page


def write(page, text):
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def test_findings_are_shown_explained_and_put_right(page):
    expect(page.locator("#count")).to_have_text("6 findings", timeout=PATIENCE)
    if folder := os.environ.get("GRAMMARED_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/playground.png")
    write(page, "She go to school. 😀 I recieved it.\nAll is well.")
    expect(page.locator("#count")).to_have_text("2 findings", timeout=PATIENCE)
    wrong = page.locator(".cm-lintRange")
    assert wrong.all_inner_texts() == ["go", "recieved"]
    wrong.nth(1).hover()
    expect(page.locator(".cm-tooltip-lint")).to_contain_text("is not in the dictionary")
    page.locator(".cm-diagnosticAction", has_text="received").click()
    expect(page.locator("#count")).to_have_text("1 finding", timeout=PATIENCE)
    page.locator("#all").click()
    expect(page.locator("#count")).to_have_text("No findings", timeout=PATIENCE)
    lines = page.locator(".cm-line").all_inner_texts()
    assert lines == ["She goes to school. 😀 I received it.", "All is well."]


def test_tags_and_switches(page):
    write(page, "# The cat sleep\n\nThe cat sleep on the `old` sofa.")
    expect(page.locator("#tags .word small").first).to_have_text("$TRANSFORM_VERB_VB_VBZ", timeout=PATIENCE)
    expect(page.locator("#model")).to_have_text(re.compile("local:gector-distilbert@"))
    page.locator("#engine").select_option("triton")
    expect(page.locator("#state")).to_contain_text("Triton", timeout=PATIENCE)
    page.locator("#engine").select_option("local")
    expect(page.locator("#state")).to_have_text("", timeout=PATIENCE)
    counts = []
    for strictness in ("low", "high"):
        with page.expect_response("**/check") as answer:
            page.locator("#strictness").select_option(strictness)
        counts.append(len(answer.value.json()["findings"]))
    assert counts[0] <= counts[1]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[]", "a text is missing"),
        (b'{"text": 5}', "a text is missing"),
        (b"{", "Expecting property name"),
        (b'{"text": "x", "strictness": "extreme"}', "strictness must be one of low, normal, high"),
        (json.dumps({"text": "x" * 20_001}).encode(), "the text has more than 20,000 characters"),
    ],
)
def test_what_is_wrong_with_a_question_is_said(address, body, said):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{address}check", body)
    with refused.value as answer:
        assert answer.code == 400
        assert said in answer.read().decode()


def test_it_answers_to_the_names_of_this_machine_only(address):
    request = urllib.request.Request(address, headers={"Host": "example.org"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    with refused.value as answer:
        assert answer.code == 400


def test_the_script_is_built_from_its_source(tmp_path):
    """So that nobody changes one without the other."""
    source = tmp_path / "editors" / "playground"
    shutil.copytree(ROOT / "editors" / "playground", source, ignore=shutil.ignore_patterns("node_modules"))
    for command in (["ci", "--no-audit", "--no-fund", "--ignore-scripts"], ["run", "build"]):
        subprocess.run(["npm", *command], cwd=source, check=True, capture_output=True, timeout=300)
    built = tmp_path / SCRIPT
    assert built.read_bytes() == (ROOT / SCRIPT).read_bytes(), "run `npm run build` in editors/playground"
