"""`grammared triton`: start, ask, read and stop a real Triton Inference Server."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from lsp_server.cli import triton_inventory, triton_versions
from lsp_server.cli.flags import format_option
from lsp_server.cli.triton_ab import ab
from lsp_server.cli.triton_models import NOT_RUNNING, UNHEALTHY, add, convert, test
from lsp_server.cli.triton_optimize import optimize
from lsp_server.errors import GrammaredError
from triton_server import launcher
from triton_server.launcher import docker, grpc, repository, supervision
from triton_server.launcher.errors import LauncherError
from triton_server.launcher.profiles import Profile

if TYPE_CHECKING:
    from collections.abc import Sequence

_PORT = click.IntRange(0, 65535)


class _Group(click.Group):
    """Hands on what the launcher says is wrong as one of our errors, which are shown as one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except LauncherError as error:
            raise GrammaredError(str(error)) from error


@click.group(cls=_Group)
def triton() -> None:
    """Run a Triton Inference Server for the grammar models.

    In Docker where an engine runs, else from PyPI in an environment of its own, which is made at the
    first start.
    """


@triton.command()
@click.option(
    "--repository",
    "models_folder",
    type=click.Path(path_type=Path),
    default=repository.SHIPPED,
    show_default="the one that comes with grammared",
    help="The model repository to serve.",
)
@click.option("--model", "models", multiple=True, metavar="NAME", help="A model to load; may be repeated.")
@click.option("--all-models", is_flag=True, help="Load every model of it and of your own.")
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="MODEL.KEY=VALUE",
    help="Change a parameter of a model, as gector_roberta.model=FOLDER; may be repeated.",
)
@click.option(
    "--device", type=click.Choice(["cpu", "cuda"]), help="Run the models there.  [default: as configured]"
)
@click.option(
    "--profile",
    type=click.Choice(get_args(Profile)),
    help="How models are served, in place of what is configured: see docs/triton-tuning.md.",
)
@click.option("--address", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--http-port", type=_PORT, default=8000, show_default=True, help="0 for any free one.")
@click.option("--grpc-port", type=_PORT, default=8001, show_default=True, help="0 for any free one.")
@click.option("--metrics-port", type=_PORT, default=8002, show_default=True, help="0 for any free one.")
@click.option("--metrics/--no-metrics", default=True, show_default=True, help="Serve Prometheus metrics.")
@click.option(
    "--docker/--no-docker",
    "use_docker",
    default=None,
    help="Use Docker or not.  [default: where its engine runs]",
)
@click.option("--image", default=docker.IMAGE, show_default=True, help="The image to run in Docker.")
@click.option(
    "--timeout", type=float, default=300.0, show_default=True, help="Seconds until it must be ready."
)
@click.option(
    "--server-option",
    "server_options",
    multiple=True,
    metavar="--OPTION=VALUE",
    help="Another option of tritonserver, as --grpc-use-ssl=true; may be repeated.",
)
@click.option(
    "--trace",
    "trace_url",
    default="",
    metavar="URL",
    help="Send an OpenTelemetry trace of every request there, as http://localhost:4318/v1/traces.",
)
@click.option(
    "--supervise",
    is_flag=True,
    help="Stay, load models again that do not answer, and start a server again that has died.",
)
@click.option("-v", "--verbose", is_flag=True, help="Let Triton log every request.")
def start(
    models_folder: Path,
    models: tuple[str, ...],
    all_models: bool,
    parameters: tuple[str, ...],
    metrics: bool,
    metrics_port: int,
    supervise: bool,
    verbose: bool,
    **others: Any,
) -> int:
    """Start the server and wait until its models answer.

    With --supervise it does not return: it looks after the server until that is stopped, by Ctrl-C, SIGTERM
    or `grammared triton stop`, and ends with 1 if the server dies again and again.
    """
    options = launcher.Options(
        models=() if all_models else models or (repository.DEFAULT_MODEL,),
        repository=models_folder,
        parameters=_by_model(parameters),
        metrics_port=metrics_port if metrics else None,
        verbose=int(verbose),
        **others,
    )
    places = launcher.Places.of_user()
    health = launcher.start(options, places, lambda line: click.echo(line, err=True))
    server = health.server
    served = ", ".join(dict.fromkeys(model.name for model in health.models if not model.problem))
    click.echo(f"Triton {health.version} serves {served} at {server.grpc} (gRPC) and {server.http} (HTTP)")
    code = _report_problems(health)
    return _supervise(options, places, health) if supervise else code


def _supervise(options: launcher.Options, places: launcher.Places, health: launcher.Health) -> int:
    """Look after the server until it is stopped."""

    def report(line: str) -> None:
        click.echo(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S} {line}", err=True)

    report("Triton is supervised: Ctrl-C stops it")
    try:
        with supervision.interrupted_by_terminate():
            launcher.Supervisor(options, places, health, report).run()
    except KeyboardInterrupt:
        launcher.stop(places)
    except LauncherError as error:
        report(str(error))
        launcher.stop(places)
        return UNHEALTHY
    report("Triton was stopped")
    return 0


@triton.command()
@click.option(
    "--timeout",
    type=click.FloatRange(0, 600),
    default=60.0,
    show_default=True,
    help="Seconds for requests in flight; then the server is killed.",
)
def stop(timeout: float) -> None:
    """Stop the server that was started here, when requests in flight are answered; new ones are refused."""
    ended = launcher.stop(launcher.Places.of_user(), timeout)
    if ended is None:
        click.echo("Triton is not running")
    elif ended.by_itself:
        click.echo("Triton has stopped")
    else:
        requests = f"{ended.cut} request{'' if ended.cut == 1 else 's'}"
        click.echo(
            f"Triton did not stop within {timeout:g} s and was killed: at least {requests} got no answer"
        )


@triton.command()
@format_option
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds that a model may take to answer; one that takes longer is not well.",
)
def status(form: str, timeout: float) -> int:
    """Show the server and its models, each asked by a real inference.

    Exit code 0: all is well; 1: a model is not; 3: no server runs.
    """
    places = launcher.Places.of_user()
    health = launcher.status(places, seconds=timeout)
    if health is None:
        click.echo("null" if form == "json" else launcher.epitaph(places) or "Triton is not running")
        return NOT_RUNNING
    if form == "json":
        click.echo(json.dumps(asdict(health)))
        return 0 if health.is_well else UNHEALTHY
    server = health.server
    where = "container" if server.in_docker else f"pid {server.pid}"
    metrics = f", metrics port {server.metrics_port}" if server.metrics_port else ""
    answers = f"Triton {health.version}" if health.version else "Triton does not answer"
    click.echo(f"{answers}: {where}, gRPC {server.grpc}, HTTP {server.http}{metrics}, log {server.log}")
    if grpc.speaks_tls(server.grpc):
        click.echo("gRPC is encrypted: ask it with triton.tls set, see docs/triton.md")
    for model in health.models:
        if not model.problem:
            click.echo(
                f"{model.name} {model.version}: healthy, {model.milliseconds:.1f} ms, "
                f"{model.inferences} rows in {model.executions} batches (mean {model.mean_batch:.1f}), "
                f"queue {model.queue_milliseconds:.1f} ms, {model.cache_hits} cache hits"
            )
    return _report_problems(health)


