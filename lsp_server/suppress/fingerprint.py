"""What a finding is known by when the text around it changes."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.documents import Span
    from lsp_server.findings import Finding

VERSION = "1"
"""Of the way fingerprints are made; those of another version match nothing."""
NEIGHBOURS = 2
"""Words on either side that belong to a finding."""

_WORD = re.compile(r"\w+(?:['-]\w+)*")
_SHOWN = 30
"""Characters on either side that a person recognises a finding by."""
_NEAR = 400
"""Characters on either side in which the neighbours are looked for."""


def fingerprint_of(finding: Finding, text: str) -> str:
    """A short name for a finding in `text`: of its kind, its words and two words on either side.

    It says nothing of where the finding stands, so that it is the same after edits elsewhere, in another
    file, and when lines are wrapped or indented anew. Neighbours are words of the same sentence. The
    suggestion does not count: what is right as it stands is right whatever a model would put there.
    """
    place, around = finding.span, finding.sentence
    start = max(around.start if around else 0, place.start - _NEAR)
    end = min(around.end if around else len(text), place.end + _NEAR)
    parts = [
        finding.kind.code,
        *_words(text[start : place.start])[-NEIGHBOURS:],
        "[",
        place.of(text).casefold() if not (inside := _words(place.of(text))) else " ".join(inside),
        "]",
        *_words(text[place.end : end])[:NEIGHBOURS],
    ]
    digest = blake2b("\0".join(parts).encode(errors="surrogatepass"), digest_size=8)
    return f"{VERSION}:{digest.hexdigest()}"


def excerpt(finding: Finding, text: str) -> str:
    """What a person recognises the finding by, on one line."""
    place: Span = finding.span
    start, end = place.start - _SHOWN, place.end + _SHOWN
    before = text[max(0, start) : place.start] if start <= 0 else text[start : place.start].partition(" ")[2]
    after = text[place.end : end] if end >= len(text) else text[place.end : end].rpartition(" ")[0]
    return " ".join(f"{before}[{place.of(text)}]{after}".split())


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text.replace("’", "'"))]
