"""What kinds of error there are."""

from __future__ import annotations

from enum import Enum


class ErrorKind(Enum):
    """A kind of error. The value is its stable code, for settings, reports and machines.

    Each has an example: `wrong` as somebody writes it, `right` as it should be.
    """

    wrong: str
    right: str

    def __new__(cls, code: str, wrong: str, right: str) -> ErrorKind:
        """Make the code the value, the example attributes."""
        kind = object.__new__(cls)
        kind._value_ = code
        kind.wrong = wrong
        kind.right = right
        return kind

    @property
    def code(self) -> str:
        """The stable code."""
        return str(self.value)

    AGREEMENT = "subject-verb-agreement", "She go home.", "She goes home."
    """The verb does not agree with its subject."""
    VERB_TENSE = "verb-tense", "Yesterday I see him.", "Yesterday I saw him."
    """The verb is in another tense than the sentence asks for."""
    VERB_FORM = "verb-form", "He can sings.", "He can sing."
    """The verb is in a form that does not fit the words around it."""
    NOUN_NUMBER = "noun-number", "Two hour passed.", "Two hours passed."
    """A singular where the plural belongs, or the other way round."""
    ARTICLE = "article", "It took a hour.", "It took an hour."
    """The wrong article, or one too many."""
    MISSING_ARTICLE = "missing-article", "We met at station.", "We met at the station."
    """An article is left out."""
    PREPOSITION = "preposition", "He is afraid from dogs.", "He is afraid of dogs."
    """A preposition is wrong, missing or one too many."""
    PRONOUN = "pronoun", "Him is my friend.", "He is my friend."
    """A pronoun in the wrong form, missing or one too many."""
    CONFUSED_WORD = "confused-word", "They lost there way.", "They lost their way."
    """Two words that sound or look alike."""
    WORD_CHOICE = "word-choice", "She did a mistake.", "She made a mistake."
    """Another word, or another form of the word, belongs here."""
    SPELLING = "spelling", "I recieved it.", "I received it."
    """A word that is written in another way."""
    CAPITALISATION = "capitalisation", "We met in london.", "We met in London."
    """A capital letter where a small one belongs, or the other way round."""
    CONTRACTION = "contraction", "I dont know.", "I don't know."
    """An apostrophe is missing or in the wrong place."""
    COMPOUND = "compound", "I like it alot.", "I like it a lot."
    """Written as one word, with a hyphen, or as two, where another of these is right."""
    MISSING_COMMA = "missing-comma", "However I stayed.", "However, I stayed."
    """A comma is left out."""
    PUNCTUATION = "punctuation", "Where is it.", "Where is it?"
    """A punctuation mark is wrong, missing or one too many."""
    MISSING_WORD = "missing-word", "He going home.", "He is going home."
    """A word is left out."""
    REPEATED_WORD = "repeated-word", "It is in the the box.", "It is in the box."
    """The same word twice in a row."""
    EXTRA_WORD = "extra-word", "I am agree with you.", "I agree with you."
    """A word too many."""
    GRAMMAR = "grammar", "Explain me how does it work.", "Explain to me how it works."
    """Several words together do not fit."""
    DIRECTIVE = "directive", "I recieved it. # grammared: of-line", "I recieved it. # grammared: off-line"
    """A comment that is to switch something off, and does not."""
