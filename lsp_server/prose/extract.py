"""From a document's text to the prose that a reader reads, in any language that has a row in `languages.py`.

    document --block grammar--> blocks --literals, inline grammar--> what each character is --> ProseBlock

The queries say what a node is to a reader by the name of its capture. In a query for blocks:

    @paragraph @heading @list-item @table-cell
                  a block of prose; the last pattern that matches a node counts;
                  `(#set! trim "regex")` cuts the block off where that matches
    @injection.NAME
                  a block in the language of that name
    @prefix       what precedes the text of a line: `> `, indentation

and in both queries, inside a block:

    @skip         not read: markup, the target of a link. May hold @prose, which is read, and so on inwards
    @stand-in     read but not prose: code, a formula, an image
    @character    an entity: `&amp;`
    @escape       a backslash and the character that it protects
    @hard-break   a line break that is markup
    @piece        in what is skipped: read as a label of its own, such as the description of an image

Nothing here rewrites the document: every piece of a block's text knows where it stands.
"""

from __future__ import annotations

import codecs
import html
import re
from bisect import bisect_left
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from tree_sitter import Parser, QueryCursor

from lsp_server.documents import Span
from lsp_server.prose.block import BlockKind, ProseBlock, Segment
from lsp_server.prose.embedded import moved
from lsp_server.prose.front_matter import begins_like_front_matter, front_end, values
from lsp_server.prose.known import Known, changed
from lsp_server.prose.languages import (
    COMMIT,
    FRONT_MATTER,
    LANGUAGES,
    PLAIN,
    STRING,
    Grammar,
    Language,
    fitted,
    load,
)
from lsp_server.prose.markdown import as_commonmark
from lsp_server.prose.plain import plain_blocks
from lsp_server.prose.reading import PROSE_ONLY, Reading
from lsp_server.prose.roles import Cut, Mark, Role
from lsp_server.prose.scanners.comments import Comments
from lsp_server.prose.scanners.latex import character

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node, Query

    from lsp_server.prose.embedded import Embedded
    from lsp_server.prose.roles import Scan
    from lsp_server.prose.scanners.lexer import Lexeme

STAND_IN = "Foo"
"""The text of a stand-in. Of some fifty words tried with the bundled model, this one and a few others hardly
cause a finding around them, hide none, and take "a" and "an" before them and a singular or plural verb after
them; and unlike `X`, it does not look like an initial before a full stop."""

_OTHER_STAND_IN = "Bar"
"""That of a text which has the other as a word of its own."""
_LIKE_STAND_IN = re.compile(rf"\b{STAND_IN}\b", re.IGNORECASE)

_KINDS = {
    "label": BlockKind.LABEL,
    "paragraph": BlockKind.PARAGRAPH,
    "heading": BlockKind.HEADING,
    "list-item": BlockKind.LIST_ITEM,
    "table-cell": BlockKind.TABLE_CELL,
}
_ROLES = {
    "skip": Role.SKIP,
    "prose": Role.PROSE,
    "stand-in": Role.STAND_IN,
    "character": Role.CHARACTER,
    "escape": Role.SKIP,
    "hard-break": Role.HARD_BREAK,
    "piece": Role.PIECE,
}
_NEAR = 200
"""Code points within which what interrupts a sentence shows a letter."""
_RUNNING = {BlockKind.PARAGRAPH, BlockKind.LIST_ITEM}
"""Blocks whose sentence may go on in another."""
_ROLE_OF = {role.value[0]: role for role in Role}
_PROSE, _SPLIT, _PIECE, _SOFT_BREAK = Role.PROSE, Role.SPLIT, Role.PIECE, Role.SOFT_BREAK
_STAND_IN = Role.STAND_IN
_NESTING = {Role.SKIP, Role.PROSE}
_BESIDE = {Role.SKIP, Role.PROSE, Role.INERT, Role.PIECE}
"""Roles that take no place in prose."""
_WITHOUT_DELIMITERS = bytes.maketrans(b"*_~[", b",,,,")
_MASKED = bytes(code if chr(code).isalnum() else ord(",") for code in range(128)) + bytes(128)
"""Hides markup from a grammar, and leaves what decides whether a delimiter beside it opens or closes."""
_Run: TypeAlias = "tuple[Role, int, int]"
"""A role, and where it begins and ends in a source."""
_Range = TypeVar("_Range", bound=tuple[Any, ...])

