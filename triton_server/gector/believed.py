"""Which labels are believed: false alarms cost a checker more than errors missed.

The thresholds have been applied before; here a label is turned down for what it would do to the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from triton_server.gector.labels import Action, Label, rewrite

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEEP = Label(Action.KEEP)
_FULL_STOPS = frozenset({".", "!", "?"})
_STOPS = _FULL_STOPS | {",", ";", ":", "…", "..."}
_CLOSERS = frozenset({")", "]", "}", "''", '"', "'"})
_BRACKETS = frozenset("()[]{}")
_DASHES = frozenset({"-", "--", "–", "—"})
_ARTICLES = frozenset({"a", "an", "the"})
_PART_OF_NAME = frozenset({"/", "_", "@"})
"""Beside these stands a part of a path, a name or an address."""

_MEANT = frozenset({"not", "n't", "never", "no", "also", "only", "just", "even", "still", "too", "again"})
"""Without these a sentence says something else; whether it is to say it is the writer's to know."""
_EQUALS = frozenset(
    frozenset(pair)
    for pair in (
        *(("firstly", "first"), ("secondly", "second"), ("thirdly", "third"), ("lastly", "last")),
        *(("whilst", "while"), ("amongst", "among"), ("till", "until"), ("towards", "toward")),
        *(("upon", "on"), ("which", "that"), ("however", "but"), ("learnt", "learned"), ("burnt", "burned")),
    )
)
"""Words of which the one is as right as the other."""

# The words that 're and 'm can follow.
_HOSTS = {
    "'re": frozenset({"you", "we", "they", "who", "what", "where", "there", "how", "why", "these", "those"}),
    "'m": frozenset({"i"}),
}


def believed(
    words: Sequence[str], labels: Sequence[Label], locked: Sequence[bool], *, may_end_open: bool
) -> list[Label]:
    """The labels with every one that must not act, or would change nothing, replaced by `KEEP`.

    Args:
        words: of the sentence as it is now.
        labels: one for `$START` and one for each word.
        locked: for each word, whether it must be left as it is.
        may_end_open: whether it is a heading, a cell or the like: gets no full stop and no capital, and
            no article either if it does without the stop (telegraphic style).
    """
    telegraphic = may_end_open and not any(word in _FULL_STOPS for word in words[-3:])
    # a sentence that begins small begins with a name, often that of a command, or is a fragment
    begins_small = bool(words) and words[0][:1].islower()
    no_article = (may_end_open or begins_small) and labels[0].argument.lower() in _ARTICLES
    result = [labels[0] if _start_acts(labels[0], words) and not no_article else _KEEP]
    last = max((index for index, word in enumerate(words) if _is_spoken(word)), default=-1)
    for index, label in enumerate(labels[1:]):
        if label.action is Action.APPEND:
            acts = _may_append(label.argument, words, index, last) and not (
                telegraphic and label.argument.lower() in _ARTICLES
            )
        elif label.action is Action.MERGE:
            acts = (
                index + 1 < len(words)
                and labels[index + 2].action is not Action.DELETE
                and not locked[index]
                and not locked[index + 1]
                and any(map(str.isalpha, words[index] + words[index + 1]))
            )
        else:
            may_begin_small = index == 0 or (telegraphic and words[index - 1] == ":")
            acts = (
                not locked[index]
                and rewrite(words[index], label) != (words[index],)
                and not _damages(labels[1:], words, index)
                and not (may_end_open and may_begin_small and _capitalises(label, words[index]))
            )
        stops = may_end_open and label.argument in _FULL_STOPS
        result.append(label if acts and not stops else _KEEP)
    return result


def _start_acts(label: Label, words: Sequence[str]) -> bool:
    """Nothing but an insertion stands before the first word, and no sentence begins with a comma."""
    inserted = label.argument
    if label.action is not Action.APPEND or inserted in _STOPS or inserted in ")]}":
        return False
    return not words or words[0].lower() != inserted.lower()


