"""What goes in and comes out of each task; `config.pbtxt`, README and request reading follow it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["BYTES", "INT32", "FP32", "BOOL"]
MOST_CHARACTERS = 200_000
"""Of one text; more would keep everybody else waiting for minutes."""


@dataclass(frozen=True, slots=True)
class Input:
    """An input of shape [rows, 1]."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    default: Any = None
    """When the request has none; parameter `default_<name>` of `config.pbtxt` changes it."""
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """An output of shape [rows, 1], or [rows, longest] with short rows filled up."""

    name: str
    kind: Kind
    meaning: str
    ragged: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    """A task as its users see it."""

    task: str
    meaning: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    samples: tuple[dict[str, str], ...]
    """Values for the required inputs, to try a model with."""


def _text(meaning: str, name: str = "text") -> Input:
    return Input(name, "BYTES", meaning, required=True)


CONTRACTS = {
    contract.task: contract
    for contract in (
        Contract(
            "text-classification",
            "A label for a text, such as its sentiment",
            (
                _text("UTF-8"),
                Input("top_k", "INT32", "how many labels, likeliest first", default=1, least=1),
            ),
            (
                Output("labels", "BYTES", "likeliest first; filled up with empty strings", ragged=True),
                Output("scores", "FP32", "their probabilities; filled up with 0", ragged=True),
                Output("truncated", "BOOL", "whether the text was longer than the model can read, and cut"),
            ),
            (
                {"text": "What a lovely surprise, I enjoyed every minute!"},
                {"text": "The worst film of the year."},
            ),
        ),
        Contract(
            "token-classification",
            "Labelled spans of a text, such as names; long texts are read in overlapping windows",
            (
                _text("UTF-8"),
                Input(
                    "aggregation",
                    "BYTES",
                    "from tokens to spans: none (a span for each token), simple (neighbours of one label), "
                    "or by whole words, labelled by their first token, the average or the surest",
                    default="simple",
                    choices=("none", "simple", "first", "average", "max"),
                ),
            ),
            (
                Output(
                    "entities",
                    "BYTES",
                    "JSON list of {label, score, start, end, text}; start and end count code points of text",
                ),
            ),
            (
                {"text": "Ada Lovelace was born in London."},
                {"text": "Angela Merkel flew from Berlin to New York with Siemens."},
            ),
        ),
        Contract(
            "text-generation",
            "A text that follows another: an answer or a correction (seq2seq), a continuation (causal)",
            (
                _text("the prompt, UTF-8"),
                Input("prefix", "BYTES", "put before the text, such as an instruction", default=""),
                Input(
                    "max_new_tokens",
                    "INT32",
                    "the longest answer; if left out, 128 or what the model's context has room for",
                    least=1,
                    most=8192,
                ),
                Input(
                    "temperature",
                    "FP32",
                    "0: the likeliest token; else sampled",
                    default=0.0,
                    least=0,
                    most=10,
                ),
                Input(
                    "top_p",
                    "FP32",
                    "sample from the likeliest tokens of this mass",
                    default=1.0,
                    least=0,
                    most=1,
                ),
                Input("num_beams", "INT32", "beam search when above 1", default=1, least=1, most=16),
                Input("seed", "INT32", "the same answer each time, whatever is in the batch", least=0),
                Input("stop", "BYTES", "JSON list of strings that end the answer", default="[]"),
            ),
            (
                Output(
                    "generated_text", "BYTES", "the answer without the prompt; with streaming, its next piece"
                ),
                Output("finish_reason", "BYTES", "end, stop or length; empty while more follows (streaming)"),
                Output("tokens", "INT32", "how many tokens were generated"),
            ),
            ({"text": "She go to school every days."}, {"text": "I has two cat."}),
        ),
        Contract(
            "question-answering",
            "The place in a context that answers a question; long contexts are read in overlapping windows",
            (
                _text("UTF-8", "question"),
                _text("UTF-8", "context"),
                Input("allow_no_answer", "BOOL", "whether the answer may be empty", default=False),
            ),
            (
                Output("answer", "BYTES", "context[start:end]"),
                Output("score", "FP32", "its probability"),
                Output("start", "INT32", "in code points of the context"),
                Output("end", "INT32", "in code points of the context"),
            ),
            (
                {
                    "question": "Where does she live?",
                    "context": "Zoë moved twice. She lives in Zürich now and works in Basel.",
                },
            ),
        ),
        Contract(
            "custom",
            "Whatever the functions of hooks.py in the model's folder make of a text",
            (
                _text("UTF-8"),
                Input("options", "BYTES", "JSON object, handed to the hooks", default="{}"),
            ),
            (Output("result", "BYTES", "JSON, what `postprocess` returned"),),
            ({"text": "Hello, world."}, {"text": "A second, somewhat longer text."}),
        ),
    )
}
"""By task."""
