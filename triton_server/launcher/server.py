"""One Triton server: started and made ready, asked how it is, ended; from any process, by a state file."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triton_server.launcher import docker, environment, grpc, http, process, repository, versions
from triton_server.launcher.errors import LauncherError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from triton_server.launcher.places import Places
    from triton_server.launcher.profiles import Profile

STOP_SECONDS = 15.0
"""SIGTERM ends the server after requests in flight are answered; then it is killed."""
_EXIT_TIMEOUT = 5
"""How long the server itself waits for clients that keep their connection open."""


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
    server_options: Sequence[str] = ()
    """More options of tritonserver; what the models' configurations need is added."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that was started, as the state file keeps it."""

    pid: int
    """0 for a container."""
    started: str
    """The kernel's start time of `pid`, or the container's id."""
    address: str
    http_port: int
    grpc_port: int
    metrics_port: int | None
    log: str
    shared_memory: str = ""
    """How the names of the memory begin that it shares with its stubs; no other server's begin so."""
    repositories: Sequence[str] = ()
    """The folders that it serves; the first that has a model counts."""
    models: Sequence[str] = ()
    """Those that `start` loaded, as it was told by the three that follow; see `Options`."""
    parameters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    device: str | None = None
    profile: Profile | None = None

    @property
    def http(self) -> str:
        """The base URL of the HTTP interface, for this machine."""
        return f"http://{grpc.connectable(_host_port(self.address, self.http_port))}"

    @property
    def grpc(self) -> str:
        """Host and port of the gRPC interface, for this machine."""
        return grpc.connectable(_host_port(self.address, self.grpc_port))

    @property
    def in_docker(self) -> bool:
        """Whether it is a container."""
        return self.pid == 0

    def is_alive(self) -> bool:
        """Whether the process (or container) that was started still runs."""
        return (
            docker.is_running(self.started)
            if self.in_docker
            else process.start_time(self.pid) == self.started
        )

    def override(self, name: str, **parameters: str) -> str | None:
        """The configuration of a model as its file is now, but with what `start` was told of it, as JSON.

        Args:
            name: the model's.
            parameters: that are to be changed besides.

        Returns:
            None where the file alone counts.

        Raises:
            LauncherError: the file is broken.
        """
        home = repository.homes([Path(folder) for folder in self.repositories]).get(name)
        if home is None:
            return None
        told = self if name in self.models else Options()
        return _override(repository.read(home, name), name, told, parameters)


@dataclass(frozen=True, slots=True)
class ModelHealth:
    """How one version of one model is, by a real inference."""

    name: str
    version: str
    problem: str
    """Empty when it answered."""
    milliseconds: float = 0.0
    """Of the inference that asked."""
    inferences: int = 0
    """Rows answered since it was loaded."""
    executions: int = 0
    """Forward passes that took."""
    queue_milliseconds: float = 0.0
    """How long a request waited for its turn, on average."""
    cache_hits: int = 0
    """Requests that the response cache answered."""

    @property
    def mean_batch(self) -> float:
        """Rows in a forward pass."""
        return self.inferences / self.executions if self.executions else 0.0


@dataclass(frozen=True, slots=True)
class Health:
    """A running server and its models."""

    server: Server
    version: str
    """Triton's; empty when the server does not answer."""
    models: tuple[ModelHealth, ...]

    @property
    def is_well(self) -> bool:
        """It answers, has models, and each of them answered."""
        return bool(self.version and self.models) and not any(model.problem for model in self.models)


