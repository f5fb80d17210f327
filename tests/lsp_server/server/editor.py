"""An editor for tests: a real client in its own process, which keeps and edits its text in its own way."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest_lsp
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

from lsp_server.server.status import STATUS
from tests.lsp_server.documents import naive

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[3]
SERVER = (sys.executable, "-m", "tests.lsp_server.server.tiny_server")
PATIENCE = 180
"""Seconds after which a test has failed; nothing takes as long."""
_numbers = itertools.count(1)


def capabilities(
    profile: str, *, pull: bool | None = None, refresh: bool = True, actions: bool = True
) -> types.ClientCapabilities:
    """Those of a real client, with pull diagnostics and code actions as told."""
    capabilities = pytest_lsp.client_capabilities(profile)
    if pull is not None:
        capabilities.text_document.diagnostic = types.DiagnosticClientCapabilities() if pull else None
        capabilities.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh)
    if not actions:
        capabilities.text_document.code_action.code_action_literal_support = None
    return capabilities


class Editor:
    """One document at a time, in the position encoding that the server chose."""

    def __init__(self) -> None:
        self.published: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.shown: asyncio.Queue[types.ShowMessageParams] = asyncio.Queue()
        self.refreshed: asyncio.Queue[None] = asyncio.Queue()
        self.statuses: asyncio.Queue[Any] = asyncio.Queue()
        self.progress: list[Any] = []
        self.parts: list[tuple[Any, list[Any]]] = []
        self.progressed = asyncio.Event()
        self.progress_ended = asyncio.Event()
        self.uri = self.text = ""
        self.version = 0
        self.client = pytest_lsp.LanguageClient(converter_factory=_converter)
        register_lsp_features(
            self.client,
            {
                **DEFAULT_CLIENT_FEATURES,
                types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: lambda params: self.published.put_nowait(params),
                types.WINDOW_SHOW_MESSAGE: lambda params: self.shown.put_nowait(params),
                types.WORKSPACE_DIAGNOSTIC_REFRESH: lambda params: self.refreshed.put_nowait(None),
                types.CLIENT_REGISTER_CAPABILITY: lambda params: None,
                types.WORKSPACE_APPLY_EDIT: lambda params: self.apply_edit(params.edit),
                STATUS: lambda params: self.statuses.put_nowait(params),
                types.PROGRESS: lambda params: self._progress(params),
            },
        )

    async def start(
        self,
        client: types.ClientCapabilities,
        *arguments: str,
        command: Sequence[str] = SERVER,
        options: Any = None,
        configuration: Any = None,
        folders: Sequence[Path] = (),
        home: Path | None = None,
        configure: Any = None,
    ) -> None:
        """Start the server and say hello to it."""
        self.client.set_configuration({"grammared": configuration})
        if configure:
            self.client.protocol.fm.features[types.WORKSPACE_CONFIGURATION] = configure
        variables = {**os.environ, **({"GRAMMARED_HOME": str(home)} if home else {})}
        await self.client.start_io(*command, *arguments, cwd=ROOT, env=variables)
        workspace = [types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders]
        params = types.InitializeParams(
            client, initialization_options=options, workspace_folders=workspace or None
        )
        result = await self.wait(self.client.initialize_session(params))
        self.capabilities = result.capabilities
        self.pulls = result.capabilities.diagnostic_provider is not None
        self.encoding = types.PositionEncodingKind(result.capabilities.position_encoding).value

    async def wait(self, awaitable: Any) -> Any:
        return await asyncio.wait_for(awaitable, PATIENCE)

    def send_raw(self, method: str, params: Any) -> None:
        """Send a notification that may be none."""
        self.client.protocol._send_data({"jsonrpc": "2.0", "method": method, "params": params})

    def open(
        self, text: str, language: str = "markdown", *, scheme: str = "file", path: Path | None = None
    ) -> None:
        uri = path.as_uri() if path else f"{scheme}:///letter%20{next(_numbers)}.md"
        self.uri, self.text, self.version = uri, text, 1
        item = types.TextDocumentItem(self.uri, language, self.version, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def edit(self, *edits: tuple[tuple[int, int], tuple[int, int], str]) -> None:
        """Make edits, one after the other, in the text and on the server."""
        changes = []
        for start, end, new in edits:
            self.text = naive.edit(self.text, start, end, new, self.encoding)
            place = types.Range(types.Position(*start), types.Position(*end))
            changes.append(types.TextDocumentContentChangePartial(place, new))
        self.send(changes)

    def replace(self, old: str, new: str) -> None:
        """Make the edit that replaces the first `old`."""
        at = self.text.index(old)
        self.edit((self.position(at), self.position(at + len(old)), new))

    def rewrite(self, text: str) -> None:
        """Send a whole new text."""
        self.text = text
        self.send([types.TextDocumentContentChangeWholeDocument(text)])

    def send(self, changes: list[types.TextDocumentContentChangeEvent]) -> None:
        """Tell the server of changes."""
        self.version += 1
        document = types.VersionedTextDocumentIdentifier(version=self.version, uri=self.uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, changes))

    def reset(self) -> None:
        """Close the document, and forget what the server has said."""
        if self.uri:
            self.close()
        for queue in (self.published, self.shown, self.refreshed, self.statuses):
            while not queue.empty():
                queue.get_nowait()

    def configure(self, settings: Any) -> None:
        """Change the settings, and say so."""
        self.client.set_configuration({"grammared": settings})
        self.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))

    def save(self) -> None:
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(self.document))

    def close(self) -> None:
        document, self.uri = self.document, ""
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(document))

    @property
    def document(self) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri)

    async def diagnostics(self, at_least: int = 0) -> Sequence[types.Diagnostic]:
        """Those of the text as it is now: pushed for this version, or asked for; they come in steps."""
        if self.pulls:
            return (await self.pull()).items
        while True:
            params = await self.wait(self.published.get())
            is_new = (params.uri, params.version) == (self.uri, self.version)
            if is_new and len(params.diagnostics) >= at_least:
                return params.diagnostics

    async def pull(self, previous: str | None = None) -> Any:
        params = types.DocumentDiagnosticParams(self.document, previous_result_id=previous)
        return await self.wait(self.client.text_document_diagnostic_async(params))

    async def code_actions(
        self,
        place: types.Range | None = None,
        only: list[str] | None = None,
        diagnostics: Sequence[types.Diagnostic] = (),
        trigger: types.CodeActionTriggerKind | None = None,
    ) -> Sequence[types.CodeAction]:
        place = place or types.Range(types.Position(0, 0), types.Position(100_000, 0))
        context = types.CodeActionContext(diagnostics, only=only, trigger_kind=trigger)
        params = types.CodeActionParams(self.document, place, context)
        return await self.wait(self.client.text_document_code_action_async(params))

    async def choose(self, title: str, *place: int) -> Any:
        """Choose an entry of the menu at a position, as a user would: its edit, its command."""
        here = types.Position(*place)
        actions = {action.title: action for action in await self.code_actions(types.Range(here, here))}
        action = await self.resolve(actions[title])
        if action.edit:
            self.apply(action)
            self.send([types.TextDocumentContentChangeWholeDocument(self.text)])
        if action.command:
            return await self.execute(action.command.command, *action.command.arguments)
        return None

    async def resolve(self, action: types.CodeAction) -> types.CodeAction:
        """The action with its edit, asked for where it is missing as an editor does."""
        if action.edit or action.command:
            return action
        return await self.wait(self.client.code_action_resolve_async(action))

    async def hover(self, line: int, character: int) -> str | None:
        """What is said of a place."""
        params = types.HoverParams(self.document, types.Position(line, character))
        answer = await self.wait(self.client.text_document_hover_async(params))
        return answer.contents.value if answer else None

    async def execute(self, command: str, *arguments: Any) -> Any:
        """What a command answers; the edits that it makes are applied."""
        params = types.ExecuteCommandParams(command, list(arguments))
        return await self.wait(self.client.workspace_execute_command_async(params))

    def apply_edit(self, edit: types.WorkspaceEdit) -> types.ApplyWorkspaceEditResult:
        """Make an edit that the server asks for, and tell it of the new text."""
        self.apply(types.CodeAction("", edit=edit))
        self.send([types.TextDocumentContentChangeWholeDocument(self.text)])
        return types.ApplyWorkspaceEditResult(True)

    def apply(self, action: types.CodeAction) -> None:
        """Do what an action says, as an editor would: from the end, so that no edit moves another."""
        if action.edit.document_changes:
            (change,) = action.edit.document_changes
            assert (change.text_document.uri, change.text_document.version) == (self.uri, self.version)
            edits = change.edits
        else:
            ((uri, edits),) = action.edit.changes.items()
            assert uri == self.uri
        for edit in sorted(edits, key=lambda edit: _pair(edit.range.start), reverse=True):
            self.text = naive.edit(
                self.text, _pair(edit.range.start), _pair(edit.range.end), edit.new_text, self.encoding
            )

    def position(self, offset: int) -> tuple[int, int]:
        """The position of a code-point offset."""
        units = naive.to_units(self.text[:offset], self.encoding)
        start, _ = naive.lines(units)[-1]
        return len(naive.lines(units)) - 1, len(units) - start

    def under(self, diagnostic: types.Diagnostic) -> str:
        """What a diagnostic underlines."""
        units = naive.to_units(self.text, self.encoding)
        start, end = (
            naive.offset(units, *_pair(place), self.encoding)
            for place in (diagnostic.range.start, diagnostic.range.end)
        )
        return naive.to_text(units[start:end], self.encoding)

    async def progress_of(self, kind: str, title: str = "") -> list[Any]:
        """What was shown of a kind, when there is something."""
        while not (shown := [v for v in self.progress if v["kind"] == kind and title in v.get("title", "")]):
            self.progressed.clear()
            await self.wait(self.progressed.wait())
        return shown

    def cancel_progress(self) -> None:
        """Say that the user does not want what was shown last to go on."""
        self.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(self.token))

    def parts_of(self, token: str) -> list[Any]:
        """What has come of an answer in parts."""
        return [item for one, items in self.parts if one == token for item in items]

    def _progress(self, params: types.ProgressParams) -> None:
        value = params.value
        if "items" in value:
            self.parts.append((params.token, value["items"]))
            return
        self.token = params.token
        self.progressed.set()
        self.progress.append(value)
        if value["kind"] == "end":
            self.progress_ended.set()

    @property
    def process(self) -> asyncio.subprocess.Process:
        return self.client._server

    @property
    def is_running(self) -> bool:
        return self.process.returncode is None

    async def stop(self) -> int:
        """Say goodbye; the server's exit status."""
        await self.wait(self.client.shutdown_session())
        await self.client.stop()
        return self.process.returncode


def _converter():
    """pygls' own, but for two things that it cannot read: actions with a command, and notebooks."""
    converter = default_converter()

    def action_or_command(value, _):
        kind = types.Command if isinstance(value.get("command"), str) else types.CodeAction
        return converter.structure(value, kind)

    converter.register_structure_hook(types.Command | types.CodeAction, action_or_command)
    notebooks = types.NotebookDocumentSyncOptions | types.NotebookDocumentSyncRegistrationOptions | None
    converter.register_structure_hook(notebooks, lambda value, _: value)
    return converter


def _pair(position: types.Position) -> tuple[int, int]:
    return position.line, position.character
