"""Everything that can happen to a server, at random and under load: what is lost of it, and who hangs.

    python -m benchmarks.chaos [--minutes 10] [--seed 1]

A supervised Triton of its own serves the bundled model. `grammared lint`, a language server and a plain
client of the engine keep asking, while at random: the process of an instance is killed, or stopped and
continued; the server is killed, or stopped and continued; another version is promoted, refused for want of
room on the disk, rolled back; and a model that takes long is asked. What ends a server has to wait until that
has lived for a minute. Afterwards the same texts are checked once more in quiet.

Exits with 1 unless all findings are those of the quiet run, no request took longer than its deadline, and the
server is well at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from benchmarks.keystroke import document
from lsp_server.engines import TritonEngine
from lsp_server.errors import EngineError
from triton_server import launcher
from triton_server.gector.model_files import bundled_model
from triton_server.launcher import http, process

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MODEL = "gector_distilbert"
SLOW = "slow"
DEADLINE = 5.0
"""Seconds of a request, as Grammared has it by default."""
MARGIN = 1.0
"""Seconds that a busy machine may take beside, to notice."""
PATIENCE = 120.0
"""Seconds after which a whole lint, or the diagnostics of a keystroke, count as hung."""
LIFE = 60.0
"""Seconds that a server is left to live: what dies sooner, again and again, is given up, and rightly."""
DEADLY = {"server killed", "stub stopped, continued"}
"""Triton 2.51 ends, too, when a stub goes on that was stopped."""
SLOW_MODEL = """
import time
import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def execute(self, requests):
        time.sleep(8)
        text = [pb_utils.get_input_tensor_by_name(one, "INPUT") for one in requests]
        return [pb_utils.InferenceResponse([pb_utils.Tensor("OUTPUT", one.as_numpy())]) for one in text]
