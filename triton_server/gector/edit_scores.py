"""How likely each change is right, once the model has read the sentence in which it is made.

How probable a label was says little of whether it is right: what it did to the sentence says more. A change
that makes a mistake, or is half of one, leaves words at which the detection head sees an error; a change
that mends one leaves none. A logistic regression over both gives each change a score, and those below a
bound are taken back; the idea is that of Sorokin, "Improved grammatical error correction by ranking
elementary edits" (EMNLP 2022), with no model but the tagger's own.

`grammared train tune` fits the weights, which stand in the model's config.json.
"""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

from triton_server.gector.groups import group_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from triton_server.gector.draft import Draft, Piece
    from triton_server.gector.types import Tagging
    from triton_server.segmentation.types import Sentence

BIAS = "bias"
_LEAST = 1e-4
"""Probabilities nearer to 0 or 1 count as this near."""


def scores_of(
    draft: Draft, sentence: Sentence, first: Tagging, last: Tagging, weights: Mapping[str, float]
) -> dict[Piece, float]:
    """For each changed piece of a draft the probability, 0 to 1, that the change is right.

    Args:
        draft: the corrected sentence.
        sentence: as it was written.
        first: what the model said of it as it was written.
        last: what it said of the draft.
        weights: of the features; those of a feature that is not named are 0.
    """
    return {
        piece: score_of(features, weights) for piece, features in features_of(draft, sentence, first, last)
    }


def score_of(features: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The probability that a change with these features is right."""
    return 1 / (1 + exp(-sum(weights.get(name, 0.0) * value for name, value in features.items())))


def features_of(
    draft: Draft, sentence: Sentence, first: Tagging, last: Tagging
) -> Iterator[tuple[Piece, dict[str, float]]]:
    """What the score of each changed piece is made of, by name; see `scores_of`."""
    errors = log(sum(first.error_probabilities) + 0.01)
    after = log(sum(last.error_probabilities) + 0.01)
    most = _logit(max(first.error_probabilities))
    changes = sum(bool(piece.marks) for piece in draft)
    position = 1
    for piece in draft:
        here = range(position, position + len(piece.words))
        position = here.stop
        if piece.marks:
            yield (
                piece,
                {
                    BIAS: 1.0,
                    "label": _logit(min(mark.probability for mark in piece.marks)),
                    "error": _logit(max(mark.error_probability for mark in piece.marks)),
                    "errors_in_sentence": errors,
                    "surest_error_in_sentence": most,
                    "error_after": _logit(_highest(last, here.start, max(here.stop, here.start + 1))),
                    "error_beside_after": _logit(_highest(last, here.start - 1, here.stop + 1)),
                    "error_change": after - errors,
                    "surest_after": _logit(max(last.error_probabilities)),
                    "changes": float(changes),
                    "first": float(piece.first <= 1),
                    "repeated": float(len(piece.marks) > 1),
                    "words": log(len(sentence.words)),
                    f"group {_group(piece, sentence)}": 1.0,
                },
            )


def _highest(tagging: Tagging, start: int, stop: int) -> float:
    """The highest error probability at some words of a sentence, or at its end."""
    errors: Sequence[float] = tagging.error_probabilities
    return max(errors[max(start, 0) : stop], default=errors[-1])


def _group(piece: Piece, sentence: Sentence) -> str:
    word = sentence.words[piece.origin[0]].text if piece.origin else ""
    return group_of(piece.marks[0].label, word.lower())


def _logit(probability: float) -> float:
    return log(max(probability, _LEAST) / max(1 - probability, _LEAST))
