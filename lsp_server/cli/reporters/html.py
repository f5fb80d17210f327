"""A report as one HTML page that needs nothing else: the texts with their findings marked, by kind."""

from __future__ import annotations

from collections import Counter
from html import escape
from itertools import groupby
from string import Template
from typing import TYPE_CHECKING

from lsp_server.cli.reporters.machine import Located, located
from lsp_server.cli.reporters.text import printable
from lsp_server.cli.tables import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lsp_server.cli.reporters.report import FileReport

_AROUND = 1
"""Lines shown before and after those with a finding."""

_PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Grammared: $summary</title>
<style>
:root { color-scheme: light dark; --text: #1d2430; --dim: #697386; --back: #fff; --card: #f6f8fa;
  --line: #d8dee6; --mark: #ffe3e0; --wave: #d1242f; --right: #1a7f37; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --dim: #8d96a0; --back: #0d1117;
  --card: #161b22; --line: #30363d; --mark: #4a1f22; --wave: #ff7b72; --right: #56d364; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1rem 4rem; color: var(--text); background: var(--back);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; overflow-wrap: anywhere; }
p { margin: .25rem 0 1rem; color: var(--dim); }
fieldset { display: flex; flex-wrap: wrap; gap: .4rem; border: 0; padding: 0; margin: 0; }
legend { padding: 0; color: var(--dim); font-size: .9rem; margin-bottom: .3rem; }
fieldset label { border: 1px solid var(--line); border-radius: 1rem; padding: .1rem .7rem;
  font-size: .9rem; cursor: pointer; }
fieldset label:has(:checked) { background: var(--card); }
.lines { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; margin: .6rem 0;
  padding: .6rem .8rem; }
.line { display: grid; grid-template-columns: 3rem 1fr; }
.line > span:first-child { color: var(--dim); user-select: none; }
.line > span:last-child { white-space: pre-wrap; overflow-wrap: anywhere; }
mark { background: var(--mark); color: inherit; text-decoration: underline wavy var(--wave) 1px;
  text-underline-offset: 3px; border-radius: 2px; }
mark.off { background: none; text-decoration: none; }
ul { margin: .5rem 0 0; padding: .5rem 0 0 3rem; border-top: 1px solid var(--line); list-style: none;
  font-size: .93rem; }
li b { color: var(--right); } li small { color: var(--dim); } del { color: var(--wave); }
[hidden] { display: none; }
</style>
</head>
<body>
<h1>Grammared</h1>
<p>$summary</p>
<fieldset><legend>Kinds that are shown</legend>$filters</fieldset>
$files
<script>
const boxes = [...document.querySelectorAll("input[type=checkbox]")];
function show() {
  const shown = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  document.querySelectorAll("mark").forEach((mark) =>
    mark.classList.toggle("off", !shown.has(mark.dataset.kind)));
  document.querySelectorAll("li").forEach((item) => { item.hidden = !shown.has(item.dataset.kind); });
  document.querySelectorAll(".lines, section").forEach((part) => {
    part.hidden = !part.querySelector("li:not([hidden])");
  });
}
boxes.forEach((box) => box.addEventListener("change", show));
</script>
</body>
</html>
""")


def report_html(reports: Sequence[FileReport]) -> str:
    """The page."""
    files = [(report, list(located([report]))) for report in reports]
    kinds = Counter(one.finding.kind.code for _, found in files for one in found)
    summary = f"{counted(sum(kinds.values()), 'finding', 'No')} in {counted(len(reports), 'file')}"
    filters = "".join(
        f'<label><input type="checkbox" value="{kind}" checked> {kind.replace("-", " ")} ({number})</label>'
        for kind, number in kinds.most_common()
    )
    sections = "\n".join(_section(report, found) for report, found in files if found)
    return _PAGE.substitute(summary=summary, filters=filters, files=sections)


def _section(report: FileReport, found: Sequence[Located]) -> str:
    groups = "\n".join(_lines(report, group) for group in _groups(found))
    return f"<section>\n<h2>{escape(printable(report.name))}</h2>\n{groups}\n</section>"


def _groups(found: Sequence[Located]) -> Iterator[list[Located]]:
    """Findings whose lines, with those around them, touch or overlap."""
    number, last = 0, None
    keys = []
    for one in found:
        if last is not None and one.line > last + 2 * _AROUND + 1:
            number += 1
        last = max(last or 0, one.end_line)
        keys.append(number)
    for _, group in groupby(zip(keys, found, strict=True), lambda pair: pair[0]):
        yield [one for _, one in group]


def _lines(report: FileReport, found: Sequence[Located]) -> str:
    """Some lines of a text, with what was found in them below."""
    document = report.document
    first = max(found[0].line - 1 - _AROUND, 0)
    last = min(max(one.end_line for one in found) + _AROUND, len(document.lines))
    rows = []
    for number in range(first, last):
        span = document.lines.line_span(number)
        marked = "".join(_marked(document.text, span.start, span.end, found))
        rows.append(f'<div class="line"><span>{number + 1}</span><span>{marked}</span></div>')
    items = "".join(map(_item, found))
    return f'<div class="lines">{"".join(rows)}<ul>{items}</ul></div>'


def _marked(text: str, start: int, end: int, found: Sequence[Located]) -> Iterator[str]:
    """A line with its findings marked; of two that overlap, the second from where the first ends."""
    done = start
    for one in found:
        left, right = max(one.finding.span.start, done), min(one.finding.span.end, end)
        if left >= right:
            continue
        yield escape(printable(text[done:left]))
        title = escape(one.message, quote=True)
        wrong = escape(printable(text[left:right]))
        yield f'<mark data-kind="{one.finding.kind.code}" title="{title}">{wrong}</mark>'
        done = right
    yield escape(printable(text[done:end]))


def _item(one: Located) -> str:
    wrong = escape(printable(one.finding.span.of(one.document.text)))
    right = " or ".join(
        f"<b>{escape(printable(s.replacement))}</b>" if s.replacement else "(nothing)"
        for s in one.finding.suggestions
    )
    arrow = f" → {right}" if right else ""
    sure = f"{one.finding.kind.code}, {one.finding.confidence:.0%}"
    return (
        f'<li data-kind="{one.finding.kind.code}">{one.line}:{one.column} <del>{wrong}</del>{arrow} '
        f"{escape(printable(one.finding.message))} <small>({sure})</small></li>"
    )