_PUNCTUATION = re.compile(
    "[\x80-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\u2000-\u206f\u3000-\u3020\uff00-\uff0f\ufeff]"
)
_NOT_COMMA = re.compile(r"[^,]")
_VISIBLE = bytes(
    ord(" ")
    if chr(code) in "\v\f"
    else ord(",")
    if code == 127 or (code < 32 and code not in b"\t\n\r")
    else code
    for code in range(256)
)
"""Control characters as commas, page breaks as blanks."""
_BLANKED = re.compile(r"[^\n]")
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_INLINE = re.compile(
    rb"""
      \[ (?P<text> [^*_~\[\]<&\\$`!|]+ ) \] \( [^\s()*_~\[\]<>&\\$`!|"']* \)     # [words](target)
    | (?<![^\s(]) (?P<mark> \*\*? | __? ) (?=[^\s*_]) (?P<stressed> [^*_~\[\]<&\\$`!|]+ ) (?<=[^\s*_])
      (?P=mark) (?![^\s.,:;?)])                                                # **words**
    | \[ [^*_~\[\]<&\\$`!|]+ \] (?![\[(:])                                      # [words]
    | (?P<other> [*_~\[\]<\\$`|] | &(?=[\w\#]) | !\[ | [ ]{2}\r?\n )
    """,
    re.VERBOSE,
)
"""Inline markup: most paragraphs have none, and many only what is plain here; others need the grammar."""
_BREAK = re.compile(rb"\n[ \t]*")
_BLANKS = (b" ", b"\t")
_STRETCH = re.compile(rb"p+|x+|c+|h+|b+|/+|o+")
"""What is not skipped."""
_AROUND_PIECE = " \t\r\n\x0b\x0c\"'()[]{}^*_`"
_PIECE_PART = re.compile(
    r"(?P<break>\s*[\r\n]\s*)|(?P<entity>&#?\w{1,31};)|(?:[^\r\n&\s]|[^\S\r\n]+(?![\s])|&(?!#?\w{1,31};))+|\s"
)

_CONTAINERS = re.compile(
    r"^(?=[ \t>*+\d.)-]{50})(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t])))*[ \t]*", re.MULTILINE
)
_MAX_NESTING = 200
"""Columns of `> ` and list markers that a line may begin with. tree-sitter-markdown 0.5 writes past the end
of a buffer when more than about 250 blocks are open (its issue 243); a block takes at least one column, and a
character at most four."""
_MAX_DELIMITERS = 2000
"""Delimiters of emphasis and links in one block that are still paired up, which takes quadratic time."""
_LONGEST_REMEMBERED = 20_000
"""Code points of the longest block that is remembered from call to call, so that the memory has a bound."""


class _Source(NamedTuple):
    """A block as it stands in the document, before its markup is told from its text."""

    kind: BlockKind
    start: int
    end: int
    language: Language
    prefixes: tuple[tuple[int, int], ...] = ()
    """What precedes the text of its later lines, relative to `start`."""
    marks: tuple[Mark, ...] = ()
    """What the grammar for blocks already knows of it, relative to `start`."""
    is_read_only: bool = False


def extract(text: str, language: str, reading: Reading = PROSE_ONLY) -> list[ProseBlock]:
    """The prose of a document, block by block, in the order of the document.

    Args:
        text: Any text at all: whatever cannot be parsed is taken as plain text.
        language: A kind of text; one that is not in `languages.LANGUAGES` means plain text.
        reading: What is read beyond prose.

    Returns:
        Every block that holds at least one letter that may be edited.
    """
    row = fitted(LANGUAGES.get(language, PLAIN), reading)
    if row.embeds is not None:
        inner = (
            block.moved(embedded.at)
            for embedded in row.embeds(text)
            for block in _embedded(embedded._replace(at=0), row.unwritable, reading)
        )
        return sorted(inner, key=_beginning)
    if isinstance(row.scan, Comments):
        return _comments(text, row, row.scan, reading)
    return _after_the_last(text, row, reading)


