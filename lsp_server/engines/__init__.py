"""Engines: words to tags and probabilities, in this process or on a Triton server."""

from lsp_server.engines.protocol import Engine

__all__ = ["Engine"]
