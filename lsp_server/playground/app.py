"""The page and what it asks: one request for a whole text, one answer with all of its findings.

The page is in `static/`; its script is bundled from `editors/playground/`. It asks over HTTP and not over
the language server's WebSocket, which serves one client and knows neither tags nor probabilities.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from lsp_server.api import tags_of
from lsp_server.documents import DocumentSnapshot, PositionEncoding
from lsp_server.errors import GrammaredError, InputError
from lsp_server.opening import open_checker
from lsp_server.settings.levels import level_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from lsp_server.checker import Checker
    from lsp_server.findings import Finding
    from lsp_server.settings import Settings

LONGEST_TEXT = 20_000
"""Characters; each word is a part of the page."""
_STATIC = Path(__file__).parent / "static"
_CHOICES = {
    "kind": ("markdown", "plaintext"),
    "strictness": ("low", "normal", "high"),
    "engine": ("local", "triton"),
}
_SEVERITIES = {"error": "error", "warning": "warning", "information": "info", "hint": "hint"}
"""What CodeMirror calls them."""


class _Checkers:
    """A checker for each engine, started when it is first asked for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: dict[str, Checker] = {}
        self._lock = asyncio.Lock()

    async def of(self, engine: str) -> Checker:
        """The checker of an engine.

        Raises:
            GrammaredError: it cannot be used.
        """
        async with self._lock:
            if engine not in self._open:
                # Who asks for Triton wants to see Triton: no other engine steps in.
                settings = replace(self._settings, engine=cast("Any", engine), fallback=False)
                self._open[engine] = await open_checker(settings, lambda *_: None)
            return self._open[engine]

    async def close(self) -> None:
        """Close all of them."""
        for checker in self._open.values():
            await checker.close()


def app_of(settings: Settings) -> Starlette:
    """The application, for any ASGI server; it answers to the names of this machine only."""
    checkers = _Checkers(settings)

    @asynccontextmanager
    async def open_and_close(_: Starlette) -> AsyncIterator[None]:
        yield
        await checkers.close()

    async def check(request: Request) -> Response:
        try:
            question = _question(await request.json())
            return JSONResponse(await _answer(checkers, settings, question))
        except (GrammaredError, ValueError) as error:
            return PlainTextResponse(str(error), 400)

    return Starlette(
        lifespan=open_and_close,
        routes=[
            Route("/check", check, methods=["POST"]),
            Mount("/", StaticFiles(directory=_STATIC, html=True)),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["localhost", "127.0.0.1", "[::1]"])],
    )


def _question(said: Any) -> dict[str, str]:
    """The text and the choices, each one of those that there are.

    Raises:
        InputError: something else was sent.
    """
    text = said.get("text") if isinstance(said, dict) else None
    if not isinstance(text, str):
        raise InputError("a text is missing")
    if len(text) > LONGEST_TEXT:
        raise InputError(f"the text has more than {LONGEST_TEXT:,} characters")
    chosen = {name: said.get(name, options[0]) for name, options in _CHOICES.items()}
    for name, options in _CHOICES.items():
        if chosen[name] not in options:
            raise InputError(f"{name} must be one of {', '.join(options)}")
    return {"text": text.encode("utf-8", "replace").decode(), **chosen}


async def _answer(checkers: _Checkers, settings: Settings, question: dict[str, str]) -> dict[str, Any]:
    """What the page shows; places are lines from 0 and columns in UTF-16 code units."""
    checker = await checkers.of(question["engine"])
    document = DocumentSnapshot("grammared:playground", question["text"], question["kind"])
    chosen = replace(settings, strictness=cast("Any", question["strictness"]))
    result = await checker.check(document, settings=chosen)
    if result.failure:
        raise result.failure
    tags = tags_of(await checker.taggings(document, settings=chosen))
    return {
        "model": result.model,
        "findings": [_finding(one, document, chosen) for one in result.findings],
        "tags": [
            {
                "word": document.text[tag.start : tag.end],
                "label": tag.label,
                "probability": tag.probability,
                "error": tag.error_probability,
            }
            for tag in tags
            if tag.end > tag.start or tag.label != "$KEEP"
        ],
    }


def _finding(finding: Finding, document: DocumentSnapshot, settings: Settings) -> dict[str, Any]:
    return {
        "start": _place(document, finding.span.start),
        "end": _place(document, finding.span.end),
        "text": finding.span.of(document.text),
        "kind": finding.kind.code,
        "severity": _SEVERITIES[level_of(finding.kind.code, settings)],
        "message": finding.message,
        "confidence": finding.confidence,
        "suggestions": [
            {
                "start": _place(document, one.span.start),
                "end": _place(document, one.span.end),
                "text": one.replacement,
            }
            for one in finding.suggestions
        ],
    }


def _place(document: DocumentSnapshot, offset: int) -> tuple[int, int]:
    position = document.lines.to_client(offset, PositionEncoding.UTF16)
    return position.line, position.character
