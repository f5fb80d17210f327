"""What was tried, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triton_server.export.optimise.search import CLIENTS

if TYPE_CHECKING:
    from triton_server.export.optimise.search import Result, Trial


def table(result: Result) -> str:
    """What was tried, in Markdown."""
    head = ["| Format | Threads | Batch | Instances | Speed | Same answers |", "|---|---|---|---|---|---|"]
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
        f"| {trial.speed:.2f} | {trial.agreement:.2%} |"
    )
