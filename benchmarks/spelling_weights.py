"""Fits the weights of the speller to misspellings with their corrections, and to right sentences.

    python -m benchmarks.spelling_weights [--words Annotations.tsv] [--pairs FILE …] [--clean clean.txt]

Annotations.tsv has words alone (as TOEFL-Spell has, EducationalTestingService/TOEFL-Spell, CC BY-SA 4.0);
the last two columns of the tab-separated pairs are a sentence before and after. Every fourth misspelling is
kept aside for measuring. First the costs of `lsp_server/spelling/slips.py`, and what `suggest.py` and
`context.py` weigh: a softmax over the candidates that each misspelling has now, so that it is to be run
again after a change, in units of the weight of log10 of a word's frequency. Then, with right sentences, one
a line, the weights of `check.py` that tell a misspelling from a word which the dictionary lacks.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from benchmarks.spelling import read_pairs
from benchmarks.spelling_context import Misspelling, in_pairs
from lsp_server.proposers import LEAST
from lsp_server.spelling import is_word
from lsp_server.spelling.check import WEIGHTS, signs, unknown_words
from lsp_server.spelling.context import UNSEEN, WEIGHT, association, in_context, neighbours
from lsp_server.spelling.slips import COSTS, Slip, slips
from lsp_server.spelling.suggest import FIRST_LETTER, LAST_LETTER, SOUND, TWO_WORDS, candidates, sound
from lsp_server.spelling.words import frequency

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NOW = {
    "log10 of the frequency": 1.0,
    **{slip.value: -COSTS[slip] for slip in Slip},
    "two words": -TWO_WORDS,
    "first letter": FIRST_LETTER,
    "last letter": LAST_LETTER,
    "sound": SOUND,
    "association of a listed pair": WEIGHT,
    "a listed pair": -WEIGHT * UNSEEN,
}
"""What is fitted, with the weights that the product has."""
_STEPS, _RATE, _SHRINK = 1000, 0.03, 1e-3
_WORDS_AN_ALARM = 5000
_NORMAL = math.log(LEAST["normal"] / (1 - LEAST["normal"]))
"""The log odds from which a proposal counts at normal strictness."""


class Choice(NamedTuple):
    """The candidates for a misspelling."""

    features: np.ndarray[Any, Any]
    """(candidates, len(_NOW))."""
    right: int
    """The index of the right one."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--words", type=Path, action="append", default=[])
    parser.add_argument("--pairs", type=Path, action="append", default=[])
    parser.add_argument("--clean", type=Path)
    arguments = parser.parse_args()
    found = [one for path in arguments.pairs for one in in_pairs(path)]
    found += [
        Misspelling(wrong, 0, len(wrong), right)
        for path in arguments.words
        for wrong, right in read_pairs(path)
        if not is_word(wrong) and all(map(is_word, right.split()))
    ]
    choices = list(choices_of(found))
    aside, rest = choices[::4], [one for index, one in enumerate(choices) if index % 4]
    now = np.array(list(_NOW.values()))
    new = fitted(rest, now)
    print(f"{len(found)} misspellings, of {len(choices)} the right word is a candidate")
    print(f"of {len(aside)} kept aside first: {right_first(aside, now):.1%}, {right_first(aside, new):.1%}")
    for name, before, after in zip(_NOW, now, new / new[0], strict=True):
        print(f"{name:40}{before:8.2f}{after:8.2f}")
    if arguments.clean:
        confidence(found, arguments.clean.read_text(encoding="utf-8").splitlines())


