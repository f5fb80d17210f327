"""`grammared triton add`, `test` and `convert`: models of one's own on Triton."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from lsp_server.cli.flags import repository_option
from triton_server import launcher
from triton_server.authoring.new_model import TASKS, NewModel, written
from triton_server.authoring.trial import NoAnswer, report, try_model
from triton_server.backend.tasks.source import Dtype
from triton_server.launcher import environment, http, loading, repository, versions
from triton_server.launcher.errors import LauncherError
from triton_server.launcher.profiles import GPU_PROFILES, Profile

if TYPE_CHECKING:
    from collections.abc import Sequence

UNHEALTHY = 1
NOT_RUNNING = 3
_SECONDS = click.FloatRange(0, 24 * 60 * 60, min_open=True)


@click.command()
@click.argument("name")
@click.option("--model", required=True, metavar="ID|FOLDER", help="Of the HuggingFace hub, or a folder.")
@click.option("--task", type=click.Choice(TASKS), required=True, help="What the model does.")
@click.option(
    "--revision", default="", metavar="BRANCH|TAG|COMMIT", help="Of the hub; a commit never changes."
)
@click.option(
    "--device",
    type=click.Choice(["cpu", "cuda"]),
    help="Where it runs.  [default: cpu; with --gpus or a profile for GPUs cuda]",
)
@click.option(
    "--gpus", default="", metavar="0,1", help="Which GPUs, each with its instances.  [default: all]"
)
@click.option(
    "--dtype",
    type=click.Choice(get_args(Dtype)),
    default="fp32",
    show_default=True,
    help="Its number format; int8: linear layers, on the CPU, by PyTorch's dynamic quantisation.",
)
@click.option(
    "--max-batch",
    type=int,
    help="Rows in one forward pass.  [default: 32; of a grammar model 16, on GPUs 64]",
)
@click.option("--instances", type=int, help="Copies of the model.  [default: 1; of a grammar model 2]")
@click.option(
    "--threads", type=int, default=0, help="Of one instance on the CPU.  [default: its share of the cores]"
)
@click.option(
    "--profile",
    type=click.Choice(get_args(Profile)),
    help="Sets queue, device and instances together: see docs/triton-tuning.md.",
)
@click.option("--streaming", is_flag=True, help="Send the answer in pieces (text-generation).")
@click.option("--trust-remote-code", is_flag=True, help="Run Python code that comes with the model.")
@click.option("--offline", is_flag=True, help="Use what is in the cache, and never the network.")
@click.option("--cache", default="", metavar="FOLDER", help="Where downloads are kept.  [default: HF_HOME]")
@click.option(
    "--default", "defaults", multiple=True, metavar="INPUT=VALUE", help="When a request leaves it out."
)
@repository_option
@click.option("--force", is_flag=True, help="Replace a model of that name.")
@click.option(
    "--timeout",
    type=_SECONDS,
    default=600.0,
    show_default=True,
    help="Seconds to load it, download included.",
)
def add(
    name: str,
    folder: Path | None,
    device: str | None,
    gpus: str,
    defaults: tuple[str, ...],
    force: bool,
    timeout: float,
    **others: Any,
) -> int:
    """Write a model folder for Triton, and load it on the server if one runs.

    One that does not load leaves what it was to replace as it was.
    """
    places = launcher.Places.of_user()
    repository_folder = folder or places.models
    named = _gpus(gpus)
    on_gpus = named or others["profile"] in GPU_PROFILES
    others["device"] = device or ("cuda" if on_gpus else "cpu")
    new = NewModel(name, gpus=named, defaults=dict(_assignments(defaults, "--default")), **others)
    server = launcher.find(places)
    replaces = (repository_folder / name).exists()
    try:
        with written(new, repository_folder, force=force) as target:
            click.echo(f"wrote {target}")
            if server is None:
                where = f" --repository {folder}" if folder else ""
                click.echo(f"no server runs: grammared triton start{where} --model {name} loads it")
                return 0
            if why := _not_served(server, target):
                click.echo(why, err=True)
                return UNHEALTHY
            _load(server, places, target, timeout)
            if replaces:
                _tell_of_cache(server, name)
    except http.HttpError as error:
        assert server  # that said so
        after = _put_back(server, name, timeout) if replaces else ""
        click.echo(f"{name} does not load: {_reason(error)}{after}", err=True)
        return UNHEALTHY
    return 0


def _not_served(server: launcher.Server, target: Path) -> str:
    """Why the server would load another model than the one in this folder, or none; empty if it would not."""
    name, folder = target.name, target.parent.resolve()
    folders = [Path(one).resolve() for one in server.repositories]
    if folder not in folders:
        return (
            f"the running server does not serve this repository: stop it, and grammared triton start "
            f"--repository {target.parent} --model {name}"
        )
    home = repository.homes(folders)[name]
    return "" if home == folder else f"the running server has another {name}, in {home}: choose another name"


def _load(server: launcher.Server, places: launcher.Places, target: Path, timeout: float) -> None:
    name = target.name
    _ensure_requirements(server, places, repository.read(target.parent, name))
    before = time.monotonic()
    loading.load(server, name, None, timeout)
    http.probe(server.http, name, seconds=timeout)
    click.echo(f"{name} is loaded and answers, after {time.monotonic() - before:.1f} s")


def _ensure_requirements(server: launcher.Server, places: launcher.Places, config: Any) -> None:
    groups = repository.requirements(config)
    environment.check_groups(config.name, groups)
    if not server.in_docker:
        if repository.is_on_gpu(config):
            environment.check_gpus(config.name)
        environment.ensure(places, groups, lambda line: click.echo(line, err=True))


def _put_back(server: launcher.Server, name: str, timeout: float) -> str:
    """Serve what was to be replaced, if it was served; what became of it, to follow the reason."""
    try:
        if _is_ready(server, name):
            launcher.reload(server, name, timeout)
    except (http.HttpError, LauncherError) as error:
        return f"; what it replaced is in its folder again, but does not load either: {error}"
    return "; what it replaced is back"


def _reason(error: http.HttpError) -> str:
    reason = http.in_one_line(str(error)).rstrip("; ")
    if "is not healthy" in reason:
        return f"its process died while it loaded: grammared triton logs ({reason})"
    return f"{reason}: grammared triton logs" if "failed to poll" in reason else reason


@click.command()
@click.argument("name")
@click.option("--text", help="In place of the sample's.")
@click.option(
    "--input", "inputs", multiple=True, metavar="NAME=VALUE", help="Any other input; may be repeated."
)
@click.option(
    "--repeats", type=click.IntRange(1), default=5, show_default=True, help="How often each is sent."
)
@click.option("--timeout", type=_SECONDS, default=120.0, show_default=True, help="Seconds for each request.")
@click.option("--reload", is_flag=True, help="Load the model again first, as after a change of its files.")
def test(
    name: str, text: str | None, inputs: tuple[str, ...], repeats: int, timeout: float, reload: bool
) -> int:
    """Send real text to a model over HTTP and gRPC; show what comes back and how fast.

    Exit code 0: both answered, and alike; 1: the model failed or they differ; 2: wrong usage; 3: no server
    runs.
    """
    server = launcher.find(launcher.Places.of_user())
    if server is None:
        click.echo("Triton is not running: grammared triton start", err=True)
        return NOT_RUNNING
    given = ({} if text is None else {"text": text}) | dict(_assignments(inputs, "--input"))
    try:
        if (reload or not _is_ready(server, name)) and (why := _reload(server, name, timeout)):
            click.echo(f"{name} does not load: {why}", err=True)
            return UNHEALTHY
        if reload:
            _tell_of_cache(server, name)
        answers = try_model(server.http, server.grpc, name, given, repeats=repeats, seconds=timeout)
    except (http.HttpError, NoAnswer) as error:
        click.echo(str(error), err=True)
        return UNHEALTHY
    lines, are_alike = report(answers)
    click.echo("\n".join(lines))
    return 0 if are_alike else UNHEALTHY


def _reload(server: launcher.Server, name: str, timeout: float) -> str:
    """Load a model again, and before it the one that it asks if that does not answer; why it failed, if so.

    Raises:
        LauncherError: the server has no such model.
    """
    homes = repository.homes([Path(folder) for folder in server.repositories])
    folder = repository.home_of(homes, name) / name
    try:
        versions.check(folder)
        for one, config in repository.read_all(homes, [name]).items():
            _ensure_requirements(server, launcher.Places.of_user(), config)
            if one == name or not _answers(server, one):
                launcher.reload(server, one, timeout)
    except LauncherError as error:
        return str(error)
    except http.HttpError as error:
        return _reason(error)
    return ""


def _tell_of_cache(server: launcher.Server, name: str) -> None:
    """Triton knows cached answers by a model's name and version, whatever its files are by now."""
    if http.call(server.http, f"/v2/models/{name}/config").get("response_cache", {}).get("enable"):
        click.echo(
            f"{name} has a response cache: what was asked before is answered as before, until grammared "
            "triton stop and start",
            err=True,
        )


