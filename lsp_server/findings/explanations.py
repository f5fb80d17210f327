"""What each kind of error is about, for people: the source of hovers and of the pages in docs/kinds."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from lsp_server.findings.kinds import ErrorKind


class KindExplanation(NamedTuple):
    """The text of a kind's page."""

    title: str
    why: str
    """What the rule is."""
    examples: tuple[tuple[str, str], ...]
    """Sentences with a mistake, and without."""
    unless: str = ""
    """When such a finding may be passed over."""


_EXPLANATIONS: dict[ErrorKind, KindExplanation] = {
    ErrorKind.AGREEMENT: KindExplanation(
        "Subject–verb agreement",
        "In the present tense, a verb takes “-s” after “he”, “she”, “it” and any singular noun, and none "
        "after the rest; “be” and “have” have forms of their own. The subject is the head of its phrase, not "
        "the noun that happens to stand beside the verb.",
        (
            ("My friends was late.", "My friends were late."),
            ("There is many reasons for this.", "There are many reasons for this."),
            ("The list of names are long.", "The list of names is long."),
        ),
        "A group (“the team are”) may take a plural verb in British English.",
    ),
    ErrorKind.VERB_TENSE: KindExplanation(
        "Verb tense",
        "The tense says when something happens. It should fit the time that the sentence names, and the "
        "verbs around it.",
        (("Yesterday I see him in town.", "Yesterday I saw him in town."),),
        "A story may be told in the present tense on purpose.",
    ),
    ErrorKind.VERB_FORM: KindExplanation(
        "Verb form",
        "What stands before a verb decides its form: the plain form after “can”, “must” and “did”, the past "
        "participle after “have”, the “-ing” form or the participle after “be”.",
        (
            ("He can sings very well.", "He can sing very well."),
            ("They have went home.", "They have gone home."),
            ("She didn't went to school.", "She didn't go to school."),
        ),
    ),
    ErrorKind.NOUN_NUMBER: KindExplanation(
        "Singular and plural",
        "Numbers other than one, and words like “many”, “several” and “these”, ask for the plural. Nouns for "
        "what cannot be counted, such as “advice” and “information”, have none.",
        (
            ("There are three book on the table.", "There are three books on the table."),
            ("We need more informations about it.", "We need more information about it."),
        ),
    ),
    ErrorKind.ARTICLE: KindExplanation(
        "Article",
        "“An” stands before a vowel sound and “a” before any other: it is the sound that counts, not the "
        "letter. “The” points to something known; in general statements it is left out.",
        (
            ("He is a honest man.", "He is an honest man."),
            ("It took a hour to get there.", "It took an hour to get there."),
        ),
    ),
    ErrorKind.MISSING_ARTICLE: KindExplanation(
        "Missing article",
        "A singular noun that can be counted needs “a”, “the” or another word of that kind before it.",
        (
            ("She is doctor in a hospital.", "She is a doctor in a hospital."),
            ("He is very nice man.", "He is a very nice man."),
        ),
        "Headings, lists and labels often leave articles out.",
    ),
    ErrorKind.PREPOSITION: KindExplanation(
        "Preposition",
        "Which preposition follows a verb, noun or adjective is a matter of custom: “afraid of”, “interested "
        "in”, “depend on”. Some verbs take none (“discuss something”), an infinitive often needs “to”.",
        (
            ("He is afraid from dogs.", "He is afraid of dogs."),
            ("It depends of the weather.", "It depends on the weather."),
            ("I would like go home.", "I would like to go home."),
        ),
    ),
    ErrorKind.PRONOUN: KindExplanation(
        "Pronoun",
        "“I”, “he”, “she”, “we” and “they” are subjects; “me”, “him”, “her”, “us” and “them” stand after "
        "verbs and prepositions.",
        (
            ("Them are nice people.", "They are nice people."),
            ("She likes he very much.", "She likes him very much."),
        ),
    ),
    ErrorKind.CONFUSED_WORD: KindExplanation(
        "Easily confused words",
        "Some words sound or look alike and mean different things: “their”, “there” and “they're”, “then” "
        "and “than”, “know” and “no”. A spell checker lets them pass, since each is a word.",
        (
            ("They lost there way in the dark.", "They lost their way in the dark."),
            ("He is taller then me.", "He is taller than me."),
        ),
    ),
    ErrorKind.WORD_CHOICE: KindExplanation(
        "Word choice",
        "Another word, or another form of the word, is usual here: “many” with what can be counted and "
        "“much” with what cannot, an adverb where a verb is described.",
        (
            ("There were much people at the party.", "There were many people at the party."),
            ("How much people were there?", "How many people were there?"),
        ),
        "The meaning is yours to judge: pass over a suggestion that changes it.",
    ),
    ErrorKind.SPELLING: KindExplanation(
        "Spelling",
        "The word is not in the dictionary, or is written in another way in a place like this.",
        (
            ("The goverment has decided.", "The government has decided."),
            ("There are diffrent reasons.", "There are different reasons."),
        ),
        "Names and terms of your own can be added to a dictionary.",
    ),
    ErrorKind.CAPITALISATION: KindExplanation(
        "Capital letters",
        "The word “I”, names, and the names of languages, peoples, months and days begin with a capital "
        "letter; so does a sentence.",
        (
            ("She speaks english very well.", "She speaks English very well."),
            ("He is from germany.", "He is from Germany."),
        ),
    ),
    ErrorKind.CONTRACTION: KindExplanation(
        "Apostrophe",
        "In a contraction, the apostrophe stands where letters are left out: “do not” becomes “don't”.",
        (
            ("I dont know the answer.", "I don't know the answer."),
            ("He cant come today.", "He can't come today."),
        ),
    ),
    ErrorKind.COMPOUND: KindExplanation(
        "One word or two",
        "Some expressions are written as one word, some with a hyphen, some as two words. “Everyone” is any "
        "person, “every one” each single thing.",
        (("I like it alot.", "I like it a lot."),),
    ),
    ErrorKind.MISSING_COMMA: KindExplanation(
        "Missing comma",
        "A comma follows an introductory word or phrase, and sets off the person spoken to.",
        (("For example many people like it.", "For example, many people like it."),),
        "After short introductions many writers leave it out.",
    ),
    ErrorKind.PUNCTUATION: KindExplanation(
        "Punctuation",
        "A question ends with a question mark. No comma stands before “that” after verbs such as “think”, "
        "“say” and “know”.",
        (
            ("I think, that you are right.", "I think that you are right."),
            ("How are you.", "How are you?"),
        ),
    ),
    ErrorKind.MISSING_WORD: KindExplanation(
        "Missing word",
        "A word that the sentence cannot do without is left out, most often a form of “be”.",
        (
            ("I looking forward to it.", "I am looking forward to it."),
            ("There many people in the park.", "There are many people in the park."),
        ),
        "Notes and headings may leave words out on purpose.",
    ),
    ErrorKind.REPEATED_WORD: KindExplanation(
        "Repeated word",
        "The same word stands twice in a row, as happens when a sentence is rewritten or a line broken.",
        (
            ("The keys are are on the table.", "The keys are on the table."),
            ("We went to to the park.", "We went to the park."),
        ),
        "“Had had” and “that that” can be right.",
    ),
    ErrorKind.EXTRA_WORD: KindExplanation(
        "Unneeded word",
        "A word is one too many: “more” before a comparative that ends in “-er”, “most” before one in "
        "“-est”.",
        (
            ("He is more taller than me.", "He is taller than me."),
            ("She is the most tallest girl.", "She is the tallest girl."),
        ),
    ),
    ErrorKind.GRAMMAR: KindExplanation(
        "Grammar",
        "Several words together do not fit, in a way that has no shorter name.",
        (("Explain me how does it work.", "Explain to me how it works."),),
    ),
    ErrorKind.DIRECTIVE: KindExplanation(
        "Directive",
        "A comment such as `<!-- grammared: off-next-line article -->` says what is not to be reported. This "
        "one has a name that is unknown, or silences nothing.",
        (("I recieved it. # grammared: of-line", "I recieved it. # grammared: off-line"),),
    ),
}


