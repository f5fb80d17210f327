"""Thresholds for each strictness and each group of labels, measured on corrected text and on clean text.

A model's label counts as a hit where the corrected sentence asks for the same label there, and as an alarm
where it stands in a clean sentence. For each group of labels (`gector.groups`) the threshold is taken that
gives the most hits less `price` times everything else; of all prices and least error probabilities, the one
with the best F0.5 whose alarms stay within the bound.

What is put right before the model reads, as spelling and patterns do in a check, counts as well: labels are
asked for that are left.

By labels of the first pass alone, this is quicker than ERRANT and comes out lower: right for choosing, not
for reporting.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from triton_server.gector.groups import GROUPS, group_of
from triton_server.gector.model_files import STRICTNESSES
from triton_server.gector.types import KEEP, START
from triton_server.training.label import labels_of
from triton_server.training.texts import Pair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from triton_server.gector.types import Strictness, Tag
    from triton_server.training.texts import Words

ALARMS: Mapping[Strictness, float] = {"low": 1.2, "normal": 1.9, "high": 3.0}
"""The most labels for 1,000 words of text that is taken for right, of which some will be right."""

MEASURED = "measured"
"""In a model's config.json, under `inference`: by strictness what its thresholds gave, in per cent."""

_PRICES = tuple(0.1 * 1.25**step for step in range(20))
_LEAST_ERROR = (0.3, 0.4, 0.5, 0.6)
_STEP = 0.025
_NEVER = 0.975
_FEWEST = 8
"""Labels of a group in all: with fewer nothing can be said of it, and it gets the default."""
_ALARM_WEIGHT = 4.0
"""How much an alarm in clean text counts beside a wrong label in faulty text, which surprises nobody."""


@dataclass(frozen=True, slots=True)
class Given:
    """A label that a model gave, and whether it was right."""

    group: str
    probability: float
    error: float
    """The highest error probability in its sentence."""
    hit: bool
    clean: bool
    """Whether the sentence has no mistake."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """Thresholds, and what they give by labels."""

    min_error_prob: float
    thresholds: dict[str, float]
    precision: float
    recall: float
    f05: float
    alarms: float
    """For 1,000 clean words."""


def tune(
    tag: Tag,
    pairs: Sequence[Pair],
    clean: Sequence[Words],
    alarms: Mapping[Strictness, float] = ALARMS,
    put_right: Callable[[Words], Words] | None = None,
) -> dict[Strictness, Tuned]:
    """The best thresholds for each strictness.

    Args:
        tag: the model.
        pairs: people's sentences with their corrections.
        clean: right sentences, of the kind that people check.
        alarms: the bound for each strictness.
        put_right: what is done to a sentence before the model gets it; what it changes counts as well.
    """
    put_right = put_right or (lambda words: words)
    read = [Pair(put_right(pair.source), pair.target) for pair in pairs]
    ready = [put_right(sentence) for sentence in clean]
    before = _Before(
        wanted=sum(_changes(pair.source, pair.target) for pair in pairs),
        hits=sum(_put_right(pair, one.source) for pair, one in zip(pairs, read, strict=True)),
        proposed=sum(_changes(pair.source, one.source) for pair, one in zip(pairs, read, strict=True)),
        words=sum(any(map(str.isalnum, word)) for sentence in clean for word in sentence),
        alarms=sum(map(_changes, clean, ready)),
    )
    given = [*_given_in_pairs(tag, read), *_given_in_clean(tag, ready)]
    tried = [_tuned(given, before, error, price) for error in _LEAST_ERROR for price in _PRICES]
    return {
        strictness: max(
            (one for one in tried if one.alarms <= alarms[strictness]),
            key=lambda one: one.f05,
            default=min(tried, key=lambda one: one.alarms),
        )
        for strictness in STRICTNESSES
    }


def precision_recall_f05(hits: int, proposed: int, wanted: int) -> tuple[float, float, float]:
    """Precision, recall and F0.5, each in 0..1: of what is proposed, hits are what is wanted."""
    precision = hits / proposed if proposed else 1.0
    recall = hits / wanted if wanted else 1.0
    f05 = 1.25 * precision * recall / (0.25 * precision + recall) if hits else 0.0
    return precision, recall, f05


def write_thresholds(folder: Path, tuned: Mapping[Strictness, Tuned]) -> None:
    """Put thresholds, and what they give, into a model's config.json; what else it says stays."""
    path = folder / "config.json"
    config: dict[str, Any] = json.loads(path.read_bytes())
    inference = config.setdefault("inference", {})
    inference["strictness"] = {
        strictness: {
            "keep_confidence": 0.0,
            "min_error_prob": one.min_error_prob,
            "group_thresholds": dict(sorted(one.thresholds.items())),
        }
        for strictness, one in tuned.items()
    }
    inference[MEASURED] = {
        strictness: {
            "precision": round(100 * one.precision, 1),
            "recall": round(100 * one.recall, 1),
            "f05": round(100 * one.f05, 1),
            "alarms": round(one.alarms, 2),
        }
        for strictness, one in tuned.items()
    }
    path.write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class _Before:
    """What is asked for in all, and what of it has been done before the model reads."""

    wanted: int
    """Labels that lead from the sentences to their corrections."""
    hits: int
    proposed: int
    words: int
    """Of the clean sentences."""
    alarms: int


