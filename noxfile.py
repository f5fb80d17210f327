"""Every task of the project, defined once: README, CI and pre-commit call these.

`python3 dev.py TAG` runs the sessions with that tag; `nox -s SESSION` runs one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nox

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False
nox.needs_version = ">=2025.2"

ROOT = Path(__file__).parent
CONSTRAINTS = ROOT / "tests" / "constraints.txt"
REFERENCE = ROOT / ".nox" / "reference"
"""PyPI's `gector` lives in an environment of its own: it needs an old transformers."""
PROGRAMS = {
    "chromium": ("chromium", "fonts-dejavu-core"),
    "emacs": ("emacs-nox", "elpa-eglot", "elpa-lsp-mode"),
    "fish": ("fish",),
    "git": ("git",),
    "luacheck": ("lua-check",),
    "nginx": ("nginx-light",),
    "tmux": ("tmux",),
    "vim": ("vim", "vim-ale"),
    "zsh": ("zsh",),
}
"""Which packages of Debian or Ubuntu have a program, and what it needs beside it."""
UNPACKED = {"promtool": "prometheus", "amtool": "prometheus-alertmanager"}
"""Programs whose packages would start a service that listens, if they were installed."""
UNPACKED_HOME = ROOT / ".nox" / "programs"
TRITON_HOME = ROOT / ".nox" / "triton"
"""Where the launcher builds the test server's environment, kept from run to run."""

MAKE_TRITON = """
from triton_server.launcher import Places, environment
environment.ensure(Places.of_user(), ["torch"], print)
"""
"""Makes the environment of the server that the tests start."""

SIDE_BY_SIDE = ("--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder")
"""Two at a time, though many tests wait for a server or an editor: four on two cores take less time, and then
tests that wait for a crash or a hang to be noticed fail now and again."""

EXTENSION = ROOT / "editors" / "vscode"
STYLUA = "@johnnymorganz/stylua@2.5.2"
"""The formatter of Lua, built for Node."""


@nox.session(tags=["demo"])
def demo(session: nox.Session) -> None:
    """Install the project as a user would, and lint the example document."""
    session.install("--quiet", ".")
    session.run("grammared", "lint", *(session.posargs or ["docs/example.md"]), success_codes=[0, 1])


@nox.session(tags=["lint"])
def lint(session: nox.Session) -> None:
    """Style and types."""
    install_for_tests(session)
    check_style(session)
    session.run("mypy")


@nox.session(tags=["wheel"])
def wheel(session: nox.Session) -> None:
    """The built wheel works with the source gone."""
    check_wheel(session)


@nox.session(tags=["test"])
def tests(session: nox.Session) -> None:
    """Style and types, and all tests: units, real editors, a real Triton, the reference implementation."""
    if sys.version_info[:2] not in ((3, 11), (3, 12)):
        # gector needs 3.11, and the Triton server from PyPI has no NumPy for 3.13
        session.error("All tests together need Python 3.11 or 3.12; on others run: python3 dev.py quick")
    install_programs(session, "chromium", "emacs", "fish", "git", "luacheck", "nginx", "tmux", "vim", "zsh")
    unpack_programs(session, *UNPACKED)
    # Much of it waits: for packages, for a server or an editor that starts. So things go on side by side.
    with ThreadPoolExecutor() as beside:
        reference = beside.submit(reference_python, session)
        checked = beside.submit(check_extension, session)
        install_for_tests(session)
        session.run("python", "-m", "tests.e2e.get_helix")
        session.env["GRAMMARED_REFERENCE_PYTHON"] = str(reference.result())
        session.env["GRAMMARED_HOME"] = str(TRITON_HOME)
        session.env.setdefault("PIP_CONSTRAINT", os.environ.get("PIP_CONSTRAINT", str(CONSTRAINTS)))
        check_style(session)
        # Made here, since no test has as long as its packages, PyTorch among them, may take to install.
        session.run("python", "-c", MAKE_TRITON)
        checked.result()
        others = beside.submit(check_what_is_shipped, session)
        session.run("pytest", *SIDE_BY_SIDE, *session.posargs)
        others.result()


@nox.session(tags=["vscode"])
def vscode(session: nox.Session) -> None:
    """The VS Code extension: editors/vscode/dist/grammared.vsix, and its tests in the real VS Code."""
    install_programs(session, "chromium", "git")
    session.install("--quiet", "-e", ".")
    session.run("python", "editors/vscode/generate.py")
    check_extension(session)
    test_extension(session)


@nox.session(tags=["neovim"])
def neovim(session: nox.Session) -> None:
    """The Neovim plugin: style, mistakes, and tests in a real Neovim."""
    install_programs(session, "emacs", "luacheck", "vim")
    install_for_tests(session)
    folder = ROOT / "editors" / "neovim"
    with session.chdir(folder):
        session.run(
            "npm", "install", "--no-save", "--no-audit", "--no-fund", STYLUA, external=True, silent=True
        )
        session.run("node", "style.mjs", external=True)
    session.run("pytest", "tests/e2e/test_neovim.py", "tests/e2e/test_neovim_plugin.py", *session.posargs)


