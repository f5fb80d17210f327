"""Lists of names of elements and commands."""


def names(text: str) -> frozenset[str]:
    """The names in a text, between blanks."""
    return frozenset(text.split())
