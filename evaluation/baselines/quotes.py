"""Where a quote stands in its text: for systems that answer in words and not in offsets."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .gazetteer import Span


def _occurrences(text: str, pattern: str, within: Span) -> list[Span]:
    # A look-ahead, so that occurrences may overlap.
    found = re.compile(f"(?=({pattern}))").finditer(text, *within)
    return [match.span(1) for match in found]


def _is_whole(text: str, span: Span) -> bool:
    """Tell whether a span begins and ends at word borders: Niger is not in Nigeria."""
    start, end = span
    inside_left = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    inside_right = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    return not (inside_left or inside_right)


def distance(a: Span, b: Span) -> int:
    """Characters between two spans, 0 if they touch or overlap."""
    return max(a[0] - b[1], b[0] - a[1], 0)


def locate(
    text: str, quote: str, *, near: Span | None = None, within: Span | None = None, taken: Iterable[Span] = ()
) -> Span | None:
    """Find a quote: word for word, else with other white space between its words. Nothing else is let pass.

    Args:
        text: the text.
        quote: words of it.
        near: where to look for it first, if it stands there several times.
        within: part of the text to look in.
        taken: spans to be chosen only if there is no other.

    Returns:
        Its span in code points; of several the one with whole words, not taken, nearest, first. None if it has none.
    """
    words = quote.split()
    if not words:
        return None
    part = (0, len(text)) if within is None else within
    found = _occurrences(text, re.escape(quote.strip()), part)
    found = found or _occurrences(text, r"\s+".join(map(re.escape, words)), part)
    used = set(taken)
    order = [
        (not _is_whole(text, span), span in used, 0 if near is None else distance(span, near), span) for span in found
    ]
    return min(order)[-1] if order else None