def _beginning(block: ProseBlock) -> int:
    return block.at + block.relative[0].document.start


@lru_cache(maxsize=4096)
def _embedded(embedded: Embedded, unwritable: str, reading: Reading) -> tuple[ProseBlock, ...]:
    """The blocks of a document in another one, remembered: a keystroke changes one cell of a notebook."""
    found = moved(extract(embedded.text, embedded.kind, reading), embedded)
    return tuple(replace(block, unwritable=unwritable + block.unwritable) for block in found)


_last: dict[tuple[Language, Reading], Known] = {}
"""Of each language, the text that was read last: mostly the one in which somebody types."""


def _after_the_last(text: str, row: Language, reading: Reading) -> list[ProseBlock]:
    """The blocks of a text, of which only those near its difference from the last text are read anew."""
    key = row, reading

    def read(part: str, state: str | None) -> Known:
        sources, cuts, open_at = _sources(part, row, reading, state)
        return Known(part, cuts, [block for source in sources for block in _blocks(source, part)], open_at)

    last = _last.get(key)
    change = changed(last, text, read) if last else None
    if change is None:
        known = read(text, None)
        first, behind = 0, len(known.blocks)
    else:
        known = change.known
        first, behind = max(change.first - 1, 0), change.last
    note = _note_shown if row.is_plain else _note_interruption
    for index in range(first, behind):
        note(text, known.blocks, index)
    if not behind and known.blocks and known.blocks[0].begins_within:  # what preceded it is gone
        known.blocks[0] = replace(known.blocks[0], begins_within=False)
    _last[key] = known
    return list(known.blocks)


def _comments(text: str, row: Language, comments: Comments, reading: Reading) -> list[ProseBlock]:
    """The comments of source code, of which only those that have changed are read anew."""
    code = shadow(text)
    found = [
        block.moved(run.start)
        for run in comments.runs(code)
        for block in _blocks_of_run(text[run.start : run.end], run.lexemes, run.is_named, row, comments)
    ]
    if reading.string_literals:
        for start, end in comments.strings(code):
            found += _blocks(_Source(BlockKind.LABEL, start, end, STRING), text)
        found.sort(key=_beginning)
    return found


@lru_cache(maxsize=16_384)
def _blocks_of_run(
    raw: str, lexemes: tuple[Lexeme, ...], is_named: bool, row: Language, comments: Comments
) -> tuple[ProseBlock, ...]:
    sources = _scanned_blocks(comments.read(lexemes, is_named, shadow(raw)), row)
    return tuple(block for source in sources for block in _blocks(source, raw))


def _blocks(source: _Source, text: str) -> list[ProseBlock]:
    return [
        ProseBlock(
            BlockKind.LABEL if view.is_piece else source.kind,
            view.text,
            view.segments,
            view.stand_ins,
            unwritable=source.language.unwritable,
            is_read_only=source.is_read_only,
            at=source.start,
        )
        for view in _views(source, text[source.start : source.end])
    ]


def _note_shown(text: str, blocks: list[ProseBlock], index: int) -> None:
    """Note whether a block of plain text leads to code, and whether the next goes on behind it.

    So it may behind an example or output that a colon led to.
    """
    before, after = blocks[index], blocks[index + 1] if index + 1 < len(blocks) else None
    gap_start = before.at + before.relative[-1].document.end
    gap_end = after.at + after.relative[0].document.start if after else len(text)
    ends_within = (
        before.kind in _RUNNING
        and before.text[-1] not in ".!?"
        and _has_letter(text[gap_start : min(gap_end, gap_start + _NEAR)])
    )
    if before.ends_within is not ends_within:
        blocks[index] = replace(before, ends_within=ends_within)
    if after is None:
        return
    is_behind = ends_within or before.kind is BlockKind.LABEL
    begins_within = is_behind and after.kind in _RUNNING and after.text[0].islower()
    if after.begins_within is not begins_within:
        blocks[index + 1] = replace(after, begins_within=begins_within)