def explanation_of(kind: ErrorKind) -> KindExplanation:
    """What a kind is about; of one that nobody has described yet, its name and its example."""
    title = kind.code.replace("-", " ").capitalize()
    return _EXPLANATIONS.get(kind) or KindExplanation(title, "", ((kind.wrong, kind.right),))


def page_of(kind: ErrorKind) -> str:
    """The page of a kind, as Markdown."""
    title, why, examples, unless = explanation_of(kind)
    rows = [f"| {wrong} | {right} |" for wrong, right in examples]
    parts = [
        f"# {title}",
        f"Grammared reports it as `{kind.code}`.",
        why,
        "\n".join(["| wrong | right |", "|---|---|", *rows]),
        unless,
        f'To hear nothing of it, set `kinds` to `{{"{kind.code}": "off"}}` in your settings, or choose '
        "*Switch off* in your editor's menu.",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def index_page() -> str:
    """The list of all kinds, as Markdown."""
    rows = [
        f"| [{kind.code}]({kind.code}.md) | {explanation_of(kind).title} | {kind.wrong} |"
        for kind in ErrorKind
    ]
    header = [
        "# Kinds of error",
        "",
        "<!-- Generated by `grammared kinds --write docs/kinds`; change lsp_server/findings/explanations.py. "
        "-->",
        "",
        "What `grammared explain KIND` says of each, and an editor when it is asked what a code means.",
        "",
        "| code | name | example |",
        "|---|---|---|",
    ]
    return "\n".join([*header, *rows]) + "\n"


def page_file(kind: ErrorKind) -> Path | None:
    """Where the page of a kind is on this machine; None if it has not been installed."""
    package = Path(__file__).parent
    places = (package / "pages", package.parents[1] / "docs" / "kinds")
    return next((path for place in places if (path := place / f"{kind.code}.md").is_file()), None)


def kind_with(code: str) -> ErrorKind | None:
    """The kind with a code."""
    return next((kind for kind in ErrorKind if kind.code == code), None)
