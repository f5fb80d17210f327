"""Whether the models of a server answer: the health check of containers.

    python3 -m triton_server.deploy.health [--url URL] [--seconds N] [MODEL …]

Each model is asked by one small real inference, since Triton says "ready" even of a model whose process has
died. Without names, every model that is loaded must answer, and there must be one; a model that failed to
load does not count, so that it does not take the others out of service.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from triton_server.launcher import http

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a line for each problem; 0 if there is none, else 1."""
    parser = argparse.ArgumentParser(
        prog="triton_server.deploy.health", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("models", nargs="*", metavar="MODEL", help="default: all that are loaded")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each model; default: %(default)g")
    given = parser.parse_args(arguments)
    found = problems(given.url, given.models, given.seconds)
    sys.stderr.writelines(f"{problem}\n" for problem in found)
    return 1 if found else 0


def problems(url: str, models: Sequence[str], seconds: float) -> list[str]:
    """What is wrong with the server at `url`, a line each; `models` as on the command line."""
    try:
        asked = models or sorted({one.name for one in http.models(url) if one.state == "READY"})
    except http.HttpError as error:
        return [f"Triton at {url} does not answer: {error}"]
    wrong = {model: _problem(url, model, seconds) for model in asked}
    return (
        [f"{model}: {problem}" for model, problem in wrong.items() if problem]
        if asked
        else [f"Triton at {url} has loaded no model"]
    )


def _problem(url: str, model: str, seconds: float) -> str:
    try:
        http.probe(url, model, seconds=seconds)
    except http.HttpError as error:
        return http.first_line(str(error)) or "does not answer"
    return ""


if __name__ == "__main__":
    sys.exit(main())
