"""Which words of a sentence are misspelt; most of the work is to know what to leave alone."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.findings.kinds import ErrorKind
from lsp_server.findings.proposal import Proposal, untouchable_spans
from lsp_server.spelling.context import in_context
from lsp_server.spelling.dialects import variant
from lsp_server.spelling.suggest import Candidate, candidates, cost, is_slip_by_rule
from lsp_server.spelling.words import OF_DOCUMENT, frequency, is_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from triton_server.segmentation.types import Sentence

_CHUNK = re.compile(r"[^\s–—…]+")
"""What stands between blanks and dashes."""
_EDGES = "\"'“”‘’`´«»‹›()[]{}<>*_~.,;:!?¡¿…"
_OF_CODE = "_`<>=\\@#$%|&"
"""Beside one of these a word is a name of something in code or markup; so is one before a bracket."""
_HYPHENS = "-‐‑"
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*(?:[-‐‑][^\W\d_]+(?:['’][^\W\d_]+)*)*")
"""A chunk that is nothing but words, joined by hyphens or not; all else is identifiers, paths, numbers …"""
_PART = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ENDING = re.compile(r"['’](?:s|re|ve|ll|d|m|S)?$")
_PLAIN = re.compile(r"[A-Z]?[a-z]+")
_VOWEL = re.compile("[aeiouy]")
_ELONGATED = re.compile(r"(.)\1\1")
_SHORTEST = 3
_SHORTEST_PART = 5
"""Letters of a part of a hyphenated word that is looked up: "add-ons" and "yellow-ish" are none of ours."""
_LONGEST = 30
_FOREIGN = 0.5
"""Share of unknown words from which on a sentence is not English, or is no prose."""
_FEWEST_FOREIGN = 4
_STUBS = frozenset(
    {
        *("couldn", "didn", "doesn", "hadn", "hasn", "haven", "isn", "mustn", "needn", "shouldn", "wasn"),
        *("weren", "wouldn", "aren", "canst", "couldst", "didst", "hadst", "hast", "hath", "shouldst"),
        *("wouldst", "wilt", "von", "des", "der", "das", "dem", "und", "les", "una", "uno", "del", "della"),
        *("los", "las", "dans", "pour", "avec", "sur", "est", "bis", "zum", "zur", "dei", "sopra", "tete"),
        *("vous", "nous", "ich", "ist"),
    }
)
"""Parts of words that were cut at their apostrophe, old forms, and small words of other languages."""
_QUOTES = "\"'“”‘’`«»‹›"
_NEIGHBOUR = 1.0
"""What an unknown neighbour takes off the evidence: two together are another language more often."""
_BESIDE = 2
"""Characters between two words that are neighbours: a comma and a blank."""
_VARIANT = 2.9
"""The evidence that a word of another dialect is wrong, where the dialect was asked for: log odds of 0.95,"""
_VARIANT_OF_DOCUMENT = 1.38
"""and where it was read off the document: of 0.8, which is not sure enough to be put right unseen."""
_AT_CHOICE = 0.8
"""How sure it is at most where two words may be meant: likewise."""
_ENGLISH = {
    "us": "American English",
    "gb": "British English",
    "ca": "Canadian English",
    "au": "Australian English",
    "nz": "New Zealand English",
    "in": "Indian English",
}
_OFFERED = 5
_NEAR = 2.0
"""By how much a suggestion may be less likely than the first."""
_SEEN_OFTEN = 3
"""Times that a document must have a word for it to be a term of its own,"""
_NEAR_COMMON = 7.0
"""unless it is one edit from a word of this log10 of a count: that may be a slip that somebody repeats."""
_REPEATED = 1.5
"""What it takes off then."""
_BIAS = -9.4
WEIGHTS = (-9.9, 0.51, 1.8, 1.36, 0.9, -4.0)
"""The evidence that an unknown word is the first candidate written wrongly, as log odds: what speaks for it
at all, by what the slips cost for each letter, by how much likelier the candidate is than the next, by log10
of its count, where the first letter and the last three are the same, and where the word is the candidate
with a regular ending or a letter before it ("parentheticals", "conferenced", `fwrite`). Fitted by logistic
regression to misspellings and to the unknown words of right sentences (`benchmarks/spelling_weights.py`),
the bias so that 0.7, the least at normal strictness, is reached by one in 5,000 words of those; the last by
hand, since names of functions are rare in both."""
_FARTHEST_LEAD = 3.0
_CLOSE = 1.0
"""By how much the second candidate must be less likely for the first to be put right unseen."""
_NO_VOWEL = 2.0
"""What it takes off that a short word has no vowel behind its first letter: it is an abbreviation (`fmt`)."""
_SHORT = 4
_NAME = 1.5
"""What a capital at the beginning of a sentence takes off: it may be a name."""
_QUOTED = 2.0
"""What quotes take off: they hold terms and words of other languages."""
_ELISION = re.compile(r"(?<!\w)['’][a-z]{2,}|[a-z](?:in)?['’](?=\s+[a-z])")
_OF_SPEECH = 5.0
"""What it takes off that a word begins or ends with an apostrophe, or that its sentence has two that do:
somebody's speech is written as it sounds (“an’ ’e were ’ungry”)."""
_OF_COMPOUND = 2.0
"""What it takes off that a word is part of a hyphenated one."""
_REGULAR_ENDINGS = ("s", "es", "ed", "d", "ing", "ings", "er", "ers")


