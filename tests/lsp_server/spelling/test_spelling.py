"""Spelling: what is found, what is suggested first, and all that is left alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

import lsp_server
from lsp_server.findings.fixes import SURE
from lsp_server.spelling import document_dialect, is_word, load, spelling_proposals
from lsp_server.spelling.context import MOST, UNSEEN, association
from lsp_server.spelling.slips import COSTS, Slip, slips
from lsp_server.spelling.suggest import candidates, is_slip_by_rule, near_words
from triton_server.segmentation import sentences_in


def proposals(text, dialect="auto", known=(), times=1):
    return [
        proposal
        for _, sentence in sentences_in(text)
        for proposal in spelling_proposals(sentence, dialect, lambda word: word in known, lambda _: times)
    ]


def sure(text, **options):
    return [
        (text[p.start : p.end], p.replacements[0]) for p in proposals(text, **options) if p.confidence >= 0.7
    ]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        pair.split("/")
        for pair in (
            *("recieved/received", "teh/the", "definately/definitely", "apropriate/appropriate"),
            *("tomorow/tomorrow", "untill/until", "occured/occurred", "seperate/separate", "truely/truly"),
            *("beleive/believe", "adress/address", "begining/beginning", "embarass/embarrass", "wich/which"),
            *("goverment/government", "wierd/weird", "thier/their", "freind/friend", "becuase/because"),
            *("enviroment/environment", "neccessary/necessary", "accomodate/accommodate"),
            *("publically/publicly", "succesful/successful", "arguement/argument", "existance/existence"),
        )
    ],
)
def test_the_right_word_comes_first(wrong, right):
    assert not is_word(wrong)
    assert candidates(wrong)[0].text == right


def test_two_words_run_together():
    assert candidates("alot")[0].text == "a lot"
    assert candidates("infact")[0].text == "in fact"


@pytest.mark.parametrize(
    ("wrong", "right", "kinds"),
    [
        ("teh", "the", ["SWAPPED"]),
        ("recieve", "receive", ["SWAPPED"]),
        ("axb", "abx", ["SWAPPED"]),
        ("acomodate", "accommodate", ["DOUBLING", "DOUBLING"]),
        ("untill", "until", ["DOUBLING"]),
        ("becouse", "because", ["VOWEL"]),
        ("tommorow", "tomorrow", ["DOUBLING", "DOUBLING"]),
        ("consern", "concern", ["ALIKE"]),
        ("worlm", "world", ["OTHER"]),
        ("worlf", "world", ["NEARBY"]),
        ("hav", "have", ["FINAL_E_LEFT_OUT"]),
        ("wich", "which", ["LEFT_OUT"]),
        ("frome", "from", ["FINAL_E_ADDED"]),
        ("somthinkg", "something", ["LEFT_OUT", "ADDED"]),
        ("word", "word", []),
    ],
)
def test_kinds_of_slips(wrong, right, kinds):
    assert [slip.name for slip in slips(wrong, right)] == kinds


@given(st.text("abcdeilnorst", min_size=3, max_size=12), st.text("abcdeilnorst", min_size=3, max_size=12))
def test_slips_cost_no_more_than_edits_of_the_rarest_kind(wrong, right):
    found = slips(wrong, right)
    assert (wrong == right) == (not found)
    assert sum(COSTS[slip] for slip in found) <= COSTS[Slip.OTHER] * Levenshtein.distance(wrong, right)


@given(st.sampled_from(["definitely", "although", "government", "weather", "between"]), st.data())
def test_a_word_within_two_edits_is_found(word, data):
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("aeinrst"))
    wrong = data.draw(
        st.sampled_from(
            [word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :]]
        )
    )
    assert any(near == word for near, _ in near_words(wrong, 2))


@pytest.mark.parametrize(
    ("wrong", "right"), [("favorit", "favorite"), ("neigbor", "neighbor"), ("analize", "analyze")]
)
def test_american_words_are_suggested(wrong, right):
    assert candidates(wrong, "us")[0].text == right


def test_a_long_word_with_three_slips():
    assert candidates("dissapointted")[0].text == "disappointed"


@pytest.mark.parametrize("word", ["wonderfull", "responsability", "everthing", "diffrent", "hopefull"])
def test_a_word_that_a_rule_would_let_pass_is_a_slip(word):
    assert is_word(word)
    assert is_slip_by_rule(word)


@pytest.mark.parametrize(
    "word", ["initializers", "reposted", "backend", "unharried", "keystroke", "wonderful"]
)
def test_a_word_that_is_made_by_rule_is_none(word):
    assert not is_slip_by_rule(word)


def test_a_sentence():
    text = "I recieved the package and definately want to return it."
    assert sure(text) == [("recieved", "received"), ("definately", "definitely")]


@pytest.mark.parametrize(
    "text",
    [
        "Call getUserName or snake_case_name in utils.pyy first.",
        "See https://example.org/recieved and /usr/lib/teh and ann.teh@example.org.",
        "The commit 3fa9bc2e and 0xdeadbeef and v1.2.3rc4 weigh 5kg and 10mb.",
        "NASA, the APIs and the URLs are in capitals, TEH too.",
        "We met Szymborska and Grzegorz in Wrocław.",
        "The back-end and front-end teams co-ordinate re-indexing.",
        "An unmergeable branch is fileless and codelike, clockwise.",
        "They'll say it's Ann's, and the boys' ones weren't.",
        "Chapter xii and part iv follow.",
        "The filesystem has a timestamp and a namespace; Kubernetes, GitHub, PostgreSQL.",
        "Sooooo good, hmmmm!",
        "Der schnelle braune Fuchs springt jeden Tag durch das kalte Wasser.",
        "Der Zug fährt heute nicht, sagte er leise.",
        "Ελληνικά и русский текст 漢字.",
        "“Naïve” cafés and a façade.",
        "#recieved @recieved are tags.",
        "The add-ons are yellow-ish.",
        "An mmap of the libc, an fstat of the pty and a zstd stream; numpy, pytest and kubelet.",
        "We signed in by oauth at github.",
        "It calls the helper wrtie() and the macro _wopen here.",
        "The tools fmt, xfrm and blrg are small.",
        "It reads fwrite, sdist and qpython files.",
        "Two halftones and some parentheticals, once conferenced.",
        "Their co-ordinated work is well known.",
        "They was ’ungry an’ ’earty, an’ I’d gormed ’em.",
    ],
)
def test_what_is_left_alone(text):
    assert sure(text) == []


@pytest.mark.parametrize(
    ("word", "dialects"),
    [("colour", "gb ca au nz in"), ("color", "us"), ("realise", "gb au nz in"), ("organize", "us gb ca in")],
)
def test_dialects(word, dialects):
    for dialect in ("us", "gb", "ca", "au", "nz", "in"):
        assert is_word(word, dialect) == (dialect in dialects.split()), dialect
    assert is_word(word, "auto")


def test_the_other_dialect_is_suggested():
    assert sure("The colour is nice to look at.", dialect="us") == [("colour", "color")]
    assert sure("The color is nice to look at.", dialect="gb") == [("color", "colour")]


def test_words_of_the_user_are_right():
    assert sure("We recieved the package today.", known={"recieved"}) == []


def test_a_word_that_stands_often_is_less_likely_wrong():
    (once,) = proposals("We recieved the package today.")
    (often,) = proposals("We recieved the package today.", times=5)
    assert often.confidence < once.confidence


def test_a_word_that_stands_often_and_is_near_no_common_word_is_a_term():
    assert proposals("We glorped the package today.")
    assert proposals("We glorped the package today.", times=3) == []
    assert sure("We recieved the package today.", times=2) == [("recieved", "received")]


def test_possessives_keep_their_ending():
    assert sure("My freind's house is big.") == [("freind's", "friend's")]


@pytest.mark.parametrize("text", ["x" * 100_000, "abc " * 20_000, "aGVsbG8gd29ybGQ" * 5_000, "Zq" * 50_000])
def test_no_text_takes_long(text):
    assert sure(text) == []


def test_the_dictionary_is_large():
    small, other = load("auto")
    assert len(small) > 100_000
    assert "London" in other


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("Nothing here tells.", "auto"),
        ("The colour of the centre.", "auto"),
        ("The colour of the centre is my favourite.", "auto:gb+ca+au"),
        ("The color of the center is my favorite.", "auto:us"),
        ("We organise, analyse and realise the colour.", "auto:gb+au"),
        ("We organize, realize and recognize it.", "auto:us+gb+ca"),
        ("The colour of the centre is my favourite, not the color.", "auto"),
        ("The colour, the centre, the harbour and my favourite, not the color.", "auto:gb+ca+au"),
    ],
)
def test_the_dialect_of_a_document(text, dialect):
    assert document_dialect([text]) == dialect


@pytest.mark.parametrize(
    ("word", "dialect", "other"),
    [
        ("colour", "us", "color"),
        ("theatre", "us", "theater"),
        ("favourites", "us", "favorites"),
        ("analysing", "us", "analyzing"),
        ("centered", "gb", "centred"),
        ("maneuver", "gb", "manoeuvre"),
        ("traveler", "gb", "traveller"),
        ("organization", "au", "organisation"),
    ],
)
def test_a_word_as_another_dialect_writes_it(word, dialect, other):
    assert candidates(word, dialect)[0].text == other


def test_in_a_british_text_an_american_word_stands_out():
    text = "The color of it is nice."
    assert sure(text, dialect="auto:gb+ca+au") == [("color", "colour")]
    assert sure(text, dialect="auto:us") == []
    assert sure(text) == []
    assert sure("We organize and recieved it.", dialect="auto:gb+ca+au") == [("recieved", "received")]
    assert sure("They saw a billabong there.", dialect="auto:us") == []


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("What kind of wheather is it today?", "weather"),
        ("It will take a long tme now.", "time"),
        ("Please snd me a letter.", "send"),
        ("We met in the lst few years.", "last"),
        ("They want a new hous here.", "house"),
        ("He told me the trut about it.", "truth"),
    ],
)
def test_the_neighbours_decide_which_word_comes_first(text, right):
    assert proposals(text)[0].replacements[0] == right


def test_what_may_be_one_of_two_words_is_not_put_right_unseen():
    (one,) = proposals("We saw the concer.")
    assert {"concert", "cancer"} <= set(one.replacements)
    assert one.confidence < SURE


def test_pairs_of_words():
    assert association("of", "the") > association("the", "of")
    assert association("no such", "pair") == UNSEEN
    assert association("", "") == UNSEEN
    assert association("zzz", "zzz") == UNSEEN
    assert UNSEEN < association("good", "morning") <= MOST


FINDS_TWO = """
from lsp_server.spelling import spelling_proposals
from triton_server.segmentation import sentences_in

