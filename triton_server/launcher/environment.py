"""An environment of its own for the Triton server from PyPI.

The server's Python backend wants numpy 1 and finds its interpreter through `PATH`, so it gets a virtual
environment that nothing else uses. Into it go the server, what the models need, and a symbolic link to this
`triton_server` package: the one that runs now, be it installed from a wheel, editable, or in a clone.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from triton_server.launcher.errors import LauncherError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from triton_server.launcher.places import Places

SERVER_REQUIREMENT = "nvidia-pytriton==0.7.0"
"""Carries a genuine tritonserver 2.51.0; its own requirements serve another purpose and are left out."""
SUPPORTED_PYTHONS = ("3.12", "3.11", "3.10")
"""The server has a stub, and numpy 1 a wheel, for each of these."""

PACKAGE = Path(__file__).resolve().parent.parent
REQUIREMENTS = {
    "base": PACKAGE / "launcher" / "requirements.txt",
    "transformers": PACKAGE / "launcher" / "requirements-transformers.txt",
    "torch": PACKAGE / "launcher" / "requirements-torch.txt",
}

_DRIVERS = (Path("/dev/nvidiactl"), Path("/dev/dxg"))
"""NVIDIA's driver, on Linux and in Windows' subsystem for it."""

_INSPECT = """
import json, sys, sysconfig
print(json.dumps({
    "version": "%d.%d" % sys.version_info[:2],
    "purelib": sysconfig.get_path("purelib"),
    "libdir": sysconfig.get_config_var("LIBDIR") or "",
}))
"""


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment with a Triton server in it."""

    root: Path
    site_packages: Path
    libpython_folder: Path
    """Where the interpreter's shared library is, if it has one."""
    python_version: str
    """Such as "3.11"."""

    @property
    def python(self) -> Path:
        """The interpreter that runs the models."""
        return self.root / "bin" / "python"

    @property
    def triton(self) -> Path:
        """The server's folder inside the wheel."""
        return self.site_packages / "pytriton" / "tritonserver"

    @property
    def tritonserver(self) -> Path:
        """The server's program."""
        return self.triton / "bin" / "tritonserver"

    @property
    def backends(self) -> Path:
        """The `--backend-directory`."""
        return self.root / "backends"

    def variables(self) -> dict[str, str]:
        """What the server's process has in its environment."""
        kept = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
        return kept | {
            "PATH": f"{self.root / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "LD_LIBRARY_PATH": f"{self.libpython_folder}:{self.site_packages / 'nvidia_pytriton.libs'}",
            "TOKENIZERS_PARALLELISM": "false",
        }


_NOT_INHERITED = frozenset({"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV", "LD_LIBRARY_PATH"})


def check_groups(model: str, groups: Sequence[str]) -> None:
    """Whether what a model asks for is known.

    Raises:
        LauncherError: it is not.
    """
    known = [group for group in REQUIREMENTS if group != "base"]
    for group in groups:
        if group not in known:
            raise LauncherError(
                f"{model} asks for the requirements {group}, and there are {', '.join(known)}: correct its "
                "config.pbtxt, or install what else it needs where the server runs"
            )


def check_gpus(model: str) -> None:
    """Whether this machine has a GPU for a model that asks for one, before gigabytes are installed for it.

    Raises:
        LauncherError: it has none.
    """
    if not any(device.exists() for device in _DRIVERS):
        raise LauncherError(
            f"{model} asks for a GPU, and NVIDIA's driver is not loaded here: --device cpu, or see nvidia-smi"
        )


def ensure(places: Places, groups: Sequence[str], report: Callable[[str], None]) -> Environment:
    """The environment, made or completed as needed.

    Args:
        places: its parent is `places.data`.
        groups: keys of `REQUIREMENTS` to have beside "base".
        report: told in one line before anything that takes long.

    Raises:
        LauncherError: no interpreter fits, or pip failed (no network, no room).
    """
    interpreter = find_interpreter()
    places.data.mkdir(parents=True, exist_ok=True)
    with _lock(places.data / "triton.lock"):
        return _ensure(places.data / "triton", interpreter, ["base", *groups], report)


def _ensure(
    root: Path, interpreter: str, groups: Sequence[str], report: Callable[[str], None]
) -> Environment:
    log = root.with_name("triton-build.log")
    marks = root / "installed"
    version = _version_of(interpreter)
    mark = marks / f"server-{_digest(SERVER_REQUIREMENT, REQUIREMENTS['base'].read_text(), version or '')}"
    if not mark.exists():
        report(f"Making an environment for Triton in {root} (once; downloads some 250 MB) …")
        shutil.rmtree(root, ignore_errors=True)
        _run([interpreter, "-m", "venv", str(root)], log, "the environment could not be made")
        _pip(root, log, "--no-deps", SERVER_REQUIREMENT)
    environment = _inspect(root)
    for group in dict.fromkeys(groups):
        requirements = REQUIREMENTS[group]
        group_mark = marks / f"{group}-{_digest(requirements.read_text())}"
        if not group_mark.exists():
            if group != "base":
                report(f"Installing {group} into {root} (once; some minutes) …")
            _pip(root, log, "-r", str(requirements), "-c", str(REQUIREMENTS["base"]))
            marks.mkdir(exist_ok=True)
            group_mark.touch()
    _link_backend(environment)
    _link_package(environment)
    _write_no_bytecode(environment)
    if not mark.exists():
        _check_stub(environment)
        mark.touch()
    return environment


