"""LaTeX and BibTeX: which parts of a source a reader sees."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right

from lsp_server.prose.block import BlockKind
from lsp_server.prose.roles import Cut, Mark, Role, Scan
from lsp_server.prose.scanners.names import names

_UNREAD = (
    "verbatim|Verbatim|BVerbatim|lstlisting|minted|comment|tikzpicture|pgfpicture|forest|filecontents|alltt"
    "|algorithmic|algorithm|algorithm2e|thebibliography|picture|code|listing|tikzcd|axis|semiverbatim"
)
_FORMULAS = (
    "equation|align|alignat|flalign|gather|multline|eqnarray|displaymath|math|dmath|IEEEeqnarray|xalignat"
)
_HEADINGS = names(
    "part chapter section subsection subsubsection paragraph subparagraph minisec addsec addchap"
)
_LABELS = names("title subtitle caption captionof subcaption frametitle framesubtitle")
_TITLED = re.compile(
    r"(?:theorem|thm|lemma|lem|corollary|cor|proposition|prop|definition|defn?|remark|rem|example|conjecture|claim"
    r"|assumption|exercise|problem|axiom|proof)\*?$",
    re.IGNORECASE,
)
"""Environments whose option is a title."""
_NOTES = frozenset(["footnote", "footnotetext", "thanks", "marginpar", "sidenote", "marginnote", "endnote"])
_TEXT = names(
    "emph textbf textit textsl textsc textrm textsf textup textmd textnormal underline uline mbox hbox"
    " text enquote textquote centerline uppercase MakeUppercase lowercase alert structure highlight hl"
    " textsuperscript textsubscript st sout uwave so term termdef dfn em bf it item sub sup parbox"
    " foreignquote blockquote quote textcolor colorbox href hyperref resizebox only onslide uncover visible"
)
"""Commands whose last argument is read with the sentence."""
_SKIPPED_ARGUMENTS = {"textcolor": 1, "colorbox": 1, "href": 1, "parbox": 1, "resizebox": 2}
_UNSEEN = names(
    "label index vspace hspace input include usepackage documentclass bibliography bibliographystyle"
    " addbibresource pagestyle thispagestyle setlength addtolength setcounter addtocounter newcommand"
    " renewcommand providecommand DeclareMathOperator newtheorem definecolor color includegraphics"
    " graphicspath hypersetup glsadd nocite todo fontsize selectfont addcontentsline phantomsection"
    " markboth markright pdfbookmark hyphenation footnotemark vskip hskip"
    " rule tag notag pause"
    " newacronym newglossaryentry lstinputlisting inputminted captionsetup lstset tikzset theoremstyle"
    " noindent centering par newpage clearpage cleardoublepage newline linebreak pagebreak bigskip medskip"
    " smallskip hfill vfill maketitle tableofcontents appendix protect relax small large Large LARGE huge"
    " Huge tiny scriptsize footnotesize normalsize bfseries itshape ttfamily sffamily rmfamily scshape"
    " mdseries upshape slshape normalfont raggedright raggedleft flushleft hline toprule midrule bottomrule"
    " cmidrule cline leavevmode indent ignorespaces unskip allowbreak nolinebreak nopagebreak frenchspacing"
    " sloppy fussy singlespacing doublespacing onehalfspacing printbibliography listoffigures listoftables"
    " frontmatter mainmatter backmatter makeatletter makeatother begingroup endgroup protect strut null"
    " quad qquad enspace thinspace linewidth textwidth baselineskip parskip parindent medskip"
)
_CITES = names("cite citep parencite autocite footcite supercite smartcite Autocite Parencite Citep")
"""References in parentheses, which are no word of the sentence unless a preposition stands before them."""
_INDEX = re.compile(r"index|todo|gls(?:add|unset|reset)|\w*label$|\w*(?:skip|space)$")
_SPELLED = {"ldots": "…", "dots": "…", "textellipsis": "…", "textendash": "–", "textemdash": "—"}
_ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328", "r": "\u030a",
}  # fmt: skip
_LETTERS = {
    "ss": "ß",
    "o": "ø",
    "O": "Ø",
    "ae": "æ",
    "AE": "Æ",
    "aa": "å",
    "AA": "Å",
    "l": "ł",
    "L": "Ł",
    "i": "ı",
}
_SIGNS = {
    "~": " ",
    "``": "“",
    "''": "”",
    "---": "—",
    "--": "–",
    "\\,": " ",
    "\\ ": " ",
    "\\;": " ",
    "\\@": "",
}

_TOKEN = re.compile(
    r"""
      (?P<comment> (?<!\\)% [^\n]* (?:\n[ \t]*(?!\s*\n))? )
    | (?P<blank> \n[ \t]*(?:\n[ \t]*)+ )
    | (?P<off> \\iffalse(?![a-zA-Z]) )
    | (?P<unread> \\begin[ \t]*\{(?P<env> (?:UNREAD)\*? )\} )
    | (?P<display> \\begin[ \t]*\{(?P<formula> (?:FORMULAS)\*? )\} )
    | \\(?P<edge> begin|end )[ \t]*\{(?P<name> [^{}\n]* )\}
    | (?P<verb> \\(?:verb|lstinline|mintinline\{\w+\})\*?(?:\[[^\]]*\])?
        (?: \{(?:[^{}\n]|LINE)*\} | (?P<bar>[^\w\s{*\[])[^\n]*?(?P=bar) ) )
    | (?P<math> \$\$(?:[^$\\\n]|\\[^\n]|\\?LINE)*\$\$ | \$(?:[^$\\\n]|\\[^\n]|\\?LINE)*\$ )
    | (?P<open> \\\(|\\\[ )
    | (?P<accent> \\(?:['`^"~=.][ ]?|[cvuHkr](?=\{|[ ]))(?:\{(?:\\?[a-zA-Z])\}|\\?[a-zA-Z](?![a-zA-Z]*\{)) )
    | (?P<letter> \\(?:ss|o|O|ae|AE|aa|AA|l|L)(?![a-zA-Z])(?:\{\}|[ ])? )
    | (?P<hyphen> \\[-/] )
    | (?P<sign> ~ | `` | '' | --- | -- | \\[,;\x20@] )
    | (?P<newline> \\\\\*?(?:\[[^\]\n]*\])? )
    | (?P<command> \\(?P<word> [a-zA-Z@]+ )\*? )
    | (?P<escape> \\ ) (?= [^a-zA-Z] )
    | (?P<brace> [{}] )
    | (?P<cell> & )
    """.replace("UNREAD", _UNREAD)
    .replace("FORMULAS", _FORMULAS)
    .replace("LINE", r"\n(?![ \t]*\n)"),
    re.VERBOSE,
)
_FIRST = re.compile(r"[%\n\\$~`'\-{}&]")
"""What a token begins with: looking for it is quicker than looking for tokens."""
_OPTION = re.compile(
    r"[ \t]*\n?[ \t]*\[IN{0,500}(?:\[IN{0,500}\]IN{0,500}){0,9}\]|[ \t]*<[\d,+*-]*>".replace(
        "IN", r"(?:[^\[\]\n]|\n(?![ \t]*\n))"
    )
)
_PREPOSITION = re.compile(
    r"(?:^|[.:(]|\b(?:in|of|by|from|see|to|with|and|or|than|for|on|at|as|per|like|both|"
    r"via|e\.g\.,?|cf\.|the|that|equations?|sections?|figures?|tables?|chapters?))[\s~(]*\Z",
    re.IGNORECASE,
)
_OFF_END = re.compile(r"\\(?:fi|else)(?![a-zA-Z])")
_STARTED = re.compile(r"\\begin\s*\{document\}")


_SPELLING = re.compile(
    r"""~|``|''|---|--|\\[,;@ ]|\\(?:['`^"~=.][ ]?|[cvuHkr](?=\{|[ ]))(?:\{\\?[a-zA-Z]\}|[ ]?\\?[a-zA-Z])
    |\\[a-zA-Z]+(?:\{\}|[ ])?""",
    re.VERBOSE,
)


def character(raw: str) -> str:
    """What TeX's spellings of characters look like; anything else as it is."""
    return _SPELLING.sub(lambda match: _character(match[0]), raw)


def _character(raw: str) -> str:
    word = raw.strip("\\{} ")
    if raw in _SIGNS:
        return _SIGNS[raw]
    if word in _SPELLED or word in _LETTERS:
        return _SPELLED.get(word) or _LETTERS[word]
    if len(raw) > 2 and raw[1] in _ACCENTS:
        return unicodedata.normalize("NFC", raw[2:].strip("\\{} ") + _ACCENTS[raw[1]])
    return raw


class _Scanner:
    """Reads paragraph by paragraph: no argument, option or formula in dollars goes on behind a blank line."""

    def __init__(self, text: str, commands: frozenset[str]) -> None:
        self.text = text
        self.read = _TEXT | commands
        self.found = Scan()
        self.closers = _closers(text)
        self.missing: set[str] = set()
        """What closes formulas and is nowhere below."""
        self.kind = BlockKind.PARAGRAPH
        self.start: int | None = None
        self.paragraph = 0
        """Where the paragraph begins, or what is read."""
        self.depth = 0
        self.frames: list[tuple[BlockKind, int | None, int, int]] = []
        """Of the argument that is a block of its own: what was open around it, depth, where it begins."""
        self.in_table: list[bool] = []

    def scan(self, state: str | None) -> Scan:
        started = _STARTED.search(self.text)
        position = 0
        if state is not None:
            self.kind = BlockKind(state)
        elif started:
            self._titles(started.start())
            position = started.end()
        self.found.cuts.append(Cut(0, state or ("preamble" if started else self.kind.value)))
        self.start = position
        while first := _FIRST.search(self.text, position):
            match = _TOKEN.match(self.text, first.start())
            position = max(self._token(match), match.end()) if match else first.end()
        self._flush(len(self.text))
        if state is not None and started:  # it is not what it was taken for
            self.found.cuts.clear()
        return self.found

    def _titles(self, end: int) -> None:
        for match in re.finditer(r"\\(?:sub)?title\s*(?:\[[^\]]*\])?\{", self.text[:end]):
            close = self._close(match.end() - 1)
            self.found.blocks.append((BlockKind.LABEL, match.end(), min(close - 1, end)))
            for part in re.finditer(r"\\(?:[a-zA-Z]+|.)|[{}]", self.text[match.end() : close - 1]):
                self._mark(match.end() + part.start(), match.end() + part.end(), Role.SKIP)

    def _token(self, match: re.Match[str]) -> int:
        start, end = match.span()
        kind = match.lastgroup
        if match["comment"] or match["hyphen"]:
            self._mark(start, end, Role.SKIP)
        elif match["blank"]:
            self._split(start, end, BlockKind.LIST_ITEM if self.kind is BlockKind.LIST_ITEM else None)
            self.paragraph = end
            if not self.frames and not any(self.in_table):
                self.found.cuts.append(Cut(end, self.kind.value))
        elif match["off"]:
            closing = _OFF_END.search(self.text, end)
            if closing is None:
                self.found.opens(start)
            close = closing.end() if closing else len(self.text)
            self._split(start, close)
            return close
        elif match["unread"] or match["display"]:
            name = match["env"] or match["formula"]
            close = self.text.find(f"\\end{{{name}}}", end)
            if close < 0:
                self.found.opens(start)
            close = len(self.text) if close < 0 else close + len(name) + 6
            if match["unread"]:
                self._split(start, close)
            else:
                self._mark(start, close, Role.STAND_IN)
            return close
        elif match["edge"]:
            return self._environment(match["edge"], match["name"].rstrip("*"), start, end)
        elif match["verb"] or match["math"]:
            self._mark(start, end, Role.STAND_IN)
        elif match["open"]:
            closer = {"(": "\\)", "[": "\\]"}[match["open"][1]]
            close = -1 if closer in self.missing else self.text.find(closer, end)
            if close < 0:
                self.found.opens(start)
                self.missing.add(closer)
            close = end if close < 0 else close + 2
            self._mark(start, close, Role.STAND_IN if close > end else Role.SKIP)
            return close
        elif match["accent"] or match["letter"] or match["sign"]:
            self._mark(start, end, Role.SKIP if match["sign"] == "\\@" else Role.CHARACTER)
        elif match["newline"] or match["cell"]:
            self._split(start, end)
        elif match["command"]:
            return self._command(match["word"], start, end)
        elif match["brace"]:
            self._brace(match["brace"], start)
        elif kind:
            self._mark(start, end, Role.SKIP)
            return end + 1
        return end

    def _environment(self, edge: str, name: str, start: int, end: int) -> int:
        stop = end
        if edge == "begin":
            while option := _OPTION.match(self.text, stop):
                if _TITLED.match(name) and option[0].endswith("]") and "=" not in option[0]:
                    title = self.text.index("[", stop) + 1
                    self.found.blocks.append((BlockKind.LABEL, title, option.end() - 1))
                stop = option.end()
            arguments = {
                "tabular": 1,
                "tabularx": 2,
                "tabular*": 2,
                "longtable": 1,
                "array": 1,
                "minipage": 1,
            }
            for _ in range(arguments.get(name, 0)):
                while option := _OPTION.match(self.text, stop):
                    stop = option.end()
                if self.text.startswith("{", stop):
                    stop = self._close(stop)
            if name in ("frame", "theorem", "block", "exampleblock", "alertblock") and self.text.startswith(
                "{", stop
            ):
                self._split(start, stop + 1, BlockKind.LABEL)
                close = self._close(stop)
                self._split(close - 1, close)
                return close if "\\" not in self.text[stop:close] else stop + 1
        self.in_table = (
            [*self.in_table, "tabular" in name or name == "longtable"]
            if edge == "begin"
            else self.in_table[:-1]
        )
        cell = bool(self.in_table) and self.in_table[-1]
        self._split(start, stop, BlockKind.TABLE_CELL if cell else None)
        return stop

    def _command(self, word: str, start: int, end: int) -> int:
        if word in _SPELLED:
            self._mark(start, end, Role.CHARACTER)
            return end
        stop = end
        while option := _OPTION.match(self.text, stop):
            stop = option.end()
        if word == "item":
            self._split(start, stop, BlockKind.LIST_ITEM)
            return stop
        if word in self.read:
            for _ in range(_SKIPPED_ARGUMENTS.get(word, 0)):
                stop = self._close(stop) if self.text.startswith("{", stop) else stop
            self._mark(start, stop, Role.SKIP)
            return stop
        own = BlockKind.HEADING if word in _HEADINGS else BlockKind.LABEL if word in _LABELS else None
        if word == "captionof" and self.text.startswith("{", stop):
            stop = self._close(stop)
        if word in _NOTES:
            own = BlockKind.PARAGRAPH
        if own is not None and self.text.startswith("{", stop):
            return self._own_block(own, word in _NOTES, start, stop)
        close, count = stop, 0
        while self.text.startswith("{", close) and count < 9:
            close, count = self._close(close), count + 1
            while option := _OPTION.match(self.text, close):
                if not self.text.startswith("{", option.end()):
                    break
                close = option.end()
        before = self.text[max(0, start - 40, self.paragraph) : start]
        if word in _CITES and not _PREPOSITION.search(before):
            self._mark(start - len(before) + len(before.rstrip("~ ")), close, Role.SKIP)
        elif word in _UNSEEN or _INDEX.match(word) or self._is_line(start, close):
            self._mark(start, close, Role.SKIP)
        else:
            self._mark(start, close, Role.STAND_IN)
        return close

    def _is_line(self, start: int, end: int) -> bool:
        """Whether nothing else stands on the line."""
        line = self.text.rfind("\n", 0, start) + 1
        return not self.text[line:start].strip() and self.text.startswith("\n", end)

    def _own_block(self, kind: BlockKind, is_note: bool, start: int, brace: int) -> int:
        if is_note:
            close = self._close(brace)
            self._mark(start, close, Role.SKIP)
            self.frames.append((self.kind, self.start, self.depth, close))
        else:
            self._flush(start)
            self.frames.append((BlockKind.PARAGRAPH, None, self.depth, 0))
        self.kind, self.start = kind, brace + 1
        self.depth += 1
        return brace + 1

    def _brace(self, brace: str, at: int) -> None:
        if brace == "{":
            self.depth += 1
        elif self.frames and self.depth == self.frames[-1][2] + 1:
            kind, start, depth, _ = self.frames.pop()
            self._flush(at)
            self.kind, self.depth = kind, depth
            self.start = at + 1 if start is None else start
            return
        else:
            self.depth = max(self.depth - 1, 0)
        self._mark(at, at + 1, Role.SKIP)

    def _close(self, brace: int) -> int:
        """Behind the brace that closes the one at `brace`; right behind it if none does."""
        return self.closers.get(brace, brace + 1)

    def _mark(self, start: int, end: int, role: Role) -> None:
        self.found.marks.append(Mark(start, end, role))

    def _split(self, start: int, end: int, kind: BlockKind | None = None) -> None:
        if self.frames and self.frames[-1][1] is not None:  # in a note
            self._mark(start, end, Role.SPLIT if kind is None else Role.SKIP)
            return
        self._flush(start)
        if kind is None:
            cell = bool(self.in_table) and self.in_table[-1]
            kind = BlockKind.TABLE_CELL if cell else BlockKind.PARAGRAPH
        self.kind, self.start = kind, end

    def _flush(self, end: int) -> None:
        if self.start is not None and end > self.start:
            self.found.blocks.append((self.kind, self.start, end))
        self.start = None


_BRACES = re.compile(r"\\[^\n]|[{}]|\n[ \t]*\n")


def _closers(text: str) -> dict[int, int]:
    """For each opening brace that is closed in its paragraph, where the closing one ends."""
    closers: dict[int, int] = {}
    open_: list[int] = []
    for match in _BRACES.finditer(text):
        if match[0] == "{":
            open_.append(match.start())
        elif match[0] != "}" and match[0][0] == "\n":
            open_.clear()
        elif match[0] == "}" and open_:
            closers[open_.pop()] = match.end()
    return closers


def latex(text: str, state: str | None = None, *, commands: frozenset[str] = frozenset()) -> Scan:
    """The blocks of a LaTeX source; `commands` are further ones whose last argument is read.

    The state is the kind of block that a paragraph goes on with.
    """
    return _Scanner(text, commands).scan(state)


_ENTRY_FIELD = re.compile(
    r"^[ \t]*(?P<name>title|abstract|note|annote|annotation|booktitle)[ \t]*=[ \t]*(?P<open>[{\"])",
    re.IGNORECASE | re.MULTILINE,
)


_ENTRY = re.compile(r"^@", re.MULTILINE)


def bibtex(text: str, _: str | None = None) -> Scan:
    """The titles, abstracts and notes of a bibliography, of which no field goes on in the next entry."""
    entries = [0, *(match.start() for match in _ENTRY.finditer(text, 1))]
    found = Scan(cuts=[Cut(start, "") for start in entries])
    closers = _closers(text)
    for match in _ENTRY_FIELD.finditer(text):
        start = match.end()
        end = closers.get(start - 1, start) - 1 if match["open"] == "{" else text.find('"', start)
        following = bisect_right(entries, start)
        is_last = following == len(entries)
        if end < start and is_last:
            found.opens(entries[-1])
        if end <= start or (not is_last and end > entries[following]):
            continue
        is_text = match["name"].lower() in ("abstract", "annotation", "annote")
        inner = latex(text[start:end])
        found.blocks.append((BlockKind.PARAGRAPH if is_text else BlockKind.LABEL, start, end))
        found.marks.extend(Mark(a + start, b + start, role) for a, b, role in inner.marks)
    return found
