"""What a text may go through before it is corrected: `"prepare": "html"` in a request, or in config.pbtxt.

Each function takes a text and returns a text. Yours to change and to add to; reload the model afterwards.
"""

import html as _html
import re as _re
import unicodedata as _unicodedata

_UNSEEN = _re.compile(r"(?s)<!--.*?-->|<(script|style|pre|code)\b.*?</\1\s*>", _re.IGNORECASE)
_BLOCK = _re.compile(
    r"</?(p|div|br|li|ul|ol|tr|td|th|h[1-6]|blockquote|section|article)\b[^>]*>", _re.IGNORECASE
)
_TAG = _re.compile(r"</?[a-z][^>]*>", _re.IGNORECASE)


def spaces(text: str) -> str:
    """Composed characters, plain spaces, no invisible ones: what web pages and PDFs are full of."""
    text = _unicodedata.normalize("NFC", text)
    text = _re.sub("[\u00ad\u200b\u2060\ufeff]", "", text)
    text = _re.sub("[\t\u00a0\u2000-\u200a\u202f\u3000]", " ", text)
    return _re.sub(" {2,}", " ", text).strip()


def html(text: str) -> str:
    """What a reader of a web page sees: no tags, no code, a blank line between blocks."""
    text = _TAG.sub("", _BLOCK.sub("\n\n", _UNSEEN.sub("", text)))
    lines = (spaces(line) for line in _html.unescape(text).split("\n"))
    return _re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
