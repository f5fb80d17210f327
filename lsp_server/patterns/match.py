"""Where a sentence matches the table of patterns, and the one pattern that is code: doubled words."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

from lsp_server.findings.kinds import ErrorKind
from lsp_server.findings.proposal import Proposal, untouchable_spans
from lsp_server.patterns.forms import FORMS
from lsp_server.patterns.parts import letters
from lsp_server.patterns.table import (
    EXPRESSION,
    TOKEN,
    Pattern,
    by_anchor,
    longest_phrase,
    patterns,
    phrase,
    phrases,
    word_groups,
)
from lsp_server.spelling import is_word

if TYPE_CHECKING:
    from collections.abc import Iterator

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
            "um",
            "log",
            "drip",
            "tap",
            "uh",
            "er",
            "mm",
            "cham",
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
            "early",
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
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
_OFTEN_SHOWN = 0.7
"""Confidence from which something is shown at normal strictness."""
_BEFORE = re.compile(r"([^\W\d_]+)\s+$")
_NEXT = re.compile(r"\s+([^\W\d_]+)")
_FORM = re.compile(r"(@[a-z-]+)(?:\((\d)\))?")
_GROUP = re.compile(r"\\(\d)")


def pattern_proposals(sentence: Sentence) -> list[Proposal]:
    """What the table finds in a sentence: in order, none overlapping another; the first of two counts."""
    return list(proposals_in(sentence.text, untouchable_spans(sentence)))


@lru_cache(16384)
def proposals_in(text: str, untouchable: tuple[tuple[int, int], ...]) -> tuple[Proposal, ...]:
    """The same of a sentence's text. Remembered: a keystroke asks for all sentences of a document.

    Args:
        text: the sentence's.
        untouchable: spans of what stands in for code and the like.
    """
    plain = text.replace("’", "'")
    found = sorted((*_from_table(plain), *_doubled(plain)), key=_rank)
    found = [one for one in found if not _is_expression(one) or not any(_overlap(one, two) for two in found)]
    kept: list[Proposal] = []
    for proposal, following in zip_longest(found, found[1:]):
        if proposal.kind is ErrorKind.ARTICLE and following and following.start <= proposal.end + 1:
            continue  # "a escape goat": what the article stands before will be another word
        after = not kept or proposal.start >= kept[-1].end
        if after and not any(start < proposal.end and proposal.start < end for start, end in untouchable):
            kept.append(_styled(proposal, text))
    return tuple(kept)


def _rank(proposal: Proposal) -> tuple[int, int, bool]:
    """The first and longest come first; of two in one place, one that most users see."""
    return proposal.start, -proposal.end, proposal.confidence < _OFTEN_SHOWN


def _is_expression(proposal: Proposal) -> bool:
    return proposal.source.startswith(EXPRESSION)


def _overlap(one: Proposal, other: Proposal) -> bool:
    """Whether something that is no expression says the same, and more precisely."""
    return not _is_expression(other) and other.start < one.end and one.start < other.end


def _from_table(text: str) -> Iterator[Proposal]:
    words = {word.lower() for word in _WORD.findall(text)}
    anchors = by_anchor()
    numbers = {number for word in words & anchors.keys() for number in anchors[word]}
    groups = word_groups(TOKEN.findall(text.lower()), longest_phrase())
    found = map(phrase, dict.fromkeys(group for group in groups if group in phrases()))
    for pattern in (*(patterns()[number] for number in sorted(numbers)), *found):
        for match in pattern.find.finditer(text):
            start, end = match.span("target")
            if pattern.is_one_word and _is_name(text, start, end):
                continue
            if not _has_its_parts(pattern, match):
                continue
            if pattern.id.startswith(EXPRESSION) and _has_noun_at(text, end):
                continue  # "out of a blue sky"
            replacements = tuple(_replacements(pattern, match, is_shouted=_is_shouted(text, start, end)))
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
        if word.lower() in _MAY_DOUBLE or len(word) < 2 or not _is_slip(word, twice, text[: match.start()]):
            continue
        message = f"“{word}” stands here twice"
        yield Proposal(
            *match.span("target"), ErrorKind.REPEATED_WORD, message, ("",), _DOUBLED_CONFIDENCE, "doubled"
        )


def _is_slip(word: str, twice: str, before: str) -> bool:
    """Whether a word stands twice by mistake; names do so on purpose ("Bison bison", "Duran Duran")."""
    begins = not before.strip(" \n\"'“‘(*_") or before.rstrip()[-1:] in ".!?:"
    return twice.islower() and (word.islower() or (begins and word[1:].islower())) and is_word(word.lower())


def _is_name(text: str, start: int, end: int) -> bool:
    """Whether a word has a capital that no beginning of a sentence explains: Jonathan Ive, HES."""
    word = text[start:end]
    return word.isupper() or (word[0].isupper() and bool(text[:start].strip("\"'“‘( ")))


def _has_its_parts(pattern: Pattern, match: re.Match[str]) -> bool:
    """Whether the words that must be a certain part of speech are it."""
    return all(
        match[group] is None or any(is_part(match[group].lower()) for is_part in choices)
        for group, choices in pattern.parts
    )


def _has_noun_at(text: str, at: int) -> bool:
    """Whether the next word, with nothing but blanks before it, is a noun."""
    word = _NEXT.match(text, at)
    return word is not None and letters(word[1].lower())[:1] in ("N", "n", "P", "p")


def _is_shouted(text: str, start: int, end: int) -> bool:
    """Whether a word, and one beside it, are in capitals throughout: "BETTER OF ALONE"."""
    beside = (*_BEFORE.findall(text[:start]), *_NEXT.findall(text, end)[:1])
    return text[start:end].isupper() and any(len(word) > 1 and word.isupper() for word in beside)


def _replacements(pattern: Pattern, match: re.Match[str], *, is_shouted: bool) -> Iterator[str]:
    old = match["target"]
    for template in pattern.replace:
        new = _filled(template, match)
        if new is not None:
            yield new.upper() if is_shouted else _in_case(new, old)


def _in_case(new: str, old: str) -> str:
    """What is put in the place of something, with its capitals."""
    words = old.split()
    if len(words) > 1 and all(word[0].isupper() for word in words):
        return " ".join(word[:1].upper() + word[1:] for word in new.split(" "))
    has_capital = old[:1].isupper() and old != "I"
    return new[:1].upper() + new[1:] if has_capital and new else new


def _filled(template: str, match: re.Match[str]) -> str | None:
    """What a template stands for, in small letters if it is a form."""
    forms = {
        form[0]: FORMS[form[1]]((_group(match, int(form[2])) if form[2] else match["target"]).lower())
        for form in _FORM.finditer(template)
    }
    if None in forms.values():
        return None
    filled = _FORM.sub(lambda form: forms[form[0]] or "", template)
    return _GROUP.sub(lambda reference: _group(match, int(reference[1])), filled)


def _group(match: re.Match[str], number: int) -> str:
    """A group of the pattern as it is written in the table, where the target is none."""
    target = match.re.groupindex["target"]
    return match[number if number < target else number + 1] or ""


def _styled(proposal: Proposal, text: str) -> Proposal:
    """With the apostrophes that the text has."""
    if "’" not in text or "'" in text:
        return proposal
    return replace(proposal, replacements=tuple(new.replace("'", "’") for new in proposal.replacements))
