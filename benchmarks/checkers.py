"""Grammar checkers that take texts and give corrections, each by itself: Grammared and its peers.

Run as a program it answers one JSON list of texts with one JSON list, of the corrections of each text; so
that a peer runs in an environment of its own:

    PEERS/bin/python benchmarks/checkers.py harper < texts.json > corrections.json

The peers: `harper` (PyPI harper-py), `lingotweaker` (LanguageTool's engine and rules in Rust: lingotweaker
with lingotweaker-data-en), `quire` (quire-grammar[model]). Nothing here imports Grammared unless it is
asked for.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Correction = tuple[int, int, "str | None"]
"""Code-point offsets into the text, and what to put there; None if the checker does not say."""
Corrector = Callable[[Sequence[str]], "list[list[Correction]]"]

PEERS = ("harper", "lingotweaker", "quire")


def peer(name: str, python: Path) -> Corrector:
    """A peer in an environment of its own, one process for all texts."""

    def correct(texts: Sequence[str]) -> list[list[Correction]]:
        done = subprocess.run(
            [str(python), __file__, name],
            input=json.dumps(list(texts)),
            capture_output=True,
            text=True,
            check=True,
        )
        return [[(start, end, text) for start, end, text in found] for found in json.loads(done.stdout)]

    return correct


def grammared(strictness: str, model: Path | None = None) -> Corrector:
    """The whole product at a strictness, each text a document of its own."""
    import asyncio

    from lsp_server.documents import DocumentSnapshot
    from lsp_server.opening import open_checker
    from lsp_server.settings import Settings

    async def correct_all(texts: Sequence[str]) -> list[list[Correction]]:
        settings = Settings(strictness=strictness, model=str(model or ""), cache=False)  # type: ignore[arg-type]
        checker = await open_checker(settings, lambda *_: None, is_hurried=False)
        found = []
        try:
            for number, text in enumerate(texts):
                document = DocumentSnapshot(f"file:///{number}.txt", text, "plaintext")
                findings = (await checker.check(document)).findings
                found.append([_correction(finding) for finding in findings])
        finally:
            await checker.close()
        return found

    def _correction(finding: Any) -> Correction:
        best = finding.suggestions[0]
        return best.span.start, best.span.end, best.replacement

    return lambda texts: asyncio.run(correct_all(texts))


def corrected(text: str, corrections: Iterable[Correction]) -> str:
    """The text with every first suggestion taken, but for those that overlap an earlier one."""
    parts, done = [], 0
    for start, end, new in sorted(corrections, key=lambda one: one[:2]):
        if new is not None and start >= done:
            parts += [text[done:start], new]
            done = end
    return "".join([*parts, text[done:]])


def _harper() -> Callable[[str], list[Correction]]:
    import harper

    linter = harper.Linter(harper.Dialect.AMERICAN)
    kinds = harper.SuggestionKind

    def check(text: str) -> list[Correction]:
        found: list[Correction] = []
        for lint in linter.lint(text, language=harper.Language.PLAINTEXT):
            start, end = lint.span.start, lint.span.end
            best = next(iter(lint.suggestions), None)
            if best is None:
                found.append((start, end, None))
            elif best.kind == kinds.INSERT_AFTER:
                found.append((end, end, best.replacement_text))
            else:
                found.append((start, end, best.replacement_text))
        return found

    return check


def _lingotweaker() -> Callable[[str], list[Correction]]:
    import lt_py

    engine = lt_py.Engine("en-US")

    def check(text: str) -> list[Correction]:
        found: list[Correction] = []
        data = text.encode()  # it counts bytes
        for match in engine.check(text):
            start, end = (
                len(data[:offset].decode()) for offset in (match["offset"], match["offset"] + match["length"])
            )
            found.append((start, end, next(iter(match["suggestions"]), None)))
        return found

    return check


def _quire() -> Callable[[str], list[Correction]]:
    import quire_grammar

    def check(text: str) -> list[Correction]:
        return [(one.start, one.end, next(iter(one.suggestions), None)) for one in quire_grammar.check(text)]

    return check


def main() -> None:
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a checker prints of itself is no part of the answer
    check = {"harper": _harper, "lingotweaker": _lingotweaker, "quire": _quire}[sys.argv[1]]()
    with answer:
        json.dump([check(text) for text in json.load(sys.stdin)], answer)


if __name__ == "__main__":
    main()
