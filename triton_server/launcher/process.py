"""Starting, watching and ending a process that outlives this one, by pid and start time."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def spawn(command: Sequence[str], variables: Mapping[str, str], log: Path) -> int:
    """Start `command` in a session of its own, its output in `log`; return its pid.

    A shell starts it and ends, so that it is no child of this process and leaves no zombie behind.
    """
    shell = ["/bin/sh", "-c", 'log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!', "sh", str(log)]
    started = subprocess.run(
        [*shell, *command], env=dict(variables), stdout=subprocess.PIPE, check=True, start_new_session=True
    )
    return int(started.stdout)


def start_time(pid: int) -> str | None:
    """When the kernel started the process, in its ticks since boot; None when it runs no more.

    A pid is used again; pid and start time together are not.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in {"Z", "X"} else fields[18]


def end(pid: int, started: str, seconds: float) -> bool:
    """End the process politely, after `seconds` by force together with its children.

    Returns:
        True if it ended of itself; False if it had to be killed.
    """
    if start_time(pid) != started:
        return True
    group = os.getpgid(pid)
    os.kill(pid, signal.SIGTERM)
    if wait(pid, started, seconds):
        return True
    os.killpg(group, signal.SIGKILL)
    wait(pid, started, 5.0)
    return False


def wait(pid: int, started: str, seconds: float) -> bool:
    """Whether the process ends within `seconds`."""
    until = time.monotonic() + seconds
    while start_time(pid) == started:
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def children(pid: int) -> list[int]:
    """The processes that the process started: a server's are the stubs that run its models."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = stat.read_text().rpartition(")")[2].split()[1]
        except OSError:  # ended meanwhile
            continue
        if int(parent) == pid:
            found.append(int(stat.parent.name))
    return found
