"""What was tried, for people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from triton_server.export.optimise.search import CLIENTS

if TYPE_CHECKING:
    from triton_server.export.optimise.search import Result, Trial


def table(result: Result) -> str:
    """What was tried, in Markdown."""
    head = [
        "| Format | Threads | Batch | Instances | Speed | Lone request | Memory | Same answers | F0.5 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    parts = [
        ("Number format, in one process; speed as a ratio to the original:", result.forms),
        ("Threads and batch, in one process; speed as a ratio to the original:", result.runs),
        (f"Instances, on Triton with {CLIENTS} clients; speed as a ratio to one:", result.instances),
    ]
    return "\n\n".join("\n".join([title, "", *head, *map(_row, trials)]) for title, trials in parts if trials)


def _row(trial: Trial) -> str:
    one = trial.setting
    return (
        f"| {one.form.title} | {one.threads} | {one.batch} | {one.instances} "
        f"| {trial.speed:.2f} | {_or_dash(trial.milliseconds, '.1f', ' ms')} "
        f"| {_or_dash(trial.megabytes, '.0f', ' MB')} | {trial.agreement:.2%} "
        f"| {_or_dash(100 * trial.f05, '.1f')} |"
    )


def _or_dash(value: float, form: str, unit: str = "") -> str:
    return "–" if math.isnan(value) else f"{value:{form}}{unit}"
