"""A GECToR model of the HuggingFace hub on Triton's Python backend: adapts tensors, no more."""

from typing import Any

import triton_python_backend_utils as pb_utils

from triton_server.backend import adapter, models


class TritonPythonModel:
    """What Triton calls."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load the model and run it once."""
        self._backend = models.torch_gector(adapter.model_arguments(args))

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answer all requests with one forward pass."""
        return adapter.execute(pb_utils, self._backend, requests)
