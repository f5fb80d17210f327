"""GECToR on Triton: words to labels for an engine, text to corrected text for a person.

An engine asks with `words` and gets, row by row, `labels`, `probabilities` and `error_probabilities`; it
decodes them itself. A person asks with `text` and gets `corrected_text` and `edits`. All requests of an
`execute` are tagged together, one forward pass for each round of corrections. A request has at most 10,000
words, as `text` in at most 50,000 characters, as `words` in rows of at most 2,000. A text that is empty is
refused, as by every task.

    words                BYTES [rows, 1]   a sentence, as a JSON list of its words (without $START)
    text                 BYTES [rows, 1]   plain text of any number of sentences; either this or `words`
    keep_confidence      FP32  [rows, 1]   optional, -1 to 1: bias towards leaving a word alone
    min_error_prob       FP32  [rows, 1]   optional, 0 to 1, with `text`: what is less sure is left alone

    labels               BYTES [rows, 1]   JSON list: $START's label, then each word's
    probabilities        FP32  [rows, longest + 1]   of those labels, before the bias; filled up with 0
    error_probabilities  FP32  [rows, longest + 1]   filled up with 0
    corrected_text       BYTES [rows, 1]
    edits                BYTES [rows, 1]   JSON list of edits: see `_describe`
    model                BYTES [rows, 1]   JSON: which weights answered, and their thresholds

JSON for the words, because a word may hold any character and every language can write a list of strings.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from triton_server.backend.parameters import THRESHOLDS
from triton_server.backend.requests import (
    Answer,
    BadRequest,
    Cancelled,
    Request,
    numbers,
    padded,
    strings,
    texts,
)
from triton_server.gector.chunks import chunks_of, in_order
from triton_server.gector.passes import Passes
from triton_server.gector.types import KEEP
from triton_server.segmentation.sentences import sentences_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from triton_server.gector.types import Decoding, Edit, Strictness, Tag, Tagging

MOST_CHARACTERS = 50_000
"""Of all rows of a request together, some twenty pages; more would keep everybody waiting for minutes."""
_MOST_JSON = 500_000
"""Characters of all rows of `words` together: quotes, escapes and addresses make it longer than text."""
_MOST_WORDS = 10_000
"""Of all rows together: as many as such a text has."""
_MOST_WORDS_OF_ROW = 2_000
"""Of a sentence given as `words`."""
_OF_REQUESTS = {name: THRESHOLDS[name][:2] for name in ("keep_confidence", "min_error_prob")}
"""The thresholds that a request may bring, and between what they are."""
_AT_A_TIME = 256
"""Sentences tagged before it is asked again whether anybody still waits for the answer."""
_WARM_UP = (["Warm", "up", "."] * 4, ["Warm", "up", "."] * 16)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Which model answers, and how its answers are to be read."""

    identity: str
    """Name and a hash of the weights: equal means equal answers."""
    decodings: Mapping[Strictness, Decoding]
    """The thresholds for each strictness."""


class _Words:
    """A request with `words`: tagged once."""

    def __init__(self, request: Request) -> None:
        self._sentences = [_words(row, i) for i, row in enumerate(_rows(request, "words", _MOST_JSON))]
        _check_words("words", sum(map(len, self._sentences)))
        rows = len(self._sentences)
        self._bias = (
            numbers(request, "keep_confidence", rows, *_OF_REQUESTS["keep_confidence"]) or [0.0] * rows
        )
        self._taggings: list[Tagging] = []

    def pending(self) -> list[tuple[Sequence[str], float]]:
        """Sentences to tag, each with its bias."""
        return [] if self._taggings else list(zip(self._sentences, self._bias, strict=True))

    def advance(self, taggings: list[Tagging]) -> None:
        """Take the taggings of what was pending."""
        self._taggings = taggings

    def counts(self) -> dict[str, int]:
        """What it came to: see `metrics.COUNTERS`."""
        proposals = sum(label != KEEP for one in self._taggings for label in one.labels)
        return {"sentences": len(self._sentences), "proposals": proposals}

    def answer(self) -> Answer:
        """The outputs, when nothing is pending any more."""
        return {
            "labels": strings([json.dumps(one.labels) for one in self._taggings]),
            "probabilities": padded([one.probabilities for one in self._taggings]),
            "error_probabilities": padded([one.error_probabilities for one in self._taggings]),
        }


