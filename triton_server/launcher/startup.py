"""Starting a server: in Docker or from PyPI, until its models have answered."""

from __future__ import annotations

import ipaddress
import os
import secrets
import socket
import sys
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triton_server.launcher import (
    docker,
    environment,
    http,
    loading,
    process,
    profiles,
    repository,
    versions,
)
from triton_server.launcher.errors import LauncherError
from triton_server.launcher.health import Health, ModelHealth, status
from triton_server.launcher.server import Server, clear, find, host_port, keep, log_file, raise_if_dead

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from triton_server.launcher.places import Places
    from triton_server.launcher.profiles import Profile

_EXIT_TIMEOUT = 600
"""Seconds that the server itself gives requests in flight, and clients that keep their connection open;
`stop` is less patient."""
_HUB_SECONDS = 5.0
"""In which the Hugging Face hub must take a connection."""


@dataclass(frozen=True, slots=True)
class Options:
    """What `start` is told."""

    models: Sequence[str] = (repository.DEFAULT_MODEL,)
    """Which to load; empty for every model of the repository and of the user's own."""
    repository: Path = repository.SHIPPED
    address: str = "127.0.0.1"
    http_port: int = 8000
    """0 for any free one, as for the others."""
    grpc_port: int = 8001
    metrics_port: int | None = 8002
    """None for no metrics."""
    device: str | None = None
    """"cpu" or "cuda" for every model, against what its configuration says."""
    profile: Profile | None = None
    """How every model is served, in place of what its configuration says."""
    parameters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By model, parameters that take the place of those in its `config.pbtxt`."""
    use_docker: bool | None = None
    """None: where an engine runs and this is not possible or not wanted otherwise."""
    image: str = docker.IMAGE
    timeout: float = 300.0
    """Seconds until it must be ready, downloads of models included."""
    verbose: int = 0
    gpus: bool = False
    """Whether the server needs GPUs; also true where a model's configuration asks for one."""
    trace_url: str = ""
    """Where traces are sent, by OpenTelemetry's protocol over HTTP; empty for nowhere."""
    server_options: Sequence[str] = ()
    """More options of tritonserver; what the models' configurations need is added."""


def start(options: Options, places: Places, report: Callable[[str], None]) -> Health:
    """Start a server and wait until its models have answered a real inference.

    Models that fail to load do not hinder the others; `Health` says why they failed.

    Raises:
        LauncherError: already running, a port taken, no environment, the server died, or no model serves.
    """
    _check(options.server_options)
    if options.trace_url:
        tracing(options.trace_url)
    for warning in warnings(options):
        report(warning)
    running = find(places)
    if running:
        raise LauncherError(f"Triton is already running at {running.grpc} (gRPC); stop it first")
    clear(places)  # one that died may have left something behind
    repositories = _repositories(options, places)
    configs, failures = _configurations(repositories, options)
    models = [*configs, *failures]
    unknown = set(options.parameters) - set(models)
    if unknown:
        raise LauncherError(
            f"parameters are given for {', '.join(sorted(unknown))}, which is not to be loaded"
        )
    for name, given in options.parameters.items():
        if name in configs:
            repository.check_parameters(configs[name], given)
    overrides = {
        name: loading.override(config, options.parameters.get(name, {}), options.device, options.profile)
        for name, config in configs.items()
    }
    server = replace(
        _begun(options, list(configs.values()), places, repositories, report),
        repositories=tuple(map(str, repositories)),
        models=models,
        parameters=options.parameters,
        device=options.device,
        profile=options.profile,
    )
    keep(server, places)
    try:
        failures |= _load(server, configs, overrides, options.timeout, report)
        return _proven(server, places, models, failures)
    except BaseException:
        clear(places)
        raise


