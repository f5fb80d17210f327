"""Misspellings as hands and ears make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

# Keys beside each key on a QWERTY keyboard.
_BESIDE = "qsz vn xv sf wr dg fh gj uo hk jl k n bm ip o wa et ad ry yi cb qe zc tu xa"
_KEYS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        _BESIDE.split(),
        strict=True,
    )
)
# What sounds alike, or is often taken for the other.
_SOUNDS = """
ie/ei ei/ie ght/gth ough/ogh tion/sion sion/tion ence/ance ance/ence ent/ant ant/ent able/ible ible/able
ful/full ph/f c/s s/c k/c ck/k e/a a/e i/e e/i o/u u/o y/i i/y er/or or/er ea/ee ee/ea ou/o wh/w th/t z/s
"""
_ALIKE = [tuple(pair.split("/")) for pair in _SOUNDS.split()]


def typo(word: str, rng: random.Random) -> str:
    """The word with one mistake: by sound, letters swapped, left out, doubled, or the key beside.

    Args:
        word: at least two letters.
        rng: chooses.
    """
    for _ in range(8):
        written = _once(word, rng)
        if written not in ("", word):
            return written
    return word[:-1]


def _once(word: str, rng: random.Random) -> str:
    choice = rng.random()
    if choice < 0.3:
        sound, other = rng.choice(_ALIKE)
        places = [i for i in range(1, len(word)) if word.startswith(sound, i)]
        if not places:
            return word
        i = rng.choice(places)
        return word[:i] + other + word[i + len(sound) :]
    i = rng.randrange(1, len(word))
    if choice < 0.5:
        return word[:i] + word[i + 1 : i + 2] + word[i] + word[i + 2 :]
    if choice < 0.7:
        return word[:i] + word[i + 1 :]
    if choice < 0.85:
        return word[:i] + word[i] + word[i:]
    beside = rng.choice(_KEYS.get(word[i].lower(), "e"))
    return word[:i] + beside + word[i + (choice < 0.93) :]
