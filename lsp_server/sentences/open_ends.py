"""Which sentences of a paragraph may lack a full stop: greetings, closings, labels, lead-ins, fragments.

A missing full stop is a small mistake; a full stop after "Best regards" is a silly one. In doubt the end may
stay open.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_OPENING = re.compile(r"dear|hi|hello|hey|greetings|welcome|attention|cc|bcc|re|subject|ps", re.IGNORECASE)
_CLOSING = re.compile(
    r"regards|wishes|sincerely|faithfully|yours|cheers|thanks|respectfully|cordially|hugs",
    re.IGNORECASE,
)
_LONGEST_FORMULA = 5
"""Words of the longest greeting or closing, such as "Dear Professor Mary Ann Lee"."""
_LONGEST_FRAGMENT = 10

_OPEN_END = re.compile(r"""[^\w"'”’)\]}]+|[:;=].+|.*[/@].*""")
"""A colon, comma or dash; an emoticon; an address or path, which a full stop would spoil."""
_CODE = re.compile(r"[=<>|${}\\^~#©]+|\w+(?:_\w+)+|\w+::.*|--?\w.*")
"""What stands in code, options, tables and notices, and hardly in prose."""
_MOST_BEFORE_COLON = 4
"""Words of the longest field name with its colon: "Upstream-Name: ..." has four."""
_STOPPED = re.compile(r"""[.!?…](?:["'”’»)\]}*_]|\[\d+\])*$""")
_REFERENCE = re.compile(r"""\[\d+\]\)?$|\d{4}-\d\d-\d\d["'”’]?\)$""")
"""A reference or a date in parentheses, behind which a full stop would look odd."""
_CLAUSE = re.compile(
    r"""i|you|he|she|it|we|they|there|who
      | am|is|are|was|were|be|been|['’](?:s|re|m|ve|ll|d)|n['’]t|not
      | have|has|had|do|does|did|can|ca|could|will|wo|would|shall|should|may|might|must|let""",
    re.IGNORECASE | re.VERBOSE,
)
"""Words that a clause has, and a title or label rarely."""


def may_end_open(words: list[str]) -> bool:
    """Whether a sentence, given as its words, may stay without a final full stop.

    A sentence that has its stop gives False.
    """
    if _STOPPED.search("".join(words[-5:])):
        return False
    if _OPEN_END.fullmatch(words[-1]) or _REFERENCE.search("".join(words[-8:])):
        return True
    return _is_no_prose(words) or _is_formula(words) or _is_title(words) or _is_fragment(words)


def _is_no_prose(words: list[str]) -> bool:
    """Whether this begins like no sentence, is a field with its value, or holds code."""
    start = next((word for word in words if word[0] not in "\"'“‘("), words[0])
    begins = start[0].isupper() or start == "i"
    return not begins or ":" in words[:_MOST_BEFORE_COLON] or any(map(_CODE.fullmatch, words))


def _is_formula(words: list[str]) -> bool:
    """Whether this greets or takes leave: "Dear Mrs Smith", "Best regards, Ann"."""
    if len([word for word in words if word[0].isalnum()]) > _LONGEST_FORMULA:
        return False
    return bool(_OPENING.fullmatch(words[0])) or any(map(_CLOSING.fullmatch, words))


def _is_title(words: list[str]) -> bool:
    """Whether all longer words are capitalised: "Notes on the Third Edition"."""
    longer = [word for word in words if len(word) > 3 and word[0].isalpha()]
    return len(longer) > 1 and all(word[0].isupper() for word in longer)


def _is_fragment(words: list[str]) -> bool:
    """Whether this is short and has no word that hints at a clause."""
    return len(words) <= _LONGEST_FRAGMENT and not has_clause(words)


def has_clause(words: Iterable[str]) -> bool:
    """Whether a sentence, given as its words, has a pronoun or verb that hints at a clause."""
    return any(map(_CLAUSE.fullmatch, words))
