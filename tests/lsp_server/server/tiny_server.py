"""A language server with a tiny engine of a few rules: real in every part but the model.

Run as `python -m tests.lsp_server.server.tiny_server [--tcp PORT | --ws PORT]`. With the setting `model`, the
model is missing as long as that file is. Some words make the engine misbehave, and so do some models.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from lsp_server.checker import Checker
from lsp_server.cli.serve import workspace_texts
from lsp_server.errors import EngineUnavailable, ModelError
from lsp_server.server import run
from triton_server.gector.types import Decoding, Tagging

REPLACEMENTS = {("He", "go"): "goes", ("I", "is"): "am", ("", "teh"): "the", ("", "recieve"): "receive"}
"""What to write for a word, after another or after any."""

UNSURE = {"perhaps": "maybe"}
"""The same, of what the model is not sure of."""


class TinyEngine:
    identity = "tiny:1"

    def __init__(self, model: Path | None, engine_changed) -> None:
        self._model = model
        self._engine_changed = engine_changed

    def decoding(self, strictness: str) -> Decoding:
        return Decoding(min_error_prob={"low": 0.95, "normal": 0.5, "high": 0.1}[strictness])

    async def start(self) -> None:
        if self._model and not self._model.exists():
            raise ModelError(f"{self._model}: no such model")

    async def tag(self, sentences, keep_confidence) -> list[Tagging]:
        return [await self._tag_one(list(words)) for words in sentences]

    async def close(self) -> None:
        self._model = None

    async def _tag_one(self, words: list[str]) -> Tagging:
        if "unreachable" in words:
            raise EngineUnavailable("the engine cannot be reached")
        if "divide" in words:
            raise ZeroDivisionError("a fault in the engine")
        if "sluggish" in words:
            await asyncio.sleep(0.02)
        if "endless" in words:
            await asyncio.Event().wait()
        if "failover" in words:
            self._engine_changed("the other engine takes over", True)
        labels = ["$KEEP"]
        for before, word in zip(["", *words], words, strict=False):
            new = REPLACEMENTS.get((before, word)) or REPLACEMENTS.get(("", word)) or UNSURE.get(word)
            labels.append("$DELETE" if word == before == "the" else f"$REPLACE_{new}" if new else "$KEEP")
        wrong = [0.6 if word in UNSURE else 0.9 for word in ["", *words]]
        probabilities = tuple(
            sure if label != "$KEEP" else 0.99 for sure, label in zip(wrong, labels, strict=True)
        )
        errors = tuple(0.9 if label != "$KEEP" else 0.01 for label in labels)
        return Tagging(tuple(labels), probabilities, errors)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tcp", type=int)
    parser.add_argument("--ws", type=int)
    arguments = parser.parse_args()

    async def open_checker(settings, engine_changed) -> Checker:
        if settings.model == "endless":
            await asyncio.Event().wait()
        if settings.model == "faulty":
            raise ZeroDivisionError("a fault while loading")
        engine = TinyEngine(Path(settings.model) if settings.model else None, engine_changed)
        await engine.start()
        print("printing must not reach the client")  # as libraries do
        return Checker(engine, settings)

    def address(port: int | None) -> tuple[str, int] | None:
        return None if port is None else ("127.0.0.1", port)

    return run(
        tcp=address(arguments.tcp),
        ws=address(arguments.ws),
        open_checker=open_checker,
        texts=workspace_texts,
    )


if __name__ == "__main__":
    sys.exit(main())
