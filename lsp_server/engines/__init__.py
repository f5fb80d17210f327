"""Engines: words to tags and probabilities, in this process or on a Triton server."""

from lsp_server.engines.failover import FailoverEngine
from lsp_server.engines.local import LocalEngine
from lsp_server.engines.pool import PoolEngine
from lsp_server.engines.protocol import Engine
from lsp_server.engines.split import DOCUMENT, SplitEngine
from lsp_server.engines.triton import Access, TritonEngine

__all__ = [
    "DOCUMENT",
    "Access",
    "Engine",
    "FailoverEngine",
    "LocalEngine",
    "PoolEngine",
    "SplitEngine",
    "TritonEngine",
]
