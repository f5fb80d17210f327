"""Raw text to corrected text with another model's labels, on Triton's Python backend: adapts, no more."""

from typing import Any

import triton_python_backend_utils as pb_utils

from triton_server.backend import adapter, pipeline


class TritonPythonModel:
    """What Triton calls."""

    def initialize(self, args: dict[str, str]) -> None:
        """Read the hooks, and warm up the splitter; the tagger is asked by the first request."""
        arguments = adapter.model_arguments(args)
        self._pipeline = pipeline.pipeline(arguments, adapter.asks(pb_utils, arguments, pipeline.OUTPUTS))

    async def execute(self, requests: list[Any]) -> list[Any]:
        """Answer all requests side by side, while the tagger runs their sentences together."""
        return await adapter.answer_each(pb_utils, self._pipeline, requests)