def _changes(before: Words, after: Words) -> int:
    """How many labels of the first pass change something."""
    return sum(label != KEEP for label in labels_of(before, after)) if before != after else 0


def _put_right(pair: Pair, ready: Words) -> int:
    """How many labels fewer are wanted than before a sentence was put right, of those that this took."""
    fewer = _changes(pair.source, pair.target) - _changes(ready, pair.target)
    return min(max(fewer, 0), _changes(pair.source, ready))


def _given_in_pairs(tag: Tag, pairs: Sequence[Pair]) -> Iterable[Given]:
    for pair, tagging in zip(pairs, tag([pair.source for pair in pairs], [0.0] * len(pairs)), strict=True):
        gold = labels_of(pair.source, pair.target)
        worst = max(tagging.error_probabilities)
        words = (START, *pair.source)
        for word, label, right, sure in zip(words, tagging.labels, gold, tagging.probabilities, strict=True):
            if label != KEEP:
                yield Given(group_of(label, word.lower()), sure, worst, label == right, clean=False)


def _given_in_clean(tag: Tag, sentences: Sequence[Words]) -> Iterable[Given]:
    for sentence, tagging in zip(sentences, tag(sentences, [0.0] * len(sentences)), strict=True):
        worst = max(tagging.error_probabilities)
        for word, label, sure in zip((START, *sentence), tagging.labels, tagging.probabilities, strict=True):
            if label != KEEP:
                yield Given(group_of(label, word.lower()), sure, worst, hit=False, clean=True)


def _tuned(given: Sequence[Given], before: _Before, error: float, price: float) -> Tuned:
    groups: dict[str, list[Given]] = defaultdict(list)
    for one in given:
        if one.error >= error:
            groups[one.group].append(one)
    thresholds = {group: _threshold(groups[group], error, price) for group in GROUPS}
    kept = [one for group, labels in groups.items() for one in labels if one.probability >= thresholds[group]]
    hits = before.hits + sum(one.hit for one in kept)
    proposed = before.proposed + sum(not one.clean for one in kept)
    precision, recall, f05 = precision_recall_f05(hits, proposed, before.wanted)
    alarms = 1000 * (before.alarms + sum(one.clean for one in kept)) / max(before.words, 1)
    return Tuned(error, thresholds, precision, recall, f05, alarms)


def _threshold(labels: Sequence[Given], least: float, price: float) -> float:
    """The threshold that gives most hits less the price of the rest; never below `least`."""
    if len(labels) < _FEWEST:
        return max(least, 0.7)
    steps = [round(least + _STEP * step, 3) for step in range(int((_NEVER - least) / _STEP) + 1)]

    def worth(threshold: float) -> float:
        kept = [one for one in labels if one.probability >= threshold]
        cost = sum(_ALARM_WEIGHT if one.clean else 1.0 for one in kept if not one.hit)
        return sum(one.hit for one in kept) - price * cost

    return max(steps, key=worth)
