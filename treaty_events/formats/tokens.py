"""Words of any script, for the formats that are made of tokens."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

# Scripts without spaces, whose characters are the tokens: Han, kana, Thai, Lao, Khmer, Burmese.
_UNSPACED: Final = re.compile(
    "[\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
)
# Joiners stand inside the words of Persian and of Indic scripts.
_JOINERS: Final = "\u200c\u200d"


def _in_word(character: str) -> bool:
    # Marks too: `\w` of `re` lacks them and would cut a word at each vowel sign.
    return character == "_" or character in _JOINERS or unicodedata.category(character)[0] in "LMN"


def tokens(text: str) -> Iterator[tuple[int, int]]:
    """Give the borders of a text's tokens: words with their marks, and every other character that is no space.

    A character of a script without spaces is a token of its own, with the marks that follow it.
    """
    start, end = 0, len(text)
    while start < end:
        stop = start + 1
        if text[start].isspace():
            start = stop
            continue
        if _in_word(text[start]):
            single = _UNSPACED.match(text, start)
            while stop < end and (
                unicodedata.category(text[stop])[0] == "M"
                if single
                else _in_word(text[stop]) and not _UNSPACED.match(text, stop)
            ):
                stop += 1
        yield start, stop
        start = stop