def _begun(
    options: Options,
    configs: Sequence[Any],
    places: Places,
    repositories: Sequence[Path],
    report: Callable[[str], None],
) -> Server:
    """The server's process or container, with all that the models' configurations need."""
    groups = sorted({group for config in configs for group in repository.requirements(config)})
    for config in configs:
        environment.check_groups(config.name, repository.requirements(config))
    needed = (*options.server_options, *profiles.server_options(configs))
    gpus = options.gpus or any(map(repository.is_on_gpu, configs))
    begin = _start_docker if _wants_docker(options) else _start_here
    if begin is _start_here and configs and all(map(repository.is_on_gpu, configs)):
        environment.check_gpus(", ".join(config.name for config in configs))
    return begin(replace(options, server_options=needed, gpus=gpus), places, repositories, groups, report)


def _load(
    server: Server,
    configs: Mapping[str, Any],
    overrides: Mapping[str, str | None],
    seconds: float,
    report: Callable[[str], None],
) -> dict[str, str]:
    """Load the models, each with its configuration if it is to have another; why some cannot be, by name."""
    failures = {}
    homes = repository.homes([Path(folder) for folder in server.repositories])
    until = time.monotonic() + seconds
    _wait_until_it_answers(server, until)
    for name, override in overrides.items():
        report(f"Loading {name} …")
        numbers = versions.served(homes[name] / name)
        config = override or (loading.as_json(configs[name]) if len(numbers) > 1 else None)
        problem = _load_model(server, name, config, numbers, until)
        if problem:
            failures[name] = f"not loaded within {seconds:g} s" if time.monotonic() > until else problem
    return failures


def _load_model(server: Server, name: str, config: str | None, numbers: Sequence[int], until: float) -> str:
    """Load versions of a model, so that one that fails does not take the others with it; why one failed."""
    problem, loaded = "", list[int]()
    for number in numbers:
        asked = loading.with_versions(config, [*loaded, number]) if config and len(numbers) > 1 else config
        try:
            http.load(server.http, name, asked, max(1.0, until - time.monotonic()))
            loaded.append(number)
        except http.HttpError as error:
            raise_if_dead(server)
            problem = str(error)
    return problem


def _proven(server: Server, places: Places, models: Sequence[str], failures: Mapping[str, str]) -> Health:
    """How the models are, at least one of which must be well."""
    health = status(places, models)
    if health is None:
        raise_if_dead(server)
        raise LauncherError("Triton ended while its models were asked")
    health = _with_reasons(health, failures)
    if all(model.problem for model in health.models):
        first = health.models[0]
        raise LauncherError(f"{first.name} cannot be served: {first.problem}")
    return health


def _configurations(repositories: Sequence[Path], options: Options) -> tuple[dict[str, Any], dict[str, str]]:
    """The configurations of the models to load, and why others of the repositories cannot be.

    Raises:
        LauncherError: there is no repository or model that was asked for, or none whose folder is whole.
    """
    repository.names(options.repository)
    homes = repository.homes(repositories)
    for name in options.models:
        repository.home_of(homes, name)
    read = {name: _configuration(homes, name) for name in options.models or homes}
    configs = {name: config for one in read.values() if isinstance(one, dict) for name, config in one.items()}
    broken = [one for one in read.values() if isinstance(one, LauncherError)]
    if not configs:
        raise broken[0]
    return configs, {name: str(one) for name, one in read.items() if isinstance(one, LauncherError)}


def _configuration(homes: Mapping[str, Path], name: str) -> dict[str, Any] | LauncherError:
    """The model's and those of the models that it asks, or what is wrong with one of them."""
    try:
        configs = repository.read_all(homes, [name])
        for one in configs:
            versions.check(homes[one] / one)
    except LauncherError as error:
        return error
    return configs


def _with_reasons(health: Health, failures: Mapping[str, str]) -> Health:
    """What loading said of models that Triton has nothing to say about, because it never saw them."""
    told = {model.name for model in health.models}
    models = [
        replace(model, problem=failures[model.name]) if model.problem and model.name in failures else model
        for model in health.models
    ]
    unseen = [ModelHealth(name, "", problem) for name, problem in failures.items() if name not in told]
    return replace(health, models=(*models, *unseen))


