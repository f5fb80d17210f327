"""Labelled spans of a text: names, places, parts of speech.

The ways to get from tokens to spans are those of `TokenClassificationPipeline` in HuggingFace transformers;
words are those of the model's own pre-tokenizer.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from triton_server.backend.tasks.batches import forward, softmax
from triton_server.backend.tasks.windows import best_places, windows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np

    from triton_server.backend.tasks.backend import Row
    from triton_server.backend.tasks.loading import Loaded
    from triton_server.backend.tasks.windows import Window

OUTSIDE = "O"


class Token(NamedTuple):
    """A token with what the model thinks of it."""

    start: int
    end: int
    word: int | None
    scores: np.ndarray[Any, Any]
    """Probabilities of all labels."""


class Labelled(NamedTuple):
    """A token, a word or a span with its label."""

    start: int
    end: int
    label: str
    score: float


def token_classification(loaded: Loaded) -> Callable[[Sequence[Row]], list[Row | Exception]]:
    """The task, for a model with a token classification head."""
    config = loaded.config
    names = [config.id2label[i] for i in range(config.num_labels)]

    def run(rows: Sequence[Row]) -> list[Row | Exception]:
        by_row = [windows_of(loaded, i, row["text"]) for i, row in enumerate(rows)]
        ran = iter(forward(loaded, [one.encoded for windows in by_row for one in windows]))
        answers: list[Row | Exception] = []
        for row, windows in zip(rows, by_row, strict=True):
            scores = [softmax(next(ran)["logits"]) for _ in windows]
            tokens = _tokens(windows, scores)
            spans = entities(tokens, names, row["aggregation"])
            text = row["text"]
            listed = [one._asdict() | {"text": text[one.start : one.end]} for one in spans]
            answers.append({"entities": json.dumps(listed, ensure_ascii=False)})
        return answers

    return run


def _tokens(windows: Sequence[Window], scores: Sequence[np.ndarray[Any, Any]]) -> list[Token]:
    return [
        Token(
            *windows[number].spans[index],
            windows[number].words[index],
            scores[number][windows[number].positions[index]],
        )
        for number, index in best_places(windows)
    ]


def entities(tokens: Sequence[Token], names: Sequence[str], aggregation: str) -> list[Labelled]:
    """The labelled spans of a text.

    Args:
        tokens: all of the text, in order.
        names: of the labels, in the order of the scores.
        aggregation: none, simple, first, average or max, as the contract says.
    """
    if aggregation in {"none", "simple"}:
        units = [_labelled([token], token.scores, names) for token in tokens]
    else:
        units = [
            _labelled(word, _word_scores(word, aggregation), names)
            for word in ([*group] for _, group in groupby(tokens, key=_word_key()))
        ]
    if aggregation == "none":
        return [unit for unit in units if unit.label != OUTSIDE]
    return _joined(units)


def _word_key() -> Callable[[Token], object]:
    """Equal for the tokens of one word; a token without a word stands alone."""
    alone = iter(range(-1, -(10**9), -1))
    return lambda token: next(alone) if token.word is None else token.word


def _labelled(tokens: Sequence[Token], scores: np.ndarray[Any, Any], names: Sequence[str]) -> Labelled:
    best = int(scores.argmax())
    return Labelled(tokens[0].start, tokens[-1].end, names[best], float(scores[best]))


def _word_scores(word: Sequence[Token], aggregation: str) -> np.ndarray[Any, Any]:
    if aggregation == "first":
        return word[0].scores
    if aggregation == "max":
        return max(word, key=lambda token: float(token.scores.max())).scores
    total: np.ndarray[Any, Any] = sum(token.scores for token in word[1:]) + word[0].scores
    return total / len(word)


def _joined(units: Iterable[Labelled]) -> list[Labelled]:
    """Neighbours of one label as one span; B- begins another. The score is their mean."""
    spans: list[list[Labelled]] = []
    previous = OUTSIDE
    for unit in units:
        begins, name = _split(unit.label)
        if name != OUTSIDE:
            if name == previous and not begins:
                spans[-1].append(unit)
            else:
                spans.append([unit])
        previous = name
    return [
        Labelled(
            span[0].start, span[-1].end, _split(span[0].label)[1], sum(u.score for u in span) / len(span)
        )
        for span in spans
    ]


def _split(label: str) -> tuple[bool, str]:
    if label.startswith(("B-", "I-")):
        return label.startswith("B-"), label[2:]
    return False, label
