"""From raw text to corrected text on Triton, with the labels from another model of the same server.

    text             BYTES [rows, 1]   plain text of any number of sentences
    prepare          BYTES [rows, 1]   optional: what the text goes through first, a function of hooks.py
    strictness       BYTES [rows, 1]   optional: low, normal or high; as the tagger's thresholds were measured

    corrected_text   BYTES [rows, 1]
    checked_text     BYTES [rows, 1]   the text as `prepare` left it: that which was corrected
    edits            BYTES [rows, 1]   JSON list of edits of `checked_text`, as of `backend.gector`
    model            BYTES [rows, 1]   JSON: which weights answered

Splitting, decoding and repeating happen here; the labels come from the tagger, so that its dynamic batching
runs the sentences of all texts together, and those of the editors' engines with them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from triton_server.backend.gector import MOST_CHARACTERS, TextJob, texts_to_correct
from triton_server.backend.hooks import module_of
from triton_server.backend.requests import BadRequest, Cancelled, strings, texts
from triton_server.backend.tasks.source import LoadError
from triton_server.gector.chunks import chunks_of, in_order
from triton_server.gector.types import Decoding, Tagging
from triton_server.segmentation.sentences import sentences_in

if TYPE_CHECKING:
    from pathlib import Path

    from triton_server.backend.adapter import ModelArguments
    from triton_server.backend.requests import Answer, Infer, Request

Prepare = Callable[[str], str]

OUTPUTS = ("labels", "probabilities", "error_probabilities", "model")
"""Of the tagger."""
_SENTENCES = 32
"""In one request to the tagger."""
_UNDER_WAY = 2
"""Requests to the tagger for one text at a time: one runs, one is ready to. More would stand in a row before
everybody else's."""


@dataclass(frozen=True, slots=True)
class _Card:
    """What the tagger says of itself."""

    json: str
    decodings: Mapping[str, Decoding]


class Pipeline:
    """Corrects texts with a tagger that is asked over `infer`."""

    def __init__(self, infer: Infer, hooks: Mapping[str, Prepare], prepare: str = "") -> None:
        """Join them.

        Args:
            infer: asks the tagger.
            hooks: what texts may go through first.
            prepare: the one for requests that name none; empty for none.

        Raises:
            LoadError: there is no such hook.
        """
        self._infer = infer
        self._hooks = hooks
        self._prepare = prepare
        self._card: _Card | None = None
        if prepare and prepare not in hooks:
            raise LoadError(f"there is no hook {prepare}; hooks.py has {', '.join(sorted(hooks))}")

    async def answer(self, request: Request) -> Answer | Exception:
        """The answer to one request, or what was wrong; never raises."""
        try:
            return await self._answer(request)
        except Exception as error:
            return error

    async def _answer(self, request: Request) -> Answer:
        prepared = self._prepared(request)
        card = self._card or await self._asked_card()
        wanted = _column(request, "strictness", len(prepared), "normal")
        unknown = set(wanted) - set(card.decodings)
        if unknown:
            raise BadRequest(
                f"strictness is none of {', '.join(card.decodings)}: {', '.join(sorted(unknown))}"
            )
        decodings = [card.decodings[strictness] for strictness in wanted]
        job = TextJob(prepared, decodings)
        while pending := job.pending():
            job.advance(await self._tagged(pending, request))
        return job.answer() | {
            "checked_text": strings(prepared),
            "model": strings([(self._card or card).json] * len(prepared)),
        }

    def _prepared(self, request: Request) -> list[str]:
        rows = texts_to_correct(request)
        hooks = _column(request, "prepare", len(rows), self._prepare)
        return [self._hook(name)(row) if name else row for row, name in zip(rows, hooks, strict=True)]

    def _hook(self, name: str) -> Prepare:
        if name not in self._hooks:
            raise BadRequest(f"prepare is none of {', '.join(sorted(self._hooks)) or 'no hooks'}: {name}")
        return self._hooks[name]

    async def _tagged(
        self, pending: Sequence[tuple[Sequence[str], float]], request: Request
    ) -> list[Tagging]:
        """Tag sentences, each with its bias, in some requests; a long text's only while somebody waits."""
        chunks = chunks_of([words for words, _ in pending], _SENTENCES)
        turns = asyncio.Semaphore(_UNDER_WAY)

        async def tag(chunk: Sequence[int]) -> list[Tagging]:
            async with turns:
                if len(chunks) > 1 and request.is_cancelled():
                    raise Cancelled
                return await self._tag([pending[i] for i in chunk])

        return in_order(chunks, await asyncio.gather(*map(tag, chunks)))

    async def _tag(self, sentences: Sequence[tuple[Sequence[str], float]]) -> list[Tagging]:
        words = [one for one, _ in sentences]
        outputs = await self._infer(_inputs(words, [bias for _, bias in sentences]))
        self._card = self._read_card(outputs)
        labels, probabilities, errors = (outputs[name].tolist() for name in OUTPUTS[:3])
        return [
            Tagging(
                tuple(json.loads(labels[i][0])),
                tuple(probabilities[i][: len(one) + 1]),
                tuple(errors[i][: len(one) + 1]),
            )
            for i, one in enumerate(words)
        ]

    async def _asked_card(self) -> _Card:
        return self._read_card(await self._infer(_inputs([()], [0.0])))

    def _read_card(self, outputs: Mapping[str, np.ndarray[Any, Any]]) -> _Card:
        """Which model answered; it may be replaced at any time."""
        said = outputs["model"][0][0].decode()
        if self._card is not None and self._card.json == said:
            return self._card
        decodings = json.loads(said)["decodings"]
        return _Card(said, {name: Decoding.read(values) for name, values in decodings.items()})


def pipeline(arguments: ModelArguments, infer: Infer) -> Pipeline:
    """The pipeline as `config.pbtxt` describes it: parameter "prepare", and hooks.py in the model's folder.

    The tagger cannot be asked before the first request: Triton takes none from a model that is being loaded,
    and a `model_warmup` that fails for want of a tagger may take the whole server down (seen with 2.51).

    Raises:
        LoadError: hooks.py cannot be run, or has no such hook.
    """
    sentences_in("Ready.")
    return Pipeline(infer, hooks_in(arguments.folder / "hooks.py"), arguments.parameters.get("prepare", ""))


def hooks_in(path: Path) -> dict[str, Prepare]:
    """The functions defined in a file, but for those whose names begin with `_`; none if there is no file.

    Raises:
        LoadError: it cannot be run.
    """
    if not path.is_file():
        return {}
    module = module_of(path)
    return {
        name: cast(Prepare, value)
        for name, value in vars(module).items()
        if not name.startswith("_")
        and getattr(value, "__module__", "") == module.__name__
        and callable(value)
    }


def _column(request: Request, name: str, rows: int, default: str) -> list[str]:
    if name not in request.inputs:
        return [default] * rows
    column = texts(request, name, MOST_CHARACTERS)
    if len(column) != rows:
        raise BadRequest(f"{name} must have the shape [{rows}, 1], not [{len(column)}, 1]")
    return column


def _inputs(sentences: Sequence[Sequence[str]], bias: Sequence[float]) -> dict[str, np.ndarray[Any, Any]]:
    return {
        "words": strings([json.dumps(list(words)) for words in sentences]),
        "keep_confidence": np.array(bias, np.float32).reshape(-1, 1),
    }
