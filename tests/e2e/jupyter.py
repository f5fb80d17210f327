"""A real Jupyter server with our settings, with JupyterLab; we can talk to it as JupyterLab does, too."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from websockets.sync.client import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "editors" / "jupyter" / "grammared.json"
PATIENCE = 180
TOKEN = "secret"
NO_NETWORK = {"LabApp": {"extension_manager": "readonly"}}
NO_NEWS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}
"""JupyterLab asks nobody for news, new versions and extensions."""
START = '#!/bin/sh\nPYTHONPATH="{root}" exec "{python}" -m lsp_server.cli "$@"\n'


def write_command(file: Path) -> None:
    """The command `grammared`, for a PATH of its own."""
    file.parent.mkdir()
    file.write_text(START.format(root=ROOT, python=sys.executable))
    file.chmod(0o755)


def configure(folder: Path) -> None:
    """A configuration with our entry."""
    (folder / "jupyter_server_config.d").mkdir(parents=True)
    shutil.copy(SETTINGS, folder / "jupyter_server_config.d")
    (folder / "jupyter_server_config.json").write_text(json.dumps(NO_NETWORK))
    (folder / "labconfig").mkdir()
    (folder / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(NO_NEWS))


class JupyterServer(contextlib.ExitStack):
    """A Jupyter server, as long as a `with` lasts; `home` is its folder and the user's."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        configure(home / "config")
        command = home / "bin" / "grammared"
        write_command(command)
        self._runtime = home / "runtime"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--port=0"],
            cwd=home,
            env={
                "PATH": f"{command.parent}:{os.environ['PATH']}",
                "HOME": str(home),
                "JUPYTER_CONFIG_DIR": str(home / "config"),
                "JUPYTER_RUNTIME_DIR": str(self._runtime),
                "JUPYTER_TOKEN": TOKEN,
                "GRAMMARED_HOME": str(home / "ours"),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.callback(self._process.wait, PATIENCE)
        self.callback(self._process.terminate)
        with self._ended_on_failure():
            self.address = f"127.0.0.1:{self._port()}"

    def lab(self, file: str) -> str:
        """The address at which JupyterLab opens a file."""
        return f"http://{self.address}/lab/tree/{file}?token={TOKEN}&reset"

    def status(self) -> Any:
        """What Jupyter says of its language servers."""
        with urlopen(f"http://{self.address}/lsp/status?token={TOKEN}", timeout=PATIENCE) as answer:
            return json.load(answer)

    @contextlib.contextmanager
    def _ended_on_failure(self) -> Iterator[None]:
        """What does not begin as it should ends, or it would go on without us."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    def _port(self) -> int:
        """Jupyter writes where it will listen, and may do so a little later."""
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            for file in self._runtime.glob("jpserver-*.json"):
                with contextlib.suppress(ValueError, ConnectionError):  # half written, or not listening yet
                    port = json.loads(file.read_text())["port"]
                    socket.create_connection(("127.0.0.1", port)).close()
                    return port
            time.sleep(0.05)
        raise AssertionError("Jupyter does not start")


class Jupyter(JupyterServer):
    """The same, with a connection to the language server behind it."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._last = 0
        with self._ended_on_failure():
            address = f"ws://{self.address}/lsp/ws/grammared?token={TOKEN}"
            self._socket = self.enter_context(connect(address, open_timeout=PATIENCE, max_size=None))

    def send(self, method: str, params: dict[str, Any]) -> None:
        """Notify the server."""
        self._socket.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}))

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        """The server's answer."""
        self._last += 1
        request = {"jsonrpc": "2.0", "id": self._last, "method": method, "params": params}
        self._socket.send(json.dumps(request))
        return self._until(lambda one: one.get("id") == self._last and "method" not in one)["result"]

    def diagnostics(self, count: int) -> list[dict[str, Any]]:
        """Wait until so many are published, and give them."""

        def is_it(message: dict[str, Any]) -> bool:
            published = message.get("method") == "textDocument/publishDiagnostics"
            return published and len(message["params"]["diagnostics"]) == count

        return self._until(is_it)["params"]["diagnostics"]

    def _until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            message = json.loads(self._socket.recv(PATIENCE))
            if wanted(message):
                return message