def _note_interruption(text: str, blocks: list[ProseBlock], index: int) -> None:
    """Note whether a sentence does not end with a block, and whether it goes on with the next."""
    before, after = blocks[index], blocks[index + 1] if index + 1 < len(blocks) else None
    ends_within = begins_within = False
    if before.kind in _RUNNING and before.text[-1] not in ".!?":
        gap_start = before.at + before.relative[-1].document.end
        gap_end = after.at + after.relative[0].document.start if after else len(text)
        goes_on = after is not None and after.kind in _RUNNING and after.text[0].islower()
        leads_on = before.kind is BlockKind.LIST_ITEM or not before.text[-1].isalnum()
        is_interrupted = _has_letter(text[gap_start : min(gap_end, gap_start + _NEAR)])
        ends_within = is_interrupted or (goes_on and leads_on)
        begins_within = ends_within and goes_on
    if after is not None and after.kind in _RUNNING and after.text[0].islower():
        gap = text[before.at + before.relative[-1].document.end : after.at + after.relative[0].document.start]
        begins_within = begins_within or _ends_with_name(gap[-_NEAR:])
    if before.ends_within is not ends_within:
        blocks[index] = replace(before, ends_within=ends_within)
    if after and after.begins_within is not begins_within:
        blocks[index + 1] = replace(after, begins_within=begins_within)


def _ends_with_name(gap: str) -> bool:
    """Whether what is not read ends with a line of one word: the name that a heading or term is."""
    name = gap.rstrip().rpartition("\n")[2].strip(" \t#=*`:")
    return _has_letter(name) and not any(map(str.isspace, name))


def _shadow_of(error: UnicodeError) -> tuple[bytes, int]:
    """What stands in a shadow for characters that ASCII lacks."""
    assert isinstance(error, UnicodeEncodeError)
    run = error.object[error.start : error.end]
    return _NOT_COMMA.sub("x", _PUNCTUATION.sub(",", run)).encode("ascii"), error.end


codecs.register_error("shadow", _shadow_of)


def shadow(text: str) -> str:
    r"""The same text in ASCII, one character for each of its code points: what grammars and literals see.

    So a byte offset of tree-sitter is a code-point offset, whatever the text holds, and parsers meet neither
    lone surrogates nor NUL. (tree-sitter-markdown 0.5 also reads beyond C's table of digits for a code point
    above 255, its issue 252.) Letters become `x`, punctuation and special spaces `,`, a lone `\r` a `\n`.
    """
    shown = text.encode("ascii", "shadow").translate(_VISIBLE)
    if b"\r" in shown:
        shown = _LONE_RETURN.sub(b"\n", shown)
    return shown.decode("ascii")


# ---- blocks


def _values(text: str, row: Language, reading: Reading) -> Iterator[_Source]:
    """What is read of the front matter."""
    if row.has_front_matter:
        for start, end, unwritable in values(text, reading.front_matter):
            yield _Source(BlockKind.LABEL, start, end, FRONT_MATTER[unwritable])


def _sources(
    text: str, row: Language, reading: Reading, state: str | None
) -> tuple[list[_Source], list[Cut], int | None]:
    """The blocks of a text or a part, where it can be cut, and what of it what follows might change."""
    cuts: list[Cut] = []
    if row.blocks is not None:
        sources, cuts = _parsed_blocks(text, row, row.blocks)
        return [*_values(text, row, reading), *sources], cuts, None
    if row.scan is not None:
        unread = front_end(text) if state is None else 0
        shown = shadow(text)
        found = row.scan(_BLANKED.sub(" ", shown[:unread]) + shown[unread:] if unread else shown, state)
        if unread:
            found.marks.append(Mark(0, unread, Role.SPLIT))
            found.cuts[:1] = [Cut(0, "metadata")]
        elif state is None and begins_like_front_matter(text):  # it has no end yet
            found.cuts.clear()
        return _scanned_blocks(found, row), found.cuts, found.open_at
    if row.is_whole:
        return [_Source(BlockKind.PARAGRAPH, 0, len(text), row)], cuts, None
    if row.unread is not None:
        text = row.unread.sub(lambda match: " " * len(match[0]), text)
    plain = [_Source(*block[:3], row, block.prefixes) for block in plain_blocks(text, cuts)]
    if row is COMMIT and plain:
        plain[0] = plain[0]._replace(kind=BlockKind.HEADING)  # the subject
    return plain, [Cut(0, ""), *cuts] if row is PLAIN else [], None


