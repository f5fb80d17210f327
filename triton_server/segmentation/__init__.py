"""Plain text to sentences to words, as the models were trained to see them. Shared by the checker and the server."""

from triton_server.segmentation.types import Sentence, Word

__all__ = ["Sentence", "Word"]