def _start_here(
    options: Options,
    places: Places,
    repositories: Sequence[Path],
    groups: Sequence[str],
    report: Callable[[str], None],
) -> Server:
    if sys.platform != "linux":
        raise LauncherError("the Triton server from PyPI runs on Linux only; start Docker and try again")
    _choose_ports(options)  # one that is taken shows before an environment is made, which takes minutes
    made = environment.ensure(places, groups, report)
    http_port, grpc_port, metrics_port = _choose_ports(options)
    metrics = [] if metrics_port is None else [f"--metrics-port={metrics_port}"]
    shared_memory = f"grammared_triton_{http_port}_{secrets.token_hex(4)}_"
    command = [
        str(made.tritonserver),
        *(f"--model-repository={folder}" for folder in repositories),
        f"--backend-directory={made.backends}",
        f"--backend-config=python,shm-region-prefix-name={shared_memory}",
        f"--cache-directory={made.triton / 'caches'}",
        *(f"--{interface}-address={options.address}" for interface in ("http", "grpc", "metrics")),
        *(f"--http-port={http_port}", f"--grpc-port={grpc_port}", *metrics),
        *_server_options(options),
    ]
    log = log_file(places)
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size:
        log.replace(log.with_name(f"{log.name}.1"))  # why the one before died
    log.write_text("")
    report("Starting Triton …")
    variables = made.variables() | {"HF_HOME": _huggingface_home(places)} | _without_hub(groups, report)
    pid = process.spawn(command, variables, log, shared_memory)
    started = process.start_time(pid) or ""
    ports = (http_port, grpc_port, metrics_port)
    return Server(pid, started, options.address, *ports, str(log), shared_memory)


def _start_docker(
    options: Options,
    places: Places,
    repositories: Sequence[Path],
    groups: Sequence[str],
    report: Callable[[str], None],
) -> Server:
    http_port, grpc_port, metrics_port = _choose_ports(options)
    ports = [port for port in (http_port, grpc_port, metrics_port) if port is not None]
    for folder in (places.state, places.cache):
        folder.mkdir(parents=True, exist_ok=True)
    command = docker.run_command(
        options.image,
        repositories,
        places,
        groups,
        options.address,
        ports,
        _server_options(options),
        gpus=options.gpus,
    )
    report(f"Starting {options.image} in Docker (the first time, it is downloaded) …")
    container = docker.run(command)
    return Server(0, container, options.address, http_port, grpc_port, metrics_port, str(log_file(places)))


def _repositories(options: Options, places: Places) -> list[Path]:
    """The one asked for, then the user's own, which is there even if nothing is in it yet."""
    places.models.mkdir(parents=True, exist_ok=True)
    shipped = options.repository.absolute() == repository.SHIPPED
    first = repository.lay_out(places) if shipped else options.repository
    return [first.absolute(), places.models.absolute()]


def _server_options(options: Options) -> list[str]:
    return [
        "--model-control-mode=explicit",  # which models, and with which parameters, is said over HTTP
        "--disable-auto-complete-config",  # every config.pbtxt is complete, and a stub per model is saved
        "--exit-on-error=false",
        "--strict-readiness=false",  # a model that fails does not stop the others
        f"--exit-timeout-secs={_EXIT_TIMEOUT}",
        f"--log-verbose={options.verbose}",
        *(["--allow-metrics=false"] if options.metrics_port is None else [SUMMARIES]),
        *(tracing(options.trace_url) if options.trace_url else []),
        *([] if options.gpus else ["--allow-gpu-metrics=false"]),
        *options.server_options,
    ]


SUMMARIES = "--metrics-config=summary_latencies=true"
"""Quantiles of latencies beside their means."""