def start(options: Options, places: Places, report: Callable[[str], None]) -> Health:
    """Start a server and wait until its models have answered a real inference.

    Models that fail to load do not hinder the others; `Health` says why they failed.

    Raises:
        LauncherError: already running, a port taken, no environment, the server died, or no model serves.
    """
    from triton_server.launcher import profiles  # which imports the configurations that it changes

    _check(options.server_options)
    running = find(places)
    if running:
        raise LauncherError(f"Triton is already running at {running.grpc} (gRPC); stop it first")
    stop(places)  # one that died may have left something behind
    repositories = _repositories(options, places)
    configs, failures = _configurations(repositories, options)
    models = [*configs, *failures]
    unknown = set(options.parameters) - set(models)
    if unknown:
        raise LauncherError(
            f"parameters are given for {', '.join(sorted(unknown))}, which is not to be loaded"
        )
    overrides = {name: _override(config, name, options) for name, config in configs.items()}
    needed = (*options.server_options, *profiles.server_options(configs.values()))
    gpus = options.gpus or any(map(repository.is_on_gpu, configs.values()))
    options = replace(options, server_options=needed, gpus=gpus)
    groups = sorted({group for config in configs.values() for group in repository.requirements(config)})
    missing = [group for group in groups if group not in environment.REQUIREMENTS]
    if missing:
        raise LauncherError(f"a model asks for unknown requirements: {', '.join(missing)}")
    begin = _start_docker if _wants_docker(options) else _start_here
    server = replace(
        begin(options, places, repositories, groups, report),
        repositories=tuple(map(str, repositories)),
        models=models,
        parameters=options.parameters,
        device=options.device,
        profile=options.profile,
    )
    _state_file(places).write_text(json.dumps(asdict(server)), encoding="utf-8")
    try:
        until = time.monotonic() + options.timeout
        _wait_until_it_answers(server, until)
        for name, override in overrides.items():
            report(f"Loading {name} …")
            try:
                http.load(server.http, name, override, max(1.0, until - time.monotonic()))
            except http.HttpError as error:
                _raise_if_dead(server)
                late = time.monotonic() > until
                failures[name] = f"not loaded within {options.timeout:g} s" if late else str(error)
        health = status(places, models)
        if health is None:
            _raise_if_dead(server)
            raise LauncherError("Triton ended while its models were asked")
        health = _with_reasons(health, failures)
        if all(model.problem for model in health.models):
            first = health.models[0]
            raise LauncherError(f"{first.name} cannot be served: {first.problem}")
    except BaseException:
        stop(places)
        raise
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


def _override(
    config: Any, name: str, told: Options | Server, more: Mapping[str, str] | None = None
) -> str | None:
    """Change a model's configuration as `start` was told; as JSON, or None if that was nothing.

    Args:
        config: as `repository.read` gives it.
        name: the model's.
        told: what `start` was told.
        more: parameters besides.
    """
    from triton_server.launcher import profiles  # which imports the configurations that it changes

    if told.profile is not None:
        profiles.apply(config, told.profile)
    parameters = {**told.parameters.get(name, {}), **(more or {})}
    return repository.override(config, parameters, told.device, changed=told.profile is not None)


def reload(server: Server, name: str, seconds: float) -> None:
    """Load a model again as its files are now and `start` was told of it, without a gap.

    Triton keeps a model whose files and configuration are what they were as it is, though a process of it has
    died or there are new weights in another folder: so a parameter makes its configuration another.

    Raises:
        HttpError: why it cannot be loaded; then what served until now does so still.
        LauncherError: its config.pbtxt is broken.
    """
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    grpc.load(server, name, server.override(name, reloaded=now), seconds)


def find(places: Places) -> Server | None:
    """The server that was started and still runs."""
    server = _kept(places)
    return server if server and server.is_alive() else None


def epitaph(places: Places) -> str:
    """What the server said last that died without being stopped; empty when there is none."""
    server = _kept(places)
    if server is None or server.is_alive():
        return ""
    return f"Triton died: {_last_words(server)} (all of it in {server.log})"