class TextJob:
    """Texts to correct: split, and tagged until nothing changes any more."""

    def __init__(self, texts: Sequence[str], decodings: Sequence[Decoding]) -> None:
        """Split them; each is decoded in its own way.

        Raises:
            BadRequest: they have too many words.
        """
        self._texts = texts
        self._sentences = [sentences_in(text) for text in texts]
        _check_words("text", sum(len(one.words) for of_text in self._sentences for _, one in of_text))
        self._passes = [
            Passes([sentence for _, sentence in sentences], decoding)
            for sentences, decoding in zip(self._sentences, decodings, strict=True)
        ]
        self._bias = [decoding.keep_confidence for decoding in decodings]
        self._sizes: list[int] = []

    @staticmethod
    def of(request: Request, decoding: Decoding) -> TextJob:
        """The texts of a request, which may have thresholds of its own."""
        rows = texts_to_correct(request)
        count = len(rows)
        own = {
            name: numbers(request, name, count, *limits) or [getattr(decoding, name)] * count
            for name, limits in _OF_REQUESTS.items()
        }
        decodings = [
            replace(decoding, keep_confidence=keep, min_error_prob=minimum)
            for keep, minimum in zip(own["keep_confidence"], own["min_error_prob"], strict=True)
        ]
        return TextJob(rows, decodings)

    def pending(self) -> list[tuple[Sequence[str], float]]:
        """Sentences to tag, each with its bias."""
        batches = [passes.pending() for passes in self._passes]
        self._sizes = [len(batch) for batch in batches]
        return [(words, bias) for batch, bias in zip(batches, self._bias, strict=True) for words in batch]

    def advance(self, taggings: list[Tagging]) -> None:
        """Take the taggings of what was pending."""
        rest = iter(taggings)
        for passes, size in zip(self._passes, self._sizes, strict=True):
            if size:
                passes.advance(list(islice(rest, size)))

    def counts(self) -> dict[str, int]:
        """What it came to: see `metrics.COUNTERS`."""
        edits = sum(len(of_sentence) for passes in self._passes for of_sentence in passes.edits())
        return {"sentences": sum(map(len, self._sentences)), "edits": edits}

    def answer(self) -> Answer:
        """The outputs, when nothing is pending any more."""
        edits = [
            [
                (start + edit.start, start + edit.end, edit)
                for (start, _), of_sentence in zip(sentences, passes.edits(), strict=True)
                for edit in of_sentence
            ]
            for sentences, passes in zip(self._sentences, self._passes, strict=True)
        ]
        return {
            "corrected_text": strings(list(map(_apply, self._texts, edits))),
            "edits": strings(list(map(_describe, self._texts, edits))),
        }


