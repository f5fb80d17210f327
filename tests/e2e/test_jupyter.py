"""Jupyter's server, for real: it takes our entry, and JupyterLab's messages go through it."""

from __future__ import annotations

import json
import os

import pytest
from playwright.sync_api import expect

from lsp_server.documents.kinds import kind_of_identifier
from tests.e2e.browser import PATIENCE, chromium_page
from tests.e2e.jupyter import SETTINGS, Jupyter, JupyterServer

pytestmark = pytest.mark.editor
ABOUT = {"uri": "file:///notes.md"}
LIKE_JUPYTERLAB = {
    "textDocument": {
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
    },
    "workspace": {"didChangeConfiguration": {"dynamicRegistration": True}},
}
"""What matters of what JupyterLab says that it can do."""


@pytest.fixture
def jupyter(tmp_path):
    with Jupyter(tmp_path) as jupyter:
        yield jupyter


def test_see_fix_and_silence(jupyter, tmp_path):
    server = jupyter.status()["sessions"]["grammared"]  # not there if Jupyter's own schema did not take it
    assert server["spec"]["display_name"] == "Grammared"
    jupyter.ask("initialize", {"processId": None, "rootUri": None, "capabilities": LIKE_JUPYTERLAB})
    jupyter.send("initialized", {})
    text = {**ABOUT, "languageId": "ipythongfm", "version": 1, "text": "She go home.\n\nI dont know.\n"}
    jupyter.send("textDocument/didOpen", {"textDocument": text})
    diagnostics = jupyter.diagnostics(2)
    place = diagnostics[0]["range"]
    hover = jupyter.ask("textDocument/hover", {"textDocument": ABOUT, "position": place["start"]})
    assert "She goes home." in hover["contents"]["value"]
    params = {"textDocument": ABOUT, "range": place, "context": {"diagnostics": diagnostics[:1]}}
    actions = jupyter.ask("textDocument/codeAction", params)
    assert actions[0]["title"] == "Replace “go” with “goes”"
    jupyter.send("workspace/didChangeConfiguration", {"settings": {"grammared": {"severity": "hint"}}})
    assert [one["severity"] for one in jupyter.diagnostics(2)] == [4, 4]
    add = {"word": "dont", "scope": "user", "uri": ABOUT["uri"]}
    jupyter.ask("workspace/executeCommand", {"command": "grammared.addToDictionary", "arguments": [add]})
    assert (tmp_path / "ours" / "config" / "dictionary.txt").read_text() == "dont\n"


def test_jupyterlab_shows_what_is_wrong_and_why(tmp_path):
    (tmp_path / "notes.md").write_text("# Notes\n\nShe go home.\n\nI dont know.\n")
    with JupyterServer(tmp_path) as server, chromium_page(1200, 700) as page:
        page.goto(server.lab("notes.md"))
        wrong = page.locator(".cm-lintRange")
        expect(wrong).to_have_text(["go", "dont"], timeout=2 * PATIENCE)  # JupyterLab loads first
        wrong.first.hover()
        expect(page.locator(".cm-tooltip-lint")).to_contain_text("the verb ends in -s", timeout=PATIENCE)
        if folder := os.environ.get("GRAMMARED_SCREENSHOTS"):
            page.screenshot(path=f"{folder}/jupyterlab.png")


def test_the_server_knows_the_languages_that_are_named():
    (server,) = json.loads(SETTINGS.read_text())["LanguageServerManager"]["language_servers"].values()
    assert [name for name in server["languages"] if not kind_of_identifier(name)] == []
