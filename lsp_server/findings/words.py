"""Lists of English words that say what kind of error an edit puts right."""

from __future__ import annotations

ARTICLES = frozenset({"a", "an", "the"})

PREPOSITIONS = frozenset(
    {
        *("about", "above", "across", "after", "against", "along", "among", "around", "as", "at", "before"),
        *("behind", "below", "beside", "besides", "between", "beyond", "by", "despite", "down", "during"),
        *("except", "for", "from", "in", "inside", "into", "like", "near", "of", "off", "on", "onto", "out"),
        *("outside", "over", "past", "per", "since", "through", "throughout", "till", "to", "toward"),
        *("towards", "under", "until", "up", "upon", "with", "within", "without"),
    }
)

PRONOUNS = frozenset(
    {
        *("i", "me", "my", "mine", "myself", "you", "your", "yours", "yourself", "yourselves", "he", "him"),
        *("his", "himself", "she", "her", "hers", "herself", "it", "its", "itself", "we", "us", "our"),
        *("ours", "ourselves", "they", "them", "their", "theirs", "themselves", "who", "whom", "whose"),
        *("which", "that", "this", "these", "those", "what"),
    }
)

MODALS = frozenset(
    {
        *(
            "can",
            "could",
            "will",
            "would",
            "shall",
            "should",
            "may",
            "might",
            "must",
            "ca",
            "wo",
            "'ll",
            "'d",
        ),
        *("do", "does", "did", "to"),
    }
)
"""What a verb's base form follows, possibly with a "not" between."""

HAVE_AND_BE = frozenset(
    {
        *("have", "has", "had", "having", "'ve", "am", "is", "are", "was", "were", "be", "been", "being"),
        *("'m", "'re", "'s"),
    }
)
"""What a participle follows."""

BEFORE_NOUNS = ARTICLES | frozenset(
    {
        *(
            "of",
            "in",
            "on",
            "at",
            "for",
            "with",
            "from",
            "by",
            "my",
            "your",
            "his",
            "her",
            "its",
            "our",
            "their",
        ),
        *("this", "these", "those", "some", "any", "many", "few", "several", "all", "two", "three", "four"),
        *("five", "six", "seven", "eight", "nine", "ten", "every", "each", "another", "no", "most", "more"),
    }
)
"""After these stands a noun rather than a finite verb."""

AGREEING = (
    frozenset({"am", "is", "are", "'m", "'s", "'re"}),
    frozenset({"was", "were"}),
    frozenset({"have", "has"}),
    frozenset({"do", "does"}),
)
"""Forms of one tense that differ by their subject alone."""

AUXILIARIES = frozenset({form for forms in AGREEING for form in forms}) | frozenset(
    {"be", "been", "will", "had"}
)

CONFUSED = (
    frozenset({"their", "there", "they're", "they are"}),
    frozenset({"your", "you're", "you are"}),
    frozenset({"its", "it's", "it is"}),
    frozenset({"whose", "who's", "who is"}),
    frozenset({"to", "too", "two"}),
    frozenset({"then", "than"}),
    frozenset({"affect", "effect"}),
    frozenset({"affects", "effects"}),
    frozenset({"lose", "loose"}),
    frozenset({"quite", "quiet"}),
    frozenset({"advice", "advise"}),
    frozenset({"accept", "except"}),
    frozenset({"weather", "whether"}),
    frozenset({"brake", "break"}),
    frozenset({"past", "passed"}),
    frozenset({"principal", "principle"}),
    frozenset({"by", "buy"}),
    frozenset({"here", "hear"}),
    frozenset({"no", "know"}),
    frozenset({"new", "knew"}),
    frozenset({"write", "right"}),
    frozenset({"which", "witch"}),
    frozenset({"peace", "piece"}),
    frozenset({"where", "were", "wear"}),
    frozenset({"threw", "through"}),
    frozenset({"form", "from"}),
    frozenset({"of", "off"}),
    frozenset({"of", "have"}),
    frozenset({"an", "and"}),
)
"""Words taken for one another."""
