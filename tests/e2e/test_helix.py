"""Helix, for real: see what is wrong, silence it, ask why, fix it, change a setting, save."""

from __future__ import annotations

import re

import pytest

from tests.e2e.helix import Helix

pytestmark = pytest.mark.editor

LETTER = "I dont know the answer.\n\nHe is a honest man.\n\nShe go to school every day.\n"
MORE = "😀👩‍👩‍👧 He go home. 漢字 😀 She go too."


@pytest.fixture
def letter(tmp_path):
    (tmp_path / "letter.md").write_text(LETTER)
    return tmp_path / "letter.md"


@pytest.fixture
def helix(letter, tmp_path):
    with Helix(tmp_path / "helix", letter) as helix:
        helix.wait(lambda: helix.underlined() == ["dont", "a", "go"])
        yield helix


def test_see_explain_fix_and_silence(helix, letter):
    helix.keys("]", "d")
    helix.wait_for("An apostrophe is missing: “don't”")  # below the line of the cursor
    helix.keys("Space", "k")
    helix.wait_for("→ I don't know the answer.")
    helix.escape("→ I don't know")
    helix.choose("Add “dont” to your dictionary")
    helix.wait(lambda: helix.underlined() == ["a", "go"])
    words = helix.home / "config" / "dictionary.txt"
    helix.wait(lambda: words.exists() and words.read_text() == "dont\n")
    helix.keys("]", "d")
    helix.choose("Ignore “a” here")
    helix.wait(lambda: helix.underlined() == ["go"])
    ignored = helix.home / "config" / "ignored.txt"
    helix.wait(lambda: ignored.exists() and "He is [" in ignored.read_text())
    helix.keys("]", "d")
    helix.choose("Replace “go” with “goes”")
    helix.wait_for("She goes to school every day.")
    helix.wait(lambda: helix.underlined() == [])
    helix.command("write")
    helix.wait(lambda: letter.read_text() == LETTER.replace("go", "goes"))


def test_fix_all_behind_emoji(helix, letter):
    helix.keys("g", "e", "o")
    helix.type(MORE)
    helix.escape(" INS ")
    helix.wait(lambda: helix.underlined() == ["dont", "a", "go", "go", "go"])
    helix.keys("[", "d")
    helix.choose("Fix 5 findings in the file")
    helix.wait(lambda: helix.underlined() == [])
    helix.command("write")
    right = (
        LETTER.replace("dont", "don't").replace("a honest", "an honest")
        + "😀👩‍👩‍👧 He go home. 漢字 😀 She go too.\n"
    )
    helix.wait(lambda: letter.read_text() == right.replace("go ", "goes "))
    helix.keys("u", "g", "g")
    helix.wait(lambda: helix.underlined() == ["dont", "a", "go", "go", "go"])


def test_changed_settings_count_when_the_server_is_restarted(helix):
    helix.keys("]", "d")
    helix.wait_for("An apostrophe is missing")
    changed = re.sub(
        "config = .*", 'config = { kinds = { contraction = "off" } }', helix.settings.read_text()
    )
    # As the file says: servers that are not there are left out, or Helix 25.01 stops at the first of them.
    alone = re.sub("language-servers = .*", 'language-servers = ["grammared"]', changed)
    helix.settings.write_text(alone)
    helix.command("config-reload")
    helix.wait_for("Config refreshed")
    helix.command("lsp-restart")
    helix.wait(lambda: helix.underlined() == ["a", "go"])
