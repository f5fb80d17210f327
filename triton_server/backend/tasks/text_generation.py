"""A text that follows another, from an encoder-decoder (seq2seq) or a decoder alone (causal).

Rows are generated together whatever their parameters: each has its own length, stop strings, temperature,
nucleus and random numbers. What splits a batch is the number of beams (and with beams, the length), and a
context too short for the longest text and the longest answer together. With a seed, a row's answer does not
depend on what else is in the batch.
"""

from __future__ import annotations

import copy
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from triton_server.backend.requests import BadRequest
from triton_server.backend.tasks.batches import encoded_rows, padded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from triton_server.backend.tasks.backend import Row, RunStreaming
    from triton_server.backend.tasks.batches import Encoded
    from triton_server.backend.tasks.loading import Loaded

MOST_NEW_TOKENS = 128
"""When nothing is said; fewer where the context ends before."""
REPLACEMENT = "\ufffd"
"""What a tokenizer makes of the first bytes of a character whose others are still to come."""


class _Job:
    """A row that is being generated."""

    def __init__(
        self,
        index: int,
        row: Row,
        encoded: Encoded,
        most_tokens: int,
        tell: Callable[[int, Row], bool] | None,
    ) -> None:
        import torch

        self.index = index
        self.encoded = encoded
        self.beams: int = row["num_beams"]
        self.most_tokens = most_tokens
        self.temperature: float = row["temperature"]
        self.top_p: float = row["top_p"]
        self.stop: list[str] = stop_strings(row["stop"])
        self.random = torch.Generator()
        if row["seed"] is None:
            self.random.seed()
        else:
            self.random.manual_seed(row["seed"])
        self._tell = tell
        self._told = 0

    @property
    def group(self) -> tuple[int, int]:
        """Equal for rows that can be generated together."""
        return self.beams, self.most_tokens if self.beams > 1 else 0

    @property
    def tokens(self) -> int:
        """Of its text."""
        return len(self.encoded["input_ids"])

    @property
    def streams(self) -> bool:
        """Whether someone wants the pieces as they come."""
        return self._tell is not None

    def advance(self, text: str) -> bool:
        """Tell what is new in the text so far; whether anyone still listens."""
        return self._emit(text[: certain_length(text, self.stop)], "", 0)

    def finish(self, answer: Row) -> None:
        """Tell the rest of the answer and why it ended."""
        self._emit(answer["generated_text"], answer["finish_reason"], answer["tokens"])
        self._tell = None

    def _emit(self, text: str, finish_reason: str, tokens: int) -> bool:
        piece = text[self._told :]
        if self._tell is None or not (piece or finish_reason):
            return True
        self._told += len(piece)
        return self._tell(
            self.index, {"generated_text": piece, "finish_reason": finish_reason, "tokens": tokens}
        )


def text_generation(loaded: Loaded) -> RunStreaming:
    """The task, for a model that generates."""
    seq2seq = bool(loaded.config.is_encoder_decoder)

    def run(rows: Sequence[Row], tell: Callable[[int, Row], bool] | None = None) -> list[Row | Exception]:
        encoding = loaded.tokenizer([row["prefix"] + row["text"] for row in rows])
        results: list[Row | Exception] = [RuntimeError("not answered")] * len(rows)
        groups: dict[tuple[int, int], list[_Job]] = defaultdict(list)
        for i, (row, encoded) in enumerate(zip(rows, encoded_rows(loaded, encoding), strict=True)):
            try:
                most_tokens = _most_tokens(loaded, row, encoded, seq2seq=seq2seq)
                job = _Job(i, row, encoded, most_tokens, tell)
            except BadRequest as error:
                results[i] = error
                continue
            groups[job.group].append(job)
        batches = [
            batch for jobs in groups.values() for batch in ([jobs] if seq2seq else _fitting(loaded, jobs))
        ]
        for jobs in batches:
            for job, answer in zip(jobs, _generate(loaded, jobs, seq2seq=seq2seq), strict=True):
                job.finish(answer)
                results[job.index] = answer
        return results

    return run


