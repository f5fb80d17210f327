r"""The languages whose prose we can find: one row each.

To add one: write `queries/NAME.scm` for its tree-sitter grammar (the captures are explained in `extract.py`),
a row in `LANGUAGES`, and fixtures in `tests/fixtures/NAME/`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import import_module, resources

from tree_sitter import Language as TreeSitterLanguage
from tree_sitter import Query

from lsp_server.prose.roles import Role, Scanner


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


@dataclass(frozen=True)
class Language:
    """How to find the prose of one language."""

    literals: tuple[tuple[Role | None, str], ...]
    """What no grammar needs to be asked for: a role and a verbose regular expression each. The leftmost
    match counts, then the first row; None steps over a match and leaves it to the grammar. The expressions
    see ASCII only (`extract.shadow`), and begin only where a word or a run begins, so that long lines take
    linear time."""
    blocks: Grammar | None = None
    """Finds the blocks; None for lines of plain text."""
    inline: Grammar | None = None
    """Finds the markup inside a block, where that is a grammar of its own."""
    scan: Scanner | None = None
    """Finds the blocks where no grammar can; see `lsp_server/prose/scanners`."""
    unread: re.Pattern[str] | None = None
    """What of a plain text nobody reads; it ends a block."""

    @cached_property
    def literal(self) -> re.Pattern[str]:
        """All literals as one pattern; the group that matched names the row."""
        rows = (f"(?P<row{index}>{pattern})" for index, (_, pattern) in enumerate(self.literals))
        return re.compile("|".join(rows), re.VERBOSE | re.DOTALL | re.MULTILINE | re.IGNORECASE)

    def role_of(self, match: re.Match[str]) -> Role | None:
        """The role of a match of `literal`."""
        return self.literals[int((match.lastgroup or "row0")[3:])][0]


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
    | (?<!\S)--[a-z][\w-]*                                                   # --flag
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
        (
            Role.SPLIT,
            r"""^(?:import|export)[ \t][^\n]*(?:\bfrom[ ]+["'][^\n]*|=[^\n]*|[{(][ ]*)$""",
        ),  # MDX
        (Role.SPLIT, r"^[ \t]*\[\^[^\[\]\s]+\]:"),  # a footnote's definition
        (Role.SKIP, r"\[\^[^\[\]\s]+\]"),  # a reference to it
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
PLAIN = Language(literals=((Role.STAND_IN, _CODE_SPAN), (Role.STAND_IN, _ADDRESS)))
COMMIT = replace(PLAIN, unread=re.compile(r"^# -+ >8 -+\s*?$[\s\S]*|^#.*", re.MULTILINE))
"""The message of a commit: Git drops its comments, and the changes under the scissors."""

LANGUAGES: dict[str, Language] = {
    "markdown": _MARKDOWN,
    "mdx": _MDX,
    "quarto": _MARKDOWN,
    "rmd": _MARKDOWN,
    "html": _HTML,
    "plaintext": PLAIN,
    "git-commit": COMMIT,
}