class GectorBackend:
    """A GECToR model that answers the requests of an `execute` together (a `requests.Backend`)."""

    def __init__(self, tag: Tag, card: ModelCard, count: Callable[..., None] | None = None) -> None:
        """Join a tagger and its card; `count` is told what was answered, as `metrics.Counters.add` is."""
        self._tag = tag
        self._count = count
        self._card = card
        self._card_json = json.dumps(asdict(card))

    def warm_up(self) -> None:
        """Split a text and tag two sentences, so that no request pays for what is done once."""
        sentences_in("Ready.")
        self._tag(_WARM_UP, [0.0] * len(_WARM_UP))

    def answer(self, requests: Sequence[Request]) -> list[Answer | Exception]:
        """Answer all requests with one forward pass for each round of corrections."""
        jobs = [self._job(request) for request in requests]
        good = [job for job in jobs if not isinstance(job, Exception)]
        try:
            self._run(good, lambda: any(request.is_cancelled() for request in requests))
        except Exception as error:
            if len(requests) == 1:
                return [error]
            # One request's sentences broke the batch, or nobody waits for it any more: alone, each of the
            # others gets its answer.
            return [self.answer([request])[0] for request in requests]
        if self._count is not None:
            self._count(**sum((Counter(job.counts()) for job in good), Counter[str]()))
        return [job if isinstance(job, Exception) else self._answer(job) for job in jobs]

    def _job(self, request: Request) -> _Words | TextJob | Exception:
        try:
            if ("words" in request.inputs) == ("text" in request.inputs):
                raise BadRequest("give either words (for labels) or text (for corrected text)")
            if "words" in request.inputs:
                return _Words(request)
            return TextJob.of(request, self._card.decodings["normal"])
        except Exception as error:
            return error

    def _run(self, jobs: Sequence[_Words | TextJob], is_cancelled: Callable[[], bool]) -> None:
        while True:
            batches = [(job, job.pending()) for job in jobs]
            together = [pair for _, batch in batches for pair in batch]
            if not together:
                return
            taggings = iter(self._tagged(together, is_cancelled))
            for job, batch in batches:
                if batch:
                    job.advance(list(islice(taggings, len(batch))))

    def _tagged(
        self, sentences: Sequence[tuple[Sequence[str], float]], is_cancelled: Callable[[], bool]
    ) -> list[Tagging]:
        """Tag sentences, each with its bias; where that takes long, only as long as somebody waits for it."""
        chunks = chunks_of([words for words, _ in sentences], _AT_A_TIME)
        answers = []
        for chunk in chunks:
            if len(chunks) > 1 and is_cancelled():
                raise Cancelled
            answers.append(self._tag([sentences[i][0] for i in chunk], [sentences[i][1] for i in chunk]))
        return in_order(chunks, answers)

    def _answer(self, job: _Words | TextJob) -> Answer:
        answer = job.answer()
        rows = len(next(iter(answer.values())))
        return answer | {"model": strings([self._card_json] * rows)}


def texts_to_correct(request: Request) -> list[str]:
    """The rows of the input `text`.

    Raises:
        BadRequest: they cannot be read, one is empty, or they are too long together.
    """
    rows = _rows(request, "text", MOST_CHARACTERS)
    for i, row in enumerate(rows):
        if not row.strip():
            raise BadRequest(f"text of row {i} is empty")
    return rows


def _rows(request: Request, name: str, most: int) -> list[str]:
    rows = texts(request, name, most)
    characters = sum(map(len, rows))
    if characters > most:
        raise BadRequest(f"{name} has {characters:,} characters; at most {most:,} are taken at once")
    return rows


def _check_words(name: str, words: int) -> None:
    if words > _MOST_WORDS:
        raise BadRequest(f"{name} has {words:,} words and marks; at most {_MOST_WORDS:,} are taken at once")


def _words(row: str, index: int) -> list[str]:
    try:
        words = json.loads(row)
        if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
            raise ValueError
        "".join(words).encode()  # an escape such as \ud800 makes a string that no model can read
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"words of row {index} is not a JSON list of non-empty strings") from error
    if len(words) > _MOST_WORDS_OF_ROW:
        raise BadRequest(
            f"words of row {index} has {len(words):,} words; at most {_MOST_WORDS_OF_ROW:,} are a sentence"
        )
    return words


def _apply(text: str, edits: Sequence[tuple[int, int, Edit]]) -> str:
    parts, at = [], 0
    for start, end, edit in edits:
        parts += [text[at:start], edit.replacement]
        at = end
    return "".join([*parts, text[at:]])


def _describe(text: str, edits: Sequence[tuple[int, int, Edit]]) -> str:
    described = [
        {
            "start": start,
            "end": end,
            "original": text[start:end],
            "replacement": edit.replacement,
            "labels": edit.labels,
            "confidence": round(edit.confidence, 4),
        }
        for start, end, edit in edits
    ]
    return json.dumps(described, ensure_ascii=False)
