"""`grammared triton optimize`: the fastest way to serve a model on this machine."""

from __future__ import annotations

import math
import tempfile
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import click

from lsp_server.cli.flags import repository_option
from lsp_server.errors import GrammaredError
from triton_server import launcher
from triton_server.authoring.new_model import read
from triton_server.backend.tasks.source import LoadError
from triton_server.gector.types import GectorError
from triton_server.launcher import repository

_NEEDED = ("torch", "transformers", "onnx", "onnxscript")
"""Of the extra `train`: asked for before anything is exported, which takes a while."""


@click.command()
@click.argument("name")
@click.option(
    "--max-loss",
    type=click.FloatRange(0, 100),
    default=0.5,
    show_default=True,
    help="Per cent of the original's answers (of a GECToR model: labels) that may be others.",
)
@click.option(
    "--max-latency",
    type=click.FloatRange(0, min_open=True),
    default=math.inf,
    show_default="no limit",
    metavar="MS",
    help="Milliseconds that a lone request may take.",
)
@click.option(
    "--max-memory",
    type=click.FloatRange(0, min_open=True),
    default=math.inf,
    show_default="no limit",
    metavar="MB",
    help="Megabytes that all instances together may take.",
)
@click.option(
    "--text",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    show_default="sentences that come with grammared",
    help="Plain text to compare and measure with, or .jsonl with a request's inputs in each line.",
)
@click.option(
    "--gold",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Sentences and their corrections, a tab between, for the F0.5 of a grammar model's forms.",
)
@click.option("--as", "new_name", metavar="NAME", help="Of the new model.  [default: NAME_optimized]")
@click.option(
    "--sentences", type=click.IntRange(8), default=48, show_default=True, help="To measure speed with."
)
@click.option(
    "--repeats", type=click.IntRange(1), default=5, show_default=True, help="Turns of each setting."
)
@click.option(
    "--server/--no-server", default=True, show_default=True, help="Compare instances on a Triton of its own."
)
@repository_option
@click.option("--force", is_flag=True, help="Replace a model of the new name.")
def optimize(
    name: str,
    max_loss: float,
    max_latency: float,
    max_memory: float,
    text: Path | None,
    gold: Path | None,
    new_name: str | None,
    sentences: int,
    repeats: int,
    server: bool,
    folder: Path | None,
    force: bool,
) -> None:
    """Find the fastest way to serve a model here, and write it as a new model.

    Exports it to ONNX in fp32, fp16 and int8, the last also with fewer neurons (a model that generates text
    stays on PyTorch, in its number formats); measures formats, threads, batches and instances in turns; keeps
    the fastest that answers as the original does, but for --max-loss, within --max-latency and --max-memory.
    Takes minutes.
    """
    places = launcher.Places.of_user()
    target = folder or places.models
    written = new_name or f"{name}_optimized"
    if (target / written).exists() and not force:
        raise GrammaredError(f"{target / written} exists already: choose another with --as, or --force")
    missing = next((one for one in _NEEDED if find_spec(one) is None), None)
    if missing:
        raise GrammaredError(
            f"optimize needs {missing}: in the folder of Grammared's source, pip install '.[train]'"
        )
    homes = repository.homes([target, places.models, repository.SHIPPED])
    home = repository.home_of(homes, name) / name
    try:
        from triton_server.export.optimise.forms import ORIGINAL
        from triton_server.export.optimise.report import table
        from triton_server.export.optimise.search import Limits, optimise
        from triton_server.export.optimise.written import write

        with tempfile.TemporaryDirectory() as scratch:
            result = optimise(
                read(home),
                home,
                Path(scratch),
                lambda line: click.echo(line, err=True),
                limits=Limits(max_loss / 100, max_latency, max_memory),
                sample=text,
                gold=gold,
                measured=sentences,
                repeats=repeats,
                places=places if server else None,
            )
            tried = table(result)
            click.echo(f"{tried}\n")
            about = (
                f"Made by `grammared triton optimize {name}`: the fastest on the machine it ran on, with at "
                f"most {max_loss:g} % other answers than the original.\n\n{tried}"
            )
            new = replace(result.best.served(), name=written, about=about)
            made = write(new, target, home, force=force)
    except (GectorError, LoadError) as error:
        raise GrammaredError(str(error)) from error
    best = result.best
    form = "no form is faster than its own" if best.form.title == ORIGINAL else best.form.title
    click.echo(
        f"wrote {made}: {form}, {best.threads} threads, batches of {best.batch}, {best.instances} instances"
    )
