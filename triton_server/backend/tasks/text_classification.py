"""Labels for a text, likeliest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from triton_server.backend.tasks.batches import encoded_rows, forward, softmax

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from triton_server.backend.tasks.backend import Row
    from triton_server.backend.tasks.loading import Array, Loaded


def text_classification(loaded: Loaded) -> Callable[[Sequence[Row]], list[Row | Exception]]:
    """The task, for a model with a sequence classification head."""
    config = loaded.config
    likelihoods = _likelihoods(config)
    names = [config.id2label[i] for i in range(config.num_labels)]

    def run(rows: Sequence[Row]) -> list[Row | Exception]:
        texts = [row["text"] for row in rows]
        encoding = loaded.tokenizer(texts, truncation=True, max_length=loaded.longest)
        ran = forward(loaded, encoded_rows(loaded, encoding))
        answers: list[Row | Exception] = []
        for i, row in enumerate(rows):
            scores = likelihoods(ran[i]["logits"]).tolist()
            best = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)[: row["top_k"]]
            answers.append(
                {
                    "labels": [names[label] for label in best],
                    "scores": [scores[label] for label in best],
                    "truncated": bool(encoding.encodings[i].overflowing),
                }
            )
        return answers

    return run


def _likelihoods(config: Any) -> Callable[[Array], Array]:
    """From logits to what the model was trained to say, as `transformers` decides it."""
    if config.problem_type == "regression":
        return lambda logits: logits
    if config.problem_type == "multi_label_classification" or config.num_labels == 1:
        return lambda logits: 1 / (1 + np.exp(-logits))
    return softmax
