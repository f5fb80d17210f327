"""A HuggingFace model on Triton's Python backend: adapts tensors, no more."""

from typing import Any

import triton_python_backend_utils as pb_utils

from triton_server.backend import adapter
from triton_server.backend.tasks.serve import task_backend


class TritonPythonModel:
    """What Triton calls."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load the model and run it once."""
        self._backend = task_backend(adapter.model_arguments(args))

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answer all requests together."""
        return adapter.execute(pb_utils, self._backend, requests)
