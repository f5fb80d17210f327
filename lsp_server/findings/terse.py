"""What terse style leaves out: articles, subjects and auxiliary verbs of labels, cells and comments.

"Returns pointer to buffer", "Does not close the file.", "Options used during start": nobody takes these for
mistakes, and a model that has read whole sentences does. A heading without a verb is a string of nouns, whose
number and prepositions it cannot judge: "Fixes since v1.5", "Update spelling allow list". And a line that
stands alone may do without its full stop, whatever it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.findings.explain import explain
from lsp_server.findings.kinds import ErrorKind
from lsp_server.sentences.open_ends import has_clause

if TYPE_CHECKING:
    from lsp_server.sentences import LocatedSentence
    from triton_server.gector.types import Edit
    from triton_server.segmentation import Sentence

_OF_THE_VERB = frozenset({ErrorKind.AGREEMENT, ErrorKind.NOUN_NUMBER, ErrorKind.VERB_FORM})
_OF_NOUNS = _OF_THE_VERB | {ErrorKind.PREPOSITION}
_ADVERBS = frozenset({"also", "always", "finally", "never", "now", "only", "then"})
_BEFORE_CLAUSE = "(,;:–—"
_ENDS = frozenset({".", "!", "?"})
_BE = frozenset({"am", "is", "are", "was", "were", "be", "been", "being"})


def is_terse_style(place: LocatedSentence, sentence: Sentence, edit: Edit) -> bool:
    """Whether an edit only adds what terse style leaves out, where that style is usual.

    Args:
        place: where the sentence stands.
        sentence: what the edit is of: that of `place`, or what was made of it.
        edit: what would be changed.
    """
    kind = place.block.kind
    if kind.has_full_sentences:
        return _is_alone(place) and _only_ends(sentence, edit)
    error = explain(sentence, edit).kind
    if error in _OF_THE_VERB and _has_no_subject(sentence, edit, "("):
        return True
    if not kind.is_terse:
        return False
    if error is ErrorKind.AGREEMENT and _has_no_subject(sentence, edit, _BEFORE_CLAUSE):
        return True
    if kind.code == "heading" and error in _OF_NOUNS and not has_clause(word.text for word in sentence.words):
        return True
    return error is ErrorKind.MISSING_ARTICLE or (
        error is ErrorKind.MISSING_WORD and edit.replacement.strip().lower() in _BE
    )


def _is_alone(place: LocatedSentence) -> bool:
    """Whether the sentence is the whole of its paragraph."""
    return place.block.text.strip() == place.sentence.text


def _only_ends(sentence: Sentence, edit: Edit) -> bool:
    """Whether an edit only puts a mark to the end."""
    return edit.start == len(sentence.text) and edit.replacement in _ENDS


def _has_no_subject(sentence: Sentence, edit: Edit, marks: str) -> bool:
    """Whether what is changed begins the sentence, but for an adverb, or stands behind one of the marks."""
    before = sentence.text[: edit.start].rstrip()
    return not before or before[-1] in marks or before.lower() in _ADVERBS
