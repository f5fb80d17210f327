"""`grammared doctor`: what works here, what does not, and what to do about it."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lsp_server import __version__
from lsp_server.cli.flags import settings_flags, settings_from_flags, user_settings
from lsp_server.documents import DocumentSnapshot
from lsp_server.errors import GrammaredError
from lsp_server.settings import settings_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lsp_server.settings import Settings

_SENTENCE = "She go to school every day, and I recieved a letter."
_EDITORS = {
    "Neovim": "nvim",
    "VS Code": "code",
    "VSCodium": "codium",
    "Emacs": "emacs",
    "Vim": "vim",
    "Helix": "hx",
    "Kate": "kate",
}
_EXTRAS = {"http": "uvicorn", "watch": "watchfiles", "train": "onnxscript", "triton": "transformers"}
"""A module of each extra."""


@dataclass(frozen=True)
class _Check:
    """One thing that was looked at."""

    what: str
    is_well: bool
    found: str
    """What there is, or what is wrong."""
    cure: str = ""


@click.command()
@settings_flags
def doctor(**flags: Any) -> int:
    """Say what works here, what does not, and what to do.

    The report can be pasted into an issue: it names neither your folder nor any secret.
    Exit code 0: all is well; 2: something is not.
    """
    settings = settings_from_flags(**flags)
    failed = 0
    click.echo(f"Grammared {__version__}")
    for one in _checks(settings):
        mark = click.style("ok", fg="green") if one.is_well else click.style("wrong", fg="red")
        click.echo(f"- {one.what}: {mark}: {_private(one.found, settings)}")
        if not one.is_well:
            failed += 1
            click.echo(f"  {_private(one.cure, settings)}")
    click.echo("All is well." if not failed else f"{failed} of these {'is' if failed == 1 else 'are'} wrong.")
    return 2 if failed else 0


def _checks(settings: Settings) -> Iterator[_Check]:
    yield _Check("system", True, f"{platform.platform()}, Python {platform.python_version()}, {_processor()}")
    yield _guarded("settings", _settings)
    yield _Check("ONNX Runtime", True, version("onnxruntime"))
    yield _guarded("cache", _cache)
    yield _guarded("checking a sentence", lambda: _checking(settings))
    if settings.engine != "triton":
        yield _Check("Triton", True, "not asked for (the engine is local)")
    yield _Check("extras", True, _extras())
    yield _Check("editors", True, _editors())


def _guarded(what: str, look: Callable[[], _Check]) -> _Check:
    """What was found, or the error that came of looking."""
    try:
        return look()
    except Exception as error:
        cure = "Install Grammared again: pip install --force-reinstall grammared"
        if isinstance(error, GrammaredError):
            cure = "The line above says what to do; `grammared config show` says where settings come from."
        return _Check(what, False, f"{type(error).__name__}: {' '.join(str(error).split())}", cure)


def _processor() -> str:
    return f"{platform.machine()}, {os.cpu_count()} processors"


def _settings() -> _Check:
    found = settings_for(Path.cwd() / "untitled", user_settings().settings)
    where = f"project {found.root}" if found.root else "no project here"
    if found.problems:
        return _Check(
            "settings", False, "; ".join(found.problems), "Mend them: docs/settings.md has them all."
        )
    return _Check("settings", True, where)


def _cache() -> _Check:
    from lsp_server.cache import cache_path

    path = cache_path()
    size = path.stat().st_size if path.exists() else 0
    folder = next(one for one in path.parents if one.exists())
    if not os.access(folder, os.W_OK):
        return _Check(
            "cache", False, f"{folder} cannot be written", "Name another: GRAMMARED_CACHE=/a/folder"
        )
    return _Check("cache", True, f"{size / 1e6:.1f} MB in {path}")


def _checking(settings: Settings) -> _Check:
    """A sentence with two mistakes, through the engine that the settings ask for."""
    from lsp_server.opening import open_checker

    told: list[str] = []

    async def found() -> tuple[str, int]:
        checker = await open_checker(settings, lambda line, _: told.append(line), is_hurried=False)
        try:
            result = await checker.check(DocumentSnapshot("grammared:doctor", _SENTENCE, "plaintext"))
        finally:
            await checker.close()
        if result.failure:
            raise result.failure
        return result.model, len(result.findings)

    started = time.perf_counter()
    model, count = asyncio.run(found())
    seconds = time.perf_counter() - started
    said = f"{model}: {count} of 2 mistakes found, {seconds:.1f} s with loading"
    if told:
        cure = "grammared triton status says how the server is; docs/troubleshooting-triton.md what to do."
        return _Check("checking a sentence", False, f"{said}; {'; '.join(told)}", cure)
    if count < 2:
        cure = "Is `model` the folder of a GECToR model, and no kind switched off? grammared config show"
        return _Check("checking a sentence", False, said, cure)
    return _Check("checking a sentence", True, said)


def _extras() -> str:
    return ", ".join(
        f"{name} {'installed' if find_spec(module) else 'not installed'}" for name, module in _EXTRAS.items()
    )


def _editors() -> str:
    there = {name: command for name, command in _EDITORS.items() if shutil.which(command)}
    found = [f"{name} {_version(command)}".strip() for name, command in there.items()]
    return ", ".join(found) or "none on PATH"


def _version(command: str) -> str:
    """The first number that an editor says of itself."""
    try:
        run = subprocess.run(
            [command, "--version"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return next((word for word in run.stdout.split() if word.strip("v")[:1].isdigit()), "")


def _private(text: str, settings: Settings) -> str:
    """The text without the user's folder, and without a token."""
    home = str(Path.home())
    if len(home) > 1:
        text = text.replace(home, "~")
    for secret in (settings.triton.token, os.environ.get("GRAMMARED_TRITON_TOKEN")):
        if secret:
            text = text.replace(secret, "…")
    return text.replace(sys.prefix, "<environment>") if len(sys.prefix) > 1 else text
