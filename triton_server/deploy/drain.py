"""Let a server answer what is in flight before it is ended: the `preStop` of containers.

    python3 -m triton_server.deploy.drain [--url URL] [--pause N] [--seconds N] [--header NAME]

Unloads all models, those first that ask others: Triton answers their requests in flight and refuses new
ones. Ends when that is done, with 0, or when the time is up, with 1. The key for loading and unloading, where
there is one, is taken from the environment variable ADMIN_KEY.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import TYPE_CHECKING

from triton_server.launcher import http

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_PAUSE = 0.1


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a line for what is not done in time; 0 if all requests were answered, else 1."""
    parser = argparse.ArgumentParser(
        prog="triton_server.deploy.drain", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="default: %(default)s")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds before it begins")
    parser.add_argument("--seconds", type=float, default=60.0, help="that it may take; default: %(default)g")
    parser.add_argument("--header", default="triton-admin", help="of the key; default: %(default)s")
    given = parser.parse_args(arguments)
    key = os.environ.get("ADMIN_KEY")
    time.sleep(given.pause)
    try:
        late = drain(given.url, given.seconds, {given.header: key} if key else {})
    except http.HttpError as error:
        sys.stderr.write(f"Triton at {given.url} does not answer: {error}\n")
        return 1
    sys.stderr.writelines(f"{name} still answers requests after {given.seconds:g} s\n" for name in late)
    return 1 if late else 0


def drain(url: str, seconds: float, headers: Mapping[str, str]) -> list[str]:
    """Unload all models, and wait until they have answered; which of them have not in time.

    Raises:
        http.HttpError: the server refuses, or does not answer.
    """
    until = time.monotonic() + seconds
    loaded = _in_use(url, headers)
    askers = [name for name in loaded if _asks(url, name)]
    for group in (askers, [name for name in loaded if name not in askers]):
        for name in group:
            http.unload(url, name, headers=headers)
        while late := [name for name in _in_use(url, headers) if name in group]:
            if time.monotonic() > until:
                return late
            time.sleep(_PAUSE)
    return []


def _in_use(url: str, headers: Mapping[str, str]) -> Collection[str]:
    listed = http.models(url, headers=headers)
    return sorted({one.name for one in listed if one.state in {"READY", "UNLOADING"}})


def _asks(url: str, name: str) -> bool:
    """Whether the model asks others: a pipeline or an ensemble."""
    try:
        config = http.call(url, f"/v2/models/{name}/config")
    except http.HttpError:  # unloaded meanwhile
        return False
    return "tagger" in config.get("parameters", {}) or bool(config.get("ensemble_scheduling"))


if __name__ == "__main__":
    sys.exit(main())
