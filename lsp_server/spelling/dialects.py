"""Which English a text is written in, and how a word of one English is written in another.

Nobody has to say it: a text with “colour”, “centre” and “travelled” is not American, and “color” in it stands
out. Only words that the British or the Americans write otherwise count; those that just one country has
(“billabong”) say nothing of how the others are spelt.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from lsp_server.spelling.words import OF_DOCUMENT, dialects_with, load, variants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WORD = re.compile(r"[a-z]{4,}")
_DIALECTS = ("us", "gb", "ca", "au")
_FEWEST = 3
"""Different words that one dialect has and another lacks, for the text not to be in the other."""
_RATIO = 4
"""How many of them there must be for each that speaks for the other."""
_ENOUGH = 300_000
"""Code points that are looked at: a book does not change its dialect."""

_BRITISH_AMERICAN = """
    our/or tre/ter bre/ber vre/ver gre/ger chre/cher tred/tered tring/tering bred/bered vred/vered
    ise/ize isi/izi isa/iza yse/yze ysi/yzi lle/le lli/li llo/lo lla/la pp/p rett/ret ogue/og ogui/ogi
    ae/e oe/e ence/ense eable/able mould/mold moult/molt grey/gray plough/plow draught/draft
    aluminium/aluminum cheque/check jewellery/jewelry sceptic/skeptic pyjama/pajama artefact/artifact
    moustache/mustache sulph/sulf fulfil/fulfill enrol/enroll instal/install distil/distill
    skilful/skillful wilful/willful tyre/tire kerb/curb cosy/cozy cosi/cozi practis/practic
    licence/license aeroplane/airplane programme/program mollusc/mollusk omelette/omelet ageing/aging
    rouble/ruble chilli/chili manoeuvre/maneuver manoeuvr/maneuver
"""
"""Parts of words as the British and the Americans write them; tried at each place of a word."""


def document_dialect(texts: Iterable[str]) -> str:
    """Whose English a document is written in, for `is_word` and the others.

    Args:
        texts: its paragraphs.

    Returns:
        `auto` if too little speaks against any dialect; otherwise those that are left, such as
        `auto:gb+ca+au`: words that only others have are wrong there.
    """
    found: set[str] = set()
    seen = 0
    for text in texts:
        found |= _variants_in(text)
        seen += len(text)
        if seen > _ENOUGH:
            break
    owners = [dialects_with(word) for word in found]
    best = max(_DIALECTS, key=lambda dialect: sum(dialect in those for those in owners))
    left = [dialect for dialect in _DIALECTS if not _is_ruled_out(dialect, best, owners)]
    return "auto" if len(left) == len(_DIALECTS) else OF_DOCUMENT + "+".join(left)


def _is_ruled_out(dialect: str, best: str, owners: Iterable[frozenset[str]]) -> bool:
    against = sum(best in those and dialect not in those for those in owners)
    in_favour = sum(dialect in those and best not in those for those in owners)
    return against >= max(_FEWEST, _RATIO * in_favour)


@lru_cache(16384)
def _variants_in(text: str) -> frozenset[str]:
    """The words of a paragraph that are written otherwise elsewhere. Remembered: a keystroke changes one."""
    words = variants().keys() & set(_WORD.findall(text.lower()))
    return frozenset(word for word in words if variant(word, "gb" if "us" in variants()[word] else "us"))


@lru_cache(4096)
def variant(word: str, dialect: str) -> str | None:
    """How a dialect writes a word that another writes otherwise; None if no rule tells.

    Args:
        word: in small letters; one that the dialect has not.
        dialect: as for `is_word`.
    """
    if word not in variants():
        return None
    small, _ = load(dialect)
    return next((other for other in _rewritten(word) if other in small), None)


def _rewritten(word: str) -> Iterator[str]:
    """The word with one part written the other way, longer parts first."""
    for old, new in _rules():
        at = word.find(old)
        while at >= 0:
            other = word[:at] + new + word[at + len(old) :]
            yield other
            at = word.find(old, at + 1)


@cache
def _rules() -> tuple[tuple[str, str], ...]:
    parts = [rule.split("/") for rule in _BRITISH_AMERICAN.split()]
    both = [
        (old, new) for british, american in parts for old, new in ((british, american), (american, british))
    ]
    return tuple(sorted(both, key=lambda rule: -max(map(len, rule))))
