"""Many sentences as several requests under way together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from triton_server.gector.types import Tagging


async def tag_in_chunks(
    sentences: Sequence[Sequence[str]],
    size: int,
    tag: Callable[[Sequence[Sequence[str]]], Awaitable[list[Tagging]]],
) -> list[Tagging]:
    """Tag chunks of at most `size` neighbours in length together; give the answers in the sentences' order.

    The first failure is raised, and cancels the rest.
    """
    order = sorted(range(len(sentences)), key=lambda i: len(sentences[i]))
    chunks = [order[i : i + size] for i in range(0, len(order), size)]
    requests = [asyncio.ensure_future(tag([sentences[i] for i in chunk])) for chunk in chunks]
    try:
        answers = await asyncio.gather(*requests)
    finally:
        for request in requests:
            request.cancel()
    taggings = dict(zip(order, (tagging for answer in answers for tagging in answer), strict=True))
    return [taggings[i] for i in range(len(sentences))]
