"""The rules of each markup that goes by lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_server.prose.block import BlockKind
from lsp_server.prose.roles import Cut
from lsp_server.prose.scanners.lines import Does, LineMarkup, Rule

if TYPE_CHECKING:
    from lsp_server.prose.roles import Scan

RESTRUCTUREDTEXT = LineMarkup(
    (
        Rule(Does.UNDERLINE, r"""(?P<mark> [=\-`:.'"~^_*+\#<>!$%&,;?@/\\|] ) (?P=mark){2,}$"""),
        Rule(Does.COLUMNS, r"\s*=+(?:[ ]+=+)+$"),  # a simple table
        Rule(Does.UNREAD, r"\s*\+[-=+]+\+$"),
        Rule(Does.DRAWN_CELLS, r"\s*\| (?P<text> .*[ ]\|.* | .*\| )$", r"\|"),
        Rule(Does.LABEL, r"\s+:(?: alt | caption ):[ ]+ (?P<text> .+)$"),
        Rule(Does.UNREAD, r"\s*\.\.[ ]+ (?: \|[^|]+\|[ ]+ )? image::"),
        # Directives whose body is prose, with a title or without.
        Rule(
            Does.LABEL,
            r"\s*\.\.[ ]+(?: admonition | topic | sidebar | rubric | list-table | table | centered ) ::"
            r"[ ]*(?P<text> .*)$",
        ),
        Rule(
            Does.ITEM,  # it goes on with "Changed in version 2:"
            r"\s*\.\.[ ]+(?: versionadded | versionchanged | versionremoved | deprecated )::"
            r"[ ]*(?:(?:changed|added)[ ]in)?[ ]*v?\d[\w.]*[ ]* (?P<text> .*)$",
        ),
        Rule(
            Does.PARAGRAPH,
            r"\s*\.\.[ ]+(?: note | warning | tip | hint | important | attention | danger | error | seealso"
            r" | versionadded | versionchanged | versionremoved | deprecated | todo | epigraph | highlights"
            r" | container | compound | figure | class | only | glossary | line-block"
            r" | pull-quote | details | dropdown | caution | tab-set | tab-item | (?:\w+:)?(?: function"
            r" | method | class | module | data | attribute | exception | property | decorator | classmethod"
            r" | staticmethod | option | envvar | cmdoption | confval | setting | term | event | describe ) )"
            r"::[ ]*(?: (?:(?:changed|added)[ ]in)?[ ]*v?\d[\w.]*[ ]* | (?=\S*[(\[.\\<_/]).*$ | (?=--?\w).*$"
            r" | [\w.]+$ )? (?P<text> .*)$",
        ),
        Rule(Does.ITEM, r"\s*\.\.[ ]+ \|[^|]+\| [ ]+ replace::[ ]+ (?P<text> .+)$"),
        Rule(Does.PARAGRAPH, r"\s*\.\.[ ]+ (?: \[[\w.\#*-]+\] )[ ]+ (?P<text> .+)$"),  # footnotes
        Rule(Does.INDENTED, r"\s*\.\.(?:\s|$)"),  # other directives, comments, targets, substitutions
        Rule(Does.INDENTED, r"\s*(?:>>>|\.\.\.)(?:\s|$)"),
        Rule(Does.UNREAD, r"\s*__?[ ]"),
        # A field of code says what a parameter is; options of directives say nothing to a reader.
        Rule(Does.UNREAD, r"\s+:[\w-]+: (?![ ]*\S+[ ]+\S+[ ]+\S+) .*$"),
        Rule(
            Does.UNREAD,
            r"\s*:(?: (?:type|rtype|vartype|meta)(?:[ ][^:]+)? | Authors? | Contact | Organization | Address"
            r" | Date | Version | Revision | Copyright ): [ ]",
        ),
        Rule(Does.ITEM, r"\s*:(?: [^:`\n\\]|\\. | `[^`]*` )+: [ ]+ (?P<text> (?!`).*)$"),
        Rule(Does.UNREAD, r"\s*:[\w\s.*-]+:$"),
        Rule(
            Does.ITEM, r"\s*(?: [-*+\u2022] | (?:\w|\#|\d+|[ivx]+)[.)] | \((?:\w|\d+)\) ) [ ]+ (?P<text> .+)$"
        ),
        Rule(Does.ITEM, r"\s*\|[ ]+ (?P<text> .+)$"),  # a line block
    ),
    literal_after="::",
    has_terms=True,
    lists_follow_blanks=True,
)
ASCIIDOC = LineMarkup(
    (
        Rule(Does.FENCE, r"(?P<fence> ////+|----+|\.\.\.\.+|\+\+\+\++|```\w* )$", r"{fence}\s*\Z|```\Z"),
        Rule(Does.COMMENT, r"//(?!/)"),
        Rule(Does.UNREAD, r"(?: ====+ | \*\*\*\*+ | ____+ | --+ | ''' | <<< | !=== | [|,:]=== )$"),
        Rule(Does.HEADING, r"(?: ={1,6} | \#{1,6} ) [ ]+ (?P<text> .+?) (?: [ ]+=+ )?$"),
        Rule(Does.FENCE, r":!?[\w-]+!?:[ ].*[ ][+\\]$", r"(?!.*[ ][+\\]$)"),  # attributes, over several lines
        Rule(Does.UNREAD, r":!?[\w-]+!?:(?:\s|$)"),  # attributes
        Rule(Does.UNREAD, r"\[ [^\[\]]* (?: \[[^\[\]]*\] [^\[\]]* )* \]+$"),  # [source,python], [[anchor]]
        Rule(Does.LABEL, r"image::[^\[\]]*\[ \"? (?P<text> [^\[\],=\"]+ ) \"? [,\]]"),
        Rule(Does.UNREAD, r"(?: include|image|video|audio|toc|ifdef|ifndef|ifeval|endif|link|xref )::"),
        Rule(Does.UNREAD, r"\+$"),
        Rule(Does.ITEM, r"<[\d.]+>[ ]+ (?P<text> .+)$"),
        Rule(Does.LABEL, r"\.(?![.\s]) (?P<text> .+)$"),
        Rule(Does.PARAGRAPH, r"(?: NOTE|TIP|IMPORTANT|WARNING|CAUTION ): [ ]+ (?P<text> .+)$"),
        Rule(Does.LABEL, r"\s*(?P<text> [^\s:][^:\n]* )(?: :{2,4} | ;; )$"),
        Rule(Does.ITEM, r"\s*[^\s:][^:\n]{0,80}::+ [ ]+ (?P<text> .+)$"),
        Rule(
            Does.CELLS, r"(?: \d*[.+*]?\d*[+*]?[<^>.]*[aehlmdsv]? ) \| (?P<text> .*)$", r"(?:[ ]\S{0,4})?\|"
        ),
        Rule(
            Does.ITEM,
            r"\s*(?: \*{1,5}|-|\.{1,5}|\d+\.|[a-z]\.|<[\d.]+> ) [ ]+ (?:\[[ x*]\][ ]+)? (?P<text> .+)$",
        ),
        Rule(Does.LITERAL, r"[ ]+\S"),
    ),
    underline="=-~^+",
    lists_follow_blanks=True,
)
ORG = LineMarkup(
    (
        Rule(
            Does.FENCE,
            r"\s*\#\+(?i:begin)_(?P<name> (?i:src|example|comment|export|latex|html)) \b",
            r"(?i)\s*#\+end_{name}",
        ),
        Rule(Does.FENCE, r"\s*:(?: [A-Z_]+ | properties | logbook ):$", r"(?i)\s*:end:"),
        Rule(
            Does.LABEL, r"\s*\#\+(?i:title|subtitle|caption|description)(?:\[[^\]]*\])?: [ ]* (?P<text> .+)$"
        ),
        Rule(Does.UNREAD, r"\s*\#\+ | \s*\#(?:\s|$) | \s*:[ ] | \s*\|[-+]+\|?$ | \s*-{5,}$ | \s*%%"),
        Rule(Does.UNREAD, r"\s*(?:SCHEDULED|DEADLINE|CLOSED|CLOCK):"),
        Rule(
            Does.HEADING,
            r"\*+ [ ]+ (?: (?:TODO|DONE|NEXT|WAIT|WAITING|CANCELLED|HOLD)[ ]+ )? (?: \[\#\w\][ ]+ )?"
            r" (?P<text> .+?) (?: [ ]+(?:\[\d*[/%]\d*\]) )? (?: [ \t]+:[\w@#%:]+: )?$",
        ),
        Rule(Does.CELLS, r"\s*\| (?P<text> .*)$", r"\|"),
        Rule(Does.FENCE, r"\s*(?:\\\[|\\begin\{(?P<name>\w+\*?)\})$", r"\s*(?:\\\]|\\end\{{)"),
        Rule(
            Does.ITEM,
            r"(?: \s*[-+] | \s+\* | \s*(?:\d+|[a-zA-Z])[.)] ) [ ]+ (?: \[[ X-]\][ ]+ )?"
            r" (?: .{1,80}?[ ]::[ ]+ )? (?P<text> .+)$",
        ),
        Rule(Does.PARAGRAPH, r"\[fn:[\w-]+\][ ]+ (?P<text> .+)$"),
        Rule(Does.LONE, r"(?P<text> \[\[[^\[\]]*\]\[[^\[\]]*\]\] )$"),
    ),
)
TYPST = LineMarkup(
    (
        Rule(Does.FENCE, r"\s*(?P<fence> ```+ )[^`]*$", r"\s*{fence}"),
        Rule(Does.FENCE, r"\s*/\*(?!.*\*/)", r".*\*/"),
        Rule(Does.UNREAD, r"\s*/\*.*\*/$"),
        Rule(Does.COMMENT, r"\s*//"),
        Rule(Does.FENCE, r"\s*\#(?:let|show|set|import)\b (?: .*[({\[] )$", r"[)}}\]]"),
        Rule(
            Does.UNREAD, r"\s*\#(?:let|show|set|import|include|if|for|while|else|context|pagebreak|outline)\b"
        ),
        Rule(
            Does.CALL,
            r"\s*\#[\w.-]+\( (?:.*,)? $ | \s*\#(?:figure|table|grid)\(.*\) (?:[ ]*<[\w:.-]+>)? $",
            r"\s*\)",
        ),
        Rule(Does.FENCE, r"\s*\$\s*$", r".*\$"),
        Rule(Does.UNREAD, r"\s*[\])}]+[;,]?$ | \s*\#[\w.]+(?:\([^()]*\))?\[?$"),
        Rule(Does.HEADING, r"\s*=+ [ ]+ (?P<text> .+?) (?: [ ]*<[\w:.-]+> )?$"),
        Rule(Does.ITEM, r"\s*(?: [-+] | \d+\. | /[^:]*: ) [ ]+ (?P<text> .+)$"),
    ),
)
MEDIAWIKI = LineMarkup(
    (
        Rule(Does.UNREAD, r":*\{\| | \|\} | \|-"),
        Rule(Does.LABEL, r"\|\+ [ ]* (?P<text> .+)$"),
        Rule(
            Does.CELLS,
            r"[|!] (?: [^|\[\]{}]*=[^|\[\]{}]*\|(?!\|) )? [ ]* (?P<text> .*)$",
            r"[ ]*(?:\|\||!!)[ ]*",
        ),
        Rule(Does.FENCE, r"\{\{ (?!.*\}\})", r"(?!.*\{{\{{).*\}}\}}"),
        Rule(
            Does.FENCE,
            r"<(?P<name> syntaxhighlight|source|pre|math|nowiki|score|timeline|gallery )\b(?!.*</(?P=name)>)",
            r"(?i).*</{name}",
        ),
        Rule(
            Does.UNREAD,
            r"\#REDIRECT | __[A-Z]+__ | -{4,} | \[\[(?:Category|File|Image):[^\[\]|]*\]\]$"
            r" | ;?:?\{\{[^{}]*\}\}$",
        ),
        Rule(Does.HEADING, r"(?P<mark> ={1,6} )[ ]* (?P<text> [^=\s].*?) [ ]*(?P=mark)\s*$"),
        Rule(Does.CELLS, r"[*\#:]*; [ ]* (?P<text> .*)$", r"[ ]:[ ]"),  # a term and its definition
        Rule(Does.ITEM, r"[*\#:]+ [ ]* (?P<text> .+)$"),
        Rule(Does.UNREAD, r"[ ]"),
    ),
    items_are_lines=True,
)
ROFF = LineMarkup(
    (
        Rule(Does.COMMENT, r"[.'][ ]*\\\" "),
        Rule(Does.HEADING, r"\.[ ]*(?: SH|SS|Sh|Ss )[ ]+ \"? (?P<text> [^\"]+ ) \"?$"),
        Rule(Does.FENCE, r"\.[ ]*(?:nf|EX)\b", r"\.[ ]*(?:fi|EE)\b"),
        Rule(Does.FENCE, r"\.[ ]*(?:Bd)\b", r"\.[ ]*Ed\b"),
        Rule(Does.FENCE, r"\.[ ]*TS\b", r"\.[ ]*TE\b"),
        Rule(Does.FENCE, r"\.[ ]*(?:de|ig)\b", r"\.\."),
        Rule(Does.ADDS, r"\.[ ]*(?: I|Em|Sy|Ar|IR )[ ]+ (?P<text> .+)$"),
        Rule(
            Does.ADDS_LITERAL,
            r"\.[ ]*(?: B|Nm|Fl|Cm|Pa|Va|BR|RB|RI|BI|IB|Xr|Ic|Li )[ ]+"
            r" (?P<text> (?:[^()\n]|\([^()\n]*\)|[()])+? )(?=\)?[.,;:]*$)",
        ),
        Rule(Does.UNREAD, r"[.']"),
    ),
)
_PO_STRING = r'"(?P<text> (?:[^"\\]|\\.)* )"$'
_GETTEXT = LineMarkup(
    (
        Rule(Does.UNREAD, r"\#|msgctxt|domain"),
        Rule(Does.LABEL, rf"(?:msgid|msgid_plural|msgstr(?:\[\d+\])?)[ ]+ (?!\"\"){_PO_STRING}"),
        Rule(Does.UNREAD, r"msg"),
        Rule(Does.UNREAD, r'"[\w-]+:[ ][^"]*\\n"$'),  # the header
        Rule(Does.JOINS, _PO_STRING),
    ),
    plain_is_read=False,
)
_OTHER_LANGUAGE = re.compile(r'^"Language: (?!en|\\n)', re.MULTILINE)
_MESSAGE = re.compile(r'^msgid[ ]+(?:"[^"\n]|""\n(?!msgstr))', re.MULTILINE)
_TRANSLATION = re.compile(r'^msgstr[^\n]*(?:\n"[^\n]*)*', re.MULTILINE)


