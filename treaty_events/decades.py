"""Decades (`in the 1990s`, `90. letech 20. století`) by the patterns of `data/names/dates.txt`."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Final

# Words of a pattern (folded) that say which century is meant.
_CENTURY: Final = re.compile("20|xx|хх|世[纪紀]|стол|век|stol|ғас|кыл|asr|əsr|sajand|gadsimt|საუკ|сторіч")


@functools.cache
def _compiled(patterns: tuple[str, ...]) -> list[tuple[re.Pattern[str], str]]:
    """Compile a language's patterns, each with the year that its words stand for (empty: what its digits say)."""
    found = []
    for entry in patterns:
        words, _, year = entry.partition("=")
        # The 20s may be those of this century; 1900-talet is a whole century.
        short = r"\d" if _CENTURY.search(words) else "[3-9]"
        escaped = re.escape(words).replace(r"\{\}", r"(1[5-9]\d|20\d)0").replace(r"\{2\}", f"(?P<short>{short})0")
        escaped = escaped.replace(r"\{c\}", "(1[5-9][1-9]|20[1-9])0")
        found.append((re.compile(escaped.replace(r"\*", r"\w*")), year[:3]))
    return found


def read(text: str, patterns: tuple[str, ...], leads: Callable[[str], bool]) -> str | None:
    """Read a decade, whatever leading words stand before it.

    Args:
        text: folded text of a date mention.
        patterns: of its language; `{}` is a year that ends in 0, `{2}` the digits of one of the 20th century,
            `{c}` a year that ends in 0 but begins no century.
        leads: tells whether a word may stand before a date.

    Returns:
        EDTF (`199X`), None if it is no decade.
    """
    while text:
        for pattern, digits in _compiled(patterns):
            if match := pattern.fullmatch(text):
                known = digits or (f"19{match['short']}" if "short" in pattern.groupindex else match[1])
                return f"{known}X"
        head, _, text = text.partition(" ")
        if not leads(head):
            return None
    return None
