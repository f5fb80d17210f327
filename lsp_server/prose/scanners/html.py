"""HTML and what looks like it (Vue, Svelte, XML): blocks by the element they stand in."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from lsp_server.prose.block import BlockKind
from lsp_server.prose.roles import Cut, Mark, Role, Scan
from lsp_server.prose.scanners.names import names

if TYPE_CHECKING:
    from collections.abc import Callable

_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|<![^<>]*>|<(?P<name>/?[a-z][\w:.-]*)",
    re.IGNORECASE | re.DOTALL,
)
_IN_TAG = re.compile(r"[<>\"'{]")
_BRACES = re.compile(r"[{}]")
_ATTRIBUTE = re.compile(
    r"""(?<=[\s"'])(?:alt|title|aria-label|aria-description|placeholder|summary)\s*=\s*
        (?:"(?P<double>[^"<>{}]*)"|'(?P<single>[^'<>{}]*)')""",
    re.VERBOSE | re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"""(?<![\w-])(?:(?:xml:)?lang\s*=\s*["']?(?!en\b)[a-z]|translate\s*=\s*["']?no\b)""", re.IGNORECASE
)
"""In another language, or in none."""
_UNREAD = "!"
"""Behind the name of an open element of which nothing is read."""
_TARGET = re.compile(r"""\bhref\s*=\s*["']?\#([\w:.-]+)""", re.IGNORECASE)
_INLINE = names(
    "a abbr acronym b bdi bdo big cite data del dfn em font i ins label mark q s small span strike strong"
    " sub sup time u wbr code kbd samp var tt math svg output nobr router-link nuxt-link routerlink nuxtlink"
)
_CODE = names("code kbd samp var tt math svg")
_HIDDEN = names("script style pre textarea noscript iframe object canvas")
_KINDS = {
    **dict.fromkeys(names("h1 h2 h3 h4 h5 h6 title"), BlockKind.HEADING),
    **dict.fromkeys(names("li dd"), BlockKind.LIST_ITEM),
    **dict.fromkeys(names("td th"), BlockKind.TABLE_CELL),
    **dict.fromkeys(
        names("figcaption caption dt summary button option legend label nav footer header"), BlockKind.LABEL
    ),
    **dict.fromkeys(names("p blockquote article main section body div template"), BlockKind.PARAGRAPH),
}
_XML_TEXT = names("para p simpara summary description desc remarks shortdesc note tip warning abstract")
_XML_INLINE = names(
    "emphasis link ulink xref ph b i u literal code command filename option function varname replaceable"
    " quote citetitle application acronym a em strong phrase firstterm see seealso paramref typeparamref"
    " productname userinput systemitem type classname guilabel guimenu keycap parameter constant envar"
)
_XML_CODE = names(
    "literal code command filename option function varname replaceable see seealso paramref typeparamref"
    " userinput systemitem type classname parameter constant envar c codeph"
)
_XML_HIDDEN = names("programlisting screen synopsis code-block codeblock script style literallayout pre")
_XML_TITLES = names("title subtitle term label name caption entry")


def _kind_in_html(stack: list[str]) -> BlockKind | None:
    for name in reversed(stack):
        if name in _KINDS:
            return _KINDS[name]
    return BlockKind.LABEL


def _kind_in_xml(stack: list[str]) -> BlockKind | None:
    if not stack:
        return None
    if stack[-1] in _XML_TEXT:
        return BlockKind.PARAGRAPH
    return BlockKind.LABEL if stack[-1] in _XML_TITLES else None


