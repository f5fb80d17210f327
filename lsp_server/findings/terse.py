"""What terse style leaves out: articles, subjects and auxiliary verbs of labels, cells and comments.

"Returns pointer to buffer", "Does not close the file.", "Options used during start": nobody takes these for
mistakes, and a model that has read whole sentences does. A heading without a verb is a string of nouns, whose
number and prepositions it cannot judge: "Fixes since v1.5", "Update spelling allow list". An entry of a list
of changes begins with its verb and does without articles: "Fix match regression in first path"; so does any
list item without a clause: "Client certificates no longer ignored". And a line that stands alone may do
without its full stop, whatever it is.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from lsp_server.findings.explain import explain
from lsp_server.findings.kinds import ErrorKind
from lsp_server.sentences.open_ends import has_clause
from triton_server.gector.verb_forms import VERB_TAGS, verb_form

if TYPE_CHECKING:
    from lsp_server.sentences import LocatedSentence
    from triton_server.gector.types import Edit
    from triton_server.segmentation import Sentence

_OF_THE_VERB = frozenset({ErrorKind.AGREEMENT, ErrorKind.NOUN_NUMBER, ErrorKind.VERB_FORM})
_OF_NOUNS = _OF_THE_VERB | {ErrorKind.PREPOSITION}
_OF_ENTRIES = _OF_THE_VERB | {ErrorKind.VERB_TENSE, ErrorKind.MISSING_ARTICLE}
_CHANGES = """
accept adapt add adjust adopt align allow append apply assign attach avoid await bring build bump change
check choose clarify clean clear close collapse color colorize colour compile compute configure consider
convert copy correct count cover create deduplicate defer define delay delete deprecate describe detach
detect determine disable display distinguish document drop emit enable enforce ensure escape exclude exit
export expose extend extract fetch fill filter fix flush follow force format generate give group guard
handle hide honor honour ignore implement import improve include increase indent inherit initialise
initialize inline insert install introduce invalidate invoke join jump keep launch limit link load log lower
make map mark match merge migrate move normalise normalize notify omit optimise optimize order override pack
parse pass paste pick pin prefer preserve prevent print propagate provide publish pull push quit raise read
rebuild recognise recognize redirect redraw reduce refactor refresh register reject release reload remove
rename render reorder repair replace report require reset resolve respect restore restrict resume retry
return reuse revert revise reword rework rewrite run save search select send separate serialise serialize
set share shorten show silence simplify skip sort specify speed split stabilise stabilize store strip
support swap switch sync tag toggle track translate treat trim unify unset update upgrade use validate wait
warn watch wrap write
"""
"""Verbs that tell of a change."""
_LINKS = frozenset({"because", "if", "so", "that", "when", "where", "which", "while", "who"})
"""Words behind which a clause with a subject of its own begins."""
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
    if error in _OF_ENTRIES and _is_entry(sentence, edit, error):
        return True
    if not kind.is_terse:
        return _is_left_out(error, edit) and not has_clause(word.text for word in sentence.words)
    if error is ErrorKind.AGREEMENT and _has_no_subject(sentence, edit, _BEFORE_CLAUSE):
        return True
    if kind.code == "heading" and error in _OF_NOUNS and not has_clause(word.text for word in sentence.words):
        return True
    return _is_left_out(error, edit)


def _is_left_out(error: ErrorKind, edit: Edit) -> bool:
    """Whether an edit adds an article or a form of "be"."""
    return error is ErrorKind.MISSING_ARTICLE or (
        error is ErrorKind.MISSING_WORD and edit.replacement.strip().lower() in _BE
    )


def _is_alone(place: LocatedSentence) -> bool:
    """Whether the sentence is the whole of its paragraph."""
    return place.block.text.strip() == place.sentence.text


def _only_ends(sentence: Sentence, edit: Edit) -> bool:
    """Whether an edit only puts a mark to the end."""
    return edit.start == len(sentence.text) and edit.replacement in _ENDS


@cache
def _verbs_of_changes() -> frozenset[str]:
    """The verbs that tell of a change, in all their forms."""
    forms = (verb_form(verb, "VB", tag) for verb in _CHANGES.split() for tag in VERB_TAGS)
    return frozenset(form for form in forms if form)


def _is_entry(sentence: Sentence, edit: Edit, error: ErrorKind) -> bool:
    """Whether a sentence tells of a change, and an edit is of an article or of its first clause."""
    words = sentence.text.lower().split()
    if words[0] not in _verbs_of_changes():
        return False
    before = sentence.text[: edit.start].lower().split()
    is_first_clause = bool(before) and not has_clause(before) and not _LINKS & {*before}
    return is_first_clause or error is ErrorKind.MISSING_ARTICLE


def _has_no_subject(sentence: Sentence, edit: Edit, marks: str) -> bool:
    """Whether what is changed begins the sentence, but for an adverb, or stands behind one of the marks."""
    before = sentence.text[: edit.start].rstrip()
    return not before or before[-1] in marks or before.lower() in _ADVERBS
