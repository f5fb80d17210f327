"""Whatever an editor does, in whatever order: in the end it shows what a fresh check finds.

A client in its own process edits, saves, changes settings, silences and pulls; the tiny model answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_server.checker import Checker
from lsp_server.documents import DocumentSnapshot
from lsp_server.settings import Settings, with_user_file
from lsp_server.settings.places import HOME
from tests.lsp_server.server.editor import Editor, capabilities
from tests.lsp_server.server.tiny_server import TinyEngine

PIECES = [
    "He go home. ",
    "I saw teh dog. ",
    "Fine 😀 words. ",
    "the the ",
    "\n\n",
    "\r\n",
    "é\f ",
    "漢字. ",
    "# ",
    "`x` ",
]
WORDS = ["teh", "go", "recieve"]
KINDS = ["spelling", "repeated-word", "subject-verb-agreement"]
loop = asyncio.new_event_loop()


@pytest.fixture(scope="module", autouse=True)
def closed_loop():
    yield
    loop.close()


class NotebookEditor(Editor):
    """An editor whose document is the one cell of a notebook."""

    notebook = "file:///paper.ipynb"

    def open(self, text):
        self.uri, self.text, self.version = "vscode-notebook-cell:///paper.ipynb#cell", text, 1
        cells = [types.NotebookCell(types.NotebookCellKind.Markup, self.uri)]
        notebook = types.NotebookDocument(self.notebook, "jupyter-notebook", 1, cells)
        documents = [types.TextDocumentItem(self.uri, "markdown", self.version, text)]
        self.client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(notebook, documents))

    def send(self, changes):
        self.version += 1
        cell = types.VersionedTextDocumentIdentifier(version=self.version, uri=self.uri)
        content = [types.NotebookDocumentCellContentChanges(cell, changes)]
        event = types.NotebookDocumentChangeEvent(
            cells=types.NotebookDocumentCellChanges(text_content=content)
        )
        notebook = types.VersionedNotebookDocumentIdentifier(version=self.version, uri=self.notebook)
        self.client.notebook_document_did_change(types.DidChangeNotebookDocumentParams(notebook, event))

    def save(self):
        notebook = types.NotebookDocumentIdentifier(self.notebook)
        self.client.notebook_document_did_save(types.DidSaveNotebookDocumentParams(notebook))


class EditorMachine(RuleBasedStateMachine):
    """One document in one editor; what it shows is compared with a check of its text from nothing."""

    encoding = "utf-16"
    pull = False
    kind = Editor

    @initialize(text=st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
    def open(self, text):
        self.home = Path(tempfile.mkdtemp())
        self.strictness = "normal"
        self.editor = self.kind()
        client = capabilities("visual-studio-code", pull=self.pull)
        synchronization = types.NotebookDocumentSyncClientCapabilities()
        client.notebook_document = types.NotebookDocumentClientCapabilities(synchronization)
        client.general.position_encodings = [types.PositionEncodingKind(self.encoding)]
        start = self.editor.start(client, home=self.home, configuration={"debounce": 0})
        loop.run_until_complete(start)
        assert self.editor.encoding == self.encoding
        self.editor.open(text)

    @rule(data=st.data(), new=st.sampled_from([*PIECES, "", "x", "teh", " "]))
    def edit(self, data, new):
        places = st.integers(0, len(self.editor.text))
        start, end = sorted((data.draw(places), data.draw(places)))
        end = min(end, start + 8)
        self.editor.edit((self.editor.position(start), self.editor.position(end), new))

    @rule(text=st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
    def rewrite(self, text):
        self.editor.rewrite(text)

    @rule()
    def save(self):
        self.editor.save()

    @rule(strictness=st.sampled_from(["low", "normal"]))
    def configure(self, strictness):
        self.strictness = strictness
        self.editor.configure({"debounce": 0, "strictness": strictness})

    @rule(word=st.sampled_from(WORDS))
    def add_word(self, word):
        loop.run_until_complete(
            self.editor.execute("grammared.addToDictionary", {"word": word, "scope": "user"})
        )

    @rule(data=st.data())
    def ignore(self, data):
        """A finding of the newest text, as a menu offers it."""
        found = self._found()
        if found:
            one = data.draw(st.sampled_from(found))
            finding = {"kind": one.kind.code, "start": one.span.start, "end": one.span.end}
            document = {"uri": self.editor.uri, "version": self.editor.version, "scope": "user"}
            self._try("grammared.ignore", {**finding, **document})

    @rule(kind=st.sampled_from(KINDS), level=st.sampled_from(["off", "hint"]))
    def set_kind(self, kind, level):
        self._try("grammared.setKind", {"kind": kind, "level": level, "scope": "user"})

    def _try(self, command, argument):
        """What is refused, such as a finding that is not known yet, changes nothing."""
        with contextlib.suppress(JsonRpcException):
            loop.run_until_complete(self.editor.execute(command, argument))

    @rule()
    def undo(self):
        loop.run_until_complete(self.editor.execute("grammared.undo"))

    @rule()
    def restart(self):
        loop.run_until_complete(self.editor.execute("grammared.restart"))

    @rule()
    def ask(self):
        loop.run_until_complete(self.editor.code_actions())

    @rule()
    def compare(self):
        """What is shown once all is quiet; saving ends what waits for a pause in typing."""
        self.editor.save()
        expected = sorted(self._fresh())
        shown = loop.run_until_complete(self._shown(expected))
        assert shown == expected

    @invariant()
    def lives(self):
        assert self.editor.is_running

    def teardown(self):
        if hasattr(self, "editor"):
            self.compare()
            assert loop.run_until_complete(self.editor.stop()) == 0
            shutil.rmtree(self.home)

    async def _shown(self, expected):
        """The words under diagnostics, when they are as expected, or when nothing more comes."""
        shown = None
        for _ in range(40):
            if self.pull:
                shown = sorted(map(self._place, (await self.editor.pull()).items))
            else:
                while not self.editor.published.empty():
                    pushed = self.editor.published.get_nowait()
                    if pushed.version == self.editor.version:
                        shown = self.last = sorted(map(self._place, pushed.diagnostics))
                shown = getattr(self, "last", None)
            if shown == expected:
                break
            await asyncio.sleep(0.1)
        return shown

    def _place(self, found):
        return found.range.start.line, found.range.start.character, found.code

    def _fresh(self):
        for finding in self._found():
            yield (*self.editor.position(finding.span.start), finding.kind.code)

    def _found(self):
        """By a check of the same text, with the user's files, by a checker that remembers nothing."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(HOME, str(self.home))
            chosen = replace(with_user_file(Settings()).settings, strictness=self.strictness)
            checker = Checker(TinyEngine(None, None), chosen)
            snapshot = DocumentSnapshot(self.editor.uri, self.editor.text, "markdown")
            return loop.run_until_complete(checker.check(snapshot)).findings


@pytest.mark.slow
@pytest.mark.parametrize("pull", [True, False], ids=["pull", "push"])
@pytest.mark.parametrize(
    ("encoding", "kind"),
    [("utf-8", Editor), ("utf-16", Editor), ("utf-32", Editor), ("utf-16", NotebookEditor)],
)
def test_what_is_shown_is_what_a_fresh_check_finds(encoding, kind, pull):
    machine = type("Machine", (EditorMachine,), {"encoding": encoding, "kind": kind, "pull": pull})
    chosen = settings(
        max_examples=6, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(machine, settings=chosen)