def _most_tokens(loaded: Loaded, row: Row, encoded: Encoded, *, seq2seq: bool) -> int:
    """How long the row's answer may be.

    Raises:
        BadRequest: the model has not the room for the text and what is asked for, or cannot do it.
    """
    if row["num_beams"] > 1 and row["temperature"] > 0:
        raise BadRequest("num_beams above 1 and temperature above 0 exclude each other")
    tokens = len(encoded["input_ids"])
    if tokens > loaded.longest:
        raise BadRequest(f"the text has {tokens} tokens; the model reads {loaded.longest}")
    asked: int | None = row["max_new_tokens"]
    if seq2seq:
        return asked or MOST_NEW_TOKENS
    room = loaded.longest - tokens
    most_tokens = asked or max(1, min(MOST_NEW_TOKENS, room))
    if most_tokens > room:
        raise BadRequest(
            f"the text has {tokens} tokens; with max_new_tokens {most_tokens} "
            f"that is more than the model's {loaded.longest}"
        )
    return most_tokens


def _fitting(loaded: Loaded, jobs: Sequence[_Job]) -> list[list[_Job]]:
    """Batches whose longest text and longest answer fit the context: all rows go on to the end of both."""
    batches: list[list[_Job]] = []
    for job in sorted(jobs, key=lambda one: one.tokens):
        batch = [*batches[-1], job] if batches else [job]
        if batches and job.tokens + max(one.most_tokens for one in batch) <= loaded.longest:
            batches[-1] = batch
        else:
            batches.append([job])
    return batches


def _generate(loaded: Loaded, jobs: Sequence[_Job], *, seq2seq: bool) -> list[Row]:
    import torch

    tokenizer = loaded.tokenizer
    arrays = padded(loaded, [job.encoded for job in jobs], left=not seq2seq)
    inputs = {name: torch.from_numpy(array).to(loaded.device) for name, array in arrays.items()}
    inputs.pop("token_type_ids", None)
    before = 1 if seq2seq else int(inputs["input_ids"].shape[1])
    config = copy.deepcopy(loaded.model.generation_config)
    config.update(
        do_sample=False,  # where a row samples, `_sampling` leaves it one choice
        num_beams=jobs[0].beams,
        max_length=None,
        max_new_tokens=max(job.most_tokens for job in jobs),
        pad_token_id=tokenizer.pad_token_id if config.pad_token_id is None else config.pad_token_id,
        **dict.fromkeys(("temperature", "top_p", "top_k", "typical_p"), None),
    )
    ends = _end_tokens(config, tokenizer)
    own = {}
    if jobs[0].beams == 1:
        limits = _limits(tokenizer, jobs, before, ends)
        own = {"logits_processor": [_sampling(jobs)], "stopping_criteria": [limits]}
    with torch.inference_mode():
        sequences = loaded.model.generate(**inputs, generation_config=config, **_listed(own))
    return [
        _answer(tokenizer, job, row[before:].tolist(), ends)
        for job, row in zip(jobs, sequences.cpu(), strict=True)
    ]


def _listed(own: dict[str, Any]) -> dict[str, Any]:
    from transformers import LogitsProcessorList, StoppingCriteriaList

    kinds = {"logits_processor": LogitsProcessorList, "stopping_criteria": StoppingCriteriaList}
    return {name: kinds[name](value) for name, value in own.items()}


def _sampling(jobs: Sequence[_Job]) -> Any:
    """A logits processor that draws for the rows that sample, each with its own parameters."""
    import torch

    def draw(_: Any, scores: Any) -> Any:
        for i, job in enumerate(jobs):
            if job.temperature > 0:
                chances = nucleus(torch.softmax(scores[i].float().cpu() / job.temperature, dim=-1), job.top_p)
                drawn = int(torch.multinomial(chances, 1, generator=job.random))
                scores[i] = -torch.inf
                scores[i, drawn] = 0.0
        return scores

    return draw