@nox.session(tags=["editors"])
def editors(session: nox.Session) -> None:
    """The tests of all editors but VS Code; say `-- tests/e2e/test_vim.py` for those of one."""
    install_programs(session, "chromium", "emacs", "luacheck", "tmux", "vim")
    install_for_tests(session)
    session.run("python", "-m", "tests.e2e.get_helix")
    session.run("pytest", *(session.posargs or ["tests/e2e", "tests/editors"]))


@nox.session(tags=["quick"])
def quick(session: nox.Session) -> None:
    """The tests that take seconds: no editor, no Triton, no PyTorch."""
    install_for_tests(session)
    session.run("pytest", "-m", "not slow and not triton and not editor and not reference", *session.posargs)


def install_programs(session: nox.Session, *programs: str) -> None:
    """Programs that no package index has: from Debian's or Ubuntu's packages, where we may."""
    missing = [package for name in programs for package in PROGRAMS[name] if not is_installed(package, name)]
    if not missing:
        return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        session.error(f"The tests need programs. On Debian or Ubuntu: apt install {' '.join(missing)}")
    session.run("apt-get", "update", "-q", external=True, silent=True)
    session.run("apt-get", "install", "-qy", "--no-install-recommends", *missing, external=True, silent=True)


def unpack_programs(session: nox.Session, *programs: str) -> None:
    """Put the programs of packages on PATH without installing those."""
    folder = UNPACKED_HOME / "usr" / "bin"
    session.env["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
    missing = [UNPACKED[name] for name in programs if not shutil.which(name, path=session.env["PATH"])]
    if not missing:
        return
    if not shutil.which("apt-get"):
        session.error(f"The tests need programs that are in Debian's packages {', '.join(missing)}")
    if os.geteuid() == 0:
        session.run("apt-get", "update", "-q", external=True, silent=True)
    UNPACKED_HOME.mkdir(parents=True, exist_ok=True)
    with session.chdir(UNPACKED_HOME):
        session.run("apt-get", "download", "-q", *missing, external=True, silent=True)
    for package in UNPACKED_HOME.glob("*.deb"):
        session.run("dpkg-deb", "-x", str(package), str(UNPACKED_HOME), external=True)
        package.unlink()


def is_installed(package: str, program: str) -> bool:
    """Whether a package is there; where nobody can tell, whether its program is."""
    if not shutil.which("dpkg-query"):
        return shutil.which(program) is not None
    shown = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Status}", package], capture_output=True, text=True, check=False
    )
    return shown.stdout.startswith("install ok")


def install_for_tests(session: nox.Session) -> None:
    """The project, editable, with all that its tests and checks need."""
    session.install("--quiet", "-c", str(CONSTRAINTS), "-e", ".[test]")


def check_extension(session: nox.Session) -> None:
    """The VS Code extension's style, types and tests without VS Code; and what its other tests need."""
    npm(session, "ci", "--no-audit", "--no-fund", "--loglevel=error")
    for task in ("lint", "test", "install:host"):
        npm(session, "run", task)


def test_extension(session: nox.Session) -> None:
    """The extension's package, with the server in it, and its tests in the real VS Code."""
    build_wheel(session, EXTENSION / "wheels")
    npm(session, "run", "package")
    npm(session, "run", "test:host")


def check_what_is_shipped(session: nox.Session) -> None:
    """The extension in VS Code, types, and the wheel."""
    test_extension(session)
    session.run("mypy")
    check_wheel(session)


def check_wheel(session: nox.Session) -> None:
    """Install the wheel as a user would, and run it where the source is not."""
    folder = ROOT / ".nox" / "shipped"
    built = build_wheel(session, folder / "built")
    session.run("python", "-m", "venv", "--clear", str(folder / "installed"))
    commands = folder / "installed" / "bin"
    session.run(str(commands / "pip"), "install", "--quiet", str(built), external=True)
    shutil.copy(ROOT / "docs" / "example.md", folder)
    session.run(
        *("sh", "-c", 'cd "$0" && exec installed/bin/grammared lint example.md', str(folder)),
        external=True,
        success_codes=[1],
    )


def build_wheel(session: nox.Session, folder: Path) -> Path:
    """The project's wheel, in a folder of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    session.run("python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    return next(folder.glob("grammared-*.whl"))


def npm(session: nox.Session, *arguments: str) -> None:
    """Run npm for the VS Code extension, whatever the present folder is."""
    session.run("npm", "--prefix", str(EXTENSION), *arguments, external=True)


def check_style(session: nox.Session) -> None:
    """Mistakes and layout that ruff sees."""
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


def reference_python(session: nox.Session) -> Path:
    """The interpreter of an environment with PyPI's `gector`; built once."""
    python = REFERENCE / "bin" / "python"
    done = REFERENCE / "complete"
    if not done.exists():
        session.run("python", "-m", "venv", "--clear", str(REFERENCE))
        pip = [str(python), "-m", "pip", "install", "--quiet", "-c", str(CONSTRAINTS)]
        # gector 1.2.0 asks for transformers 4.49 and newer but breaks above 4.49: hence --no-deps.
        session.run(*pip, "--no-deps", "gector==1.2.0", external=True)
        needs = ["transformers==4.48.3", "torch", "accelerate", "python-levenshtein"]
        session.run(*pip, *needs, external=True)
        done.touch()
    return python
