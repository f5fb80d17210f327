"""Triton's gRPC interface, as far as the launcher asks it: addresses, encryption, loading."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
from typing import TYPE_CHECKING, Any

from triton_server.launcher import http

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}


class Unusable(http.HttpError):
    """The interface cannot be used: it is encrypted, restricted or switched off."""


def load(address: str, name: str, config: str | None, seconds: float) -> None:
    """Load a model.

    Args:
        address: host and port of the interface.
        name: the model's.
        config: JSON in place of its `config.pbtxt`, when given.
        seconds: it may take.

    Raises:
        Unusable: see there.
        http.HttpError: why it cannot be loaded, in Triton's words.
    """
    with _client(address) as client:
        client.load_model(name, config=config, client_timeout=seconds)


def unload(address: str, name: str, seconds: float) -> None:
    """Unload a model, when its last request is answered; new ones are refused at once.

    Raises:
        http.HttpError: see `load`.
    """
    with _client(address) as client:
        client.unload_model(name, client_timeout=seconds)


def models_in(address: str, states: Collection[str], seconds: float) -> list[str]:
    """The models of the repository index with a version in one of these states.

    Raises:
        http.HttpError: see `load`.
    """
    with _client(address) as client:
        listed = client.get_model_repository_index(client_timeout=seconds).models
        return sorted({one.name for one in listed if one.state in states})


@contextlib.contextmanager
def _client(address: str) -> Iterator[Any]:
    # The C library reports a server that encrypts on stderr, beside the exception.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from tritonclient.grpc import InferenceServerClient  # type: ignore[import-untyped]
    from tritonclient.utils import InferenceServerException  # type: ignore[import-untyped]

    options = [("grpc.enable_http_proxy", 0)]  # as http.py: never through a proxy
    try:
        with InferenceServerClient(connectable(address), channel_args=options) as client:
            yield client
    except InferenceServerException as error:
        status = str(error.status()).removeprefix("StatusCode.")
        if status == "UNAVAILABLE":
            raise Unusable(f"gRPC at {address} cannot be used") from error
        if status == "DEADLINE_EXCEEDED":
            raise http.HttpError("timed out") from error
        raise http.HttpError(http.in_one_line(str(error.message()))) from error


def connectable(address: str) -> str:
    """Where to reach a server that listens there: "all interfaces" is no address to connect to."""
    host, _, port = address.rpartition(":")
    return f"{_EVERYWHERE.get(host, host)}:{port}"


def speaks_tls(address: str) -> bool:
    """Whether what listens there encrypts, whoever it says it is."""
    host, _, port = connectable(address).rpartition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])  # gRPC's servers refuse others
    try:
        with (
            socket.create_connection((host.strip("[]"), int(port)), timeout=5.0) as connection,
            context.wrap_socket(connection),
        ):
            return True
    except OSError:  # no answer, or one that is no TLS
        return False
