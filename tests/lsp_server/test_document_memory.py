"""What is kept from one check of a document to the next changes nothing that is found."""

import asyncio
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.checker import Checker
from lsp_server.document_words import WORD, DocumentWords
from lsp_server.documents import DocumentSnapshot, Span
from lsp_server.proposers import Proposers
from lsp_server.prose import BlockKind, extract
from lsp_server.results import CheckResult
from lsp_server.settings import Settings
from tests.lsp_server.prose.strategies import markdown
from tests.lsp_server.test_checker import RulesEngine

SPEAKING = st.sampled_from(
    [
        *("I recieved it.", "I recieved teh cat.", "Call `recieved` now.", "**Recieved** is a word."),
        *("# The Recieved Word", "```\nrecieved\n```", "We recieved, recieved, recieved it."),
        *("![recieved](x)",),
        *("It is (as you know.", "It was so) at last.", "- It is (so", "<!-- grammared: words: teh -->"),
        *("Its colour and the grey centre.", "We travelled to a theatre.", "The color is gray."),
        *("<!-- grammared: off-next-line -->\nHe go home.", "| We go |\n|---|\n| He go |"),
        *("He go home.", "As Teh says, go."),
    ]
)
"""Paragraphs of which what is found in others depends."""
TYPED = st.sampled_from(
    ["", "x", " ", "\n", "\n\n", "go ", "`", "**", "(", ")", "# ", "recieved ", "teh ", "- ", "```\n"]
)
REPLACED = st.tuples(st.floats(0, 0.999), st.one_of(st.none(), SPEAKING))
TYPING = st.tuples(st.floats(0, 1), st.integers(0, 12), TYPED)
EDITS = st.lists(st.one_of(REPLACED, TYPING), min_size=1, max_size=6)
PARTS = st.lists(st.one_of(SPEAKING, SPEAKING, markdown), min_size=1, max_size=6)


def document(parts, edits):
    """A text, and what it becomes with each of the edits, with the place of each."""
    text = "\n\n".join(parts)
    yield text, 0
    for place, *edit in edits:
        if len(edit) == 1:
            paragraphs = text.split("\n\n")
            number = int(place * len(paragraphs))
            at = len("\n\n".join(paragraphs[:number]))
            paragraphs[number : number + 1] = [] if edit[0] is None else edit
            text = "\n\n".join(paragraphs)
        else:
            at = round(place * len(text))
            text = text[:at] + edit[1] + text[at + edit[0] :]
        yield text, at


async def found(checker, text, at, *, known_first):
    result = CheckResult(())
    places = Span(min(at, len(text)), min(at + 1, len(text)))
    snapshot = DocumentSnapshot("file:///a.md", text, "markdown")
    async for part in checker.parts(snapshot, focus=places, known_first=known_first):
        result = result.joined(part)
    return result


@pytest.mark.parametrize("dialect", ["auto", "us"])
@given(parts=PARTS, edits=EDITS)
def test_after_each_edit_the_same_is_found_as_in_a_new_document(parts, edits, dialect):
    async def check():
        settings = Settings(dialect=dialect)
        checker = Checker(RulesEngine(), settings, propose=Proposers)
        for number, (text, at) in enumerate(document(parts, edits)):
            result = await found(checker, text, at, known_first=number > 0)
            fresh = await Checker(RulesEngine(), settings, propose=Proposers).check(
                DocumentSnapshot("file:///a.md", text, "markdown")
            )
            assert result.findings == fresh.findings
            assert result.words == fresh.words

    asyncio.run(check())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("It is (as you know.\n\nIt was so.", "It is (as you know.\n\nIt was so) at last."),
        ("I recieved it.\n\nCall it.", "I recieved it.\n\nCall `recieved`."),
        ("I recieved it.\n\n**Recieved** is it.", "I recieved it.\n\nRecieved is it."),
        ("We recived it.\n\nIt is.", "We recived it.\n\nWe recived what we recived."),
        ("The colour.\n\nIt is.", "The colour.\n\nThe color, gray honor, center and meter."),
        ("I saw teh cat.\n\nIt is.", "I saw teh cat.\n\n<!-- grammared: words: teh -->"),
    ],
)
async def test_what_changes_elsewhere_counts(before, after):
    checker = Checker(RulesEngine(), Settings(), propose=Proposers)
    first = await found(checker, before, len(before), known_first=False)
    second = await found(checker, after, len(after), known_first=True)
    new = await found(Checker(RulesEngine(), Settings(), propose=Proposers), after, 0, known_first=False)
    assert second.findings == new.findings
    of_first = [[one for one in result.findings if one.span.end < 20] for result in (first, second)]
    assert of_first[0] != of_first[1]


@given(parts=PARTS, edits=EDITS)
def test_the_words_of_an_edited_document_are_those_that_a_whole_reading_finds(parts, edits):
    words = DocumentWords()
    for number, (text, _) in enumerate(document(parts, edits)):
        blocks = extract(text, "markdown")
        words.follow(text, blocks)
        if number % 2:
            continue  # nobody asked
        counts, introduced = whole_reading(text, blocks)
        for word in {*counts, *introduced, *WORD.findall(text.lower())}:
            assert words.count(word) == counts[word]
            assert words.introduces(word) is (word in introduced)


def whole_reading(text, blocks):
    """The words of the prose, and those that the document introduces, found without parts."""
    marked = re.findall(r"\*\*[^*\n]{1,80}\*\*", text)
    named = re.findall(r"(?<=[a-z,;] )[A-Z][a-z]+\b", text)
    headings = (block.text for block in blocks if block.kind is BlockKind.HEADING)
    titles = [word for heading in headings for word in WORD.findall(heading)[1:] if word[:1].isupper()]
    is_read = bytearray(len(text))
    for block in blocks:
        for segment in block.segments:
            if segment.verbatim:
                is_read[segment.document.start : segment.document.end] = b"x" * len(segment.document)
    outside = [text[run.start() : run.end()] for run in re.finditer(rb"\0+", bytes(is_read))]
    introduced = {
        word.lower() for part in (*marked, *named, *titles, *outside) for word in WORD.findall(part)
    }
    return Counter(word for block in blocks for word in WORD.findall(block.text)), introduced


async def test_a_keystroke_asks_only_for_its_block(monkeypatch):
    asked = []
    cut = "lsp_server.checker.sentences_of"
    monkeypatch.setattr(cut, lambda block, _: asked.append(block.text) or [])
    paragraphs = [f"Paragraph {name} is here." for name in ("one", "two", "three", "four", "five")]
    text = "\n\n".join(paragraphs)
    checker = Checker(RulesEngine(), Settings())
    await found(checker, text, 0, known_first=False)
    assert sorted(asked) == sorted(paragraphs)
    asked.clear()
    await found(checker, text.replace("two", "to"), text.index("two"), known_first=True)
    assert asked == ["Paragraph to is here."]


async def test_another_engine_answers_for_the_whole_document():
    engine = RulesEngine()
    checker = Checker(engine, Settings())
    text = "He go home.\n\nShe go out."
    await found(checker, text, 0, known_first=False)
    engine.identities = ["rules@1", "rules@2"]  # takes over during the check
    result = await found(checker, text + " They are here.", len(text), known_first=True)
    assert {finding.model for finding in result.findings} == {"rules@2"}
    assert len(result.findings) == 2
