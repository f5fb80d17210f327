"""Blocks as a person reads them in the fixtures: one a line."""

from lsp_server.prose import ProseBlock


def readable(blocks: list[ProseBlock]) -> str:
    """`KIND: TEXT` a line, stand-ins in ⟦ ⟧ and line breaks as ⏎."""
    return "".join(f"{block.kind.value}: {_marked(block)}\n" for block in blocks)


def _marked(block: ProseBlock) -> str:
    text = block.text
    for span in reversed(block.stand_ins):
        text = f"{text[: span.start]}⟦{span.of(text)}⟧{text[span.end :]}"
    return text.replace("\n", "⏎")