class Unknown(NamedTuple):
    """A word that is in no dictionary."""

    start: int
    """In the sentence's text."""
    end: int
    text: str
    is_quoted: bool
    """Whether it stands between quotes, as terms and foreign words do."""
    is_first: bool
    """Whether it begins the sentence, so that its capital says nothing."""
    is_part: bool = False
    """Whether a hyphen joins it to another word."""


@lru_cache(16384)
def unknown_words(text: str, untouchable: tuple[tuple[int, int], ...], dialect: str) -> tuple[Unknown, ...]:
    """The words of a sentence's text that look like English and are not.

    Args:
        text: the sentence's.
        untouchable: spans of what stands in for code and the like.
        dialect: whose words count.
    """
    unknown, seen = [], 0
    for start, word in _words(text):
        seen += 1
        end = start + len(word)
        if any(a < end and start < b for a, b in untouchable):
            continue
        before, after = text[start - 1 : start] if start else "", text[end : end + 1]
        is_first = not any(map(str.isalnum, text[:start]))
        if (
            _may_be_wrong(word, is_first=is_first)
            and _is_unknown(_ENDING.sub("", word), dialect)
            and not (before and before in _OF_CODE)
            and not (after and after in f"{_OF_CODE}(")
        ):
            is_quoted = bool(before and after) and before in _QUOTES and after in _QUOTES
            is_part = (before or " ") in _HYPHENS or (after or " ") in _HYPHENS
            unknown.append(Unknown(start, end, word, is_quoted, is_first, is_part))
    if len(unknown) >= _FEWEST_FOREIGN and len(unknown) >= _FOREIGN * seen:
        return ()
    return tuple(unknown)


def _is_unknown(word: str, dialect: str) -> bool:
    return not is_word(word, dialect) or is_slip_by_rule(word.lower())


def _is_of_other_dialect(word: str, dialect: str) -> bool:
    """Whether an unknown word is one that the document's own English lacks, and another has."""
    return dialect.startswith(OF_DOCUMENT) and is_word(word) and not is_slip_by_rule(word.lower())


def spelling_proposals(
    sentence: Sentence, dialect: str, is_known: Callable[[str], bool], count: Callable[[str], int]
) -> list[Proposal]:
    """What is misspelt in a sentence.

    Args:
        sentence: its text is read, not its words: the tokenizer cuts "dont" in two.
        dialect: whose words count.
        is_known: whether a word is one of the user's, the project's or the document's own.
        count: how often the document has a word.

    Returns:
        A proposal for each word that somebody would write otherwise, in order.
    """
    proposals = []
    found_unknown = unknown_words(sentence.text, untouchable_spans(sentence), dialect)
    for unknown in found_unknown:
        bare = _ENDING.sub("", unknown.text)
        if is_known(unknown.text) or is_known(bare):
            continue
        if _is_of_other_dialect(bare, dialect) and not variant(bare.lower(), dialect):
            continue
        likely = candidates(bare.lower(), dialect)
        end = unknown.start + len(bare)
        found = in_context(likely, sentence.text, unknown.start, end, most=_OFFERED)
        if not found:
            continue
        has_neighbour = any(
            0 <= other.start - unknown.end <= _BESIDE or 0 <= unknown.start - other.end <= _BESIDE
            for other in found_unknown
        )
        against = _NEIGHBOUR * has_neighbour + _OF_SPEECH * _is_speech(sentence.text, unknown)
        confidence = _confidence(bare, found, unknown, count(bare), dialect, against)
        if confidence > 0:
            proposals.append(_proposal(unknown, bare, found, confidence, dialect))
    return proposals


