"""Whether the models of a server answer: the health check of containers.

    python3 -m triton_server.deploy.health [--url URL] [--seconds N] [--reload] [MODEL …]

Each model is asked by one small real inference, since Triton says "ready" even of a model whose process has
died. Without names, every model that is loaded must answer, and there must be one; a model that failed to
load does not count, so that it does not take the others out of service.

With `--reload`, a model whose process has died is loaded again, beside what still serves, and asked once
more. The key for that, where there is one, is taken from the environment variable ADMIN_KEY.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from typing import TYPE_CHECKING

from triton_server.launcher import http

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DEAD = "not healthy"
"""What Triton says of a model whose process has died."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a line for each problem; 0 if there is none, else 1."""
    parser = argparse.ArgumentParser(
        prog="triton_server.deploy.health", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("models", nargs="*", metavar="MODEL", help="default: all that are loaded")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each model; default: %(default)g")
    parser.add_argument("--reload", action="store_true", help="load a model again whose process has died")
    parser.add_argument("--header", default="triton-admin", help="of the key; default: %(default)s")
    given = parser.parse_args(arguments)
    key = os.environ.get("ADMIN_KEY")
    headers = ({given.header: key} if key else {}) if given.reload else None
    found = problems(given.url, given.models, given.seconds, headers)
    sys.stderr.writelines(f"{problem}\n" for problem in found)
    return 1 if found else 0


def problems(
    url: str, models: Sequence[str], seconds: float, headers: Mapping[str, str] | None = None
) -> list[str]:
    """What is wrong with the server at `url`, a line each; `models` as on the command line.

    With `headers`, which bring the key if there is one, models are loaded again whose process has died.
    """
    try:
        asked = models or _loaded(url, headers or {})
    except http.HttpError as error:
        return [f"Triton at {url} does not answer: {error}"]
    wrong = {model: _problem(url, model, seconds) for model in asked}
    if headers is not None:
        for model in [one for one, problem in wrong.items() if _DEAD in problem]:
            wrong[model] = _loaded_again(url, model, seconds, headers) or _problem(url, model, seconds)
    return (
        [f"{model}: {problem}" for model, problem in wrong.items() if problem]
        if asked
        else [f"Triton at {url} has loaded no model"]
    )


def _problem(url: str, model: str, seconds: float) -> str:
    try:
        http.probe(url, model, seconds=seconds)
    except http.HttpError as error:
        return http.in_one_line(str(error)) or "does not answer"
    return ""


def _loaded(url: str, headers: Mapping[str, str]) -> list[str]:
    return sorted({one.name for one in http.models(url, headers=headers) if one.state == "READY"})


def _loaded_again(url: str, model: str, seconds: float, headers: Mapping[str, str]) -> str:
    """Load a model as it is configured now; why that failed, if it did.

    Triton keeps a model whose configuration is what it was: so a parameter makes it another.
    """
    sys.stderr.write(f"{model}: its process has died; it is loaded again\n")
    try:
        config = http.call(url, f"/v2/models/{model}/config")
        parameters = config.get("parameters", {}) | {"reloaded": {"string_value": str(time.time())}}
        body = {"parameters": {"config": json.dumps(config | {"parameters": parameters})}}
        http.call(url, f"/v2/repository/models/{model}/load", body, seconds=seconds, headers=headers)
    except http.HttpError as error:
        return f"does not load again: {http.in_one_line(str(error))}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