"""
SLOW_CONFIG = """
name: "slow"
backend: "python"
max_batch_size: 8
input { name: "INPUT" data_type: TYPE_STRING dims: [ 1 ] }
output { name: "OUTPUT" data_type: TYPE_STRING dims: [ 1 ] }
instance_group { kind: KIND_CPU count: 1 }
"""


@dataclass
class Seen:
    """What the clients saw."""

    waits: dict[str, list[float]] = field(default_factory=dict)
    """Seconds, by client."""
    findings: dict[str, list[Any]] = field(default_factory=dict)
    """By text that the editor had."""
    lints: list[Any] = field(default_factory=list)
    """The findings of each lint."""
    refused: Counter[str] = field(default_factory=Counter)
    """Requests of the plain client that the engine gave up, by its reason."""
    late: int = 0
    """Those that it gave up too late."""
    hung: int = 0
    """Lints and keystrokes without an end."""

    def add(self, client: str, seconds: float) -> None:
        """Note how long something took."""
        self.waits.setdefault(client, []).append(seconds)


class Server:
    """The supervised server, in a home of its own."""

    def __init__(self, home: Path, data: Path) -> None:
        self.home = home
        self.places = launcher.Places(home / "data", home / "state", home / "cache")
        self.places.data.mkdir(parents=True)
        (self.places.data / "triton").symlink_to(data / "triton", target_is_directory=True)
        slow = self.places.models / SLOW
        (slow / "1").mkdir(parents=True)
        (slow / "1" / "model.py").write_text(SLOW_MODEL, encoding="utf-8")
        (slow / "config.pbtxt").write_text(SLOW_CONFIG, encoding="utf-8")
        self.weights = shutil.copytree(bundled_model(), home / "weights")
        self.http, self.grpc = _free_ports()
        self.environment = os.environ | {"GRAMMARED_HOME": str(home)}
        self.supervisor: subprocess.Popen[str] | None = None
        self.log = (home / "supervisor.log").open("w+", encoding="utf-8")

    def start(self) -> None:
        """Start it, and wait until it is well."""
        ports = (f"--http-port={self.http}", f"--grpc-port={self.grpc}", "--no-metrics", "--no-docker")
        models = (f"--model={MODEL}", f"--model={SLOW}")
        command = [*_GRAMMARED, "triton", "start", "--supervise", *ports, *models]
        self.supervisor = subprocess.Popen(
            command, env=self.environment, stdout=self.log, stderr=self.log, text=True
        )
        self.wait_until_well(300)

    def command(self, *arguments: str, full_disk: bool = False) -> tuple[int, str]:
        """Run `grammared triton …`; its exit code and what it said, in the last line."""
        limited = ["/bin/sh", "-c", 'ulimit -f 0; exec "$@"', "sh"] if full_disk else []
        ran = subprocess.run(
            [*limited, *_GRAMMARED, "triton", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        said = (ran.stdout + ran.stderr).strip().splitlines()
        return ran.returncode, said[-1] if said else f"nothing, with exit code {ran.returncode}"

    def pid(self) -> int | None:
        """Of tritonserver, while it runs."""
        server = launcher.find(self.places)
        return server.pid if server else None

    def age(self) -> float:
        """Seconds since the server was started; 0 while none runs."""
        pid = self.pid()
        try:
            return time.time() - Path(f"/proc/{pid}").stat().st_mtime if pid else 0.0
        except OSError:
            return 0.0

    def stubs(self) -> list[int]:
        """The processes that run the model's instances."""
        pid = self.pid()
        found = []
        for child in process.children(pid) if pid else ():
            with contextlib.suppress(OSError):
                if f"/{MODEL}/".encode() in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(child)
        return found

    def wait_until_well(self, seconds: float) -> bool:
        """Whether the model answers within so many seconds."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(http.HttpError):
                http.probe(f"http://127.0.0.1:{self.http}", MODEL, seconds=5)
                return True
            time.sleep(0.5)
        return False

    def stop(self) -> None:
        """Stop server and supervisor."""
        self.command("stop", "--timeout=10")
        if self.supervisor is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.supervisor.wait(30)
            self.supervisor.kill()
            self.supervisor.wait()
        self.log.close()


_GRAMMARED = (sys.executable, "-m", "lsp_server.cli")


def _free_ports() -> list[int]:
    """Of this machine, for HTTP and gRPC; a server that is started again needs the same."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def _stopped_for(pid: int, seconds: float) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(pid, signal.SIGCONT)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def events(server: Server, rng: random.Random) -> Mapping[str, Callable[[], str]]:
    """What can happen, by name; each says what came of it, if anything did."""

    def one_stub(act: Callable[[int], None]) -> str:
        stubs = server.stubs()
        if not stubs:
            return "none runs"
        act(rng.choice(stubs))
        return ""

    def the_server(act: Callable[[int], None]) -> str:
        pid = server.pid()
        if pid is None:
            return "it does not run"
        act(pid)
        return ""

    def ask_slow() -> str:
        tensor = {"name": "INPUT", "shape": [1, 1], "datatype": "BYTES", "data": ["x"]}
        try:
            http.call(
                f"http://127.0.0.1:{server.http}", f"/v2/models/{SLOW}/infer", {"inputs": [tensor]}, seconds=4
            )
        except http.HttpError as error:
            return str(error)
        return "it answered"

    promote = ("promote", MODEL, f"--model={server.weights}")
    return {
        "stub killed": lambda: one_stub(_kill),
        "stub stopped, continued": lambda: one_stub(lambda pid: _stopped_for(pid, rng.uniform(1, 6))),
        "server killed": lambda: the_server(_kill),
        "server stopped, continued": lambda: the_server(lambda pid: _stopped_for(pid, rng.uniform(1, 6))),
        "promote": lambda: server.command(*promote)[1],
        "promote, disk full": lambda: server.command(*promote, full_disk=True)[1],
        "rollback": lambda: server.command("rollback", MODEL)[1],
        "slow model asked": ask_slow,
    }


async def happen(server: Server, minutes: float, rng: random.Random) -> Counter[str]:
    """Let things happen for so long; how often each did."""
    possible = events(server, rng)
    happened: Counter[str] = Counter()
    began = time.monotonic()
    while time.monotonic() - began < 60 * minutes:
        name = rng.choice([one for one in possible if server.age() >= LIFE or one not in DEADLY])
        said = await asyncio.to_thread(possible[name])
        happened[name] += 1
        print(f"{time.monotonic() - began:6.1f} s  {name}{f': {said}' if said else ''}", flush=True)
        await asyncio.sleep(rng.uniform(1, 6))
    return happened


