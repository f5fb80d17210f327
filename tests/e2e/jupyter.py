"""A real Jupyter server with our settings, to which we talk as JupyterLab does."""

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
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "editors" / "jupyter" / "grammared.json"
PATIENCE = 60
START = '#!/bin/sh\nPYTHONPATH="{root}" exec "{python}" -m lsp_server.cli "$@"\n'


def write_command(file: Path) -> None:
    """The command `grammared`, for a PATH of its own."""
    file.parent.mkdir()
    file.write_text(START.format(root=ROOT, python=sys.executable))
    file.chmod(0o755)


class Jupyter(contextlib.ExitStack):
    """A Jupyter server, and a connection to the language server behind it, as long as a `with` lasts."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        configuration = home / "config" / "jupyter_server_config.d"
        configuration.mkdir(parents=True)
        shutil.copy(SETTINGS, configuration)
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
                "JUPYTER_TOKEN": "secret",
                "GRAMMARED_HOME": str(home / "ours"),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.callback(self._process.wait, PATIENCE)
        self.callback(self._process.terminate)
        self._last = 0
        try:
            self._address = f"127.0.0.1:{self._port()}"
            address = f"ws://{self._address}/lsp/ws/grammared?token=secret"
            self._socket = self.enter_context(connect(address, open_timeout=PATIENCE, max_size=None))
        except BaseException:
            self.close()  # or it would go on without us
            raise

    def status(self) -> Any:
        """What Jupyter says of its language servers."""
        with urlopen(f"http://{self._address}/lsp/status?token=secret", timeout=PATIENCE) as answer:
            return json.load(answer)

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
