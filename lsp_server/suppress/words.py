"""Words that are right because the user says so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.settings.places import user_dictionary
from lsp_server.suppress.entries import entries_of

if TYPE_CHECKING:
    from lsp_server.settings import Settings
    from lsp_server.suppress.directives import Directives

_POSSESSIVE = re.compile(r"(?<=\w)['’][sS]?$")


def entry_for(text: str) -> str:
    """What to put into a dictionary for a word, or words, of a text: without a possessive's ending."""
    return _POSSESSIVE.sub("", " ".join(text.split()).replace("’", "'"))


@dataclass(frozen=True)
class KnownWords:
    """Words with the forms that they stand for.

    An entry in small letters also stands for the word at the beginning of a sentence and in capitals. One
    that has capitals stands for itself and for capitals alone: `Rust` does not make `rust` right. Each stands
    for its possessive too (`kubectl's`), and none for a plural. An entry of several words stands for these
    words in a row. No character has a special meaning.
    """

    entries: frozenset[str]
    """As they are written in the files."""

    def __contains__(self, word: object) -> bool:
        """Whether a single word is right."""
        if not isinstance(word, str) or not self.entries:
            return False
        word = word.replace("’", "'")
        return self._is_form(word) or self._is_form(_POSSESSIVE.sub("", word))

    def _is_form(self, word: str) -> bool:
        singles = self._singles
        if word in singles:
            return True
        if word.isupper():
            return word in self._in_capitals
        return word[:1].isupper() and word[:1].lower() + word[1:] in singles and word[1:].islower()

    @cached_property
    def _singles(self) -> frozenset[str]:
        return frozenset(entry.replace("’", "'") for entry in self.entries if " " not in entry)

    @cached_property
    def names(self) -> KnownWords:
        """The entries with a capital letter."""
        return KnownWords(frozenset(entry for entry in self.entries if entry != entry.lower()))

    @cached_property
    def _in_capitals(self) -> frozenset[str]:
        return frozenset(entry.upper() for entry in self._singles)

    @cached_property
    def phrases(self) -> re.Pattern[str] | None:
        """Finds the entries of several words; None if there are none."""
        several = sorted((entry for entry in self.entries if " " in entry), key=len, reverse=True)
        if not several:
            return None
        each = (r"\s+".join(_loose(part) for part in entry.split()) for entry in several)
        return re.compile(rf"(?<!\w)(?:{'|'.join(each)})(?!\w)")


def _loose(word: str) -> str:
    """A word, capitalised or not if it is written in small letters."""
    first = f"[{word[0]}{word[0].upper()}]" if word.islower() and word[0].isalpha() else re.escape(word[0])
    return first + re.escape(word[1:])


def known_words(settings: Settings, directives: Directives | None = None) -> KnownWords:
    """The words of the settings, of the user's dictionary and of all others that the settings name.

    Those that the directives of a text name are right in it too.

    Relative paths lead nowhere: `settings.project` makes them absolute. Files are read again when they
    change.
    """
    files = [user_dictionary(), *(Path(name).expanduser() for name in settings.dictionaries)]
    own = tuple(word for one in directives.found for word in sorted(one.words)) if directives else ()
    return _joined((*settings.words, *own), tuple(entries_of(path) for path in files if path.is_absolute()))


@lru_cache(maxsize=64)
def _joined(words: tuple[str, ...], files: tuple[frozenset[str], ...]) -> KnownWords:
    return KnownWords(frozenset(words).union(*files))
