"""Where a sentence matches the table of patterns, and the one pattern that is code: doubled words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from lsp_server.findings.kinds import ErrorKind
from lsp_server.findings.proposal import Proposal
from lsp_server.patterns.table import Pattern, by_anchor
from triton_server.gector.verb_forms import is_verb_form, plural, singular, verb_form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from triton_server.segmentation.types import Sentence

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*'?|,+")
_DOUBLED = re.compile(r"(?<![\w'’-])([^\W\d_]+)(?P<target>\s+\1)(?![\w'’-])", re.IGNORECASE)
_MAY_DOUBLE = frozenset(
    {
        *("had", "that", "very", "so", "no", "yes", "ha", "bye", "blah", "knock", "really", "now", "there"),
        *(
            "well",
            "long",
            "far",
            "many",
            "more",
            "never",
            "again",
            "please",
            "is",
            "do",
            "her",
            "who",
            "what",
        ),
        *(
            "he",
            "she",
            "it",
            "you",
            "come",
            "go",
            "tut",
            "hush",
            "hear",
            "night",
            "dear",
            "poor",
            "why",
            "oh",
        ),
        *(
            "quack",
            "woof",
            "boo",
            "win",
            "pom",
            "can",
            "in",
            "on",
            "tick",
            "la",
            "da",
            "cha",
            "aye",
            "hey",
            "etc",
        ),
        *(
            "out",
            "over",
            "up",
            "down",
            "by",
            "bang",
            "ho",
            "old",
            "good",
            "big",
            "little",
            "wait",
            "stop",
            "on",
        ),
    }
)
"""Words that are said twice on purpose, or that may meet: "the man he had had", "what it is is this"."""
_DOUBLED_CONFIDENCE = 0.96


def pattern_proposals(sentence: Sentence) -> list[Proposal]:
    """What the table finds in a sentence: in order, none overlapping another; the first of two counts."""
    text = sentence.text.replace("’", "'")
    found = sorted(
        (*_from_table(text), *_doubled(text)), key=lambda proposal: (proposal.start, -proposal.end)
    )
    spans = [(sentence.words[i].start, sentence.words[i].end) for i in sentence.untouchable]
    kept: list[Proposal] = []
    for proposal in found:
        after = not kept or proposal.start >= kept[-1].end
        if after and not any(start < proposal.end and proposal.start < end for start, end in spans):
            kept.append(_styled(proposal, sentence.text))
    return kept


def _from_table(text: str) -> Iterator[Proposal]:
    anchors = by_anchor()
    seen = {word.lower() for word in _WORD.findall(text)}
    patterns = dict.fromkeys(pattern for word in seen & anchors.keys() for pattern in anchors[word])
    for pattern in patterns:
        for match in pattern.find.finditer(text):
            start, end = match.span("target")
            replacements = tuple(_replacements(pattern, match))
            if replacements and replacements[0] != text[start:end]:
                yield Proposal(
                    start,
                    end,
                    pattern.kind,
                    pattern.message,
                    replacements,
                    pattern.confidence,
                    pattern.id,
                )


def _doubled(text: str) -> Iterator[Proposal]:
    for match in _DOUBLED.finditer(text):
        word = match[1]
        twice = match["target"].strip()
        is_name = word[:1].isupper() and twice[:1].isupper()
        if word.lower() in _MAY_DOUBLE or is_name or len(word) < 2:
            continue
        message = f"“{word}” stands here twice"
        yield Proposal(
            *match.span("target"), ErrorKind.REPEATED_WORD, message, ("",), _DOUBLED_CONFIDENCE, "doubled"
        )


def _replacements(pattern: Pattern, match: re.Match[str]) -> Iterator[str]:
    old = match["target"]
    for template in pattern.replace:
        new = _FORMS[template](old.lower()) if template.startswith("@") else match.expand(template)
        if new is not None:
            yield new[:1].upper() + new[1:] if old[:1].isupper() and new else new


def _styled(proposal: Proposal, text: str) -> Proposal:
    """With the apostrophes that the text has."""
    if "’" not in text or "'" in text:
        return proposal
    return replace(proposal, replacements=tuple(new.replace("'", "’") for new in proposal.replacements))


_SOURCES = {"VB": ("VBD", "VBN", "VBZ"), "VBD": ("VBN", "VB"), "VBN": ("VBD", "VB")}
"""Which form a word is taken for, by the form that is wanted: "found" is the past of "find" first."""


def inflect(word: str, tag: str) -> str | None:
    """The form of a verb, given in another form."""
    sources = _SOURCES.get(tag, ("VB", "VBZ", "VBD"))
    source = next((source for source in sources if is_verb_form(word, source)), None)
    return verb_form(word, source, tag) if source else None


def _verb(tag: str) -> Callable[[str], str | None]:
    return lambda word: inflect(word, tag)


def _third(word: str) -> str | None:
    negated = {"don't": "doesn't", "are": "is", "were": "was", "have": "has"}
    return negated.get(word) or inflect(word, "VBZ")


def _plural_verb(word: str) -> str | None:
    special = {"is": "are", "was": "were", "doesn't": "don't", "isn't": "aren't", "wasn't": "weren't"}
    return special.get(word) or {"hasn't": "haven't"}.get(word) or inflect(word, "VB")


def _first_person(word: str) -> str | None:
    special = {
        "is": "am",
        "are": "am",
        "doesn't": "don't",
        "hasn't": "haven't",
        "isn't": "am not",
        "aren't": "am not",
    }
    return special.get(word) or inflect(word, "VB")


_FORMS: dict[str, Callable[[str], str | None]] = {
    "@base": lambda word: "have" if word in ("has", "had") else inflect(word, "VB"),
    "@ing": _verb("VBG"),
    "@participle": _verb("VBN"),
    "@past": _verb("VBD"),
    "@third": _third,
    "@plural": _plural_verb,
    "@first": _first_person,
    "@plural-noun": plural,
    "@uncountable": lambda word: singular(word.partition(" ")[0]),
    "@capital": lambda word: word[:1].upper() + word[1:],
}
"""The forms of its target that a pattern may ask for; None where there is none."""
