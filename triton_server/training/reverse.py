"""Mistakes as people make them, by a tagger that was taught the other way round: from right to wrong.

A reverse tagger is an ordinary GECToR model, trained on people's corrections with their sides exchanged
(`reverse = true` in a stage). Of each word of a right sentence it says how likely people are to write
something else there, and what. Its mistakes fit their sentence, which those made by rule do not always; left
to itself it would make the few that are likeliest everywhere. So they are drawn: by what the tagger says, and
by the shares of people's kinds of mistakes (`shares` in `errors.toml`).

After Rei et al. 2017, "Artificial error generation with machine translation and syntactic patterns", and
Stahlberg and Kumar 2021, "Synthetic data generation for grammatical error correction with tagged corruption
models", with a tagger in place of a translator: one run of the model for each sentence.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

import torch

from triton_server.gector.groups import group_of
from triton_server.gector.model_files import open_model
from triton_server.gector.subwords import NO_SUBWORD, Subwords
from triton_server.gector.torch_model import load_torch
from triton_server.gector.types import KEEP
from triton_server.training.corrupt import how_many
from triton_server.training.label import applied
from triton_server.training.texts import Pair

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from triton_server.gector.subwords import Window
    from triton_server.training.errors import Errors
    from triton_server.training.texts import Words

_LIKELIEST = 12
"""Labels of a word that may be drawn: of thousands, the others together are noise."""
_AT_ONCE = 1024
"""Sentences between which batches of like length are made."""
_SUBWORDS = 4096
"""Most sub-words in a batch, padding included."""
_MEASURED = 2048
"""Sentences from which it is measured how much the tagger says of each kind."""
ORIGIN = "reverse tagger"


_Likeliest = tuple[list[list[float]], list[list[int]]]
"""For `$START` and each word the chances of its likeliest labels, and their ids."""


class Slip(NamedTuple):
    """What people could do to a word, by the reverse tagger."""

    word: int
    """Its index."""
    label: str
    group: str
    """Of the label, as `gector.groups` has it: `delete-comma` leaves one out."""
    chance: float
    """As the tagger says, in 0..1."""


class ReverseTagger:
    """A model that says what people would write in place of a right sentence's words."""

    def __init__(self, model: Path, *, device: str = "cpu") -> None:
        """Load it.

        Args:
            model: a folder in gotutiyan's format, trained with `reverse = true`.
            device: as PyTorch names it.

        Raises:
            GectorError: it cannot be read.
        """
        files = open_model(model)
        self._labels, self._keep = files.labels, files.keep
        self._subwords = Subwords(
            files.path("tokenizer.json"), special_tokens=files.special_tokens, max_subwords=files.max_subwords
        )
        self._device = torch.device(device)
        self._network = load_torch(files).to(self._device)

    def slips(self, sentences: Sequence[Words]) -> list[list[Slip]]:
        """What may go wrong in each sentence; nothing in one that is longer than the model takes at once."""
        windows = self._subwords.windows(sentences)
        cut = Counter(window.sentence for window in windows)
        found: list[list[Slip]] = [[] for _ in sentences]
        for batch in _batches([window for window in windows if cut[window.sentence] == 1]):
            for window, chances in zip(batch, self._answers(batch), strict=True):
                found[window.sentence] = [*self._slips(sentences[window.sentence], window, chances)]
        return found

    def _slips(self, words: Words, window: Window, chances: _Likeliest) -> Iterator[Slip]:
        """From the likeliest labels of each word; `$START` is left out."""
        for i, word in enumerate(words):
            if window.starts[i + 1] == NO_SUBWORD:
                continue
            for chance, label_id in zip(*(row[i + 1] for row in chances), strict=True):
                if label_id != self._keep:
                    label = self._labels[label_id]
                    yield Slip(i, label, group_of(label, word.lower()), chance)

    @torch.inference_mode()
    def _answers(self, batch: Sequence[Window]) -> Iterator[_Likeliest]:
        longest = max(len(window.input_ids) for window in batch)
        input_ids = torch.full((len(batch), longest), self._subwords.padding_id)
        mask = torch.zeros_like(input_ids)
        for row, window in enumerate(batch):
            input_ids[row, : len(window.input_ids)] = torch.tensor(window.input_ids)
            mask[row, : len(window.input_ids)] = 1
        with torch.autocast(self._device.type, dtype=torch.bfloat16):
            hidden = self._network.bert(
                input_ids=input_ids.to(self._device), attention_mask=mask.to(self._device)
            ).last_hidden_state
            at_words = [hidden[row, torch.tensor(w.starts).clamp(min=0)] for row, w in enumerate(batch)]
            scores = self._network.label_proj_layer(torch.cat(at_words))
        chances, ids = torch.softmax(scores.float(), -1).topk(_LIKELIEST)
        first = 0
        for window in batch:
            last = first + len(window.starts)
            yield chances[first:last].tolist(), ids[first:last].tolist()
            first = last


