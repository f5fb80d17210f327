"""`config.pbtxt` from a dataclass."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from triton_server.launcher import repository

if TYPE_CHECKING:
    from collections.abc import Mapping

Datatype = Literal["STRING", "FP32", "INT32", "INT64", "BOOL"]


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or output; `dims` without the batch dimension, -1 for any size."""

    name: str
    datatype: Datatype
    dims: tuple[int, ...] = (1,)
    optional: bool = False
    """Of inputs only."""


@dataclass(frozen=True, slots=True)
class Queue:
    """How requests reach a model; `launcher.profiles` has presets for its fields.

    Limits and priorities want a second instance. With either, Triton hands out a batch only when an instance
    is free, and when one becomes free it is not told: the lone instance may stand idle until another request
    arrives, or for half a second (seen with 2.51; `benchmarks/triton_typing.py` shows it).
    """

    about: str = ""
    """The comment above, a line each."""
    delay: int = 0
    """Microseconds for which a request may wait for others to run with."""
    most: int = 0
    """Requests of one priority that may wait; more are refused at once. 0 for no limit."""
    timeout: int = 0
    """Microseconds after which a request that still waits is refused; 0 for never. A request may ask for
    less, but only where there is one."""
    priorities: bool = False
    """Whether requests with priority 1 (typing) overtake all others (whole files)."""
    cached: bool = False
    """Whether a request equal to an earlier one is answered from memory."""
    in_turn: bool = False
    """Whether it takes turns with the server's other models that do: together, only as many run at a time as
    one of them has instances."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """A Python-backend model as its `config.pbtxt` describes it."""

    name: str
    about: str
    """The comment at the top, a line each."""
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    max_batch_size: int = 64
    """Rows in one `execute`; also the most rows of one request."""
    instances: int = 1
    device: Literal["cpu", "gpu"] = "cpu"
    gpus: tuple[int, ...] = ()
    """Which of them, each with `instances`; none for all."""
    queue: Queue = field(default_factory=Queue)
    decoupled: bool = False
    """Whether a request may have several answers (streaming)."""
    origin: str = ""
    """Who made the file, and where it is to be changed; the comment's last line."""
    parameters: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Key to (value, comment)."""

    def __post_init__(self) -> None:
        if self.max_batch_size < 1 or self.instances < 1:
            raise ValueError("max_batch_size and instances must be at least 1")
        names = [tensor.name for tensor in (*self.inputs, *self.outputs)]
        if len(set(names)) != len(names):
            raise ValueError("two tensors have the same name")

    def pbtxt(self) -> str:
        """The file's text.

        Raises:
            ValueError: Triton's own message type does not take it.
        """
        parts = [
            *(f"# {line}".rstrip() for line in f"{self.about}\n{self.origin}".strip().splitlines()),
            f"name: {_quoted(self.name)}",
            'backend: "python"',
            f"max_batch_size: {self.max_batch_size}",
            *(f"input {_tensor(tensor)}" for tensor in self.inputs),
            *(f"output {_tensor(tensor)}" for tensor in self.outputs),
            *serving(self),
            *(["model_transaction_policy { decoupled: true }"] if self.decoupled else []),
            *(
                f"# {comment}\n"
                f"parameters {{ key: {_quoted(key)} value {{ string_value: {_quoted(value)} }} }}"
                for key, (value, comment) in self.parameters.items()
            ),
        ]
        text = "\n".join(parts) + "\n"
        repository.parse(text)
        return text


def serving(config: ModelConfig) -> list[str]:
    """The part of a `config.pbtxt` that a profile decides: batching, queue, instances, cache, turns."""
    queue = config.queue
    company = (
        f"# Requests wait up to {queue.delay / 1000:g} ms for others to run with."
        if queue.delay
        else "# Requests that wait while the model is busy run together; none waits for another to arrive."
    )
    turns = _TURNS if queue.in_turn else ""
    gpus = f" gpus: [ {', '.join(map(str, config.gpus))} ]" if config.gpus else ""
    return [
        *(f"# {line}" for line in queue.about.splitlines()),
        company,
        "dynamic_batching {",
        *([f"  max_queue_delay_microseconds: {queue.delay}"] if queue.delay else []),
        *(_PRIORITIES if queue.priorities else []),
        *_queue_policy(queue),
        "}",
        *(["# Of all models that take turns, only as many run as one has instances."] if turns else []),
        f"instance_group {{ kind: KIND_{config.device.upper()} count: {config.instances}{gpus}{turns} }}",
        *(_CACHE if queue.cached else []),
    ]


TURN = "turn"
"""The resource of Triton's rate limiter that models with `Queue.in_turn` need one of."""
_TURNS = f' rate_limiter {{ resources [ {{ name: "{TURN}" global: true count: 1 }} ] }}'
_CACHE = ["# A request equal to an earlier one is answered from memory.", "response_cache { enable: true }"]
_PRIORITIES = [
    "  # 1: somebody types and waits; 2: whole files. Those with 1 overtake.",
    "  priority_levels: 2",
    "  default_priority_level: 2",
]


def _queue_policy(queue: Queue) -> list[str]:
    if not queue.most and not queue.timeout:
        return []
    late = f" or has waited {queue.timeout / 1e6:g} s" if queue.timeout else ""
    return [
        f"  # A request that finds {queue.most} waiting{late} is refused, rather than all being late."
        if queue.most
        else f"  # A request that{late.removeprefix(' or')} is refused.",
        "  default_queue_policy {",
        *([f"    max_queue_size: {queue.most}"] if queue.most else []),
        *([f"    default_timeout_microseconds: {queue.timeout}"] if queue.timeout else []),
        "    timeout_action: REJECT",
        "    allow_timeout_override: true",
        "  }",
    ]


def _tensor(tensor: Tensor) -> str:
    optional = " optional: true" if tensor.optional else ""
    dims = ", ".join(map(str, tensor.dims))
    return f"{{ name: {_quoted(tensor.name)} data_type: TYPE_{tensor.datatype} dims: [ {dims} ]{optional} }}"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


GECTOR_INPUTS = (
    Tensor("words", "STRING", optional=True),
    Tensor("text", "STRING", optional=True),
    Tensor("keep_confidence", "FP32", optional=True),
    Tensor("min_error_prob", "FP32", optional=True),
)
GECTOR_OUTPUTS = (
    Tensor("labels", "STRING"),
    Tensor("probabilities", "FP32", (-1,)),
    Tensor("error_probabilities", "FP32", (-1,)),
    Tensor("corrected_text", "STRING"),
    Tensor("edits", "STRING"),
    Tensor("model", "STRING"),
)
