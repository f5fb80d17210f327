"""Starting, watching and stopping a real Triton Inference Server: from PyPI or in Docker."""

from triton_server.launcher.errors import LauncherError
from triton_server.launcher.places import Places
from triton_server.launcher.server import (
    Health,
    ModelHealth,
    Options,
    Server,
    epitaph,
    find,
    log_file,
    reload,
    start,
    status,
    stop,
)

__all__ = [
    "Health",
    "LauncherError",
    "ModelHealth",
    "Options",
    "Places",
    "Server",
    "epitaph",
    "find",
    "log_file",
    "reload",
    "start",
    "status",
    "stop",
]
