"""Right sentences with mistakes put in, the kinds of people's mistakes with people's shares.

A sentence offers mistakes (`errors.mistakes_in`); some are drawn by the weights of their kinds, none
overlapping another. How many there are is drawn as well: most sentences that people write have none or one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from triton_server.training.errors import Errors, Mistake, mistakes_in

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from triton_server.training.texts import Words

_TRIES = 3
"""Draws for each mistake wanted: those that overlap an earlier one are dropped."""


def corrupt(words: Sequence[str], errors: Errors, rng: random.Random, rates: str = "people") -> Words:
    """A sentence as somebody might have written it.

    Args:
        words: a right sentence.
        errors: kinds, weights and words.
        rng: the same one makes the same mistakes.
        rates: how many mistakes there are: a name of `errors.rates`.
    """
    wanted = how_many(words, errors, rng, rates)
    if not wanted:
        return tuple(words)
    return written(words, drawn(mistakes_in(words, errors, rng), wanted, errors, rng))


def how_many(words: Sequence[str], errors: Errors, rng: random.Random, rates: str) -> int:
    """How many mistakes a sentence gets: drawn from `errors.rates`."""
    choices = errors.rates[rates]
    rate = rng.choices([rate for rate, _ in choices], [share for _, share in choices])[0]
    return int(rate * len(words) + rng.random()) or int(rate > 0)


def drawn(offered: Sequence[Mistake], wanted: int, errors: Errors, rng: random.Random) -> list[Mistake]:
    """Some of the mistakes that are offered, by their weights, none overlapping another."""
    weights = [errors.weights[mistake.kind] * mistake.share for mistake in offered]
    if not any(weights):
        return []
    chosen: list[Mistake] = []
    taken: set[int] = set()
    for mistake in rng.choices(offered, weights, k=wanted * _TRIES):
        # What is put in at a place takes that place, too: two insertions there would be in no order.
        span = range(mistake.start, max(mistake.end, mistake.start + 1))
        if taken.isdisjoint(span):
            taken.update(span)
            chosen.append(mistake)
            if len(chosen) == wanted:
                break
    return chosen


def written(words: Sequence[str], mistakes: Sequence[Mistake]) -> Words:
    """The sentence with some mistakes that do not overlap."""
    result = list(words)
    for mistake in sorted(mistakes, reverse=True, key=lambda mistake: (mistake.start, mistake.end)):
        result[mistake.start : mistake.end] = mistake.written
    return tuple(result)
