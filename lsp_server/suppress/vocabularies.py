"""Words from the dictionaries of other checkers: Hunspell, cSpell, LTeX, Harper and Vale."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMATS = ("hunspell", "cspell", "ltex", "harper", "vale", "text")

_HUNSPELL_COUNT = re.compile(r"\d+[ \t]*(?:\r?\n|$)")
_COMMENTS = re.compile(r"^\s*//[^\n]*|/\*[\s\S]*?\*/", re.MULTILINE)
_META = re.compile(r"[\\^$.|?*+()\[\]{}]")
_ONE_OF_TWO = re.compile(r"\[(\w)(\w)\](?=\w)")


class Imported(NamedTuple):
    """What another checker's dictionary holds."""

    words: tuple[str, ...]
    left_out: tuple[str, ...]
    """Entries that are no words: patterns, and words that are forbidden."""


def format_of(name: str, text: str) -> str:
    """The format of a dictionary, by its file name and its beginning."""
    name = name.lower()
    if name.endswith(".dic") or _HUNSPELL_COUNT.match(text):
        return "hunspell"
    if "harper" in name:
        return "harper"
    if name in ("accept.txt", "vocab.txt"):
        return "vale"
    if "ltex" in name or '"ltex.dictionary"' in text:
        return "ltex"
    if "cspell" in name or text.lstrip().startswith(("{", "[")):
        return "cspell"
    return "text"


def imported(text: str, form: str) -> Imported:
    """The words of a dictionary in one of `FORMATS`.

    Raises:
        ValueError: it is not in this format.
    """
    entries = [entry.strip() for entry in _READERS[form](text)]
    words = dict.fromkeys(entry for entry in entries if _is_word(entry))
    return Imported(tuple(words), tuple(entry for entry in entries if entry and entry not in words))


def _is_word(entry: str) -> bool:
    return any(map(str.isalpha, entry)) and not _META.search(entry.rstrip(".")) and entry[0] not in "!~#/"


def _hunspell(text: str) -> Iterator[str]:
    """Words with affix flags behind a slash; the flags are of no use without their `.aff` file."""
    lines = text.splitlines()
    for line in lines[1:] if lines and lines[0].strip().isdigit() else lines:
        entry = re.split(r"(?<!\\)/|\t", line, maxsplit=1)[0]
        yield "" if line.startswith(("#", "*")) else entry.replace("\\/", "/")


def _cspell(text: str) -> Iterator[str]:
    """The words of a configuration as JSON, with comments; or a list, one a line."""
    if not text.lstrip().startswith(("{", "[")):
        for line in text.splitlines():
            word = re.sub(r"\s*#.*", "", line).strip()
            yield re.sub(r"^[+*]|[+*]$", "", word)
        return
    settings = _json(text)
    lists = (
        [settings]
        if isinstance(settings, list)
        else _all_under(settings, ("words", "userWords", "cSpell.words"))
    )
    for words in lists:
        yield from (re.sub(r"^[+*]|[+*]$", "", word) for word in words if isinstance(word, str))


def _ltex(text: str) -> Iterator[str]:
    """The setting `ltex.dictionary`, by language, of which English counts, or a list, one a line."""
    if not text.lstrip().startswith("{"):
        yield from text.splitlines()
        return
    settings = _json(text)
    for by_language in _all_under(settings, ("ltex.dictionary", "dictionary")) or [settings]:
        if not isinstance(by_language, dict):
            raise ValueError("ltex.dictionary is no object")
        for language, words in by_language.items():
            if language.startswith("en") and isinstance(words, list):
                hidden = {word[1:] for word in words if isinstance(word, str) and word.startswith("-")}
                kept = (word for word in words if isinstance(word, str) and not word.startswith(("-", ":")))
                yield from (word for word in kept if word not in hidden)


def _vale(text: str) -> Iterator[str]:
    """Regular expressions; those that are words, or words with one letter in either case, count."""
    for line in text.splitlines():
        entry = line.removeprefix("(?i)").strip()
        if not entry or entry.startswith("#"):
            continue
        either = _ONE_OF_TWO.match(entry)
        if either and either[1].lower() == either[2].lower() and not _META.search(entry[either.end() :]):
            entry = either[1].lower() + entry[either.end() :]
        yield entry


def _lines(text: str) -> Iterator[str]:
    """One a line, with comments from `#` on."""
    yield from (re.sub(r"(?:^|\s)#.*", "", line) for line in text.splitlines())


def _json(text: str) -> Any:
    plain = _COMMENTS.sub("", text)
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", plain))


def _all_under(settings: Any, names: tuple[str, ...]) -> list[Any]:
    return [settings[name] for name in names if isinstance(settings, dict) and name in settings]


_READERS = {
    "hunspell": _hunspell,
    "cspell": _cspell,
    "ltex": _ltex,
    "harper": _lines,
    "vale": _vale,
    "text": _lines,
}
