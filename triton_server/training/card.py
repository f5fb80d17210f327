"""A model card, in Markdown, from what a training has written down of itself.

What it says: where the model began, each stage's data, schedule and outcome, what the corrections are from,
thresholds with what they gave when they were measured (`grammared train tune`), and what the author adds:
licence, data sources, and figures of an evaluation.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triton_server.gector.model_files import STRICTNESSES, open_model
from triton_server.gector.types import GectorError
from triton_server.training.plot import read_metrics, stages_of
from triton_server.training.texts import read_pairs, read_sentences
from triton_server.training.train import ASKED
from triton_server.training.tune import MEASURED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_MOST_ORIGINS = 20
_NAMED = ("rates", "pairs_share", "fragments_share", "reverse", "subwords", "seed")
"""Of a mix, beside its files."""


def card(
    training: Path, model: Path, *, licence: str, data: str | None = None, figures: str | None = None
) -> str:
    """The card's text.

    Args:
        training: the folder of `grammared train model`.
        model: the model's folder, whose thresholds are told.
        licence: of the model, such as Apache-2.0.
        data: Markdown about the data: sources and their licences.
        figures: Markdown with an evaluation, such as what `benchmarks.quality` prints.

    Raises:
        GectorError: one of the folders is not what it should be.
    """
    files = open_model(model)
    stages = [(read_asked(stage), read_metrics(stage)) for stage in stages_of(training)]
    start = Path(stages[0][0]["mix"]["model"]).name
    parts = [
        f"---\nlanguage: en\nlicense: {licence.lower()}\npipeline_tag: token-classification\n---\n",
        f"# {model.resolve().name}\n",
        f"A GECToR tagger for English with {len(files.labels):,} labels, trained from `{start}` by "
        "`grammared train model`.\n",
        "## Training\n",
        *_table(
            ("stage", "steps", "sentences", "minutes", "loss", "precision", "recall"),
            (_outcome(number, reports) for number, (_, reports) in enumerate(stages, 1)),
        ),
        "",
        *(line for number, (asked, _) in enumerate(stages, 1) for line in _asked(number, asked)),
        "## Data\n",
        *_files([asked["mix"] for asked, _ in stages]),
        *([data.strip(), ""] if data else []),
        *_thresholds(files.config.get("inference", {})),
        *(["## Evaluation\n", figures.strip(), ""] if figures else []),
        "## Licence\n",
        f"{licence}.",
    ]
    return "\n".join(parts) + "\n"


def read_asked(stage: Path) -> dict[str, Any]:
    """How a stage was asked for: `mix`, `schedule` and `options`.

    Raises:
        GectorError: its file cannot be read.
    """
    try:
        asked: dict[str, Any] = json.loads((stage / ASKED).read_bytes())
    except (OSError, ValueError) as error:
        raise GectorError(f"Cannot read {stage / ASKED}: {error}.") from error
    return asked


def _outcome(number: int, reports: Sequence[dict[str, Any]]) -> tuple[object, ...]:
    if not reports:
        return (number, "fewer than 50", *[""] * 5)
    last = reports[-1]
    scores = (f"{last[name]:.3f}" for name in ("loss", "precision", "recall"))
    return (number, f"{last['step']:,}", f"{last['sentences']:,}", f"{last['minutes']:.0f}", *scores)


def _asked(number: int, asked: dict[str, Any]) -> Iterator[str]:
    """What a stage read and how it learnt, as a list; what is not set is left out."""
    yield f"Stage {number}:\n"
    for name in ("sentences", "pairs"):
        if asked["mix"][name]:
            yield f"- {name}: {', '.join(f'`{Path(path).name}`' for path in asked['mix'][name])}"
    mix = {name: asked["mix"][name] for name in _NAMED if name in asked["mix"]}
    for title, values in (("mix", mix), ("schedule", asked["schedule"]), ("options", asked["options"])):
        told = (f"{key.replace('_', '-')} {value}" for key, value in values.items() if value is not None)
        yield f"- {title}: {', '.join(told)}"
    yield ""


def _files(mixes: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Each file with its number of lines, and where its pairs are from; of one that is gone only its name."""
    mixes = [*mixes]
    sentences = dict.fromkeys(Path(path) for mix in mixes for path in mix["sentences"])
    pairs = dict.fromkeys(Path(path) for mix in mixes for path in mix["pairs"])
    rows = [(path.name, "sentences", _told(path, _count)) for path in sentences]
    rows += [(path.name, "pairs", _told(path, _origins)) for path in pairs]
    yield from _table(("file", "of", "how many"), rows)
    yield ""


def _told(path: Path, tell: Callable[[Path], str]) -> str:
    return tell(path) if path.exists() else "no longer there"


def _count(path: Path) -> str:
    return f"{sum(1 for _ in read_sentences([path])):,}"


def _origins(path: Path) -> str:
    origins = Counter(pair.origin or "not said" for pair in read_pairs([path]))
    named = [f"{origin} {count:,}" for origin, count in origins.most_common(_MOST_ORIGINS)]
    more = len(origins) - len(named)
    return f"{origins.total():,}: {', '.join(named)}" + (f", and {more} more" if more else "")


def _thresholds(inference: dict[str, Any]) -> Iterator[str]:
    measured = inference.get(MEASURED)
    if not measured:
        return
    yield "## Thresholds\n"
    yield (
        "By labels of the first pass, as `grammared train tune` measured them on what thresholds were chosen "
        "on; alarms are for 1,000 words of its right sentences.\n"
    )
    rows = (
        (
            name,
            *(f"{measured[name][key]:.1f}" for key in ("precision", "recall", "f05")),
            f"{measured[name]['alarms']:.2f}",
        )
        for name in STRICTNESSES
        if name in measured
    )
    yield from _table(("strictness", "P", "R", "F0.5", "alarms"), rows)
    yield ""


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"
