"""From a pair of sentences to GECToR labels: what a tagger is to answer, pass by pass.

A label changes one word (Omelianchuk et al. 2020, section 3), so some corrections take several passes: "alot"
becomes "a" in the first and gets "lot" in the second. `passes_of` gives all of them; what they make of the
source is exactly the target.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz.distance import Indel, Levenshtein

from triton_server.gector.labels import Action, parse_label, rewrite
from triton_server.gector.types import KEEP
from triton_server.gector.verb_forms import VERB_TAGS, is_verb_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from triton_server.training.texts import Words

DELETE = "$DELETE"
MOST_PASSES = 40
"""No pair of sentences that a tagger could learn from takes more."""

_CASES = tuple(f"$TRANSFORM_CASE_{case}" for case in ("LOWER", "CAPITAL", "UPPER", "CAPITAL_1"))
_NUMBERS = ("$TRANSFORM_AGREEMENT_PLURAL", "$TRANSFORM_AGREEMENT_SINGULAR")
_LONGEST_INSERTION = 4
"""Words that one source word may stand for, in the alignment of what was replaced."""
_UNALIGNED = 1e9


def labels_of(source: Sequence[str], target: Sequence[str]) -> tuple[str, ...]:
    """The labels of the first pass from `source` to `target`: n + 1, the first for `$START`."""
    # The longest stretches in common first, as a reader would see it.
    matcher = SequenceMatcher(None, source, target, autojunk=False)
    return _labels_between(source, target, matcher.get_matching_blocks())


def _labels_between(
    source: Sequence[str], target: Sequence[str], blocks: Iterable[tuple[int, int, int]]
) -> tuple[str, ...]:
    """Labels that change what lies between matching blocks: (index in source, in target, length)."""
    wanted: list[list[str]] = [[] for _ in range(len(source) + 1)]
    i1 = j1 = 0
    for i2, j2, length in blocks:
        if i1 < i2 and j1 < j2:
            _replaced(source[i1:i2], target[j1:j2], i1, wanted)
        else:
            for position in range(i1, i2):
                wanted[position + 1].append(DELETE)
            wanted[i1].extend(f"$APPEND_{word}" for word in target[j1:j2])
        i1, j1 = i2 + length, j2 + length
    return tuple(labels[0] if labels else KEEP for labels in wanted)


def applied(words: Sequence[str], labels: Sequence[str]) -> Words:
    """The sentence after one pass, every label believed.

    Args:
        words: without `$START`.
        labels: one for `$START` and one for each word.
    """
    result: list[str] = []
    first = parse_label(labels[0])
    if first.action is Action.APPEND:
        result.append(first.argument)
    glue: str | None = None
    for word, text in zip(words, labels[1:], strict=True):
        label = parse_label(text)
        for rewritten in rewrite(word, label):
            if glue is None:
                result.append(rewritten)
            else:
                result[-1] += glue + rewritten
                glue = None
        if label.action is Action.APPEND:
            result.append(label.argument)
        elif label.action is Action.MERGE:
            glue = label.argument
    return tuple(result)


def passes_of(source: Sequence[str], target: Sequence[str]) -> list[tuple[str, ...]]:
    """The labels of each pass; applied one after the other, they make the target of the source.

    Raises:
        ValueError: it takes more than `MOST_PASSES`.
    """
    passes: list[tuple[str, ...]] = []
    words, goal = tuple(source), tuple(target)
    while words != goal:
        if len(passes) == MOST_PASSES:
            raise ValueError(f"no way from {source} to {target} in {MOST_PASSES} passes")
        labels = labels_of(words, goal)
        after = applied(words, labels)
        if Indel.distance(after, goal) >= Indel.distance(words, goal):
            # Where a word stands many times, stretches may hide each other: the longest subsequence does not.
            labels = _labels_between(words, goal, _common(words, goal))
            after = applied(words, labels)
        passes.append(labels)
        words = after
    return passes


def _common(words: Words, goal: Words) -> list[tuple[int, int, int]]:
    """The blocks of a longest common subsequence: (index in words, in goal, length)."""
    blocks = Indel.opcodes(words, goal).as_matching_blocks()
    return [(block.a, block.b, block.size) for block in blocks]


@lru_cache(200_000)
def transformation(word: str, wanted: str) -> str | None:
    """The label that makes one word of another by a rule; None if there is no such rule."""
    if word == wanted:
        return KEEP
    if word.lower() == wanted.lower():
        return _first_that_gives(wanted, word, _CASES)
    if not word[:1].isalpha():
        return None
    return _first_that_gives(wanted, word, _verb_labels(word.lower())) or _first_that_gives(
        wanted, word, _NUMBERS
    )


def _verb_labels(word: str) -> list[str]:
    sources = [tag for tag in VERB_TAGS if is_verb_form(word, tag)]
    return [f"$TRANSFORM_VERB_{a}_{b}" for a in sources for b in VERB_TAGS if a != b]


def _first_that_gives(wanted: str, word: str, labels: Sequence[str]) -> str | None:
    return next((label for label in labels if rewrite(word, parse_label(label)) == (wanted,)), None)


def _replaced(source: Sequence[str], target: Sequence[str], first: int, wanted: list[list[str]]) -> None:
    """Labels for a stretch that became another; `first` is its first word's index in the sentence."""
    joined = next((glue for glue in ("", "-") if glue.join(source) == target[0]), None)
    if len(target) == 1 and len(source) > 1 and joined is not None:
        label = "$MERGE_SPACE" if joined == "" else "$MERGE_HYPHEN"
        for position in range(len(source) - 1):
            wanted[first + position + 1].append(label)
        return
    if len(source) == 1 and source[0].split("-") == list(target):
        wanted[first + 1].append("$TRANSFORM_SPLIT_HYPHEN")
        return
    for position, (begin, end) in enumerate(_aligned(source, target), first + 1):
        word, words = source[position - first - 1], target[begin:end]
        if not words:
            wanted[position].append(DELETE)
            continue
        best = min(range(len(words)), key=lambda k: _distance(word, words[k]))
        wanted[position - 1].extend(f"$APPEND_{before}" for before in words[:best])
        if word != words[best]:
            wanted[position].append(transformation(word, words[best]) or f"$REPLACE_{words[best]}")
        wanted[position].extend(f"$APPEND_{after}" for after in words[best + 1 :])


