"""A GECToR model of the HuggingFace hub on Triton's Python backend: adapts tensors, no more."""

from typing import Any

import triton_python_backend_utils as pb_utils

from triton_server.backend import adapter, models
from triton_server.backend.metrics import Counters


class TritonPythonModel:
    """What Triton calls."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load the model and run it once."""
        arguments = adapter.model_arguments(args)
        self._counters = Counters(pb_utils, arguments)
        self._backend = models.torch_gector(arguments, self._counters)

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answer all requests with one forward pass."""
        return adapter.execute(pb_utils, self._backend, requests)
