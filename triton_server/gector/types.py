"""The shapes that pass between tokenizer, model, tags and edits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

START = "$START"
"""The token before the first word; a `$APPEND_x` on it inserts at the sentence's beginning."""
KEEP = "$KEEP"

Strictness = Literal["low", "normal", "high"]
"""How readily something counts as an error; the thresholds behind it are measured for each model."""


class GectorError(Exception):
    """A model that cannot be loaded or run; the text is one line for a person."""


class StoppedError(GectorError):
    """A run of a model that nobody waits for any more; nobody gets to read its text."""


@dataclass(frozen=True, slots=True)
class Tagging:
    """What the model says of one sentence of n words. Index 0 is `$START`, index i + 1 is word i."""

    labels: tuple[str, ...]
    """n + 1 labels: the likeliest after the keep bias was added; not yet held against `min_error_prob`."""
    probabilities: tuple[float, ...]
    """n + 1: the probability of each label *before* the keep bias."""
    error_probabilities: tuple[float, ...]
    """n + 1: how sure the detection head is that there is an error at this word."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """When a label counts, after GECToR (Omelianchuk et al. 2020, section 5), and how often to try again."""

    keep_confidence: float = 0.0
    """Added to the probability of `$KEEP` before the likeliest label is chosen."""
    min_error_prob: float = 0.0
    """A sentence whose highest error probability is below it changes nothing, nor does a label below it."""
    max_passes: int = 5
    """A corrected sentence is tagged again until nothing changes, at most so often in all."""
    group_thresholds: tuple[tuple[str, float], ...] = ()
    """For groups of labels (`groups.group_of`) the least probability, where it is more than
    `min_error_prob`."""

    @staticmethod
    def read(values: Mapping[str, Any]) -> Decoding:
        """From JSON, where tuples are lists."""
        groups = values.get("group_thresholds", ())
        pairs = groups.items() if isinstance(groups, Mapping) else groups
        return Decoding(**{**values, "group_thresholds": tuple((str(k), float(v)) for k, v in pairs)})


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to a sentence's text, with what made it."""

    start: int
    """Code-point offset into the sentence's text."""
    end: int
    replacement: str
    """What takes the place of `text[start:end]`, spacing included."""
    labels: tuple[str, ...]
    """The labels that made it, in the order of the passes."""
    confidence: float
    """The lowest probability among `labels`, each read before the keep bias; in 0..1."""


class Tag(Protocol):
    """Whatever tags sentences synchronously."""

    def __call__(self, sentences: Sequence[Sequence[str]], keep_confidence: Sequence[float]) -> list[Tagging]:
        """Tag each sentence (words without `$START`); one keep bias per sentence."""
        ...
