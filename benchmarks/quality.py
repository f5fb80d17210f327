"""How good a model is: ERRANT precision, recall and F0.5 on an M2 file, and false alarms on clean prose.

    python -m benchmarks.quality --m2 fce.dev.gold.bea19.m2 --clean clean.txt MODEL [MODEL …]
    python -m benchmarks.quality --m2 … --clean … --grid MODEL

The edits of a model are those that a user sees, spacing included. They are put back on the tokens of the M2
file, aligned and merged by ERRANT (with the spaCy pipeline given by --pipeline), and compared with the gold
edits as ERRANT's own `errant_compare` does by default: by span and correction. An alarm on clean prose is an
edit on a file with one good sentence per line.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import errant
import spacy

from benchmarks.measures import measures, read_gold, words_in
from triton_server.gector.model_files import STRICTNESSES, ModelFiles, open_model
from triton_server.gector.onnx_model import onnx_tagger
from triton_server.gector.passes import correct
from triton_server.gector.types import Decoding, Edit
from triton_server.segmentation.types import Sentence, Word
from triton_server.segmentation.words import words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measures import GoldEdit
    from triton_server.gector.types import Tag, Tagging


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL", help="folder with a model.onnx")
    parser.add_argument("--m2", type=Path, required=True, help="gold edits; annotator 0 counts")
    parser.add_argument("--clean", type=Path, help="one good sentence per line")
    parser.add_argument("--pipeline", default="en_core_web_sm", help="spaCy pipeline for ERRANT")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--grid", action="store_true", help="try many thresholds, not only the model's own")
    arguments = parser.parse_args()

    gold = [(spaced(tokens), edits) for tokens, edits in read_gold(arguments.m2)]
    clean = clean_sentences(arguments.clean) if arguments.clean else []
    annotator = errant.load("en", spacy.load(arguments.pipeline, disable=["ner"]))
    parse: dict[str, Any] = {}
    print(f"{'model':28}{'keep':>6}{'error':>7}   {'P':>6}{'R':>7}{'F0.5':>7}   alarms per 1,000 clean words")
    for folder in arguments.models:
        files = open_model(folder)
        tag = Remembering(onnx_tagger(folder, threads=arguments.threads))
        for decoding in decodings(files, arguments.grid):
            edits = correct([sentence for sentence, _ in gold], tag, decoding)
            precision, recall, f = score(gold, edits, annotator, parse)
            alarms = f"{alarms_per_1000_words(clean, tag, decoding):.2f}" if clean else "not measured"
            print(
                f"{files.identity:28}{decoding.keep_confidence:6.2f}{decoding.min_error_prob:7.2f}   "
                f"{precision:6.2f}{recall:7.2f}{f:7.2f}   {alarms}",
                flush=True,
            )


class Remembering:
    """A tagger that tags nothing twice: thresholds are tried on the same first passes."""

    def __init__(self, tag: Tag) -> None:
        self._tag = tag
        self._known: dict[tuple[Any, float], Tagging] = {}

    def __call__(self, sentences: Sequence[Sequence[str]], keep_confidence: Sequence[float]) -> list[Tagging]:
        """Tag what is new, remember it, answer from memory."""
        keys = [(tuple(words), keep) for words, keep in zip(sentences, keep_confidence, strict=True)]
        new = [key for key in dict.fromkeys(keys) if key not in self._known]
        taggings = self._tag([words for words, _ in new], [keep for _, keep in new])
        self._known.update(zip(new, taggings, strict=True))
        return [self._known[key] for key in keys]


def decodings(files: ModelFiles, grid: bool) -> list[Decoding]:
    """The model's own settings by strictness, or a grid."""
    if grid:
        return [
            Decoding(keep, error, files.decoding.max_passes)
            for keep, error in itertools.product((0.0, 0.1, 0.2, 0.4), (0.0, 0.15, 0.3, 0.5, 0.6, 0.7, 0.8))
        ]
    return [files.decodings[name] for name in STRICTNESSES]


def spaced(tokens: Sequence[str]) -> Sentence:
    """A sentence of tokens with a space between any two."""
    words = []
    start = 0
    for token in tokens:
        words.append(Word(token, start, start + len(token)))
        start += len(token) + 1
    return Sentence(" ".join(tokens), tuple(words))


def clean_sentences(path: Path) -> list[Sentence]:
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return [Sentence(line, words_of(line)) for line in lines if line]


def score(
    gold: Sequence[tuple[Sentence, dict[GoldEdit, str]]],
    edits: Sequence[Sequence[Edit]],
    annotator: Any,
    parsed: dict[str, Any],
) -> tuple[float, float, float]:
    """Precision, recall and F0.5 in per cent."""
    hits = proposed = wanted = 0
    for (sentence, expected), found in zip(gold, edits, strict=True):
        ours = errant_edits(sentence, found, annotator, parsed) if found else set()
        hits += len(ours & expected.keys())
        proposed += len(ours)
        wanted += len(expected)
    return measures(hits, proposed, wanted)


def errant_edits(
    sentence: Sentence, edits: Sequence[Edit], annotator: Any, parsed: dict[str, Any]
) -> set[GoldEdit]:
    """What ERRANT makes of the corrected sentence."""
    corrected = " ".join(corrected_tokens(sentence, edits))
    for text in (sentence.text, corrected):
        if text not in parsed:
            parsed[text] = annotator.parse(text)
    found = annotator.annotate(parsed[sentence.text], parsed[corrected])
    return {(edit.o_start, edit.o_end, edit.c_str) for edit in found if edit.type != "noop"}


def corrected_tokens(sentence: Sentence, edits: Sequence[Edit]) -> list[str]:
    """Tokens after the edits: those that no edit touches as they were, the rest tokenised anew."""
    tokens: list[str] = []
    text = sentence.text
    words = list(sentence.words)
    position = 0
    for edit, following in itertools.zip_longest(edits, edits[1:]):
        # Out to whole tokens, for a comma may be put right behind a word.
        start = max(
            (w.start for w in words if w.start <= edit.start and w.end >= edit.start), default=edit.start
        )
        end = min((w.end for w in words if w.end >= edit.end and w.start < edit.end), default=edit.end)
        start = max(start, position)
        end = min(end, following.start) if following else end
        tokens += text[position:start].split()
        tokens += [
            word.text for word in words_of(text[start : edit.start] + edit.replacement + text[edit.end : end])
        ]
        position = end
    return tokens + text[position:].split()


def alarms_per_1000_words(clean: Sequence[Sentence], tag: Tag, decoding: Decoding) -> float:
    """Edits on good prose."""
    alarms = sum(map(len, correct(clean, tag, decoding)))
    return 1000 * alarms / sum(words_in(sentence.text) for sentence in clean)


if __name__ == "__main__":
    main()
