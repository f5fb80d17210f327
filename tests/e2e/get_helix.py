"""Gets Helix for the tests, on a Debian whose own release has none: `python -m tests.e2e.get_helix`.

Debian has Helix from 13 on. An older one runs it with the C library of 13, which is put beside it, in
`.nox/helix`; nothing is installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".nox" / "helix"
RELEASE = "trixie"
PACKAGES = ("hx", "libc6", "libgcc-s1")
START = """#!/bin/sh
usr="{root}/usr"
exec "$usr/lib64/ld-linux-x86-64.so.2" --library-path "$usr/lib/x86_64-linux-gnu" "$usr/bin/hx" "$@"
"""
APT = """
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "{folder}/lists";
Dir::Cache "{folder}/cache";
APT::Sandbox::User "root";
"""


def command() -> Path | None:
    """The command that starts Helix, if it is there."""
    own = FOLDER / "hx"
    found = shutil.which("hx") or (own if own.exists() else None)
    return Path(found) if found else None


def main() -> int:
    """Unpack the packages; the exit code."""
    if command():
        return 0
    mirror = _mirror()
    if not mirror:
        print("This is not Debian: install Helix (`hx`) yourself for its tests.", file=sys.stderr)
        return 1
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name in ("lists/partial", "cache/archives/partial", "root"):
        (FOLDER / name).mkdir(parents=True)
    (FOLDER / "sources.list").write_text(f"deb {mirror} {RELEASE} main\n")
    (FOLDER / "apt.conf").write_text(APT.format(folder=FOLDER))
    environment = {"APT_CONFIG": str(FOLDER / "apt.conf"), "PATH": "/usr/bin:/bin"}
    for apt in (["update", "-q"], ["download", "-q", *PACKAGES]):
        subprocess.run(["apt-get", *apt], cwd=FOLDER, env=environment, stdout=subprocess.DEVNULL, check=True)
    for package in FOLDER.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, FOLDER / "root"], check=True)
    start = FOLDER / "hx"
    start.write_text(START.format(root=FOLDER / "root"))
    start.chmod(0o755)
    shutil.rmtree(FOLDER / "lists")
    return 0


def _mirror() -> str:
    """Where this Debian has its packages from."""
    wanted = ["--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages"]
    done = subprocess.run(["apt-get", "indextargets", *wanted], capture_output=True, text=True, check=False)
    of_debian = (line.split()[1] for line in done.stdout.splitlines() if line.startswith("Debian "))
    return next(of_debian, "")


if __name__ == "__main__":
    sys.exit(main())
