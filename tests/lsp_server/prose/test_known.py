"""After an edit, a document reads as if it had been read from its beginning."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.prose import ProseBlock, Reading, extract
from lsp_server.prose.known import Cut, Known, changed
from tests.lsp_server.prose.strategies import markdown

READING = Reading(front_matter=("title",))
BITS = st.sampled_from(
    [
        *("x", " ", "  ", "\t", "\n", "\n\n", "\r\n", "lamp ", "\ufeff", "***", "[a]: b\n", ": what\n"),
        *("```\n", "~~~\n", "- a\n", "1. x\n", "> b\n", "# H\n", "---\n", "+++\n", "===\n", "    code\n"),
        *("<div>\n", "</div>\n", "<!-- ", "-->", "| a | b |\n|---|---|\n", "!!! note\n\n    x\n"),
        "title: The lamp\n",
    ]
)
FILLER = "\n\nA lamp burns.\n\n- One\n- Two\n\n"


def shown(blocks: list[ProseBlock]) -> list[object]:
    return [
        (
            block.kind,
            block.text,
            block.begins_within,
            block.ends_within,
            block.stand_ins,
            block.extent(0, len(block.text)),
        )
        for block in blocks
    ]


def fresh(document: str) -> list[object]:
    extract("", "markdown", READING)  # the last text, of which nothing can be kept
    return shown(extract(document, "markdown", READING))


@given(
    st.lists(markdown, min_size=1, max_size=4),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 40), st.lists(BITS, max_size=3)), min_size=1, max_size=4
    ),
)
def test_after_edits_the_blocks_are_those_that_a_whole_reading_finds(parts, edits):
    document = (FILLER * 3).join(parts)
    extract(document, "markdown", READING)
    for place, length, bits in edits:
        at = int(place * len(document))
        before, document = document, document[:at] + "".join(bits) + document[at + length :]
        after_edit = shown(extract(document, "markdown", READING))

        assert after_edit == fresh(document)
        extract(before, "markdown", READING)
        extract(document, "markdown", READING)


def test_only_what_is_near_an_edit_is_read_anew():
    lines = [f"Line {number}.\n\n" for number in range(1000)]
    text = "".join(lines)
    starts = [sum(map(len, lines[:index])) for index in range(len(lines))]
    old = Known(text, [Cut(start, "paragraph") for start in starts], [])
    read = []

    def reader(part: str) -> Known:
        read.append(len(part))
        return Known(
            part,
            [Cut(found, "paragraph") for found in range(len(part)) if part.startswith("Line", found)],
            [],
        )

    at = starts[500] + 4
    change = changed(old, text[:at] + "x" + text[at:], reader)

    assert change is not None
    assert change.known.cuts == [Cut(start + (start > at), "paragraph") for start in starts]
    assert sum(read) < 200
