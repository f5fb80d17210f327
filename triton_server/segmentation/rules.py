"""Sentence boundaries by rule.

Only `.`, `!`, `?`, ellipses and emoticons end a sentence, with the quotes, brackets and footnote numbers that
close after them, and only before a blank. Whether a full stop does is a question of the word before it (an
abbreviation, an initial, a list marker?) and of the word after it (a capital, a word that often begins a
sentence?). An empty line always ends a sentence; a line end alone never does, but before a list item.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from triton_server.segmentation import abbreviations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from triton_server.segmentation.types import Word

_BLANK_LINE = re.compile(r"(?:\r\n|\n|\r(?!\n))[^\S\r\n]*[\r\n]|\u2029")
"""Two line ends with nothing but blanks between, or a paragraph separator."""
_LINE_END = re.compile(r"[\r\n\u2029]")
_ITEM = re.compile(r"(?:[-*+•‣◦]|\(?(?P<number>\d{1,2})[.)]|\(?[A-Za-z]\))[^\S\r\n]")
"""What begins an item of its own where a line begins with it."""
_BEFORE_ITEM = re.compile(r"[.!?…:;][\"'”’»)\]]*\Z")
_REACH = 2000
"""Characters before an item within which the one with the number before it is looked for."""

_STOP_MARKS = (".", "!", "?", "…", "‽", "⁇", "⁈", "⁉")
_STOP = re.compile(r"[.!?…‽⁇⁈⁉]+")
_DOTS = re.compile(r"\.{2,}|…")
_CLOSER = re.compile(r"""["'”’»›)\]}*_`]+""")
_OPENING = "\"'“‘„«‹([{*_`¿¡"
_QUOTE = re.compile("[\"'”’»)\\]]")
_EMOTICON = re.compile(
    r"[:;=][-^o']?[()\[\]DPpoO/\\|*3]+|[xX]D+|\^[_.]?\^|<3+|[\u2600-\u27bf\U0001f000-\U0001faff].*"
)
_ACRONYM = re.compile(r"(?:[^\W\d_]{1,3}\.)+[^\W\d_]{1,3}")
_REFERENT = re.compile(r"[#\d].*|[ivxlc]+|[IVXLC]{2,}|[B-HJ-Z]")
"""What may follow "Fig." or "No."; "A" and "I" rather begin a sentence."""
_LONGEST_STEM = 6
"""Words that are looked at, at most, for what a full stop belongs to."""
_MARKER = re.compile(r"\d{1,3}|[A-Za-z]|[ivxIVX]{1,5}")


def split_by_rule(text: str, words: Sequence[Word]) -> list[int]:
    """The rule-based `Splitter`."""
    starts = [0]
    stop = None  # the last stop that only closing marks have followed so far
    for i in range(1, len(words)):
        before = words[i - 1]
        if before.text.endswith(_STOP_MARKS) or _EMOTICON.fullmatch(before.text):
            stop = i - 1
        elif stop is not None and not _closes(words, i - 1):
            stop = None
        if breaks(text, before.end, words[i].start) or (
            stop is not None and not _closes(words, i) and _ends(words, starts[-1], stop, i)
        ):
            starts.append(i)
            stop = None
    return starts


def breaks(text: str, end: int, start: int) -> bool:
    """Whether what lies between two words ends a sentence: a blank line, or a line end before a list item."""
    if start == end or not _LINE_END.search(text, end, start):
        return False
    return bool(_BLANK_LINE.search(text, end, start)) or _begins_item(text, end, start)


def _begins_item(text: str, end: int, start: int) -> bool:
    """Whether a line begins a list item: not with a number that the line before leads to ("on August⏎19.").

    A number begins one behind a stop or a colon, if it is the first, or if the one before it begins another.
    """
    item = _ITEM.match(text, start)
    if item is None or item["number"] is None:
        return item is not None
    number = int(item["number"])
    if number <= 1 or _BEFORE_ITEM.search(text, max(0, end - 9), end):
        return True
    before = re.compile(rf"^[^\S\r\n]*\(?0?{number - 1}[.)][^\S\r\n]", re.MULTILINE)
    return before.search(text, max(0, end - _REACH), end) is not None


def _closes(words: Sequence[Word], i: int) -> bool:
    """Whether a word after a stop still belongs before it: a closing mark without a blank, or an emoticon."""
    word = words[i]
    if _STOP.fullmatch(word.text) or _EMOTICON.fullmatch(word.text) or _is_footnote(words, i):
        return True
    return words[i - 1].end == word.start and bool(_CLOSER.fullmatch(word.text))


def _is_footnote(words: Sequence[Word], i: int) -> bool:
    """Whether word `i` belongs to a reference such as [12]."""
    return any(
        [word.text for word in words[k : k + 3 : 2]] == ["[", "]"] and words[k + 1].text.isdigit()
        for k in range(max(0, i - 2), i + 1)
    )


def _ends(words: Sequence[Word], first: int, stop: int, after: int) -> bool:
    """Whether the sentence that begins with word `first` ends with `stop`, where word `after` comes next."""
    if words[after - 1].end == words[after].start:
        return False
    following = _first_word(words, after)
    lower = following[0].islower()
    quoted = any(_QUOTE.search(word.text) for word in words[stop + 1 : after])
    mark = words[stop].text
    if following[0] in ",;:":
        return False
    if not mark.endswith(_STOP_MARKS):  # an emoticon
        return _begins_sentence(following) and following != "I"
    if _DOTS.search(mark):
        return not lower and (mark == ".." or following != "I")
    if lower and quoted:  # "Stop!" he said.
        return False
    if not mark.endswith("."):
        return True
    stem = _stem(words, first, stop)
    key = stem.lower()
    if words[first].start == words[stop].end - 1 - len(stem) and _MARKER.fullmatch(stem):
        return False
    if key in abbreviations.NEVER_LAST:
        return False
    if key in abbreviations.NOT_BEFORE_LOWER:
        return not lower
    if key in abbreviations.BEFORE_NUMBER:
        return not lower and not _REFERENT.fullmatch(following)
    if key in abbreviations.MAYBE_LAST or _ACRONYM.fullmatch(stem) or (len(stem) == 1 and stem.isalpha()):
        return _begins_sentence(following)
    return True


def _begins_sentence(word: str) -> bool:
    return word[0].isupper() and word.lower() in abbreviations.STARTERS


def _first_word(words: Sequence[Word], i: int) -> str:
    """The text of word `i`, or of the next one if that only opens a quotation or bracket."""
    if i + 1 < len(words) and not words[i].text.strip(_OPENING):
        return words[i + 1].text
    return words[i].text


def _stem(words: Sequence[Word], first: int, stop: int) -> str:
    """What stands before a full stop without a blank: "Dr", "e.g", "p"."""
    begin = stop
    while begin > first and words[begin - 1].end == words[begin].start and stop - begin < _LONGEST_STEM:
        begin -= 1
    chunk = "".join(word.text for word in words[begin : stop + 1])
    return chunk.removesuffix(".").lstrip(_OPENING)
