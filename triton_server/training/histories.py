"""Pairs of sentences from the histories of documentation: what somebody wrote, and how it was put right.

In each change of a text file, paragraphs that stand on both sides are cut into sentences; two sentences that
differ little are a pair. Most changes are of content or of taste, so a pair is kept only if its edits are
small and of plain words or marks, and, later, if the tagger finds less fault with the second than with the
first (`collect.improving`).
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from rapidfuzz.distance import Levenshtein

from triton_server.gector.types import GectorError
from triton_server.segmentation.sentences import sentences_in
from triton_server.training.texts import Pair

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from triton_server.segmentation.types import Sentence
    from triton_server.training.texts import Words

SUFFIXES = (".md", ".markdown", ".mdx", ".rst", ".adoc", ".txt", ".html", ".bs")
_CONTEXT = 8
"""Unchanged lines beside a change: enough for the rest of a wrapped paragraph."""
_LONGEST_LINE = 3000
_MOST_EDITS = 3
_MOST_WORDS = 3
"""On either side of one edit."""
_MOST_REPEATED = 4
"""Times that the same change of a word may come: what is changed everywhere is a name or a preference."""
_LEAST_FUNCTION_WORDS = 0.15
"""Of a sentence's words: in other languages than English there are fewer of these."""
_ALIKE = 0.6
"""How alike two words must be to be two spellings or forms of one (normalised Levenshtein similarity)."""

_MARKUP = (
    (re.compile(r"!?\[([^\]\[]*)\]\([^()\s]*(?:\s\"[^\"]*\")?\)"), r"\1"),
    (re.compile(r":[a-z:]+:`([^`<]*)(?: <[^>]*>)?`"), r"\1"),
    (re.compile(r"(\*\*|__)(.+?)\1"), r"\2"),
    (re.compile(r"(?<![\w*])[*_]([^*_]+)[*_](?![\w*])"), r"\1"),
    (re.compile(r"``?([^`]+)``?"), r"\1"),
)
_MARKER = re.compile(r"^\s*(?:[-*+]|\d+[.)]|#+|>|//+|;+|\.\.)\s+")
_BREAK = re.compile(r"^\s*$|^\s*(?:```|~~~|\||<[a-zA-Z/!]|\.\. |:::|:\w+:|=+$|-+$)")
_CODE = re.compile(r"[<>{}|=\\@$~^#_]|https?:|::|\w\(\)|\w/\w")
_PLAIN = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*\Z|['’][a-z]{1,2}\Z|[.,;:!?'\"-]\Z")
_FUNCTION_WORDS = frozenset(
    word
    for line in """
a an the in on at to of for with from by about into as is are was were be been being am has have had do
does did will would can could should may might must that which who whom whose this these those it its
their there they them he she his her him we our us you your i me my and or but so if than then not n't
no nor also too very more most much many few less fewer some any each every all both either neither when
while where because since until 's 're 've 'll 'd 'm
""".splitlines()
    for word in line.split()
)


def mine(repository: Path, name: str, suffixes: Sequence[str] = SUFFIXES) -> Iterator[Pair]:
    """The pairs in a repository's history, the newest first, none twice nor with its opposite.

    Args:
        repository: a work tree or a git directory.
        name: what the pairs' origin begins with; the commit follows.
        suffixes: of the files to look at.

    Raises:
        GectorError: git is missing, or the folder is no repository.
    """
    seen: set[tuple[Words, Words]] = set()
    edits: Counter[tuple[Words, Words]] = Counter()
    for commit, before, after in _changes(repository, suffixes):
        for source, target in _sentence_pairs(before, after):
            if (source, target) in seen or not is_small(source, target):
                continue
            seen.update(((source, target), (target, source)))
            own = edits_between(source, target)
            edits.update(own)
            if all(edits[edit] <= _MOST_REPEATED or _is_grammar(*edit) for edit in own):
                yield Pair(source, target, f"{name}@{commit}")


