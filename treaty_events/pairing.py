"""Which two states a treaty is between, from all that names parties of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

# A treaty is one of two parties if the third has less than this share of what speaks for the second.
_THIRD: Final = 0.5


def pair(scored: Sequence[Mapping[str, float]], weights: Sequence[float]) -> frozenset[str] | None:
    """Find the two parties of a treaty between two.

    Args:
        scored: for each mention and step of the treaty the parties that it names, with their probabilities.
        weights: of each of these.

    Returns:
        The codes of the two; None if it has more parties or fewer, or if no mention or step names both: states that are
        only ever named apart each took a step of its own.
    """
    support: dict[str, float] = {}
    for named, weight in zip(scored, weights, strict=True):
        for code, score in named.items():
            support[code] = support.get(code, 0.0) + weight * score
    order = sorted(support, key=lambda code: -support[code])
    if len(order) < 2 or (len(order) > 2 and support[order[2]] >= _THIRD * support[order[1]]):
        return None
    two = frozenset(order[:2])
    return two if any(two <= named.keys() for named in scored) else None