def nucleus(chances: Any, top_p: float) -> Any:
    """The likeliest tokens that together have the probability `top_p`, the others 0 (Holtzman et al. 2020).

    Args:
        chances: probabilities of all tokens, [tokens].
        top_p: in 0..1; the likeliest token always stays.
    """
    if top_p >= 1:
        return chances
    ordered, order = chances.sort(descending=True)
    ordered[1:][ordered.cumsum(dim=-1)[:-1] >= top_p] = 0.0
    return chances.new_zeros(chances.shape).scatter(0, order, ordered)


def _limits(tokenizer: Any, jobs: Sequence[_Job], before: int, ends: set[int]) -> Any:
    """A stopping criterion by row: its length, its stop strings, and whether anyone still listens."""
    import torch

    done = [False] * len(jobs)

    def stopped(input_ids: Any, _: Any, **__: Any) -> Any:
        for i, job in enumerate(jobs):
            if not done[i]:
                done[i] = _is_done(tokenizer, job, input_ids[i, before:].tolist(), ends)
        return torch.tensor(done, device=input_ids.device)

    return stopped


def _is_done(tokenizer: Any, job: _Job, tokens: list[int], ends: set[int]) -> bool:
    done = len(tokens) >= job.most_tokens or tokens[-1] in ends
    if job.stop and not done:
        text = _decode(tokenizer, tokens)
        done = cut_at(text, job.stop) < len(text)
    if not job.streams:
        return done
    if done:  # tell at once, others in the batch may take much longer
        job.finish(_answer(tokenizer, job, tokens, ends))
        return True
    return not job.advance(_decode(tokenizer, tokens))


def _answer(tokenizer: Any, job: _Job, tokens: list[int], ends: set[int]) -> Row:
    tokens = tokens[: job.most_tokens]
    end = next((i for i, token in enumerate(tokens) if token in ends), None)
    text = _decode(tokenizer, tokens[:end])
    cut = cut_at(text, job.stop)
    if cut < len(text):
        # The row may have been generated on after its stop; only what made the answer counts.
        tokens = tokens[: _tokens_until(tokenizer, tokens, job.stop)]
        return {"generated_text": text[:cut], "finish_reason": "stop", "tokens": len(tokens)}
    count = len(tokens) if end is None else end
    return {"generated_text": text, "finish_reason": "length" if end is None else "end", "tokens": count}


def _tokens_until(tokenizer: Any, tokens: list[int], stop: Sequence[str]) -> int:
    for count in range(1, len(tokens)):
        text = _decode(tokenizer, tokens[:count])
        if cut_at(text, stop) < len(text):
            return count
    return len(tokens)


def _end_tokens(config: Any, tokenizer: Any) -> set[int]:
    ends = config.eos_token_id if config.eos_token_id is not None else tokenizer.eos_token_id
    return set(ends) if isinstance(ends, list) else {ends}


def _decode(tokenizer: Any, tokens: list[int]) -> str:
    return str(tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False))


def stop_strings(listed: str) -> list[str]:
    """The strings of a JSON list.

    Raises:
        BadRequest: it is none, or one of them is empty.
    """
    try:
        found = json.loads(listed)
    except ValueError as error:
        raise BadRequest(f"stop is no JSON list of strings: {error}") from error
    if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
        raise BadRequest('stop must be a JSON list of strings, such as ["\\n"]')
    return found


def cut_at(text: str, stop: Sequence[str]) -> int:
    """Where the first stop string begins, or the text's length."""
    return min((place for one in stop if (place := text.find(one)) >= 0), default=len(text))


def certain_length(text: str, stop: Sequence[str]) -> int:
    """How much of a text that goes on is sure: not the start of a character or stop string at its end."""
    length = len(text.rstrip(REPLACEMENT))
    begun = (size for one in stop for size in range(1, len(one)) if text[:length].endswith(one[:size]))
    return length - max(begun, default=0)
