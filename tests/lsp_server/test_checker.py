"""The road from a document to its findings, with a tiny engine that is real in all but the weights."""

import base64
from contextlib import aclosing
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.checker import Checker
from lsp_server.documents import DocumentSnapshot, Span
from lsp_server.errors import EngineError, EngineUnavailable
from lsp_server.results import CheckResult
from lsp_server.server.scheduler import Outcome
from lsp_server.settings import Settings
from triton_server.gector.types import Decoding, Tagging


class RulesEngine:
    """Says what to do about two words; counts what it was asked, and fails or changes when told to."""

    def __init__(self, fails_at=None, identities=("rules@1",)):
        self.asked = []
        self.fails_at = fails_at
        self.identities = list(identities)

    @property
    def identity(self):
        return self.identities[0]

    def decoding(self, strictness):
        return {"low": Decoding(0.3, 0.9), "normal": Decoding(0.2, 0.5), "high": Decoding(0.1, 0.1)}[
            strictness
        ]

    async def start(self):
        pass

    async def tag(self, sentences, keep_confidence):
        for words in sentences:
            if self.fails_at in words:
                raise EngineUnavailable("gone")
        self.asked += [" ".join(words) for words in sentences]
        if len(self.identities) > 1:
            self.identities.pop(0)
        return [self._tag(words) for words in sentences]

    def _tag(self, words):
        rules = {"go": "$REPLACE_goes", "cat": "$TRANSFORM_AGREEMENT_PLURAL"}
        tokens = ["$START", *words]
        labels = tuple(rules.get(token, "$KEEP") for token in tokens)
        return Tagging(labels, (0.7,) * len(tokens), (0.8,) * len(tokens))

    async def close(self):
        pass


async def test_what_cannot_be_edited_is_found_without_a_suggestion():
    encoded = base64.encodebytes(b"He go home. He is here.").decode()
    mail = f"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n{encoded}"
    result = await Checker(RulesEngine(), Settings()).check(document(mail, "mail"))

    (finding,) = result.findings
    assert finding.suggestions == ()
    assert finding.span.of(mail) in encoded
    assert "goes" in finding.message


async def test_terse_style_is_no_mistake_where_it_is_usual():
    found = [
        len((await Checker(RulesEngine(), Settings()).check(document(text, kind))).findings)
        for text, kind in [
            ("// go home at once.\n", "go"),
            ("// He go home at once.\n", "go"),
            ("// Then go home at once.\n", "go"),
            ("go home at once.\n", "markdown"),
            ("# Fixes for two cat\n", "markdown"),
            ("# We have two cat\n", "markdown"),
            ("- Fix two cat\n", "markdown"),
            ("- [#5](a): Fix two cat\n", "markdown"),
            ("- Fix it when two cat\n", "markdown"),
        ]
    ]

    assert found == [0, 1, 0, 1, 0, 1, 0, 0, 1]


def document(text, language="markdown"):
    return DocumentSnapshot("file:///a.md", text, language)


def shown(result, text):
    return [(finding.span.of(text), finding.suggestions[0].replacement) for finding in result.findings]


async def test_findings_are_those_of_the_document_in_order():
    text = "# He go out\n\nShe go home now. They see two *cat* today.\n"
    result = await Checker(RulesEngine(), Settings()).check(document(text))
    assert shown(result, text) == [("go", "goes"), ("go", "goes"), ("cat", "cats")]
    assert [finding.span.start for finding in result.findings] == sorted(
        f.span.start for f in result.findings
    )
    assert not result.unchecked
    assert result.failure is None


async def test_only_changed_sentences_are_tagged_again():
    engine = RulesEngine()
    checker = Checker(engine, Settings())
    await checker.check(document("We are here today. You are there now."))
    engine.asked.clear()
    await checker.check(document("Some more words first. We are here today. You are there again."))
    assert engine.asked == ["Some more words first .", "You are there again ."]


async def test_equal_sentences_are_tagged_once():
    engine = RulesEngine()
    await Checker(engine, Settings()).check(document("We are here today. " * 5))
    assert engine.asked == ["We are here today ."]


async def test_what_was_forgotten_is_tagged_again():
    engine = RulesEngine()
    checker = Checker(engine, Settings(), remembered=1)
    for _ in range(2):
        await checker.check(document("We are here today. You are there now."))
    assert engine.asked.count("We are here today .") == 2
    assert engine.asked.count("You are there now .") == 1