def _kept(places: Places) -> Server | None:
    """The server that was started last and not stopped; it may be dead."""
    try:
        return Server(**json.loads(_state_file(places).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def log_file(places: Places) -> Path:
    """The log of the last server from PyPI."""
    return places.state / "triton.log"


def stop(places: Places, seconds: float = STOP_SECONDS) -> bool | None:
    """End the server that was started here, and only that.

    Returns:
        True if it ended by itself, False if it had to be killed, None if none was running.
    """
    server = _kept(places)
    if server is None:
        return None
    ended = None
    if server.is_alive():
        ended = _end(server, seconds)
    _tidy(server)
    _state_file(places).unlink(missing_ok=True)
    return ended


def _end(server: Server, seconds: float) -> bool:
    if not server.in_docker:
        return process.end(server.pid, server.started, seconds)
    with Path(server.log).open("a", encoding="utf-8") as log:
        log.write(docker.run(["docker", "logs", "--tail=200", server.started]))
    docker.run(["docker", "stop", f"--time={int(seconds)}", server.started])
    return True


def _tidy(server: Server) -> None:
    """Remove what a server leaves behind that did not end by itself."""
    if server.in_docker:
        with contextlib.suppress(LauncherError):  # it is gone
            docker.run(["docker", "rm", "--force", server.started])
    elif server.shared_memory:
        for region in process.SHARED_MEMORY.glob(f"{server.shared_memory}*"):
            region.unlink(missing_ok=True)


def status(places: Places, models: Sequence[str] = ()) -> Health | None:
    """How the running server and its models are, each asked by a real inference; None when none runs.

    Args:
        places: where the state file is.
        models: which to ask about; empty for all that were ever asked to load.
    """
    server = find(places)
    if server is None:
        return None
    try:
        version = str(http.server_metadata(server.http)["version"])
        listed = [one for one in http.models(server.http) if one.name in models or (not models and one.state)]
    except (http.HttpError, KeyError):
        return Health(server, "", ())
    states = [one for one in listed if one.state == "READY" or _is_wanted(server, one)]
    return Health(server, version, tuple(_model_health(server.http, state) for state in states))


def _is_wanted(server: Server, state: http.ModelState) -> bool:
    """Whether a version is to be served: one that was rolled back is not missed."""
    home = repository.homes([Path(folder) for folder in server.repositories]).get(state.name)
    try:
        return home is None or not state.version or int(state.version) in versions.served(home / state.name)
    except LauncherError:  # its configuration is broken
        return True


def _model_health(base: str, state: http.ModelState) -> ModelHealth:
    if state.state != "READY":
        return ModelHealth(state.name, state.version, state.reason or state.state.lower() or "was not loaded")
    before = time.monotonic()
    try:
        http.probe(base, state.name, state.version)
        milliseconds = 1000 * (time.monotonic() - before)
        counted = http.statistics(base, state.name, state.version)
    except http.HttpError as error:
        return ModelHealth(state.name, state.version, http.first_line(str(error)) or "does not answer")
    waits, cached = (counted["inference_stats"].get(name, {}) for name in ("queue", "cache_hit"))
    return ModelHealth(
        state.name,
        state.version,
        "",
        milliseconds,
        counted["inference_count"],
        counted["execution_count"],
        waits.get("ns", 0) / max(waits.get("count", 0), 1) / 1e6,
        cached.get("count", 0),
    )


def _start_here(
    options: Options,
    places: Places,
    repositories: Sequence[Path],
    groups: Sequence[str],
    report: Callable[[str], None],
) -> Server:
    if sys.platform != "linux":
        raise LauncherError("the Triton server from PyPI runs on Linux only; start Docker and try again")
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
    log.write_text("")
    report("Starting Triton …")
    variables = made.variables() | {"HF_HOME": _huggingface_home(places)}
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
        *(["--allow-metrics=false"] if options.metrics_port is None else []),
        *([] if options.gpus else ["--allow-gpu-metrics=false"]),
        *options.server_options,
    ]


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
                    f"cannot listen on {_host_port(options.address, port)} "
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
        _raise_if_dead(server)
        if time.monotonic() > until:
            raise LauncherError(f"Triton did not become ready in time; its log is {server.log}")
        time.sleep(0.05)


def _raise_if_dead(server: Server) -> None:
    if not server.is_alive():
        raise LauncherError(f"Triton died: {_last_words(server)} (all of it in {server.log})")


def _last_words(server: Server) -> str:
    """The last error in the log without Triton's prefix, else the last line of one that never got to run."""
    text = Path(server.log).read_text(encoding="utf-8", errors="replace") if Path(server.log).exists() else ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    usage = [line for line in lines if "unrecognized option" in line]  # many lines of advice follow it
    errors = [
        line
        for line in lines
        if line.startswith(("E", "error", "Error", "Signal")) and "CudaDriverHelper" not in line  # no GPU
    ]
    ran = any("Started HTTPService" in line for line in lines)
    silent = ["it was killed, perhaps for want of memory"] if ran else ["it left no log"]
    return (usage or errors or ([] if ran else lines) or silent)[-1].rpartition("] ")[2]


def _huggingface_home(places: Places) -> str:
    return os.environ.get("HF_HOME", str(places.cache / "huggingface"))


def _state_file(places: Places) -> Path:
    return places.state / "triton.json"


def _host_port(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
