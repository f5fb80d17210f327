"""What a change must score to be shown, for each strictness; and by what changes are scored.

The model proposes readily (`PROPOSE`); each change is scored by what the model says of the sentence before
and after it (`gector.edit_scores`), and the weights of that are fitted to people's corrections and to clean
sentences. A change is right if it brings the sentence nearer to its correction; in a clean sentence none is.
The least score for a strictness is the lowest whose alarms in clean sentences stay within its bound, reckoned
with scores by weights that were fitted without the sentence in question.

One pass alone counts here, and a change that is right by another reading counts as wrong: right for choosing,
not for reporting.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from triton_server.gector.draft import draft_of, relabelled, words_of
from triton_server.gector.edit_scores import BIAS, features_of, score_of
from triton_server.gector.model_files import STRICTNESSES
from triton_server.gector.passes import thresholded
from triton_server.gector.types import KEEP, Decoding, GectorError
from triton_server.segmentation.types import Sentence, Word
from triton_server.training.label import labels_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from triton_server.gector.draft import Piece
    from triton_server.gector.types import Strictness, Tag
    from triton_server.training.texts import Pair, Words

PROPOSE = Decoding(keep_confidence=-0.3, min_error_prob=0.15)
"""How readily the model proposes what is then scored: much lower finds little more, and costs time."""
ALARMS: Mapping[Strictness, float] = {"low": 0.5, "normal": 1.0, "high": 2.0}
"""The most false alarms for 1,000 clean words, by strictness."""

_ALARM_WEIGHT = 4.0
"""How much a change in clean text counts beside one in faulty text, which surprises nobody."""
_FEWEST = 15
"""Changes that have a feature: with fewer nothing can be said of it."""
_FOLDS = 5
_SENTENCES = 64
"""That are tagged at once."""


@dataclass(frozen=True, slots=True)
class Change:
    """What the model would change at one place of a sentence."""

    sentence: int
    features: Mapping[str, float]
    right: bool
    clean: bool
    """Whether the sentence has no mistake."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The least score for a strictness, and what it gives."""

    min_score: float
    precision: float
    recall: float
    f05: float
    alarms: float
    """For 1,000 clean words."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """The weights of the features, and what a change must score."""

    weights: Mapping[str, float]
    bounds: Mapping[Strictness, Bound]


def tune(
    tag: Tag, pairs: Sequence[Pair], clean: Sequence[Words], alarms: Mapping[Strictness, float] = ALARMS
) -> Tuned:
    """The best weights and bounds.

    Args:
        tag: the model.
        pairs: people's sentences with their corrections.
        clean: right sentences, of the kind that people check.
        alarms: the bound for each strictness.

    Raises:
        GectorError: there is too little to learn from.
    """
    texts = [*((pair.source, pair.target) for pair in pairs), *((words, words) for words in clean)]
    changes = [*_changes(tag, texts)]
    if not _can_be_split(changes):
        raise GectorError(
            "Too little to tune with: among what the model would change in these sentences there must be "
            f"something right and something wrong in at least {_FOLDS} sentences each."
        )
    wanted = sum(_mistakes(pair) for pair in pairs)
    words = sum(any(map(str.isalnum, word)) for sentence in clean for word in sentence)
    scores = _unseen_scores(changes)
    return Tuned(
        _weights(changes),
        {name: _bound(changes, scores, wanted, words, alarms[name]) for name in STRICTNESSES},
    )


def precision_recall_f05(hits: int, proposed: int, wanted: int) -> tuple[float, float, float]:
    """Precision, recall and F0.5, each in 0..1: of what is proposed, hits are what is wanted."""
    precision = hits / proposed if proposed else 1.0
    recall = hits / wanted if wanted else 1.0
    f05 = 1.25 * precision * recall / (0.25 * precision + recall) if hits else 0.0
    return precision, recall, f05


def write_scoring(folder: Path, tuned: Tuned) -> None:
    """Put weights and bounds into a model's config.json; what else it says stays."""
    path = folder / "config.json"
    config: dict[str, Any] = json.loads(path.read_bytes())
    inference = config.setdefault("inference", {})
    inference["keep_confidence"] = PROPOSE.keep_confidence
    inference["min_error_prob"] = PROPOSE.min_error_prob
    inference["score_weights"] = {name: round(weight, 4) for name, weight in sorted(tuned.weights.items())}
    inference["strictness"] = {
        name: {"min_score": round(bound.min_score, 3)} for name, bound in tuned.bounds.items()
    }
    path.write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def _changes(tag: Tag, texts: Sequence[tuple[Words, Words]]) -> Iterator[Change]:
    """All that the model would change in a first pass."""
    for start in range(0, len(texts), _SENTENCES):
        sentences = [sentence_of(source) for source, _ in texts[start : start + _SENTENCES]]
        bias = PROPOSE.keep_confidence
        firsts = tag([words_of(draft_of(one)) for one in sentences], [bias] * len(sentences))
        drafts = [
            relabelled(draft_of(one), one, first, thresholded(first, PROPOSE), 1)
            for one, first in zip(sentences, firsts, strict=True)
        ]
        changed = [
            index for index, draft in enumerate(drafts) if words_of(draft) and any(p.marks for p in draft)
        ]
        lasts = tag([words_of(drafts[index]) for index in changed], [bias] * len(changed))
        for index, last in zip(changed, lasts, strict=True):
            source, target = texts[start + index]
            for piece, features in features_of(drafts[index], sentences[index], firsts[index], last):
                right = _is_nearer(_with(source, piece), source, target)
                yield Change(start + index, features, right, clean=source == target)