def gettext(text: str, state: str | None = None) -> Scan:
    """The messages of a catalogue, and their translations if these are English.

    The state is the language of these, which the head tells: what precedes the first message.
    """
    first = _MESSAGE.search(text)
    is_headless = state is None and first is None
    if state is None:
        head = text[: first.start()] if first else text
        state = "other" if _OTHER_LANGUAGE.search(head) else "English"
    if state == "other":
        text = _TRANSLATION.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    found = _GETTEXT(text)
    found.cuts = [Cut(cut.start, state) for cut in found.cuts]
    if is_headless:
        found.opens(0)
    return found


SUBRIP = LineMarkup(
    (
        Rule(Does.UNREAD, r"\d+$"),
        Rule(Does.UNREAD, r"[\d:,.]+[ ]*-->"),
        Rule(Does.LABEL, r"\s*-[ ]*(?P<text>.+)$"),
    ),
    kind=BlockKind.LABEL,
)
WEBVTT = LineMarkup(
    (
        Rule(Does.FENCE, r"(?:NOTE|STYLE|REGION)\b", r"\s*\Z"),
        Rule(Does.UNREAD, r"WEBVTT | (?:\d+:)?\d+:\d+[.,]\d+[ ]*--> | \w+(?:-\w+)+$"),
        Rule(Does.UNREAD, r"\d+$"),
        Rule(Does.LABEL, r"\s*-[ ]*(?P<text>.+)$"),
    ),
    kind=BlockKind.LABEL,
)