def _proposal(
    unknown: Unknown, bare: str, found: tuple[Candidate, ...], confidence: float, dialect: str
) -> Proposal:
    rest = unknown.text[len(bare) :]
    likely = [one for one in found if one.score < found[0].score + _NEAR]
    replacements = tuple(_in_case(one.text, unknown.text) + rest for one in likely)
    message = f"“{unknown.text}” is not in the dictionary"
    if variant(bare.lower(), dialect):
        message = (
            f"“{unknown.text}” is written otherwise in {_ENGLISH.get(dialect, 'the English of this text')}"
        )
    return Proposal(
        unknown.start, unknown.end, ErrorKind.SPELLING, message, replacements, confidence, "spelling"
    )


def _confidence(
    word: str, found: tuple[Candidate, ...], unknown: Unknown, times: int, dialect: str, against: float
) -> float:
    """How likely it is that the word is wrong and the first candidate right, in 0..1.

    Args:
        word: as written, without its ending.
        found: what may have been meant.
        unknown: where it stands.
        times: how often the document has it.
        dialect: whose words count.
        against: what its neighbours take off the evidence, as log odds.
    """
    best = found[0]
    if times >= _SEEN_OFTEN:
        if best.edits > 1 or min(map(frequency, best.text.split())) < _NEAR_COMMON:
            return 0.0
        against += _REPEATED
    against += _QUOTED * unknown.is_quoted + _OF_COMPOUND * unknown.is_part
    against += _NAME * unknown.text[:1].isupper()
    likely = 1 / (1 + math.exp(against - _evidence(word.lower(), found, dialect)))
    is_close = len(found) > 1 and found[1].score - best.score < _CLOSE
    return min(likely, _AT_CHOICE) if is_close else likely


def _evidence(word: str, found: Sequence[Candidate], dialect: str) -> float:
    """What speaks for the first candidate in the word itself, as log odds.

    Args:
        word: in small letters.
        found: what may have been meant.
        dialect: whose words count.
    """
    if variant(word, dialect):
        return _VARIANT_OF_DOCUMENT if dialect.startswith(OF_DOCUMENT) else _VARIANT
    best = found[0]
    value = _BIAS + sum(weight * value for weight, value in zip(WEIGHTS, signs(word, found), strict=True))
    is_swapped = sorted(word) == sorted(best.text)
    return value - _NO_VOWEL * (len(word) <= _SHORT and not _VOWEL.search(word, 1) and not is_swapped)


def signs(word: str, found: Sequence[Candidate]) -> tuple[float, ...]:
    """What `WEIGHTS` weighs."""
    best = found[0]
    return (
        cost(word, best.text) / len(word),
        min(found[1].score - best.score, _FARTHEST_LEAD) if len(found) > 1 else _FARTHEST_LEAD,
        min(map(frequency, best.text.split())),
        word[0] == best.text[0].lower(),
        word[-3:] == best.text[-3:],
        word[1:] == best.text or any(word == best.text + ending for ending in _REGULAR_ENDINGS),
    )


def _is_speech(text: str, unknown: Unknown) -> bool:
    """Whether a word, or its sentence, leaves out letters as people do who speak."""
    beside = {
        text[unknown.start - 1 : unknown.start] if unknown.start else "",
        text[unknown.end : unknown.end + 1],
    }
    return (not unknown.is_quoted and bool(beside & {"'", "’"})) or len(_ELISION.findall(text)) > 1


def _words(text: str) -> Iterator[tuple[int, str]]:
    """The words of a text with their offsets, the parts of hyphenated ones each alone."""
    for chunk in _CHUNK.finditer(text):
        core = chunk[0].strip(_EDGES)
        start = chunk.start() + chunk[0].index(core) if core else 0
        if core and _WORDS.fullmatch(core) and len(core) <= _LONGEST and not _is_one_word(core):
            parts = [(start + part.start(), part[0]) for part in _PART.finditer(core)]
            yield from (part for part in parts if len(parts) == 1 or len(part[1]) >= _SHORTEST_PART)


def _is_one_word(core: str) -> bool:
    """Whether hyphens divide a word that is known without them: "co-ordinated"."""
    return any(hyphen in core for hyphen in _HYPHENS) and is_word(re.sub(f"[{_HYPHENS}]", "", core))


def _may_be_wrong(word: str, *, is_first: bool) -> bool:
    """Whether a word has the shape of an English one that is no name: Latin letters, no capital inside."""
    bare = _ENDING.sub("", word)
    if (
        len(bare) < _SHORTEST
        or bare in _STUBS
        or bare.endswith("eth")
        or not _PLAIN.fullmatch(bare)
        or _ELONGATED.search(bare)
    ):
        return False
    return is_first or bare.islower()


def _in_case(word: str, like: str) -> str:
    return word[:1].upper() + word[1:] if like[:1].isupper() else word