class _Tags:
    """Finds where tags end, in linear time: what is nowhere below is looked for once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.missing: dict[str, int] = {}
        """Of a quote, from where on there is none."""
        self.is_open = False
        """Whether the last one might have ended behind the text."""
        self.looked = 0
        """How far it was looked for the end of what has none: up to there, one cannot read on its own."""

    def end(self, position: int) -> int | None:
        """Behind the `>` of a tag whose name ends at `position`; None if it is no tag."""
        self.is_open = False
        while match := _IN_TAG.search(self.text, position):
            position = match.end()
            if match[0] == ">":
                return position
            if match[0] == "<":
                self.looked = max(self.looked, position)
                return None
            closing = self._braces_end(position) if match[0] == "{" else self._find(match[0], position)
            if closing < 0:
                return None
            position = closing
        self.is_open = True
        return None

    def _find(self, quote: str, position: int) -> int:
        found = -1 if position >= self.missing.get(quote, position + 1) else self.text.find(quote, position)
        if found < 0:
            self.is_open = True
            self.missing[quote] = position
        return found + 1 if found >= 0 else -1

    def _braces_end(self, position: int) -> int:
        depth = 1
        for match in _BRACES.finditer(self.text, position, position + _LONGEST_EXPRESSION):
            depth += 1 if match[0] == "{" else -1
            if depth == 0:
                return match.end()
        self.is_open = self.is_open or position + _LONGEST_EXPRESSION > len(self.text)
        self.looked = max(self.looked, position + _LONGEST_EXPRESSION)
        return -1


_LONGEST_EXPRESSION = 2_000
_LONGEST_CODE = 20_000
_DEEPEST_CUT = 20
"""Elements around a place from which on a part of a page may be read."""


def _scan(
    text: str,
    state: str | None = None,
    *,
    inline: frozenset[str],
    code: frozenset[str],
    hidden: frozenset[str],
    kind_of: Callable[[list[str]], BlockKind | None],
) -> Scan:
    """The blocks of a page or of a part of it; the state is the elements that are open."""
    stack = (state or "").split()
    found = Scan(cuts=[Cut(0, state or "")])
    start, position = 0, 0
    lowered = text.lower()

    def flush(end: int) -> None:
        kind = None if any(one.endswith(_UNREAD) for one in stack) else kind_of(stack)
        if kind is not None and end > start:
            found.blocks.append((kind, start, end))

    tags = _Tags(text)
    while match := _TOKEN.search(text, position):
        position = match.end()
        name = (match["name"] or "").lower()
        attributes = ""
        if name:
            tag_end = tags.end(position)
            if tag_end is None:
                if tags.is_open:
                    found.opens(match.start())
                continue
            attributes, position = text[position : tag_end - 1], tag_end
        closes = name.startswith("/")
        name = name.lstrip("/")
        role: Role | None = None
        if not name:
            role = Role.SKIP
            if position == len(text) and not _is_closed(match[0]):
                found.opens(match.start())
        elif name in hidden and not closes:
            if not attributes.rstrip().endswith("/"):
                close = lowered.find(f"</{name}", position)
                if close < 0:
                    found.opens(match.start())
                position = len(text) if close < 0 else (text.find(">", close) + 1 or len(text))
        elif (name in code or (name in inline and _FOREIGN.search(attributes))) and not closes:
            close = lowered.find(f"</{name}", position, position + _LONGEST_CODE)
            if close < 0:
                if position + _LONGEST_CODE > len(text):
                    found.opens(match.start())
                tags.looked = max(tags.looked, position + _LONGEST_CODE)
            if not attributes.rstrip().endswith("/") and close >= 0:
                position = text.find(">", close) + 1 or len(text)
            role = Role.STAND_IN
        elif name in inline:
            is_reference = name == "xref" and attributes.endswith("/")  # its text is made of its target
            role = Role.STAND_IN if is_reference else Role.SKIP
            if name == "a" and not closes and (target := _TARGET.search(attributes)):
                named = re.compile(rf"{re.escape(target[1])}</a\s*>", re.IGNORECASE).match(text, position)
                if named:  # <a href="#aria-label">aria-label</a>: a name, not a word
                    role, position = Role.STAND_IN, named.end()
        if role is not None:
            found.marks.append(Mark(match.start(), position, role))
        else:
            flush(match.start())
            is_free = match.start() >= tags.looked and len(stack) < _DEEPEST_CUT
            if is_free and _begins_line(text, match.start()):
                found.cuts.append(Cut(match.start(), " ".join(stack)))
            start = position
            if name not in hidden:
                _step(stack, name, closes, attributes)
        for attribute in _ATTRIBUTE.finditer(attributes):
            group = "double" if attribute["double"] is not None else "single"
            a, b = attribute.span(group)
            offset = match.end()
            found.blocks.append((BlockKind.LABEL, offset + a, offset + b))
    flush(len(text))
    return found


def _is_closed(token: str) -> bool:
    """Whether a comment or the like, which may go to the end of a text, has its own end."""
    for opening, closing in (("<!--", "-->"), ("<![", "]]>"), ("<?", "?>")):
        if token.startswith(opening):
            return token.endswith(closing) and len(token) >= len(opening) + len(closing)
    return True


def _begins_line(text: str, start: int) -> bool:
    """Whether something begins a line that is not the first."""
    line = text.rfind("\n", 0, start) + 1
    return line > 0 and not text[line:start].strip()


_VOID = names("br hr img input meta link area base col embed source track wbr")
_DEEPEST = 200


def _step(stack: list[str], name: str, closes: bool, attributes: str) -> None:
    if closes:
        for index in range(len(stack) - 1, max(len(stack) - 20, -1), -1):
            if stack[index].rstrip(_UNREAD) == name:
                del stack[index:]
                break
    elif name not in _VOID and not attributes.rstrip().endswith("/"):
        if (
            name in ("p", "li", "td", "th", "dt", "dd", "option")
            and stack
            and stack[-1].rstrip(_UNREAD) == name
        ):
            stack.pop()
        stack.append(name + _UNREAD if _FOREIGN.search(attributes) else name)
        del stack[:-_DEEPEST]


html = partial(_scan, inline=_INLINE, code=_CODE, hidden=_HIDDEN | {"template"}, kind_of=_kind_in_html)
"""The blocks of an HTML page."""
component = partial(_scan, inline=_INLINE, code=_CODE, hidden=_HIDDEN, kind_of=_kind_in_html)
"""The blocks of a component of Vue or Svelte, whose template is read."""
xml = partial(_scan, inline=_XML_INLINE, code=_XML_CODE, hidden=_XML_HIDDEN, kind_of=_kind_in_xml)
"""The blocks of a document in XML (DocBook, DITA, doc comments): only elements whose name says prose."""