def _parsed_blocks(text: str, row: Language, grammar: Grammar) -> tuple[list[_Source], list[Cut]]:
    """The blocks that the grammar finds in a text, and where the outermost begin.

    There are no blocks if it cannot parse it, and no cuts if it cannot parse a part of it.
    """
    mark = int(text.startswith("\ufeff"))
    shown = as_commonmark(shadow(text[mark:])) + "\n"  # which the grammar for Markdown cannot do without
    language, query = load(grammar)
    root = Parser(language).parse(_CONTAINERS.sub(_limit_nesting, shown).encode("ascii")).root_node
    if root.is_error:
        return [], []
    sources = _captured_blocks(shown, row, query, root)
    if mark:
        sources = [one._replace(start=one.start + mark, end=one.end + mark) for one in sources]
    cuts: dict[int, Cut] = {}
    for node in () if root.has_error else _outermost(root):
        start = text.rfind("\n", 0, node.start_byte + mark) + 1
        cuts.setdefault(start, Cut(start, node.type))
    return sources, list(cuts.values())


def _outermost(node: Node) -> Iterator[Node]:
    """The outermost blocks, in order."""
    for child in node.children:
        if child.type == "section":
            yield from _outermost(child)
        else:
            yield child


def _captured_blocks(text: str, row: Language, query: Query, root: Node) -> list[_Source]:
    """The blocks that a query finds in the tree of a shadow."""
    blocks: dict[tuple[int, int], tuple[int, str, str | None]] = {}
    prefixes: list[tuple[int, int]] = []
    marks: list[Mark] = []
    for pattern, name, node in _captures(query, root):
        span = node.byte_range
        if name == "prefix":
            prefixes.append(span)
        elif name in _ROLES:
            marks.append(_mark(name, *span))
        elif span not in blocks or blocks[span][0] < pattern:
            blocks[span] = (pattern, name, query.pattern_settings(pattern).get("trim"))
    prefixes.sort()
    marks.sort()
    return [
        _source(row, name, _cut(text, span, trim), _inside(prefixes, span), _inside(marks, span))
        for span, (_, name, trim) in sorted(blocks.items())
    ]


def _scanned_blocks(found: Scan, row: Language) -> list[_Source]:
    """The blocks that a scanner has found in a shadow."""
    prefixes, marks = sorted(found.prefixes), sorted(found.marks, key=lambda mark: mark[:2])
    return [
        _Source(
            kind,
            start,
            end,
            row,
            _relative(_inside(prefixes, (start, end)), start, end),
            tuple(Mark(a - start, min(b, end) - start, role) for a, b, role in _inside(marks, (start, end))),
            start in found.fixed,
        )
        for kind, start, end in sorted(found.blocks, key=lambda block: block[1:])
    ]


def _relative(ranges: Iterable[tuple[int, int]], start: int, end: int) -> tuple[tuple[int, int], ...]:
    return tuple((a - start, min(b, end) - start) for a, b in ranges)


def _cut(text: str, span: tuple[int, int], trim: str | None) -> tuple[int, int]:
    match = re.search(trim, text[span[0] : span[1]]) if trim else None
    return (span[0], span[0] + match.start()) if match else span


def _source(
    row: Language,
    name: str,
    span: tuple[int, int],
    prefixes: Iterable[tuple[int, int]],
    marks: Iterable[Mark],
) -> _Source:
    injected = LANGUAGES[name.partition(".")[2]] if name.startswith("injection.") else row
    start, end = span
    return _Source(
        _KINDS.get(name, BlockKind.LIST_ITEM),  # what is injected is mostly captions, items and cells
        start,
        end,
        injected,
        tuple((a - start, b - start) for a, b in prefixes),
        tuple(Mark(a - start, b - start, role) for a, b, role in marks),
    )


def _captures(query: Query, root: Node) -> Iterator[tuple[int, str, Node]]:
    for pattern, captures in QueryCursor(query).matches(root):
        for name, nodes in captures.items():
            for node in nodes:
                yield pattern, name, node


def _mark(name: str, start: int, end: int) -> Mark:
    return Mark(start, start + 1 if name == "escape" else end, _ROLES[name])


