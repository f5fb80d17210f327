"""Starting, watching and stopping a real Triton Inference Server: from PyPI or in Docker.

server.py       the server that was started: found again, ended (drain.py: its requests answered first)
startup.py      starts it: environment.py and process.py, or docker.py
supervision.py  loads sick models again, and starts a dead server again
health.py       how it and its models are, by a real inference
loading.py      loads a model, over grpc.py or http.py, as start was told of it
repository.py   the models' folders; config.py and profiles.py write what is in them
versions.py     versions of a model on disk; promotion.py: which of them a running server serves
"""

from triton_server.launcher.drain import Ended
from triton_server.launcher.errors import LauncherError
from triton_server.launcher.health import Health, ModelHealth, status
from triton_server.launcher.loading import reload
from triton_server.launcher.places import Places
from triton_server.launcher.server import Server, epitaph, find, log_file, stop
from triton_server.launcher.startup import Options, start
from triton_server.launcher.supervision import Supervisor

__all__ = [
    "Ended",
    "Health",
    "LauncherError",
    "ModelHealth",
    "Options",
    "Places",
    "Server",
    "Supervisor",
    "epitaph",
    "find",
    "log_file",
    "reload",
    "start",
    "status",
    "stop",
]