def _may_append(inserted: str, words: Sequence[str], index: int, last: int) -> bool:
    """Whether to believe an insertion after a word: not one that doubles a word or mark, nor an odd ending.

    Args:
        inserted: what is to be inserted.
        words: of the sentence.
        index: of the word that it comes after.
        last: index of the last word that is more than punctuation.
    """
    beside = words[index : index + 2]
    if inserted.lower() in (word.lower() for word in beside):
        return False
    if inserted in _STOPS and any(word in _STOPS for word in beside):
        return False
    if index < last or _is_spoken(inserted):
        return True
    if inserted in _FULL_STOPS:
        rest_closes = all(word in _CLOSERS for word in words[index + 1 :])
        ended = any(word[-1] in ".!?:;,…" for word in words[last:])
        return rest_closes and not ended and len(words) > 2
    return inserted in _CLOSERS


def _damages(labels: Sequence[Label], words: Sequence[str], index: int) -> bool:
    """Whether a change of a word would leave something broken or spoil what is written as it must be."""
    label = labels[index]
    if label.action is Action.CASE:
        return _has_case_of_its_own(words, index)
    if label.action is Action.DELETE:
        return (
            _is_symbol(words[index])
            or words[index].lower() in _MEANT
            or _is_hyphenated(words, index)
            or _breaks_pair(labels, words, index)
        )
    if (
        label.action is Action.REPLACE
        and frozenset((words[index].lower(), label.argument.lower())) in _EQUALS
    ):
        return True
    return _breaks_contraction(label, words, index) or _doubles(label, words, index)


def _breaks_contraction(label: Label, words: Sequence[str], index: int) -> bool:
    """Whether a replacement would leave a clitic where it cannot stand (your're)."""
    if label.action is not Action.REPLACE or index + 1 == len(words):
        return False
    hosts = _HOSTS.get(words[index + 1].lower().replace("’", "'"))
    return hosts is not None and label.argument.lower() not in hosts


def _breaks_pair(labels: Sequence[Label], words: Sequence[str], index: int) -> bool:
    """Whether a deletion takes one bracket without its other half, which may stand in another sentence."""
    pair = next((pair for pair in ("()", "[]", "{}") if words[index] in pair), None)
    if pair is None or labels[index].action is not Action.DELETE:
        return False
    deleted = [word for word, label in zip(words, labels, strict=True) if label.action is Action.DELETE]
    return deleted.count(pair[0]) != deleted.count(pair[1])


def _is_hyphenated(words: Sequence[str], index: int) -> bool:
    """Whether a word is half of one with a hyphen, three to the tokenizer: e-mail is not to become -mail."""
    return "-" in (*words[max(index - 1, 0) : index], *words[index + 1 : index + 2])


def _doubles(label: Label, words: Sequence[str], index: int) -> bool:
    """Whether a replacement after a hyphen brings the part before it with it: e-mail → e-email."""
    if label.action is not Action.REPLACE or index < 2 or words[index - 1] != "-":
        return False
    return label.argument.lower() == (words[index - 2] + words[index]).lower()


def _has_case_of_its_own(words: Sequence[str], index: int) -> bool:
    """Whether a word is a name or code, with its capitals as they should be: macOS, x86, docs.html, a/b."""
    word = words[index].replace("-", "").replace("'", "").replace("’", "")
    return (
        not word.isalpha()
        or not (word.islower() or word.isupper() or word.istitle())
        or any(
            beside in _PART_OF_NAME for beside in (*words[index - 1 : index], *words[index + 1 : index + 2])
        )
    )


def _is_symbol(word: str) -> bool:
    """Whether it is a mark that is no sentence's punctuation: #, or a quote, whose pair may be far away."""
    return not _is_spoken(word) and word not in _STOPS | _BRACKETS | _DASHES


def _capitalises(label: Label, word: str) -> bool:
    """Whether a label changes nothing but a small first letter."""
    return rewrite(word, label) == (word[:1].upper() + word[1:],)


def _is_spoken(word: str) -> bool:
    """Whether it is more than punctuation."""
    return any(character.isalnum() for character in word)
