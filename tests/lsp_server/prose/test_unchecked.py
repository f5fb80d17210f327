"""What a grammar checker has no business with is in no block, or behind a stand-in."""

import pytest

from lsp_server.prose import ProseBlock, extract

MARKDOWN = {
    "inline code": "Some `CODE` here.",
    "inline code with backticks": "Some `` a ` CODE `` here.",
    "inline code over two lines": "> Some `a\n> CODE` here.",
    "fenced code": "Some\n\n```python\nCODE\n```\n\nhere.",
    "fenced code with tildes": "Some\n\n~~~~\nCODE\n~~~\nCODE\n~~~~\n\nhere.",
    "unclosed fence": "Some here.\n\n```\nCODE\n\nCODE",
    "indented code": "Some\n\n    CODE\n\nhere.",
    "code in a list": "- Some\n\n  ```\n  CODE\n  ```\n\n  here.",
    "YAML front matter": "---\ntitle: CODE\n---\nSome here.",
    "TOML front matter": '+++\ntitle = "CODE"\n+++\nSome here.',
    "link target": "Some [words](CODE) here.",
    "link label": "Some [words][CODE] here.\n\n[CODE]: /CODE 'CODE'",
    "image": "Some ![](CODE) here.",
    "linked image": "Some [![](CODE)](CODE) here.",
    "autolink": "Some <https://CODE.org/CODE> here.",
    "bare URL": "Some https://example.org/CODE_(CODE)?CODE=CODE#CODE, here.",
    "www URL": "Some www.CODE.org/CODE here.",
    "e-mail address": "Some CODE@CODE.org here.",
    "URL in a link's text": "Some [https://CODE.org](a) here.",
    "HTML attribute": 'Some <b class="CODE" CODE>words</b> here.',
    "HTML code element": "Some <code class='a'>CODE *CODE*</code> and <kbd>CODE</kbd> here.",
    "HTML comment": "Some <!-- CODE\nCODE --> here.",
    "HTML comment block": "<!-- CODE\n\nCODE -->\n\nSome here.",
    "HTML script": "<script>\nCODE\n\nCODE\n</script>\n\nSome here.",
    "HTML style": "<style>\nCODE\n</style>\n\nSome here.",
    "HTML pre": "<pre><code>\nCODE\n\nCODE\n</code></pre>\n\nSome here.",
    "HTML tag in an HTML block": '<div\n  class="CODE">\nSome <i id="CODE">words</i> here.\n</div>',
    "CDATA": "<![CDATA[\nCODE\n]]>\n\nSome here.",
    "formula": "Some $CODE_1 + x$ here.",
    "displayed formula": "Some\n\n$$\nCODE + x\n$$\n\nhere.",
    "formula in brackets": "Some \\(CODE + x\\) here.\n\n\\[\nCODE\n\\]",
    "math fence": "Some\n\n```math\nCODE\n```\n\nhere.",
    "footnote label": "Some words[^CODE] here.\n\n[^CODE]: The note.",
    "reference definition": "Some here.\n\n[a]: <CODE> (CODE CODE)",
    "emoji shortcode": "Some :CODE: here.",
    "Liquid": "Some {{ CODE | CODE }} and {% CODE %} here.\n\n{% if CODE %}",
    "container": "::: CODE CODE\nSome here.\n:::",
    "admonition": "!!! CODE CODE\n\nSome here.",
    "alert": "> [!CODE]\n> Some here.",
    "MDX": 'import {CODE} from "CODE"\n\nSome {/* CODE */} <Tabs a="CODE">here</Tabs>.',
    "JSX attributes": 'Some <Tabs items={["CODE"]} a={() => {CODE}}>here</Tabs>.',
    "Hugo shortcode": "{{< CODE CODE >}}\nSome here.\n{{< /CODE >}}",
    "code in an admonition": "!!! note\n\n    Some here.\n\n    ```\n    CODE\n\n    CODE\n    ```",
    "wiki link": "Some [[CODE]] and [[CODE|words]] and ![[CODE]] here.",
    "hidden comment": "Some %%CODE%% here.",
    "tag": "Some #CODE/CODE here.",
    "citation": "Some words [@CODE, CODE] and @CODE here.",
    "attributes": "# Some words here {#CODE .CODE}",
    "path": "Some /usr/CODE/CODE, ~/CODE, ../CODE and src/CODE.py here.",
    "identifiers": "Some CODE_CODE, CODE(), CODE.CODE() and --CODE here.",
    "table delimiter": "| Some here |\n|:-:|\n| `CODE` |",
}
PLAIN = {
    "URL": "Some https://CODE.org/CODE here.",
    "e-mail address": "Some CODE@CODE.org here.",
    "code": "Some `CODE` here.",
    "path": "Some C:\\CODE\\CODE and /usr/CODE here.",
}


@pytest.mark.parametrize("document", MARKDOWN.values(), ids=MARKDOWN)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_markdown_shows_no_code(document: str, line_end: str):
    blocks = extract(document.replace("\n", line_end), "markdown")

    assert "CODE" not in editable(blocks)
    assert {"Some", "here"} <= set(editable(blocks).replace(".", " ").split())


@pytest.mark.parametrize("document", PLAIN.values(), ids=PLAIN)
def test_plain_text_shows_no_code(document: str):
    blocks = extract(document, "plaintext")

    assert "CODE" not in editable(blocks)
    assert {"Some", "here."} <= set(editable(blocks).split())


def editable(blocks: list[ProseBlock]) -> str:
    """The text that an edit may touch."""
    pieces = []
    for block in blocks:
        ends = [*(segment.start for segment in block.segments[1:]), len(block.text)]
        pieces += [
            block.text[segment.start : end]
            for segment, end in zip(block.segments, ends, strict=True)
            if segment.verbatim
        ]
    return "\n".join(pieces)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_of_a_commit_only_the_message_is_read(newline):
    text = newline.join(
        [
            "Add the reader",
            "# Please enter the message",
            "It reads the file.",
            "# ------------------------ >8 ------------------------",
            "# Do not modify this line.",
            "diff --git a/x b/x",
            "+ All of this goes.",
        ]
    )
    blocks = extract(text, "git-commit")
    assert [block.text for block in blocks] == ["Add the reader", "It reads the file."]
    assert [text[block.segments[0].document.start :].startswith(block.text) for block in blocks] == [True] * 2
    assert len(extract(text, "plaintext")) > 2


@pytest.mark.parametrize(
    "line",
    [
        "Merge branch 'CODE' into CODE",
        'Revert "CODE CODE"',
        "Signed-off-by: CODE CODE <code@example.org>",
        "Fixes: 0123abc (CODE: CODE)",
        "    CODE CODE",
        "(cherry picked from commit CODE)",
    ],
)
def test_of_a_commit_what_git_writes_is_not_read(line: str):
    blocks = extract(f"feat(reader)!: Some subject\n\n{line}\n\nThe body is here.\n", "git-commit")

    assert [block.text for block in blocks] == ["Some subject", "The body is here."]
    assert [block.kind.has_full_sentences for block in blocks] == [False, True]
