"""A real Triton with the options of a container, as far as they can be had without one."""

import contextlib
import os
import re
import signal
import socket
import time
from pathlib import Path

import pytest
from dockerfile_parse import DockerfileParser

from triton_server import launcher
from triton_server.launcher import environment, http, process, repository

DEPLOY = Path(__file__).parents[3] / "triton_server" / "deploy"


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


@pytest.fixture(scope="session")
def entry_point():
    """The options of tritonserver in the Dockerfile's ENTRYPOINT."""
    parser = DockerfileParser(path=str(DEPLOY / "Dockerfile"))
    [value] = [one["value"] for one in parser.structure if one["instruction"] == "ENTRYPOINT"]
    first, program, *options = re.findall(r'"([^"]*)"', value)
    assert (first, program) == ("/opt/nvidia/nvidia_entrypoint.sh", "tritonserver")
    return options


@pytest.fixture(scope="module")
def serve(entry_point, triton_data, tmp_path_factory):
    """Starts tritonserver as the container does, with more options; gives its HTTP URL and gRPC address."""
    started = {}

    def start(*options):
        folder = tmp_path_factory.mktemp("container")
        places = launcher.Places(triton_data, folder, folder)
        made = environment.ensure(places, [], lambda line: None)
        (folder / "own").mkdir()
        inside = {"/models/shipped": str(repository.SHIPPED), "/models/repository": str(folder / "own")}
        http_port, grpc_port, metrics_port = free_ports(3)
        shared_memory = f"grammared_test_{http_port}_"
        command = [
            str(made.tritonserver),
            *(
                re.sub("/models/[a-z]+", lambda found: inside[found[0]], one)
                for one in (*entry_point, *options)
            ),
            f"--backend-directory={made.backends}",
            f"--backend-config=python,shm-region-prefix-name={shared_memory}",
            f"--cache-directory={made.triton / 'caches'}",
            *(f"--{one}-address=127.0.0.1" for one in ("http", "grpc", "metrics")),
            *(f"--http-port={http_port}", f"--grpc-port={grpc_port}", f"--metrics-port={metrics_port}"),
        ]
        log = folder / "log"
        server = process.spawn(command, made.variables(), log, shared_memory)
        started[server] = process.start_time(server)
        start.logs.append(log)
        start.pids.append(server)
        url = f"http://127.0.0.1:{http_port}"
        while not http.is_ready(url):
            assert process.start_time(server), log.read_text()
            time.sleep(0.05)
        return url, f"127.0.0.1:{grpc_port}"

    start.pids, start.logs = [], []
    yield start
    for server, at in started.items():
        with contextlib.suppress(ProcessLookupError):  # a test that failed may have lost it
            os.kill(server, signal.SIGKILL)  # its supervisor does the rest
        process.wait(server, at, 10)
