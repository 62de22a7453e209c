"""From a text to token windows: one segmentation of the whole text, cut into overlapping pieces, nothing left out.

Offsets are code points of the caller's own string. A token's offsets never hold the white space that SentencePiece
glues to its front. `joined` marks tokens that continue the word before them, by the same rule as the validator's:
spans are snapped to whole words with it.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Scripts written without spaces: a span may end between any two of their letters. Ranges of code points: Thai and Lao,
# Myanmar, Khmer, Hangul Jamo, kana and CJK, Hangul syllables, CJK compatibility.
_SPACELESS = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x1100, 0x11FF),
    (0x2E80, 0x9FFF),
    (0xAC00, 0xD7FF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


@lru_cache(maxsize=16384)
def _kind(char: str) -> str:
    """Class of a character for word borders: `L`etter, `D`igit, or `` for what never joins."""
    if char.isdigit():
        return "D"
    if unicodedata.category(char)[0] not in "LM" or any(low <= ord(char) <= high for low, high in _SPACELESS):
        return ""
    return "L"


def inside_word(text: str, offset: int) -> bool:
    """Tell whether a border before `text[offset]` would cut a word or a number."""
    if not 0 < offset < len(text):
        return False
    kind = _kind(text[offset])
    return bool(kind) and kind == _kind(text[offset - 1])


@dataclasses.dataclass(frozen=True, slots=True)
class TokenizedText:
    """A text's tokens, without special ones.

    Attributes:
        text: the string as it was given.
        ids: token ids, shape (tokens,).
        starts: offset of each token's first code point, shape (tokens,).
        ends: offset after each token's last code point, shape (tokens,).
        joined: whether a token continues the word of the token before it, shape (tokens,).
    """

    text: str
    ids: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    joined: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)

    def within(self, start: int, end: int) -> tuple[int, int] | None:
        """Give the first token that holds characters [start, end) and the one after the last; None if none does."""
        first = int(np.searchsorted(self.ends, start, side="right"))
        stop = int(np.searchsorted(self.starts, end, side="left"))
        return (first, stop) if first < stop else None

    def characters(self, bounds: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Turn token spans into character spans without white space at their edges.

        Args:
            bounds: first token and token after the last, shape (spans, 2).

        Returns:
            Starts and ends, each (spans,); equal where a span holds nothing but white space (such tokens exist).
        """
        starts, ends = self.starts[bounds[:, 0]], self.ends[bounds[:, 1] - 1]
        for i, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            surface = self.text[start:end]
            starts[i] = start + len(surface) - len(surface.lstrip())
            ends[i] = max(starts[i], start + len(surface.rstrip()))
        return starts, ends


def tokenized(text: str, ids: Sequence[int], offsets: Iterable[tuple[int, int]]) -> TokenizedText:
    """Put a segmenter's ids and offsets together, the offsets without the white space at their edges.

    Args:
        text: the whole string.
        ids: of the tokens, without special ones.
        offsets: of each token, in the text.
    """
    starts, ends = [], []
    for start, end in offsets:
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        starts.append(start)
        ends.append(end)
    joined = [start < end and inside_word(text, start) for start, end in zip(starts, ends, strict=True)]
    return TokenizedText(
        text,
        np.asarray(ids, np.int64),
        np.asarray(starts, np.int64),
        np.asarray(ends, np.int64),
        np.asarray(joined, np.bool_),
    )


def tokenize(tokenizer: Tokenizer, texts: Sequence[str]) -> list[TokenizedText]:
    """Segment texts whole with the `tokenizers` library, as training does.

    Args:
        tokenizer: without truncation and padding.
        texts: any strings; an empty one gives no tokens.

    Returns:
        One result a text, in order.
    """
    encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return [tokenized(text, e.ids, e.offsets) for text, e in zip(texts, encodings, strict=True)]


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a text's tokens that is read at once.

    Attributes:
        start: first token.
        end: token after the last.
        core_start: first token for which this window speaks (its neighbours overlap it).
        core_end: token after the last for which it speaks.
    """

    start: int
    end: int
    core_start: int
    core_end: int


def windows(tokens: int, size: int, overlap: int) -> list[Window]:
    """Cut a sequence into overlapping windows whose cores partition it.

    Args:
        tokens: length of the sequence.
        size: tokens a window holds at most.
        overlap: tokens that neighbours share, less than `size`.

    Returns:
        Windows in order; none for an empty sequence. In an overlap, each of the two windows speaks for the half in
        which it sees more context.
    """
    if not 0 <= overlap < size:
        raise ValueError(f"overlap {overlap} must lie in [0, size {size})")
    starts = list(range(0, max(1, tokens - overlap), size - overlap)) if tokens else []
    # The last window is as long as the others: it starts earlier rather than being a stub.
    bounds = [(max(0, min(s, tokens - size)), min(s + size, tokens)) for s in starts]
    cuts = [0, *((b + right) // 2 for (_, right), (b, _) in pairwise(bounds)), tokens]
    return [Window(s, e, cuts[i], cuts[i + 1]) for i, (s, e) in enumerate(bounds)]