async def test_a_failure_names_what_is_unchecked_and_keeps_what_was_found(monkeypatch):
    monkeypatch.setattr("lsp_server.checker.BATCH", 1)
    text = "She go home now. Then the **wires** break down. He go out too."
    result = await Checker(RulesEngine(fails_at="wires"), Settings()).check(document(text))
    assert shown(result, text) == [("go", "goes")]
    assert [span.of(text) for span in result.unchecked] == [
        "Then the **wires** break down.",
        "He go out too.",
    ]
    assert isinstance(result.failure, EngineUnavailable)


async def test_answers_of_two_models_are_never_mixed():
    engine = RulesEngine(identities=("first@1", "second@1"))
    text = "She go home now."
    result = await Checker(engine, Settings()).check(document(text))
    assert result.model == "second@1"
    assert engine.asked.count("She go home now .") == 2
    assert shown(result, text) == [("go", "goes")]


async def test_an_engine_that_never_stays_with_a_model_is_given_up():
    engine = RulesEngine(identities=[f"model@{i}" for i in range(100)])
    result = await Checker(engine, Settings()).check(document("She go home now."))
    assert isinstance(result.failure, EngineError)
    assert "ever other models" in str(result.failure)
    assert len(result.unchecked) == 1


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        (Settings(strictness="low"), False),  # 0.7 is below the 0.9 of "low"
        (Settings(strictness="normal"), True),
        (Settings(strictness="low", min_error_prob=0.6), True),
        (Settings(strictness="high", min_error_prob=0.75), False),
    ],
)
async def test_strictness_and_what_an_expert_sets(settings, found):
    result = await Checker(RulesEngine(), settings).check(document("She go home now."))
    assert bool(result.findings) is found


async def test_progress_counts_prose(monkeypatch):
    monkeypatch.setattr("lsp_server.checker.BATCH", 2)
    steps = []
    text = "We are here today. You are there now. They are out again."
    await Checker(RulesEngine(), Settings()).check(document(text), lambda *step: steps.append(step))
    assert steps == [(37, len(text)), (len(text), len(text))]


async def parts_of(checker, text, **options):
    return [part async for part in checker.parts(document(text), **options)]


PARAGRAPHS = [f"Paragraph {name} is here." for name in ("one", "two", "three", "four", "five", "six")]
TEXT = "\n\n".join(PARAGRAPHS)


async def test_parts_begin_at_the_focus_and_go_outwards(monkeypatch):
    monkeypatch.setattr("lsp_server.checker.FIRST", 1)
    monkeypatch.setattr("lsp_server.checker.MOST", 2)
    place = TEXT.index("four")
    parts = await parts_of(Checker(RulesEngine(), Settings()), TEXT, focus=Span(place, place))
    order = [[span.of(TEXT) for span in part.extents] for part in parts]
    assert order == [
        [PARAGRAPHS[3]],
        [PARAGRAPHS[2], PARAGRAPHS[4]],
        [PARAGRAPHS[1], PARAGRAPHS[5]],
        [PARAGRAPHS[0]],
    ]


async def test_a_very_large_document_is_checked_around_the_focus(monkeypatch):
    monkeypatch.setattr("lsp_server.checker.LARGEST", len(TEXT) - 1)
    monkeypatch.setattr("lsp_server.checker.WINDOW", 2 * len(PARAGRAPHS[3]) + 2)
    place = TEXT.index("four")
    result = CheckResult(())
    parts = await parts_of(Checker(RulesEngine(), Settings()), TEXT, focus=Span(place, place))
    for part in parts:
        result = result.joined(part)
    assert result.window.of(TEXT) == "\n\n".join(PARAGRAPHS[2:5])
    assert parts[-1].done == parts[-1].total
    whole = await Checker(RulesEngine(), Settings()).check(document(TEXT))
    assert (whole.window, whole.words) == (None, sum(len(one.split()) + 1 for one in PARAGRAPHS))
    outcome = Outcome(document(TEXT), result)
    assert [outcome.covers(Span(place, place)), outcome.covers(Span(0, 9))] == [True, False]


async def test_a_change_in_a_known_document_comes_in_one_part():
    checker = Checker(RulesEngine(), Settings())
    await checker.check(document(TEXT))
    changed = TEXT.replace("four is", "four go")
    parts = await parts_of(checker, changed, focus=Span(changed.index("go"), changed.index("go")))
    assert len(parts) == 1
    assert len(parts[0].findings) == 1
    assert parts[0].done == parts[0].total


async def test_a_changed_sentence_is_tagged_before_the_rest():
    engine = RulesEngine()
    place = TEXT.index("five")
    checker = Checker(engine, Settings())
    stream = checker.parts(document(TEXT), focus=Span(place, place))
    await anext(stream)
    await stream.aclose()  # as a keystroke does
    engine.asked.clear()
    changed = TEXT.replace("two is", "two go")
    await anext(checker.parts(document(changed), focus=Span(changed.index("go"), changed.index("go"))))
    assert "Paragraph two go here ." in engine.asked
    assert "Paragraph six is here ." not in engine.asked