def _answers(server: launcher.Server, name: str) -> bool:
    try:
        http.probe(server.http, name)
    except http.HttpError:
        return False
    return True


def _is_ready(server: launcher.Server, name: str) -> bool:
    return any(one.name == name and one.state == "READY" for one in http.models(server.http))


@click.command()
@click.argument("checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("vocabulary", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--encoder",
    required=True,
    metavar="ID|FOLDER",
    help="The encoder it was trained from, as roberta-base or bert-base-cased.",
)
@click.option("--offline", is_flag=True, help="Take the encoder's files from the cache only.")
@click.option("--force", is_flag=True, help="Replace FOLDER.")
def convert(
    checkpoint: Path, vocabulary: Path, folder: Path, encoder: str, offline: bool, force: bool
) -> None:
    """Convert a checkpoint of Grammarly's GECToR (.th, with its output_vocabulary) to a model folder.

    Then: grammared triton add NAME --task gector --model FOLDER
    """
    from triton_server.export.official import convert_official
    from triton_server.gector.types import GectorError

    try:
        labels = convert_official(checkpoint, vocabulary, folder, encoder, offline=offline, force=force)
    except GectorError as error:
        raise LauncherError(str(error)) from error
    click.echo(f"wrote {folder} ({labels} labels): grammared triton add NAME --task gector --model {folder}")


def _gpus(listed: str) -> tuple[int, ...]:
    try:
        return tuple(int(one) for one in listed.split(",") if one.strip())
    except ValueError as error:
        raise click.BadParameter(f"{listed!r} is no list of numbers, as 0,1", param_hint="--gpus") from error


def _assignments(given: Sequence[str], flag: str) -> list[tuple[str, str]]:
    pairs = []
    for assignment in given:
        name, equals, value = assignment.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{assignment!r} is not NAME=VALUE", param_hint=flag)
        pairs.append((name, value))
    return pairs