def confidence(found: Sequence[Misspelling], clean: Iterable[str]) -> None:
    """Print the weights that tell misspellings, of which the first candidate is right, from unknown words."""
    misspelt, unknown, words = [], [], 0
    for one in found:
        word = one.text[one.start : one.end]
        likely = in_context(candidates(word), one.text, one.start, one.end, most=5)
        if likely and likely[0].text.lower() == one.right:
            misspelt.append(signs(word, likely))
    for line in clean:
        words += len(line.split())
        for one in unknown_words(line, (), "auto"):
            likely = in_context(candidates(one.text.lower()), line, one.start, one.end, most=5)
            if likely and not (one.is_quoted or one.is_part or one.text[0].isupper()):
                unknown.append(signs(one.text.lower(), likely))
    yes, no = np.array(misspelt, dtype=float), np.array(unknown, dtype=float)
    print(f"{len(misspelt)} misspellings, {len(unknown)} unknown words of {words:,}")
    for name, weights in (("now", np.array(WEIGHTS)), ("fitted", logistic(yes, no))):
        least = np.sort(no @ weights)[-(words // _WORDS_AN_ALARM + 1)]
        print(
            f"{name:8}{' '.join(f'{weight:6.2f}' for weight in weights)}, bias {_NORMAL - least:.2f}: at one "
            f"false alarm for {_WORDS_AN_ALARM:,} words {np.mean(yes @ weights > least):.1%} are found"
        )


def logistic(yes: np.ndarray[Any, Any], no: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The weights, without the bias, of a logistic regression, by Newton's method."""
    rows = np.c_[np.concatenate([yes, no]), np.ones(len(yes) + len(no))]
    truth = np.array([1.0] * len(yes) + [0.0] * len(no))
    weights = np.zeros(rows.shape[1])
    for _ in range(30):
        likely = 1 / (1 + np.exp(-(rows @ weights)))
        slope = rows.T @ (likely - truth) + _SHRINK * weights
        curve = (rows * (likely * (1 - likely))[:, None]).T @ rows + _SHRINK * np.eye(len(weights))
        weights -= np.linalg.solve(curve, slope)
    return weights[:-1]


def choices_of(found: Iterable[Misspelling]) -> Iterable[Choice]:
    """Those misspellings of which the right word is a candidate."""
    for one in found:
        wrong = one.text[one.start : one.end]
        words = [candidate.text.lower() for candidate in candidates(wrong)]
        if len(words) > 1 and one.right in words:
            beside = neighbours(one.text, one.start, one.end)
            yield Choice(np.array([features(wrong, word, *beside) for word in words]), words.index(one.right))


def features(wrong: str, word: str, before: str, after: str) -> list[float]:
    """The numbers that `_NOW` weighs."""
    parts = word.split()
    kinds = Counter(slips(wrong, word)) if len(parts) == 1 else Counter()
    pairs = [association(before, parts[0])] if before else []
    pairs += [association(parts[-1], after)] if after else []
    listed = [value for value in pairs if value != UNSEEN]
    return [
        min(map(frequency, parts)),
        *(kinds[slip] for slip in Slip),
        len(parts) - 1,
        wrong[0] == word[0],
        len(parts) == 1 and wrong[-1] == word[-1],
        len(parts) == 1 and sound(wrong) == sound(word),
        sum(listed),
        len(listed),
    ]


def fitted(choices: Sequence[Choice], start: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The weights under which the right words are likeliest, by Adam (Kingma and Ba 2014)."""
    rows = np.concatenate([one.features for one in choices])
    sizes = [len(one.features) for one in choices]
    starts = np.cumsum([0, *sizes[:-1]])
    owner = np.repeat(np.arange(len(choices)), sizes)
    right = rows[starts + np.array([one.right for one in choices])].sum(axis=0)
    scale = rows.std(axis=0) + 1e-9
    weights, mean, square = start * scale, np.zeros(len(start)), np.zeros(len(start))
    for step in range(1, _STEPS + 1):
        scores = (rows / scale) @ weights
        shares = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        shares /= np.add.reduceat(shares, starts)[owner]
        slope = ((rows.T @ shares) - right) / scale / len(choices) + _SHRINK * weights
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weights -= _RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights / scale


def right_first(choices: Sequence[Choice], weights: np.ndarray[Any, Any]) -> float:
    return float(np.mean([np.argmax(one.features @ weights) == one.right for one in choices]))


if __name__ == "__main__":
    main()
