"""Editors that are gone, with their servers, when all is over."""

from __future__ import annotations

import pytest_asyncio

from tests.lsp_server.server.editor import Editor, capabilities


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def editors():
    """Those that tests share because they start them alike."""
    shared: dict[object, Editor] = {}
    yield shared
    for editor in shared.values():
        assert await editor.stop() == 0


@pytest_asyncio.fixture(loop_scope="session")
async def start(editors):
    """A function that starts an editor with its server; tests that start it in a plain way share one."""
    used: list[Editor] = []
    own: list[Editor] = []

    async def start(profile="visual-studio-code", *, pull=None, actions=True, client=None, **rest) -> Editor:
        if client or rest:
            own.append(editor := Editor())
            await editor.start(client or capabilities(profile, pull=pull, actions=actions), **rest)
            return editor
        key = (profile, pull, actions)
        if key not in editors:
            editors[key] = Editor()
            await editors[key].start(capabilities(profile, pull=pull, actions=actions))
        used.append(editors[key])
        return editors[key]

    yield start
    for editor in used:
        editor.reset()
    for editor in own:
        if editor.is_running:
            assert await editor.stop() == 0
