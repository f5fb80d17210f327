"""Findings as LanguageTool writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsp_server import __version__
from lsp_server.findings import ErrorKind
from lsp_server.findings.explanations import explanation_of
from lsp_server.findings.fixes import choices

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lsp_server.findings import Finding
    from lsp_server.http.annotated import Annotated
    from lsp_server.settings.settings import Dialect

LANGUAGES: dict[str, tuple[str, Dialect]] = {
    "en": ("English", "auto"),
    "en-US": ("English (US)", "us"),
    "en-GB": ("English (GB)", "gb"),
    "en-CA": ("English (Canadian)", "ca"),
    "en-AU": ("English (Australian)", "au"),
    "en-NZ": ("English (New Zealand)", "nz"),
    "en-IN": ("English (Indian)", "in"),
}
"""LanguageTool's code → its name, and our dialect."""

_CONTEXT = 40
"""Characters on either side of a finding that are shown with it."""
_CATEGORIES = {
    ErrorKind.SPELLING: ("TYPOS", "Possible Typo", "misspelling"),
    ErrorKind.CONFUSED_WORD: ("CONFUSED_WORDS", "Commonly Confused Words", "misspelling"),
    ErrorKind.CAPITALISATION: ("CASING", "Capitalization", "typographical"),
    ErrorKind.PUNCTUATION: ("PUNCTUATION", "Punctuation", "typographical"),
    ErrorKind.MISSING_COMMA: ("PUNCTUATION", "Punctuation", "typographical"),
    ErrorKind.COMPOUND: ("COMPOUNDING", "Compounding", "misspelling"),
    ErrorKind.REPEATED_WORD: ("MISC", "Miscellaneous", "duplication"),
}
_OTHER = ("GRAMMAR", "Grammar", "grammar")


def category_of(kind: ErrorKind) -> str:
    """LanguageTool's category of a kind."""
    return _CATEGORIES.get(kind, _OTHER)[0]


def rule_of(kind: ErrorKind) -> str:
    """The identifier of a kind in LanguageTool's manner: `GRAMMARED_SPELLING`."""
    return f"GRAMMARED_{kind.code.upper().replace('-', '_')}"


def answer(text: Annotated, findings: Iterable[Finding], code: str) -> dict[str, Any]:
    """The answer of `/v2/check`.

    Args:
        text: what was checked.
        findings: in it.
        code: of the language that was asked for, such as `en-GB`.
    """
    name = LANGUAGES[code][0]
    language = {"name": name, "code": code}
    return {
        "software": {
            "name": "Grammared",
            "version": __version__,
            "buildDate": "",
            "apiVersion": 1,
            "premium": False,
            "status": "",
        },
        "warnings": {"incompleteResults": False},
        "language": {**language, "detectedLanguage": {**language, "confidence": 1.0}},
        "matches": list(_matches(text, findings)),
    }


def _matches(text: Annotated, findings: Iterable[Finding]) -> Iterator[dict[str, Any]]:
    for finding in findings:
        span, replacements = choices(finding, text.text)
        place = text.place(span.start, span.end)
        if place is None:
            continue
        offset, length = text.units(*place)
        category, category_name, issue = _CATEGORIES.get(finding.kind, _OTHER)
        before = text.original[max(0, place[0] - _CONTEXT) : place[0]]
        wrong = text.original[place[0] : place[1]]
        after = text.original[place[1] : place[1] + _CONTEXT]
        sentence = finding.sentence.of(text.text) if finding.sentence else wrong
        context_offset, _ = text.units(place[0] - len(before), place[0])
        yield {
            "message": finding.message,
            "shortMessage": explanation_of(finding.kind).title,
            "replacements": [{"value": replacement} for replacement in replacements],
            "offset": offset,
            "length": length,
            "context": {
                "text": " ".join(f"{before}{wrong}{after}".splitlines()),
                "offset": offset - context_offset,
                "length": length,
            },
            "sentence": sentence,
            "type": {"typeName": "UnknownWord" if finding.kind is ErrorKind.SPELLING else "Other"},
            "rule": {
                "id": rule_of(finding.kind),
                "description": explanation_of(finding.kind).title,
                "issueType": issue,
                "category": {"id": category, "name": category_name},
            },
            "ignoreForIncompleteSentence": False,
            "contextForSureMatch": 0,
        }
