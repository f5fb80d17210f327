"""Right text that is no sentence: headings, greetings, list items.

A model that never saw them puts full stops there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from triton_server.training.lexicon import lexicon

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from triton_server.training.texts import Words


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PHRASES = tuple(
    tuple(line.split())
    for line in """
Dear Sir or Madam
Dear Mr Smith ,
Dear Mrs Brown
Hi Anna ,
Hello everyone ,
Hi there
Best regards ,
Kind regards
Yours sincerely ,
Yours faithfully
Best wishes ,
Many thanks
Subject : Meeting on Friday
Re : your invoice
To : All staff
P.S.
Introduction
Conclusion
Summary
Getting started
Table of contents
Installation
Usage
See also
Further reading
Frequently asked questions
License
Known issues
Release notes
Chapter 3
Figure 2 :
Note :
For example :
""".strip().splitlines()
)
_NO_EDGE = _set("the a an to is of in and that it was for on are with be this have at by from as or but")
_FINITE = frozenset({"VBZ", "VBD"})
_AUXILIARIES = _set(
    "is are was were has have had do does did can could will would shall should may might must"
)


def fragment(words: Sequence[str], rng: random.Random) -> Words:
    """A phrase out of a sentence, without a finite verb, as a heading or list item; or a set phrase."""
    if rng.random() < 0.2:
        return rng.choice(_PHRASES)
    starts = [i for i, word in enumerate(words) if word.isalpha() and word.lower() not in _NO_EDGE]
    if not starts:
        return rng.choice(_PHRASES)
    first = end = rng.choice(starts)
    longest = rng.randint(2, 8)
    while end < len(words) and end - first < longest and _may_stand(words[end]):
        end += 1
    phrase = list(words[first:end])
    while phrase and (phrase[-1].lower() in _NO_EDGE or phrase[-1] == "-"):
        phrase.pop()
    return tuple(_as_heading(phrase, rng)) if phrase else rng.choice(_PHRASES)


def _may_stand(word: str) -> bool:
    low = word.lower()
    forms = lexicon().verbs.get(low, ())
    finite = any(tag in _FINITE for _, tag in forms) and low not in lexicon().singulars
    return (word.isalpha() or word == "-") and not finite and low not in _AUXILIARIES


def _as_heading(phrase: list[str], rng: random.Random) -> list[str]:
    style = rng.random()
    if style < 0.5:
        phrase[0] = phrase[0][:1].upper() + phrase[0][1:]
    elif style < 0.75:
        phrase = [
            word if word.lower() in _NO_EDGE and i else word[:1].upper() + word[1:]
            for i, word in enumerate(phrase)
        ]
    elif style < 0.8:
        phrase = [word.upper() for word in phrase]
    return [*phrase, ":"] if rng.random() < 0.1 else phrase
