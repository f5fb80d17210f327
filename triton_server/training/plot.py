"""A training's `metrics.jsonl` as a picture: loss, precision and recall, and learning rate over its steps."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from triton_server.gector.types import GectorError
from triton_server.training.texts import read_lines
from triton_server.training.train import METRICS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_WIDTH, _HEIGHT = 720, 170
"""Of a panel's drawing area, in pixels."""
_LEFT, _TOP, _GAP = 64, 28, 46
_TICKS = 4
_COLOURS = ("#1f6feb", "#d1242f")


class Panel(NamedTuple):
    """One of the pictures that stand on top of each other."""

    title: str
    names: tuple[str, ...]
    """Fields of a line of `metrics.jsonl`, each a curve."""


PANELS = (
    Panel("loss", ("loss",)),
    Panel("precision and recall of labels that change something", ("precision", "recall")),
    Panel("learning rate", ("rate",)),
)


def stages_of(training: Path) -> list[Path]:
    """The folders of a training's stages, in order; the folder itself if it is that of one stage.

    Raises:
        GectorError: it is neither.
    """
    stages = sorted(training.glob("stage-*"), key=lambda path: int(path.name.partition("-")[2]))
    found = [path for path in stages or [training] if (path / METRICS).is_file()]
    if not found:
        raise GectorError(f"{training} is no training: neither it nor a stage-1 in it has a {METRICS}.")
    return found


def read_metrics(stage: Path) -> list[dict[str, Any]]:
    """The reports of a stage, as `train.Report` has them.

    Raises:
        GectorError: a line cannot be read.
    """
    try:
        return [json.loads(line) for line in read_lines(stage / METRICS) if line]
    except ValueError as error:
        raise GectorError(f"{stage / METRICS} is damaged: {error}.") from error


def plot(training: Path) -> str:
    """An SVG picture of all stages of a training, one behind the other.

    Raises:
        GectorError: there is no training, or nothing has been reported yet.
    """
    steps: list[int] = []
    lines: list[dict[str, Any]] = []
    borders: list[int] = []
    for stage in stages_of(training):
        before = steps[-1] if steps else 0
        reported = read_metrics(stage)
        steps.extend(before + line["step"] for line in reported)
        lines.extend(reported)
        borders.append(steps[-1] if steps else 0)
    if not lines:
        raise GectorError(f"{training} has reported nothing yet: that takes its first 50 steps.")
    height = _TOP + len(PANELS) * (_HEIGHT + _GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDTH + 24}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for number, panel in enumerate(PANELS):
        parts.append(f'<g transform="translate({_LEFT} {_TOP + number * (_HEIGHT + _GAP)})">')
        parts.extend(_panel(panel, steps, lines, borders[:-1]))
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _panel(
    panel: Panel, steps: Sequence[int], lines: Sequence[dict[str, Any]], borders: Sequence[int]
) -> list[str]:
    most = max(line[name] for line in lines for name in panel.names) or 1.0

    def x(step: float) -> float:
        return _WIDTH * step / steps[-1]

    def y(value: float) -> float:
        return _HEIGHT * (1 - value / most)

    parts = [_text(0, -10, panel.title)]
    for tick in range(_TICKS + 1):
        value, step = most * tick / _TICKS, steps[-1] * tick / _TICKS
        parts.append(f'<path d="M0 {y(value):.1f}H{_WIDTH}" stroke="#ddd"/>')
        parts.append(_text(-6, y(value) + 4, f"{value:.3g}", "end"))
        parts.append(_text(x(step), _HEIGHT + 16, f"{step:,.0f}", "middle"))
    parts += [
        f'<path d="M{x(step):.1f} 0V{_HEIGHT}" stroke="#999" stroke-dasharray="4"/>' for step in borders
    ]
    for index, name in enumerate(panel.names):
        points = " ".join(
            f"{x(step):.1f},{y(line[name]):.1f}" for step, line in zip(steps, lines, strict=True)
        )
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{_COLOURS[index]}" stroke-width="1.5"/>'
        )
        if len(panel.names) > 1:
            parts.append(_text(_WIDTH - 70 * index, -10, name, "end", _COLOURS[index]))
    return parts


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = "#333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