@triton.command()
@click.option("-f", "--follow", is_flag=True, help="Go on until interrupted or the server ends.")
@click.option(
    "-n", "--lines", type=click.IntRange(min=0), default=50, show_default=True, help="How many of the last."
)
def logs(follow: bool, lines: int) -> None:
    """Show the server's log."""
    places = launcher.Places.of_user()
    server = launcher.find(places)
    if server and server.in_docker:
        docker.show_logs(server.started, lines, follow=follow)
        return
    path = launcher.log_file(places)
    if not path.exists():
        raise LauncherError("there is no log: Triton was never started here")
    with path.open(encoding="utf-8", errors="replace") as log:
        for line in log.readlines()[-lines:] if lines else ():
            click.echo(line, nl=False)
        while follow and server and server.is_alive():
            for line in log:
                click.echo(line, nl=False)
            time.sleep(0.2)


def _by_model(parameters: Sequence[str]) -> dict[str, dict[str, str]]:
    by_model: dict[str, dict[str, str]] = {}
    for parameter in parameters:
        target, equals, value = parameter.partition("=")
        model, dot, key = target.partition(".")
        if not (equals and dot and model and key):
            raise click.BadParameter(f"{parameter!r} is not MODEL.KEY=VALUE", param_hint="--parameter")
        by_model.setdefault(model, {})[key] = value
    return by_model


def _report_problems(health: launcher.Health) -> int:
    problems = [f"{model.name}: {_with_cure(model)}" for model in health.models if model.problem]
    for problem in dict.fromkeys(problems):  # versions that were unloaded say the same
        click.echo(problem, err=True)
    return 0 if health.is_well else UNHEALTHY


def _with_cure(model: launcher.ModelHealth) -> str:
    if "is not healthy" not in model.problem:
        return model.problem
    return f"{model.problem.rstrip('.; ')}: grammared triton test {model.name} --reload starts it again"


for command in (add, test, convert, optimize, ab, *triton_inventory.COMMANDS, *triton_versions.COMMANDS):
    triton.add_command(command)