def _inside(ranges: list[_Range], span: tuple[int, int]) -> list[_Range]:
    """Those of the sorted `ranges` that begin inside `span`."""
    return ranges[bisect_left(ranges, span[:1]) : bisect_left(ranges, span[1:])]


def _limit_nesting(containers: re.Match[str]) -> str:
    found = containers[0]
    return found if len(found.expandtabs(4)) <= _MAX_NESTING else " " * len(found)


# ---- inside a block


class _View(NamedTuple):
    """What a reader reads of a block; places in the document are relative to its source."""

    text: str
    segments: tuple[Segment, ...]
    stand_ins: tuple[Span, ...]
    is_piece: bool = False
    """Whether it is a label of its own that lies in the markup of the block."""


def _views(source: _Source, raw: str) -> tuple[_View, ...]:
    find = _found_views if len(raw) <= _LONGEST_REMEMBERED else _found_views.__wrapped__
    return find(raw, source.prefixes, source.marks, source.language)


@lru_cache(maxsize=8192)
def _found_views(
    raw: str, prefixes: tuple[tuple[int, int], ...], marks: tuple[Mark, ...], row: Language
) -> tuple[_View, ...]:
    """The blocks that a source holds: one, or more where something splits it, or none without a letter.

    Kept from call to call: most blocks of a document are what they were before the last keystroke.
    """
    views = []
    runs: list[_Run] = []
    pieces: list[_Run] = []
    has_letter = False
    for run in _runs(raw, prefixes, marks, row):
        role = run[0]
        if role is _PROSE:
            runs.append(run)
            has_letter = has_letter or _has_letter(raw[run[1] : run[2]])
        elif role is _PIECE:
            pieces.append(run)
        elif role is not _SPLIT:
            runs.append(run)
        else:
            if has_letter:
                views.append(_view(raw, runs))
            runs, has_letter = [], False
    if has_letter:
        views.append(_view(raw, runs))
    views += [_piece_view(raw, start, end) for _, start, end in pieces if _has_letter(raw[start:end])]
    return tuple(views)


def _piece_view(raw: str, start: int, end: int) -> _View:
    """A label that lies in markup, without its quotes or brackets; a line break or entity stands in."""
    start = end - len(raw[start:end].lstrip(_AROUND_PIECE))
    end = start + len(raw[start:end].rstrip(_AROUND_PIECE))
    runs: list[_Run] = []
    for match in _PIECE_PART.finditer(raw, start, end):
        role = Role.SOFT_BREAK if match["break"] else Role.CHARACTER if match["entity"] else Role.PROSE
        runs.append((role, match.start(), match.end()))
    return _view(raw, runs)._replace(is_piece=True)


def _has_letter(text: str) -> bool:
    return any(map(str.isalpha, text))


def _view(raw: str, runs: list[_Run]) -> _View:
    pieces: list[str] = []
    segments = []
    stand_ins = []
    length = 0
    stand_in = STAND_IN
    if STAND_IN.lower() in raw.lower() and any(
        role is _PROSE and _LIKE_STAND_IN.search(raw[start:end]) for role, start, end in runs
    ):
        stand_in = _OTHER_STAND_IN
    for role, start, end in _trimmed(raw, runs):
        if role is _PROSE:
            piece = raw[start:end]
            segments.append(Segment(length, Span(start, end), True))
        else:
            if role is _SOFT_BREAK:
                if pieces and pieces[-1][-1:] == "\n":
                    continue  # between the two stands a line that is not read
                piece = "\n"
            else:
                piece = stand_in if role is _STAND_IN else _piece(role, raw[start:end])
            segments.append(Segment(length, Span(start, end), False))
            if role is not _SOFT_BREAK:
                stand_ins.append(Span(length, length + len(piece)))
        pieces.append(piece)
        length += len(piece)
    return _View("".join(pieces), tuple(segments), tuple(stand_ins))


def _piece(role: Role, raw: str) -> str:
    if role is Role.PROSE:
        return raw
    if role is Role.STAND_IN:
        return STAND_IN
    if role is Role.CHARACTER:
        return html.unescape(character(raw)) or " "  # some control characters are shown as nothing
    return "\n"