def _changes(repository: Path, suffixes: Sequence[str]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Commit, and the lines of each changed place before and after."""
    command = [
        "git",
        "-C",
        str(repository),
        "log",
        "--no-merges",
        "--patch",
        f"--unified={_CONTEXT}",
        "--no-color",
    ]
    command += ["--diff-filter=M", "--format=commit %h", "--", *(f"*{suffix}" for suffix in suffixes)]
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
        )
    except OSError as error:
        raise GectorError(f"Cannot run git: {error.strerror}.") from error
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        commit, before, after = "", [], []
        for line in process.stdout:
            sign, text = line[:1], line[1:].rstrip("\n")
            if sign in " +-" and not line.startswith(("+++ ", "--- ")):
                if sign != "+":
                    before.append(text)
                if sign != "-":
                    after.append(text)
                continue
            if before and after:
                yield commit, before, after
            before, after = [], []
            if line.startswith("commit "):
                commit = line.split()[1]
        if before and after:
            yield commit, before, after
        said = process.stderr.read().strip()
        if process.wait():
            raise GectorError(
                f"Cannot read the history of {repository}: {(said.splitlines() or ['git failed'])[-1]}."
            )


def _sentence_pairs(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[Words, Words]]:
    old, new = _paragraphs(before), _paragraphs(after)
    for first, second in _replaced(old, new):
        olds, news = _sentences(first), _sentences(second)
        for one, other in _replaced([s.text for s in olds], [s.text for s in news]):
            yield _words_of(olds, one), _words_of(news, other)


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What stands at the same place on both sides, and differs."""
    for operation, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "replace" and i2 - i1 == j2 - j1:
            yield from zip(old[i1:i2], new[j1:j2], strict=True)


def _paragraphs(lines: Sequence[str]) -> list[str]:
    """Running text, a paragraph each, without markup; code and tables are left out."""
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if len(line) > _LONGEST_LINE or _BREAK.match(line) or line.startswith(("    ", "\t")):
            paragraphs.append([])
            continue
        if _MARKER.match(line):
            paragraphs.append([])
        paragraphs[-1].append(_MARKER.sub("", line).strip())
    return [_plain(" ".join(paragraph)) for paragraph in paragraphs if paragraph]


def _plain(text: str) -> str:
    for pattern, kept in _MARKUP:
        text = pattern.sub(kept, text)
    return " ".join(text.split())


def _sentences(paragraph: str) -> list[Sentence]:
    return [sentence for _, sentence in sentences_in(paragraph)]


def _words_of(sentences: Sequence[Sentence], text: str) -> Words:
    return next(
        tuple(word.text for word in sentence.words) for sentence in sentences if sentence.text == text
    )


def is_small(source: Words, target: Words) -> bool:
    """Whether two sentences differ as a mistake and its correction do: little, in plain words and marks."""
    if not (5 <= len(source) <= 50 and 5 <= len(target) <= 50) or not target[0][:1].isupper():
        return False
    if target[-1] not in (".", "!", "?", ":", '"', ")") or _CODE.search(" ".join((*source, *target))):
        return False
    known = sum(word.lower() in _FUNCTION_WORDS for word in target)
    edits = edits_between(source, target)
    return (
        known >= _LEAST_FUNCTION_WORDS * len(target)
        and 1 <= len(edits) <= _MOST_EDITS
        and all(_is_correction(*edit) for edit in edits)
    )


def edits_between(source: Words, target: Words) -> list[tuple[Words, Words]]:
    """What stands in place of what: (words before, words after) of each change."""
    return [
        (source[i1:i2], target[j1:j2])
        for operation, i1, i2, j1, j2 in SequenceMatcher(None, source, target, autojunk=False).get_opcodes()
        if operation != "equal"
    ]


def _is_grammar(old: Words, new: Words) -> bool:
    """Whether a change is of function words and marks alone."""
    return all(word.lower() in _FUNCTION_WORDS or not word.isalpha() for word in (*old, *new))


def _is_correction(old: Words, new: Words) -> bool:
    if len(old) > _MOST_WORDS or len(new) > _MOST_WORDS:
        return False
    if not all(_PLAIN.match(word) for word in (*old, *new)):
        return False
    if all(any(word[:1].isupper() for word in words) for words in (old, new)):
        return False  # one name for another
    before, after = (
        [word.lower() for word in words if word.isalpha() or "'" in word] for words in (old, new)
    )
    if before == after or all(word in _FUNCTION_WORDS for word in (*before, *after)):
        return True
    one, other = "".join(before), "".join(after)
    return Levenshtein.distance(one, other) <= 3 and Levenshtein.normalized_similarity(one, other) >= _ALIKE