async def keep_linting(server: Server, files: Path, seen: Seen, done: asyncio.Event) -> None:
    """Lint the files again and again."""
    while not done.is_set():
        before = time.monotonic()
        try:
            seen.lints.append(await lint(server, files))
        except asyncio.TimeoutError:
            seen.hung += 1
        seen.add("lint", time.monotonic() - before)


async def lint(server: Server, files: Path) -> Any:
    """The findings of the files, by the command line; nothing is remembered."""
    with tempfile.TemporaryDirectory() as cache:
        address = f"127.0.0.1:{server.grpc}"
        command = [
            *_GRAMMARED,
            "lint",
            "--engine=triton",
            f"--triton-url={address}",
            "--format=json",
            str(files),
        ]
        ran = await asyncio.create_subprocess_exec(
            *command,
            env=server.environment | {"GRAMMARED_CACHE": cache},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            out, _ = await asyncio.wait_for(ran.communicate(), PATIENCE)
        except asyncio.TimeoutError:
            ran.kill()
            await ran.wait()
            raise
    return _found(json.loads(out)) if out.strip() else f"nothing, with exit code {ran.returncode}"


def _found(report: Any) -> Any:
    """A report without the names of who answered: the local model stands in, and versions come and go."""
    if isinstance(report, list):
        return [_found(one) for one in report]
    if isinstance(report, dict):
        return {name: _found(value) for name, value in report.items() if name != "model"}
    return report


class Editor:
    """A language server with one document, whose text changes."""

    def __init__(self, server: Server) -> None:
        self.client = LanguageClient("chaos", "1")
        self._server = server
        self._version = 0
        self._published: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(
            lambda params: self._published.put_nowait(params)
        )
        for name in (types.WINDOW_LOG_MESSAGE, types.WINDOW_SHOW_MESSAGE, "grammared/status"):
            self.client.feature(name)(lambda _: None)

    async def start(self, cache: Path) -> None:
        """Start it, as an editor does."""
        environment = self._server.environment | {"GRAMMARED_CACHE": str(cache)}
        await self.client.start_io(*_GRAMMARED, "serve", "--stdio", env=environment)
        triton = {"url": f"127.0.0.1:{self._server.grpc}", "deadline": DEADLINE}
        options = {"debounce": 0, "engine": "triton", "triton": triton}
        params = types.InitializeParams(types.ClientCapabilities(), initialization_options=options)
        await self.client.initialize_async(params)
        self.client.initialized(types.InitializedParams())

    async def findings(self, text: str) -> list[Any]:
        """What is found in the document once it has this text."""
        self._version += 1
        uri = "file:///chaos.md"
        if self._version == 1:
            item = types.TextDocumentItem(uri, "markdown", 1, text)
            self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        else:
            identifier = types.VersionedTextDocumentIdentifier(version=self._version, uri=uri)
            change = types.TextDocumentContentChangeWholeDocument(text)
            self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))
        while True:
            params = await asyncio.wait_for(self._published.get(), PATIENCE)
            if params.version == self._version:
                return sorted(
                    (
                        one.range.start.line,
                        one.range.start.character,
                        one.range.end.character,
                        str(one.code),
                        one.message,
                    )
                    for one in params.diagnostics
                )

    async def stop(self) -> None:
        """Say goodbye."""
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()


def typed(number: int) -> str:
    """The text after so many keystrokes: one sentence of it is another each time."""
    return (
        f"She go to school since {number} days.\n\nThey was late, and the letter number {number} are here.\n"
    )


