"""Texts and findings in them, for the tests of what is silenced."""

import re

from lsp_server.documents import DocumentSnapshot, Span
from lsp_server.findings import ErrorKind, Finding, Suggestion


def finding_at(text, words, kind=ErrorKind.ARTICLE, confidence=0.9, replacement="x"):
    """A finding at the first place where these words stand, in the sentence that ends with the next dot."""
    start = text.index(words)
    end = start + len(words)
    begin = text.rfind(".", 0, start) + 1
    stop = text.find(".", end)
    span = Span(start, end)
    sentence = Span(begin, stop + 1 if stop >= 0 else len(text))
    return Finding(
        span, kind, "message", (Suggestion(span, replacement),), confidence, ("$X",), sentence=sentence
    )


def snapshot_of(text, language="markdown"):
    return DocumentSnapshot("file:///text", text, language)


def wrapped(text, width):
    """The text with its lines broken anew."""
    return "\n".join(re.findall(rf"\S(?:.{{0,{width}}}\S)?(?=\s|$)", text))
