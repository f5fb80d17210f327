"""The same server in a container, where a Docker engine runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from triton_server.launcher.environment import PACKAGE, REQUIREMENTS
from triton_server.launcher.errors import LauncherError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from triton_server.launcher.places import Places

IMAGE = "nvcr.io/nvidia/tritonserver:24.10-py3"
"""Triton 2.51.0, the version that the server from PyPI has."""
CONTAINER = "grammared-triton"

_MODELS = "/opt/grammared/repositories"
_PACKAGES = "/opt/grammared/packages"
_CACHE = "/models/.cache"


def is_available() -> bool:
    """Whether an engine really runs; the program alone is not enough."""
    if shutil.which("docker") is None:
        return False
    try:
        return (
            subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=10).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def run_command(
    image: str,
    repositories: Sequence[Path],
    places: Places,
    groups: Sequence[str],
    address: str,
    ports: Sequence[int],
    server_options: Sequence[str],
    *,
    gpus: bool = False,
) -> list[str]:
    """The `docker run` that starts the server.

    Args:
        image: a Triton image with the Python backend.
        repositories: mounted read-only.
        places: its cache is mounted, so that a model is downloaded once.
        groups: keys of `REQUIREMENTS` to install beside "base".
        address: where the host listens.
        ports: of the host, for HTTP, gRPC and, if there are three, metrics.
        server_options: more options of tritonserver.
        gpus: give it the machine's GPUs.
    """
    mounts = [
        *(f"{folder}:{_MODELS}/{i}:ro" for i, folder in enumerate(repositories)),
        f"{PACKAGE}:{_PACKAGES}/{PACKAGE.name}:ro",
        f"{places.cache}:{_CACHE}",
    ]
    files = [
        f"-r {_PACKAGES}/{REQUIREMENTS[group].relative_to(PACKAGE.parent)}" for group in ("base", *groups)
    ]
    served = [f"--model-repository={_MODELS}/{i}" for i in range(len(repositories))]
    inside = (
        f"pip install --quiet {' '.join(files)} && "
        f"exec tritonserver {' '.join(served)} {' '.join(server_options)}"
    )
    return [
        *("docker", "run", "--detach", "--name", CONTAINER, "--init", "--shm-size=1g", "--ulimit=memlock=-1"),
        *(("--gpus=all",) if gpus else ()),
        *(f"--publish={_bracketed(address)}:{port}:{8000 + i}" for i, port in enumerate(ports)),
        *(f"--volume={mount}" for mount in mounts),
        *(f"--env={name}" for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "PIP_INDEX_URL") if name in os.environ),
        *(f"--env=PYTHONPATH={_PACKAGES}", f"--env=HF_HOME={_CACHE}/huggingface"),
        *(image, "bash", "-c", inside),
    ]


def run(command: Sequence[str]) -> str:
    """Run a `docker` command to its end; return what it printed.

    Raises:
        LauncherError: it failed; the text is Docker's last line.
    """
    ran = subprocess.run(list(command), capture_output=True, text=True, check=False)
    if ran.returncode:
        said = [line for line in ran.stderr.splitlines() if line.strip()] or ["it gave no reason"]
        raise LauncherError(f"docker {command[1]} failed: {said[-1].strip()}")
    return ran.stdout.strip()


def is_running(container: str) -> bool:
    """Whether the container exists and runs."""
    try:
        return run(["docker", "inspect", "--format={{.State.Running}}", container]) == "true"
    except (LauncherError, OSError):
        return False


def show_logs(container: str, lines: int, *, follow: bool) -> None:
    """Print the container's log to this process's own output."""
    subprocess.run(
        ["docker", "logs", f"--tail={lines}", *(["--follow"] if follow else []), container], check=False
    )


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
