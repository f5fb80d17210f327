"""What the client can do, resolved once into plain values."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder, get_capability

from lsp_server.documents import PositionEncoding


@dataclass(frozen=True, slots=True)
class Client:
    """The capabilities that make a difference to us."""

    encoding: PositionEncoding = PositionEncoding.UTF16
    """The first of the client's encodings: the one that costs it least."""
    pulls: bool = False
    """It asks for diagnostics, and again when told that they have changed; then none are pushed, or it would
    show each one twice. One that asks but cannot be told (Neovim 0.11) gets them pushed: it would not see
    what a changed setting, a new word in the dictionary or a recovered engine changes."""
    diagnostic_data: bool = False
    code_descriptions: bool = False
    """It can open a page that says what a diagnostic's code means."""
    unnecessary_tag: bool = False
    """It shows words that can go faded."""
    markdown_hover: bool = False
    code_actions: bool = False
    """It takes code actions as such; clients from before 2018 know only commands."""
    resolves_edits: bool = False
    """It asks for an action's edit when the action has been chosen."""
    disabled_actions: bool = False
    """It shows actions that cannot be chosen, with the reason."""
    document_changes: bool = False
    """It checks the version of the document that an edit is for."""
    configuration: bool = False
    """It can be asked for its settings."""
    registers_configuration: bool = False
    """It wants to be told that we like to hear of changed settings."""
    watches_files: bool = False
    """It tells of changed files whose names we give."""
    progress: bool = False


def resolve(capabilities: types.ClientCapabilities) -> Client:
    """Read what matters from a client's `initialize`."""

    def has(path: str) -> bool:
        return bool(get_capability(capabilities, path, default=False))

    pulls = get_capability(capabilities, "text_document.diagnostic") is not None
    return Client(
        encoding=PositionEncoding(ServerCapabilitiesBuilder.choose_position_encoding(capabilities)),
        pulls=pulls and has("workspace.diagnostics.refresh_support"),
        diagnostic_data=has("text_document.publish_diagnostics.data_support")
        or has("text_document.diagnostic.data_support"),
        code_descriptions=has("text_document.publish_diagnostics.code_description_support")
        or has("text_document.diagnostic.code_description_support"),
        unnecessary_tag=_has_tag(capabilities),
        markdown_hover=types.MarkupKind.Markdown
        in (get_capability(capabilities, "text_document.hover.content_format") or ()),
        resolves_edits=has("text_document.code_action.data_support")
        and "edit"
        in (get_capability(capabilities, "text_document.code_action.resolve_support.properties") or ()),
        code_actions=has("text_document.code_action.code_action_literal_support"),
        disabled_actions=has("text_document.code_action.disabled_support"),
        document_changes=has("workspace.workspace_edit.document_changes"),
        configuration=has("workspace.configuration"),
        registers_configuration=has("workspace.did_change_configuration.dynamic_registration"),
        watches_files=has("workspace.did_change_watched_files.dynamic_registration"),
        progress=has("window.work_done_progress"),
    )


def _has_tag(capabilities: types.ClientCapabilities) -> bool:
    """Whether the client shows diagnostics with the tag for what is unnecessary."""
    return any(
        types.DiagnosticTag.Unnecessary
        in (get_capability(capabilities, f"{path}.tag_support.value_set") or ())
        for path in ("text_document.publish_diagnostics", "text_document.diagnostic")
    )