def sentence_of(words: Words) -> Sentence:
    """Words with a space between any two."""
    placed, start = [], 0
    for word in words:
        placed.append(Word(word, start, start + len(word)))
        start += len(word) + 1
    return Sentence(" ".join(words), tuple(placed))


def _with(words: Words, piece: Piece) -> Words:
    """The sentence with one change."""
    first, last = piece.first // 2, (piece.last + 1) // 2
    return (*words[:first], *piece.words, *words[last:])


def _is_nearer(words: Words, source: Words, target: Words) -> bool:
    return Levenshtein.distance(words, target) < Levenshtein.distance(source, target)


def _mistakes(pair: Pair) -> int:
    return sum(label != KEEP for label in labels_of(pair.source, pair.target))


def _can_be_split(changes: Sequence[Change]) -> bool:
    sentences = {right: {one.sentence for one in changes if one.right is right} for right in (True, False)}
    return all(len(some) >= _FOLDS for some in sentences.values())


def _unseen_scores(changes: Sequence[Change]) -> NDArray[np.float64]:
    """The score of each change by weights that were fitted to other sentences."""
    scores = np.zeros(len(changes))
    for fold in range(_FOLDS):
        weights = _weights([one for one in changes if one.sentence % _FOLDS != fold])
        for index, one in enumerate(changes):
            if one.sentence % _FOLDS == fold:
                scores[index] = score_of(one.features, weights)
    return scores


def _weights(changes: Sequence[Change]) -> dict[str, float]:
    """Those of a logistic regression."""
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
    from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]

    counts: dict[str, int] = {}
    for one in changes:
        for name in one.features:
            counts[name] = counts.get(name, 0) + 1
    names = [name for name, count in counts.items() if count >= _FEWEST and name != BIAS]
    table = np.array([[one.features.get(name, 0.0) for name in names] for one in changes])
    scaler = StandardScaler().fit(table)
    fitted = LogisticRegression(C=0.3, max_iter=3000).fit(
        scaler.transform(table),
        [one.right for one in changes],
        sample_weight=[_ALARM_WEIGHT if one.clean else 1.0 for one in changes],
    )
    weights = fitted.coef_[0] / scaler.scale_
    bias = float(fitted.intercept_[0] - weights @ scaler.mean_)
    return {BIAS: bias, **dict(zip(names, weights.tolist(), strict=True))}


def _bound(
    changes: Sequence[Change], scores: NDArray[np.float64], wanted: int, words: int, most: float
) -> Bound:
    """The lowest least score within the bound of alarms."""
    right = np.array([one.right for one in changes])
    clean = np.array([one.clean for one in changes])

    def at(least: float) -> Bound:
        kept = scores >= least
        hits = int((kept & right).sum())
        measures = precision_recall_f05(hits, int((kept & ~clean).sum()), wanted)
        return Bound(least, *measures, 1000 * float((kept & clean).sum()) / max(words, 1))

    tried = [at(step / 200) for step in range(10, 200)]
    return next((one for one in tried if one.alarms <= most), tried[-1])
