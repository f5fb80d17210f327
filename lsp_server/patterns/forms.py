"""Forms of words that a pattern may ask for: of verbs, nouns, adjectives and pronouns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_server.spelling import is_word
from triton_server.gector.verb_forms import is_verb_form, plural, singular, verb_form

if TYPE_CHECKING:
    from collections.abc import Callable

_SOURCES = {"VB": ("VBD", "VBN", "VBZ", "VBG"), "VBD": ("VBN", "VB"), "VBN": ("VBD", "VB")}
"""Which form a word is taken for, by the form that is wanted: "found" is the past of "find" first."""


def inflect(word: str, tag: str) -> str | None:
    """The form of a verb, given in another form."""
    sources = _SOURCES.get(tag, ("VB", "VBZ", "VBD", "VBG"))
    source = next((source for source in sources if is_verb_form(word, source)), None)
    return verb_form(word, source, tag) if source else None


def _verb(tag: str) -> Callable[[str], str | None]:
    return lambda word: inflect(word, tag)


def _third(word: str) -> str | None:
    negated = {"don't": "doesn't", "are": "is", "were": "was", "have": "has"}
    return negated.get(word) or inflect(word, "VBZ")


def _plural_verb(word: str) -> str | None:
    special = {
        "is": "are",
        "was": "were",
        "doesn't": "don't",
        "hasn't": "haven't",
        "isn't": "aren't",
        "wasn't": "weren't",
    }
    return special.get(word) or inflect(word, "VB")


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


_PAST_OF_BE = {"am": "was", "is": "was", "are": "were"}
_SUBJECTS = {"him": "he", "her": "she", "them": "they", "me": "I"}
_OBJECTS = {"he": "him", "she": "her", "they": "them", "we": "us"}
_PLURALS = {"this": "these", "that": "those"}
_DOUBLING = re.compile(r"[^aeiou][aeiou][bdgmnpt]")
"""Short adjectives that double their last letter: big, hot, thin."""


def _with_ending(adjective: str, ending: str) -> str:
    """A comparative (er) or superlative (est) of a short adjective."""
    if adjective.endswith("e"):
        return adjective + ending[1:]
    if adjective.endswith("y"):
        return adjective[:-1] + "i" + ending
    last = adjective[-1] if _DOUBLING.fullmatch(adjective[-3:]) and len(adjective) <= 4 else ""
    return adjective + last + ending


def _adverb(adjective: str) -> str:
    if adjective.endswith("le"):
        return adjective[:-1] + "y"
    if adjective.endswith("y"):
        return adjective[:-1] + "ily"
    return adjective + ("ally" if adjective.endswith("ic") else "ly")


_BRAND_NAMES = """
    Bitbucket ChatGPT eBay FreeBSD GitHub GitLab GraphQL iCloud iMac IntelliJ iPad iPhone iPod JavaScript
    jQuery LinkedIn MacBook macOS McDonald's MongoDB MySQL NumPy OneDrive OpenAI openSUSE PayPal
    PlayStation PostgreSQL PowerPoint PowerShell PyTorch Red_Hat SciPy SharePoint SQLite Stack_Overflow
    TensorFlow TikTok TypeScript WebAssembly WebSocket WebSockets WhatsApp WordPress YouTube
"""
_BRANDS = {name.replace("_", "").lower(): name.replace("_", " ") for name in _BRAND_NAMES.split()} | {
    "nodejs": "Node.js",
    "mcdonalds": "McDonald's",
}
"""Names by their small letters."""


def _one_word(verb: str) -> str:
    """The noun to a verb of two words: "log in", login; "follow up", follow-up."""
    first, _, second = verb.replace("-", " ").partition(" ")
    return first + second if is_word(first + second) else f"{first}-{second}"


def _dotted(letters: str) -> str:
    return "".join(f"{letter}." for letter in letters if letter.isalpha())


def _capitals(words: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in words.split())


def _quality(adjective: str) -> str | None:
    """The noun to an adjective in -ent or -ant: "different", difference."""
    noun = adjective[:-1] + "ce"
    return noun if is_word(noun) else None


_VERBS = {
    "advice": "advise",
    "analysis": "analyze",
    "approval": "approve",
    "arrival": "arrive",
    "behavior": "behave",
    "behaviour": "behave",
    "belief": "believe",
    "breath": "breathe",
    "choice": "choose",
    "conclusion": "conclude",
    "decision": "decide",
    "description": "describe",
    "emphasis": "emphasize",
    "explanation": "explain",
    "failure": "fail",
    "growth": "grow",
    "knowledge": "know",
    "loss": "lose",
    "proof": "prove",
    "relief": "relieve",
    "removal": "remove",
    "response": "respond",
    "success": "succeed",
}
"""Verbs by the nouns that people write for them."""


def _in_place_of(old: str, new: str) -> Callable[[str], str | None]:
    """The forms of one verb in the place of those of another."""
    tags = ("VB", "VBZ", "VBD", "VBN", "VBG")
    forms = {verb_form(old, "VB", tag): verb_form(new, "VB", tag) for tag in tags}
    return forms.get


FORMS: dict[str, Callable[[str], str | None]] = {
    "@base": lambda word: "have" if word in ("has", "had") else inflect(word, "VB"),
    "@infinitive": lambda word: None if is_verb_form(word, "VB") else inflect(word, "VB"),
    "@ing": _verb("VBG"),
    "@participle": _verb("VBN"),
    "@past": _verb("VBD"),
    "@third": _third,
    "@plural": _plural_verb,
    "@first": _first_person,
    "@plural-noun": plural,
    "@uncountable": lambda word: singular(word.partition(" ")[0]),
    "@singular-noun": singular,
    "@past-finite": lambda word: _PAST_OF_BE.get(word) or inflect(word, "VBD"),
    "@comparative": lambda word: _with_ending(word, "er"),
    "@superlative": lambda word: _with_ending(word, "est"),
    "@adverb": _adverb,
    "@subject": _SUBJECTS.get,
    "@object": _OBJECTS.get,
    "@plural-this": _PLURALS.get,
    "@capital": lambda word: word[:1].upper() + word[1:],
    "@capitals": _capitals,
    "@brand": lambda name: _BRANDS.get("".join(name.split())),
    "@noun": _one_word,
    "@hyphenated": lambda words: "-".join(words.split()),
    "@dotted": _dotted,
    "@quality": _quality,
    "@verb": _VERBS.get,
    "@make": _in_place_of("do", "make"),
    "@do": _in_place_of("make", "do"),
}
"""The forms of its target that a pattern may ask for; None where there is none."""