def pairs_of_reverse_tagger(
    tagger: ReverseTagger,
    sentences: Iterable[Words],
    errors: Errors,
    rng: random.Random,
    rates: str = "people",
) -> Iterator[Pair]:
    """Right sentences with mistakes that the tagger makes, each with the sentence itself.

    Args:
        tagger: makes them.
        sentences: right ones, any number.
        errors: how many mistakes there are (`rates`), and of which kinds (`shares`).
        rng: the same one makes the same mistakes, on the same machine.
        rates: a name of `errors.rates`.
    """
    left = iter(sentences)
    first = [*islice(left, _MEASURED)]
    weights = weights_of(tagger.slips(first), errors.shares)
    left = chain(first, left)
    while some := [*islice(left, _AT_ONCE)]:
        for words, slips in zip(some, tagger.slips(some), strict=True):
            wanted = how_many(words, errors, rng, rates)
            yield Pair(slipped(words, slips, weights, wanted, rng), words, ORIGIN)


def weights_of(found: Iterable[Sequence[Slip]], shares: Mapping[str, float]) -> dict[str, float]:
    """By how much each group's chances are multiplied, so that the groups come out with these shares.

    Args:
        found: slips of some sentences.
        shares: of each group, relative to the others'; groups without one do not happen.
    """
    said: Counter[str] = Counter()
    for slip in chain.from_iterable(found):
        said[slip.group] += slip.chance  # type: ignore[assignment]  # Counter's values may be any numbers
    return {group: share / said[group] for group, share in shares.items() if said[group] > 0}


def slipped(
    words: Words, slips: Sequence[Slip], weights: Mapping[str, float], wanted: int, rng: random.Random
) -> Words:
    """A sentence with some of the slips, one a word at most.

    Args:
        words: right.
        slips: what may be drawn.
        weights: of each group, beside the slip's own chance.
        wanted: how many are drawn; fewer if there are not as many.
        rng: draws.
    """
    labels = [KEEP] * (len(words) + 1)
    left = [(slip, slip.chance * weights.get(slip.group, 0.0)) for slip in slips]
    for _ in range(wanted):
        left = [(slip, weight) for slip, weight in left if weight > 0]
        if not left:
            break
        (drawn,) = rng.choices([slip for slip, _ in left], [weight for _, weight in left])
        labels[drawn.word + 1] = drawn.label
        left = [(slip, weight) for slip, weight in left if slip.word != drawn.word]
    result = applied(words, labels)
    if result and words[0][:1].isupper():
        result = (result[0][:1].upper() + result[0][1:], *result[1:])
    return result or words


def _batches(windows: Sequence[Window]) -> Iterator[list[Window]]:
    """Windows of like length together."""
    batch: list[Window] = []
    for window in sorted(windows, key=lambda window: len(window.input_ids)):
        if batch and len(window.input_ids) * (len(batch) + 1) > _SUBWORDS:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch
