r"""The languages whose prose we can find: one row each.

To add one: write `queries/NAME.scm` for its tree-sitter grammar (the captures are explained in `extract.py`),
a row in `LANGUAGES`, and fixtures in `tests/fixtures/NAME/`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache, partial
from importlib import import_module, resources
from typing import TYPE_CHECKING

from tree_sitter import Language as TreeSitterLanguage
from tree_sitter import Query

from lsp_server.prose import front_matter
from lsp_server.prose.roles import Mark, Role, Scanner
from lsp_server.prose.scanners import comments, html, latex, mail, notebook, patch, rows
from lsp_server.prose.scanners.syntaxes import SYNTAXES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lsp_server.prose.embedded import Embedded
    from lsp_server.prose.reading import Reading


@dataclass(frozen=True)
class Grammar:
    """A tree-sitter grammar and the query that says what its nodes are to a reader."""

    module: str
    """The Python package that carries it."""
    query: str
    """File name in `queries/`."""
    function: str = "language"
    """The function of `module` that gives the grammar."""


@cache
def load(grammar: Grammar) -> tuple[TreeSitterLanguage, Query]:
    """The grammar and its query, ready to use."""
    language = TreeSitterLanguage(getattr(import_module(grammar.module), grammar.function)())
    query = resources.files("lsp_server.prose") / "queries" / grammar.query
    return language, Query(language, query.read_text(encoding="utf-8"))


_TRIGGERS = r"""
      [`<>$%=@|\#{}~/_*&^+\[\]\\] | :(?=\S) | \.(?=\w) | \(\( | \(\) | -- | '' | !! | \?\?
    | \n[ \t]*\n | (?<=[ ])[,;](?=\s)
"""
"""What no literal is without, but for its row's own `triggers`."""
_BEGINNING = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]|[^A-Za-z0-9]")
"""Where a literal may begin: not within a word."""


def _word_start(text: str, at: int, done: int) -> int:
    """Where the word begins that holds a place, with the blanks before it, but not before `done`."""
    while at > done and not text[at - 1].isspace():
        at -= 1
    while at > done and text[at - 1].isspace():
        at -= 1
    return at


@dataclass(frozen=True, eq=False)
class Language:
    """How to find the prose of one language."""

    literals: tuple[tuple[Role | None, str], ...]
    """What no grammar needs to be asked for: a role and a verbose regular expression each. The leftmost
    match counts, then the first row; None steps over a match and leaves it to the grammar. The expressions
    see ASCII only (`extract.shadow`), and begin only where a word or a run begins, so that long lines take
    linear time."""
    triggers: str = ""
    """What shows that a literal may be near, beside `_TRIGGERS`: they are looked for only there. It is in the
    word that the literal begins with, or with whose blanks it begins."""
    blocks: Grammar | None = None
    """Finds the blocks; None for lines of plain text."""
    inline: Grammar | None = None
    """Finds the markup inside a block, where that is a grammar of its own."""
    scan: Scanner | None = None
    """Finds the blocks where no grammar can; see `lsp_server/prose/scanners`."""
    unread: re.Pattern[str] | None = None
    """What of a plain text nobody reads; it ends a block."""
    is_whole: bool = False
    """Whether a text is one block, which the literals split."""
    embeds: Callable[[str], Iterable[Embedded]] | None = None
    """Finds the documents in a document that has no prose of its own."""
    has_front_matter: bool = False
    """Whether fields in YAML or TOML may stand at the top."""
    unwritable: str = ""
    """Characters that would have to be escaped: no edit may write them."""

    @property
    def is_plain(self) -> bool:
        """Whether its blocks are lines of plain text."""
        return self.blocks is None and self.scan is None and not self.is_whole

    @cached_property
    def literal(self) -> re.Pattern[str]:
        """All literals as one pattern; the group that matched names the row."""
        rows = [f"(?P<row{index}>{pattern})" for index, (_, pattern) in enumerate(self.literals)]
        return re.compile("|".join(rows), re.VERBOSE | re.DOTALL | re.MULTILINE | re.IGNORECASE)

    @cached_property
    def _pieces(self) -> tuple[tuple[str, ...], ...]:
        """Of each literal, the groups that are labels of their own: those whose names begin with `piece`."""
        return tuple(tuple(re.findall(r"\(\?P<(piece\w*)>", pattern)) for _, pattern in self.literals)

    @cached_property
    def _near_literal(self) -> re.Pattern[str]:
        shown = f"{_TRIGGERS} | {self.triggers}" if self.triggers else _TRIGGERS
        return re.compile(shown, re.VERBOSE | re.MULTILINE)

    def marks(self, text: str) -> Iterator[Mark]:
        """What the literals say of a shadow, in order, without what they leave to the grammar.

        Most of a text is plain words, so this goes from one trigger to the next.
        """
        trigger, literal = self._near_literal.search, self.literal.match
        done = 0
        while done < len(text) and (found := trigger(text, done)):
            at = _word_start(text, found.start(), done)
            done = found.start() + 1
            for place in _BEGINNING.finditer(text, at, done):
                match = literal(text, place.start())
                if match is not None:
                    row = int((match.lastgroup or "")[3:])
                    role = self.literals[row][0]
                    if role is not None:
                        yield Mark(*match.span(), role)
                    for piece in self._pieces[row]:
                        if match[piece] is not None:
                            yield Mark(*match.span(piece), Role.PIECE)
                    done = max(match.end(), place.start() + 1)
                    break


_ADDRESS = r"""
      <(?: [a-z][a-z0-9+.-]+: | [^\s<>@]+@ )[^\s<>]*>                        # <https://example.org>
    | <[\w.+-]+[ ]at[ ][\w.-]+>                                            # <someone at example.org>
    | (?: (?<![a-z0-9+.-])[a-z][a-z0-9+.-]*:// | (?<![\w.])www\. )           # https://example.org/a_(b)
      (?: \([^\s<>"`()]*\) | [^\s<>"`()\[\]{}?!.,:;*_~']+ | [?!.,:;*_~']+(?=[^\s<>"`)\[\]{}?!.,:;*_~']) )+
    | (?<![\w.+-])[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+                       # someone@example.org
    | (?<![\w/.~<*)\]])(?:~|\.{1,2})?(?:/[\w.+-]*\w)+/?                      # /usr/bin, ~/notes.txt, ../x
    | (?<![\w/.-])\w[\w.-]*(?:/[\w.+-]+)*/[\w+-]+\.[a-z]\w{0,4}\b            # src/main.py
    | \b[a-z]:\\[^\s<>"|?*]*\w                                               # C:\Windows
    | (?<!\w)[a-z0-9]+(?:_+[a-z0-9]+)+(?:\(\))?(?!\w)                        # snake_case, snake_case()
    | (?<![\w.])[a-z]\w*(?:\.\w+)*\(\)                                       # call()
    | (?<![\w.])(?-i:[a-z]\w*(?:\.[a-z]\w*)*\.[A-Z][a-z]+[A-Z]\w*)           # strings.ToLower
    | (?<!\S)--[a-z][\w-]*                                                   # --flag
    | (?<![^\s("'`])\.[a-z][\w-]*[a-z0-9]                                    # .gitignore
    | (?<=[a-z][ ])v?\d+(?:\.\d+){2,}(?:[-+]\w[\w.+-]*\w)?(?![\w.]*\w)       # since 3.4.1
    | (?: (?<=\ba[ ]) | (?<=\ban[ ]) )[=+*/|&^%<>~@\#$]{1,3}(?![^\s.,;:)])     # an =, a %
    | (?: (?<=\ba[ ]) | (?<=\bor[ ]) | (?<=\band[ ]) )[,;](?=\s)               # + or ,
"""
_CODE_SPAN = r"(?<!`)(?P<ticks>`+)(?!`)(?:.*?[^`])??(?P=ticks)(?!`)"
_CODE_ELEMENT = (
    r"<(?P<element>code|kbd|samp|var|tt|math|svg)\b[^<>]*>(?:(?!<(?P=element)\b).)*?</(?P=element)\s*>"
)
_HIDDEN_ELEMENT = r"<(?P<hidden>script|style|pre|textarea|template)\b[^<>]*>.*?(?:</(?P=hidden)\s*>|\Z)"
_COMMENT = r"<!--.*?(?:-->|\Z)"
_CDATA = r"<!\[CDATA\[.*?(?:\]\]>|\Z) | <\?.*?(?:\?>|\Z)"
_EXPRESSION = r"\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*\}"
"""JavaScript in braces."""
_ELEMENT = (
    r"</?(?:[a-z][\w.:-]*)?"
    rf"""(?:\s+(?:[^\s"'<>=/{{}}]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|{_EXPRESSION}))?|{_EXPRESSION}))*\s*/?>"""
)
"""A tag of JSX."""
_TAG = r"""</?[a-z][a-z0-9-]*(?:\s+[^\s"'<>=/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*\s*/?>"""
_INLINE_TAG = r"</?(?:a|abbr|b|bdi|cite|del|dfn|em|font|i|ins|mark|q|s|small|span|strong|sub|sup|u)(?=[\s/>])"
_FORMULA = r"""
      \$\$[^$]+\$\$
    | (?<![\w$\\])\$(?![\s$])(?:[^$\\\n]|\\.)*?(?<![\s\\])\$(?![\w$])
    | \\\((?:[^\\]|\\[^()])+\\\) | ^[ \t]*\\\[(?:[^\\]|\\[^\[\]])+\\\][ \t]*$
"""

_MARKDOWN = Language(
    triggers=r"^(?:import|export)\b",
    has_front_matter=True,
    blocks=Grammar("tree_sitter_markdown", "markdown.scm"),
    inline=Grammar("tree_sitter_markdown", "markdown_inline.scm", "inline_language"),
    literals=(
        (Role.STAND_IN, _CODE_SPAN),
        (Role.STAND_IN, _CODE_ELEMENT),
        (Role.HARD_BREAK, r"<br\s*/?>"),
        (None, _COMMENT),
        (Role.SKIP, _TAG),
        (Role.SPLIT, rf"^[ \t]*{_ELEMENT}[ \t]*$"),
        (Role.SKIP, _ELEMENT),
        (Role.STAND_IN, _FORMULA),
        (Role.SKIP, r"!\[\[[^\[\]\n]*\]\] | %%.*?%%"),  # what Obsidian embeds or hides
        (Role.STAND_IN, r"\[\[[^\[\]|\n]*\]\](?!\()"),  # [[Page]]
        (Role.SKIP, r"\[\[[^\[\]|\n]*\|(?=[^\[\]\n]*\]\]) | (?<=\w)\]\](?!\()"),  # [[Page|words]]
        (Role.SKIP, r"(?<![\w=])==(?=[^\s=]) | (?<=[^\s=])==(?![\w=])"),  # ==highlight==
        (Role.SKIP, r"\^\[(?P<piece_note>[^\[\]\n]+)\]"),  # ^[A note.]
        (Role.SKIP, r"[ ]?\[-?@[a-z0-9_][^\[\]]*\]"),  # [@smith2020, p. 3]
        (Role.STAND_IN, r"(?<![\w@/.])-?@[a-z0-9_](?:[\w:.\#$%&+?~/-]*\w)?"),  # @smith2020, @user
        (Role.SKIP, r"\A\|[ ](?=[^|\n]*$)"),  # | a line of a block of lines
        (Role.HARD_BREAK, r"\n\|[ ](?=[^|\n]*$)"),
        (Role.STAND_IN, r"(?<![\w&/\#])\#[a-z][\w/-]*(?![\w\#])"),  # #tag
        (None, r"\\[!-/:-@\[-`{-~]"),
        (Role.SPLIT, r"^[ \t]*\{\{[<%][^{}]*[%>]\}\}[ \t]*$"),  # a shortcode of Hugo around paragraphs
        (Role.STAND_IN, r"\{\{[^{}]*\}\}"),  # Liquid, Jinja, Hugo
        (Role.SPLIT, r"^[ \t]*\{%[^%]*%\}[ \t]*$ | ^[ \t]*\{/\*[^*]*\*/\}[ \t]*$"),
        (Role.SKIP, r"\{%[^%]*%\} | \{/\*[^*]*\*/\} | \{[:\#.][^{}\n]*\}"),  # tags, MDX comments, attributes
        (
            Role.SPLIT,
            r"^[ \t]*:{2,}[^\n]*$ | ^(?:!!!|\?\?\?\+?|===[!+]?)[ ][^\n]*$",
        ),  # containers, admonitions
        (Role.SPLIT, r"^[ \t]*\[![a-z]+\][+-]?[ \t]*$"),  # > [!NOTE]
        (Role.SKIP, r"\A\[![\w|-]+\][+-]?[ ]+"),  # > [!NOTE] with a title
        (
            Role.SKIP,
            r"\[(?=[^\[\]\n]+\]\{[.\#:=\w][^{}\n]*\}) | \](?=\{[.\#:=\w][^{}\n]*\})",
        ),  # [words]{.class}
        (
            Role.SPLIT,
            r"""^(?:import|export)[ \t][^\n]*(?:\bfrom[ ]+["'][^\n]*|=[^\n]*|[{(][ ]*)$""",
        ),  # MDX
        (Role.SPLIT, r"^[ \t]*\[\^[^\[\]\s]+\]:"),  # a footnote's definition
        (Role.SKIP, r"\[\^[^\[\]\s]+\]"),  # a reference to it
        (
            Role.SKIP,
            r"\A(?:\[[^\[\]]+\]\([^()\s]*\)(?:,?\s+|(?=:)))+:\s+(?=\S)",
        ),  # [#5](link): what was changed
        (Role.STAND_IN, r"(?<![\w&/\#])\#\d+(?!\w)"),  # fixes #5
        (Role.STAND_IN, _ADDRESS),
        (Role.SKIP, r"(?<![\w:]):[a-z+-][a-z0-9_+-]*:(?![\w:])"),  # :tada:
        (Role.INERT, r"\$"),
    ),
)
_MDX = replace(
    _MARKDOWN,
    literals=(
        *_MARKDOWN.literals[:2],
        (Role.SPLIT, r"\A(?:import|export)\b.*"),  # up to the blank line
        (Role.SPLIT, rf"^[ \t]*{_ELEMENT}[ \t]*$"),
        (Role.SKIP, _ELEMENT),
        (Role.SPLIT, rf"^[ \t]*{_EXPRESSION}[ \t]*$"),
        (Role.STAND_IN, _EXPRESSION),
        *_MARKDOWN.literals[2:],
    ),
)
_HTML = Language(
    is_whole=True,
    literals=(
        (Role.SPLIT, rf"{_COMMENT} | {_CDATA}"),
        (Role.SPLIT, _HIDDEN_ELEMENT),
        (Role.STAND_IN, _CODE_ELEMENT),
        (Role.SKIP, rf"(?={_INLINE_TAG}){_TAG}"),
        (Role.SPLIT, rf"{_TAG} | <[!?][^<>]*>"),
        (Role.CHARACTER, r"&(?:\#[0-9]{1,7}|\#x[0-9a-f]{1,6}|[a-z][a-z0-9]*);"),
        (Role.SPLIT, r"\n(?:[ \t]*\n)+"),
        (Role.STAND_IN, r"\{\{[^{}]*\}\}"),
        (Role.STAND_IN, _ADDRESS),
    ),
)
_PREPOSITIONS = ("see", "and", "via", "per", "in", "at", "of", "to", "by", "or", "from", "with")
_AFTER_PREPOSITION = "(?:" + "|".join(rf"(?<=\b{word}[ ])" for word in _PREPOSITIONS) + ")"
_BLANK = "(?:" + "".join(rf"(?<!\b{word})" for word in _PREPOSITIONS) + r"\s{1,80})?"
"""The blank before a reference, unless that is a word of the sentence."""
_REFERENCES = (
    (Role.STAND_IN, rf"{_AFTER_PREPOSITION}\[\d{{1,3}}\]"),  # see [1]
    (Role.SKIP, rf"{_BLANK}\[\d{{1,3}}\](?![\w(\[])"),  # as was said [1]
)
PLAIN = Language(literals=((Role.STAND_IN, _CODE_SPAN), (Role.STAND_IN, _ADDRESS)))
COMMIT = replace(
    PLAIN,
    triggers=r"""
        \A | \d | \(\" | (?i: \bcommit\b | (?<=\bbump[ ])[\w@./-] )
      | [\"\'](?=[^\"\'\n]{1,80}[\"\']\s*(?:-+|=)>) | (?<=\w)[ ][=-]>[ ]
      | (?i: ,?[ ]\(?(?:close[sd]|fixes|resolves|refs)\b )
    """,
    literals=(
        (
            Role.SKIP,
            r"\A(?:\[[^\[\]\n]*\][ ]*)*(?!(?:note|nb|warning|hint|tip|example|caveat|edit):)"
            r"(?:[\w./*,-]+(?:[ ]?\([^()\n]*\))?!?:[ ]+)+(?=\S)"
            r"| \A(?:\[[^\[\]\n]*\][ ]*)+",
        ),  # [PATCH] feat(x):
        (
            Role.SPLIT,
            r"^(?=[a-f]*\d)[0-9a-f]{7,40}[ ]+(?:(?-i:(?=[A-Z]))|\w+(?:\([^()\n]*\))?!?:[ ])",
        ),  # a list of commits
        (
            Role.STAND_IN,
            r"(?:\bcommit\s+)?\b(?=[a-f]*\d)[0-9a-f]{7,40}(?:\s*\(\"[^\"]{1,300}\"[^()]{0,40}\))?(?!\w)",
        ),
        (
            Role.STAND_IN,
            r"""(?P<quote>["'])[^"'\n]{1,80}(?P=quote)\s*(?:-+|=)>\s*(?P=quote)[^"'\n]{1,80}(?P=quote)""",
        ),  # "a hour" -> "an hour"
        (Role.SKIP, r"[ ]?\(\"[^\"]{1,300}\"(?:,\s*\d{4}-\d\d-\d\d)?\)"),  # the title of another commit
        (
            Role.SKIP,
            r"\A(?:closes|closed|fixes|resolves|refs)[ ]+(?:\#|gh-)\d+(?:,[ ]*\#\d+)*:?[ ]+(?=\w)"
            r"| (?<!\bthis)(?<!\bit)(?<!\balso)(?<!\bwhich)(?<!\bthat)(?<!\band)"
            r",?[ ]\(?(?:closes|closed|fixes|resolves|refs)[ ]+(?:\#|gh-)\d+(?:,[ ]*\#\d+)*\)?(?=\s|\Z)"
            r"| [ ]\((?:\#|gh-)\d+\)(?=\s|\Z)",
        ),  # (closes #5), (#6)
        (Role.STAND_IN, r"(?<![\w&/\#])(?:\#|gh-)\d+(?!\w)"),  # fixes #5
        (Role.STAND_IN, r"(?<![^\s(`'\"])[\w-]+[ ](?:-|=)>[ ][\w-]+"),  # hte -> the
        (
            Role.STAND_IN,
            r"(?<![\w.])(?-i:[a-z]\w*\.(?!(?:The|This|These|That|It|If|In|We|You|And|But|A|I)\b)[A-Z]\w+)",
        ),  # hugo.Store
        (Role.STAND_IN, r"(?<=\bbump[ ])[\w@./-]+"),
        (Role.SKIP, r"\s*\[(?:ci[ ]skip|skip[ ]ci|no[ ]ci|skip[ ]actions)\]"),
        *_REFERENCES,
        *PLAIN.literals,
    ),
    unread=re.compile(
        r"""^\#[ ]-+[ ]>8[ ]-+\s*?$[\s\S]* | ^(?:\#(?!\d)|JJ:|HG:).* | <!--[\s\S]*?-->
        | ^---\s*?\n[\w-]+:\s*?\n[\s\S]*?^\.\.\.\s*?$  # what a bot says in YAML
        | ^<details>[\s\S]*?(?:^</details>|\Z)  # and in HTML
        | ^[ ]{0,3}(?P<fence>```|~~~)[\s\S]*?(?:^[ ]{0,3}(?P=fence)[ ]*$|\Z)
        | ^[ ]{0,3}\|.*\|.*  # rows of a table
        | ^diff[ ]--git[ ][\s\S]*
        | ^Merge[ ](?:branch|branches|pull[ ]request|remote-tracking|tag|commit|changes)\b.* | ^Revert[ ]".*
        | ^(?:fixup|squash|amend)!.* | ^This[ ]reverts[ ]commit\b.* | ^\(cherry[ ]picked[ ]from\b.*
        | ^(?:[A-Z][\w-]*-by|Cc|Fixes|Closes|Refs?|Link|Change-Id|Bug|See-also):[ ].*(?:\n[ ]+.*)*
        | ^(?:[ ]{4,}|\t)(?![-*][ ]).*""",
        re.MULTILINE | re.VERBOSE,
    ),
)
"""The message of a commit: Git drops its comments, and the changes under the scissors; trailers, what Git
wrote itself and indented code are not read either."""

_ENTITY = r"&(?:\#[0-9]{1,7}|\#x[0-9a-f]{1,6}|[a-z][a-z0-9]*);"
_TEMPLATE = r"\{\{[^{}]*\}\}"
"""An expression of Jinja, Liquid, Handlebars or Vue."""
_TEMPLATE_TAG = r"\{%[^%{}]*%\} | \{\#[^\#{}]*\#\} | \{\{[\#/!][^{}]*\}\}"
_PAGE_LITERALS = (
    (Role.CHARACTER, _ENTITY),
    (Role.SPLIT, r"\n(?:[ \t]*\n)+"),
    (Role.SPLIT, r"^[ \t]*\{%[^%{}]*%\}[ \t]*$"),
    (Role.SKIP, _TEMPLATE_TAG),
    (Role.STAND_IN, _TEMPLATE),
)
_LETTER = replace(
    PLAIN,
    unread=re.compile(
        r"""^>.* | ^--[ ]?\r?\n[\s\S]* | ^-+[ ]?Original[ ]Message[ ]?-+\s*$[\s\S]*
        | ^(?:On|Am|Le)[ ][^\n]{5,200}(?:\n[^\n]{1,80})?(?:wrote|writes|said):\s*$""",
        re.MULTILINE | re.VERBOSE,
    ),
)
_HTML_PAGE = Language(scan=html.html, literals=(*_PAGE_LITERALS, (Role.STAND_IN, _ADDRESS)))
_COMPONENT = Language(
    scan=html.component,
    literals=(
        *_PAGE_LITERALS,
        (Role.SKIP, r"\{[\#/:@][^{}]*\}"),
        (Role.STAND_IN, _EXPRESSION),
        (Role.STAND_IN, _ADDRESS),
    ),
)
_XML = Language(scan=html.xml, literals=_HTML_PAGE.literals)
_LATEX = Language(scan=latex.latex, literals=((Role.SKIP, _TEMPLATE_TAG), (Role.STAND_IN, _ADDRESS)))
_BIBTEX = Language(scan=latex.bibtex, literals=((Role.STAND_IN, _ADDRESS),))
_RESTRUCTUREDTEXT = Language(
    scan=rows.RESTRUCTUREDTEXT,
    literals=(
        (Role.SKIP, r"\A\#\d+(?:,[ ]*\#\d+)*:[ ]+(?=[a-z])"),  # #759: what was changed
        (Role.STAND_IN, r"(?<![\w`])``.+?``(?!`)"),
        (
            Role.SKIP,
            r"(?<![\w`:]):(?:ref|doc|term|abbr|strong|emphasis|numref|pep-title):`(?=[^`<]*<[^`]*>`)",
        ),
        (Role.STAND_IN, r"(?<![\w`:])(?::[\w+.-]+){1,3}:`[^`]*`"),
        (Role.STAND_IN, r"(?<![\w`])`[^`]*`(?::[\w+.-]+){1,3}:"),
        (Role.SKIP, r"(?<![\w`])`(?=[^`<]+<[^`]*>`)"),  # `words <target>`_
        (Role.SKIP, r"\s*<[^<>`]*>`_{0,2}"),
        (Role.SKIP, r"(?<![\w`])`(?=[^`]+`_) | (?<=[\w.)])`__?(?!\w)"),
        (Role.STAND_IN, r"(?<![\w`])`[^`]+`"),
        (Role.STAND_IN, rf"{_AFTER_PREPOSITION}\[(?:\w+|\#\w*|\*)\]_(?!\w)"),  # as said in [1]_
        (Role.SKIP, rf"{_BLANK}\[(?:\w+|\#\w*|\*)\]_(?!\w)"),
        (Role.STAND_IN, r"(?<![\w|])\|\w(?:[^|\n]*[^\s|])?\|_{0,2}(?!\w)"),
        (Role.SKIP, r"(?<![\w*])\*{1,2}(?=[^\s*]) | (?<=[^\s*])\*{1,2}(?![\w*])"),
        (Role.SKIP, r"(?<=\w)__?(?!\w)"),
        (Role.SKIP, r"\\[ ] | \\(?=[^\w\s])"),
        (Role.SKIP, r":(?=:\s*\Z)"),
        (Role.SKIP, _TEMPLATE_TAG),
        (Role.STAND_IN, _TEMPLATE),
        (Role.STAND_IN, _ADDRESS),
    ),
)
_ASCIIDOC = Language(
    scan=rows.ASCIIDOC,
    literals=(
        (Role.SKIP, r"(?<=\")`(?=[^\s`]) | (?<=[^\s`])`(?=\")"),  # "`curly quotes`"
        (Role.STAND_IN, r"(?<![\w`])`{1,2}\+?[^`\n]+?\+?`{1,2}(?!`) | (?<!\+)\+{1,3}[^+\s][^+\n]*\+{1,3}"),
        (
            Role.STAND_IN,
            r"(?:pass|stem|latexmath|asciimath|kbd|btn|menu|image|icon|anchor):[^\s\[\]]*\[[^\]]*\]",
        ),
        (Role.STAND_IN, r"(?:https?|ftp|irc|mailto|link|xref):[^\s\[\]]+\[\]"),
        (Role.SKIP, r"(?:https?://|ftp://|irc://|mailto:|link:|xref:)[^\s\[\]]+\[(?=[^\]])"),
        (
            Role.SKIP,
            r"footnote:[\w-]*\[(?P<piece_note>[^\]]*)\] | indexterm2?:\[[^\]]*\]"
            r" | \(\(\([^()]*\)\)\) | \[\[[^\[\]]*\]\]",
        ),
        (Role.SKIP, r"<<[^<>,\n]+,[ ]*(?=[^<>\n]+>>) | (?<=[\w.)`'])>>"),
        (Role.STAND_IN, r"<<[^<>\n]+>>"),
        (Role.SKIP, r"\{[a-z][\w-]*\}[^\s\[\]]*\[(?=[^\[\]]+\])"),  # {home}/page[words]
        (Role.STAND_IN, r"\{[a-z][\w-]*\}"),
        (Role.SKIP, r"\[[.\#%][^\[\]]*\](?=[*_\#`])"),
        (Role.SKIP, r"(?<![\w*])\*{1,2}(?=[^\s*]) | (?<=[^\s*])\*{1,2}(?![\w*])"),
        (Role.SKIP, r"(?<![\w_])_{1,2}(?=[^\s_]) | (?<=[^\s_])_{1,2}(?![\w_])"),
        (Role.SKIP, r"(?<![\w\#])\#{1,2}(?=[^\s\#]) | (?<=[^\s\#])\#{1,2}(?![\w\#])"),
        (Role.SKIP, r"(?<=[\w.)*_`'])\](?!\]) | (?<=\s)\+$"),
        (Role.CHARACTER, _ENTITY),
        (Role.SKIP, _TEMPLATE_TAG),
        (Role.STAND_IN, _TEMPLATE),
        (Role.STAND_IN, _ADDRESS),
    ),
)
_ORG = Language(
    scan=rows.ORG,
    literals=(
        (
            Role.STAND_IN,
            r"(?<![\w=])=[^\s=](?:[^=\n]*[^\s=])?=(?![\w=]) | (?<![\w~])~[^\s~](?:[^~\n]*[^\s~])?~(?![\w~])",
        ),
        (Role.SKIP, r"\[\[[^\[\]]*\]\[(?=[^\[\]]*\]\])"),
        (Role.STAND_IN, r"\[\[[^\[\]]*\]\]"),
        (Role.SKIP, r"[ ]?\[fn:[\w-]*:(?P<piece_note>[^\[\]]*)\]"),
        (Role.SKIP, r"\]\] | [ ]?\[fn:[^\[\]]*\] | [ ]?\[cite[^\[\]]*\] | @@\w+:[^@]*@@ | <<<?[^<>]*>?>>"),
        (Role.STAND_IN, r"[<\[]\d{4}-\d\d-\d\d[^<>\[\]\n]*[>\]]"),
        (Role.STAND_IN, r"(?:src|call)_\w+(?:\[[^\]]*\])?\{[^}]*\} | \{\{\{[^{}]*\}\}\}"),
        (Role.STAND_IN, _FORMULA),
        (
            Role.SKIP,
            r"""(?<![\w*])\*(?=[^\s*]) | (?<=[^\s*])\*(?![\w*])
            | (?<![\w/<:])/(?=\w) | (?<=\w)/(?=[\s.,;:!?)'"]|\Z)""",
        ),
        (
            Role.SKIP,
            r"(?<![\w_])_(?=[^\s_]) | (?<=[^\s_])_(?![\w_]) | (?<![\w+])\+(?=[a-z]) | (?<=[a-z])\+(?![\w+])",
        ),
        (Role.SKIP, r"\\\\$"),
        (Role.STAND_IN, r"\\[a-z]+(?:\{\})?"),
        (Role.STAND_IN, _ADDRESS),
    ),
)
_TYPST = Language(
    scan=rows.TYPST,
    literals=(
        (Role.STAND_IN, _CODE_SPAN),
        (Role.STAND_IN, r"(?<!\\)\$(?:[^$\\]|\\.)*\$"),
        (Role.SKIP, r"(?<![:/])//[^\n]* | /\*.*?\*/"),
        (Role.SKIP, r"[ ]?\#footnote\[(?P<piece_note>[^\[\]]*)\]"),
        (Role.SKIP, r"[ ]?\#(?:footnote|label|index|v|h|cite)(?:\([^()]*\))?(?:\[[^\[\]]*\])?"),
        (
            Role.SKIP,
            r"\#(?:emph|strong|underline|text|smallcaps|highlight|quote|link)(?:\([^()]*\))?\["
            r"| (?<=[\w.])\](?!\()",
        ),
        (Role.STAND_IN, r"\#[a-z][\w.-]*(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?(?:\[[^\[\]]*\])?"),
        (Role.STAND_IN, r"(?<![\w@])@[a-z][\w:-]*\w(?:\[[^\]]*\])?"),
        (Role.SKIP, r"[ ]?<[a-z][\w:.-]*>"),
        (
            Role.SKIP,
            r"(?<![\w*])\*(?=[^\s*]) | (?<=[^\s*])\*(?![\w*])"
            r"| (?<![\w_])_(?=[^\s_]) | (?<=[^\s_])_(?![\w_])",
        ),
        (Role.SKIP, r"\\(?=[^\w\s]) | (?<=\s)\\$"),
        (Role.CHARACTER, r"~"),
        (Role.STAND_IN, _ADDRESS),
    ),
)
_MEDIAWIKI = Language(
    scan=rows.MEDIAWIKI,
    literals=(
        (Role.SKIP, rf"{_COMMENT} | <ref\b[^<>]*/> | <ref\b[^<>/]*>.*?(?:</ref>|\Z)"),
        (Role.STAND_IN, r"<(?P<wiki>nowiki|syntaxhighlight|source|math|code|chem)\b[^<>]*>.*?</(?P=wiki)>"),
        (Role.HARD_BREAK, r"<br\s*/?>"),
        (Role.SKIP, _TAG),
        (
            Role.SKIP,
            r"\{\{(?:cite|citation|sfn|refn|efn|cn|fact|r\||main|see)[^{}]*(?:\{\{[^{}]*\}\}[^{}]*)*\}\}",
        ),
        (Role.STAND_IN, r"\{\{[^{}]*(?:\{\{[^{}]*\}\}[^{}]*)*\}\}"),
        (
            Role.SKIP,
            r"\[\[(?:file|image):(?:[^\[\]|]*\|)+(?P<piece_caption>[^\[\]|]*)\]\]",
        ),
        (Role.SKIP, r"\[\[(?:file|image|category):[^\[\]]*(?:\[\[[^\[\]]*\]\][^\[\]]*)*\]\]"),
        (Role.SKIP, r"\[\[[^\[\]|\n]*\|(?=[^\[\]\n]*\]\]) | \[\[(?=[^\[\]|\n]*\]\]) | \]\]"),
        (Role.STAND_IN, r"\[(?:https?:)?//[^\s\[\]]+\]"),
        (Role.SKIP, r"\[(?:https?:)?//[^\s\[\]]+[ ]+(?=[^\[\]\n]+\]) | (?<=[\w.)])\]"),
        (Role.SKIP, r"'{2,5}"),
        (Role.CHARACTER, _ENTITY),
        (Role.STAND_IN, _ADDRESS),
    ),
)
_ROFF = Language(
    scan=rows.ROFF,
    literals=(
        (Role.STAND_IN, r"\\fB[^\n]*?\\f[RPI]"),  # bold is what is typed as it stands
        (Role.SKIP, r"\\f(?:[A-Z0-9]|\([A-Z]{2}|\[[^\]]*\]) | \\[&|^/,c] | \\s[-+]?\d"),
        (Role.SKIP, r"\\(?=[-.'`\\]) | \\[ ]"),
        (Role.STAND_IN, r"\\\([a-z]{2} | \\\*?\[[^\]]*\] | \\\*\(?\w{1,2}"),
        (Role.STAND_IN, _ADDRESS),
    ),
)
_GETTEXT = Language(
    scan=rows.gettext,
    unwritable='"\\\n',
    literals=(
        (Role.HARD_BREAK, r"\\n"),
        (Role.SKIP, r"\\(?=[\"\\]) | \\t"),
        (
            Role.STAND_IN,
            r"%(?:\(\w+\))?[-+\#0 ]?\d*(?:\.\d+)?l{0,2}[sdifugxc](?!\w) | %\d\$\w | \{[\w.]*\} | \$\{\w+\}",
        ),
        (Role.SKIP, r"(?<!\w)[&_](?=[a-z]) | (?<=\w)[&_](?=[a-z]+\b)"),
        (Role.SKIP, _TAG),
        (Role.CHARACTER, _ENTITY),
        (Role.STAND_IN, _CODE_SPAN),
        (Role.STAND_IN, _ADDRESS),
    ),
)
_SUBTITLES = (
    (Role.SKIP, r"</?[a-z][^<>]*> | <[\d:.]+> | \{\\[^{}]*\}"),
    (Role.CHARACTER, _ENTITY),
    (Role.STAND_IN, _ADDRESS),
)
_SUBRIP = Language(scan=rows.SUBRIP, literals=_SUBTITLES)
_WEBVTT = Language(scan=rows.WEBVTT, literals=_SUBTITLES)


_CALL_OR_NAME = r"(?-i:\b[a-z]+[a-z0-9]*[A-Z]\w*|\b[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+)\b"
"""`camelCase`, `CamelCase`."""
_HUMP = r"[a-z0-9][A-Z]"
"""What is in each of these."""
_BLOCK_TAG = (
    r"</?(?:summary|remarks|returns?|value|param|typeparam|exception|para|list|item|listheader|term|description"
    r"|example|inheritdoc|include|p|li|ul|ol|dl|dt|dd|table|tr|td|th|h[1-6]|div|blockquote|hr)\b[^<>]*>"
)
_COMMENTS_LITERALS = (
    (Role.SPLIT, r"<pre\b[^<>]*>.*?(?:</pre>|\Z)"),
    (Role.STAND_IN, r"\[`[^`\n]+`\](?:\([^()\s]*\)|\[[^\[\]\n]*\])?"),  # [`Lamp::light`]
    (Role.STAND_IN, r"(?<![\w`]):[\w:.-]+:`[^`\n]+`"),  # :meth:`light`
    (Role.STAND_IN, _CODE_SPAN),
    (Role.STAND_IN, rf"\{{@\w+(?:[^{{}}]|{_EXPRESSION})*\}}"),  # {@code light(lamp)}
    (Role.STAND_IN, r"<(?P<c>code|c|tt|kbd|samp)>.*?</(?P=c)>"),
    (Role.STAND_IN, r"<(?:see|seealso|paramref|typeparamref)\b[^<>]*/>"),
    (Role.HARD_BREAK, r"<br\s*/?>"),
    (Role.SPLIT, rf"(?-i:{_BLOCK_TAG})"),
    (Role.SKIP, rf"(?-i:(?={_INLINE_TAG}|</?see)){_TAG}"),
    (Role.CHARACTER, r"&(?:\#[0-9]{1,7}|\#x[0-9a-f]{1,6}|amp|lt|gt|quot|nbsp|apos);"),
    (Role.STAND_IN, r"!\[[^\[\]]*\]\([^()\s]*\)"),
    (Role.SKIP, r"\[(?=[^\[\]]{1,300}\](?:\([^()\s]*\)|\[[^\[\]\n]*\]))"),  # [words](target)
    (Role.SKIP, r"(?<=[^\s\[])\](?:\([^()\s]*\)|\[[^\[\]\n]*\])"),
    (Role.STAND_IN, r"\[(?:[\w.:\#<>*&]*[.:_\#][\w.:\#<>()]+|(?-i:[A-Z]\w*))\]"),  # [Lamp.light]
    (Role.STAND_IN, r"[@\\](?:[pcae]|ref|link|code)[ ]+[^\s,;.]+(?:\.\w+)*"),  # \c light
    (
        Role.SKIP,
        r"(?<![\w*])\*{1,2}(?=[^\s*](?:[^*\n]*[^\s*])?\*{1,2}(?![\w*])) | (?<=[\w.!?,:;)`])\*{1,2}(?![\w*])",
    ),
    (Role.SKIP, r":(?=:\s*\Z)"),
    *PLAIN.literals[1:],
    (Role.STAND_IN, r"(?<![\w`])_+[a-z0-9]\w*(?:\(\))?"),  # __init__, _private()
    (Role.STAND_IN, _CALL_OR_NAME),
    (Role.STAND_IN, r"(?<![\w.])[a-z_]\w+(?:\.[a-z_](?:[\w-]*\w))+(?![\w.])"),  # module.exports
)


STRING = Language(
    triggers=_HUMP,
    literals=(
        (Role.HARD_BREAK, r"\\n"),
        (Role.SKIP, r"\\(?=[\"'\\]) | \\[tr]"),
        (Role.STAND_IN, r"\\(?:u[0-9a-f]{4}|u\{[0-9a-f]+\}|x[0-9a-f]{2}|.)"),
        (
            Role.STAND_IN,
            r"%(?:\(\w+\))?[-+\#0 ]?\d*(?:\.\d+)?l{0,2}[sdifugxcqvtr](?!\w)"
            r"| [$\#]?\{[^{}\n]*\} | \$\w+ | \\\([^()\n]*\)",
        ),
        (Role.SKIP, _TAG),
        *PLAIN.literals,
        (Role.STAND_IN, _CALL_OR_NAME),
    ),
    is_whole=True,
    unwritable="\"'\\`{}$%\n",
)
"""A string literal of source code."""
FRONT_MATTER = {
    unwritable: replace(PLAIN, is_whole=True, unwritable=unwritable) for unwritable in front_matter.UNWRITABLE
}
"""A value of front matter, by the characters that cannot be written in it."""


@lru_cache(maxsize=64)
def fitted(row: Language, reading: Reading) -> Language:
    """A row for a user who wants more to be read."""
    if row.scan is latex.latex and reading.latex_commands:
        return replace(row, scan=partial(latex.latex, commands=frozenset(reading.latex_commands)))
    if row.embeds is notebook.cells and reading.notebook_code:
        return replace(row, embeds=partial(notebook.cells, with_code=True))
    return row


LANGUAGES: dict[str, Language] = {
    "markdown": _MARKDOWN,
    "mdx": _MDX,
    "quarto": _MARKDOWN,
    "rmd": _MARKDOWN,
    "html": _HTML_PAGE,
    "html-fragment": _HTML,
    "vue": _COMPONENT,
    "svelte": _COMPONENT,
    "xml": _XML,
    "latex": _LATEX,
    "bibtex": _BIBTEX,
    "restructuredtext": _RESTRUCTUREDTEXT,
    "asciidoc": _ASCIIDOC,
    "org": _ORG,
    "typst": _TYPST,
    "mediawiki": _MEDIAWIKI,
    "roff": _ROFF,
    "gettext": _GETTEXT,
    "subrip": _SUBRIP,
    "webvtt": _WEBVTT,
    "plaintext": PLAIN,
    "git-commit": COMMIT,
    "mail": Language((), embeds=mail.parts),
    "letter": _LETTER,
    "notebook": Language((), embeds=notebook.cells, unwritable='"\\\n\r'),
    "diff": Language((), embeds=patch.added, unwritable="\n\r"),
    **{
        name: Language(scan=comments.Comments(syntax), literals=_COMMENTS_LITERALS, triggers=_HUMP)
        for name, syntax in SYNTAXES.items()
    },
}