def find_interpreter() -> str:
    """A Python that the server can run: this one, else one on `PATH`.

    Raises:
        LauncherError: there is none.
    """
    here = "%d.%d" % sys.version_info[:2]  # noqa: UP031  (a tuple)
    if here in SUPPORTED_PYTHONS:
        return sys.executable
    for version in SUPPORTED_PYTHONS:
        found = shutil.which(f"python{version}")
        if found and _version_of(found) == version:
            return found
    raise LauncherError(
        f"the Triton server from PyPI needs Python 3.10, 3.11 or 3.12 and this is {here}: "
        "install one of them so that it is on PATH (as python3.12), or use Docker"
    )


def _version_of(interpreter: str) -> str | None:
    try:
        found = subprocess.run([interpreter, "-c", _INSPECT], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):  # a shim without a version behind it
        return None
    return str(json.loads(found.stdout)["version"])


def _inspect(root: Path) -> Environment:
    python = str(root / "bin" / "python")
    found = json.loads(subprocess.run([python, "-c", _INSPECT], capture_output=True, check=True).stdout)
    return Environment(root, Path(found["purelib"]), Path(found["libdir"]), found["version"])


def _link_backend(environment: Environment) -> None:
    """Put the stub beside the backend, where the server looks for it; copies would break their RPATH."""
    stub = Path("python_backend_stubs") / environment.python_version / "triton_python_backend_stub"
    backend = Path("backends") / "python"
    folder = environment.backends / "python"
    folder.mkdir(parents=True, exist_ok=True)
    for part in (backend / "libtriton_python.so", backend / "triton_python_backend_utils.py", stub):
        _link(folder / part.name, environment.triton / part)


def _link_package(environment: Environment) -> None:
    _link(environment.site_packages / PACKAGE.name, PACKAGE)


def _write_no_bytecode(environment: Environment) -> None:
    """Keep `__pycache__` out of the models' folders: Triton loads a version anew whose folder has changed.

    A model's interpreter takes no notice of PYTHONDONTWRITEBYTECODE, but of a .pth file.
    """
    path = environment.site_packages / "grammared.pth"
    if not path.exists():
        path.write_text("import sys; sys.dont_write_bytecode = True\n")


def _link(link: Path, target: Path) -> None:
    """Make a link, or another of it, at once: servers that start meanwhile find the one or the other."""
    there = target.resolve()
    if not (link.is_symlink() and link.resolve() == there):
        new = link.with_name(f".{link.name}.{os.getpid()}")
        new.unlink(missing_ok=True)
        new.symlink_to(there)
        new.replace(link)


def _check_stub(environment: Environment) -> None:
    """The stub needs libpython; a Python built without a shared library has none."""
    stub = environment.backends / "python" / "triton_python_backend_stub"
    ran = subprocess.run([str(stub)], env=environment.variables(), capture_output=True, check=False)
    if ran.returncode == 127:  # the loader's code for a missing library
        raise LauncherError(
            f"Triton cannot run with {environment.python.resolve()}, which has no shared libpython "
            f"(in {environment.libpython_folder}): install libpython{environment.python_version}, "
            "use a Python built with --enable-shared, or use Docker"
        )


def _pip(root: Path, log: Path, *arguments: str) -> None:
    command = [str(root / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input", *arguments]
    _run(command, log, "the packages for Triton could not be installed")


def _run(command: list[str], log: Path, complaint: str) -> None:
    with log.open("a", encoding="utf-8") as output:
        output.write(f"$ {' '.join(command)}\n")
        output.flush()
        variables = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
        ran = subprocess.run(command, env=variables, stdout=output, stderr=subprocess.STDOUT, check=False)
    if ran.returncode:
        raise LauncherError(f"{complaint}: {_reason(log)} (all of it in {log})")


def _reason(log: Path) -> str:
    """The last line that says what was wrong; pip's is the last that begins with ERROR."""
    lines = [
        line.strip()
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
        if line.strip()
    ]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines)[-1].removeprefix("ERROR:").strip()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Let one process at a time make the environment; the others wait and find it made."""
    import fcntl  # not on Windows, where only Docker runs Triton

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
