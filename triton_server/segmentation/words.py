"""Words: spaCy's blank English tokenizer, the one that the models were trained with.

What it does badly for running text is put right here and nowhere else: paths and addresses that it would
cut into pieces stay whole, so that no edit touches their inside; a chunk too long for its quadratic search
for affixes is cut first; and what is longer than any chunk of prose (base64, minified code) is one word,
where spaCy would see ten thousand for a model to tag.
"""

from __future__ import annotations

import re
import sys
import threading
import unicodedata
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from triton_server.segmentation.light_spacy import light_spacy
from triton_server.segmentation.types import LONGEST_WORD, Word

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_CHUNK = 100
"""Code points without whitespace that spaCy gets at a time; its time grows with the square of this."""
_MOST_STRINGS = 300_000
"""Distinct strings after which the tokenizer is built anew: spaCy never forgets one by itself."""

_LONG_CHUNK = re.compile(rf"\S{{{_LONGEST_CHUNK + 1},}}")
_DATA = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_OPENERS = re.compile(r"""[(\[{<"'“‘*_]{0,4}""")
_MODIFIERS = "\ufe00-\ufe0f\u20e3\U0001f3fb-\U0001f3ff"
"""Variation selectors, keycap and skin tones: they change the character before them."""
_SEAM = re.compile(rf"\u200d.|.[\u200d{_MODIFIERS}]")
"""Where two of spaCy's words are one character on the screen."""

# One word each: an address, a mail address, a path. None ends in a character that rather ends the sentence.
_WHOLE = re.compile(
    r"""(?:
      [A-Za-z][A-Za-z0-9+.-]*://[^\s<>]+                        # https://localhost:8000/docs
    | (?:mailto:)?[\w.%+-]+@[\w-]+(?:\.[\w-]+)+                 # ann.lee@mail.example.org
    | [A-Za-z]:[\\/][^\s<>"|?*]*                                # C:\Users\ann
    | (?:~|\.{1,2})/[\w.@+-]*(?:/[\w.@+-]+)*/?                  # ~/notes  ./run.sh
    | (?:/[\w.@+-]+){2,}/?                                      # /usr/local/bin/
    | (?:[\w@+-][\w.@+-]*/)+[\w@+.-]*\.[A-Za-z][A-Za-z0-9]{0,5} # src/words.py
    )(?<![.,;:!?'"”’)\]}…])""",
    re.VERBOSE,
)


def words_of(text: str) -> tuple[Word, ...]:
    """Cut a text into words and punctuation marks.

    Whitespace and characters that nobody sees (zero-width space, byte order mark) give no word; all other
    text is covered. A lone surrogate, which no model can read, is U+FFFD in `Word.text`.

    Args:
        text: any string; the time is linear in its length.

    Returns:
        The words in order, with code-point offsets into `text`.
    """
    readable = _SURROGATE.sub("\ufffd", text)
    words = [word for chunk, offset in _chunks(readable) for word in _tokenize(chunk, offset)]
    joined = _joined(readable, words) if _SEAM.search(readable) else words
    return tuple(word for word in joined if not _is_invisible(word.text))


def _chunks(text: str) -> Iterator[tuple[str, int]]:
    """The text with each run of non-whitespace that is too long for spaCy cut; pieces with offsets."""
    done = 0
    for run in _LONG_CHUNK.finditer(text):
        start = _OPENERS.match(text, run.start()).end()  # type: ignore[union-attr]  # it matches nothing, too
        whole = _WHOLE.match(text, start, run.end())
        rest = whole.end() if whole else start
        is_data = _DATA.fullmatch(text, rest, run.end())
        cuts = (rest, run.end()) if is_data else range(rest, run.end(), _LONGEST_CHUNK)
        for cut in (run.start(), start, *cuts):
            if cut > done:
                yield text[done:cut], done
                done = cut
    if done < len(text):
        yield text[done:], done


def _tokenize(chunk: str, offset: int) -> Iterator[Word]:
    if len(chunk) > _LONGEST_CHUNK and (_DATA.fullmatch(chunk) or _WHOLE.fullmatch(chunk)):
        yield Word(chunk, offset, offset + len(chunk))
        return
    with _lock:
        doc = _fresh_tokenizer()(chunk)
    for token in doc:
        word = sys.intern(token.text)
        if not word.isspace():
            start = offset + token.idx
            yield Word(word, start, start + len(word))


def _is_invisible(word: str) -> bool:
    return not word.isascii() and all(unicodedata.category(c) == "Cf" for c in word)


def _joined(text: str, words: list[Word]) -> Iterator[Word]:
    """Put the pieces of one emoji together again."""
    if not words:
        return
    start = words[0].start
    for left, right in pairwise(words):
        if left.end < right.start or not _SEAM.fullmatch(text, left.end - 1, right.start + 1):
            yield Word(text[start : left.end], start, left.end)
            start = right.start
    yield Word(text[start : words[-1].end], start, words[-1].end)


_lock = threading.Lock()  # spaCy's caches are not made for two threads at once


def _fresh_tokenizer() -> Any:
    """The tokenizer, a new one if it has collected too many strings."""
    if len(_tokenizer().vocab.strings) > _MOST_STRINGS:
        _tokenizer.cache_clear()
    return _tokenizer()


@cache
def _tokenizer() -> Any:
    """The tokenizer of spaCy's blank English pipeline; loaded late: importing spaCy takes half a second."""
    with light_spacy():
        from spacy.lang.en import English
        from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]
        from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex
        from spacy.vocab import Vocab

    own: Any = English.Defaults  # spaCy's stubs leave out what is in it
    find_prefix = compile_prefix_regex(own.prefixes).search
    stop_after_mark = rf"(?<=[\u0300-\u036f{_MODIFIERS}])\."  # "cafe\u0301." is cut like "caf\u00e9."
    return Tokenizer(  # at once: each change of a tokenizer has it read all its exceptions again
        Vocab(),  # without the English attributes of each word, which nobody here asks for
        rules=own.tokenizer_exceptions,
        prefix_search=lambda chunk: None if _WHOLE.match(chunk) else find_prefix(chunk),  # "../docs,"
        suffix_search=compile_suffix_regex([*own.suffixes, stop_after_mark]).search,
        infix_finditer=compile_infix_regex(own.infixes).finditer,
        token_match=_WHOLE.fullmatch,
        url_match=own.url_match,
    )
