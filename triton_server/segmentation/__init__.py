"""Plain text to sentences to words, as the models were trained to see them."""

from triton_server.segmentation.types import Sentence, Word

__all__ = ["Sentence", "Word"]