for _, sentence in sentences_in("We recieved the package. We recieved a letter."):
    for one in spelling_proposals(sentence, "auto", lambda _: False, lambda _: 1):
        print(sentence.text[one.start : one.end])
"""


@pytest.mark.parametrize(
    ("name", "finds"),
    [("words.gz", []), ("frequencies.gz", []), ("terms.gz", ["recieved"]), ("bigrams.gz", ["recieved"])],
)
@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: b"no gzip", None])
def test_a_damaged_list_is_said_once_and_the_rest_works(tmp_path, name, finds, damage):
    folder = tmp_path / "lsp_server"
    shutil.copytree(Path(lsp_server.__file__).parent, folder)
    path = folder / "spelling" / name
    if damage:
        path.write_bytes(damage(path.read_bytes()))
    else:
        path.unlink()
    paths = os.pathsep.join([str(tmp_path), str(Path(lsp_server.__file__).parents[1])])
    done = subprocess.run(
        [sys.executable, "-c", FINDS_TWO],
        env={**os.environ, "PYTHONPATH": paths},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(set(done.stdout.split())) == finds
    assert done.stderr.count(f"the word list {name}") == 1


@pytest.mark.parametrize("text", ["The pаypal page is here.", "We rесеived the package.", "Тhe cat sat."])
def test_words_of_two_scripts_are_left_alone(text):
    assert sure(text) == []


def test_a_slip_by_rule_is_one_in_every_dialect():
    assert sure("It was a wonderfull day.", dialect="auto:gb+ca+au") == [("wonderfull", "wonderful")]


@pytest.mark.parametrize(
    ("text", "dialect", "times", "shown"),
    [
        ("The colour is red.", "us", 1, True),
        ("The colour is red.", "auto:us", 1, True),
        ("The “colour” is red.", "auto:us", 1, False),
        ("The colour is red.", "auto:us", 3, False),
    ],
)
def test_a_word_of_another_dialect_may_be_a_term(text, dialect, times, shown):
    assert bool(sure(text, dialect=dialect, times=times)) is shown
