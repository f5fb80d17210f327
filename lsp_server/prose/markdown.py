r"""Markdown's dialects, as the grammar for CommonMark can read them.

Python-Markdown's admonitions and tabs and Pandoc's definitions have bodies that are indented by four columns,
which CommonMark takes for code. Both are list items in all but their marker; so the grammar is shown one.
"""

from __future__ import annotations

import re

_INDENTED = re.compile(
    r"""
      ^(?P<indent> [ \t]* )
      (?: (?:!!!|\?\?\?\+?)[ ]+[\w-][^"\r\n]* (?= ["\r\n] ) | ===[!+]?[ ]+(?=") )
      (?: "(?P<title> [^"\r\n]* )" )? [ \t]*
      (?= (?:\r?\n[ \t]*)* \r?\n (?P=indent) (?:[ ]{4}|\t) )       # or else it has no body
    | ^(?P<definition> : )(?=[ \t]{1,3}\S)
    | ^[ \t]*:{3,}[ ]* (?: [\w-]+\[(?=[^\[\]\r\n]+\])
        | (?: tip | note | info | warning | danger | caution | details | important )[ ]+(?=[^\s{\[]) )
      (?P<label> [^{}\[\]\r\n]+ ) \]? [ \t]* (?:\{[^{}\r\n]*\})? [ \t]* (?=\r?$)   # ::: tip What it is
    """,
    re.VERBOSE | re.MULTILINE,
)


def as_commonmark(text: str) -> str:
    """The same text with as many characters, in which what only a dialect knows looks like CommonMark."""
    return _INDENTED.sub(_as_item, text)


def _as_item(match: re.Match[str]) -> str:
    if match["definition"]:
        return "-"
    if match["label"]:
        return ("#".ljust(match.start("label") - match.start()) + match["label"]).ljust(len(match[0]))
    indent, title = match["indent"], match["title"] or ""
    before = match.start("title") - match.end("indent") if title else 6
    marker = "-   >" if before < 6 else "-   #".ljust(before)
    return (indent + marker + title).ljust(len(match[0]))
