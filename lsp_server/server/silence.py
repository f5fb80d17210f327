"""Silencing findings: what the menu offers, and the commands that do it. The server writes all the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from lsp_server.documents import Span
from lsp_server.errors import InputError
from lsp_server.findings import ErrorKind, Suggestion
from lsp_server.settings.places import PROJECT_DICTIONARY, user_dictionary, user_file, user_ignored
from lsp_server.settings.project import place_in
from lsp_server.suppress.directives import insertion, top_of
from lsp_server.suppress.entries import add_entry
from lsp_server.suppress.fingerprint import excerpt, fingerprint_of
from lsp_server.suppress.kind_levels import set_kind_level
from lsp_server.suppress.words import entry_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lsp_server.documents import DocumentSnapshot
    from lsp_server.findings import Finding
    from lsp_server.server.app import GrammaredServer
    from lsp_server.server.arguments import Arguments
    from lsp_server.suppress.entries import Change

ADD_WORD = "grammared.addToDictionary"
IGNORE = "grammared.ignore"
SET_KIND = "grammared.setKind"
UNDO = "grammared.undo"

SCOPES = ("user", "project")
LEVELS = ("off", "hint", "information", "warning", "error")
_ABOUT_A_WORD = frozenset(
    {
        *(ErrorKind.SPELLING, ErrorKind.CAPITALISATION, ErrorKind.CONTRACTION, ErrorKind.COMPOUND),
        ErrorKind.WORD_CHOICE,
    }
)
"""Kinds of which a dictionary may know better: whether "go" agrees with its subject is no matter of words."""
_LONGEST_WORD = 60
_MOST_UNDONE = 50
"""Changes that can be taken back."""


def offers(
    finding: Finding, snapshot: DocumentSnapshot, *, in_project: bool
) -> Iterator[types.Command | tuple[str, Suggestion]]:
    """What may be done so that a finding is not reported: commands, or texts to insert, with their titles."""
    words = " ".join(finding.span.of(snapshot.text).split())
    code, uri = finding.kind.code, snapshot.uri
    scopes = SCOPES if in_project else SCOPES[:1]
    names = {"user": "your", "project": "the project's"}
    if finding.kind is ErrorKind.DIRECTIVE:
        return
    if finding.kind in _ABOUT_A_WORD and words and len(words) <= _LONGEST_WORD:
        for scope in scopes:
            given = {"word": words, "scope": scope, "uri": uri}
            yield _command(f"Add “{words}” to {names[scope]} dictionary", ADD_WORD, given)
    place: dict[str, Any] = {
        "start": finding.span.start,
        "end": finding.span.end,
        "version": snapshot.version,
    }
    for scope in scopes:
        where = "here and wherever it stands like this" if scope == "user" else "everywhere in the project"
        finding_of = {"uri": uri, **place, "kind": code, "scope": scope}
        yield _command(f"Ignore “{_brief(words)}” {where}", IGNORE, finding_of)
    yield f"Switch off “{code}” on this line", Suggestion(*_directive(snapshot, finding.span.start, code))
    yield (
        f"Switch off “{code}” in this file",
        Suggestion(*insertion(snapshot, top_of(snapshot), f"off-file {code}")),
    )
    for scope in scopes:
        where = "in the project" if scope == "project" else "everywhere"
        for level, what in (("off", "Switch off"), ("hint", "Show only as a hint:")):
            given = {"kind": code, "level": level, "scope": scope, "uri": uri}
            yield _command(f"{what} “{code}” {where}", SET_KIND, given)


async def add_to_dictionary(ls: GrammaredServer, arguments: Arguments) -> str:
    """Make a word or name right. The answer is the file that was written.

    Arguments: `word`, `scope` (user or project), and for a project the `uri` of one of its documents.
    """
    word = entry_for(arguments.text("word"))
    scope = arguments.text("scope", SCOPES)
    if scope == "user":
        return _done(ls, lambda: add_entry(user_dictionary(), word))
    project = _project(ls, arguments)
    return _done(ls, lambda: add_entry(place_in(project, PROJECT_DICTIONARY), word))


async def ignore(ls: GrammaredServer, arguments: Arguments) -> str:
    """Report a finding no more, here and wherever the words around it are the same.

    Arguments: `uri`, `start` and `end` (code points), `kind`, `version`, and `scope` (user or project).
    """
    outcome = ls.session.known(arguments.text("uri"))
    place = Span(arguments.number("start"), arguments.number("end"))
    if outcome is None or outcome.snapshot.version != arguments.value("version"):
        raise JsonRpcInvalidParams("the document has changed, or is not checked yet")
    found = [
        one
        for one in outcome.result.findings
        if one.span == place and one.kind.code == arguments.text("kind")
    ]
    if not found:
        raise JsonRpcInvalidParams("there is no such finding")
    text = outcome.snapshot.text
    entry, comment = fingerprint_of(found[0], text), excerpt(found[0], text)
    if arguments.text("scope", SCOPES) == "user":
        return _done(ls, lambda: add_entry(user_ignored(), entry, comment))
    project, name = _project(ls, arguments), ls.session.settings_of(outcome.snapshot.uri).ignore_file
    return _done(ls, lambda: add_entry(place_in(project, name), entry, comment))


async def set_kind(ls: GrammaredServer, arguments: Arguments) -> str:
    """Switch a kind off, or show it otherwise.

    Arguments: `kind`, `level` (off, hint, information, warning or error), `scope` (user or project), and for
    a project the `uri` of one of its documents.
    """
    kind = arguments.text("kind", tuple(one.code for one in ErrorKind))
    level = arguments.text("level", LEVELS)
    if arguments.text("scope", SCOPES) == "user":
        return _done(ls, lambda: set_kind_level(user_file(), kind, level))
    project, file = _project(ls, arguments), str(ls.session.project_file(arguments.text("uri")))
    return _done(ls, lambda: set_kind_level(place_in(project, file), kind, level))


async def undo(ls: GrammaredServer, _: Arguments) -> str | None:
    """Take back the last of these changes. The answer is the file; nothing if there is none."""
    if not ls.silenced:
        return None
    change = ls.silenced.pop()
    try:
        change.undo()
    except InputError as error:
        raise _told(ls, error) from error
    ls.files_changed()
    return str(change.path)


def _done(ls: GrammaredServer, write: Any) -> str:
    """Make a change, remember it, and check all documents again."""
    try:
        change: Change = write()
    except InputError as error:
        raise _told(ls, error) from error
    if not change.is_empty:
        ls.silenced.append(change)
        del ls.silenced[:-_MOST_UNDONE]
    ls.files_changed()
    return str(change.path)


def _told(ls: GrammaredServer, error: InputError) -> JsonRpcInvalidParams:
    ls.session.notifications.show(f"Grammared: {error}", types.MessageType.Error)
    return JsonRpcInvalidParams(str(error))


def _project(ls: GrammaredServer, arguments: Arguments) -> Path:
    folder = ls.session.project_of(arguments.text("uri"))
    if folder is None:
        raise JsonRpcInvalidParams("the document is in no folder of the workspace")
    return folder


def _directive(snapshot: DocumentSnapshot, offset: int, code: str) -> tuple[Span, str]:
    """A directive above the paragraph, where a line of its own is no part of the text."""
    return insertion(snapshot, offset, f"off-next-line {code}")


def _command(title: str, name: str, argument: dict[str, Any]) -> types.Command:
    return types.Command(title, name, arguments=[argument])


def _brief(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:29]}…"