async def keep_typing(server: Server, cache: Path, seen: Seen, done: asyncio.Event) -> None:
    """Type in an editor, and note what it shows."""
    editor = Editor(server)
    await editor.start(cache)
    number = 100
    while not done.is_set():
        number += 1
        before = time.monotonic()
        try:
            seen.findings[typed(number)] = await editor.findings(typed(number))
        except asyncio.TimeoutError:
            seen.hung += 1
        seen.add("keystroke", time.monotonic() - before)
        await asyncio.sleep(0.3)
    await editor.stop()


async def keep_asking(server: Server, seen: Seen, done: asyncio.Event) -> None:
    """Ask for labels, without a local model to fall back on."""
    engine = TritonEngine(f"127.0.0.1:{server.grpc}", MODEL, deadline=DEADLINE)
    is_connected = False
    while not done.is_set():
        client = "request" if is_connected else "connection"
        before = time.monotonic()
        try:
            if is_connected:
                await engine.tag([["She", "go", "to", "school", "."]], 0.0)
            else:
                await engine.start()  # several requests, one for each instance
                is_connected = True
        except EngineError as error:
            seen.refused[_kind(str(error))] += 1
        took = time.monotonic() - before
        seen.add(client, took)
        seen.late += client == "request" and took > DEADLINE + MARGIN
        await asyncio.sleep(0.05)
    await engine.close()


def _kind(message: str) -> str:
    """A message without what is of one server and moment."""
    return message.partition("127.0.0.1:")[2].partition(" ")[2].partition(":")[0][:60] or message[:60]


async def run(server: Server, files: Path, scratch: Path, minutes: float, seed: int) -> bool:
    """The whole of it; whether all was well."""
    quiet_lint = await lint(server, files)
    seen, done = Seen(), asyncio.Event()
    clients = [
        asyncio.create_task(one)
        for one in (
            keep_linting(server, files, seen, done),
            keep_typing(server, scratch / "cache", seen, done),
            keep_asking(server, seen, done),
        )
    ]
    happened = await happen(server, minutes, random.Random(seed))
    done.set()
    await asyncio.gather(*clients)
    is_well = await asyncio.to_thread(server.wait_until_well, 120)

    print("in quiet once more …", flush=True)
    editor = Editor(server)
    await editor.start(scratch / "quiet")
    other = [text for text, found in seen.findings.items() if await editor.findings(text) != found]
    await editor.stop()
    differing = sum(one != quiet_lint for one in seen.lints)
    show(seen, happened, differing, len(other), is_well=is_well)
    return is_well and bool(seen.lints) and not (differing or other or seen.late or seen.hung)


def show(seen: Seen, happened: Counter[str], lints: int, keystrokes: int, *, is_well: bool) -> None:
    """Print what came of it."""
    print(
        f"\n{sum(happened.values())} events:",
        ", ".join(f"{name} {count}" for name, count in happened.items()),
    )
    print("              number   median s   slowest s")
    for client, waits in seen.waits.items():
        middle = sorted(waits)[len(waits) // 2]
        print(f"{client:12}{len(waits):8}{middle:11.2f}{max(waits):12.2f}")
    refusals = ", ".join(f"{reason} {count}" for reason, count in seen.refused.most_common()) or "none"
    print(f"requests that the engine gave up (then the local model answers): {refusals}")
    print(f"lints with other findings than in quiet: {lints} of {len(seen.lints)}")
    print(f"keystrokes with other findings than in quiet: {keystrokes} of {len(seen.findings)}")
    print(
        f"requests beyond their deadline of {DEADLINE:g} s: {seen.late}; "
        f"lints and keystrokes that hung: {seen.hung}"
    )
    print(f"the server at the end: {'well' if is_well else 'NOT WELL'}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1, help="of what happens when")
    parser.add_argument("--words", type=int, default=2_000, help="that are linted")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        files = scratch / "texts"
        files.mkdir()
        (files / "long.md").write_text(document(arguments.words), encoding="utf-8")
        server = Server(scratch / "home", launcher.Places.of_user().data)
        try:
            server.start()
            is_fine = asyncio.run(run(server, files, scratch, arguments.minutes, arguments.seed))
        finally:
            server.stop()
            log = (scratch / "home" / "supervisor.log").read_text(encoding="utf-8")
            print(f"\nthe supervisor said:\n{log}")
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main())