@given(
    st.lists(
        st.sampled_from(["He go home.", "We see two cat here.", "All is well.", "*It* go on.", "- one"])
    ),
    st.floats(0, 1),
)
async def test_parts_hold_what_a_whole_check_finds(sentences, where):
    text = "\n\n".join(sentences)
    place = round(where * len(text))
    whole = await Checker(RulesEngine(), Settings()).check(document(text))
    parts = await parts_of(Checker(RulesEngine(), Settings()), text, focus=Span(place, place))
    found = [finding for part in parts for finding in part.findings]
    assert sorted(found, key=lambda finding: finding.span) == list(whole.findings)
    extents = sorted(span for part in parts for span in part.extents)
    assert all(one.end <= other.start for one, other in pairwise(extents))


async def test_a_long_paragraph_comes_in_several_parts(monkeypatch):
    monkeypatch.setattr("lsp_server.checker.BATCH", 3)
    text = " ".join(f"Sentence number {i} is here." for i in range(10))
    parts = await parts_of(Checker(RulesEngine(), Settings()), text)
    assert [len(part.extents) for part in parts] == [1, 1, 1, 1]
    assert "".join(span.of(text) for part in parts for span in part.extents) == text


async def test_settings_of_the_document_count():
    checker = Checker(RulesEngine(), Settings(strictness="low"))
    assert not (await checker.check(document("She go home now."))).findings
    assert (await checker.check(document("She go home now."), settings=Settings())).findings


async def test_a_document_without_prose_is_clean():
    engine = RulesEngine()
    result = await Checker(engine, Settings()).check(document("```\nhe go\n```\n"))
    assert (result.findings, result.unchecked, engine.asked) == ((), (), [])


# --- What is silenced ---------------------------------------------------------------------------------------


async def test_what_is_silenced_is_not_found_and_what_silences_nothing_is():
    text = "<!-- grammared: off-next-line -->\nShe go home now.\n\nHe go out. <!-- grammared: of -->\n"
    result = await Checker(RulesEngine(), Settings()).check(document(text))
    assert shown(result, text) == [("go", "goes"), ("of", "off")]
    assert result.findings[0].span.start > text.index("He")


async def test_a_text_without_prose_may_have_a_directive_that_is_unused():
    for text in ("<!-- grammared: off -->", "<!-- grammared: off -->\n\n```\ncode\n```\n"):
        result = await Checker(RulesEngine(), Settings()).check(document(text))
        assert [finding.kind.code for finding in result.findings] == ["directive"]


async def test_nothing_is_called_unused_when_not_all_was_checked():
    text = "<!-- grammared: off -->\n\nShe runs home now.\n"
    result = await Checker(RulesEngine(fails_at="runs"), Settings()).check(document(text))
    assert result.failure and not result.findings


async def test_settings_of_a_document_silence_kinds_and_what_is_uncertain():
    text = "She go home now. They see two cat today."
    checker = Checker(RulesEngine(), Settings())
    for settings, expected in [
        (Settings(kinds=(("noun-number", "off"),)), []),
        (Settings(kinds=(("noun-number", "hint"),)), [("go", "goes"), ("cat", "cats")]),
        (Settings(kinds=(("spelling", "off"),)), [("go", "goes"), ("cat", "cats")]),
        (Settings(min_confidence=0.99), []),
    ]:
        result = await checker.check(document(text), settings=settings)
        assert shown(result, text) == expected, settings


async def test_the_parts_end_with_the_problems_of_directives():
    text = "<!-- grammared: off -->\n<!-- grammared: on -->\n\n" + "We are here now.\n\n" * 40
    parts = [
        part async for part in Checker(RulesEngine(), Settings()).parts(document(text), focus=Span(99, 99))
    ]
    assert [len(part.findings) for part in parts] == [0] * (len(parts) - 1) + [1]
    assert parts[-1].findings[0].span in parts[-1].extents


async def test_a_change_while_the_first_check_goes_on_does_not_wait_for_all_to_be_read():
    checker = Checker(RulesEngine(), Settings())
    paragraphs = [f"There are {number} of them here now.\n\n" for number in range(2_000)]
    before = "".join(paragraphs)
    async with aclosing(checker.parts(document(before), focus=Span(0, 0))) as parts:
        await anext(parts)
    at = before.index(paragraphs[1_000])
    after = f"{before[:at]}She go home. {before[at:]}"
    async with aclosing(checker.parts(document(after), focus=Span(at, at), known_first=True)) as parts:
        first = await anext(parts)
    assert shown(first, after) == [("go", "goes")]
    assert first.done < first.total / 3