def _trimmed(raw: str, runs: list[_Run]) -> list[_Run]:
    """The runs without the white space that a block begins and ends with."""
    first, last = 0, len(runs)
    while _is_blank(raw, runs[first]):
        first += 1
    while _is_blank(raw, runs[last - 1]):
        last -= 1
    kept = runs[first:last]
    role, start, end = kept[0]
    if role is Role.PROSE:
        kept[0] = (role, end - len(raw[start:end].lstrip()), end)
    role, start, end = kept[-1]
    if role is Role.PROSE:
        kept[-1] = (role, start, start + len(raw[start:end].rstrip()))
    return kept


def _is_blank(raw: str, run: _Run) -> bool:
    role, start, end = run
    return _piece(role, raw[start:end]).isspace()


def _runs(
    raw: str, prefixes: tuple[tuple[int, int], ...], marks: tuple[Mark, ...], row: Language
) -> list[_Run]:
    """What each stretch of a source is, in order; what is skipped is left out.

    The source is painted, one byte for each code point: first markup, from the outside inwards, then whatever
    stands in prose as one thing, then the line breaks.
    """
    visible = bytearray(shadow(raw), "ascii")
    for start, end in prefixes:
        visible[start:end] = b" " * (end - start)
    found = list(marks)
    for mark in marks:
        visible[mark.start : mark.end] = visible[mark.start : mark.end].translate(_MASKED)
    shown = visible.decode("ascii")
    for mark in row.marks(shown.replace("\r", " ") if "\r" in shown else shown):
        visible[mark.start : mark.end] = visible[mark.start : mark.end].translate(_MASKED)
        found.append(mark)
    if row.inline is not None:
        found += _parsed_marks(bytes(visible), row.inline)
    if not found and "\n" not in shown:
        return [(_PROSE, 0, len(raw))]
    painted = _paint(len(raw), found, visible)
    return [(_ROLE_OF[painted[run.start()]], *run.span()) for run in _STRETCH.finditer(painted)]


def _parsed_marks(visible: bytes, grammar: Grammar) -> list[Mark]:
    simple = _simple_marks(visible)
    if simple is not None:
        return simple
    if sum(map(visible.count, (b"*", b"_", b"~", b"["))) > _MAX_DELIMITERS:
        visible = visible.translate(_WITHOUT_DELIMITERS)
    language, query = load(grammar)
    root = Parser(language).parse(visible).root_node
    return [_mark(name, *node.byte_range) for _, name, node in _captures(query, root)]


def _simple_marks(visible: bytes) -> list[Mark] | None:
    """The marks of links and stressed words if there is no other markup; None if there is."""
    marks = []
    for match in _INLINE.finditer(visible):
        start, end = match.span()
        if match["other"] is not None:
            return None
        if not match.lastgroup:
            continue
        inner = match.span("text" if match["mark"] is None else "stressed")
        marks += [Mark(start, inner[0], Role.SKIP), Mark(inner[1], end, Role.SKIP)]
    return marks


def _paint(length: int, marks: list[Mark], visible: bytearray) -> bytearray:
    """One role code for each code point of a source; blanks hard breaks in `visible` on the way."""
    painted = bytearray(b"p" * length)
    if len(marks) > 1:
        marks = sorted(marks, key=lambda mark: (mark.start, -mark.end))
    for start, end, role in marks:
        if role in _NESTING:
            painted[start:end] = role.value * (end - start)
    for start, end, role in marks:
        if role is _PIECE and painted[start:end].strip(b"s/") == b"":
            painted[start:end] = role.value * (end - start)
    for start, end, role in marks:
        if role not in _BESIDE and painted[start : start + 1] == b"p":
            painted[start:end] = role.value * (end - start)
            if role is Role.HARD_BREAK:
                visible[start:end] = re.sub(rb"[^\r\n]", b" ", visible[start:end])
    for line_break in _BREAK.finditer(visible):
        start, end = line_break.span()
        start -= visible[start - 1 : start] == b"\r"
        while visible[start - 1 : start] in _BLANKS:
            start -= 1
        if painted[start:end].strip(b"ph") == b"":
            code = b"h" if b"h" in painted[start:end] else b"b"
            painted[start:end] = code * (end - start)
    return painted
