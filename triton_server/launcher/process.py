"""Starting and watching a process that outlives this one, by pid and start time."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHARED_MEMORY = Path("/dev/shm")
"""Where Linux shows shared memory as files."""


def spawn(command: Sequence[str], variables: Mapping[str, str], log: Path, shared_memory: str) -> int:
    """Start `command` in a session of its own, its output in `log`; return its pid.

    A shell supervises it: when it ends, however it ends, the shell removes the shared memory and kills what
    is left of the session, itself included. Triton's stubs notice by themselves that their server was killed,
    but in the middle of a request they then hang, and others crash and leave their memory (Triton 2.51).

    Args:
        command: the program and its arguments.
        variables: its environment.
        log: added to.
        shared_memory: how the names of its shared memory begin.
    """
    # Through its input: `pkill -9 -f tritonserver`, which spares the stubs, is to spare their end as well.
    script = f"""
(
    {shlex.join(command)} </dev/null >>{shlex.quote(str(log))} 2>&1 &
    echo $!
    exec >/dev/null 2>&1
    wait $!
    rm -f {shlex.quote(str(SHARED_MEMORY / shared_memory))}*
    kill -KILL 0
) &
"""
    started = subprocess.run(
        ["/bin/sh", "-s", "grammared-supervisor"],
        env=dict(variables),
        input=os.fsencode(script),
        stdout=subprocess.PIPE,
        check=True,
        start_new_session=True,
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