def _aligned(source: Sequence[str], target: Sequence[str]) -> list[tuple[int, int]]:
    """For each source word the stretch of target words that it stands for; cheapest by letters changed."""
    n, m = len(source), len(target)
    reach = max(_LONGEST_INSERTION, -(-m // n))
    costs = [[_UNALIGNED] * (m + 1) for _ in range(n + 1)]
    back = [[0] * (m + 1) for _ in range(n + 1)]
    costs[0][0] = 0.0
    for i, word in enumerate(source):
        for j in range(m + 1):
            if costs[i][j] == _UNALIGNED:
                continue
            for k in range(j, min(m, j + reach) + 1):
                cost = costs[i][j] + _cost(word, target[j:k])
                if cost < costs[i + 1][k]:
                    costs[i + 1][k], back[i + 1][k] = cost, j
    stretches = []
    end = m
    for i in range(n, 0, -1):
        begin = back[i][end]
        stretches.append((begin, end))
        end = begin
    return stretches[::-1]


def _cost(word: str, words: Sequence[str]) -> float:
    """Letters to delete, or to change in the word most like it and to insert for the others."""
    if not words:
        return len(word) + 0.5
    lengths = [len(other) for other in words]
    closest = min(_distance(word, other) for other in words)
    return closest + sum(lengths) - max(lengths) + 0.1 * (len(words) - 1)


def _distance(word: str, other: str) -> float:
    return 0.0 if transformation(word, other) else Levenshtein.distance(word, other)
