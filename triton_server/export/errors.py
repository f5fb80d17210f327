"""What can go wrong here only."""

from triton_server.backend.tasks.source import LoadError


class ExportError(LoadError):
    """A model that loads, but cannot be turned into ONNX; the text is one line for a person."""
