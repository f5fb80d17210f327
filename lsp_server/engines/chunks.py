"""Many sentences as several requests under way together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from triton_server.gector.chunks import chunks_of, in_order

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from triton_server.gector.types import Tagging


async def tag_in_chunks(
    sentences: Sequence[Sequence[str]],
    size: int,
    tag: Callable[[Sequence[Sequence[str]]], Awaitable[list[Tagging]]],
) -> list[Tagging]:
    """Tag chunks of at most `size` sentences together; give the answers in the sentences' order.

    The first failure is raised, and cancels the rest.
    """
    chunks = chunks_of(sentences, size)
    requests = [asyncio.ensure_future(tag([sentences[i] for i in chunk])) for chunk in chunks]
    try:
        answers = await asyncio.gather(*requests)
    finally:
        for request in requests:
            request.cancel()
    return in_order(chunks, answers)