def tracing(url: str) -> list[str]:
    """The options of tritonserver that send a trace of every request to an OpenTelemetry collector.

    Raises:
        LauncherError: it is no URL of one.
    """
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or not parts.path.strip("/"):
        raise LauncherError(f"{url} is no address for traces: give one as http://localhost:4318/v1/traces")
    settings = (
        "mode=opentelemetry",
        f"opentelemetry,url={url}",
        "opentelemetry,resource=service.name=grammared-triton",
        "level=TIMESTAMPS",
        "rate=1",
    )
    return [f"--trace-config={one}" for one in settings]


def _check(server_options: Sequence[str]) -> None:
    for option in server_options:
        if not option.startswith("--"):
            raise LauncherError(f"{option!r} is no option of tritonserver: they begin with --")
        name, _, value = option.partition("=")
        if name == "--http-restricted-api" and "model-repository" in value:
            raise LauncherError(
                "start loads the models over HTTP and has no key: --http-restricted-api=model-repository is "
                "for servers that load them by themselves, as those of triton_server/deploy"
            )


def warnings(options: Options) -> list[str]:
    """What is dangerous about where the server listens."""
    if _is_loopback(options.address):
        return []
    names = {one.partition("=")[0] for one in options.server_options}
    missing = [
        *([] if any("restricted" in name for name in names) else ["without a key for loading models"]),
        *([] if "--grpc-use-ssl" in names else ["unencrypted"]),
    ]
    if not missing:
        return []
    return [
        f"Warning: {options.address} can be reached from other machines, {' and '.join(missing)}: whoever "
        "reaches it may read texts or run code; see docs/triton.md, Who may ask"
    ]


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _wants_docker(options: Options) -> bool:
    if options.use_docker is False:
        return False
    available = docker.is_available()
    if options.use_docker and not available:
        raise LauncherError("Docker was asked for, but `docker info` fails: is its engine running?")
    return available


def _choose_ports(options: Options) -> tuple[int, int, int | None]:
    """The ports to listen on; all of them are held until all are known, so that none is chosen twice."""
    asked = {"http": options.http_port, "grpc": options.grpc_port, "metrics": options.metrics_port}
    family = socket.AF_INET6 if ":" in options.address else socket.AF_INET
    held: list[socket.socket] = []
    chosen: dict[str, int | None] = {}
    try:
        for interface, port in asked.items():
            if port is None:
                chosen[interface] = None
                continue
            held.append(listener := socket.socket(family, socket.SOCK_STREAM))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((options.address, port))
            except OSError as error:
                raise LauncherError(
                    f"cannot listen on {host_port(options.address, port)} "
                    f"({os.strerror(error.errno or 0)}): "
                    f"choose another with --{interface}-port, or 0 for any free one"
                ) from error
            listener.listen()
            chosen[interface] = listener.getsockname()[1]
    finally:
        for listener in held:
            listener.close()
    return int(chosen["http"] or 0), int(chosen["grpc"] or 0), chosen["metrics"]


def _wait_until_it_answers(server: Server, until: float) -> None:
    while not http.is_ready(server.http):
        raise_if_dead(server)
        if time.monotonic() > until:
            raise LauncherError(f"Triton did not become ready in time; its log is {server.log}")
        time.sleep(0.05)


def _without_hub(groups: Sequence[str], report: Callable[[str], None]) -> dict[str, str]:
    """What makes models fail at once that want the hub where it is not reached: its client tries for long."""
    endpoint = urllib.parse.urlsplit(os.environ.get("HF_ENDPOINT", "https://huggingface.co"))
    if "HF_HUB_OFFLINE" in os.environ or not {"torch", "transformers"}.intersection(groups):
        return {}
    if urllib.request.getproxies() or _connects(endpoint.hostname or "", endpoint.port or 443):
        return {}
    report(
        f"Warning: {endpoint.hostname} cannot be reached; until the next start, models come from folders and "
        "from the cache only"
    )
    return {"HF_HUB_OFFLINE": "1"}


def _connects(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=_HUB_SECONDS):
            return True
    except OSError:
        return False


def _huggingface_home(places: Places) -> str:
    return os.environ.get("HF_HOME", str(places.cache / "huggingface"))
