"""Plain text to sentences to words, as the models were trained to see them."""

from triton_server.segmentation.pipelines import SegmentationError, load_splitter
from triton_server.segmentation.rules import split_by_rule
from triton_server.segmentation.sentences import Splitter, sentences_in, split
from triton_server.segmentation.types import Sentence, Word
from triton_server.segmentation.words import words_of

__all__ = [
    "SegmentationError",
    "Sentence",
    "Splitter",
    "Word",
    "load_splitter",
    "sentences_in",
    "split",
    "split_by_rule",
    "words_of",
]
